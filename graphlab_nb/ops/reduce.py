"""Reductions: sums, products, extremes and the like over some dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.shapes import Dims, broadcast_dims, show

FILE = "reduce.cl"
MOST_IN_A_ROW_PIECE = 1 << 16
MOST_IN_A_COLUMN_PIECE = 2048
LEAST_WORK = 1 << 14
"""Numbers that a CPU work-item reduces at least, where there are so many."""

Axes = tuple[int, ...] | None

_LOWEST = {"int8": "CHAR_MIN", "int16": "SHRT_MIN", "int32": "INT_MIN", "int64": "LONG_MIN"}
_HIGHEST = {
    "int8": "CHAR_MAX", "int16": "SHRT_MAX", "int32": "INT_MAX", "int64": "LONG_MAX",
    "uint8": "UCHAR_MAX", "uint16": "USHRT_MAX", "uint32": "UINT_MAX", "uint64": "ULONG_MAX",
}  # fmt: skip


def initial(kind: str, dtype: DType) -> str:
    """The result of reducing nothing, as a C expression."""
    if kind == "MAX":
        return "-INFINITY" if dtype.is_floating else _LOWEST.get(dtype.name, "0")
    if kind == "MIN":
        return "INFINITY" if dtype.is_floating else _HIGHEST[dtype.name]
    return "1" if kind in ("PROD", "ALL") else "0"


def segments(shape: Sequence[int], axes: Sequence[int]) -> list[tuple[int, bool]]:
    """The shape as lengths of alternately kept and reduced runs of dimensions: [(length, reduced), ...]."""
    runs: list[tuple[int, bool]] = []
    for axis, length in enumerate(shape):
        reduced = axis in axes
        if length == 1:
            continue
        if runs and runs[-1][1] == reduced:
            runs[-1] = (runs[-1][0] * length, reduced)
        else:
            runs.append((length, reduced))
    return runs


def launch_reduction(run: Launcher, kind: str, out: Array, x: Array, axes: Sequence[int], mean: bool = False) -> None:
    """Describes the kernel calls of a reduction.

    Args:
      run: the launcher.
      kind: SUM, PROD, MAX, MIN, ALL or ANY.
      out: the result; any shape with the right number of elements.
      x: what is reduced.
      axes: positions of the dimensions that are reduced.
      mean: whether the result is divided by the number of elements that made it.
    """
    runs = segments(x.shape, axes)
    if not any(reduced for _, reduced in runs) and not mean:
        run.copy(x, out)
        return
    wide = dtypes.float32 if x.dtype is dtypes.float16 else x.dtype
    count = math.prod(length for length, reduced in runs if reduced)
    current = x
    while True:
        # The last reduced run goes first: its numbers lie closest to each other, and what is left is smallest.
        position = max((k for k, (_, reduced) in enumerate(runs) if reduced), default=-1)
        if position < 0:  # a mean of single elements
            runs.insert(0, (1, True))
            position = 0
        outer = math.prod(n for n, _ in runs[:position])
        length = runs[position][0]
        inner = math.prod(n for n, _ in runs[position + 1 :])
        parts, part_length = _parts(run, outer, length, inner)
        left = sum(reduced for _, reduced in runs)
        last = parts == 1 and left == 1
        target = out if last else run.scratch((outer * parts * inner,), wide)
        _launch_pass(run, kind, target, current, wide, (outer, length, inner), (parts, part_length), count, mean and last)
        if last:
            return
        current = target
        if parts == 1:
            del runs[position]
            runs = segments([n for n, _ in runs], [k for k, (_, reduced) in enumerate(runs) if reduced])
        else:
            runs[position] = (parts, True)


def _parts(run: Launcher, outer: int, length: int, inner: int) -> tuple[int, int]:
    """Into how many pieces a pass cuts the dimension it reduces, and how long they are."""
    most = MOST_IN_A_ROW_PIECE if inner == 1 else MOST_IN_A_COLUMN_PIECE
    if run.traits.is_cpu:
        wanted = run.traits.compute_units * 4
        possible = outer * length * inner // LEAST_WORK
        least = LEAST_WORK // 4 if inner == 1 else 64
    else:
        wanted = run.traits.compute_units * (8 if inner == 1 and length > 64 else 2048)
        possible = wanted
        least = 4096 if inner == 1 else 64
    already = outer if inner == 1 else outer * (math.ceil(inner / 256) if run.traits.is_cpu else inner)
    parts = math.ceil(min(wanted, possible) / max(1, already))
    parts = max(math.ceil(length / most), min(parts, length // least), 1)
    part_length = math.ceil(length / parts)
    return math.ceil(length / part_length) if length else 1, part_length


def _launch_pass(
    run: Launcher,
    kind: str,
    out: Array,
    x: Array,
    wide: DType,
    sizes: tuple[int, int, int],
    cut: tuple[int, int],
    count: int,
    mean: bool,
) -> None:
    outer, length, inner = sizes
    parts, part_length = cut
    cpu = run.traits.is_cpu
    lanes = run.traits.lanes if cpu else 1
    group = 1 << (min(256, run.traits.max_work_group).bit_length() - 1)
    defines: dict[str, Any] = {
        "SRC": x.dtype.c_type, "ACC": wide.c_type, "DST": out.dtype.c_type, "INIT": f"(({wide.c_type})({initial(kind, wide)}))",
        f"REDUCE_{kind}": None, "LANES": lanes,
    }  # fmt: skip
    if not cpu:
        defines["GROUP"] = group
    if wide.is_floating:
        defines["FLOATING"] = None
    if mean:
        defines["MEAN"] = None
    pieces = outer * parts
    work = max(1, part_length * inner)
    if cpu:
        most = run.traits.compute_units * 8
        if inner == 1:
            each = max(math.ceil(LEAST_WORK / work), math.ceil(pieces / most))
            scalars = [pieces, length, parts, part_length, each, count]
            size, name, local = (math.ceil(pieces / each),), "reduce_rows", (1,)
        else:
            chunk = max(256, math.ceil(math.ceil(inner / most) / lanes) * lanes)
            columns = math.ceil(inner / chunk)
            each = max(math.ceil(LEAST_WORK / (part_length * min(chunk, inner) + 1)), math.ceil(pieces * columns / most))
            scalars = [pieces, length, inner, parts, part_length, chunk, each, count]
            size, name, local = (columns, math.ceil(pieces / each)), "reduce_columns", (1, 1)  # type: ignore[assignment]
    elif inner == 1 and part_length > 32:
        scalars = [length, parts, part_length, count]
        size, name, local = (pieces * group,), "reduce_rows_group", (group,)
    else:
        scalars = [length, inner, parts, part_length, count]
        size, name, local = (inner, pieces), "reduce_columns_item", None  # type: ignore[assignment]
    run.kernel(FILE, name, [out, x, *map(np.int64, scalars)], size, local, defines)


def reduced_axes(axes: Axes, rank: int, what: str) -> tuple[int, ...]:
    """`axes` as positions of 0 to rank - 1, all where it is None.

    Raises:
      ValueError: for an axis that does not exist.
    """
    if axes is None:
        return tuple(range(rank))
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(f"Invalid reduction dimension {axis} for {what} with {rank} dimensions")
    return tuple(sorted({axis % rank for axis in axes}))


@dataclass(frozen=True)
class Reduction(OpDef):
    """Base of reductions over `axes` (None: all); with keep_dims these stay, of length 1."""

    axes: Axes = None
    keep_dims: bool = False
    kind: ClassVar[str] = ""
    takes: ClassVar[tuple[DType, ...]] = dtypes.NUMERIC
    mean: ClassVar[bool] = False
    folder: ClassVar[Any] = None

    def infer(self, x: Spec) -> Spec:
        if not self.kind:
            raise NotImplementedError(f"{self.type_name} is no reduction of its own")
        if x.dtype not in self.takes:
            raise TypeError(f"{self.type_name} takes {', '.join(t.name for t in self.takes)}, not {x.dtype.name}")
        return Spec(x.dtype, self.reduced_dims(x.dims))

    def reduced_dims(self, dims: Dims) -> Dims:
        """The result's shape."""
        if dims is None:
            return () if self.axes is None and not self.keep_dims else None
        gone = reduced_axes(self.axes, len(dims), "an input")
        if self.keep_dims:
            return tuple(1 if k in gone else n for k, n in enumerate(dims))
        return tuple(n for k, n in enumerate(dims) if k not in gone)

    def fold(self, x: Spec) -> Any:
        value = x.full_value()
        if value is None or self.folder is None or value.size == 0:
            return None
        gone = reduced_axes(self.axes, value.ndim, "an input")
        return np.ma.asarray(type(self).folder(value, axis=gone, keepdims=self.keep_dims))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        axes = reduced_axes(self.axes, len(inputs[0].shape), "an input")
        launch_reduction(run, self.kind, outputs[0], inputs[0], axes, self.mean)

    def restored(self, y: Tensor, x: Tensor) -> Tensor:
        """`y`, of the result's shape, with the reduced dimensions of `x` put back as 1."""
        return y if self.keep_dims else apply(RestoreAxes(self.axes), [y, x])


