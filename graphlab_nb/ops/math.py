"""Arithmetic, element by element; what logic.py and casting.py define is offered here, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, convert_to_tensor
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
    """The sum x + y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.add([1, 2], 10))
      array([11, 12], dtype=int32)
    """


@elementwise("Sub", "x0 - x1", grad=lambda op, dy: [dy, negative(dy)], fold=np.subtract)
def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The difference x - y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.sub([1, 2], 10))
      array([-9, -8], dtype=int32)
    """


@elementwise("Mul", "x0 * x1", grad=lambda op, dy: [dy * op.inputs[1], dy * op.inputs[0]], fold=np.multiply)
def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The product x * y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.mul([1, 2], [3, 4]))
      array([3, 8], dtype=int32)
    """


@elementwise("Neg", "-x0", grad=unary_gradient(lambda x, y, dy: negative(dy)), fold=np.negative)
def negative(x: Any, name: str | None = None) -> Tensor:
    """-x, element by element.

    Example:
      >>> tf.Session().run(tf.neg([1, -2]))
      array([-1,  2], dtype=int32)
    """


@elementwise("Square", "x0 * x0", grad=unary_gradient(lambda x, y, dy: dy * (2 * x)), fold=np.square)
def square(x: Any, name: str | None = None) -> Tensor:
    """The square x * x, element by element.

    Example:
      >>> tf.Session().run(tf.square([2.0, -3.0]))
      array([4., 9.], dtype=float32)
    """


@elementwise(
    "SquaredDifference",
    "(x0 - x1) * (x0 - x1)",
    grad=lambda op, dy: _both_ways(dy * (2 * (op.inputs[0] - op.inputs[1]))),
    fold=lambda x, y: np.square(x - y),
)
def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """(x - y) * (x - y), element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.squared_difference([1, 5], 3))
      array([4, 4], dtype=int32)
    """


def _both_ways(dx: Tensor) -> list[Tensor]:
    return [dx, negative(dx)]


@elementwise("Sqrt", "sqrt(x0)", grad=unary_gradient(lambda x, y, dy: 0.5 * dy / y), takes=dtypes.FLOATING)
def sqrt(x: Any, name: str | None = None) -> Tensor:
    """Square root of x, element by element; NaN where x is negative.

    Example:
      >>> tf.Session().run(tf.sqrt([4.0, 9.0]))
      array([2., 3.], dtype=float32)
    """


@elementwise("Rsqrt", "rsqrt(x0)", grad=unary_gradient(lambda x, y, dy: -0.5 * dy * (y / x)), takes=dtypes.FLOATING)
def rsqrt(x: Any, name: str | None = None) -> Tensor:
    """1 / sqrt(x), element by element.

    Example:
      >>> tf.Session().run(tf.rsqrt([4.0, 16.0])).round(3)
      array([0.5 , 0.25], dtype=float32)
    """


@elementwise("Exp", "exp(x0)", grad=unary_gradient(lambda x, y, dy: dy * y), takes=dtypes.FLOATING)
def exp(x: Any, name: str | None = None) -> Tensor:
    """The exponential of x, element by element.

    Example:
      >>> tf.Session().run(tf.exp([0.0, 1.0])).round(3)
      array([1.   , 2.718], dtype=float32)
    """


@elementwise("Expm1", "expm1(x0)", grad=unary_gradient(lambda x, y, dy: dy * (y + 1)), takes=dtypes.FLOATING)
def expm1(x: Any, name: str | None = None) -> Tensor:
    """exp(x) - 1, element by element, accurate where x is small.

    Example:
      >>> tf.Session().run(tf.expm1([0.0, 1.0])).round(3)
      array([0.   , 1.718], dtype=float32)
    """


@elementwise("Log", "log(x0)", grad=unary_gradient(lambda x, y, dy: dy / x), takes=dtypes.FLOATING)
def log(x: Any, name: str | None = None) -> Tensor:
    """Natural logarithm of x, element by element; -inf where x is 0, NaN where it is negative.

    Example:
      >>> tf.Session().run(tf.log([1.0, 10.0])).round(3)
      array([0.   , 2.303], dtype=float32)
    """


@elementwise("Log1p", "log1p(x0)", grad=unary_gradient(lambda x, y, dy: dy / (x + 1)), takes=dtypes.FLOATING)
def log1p(x: Any, name: str | None = None) -> Tensor:
    """log(1 + x), element by element, accurate where x is small.

    Example:
      >>> tf.Session().run(tf.log1p([0.0, 1.0])).round(3)
      array([0.   , 0.693], dtype=float32)
    """


@elementwise("Reciprocal", "(T)(1) / x0", grad=unary_gradient(lambda x, y, dy: -dy * (y * y)), takes=dtypes.FLOATING)
def reciprocal(x: Any, name: str | None = None) -> Tensor:
    """1 / x, element by element.

    Example:
      >>> tf.Session().run(tf.reciprocal([2.0, -4.0])).round(3)
      array([ 0.5 , -0.25], dtype=float32)
    """


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
    """The absolute value of x, element by element.

    Example:
      >>> tf.Session().run(tf.abs([-1.5, 2.0]))
      array([1.5, 2. ], dtype=float32)
    """
    return apply(Abs(), [x], name)


@elementwise(
    "Sign",
    "x0 > (T)(0) ? (T)(1) : x0 < (T)(0) ? (T)(-1) : x0",
    grad=unary_gradient(lambda x, y, dy: apply(BroadcastLike(), [convert_to_tensor(0, x.dtype.base_dtype), x])),
)
def sign(x: Any, name: str | None = None) -> Tensor:
    """-1, 0 or 1 as x is negative, zero or positive, element by element; NaN stays NaN.

    Example:
      >>> tf.Session().run(tf.sign([-3.0, 0.0, 5.0]))
      array([-1.,  0.,  1.], dtype=float32)
    """


sub = subtract
mul = multiply
neg = negative
inv = reciprocal


def scalar_mul(scalar: Any, x: Any) -> Tensor:
    """`scalar` times `x`.

    Args:
      scalar: a single number.
      x: numbers of any shape.

    Raises:
      ValueError: a `scalar` of another shape than a single number's.

    Example:
      >>> tf.Session().run(tf.scalar_mul(2, [1, 5]))
      array([ 2, 10], dtype=int32)
    """
    x = convert_to_tensor(x)
    scalar = convert_to_tensor(scalar, x.dtype.base_dtype, "scalar")
    if scalar.shape.ndims != 0:
        raise ValueError(f"scalar_mul takes a single number, not shape {scalar.shape}")
    return multiply(scalar, x, name="mul")


def _to_chosen(first_is: Callable[..., Tensor]) -> Callable[[Operation, Tensor], list[Tensor]]:
    """The gradient of a choice between two inputs: to the first where `first_is`, else to the second."""
    return lambda op, dy: [Select.of(first := first_is(*op.inputs), dy, 0), Select.of(first, 0, dy)]


@elementwise("Maximum", "(x0 > x1) | (x0 != x0) ? x0 : x1", grad=_to_chosen(greater_equal), fold=np.maximum)
def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The larger of x and y, element by element, with broadcasting; NaN where one of them is.

    Example:
      >>> tf.Session().run(tf.maximum([1, 5], [3, 2]))
      array([3, 5], dtype=int32)
    """


