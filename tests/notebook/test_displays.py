"""Pictures of graphs, sessions and variables: what is in them, that they are what they say, and that they never fail a cell."""

from __future__ import annotations

import base64
import gc
import io
import itertools
import re
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from PIL import Image

import graphlab_nb as tf
from graphlab_nb.notebook import svg
from graphlab_nb.notebook.displays import show_graph, shown
from graphlab_nb.notebook.graph_picture import draw_graph
from graphlab_nb.notebook.grouping import MOST_BOXES, boxes_of
from graphlab_nb.notebook.layers import MOST_IN_A_ROW, placed
from graphlab_nb.notebook.session_picture import MOST_ROWS, draw_session
from graphlab_nb.notebook.variable_picture import draw_variable
from tests.notebook.kernels import ROOT, Panel, kernel

AWKWARD = ['<b onload="x">', 'it\'s & "quoted"', "[1, 2]", "\U0001f600 smile", "\x00\x1b]]>", "\ud800"]


def root(picture: str) -> ElementTree.Element:
    """The picture as a reader of XML has it: fails where it is not well-formed."""
    return ElementTree.fromstring(picture)


def texts(picture: str) -> list[str]:
    return ["".join(t for e in node.iter() if e.tag.endswith("text") for t in [e.text or ""]) + "".join(
        (e.tail or "") for e in node) for node in root(picture).iter() if node.tag.endswith("}text")]  # fmt: skip


def images(picture: str) -> list[np.ndarray]:
    found = re.findall(r'href="data:image/png;base64,([^"]+)"', picture)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")) for data in found]


@pytest.fixture
def graph():
    made = tf.Graph()
    with made.as_default():
        yield made


def softmax() -> tf.Variable:
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    with tf.name_scope("layer"):
        weights = tf.Variable(tf.zeros([784, 10]), name="weights")
        y = tf.matmul(x, weights)
    bias = tf.Variable(tf.zeros([10]), name="bias")
    loss = tf.reduce_mean(tf.square(y + bias), name="loss")
    tf.train.AdamOptimizer(0.01).minimize(loss)
    tf.global_variables_initializer()
    return weights


# Graphs


def test_scopes_are_boxes_and_helpers_are_left_out(graph):
    softmax()
    found = boxes_of(graph)
    kinds = {box.name: box.kind for box in found.boxes}
    assert kinds == {"x": "placeholder", "layer": "scope", "bias": "variable", "add": "op", "Square": "op", "loss": "op",
                     "gradients": "gradient", "Adam": "training"}  # fmt: skip
    arrows = {(a.name, b.name) for a, b in found.arrows}
    assert arrows == {("x", "layer"), ("layer", "add"), ("bias", "add"), ("add", "Square"), ("Square", "loss"),
                      ("loss", "gradients"), ("gradients", "Adam")}  # fmt: skip
    assert found.variables == 2
    assert "first values" in found.left_out
    picture, label = draw_graph(graph)
    assert label == f"tf.Graph: {len(graph.get_operations())} operations, 2 variables"
    assert {"layer", "bias", "[?, 784] float32"} <= set(texts(picture))


def test_what_training_is_told_is_shown_and_what_it_writes_is_not(graph):
    rate = tf.placeholder(tf.float32, [], name="rate")
    with tf.name_scope("schedule"):
        slower = rate * 0.5
    weights = tf.Variable([1.0], name="weights")
    count = tf.Variable(0, trainable=False, name="count")
    tf.train.GradientDescentOptimizer(slower).minimize(tf.reduce_sum(weights, name="loss"), global_step=count)
    arrows = {(a.name, b.name) for a, b in boxes_of(graph).arrows}
    assert arrows == {("rate", "schedule"), ("schedule", "GradientDescent"), ("weights", "loss"), ("loss", "gradients"), ("GradientDescent", "count"),
                      ("gradients", "GradientDescent")}  # fmt: skip


