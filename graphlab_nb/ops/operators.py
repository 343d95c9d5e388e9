"""Python's operators for tensors and variables: `install_operators` puts them onto a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import math


def _binary(function: Callable[[Any, Any], Tensor]) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """An operator's method for a tensor on the left, and the one for a tensor on the right."""

    def left(self: Any, other: Any) -> Any:
        self = convert_to_tensor(self)
        return function(self, convert_to_tensor(other, self.dtype.base_dtype))

    def right(self: Any, other: Any) -> Any:
        self = convert_to_tensor(self)
        return function(convert_to_tensor(other, self.dtype.base_dtype), self)

    return left, right


_BINARY = {
    "add": math.add,
    "sub": math.subtract,
    "mul": math.multiply,
    "div": math.div,
    "truediv": math.div,
}
_COMPARE = {"lt": math.less, "le": math.less_equal, "gt": math.greater, "ge": math.greater_equal}


def install_operators(cls: type) -> None:
    """Gives `cls`, whose objects `convert_to_tensor` takes, Python's operators; `==` stays identity, as in TensorFlow."""
    methods: dict[str, Callable[..., Any]] = {"__neg__": lambda self: math.negative(self)}
    for name, function in _BINARY.items():
        methods[f"__{name}__"], methods[f"__r{name}__"] = _binary(function)
    for name, function in _COMPARE.items():
        methods[f"__{name}__"] = _binary(function)[0]
    for name, method in methods.items():
        method.__name__ = name
        method.__qualname__ = f"{cls.__name__}.{name}"
        setattr(cls, name, method)


install_operators(Tensor)
