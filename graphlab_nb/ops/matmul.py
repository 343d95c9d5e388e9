"""Products of matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.launch import Array, DeviceTraits, Finish, Launcher
from graphlab_nb.ops import product_tiles, tiles, vector_products
from graphlab_nb.ops.lanes import lanes_for
from graphlab_nb.shapes import Dims, show

if TYPE_CHECKING:
    from graphlab_nb.graph.graph import Operation
    from graphlab_nb.graph.tensor import Tensor

FILE = "matmul.cl"


def launch_product(
    run: Launcher,
    c: Array,
    a: Array,
    b: Array,
    transpose_a: bool,
    transpose_b: bool,
    sizes: tuple[int, int, int],
    batches: int = 1,
) -> None:
    """Describes the kernel calls of c = op(a) op(b), for `batches` pairs that lie one after the other.

    Args:
      run: the launcher.
      c: result, `batches` times [m, n].
      a: `batches` times [m, k], or [k, m] with `transpose_a`.
      b: `batches` times [k, n], or [n, k] with `transpose_b`.
      transpose_a: whether a is transposed.
      transpose_b: whether b is transposed.
      sizes: (m, n, k).
      batches: number of pairs.
    """
    m, n, k = sizes
    if k == 0:
        run.zero(c)
        return
    flops = 2 * m * n * k * batches
    dtype, traits = c.dtype, run.traits
    if batches == 1 and vector_products.launch(run, c, a, b, transpose_a, transpose_b, sizes):
        return
    if not transpose_a and not transpose_b and _is_thin(traits, dtype, m * batches, n, k):
        run.work(flops)
        _launch_thin(run, c, a, b, sizes, batches)
        return
    if transpose_a and not transpose_b and batches == 1 and _is_thin_across(traits, dtype, m, n):
        run.work(flops)
        _launch_thin_across(run, c, a, b, sizes)
        return
    flags = {name: None for name, on in (("TRANSPOSE_A", transpose_a), ("TRANSPOSE_B", transpose_b)) if on}
    if tiles.use_cpu_tiles(traits, dtype):
        plan = product_tiles.plan(traits, dtype, m, n, k, batches, transpose_a)
        parts, part_steps = plan.parts, plan.part_steps
        if plan.packed:
            b = _pack_b(run, b, plan.tile, n, k, batches, transpose_b)
            flags.pop("TRANSPOSE_B", None)
        out = c if parts == 1 else run.scratch((parts, c.size), dtype)
        scalars = tiles.int32(m, n, k, plan.block_rows, plan.block_columns, plan.chunk, part_steps, batches)
        grid = (*plan.shares, batches * parts)
        finish = Finish(n, plan.tile.lanes) if parts == 1 else None
        defines = plan.defines(dtype) | flags
        run.work(flops)
        run.kernel(FILE, "matmul", [out, a, b, *scalars], grid, (1, 1, 1), defines, finish=finish)
    else:
        group = tiles.group_tiles(traits, m, n)
        parts = tiles.group_parts(traits, group, m, n, k, batches)
        part_steps = math.ceil(k / parts)
        parts = math.ceil(k / part_steps)
        part_type = dtype if parts == 1 else tiles.sum_dtype(dtype)
        defines = group.defines(dtype, part_type) | flags
        out = c if parts == 1 else run.scratch((parts, c.size), part_type)
        scalars = tiles.int32(m, n, k, part_steps, batches)
        grid = (math.ceil(n / group.group_columns) * 16, math.ceil(m / group.group_rows) * 16, batches * parts)
        finish = Finish(n, 1) if parts == 1 else None
        run.work(flops)
        run.kernel(FILE, "matmul_group", [out, a, b, *scalars], grid, (16, 16, 1), defines, finish=finish)
    if parts > 1:
        tiles.sum_parts(run, c, out, parts)


def _pack_b(
    run: Launcher, b: Array, tile: tiles.RegisterTile, n: int, k: int, batches: int, transpose_b: bool
) -> Array:
    """Describes the packing of b for the kernel matmul."""
    panels = math.ceil(n / tile.columns)
    packed = run.scratch((batches, panels, k, tile.columns), b.dtype)
    # Whole rows of b are read at a time, however it lies.
    items = 8 * run.traits.compute_units
    item_panels = math.ceil(panels / items) if transpose_b else panels
    item_steps = k if transpose_b else max(16, math.ceil(k / items))
    # The rows of register tiles and the blocks' sizes do not matter here.
    defines = replace(tile, rows=1).defines(b.dtype) | {"PACK_B": None, "CHUNK": 1, "ROW_TILES": 1, "PANELS": 1}
    if transpose_b:
        defines["TRANSPOSE_B"] = None
    args = [packed, b, *tiles.int32(n, k, item_panels, item_steps)]
    grid = (math.ceil(panels / item_panels), math.ceil(k / item_steps), batches)
    run.kernel(FILE, "matmul_pack_b", args, grid, (1, 1, 1), defines)
    return packed


def _is_thin(traits: DeviceTraits, dtype: DType, rows: int, n: int, k: int) -> bool:
    """Whether a row of the second factor fits into two vector registers, and there are rows enough for all cores."""
    if not tiles.use_cpu_tiles(traits, dtype) or n > 2 * tiles.vector_lanes(traits, dtype):
        return False
    return rows >= 16 * traits.compute_units or k <= tiles.SPLIT_STEPS


def _launch_thin(run: Launcher, c: Array, a: Array, b: Array, sizes: tuple[int, int, int], batches: int) -> None:
    """Describes a product that `_is_thin`."""
    m, n, k = sizes
    lanes = tiles.vector_lanes(run.traits, c.dtype)
    vectors = math.ceil(n / lanes)
    rows = (12 if run.traits.vector_registers >= 32 else 5) if vectors == 2 else 8
    wanted = _thin_items(run.traits, m * n * k * batches)
    blocks = max(1, min(math.ceil(wanted / batches), math.ceil(m / rows)))
    item_rows = tiles.ceil_to(math.ceil(m / blocks), rows)
    defines = {"T": c.dtype.c_type, "WIDTH": lanes, "TILE_M": rows, "TILE_V": vectors}
    args = [c, a, b, *tiles.int32(m, n, k, item_rows)]
    grid, finish = (math.ceil(m / item_rows), batches), Finish(n, lanes_for(run.traits, c.dtype, n), rows=True)
    run.kernel("matmul_thin.cl", "matmul_thin", args, grid, (1, 1), defines, finish=finish)


def _thin_items(traits: DeviceTraits, work: int) -> int:
    """How many work-items `work` multiply-adds are worth: few cores' shares, since each costs the start of a thread."""
    items = work // tiles.ITEM_WORK
    return 1 if items < 1 else (2 if items < 64 else 8) * traits.compute_units


