"""Curves as a picture: one small chart for each name, the latest run strong and earlier ones faint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.notebook import svg

WIDTH = 620.0
MOST_CHARTS = 12
_EDGE, _GAP = 16.0, 18.0
_LEFT, _HEAD, _FOOT = 52.0, 26.0, 22.0
"""Room within a chart for the numbers of its axis, its name, and the steps."""
_NOTHING = (
    "Losses come by themselves when a training runs next;",
    "while nothing shows curves, none are kept.",
    "Other numbers come by notebook.log and notebook.watch.",
)
_FINE, _COARSE = 1.5, 3.0
"""Pixels that extremes of a curve's points stand for, and those of its means."""
_BENDS = 2
"""How often a curve that only bends crosses a straight line through it."""


@dataclass
class Curve:
    """A curve to draw.

    Attributes:
      name: what it is of; curves of one name share a chart.
      run: the label of its run.
      points: `[3, n]` or `[2, n]`: steps, values.
      latest: whether it is of the latest run.
    """

    name: str
    run: str
    points: np.ndarray
    latest: bool = True


def draw_curves(
    curves: Sequence[Curve],
    height: float = 220.0,
    note: str = "",
    wanted: Sequence[str] = (),
    others: Sequence[str] = (),
) -> tuple[str, str]:
    """The picture of curves, and what it shows in a line of text.

    Args:
      curves: in the order in which names shall come.
      height: of each chart.
      note: a line below.
      wanted, others: where there are no such curves, the names that were asked for, and those that there are.
    """
    names = list(dict.fromkeys(c.name for c in curves))
    shown = names[:MOST_CHARTS]
    if not names:
        head, lines = "No curves yet", list(_NOTHING)
        if others:
            head = f"No curve named {' or '.join(repr(name) for name in wanted)} yet"
            lines = [f"There {'is' if len(others) == 1 else 'are'} {', '.join(others)}."]
        body = [svg.text(_EDGE, 30, head, "h", room=WIDTH - 2 * _EDGE)]
        body += [svg.text(_EDGE, 54 + 17 * k, line, "f", room=WIDTH - 2 * _EDGE) for k, line in enumerate(lines)]
        return svg.picture(WIDTH, height + _EDGE + _GAP, f"{head}. {' '.join(lines)}", body), head
    across = 1 if len(shown) == 1 else 2
    wide = (WIDTH - 2 * _EDGE - _GAP * (across - 1)) / across
    body, labels = [], []
    for place, name in enumerate(shown):
        x = _EDGE + place % across * (wide + _GAP)
        y = _EDGE + place // across * (height + _GAP)
        drawn, label = _chart([c for c in curves if c.name == name], place, x, y, wide, height)
        body.append(drawn)
        labels.append(label)
    y = _EDGE + math.ceil(len(shown) / across) * (height + _GAP)
    if len(names) > len(shown):
        note = f"{note}  " * bool(note) + f"{len(names) - len(shown):,} more curves are not shown."
    if note:
        body.append(svg.text(_EDGE, y + 8, note, "f s", room=WIDTH - 2 * _EDGE, size=11.0))
        y += 18
    label = "; ".join(labels)
    return svg.picture(WIDTH, y, label, body), label


