"""Diagonals and triangles of matrices: eye, diag, diag_part, matrix_diag, matrix_diag_part, matrix_band_part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.concat import concat
from graphlab_nb.ops.moves import move, pieces, strides_of
from graphlab_nb.ops.static import int_of, integers
from graphlab_nb.shapes import Dims, TensorShape, show


def _matrices(dims: Dims) -> tuple[int | None, ...]:
    """The dims of matrices.

    Raises:
      ValueError: where the rank is below 2.
    """
    if dims is None or len(dims) < 2:
        raise ValueError(f"Matrices have rank 2 or more, not the shape {show(dims)}")
    return dims


def _to_diagonal(run: Launcher, source: Array, target: Array) -> None:
    strides = strides_of(target.shape)
    run.zero(target)
    move(run, source, target, source.shape, strides_of(source.shape), [*strides[:-2], strides[-2] + strides[-1]])


@frozen
class MatrixDiag(OpDef):
    """y[..., i, i] = x[..., i], and zero elsewhere: square matrices."""

    input_names: ClassVar[tuple[str, ...]] = ("diagonal",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, None)
        if not x.dims:
            raise ValueError("A diagonal has rank 1 or more, not 0")
        return Spec(x.dtype, (*x.dims, x.dims[-1]))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _to_diagonal(run, inputs[0], outputs[0])

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [matrix_diag_part(dy[0])]


@frozen
class MatrixDiagPart(OpDef):
    """y[..., i] = x[..., i, i]."""

    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, None)
        *batch, m, n = _matrices(x.dims)
        return Spec(x.dtype, (*batch, None if m is None or n is None else min(m, n)))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        strides = strides_of(inputs[0].shape)
        dims = outputs[0].shape
        move(run, inputs[0], outputs[0], dims, [*strides[:-2], strides[-2] + strides[-1]], strides_of(dims))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(MatrixDiagLike(), [dy[0], op.inputs[0]])]


@frozen
class MatrixDiagLike(OpDef):
    """y[..., i, i] = x[..., i], and zero elsewhere: matrices in the shape of the second input."""

    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, x: Spec, like: Spec) -> Spec:
        if x.known and like.known:
            *batch, m, n = _matrices(like.dims)
            if x.dims != (*batch, min(m, n)):  # type: ignore[type-var]
                raise ValueError(f"Diagonals of shape {show(x.dims)} do not fit matrices of shape {show(like.dims)}")
        return Spec(x.dtype, like.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _to_diagonal(run, inputs[0], outputs[0])

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [matrix_diag_part(dy[0]), None]


@frozen
class MatrixBandPart(OpDef):
    """y[..., i, j] = x[..., i, j] for i - j <= lower and j - i <= upper, else 0; a negative number is no limit."""

    lower: int
    upper: int
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is not None:
            _matrices(x.dims)
        return Spec(x.dtype, x.dims)

    def untold(self, x: Spec) -> Spec:
        return self.infer(x)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if self.lower < 0 and self.upper < 0 else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out = outputs[0]
        items, each = pieces(run.traits, out.size)
        numbers = (*out.shape[-2:], self.lower, self.upper, out.size)
        defines = {"T": out.dtype.c_type, "WIDE": "long"}
        run.kernel("generate.cl", "band", [out, inputs[0], *map(np.int64, numbers), each], items, defines=defines)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(self, [dy[0]])]


def matrix_diag(diagonal: Any, name: str | None = None) -> Tensor:
    """Square matrices, zero but for the given diagonals: [..., n] makes [..., n, n].

    Args:
      diagonal: the diagonals.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.matrix_diag([[1, 2], [3, 4]])).tolist()
      [[[1, 0], [0, 2]], [[3, 0], [0, 4]]]
    """
    return apply(MatrixDiag(), [diagonal], name or "MatrixDiag")


def matrix_diag_part(input: Any, name: str | None = None) -> Tensor:
    """The diagonals of matrices: [..., m, n] makes [..., min(m, n)].

    Args:
      input: the matrices.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.matrix_diag_part([[1, 2, 3], [4, 5, 6]]))
      array([1, 5], dtype=int32)
    """
    return apply(MatrixDiagPart(), [input], name or "MatrixDiagPart")


def matrix_band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Matrices without what is further than `num_lower` below or `num_upper` above the diagonal; -1 keeps all.

    Args:
      input: matrices [..., m, n].
      num_lower: how many diagonals below the main one stay.
      num_upper: how many above it.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.matrix_band_part([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 0, -1))
      array([[1, 2, 3],
             [0, 5, 6],
             [0, 0, 9]], dtype=int32)
    """
    lower = int_of(num_lower, "num_lower of matrix_band_part")
    upper = int_of(num_upper, "num_upper of matrix_band_part")
    return apply(MatrixBandPart(lower, upper), [input], name or "MatrixBandPart")


