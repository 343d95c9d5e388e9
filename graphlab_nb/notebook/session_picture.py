"""The picture of a session that ends a cell: where it computes, and its variables with statistics and health."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graphlab_nb import errors
from graphlab_nb.graph.graph import Operation
from graphlab_nb.notebook import svg
from graphlab_nb.notebook.variable_picture import shape_of
from graphlab_nb.ops.state import Variable
from graphlab_nb.session.inspect import Inspector
from graphlab_nb.session.session import BaseSession
from graphlab_nb.session.statistics import Statistics

MOST_ROWS = 40
_EDGE = 16.0
_ROW = 20.0
_NUMBERS = ("mean", "deviation", "min", "max")
_RIGHT = (388.0, 474.0, 560.0, 646.0)
"""Where the columns of numbers end."""
_BAR = (662.0, 76.0)
WIDTH = _BAR[0] + _BAR[1] + _EDGE


@dataclass
class Row:
    """A variable in the table; `statistics` is None where it has no value."""

    name: str
    shape: str
    dtype: str
    statistics: Statistics | None


def rows_of(session: BaseSession) -> tuple[list[Row], int]:
    """The first variables of an open session with their statistics, and how many there are."""
    memory, remote = session._resources.variables, session._remote
    ops = [op for op in session.graph.get_operations() if isinstance(op.definition, Variable)]
    shown = ops[:MOST_ROWS]
    if remote is not None:
        return [
            _row(op, there and there.dims, there and there.statistics)
            for op, there in zip(shown, remote.variables(shown), strict=True)
        ], len(ops)
    have = [op for op in shown if op in memory and memory[op].initialized]
    counted = [op for op in have if op.outputs[0].dtype.base_dtype.c_type is not None]
    statistics: dict[Operation, Statistics] = {}
    if counted:
        statistics = dict(zip(counted, Inspector(session).statistics(counted).result(), strict=True))
    return [_row(op, memory[op].dims if op in memory else None, statistics.get(op)) for op in shown], len(ops)


def _row(op: Operation, dims: Sequence[int] | None, statistics: Statistics | None) -> Row:
    shape = shape_of(op.outputs[0].dims if dims is None else dims)
    return Row(op.name, shape, op.outputs[0].dtype.base_dtype.name, statistics)


def draw_session(session: BaseSession) -> tuple[str, str]:
    """The picture of a session, and what it shows in a line of text."""
    kind = type(session).__name__
    title = f"{kind} {session.number}"
    devices = _devices(session)
    state = "closed" if session._closed else "open"
    runs = f"{session.runs:,} run{'' if session.runs == 1 else 's'}"
    lines = [f"{state} \u00b7 {runs} \u00b7 graph of {session.graph.version:,} operations", devices]
    rows: list[Row] = []
    count = 0
    if session._closed:
        lines.append("Its variables' values are gone.")
    else:
        try:
            rows, count = rows_of(session)
        except (errors.OpError, RuntimeError, TypeError) as error:  # closed at this moment, or the device failed
            lines.append(str(error))
        else:
            if not count:
                lines.append("The graph has no variables.")
    label = f"tf.{kind} {session.number}: {state}, {runs}, {devices}"
    if count:
        label += f"; {count} variable{'' if count == 1 else 's'}"
    body = [svg.text(_EDGE, 26, title, "h")]
    y = 44.0
    for line in lines:
        body.append(svg.text(_EDGE, y, line, "f", room=WIDTH - 2 * _EDGE))
        y += 17
    if rows:
        y += 8
        body += _heads(y)
        for row in rows:
            y += _ROW
            body += _drawn(row, y)
        if count > len(rows):
            y += _ROW
            body.append(svg.text(_EDGE, y, f"and {count - len(rows):,} more", "f"))
        y += 14
        label = "\n".join([label, *map(_in_words, rows)])  # for those who do not see the table
    return svg.picture(WIDTH, y, label, body), label


def _devices(session: BaseSession) -> str:
    """Where a session computes: this machine's devices, or a cluster's target and tasks."""
    if session._remote is None:
        return ", ".join(f"{d.name} {d.description}" for d in session._devices)
    try:
        names = [device.name.replace("/replica:0", "") for device in session.list_devices()]
    except errors.OpError as error:
        return f"{session.sess_str}: {error.message}"
    return f"{session.sess_str}: {', '.join(names)}"


def _in_words(row: Row) -> str:
    if row.statistics is None:
        return f"{row.name} {row.shape} {row.dtype}: no value yet"
    words = [f"{name} {svg.number(getattr(row.statistics, name))}" for name in _NUMBERS]
    odd = row.statistics.nan + row.statistics.inf
    return f"{row.name} {row.shape} {row.dtype}: {', '.join(words)}" + (f", {odd:,} not finite" if odd else "")


def _heads(y: float) -> list[str]:
    words = [svg.text(_EDGE, y, "variable", "f s"), svg.text(150, y, "shape", "f s"), svg.text(252, y, "type", "f s")]
    words += [svg.text(x, y, name, "f s", "end") for x, name in zip(_RIGHT, _NUMBERS, strict=True)]
    words.append(svg.text(_BAR[0], y, "signs, NaN, \u221e", "f s"))
    return [*words, f'<path class="r" d="M{_EDGE:.0f} {y + 6:.0f}H{WIDTH - _EDGE:.0f}"/>']


def _drawn(row: Row, y: float) -> list[str]:
    out = [
        svg.text(_EDGE, y, row.name, room=126),
        svg.text(150, y, row.shape, "f", room=98),
        svg.text(252, y, row.dtype, "f", room=54),
    ]
    found = row.statistics
    if found is None:
        return [*out, svg.text(_RIGHT[0], y, "no value yet", "f", "end")]
    numbers = [getattr(found, name) for name in _NUMBERS]
    out += [svg.text(x, y, svg.number(n, 3), "", "end", 72) for x, n in zip(_RIGHT, numbers, strict=True)]
    return [*out, _health(found, _BAR[0], y - 10, _BAR[1])]


def _health(found: Statistics, x: float, y: float, width: float) -> str:
    """Which parts of the numbers are below zero, zero, above, and not finite; the last is never too thin to be seen."""
    odd = found.nan + found.inf
    parts = (
        (found.negative, svg.NEGATIVE, "below zero"),
        (found.zeros, "var(--glnb-rule)", "zero"),
        (found.count - found.negative - found.zeros - odd, svg.POSITIVE, "above zero"),
        (odd, svg.ODD, "not finite"),
    )
    words = ", ".join(f"{n:,} {what}" for n, _, what in parts if n)
    widths = _widths([n for n, _, _ in parts], width)
    out = [f"<g><title>{svg.clean(words)}</title>"]
    for (_, colour, _), wide in zip(parts, widths, strict=True):
        if wide:
            out.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="11" fill="{colour}"/>')
            x += wide
    return "".join(out) + "</g>"


def _widths(counts: Sequence[int], width: float) -> list[float]:
    """Widths by counts; of what there is, none is below 3."""
    total = sum(counts)
    wide = [max(3.0, width * n / total) if n else 0.0 for n in counts]
    return [w * width / math.fsum(wide) for w in wide] if total else wide