def _chart(curves: Sequence[Curve], place: int, x: float, y: float, wide: float, high: float) -> tuple[str, str]:
    colour = svg.LINES[place % len(svg.LINES)]
    box = (x + _LEFT, y + _HEAD, wide - _LEFT - 6, high - _HEAD - _FOOT)
    steps = svg.finite(np.concatenate([c.points[0] for c in curves]))
    values = svg.finite(np.concatenate([c.points[1] for c in curves]))
    across, up = _range(steps), _range(values, 0.06)
    words, odd = _latest(curves)
    out = [
        f'<rect x="{x:.1f}" y="{y + 4:.1f}" width="10" height="10" rx="2" fill="{colour}"/>',
        svg.text(x + 16, y + 13, curves[0].name, room=wide * 0.42 - 16),
        svg.text(x + wide - 6, y + 13, words, "f s", "end", wide * 0.58 - 10, 11.0),
    ]
    heights = ticks(*up, 5) if values.size else []
    for tick, written in zip(heights, _written(heights), strict=True):
        at = box[1] + box[3] * (1 - _share(tick, up))
        out.append(f'<path class="r" stroke-opacity=".6" d="M{box[0]:.1f} {at:.1f}h{box[2]:.1f}"/>')
        out.append(svg.text(box[0] - 6, at + 4, written, "f s", "end"))
    marks = ticks(*across, 6 if wide > 400 else 4) if steps.size else ()
    whole = not np.any(steps % 1)
    for tick in marks:
        if whole and tick % 1:
            continue
        at = box[0] + box[2] * _share(tick, across)
        out.append(svg.text(at, box[1] + box[3] + 15, f"{tick:,.6g}", "f s", "middle"))
    out.append(f'<path class="r" d="M{box[0]:.1f} {box[1]:.1f}v{box[3]:.1f}h{box[2]:.1f}"/>')
    for curve in sorted(curves, key=lambda c: c.latest):
        out.append(_line(curve, box, across, up, colour))
    if odd:
        out.append(svg.text(box[0] + 6, box[1] + 14, odd, "w s"))
    return "".join(out), f"{curves[0].name} {words}" + (f", {odd}" if odd else "")


def _written(ticks: Sequence[float]) -> list[str]:
    """What stands at ticks: where four digits do not tell them apart, how much they are above the first one."""
    texts = [svg.number(tick) for tick in ticks]
    if len(set(texts)) == len(texts):
        return texts
    return [svg.number(ticks[0], 3), *(f"+{svg.number(tick - ticks[0])}" for tick in ticks[1:])]


def _latest(curves: Sequence[Curve]) -> tuple[str, str]:
    """The newest value of the latest run, and how many of its values are no finite numbers."""
    curve = next((c for c in reversed(curves) if c.latest), curves[-1])
    if not curve.points.shape[1]:
        return "no points yet", ""
    step, value = (float(n) for n in curve.points[:2, -1])
    shown = "NaN" if math.isnan(value) else svg.number(value)
    bad = curve.points.shape[1] - len(svg.finite(curve.points[1]))
    step_words = f"{step:,.6g}" if math.isfinite(step) else "?"
    return f"{shown} at step {step_words}", f"{bad:,} not finite" if bad else ""


def _line(
    curve: Curve, box: tuple[float, ...], across: tuple[float, float], up: tuple[float, float], colour: str
) -> str:
    x, y, wide, high = box
    steps, values = curve.points[0], curve.points[1]
    good = (np.abs(steps) < math.inf) & (np.abs(values) < 1e300)
    xs = np.where(good, x + wide * _share(np.where(good, steps, across[0]), across), np.nan)
    ys = np.where(good, y + high * (1 - _share(np.where(good, values, up[0]), up)), np.nan)
    if len(xs) == 1 and good[0]:
        return f'<circle cx="{xs[0]:.1f}" cy="{ys[0]:.1f}" r="3" fill="{colour}"/>'
    raw = _path(*thin(xs, ys))
    faint = f'<path d="{raw}" fill="none" stroke="{colour}" stroke-linejoin="round"'
    if not curve.latest:
        return f'{faint} stroke-opacity=".25"/>'
    if good.sum() < 50:
        return f'{faint} stroke-width="1.8"/>'
    smooth = _path(*thin(xs, _smoothed(ys), _COARSE))
    strong = f'<path d="{smooth}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-linejoin="round"/>'
    return f'{faint} stroke-opacity=".4" stroke-width=".8"/>{strong}'


