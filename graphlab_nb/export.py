"""Which names a module offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def public_names(namespace: Mapping[str, Any]) -> list[str]:
    """The public functions that a module defines, aliases included, for its `__all__`.

    Classes are left out: operations' definitions are reached by their module.
    """
    module = namespace["__name__"]
    return [
        name
        for name, thing in namespace.items()
        if not name.startswith("_")
        and callable(thing)
        and not isinstance(thing, type)
        and getattr(thing, "__module__", None) == module
    ]