@frozen
class Diag(OpDef):
    """y[i, ..., k, i, ..., k] = x[i, ..., k], and zero elsewhere."""

    input_names: ClassVar[tuple[str, ...]] = ("diagonal",)

    def infer(self, x: Spec) -> Spec:
        return Spec(x.dtype, None if x.dims is None else x.dims + x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        count = inputs[0].size
        _to_diagonal(run, inputs[0].reshaped((count,)), outputs[0].reshaped((count, count)))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [diag_part(dy[0])]


@frozen
class DiagPart(OpDef):
    """y[i, ..., k] = x[i, ..., k, i, ..., k]."""

    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, None)
        half = len(x.dims) // 2
        try:
            dims = TensorShape.of(x.dims[:half]).merge_with(TensorShape.of(x.dims[half:])).tuple
        except ValueError:
            dims = ()
        if not dims:
            raise ValueError(f"diag_part takes a tensor whose shape is some lengths twice, not {show(x.dims)}")
        return Spec(x.dtype, dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        count = outputs[0].size
        move(run, inputs[0], outputs[0], [count], [count + 1], [1])

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [diag(dy[0])]


def diag(diagonal: Any, name: str | None = None) -> Tensor:
    """A tensor of twice the rank, zero but for y[i, ..., k, i, ..., k] = diagonal[i, ..., k].

    Args:
      diagonal: [i, ..., k], any numbers.
      name: the operation's name.

    Returns:
      [i, ..., k, i, ..., k].

    Example:
      >>> tf.Session().run(tf.diag([1, 2, 3]))
      array([[1, 0, 0],
             [0, 2, 0],
             [0, 0, 3]], dtype=int32)
    """
    return apply(Diag(), [diagonal], name or "Diag")


def diag_part(input: Any, name: str | None = None) -> Tensor:
    """The diagonal y[i, ..., k] = input[i, ..., k, i, ..., k] of a tensor of even rank.

    Args:
      input: [i, ..., k, i, ..., k], any numbers.
      name: the operation's name.

    Returns:
      [i, ..., k].

    Raises:
      ValueError: where the two halves of the shape differ.

    Example:
      >>> tf.Session().run(tf.diag_part([[1, 2], [3, 4]]))
      array([1, 4], dtype=int32)
    """
    return apply(DiagPart(), [input], name or "DiagPart")


@frozen
class Eye(OpDef):
    """y[..., i, i] = one, and zero elsewhere: matrices in the shape that the first input gives."""

    value_inputs: ClassVar[tuple[int, ...]] = (0,)
    differentiable: ClassVar[bool] = False

    def infer(self, dims: Spec, one: Spec) -> Spec:
        return Spec(one.dtype, dims.value_as_dims())

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        *batch, m, n = outputs[0].shape
        *strides, down, right = strides_of(outputs[0].shape)
        run.zero(outputs[0])
        dims = [*batch, min(m, n)]
        move(run, inputs[1], outputs[0], dims, [0] * len(dims), [*strides, down + right])


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """The identity matrix, once for each of a batch.

    Args:
      num_rows: number of rows.
      num_columns: number of columns, where it differs: columns are cut off, or zeros added.
      batch_shape: the lengths that precede the matrices' dimensions, a list or a tensor.
      dtype: element type.
      name: the operation's name.

    Returns:
      [*batch_shape, num_rows, num_columns].

    Example:
      >>> tf.Session().run(tf.eye(2, 3))
      array([[1., 0., 0.],
             [0., 1., 0.]], dtype=float32)
    """
    sides = [num_rows, num_rows if num_columns is None else num_columns]
    one = np.ones((), dtypes.as_dtype(dtype).base_dtype.np_dtype)
    with name_scope(name, "eye") as scope:
        dims = concat(0, [batch_shape, sides]) if is_tensor(batch_shape) else [*(batch_shape or ()), *sides]
        return apply(Eye(), [integers(dims), one], scope)


__all__ = public_names(globals())
