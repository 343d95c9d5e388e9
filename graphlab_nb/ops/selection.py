"""The largest elements, those that meet a condition, and those that differ."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import array
from graphlab_nb.ops.indexing import gather
from graphlab_nb.ops.ordering import SORT, Chosen, key_defines, plain, scan, share, sort_rows
from graphlab_nb.ops.rows import FILE, check_index
from graphlab_nb.ops.static import int_of
from graphlab_nb.shapes import Dims, TensorShape, show

MOST_HELD = 256
"""Largest k for which the k best are kept while a row is read; rows are sorted for larger ones."""
SHORT = 1024
"""Longest rows that one work-item of a GPU reads alone."""

TopKV2Output = namedtuple("TopKV2Output", ["values", "indices"])
UniqueOutput = namedtuple("UniqueOutput", ["y", "idx"])
UniqueWithCountsOutput = namedtuple("UniqueWithCountsOutput", ["y", "idx", "count"])
ListDiffOutput = namedtuple("ListDiffOutput", ["out", "idx"])


@frozen
class TopKV2(OpDef):
    """The k largest of each row of the last dimension, in falling order, and where they are."""

    k: int
    sorted: bool = True
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Sequence[Spec]:
        if not (x.dtype.is_floating or x.dtype.is_integer):
            raise TypeError(f"top_k takes numbers, not {x.dtype.name}")
        if x.rank == 0:
            raise ValueError("top_k needs an input of rank 1 or more")
        last = None if x.dims is None else x.dims[-1]
        if self.k < 0 or (last is not None and self.k > last):
            raise ValueError(f"top_k of k = {self.k} needs 0 <= k <= the last dimension, of shape {show(x.dims)}")
        dims = None if x.dims is None else (*x.dims[:-1], self.k)
        return Spec(x.dtype, dims), Spec(dtypes.int32, dims)

    def untold(self, x: Spec) -> Sequence[Spec]:
        if x.rank == 0:
            raise ValueError("top_k needs an input of rank 1 or more")
        dims = None if x.dims is None else (*x.dims[:-1], None)
        return Spec(x.dtype, dims), Spec(dtypes.int32, dims)

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if len(inputs[0].shape) > 1 else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x = inputs[0]
        n = x.shape[-1]
        rows = x.size // n
        defines = key_defines(x.dtype)
        if self.k <= MOST_HELD and (run.traits.is_cpu or rows >= SHORT or n <= SHORT):
            each = share(run.traits, rows, max(4096 // n, 1))
            scalars = [np.int64(rows), np.int32(n), np.int32(self.k), np.int64(each)]
            run.kernel(SORT, "top_rows", [*outputs, x, *scalars], (-(-rows // each),), None, defines, (0, 1))
            return
        _, order = sort_rows(run, x, rows, n, descending=True)
        args = [*outputs, x, order, np.int64(n), np.int64(self.k)]
        run.kernel(SORT, "top_of_sorted", args, (self.k, rows), None, defines, (0, 1))

    def gradient(self, op: Operation, dy: Tensor | None, dindices: Tensor | None) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [None if dy is None else apply(PutLast(), [dy, op.outputs[1], op.inputs[0]])]


class LastMove(OpDef):
    """Base of moves between the last dimension of one tensor and the places in it that another names."""

    kernel: ClassVar[str] = ""

    def move(self, run: Launcher, wide: Array, narrow: Array, indices: Array, args: list[Array]) -> None:
        """Adds the kernel call; `wide` has the long rows."""
        if narrow.size:
            scalars = [np.int64(wide.shape[-1]), np.int64(narrow.shape[-1])]
            defines = {"T": plain(wide.dtype), "INDEX": "int"}
            run.kernel(FILE, self.kernel, [*args, indices, *scalars], (narrow.size,), None, defines)


@frozen
class PutLast(LastMove):
    """x[..., indices[..., j]] = y[..., j], else 0, in the shape of another tensor; the indices differ in each row."""

    kernel: ClassVar[str] = "put_last"
    shape_inputs: ClassVar[tuple[int, ...]] = (2,)

    def infer(self, y: Spec, indices: Spec, like: Spec) -> Spec:
        return Spec(y.dtype, like.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.zero(outputs[0])
        self.move(run, outputs[0], inputs[0], inputs[1], [outputs[0], inputs[0]])

    def gradient(self, op: Operation, dx: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(TakeLast(), [dx, op.inputs[1]]), None, None]


@frozen
class TakeLast(LastMove):
    """y[..., j] = x[..., indices[..., j]], for indices that differ in each row."""

    kernel: ClassVar[str] = "take_last"

    def infer(self, x: Spec, indices: Spec) -> Spec:
        return Spec(x.dtype, indices.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self.move(run, inputs[0], outputs[0], inputs[1], [outputs[0], inputs[0]])

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(PutLast(), [dy, op.inputs[1], op.inputs[0]]), None]


def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> Any:
    """The k largest elements of each row of the last dimension; of equal ones those with lower indices come first.

    Args:
      input: numbers, of rank 1 or more.
      k: how many.
      sorted: accepted for TensorFlow's signature; the result is always in falling order.
      name: the operation's name.

    Returns:
      A pair (values, indices) of shape `input.shape[:-1] + [k]`; the indices are int32.

    Raises:
      ValueError: a k larger than the last dimension.

    Example:
      >>> values, indices = tf.Session().run(tf.nn.top_k([1, 9, 3, 7], k=2))
      >>> values, indices
      (array([9, 7], dtype=int32), array([1, 3], dtype=int32))
    """
    k = int_of(k, "k of top_k")
    return TopKV2Output(*apply(TopKV2(k, bool(sorted)), [input], name))


@frozen
class InTopK(OpDef):
    """hit[r] = whether fewer than k of predictions[r, :] are larger than predictions[r, targets[r]]."""

    k: int
    row_inputs: ClassVar[tuple[int, ...]] = (0, 1)
    differentiable: ClassVar[bool] = False

    def infer(self, predictions: Spec, targets: Spec) -> Spec:
        check_index(targets.dtype)
        if predictions.dtype is not dtypes.float32:
            raise TypeError(f"predictions must be float32, not {predictions.dtype.name}")
        if predictions.rank not in (None, 2) or targets.rank not in (None, 1):
            raise ValueError(
                f"in_top_k takes [batch, classes] and [batch], not {show(predictions.dims)} and {show(targets.dims)}"
            )
        batch = None if predictions.dims is None else predictions.dims[:1]
        try:
            rows = TensorShape.of(batch).merge_with(TensorShape.of(targets.dims)).tuple
        except ValueError:
            raise ValueError(
                f"{show(targets.dims)} targets do not fit predictions of {show(predictions.dims)}"
            ) from None
        return Spec(dtypes.bool_, rows if rows is not None else (None,))

    def untold(self, predictions: Spec, targets: Spec) -> Spec:
        return self.infer(predictions, targets)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        rows, n = inputs[0].shape
        each = share(run.traits, rows, max(4096 // max(n, 1), 1))
        args = [outputs[0], *inputs, np.int64(rows), np.int64(n), np.int64(self.k), np.int64(each)]
        defines = {"T": "float", "INDEX": inputs[1].dtype.c_type}
        run.kernel(FILE, "in_top", args, (-(-rows // each),), None, defines)


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether each target is among the k classes with the largest predictions; classes as large as the k-th are all in.

    Args:
      predictions: [batch, classes], float32.
      targets: [batch], int32 or int64 numbers of classes. A target that is no class, or whose prediction is not
        finite, is not in.
      k: how many classes.
      name: the operation's name.

    Returns:
      A bool tensor [batch].

    Example:
      >>> tf.Session().run(tf.nn.in_top_k([[1.0, 9.0, 5.0], [1.0, 9.0, 5.0]], [2, 0], 2))
      array([ True, False])
    """
    k = int_of(k, "k of in_top_k")
    return apply(InTopK(k), [predictions, targets], name)


