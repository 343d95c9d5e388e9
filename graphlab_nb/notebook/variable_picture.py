"""The picture of a variable that ends a cell: statistics, a heat map and a histogram, reduced where its numbers lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.graph.graph import DEFAULTS, Operation
from graphlab_nb.notebook import svg
from graphlab_nb.notebook.targets import NO_VALUE, PROBLEMS, FarInspector, FarVariable, text_of
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.inspect import MOST_PICKED, Inspector, Pending, section
from graphlab_nb.session.session import SESSIONS, BaseSession
from graphlab_nb.session.statistics import Histogram, Statistics

WIDTH = 640.0
_EDGE = 16.0
_BINS = 60
_FARTHEST = 1e38
"""Half the range of a histogram: counting may be in float32."""
_MOST_BARS = 200
_MOST_CELLS = (64, 128)
"""Rows and columns of a heat map."""
_MOST_TILES = 32
_MOST_FILTER = 32
_IMAGE = 28
_ROOM = WIDTH - 2 * _EDGE
_TALLEST = 260.0


@dataclass
class _Numbers:
    """What is drawn of a variable's numbers.

    Attributes:
      kind: "scalar", "bars", "matrix" or "tiles".
      pending: the numbers on their way.
      shape: that they are drawn in: `[n]`, `[rows, columns]`, or `[down, across, rows, columns]`.
      note: which of the numbers they are.
    """

    kind: str
    pending: Pending[np.ndarray]
    shape: tuple[int, ...]
    note: str


def session_of(variable: Variable) -> tuple[BaseSession | None, str]:
    """The session whose value is shown, the default or the only one that has it; or None and why there is none."""
    current = DEFAULTS.current_session()
    if current is not None and current.graph is variable.graph and not current._closed:
        found = [current]
    else:
        found = [s for _, s in sorted(SESSIONS.items()) if s.graph is variable.graph and not s._closed]
    have = [s for s in found if _has(s, variable.op)]
    if len(have) == 1:
        return have[0], ""
    if have:
        return (
            None,
            f"{len(have)} open sessions have a value of it; one of them is to be the default session to show it.",
        )
    if not found:
        return None, "It has no value: no open session runs its graph."
    return None, "It is not initialized: it has no value until its initializer has run in the session."


def _has(session: BaseSession, op: Operation) -> bool:
    if session._remote is not None:
        (there,) = session._remote.variables([op])
        return there is not None and there.dims is not None
    memory = session._resources.variables.get(op)
    return memory is not None and memory.initialized


def draw_variable(variable: Variable) -> tuple[str, str]:
    """The picture of a variable, and what it shows in a line of text."""
    label = repr(variable)
    try:
        session, why = session_of(variable)
    except errors.OpError as error:  # its cluster cannot be reached
        session, why = None, error.message
    head = [svg.text(_EDGE, 26, variable.op.name, "h", room=_ROOM, size=15.0)]
    if session is None:
        about = f"{shape_of(variable.op.outputs[0].dims)} \u00b7 {variable.dtype.base_dtype.name}"
        body = [*head, svg.text(_EDGE, 44, about, "f"), svg.text(_EDGE, 66, why, room=_ROOM)]
        return svg.picture(WIDTH, 84, f"{label}: {why}", body), f"{label}: {why}"
    try:
        return _with_value(variable, session, head, label)
    except PROBLEMS as error:  # closed at this moment, or strings
        why = text_of(error)
        body = [*head, svg.text(_EDGE, 48, why, room=_ROOM)]
        return svg.picture(WIDTH, 66, f"{label}: {why}", body), f"{label}: {why}"


def _found(session: BaseSession, op: Operation) -> tuple[Inspector, Any, Sequence[int], Statistics | None]:
    """What reduces a variable's numbers, what it takes for the variable, its shape, and, on a cluster, statistics."""
    if session._remote is None:
        return Inspector(session), op, session._resources.variables[op].dims, None
    (there,) = session._remote.variables([op])
    if there is None or there.dims is None:
        raise ValueError(NO_VALUE)
    if there.statistics is None:
        raise TypeError(f"{op.name} is of strings, which no device has")
    return FarInspector(session._remote), FarVariable(op, there.dims), there.dims, there.statistics


