"""`frozen`: makes classes of attributes that never change, as a frozen dataclass is one, in a hundredth of the time.

`dataclasses.dataclass` writes and compiles six functions for each class, which for all operations' definitions took half of
this package's import. The functions here are one set for all classes, and find the attributes' names in the class.
"""

from __future__ import annotations

import inspect
from typing import Any, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound=type)


@dataclass_transform(frozen_default=True)
def frozen(cls: _Class) -> _Class:
    """Makes the annotations of a class its attributes: arguments of its constructor that never change.

    Objects of one class with equal attributes are equal and have one hash. Attributes of bases come first; a value in the
    class is the default; `ClassVar`s are left alone; what the class defines itself stays.
    """
    names: dict[str, None] = {}
    for base in cls.__mro__[:0:-1]:
        names |= dict.fromkeys(base.__dict__.get("_attributes", ()))
    for name, kind in inspect.get_annotations(cls).items():
        if not str(kind).startswith(("ClassVar", "typing.ClassVar")):
            names[name] = None
    cls._attributes = tuple(names)  # type: ignore[attr-defined]
    for name in _FUNCTIONS:
        if cls.__dict__.get(name) is None:  # Python sets __hash__ to None where a class has an __eq__ of its own
            setattr(cls, name, _Frozen.__dict__[name])
    return cls


def replaced(instance: Any, **changes: Any) -> Any:
    """A new object with some attributes changed."""
    return type(instance)(**{name: getattr(instance, name) for name in instance._attributes} | changes)


def _values(instance: Any) -> tuple[Any, ...]:
    return tuple(map(instance.__dict__.__getitem__, instance._attributes))


class _Frozen:
    """What frozen classes are given."""

    _attributes: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any):
        names = self._attributes
        if len(args) > len(names):
            raise TypeError(f"{type(self).__name__} takes {len(names)} attributes, not {len(args)}")
        values = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name in values or name not in names:
                raise TypeError(f"{type(self).__name__} got an unexpected or repeated attribute {name!r}")
            values[name] = value
        for name in names:
            if name not in values:
                if not hasattr(type(self), name):
                    raise TypeError(f"{type(self).__name__} misses the attribute {name!r}")
                values[name] = getattr(type(self), name)
        self.__dict__.update(values)

    def __eq__(self, other: object) -> Any:
        return _values(self) == _values(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(_values(self))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._attributes)
        return f"{type(self).__qualname__}({given})"

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: its {name!r} does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: its {name!r} stays")


_FUNCTIONS = ("__init__", "__eq__", "__hash__", "__repr__", "__setattr__", "__delattr__")
