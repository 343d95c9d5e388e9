"""Where boxes of a graph go: in rows from top to bottom, so that arrows go down and cross little.

The steps are those of K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures",
1981.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

MOST_IN_A_ROW = 7
_SWEEPS = 8
_THIN = 12.0
"""Width of an arrow that passes a row."""


@dataclass
class Placed:
    """Boxes and arrows in their places.

    Attributes:
      centres: x and y of each box's middle.
      paths: for each arrow the points that it goes through, from the foot of a box to the head of another; those of arrows
        that go up go backwards.
      back: which arrows go up.
      width, height: of the whole.
    """

    centres: list[tuple[float, float]]
    paths: list[list[tuple[float, float]]]
    back: list[bool]
    width: float
    height: float


def placed(
    widths: Sequence[float], tall: float, arrows: Sequence[tuple[int, int]], gap: tuple[float, float] = (18.0, 34.0)
) -> Placed:
    """Finds places.

    Args:
      widths: of the boxes, in the order in which they shall come where nothing else decides.
      tall: each box's height.
      arrows: pairs of different boxes, from and to.
      gap: between boxes of a row, and between rows.
    """
    order = _without_circles(len(widths), arrows)
    back = [order[a] > order[b] for a, b in arrows]
    down = [(b, a) if turned else (a, b) for (a, b), turned in zip(arrows, back, strict=True)]
    rows = _rows(order, down)
    rows = _split(rows, order)
    wide = list(widths)
    chains = []
    parents: dict[int, list[int]] = {}
    children: dict[int, list[int]] = {}
    for a, b in down:
        chain = [a]
        for row in range(rows[a] + 1, rows[b]):
            rows.append(row)
            wide.append(_THIN)
            chain.append(len(wide) - 1)
        chain.append(b)
        chains.append(chain)
        for above, below in itertools.pairwise(chain):
            parents.setdefault(below, []).append(above)
            children.setdefault(above, []).append(below)
    table = _ordered(rows, parents, children)
    xs = _across(table, wide, parents, children, gap[0])
    left = min((xs[k] - wide[k] / 2 for k in range(len(wide))), default=0.0)
    right = max((xs[k] + wide[k] / 2 for k in range(len(wide))), default=0.0)
    ys = [row * (tall + gap[1]) + tall / 2 for row in rows]
    paths = []
    for chain in chains:
        points = [(xs[chain[0]] - left, ys[chain[0]] + tall / 2)]
        points += [(xs[k] - left, y) for k in chain[1:-1] for y in (ys[k] - tall / 2, ys[k] + tall / 2)]
        paths.append([*points, (xs[chain[-1]] - left, ys[chain[-1]] - tall / 2)])
    centres = [(xs[k] - left, ys[k]) for k in range(len(widths))]
    return Placed(centres, paths, back, right - left, max(ys, default=0.0) + tall / 2)


def _without_circles(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """Each box's position in an order that all arrows keep to, but for those of circles; first come, first served."""
    waits = [0] * count
    after: list[list[int]] = [[] for _ in range(count)]
    for a, b in arrows:
        after[a].append(b)
        waits[b] += 1
    position = [-1] * count
    ready = [k for k in range(count) if not waits[k]]
    for place in range(count):
        k = min(ready) if ready else min((k for k in range(count) if position[k] < 0), key=lambda k: (waits[k], k))
        if k in ready:
            ready.remove(k)
        position[k] = place
        for b in after[k]:
            waits[b] -= 1
            if not waits[b] and position[b] < 0:
                ready.append(b)
    return position


def _rows(order: list[int], down: Sequence[tuple[int, int]]) -> list[int]:
    """As far down as what is above demands; what nothing is above goes down to just over what needs it."""
    rows = [0] * len(order)
    for a, b in sorted(down, key=lambda pair: order[pair[0]]):
        rows[b] = max(rows[b], rows[a] + 1)
    fed = {b for _, b in down}
    for k in range(len(order)):
        below = [rows[b] for a, b in down if a == k]
        if k not in fed and below:
            rows[k] = min(below) - 1
    return rows


def _split(rows: list[int], order: list[int]) -> list[int]:
    """Breaks rows of too many boxes."""
    out = list(rows)
    shift = 0
    for row in range(max(rows, default=-1) + 1):
        here = sorted((k for k in range(len(rows)) if rows[k] == row), key=lambda k: order[k])
        parts = max(1, -(-len(here) // MOST_IN_A_ROW))
        for place, k in enumerate(here):
            out[k] = row + shift + place * parts // max(len(here), 1)
        shift += parts - 1
    return out


def _ordered(rows: list[int], parents: dict[int, list[int]], children: dict[int, list[int]]) -> list[list[int]]:
    """The rows' boxes from left to right, each near the middle of those it is tied to."""
    table: list[list[int]] = [[] for _ in range(max(rows, default=-1) + 1)]
    for k, its in enumerate(rows):
        table[its].append(k)
    place = {k: float(i) - len(row) / 2 for row in table for i, k in enumerate(row)}
    for sweep in range(_SWEEPS):
        ties = parents if sweep % 2 == 0 else children
        for row in table if sweep % 2 == 0 else reversed(table):
            wish = {k: _mean([place[n] for n in ties[k]]) if ties.get(k) else place[k] for k in row}
            row.sort(key=lambda k: wish[k])
            place.update({k: float(i) - len(row) / 2 for i, k in enumerate(row)})
    return table


def _across(
    table: list[list[int]],
    wide: list[float],
    parents: dict[int, list[int]],
    children: dict[int, list[int]],
    gap: float,
) -> list[float]:
    """Middles of boxes, near those they are tied to and no two in one place."""
    xs = [0.0] * len(wide)
    for row in table:
        _apart(row, xs, wide, gap)
    for sweep in range(2 * _SWEEPS):
        first, second = (parents, children) if sweep % 2 == 0 else (children, parents)
        for row in table if sweep % 2 == 0 else reversed(table):
            for k in row:
                near = first.get(k) or second.get(k)
                if near:
                    xs[k] = _mean([xs[n] for n in near])
            _apart(row, xs, wide, gap)
    return xs


def _apart(row: list[int], xs: list[float], wide: list[float], gap: float) -> None:
    """Moves boxes of a row as little as can be, together where they push each other, until there is room between them."""
    groups: list[tuple[list[int], list[float]]] = []  # boxes that touch, and how far each lies from the first
    middles: list[float] = []
    for k in row:
        members, offsets, middle = [k], [0.0], xs[k]
        while groups:
            before, far = groups[-1]
            step = (wide[before[-1]] + wide[members[0]]) / 2 + gap
            if middles[-1] + far[-1] + step <= middle:
                break
            joined = [*far, *(far[-1] + step + o for o in offsets)]
            start = _mean([middles[-1]] * len(before) + [middle - far[-1] - step] * len(members))
            groups.pop()
            middles.pop()
            members, offsets, middle = [*before, *members], joined, start
        groups.append((members, offsets))
        middles.append(middle)
    for (members, offsets), middle in zip(groups, middles, strict=True):
        for k, offset in zip(members, offsets, strict=True):
            xs[k] = middle + offset


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
