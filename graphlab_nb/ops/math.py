"""Arithmetic, element by element; what logic.py and casting.py define is offered here, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, convert_to_tensor, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.broadcast import BroadcastLike
from graphlab_nb.ops.casting import bitcast, cast, to_double, to_float, to_int32, to_int64  # noqa: F401
from graphlab_nb.ops.logic import (  # noqa: F401
    Select,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    select,
    where,
)
from graphlab_nb.ops.pointwise import Elementwise, convert_together, elementwise, unary_gradient
from graphlab_nb.shapes import TensorShape

MOST_ADDENDS = 16
"""Tensors that one AddN adds; more are added in groups, since a kernel takes only so many arguments."""


@elementwise("Add", "x0 + x1", grad=lambda op, dy: [dy, dy], fold=np.add)
def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The sum x + y, element by element, with broadcasting."""


@elementwise("Sub", "x0 - x1", grad=lambda op, dy: [dy, negative(dy)], fold=np.subtract)
def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The difference x - y, element by element, with broadcasting."""


@elementwise("Mul", "x0 * x1", grad=lambda op, dy: [dy * op.inputs[1], dy * op.inputs[0]], fold=np.multiply)
def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The product x * y, element by element, with broadcasting."""


@elementwise("Neg", "-x0", grad=unary_gradient(lambda x, y, dy: negative(dy)), fold=np.negative)
def negative(x: Any, name: str | None = None) -> Tensor:
    """-x, element by element."""


@elementwise("Square", "x0 * x0", grad=unary_gradient(lambda x, y, dy: dy * (2 * x)), fold=np.square)
def square(x: Any, name: str | None = None) -> Tensor:
    """The square x * x, element by element."""


@elementwise(
    "SquaredDifference",
    "(x0 - x1) * (x0 - x1)",
    grad=lambda op, dy: _both_ways(dy * (2 * (op.inputs[0] - op.inputs[1]))),
    fold=lambda x, y: np.square(x - y),
)
def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """(x - y) * (x - y), element by element, with broadcasting."""


def _both_ways(dx: Tensor) -> list[Tensor]:
    return [dx, negative(dx)]


@elementwise("Sqrt", "sqrt(x0)", grad=unary_gradient(lambda x, y, dy: 0.5 * dy / y), takes=dtypes.FLOATING)
def sqrt(x: Any, name: str | None = None) -> Tensor:
    """Square root of x, element by element; NaN where x is negative."""


@elementwise("Rsqrt", "rsqrt(x0)", grad=unary_gradient(lambda x, y, dy: -0.5 * dy * (y / x)), takes=dtypes.FLOATING)
def rsqrt(x: Any, name: str | None = None) -> Tensor:
    """1 / sqrt(x), element by element."""


@elementwise("Exp", "exp(x0)", grad=unary_gradient(lambda x, y, dy: dy * y), takes=dtypes.FLOATING)
def exp(x: Any, name: str | None = None) -> Tensor:
    """The exponential of x, element by element."""


@elementwise("Expm1", "expm1(x0)", grad=unary_gradient(lambda x, y, dy: dy * (y + 1)), takes=dtypes.FLOATING)
def expm1(x: Any, name: str | None = None) -> Tensor:
    """exp(x) - 1, element by element, accurate where x is small."""


@elementwise("Log", "log(x0)", grad=unary_gradient(lambda x, y, dy: dy / x), takes=dtypes.FLOATING)
def log(x: Any, name: str | None = None) -> Tensor:
    """Natural logarithm of x, element by element; -inf where x is 0, NaN where it is negative."""


@elementwise("Log1p", "log1p(x0)", grad=unary_gradient(lambda x, y, dy: dy / (x + 1)), takes=dtypes.FLOATING)
def log1p(x: Any, name: str | None = None) -> Tensor:
    """log(1 + x), element by element, accurate where x is small."""


@elementwise("Reciprocal", "(T)(1) / x0", grad=unary_gradient(lambda x, y, dy: -dy * (y * y)), takes=dtypes.FLOATING)
def reciprocal(x: Any, name: str | None = None) -> Tensor:
    """1 / x, element by element."""


@frozen
class Abs(Elementwise):
    """The distance of x from zero."""

    folder: ClassVar[Any] = staticmethod(np.abs)

    def code(self, *inputs: DType) -> tuple[str, ...]:
        if inputs[0].is_floating:
            return ("fabs(x0)",)
        return ("x0" if inputs[0].is_unsigned else "x0 < (T)(0) ? (T)(-x0) : x0",)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [dy * sign(op.inputs[0])]


def abs(x: Any, name: str | None = None) -> Tensor:
    """The absolute value of x, element by element."""
    return apply(Abs(), [x], name)


@elementwise(
    "Sign",
    "x0 > (T)(0) ? (T)(1) : x0 < (T)(0) ? (T)(-1) : x0",
    grad=unary_gradient(lambda x, y, dy: apply(BroadcastLike(), [convert_to_tensor(0, x.dtype.base_dtype), x])),
)
def sign(x: Any, name: str | None = None) -> Tensor:
    """-1, 0 or 1 as x is negative, zero or positive, element by element; NaN stays NaN."""