@frozen
class Where(OpDef):
    """y[m, :] = the coordinates of the m-th element that is true (or not zero), in row-major order."""

    dynamic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, condition: Spec) -> Sequence[Spec]:
        if condition.dtype is dtypes.string:
            raise TypeError("The condition must be bool or numbers, not string")
        return (Spec(dtypes.int64, (None, condition.rank)),)

    def bound(self, condition: Spec) -> Sequence[Spec]:
        return (Spec(dtypes.int64, (_size(condition.dims), condition.rank)),)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out, sizes = outputs
        Chosen(run, inputs[0], sizes).coordinates(out, inputs[0].shape)


def _size(dims: Dims) -> int:
    return int(np.prod(dims, dtype=np.int64))  # type: ignore[arg-type]


def where_indices(condition: Any, name: str | None = None) -> Tensor:
    """The coordinates of the elements that are true (or not zero), in row-major order.

    Args:
      condition: bool or numbers.
      name: the operation's name.

    Returns:
      int64 of shape [number of true elements, rank of the condition]; the number is known only after the run.

    Example:
      >>> tf.Session().run(tf.where_indices([[True, False], [False, True]]))
      array([[0, 0],
             [1, 1]])
    """
    return apply(Where(), [condition], name or "Where")


def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask") -> Tensor:
    """The parts of `tensor` where `mask` is true, in row-major order.

    Args:
      tensor: tensor whose shape begins with the mask's.
      mask: bool, of a known rank of at least 1.
      name: the operation's name.

    Returns:
      A tensor of shape `[number of true elements] + tensor.shape[rank of mask:]`.

    Raises:
      ValueError: a mask of rank 0 or unknown rank, or shapes that do not fit.

    Example:
      >>> tf.Session().run(tf.boolean_mask([1, 2, 3], [True, False, True]))
      array([1, 3], dtype=int32)
    """
    with name_scope(name, "boolean_mask", [tensor, mask]):
        tensor, mask = convert_to_tensor(tensor, name="tensor"), convert_to_tensor(mask, dtypes.bool_, "mask")
        if not mask.dims:
            raise ValueError(f"The mask must have a known rank of at least 1, not the shape {mask.shape}")
        rank = len(mask.dims)
        if tensor.dims is not None:
            front = TensorShape.of(tensor.dims[:rank])
            if not front.is_compatible_with(mask.shape):
                raise ValueError(f"The mask's shape {mask.shape} does not begin the tensor's shape {tensor.shape}")
        rows = tensor
        if rank > 1:
            # Counted by the mask, as -1 would not do for rows without elements.
            count = array.reshape(array.size(mask), [1])
            rows = array.reshape(tensor, array.concat(0, [count, array.shape(tensor)[rank:]]))
        places = array.squeeze(where_indices(array.reshape(mask, [-1])), [1])
        return gather(rows, places)