@dataclass(frozen=True)
class RestoreAxes(OpDef):
    """y with dimensions of length 1 put in where a reduction of `like` over `axes` dropped them."""

    axes: Axes
    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, y: Spec, like: Spec) -> Spec:
        if like.dims is None:
            return Spec(y.dtype, None)
        gone = reduced_axes(self.axes, len(like.dims), "an input")
        return Spec(y.dtype, tuple(1 if k in gone else n for k, n in enumerate(like.dims)))

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(Sum(self.axes), [dy]), None]


@dataclass(frozen=True)
class BroadcastLike(Elementwise):
    """x repeated to the shape of `like`."""

    expression: ClassVar[str] = "x0"
    arity: ClassVar[int] = 2
    shape_inputs: ClassVar[tuple[int, ...]] = (1,)
    takes: ClassVar[tuple[DType, ...]] = (*dtypes.NUMERIC, dtypes.bool_)

    def infer(self, x: Spec, like: Spec) -> Spec:  # type: ignore[override]
        if broadcast_dims(x.dims, like.dims) != like.dims and x.known and like.known:
            raise ValueError(f"Shape {show(x.dims)} cannot be repeated to {show(like.dims)}")
        return Spec(x.dtype, like.dims)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [dy, None]


@dataclass(frozen=True)
class SumTo(OpDef):
    """dx summed over what broadcasting repeated to make it from the shape of `like`."""

    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, dx: Spec, like: Spec) -> Spec:
        if dx.known and like.known and broadcast_dims(dx.dims, like.dims) != dx.dims:
            raise ValueError(f"Shape {show(dx.dims)} was not made by broadcasting {show(like.dims)}")
        return Spec(dx.dtype, like.dims)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if inputs[0].known and inputs[0].dims == output.dims else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        shape, target = inputs[0].shape, outputs[0].shape
        padded = (1,) * (len(shape) - len(target)) + target
        launch_reduction(run, "SUM", outputs[0], inputs[0], [k for k, n in enumerate(padded) if n != shape[k]])

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(BroadcastLike(), [dy, op.inputs[0]]), None]


