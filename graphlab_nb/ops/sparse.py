"""Tensors made from places: sparse_to_dense and invert_permutation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.math import subtract
from graphlab_nb.ops.moves import move, pieces
from graphlab_nb.ops.reduce import reduce_sum
from graphlab_nb.ops.static import check_shape, integers
from graphlab_nb.shapes import Dims, TensorShape, show

_MOST_DIMS = 8


def _sparse_count(indices: Spec, shape: Dims) -> int | None:
    """The number of index tuples.

    Raises:
      ValueError: index tuples of another length than the shape.
    """
    if indices.dims is None:
        return None
    if len(indices.dims) > 2:
        raise ValueError(f"Indices must have rank 0, 1 or 2, not the shape {show(indices.dims)}")
    width = indices.dims[1] if len(indices.dims) == 2 else 1
    if shape is not None and width is not None and len(shape) != width:
        raise ValueError(f"Indices of {width} numbers do not fit an output of shape {show(shape)}")
    return indices.dims[0] if indices.dims else 1


def _sparse_args(run: Launcher, count: int, shape: Sequence[int]) -> tuple[tuple[int], list[Any]]:
    if len(shape) > _MOST_DIMS:
        raise ValueError(f"Sparse indices can have at most {_MOST_DIMS} numbers, not {len(shape)}")
    items, each = pieces(run.traits, count)
    padded = [*shape, *([1] * (_MOST_DIMS - len(shape)))]
    return items, [np.int64(count), each, *(np.int64(d) for d in padded)]


class _Sparse(OpDef):
    """Base of operations that check index tuples."""

    checks: ClassVar[bool] = True
    value_inputs: ClassVar[tuple[int, ...]] = (1,)

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        text = {
            1: f"indices[{first}] is outside of the output's dimension {second}",
            2: f"indices[{first}] is out of order: indices must increase",
            3: f"indices[{first}] is repeated",
        }[code]
        return errors.InvalidArgumentError, text


@frozen
class SparseToDense(_Sparse):
    """y[indices[n]] = values[n], and default_value elsewhere."""

    validate_indices: bool = True
    input_names: ClassVar[tuple[str, ...]] = ("sparse_indices", "output_shape", "sparse_values", "default_value")
    one_type: ClassVar[slice] = slice(2, 4)

    def infer(self, indices: Spec, shape: Spec, values: Spec, default: Spec) -> Spec:
        check_shape(shape, "The output's shape")
        if not indices.dtype.is_integer:
            raise TypeError(f"Indices must be integers, not {indices.dtype.name}")
        if values.dtype is not default.dtype:
            raise TypeError(f"The values are {values.dtype.name}, but default_value is {default.dtype.name}")
        dims = shape.value_as_dims()
        count = _sparse_count(indices, dims)
        if values.rank not in (None, 0) and not TensorShape.of(values.dims).is_compatible_with([count]):
            raise ValueError(f"Values of shape {show(values.dims)} do not fit indices of shape {show(indices.dims)}")
        if default.rank not in (None, 0):
            raise ValueError(f"default_value must be a single number, not of shape {show(default.dims)}")
        return Spec(values.dtype, dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out = outputs[0]
        indices, _, values, default = inputs
        move(run, default, out, [out.size], [0], [1])
        count = indices.shape[0] if indices.shape else 1
        report, operation = run.report(0)
        items, numbers = _sparse_args(run, count, out.shape)
        step = np.int64(1 if values.shape else 0)
        flags = np.int32(self.validate_indices), np.int32(len(out.shape)), step
        args = [out, indices, values, report, operation, *flags]
        defines = {"T": out.dtype.c_type, "WIDE": "long", "INDICES": indices.dtype.c_type}
        run.kernel("generate.cl", "scatter_dense", [*args, *numbers], items, defines=defines, writes=(0, 3))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        values = apply(SparseFromDense(), [op.inputs[0], op.inputs[1], dy[0]])
        default = subtract(reduce_sum(dy[0]), reduce_sum(values))
        return [None, None, reduce_sum(values) if op.inputs[2].shape.ndims == 0 else values, default]


@frozen
class SparseFromDense(_Sparse):
    """values[n] = y[indices[n]]: what flows back to the values of SparseToDense."""

    def infer(self, indices: Spec, shape: Spec, y: Spec) -> Spec:
        return Spec(y.dtype, (_sparse_count(indices, y.dims),))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        indices, _, y = inputs
        report, operation = run.report(0)
        items, numbers = _sparse_args(run, outputs[0].size, y.shape)
        args = [outputs[0], y, indices, report, operation, np.int32(len(y.shape)), *numbers]
        defines = {"T": y.dtype.c_type, "WIDE": "long", "INDICES": indices.dtype.c_type}
        run.kernel("generate.cl", "gather_dense", args, items, defines=defines, writes=(0, 3))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        zero = convert_to_tensor(np.zeros((), op.outputs[0].dtype.np_dtype))
        return [None, None, apply(SparseToDense(), [op.inputs[0], op.inputs[1], dy[0], zero])]


def sparse_to_dense(
    sparse_indices: Any,
    output_shape: Any,
    sparse_values: Any,
    default_value: Any = 0,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """A tensor that has the given values at the given indices, and `default_value` elsewhere.

    Args:
      sparse_indices: [n, rank] places, or [n] for an output of rank 1, or one number.
      output_shape: the output's shape.
      sparse_values: [n] values, or one for all places.
      default_value: the value elsewhere.
      validate_indices: whether the run fails where indices do not increase or are repeated.
      name: the operation's name.

    Raises:
      ValueError: shapes that do not fit each other.
      InvalidArgumentError: when run, for an index out of range.

    Example:
      >>> tf.Session().run(tf.sparse_to_dense([1, 3], [5], 7))
      array([0, 7, 0, 7, 0], dtype=int32)
    """
    inputs = [sparse_indices, integers(output_shape), sparse_values, default_value]
    return apply(SparseToDense(bool(validate_indices)), inputs, name)


@frozen
class InvertPermutation(OpDef):
    """y[x[i]] = i."""

    checks: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, x: Spec) -> Spec:
        if x.dtype not in (dtypes.int32, dtypes.int64):
            raise TypeError(f"invert_permutation takes int32 or int64, not {x.dtype.name}")
        if x.rank not in (None, 1):
            raise ValueError(f"invert_permutation takes a list of numbers, not the shape {show(x.dims)}")
        return Spec(x.dtype, x.dims)

    def fold(self, x: Spec) -> Any:
        known = x.full_value()
        if known is None or sorted(known) != list(range(len(known))):
            return None
        return np.ma.asarray(np.argsort(known))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out = outputs[0]
        seen = run.scratch(out.shape, dtypes.int32)
        run.zero(seen)
        report, operation = run.report(0)
        items, each = pieces(run.traits, out.size)
        args = [out, seen, inputs[0], report, operation, np.int64(out.size), each]
        defines = {"T": out.dtype.c_type, "WIDE": "long", "INDICES": out.dtype.c_type}
        run.kernel("generate.cl", "invert_permutation", args, items, defines=defines, writes=(0, 1, 3))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        what = "is outside of the list" if code == 1 else "comes twice"
        return errors.InvalidArgumentError, f"The input is no permutation: {second}, at {first}, {what}"


def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """The permutation that undoes `x`: y[x[i]] = i.

    Args:
      x: [n] int32 or int64: each of 0 .. n - 1 once.
      name: the operation's name.

    Returns:
      [n] numbers of the type of `x`.

    Raises:
      InvalidArgumentError: when run, where `x` is no permutation of 0 .. n - 1.

    Example:
      >>> tf.Session().run(tf.invert_permutation([2, 0, 1]))
      array([1, 2, 0], dtype=int32)
    """
    return apply(InvertPermutation(), [x], name or "InvertPermutation")


__all__ = public_names(globals())