class Distinct(OpDef):
    """Base of the operations that find each value once."""

    out_idx: DType
    counts: ClassVar[bool] = False
    dynamic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, x: Spec) -> Sequence[Spec]:
        if x.dtype is dtypes.string:
            raise TypeError("unique takes numbers, not strings")
        if x.rank not in (None, 1):
            raise ValueError(f"unique takes a tensor of rank 1, not of shape {show(x.dims)}")
        index = Spec(self.out_idx, (None,) if x.dims is None else x.dims)
        found = [Spec(x.dtype, (None,)), index]
        return [*found, Spec(self.out_idx, (None,))] if self.counts else found

    def bound(self, x: Spec) -> Sequence[Spec]:
        found = [Spec(x.dtype, x.dims), Spec(self.out_idx, x.dims)]
        return [*found, Spec(self.out_idx, x.dims)] if self.counts else found

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, sizes = inputs[0], outputs[-1]
        n = x.size
        if n == 0:
            run.zero(sizes)
            return
        keys, order = sort_rows(run, x, 1, n)
        defines: dict[str, Any] = {**key_defines(x.dtype), "INDEX": self.out_idx.c_type}
        first, starts = run.scratch((n,), dtypes.int32), run.scratch((n,), dtypes.int32)
        run.kernel(SORT, "unique_marks", [first, starts, keys, order], (n,), None, defines, (0, 1))
        rank, group = run.scratch((n,), dtypes.int32), run.scratch((n,), dtypes.int32)
        scan(run, rank, first, 1, n, 1, exclusive=True)
        scan(run, group, starts, 1, n, 1)
        place = run.scratch((n + 1,), dtypes.int32)
        args = [outputs[0], place, sizes, x, order, starts, group, rank, np.int32(len(outputs) - 1), np.int64(n)]
        run.kernel(SORT, "unique_values", args, (n,), None, defines, (0, 1, 2))
        if self.counts:
            defines["COUNTS"] = None
        written = outputs[1:-1]
        args = [*written, order, starts, group, rank, place]
        run.kernel(SORT, "unique_index", args, (n,), None, defines, tuple(range(len(written))))


