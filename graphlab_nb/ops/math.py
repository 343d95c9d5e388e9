"""Arithmetic, comparisons, logic and choice, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.pointwise import Elementwise, convert_together, elementwise, unary_gradient
from graphlab_nb.shapes import Dims, TensorShape, show

BOOL = (dtypes.bool_,)
COMPARABLE = (*dtypes.NUMERIC, dtypes.bool_)
MOST_ADDENDS = 16
"""Tensors that one AddN adds; more are added in groups, since a kernel takes only so many arguments."""

ZERO_DIVISOR = "Integer division by zero"


@elementwise("Add", "x0 + x1", grad=lambda op, dy: [dy, dy], fold=np.add)
def add(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """x + y, element by element, with broadcasting."""


@elementwise("Sub", "x0 - x1", grad=lambda op, dy: [dy, negative(dy)], fold=np.subtract)
def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """x - y, element by element, with broadcasting."""


@elementwise("Mul", "x0 * x1", grad=lambda op, dy: [dy * op.inputs[1], dy * op.inputs[0]], fold=np.multiply)
def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """x * y, element by element, with broadcasting."""


@elementwise("Neg", "-x0", grad=unary_gradient(lambda x, y, dy: negative(dy)), fold=np.negative)
def negative(x: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """-x, element by element."""


@elementwise("Square", "x0 * x0", grad=unary_gradient(lambda x, y, dy: dy * (2 * x)), fold=np.square)
def square(x: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """x * x, element by element."""


@elementwise("Sqrt", "sqrt(x0)", grad=unary_gradient(lambda x, y, dy: 0.5 * dy / y), takes=dtypes.FLOATING)
def sqrt(x: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """Square root of x, element by element; NaN where x is negative."""


@elementwise("Exp", "exp(x0)", grad=unary_gradient(lambda x, y, dy: dy * y), takes=dtypes.FLOATING)
def exp(x: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """e to the power of x, element by element."""


@elementwise("Log", "log(x0)", grad=unary_gradient(lambda x, y, dy: dy / x), takes=dtypes.FLOATING)
def log(x: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """Natural logarithm of x, element by element; -inf where x is 0, NaN where it is negative."""


sub = subtract
mul = multiply
neg = negative


# Division: of integers it is checked, so that a zero divisor is an error; of floats it follows IEEE.


class Division(Elementwise):
    """Base of divisions, which fail on a zero divisor where `integers` is set."""

    arity: ClassVar[int] = 2
    include: ClassVar[str] = "integer.clh"
    integers: bool

    @property
    def checks(self) -> bool:  # type: ignore[override]
        return self.integers

    @property
    def failure(self) -> tuple[str, str] | None:  # type: ignore[override]
        return ("x1 == (T)(0)", ZERO_DIVISOR) if self.integers else None

    def fold(self, *specs: Spec) -> Any:
        if any(s.value is None for s in specs) or np.any(specs[1].value == 0):
            return None
        return super().fold(*specs)


def _divide(definition: type[Division], x: Any, y: Any, name: str | None) -> Tensor:
    x, y = convert_together([x, y])
    return apply(definition(x.dtype.base_dtype.is_integer), [x, y], name)  # type: ignore[call-arg]


def _truncated_quotient(x: Any, y: Any) -> Any:
    return np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))


@dataclass(frozen=True)
class Div(Division):
    """x / y; of integers, rounded towards zero."""

    integers: bool
    folder: ClassVar[Any] = staticmethod(_truncated_quotient)

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return ("quotient(x0, x1)" if self.integers else "x0 / x1",)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x, y = op.inputs
        dx = _divide(Div, dy, y, None)
        return [dx, negative(dx * op.outputs[0])]


def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, element by element; of integers, rounded towards zero.

    Raises:
      InvalidArgumentError: when it is run, for an integer divided by zero.
    """
    return _divide(Div, x, y, name)


# Comparisons


