"""Comparisons, logic and choice, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.pointwise import Elementwise, convert_together, elementwise
from graphlab_nb.ops.selection import where_indices
from graphlab_nb.shapes import Dims, TensorShape, show

BOOL = (dtypes.bool_,)
COMPARABLE = (*dtypes.NUMERIC, dtypes.bool_)
# Comparisons


@elementwise("Less", "x0 < x1", result=dtypes.bool_)
def less(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x < y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.less([1, 2, 3], 2))
      array([ True, False, False])
    """


@elementwise("LessEqual", "x0 <= x1", result=dtypes.bool_)
def less_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x <= y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.less_equal([1, 2, 3], 2))
      array([ True,  True, False])
    """


@elementwise("Greater", "x0 > x1", result=dtypes.bool_)
def greater(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x > y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.greater([1, 2, 3], 2))
      array([False, False,  True])
    """


@elementwise("GreaterEqual", "x0 >= x1", result=dtypes.bool_)
def greater_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x >= y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.greater_equal([1, 2, 3], 2))
      array([False,  True,  True])
    """


@frozen
class Equal(Elementwise):
    """Whether x == y."""

    arity: ClassVar[int] = 2
    takes: ClassVar[tuple[DType, ...]] = COMPARABLE
    result: ClassVar[DType | None] = dtypes.bool_
    differentiable: ClassVar[bool] = False

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return ("x0 ^ x1 ^ (T)(1)" if inputs[0].is_bool else "x0 == x1",)


@frozen
class NotEqual(Elementwise):
    """Whether x != y."""

    arity: ClassVar[int] = 2
    takes: ClassVar[tuple[DType, ...]] = COMPARABLE
    result: ClassVar[DType | None] = dtypes.bool_
    differentiable: ClassVar[bool] = False

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return ("x0 ^ x1" if inputs[0].is_bool else "x0 != x1",)


def equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x == y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.equal([1, 2, 3], [1, 0, 3]))
      array([ True, False,  True])
    """
    return apply(Equal(), [x, y], name)


def not_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x != y, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.not_equal([1, 2, 3], 2))
      array([ True, False,  True])
    """
    return apply(NotEqual(), [x, y], name)


# Logic


@elementwise("LogicalAnd", "x0 & x1", takes=BOOL)
def logical_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether both x and y hold, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.logical_and([True, True, False], [True, False, False]))
      array([ True, False, False])
    """


@elementwise("LogicalOr", "x0 | x1", takes=BOOL)
def logical_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x or y or both hold, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.logical_or([True, True, False], [True, False, False]))
      array([ True,  True, False])
    """


@elementwise("LogicalXor", "x0 ^ x1", takes=BOOL)
def logical_xor(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether exactly one of x and y holds, element by element, with broadcasting.

    Example:
      >>> tf.Session().run(tf.logical_xor([True, True, False], [True, False, False]))
      array([False,  True, False])
    """


@elementwise("LogicalNot", "x0 ^ (T)(1)", takes=BOOL)
def logical_not(x: Any, name: str | None = None) -> Tensor:
    """Whether x does not hold, element by element.

    Example:
      >>> tf.Session().run(tf.logical_not([True, False]))
      array([False,  True])
    """


# Choice


@frozen
class Select(Elementwise):
    """t where the condition holds, e elsewhere."""

    expression: ClassVar[str] = "where(x0, x1, x2)"
    arity: ClassVar[int] = 3
    one_type: ClassVar[slice] = slice(1, 3)

    def infer(self, condition: Spec, t: Spec, e: Spec) -> Spec:  # type: ignore[override]
        if not condition.dtype.is_bool:
            raise TypeError(f"The condition must be bool, not {condition.dtype.name}")
        if t.dtype is not e.dtype or t.dtype is dtypes.string:
            raise TypeError(f"The choices must be numbers of one type, not {t.dtype.name} and {e.dtype.name}")
        return Spec(t.dtype, self.broadcast(self.broadcast(condition.dims, t.dims), e.dims))

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        condition = op.inputs[0]
        return [None, Select.of(condition, dy, 0), Select.of(condition, 0, dy)]

    @staticmethod
    def of(condition: Tensor, t: Any, e: Any) -> Tensor:
        """The operation itself, which broadcasts all three."""
        return apply(Select(), [condition, t, e])


@frozen
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
                raise ValueError(f"A condition of shape {show(condition.dims)} does not fit rows of {show(like.dims)}")
            return Spec(condition.dtype, rows)
        if condition.dims and not TensorShape.of(condition.dims).is_compatible_with(TensorShape.of(like.dims)):
            raise ValueError(f"A condition of shape {show(condition.dims)} does not fit choices of {show(like.dims)}")
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

    Example:
      >>> tf.Session().run(tf.select([True, False, True], [1, 2, 3], [10, 20, 30]))
      array([ 1, 20,  3], dtype=int32)
    """
    if not all(map(is_tensor, (condition, t, e))):
        with name_scope(name, "Select", [condition, t, e]) as scope:
            condition = convert_to_tensor(condition, dtypes.bool_, "condition")
            t, e = convert_together([t, e], names=("t", "e"))
            return select(condition, t, e, scope)
    condition = convert_to_tensor(condition, dtypes.bool_)
    t, e = convert_together([t, e])
    t.shape.assert_is_compatible_with(e.shape)
    if condition.dims is None or condition.dims != t.dims:
        condition = apply(RowCondition(), [condition, t])
    return apply(Select(), [condition, t, e], name)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """`x` where `condition` holds and `y` elsewhere, as `select`; without both, the places where `condition` holds.

    Args:
      condition: bool; with `x` and `y` as `select` takes it, without them of any shape.
      x: tensor of shape [n, ...].
      y: tensor of the shape and type of `x`.
      name: the operation's name.

    Returns:
      A tensor of the shape of `x`; without `x` and `y` int64 of shape [places, rank of `condition`], one row each.

    Raises:
      ValueError: only one of `x` and `y` given, or shapes that do not fit.

    Example:
      >>> tf.Session().run(tf.where([True, False, True], [1, 2, 3], [10, 20, 30]))
      array([ 1, 20,  3], dtype=int32)
      >>> tf.Session().run(tf.where([True, False, True]))
      array([[0],
             [2]])
    """
    if x is None and y is None:
        return where_indices(condition, name)
    if x is None or y is None:
        raise ValueError("tf.where needs both x and y, or neither")
    return select(condition, x, y, name)


__all__ = public_names(globals())
