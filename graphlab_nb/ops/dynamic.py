"""Splitting rows by number, and putting them back together; shapes follow from the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import errors
from graphlab_nb.dtypes import int32, string
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.filling import zeros_like
from graphlab_nb.ops.indexing import gather
from graphlab_nb.ops.ordering import Chosen
from graphlab_nb.ops.pointwise import convert_together
from graphlab_nb.ops.rows import check_index, check_rows, out_of_range, scatter_rows
from graphlab_nb.shapes import TensorShape, show


def _inner(data: Spec, partitions: Spec) -> Sequence[int | None] | None:
    """The shape of one of data's rows, which partitions counts."""
    if data.dims is None or partitions.dims is None:
        return None
    front = TensorShape.of(data.dims[: len(partitions.dims)])
    if not front.is_compatible_with(TensorShape.of(partitions.dims)):
        raise ValueError(
            f"The shape of data, {show(data.dims)}, must begin with that of partitions, {show(partitions.dims)}"
        )
    return data.dims[len(partitions.dims) :]


@frozen
class DynamicPartition(OpDef):
    """y_p = the rows of data whose partition is p, in order, for each p < num_partitions."""

    num_partitions: int
    dynamic: ClassVar[bool] = True
    checks: ClassVar[bool] = True

    def infer(self, data: Spec, partitions: Spec) -> Sequence[Spec]:
        if partitions.dtype is not int32:
            raise TypeError(f"partitions must be int32, not {partitions.dtype.name}")
        if data.dtype is string:
            raise TypeError("dynamic_partition takes numbers and bools, not strings")
        if self.num_partitions < 1:
            raise ValueError(f"num_partitions must be at least 1, not {self.num_partitions}")
        inner = _inner(data, partitions)
        return [Spec(data.dtype, None if inner is None else (None, *inner)) for _ in range(self.num_partitions)]

    def bound(self, data: Spec, partitions: Spec) -> Sequence[Spec]:
        rows = int(np.prod(partitions.dims, dtype=np.int64))  # type: ignore[arg-type]
        dims = (rows, *(_inner(data, partitions) or ()))
        return [Spec(data.dtype, dims) for _ in range(self.num_partitions)]

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        data, partitions = inputs
        sizes = outputs[-1]
        if partitions.size:
            check_rows(run, partitions, self.num_partitions, run.report(1))
        inner = data.size // partitions.size if partitions.size else 0
        for p, out in enumerate(outputs[:-1]):
            Chosen(run, partitions, sizes, entry=p, part=p).rows(out, data, inner)

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return errors.InvalidArgumentError, f"The partition {first} is not in [0, {second})"

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        data, partitions = op.inputs
        parts = [zeros_like(y) if d is None else d for y, d in zip(op.outputs, dy, strict=True)]
        return [apply(DynamicPartitionGrad(), [partitions, data, *parts]), None]