@elementwise("Less", "x0 < x1", result=dtypes.bool_)
def less(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """Whether x < y, element by element."""


@elementwise("LessEqual", "x0 <= x1", result=dtypes.bool_)
def less_equal(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """Whether x <= y, element by element."""


@elementwise("Greater", "x0 > x1", result=dtypes.bool_)
def greater(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """Whether x > y, element by element."""


@elementwise("GreaterEqual", "x0 >= x1", result=dtypes.bool_)
def greater_equal(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """Whether x >= y, element by element."""


@dataclass(frozen=True)
class Equal(Elementwise):
    """Whether x == y."""

    arity: ClassVar[int] = 2
    takes: ClassVar[tuple[DType, ...]] = COMPARABLE
    result: ClassVar[DType | None] = dtypes.bool_
    differentiable: ClassVar[bool] = False

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return ("x0 ^ x1 ^ (T)(1)" if inputs[0].is_bool else "x0 == x1",)


@dataclass(frozen=True)
class NotEqual(Elementwise):
    """Whether x != y."""

    arity: ClassVar[int] = 2
    takes: ClassVar[tuple[DType, ...]] = COMPARABLE
    result: ClassVar[DType | None] = dtypes.bool_
    differentiable: ClassVar[bool] = False

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return ("x0 ^ x1" if inputs[0].is_bool else "x0 != x1",)


def equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x == y, element by element."""
    return apply(Equal(), convert_together([x, y]), name)


def not_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x != y, element by element."""
    return apply(NotEqual(), convert_together([x, y]), name)


# Choice


@dataclass(frozen=True)
class Select(Elementwise):
    """t where the condition holds, e elsewhere."""

    expression: ClassVar[str] = "where(x0, x1, x2)"
    arity: ClassVar[int] = 3

    def infer(self, condition: Spec, t: Spec, e: Spec) -> Spec:  # type: ignore[override]
        if not condition.dtype.is_bool:
            raise TypeError(f"The condition must be bool, not {condition.dtype.name}")
        if t.dtype is not e.dtype or t.dtype is dtypes.string:
            raise TypeError(f"The choices must be numbers of one type, not {t.dtype.name} and {e.dtype.name}")
        return Spec(t.dtype, self.broadcast(self.broadcast(condition.dims, t.dims), e.dims))

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        condition = op.inputs[0]
        return [None, _choose(condition, dy, 0), _choose(condition, 0, dy)]


def _choose(condition: Tensor, t: Any, e: Any, name: str | None = None) -> Tensor:
    """`Select` with broadcasting of all three."""
    return apply(Select(), [condition, *convert_together([t, e])], name)


@elementwise("Maximum", "max(x0, x1)", grad=lambda op, dy: _of_larger(greater_equal(*op.inputs), dy), fold=np.maximum)
def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """The larger of x and y, element by element."""


@elementwise("Minimum", "min(x0, x1)", grad=lambda op, dy: _of_larger(less_equal(*op.inputs), dy), fold=np.minimum)
def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:  # type: ignore[empty-body]
    """The smaller of x and y, element by element."""


def _of_larger(first: Tensor, dy: Tensor) -> list[Tensor]:
    return [_choose(first, dy, 0), _choose(first, 0, dy)]


@dataclass(frozen=True)
class RowCondition(OpDef):
    """A condition for whole rows of `like`: [n] seen as [n, 1, ..., 1]; of the shape of `like`, it stays as it is."""

    shape_inputs: ClassVar[tuple[int, ...]] = (1,)
    differentiable: ClassVar[bool] = False

    def infer(self, condition: Spec, like: Spec) -> Spec:
        if condition.dims is None or like.dims is None:
            return Spec(condition.dtype, None)
        if len(condition.dims) == 1 and len(like.dims) > 1:
            rows: Dims = (*condition.dims, *(1,) * (len(like.dims) - 1))
            if condition.dims[0] not in (None, like.dims[0]) and like.dims[0] is not None:
                raise ValueError(f"A condition of shape {show(condition.dims)} does not fit the rows of {show(like.dims)}")
            return Spec(condition.dtype, rows)
        if condition.dims and not TensorShape.of(condition.dims).is_compatible_with(TensorShape.of(like.dims)):
            raise ValueError(f"A condition of shape {show(condition.dims)} does not fit choices of shape {show(like.dims)}")
        return Spec(condition.dtype, condition.dims)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0


def select(condition: Any, t: Any, e: Any, name: str | None = None) -> Tensor:
    """`t` where `condition` holds, `e` elsewhere.

    Args:
      condition: bool; of the shape of `t`, or [n] to choose whole rows, or a single value.
      t: tensor of shape [n, ...].
      e: tensor of the shape and type of `t`.
      name: the operation's name.

    Raises:
      ValueError: shapes that do not fit.
      TypeError: a condition that is not bool, or `t` and `e` of different types.
    """
    condition = convert_to_tensor(condition, dtypes.bool_)
    t, e = convert_together([t, e])
    t.shape.assert_is_compatible_with(e.shape)
    if condition.dims is None or condition.dims != t.dims:
        condition = apply(RowCondition(), [condition, t])
    return apply(Select(), [condition, t, e], name)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """`x` where `condition` holds and `y` elsewhere, as `select`.

    Raises:
      ValueError: only one of `x` and `y` given.
    """
    if x is None or y is None:
        raise ValueError("tf.where needs both x and y, or neither")
    return select(condition, x, y, name)


# Types


@dataclass(frozen=True)
class Cast(Elementwise):
    """x with another element type; floats become integers by dropping the fraction."""

    dtype: DType
    takes: ClassVar[tuple[DType, ...]] = COMPARABLE

    def result_type(self, *inputs: DType) -> DType:
        return self.dtype

    def code(self, *inputs: DType) -> tuple[str, ...]:
        if self.dtype.is_bool:
            return ("x0" if inputs[0].is_bool else "x0 != (T)(0)",)
        return ("convert_R(x0)",)

    def fold(self, *specs: Spec) -> Any:
        return specs[0].value

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        source = op.inputs[0].dtype.base_dtype
        return [cast(dy, source) if source.is_floating and self.dtype.is_floating else None]


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`x` with the element type `dtype`, or `x` itself where it has that type.

    Floats become integers by dropping the fraction, numbers become bool by being other than zero.

    Raises:
      TypeError: a type that is no number, such as string.
    """
    x = convert_to_tensor(x)
    dtype = dtypes.as_dtype(dtype).base_dtype
    if dtype is dtypes.string:
        raise TypeError(f"Cannot cast {x.name} of {x.dtype.base_dtype.name} to string; use tf.as_string")
    if x.dtype.base_dtype is dtype:
        return x
    return apply(Cast(dtype), [x], name)


# Sums of many


@dataclass(frozen=True)
class AddN(Elementwise):
    """x0 + x1 + ..., all of one shape."""

    arity: int  # type: ignore[misc]

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


__all__ = public_names(globals())
