"""Division and powers, element by element; of integers both are checked, so that what has no whole result is an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.logic import Select, greater
from graphlab_nb.ops.math import log, negative
from graphlab_nb.ops.pointwise import Elementwise, convert_together


class Division(Elementwise):
    """Base of operations on two numbers that fail on some of the second where they are integers."""

    arity: ClassVar[int] = 2
    include: ClassVar[str] = "integer.clh"
    floating: ClassVar[str] = ""
    whole: ClassVar[str] = ""
    fault: ClassVar[tuple[str, str]] = ("x1 == (T)(0)", "Integer division by zero")
    integers: bool

    @property
    def checks(self) -> bool:  # type: ignore[override]
        return self.integers

    @property
    def failure(self) -> tuple[str, str] | None:  # type: ignore[override]
        return self.fault if self.integers else None

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return (self.whole if self.integers else self.floating,)

    def fold(self, *specs: Spec) -> Any:
        if any(s.value is None for s in specs) or np.any(np.asarray(specs[1].value) == 0):
            return None
        with np.errstate(all="ignore"):
            return super().fold(*specs)


def _divide(definition: type[Division], x: Any, y: Any, name: str | None = None) -> Tensor:
    if not (is_tensor(x) and is_tensor(y)):
        with scopes.name_scope(name, definition.type_name, [v for v in (x, y) if is_tensor(v)]) as scope:
            x, y = convert_together([x, y], names=("x", "y"))
            return _divide(definition, x, y, scope)
    x, y = convert_together([x, y])
    return apply(definition(x.dtype.base_dtype.is_integer), [x, y], name)  # type: ignore[call-arg]


@frozen
class Div(Division):
    """x / y; of integers, rounded towards zero."""

    integers: bool
    floating: ClassVar[str] = "x0 / x1"
    whole: ClassVar[str] = "quotient(x0, x1)"
    folder: ClassVar[Any] = staticmethod(lambda x, y: np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y)))
    accuracy: ClassVar[Accuracy] = Accuracy(2.5)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        dx = _divide(Div, dy, op.inputs[1])
        return [dx, negative(dx * op.outputs[0])]


@frozen
class FloorDiv(Division):
    """x / y rounded down."""

    integers: bool
    floating: ClassVar[str] = "floor(x0 / x1)"
    whole: ClassVar[str] = "floor_quotient(x0, x1)"
    folder: ClassVar[Any] = staticmethod(np.floor_divide)
    differentiable: ClassVar[bool] = False
    accuracy: ClassVar[Accuracy] = Accuracy(4, "largest")


@frozen
class FloorMod(Division):
    """x - y * floor(x / y), of the sign of y."""

    integers: bool
    floating: ClassVar[str] = "floor_remainder(x0, x1)"
    whole: ClassVar[str] = "floor_remainder(x0, x1)"
    folder: ClassVar[Any] = staticmethod(np.mod)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [dy, negative(dy * _divide(FloorDiv, op.inputs[0], op.inputs[1]))]


@frozen
class TruncateMod(Division):
    """x - y * trunc(x / y), of the sign of x."""

    integers: bool
    floating: ClassVar[str] = "fmod(x0, x1)"
    whole: ClassVar[str] = "remainder_of(x0, x1)"
    folder: ClassVar[Any] = staticmethod(np.fmod)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x, y = op.inputs
        return [dy, negative(dy * _divide(Div, x - op.outputs[0], y))]


def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The quotient x / y, element by element, with broadcasting; of integers, rounded towards zero.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.

    Example:
      >>> tf.Session().run(tf.div([7.0, 1.0], 2.0))
      array([3.5, 0.5], dtype=float32)
    """
    return _divide(Div, x, y, name)


def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The quotient x / y with its fraction, element by element, with broadcasting: integers are cast to floats first.

    Integers of up to 16 bits become float32, others float64.

    Raises:
      TypeError: x and y of different types.

    Example:
      >>> tf.Session().run(tf.truediv([7, -7], 2))
      array([ 3.5, -3.5])
    """
    with scopes.name_scope(name, "truediv", [x, y]) as scope:
        x, y = convert_together([x, y], names=("x", "y"))
        dtype = x.dtype.base_dtype
        if dtype is not y.dtype.base_dtype:
            raise TypeError(f"x and y must have one type, not {dtype.name} and {y.dtype.base_dtype.name}")
        if dtype.is_integer:
            wide = dtypes.float32 if dtype.size <= 2 else dtypes.float64
            x, y = cast(x, wide), cast(y, wide)
        return _divide(Div, x, y, scope)


def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The quotient x / y rounded down, element by element, with broadcasting.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.

    Example:
      >>> tf.Session().run(tf.floordiv([7, -7], 2))
      array([ 3, -4], dtype=int32)
    """
    return _divide(FloorDiv, x, y, name or "floordiv")


def floormod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The rest x - y * floordiv(x, y), element by element, with broadcasting: what Python's % gives.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.

    Example:
      >>> tf.Session().run(tf.floormod([7, -7], 3))
      array([1, 2], dtype=int32)
    """
    return _divide(FloorMod, x, y, name)


def truncatemod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The rest of the division x / y rounded towards zero, element by element, with broadcasting: what C's % gives.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.

    Example:
      >>> tf.Session().run(tf.truncatemod([7, -7], 3))
      array([ 1, -1], dtype=int32)
    """
    return _divide(TruncateMod, x, y, name)


realdiv = div
truncatediv = div
floor_div = floordiv
mod = truncatemod  # as div in TensorFlow 0.x; the operator % is floormod, as in Python
divide = truediv


@frozen
class Pow(Division):
    """x to the power of y; integers cannot have negative powers."""

    integers: bool
    floating: ClassVar[str] = "pow(x0, x1)"
    whole: ClassVar[str] = "integer_power(x0, x1)"
    fault: ClassVar[tuple[str, str]] = ("x1 < (T)(0)", "Integers to negative integer powers are not allowed")
    accuracy: ClassVar[Accuracy] = Accuracy(16)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x, y = op.inputs
        positive = greater(x, 0)
        # Where x is not positive the logarithm is replaced before it is taken, so that it cannot make NaN of a zero.
        return [dy * y * _divide(Pow, x, y - 1), dy * op.outputs[0] * log(Select.of(positive, x, 1))]


def pow(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The power of x to y, element by element, with broadcasting.

    Raises:
      InvalidArgumentError: when it is run, for a negative power of an integer.

    Example:
      >>> tf.Session().run(tf.pow([2, 3], [3, 2]))
      array([8, 9], dtype=int32)
    """
    return _divide(Pow, x, y, name)


__all__ = public_names(globals())