def _is_thin_across(traits: DeviceTraits, dtype: DType, m: int, n: int) -> bool:
    """Whether the result has so few columns that vectors had better run along its rows, and rows enough for that."""
    lanes = tiles.vector_lanes(traits, dtype)
    return tiles.use_cpu_tiles(traits, dtype) and 2 * n <= 3 * lanes and m >= 16 * lanes


def _launch_thin_across(run: Launcher, c: Array, a: Array, b: Array, sizes: tuple[int, int, int]) -> None:
    """Describes a product with the first factor transposed that `_is_thin_across`."""
    m, n, k = sizes
    lanes = tiles.vector_lanes(run.traits, c.dtype)
    most = 12 if run.traits.vector_registers >= 32 else 5
    columns = min(range(most, most // 2, -1), key=lambda t: math.ceil(n / t) * (t + 1))
    item_rows = tiles.ceil_to(math.ceil(m / _thin_items(run.traits, m * n * k)), 2 * lanes)
    defines = {"T": c.dtype.c_type, "WIDTH": lanes, "TILE_V": 2, "TILE_N": columns, "MOST_N": 2 * lanes}
    args = [c, a, b, *tiles.int32(m, n, k, item_rows)]
    finish = Finish(0, lanes)
    run.kernel("matmul_thin_ta.cl", "matmul_thin_ta", args, (math.ceil(m / item_rows),), (1,), defines, finish=finish)


def _check_types(a: Spec, b: Spec) -> None:
    if a.dtype is not b.dtype:
        raise TypeError(f"cannot multiply matrices of types {a.dtype.name} and {b.dtype.name}")
    if a.dtype not in (dtypes.float32, dtypes.float64, dtypes.float16, dtypes.int32):
        raise TypeError(f"cannot multiply matrices of type {a.dtype.name}; float16, float32, float64 and int32 can be")


def _product_dims(a: Dims, b: Dims, transpose_a: bool, transpose_b: bool) -> tuple[int | None, int | None]:
    """The result's last two dimensions from matrices' (of which only the last two are looked at)."""
    m, inner = (None, None) if a is None else (a[-1], a[-2]) if transpose_a else (a[-2], a[-1])
    other, n = (None, None) if b is None else (b[-1], b[-2]) if transpose_b else (b[-2], b[-1])
    if inner is not None and other is not None and inner != other:
        flags = f" with transpose_a={transpose_a}, transpose_b={transpose_b}" if transpose_a or transpose_b else ""
        raise ValueError(f"inner dimensions {inner} and {other} differ: cannot multiply {show(a)} by {show(b)}{flags}")
    return m, n


@frozen
class MatMul(OpDef):
    """c[i, j] = sum_k a[i, k] b[k, j], with a or b transposed first where asked."""

    transpose_a: bool = False
    transpose_b: bool = False
    one_type: ClassVar[slice] = slice(None)
    finishes: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(8, "terms")

    def infer(self, a: Spec, b: Spec) -> Spec:
        _check_types(a, b)
        for spec in (a, b):
            if spec.dims is not None and len(spec.dims) != 2:
                raise ValueError(f"matrices have rank 2; these are {show(a.dims)} and {show(b.dims)}")
        return Spec(a.dtype, _product_dims(a.dims, b.dims, self.transpose_a, self.transpose_b))

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return () if self.transpose_a else (0,)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        a, b = inputs
        m, n = outputs[0].shape
        k = a.shape[0] if self.transpose_a else a.shape[1]
        launch_product(run, outputs[0], a, b, self.transpose_a, self.transpose_b, (m, n, k))

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        a, b = op.inputs
        return _product_gradient(MatMul, a, b, dy, self.transpose_a, self.transpose_b)


@frozen
class BatchMatMul(OpDef):
    """c[..., i, j] = sum_k x[..., i, k] y[..., k, j], with the matrices of x or y transposed first where asked."""

    adj_x: bool = False
    adj_y: bool = False
    one_type: ClassVar[slice] = slice(None)
    finishes: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(8, "terms")

    def infer(self, x: Spec, y: Spec) -> Spec:
        _check_types(x, y)
        for spec in (x, y):
            if spec.dims is not None and len(spec.dims) < 2:
                raise ValueError(
                    f"batches of matrices have rank 2 or more; these are {show(x.dims)} and {show(y.dims)}"
                )
        m, n = _product_dims(x.dims, y.dims, self.adj_x, self.adj_y)
        known = x.dims if x.dims is not None else y.dims
        if known is None:
            return Spec(x.dtype, None)
        batch = list(known[:-2])
        if x.dims is not None and y.dims is not None:
            if len(x.dims) != len(y.dims):
                raise ValueError(f"ranks differ: cannot multiply {show(x.dims)} by {show(y.dims)}")
            for i, other in enumerate(y.dims[:-2]):
                if batch[i] is None:
                    batch[i] = other
                elif other is not None and other != batch[i]:
                    raise ValueError(f"batch dimensions differ: cannot multiply {show(x.dims)} by {show(y.dims)}")
        return Spec(x.dtype, (*batch, m, n))

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0, 1) if len(inputs[0].shape) > 2 else () if self.adj_x else (0,)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, y = inputs
        *batch, m, n = outputs[0].shape
        k = x.shape[-2] if self.adj_x else x.shape[-1]
        launch_product(run, outputs[0], x, y, self.adj_x, self.adj_y, (m, n, k), math.prod(batch))

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        x, y = op.inputs
        return _product_gradient(BatchMatMul, x, y, dy, self.adj_x, self.adj_y)


def _product_gradient(
    kind: type[MatMul] | type[BatchMatMul], a: Tensor, b: Tensor, dy: Tensor, flip_a: bool, flip_b: bool
) -> Sequence[Tensor]:
    """Gives da = dy op(b)^T and db = op(a)^T dy, each transposed where its matrix was."""
    da = apply(kind(flip_b, True), [b, dy]) if flip_a else apply(kind(False, not flip_b), [dy, b])
    db = apply(kind(True, flip_a), [dy, a]) if flip_b else apply(kind(not flip_a, False), [a, dy])
    return [da, db]


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of `a` and `b`: of two matrices, or of batches of matrices with equal leading dimensions.

    Args:
      a: [..., m, k] of float16, float32, float64 or int32; [..., k, m] with `transpose_a`.
      b: [..., k, n] of the same type; [..., n, k] with `transpose_b`.
      transpose_a: whether `a` is transposed before it is multiplied.
      transpose_b: whether `b` is transposed before it is multiplied.
      a_is_sparse: a hint that `a` holds many zeros; the product is the same and nothing is skipped.
      b_is_sparse: likewise for `b`.
      name: the operation's name.

    Returns:
      A tensor of shape [..., m, n].

    Raises:
      ValueError: inner or leading dimensions that differ, naming both shapes.
      TypeError: element types that differ or that cannot be multiplied.

    Example:
      >>> tf.Session().run(tf.matmul([[1.0, 2.0]], [[3.0], [4.0]]))
      array([[11.]], dtype=float32)
    """
    kind = BatchMatMul if max(_rank(a), _rank(b)) > 2 else MatMul
    return apply(kind(bool(transpose_a), bool(transpose_b)), [a, b], name or "MatMul")


def batch_matmul(
    x: Any, y: Any, adj_x: bool | None = False, adj_y: bool | None = False, name: str | None = None
) -> Tensor:
    """The products of the matrices in `x` with those in `y`, pair by pair.

    Args:
      x: [..., m, k]; [..., k, m] with `adj_x`.
      y: [..., k, n]; [..., n, k] with `adj_y`; leading dimensions equal to those of `x`.
      adj_x: whether the matrices of `x` are transposed first.
      adj_y: whether the matrices of `y` are transposed first.
      name: the operation's name.

    Returns:
      A tensor of shape [..., m, n].

    Raises:
      ValueError: dimensions that differ, naming both shapes.
      TypeError: element types that differ or that cannot be multiplied.

    Example:
      >>> a, b = tf.ones([5, 2, 3]), tf.ones([5, 3, 4])
      >>> tf.batch_matmul(a, b).get_shape()
      TensorShape([5, 2, 4])
    """
    return apply(BatchMatMul(bool(adj_x), bool(adj_y)), [x, y], name)


def _rank(value: Any) -> int:
    """The number of dimensions that `value` has as a tensor, 0 where it is not known."""
    if is_tensor(value):
        return value.get_shape().ndims or 0
    if isinstance(value, (list, tuple)):
        return 1 + max(map(_rank, value), default=0)
    return np.ndim(value)


__all__ = [name for name in public_names(globals()) if name != "launch_product"]