def test_what_could_not_be_made_is_shown_with_its_inputs(graph):
    a, b = tf.placeholder(tf.float32, [2, 3], name="a"), tf.placeholder(tf.float32, [2, 3], name="b")
    with pytest.raises(ValueError, match="inner dimensions"):
        tf.matmul(a, b, name="product")
    picture, label = draw_graph(graph)
    assert label.endswith("product could not be made")
    assert any("cannot multiply (2, 3) by (2, 3)" in text for text in texts(picture))
    assert {(x.name, y.name) for x, y in boxes_of(graph).arrows} == {("a", "product"), ("b", "product")}


def test_an_empty_graph_says_so(graph):
    picture, label = draw_graph(graph)
    assert label == "tf.Graph: empty" and "Nothing is in it yet." in texts(picture)


def test_a_graph_of_helpers_only_has_nothing_to_draw(graph):
    tf.constant(1.0)
    assert "Nothing in it is to be drawn." in texts(draw_graph(graph)[0])


def test_many_boxes_are_folded(graph):
    x = tf.placeholder(tf.float32, [3])
    for k in range(200):
        x = tf.tanh(x) if k % 2 else tf.square(x)
    found = boxes_of(graph)
    assert {box.name: box.size for box in found.boxes} == {
        "Placeholder": 1,
        "Square \u00d7 100, Tanh \u00d7 100": 200,
    }
    assert [(a.name, b.name) for a, b in found.arrows] == [("Placeholder", found.boxes[1].name)]
    draw_graph(graph)


def test_thousands_of_scopes_stay_few_boxes(graph):
    x = tf.placeholder(tf.float32, [3])
    for k in range(3000):
        with tf.name_scope(f"s{k}x"):
            x = tf.tanh(x)
    picture, _ = draw_graph(graph)
    assert len(boxes_of(graph).boxes) == MOST_BOXES and "2942 more" in texts(picture)
    assert len(picture) < 100_000


@pytest.mark.parametrize("seed", range(6))
def test_boxes_do_not_overlap_and_arrows_go_down(seed):
    rng = np.random.RandomState(seed)
    count = int(rng.randint(2, 40))
    widths = [float(w) for w in rng.randint(60, 170, count)]
    pairs = {(int(a), int(b)) for a, b in rng.randint(0, count, (2 * count, 2)) if a != b}
    if seed % 2:  # half of them without circles
        pairs = {(min(pair), max(pair)) for pair in pairs}
    arrows = sorted(pairs)
    place = placed(widths, 38.0, arrows)
    for k in range(count):
        x, y = place.centres[k]
        assert x - widths[k] / 2 >= -0.01 and x + widths[k] / 2 <= place.width + 0.01 and y + 19 <= place.height + 0.01
        for j in range(k):
            other, level = place.centres[j]
            assert level != y or abs(other - x) >= (widths[k] + widths[j]) / 2 + 17.9
    assert seed % 2 == 0 or not any(place.back)
    for (a, b), path, back in zip(arrows, place.paths, place.back, strict=True):
        assert all(low[1] > high[1] for high, low in itertools.pairwise(path))
        top, foot = (b, a) if back else (a, b)
        assert path[0][0] == pytest.approx(place.centres[top][0]) and path[-1][0] == pytest.approx(
            place.centres[foot][0]
        )


def test_nothing_and_many_side_by_side_are_placed():
    assert placed([], 38.0, []).centres == []
    wide = placed([80.0] * 30, 38.0, [])
    levels = [y for _, y in wide.centres]
    assert max(levels.count(y) for y in set(levels)) <= MOST_IN_A_ROW


def test_show_graph_takes_the_default_graph_and_nothing_but_graphs(graph):
    tf.placeholder(tf.float32, [], name="only")
    found = show_graph()
    assert repr(found) == "tf.Graph: 1 operation, 0 variables"
    assert set(found._repr_mimebundle_()) == {"image/svg+xml", "text/html", "text/plain"}
    assert repr(show_graph(tf.Graph())) == "tf.Graph: empty"
    with pytest.raises(TypeError, match=r"takes a tf\.Graph, not 'x'"):
        show_graph("x")


