"""Sums and other reductions of groups of rows, and running sums and products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import errors
from graphlab_nb.dtypes import NUMERIC, int32
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import logic
from graphlab_nb.ops.axes import one_run
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.indexing import gather
from graphlab_nb.ops.ordering import accumulator, scan, share
from graphlab_nb.ops.rows import check_index, out_of_range, scatter_rows
from graphlab_nb.ops.static import int_of, wrapped_axis
from graphlab_nb.shapes import TensorShape, show

FILE = "segment.cl"
COLUMNS = 16
"""Columns that a work-item reduces at a time; the constant of the same name in segment.cl."""


@frozen
class SegmentRows(OpDef):
    """The number of segments that sorted ids name: the last one plus 1."""

    differentiable: ClassVar[bool] = False

    def infer(self, ids: Spec) -> Spec:
        check_index(ids.dtype)
        if ids.rank not in (None, 1):
            raise ValueError(f"segment_ids must be of rank 1, not of shape {show(ids.dims)}")
        return Spec(int32, ())

    def fold(self, ids: Spec) -> Any:
        known = ids.full_value()
        return None if known is None else np.ma.asarray(np.int64(max(known[-1] + 1, 0) if known.size else 0))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        ids = inputs[0]
        run.kernel(FILE, "segment_rows", [outputs[0], ids, np.int64(ids.size)], (1,), None, {"INDEX": ids.dtype.c_type})


class Segment(OpDef):
    """Base of reductions of rows with the same id in a sorted list; the third input is the number of segments."""

    mode: ClassVar[str] = ""
    value_inputs: ClassVar[tuple[int, ...]] = (2,)
    checks: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, data: Spec, ids: Spec, rows: Spec) -> Spec:
        if data.dtype not in NUMERIC:
            raise TypeError(f"{self.type_name} takes numbers, not {data.dtype.name}")
        if data.rank == 0:
            raise ValueError(f"{self.type_name} needs data of rank 1 or more")
        if data.dims is None:
            return Spec(data.dtype, None)
        try:
            TensorShape.of(data.dims[:1]).assert_is_compatible_with(TensorShape.of(ids.dims))
        except ValueError:
            raise ValueError(
                f"segment_ids of shape {show(ids.dims)} must have one id per row of {show(data.dims)}"
            ) from None
        count = rows.full_value()
        return Spec(data.dtype, (None if count is None else int(count), *data.dims[1:]))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        data, ids = inputs[0], inputs[1]
        out = outputs[0]
        n = ids.size
        index = {"INDEX": ids.dtype.c_type}
        if n:
            report, operation = run.report(1)
            each = share(run.traits, n, 4096)
            args: list[Any] = [report, ids, operation, np.int64(n), np.int64(each)]
            run.kernel(FILE, "check_sorted", args, (-(-n // each),), None, index)
        if not out.size:
            return
        inner = out.size // out.shape[0]
        rows = out.shape[0]
        columns = min(inner, COLUMNS) if run.traits.is_cpu else 1
        each = share(run.traits, rows, max(1024 // inner, 1))
        args = [out, data, ids, np.int64(n), np.int64(inner), np.int64(rows), np.int64(each), np.int64(columns)]
        defines = {**index, "T": data.dtype.c_type, "ACC": accumulator(data.dtype), self.mode: None}
        run.kernel(FILE, "segment_reduce", args, (-(-inner // columns), -(-rows // each)), None, defines)

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        if code == 1:
            return errors.InvalidArgumentError, f"segment_ids[{first}] = {second} is negative"
        return errors.InvalidArgumentError, f"segment_ids must not decrease, but {first} comes after {second}"


@frozen
class SegmentSum(Segment):
    """y[s, ...] = the sum of data[i, ...] over the i with ids[i] = s."""

    mode: ClassVar[str] = "SUM"

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [gather(dy, op.inputs[1]), None, None]


@frozen
class SegmentMean(Segment):
    """y[s, ...] = the mean of data[i, ...] over the i with ids[i] = s; 0 where there is none."""

    mode: ClassVar[str] = "MEAN"

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [gather(apply(SegmentDivide(), [dy, op.inputs[1]]), op.inputs[1]), None, None]


@frozen
class SegmentDivide(OpDef):
    """y[s, ...] = x[s, ...] / the number of ids that are s; 0 where there is none."""

    def infer(self, x: Spec, ids: Spec) -> Spec:
        return Spec(x.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, ids = inputs
        args = [outputs[0], x, ids, np.int64(ids.size), np.int64(x.size // x.shape[0])]
        defines = {"INDEX": ids.dtype.c_type, "T": x.dtype.c_type, "ACC": accumulator(x.dtype)}
        run.kernel(FILE, "segment_divide", args, (x.size,), None, defines)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(SegmentDivide(), [dy, op.inputs[1]]), None]


@frozen
class SegmentProd(Segment):
    """y[s, ...] = the product of data[i, ...] over the i with ids[i] = s; it has no gradient, as in TensorFlow."""

    mode: ClassVar[str] = "PROD"


class SegmentExtreme(Segment):
    """Base of the largest and the smallest of segments; those that share the extreme share its gradient equally."""

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        data, ids, rows = op.inputs
        reached = cast(logic.equal(data, gather(op.outputs[0], ids)), data.dtype.base_dtype)
        count = apply(SegmentSum(), [reached, ids, rows])
        # A segment without data has no one to share with; its quotient is never gathered.
        return [reached * gather(dy, ids) / gather(count, ids), None, None]


@frozen
class SegmentMax(SegmentExtreme):
    """y[s, ...] = the largest data[i, ...] over the i with ids[i] = s; 0 where there is none."""

    mode: ClassVar[str] = "MAX"


@frozen
class SegmentMin(SegmentExtreme):
    """y[s, ...] = the smallest data[i, ...] over the i with ids[i] = s; 0 where there is none."""

    mode: ClassVar[str] = "MIN"


def _segment(definition: Segment, data: Any, segment_ids: Any, name: str | None) -> Tensor:
    with name_scope(name, definition.type_name, [data, segment_ids]) as scope:
        ids = convert_to_tensor(segment_ids, name="segment_ids")
        return apply(definition, [data, ids, apply(SegmentRows(), [ids])], scope)


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Sums of the rows of `data` that have the same id.

    Args:
      data: [n, ...].
      segment_ids: [n], int32 or int64, not negative, in rising order; numbers may be left out.
      name: the operation's name.

    Returns:
      [last id + 1, ...]; an id without rows has 0.

    Raises:
      InvalidArgumentError: in a run, for ids that are negative or decrease.

    Example:
      >>> tf.Session().run(tf.segment_sum([[1, 2], [3, 4], [5, 6]], [0, 0, 1]))
      array([[4, 6],
             [5, 6]], dtype=int32)
    """
    return _segment(SegmentSum(), data, segment_ids, name)


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Means of the rows of `data` that have the same id; 0 for an id without rows.

    Shapes and ids are those of `segment_sum`: `data` [n, ...], `segment_ids` [n] in rising order, result [last id + 1, ...].

    Example:
      >>> tf.Session().run(tf.segment_mean([1.0, 3.0, 10.0, 20.0], [0, 0, 1, 1]))
      array([ 2., 15.], dtype=float32)
    """
    return _segment(SegmentMean(), data, segment_ids, name)


def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Products of the rows of `data` that have the same id; 1 for an id without rows.

    Shapes and ids are those of `segment_sum`: `data` [n, ...], `segment_ids` [n] in rising order, result [last id + 1, ...].

    Example:
      >>> tf.Session().run(tf.segment_prod([1, 5, 2, 4], [0, 0, 1, 1]))
      array([5, 8], dtype=int32)
    """
    return _segment(SegmentProd(), data, segment_ids, name)


