"""The pictures of data sets that end a cell: digits with their labels, and how many there are of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb.datasets.mnist import DataSet, Datasets
from graphlab_nb.notebook import svg

ACROSS, DOWN = 12, 8
_EDGE, _TILE, _STEP = 16.0, 40.0, (50.0, 58.0)
WIDTH = 2 * _EDGE + ACROSS * _STEP[0] - (_STEP[0] - _TILE)
_ROOM = WIDTH - 2 * _EDGE


def draw_data_set(data: DataSet) -> tuple[str, str]:
    """The picture of one part of a data set, and what it shows in a line of text."""
    about = _about(data)
    label = f"DataSet: {about}"
    body = [svg.text(_EDGE, 26, "Data set", "h"), svg.text(_EDGE, 45, about, "f", room=_ROOM)]
    counts = _counts(data)
    if counts:
        body.append(svg.text(_EDGE, 62, counts, "f", room=_ROOM))
        label += f"; {counts}"
    drawn, tall = _digits(data, DOWN, 78)
    return svg.picture(WIDTH, 78 + tall + 6, label, [*body, *drawn]), label


def draw_data_sets(data: Datasets) -> tuple[str, str]:
    """The picture of a data set's parts, a few of each, and what it shows in a line of text."""
    body, labels = [svg.text(_EDGE, 26, "Data sets", "h")], []
    y = 52.0
    for name, part in data._asdict().items():
        about = _about(part)
        labels.append(f"{name} {about}")
        body += [svg.text(_EDGE, y, name), svg.text(_EDGE + 76, y, about, "f", room=_ROOM - 76)]
        drawn, tall = _digits(part, 1, y + 12)
        body += drawn
        y += tall + 34
    label = f"Datasets: {'; '.join(labels)}"
    return svg.picture(WIDTH, y - 12, label, body), label


def _about(data: DataSet) -> str:
    words = [f"{data.num_examples:,} images"]
    shape, labels = data._pixels.shape, data.labels.shape
    if data._fake:
        words.append("all the same, for tests")
    else:
        words.append(f"{list(shape)} {'float32' if data._scaled else 'uint8'}")
        words.append(f"labels {list(labels)}")
    words.append(f"{data.epochs_completed:,} epochs served")
    return " \u00b7 ".join(words)


def _classes(labels: np.ndarray) -> np.ndarray:
    return labels.argmax(1) if labels.ndim == 2 else labels


def _counts(data: DataSet) -> str:
    """How many there are of each label."""
    if data._fake or not data.num_examples or data.labels.ndim not in (1, 2):
        return ""
    values, counts = np.unique(_classes(data.labels), return_counts=True)
    if len(values) > 12:
        return f"{len(values)} labels"
    return "  ".join(f"{value}: {count:,}" for value, count in zip(values, counts, strict=True))


def _digits(data: DataSet, down: int, y: float) -> tuple[list[str], float]:
    """The first images, each with its label below it, and the room that they take."""
    pixels = data._pixels[: ACROSS * down]
    tiles = None if data._fake else _tiles(pixels)
    if tiles is None or not len(tiles):
        return [svg.text(_EDGE, y + 12, "There are no images to be drawn.", "f")], 20.0
    labels: Sequence[Any] = _classes(data.labels[: len(tiles)]).tolist()
    rows, columns = tiles.shape[1:]
    used = math.ceil(len(tiles) / ACROSS)
    limit = float(tiles.max()) or 1.0
    out = []
    high = _TILE * rows / columns
    for k, tile in enumerate(tiles):
        x, top = _EDGE + k % ACROSS * _STEP[0], y + k // ACROSS * (_STEP[1] + high - _TILE)
        out.append(svg.image(x, top, _TILE, high, svg.heat(tile, limit)))
        out.append(svg.text(x + _TILE / 2, top + high + 12, str(labels[k]), "f s", "middle"))
    return out, used * (_STEP[1] + high - _TILE)


def _tiles(pixels: np.ndarray) -> np.ndarray | None:
    """Images `[n, rows, columns]` of those that are `[n, rows, columns, 1]` or `[n, side * side]`; else None."""
    if pixels.ndim == 4 and pixels.shape[3] == 1:
        return pixels[:, :, :, 0]
    side = math.isqrt(pixels.shape[1]) if pixels.ndim == 2 else 0
    return pixels.reshape(-1, side, side) if side and side * side == pixels.shape[1] else None