# Variables


@pytest.fixture
def values(graph):
    """Draws a variable of a value in a session of its own."""
    sessions = []

    def draw(value, **kwargs):
        variable = tf.Variable(value, **kwargs)
        sessions.append(tf.Session())
        sessions[-1].run(variable.initializer)
        return draw_variable(variable)

    yield draw
    for session in sessions:
        session.close()


@pytest.mark.parametrize(
    "found",
    [np.array([[2**63 - 1, -(2**63)], [123456789012345678, 5]]), np.array([-8.123e-300, 9.234e-300, -1.5e-301])],
)
def test_numbers_of_a_variable_have_fewer_digits_where_there_is_no_room_for_more(values, found):
    picture, _ = values(found, name="wide")
    (line,) = (text for text in texts(picture) if text.startswith("mean "))
    assert "\u2026" not in line and all(name in line for name in ("deviation", "min", "max", "norm", "zeros"))
    assert svg.width_of(line) <= 620


def test_a_matrix_is_red_below_zero_and_blue_above(values):
    picture, label = values(np.array([[-1.0, 0.0, 0.5], [2.0, np.nan, np.inf]], np.float32), name="m")
    (pixels,) = images(picture)
    red, blue, odd = ([int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in (svg.NEGATIVE, svg.POSITIVE, svg.ODD))
    assert pixels.shape == (2, 3, 4)
    assert pixels[0, 0].tolist() == [*red, 129] and pixels[0, 1, 3] == 0
    assert pixels[0, 2, :3].tolist() == blue and abs(int(pixels[0, 2, 3]) - 64) <= 2
    assert pixels[1, 0].tolist() == [*blue, 255] and pixels[1, 1].tolist() == [*odd, 255]
    assert (
        "1 NaN and 1 infinite of 6" in texts(picture)
        and "mean 0.375" in label
        and label.startswith("<tf.Variable 'm:0'")
    )


def test_columns_of_784_are_pictures(values):
    value = np.zeros((784, 10), np.float32)
    value[29, 3] = 1.0  # in the second row, second column of the fourth picture
    picture, _ = values(value)
    (pixels,) = images(picture)
    rows, columns = np.nonzero(pixels[:, :, 3])
    assert (rows.tolist(), columns.tolist()) == ([1], [3 * 30 + 1])
    assert "Each column as 28 x 28" in texts(picture)


def test_filters_are_pictures_in_order(values):
    value = np.zeros((5, 5, 2, 3), np.float32)
    value[4, 0, 1, 2] = -1.0
    picture, _ = values(value)
    (pixels,) = images(picture)
    rows, columns = np.nonzero(pixels[:, :, 3])
    assert (rows.tolist(), columns.tolist()) == ([1 * 6 + 4], [2 * 6])
    assert "Filters of 5 x 5: 2 inputs down, 3 outputs across" in texts(picture)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.float32(2.5), "2.5"),
        (np.float32(np.nan), "NaN"),
        (np.float64(-np.inf), "\u2212\u221e"),
        (np.array([True]), "True"),
        (np.zeros((0, 3), np.float32), "It has no elements."),
        (np.full((3, 3), np.nan, np.float32), "9 NaN of 9"),
        (np.full(3, np.inf), "3 infinite of 3"),
        (np.arange(5), "Its elements in order"),
        (np.ones((1, 40, 1), np.float32), "Its elements in order"),
        (np.ones(100_000, np.float32), "Means of 500 neighbours each"),
        (np.ones((2, 3, 4, 5, 6), np.int32), "[0, 0, 0, :, :]"),
        (np.ones((300, 700), np.float32), "Matrix, means of blocks of 5 x 6"),
        (np.array([-1.7e308, 1.7e308, 1.0]), "max 1.7e+308"),
    ],
    ids=lambda v: v if isinstance(v, str) else f"{v.dtype}{list(v.shape)}",
)
def test_every_kind_of_value_is_drawn(values, value, words):
    picture, _ = values(value)
    assert any(words in text for text in texts(picture)), texts(picture)
    assert len(picture) < 30_000


