"""Which names a module offers."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, NoReturn


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


def lacks(module: ModuleType, name: str) -> AttributeError:
    """The error for a name that a module has not, with the name that may be meant."""
    said = f"module {module.__name__!r} has no attribute {name!r}"
    if not name.startswith("_"):
        import difflib  # only mistakes need it

        known = {thing.lower(): thing for thing in dir(module)}
        meant = difflib.get_close_matches(name.lower(), known, 1, cutoff=0.8)
        said += f". Did you mean: {known[meant[0]]!r}?" if meant else ""
    # With a name and no object, Python adds no suggestion of its own.
    return AttributeError(said, name=name)


def suggest(*modules: ModuleType) -> None:
    """Has modules' errors for names that they lack say which name may be meant."""
    for module in modules:

        def missing(name: str, module: ModuleType = module) -> NoReturn:
            raise lacks(module, name)

        vars(module).setdefault("__getattr__", missing)
