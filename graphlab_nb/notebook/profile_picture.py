"""The picture of a profile that ends a cell: its kernels by their share of the time."""

from __future__ import annotations

from graphlab_nb.notebook import svg
from graphlab_nb.runtime.peaks import measured_peaks
from graphlab_nb.session.profile import NOTHING, Profile, Row

WIDTH = 760.0
MOST_ROWS = 24
_EDGE, _ROW = 16.0, 32.0
_BAR = (300.0, 150.0)
_NUMBERS = (("ms", 512.0), ("calls", 562.0), ("\u00b5s each", 630.0), ("of peak", 744.0))
"""Heads of the columns of numbers, and where they end."""


def draw_profile(found: Profile) -> tuple[str, str]:
    """The picture of a profile, and its table in text."""
    text = found.table()
    if not found.rows:
        body = [svg.text(_EDGE, 26, "Profile", "h"), svg.text(_EDGE, 46, NOTHING, "f", room=WIDTH - 2 * _EDGE)]
        return svg.picture(WIDTH, 62, text, body), text
    whole = found.seconds or 1.0
    calls = sum(row.calls for row in found.rows)
    title = f"{svg.number(found.seconds * 1e3)} ms in {len(found.rows)} kernels, {calls:,} calls"
    body, y = [svg.text(_EDGE, 26, title, "h")], 34.0
    for name in sorted({row.device for row in found.rows}):
        peaks = measured_peaks(found._devices[name])
        short = "/" + name.rpartition("/device:")[2].lower()
        about = f"{short}: peaks {peaks.flops / 1e9:,.0f} GFLOP/s and {peaks.bandwidth / 1e9:,.1f} GB/s"
        y += 20
        body.append(svg.text(_EDGE, y, about, "f"))
        body += [svg.text(x, y, head, "f s", "end") for head, x in _NUMBERS]
        mine = sorted((row for row in found.rows if row.device == name), key=lambda row: -row.seconds)
        body.append(f'<path class="r" d="M{_EDGE:.0f} {y + 6:.0f}H{WIDTH - _EDGE:.0f}"/>')
        y += 8
        for row in mine[:MOST_ROWS]:
            body += _drawn(row, y, whole, mine[0].seconds, peaks.flops, peaks.bandwidth)
            y += _ROW
        if len(mine) > MOST_ROWS:
            rest = sum(row.seconds for row in mine[MOST_ROWS:])
            words = f"and {len(mine) - MOST_ROWS} more, {rest / whole:.1%} of the time"
            y += 16
            body.append(svg.text(_EDGE, y, words, "f"))
    return svg.picture(WIDTH, y + 16, text, body), text


def _drawn(row: Row, y: float, whole: float, longest: float, flops: float, bandwidth: float) -> list[str]:
    x, wide = _BAR
    share = row.seconds / whole
    length = max(1.5, (wide - 40) * row.seconds / (longest or 1.0))
    others = [name for name in row.fused if name != row.operation]
    fused = f" with {', '.join(others)}" if others else ""
    seconds = max(row.seconds, 1e-12)
    rate, flow = row.flops / seconds / flops, row.nbytes / seconds / bandwidth
    peak = f"{rate:.0%} of FLOP/s" if row.flops and rate > flow else f"{flow:.0%} of GB/s"
    each = row.seconds / row.calls * 1e6
    return [
        svg.text(_EDGE, y + 14, row.operation or row.kernel, room=x - _EDGE - 30),
        svg.text(_EDGE, y + 27, row.kernel + fused, "f s", room=x - _EDGE - 30, size=11.0),
        f'<rect x="{x:.1f}" y="{y + 6:.1f}" width="{length:.1f}" height="14" rx="2" fill="{svg.POSITIVE}"/>',
        svg.text(x + length + 5, y + 17, f"{share:.1%}", "f s"),
        *[
            svg.text(end, y + 17, shown, "", "end")
            for shown, (_, end) in zip(
                (svg.number(row.seconds * 1e3), f"{row.calls:,}", svg.number(each), peak), _NUMBERS, strict=True
            )
        ],
    ]
