"""The picture of a graph that ends a cell: its scopes as boxes, with arrows from top to bottom."""

from __future__ import annotations

import textwrap

from graphlab_nb.graph.graph import Graph
from graphlab_nb.notebook import svg
from graphlab_nb.notebook.grouping import Box, Boxes, boxes_of
from graphlab_nb.notebook.layers import placed

_TALL, _NARROWEST, _WIDEST = 38.0, 84.0, 168.0
_EDGE = 16.0
_TOP = 58.0
_COLOURS = {
    "variable": svg.POSITIVE,
    "placeholder": "#2a9d5c",
    "training": "#d98200",
    "gradient": "#a05bd6",
    "failed": svg.NEGATIVE,
}
_WORDS = {
    "variable": "variable",
    "placeholder": "placeholder",
    "gradient": "gradients",
    "training": "training",
    "failed": "failed",
}


def label_of(boxes: Boxes) -> str:
    """A graph in a line of text."""
    if not boxes.operations:
        return "tf.Graph: empty"
    words = f"tf.Graph: {_count(boxes.operations, 'operation')}, {_count(boxes.variables, 'variable')}"
    return words + (f"; {boxes.boxes[-1].name} could not be made" if boxes.message else "")


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def draw_graph(graph: Graph) -> tuple[str, str]:
    """The picture of a graph, and what it shows in a line of text."""
    boxes = boxes_of(graph)
    label = label_of(boxes)
    numbers = {box: k for k, box in enumerate(boxes.boxes)}
    widths = [_width(box) for box in boxes.boxes]
    arrows = [(numbers[a], numbers[b]) for a, b in boxes.arrows]
    place = placed(widths, _TALL, arrows)
    message = textwrap.wrap(boxes.message, 90)[:6] if boxes.message else []
    notes = [f"Left out: {', '.join(boxes.left_out)}."] if boxes.left_out else []
    needed = max(
        [place.width, 300.0, *(svg.width_of(line, 12) for line in message), *(svg.width_of(n, 11) for n in notes)]
    )
    width, right = needed + 2 * _EDGE, (needed - place.width) / 2 + _EDGE
    body = [svg.text(_EDGE, 26, f"Graph of {_count(boxes.operations, 'operation')}", "h"), *_key(boxes)]
    if not boxes.boxes:
        words = "Nothing is in it yet." if not boxes.operations else "Nothing in it is to be drawn."
        body.append(svg.text(_EDGE, _TOP + 14, words, "f"))
        place.height = 20.0
    for path, turned, waits in zip(place.paths, place.back, boxes.arrows.values(), strict=True):
        beside = right + (14 if turned else 0)  # so that it is seen beside one that goes down between the same two
        body.append(_arrow([(x + beside, y + _TOP) for x, y in path], turned, waits))
    for box, (x, y), wide in zip(boxes.boxes, place.centres, widths, strict=True):
        body.append(_drawn(box, x + right - wide / 2, y + _TOP - _TALL / 2, wide))
    y = _TOP + place.height + 24
    for line in message:
        body.append(svg.text(_EDGE, y, line, "w s"))
        y += 15
    for note in notes:
        body.append(svg.text(_EDGE, y, note, "f s"))
        y += 15
    return svg.picture(width, y, label, body), label


def _width(box: Box) -> float:
    needed = max(svg.width_of(box.name, 12), svg.width_of(box.note, 10.5)) + 22
    return min(max(needed, _NARROWEST), _WIDEST)


def _key(boxes: Boxes) -> list[str]:
    """What the colours mean, of those that are there."""
    out, x = [], _EDGE
    for kind, words in _WORDS.items():
        if any(box.kind == kind for box in boxes.boxes):
            out.append(f'<rect x="{x:.0f}" y="36" width="10" height="10" rx="2" fill="{_COLOURS[kind]}"/>')
            out.append(svg.text(x + 14, 45, words, "f s"))
            x += 26 + svg.width_of(words, 11)
    return out


def _arrow(points: list[tuple[float, float]], turned: bool, waits: bool) -> str:
    """A line that bends between rows; its head is drawn with it, since markers' names would be those of the whole page."""
    (x, y), end = points[0], points[-1]
    steps = [f"M{x:.1f} {y:.1f}"]
    stop = (end[0], end[1] - (0 if turned else 5))
    for k, (nx, ny) in enumerate([*points[1:-1], stop]):
        straight = k % 2 == 1 and len(points) > 2
        middle = (y + ny) / 2
        steps.append(f"V{ny:.1f}" if straight else f"C{x:.1f} {middle:.1f} {nx:.1f} {middle:.1f} {nx:.1f} {ny:.1f}")
        x, y = nx, ny
    tip, way = (points[0], -1) if turned else (end, 1)
    dashes = ' stroke-dasharray="4 3"' if waits or turned else ""
    head = f"M{tip[0]:.1f} {tip[1]:.1f}l-4 {-6 * way}h8z"
    line = f'<path d="{"".join(steps)}" fill="none" stroke="var(--glnb-faint)" stroke-opacity=".75"{dashes}/>'
    return f'{line}<path d="{head}" fill="var(--glnb-faint)"/>'


def _drawn(box: Box, x: float, y: float, width: float) -> str:
    colour = _COLOURS.get(box.kind)
    round_ = (
        6 if box.kind in ("scope", "more", "gradient", "training", "summary") else _TALL / 2 if box.kind == "op" else 2
    )
    stroke = f' style="stroke:{colour}"' if colour else ""
    middle, room = x + width / 2, width - 14
    shape = (
        f'<rect class="b" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_TALL:.0f}" rx="{round_:.0f}"{stroke}/>'
    )
    if box.kind == "more" or (box.kind == "scope" and box.size > 1):
        # A second edge, as of a stack: there is more inside.
        shape = f'<path class="r" d="M{x + 5:.1f} {y + _TALL + 3:.1f}H{x + width - 5:.1f}"/>' + shape
    if colour:
        shape += f'<rect x="{x:.1f}" y="{y:.1f}" width="4" height="{_TALL:.0f}" rx="2" fill="{colour}"/>'
    if not box.note:
        return shape + svg.text(middle, y + _TALL / 2 + 4, box.name, "", "middle", room)
    name = svg.text(middle, y + 16, box.name, "", "middle", room)
    return shape + name + svg.text(middle, y + 30, box.note, "f s", "middle", room, 10.5)
