"""Elements and rows by index: gather, scatter, embedding lookup, the largest elements."""

from __future__ import annotations

import math as scalar_math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, apply_op, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.scopes import control_dependencies, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import array
from graphlab_nb.ops.rows import FILE, check_index, check_rows, gather_rows, index_rows, out_of_range, scatter_rows
from graphlab_nb.ops.static import check_shape, integers, static_ints, wrapped_axis
from graphlab_nb.shapes import TensorShape, show


@frozen
class Gather(OpDef):
    """y[i, ...] = params[indices[i], ...], for indices of any shape."""

    checks: ClassVar[bool] = True

    def infer(self, params: Spec, indices: Spec) -> Spec:
        check_index(indices.dtype)
        if params.rank == 0:
            raise ValueError("gather needs params of rank 1 or more, not a single value")
        if params.dims is None or indices.dims is None:
            return Spec(params.dtype, None)
        return Spec(params.dtype, (*indices.dims, *params.dims[1:]))

    def fold(self, params: Spec, indices: Spec) -> Any:
        places = indices.full_value()
        if params.value is None or places is None or ((places < 0) | (places >= len(params.value))).any():
            return None
        return np.ma.asarray(params.value)[places]

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (1,)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        gather_rows(run, outputs[0], inputs[0], inputs[1], inputs[0].shape[0], run.report(1))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(GatherGrad(), [dy, op.inputs[1], op.inputs[0]]), None]


@frozen
class GatherGrad(OpDef):
    """dx[r, ...] = the sum of dy[i, ...] over the i with indices[i] = r, in the shape of gather's params.

    It checks the indices itself, since a run that needs only gradients may leave out the gather.
    """

    shape_inputs: ClassVar[tuple[int, ...]] = (2,)
    checks: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, dy: Spec, indices: Spec, params: Spec) -> Spec:
        return Spec(dy.dtype, params.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.zero(outputs[0])
        scatter_rows(run, outputs[0], inputs[0], inputs[1], outputs[0].shape[0], "ADD", run.report(1))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)

    def gradient(self, op: Operation, ddx: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [gather(ddx, op.inputs[1]), None, None]


def gather(
    params: Any, indices: Any, validate_indices: bool | None = None, name: str | None = None, axis: Any = 0
) -> Tensor:
    """Slices of `params` along `axis` that `indices` names.

    Args:
      params: tensor of rank 1 or more.
      indices: int32 or int64, of any shape.
      validate_indices: accepted for TensorFlow's signature; indices are always checked.
      name: the operation's name.
      axis: the dimension that is indexed, a number.

    Returns:
      A tensor of shape `params.shape[:axis] + indices.shape + params.shape[axis + 1:]`.

    Raises:
      InvalidArgumentError: in a run, for an index outside [0, params.shape[axis]).

    Example:
      >>> tf.Session().run(tf.gather([10, 20, 30], [2, 0]))
      array([30, 10], dtype=int32)
    """
    (axis,) = static_ints(axis, "The axis of gather")
    if axis == 0:
        return apply(Gather(), [params, indices], name)
    with name_scope(name, "Gather", [params, indices]) as scope:
        params, indices = convert_to_tensor(params, name="params"), convert_to_tensor(indices, name="indices")
        if params.dims is None or indices.dims is None:
            given = f"{params} and {indices}"
            raise ValueError(f"gather along axis {axis} needs params and indices of known rank, not {given}")
        rank, many = len(params.dims), len(indices.dims)
        axis = wrapped_axis(axis, rank)
        first = array.transpose(params, [axis, *(d for d in range(rank) if d != axis)])
        taken = apply(Gather(), [first, indices])
        back = [*range(many, many + axis), *range(many), *range(many + axis, many + rank - 1)]
        return array.transpose(taken, back, name=scope)


@frozen
class GatherNd(OpDef):
    """y[i, ...] = params[indices[i, 0], indices[i, 1], ..., ...]."""

    checks: ClassVar[bool] = True

    def infer(self, params: Spec, indices: Spec) -> Spec:
        check_index(indices.dtype)
        if indices.rank == 0:
            raise ValueError("gather_nd needs indices of rank 1 or more")
        if params.dims is None or indices.dims is None or indices.dims[-1] is None:
            return Spec(params.dtype, None)
        depth = indices.dims[-1]
        if depth > len(params.dims):
            raise ValueError(f"Indices of {depth} coordinates are too long for params of shape {show(params.dims)}")
        return Spec(params.dtype, (*indices.dims[:-1], *params.dims[depth:]))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        params, indices = inputs
        dims = params.shape[: indices.shape[-1]]
        rows = index_rows(run, indices, dims, run.report(1))
        gather_rows(run, outputs[0], params, rows, scalar_math.prod(dims))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        params, indices = op.inputs
        return [apply(ScatterNd(), [indices, dy, array.shape(params)]), None]


def gather_nd(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """Elements or slices of `params` at the coordinates in the last dimension of `indices`.

    Args:
      params: any tensor.
      indices: [..., depth], int32 or int64, with `depth` at most the rank of `params`.
      name: the operation's name.

    Returns:
      A tensor of shape `indices.shape[:-1] + params.shape[depth:]`.

    Raises:
      InvalidArgumentError: in a run, for a coordinate that is out of range.

    Example:
      >>> tf.Session().run(tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]))
      array([2, 3], dtype=int32)
    """
    return apply(GatherNd(), [params, indices], name)


@frozen
class ScatterNd(OpDef):
    """y = zeros(shape), then y[indices[i, 0], indices[i, 1], ..., ...] += updates[i, ...] for each i in order."""

    value_inputs: ClassVar[tuple[int, ...]] = (2,)
    checks: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, indices: Spec, updates: Spec, shape: Spec) -> Spec:
        check_index(indices.dtype)
        check_shape(shape, "The shape of scatter_nd")
        dims = shape.value_as_dims()
        if dims is not None and indices.dims is not None and updates.dims is not None and indices.dims[-1] is not None:
            if indices.dims[-1] > len(dims):
                raise ValueError(f"Indices of {indices.dims[-1]} coordinates are too long for the shape {show(dims)}")
            expected = (*indices.dims[:-1], *dims[indices.dims[-1] :])
            if not TensorShape.of(expected).is_compatible_with(TensorShape.of(updates.dims)):
                raise ValueError(f"updates must have the shape {show(expected)}, not {show(updates.dims)}")
        return Spec(updates.dtype, dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        indices, updates = inputs[0], inputs[1]
        run.zero(outputs[0])
        dims = outputs[0].shape[: indices.shape[-1]]
        rows = index_rows(run, indices, dims, run.report(1))
        scatter_rows(run, outputs[0], updates, rows, scalar_math.prod(dims), "ADD")

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [None, gather_nd(dy, op.inputs[0]), None]


def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """A tensor of zeros, to which `updates` are added at the coordinates in the last dimension of `indices`.

    Args:
      indices: [..., depth], int32 or int64.
      updates: tensor of shape `indices.shape[:-1] + shape[depth:]`.
      shape: the result's shape.
      name: the operation's name.

    Raises:
      InvalidArgumentError: in a run, for a coordinate that is out of range.

    Example:
      >>> tf.Session().run(tf.scatter_nd([[1], [3]], [10, 20], [5]))
      array([ 0, 10,  0, 20,  0], dtype=int32)
    """
    return apply(ScatterNd(), [indices, updates, integers(shape)], name)


@frozen
class CheckIndices(OpDef):
    """Fails the run where one of the indices is no row of the other input."""

    stateful: ClassVar[bool] = True
    checks: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, indices: Spec, rows: Spec) -> Sequence[Spec]:
        check_index(indices.dtype)
        return []

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        if inputs[0].size:
            check_rows(run, inputs[0], inputs[1].shape[0], run.report(1))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)