def _smoothed(ys: np.ndarray) -> np.ndarray:
    """Means over a fiftieth of the points around each; gaps stay."""
    around = max(1, len(ys) // 100)
    known = ~np.isnan(ys)
    sums = np.cumsum(np.concatenate([[0.0], np.where(known, ys, 0.0)]))
    counts = np.cumsum(np.concatenate([[0], known]))
    # At the ends as many on the one side as there are on the other, so that the line does not lean.
    places = np.arange(len(ys))
    reach = np.minimum(np.minimum(places, len(ys) - 1 - places), around)
    starts, ends = places - reach, places + reach + 1
    means = (sums[ends] - sums[starts]) / np.maximum(counts[ends] - counts[starts], 1)
    for end in (slice(0, 2 * around + 1), slice(len(ys) - 2 * around - 1, len(ys))):
        line, share = _line_at_end(ys[end])
        outer = reach[end] < around
        means[end] += np.where(outer, share * (line - means[end]), 0.0)
    return np.where(known, means, np.nan)


def _line_at_end(ys: np.ndarray) -> tuple[np.ndarray, float]:
    """A straight line through the points of an end, and how much of the smoothed curve it is there, 0 to 1.

    So few points as are around the last ones are their own noise, or the phase that a period is in. Where the points go to and
    fro across the line, it is the curve; where they only bend away from it, they themselves are.
    """
    places = np.flatnonzero(~np.isnan(ys))
    if len(places) < 4:
        return ys, 0.0
    x, y = places - places.mean(), ys[places]
    line = y.mean() + (x @ y) / (x @ x) * (np.arange(len(ys)) - places.mean())
    above = (y - line[places]) > 0
    crossings = int(np.count_nonzero(above[1:] != above[:-1]))
    return np.clip(line, y.min(), y.max()), min(1.0, max(0.0, (crossings - _BENDS) / 2))


def thin(xs: np.ndarray, ys: np.ndarray, pixels: float = _FINE) -> tuple[np.ndarray, np.ndarray]:
    """Of the points that share so many pixels' width only first, lowest, highest and last, in order; gaps stay."""
    if len(xs) < 200:
        return xs, ys
    # NaN has a column of its own on each side, so that a gap within a column is kept as one.
    columns = np.where(np.isnan(xs), -1e6, np.floor(np.nan_to_num(xs) / pixels))
    starts = np.flatnonzero(np.concatenate([[True], columns[1:] != columns[:-1]]))
    ends = np.append(starts[1:], len(xs))
    filled = np.nan_to_num(ys)
    kept: set[int] = set()
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start <= 4:
            kept.update(range(start, end))
            continue
        part = filled[start:end]
        kept.update((start, end - 1, start + int(part.argmin()), start + int(part.argmax())))
    order = np.array(sorted(kept))
    return xs[order], ys[order]


def _path(xs: np.ndarray, ys: np.ndarray) -> str:
    out, pen = [], "M"
    for a, b in zip(xs.tolist(), ys.tolist(), strict=True):
        if math.isnan(a) or math.isnan(b):
            pen = "M"
            continue
        out.append(f"{pen}{a:.1f} {b:.1f}")
        pen = "L"
    return "".join(out)


def _range(values: np.ndarray, margin: float = 0.0) -> tuple[float, float]:
    """From the least to the greatest, and never empty."""
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low == high:
        apart = abs(low) * 0.1 or 0.5
        return low - apart, high + apart
    return low - (high - low) * margin, high + (high - low) * margin


def _share(value: Any, limits: tuple[float, float]) -> Any:
    """Where a number, or each of an array, lies between limits: 0 at the first, 1 at the second."""
    return (value - limits[0]) / (limits[1] - limits[0])


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from low to high, at most so many (about)."""
    rough = (high - low) / max(most, 1)
    if not (rough > 0 and math.isfinite(rough)):
        return []
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * n for n in (1, 2, 2.5, 5, 10) if scale * n >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [(first + k) * step for k in range(min(count, 2 * most))]
