"""What pictures are made of: SVG text that fits light and dark pages, small PNGs within it, and how a notebook is given both.

A picture stands in an output by itself, so all its styles are within it. Where it is part of a page (HTML) it takes
JupyterLab's or VS Code's colours; where it is an image of its own, the reader's preference for light or dark decides.
"""

from __future__ import annotations

import base64
import math
import struct
import unicodedata
import zlib
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

NEGATIVE, POSITIVE, ODD = "#d1354a", "#2f7fe0", "#e8a100"
"""Below zero, above zero, and not a finite number; each can be told from light and dark paper."""
_BAD = "#dc3a45"
LINES = ("#2f7fe0", "#d1354a", "#2a9d5c", "#a05bd6", "#d98200", "#1aa0a8", "#c2569b", "#7a8794")
"""Colours of curves."""
_FACES = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif"
_COLOURS = {
    "paper": ("--jp-layout-color1", "--vscode-editor-background", "#ffffff", "#1b1e23"),
    "ink": ("--jp-content-font-color1", "--vscode-editor-foreground", "#1f2328", "#e8eaed"),
    "faint": ("--jp-content-font-color2", "--vscode-descriptionForeground", "#59636e", "#a9b1bb"),
    "rule": ("--jp-border-color2", "--vscode-panel-border", "#d0d7de", "#444c56"),
    "box": ("--jp-layout-color2", "--vscode-editorWidget-background", "#f3f5f7", "#2a2f36"),
}
_LARGEST = 1e300


def _variables(dark: bool) -> str:
    return "".join(
        f"--glnb-{name}:var({lab},var({code},{(on_light, on_dark)[dark]}));"
        for name, (lab, code, on_light, on_dark) in _COLOURS.items()
    )


_STYLE = (
    f".glnb{{{_variables(False)}color:var(--glnb-ink);font-family:{_FACES};font-size:12px}}"
    f"@media (prefers-color-scheme:dark){{.glnb{{{_variables(True)}}}}}"
    ".glnb text{fill:currentColor}.glnb .f{fill:var(--glnb-faint)}.glnb .h{font-size:15px;font-weight:600}"
    ".glnb .s{font-size:11px}.glnb .r{stroke:var(--glnb-rule);fill:none}.glnb .b{fill:var(--glnb-box);"
    f"stroke:var(--glnb-rule)}}.glnb .w{{fill:{_BAD};font-weight:600}}"
    ".glnb .p{fill:var(--glnb-paper);stroke:var(--glnb-rule)}.glnb image{image-rendering:pixelated}"
)


def clean(text: str) -> str:
    """Text for between tags or in an attribute; what XML cannot hold at all is replaced."""
    kept = "".join(c if _allowed(c) else "\ufffd" for c in text)
    return escape(kept)


def _allowed(char: str) -> bool:
    code = ord(char)
    return (code >= 32 and code not in (0xFFFE, 0xFFFF) and not 0xD800 <= code < 0xE000) or char in "\t\n\r"


def width_of(text: str, size: float = 12.0) -> float:
    """About how wide a text is; each font differs, so on the wide side."""
    return size * sum(
        1.05 if unicodedata.east_asian_width(c) in "WF" else 0.3 if c in "iljt.,:;'|/ " else 0.63 for c in text
    )


def shortened(text: str, room: float, size: float = 12.0) -> str:
    """As much of a text as there is room for: its beginning and its end."""
    if width_of(text, size) <= room:
        return text
    kept = len(text)
    while kept > 2 and width_of(text[:kept], size) + size > room:
        kept -= max(1, kept // 16)
    tail = kept // 3
    return text[: kept - tail] + "\u2026" + (text[-tail:] if tail else "")


def number(value: float, digits: int = 4) -> str:
    """A number in a few characters; a dash for none."""
    if math.isnan(value):
        return "\u2013"
    if math.isinf(value):
        return "\u221e" if value > 0 else "\u2212\u221e"
    shown = f"{value:,.0f}" if 1e4 <= abs(value) < 1e6 else f"{value:.{digits}g}"
    return shown.replace("-", "\u2212")


def text(
    x: float, y: float, words: str, kind: str = "", anchor: str = "", room: float | None = None, size: float = 12.0
) -> str:
    """A line of text; where there is no room for all of it, the whole is what a pointer on it shows."""
    shown = words if room is None else shortened(words, room, size)
    whole = f"<title>{clean(words)}</title>" if shown != words else ""
    kinds = f' class="{kind}"' if kind else ""
    anchors = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kinds}{anchors}>{whole}{clean(shown)}</text>'