def test_a_large_variable_s_picture_is_small(graph):
    variable = tf.Variable(tf.zeros([5000, 5000]))
    with tf.Session() as session:
        session.run(variable.initializer)
        picture, _ = draw_variable(variable)
        assert len(picture) < 30_000


def test_which_session_a_value_is_of(graph):
    variable = tf.Variable([1.0, 2.0], name="v")
    gc.collect()
    assert "no open session runs its graph" in draw_variable(variable)[1]
    first, second = tf.Session(), tf.Session()
    assert "It is not initialized" in draw_variable(variable)[1]
    first.run(variable.initializer)
    assert f"session {first.number}:" in draw_variable(variable)[1]
    second.run(variable.initializer)
    assert "2 open sessions have a value of it" in draw_variable(variable)[1]
    with second.as_default():
        assert f"session {second.number}:" in draw_variable(variable)[1]
    with tf.Session():
        assert "It is not initialized" in draw_variable(variable)[1]
    second.close()
    assert f"session {first.number}:" in draw_variable(variable)[1]
    first.close()
    assert "no open session runs its graph" in draw_variable(variable)[1]


# Sessions


def test_a_session_tells_its_variables(graph):
    weights = softmax()
    late = tf.Variable(np.array([-1, 0, 0, 1, np.nan], np.float32), name="late")
    with tf.Session() as session:
        session.run(weights.initializer)
        picture, label = draw_session(session)
        words = texts(picture)
        assert f"Session {session.number}" in words
        assert any(w.startswith("open \u00b7 1 run \u00b7 graph of") for w in words)
        assert "layer/weights" in words and "[784, 10]" in words and "no value yet" in words
        assert session.list_devices()[0].description in label
        session.run(late.initializer)
        picture, label = draw_session(session)
        assert "1 below zero, 2 zero, 1 above zero, 1 not finite" in picture
        assert "late [5] float32: mean 0, deviation 0.7071, min \u22121, max 1, 1 not finite" in label.splitlines()
    picture, label = draw_session(session)
    assert "closed, 2 runs" in label and "Its variables' values are gone." in texts(picture)


def test_a_session_without_and_with_very_many_variables(graph):
    with tf.Session() as session:
        assert "The graph has no variables." in texts(draw_session(session)[0])
        for _ in range(MOST_ROWS + 7):
            tf.Variable(1.0)
        session.run(tf.global_variables_initializer())
        picture, label = draw_session(session)
        assert "and 7 more" in texts(picture) and f"; {MOST_ROWS + 7} variables\n" in label


# What pictures are made of


@pytest.mark.parametrize("words", AWKWARD)
def test_any_text_is_shown_as_it_is(words):
    picture = svg.picture(100, 50, words, [svg.text(0, 0, words), svg.text(0, 0, words * 40, room=30)])
    found = root(picture)
    kept = "".join(c if svg._allowed(c) else "\ufffd" for c in words)
    assert found.get("aria-label") == kept and texts(picture)[0] == kept
    assert not [e for e in found.iter() if e.tag.endswith("}b")]
    assert words in svg.inline("<svg/>", words) or "<b" not in svg.inline("<svg/>", words)


def test_pages_that_take_drawings_out_keep_the_image():
    picture = svg.picture(10, 10, "label", [])
    html = svg.inline(picture, "label")
    assert picture in html.split("<img")[0]
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert data and base64.b64decode(data[1]).decode() == picture and 'alt="label"' in html


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-0.5, "\u22120.5"),
        (12345.6, "12,346"),
        (1e-20, "1e\u221220"),
        (np.inf, "\u221e"),
        (np.nan, "\u2013"),
    ],
)
def test_numbers_are_short(value, shown):
    assert svg.number(value) == shown