@dataclass(frozen=True)
class ReducedCount(OpDef):
    """How many elements of x make one of y, its reduction, as a number of their type."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0, 1)
    metadata: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, x: Spec, y: Spec) -> Spec:
        if not x.known or not y.known:
            return Spec(x.dtype, ())
        count = math.prod(x.dims) // max(1, math.prod(y.dims))  # type: ignore[arg-type]
        return Spec(x.dtype, (), np.ma.MaskedArray(float(count)))


@dataclass(frozen=True)
class Sum(Reduction):
    """Sum over dimensions."""

    kind: ClassVar[str] = "SUM"
    folder: ClassVar[Any] = staticmethod(np.sum)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x = op.inputs[0]
        return [apply(BroadcastLike(), [self.restored(dy, x), x])]


@dataclass(frozen=True)
class Mean(Reduction):
    """Mean over dimensions; of integers, rounded towards zero."""

    kind: ClassVar[str] = "SUM"
    mean: ClassVar[bool] = True

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x = op.inputs[0]
        repeated = apply(BroadcastLike(), [self.restored(dy, x), x])
        return [repeated / apply(ReducedCount(), [x, op.outputs[0]])]


def axes_of(axis: Any, reduction_indices: Any = None) -> Axes:
    """The axes to reduce as a tuple of numbers, None for all.

    Raises:
      ValueError: both spellings given, or axes whose value is known only when the graph is run.
    """
    if reduction_indices is not None:
        if axis is not None:
            raise ValueError("Give axis or reduction_indices, which are the same, but not both")
        axis = reduction_indices
    if axis is None:
        return None
    if isinstance(axis, (int, np.integer)):
        return (int(axis),)
    if isinstance(axis, Tensor) or not all(isinstance(a, (int, np.integer)) for a in axis):
        axis = convert_to_tensor(axis).spec().full_value()
        if axis is None:
            raise ValueError("The axes of a reduction must be known when the graph is built")
    return tuple(int(a) for a in np.ravel(axis))


def _reduce(definition: type[Reduction], x: Any, axis: Any, keep_dims: Any, name: Any, indices: Any, keepdims: Any) -> Tensor:
    keep = keep_dims if keepdims is None else keepdims
    return apply(definition(axes_of(axis, indices), bool(keep)), [x], name)


def reduce_sum(
    input_tensor: Any, axis: Any = None, keep_dims: bool = False, name: str | None = None, reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:  # fmt: skip
    """The sum of the elements over `axis`; 0 where there is none.

    Args:
      input_tensor: numbers of any shape.
      axis: dimension or list of dimensions to sum over, negative ones counted from the end; None is all.
      keep_dims: whether summed dimensions stay, of length 1.
      name: the operation's name.
      reduction_indices: the older name of `axis`.
      keepdims: the newer name of `keep_dims`.

    Raises:
      ValueError: a dimension that does not exist.
    """
    return _reduce(Sum, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_mean(
    input_tensor: Any, axis: Any = None, keep_dims: bool = False, name: str | None = None, reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:  # fmt: skip
    """The mean of the elements over `axis`; NaN where there is none, and rounded towards zero for integers.

    Args and errors are those of `reduce_sum`.
    """
    return _reduce(Mean, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


__all__ = public_names(globals())