def picture(width: float, height: float, label: str, body: Sequence[str]) -> str:
    """A whole picture on paper of its own.

    Args:
      width, height: in pixels; it shrinks where there is less room.
      label: what those hear who do not see it.
      body: its elements.
    """
    w, h = math.ceil(width), math.ceil(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="glnb" role="img" aria-label="{clean(label)}" width="{w}" height="{h}" '
        f'viewBox="0 0 {w} {h}" style="display:block;max-width:100%;height:auto"><style>{_STYLE}</style>'
        f'<rect class="p" x=".5" y=".5" width="{w - 1}" height="{h - 1}" rx="6"/>{"".join(body)}</svg>'
    )


def inline(svg: str, label: str) -> str:
    """HTML that shows a picture in the page's colours.

    A page that does not trust the notebook takes style sheets and drawings out of it and would leave their words; it shows the
    same picture as an image.
    """
    data = base64.b64encode(svg.encode()).decode()
    return (
        "<style>.glnb-in{display:block!important}.glnb-out{display:none!important}</style>"
        f'<div class="glnb-in" style="display:none">{svg}</div>'
        f'<img class="glnb-out" style="max-width:100%" alt="{clean(label)}" src="data:image/svg+xml;base64,{data}">'
    )


def bundle(svg: str, label: str) -> dict[str, Any]:
    """What a notebook keeps of a picture, by type; `label` is all that a terminal shows."""
    return {"image/svg+xml": svg, "text/html": inline(svg, label), "text/plain": label}


def finite(values: np.ndarray) -> np.ndarray:
    """Those of the numbers that can be drawn."""
    flat = np.asarray(values, np.float64).ravel()
    return flat[np.abs(flat) < _LARGEST]


def heat(values: np.ndarray, limit: float) -> bytes:
    """A PNG of a matrix: red below zero, blue above, the paper shows through at zero; one pixel for each number.

    Args:
      values: `[rows, columns]`.
      limit: the size of a number that has the full colour; larger ones have it too.
    """
    numbers = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        levels = np.clip(np.nan_to_num(numbers / (limit or 1.0), nan=0.0), -1, 1)
    indices = (np.rint(levels * 127) + 127).astype(np.uint8)
    indices[np.isnan(numbers)] = 255
    reach = np.abs(np.arange(255) - 127) / 127
    palette = np.array([_rgb(NEGATIVE)] * 127 + [_rgb(POSITIVE)] * 128 + [_rgb(ODD)], np.uint8)
    alphas = np.append(np.rint(reach * 255), 255).astype(np.uint8)
    return _png(indices, palette, alphas)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _png(indices: np.ndarray, palette: np.ndarray, alphas: np.ndarray) -> bytes:
    """A PNG of bytes that number colours; https://www.w3.org/TR/png-3/."""
    rows, columns = indices.shape
    lines = np.zeros((rows, columns + 1), np.uint8)  # each line begins with the number of its filter: none
    lines[:, 1:] = indices
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"tRNS", alphas.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    ]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def image(x: float, y: float, width: float, height: float, png: bytes) -> str:
    """An image, stretched to a rectangle."""
    data = base64.b64encode(png).decode()
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>'
    )


def bars(x: float, y: float, width: float, height: float, values: np.ndarray, edges: np.ndarray | None = None) -> str:
    """Bars side by side from a line at zero, which lies where the numbers leave it.

    Args:
      x, y, width, height: the rectangle that they fill.
      values: their lengths; what is no finite number has a mark instead.
      edges: numbers on the axis that the bars stand on, one more than bars: colours are by them, not by the bars' own sign.
    """
    values = np.asarray(values, np.float64)
    drawn = np.where(np.abs(values) < _LARGEST, values, 0.0)
    low, high = min(0.0, drawn.min(initial=0.0)), max(0.0, drawn.max(initial=0.0))
    span = (high - low) or 1.0
    zero = y + height * (high / span if high > low else 1.0)
    step = width / max(len(drawn), 1)
    gap = min(1.0, step * 0.15)
    signs = drawn if edges is None else np.asarray(edges[:-1]) + np.diff(edges) / 2
    out = []
    for colour, wanted in ((NEGATIVE, signs < 0), (POSITIVE, signs >= 0)):
        steps = [
            f"M{x + k * step:.1f} {zero:.1f}v{-drawn[k] / span * height:.1f}h{step - gap:.2f}V{zero:.1f}z"
            for k in np.flatnonzero(wanted & (drawn != 0))
        ]
        if steps:
            out.append(f'<path fill="{colour}" d="{"".join(steps)}"/>')
    marks = [
        f"M{x + k * step:.1f} {zero - 3:.1f}h{step - gap:.2f}v6h{gap - step:.2f}z"
        for k in np.flatnonzero(drawn != values)
    ]
    if marks:
        out.append(f'<path fill="{ODD}" d="{"".join(marks)}"/>')
    out.append(f'<path class="r" d="M{x:.1f} {zero:.1f}h{width:.1f}"/>')
    return "".join(out)
