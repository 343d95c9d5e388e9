"""Pictures: their colours, scales and words."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from graphlab_nb.notebook import curves, plots


@pytest.fixture
def place():
    return Figure(figsize=(6, 4)).subfigures(1, 1)


def texts(place):
    return [text.get_text() for text in place.texts]


def titles(place):
    return [axes.get_title() for axes in place.axes if axes.get_title()]


def test_the_signed_colours_are_red_white_and_blue():
    red, white, blue = (plots.SIGNED(value)[:3] for value in (0.25, 0.5, 0.75))
    assert red[0] > 2 * red[2] and blue[2] > 2 * blue[0] and min(white) > 0.99


def test_weights_share_one_scale_that_is_symmetric(place):
    weights = np.zeros((784, 10), np.float32)
    weights[3, 2], weights[4, 7] = -0.5, 0.25
    plots.draw_weights(place, weights, "Weights")
    assert texts(place) == ["Weights"] and titles(place) == [str(k) for k in range(10)]
    images = [axes.images[0] for axes in place.axes if axes.images]
    assert len(images) == 10 and {image.get_clim() for image in images} == {(-0.5, 0.5)}
    assert images[2].get_array()[0, 3] == -0.5


def test_weights_that_are_all_zero_are_drawn(place):
    plots.draw_weights(place, np.zeros((784, 10), np.float32), "Weights")
    assert next(axes for axes in place.axes if axes.images).images[0].get_clim() == (-1.0, 1.0)


@pytest.mark.parametrize(("columns", "rows"), [(8, 4), (16, 2)])
def test_filters_stand_apart(columns, rows):
    figure = Figure(figsize=(12, 2.0 * 8 / columns))
    plots.draw_filters(figure.subfigures(1, 1), np.ones((5, 5, 1, 32)), "Filters", columns)
    figure.draw_without_rendering()
    places = [axes.get_window_extent() for axes in figure.axes if axes.images]
    assert len(places) == 32
    assert len({round(place.x0) for place in places}) == columns and len({round(place.y0) for place in places}) == rows
    for k, place in enumerate(places):
        if (k + 1) % columns:
            assert places[k + 1].x0 - place.x1 > 0.15 * place.width
        if k + columns < 32:
            assert place.y0 - places[k + columns].y1 > 0.15 * place.height


def test_digits_say_what_they_were_taken_for(place):
    plots.draw_digits(place, np.zeros((3, 784)), [7, 2, 1], [7, 3, 1], "Digits")
    assert titles(place) == ["7", "3, is 2", "1"]
    colours = [axes.title.get_color() for axes in place.axes]
    assert colours[0] == colours[2] != colours[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda place: plots.draw_weights(place, np.zeros((3, 3)), "t"), r"weights must be .*, not \[3, 3\]"),
        (lambda place: plots.draw_weights(place, np.zeros(4), "t"), r"weights must be .*, not \[4\]"),
        (lambda place: plots.draw_weights(place, np.zeros((4, 0)), "t"), r"weights must be .*, not \[4, 0\]"),
        (lambda place: plots.draw_filters(place, np.zeros((3, 3)), "t"), r"filters must be .*, not \[3, 3\]"),
        (
            lambda place: plots.draw_digits(place, np.zeros((2, 784)), [1], [1, 2], "t"),
            "2 images, 1 labels and 2 predictions",
        ),
    ],
)
def test_other_shapes_are_refused(place, call, message):
    with pytest.raises(ValueError, match=message):
        call(place)
    assert not place.axes


def test_a_curve_that_is_not_there_is_named_with_some_that_are(place, monkeypatch):
    kept = curves.Curves()
    monkeypatch.setattr(plots, "CURVES", kept)
    for n in range(12):
        kept.get(f"curve {n:02}", "log").add(1, 1)
    with pytest.raises(KeyError, match=r"no curve 'x+; there are 'curve 00', .*'curve 09' and more") as caught:
        plots.draw_curve(place.add_subplot(), "x" * 3000)
    assert len(str(caught.value)) < 400
    with pytest.raises(TypeError, match="must be a string, not None"):
        plots.draw_curve(place.add_subplot(), None)


def test_no_digits_are_drawn_as_none(place):
    plots.draw_digits(place, np.zeros((0, 784)), [], [], "Digits")
    assert texts(place) == ["Digits", "none"]


def test_the_loss_curve_has_each_step_and_a_running_mean(place):
    axes = place.add_subplot()
    plots.draw_loss(axes, [4.0, 2.0] + [1.0] * 98)
    steps, mean = axes.lines
    assert steps.get_ydata()[1] == 2.0 and mean.get_ydata()[:3].tolist() == [4.0, 3.0, 1.5]
    assert axes.get_xlabel() == "step" and axes.get_ylabel() == "cross entropy"


@pytest.mark.parametrize("steps", [1, 2, 500])
def test_whole_pictures_are_written(tmp_path, steps):
    losses, images = list(np.linspace(2, 1, steps)), np.zeros((24, 784))
    for kind in ("softmax", "deep"):
        path = tmp_path / f"{kind}.png"
        if kind == "softmax":
            plots.softmax_picture(path, "Title", "Subtitle", np.ones((784, 10)), losses, images, [0] * 24, [1] * 24)
        else:
            plots.deep_picture(path, "T", "S", np.ones((5, 5, 1, 32)), losses, images, [0] * 24, [1] * 24, 30)
        pixels = np.asarray(Image.open(path))
        assert pixels.shape == (984, 1440, 4) and (pixels < 250).any()


def test_pictures_leave_pyplot_alone():
    program = (
        "import sys, numpy as np\n"
        "from graphlab_nb.notebook import plots\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_importing_the_package_loads_neither_matplotlib_nor_ipython():
    program = (
        "import sys, graphlab_nb, graphlab_nb.as_tensorflow\n"
        "loaded = {'matplotlib', 'IPython', 'ipywidgets', 'tqdm', 'jupyterlab'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