@frozen
class DynamicPartitionGrad(OpDef):
    """The rows of several tensors put back to where dynamic_partition took them from, in the shape of its data."""

    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, partitions: Spec, data: Spec, *parts: Spec) -> Spec:
        return Spec(parts[0].dtype, data.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        partitions, out = inputs[0], outputs[0]
        sizes = run.scratch((1,), int32)
        for p, part in enumerate(inputs[2:]):
            if part.size:
                chosen = Chosen(run, partitions, sizes, part=p)
                chosen.rows(part, out, out.size // partitions.size, back=True)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        partitions = op.inputs[0]
        parts = apply(DynamicPartition(len(op.inputs) - 2), [dy, partitions])
        return [None, None, *(parts if isinstance(parts, list) else [parts])]


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Tensor]:
    """Splits the rows of `data` by the number that `partitions` gives each.

    Args:
      data: tensor whose shape begins with that of `partitions`.
      partitions: int32 of [0, num_partitions), of any shape.
      num_partitions: how many tensors to make.
      name: the operation's name.

    Returns:
      A list of `num_partitions` tensors of shape [number of rows, ...]; the numbers are known only after the run.

    Raises:
      InvalidArgumentError: in a run, for a partition that is out of range.

    Example:
      >>> low, high = tf.dynamic_partition([10, 80, 20, 90], [0, 1, 0, 1], 2)
      >>> tf.Session().run(high)
      array([80, 90], dtype=int32)
    """
    found = apply(DynamicPartition(int(num_partitions)), [data, partitions], name)
    return found if isinstance(found, list) else [found]


@frozen
class StitchedRows(OpDef):
    """The number of rows that indices name: the greatest of all plus 1."""

    differentiable: ClassVar[bool] = False

    def infer(self, *indices: Spec) -> Spec:
        for spec in indices:
            if spec.dtype is not int32:
                raise TypeError(f"The indices of dynamic_stitch must be int32, not {spec.dtype.name}")
        return Spec(int32, ())

    def fold(self, *indices: Spec) -> Any:
        known = [s.full_value() for s in indices]
        if any(k is None for k in known):
            return None
        return np.ma.asarray(np.int64(max((int(k.max()) + 1 for k in known if k.size), default=0)))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        group = 1 if run.traits.is_cpu else min(256, run.traits.max_work_group)
        for k, ids in enumerate(inputs):
            last = k == len(inputs) - 1
            args = [outputs[0], ids, np.int64(ids.size), np.int32(k == 0), np.int32(last)]
            run.kernel("segment.cl", "largest_id", args, (group,), (group,), {"INDEX": "int", "GROUP": group})


@frozen
class DynamicStitch(OpDef):
    """y[indices_k[i], ...] = data_k[i, ...] for each k and i in order; rows that no index names are 0.

    Inputs: the number of rows, `pairs` index tensors, `pairs` data tensors.
    """

    pairs: int
    value_inputs: ClassVar[tuple[int, ...]] = (0,)
    checks: ClassVar[bool] = True

    def infer(self, rows: Spec, *inputs: Spec) -> Spec:
        indices, data = inputs[: self.pairs], inputs[self.pairs :]
        inner = TensorShape(None)
        for i, d in zip(indices, data, strict=True):
            check_index(i.dtype)
            if d.dtype is not data[0].dtype or d.dtype is string:
                raise TypeError(f"The data of dynamic_stitch must be numbers of one type, not {d.dtype.name}")
            row = _inner(d, i)
            if row is None:
                continue
            if not inner.is_compatible_with(TensorShape.of(tuple(row))):
                raise ValueError(f"The rows of dynamic_stitch must have one shape, not {inner} and {show(tuple(row))}")
            inner = inner.merge_with(TensorShape.of(tuple(row)))
        count = rows.full_value()
        dims = inner.tuple
        return Spec(data[0].dtype, None if dims is None else (None if count is None else int(count), *dims))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out = outputs[0]
        indices, data = inputs[1 : 1 + self.pairs], inputs[1 + self.pairs :]
        run.zero(out)
        for index, rows in zip(indices, data, strict=True):
            scatter_rows(run, out, rows, index, out.shape[0], "UPDATE", run.report(1))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        indices = op.inputs[1 : 1 + self.pairs]
        return [None, *[None] * self.pairs, *(gather(dy, i) for i in indices)]


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """Puts the rows of several tensors to the places that `indices` names: the inverse of `dynamic_partition`.

    Args:
      indices: list of int32 tensors.
      data: list of as many tensors of one type; the shape of each begins with that of its indices.
      name: the operation's name.

    Returns:
      [greatest index + 1, ...]. Where an index appears several times the last row stays; rows that none names are 0.

    Raises:
      ValueError: lists of different lengths, or shapes that do not fit.
      InvalidArgumentError: in a run, for a negative index.

    Example:
      >>> tf.Session().run(tf.dynamic_stitch([[0, 2], [1, 3]], [[10, 20], [80, 90]]))
      array([10, 80, 20, 90], dtype=int32)
    """
    if len(indices) != len(data) or not indices:
        raise ValueError(
            f"dynamic_stitch needs one tensor of data for each of indices, not {len(data)} for {len(indices)}"
        )
    with name_scope(name, "DynamicStitch", [*indices, *data]) as scope:
        places = [convert_to_tensor(i, name=f"indices_{k}") for k, i in enumerate(indices)]
        rows = convert_together(list(data), names=[f"data_{k}" for k in range(len(data))])
        return apply(DynamicStitch(len(places)), [apply(StitchedRows(), places), *places, *rows], scope)


__all__ = public_names(globals())