def _with_value(variable: Variable, session: BaseSession, head: list[str], label: str) -> tuple[str, str]:
    inspector, found, shape, statistics = _found(session, variable.op)
    count = math.prod(shape)
    dtype = variable.dtype.base_dtype
    where = f"session {session.number}"
    about = f"{shape_of(shape)} \u00b7 {dtype.name} \u00b7 {_bytes(count * dtype.size)} \u00b7 {where}"
    body = [*head, svg.text(_EDGE, 44, about, "f")]
    if not count:
        body.append(svg.text(_EDGE, 66, "It has no elements."))
        return svg.picture(WIDTH, 84, f"{label}: no elements", body), f"{label}: no elements"
    numbers = _begun(inspector, found, shape)
    if statistics is None:
        (statistics,) = inspector.statistics([found]).result()
    # Where their distance is beyond the largest number, bins have no width.
    apart = statistics.max / 2 - statistics.min / 2 < _FARTHEST
    histogram = inspector.histogram(found, _BINS).result()[1] if apart and count > 1 else None
    odd = _odd(statistics)
    y = 54.0
    if count > 1:
        body.append(svg.text(_EDGE, y + 12, _statistics(statistics), room=_ROOM))
        y += 24
    if odd:
        body.append(svg.text(_EDGE, y + 8, odd, "w"))
        y += 18
    drawn, tall = _drawn(numbers, y, shape)
    body.append(drawn)
    y += tall
    if count > 1:
        body.append(_histogram(histogram, y))
        y += 104 if histogram is not None else 52
    said = _statistics(statistics) if count > 1 else f"value {_exact(numbers.pending.result())}"
    words = f"{label}, {where}: {said}" + (f"; {odd}" if odd else "")
    return svg.picture(WIDTH, y + 8, words, body), words


def shape_of(dims: Sequence[int | None] | None) -> str:
    """A shape in words."""
    if dims is None:
        return "any shape"
    return "[" + ", ".join("?" if n is None else str(n) for n in dims) + "]" if len(dims) else "scalar"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def _exact(values: np.ndarray) -> str:
    """One number with all its digits: as many as tell it from others of its type."""
    value = values.reshape(-1)[0]
    if value != value:
        return "NaN"
    if np.isinf(value):
        return svg.number(float(value))
    return str(value).replace("-", "\u2212")


def _statistics(found: Statistics) -> str:
    """A variable's numbers, with as many digits as there is room for."""
    names = ("mean", "deviation", "min", "max", "norm")
    for digits in (4, 3, 2, 1):
        words = [f"{name} {svg.number(getattr(found, name), digits)}" for name in names]
        line = " \u00b7 ".join([*words, f"zeros {100 * found.zeros / found.count:.3g} %"])
        if svg.width_of(line) <= _ROOM:
            break
    return line


def _odd(found: Statistics) -> str:
    parts = [f"{n:,} {name}" for n, name in ((found.nan, "NaN"), (found.inf, "infinite")) if n]
    return " and ".join(parts) + f" of {found.count:,}" if parts else ""


