"""What is said where a function of NumPy or `math` is given a tensor: which one it was, and which of ours does the same."""

from __future__ import annotations

import ast
import linecache
import math
import os
import sys
from types import FrameType
from typing import Any

import numpy as np

OURS = {
    "absolute": "abs",
    "all": "reduce_all",
    "amax": "reduce_max",
    "amin": "reduce_min",
    "any": "reduce_any",
    "arccos": "acos",
    "arcsin": "asin",
    "arctan": "atan",
    "clip": "clip_by_value",
    "concatenate": "concat",
    "divide": "div",
    "dot": "matmul",
    "fabs": "abs",
    "isfinite": "is_finite",
    "isinf": "is_inf",
    "isnan": "is_nan",
    "max": "reduce_max",
    "mean": "reduce_mean",
    "min": "reduce_min",
    "mod": "floormod",
    "power": "pow",
    "prod": "reduce_prod",
    "remainder": "floormod",
    "stack": "pack",
    "sum": "reduce_sum",
    "true_divide": "truediv",
}
"""Functions that have another name here than in NumPy."""
_THEIRS = os.path.dirname(os.path.abspath(np.__file__)) + os.sep


def no_value(kind: str, name: str, numpy: bool = True) -> TypeError:
    """The error for a tensor or variable that Python or NumPy wants the numbers of.

    Args:
      kind: "Tensor" or "Variable".
      name: its own.
      numpy: whether it is NumPy that asks.
    """
    asked = _called()
    said = f"{kind} {name} has no value before it is run"
    if asked is None:
        return TypeError(f"{said}; NumPy cannot read it (use session.run)" if numpy else f"{said}; use session.run")
    ours = _ours(asked.partition(".")[2])
    instead = f"use tf.{ours}, or run it in a session first" if ours else "run it in a session first"
    return TypeError(f"{said}, and {asked} needs one: {instead}")


def _ours(name: str) -> str | None:
    """Our function that does what NumPy's of a name does."""
    found = OURS.get(name, name)
    function = getattr(sys.modules["graphlab_nb"], found, None)
    return found if callable(function) and not isinstance(function, type) else None


def _called() -> str | None:
    """The function of NumPy or `math` that the user's line calls at this moment, as "np.sin"."""
    frame: FrameType | None = sys._getframe(1)
    here = __file__, os.path.join(os.path.dirname(__file__), "tensor.py")
    while frame is not None and (frame.f_code.co_filename in here or _is_theirs(frame)):
        frame = frame.f_back
    call = None if frame is None else _call_in(frame)
    if frame is None or call is None:
        return None
    return _named(call.func, {**frame.f_globals, **frame.f_locals})


def _is_theirs(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    return file.startswith((_THEIRS, "<__array_function__")) or file.endswith(
        os.sep + os.path.join("ops", "variables.py")
    )


def _call_in(frame: FrameType) -> ast.Call | None:
    """The call that a frame is in, where its source can be read."""
    places = list(frame.f_code.co_positions())
    first, last, begin, end = places[frame.f_lasti // 2] if frame.f_lasti >= 0 else (None, None, None, None)
    if first is None or last is None or begin is None or end is None:
        return None
    lines = [linecache.getline(frame.f_code.co_filename, k, frame.f_globals) for k in range(first, last + 1)]
    raw = [line.encode() for line in lines]  # columns count bytes
    raw[-1] = raw[-1][:end]
    raw[0] = raw[0][begin:]
    try:
        found = ast.parse(b"(" + b"".join(raw) + b")", mode="eval").body
    except SyntaxError:
        return None
    return found if isinstance(found, ast.Call) else None


def _named(func: ast.expr, names: dict[str, Any]) -> str | None:
    """A called function's name where it is one of NumPy's or of `math`: "np.sin" for `np.sin` and for `sin` alike."""
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if isinstance(func, ast.Attribute):
        module = names.get(func.value.id) if isinstance(func.value, ast.Name) else None
        found = getattr(module, name, None) if module is np or module is math else None
    else:
        found = names.get(name)
    if found is None:
        return None
    for short, module in (("np", np), ("math", math)):
        for known in (name, getattr(found, "__name__", "")):
            if known and getattr(module, known, None) is found:
                return f"{short}.{known}"
    return None
