"""Products of few rows, and of matrices with vectors, on CPUs, where reading the matrix is what takes time.

The kernels are in kernels_cl/matmul_vector.cl. Nothing is packed: each element of the matrix is read once.
"""

from __future__ import annotations

import math
from typing import Any

from graphlab_nb.launch import Array, Finish, Launcher
from graphlab_nb.ops import tiles

FILE = "matmul_vector.cl"

MOST_ROWS = 8
"""Rows of a result whose sums take no longer than reading the second factor."""

DOT_ROWS = 8
"""Rows of a matrix that are multiplied with a vector together, which hides what an addition takes."""

ITEM_COLUMNS = 4096
"""Columns of a result that a work-item takes at least: long pieces of rows are read fastest, and sums are few."""

PART_STEPS = 256
"""Steps of k that are worth a partial sum of their own."""


def launch(
    run: Launcher, c: Array, a: Array, b: Array, transpose_a: bool, transpose_b: bool, sizes: tuple[int, int, int]
) -> bool:
    """Describes c = op(a) op(b), [m, k] by [k, n], if it is such a product; says whether it is."""
    m, n, k = sizes
    if not tiles.use_cpu_tiles(run.traits, c.dtype) or 0 in sizes:
        return False
    if n == 1 and (not transpose_a or m == 1):
        _dot(run, c, a, b, m, k)
    elif m == 1 and transpose_b:
        _dot(run, c, b, a, n, k)
    elif n == 1:
        _flat(run, c, b, a, (1, m, k), (k, 1))
    elif m <= MOST_ROWS and not transpose_b and n > 2 * tiles.vector_lanes(run.traits, c.dtype):
        _flat(run, c, a, b, sizes, (1, m) if transpose_a else (k, 1))
    else:
        return False
    return True


def _flat(run: Launcher, c: Array, a: Array, b: Array, sizes: tuple[int, int, int], strides: tuple[int, int]) -> None:
    """Describes the kernel matmul_flat; `strides` are those of a along its rows and along k."""
    m, n, k = sizes
    rows = 1 << (m - 1).bit_length()
    wanted = _wanted(run, m * n * k)
    across = max(1, min(wanted, n // ITEM_COLUMNS))
    item_columns = tiles.ceil_to(math.ceil(n / across), 64)
    args = [a, b, *tiles.int32(m, n, k, *strides, item_columns)]
    _parts(run, c, "matmul_flat", args, math.ceil(n / item_columns), wanted, k, {"TILE_M": rows})


def _dot(run: Launcher, c: Array, a: Array, b: Array, rows: int, k: int) -> None:
    """Describes the kernel matmul_dot."""
    wanted = _wanted(run, rows * k)
    item_rows = tiles.ceil_to(math.ceil(rows / min(wanted, max(1, rows // DOT_ROWS))), DOT_ROWS)
    args = [a, b, *tiles.int32(rows, k, item_rows)]
    _parts(run, c, "matmul_dot", args, math.ceil(rows / item_rows), wanted, k, {"TILE_M": DOT_ROWS, "DOT": None})


def _wanted(run: Launcher, work: int) -> int:
    """How many work-items `work` multiply-adds are worth."""
    return max(1, min(4 * run.traits.compute_units, work // tiles.ITEM_WORK))


def _parts(
    run: Launcher, c: Array, kernel: str, args: list[Any], items: int, wanted: int, k: int, sizes: dict[str, Any]
) -> None:
    """Describes the kernel, and where it has few items with k cut into parts, whose results are added."""
    parts = max(1, min(wanted // items, k // PART_STEPS))
    part_steps = math.ceil(k / parts)
    parts = math.ceil(k / part_steps)
    lanes = tiles.vector_lanes(run.traits, c.dtype)
    out = c if parts == 1 else run.scratch((parts, c.size), c.dtype)
    defines = {"T": c.dtype.c_type, "LANES": lanes} | sizes
    finish = Finish(0, lanes) if parts == 1 else None
    run.work(2 * k * c.size)
    args = [out, *args, *tiles.int32(part_steps)]
    run.kernel(FILE, kernel, args, (items, parts), (1, 1), defines, finish=finish)
    if parts > 1:
        tiles.sum_parts(run, c, out, parts)
