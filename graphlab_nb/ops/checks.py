"""Checks of values and shapes, most of which fail the run that computes something wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply_op, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import control_dependencies, get_default_graph, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import logic
from graphlab_nb.ops.control import group, identity, no_op
from graphlab_nb.ops.host import Assert
from graphlab_nb.ops.pointwise import convert_together
from graphlab_nb.ops.reduce import reduce_all
from graphlab_nb.ops.shaping import rank as rank_of
from graphlab_nb.ops.shaping import reshape

CPU_CHUNK = 1 << 14
GPU_CHUNK = 16


@frozen
class CheckNumerics(OpDef):
    """Fails the run where x holds a NaN or an infinity."""

    message: str
    stateful: ClassVar[bool] = True
    checks: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, x: Spec) -> Sequence[Spec]:
        if not x.dtype.is_floating:
            raise TypeError(f"CheckNumerics takes floats, not {x.dtype.name}")
        return []

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x = inputs[0]
        report, index = run.report(0)
        each = CPU_CHUNK if run.traits.is_cpu else GPU_CHUNK
        args = [x, report, index, np.int64(x.size), np.int64(each)]
        defines = {"T": x.dtype.c_type, "LANES": 1}
        run.kernel("control.cl", "check_numerics", args, (-(-x.size // each),), None, defines, writes=(1,))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        what = "NaN" if code == 1 else "Inf"
        return errors.InvalidArgumentError, f"{self.message} : Tensor had {what} values"


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """A tensor of the value of `tensor` that fails the run where that holds a NaN or an infinity.

    Args:
      tensor: floats.
      message: text before the error's own.
      name: name scope of the operations.

    Raises:
      InvalidArgumentError: when it is run: "`message` : Tensor had NaN values", or Inf.

    Example:
      >>> tf.Session().run(tf.check_numerics([1.0, 2.0], "the loss"))
      array([1., 2.], dtype=float32)
    """
    with name_scope(name, "CheckNumerics") as scope:
        tensor = convert_to_tensor(tensor)
        with control_dependencies([apply_op(CheckNumerics(message), [tensor])]):
            return identity(tensor, scope)


def verify_tensor_all_finite(t: Any, msg: str, name: str | None = None) -> Tensor:
    """A tensor of the value of `t` that fails the run where that holds a NaN or an infinity; see `check_numerics`.

    Args:
      t: floats.
      msg: text before the error's own.
      name: name scope of the operations.

    Example:
      >>> tf.Session().run(tf.verify_tensor_all_finite([1.0, 2.0], "the loss"))
      array([1., 2.], dtype=float32)
    """
    return check_numerics(t, msg, name or "VerifyFinite")


def add_check_numerics_ops() -> Operation:
    """An operation that checks all floats of the default graph as it is now, each by the name of its tensor.

    References are left out, of which many are the results of operations that change variables: it changes none. What variables
    hold is checked where it is read.

    Example:
      >>> y = tf.sqrt([1.0, 4.0])
      >>> check = tf.add_check_numerics_ops()
      >>> tf.Session().run([y, check])[0]
      array([1., 2.], dtype=float32)
    """
    tensors = [t for op in get_default_graph().get_operations() for t in op.outputs]
    tensors = [t for t in tensors if t.dtype.is_floating and not t.dtype.is_ref_dtype]
    return group(*[apply_op(CheckNumerics(t.name), [t]) for t in tensors])


# Assertions on values


def _assert_pair(
    x: Any,
    y: Any,
    test: Callable[[Any, Any], Tensor],
    sign: str,
    data: Any,
    summarize: int | None,
    message: str | None,
    name: str,
) -> Operation:
    with name_scope(name):
        x, y = convert_together([x, y], names=("x", "y"))
        if data is None:
            first = [message] if message else []
            first.append(f"Condition x {sign} y did not hold element-wise:")
            data = [*first, f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        return Assert(reduce_all(test(x, y)), data, summarize)


def assert_equal(
    x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is not equal to y.

    Args:
      x: numbers.
      y: numbers of the same type, whose shape fits.
      data: what the error shows; x and y by default.
      summarize: how many values of each are shown.
      message: text before the error's own.
      name: name scope of the operations.

    Raises:
      InvalidArgumentError: when it is run.

    Example:
      >>> x = tf.constant([1, 2])
      >>> with tf.control_dependencies([tf.assert_equal(tf.size(x), 2)]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([10, 20], dtype=int32)
    """
    return _assert_pair(x, y, logic.equal, "==", data, summarize, message, name or "assert_equal")