@elementwise("Minimum", "(x0 < x1) | (x0 != x0) ? x0 : x1", grad=_to_chosen(less_equal), fold=np.minimum)
def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The smaller of x and y, element by element, with broadcasting; NaN where one of them is.

    Example:
      >>> tf.Session().run(tf.minimum([1, 5], [3, 2]))
      array([1, 2], dtype=int32)
    """


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Tensor:
    """`t` with values below `clip_value_min` raised to it and values above `clip_value_max` lowered to it.

    Args:
      t: numbers of any shape.
      clip_value_min: a number of the same type, or one for each element.
      clip_value_max: a number of the same type, or one for each element.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.clip_by_value([-5, 0, 5], -1, 3))
      array([-1,  0,  3], dtype=int32)
    """
    with scopes.name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        t = convert_to_tensor(t, name="t")
        return maximum(minimum(t, clip_value_max), clip_value_min, name=scope)


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`value` with the element type `dtype`; what that cannot hold becomes the nearest number that it can.

    Example:
      >>> tf.Session().run(tf.saturate_cast([300, -5, 7], tf.uint8))
      array([255,   0,   7], dtype=uint8)
    """
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

    Example:
      >>> tf.Session().run(tf.add_n([[1, 2], [10, 20], [100, 200]]))
      array([111, 222], dtype=int32)
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

    Example:
      >>> tf.Session().run(tf.accumulate_n([[1, 2], [10, 20], [100, 200]]))
      array([111, 222], dtype=int32)
    """
    total = add_n([convert_to_tensor(x, tensor_dtype) for x in inputs], name)
    if shape is not None:
        total.set_shape(shape)
    return total


__all__ = public_names(globals())
