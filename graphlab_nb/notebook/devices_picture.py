"""Tables of devices: what a session computes on, and all that this machine has, what each serves as and why."""

from __future__ import annotations

import textwrap

from graphlab_nb.notebook import svg
from graphlab_nb.runtime.choice import Report
from graphlab_nb.runtime.device import Inventory
from graphlab_nb.session.device_attributes import DeviceList

WIDTH = 700.0
_EDGE = 16.0
_ROOM = WIDTH - 2 * _EDGE
_COLUMNS = (
    ("serves as", 16.0, 92.0),
    ("device", 112.0, 328.0),
    ("memory", 448.0, 84.0),
    ("units", 548.0, 40.0),
    ("probe", 604.0, 80.0),
)
"""Heads, where columns begin, and their room."""
_WORDS = {True: "works", False: "does not work", None: "not probed"}


def draw_device_list(devices: DeviceList) -> tuple[str, str]:
    """The picture of a session's devices, and what it shows in lines of text."""
    body, y = _head(f"{len(devices)} device{'' if len(devices) == 1 else 's'} of a session", len(_COLUMNS) - 1)
    lines = []
    for device in devices:
        short = "/" + device.name.rpartition("/device:")[2].lower()
        name, _, runtime = device.description.partition(" (")
        cells = (short, name, _memory(device.memory_limit_bytes), str(device.compute_units or "?"))
        y += 20
        body += _row(y, cells)
        if runtime:
            y += 15
            body.append(
                svg.text(
                    _COLUMNS[1][1], y, runtime.removesuffix(")"), "f s", room=WIDTH - _EDGE - _COLUMNS[1][1], size=11.0
                )
            )
        lines.append(f"{short}: {device.description}, {cells[2]}, {cells[3]} compute units")
    return svg.picture(WIDTH, y + 16, "\n".join(lines), body), "\n".join(lines) or "no devices"


def draw_inventory(found: Inventory, text: str) -> tuple[str, str]:
    """The picture of all OpenCL devices of this machine; `text` says the same in words."""
    reports = sorted(found.reports, key=lambda report: not report.role)
    body, y = _head(f"{len(reports)} OpenCL device{'' if len(reports) == 1 else 's'}", len(_COLUMNS))
    for report in reports:
        y += 22
        body += _row(y, _cells(report))
        for line in textwrap.wrap(
            f"{report.platform}, driver {report.driver}, OpenCL {report.opencl}: {report.reason}", 96
        ):
            y += 15
            body.append(svg.text(_COLUMNS[1][1], y, line, "f s", room=WIDTH - _EDGE - _COLUMNS[1][1], size=11.0))
    for kind in ("CPU", "GPU"):
        if not found.of_kind(kind):
            y += 22
            body.append(svg.text(_EDGE, y, f"/{kind.lower()}:0", "f"))
            body.append(svg.text(_COLUMNS[1][1], y, f"absent: no working OpenCL {kind} was found", "f"))
    y += 8
    for note in found.notes:
        for line in textwrap.wrap(note, 104):
            y += 15
            body.append(svg.text(_EDGE, y, line, "f s", room=_ROOM, size=11.0))
    return svg.picture(WIDTH, y + 16, text, body), text


def _head(title: str, columns: int) -> tuple[list[str], float]:
    out = [svg.text(_EDGE, 26, title, "h")]
    out += [svg.text(x, 50, name, "f s") for name, x, _ in _COLUMNS[:columns]]
    return [*out, f'<path class="r" d="M{_EDGE:.0f} 56H{WIDTH - _EDGE:.0f}"/>'], 54.0


def _row(y: float, cells: tuple[str, ...]) -> list[str]:
    return [svg.text(x, y, words, "", room=room) for words, (_, x, room) in zip(cells, _COLUMNS, strict=False)]


def _cells(report: Report) -> tuple[str, ...]:
    memory = _memory(report.memory)
    return report.role or "not used", report.name, memory, str(report.compute_units), _WORDS[report.works]


def _memory(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
