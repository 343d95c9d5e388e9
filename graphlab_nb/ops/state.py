"""Variables' memory: the operations that hold it, set it and change it in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, apply_op, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import control_dependencies, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.shapes import Dims, TensorShape, as_shape, show


@frozen
class Placeholder(OpDef):
    """A tensor that every run must be fed."""

    dtype: DType
    dims: Dims
    stateful: ClassVar[bool] = True
    metadata: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self) -> Spec:
        return Spec(self.dtype, self.dims)

    def attributes(self) -> dict[str, Any]:
        return {"dtype": self.dtype, "shape": TensorShape.of(self.dims)}


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor that must be fed in every run that needs it.

    Args:
      dtype: element type.
      shape: what feeds must look like; None takes any shape, None in a dimension any length.
      name: the operation's name.

    Example:
      >>> x = tf.placeholder(tf.float32, [None, 2], name="x")
      >>> tf.Session().run(x * 10, {x: [[1.0, 2.0]]})
      array([[10., 20.]], dtype=float32)
    """
    return apply(Placeholder(dtypes.as_dtype(dtype).base_dtype, as_shape(shape).tuple), [], name or "Placeholder")


@frozen
class PlaceholderWithDefault(OpDef):
    """y = x, unless y is fed."""

    dims: Dims
    stateful: ClassVar[bool] = True
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if not as_shape(self.dims).is_compatible_with(TensorShape.of(x.dims)):
            raise ValueError(f"The default's shape {show(x.dims)} does not fit the placeholder's {show(self.dims)}")
        return Spec(x.dtype, x.dims if x.known and self.dims is None else self.dims if not x.known else x.dims)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [dy[0]]


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """A tensor that has the value `input` unless it is fed.

    Args:
      input: a tensor or value.
      shape: what is fed must fit it; may be partly known.
      name: the operation's name.

    Example:
      >>> x = tf.placeholder_with_default(2.0, [])
      >>> print(tf.Session().run(x * 10), tf.Session().run(x * 10, {x: 3.0}))
      20.0 30.0
    """
    out = apply(PlaceholderWithDefault(as_shape(shape).tuple), [input], name or "PlaceholderWithDefault")
    out.dims = as_shape(shape).tuple
    return out


@frozen
class Variable(OpDef):
    """A variable's memory, which lives as long as the session.

    Attributes:
      shared_name: its name in a cluster; that of its operation where it is empty.
      container: the part of a cluster's variables that it belongs to, in which its name is its own; see `tf.container`.
    """

    dtype: DType
    dims: Dims
    shared_name: str = ""
    container: str = ""
    type_name: ClassVar[str] = "Variable"
    stateful: ClassVar[bool] = True
    metadata: ClassVar[bool] = True
    references: ClassVar[tuple[int, ...]] = (0,)

    def infer(self) -> Spec:
        return Spec(self.dtype, self.dims)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return []


@frozen
class ReadVariable(OpDef):
    """A variable's value at the time when it is used: the same memory as the variable."""

    type_name: ClassVar[str] = "Identity"
    follows: ClassVar[bool] = True

    def infer(self, ref: Spec) -> Spec:
        return ref

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [dy[0]]


class Update(Elementwise):
    """Base of changes in place: the first inputs are references, and the outputs are their memory."""

    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    writes: ClassVar[dict[int, int]] = {0: 0}
    initializes: ClassVar[bool] = False
    takes: ClassVar[tuple[DType, ...]] = dtypes.BASE_TYPES
    input_names: ClassVar[tuple[str, ...]] = ("ref", "value")

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        ref = inputs[0]
        for spec in inputs[1:]:
            if spec.dtype is not ref.dtype:
                raise TypeError(f"A variable of {ref.dtype.name} cannot be changed by a value of {spec.dtype.name}")
            if spec.rank != 0 and not as_shape(spec.dims).is_compatible_with(TensorShape.of(ref.dims)):
                raise ValueError(f"A variable of shape {show(ref.dims)} cannot change by a value of {show(spec.dims)}")
        outputs = [Spec(ref.dtype, inputs[i].dims) for i in sorted(self.writes)]
        return outputs[0] if len(outputs) == 1 else outputs


