"""Writes the description of the wire for the panel."""

from __future__ import annotations

import types
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from graphlab_nb.notebook import checking, protocol


def _typescript_of(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is NotRequired:
        return _typescript_of(get_args(kind)[0])
    if origin is Literal:
        return " | ".join(f"'{value}'" for value in get_args(kind))
    if origin is list:
        inner = _typescript_of(get_args(kind)[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin in (Union, types.UnionType):
        return " | ".join(map(_typescript_of, get_args(kind)))
    return checking.PLAIN.get(kind) or f"I{kind.__name__}"


def typescript() -> str:
    """The description as TypeScript."""
    parts = [
        "// Written by `python -m graphlab_nb.notebook.typescript`: change graphlab_nb/notebook/protocol.py instead.\n",
        f"export const VERSION = {protocol.VERSION};",
        f"export const COMM_ID = '{protocol.COMM_ID}';",
        f"export const KEY = '{protocol.KEY}';",
        "export const STATISTICS = [" + ", ".join(f"'{name}'" for name in protocol.STATISTICS) + "] as const;",
    ]
    for message in protocol.MESSAGES:
        lines = [line.strip() for line in (message.__doc__ or "").strip().splitlines()]
        if len(lines) == 1:
            parts.append(f"\n/** {lines[0]} */")
        else:
            parts.append("\n/**\n" + "\n".join(f" * {line}".rstrip() for line in lines) + "\n */")
        parts.append(f"export interface I{message.__name__} {{")
        hints = get_type_hints(message, include_extras=True)
        for name, kind in hints.items():
            optional = "?" if get_origin(kind) is NotRequired else ""
            parts.append(f"  {name}{optional}: {_typescript_of(kind)};")
        parts.append("}")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    print(typescript(), end="")
