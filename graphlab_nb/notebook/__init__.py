"""What a notebook shows of a graph and its training, and how it steers it.

The only folder that imports IPython, comm, ipywidgets and matplotlib.
"""

import importlib as _importlib
import sys as _sys
from typing import Any as _Any

from graphlab_nb import config as _config
from graphlab_nb import export as _export
from graphlab_nb.notebook.curves import log, watch
from graphlab_nb.notebook.steering import TrainingStopped

__all__ = ["LiveCurves", "Playground", "TrainingStopped", "check", "log", "show_graph", "steps", "watch"]

_LAZY = {
    "LiveCurves": "live",
    "Playground": "playground.widget",
    "check": "exercises",
    "show_graph": "displays",
    "steps": "progress",
}


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted([*__all__, "LONG", "plots"])


def __getattr__(name: str) -> _Any:
    """What needs more than NumPy is imported when it is first asked for; LONG is whether GLNB_LONG is 1 now.

    Raises:
      AttributeError: for a name that is not part of it.
    """
    if name == "LONG":
        return _config.LONG.value == "1"
    if name == "plots":
        return _importlib.import_module("graphlab_nb.notebook.plots")
    if name in _LAZY:
        return getattr(_importlib.import_module(f"graphlab_nb.notebook.{_LAZY[name]}"), name)
    raise _export.lacks(_sys.modules[__name__], name)