@pytest.mark.parametrize("room", [10, 40, 80, 1000])
def test_names_are_shortened_to_the_room_there_is(room):
    name = "layer_12/a_very_long_scope/weights"
    found = svg.shortened(name, room)
    assert (found == name) == (room == 1000) and (found == name or "\u2026" in found)
    assert svg.width_of(found) <= max(room, 40)


def test_a_failure_leaves_text(graph):
    def broken(thing):
        raise ZeroDivisionError("no")

    assert shown(broken, 5) == {"text/plain": "5 (it could not be drawn: ZeroDivisionError: no)"}


# In a kernel


def output(panel: Panel, code: str) -> dict:
    """What a cell shows that ends with `code`."""
    done = panel.execute(code)
    found: list[dict] = []
    for _ in range(2000):
        message = panel.client.get_iopub_msg(timeout=60)
        kind, content = message["msg_type"], message["content"]
        assert kind != "error", content
        if kind in ("execute_result", "display_data"):
            found.append(content["data"])
        if kind == "status" and content["execution_state"] == "idle" and message["parent_header"].get("msg_id") == done:
            break
    assert len(found) == 1, found
    return found[0]


def test_what_ends_a_cell_is_a_picture():
    with kernel() as panel:
        panel.run("import graphlab_nb as tf")
        assert output(panel, "tf.get_default_graph()")["text/plain"] == "tf.Graph: empty"
        panel.run("v = tf.Variable(tf.ones([3, 4]), name='v')\nsess = tf.InteractiveSession()\nsess.run(v.initializer)")
        for code, words in (("v", "deviation 0"), ("sess", "open, 1 run"), ("tf.get_default_graph()", "1 variable")):
            data = output(panel, code)
            assert set(data) == {"image/svg+xml", "text/html", "text/plain"}
            assert words in data["text/plain"]
            root(data["image/svg+xml"])
        assert output(panel, "tf.notebook.show_graph()")["text/plain"].startswith("tf.Graph: ")
        panel.run("sess.close()")
        assert "closed, 1 run" in output(panel, "sess")["text/plain"]
        assert "no open session" in output(panel, "v")["text/plain"]
        panel.run("v._variable = None")  # whatever is wrong with it
        assert (
            "could not be drawn"
            in output(panel, "class V(tf.Variable):\n def __repr__(self): return 'v'\nv.__class__ = V\nv")["text/plain"]
        )
        panel.run("assert 'matplotlib' not in __import__('sys').modules")


def test_a_notebook_as_html_shows_the_pictures(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cells = [
        "import graphlab_nb as tf\nW = tf.Variable(tf.ones([3, 4]), name='W')\nloss = tf.reduce_mean(tf.square(W), name='the_loss')",
        "step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\ntf.notebook.LiveCurves()",
        "sess = tf.InteractiveSession()\nsess.run(tf.global_variables_initializer())\nfor _ in range(60): sess.run(step)",
        "tf.get_default_graph()",
        "W",
        "sess",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    ExecutePreprocessor(timeout=120).preprocess(book)
    outputs = [cell.outputs for cell in book.cells]
    still = outputs[1][0]["data"]
    assert "application/vnd.jupyter.widget-view+json" not in still and "the_loss" in still["text/plain"]
    assert "at step 60" in still["text/plain"] or "at step 59" in still["text/plain"]
    html, _ = HTMLExporter().from_notebook_node(book)
    assert html.count('class="glnb-in"') == 4
    assert "No curves yet" not in html


def test_importing_it_loads_nothing_heavy():
    program = (
        "import sys\n"
        "from graphlab_nb import notebook\n"
        "assert callable(notebook.show_graph)\n"
        "heavy = {'IPython', 'ipywidgets', 'matplotlib', 'comm'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert notebook.LiveCurves.__name__ == 'LiveCurves'\n"
        "try: notebook.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
        "else: raise AssertionError\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120, cwd=ROOT)