class Scatter(OpDef):
    """Base of changes of a variable's rows in place; `CheckIndices` before it keeps indices within the variable."""

    mode: ClassVar[str] = ""
    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    writes: ClassVar[dict[int, int]] = {0: 0}

    def infer(self, ref: Spec, indices: Spec, updates: Spec) -> Spec:
        check_index(indices.dtype)
        if updates.dtype is not ref.dtype:
            raise TypeError(f"A variable of {ref.dtype.name} cannot be changed by updates of {updates.dtype.name}")
        if ref.rank == 0:
            raise ValueError("The variable must have rank 1 or more, not be a single value")
        if ref.dims is not None and indices.dims is not None:
            expected = (*indices.dims, *ref.dims[1:])
            if not TensorShape.of(expected).is_compatible_with(TensorShape.of(updates.dims)):
                raise ValueError(
                    f"updates must have the shape {show(expected)} of indices and a row, not {show(updates.dims)}"
                )
        return Spec(ref.dtype, ref.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        ref, indices, updates = inputs
        scatter_rows(run, outputs[0], updates, indices, ref.shape[0], self.mode)


@frozen
class ScatterUpdate(Scatter):
    """ref[indices[i], ...] = updates[i, ...] for each i in order: of equal indices the last one stays."""

    mode: ClassVar[str] = "UPDATE"


@frozen
class ScatterAdd(Scatter):
    """ref[indices[i], ...] += updates[i, ...] for each i in order."""

    mode: ClassVar[str] = "ADD"


@frozen
class ScatterSub(Scatter):
    """ref[indices[i], ...] -= updates[i, ...] for each i in order."""

    mode: ClassVar[str] = "SUBTRACT"


def _scatter(definition: Scatter, ref: Any, indices: Any, updates: Any, name: str | None) -> Tensor:
    ref = convert_to_tensor(ref, as_ref=True)
    if not ref.dtype.is_ref_dtype:
        raise TypeError(f"{ref.name} is no variable, so it cannot be changed")
    with name_scope(name, definition.type_name) as scope:
        indices = convert_to_tensor(indices, name="indices")
        updates = convert_to_tensor(updates, ref.dtype.base_dtype, name="updates")
        with control_dependencies([apply_op(CheckIndices(), [indices, ref])]):
            return apply(definition, [ref, indices, updates], scope)


def scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Tensor:
    """Sets rows of the variable `ref` when it is run.

    Args:
      ref: the variable, of rank 1 or more.
      indices: int32 or int64 numbers of rows; of equal ones the last update stays.
      updates: tensor of shape `indices.shape + ref.shape[1:]`.
      use_locking: accepted for TensorFlow's signature; changes are always whole.
      name: the operation's name.

    Returns:
      The variable's memory after the change.

    Raises:
      InvalidArgumentError: in a run, for an index that is out of range.

    Example:
      >>> v = tf.Variable([1, 2, 3])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.scatter_update(v, [0, 2], [20, 50])))
      [20  2 50]
    """
    return _scatter(ScatterUpdate(), ref, indices, updates, name)


def scatter_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """Adds to rows of the variable `ref` when run, for equal indices several times; arguments as for `scatter_update`.

    Example:
      >>> v = tf.Variable([1, 2, 3])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.scatter_add(v, [0, 2], [20, 50])))
      [21  2 53]
    """
    return _scatter(ScatterAdd(), ref, indices, updates, name)


def scatter_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """Subtracts from rows of the variable `ref` when run, for equal indices several times; arguments as for `scatter_update`.

    Example:
      >>> v = tf.Variable([1, 2, 3])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.scatter_sub(v, [0, 2], [1, 3])))
      [0 2 0]
    """
    return _scatter(ScatterSub(), ref, indices, updates, name)


@frozen
class PartitionedRows(OpDef):
    """For each id, the number of its row in the tables put one after the other; the ids are spread as by `strategy`."""

    strategy: str
    tables: int
    checks: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    @property
    def shape_inputs(self) -> tuple[int, ...]:  # type: ignore[override]
        """All inputs after the ids: the tables."""
        return tuple(range(1, 1 + self.tables))

    def infer(self, ids: Spec, *tables: Spec) -> Spec:
        check_index(ids.dtype)
        rows = [t.dims[0] if t.dims else None for t in tables]
        if None not in rows:
            total = sum(rows)  # type: ignore[arg-type]
            even = [total // len(rows) + (k < total % len(rows)) for k in range(len(rows))]
            if rows != even:
                raise ValueError(f"{total} rows in {len(rows)} tables must be spread as {even}, not {rows}")
        return Spec(ids.dtype, ids.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        ids, tables = inputs[0], inputs[1:]
        total = sum(t.shape[0] for t in tables)
        defines = {"T": "uint", "INDEX": ids.dtype.c_type, "CHECKED": None}
        if self.strategy == "mod":
            defines["MODULO"] = None
        scalars = [*run.report(1), np.int64(total), np.int64(len(tables))]
        run.kernel(FILE, "partitioned_rows", [outputs[0], ids, *scalars], (ids.size,), None, defines, (0, 2))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return out_of_range(code, first, second)


def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: float | None = None,
) -> Tensor:
    """Rows of a table, which may be split over several tensors, by number.

    Args:
      params: the table [rows, ...], or a list of the tensors that it is split into.
      ids: int32 or int64, of any shape.
      partition_strategy: for a split table, "mod": row i is row i // p of tensor i % p; "div": the tensors hold
        consecutive rows, the first ones one more where they do not divide.
      name: the operation's name.
      validate_indices: accepted for TensorFlow's signature; ids are always checked.
      max_norm: not supported.

    Raises:
      ValueError: another strategy, an empty list, or tensors that do not share the rows evenly.
      InvalidArgumentError: in a run, for an id that is out of range.

    Example:
      >>> table = tf.constant([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
      >>> tf.Session().run(tf.nn.embedding_lookup(table, [2, 0]))
      array([[2. , 2.5],
             [0. , 0.5]], dtype=float32)
    """
    if max_norm is not None:
        raise ValueError("embedding_lookup does not take max_norm; apply clip_by_norm to the result")
    if not isinstance(params, (list, tuple)):
        return gather(params, ids, name=name or "embedding_lookup")
    if not params:
        raise ValueError("embedding_lookup needs at least one tensor of params")
    if len(params) == 1:
        return gather(params[0], ids, name=name or "embedding_lookup")
    if partition_strategy not in ("mod", "div"):
        raise ValueError(f"partition_strategy must be 'mod' or 'div', not {partition_strategy!r}")
    with name_scope(name, "embedding_lookup", params) as scope:
        tables = [convert_to_tensor(p, name=f"params_{k}") for k, p in enumerate(params)]
        ids = convert_to_tensor(ids, name="ids")
        rows = apply(PartitionedRows(partition_strategy, len(tables)), [ids, *tables])
        return gather(array.concat(0, tables), rows, name=scope)


__all__ = public_names(globals())