def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The largest of the rows of `data` that have the same id; 0 for an id without rows.

    Shapes and ids are those of `segment_sum`: `data` [n, ...], `segment_ids` [n] in rising order, result [last id + 1, ...].

    Example:
      >>> tf.Session().run(tf.segment_max([1, 5, 2, 4], [0, 0, 1, 1]))
      array([5, 4], dtype=int32)
    """
    return _segment(SegmentMax(), data, segment_ids, name)


def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The smallest of the rows of `data` that have the same id; 0 for an id without rows.

    Shapes and ids are those of `segment_sum`: `data` [n, ...], `segment_ids` [n] in rising order, result [last id + 1, ...].

    Example:
      >>> tf.Session().run(tf.segment_min([1, 5, 2, 4], [0, 0, 1, 1]))
      array([1, 2], dtype=int32)
    """
    return _segment(SegmentMin(), data, segment_ids, name)


def sparse_segment_sum(data: Any, indices: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """`segment_sum` of the rows of `data` that `indices` names.

    Args:
      data: a tensor of rows.
      indices: rows of `data`, `[n]`.
      segment_ids: the id of each, `[n]`, in rising order.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.sparse_segment_sum([10, 20, 30], [0, 2, 1], [0, 0, 1]))
      array([40, 20], dtype=int32)
    """
    with name_scope(name, "SparseSegmentSum", [data, indices, segment_ids]) as scope:
        return segment_sum(gather(data, indices), segment_ids, scope)


def sparse_segment_mean(data: Any, indices: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """`segment_mean` of the rows of `data` that `indices` names.

    Args:
      data: a tensor of rows.
      indices: rows of `data`, `[n]`.
      segment_ids: the id of each, `[n]`, in rising order.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.sparse_segment_mean([10.0, 20.0, 30.0], [0, 2, 1], [0, 0, 1]))
      array([20., 20.], dtype=float32)
    """
    with name_scope(name, "SparseSegmentMean", [data, indices, segment_ids]) as scope:
        return segment_mean(gather(data, indices), segment_ids, scope)


@frozen
class UnsortedSegmentSum(OpDef):
    """y[s, ...] = the sum of data[i, ...] over the places i, of any rank, with ids[i] = s."""

    value_inputs: ClassVar[tuple[int, ...]] = (2,)
    checks: ClassVar[bool] = True
    input_names: ClassVar[tuple[str, ...]] = ("data", "segment_ids", "num_segments")
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, data: Spec, ids: Spec, count: Spec) -> Spec:
        check_index(ids.dtype)
        if data.dtype not in NUMERIC:
            raise TypeError(f"unsorted_segment_sum takes numbers, not {data.dtype.name}")
        if not count.dtype.is_integer or count.rank not in (None, 0):
            raise ValueError(f"num_segments must be a single integer, not {count.dtype.name}{show(count.dims)}")
        known = count.full_value()
        if known is not None and known < 0:
            raise ValueError(f"num_segments must not be negative: {int(known)}")
        if data.dims is None or ids.dims is None:
            return Spec(data.dtype, None)
        front = data.dims[: len(ids.dims)]
        if not TensorShape.of(front).is_compatible_with(TensorShape.of(ids.dims)):
            raise ValueError(
                f"The shape of data, {show(data.dims)}, must begin with that of segment_ids, {show(ids.dims)}"
            )
        return Spec(data.dtype, (None if known is None else int(known), *data.dims[len(ids.dims) :]))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out = outputs[0]
        run.zero(out)
        scatter_rows(run, out, inputs[0], inputs[1], out.shape[0], "ADD", run.report(1))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [gather(dy, op.inputs[1]), None, None]


def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Sums of the rows of `data` that have the same id, in any order.

    Args:
      data: tensor whose shape begins with that of `segment_ids`.
      segment_ids: int32 or int64 of [0, num_segments), of any shape.
      num_segments: length of the result, a number or an integer tensor.
      name: the operation's name.

    Returns:
      [num_segments, ...]; an id without rows has 0.

    Raises:
      InvalidArgumentError: in a run, for an id that is out of range.

    Example:
      >>> tf.Session().run(tf.unsorted_segment_sum([1, 2, 3], [1, 0, 1], 3))
      array([2, 4, 0], dtype=int32)
    """
    return apply(UnsortedSegmentSum(), [data, segment_ids, num_segments], name)


class Cumulative(OpDef):
    """Base of running sums and products along one dimension."""

    axis: int
    exclusive: bool
    reverse: bool
    product: ClassVar[bool] = False
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, x: Spec) -> Spec:
        if x.dtype not in NUMERIC:
            raise TypeError(f"{self.type_name} takes numbers, not {x.dtype.name}")
        if x.dims is not None:
            wrapped_axis(self.axis, len(x.dims))
        return Spec(x.dtype, x.dims)

    def untold(self, x: Spec) -> Spec:
        self.infer(Spec(x.dtype, None))
        return Spec(x.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        outer, n, inner = one_run((self.axis,), inputs[0].shape)
        scan(run, outputs[0], inputs[0], outer, n, inner, self.exclusive, self.reverse, self.product)


@frozen
class Cumsum(Cumulative):
    """y[i] = the sum of x[j] over j <= i along an axis; over j < i where exclusive; from the end where reverse."""

    axis: int = 0
    exclusive: bool = False
    reverse: bool = False

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        return [apply(Cumsum(self.axis, self.exclusive, not self.reverse), [dy])]


@frozen
class Cumprod(Cumulative):
    """y[i] = the product of x[j] over j <= i along an axis; over j < i where exclusive; from the end where reverse."""

    axis: int = 0
    exclusive: bool = False
    reverse: bool = False
    product: ClassVar[bool] = True

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        # As TensorFlow's: not a number where x is 0.
        summed = apply(Cumsum(self.axis, self.exclusive, not self.reverse), [op.outputs[0] * dy])
        return [summed / op.inputs[0]]


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running sum of `x` along `axis`.

    Args:
      x: numbers.
      axis: the dimension, a number.
      exclusive: leave each element's own value out: the first result is 0.
      reverse: sum from the end.
      name: the operation's name.

    Returns:
      A tensor of the shape and type of `x`.

    Example:
      >>> tf.Session().run(tf.cumsum([1, 2, 3, 4]))
      array([ 1,  3,  6, 10], dtype=int32)
      >>> tf.Session().run(tf.cumsum([1, 2, 3, 4], exclusive=True))
      array([0, 1, 3, 6], dtype=int32)
    """
    return apply(Cumsum(int_of(axis, "The axis of cumsum"), bool(exclusive), bool(reverse)), [x], name)


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running product of `x` along `axis`. Its gradient is not a number where `x` is 0.

    Args:
      x: numbers.
      axis: the dimension, a number.
      exclusive: leave each element's own value out: the first result is 1.
      reverse: multiply from the end.
      name: the operation's name.

    Returns:
      A tensor of the shape and type of `x`.

    Example:
      >>> tf.Session().run(tf.cumprod([1, 2, 3, 4]))
      array([ 1,  2,  6, 24], dtype=int32)
    """
    return apply(Cumprod(int_of(axis, "The axis of cumprod"), bool(exclusive), bool(reverse)), [x], name)


__all__ = public_names(globals())
