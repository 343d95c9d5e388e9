"""`%glnb`, after `%load_ext graphlab_nb`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError

from graphlab_nb.notebook import bridge
from graphlab_nb.runtime import device


def glnb(line: str) -> None:
    """Shows what graphlab_nb has to show.

    %glnb panel     opens the panel beside this notebook: graph, values and curves
    %glnb devices   lists every OpenCL device, what it serves as and why
    """
    words = line.split()
    act = _ACTS.get(words[0]) if len(words) == 1 else None
    if act is None:
        said = f"%glnb {line}".strip()
        raise UsageError(f"{said}: %glnb is followed by {' or '.join(_ACTS)}; %glnb? tells what they do")
    act()


def _panel() -> None:
    found = bridge.install()
    if found is None:
        raise UsageError("%glnb panel opens a panel of JupyterLab, and this is no Jupyter kernel")
    found.open_panel()


def _devices() -> None:
    print(device.describe())


_ACTS: dict[str, Callable[[], Any]] = {"panel": _panel, "devices": _devices}


def load(shell: Any) -> None:
    """Gives a shell the magic, and tab completion of what may follow it."""
    shell.register_magic_function(glnb, "line", "glnb")
    shell.set_hook("complete_command", lambda _, event: list(_ACTS), str_key="%glnb")