sub = subtract
mul = multiply
neg = negative
inv = reciprocal


def scalar_mul(scalar: Any, x: Any) -> Tensor:
    """`scalar` times `x`.

    Raises:
      ValueError: a `scalar` of another shape than a single number's.
    """
    x = convert_to_tensor(x)
    scalar = convert_to_tensor(scalar, x.dtype.base_dtype, "scalar")
    if scalar.shape.ndims != 0:
        raise ValueError(f"scalar_mul takes a single number, not shape {scalar.shape}")
    return multiply(scalar, x, name="mul")


# Division: of integers it is checked, so that a zero divisor is an error; of floats it follows IEEE.


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
    """The quotient x / y, element by element; of integers, rounded towards zero.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.
    """
    return _divide(Div, x, y, name)


def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The quotient x / y with its fraction, element by element: integers are cast to floats first.

    Integers of up to 16 bits become float32, others float64.

    Raises:
      TypeError: x and y of different types.
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
    """The quotient x / y rounded down, element by element.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.
    """
    return _divide(FloorDiv, x, y, name or "floordiv")


def floormod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The rest x - y * floordiv(x, y), element by element: what Python's % gives.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.
    """
    return _divide(FloorMod, x, y, name)


def truncatemod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The rest of a division rounded towards zero, element by element: what C's % gives.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.
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
    """The power of x to y, element by element.

    Raises:
      InvalidArgumentError: when it is run, for a negative power of an integer.
    """
    return _divide(Pow, x, y, name)


def _to_chosen(first_is: Callable[..., Tensor]) -> Callable[[Operation, Tensor], list[Tensor]]:
    """The gradient of a choice between two inputs: to the first where `first_is`, else to the second."""
    return lambda op, dy: [Select.of(first := first_is(*op.inputs), dy, 0), Select.of(first, 0, dy)]


@elementwise("Maximum", "(x0 > x1) | (x0 != x0) ? x0 : x1", grad=_to_chosen(greater_equal), fold=np.maximum)
def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The larger of x and y, element by element; NaN where one of them is."""


@elementwise("Minimum", "(x0 < x1) | (x0 != x0) ? x0 : x1", grad=_to_chosen(less_equal), fold=np.minimum)
def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The smaller of x and y, element by element; NaN where one of them is."""


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Tensor:
    """`t` with values below `clip_value_min` raised to it and values above `clip_value_max` lowered to it."""
    with scopes.name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        t = convert_to_tensor(t, name="t")
        return maximum(minimum(t, clip_value_max), clip_value_min, name=scope)


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`value` with the element type `dtype`; what that cannot hold becomes the nearest number that it can."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    with scopes.name_scope(name, "saturate_cast", [value]) as scope:
        value = convert_to_tensor(value, name="value")
        source = value.dtype.base_dtype
        if source.min < dtype.min:
            value = maximum(value, _limit(source, dtype.min))
        if source.max > dtype.max:
            value = minimum(value, _limit(source, dtype.max))
        return cast(value, dtype, scope)


def _limit(source: DType, limit: Any) -> Any:
    """`limit` as a number of type `source`, rounded towards zero."""
    found = source.as_numpy_dtype(limit)
    if source.is_floating and np.abs(int(found)) > np.abs(int(limit)):
        found = np.nextafter(found, source.as_numpy_dtype(0))
    return found


@frozen
class AddN(Elementwise):
    """x0 + x1 + ..., all of one shape."""

    arity: int  # type: ignore[misc]
    accuracy: ClassVar[Accuracy] = Accuracy(8, "terms")

    def infer(self, *inputs: Spec) -> Spec:
        merged = TensorShape(None)
        for spec in inputs:
            merged = merged.merge_with(TensorShape.of(spec.dims))
        found = super().infer(*inputs)
        assert isinstance(found, Spec)
        return Spec(found.dtype, merged.tuple)

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return (" + ".join(f"x{k}" for k in range(self.arity)),)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [dy] * self.arity


def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of all `inputs`, which have one shape and type, element by element.

    Raises:
      ValueError: no inputs, or shapes that differ.
    """
    if isinstance(inputs, (Tensor, str)) or not isinstance(inputs, Sequence) or not inputs:
        raise ValueError("add_n takes a list of at least one tensor")
    tensors = convert_together(list(inputs))
    while len(tensors) > 1 or name is not None:
        if len(tensors) <= MOST_ADDENDS:
            return apply(AddN(len(tensors)), tensors, name)
        groups = [tensors[k : k + MOST_ADDENDS] for k in range(0, len(tensors), MOST_ADDENDS)]
        tensors = [apply(AddN(len(g)), g) if len(g) > 1 else g[0] for g in groups]
    return tensors[0]


def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """The sum of all `inputs`, as `add_n`.

    Args:
      inputs: tensors of one shape and type.
      shape: their shape, where it is known better than the tensors know it.
      tensor_dtype: their type, which is checked.
      name: the operation's name.

    Raises:
      ValueError: no inputs, or shapes or types that differ.
    """
    total = add_n([convert_to_tensor(x, tensor_dtype) for x in inputs], name)
    if shape is not None:
        total.set_shape(shape)
    return total


__all__ = public_names(globals())