@frozen
class Assign(Update):
    """ref = value; its run is what makes a variable initialized."""

    validate_shape: bool = True
    expression: ClassVar[str] = "x1"
    arity: ClassVar[int] = 2
    initializes: ClassVar[bool] = True

    def infer(self, ref: Spec, value: Spec) -> Spec:
        if value.dtype is not ref.dtype:
            raise TypeError(f"A variable of {ref.dtype.name} cannot be assigned a value of {value.dtype.name}")
        if not self.validate_shape:
            return Spec(ref.dtype, value.dims)
        if not as_shape(ref.dims).is_compatible_with(TensorShape.of(value.dims)):
            raise ValueError(f"A variable of shape {show(ref.dims)} cannot take a value of shape {show(value.dims)}")
        return Spec(ref.dtype, TensorShape.of(ref.dims).merge_with(TensorShape.of(value.dims)).tuple)


@frozen
class AssignAdd(Update):
    """ref += value."""

    expression: ClassVar[str] = "x0 + x1"
    arity: ClassVar[int] = 2
    takes: ClassVar[tuple[DType, ...]] = dtypes.NUMERIC


@frozen
class AssignSub(Update):
    """ref -= value."""

    expression: ClassVar[str] = "x0 - x1"
    arity: ClassVar[int] = 2
    takes: ClassVar[tuple[DType, ...]] = dtypes.NUMERIC


def _reference(ref: Any) -> Tensor:
    tensor = convert_to_tensor(ref, as_ref=True)
    if not tensor.dtype.is_ref_dtype:
        raise TypeError(f"{tensor.name} is no variable, so it cannot be assigned to")
    return tensor


def assign(
    ref: Any, value: Any, validate_shape: bool = True, use_locking: bool | None = None, name: str | None = None
) -> Tensor:
    """Sets the variable `ref` to `value` when it is run.

    Args:
      ref: the variable.
      value: what it is set to, of the variable's type.
      validate_shape: whether the value must have the variable's shape.
      use_locking: accepted for TensorFlow's signature; changes are always whole.
      name: the operation's name.

    Returns:
      The variable's memory after the change.

    Example:
      >>> x = tf.Variable(1.0)
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.assign(x, 5.0)))
      5.0
    """
    return apply(Assign(bool(validate_shape)), [_reference(ref), value], name)


def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Tensor:
    """Adds `value` to the variable `ref` when it is run, and returns the variable's memory after that.

    Args:
      ref: a variable.
      value: numbers of its type and shape.
      use_locking: accepted for TensorFlow's signature.
      name: the operation's name.

    Example:
      >>> v = tf.Variable([1, 2])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.assign_add(v, [10, 20])))
      [11 22]
    """
    return apply(AssignAdd(), [_reference(ref), value], name)


def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Tensor:
    """Subtracts `value` from the variable `ref` when it is run, and returns the variable's memory after that.

    Args:
      ref: a variable.
      value: numbers of its type and shape.
      use_locking: accepted for TensorFlow's signature.
      name: the operation's name.

    Example:
      >>> v = tf.Variable([1, 2])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.assign_sub(v, [10, 20])))
      [ -9 -18]
    """
    return apply(AssignSub(), [_reference(ref), value], name)


@frozen
class IsVariableInitialized(OpDef):
    """Whether the variable has been assigned in this session."""

    stateful: ClassVar[bool] = True
    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    differentiable: ClassVar[bool] = False
    reads_uninitialized: ClassVar[bool] = True

    def infer(self, ref: Spec) -> Spec:
        return Spec(dtypes.bool_, ())

    # launch: the compiler adds the step that asks the session.


