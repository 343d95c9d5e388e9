"""The picture of an operation or tensor that ends a cell: what it is, where it was made, what feeds it and who reads it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.places import made_by
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import svg
from graphlab_nb.notebook.describe import detail
from graphlab_nb.notebook.protocol import Attribute
from graphlab_nb.notebook.variable_picture import shape_of

WIDTH = 640.0
MOST_BESIDE = 6
_EDGE, _ROW, _TALL, _WIDE = 16.0, 46.0, 36.0, 178.0
_ROOM = WIDTH - 2 * _EDGE
_MOST_ATTRIBUTES = 4

Neighbour = tuple[str, str, bool]
"""A name, a note below it, and whether it is only waited for."""


def _place(op: Operation) -> str:
    """Where an operation was made, without the file's folder, which would hide the rest."""
    folder = os.path.dirname(op.user_line[0])
    return made_by(op).replace(folder + os.sep, "", 1) if folder else made_by(op)


def draw_tensor(tensor: Tensor) -> tuple[str, str]:
    """The picture of a tensor: its operation, and who reads this output of it."""
    return _drawn(tensor.op, tensor)


def draw_operation(op: Operation) -> tuple[str, str]:
    """The picture of an operation, and what it shows in a line of text."""
    return _drawn(op, None)


def _drawn(op: Operation, tensor: Tensor | None) -> tuple[str, str]:
    graph = op.graph
    waiting = [other for other in graph.get_operations() if op in other.control_inputs]
    readers = tensor.consumers() if tensor is not None else [c for t in op.outputs for c in t.consumers()]
    before = [_of_tensor(t) for t in op.inputs] + [(c.name, c.type, True) for c in op.control_inputs]
    after = [(c.name, c.type, False) for c in dict.fromkeys(readers)] + [(c.name, c.type, True) for c in waiting]
    outputs = [tensor] if tensor is not None else list(op.outputs)
    kinds = ", ".join(f"{shape_of(t.dims)} {t.dtype.name}" for t in outputs) or "no output"
    asked = f" \u00b7 on {op.device}" if op.device else ""
    name = op.name if tensor is None else tensor.name
    facts = [f"{op.type} \u00b7 {kinds}{asked}", f"made by {_place(op)}"]
    gone = f"Taken out of its graph: {graph.ended}" if graph.ended and op not in graph.get_operations() else ""
    if graph.ended and not gone:
        facts.append(f"Its graph is none to build on any more: {graph.ended}.")
    told = detail(op, "", None)
    if told["description"]:
        facts.append(told["description"])
    attributes = ", ".join(f"{a['name']} = {a['value']}" for a in _said(told["attributes"]))
    if attributes:
        facts.append(" ".join(attributes.split()))
    body = [svg.text(_EDGE, 26, name, "h", room=_ROOM, size=15.0)]
    y = 45.0
    if gone:
        body.append(svg.text(_EDGE, y, gone, "w", room=_ROOM))
        y += 17
    for fact in facts:
        body.append(svg.text(_EDGE, y, fact, "f", room=_ROOM))
        y += 17
    drawn, tall = _neighbourhood(op, before, after, y)
    label = repr(tensor if tensor is not None else op)
    label += f": {gone}; {facts[0]}" if gone else f": {facts[0]}"
    label += f", {facts[1]}; {_in_words('from', before)}; {_in_words('read by', after)}"
    return svg.picture(WIDTH, y + tall + 10, label, [*body, *drawn]), label


def _said(attributes: Sequence[Attribute]) -> list[Attribute]:
    """The first attributes that say something."""
    return [a for a in attributes if a["value"] not in ("", "None", "()", "[]")][:_MOST_ATTRIBUTES]


def _of_tensor(tensor: Tensor) -> Neighbour:
    return tensor.name, f"{shape_of(tensor.dims)} {tensor.dtype.base_dtype.name}", False


def _in_words(what: str, beside: Sequence[Neighbour]) -> str:
    if not beside:
        return f"{what} nothing"
    more = f" and {len(beside) - MOST_BESIDE} more" if len(beside) > MOST_BESIDE else ""
    return f"{what} " + ", ".join(f"{name} {note}" for name, note, _ in beside[:MOST_BESIDE]) + more


def _neighbourhood(
    op: Operation, before: Sequence[Neighbour], after: Sequence[Neighbour], y: float
) -> tuple[list[str], float]:
    """What it is made of on the left, itself in the middle, and what reads it on the right."""
    rows = max(1, *(min(len(side), MOST_BESIDE) + (len(side) > MOST_BESIDE) for side in (before, after)))
    tall = rows * _ROW
    middle, centre = y + tall / 2, WIDTH / 2
    out = []
    for side, x, word in ((before, _EDGE, "nothing feeds it"), (after, WIDTH - _EDGE - _WIDE, "nothing reads it yet")):
        shown = list(side[:MOST_BESIDE])
        if len(side) > MOST_BESIDE:
            shown.append((f"and {len(side) - MOST_BESIDE} more", "", False))
        if not shown:
            out.append(svg.text(x + _WIDE / 2, middle + 4, word, "f", "middle"))
        top = middle - len(shown) * _ROW / 2
        for k, (name, note, waits) in enumerate(shown):
            at = top + k * _ROW + _ROW / 2
            out.append(_box(x, at, name, note))
            start, end = ((x + _WIDE, at), (centre - _WIDE / 2, middle)) if side is before else (
                (centre + _WIDE / 2, middle), (x, at))  # fmt: skip
            out.append(_arrow(start, end, waits))
    out.append(_box(centre - _WIDE / 2, middle, op.name, op.type, strong=True))
    return out, tall


def _box(x: float, middle: float, name: str, note: str, strong: bool = False) -> str:
    y, centre = middle - _TALL / 2, x + _WIDE / 2
    stroke = f' style="stroke:{svg.POSITIVE};stroke-width:2"' if strong else ""
    shape = f'<rect class="b" x="{x:.1f}" y="{y:.1f}" width="{_WIDE:.0f}" height="{_TALL:.0f}" rx="6"{stroke}/>'
    if not note:
        return shape + svg.text(centre, middle + 4, name, "f", "middle", _WIDE - 26)
    first = svg.text(centre, y + 15, name, "", "middle", _WIDE - 26)
    return shape + first + svg.text(centre, y + 29, note, "f s", "middle", _WIDE - 26, 11.0)


def _arrow(start: tuple[float, float], end: tuple[float, float], waits: bool) -> str:
    (x, y), (u, v) = start, end
    half, dashes = (x + u) / 2, ' stroke-dasharray="4 3"' if waits else ""
    line = f"M{x:.1f} {y:.1f}C{half:.1f} {y:.1f} {half:.1f} {v:.1f} {u - 6:.1f} {v:.1f}"
    return (
        f'<path d="{line}" fill="none" stroke="var(--glnb-faint)" stroke-opacity=".75"{dashes}/>'
        f'<path d="M{u:.1f} {v:.1f}l-7 -4v8z" fill="var(--glnb-faint)"/>'
    )
