"""Pictures of trained nets: weights, filters, digits with predictions, and curves.

Figures are made without pyplot, so that a program's own figures and backend stay as they are.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure, SubFigure

from graphlab_nb.export import public_names
from graphlab_nb.notebook.curves import CURVES, curve_name
from graphlab_nb.session.lanes import shifts_of
from graphlab_nb.session.session import BaseSession

SIGNED = LinearSegmentedColormap.from_list("signed", ["#8e0d1c", "#e2584d", "#ffffff", "#4b8fd6", "#0b3f8a"])
"""Red for negative, white for zero, blue for positive."""

_INK = "#22272e"
_FAINT = "#6b7480"
_LINE = "#0b3f8a"
_LIGHT_LINE = "#a9c8ec"
_RIGHT = "#1a7f37"
_WRONG = "#c1121f"
_DPI = 120


def softmax_picture(
    path: str | os.PathLike[str],
    title: str,
    subtitle: str,
    weights: np.ndarray,
    losses: Sequence[float],
    images: np.ndarray,
    labels: Sequence[int] | np.ndarray,
    predictions: Sequence[int] | np.ndarray,
) -> None:
    """Writes the picture of a softmax regression: its weights as images, the loss curve, and digits.

    Args:
      path: of the PNG file to write.
      title: the first line.
      subtitle: the second line.
      weights: `[784, classes]`.
      losses: one per step.
      images: digits to show, `[n, 784]`.
      labels: what they are, `[n]`.
      predictions: what the net took them for, `[n]`.

    Example:
      >>> import numpy as np, tempfile
      >>> images, losses = np.zeros([2, 784]), [2.0, 1.0, 0.5]
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     file = folder + "/net.png"
      ...     weights = np.linspace(-1.0, 1.0, 7840).reshape(784, 10)
      ...     tf.notebook.plots.softmax_picture(file, "MNIST", "after 3 steps", weights, losses, images, [7, 2], [7, 3])
      ...     print(tf.gfile.GFile(file, "rb").read()[1:4])
      b'PNG'
    """
    figure, (above, below) = _page(title, subtitle)
    left, right = above.subfigures(1, 2, width_ratios=(1.5, 1.0))
    draw_weights(left, weights, "Weights of each digit: a pixel in blue speaks for it, in red against")
    draw_loss(_single_axes(right, "Loss"), losses)
    draw_digits(below, images, labels, predictions, "Test digits, with what the net took them for")
    figure.savefig(path, dpi=_DPI)


def deep_picture(
    path: str | os.PathLike[str],
    title: str,
    subtitle: str,
    filters: np.ndarray,
    losses: Sequence[float],
    images: np.ndarray,
    labels: Sequence[int] | np.ndarray,
    predictions: Sequence[int] | np.ndarray,
    wrong: int,
) -> None:
    """Writes the picture of a convolutional net: its first filters, the loss curve, and digits that it got wrong.

    Args:
      path: of the PNG file to write.
      title: the first line.
      subtitle: the second line.
      filters: of the first layer, `[height, width, 1, features]`.
      losses: one per step.
      images: digits to show, `[n, 784]`.
      labels: what they are, `[n]`.
      predictions: what the net took them for, `[n]`.
      wrong: how many there are in all.

    Example:
      >>> import numpy as np, tempfile
      >>> images, losses = np.zeros([2, 784]), [2.0, 1.0, 0.5]
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     file = folder + "/net.png"
      ...     filters = np.linspace(-1.0, 1.0, 800).reshape(5, 5, 1, 32)
      ...     tf.notebook.plots.deep_picture(file, "MNIST", "1 wrong", filters, losses, images[:1], [2], [3], wrong=1)
      ...     print(tf.gfile.GFile(file, "rb").read()[1:4])
      b'PNG'
    """
    figure, (above, below) = _page(title, subtitle)
    left, right = above.subfigures(1, 2, width_ratios=(1.5, 1.0))
    draw_filters(left, filters, f"The {filters.shape[-1]} filters of the first layer")
    draw_loss(_single_axes(right, "Loss"), losses, logarithmic=True)
    shown = f"the first {len(images)} of {wrong}" if wrong > len(images) else f"all {wrong}"
    draw_digits(below, images, labels, predictions, f"Test digits that the net took for others ({shown})")
    figure.savefig(path, dpi=_DPI)


def draw_weights(place: SubFigure, weights: np.ndarray, title: str) -> None:
    """Draws each column of weights `[784, classes]` as an image, all on one scale that is symmetric about zero.

    Args:
      place: where, such as a `Figure` or part of one.
      weights: `[pixels, classes]`, of square pictures.
      title: what stands above them.

    Raises:
      ValueError: for weights of another shape.

    Example:
      >>> import numpy as np
      >>> from matplotlib.figure import Figure
      >>> figure = Figure()
      >>> tf.notebook.plots.draw_weights(figure, np.linspace(-1.0, 1.0, 7840).reshape(784, 10), "Weights")
      >>> len(figure.axes)  # ten pictures, and the scale
      11
    """
    weights = np.asarray(weights)
    side = math.isqrt(len(weights)) if weights.ndim == 2 else 0
    if weights.size == 0 or side * side != len(weights):
        raise ValueError(
            f"weights must be [pixels, classes] with the pixels of square pictures, not {list(weights.shape)}"
        )
    classes = weights.shape[1]
    _draw_signed(place, [weights[:, k].reshape(side, side) for k in range(classes)], 5, title, range(classes))


def draw_filters(place: SubFigure, filters: np.ndarray, title: str, columns: int = 8) -> None:
    """Draws filters `[height, width, 1, features]` as images, all on one scale that is symmetric about zero.

    Args:
      place: where.
      filters: of a first layer.
      title: what stands above them.
      columns: how many stand side by side.

    Raises:
      ValueError: for filters of another shape.

    Example:
      >>> import numpy as np
      >>> from matplotlib.figure import Figure
      >>> figure = Figure()
      >>> tf.notebook.plots.draw_filters(figure, np.linspace(-1.0, 1.0, 200).reshape(5, 5, 1, 8), "Filters", columns=4)
      >>> len(figure.axes)  # eight pictures, and the scale
      9
    """
    filters = np.asarray(filters)
    if filters.ndim != 4 or filters.size == 0:
        raise ValueError(f"filters must be [height, width, channels, features], not {list(filters.shape)}")
    _draw_signed(place, [filters[:, :, 0, k] for k in range(filters.shape[-1])], columns, title, None)


def _draw_signed(
    place: SubFigure, pictures: Sequence[np.ndarray], columns: int, title: str, names: Sequence[int] | None
) -> None:
    _heading(place, title, left=0.05)
    rows = math.ceil(len(pictures) / columns)
    grid = place.add_gridspec(
        rows,
        columns + 1,
        width_ratios=[1.0] * columns + [0.12],
        left=0.05,
        right=0.9,
        top=0.8,
        bottom=0.04,
        wspace=0.1 if names is not None else 0.22,
        hspace=0.3,
    )
    largest = max(float(np.abs(picture).max()) for picture in pictures) or 1.0
    scale = Normalize(-largest, largest)
    drawn: Any = None
    for k, picture in enumerate(pictures):
        axes = _picture_axes(place, grid[k // columns, k % columns])
        drawn = axes.imshow(picture, cmap=SIGNED, norm=scale, interpolation="nearest")
        if names is not None:
            axes.set_title(str(names[k]), fontsize=11, color=_INK, pad=3)
    bar = place.colorbar(drawn, cax=place.add_subplot(grid[:, columns]))
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(labelsize=9, colors=_FAINT, length=2)


def draw_digits(
    place: SubFigure,
    images: np.ndarray,
    labels: Sequence[int] | np.ndarray,
    predictions: Sequence[int] | np.ndarray,
    title: str,
) -> None:
    """Draws digits `[n, 784]` in rows, each with the prediction above it: green if right, else red with the truth.

    Args:
      place: where, such as a `Figure` or part of one.
      images: pixels from 0 to 1, `[n, 784]`.
      labels: what they are, `[n]`.
      predictions: what a net took them for, `[n]`.
      title: what stands above them.

    Raises:
      ValueError: where there are not as many labels, or predictions, as images.

    Example:
      >>> import numpy as np
      >>> from matplotlib.figure import Figure
      >>> figure = Figure()
      >>> tf.notebook.plots.draw_digits(figure, np.zeros([2, 784]), [7, 2], [7, 3], "Digits")
      >>> [axes.get_title() for axes in figure.axes]
      ['7', '3, is 2']
    """
    counts = len(images), len(labels), len(predictions)
    if len(set(counts)) > 1:
        raise ValueError(
            "There are {} images, {} labels and {} predictions: each image needs one of both".format(*counts)
        )
    _heading(place, title)
    columns = 12
    rows = max(1, math.ceil(len(images) / columns))
    grid = place.add_gridspec(rows, columns, left=0.03, right=0.97, top=0.76, bottom=0.03, wspace=0.12, hspace=0.3)
    for k, image in enumerate(images):
        axes = _picture_axes(place, grid[k // columns, k % columns])
        side = math.isqrt(image.size)
        axes.imshow(image.reshape(side, side), cmap="gray_r", vmin=0.0, vmax=1.0, interpolation="nearest")
        right = predictions[k] == labels[k]
        text = f"{predictions[k]}" if right else f"{predictions[k]}, is {labels[k]}"
        axes.set_title(text, fontsize=11, color=_RIGHT if right else _WRONG, pad=3)
    if not len(images):
        place.text(0.5, 0.4, "none", ha="center", fontsize=14, color=_FAINT)


def draw_loss(axes: Axes, losses: Sequence[float], logarithmic: bool = False) -> None:
    """Draws the loss of each step, and its mean over the last fiftieth of the steps as a strong line.

    Args:
      axes: where.
      losses: one per step.
      logarithmic: whether the axis of losses is.

    Example:
      >>> from matplotlib.figure import Figure
      >>> axes = Figure().add_subplot()
      >>> tf.notebook.plots.draw_loss(axes, [2.0, 1.0, 0.5])
      >>> axes.get_xlabel(), axes.get_ylabel()
      ('step', 'cross entropy')
    """
    values = np.asarray(losses, np.float64)
    steps = np.arange(1, len(values) + 1)
    window = max(1, len(values) // 50)
    sums = np.cumsum(np.concatenate([[0.0], values]))
    starts = np.maximum(steps - window, 0)
    axes.plot(steps, values, color=_LIGHT_LINE, linewidth=0.8, label="each step")
    axes.plot(
        steps, (sums[steps] - sums[starts]) / (steps - starts), color=_LINE, linewidth=1.8, label=f"mean of {window}"
    )
    if not logarithmic:
        axes.set_ylim(bottom=0.0)
    _style(axes, "cross entropy", logarithmic)
    axes.legend(frameon=False, fontsize=9, labelcolor=_FAINT)


def draw_curve(axes: Axes, name: str, logarithmic: bool = False) -> None:
    """Draws a curve that the kernel keeps, of the latest run that has it: a loss, a scalar summary, or of `log` or `watch`.

    Args:
      axes: where.
      name: the curve's, such as a summary's tag.
      logarithmic: whether the axis of values is.

    Raises:
      KeyError: for a name that no curve has, with some of those that there are.
      TypeError: for a name that is no string.

    Example:
      >>> from matplotlib.figure import Figure
      >>> axes = Figure().add_subplot()
      >>> tf.notebook.log(1, accuracy=0.5)
      >>> tf.notebook.log(2, accuracy=0.75)
      >>> tf.notebook.plots.draw_curve(axes, "accuracy")
      >>> [float(value) for value in axes.lines[0].get_ydata()]
      [0.5, 0.75]
    """
    name = curve_name(name)
    found = [series for series in CURVES.series.values() if series.name == name]
    if not found:
        names = sorted({series.name for series in CURVES.series.values()})
        listed = ", ".join(f"{name!r:.60}" for name in names[:10]) + (" and more" if len(names) > 10 else "")
        raise KeyError(f"There is no curve {name!r:.80}; there are {listed or 'none'}")
    _, (steps, values, _) = max(found, key=lambda series: series.run).points()
    axes.plot(steps, values, color=_LINE, linewidth=1.8)
    _style(axes, name, logarithmic)


def draw_lanes(axes: Axes, session: BaseSession) -> None:
    """Draws what each task of a cluster did in a session's latest run: computing, waiting for others, and what it sent.

    Args:
      axes: where; times are in milliseconds from the beginning of the first task's part.
      session: one with a target, in which something ran.

    Raises:
      ValueError: for a session without a target, or in which nothing ran.

    Example:
      >>> from matplotlib.figure import Figure
      >>> axes = Figure().add_subplot()
      >>> try:
      ...     tf.notebook.plots.draw_lanes(axes, tf.Session())
      ... except ValueError as error:
      ...     print(error)
      draw_lanes takes a session with a target, such as tf.Session("grpc://host:port"); others have no tasks
    """
    if session._remote is None:
        raise ValueError(
            'draw_lanes takes a session with a target, such as tf.Session("grpc://host:port"); others have no tasks'
        )
    if session._remote.times is None:
        raise ValueError("Nothing ran in the session yet, so its tasks have no lanes")
    tasks = dict(sorted(session._remote.times.tasks.items()))
    shifts = shifts_of(tasks)
    rows = {name: row for row, name in enumerate(tasks)}
    for name, done in tasks.items():
        for spans, look in (
            (done.lane.computes, {"color": _LINE}),
            (done.lane.waits, {"color": _LIGHT_LINE, "alpha": 0.5}),
        ):
            bars = [(1e3 * (s.begins + shifts[name]), max(1e3 * (s.ends - s.begins), 0.01)) for s in spans]
            axes.broken_barh(bars, (rows[name] - 0.15, 0.3), linewidth=0, **look)
        for sent in done.lane.sends:
            at, row, to = 1e3 * (sent.at + shifts[name]), rows[name], rows.get(sent.task, rows[name])
            way = {"arrowstyle": "-|>", "color": _WRONG, "linewidth": 0.9}
            axes.annotate("", (at, to), (at, row), arrowprops=way)
            size = f" {sent.nbytes / 1e3:,.0f} kB" if sent.nbytes >= 1000 else f" {sent.nbytes} B"
            axes.text(at, max(to, row) - 0.2, size, fontsize=8, color=_WRONG)
    axes.set_yticks(list(rows.values()), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.6)
    _style(axes, "", logarithmic=False)
    axes.set_xlabel("ms; dark: computing, light: waiting for others, red: sent", fontsize=10, color=_FAINT)


def _style(axes: Axes, name: str, logarithmic: bool) -> None:
    if logarithmic:
        axes.set_yscale("log")
    axes.set_xlabel("step", fontsize=10, color=_FAINT)
    axes.set_ylabel(name, fontsize=10, color=_FAINT)
    axes.tick_params(labelsize=9, colors=_FAINT, which="both")
    axes.grid(color="#e6e9ed", linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#c4cad1")


def _page(title: str, subtitle: str) -> tuple[Figure, Any]:
    """A page with its title, and the places above and below for what it shows."""
    figure = Figure(figsize=(12.0, 8.2), facecolor="white")
    places: Any = figure.subfigures(3, 1, height_ratios=(0.2, 1.1, 0.84))
    head, above, below = places
    head.text(0.03, 0.58, title, fontsize=18, color=_INK, fontweight="bold", va="center")
    head.text(0.03, 0.16, subtitle, fontsize=11, color=_FAINT, va="center")
    return figure, (above, below)


def _heading(place: SubFigure, title: str, left: float = 0.03) -> None:
    place.text(left, 0.9, title, fontsize=13, color=_INK, va="center")


def _single_axes(place: SubFigure, heading: str) -> Axes:
    _heading(place, heading, left=0.16)
    return place.add_subplot(place.add_gridspec(1, 1, left=0.16, right=0.925, top=0.8, bottom=0.14)[0])


def _picture_axes(place: SubFigure, cell: Any) -> Axes:
    axes = place.add_subplot(cell)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#d5dae0")
    return axes


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted([*public_names(globals()), "SIGNED"])