def assert_less(
    x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is not less than y; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([1, 2])
      >>> with tf.control_dependencies([tf.assert_less(x, 5)]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([10, 20], dtype=int32)
    """
    return _assert_pair(x, y, logic.less, "<", data, summarize, message, name or "assert_less")


def assert_less_equal(
    x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is greater than y; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([1, 2])
      >>> with tf.control_dependencies([tf.assert_less_equal(x, [1, 9])]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([10, 20], dtype=int32)
    """
    return _assert_pair(x, y, logic.less_equal, "<=", data, summarize, message, name or "assert_less_equal")


def assert_greater(
    x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is not greater than y; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([1, 2])
      >>> with tf.control_dependencies([tf.assert_greater(x, 0)]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([10, 20], dtype=int32)
    """
    return _assert_pair(x, y, logic.greater, ">", data, summarize, message, name or "assert_greater")


def assert_greater_equal(
    x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is less than y; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([1, 2])
      >>> with tf.control_dependencies([tf.assert_greater_equal(x, [1, 0])]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([10, 20], dtype=int32)
    """
    return _assert_pair(x, y, logic.greater_equal, ">=", data, summarize, message, name or "assert_greater_equal")


def assert_positive(
    x: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is not above zero; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([1.0, 4.0])
      >>> with tf.control_dependencies([tf.assert_positive(x)]):
      ...     y = 1 / x
      >>> tf.Session().run(y)
      array([1.  , 0.25], dtype=float32)
    """
    return assert_greater(x, 0, data, summarize, message, name or "assert_positive")


def assert_negative(
    x: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is not below zero; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([-1, -2])
      >>> with tf.control_dependencies([tf.assert_negative(x)]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([-10, -20], dtype=int32)
    """
    return assert_less(x, 0, data, summarize, message, name or "assert_negative")


def assert_non_negative(
    x: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is below zero; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([0.0, 4.0])
      >>> with tf.control_dependencies([tf.assert_non_negative(x)]):
      ...     y = tf.sqrt(x)
      >>> tf.Session().run(y)
      array([0., 2.], dtype=float32)
    """
    return assert_greater_equal(x, 0, data, summarize, message, name or "assert_non_negative")


def assert_non_positive(
    x: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Operation:
    """An operation that fails the run where some x is above zero; arguments as for `assert_equal`.

    Example:
      >>> x = tf.constant([0, -2])
      >>> with tf.control_dependencies([tf.assert_non_positive(x)]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([  0, -20], dtype=int32)
    """
    return assert_less_equal(x, 0, data, summarize, message, name or "assert_non_positive")


# Assertions on ranks and types, made at once where these are known


def _assert_rank(
    x: Any, rank: int, exact: bool, data: Any, summarize: int | None, message: str | None, name: str
) -> Operation:
    x = convert_to_tensor(x)
    known = x.shape.ndims
    what = f"must have rank {'' if exact else 'at least '}{rank}"
    if known is not None:
        if known != rank if exact else known < rank:
            raise ValueError(f"{message or ''} Tensor {x.name} {what}, but its shape is {x.shape}".strip())
        return no_op(f"{name}_known")
    with name_scope(name):
        test = logic.equal if exact else logic.greater_equal
        shown = [*([message] if message else []), f"Tensor {x.name} {what}"] if data is None else data
        return Assert(test(rank_of(x), rank), shown, summarize)


def assert_rank(
    x: Any,
    rank: int,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """An operation that fails the run where `x` has not the rank `rank`.

    Args:
      x: a tensor.
      rank: the rank that it must have.
      data: tensors to show when it fails.
      summarize: how many elements of each.
      message: words before the error's own.
      name: the operation's name.

    Raises:
      ValueError: at once, where the rank is known to be another.

    Example:
      >>> tf.assert_rank([1, 2], 2)
      Traceback (most recent call last):
      ValueError: Tensor Const:0 must have rank 2, but its shape is (2,)
    """
    return _assert_rank(x, rank, True, data, summarize, message, name or "assert_rank")


def assert_rank_at_least(
    x: Any,
    rank: int,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """An operation that fails the run where `x` has fewer than `rank` dimensions.

    Args:
      x: a tensor.
      rank: the rank that it must have at least.
      data: tensors to show when it fails.
      summarize: how many elements of each.
      message: words before the error's own.
      name: the operation's name.

    Raises:
      ValueError: at once, where the rank is known to be lower.

    Example:
      >>> tf.assert_rank_at_least([1, 2], 2)
      Traceback (most recent call last):
      ValueError: Tensor Const:0 must have rank at least 2, but its shape is (2,)
    """
    return _assert_rank(x, rank, False, data, summarize, message, name or "assert_rank_at_least")


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Operation:
    """Does nothing; the element type is checked at once.

    Args:
      tensor: a tensor.
      tf_type: the type that it must have.
      message: words before the error's own.
      name: the operation's name.

    Raises:
      TypeError: where it is not `tf_type`.

    Example:
      >>> tf.assert_type([1, 2], tf.float32)
      Traceback (most recent call last):
      TypeError: Const:0 must be of type float32, not int32
    """
    tensor = convert_to_tensor(tensor)
    wanted = dtypes.as_dtype(tf_type).base_dtype
    if tensor.dtype.base_dtype is not wanted:
        raise TypeError(f"{message or ''} {tensor.name} must be of type {wanted.name}, not {tensor.dtype.name}".strip())
    return no_op(name or "assert_type_known")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Operation:
    """Does nothing; the element type is checked at once.

    Args:
      x: a tensor.
      message: words before the error's own.
      name: the operation's name.

    Raises:
      TypeError: where it is no integer.

    Example:
      >>> tf.assert_integer([0.5, 2.0])
      Traceback (most recent call last):
      TypeError: Const:0 must be of an integer type, not float32
    """
    x = convert_to_tensor(x)
    if not x.dtype.base_dtype.is_integer:
        raise TypeError(f"{message or ''} {x.name} must be of an integer type, not {x.dtype.name}".strip())
    return no_op(name or "assert_integer_known")


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a tensor of integers or floats; a list or array is none.

    Example:
      >>> tf.is_numeric_tensor(tf.constant([1, 2])), tf.is_numeric_tensor([1, 2])
      (True, False)
    """
    return isinstance(tensor, Tensor) and tensor.dtype.base_dtype in dtypes.NUMERIC


def _neighbours(x: Any, test: Callable[[Any, Any], Tensor], name: str | None, default: str) -> Tensor:
    with name_scope(name, default) as scope:
        flat = reshape(x, [-1])
        return reduce_all(test(flat[1:], flat[:-1]), name=scope)


def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """A single bool: whether no element of `x`, read row by row, is less than the one before it.

    Example:
      >>> bool(tf.Session().run(tf.is_non_decreasing([1, 3, 3])))
      True
    """
    return _neighbours(x, logic.greater_equal, name, "is_non_decreasing")


def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """A single bool: whether each element of `x`, read row by row, is greater than the one before it.

    Example:
      >>> bool(tf.Session().run(tf.is_strictly_increasing([[1, 3], [4, 5]])))
      True
    """
    return _neighbours(x, logic.greater, name, "is_strictly_increasing")


__all__ = public_names(globals())
