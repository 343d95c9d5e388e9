"""How reductions are cut into passes, and the calls of the kernels of reduce.cl and arg_extreme.cl."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.launch import Array, Finish, Launcher, Start
from graphlab_nb.ops import lanes as lane_rules

FILE = "reduce.cl"
MOST_IN_A_ROW_PIECE = 1 << 16
MOST_IN_A_COLUMN_PIECE = 2048
ARG_COLUMNS = 64
"""Columns that a CPU work-item looks for extremes in side by side."""
TILE_BYTES = 1 << 14
"""Bytes of the sums of the columns that a CPU work-item reduces in one go: a part of its first cache."""
LEAST_WORK = 1 << 14
"""Numbers that a CPU work-item reduces at least, where there are so many."""

_LOWEST = {"int8": "CHAR_MIN", "int16": "SHRT_MIN", "int32": "INT_MIN", "int64": "LONG_MIN"}
_HIGHEST = {
    "int8": "CHAR_MAX", "int16": "SHRT_MAX", "int32": "INT_MAX", "int64": "LONG_MAX",
    "uint8": "UCHAR_MAX", "uint16": "USHRT_MAX", "uint32": "UINT_MAX", "uint64": "ULONG_MAX",
}  # fmt: skip


def initial(kind: str, dtype: DType) -> str:
    """The result of reducing nothing, as a C expression."""
    if kind in ("MAX", "TOP"):
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


def row_length(shape: Sequence[int], axes: Sequence[int], mean: bool = False) -> int:
    """How long the rows are in which `launch_reduction` reads its input, or 0 where it copies it."""
    runs = segments(shape, axes)
    if 0 in shape or not (mean or any(reduced for _, reduced in runs)):
        return 0
    last = max((k for k, (_, reduced) in enumerate(runs) if reduced), default=-1)
    return math.prod(n for n, _ in runs[last + 1 :] or runs[last:])


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
    # Products of lanes and pieces must not overflow where the whole does not, and roundings of n factors add up to about
    # sqrt(n) / 3 units in the last place in any order.
    count = math.prod(length for length, reduced in runs if reduced)
    if kind == "PROD" and wide is dtypes.float32 and "float64" in run.traits.dtypes:
        wide = dtypes.float64
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
        parts, part_length = _parts(run, outer, length, inner, TILE_BYTES // wide.size)
        left = sum(reduced for _, reduced in runs)
        last = parts == 1 and left == 1
        target = out if last else run.scratch((outer * parts * inner,), wide)
        sizes, cut = (outer, length, inner), (parts, part_length)
        _launch_pass(run, kind, target, current, wide, sizes, cut, count, last, mean)
        if last:
            return
        current = target
        if parts == 1:
            del runs[position]
            runs = segments([n for n, _ in runs], [k for k, (_, reduced) in enumerate(runs) if reduced])
        else:
            runs[position] = (parts, True)


def _parts(run: Launcher, outer: int, length: int, inner: int, tile: int) -> tuple[int, int]:
    """Into how many pieces a pass cuts the dimension it reduces, and how long they are; `tile` columns go side by side."""
    most = MOST_IN_A_ROW_PIECE if inner == 1 else MOST_IN_A_COLUMN_PIECE
    if run.traits.is_cpu:
        wanted = run.traits.compute_units * 8
        possible = outer * length * inner // LEAST_WORK
        least = LEAST_WORK // 4 if inner == 1 else 64
    else:
        wanted = run.traits.compute_units * (8 if inner == 1 and length > 64 else 2048)
        possible = wanted
        least = 4096 if inner == 1 else 64
    side_by_side = math.ceil(inner / tile) if run.traits.is_cpu else inner
    already = outer * side_by_side
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
    last: bool,
    mean: bool,
) -> None:
    outer, length, inner = sizes
    parts, part_length = cut
    cpu = run.traits.is_cpu
    lanes = run.traits.lanes if cpu else 1
    defines: dict[str, Any] = {
        "SRC": x.dtype.c_type,
        "ACC": wide.c_type,
        "DST": out.dtype.c_type,
        "INIT": f"(({wide.c_type})({initial(kind, wide)}))",
        f"REDUCE_{kind}": None,
        "LANES": lanes,
    }
    if cpu:
        tile = TILE_BYTES // wide.size
        defines["TILE_VECTORS"] = tile // lanes
    if not cpu:
        defines["GROUP"] = group = work_group(run)
    if wide.is_floating:
        defines["FLOATING"] = "long" if wide.size == 8 else "int"
    if mean and last:
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
            chunk = max(tile, math.ceil(math.ceil(inner / most) / lanes) * lanes)
            columns = math.ceil(inner / chunk)
            least = math.ceil(LEAST_WORK / (part_length * min(chunk, inner) + 1))
            each = max(least, math.ceil(pieces * columns / most))
            scalars = [pieces, length, inner, parts, part_length, chunk, each, count]
            size, name, local = (columns, math.ceil(pieces / each)), "reduce_columns", (1, 1)  # type: ignore[assignment]
    elif inner == 1 and part_length > 32:
        scalars = [length, parts, part_length, count]
        size, name, local = (pieces * group,), "reduce_rows_group", (group,)
    else:
        scalars = [length, inner, parts, part_length, count]
        size, name, local = (inner, pieces), "reduce_columns_item", None  # type: ignore[assignment]
    finish = Finish(inner, lanes) if last else None
    args = [out, x, *map(np.int64, scalars)]
    run.kernel(
        FILE, name, args, size, local, defines, finish=finish, start=Start(1, inner if inner > 1 else length, lanes)
    )


def launch_products(run: Launcher, out: Array, x: Array, dy: Array | None, sizes: tuple[int, int, int]) -> None:
    """Describes the kernel call for products of all elements along a dimension but one.

    Args:
      run: the launcher.
      out: the result, of the shape of `x`.
      x: what is multiplied.
      dy: weights of the gradient, or None for the products themselves.
      sizes: the shape of `x` as (outer, length, inner), of which `length` is gone along.
    """
    outer, length, inner = sizes
    lines = outer * inner
    each = math.ceil(lines / (run.traits.compute_units * 8)) if run.traits.is_cpu else 1
    defines: dict[str, Any] = {"T": x.dtype.c_type, "LANES": 1}
    scalars = [np.int64(n) for n in (length, inner, lines, each)]
    if dy is None:
        run.kernel(FILE, "products_of_others", [out, x, *scalars], (math.ceil(lines / each),), None, defines)
        return
    before = run.scratch(x.shape, x.dtype)
    args = [out, before, x, dy, *scalars]
    run.kernel(FILE, "products_of_others_grad", args, (math.ceil(lines / each),), None, defines, writes=(0, 1))


def launch_arg_extreme(run: Launcher, kind: str, out: Array, x: Array, sizes: tuple[int, int, int]) -> None:
    """Describes the kernel call for positions of extremes.

    Args:
      run: the launcher.
      kind: MAX or MIN.
      out: the positions.
      x: the numbers.
      sizes: the shape of `x` as (outer, length, inner), of which `length` is gone along.
    """
    outer, length, inner = sizes
    size: tuple[int, ...]
    local: tuple[int, ...] | None
    defines: dict[str, Any] = {"T": x.dtype.c_type, "R": out.dtype.c_type, "LANES": 1, f"ARG_{kind}": None}
    if run.traits.is_cpu and inner == 1:
        items, each = lane_rules.shares(run.traits, outer, 2 * length)
        scalars = [outer, length, each]
        size, name, local = (items,), "arg_extreme_rows", (1,)
        defines |= {"BY_ROWS": None, "LANES": lane_rules.lanes_for(run.traits, x.dtype, length)}
    elif run.traits.is_cpu:
        columns = math.ceil(inner / ARG_COLUMNS)
        each = max(
            math.ceil(outer * columns / (run.traits.compute_units * 8)),
            math.ceil(LEAST_WORK / (length * min(inner, ARG_COLUMNS))),
        )
        scalars = [outer, length, inner, each]
        size, name, local = (columns, math.ceil(outer / each)), "arg_extreme", (1, 1)
        defines["COLUMNS"] = ARG_COLUMNS
    elif inner == 1 and length > 64:
        scalars = [length]
        group = work_group(run)
        defines["GROUP"] = group
        size, name, local = (outer * group,), "arg_extreme_group", (group,)
    else:
        defines["COLUMNS"] = 1
        scalars = [outer, length, inner, 1]
        size, name, local = (inner, outer), "arg_extreme", None
    run.kernel("arg_extreme.cl", name, [out, x, *map(np.int64, scalars)], size, local, defines)


def work_group(run: Launcher) -> int:
    """Work-items of a group that joins its numbers in halves: a power of two, at most 256."""
    return 1 << (min(256, run.traits.max_work_group).bit_length() - 1)
