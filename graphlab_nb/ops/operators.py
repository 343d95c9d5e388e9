"""Python's operators for tensors and variables: `install_operators` puts them onto a class.

`==` and `!=` stay identity, as in TensorFlow, so that tensors can be keys of dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphlab_nb.graph.build import convert_to_tensor, is_tensor
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import array, division, logic, math
from graphlab_nb.ops.matmul import matmul

Function = Callable[..., Tensor]

BINARY: dict[str, tuple[Function, str]] = {
    "add": (math.add, "add"),
    "sub": (math.subtract, "sub"),
    "mul": (math.multiply, "mul"),
    "div": (division.div, "div"),
    "truediv": (division.truediv, "truediv"),
    "floordiv": (division.floordiv, "floordiv"),
    "mod": (division.floormod, "mod"),
    "pow": (division.pow, "pow"),
    "matmul": (matmul, "matmul"),
    "and": (logic.logical_and, "and"),
    "or": (logic.logical_or, "or"),
    "xor": (logic.logical_xor, "xor"),
}
"""Operators that also serve with the tensor on the right, and the names that TensorFlow gives their operations."""

COMPARISONS: dict[str, tuple[Function, str]] = {
    "lt": (logic.less, "Less"),
    "le": (logic.less_equal, "LessEqual"),
    "gt": (logic.greater, "Greater"),
    "ge": (logic.greater_equal, "GreaterEqual"),
}
"""Operators whose mirror image is another operator, which Python calls by itself."""

UNARY: dict[str, Function] = {"neg": math.negative, "abs": math.abs, "invert": logic.logical_not}


def _operand(other: Any, tensor: Any, name: str) -> Any:
    """The other operand: a tensor must have the type of the first, a value takes it.

    Raises:
      ValueError: a tensor of another type.
    """
    if not is_tensor(other):
        return other
    found = convert_to_tensor(other)
    if found.dtype.base_dtype is not tensor.dtype.base_dtype:
        given = " and ".join(f"{t.name} {t.dtype.base_dtype.name}{t.shape}" for t in (tensor, found))
        raise ValueError(f"The operands of {name!r} must have one type; these are {given}")
    return found


def _left(function: Function, name: str) -> Callable[[Any, Any], Any]:
    """The method for a tensor on the left; the other operand takes the tensor's type.

    A constant made of it has a name within the operation's, "sub/y", as in TensorFlow: it does not use up "Const".
    """

    def method(self: Any, other: Any) -> Any:
        tensor = convert_to_tensor(self)
        return function(tensor, _operand(other, tensor, name), name=name)

    return method


def _right(function: Function, name: str) -> Callable[[Any, Any], Any]:
    """The method for a tensor on the right."""

    def method(self: Any, other: Any) -> Any:
        tensor = convert_to_tensor(self)
        return function(_operand(other, tensor, name), tensor, name=name)

    return method


def _alone(function: Function) -> Callable[[Any], Any]:
    return lambda self: function(convert_to_tensor(self))


def _getitem(self: Any, key: Any) -> Any:
    return array.getitem(convert_to_tensor(self), key)


def install_operators(cls: type) -> None:
    """Gives Python's operators to `cls`, whose objects `convert_to_tensor` takes."""
    methods: dict[str, Callable[..., Any]] = {"getitem": _getitem}
    methods |= {name: _alone(function) for name, function in UNARY.items()}
    for name, (function, op_name) in BINARY.items():
        methods[name] = _left(function, op_name)
        methods[f"r{name}"] = _right(function, op_name)
    for name, (function, op_name) in COMPARISONS.items():
        methods[name] = _left(function, op_name)
    for name, method in methods.items():
        setattr(cls, f"__{name}__", method)


install_operators(Tensor)
