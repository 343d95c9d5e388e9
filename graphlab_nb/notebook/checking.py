"""Holds messages to the description of the wire."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", types.NoneType: "null"}
"""Kinds that are no messages, as TypeScript calls them."""


def check(value: Any, kind: Any, where: str = "message") -> None:
    """Holds a value to its description.

    Args:
      value: what came.
      kind: one of `protocol.MESSAGES`, or the type of a part of one.
      where: what to call it.

    Raises:
      ValueError: naming the part that does not fit, and how.
    """
    origin = get_origin(kind)
    if origin is NotRequired:
        check(value, get_args(kind)[0], where)
    elif origin is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{where} is {value!r:.80}; it may be {', '.join(map(repr, get_args(kind)))}")
    elif origin is list:
        if not isinstance(value, list):
            raise ValueError(f"{where} must be a list, not {value!r:.80}")
        for position, item in enumerate(value):
            check(item, get_args(kind)[0], f"{where}[{position}]")
    elif origin in (Union, types.UnionType):
        if value is None and types.NoneType in get_args(kind):
            return
        (rest,) = (part for part in get_args(kind) if part is not types.NoneType)
        check(value, rest, where)
    elif kind in PLAIN:
        fits = isinstance(value, (int, float) if kind is float else kind)
        if not fits or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{where} must be {kind.__name__}, not {value!r:.80}")
    else:
        _check_message(value, kind, where)


def _check_message(value: Any, kind: Any, where: str) -> None:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} must be an object, not {value!r:.80}")
    hints = get_type_hints(kind, include_extras=True)
    for name, part in hints.items():
        if name in value:
            check(value[name], part, f"{where}.{name}")
        elif get_origin(part) is not NotRequired:
            raise ValueError(f"{where}.{name} is missing")
    unknown = sorted(set(value) - set(hints))
    if unknown:
        raise ValueError(f"{where} has no {unknown[0]!r}")