def _begun(inspector: Inspector, op: Any, shape: Sequence[int]) -> _Numbers:
    """Has the numbers fetched that are drawn: few, whatever the variable's size."""
    count, rank = math.prod(shape), len(shape)
    if count == 1:
        return _Numbers("scalar", inspector.picked(op, (1,), (1,)), (1,), "")
    if rank == 2 and min(shape) > 1 and shape[0] == _IMAGE * _IMAGE:
        tiles = min(shape[1], MOST_PICKED // shape[0])
        pending = inspector.picked(op, (tiles, _IMAGE, _IMAGE), (1, _IMAGE * shape[1], shape[1]))
        note = f"Each column as {_IMAGE} x {_IMAGE}" + _of(tiles, shape[1], "columns")
        return _Numbers("tiles", pending, (1, tiles, _IMAGE, _IMAGE), note)
    if rank == 4 and max(shape[:2]) <= _MOST_FILTER and max(shape[:2]) > 1:
        return _filters(inspector, op, shape)
    across = [k for k in range(rank) if shape[k] > 1][-2:]  # dimensions of one number are left out
    if len(across) == 1:
        length = shape[across[0]]
        part, step = section(shape, across), math.ceil(length / _MOST_BARS)
        note = f"Means of {step} neighbours each" if step > 1 else "Its elements in order"
        return _Numbers("bars", inspector.picture(op, part, (1, step)), (part.columns,), note)
    part = section(shape, across)
    block = tuple(math.ceil(n / most) for n, most in zip((part.rows, part.columns), _MOST_CELLS, strict=True))
    parts = ["matrix"]
    if rank > 2:
        parts = [f"[{', '.join(':' if k in across else '0' for k in range(rank))}]"]
    if max(block) > 1:
        parts.append(f"means of blocks of {block[0]} x {block[1]}")
    note = ", ".join(parts)
    pending = inspector.picture(op, part, (block[0], block[1]))
    return _Numbers("matrix", pending, (part.rows, part.columns), note[0].upper() + note[1:])


def _filters(inspector: Inspector, op: Any, shape: Sequence[int]) -> _Numbers:
    """Filters `[height, width, in, out]`: what each makes of the first inputs, side by side."""
    height, width, inputs, outputs = shape
    most = MOST_PICKED // (height * width)
    across = min(outputs, _MOST_TILES, most)
    down = 1 if inputs == 1 else max(1, min(inputs, 8, most // across))
    steps = (outputs, 1, width * inputs * outputs, inputs * outputs)
    pending = inspector.picked(op, (down, across, height, width), steps)
    if down == 1 and inputs == 1:
        note = f"Filters of {height} x {width}" + _of(across, outputs, "filters")
        return _Numbers("tiles", pending, (1, across, height, width), note)
    seen = [f"{shown} of {all_}" if shown < all_ else str(shown) for shown, all_ in ((down, inputs), (across, outputs))]
    note = f"Filters of {height} x {width}: {seen[0]} inputs down, {seen[1]} outputs across"
    return _Numbers("tiles", pending, (down, across, height, width), note)


def _of(shown: int, there: int, things: str) -> str:
    return f" (the first {shown} of {there:,} {things})" if shown < there else ""


def _drawn(numbers: _Numbers, y: float, shape: Sequence[int]) -> tuple[str, float]:
    """The numbers' picture below `y`, and how high it is."""
    values = numbers.pending.result()
    if numbers.kind == "scalar":
        shown = _exact(values)
        return f'<text x="{_EDGE:.0f}" y="{y + 24:.0f}" style="font-size:26px">{svg.clean(shown)}</text>', 40.0
    values = values.astype(np.float64)
    seen = svg.finite(values)
    limit = float(np.abs(seen).max(initial=0.0))
    y += 16
    ends = f"red \u2212{svg.number(limit)} \u2026 {svg.number(limit)} blue"
    if numbers.kind == "bars" and seen.size:
        ends = f"from {svg.number(seen.min())} to {svg.number(seen.max())}"
    scale = svg.text(WIDTH - _EDGE, y - 2, ends, "f s", "end") if limit else ""
    heading = svg.text(_EDGE, y - 2, numbers.note, "f s", room=_ROOM - 150, size=11.0)
    y += 6
    if numbers.kind == "bars":
        return heading + scale + svg.bars(_EDGE, y, _ROOM, 90.0, values.reshape(-1)), 120.0
    if numbers.kind == "matrix":
        rows, columns = numbers.shape
        size = min(_ROOM / columns, _TALLEST / rows, 24.0)
        # A long strip is drawn wider than it is, so that it can be seen.
        width, tall = max(size * columns, min(_ROOM, 60.0)), max(size * rows, 14.0)
        return heading + scale + _framed(_EDGE, y, width, tall, svg.heat(values, limit)), tall + 30
    return _tiles(values.reshape(numbers.shape), y, limit, heading + scale)


def _tiles(values: np.ndarray, y: float, limit: float, heading: str) -> tuple[str, float]:
    """Small pictures in rows, in one image, with paper between them."""
    down, across, rows, columns = values.shape
    there = down * across
    if down == 1:
        # One row breaks where pictures would become too small to be seen.
        a_row = min(across, max(1, int(_ROOM // (max(44.0, 1.4 * columns) + 3))))
        a_row = math.ceil(across / math.ceil(across / a_row))
        lines = math.ceil(across / a_row)
        whole = np.zeros((lines * a_row, rows, columns))
        whole[:there] = values[0]
        values = whole.reshape(lines, a_row, rows, columns)
        down, across = lines, a_row
    between = 1 if columns <= 8 else 2
    sheet = np.zeros((down * (rows + between) - between, across * (columns + between) - between))
    for i in range(down):
        for k in range(across):
            top, left = i * (rows + between), k * (columns + between)
            sheet[top : top + rows, left : left + columns] = values[i, k]
    size = min(_ROOM / sheet.shape[1], _TALLEST / sheet.shape[0] if down <= 8 else 4.0, 12.0)
    width, tall = size * sheet.shape[1], size * sheet.shape[0]
    strokes = []
    for place in range(there):
        x = _EDGE + place % across * (columns + between) * size
        top = y + place // across * (rows + between) * size
        strokes.append(f"M{x:.1f} {top:.1f}h{columns * size:.1f}v{rows * size:.1f}h{-columns * size:.1f}z")
    frames = f'<path class="r" stroke-width=".7" d="{"".join(strokes)}"/>'
    return heading + svg.image(_EDGE, y, width, tall, svg.heat(sheet, limit)) + frames, tall + 30


def _framed(x: float, y: float, width: float, tall: float, png: bytes) -> str:
    frame = f'<rect class="r" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{tall:.1f}"/>'
    return svg.image(x, y, width, tall, png) + frame


def _histogram(histogram: Histogram | None, y: float) -> str:
    """How many numbers lie where, with the ends of the range below."""
    words = [svg.text(_EDGE, y + 12, "How many numbers lie where", "f s")]
    if histogram is None:
        return words[0] + svg.text(_EDGE, y + 40, "No two finite numbers, or too far from each other to be counted.")
    edges = np.linspace(histogram.low / 2, histogram.high / 2, len(histogram.counts) + 1) * 2  # halves do not overflow
    words.append(svg.bars(_EDGE, y + 18, _ROOM, 60.0, histogram.counts, edges))
    words.append(svg.text(_EDGE, y + 92, svg.number(histogram.low), "f s"))
    words.append(svg.text(WIDTH - _EDGE, y + 92, svg.number(histogram.high), "f s", "end"))
    words.append(svg.text(WIDTH - _EDGE, y + 12, f"at most {int(histogram.counts.max()):,} in a bar", "f s", "end"))
    if histogram.low < 0 < histogram.high:
        zero = _EDGE + _ROOM * (-histogram.low / (histogram.high - histogram.low))
        words.append(f'<path class="r" stroke-dasharray="3 3" d="M{zero:.1f} {y + 18:.1f}v60"/>')
        if 40 < zero - _EDGE < _ROOM - 40:
            words.append(svg.text(zero, y + 92, "0", "f s", "middle"))
    return "".join(words)