def is_variable_initialized(ref: Any, name: str | None = None) -> Tensor:
    """Whether the variable `ref` has a value in the session.

    Args:
      ref: a variable.
      name: the operation's name.

    Returns:
      A bool tensor of shape [].

    Example:
      >>> v = tf.Variable(1.0)
      >>> print(tf.Session().run(tf.is_variable_initialized(v)))
      False
    """
    return apply(IsVariableInitialized(), [convert_to_tensor(ref, as_ref=True)], name)


@frozen
class InitializedValue(Elementwise):
    """y = ref where the variable was initialized before the run, else initial_value.

    In a run that initializes the variable, the operation follows the assignment (it is built later) and so gives the
    new value either way: through the memory, or as the very tensor that is assigned.
    """

    expression: ClassVar[str] = "where(x1, x0, x2)"
    arity: ClassVar[int] = 3
    takes: ClassVar[tuple[DType, ...]] = dtypes.BASE_TYPES
    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    reads_uninitialized: ClassVar[bool] = True
    one_type: ClassVar[slice] = slice(0)


def initialized_value(ref: Tensor, initial_value: Tensor) -> Tensor:
    """The variable's value where it has one, else the value that it is to be initialized with.

    Args:
      ref: the variable's memory, of fully known shape.
      initial_value: the tensor that it is initialized with.
    """
    return apply(InitializedValue(), [ref, is_variable_initialized(ref), initial_value], "initialized_value")


@frozen
class CheckLimit(Elementwise):
    """y = x; fails the run where x has reached the limit."""

    limit: int
    expression: ClassVar[str] = "x0"
    stateful: ClassVar[bool] = True
    checks: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    @property
    def failure(self) -> tuple[str, str]:  # type: ignore[override]
        """The condition on which the run fails."""
        return f"x0 >= (T)({self.limit})", f"Reached limit of {self.limit}"

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return errors.OutOfRangeError, self.failure[1]


@frozen
class CountUpTo(Update):
    """ref += 1; y is the value before. `CheckLimit` runs before it."""

    limit: int
    arity: ClassVar[int] = 1
    takes: ClassVar[tuple[DType, ...]] = (dtypes.int32, dtypes.int64)

    def infer(self, ref: Spec) -> Sequence[Spec]:  # type: ignore[override]
        if ref.dtype not in self.takes or ref.rank != 0:
            raise TypeError(f"count_up_to takes one int32 or int64, not {ref.dtype.name} of shape {show(ref.dims)}")
        return [Spec(ref.dtype, ref.dims), Spec(ref.dtype, ref.dims)]

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return "x0 + (T)(1)", "x0"


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Tensor:
    """Adds one to the variable `ref` when run, and gives its value before that.

    Args:
      ref: a scalar variable of int32 or int64.
      limit: the value at which a run fails with `OutOfRangeError` instead.
      name: the operation's name.

    Example:
      >>> v = tf.Variable(5)
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.count_up_to(v, 10)), sess.run(v))
      5 6
    """
    ref = _reference(ref)
    with name_scope(name, "CountUpTo") as scope, control_dependencies([apply_op(CheckLimit(int(limit)), [ref])]):
        return apply(CountUpTo(int(limit)), [ref], scope)[1]


@frozen
class AssertInitialized(OpDef):
    """Nothing; that it takes the variables makes a run fail where one has no value."""

    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, *refs: Spec) -> Sequence[Spec]:
        return []

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        return None


@frozen
class NamesOfUninitialized(OpDef):
    """Names of the variables for which the answer, one bool each, is no."""

    names: tuple[str, ...]
    host: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, *initialized: Spec) -> Spec:
        return Spec(dtypes.string, (None,))

    def compute(self, *initialized: Any) -> Sequence[Any]:
        missing = [name for name, known in zip(self.names, initialized, strict=True) if not known]
        return [np.array([name.encode() for name in missing], object)]


__all__ = [name for name in public_names(globals()) if name != "initialized_value"]