@frozen
class Unique(Distinct):
    """y: each value of x once, in the order of first appearance; idx[i]: which of them x[i] is."""

    out_idx: DType = dtypes.int32


@frozen
class UniqueWithCounts(Distinct):
    """As Unique, and count[j]: how often y[j] appears in x."""

    out_idx: DType = dtypes.int32
    counts: ClassVar[bool] = True


def unique(x: Any, name: str | None = None, out_idx: Any = dtypes.int32) -> Any:
    """Each value of `x` once, in the order of first appearance; all NaNs count as one value.

    Args:
      x: numbers or bools, of rank 1.
      name: the operation's name.
      out_idx: type of the indices, int32 or int64.

    Returns:
      A pair (y, idx) with y[idx[i]] = x[i]; the length of y is known only after the run.

    Example:
      >>> tf.Session().run(tf.unique([7, 7, 5, 7]))
      UniqueOutput(y=array([7, 5], dtype=int32), idx=array([0, 0, 1, 0], dtype=int32))
    """
    return UniqueOutput(*apply(Unique(_index_type(out_idx)), [x], name))


def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """As `unique` (whose arguments it has), and how often each value appears: a triple (y, idx, count).

    Example:
      >>> tf.Session().run(tf.unique_with_counts([7, 7, 5, 7])).count
      array([3, 1], dtype=int32)
    """
    return UniqueWithCountsOutput(*apply(UniqueWithCounts(_index_type(out_idx)), [x], name))


def _index_type(dtype: Any) -> DType:
    dtype = dtypes.as_dtype(dtype).base_dtype
    check_index(dtype)
    return dtype


@frozen
class ListDiff(OpDef):
    """out: the elements of x that are not in y, in order; idx: where in x they are."""

    out_idx: DType = dtypes.int32
    dynamic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    one_type: ClassVar[slice] = slice(None)

    def infer(self, x: Spec, y: Spec) -> Sequence[Spec]:
        if x.dtype is not y.dtype or x.dtype is dtypes.string:
            raise TypeError(f"x and y must be numbers of one type, not {x.dtype.name} and {y.dtype.name}")
        for spec in (x, y):
            if spec.rank not in (None, 1):
                raise ValueError(f"setdiff1d takes tensors of rank 1, not of shape {show(spec.dims)}")
        return Spec(x.dtype, (None,)), Spec(self.out_idx, (None,))

    def bound(self, x: Spec, y: Spec) -> Sequence[Spec]:
        return Spec(x.dtype, x.dims), Spec(self.out_idx, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, y = inputs
        out, index, sizes = outputs
        if x.size == 0:
            run.zero(sizes)
            return
        keys = run.scratch((1,), dtypes.uint64)
        if y.size:
            keys, _ = sort_rows(run, y, 1, y.size)
        flags = run.scratch((x.size,), dtypes.bool_)
        run.kernel(SORT, "not_among", [flags, x, keys, np.int64(y.size)], (x.size,), None, key_defines(x.dtype))
        Chosen(run, flags, sizes, entries=2).values(out, index, x)


def setdiff1d(x: Any, y: Any, index_dtype: Any = dtypes.int32, name: str | None = None) -> Any:
    """The elements of `x` that are not in `y`, in their order and as often as they are there.

    Args:
      x: numbers, of rank 1.
      y: numbers of the same type, of rank 1.
      index_dtype: type of the positions, int32 or int64.
      name: the operation's name.

    Returns:
      A pair (out, idx): the elements, and where in `x` they are; their number is known only after the run.

    Example:
      >>> tf.Session().run(tf.setdiff1d([5, 6, 7, 8], [6]))
      ListDiffOutput(out=array([5, 7, 8], dtype=int32), idx=array([0, 2, 3], dtype=int32))
    """
    return ListDiffOutput(*apply(ListDiff(_index_type(index_dtype)), [x, y], name))


def listdiff(x: Any, y: Any, out_idx: Any = None, name: str | None = None) -> Any:
    """The older name of `setdiff1d`, with `out_idx` for its `index_dtype`.

    Example:
      >>> tf.Session().run(tf.listdiff([5, 6, 7, 8], [6]))
      ListDiffOutput(out=array([5, 7, 8], dtype=int32), idx=array([0, 2, 3], dtype=int32))
    """
    return setdiff1d(x, y, dtypes.int32 if out_idx is None else out_idx, name)


__all__ = public_names(globals())
