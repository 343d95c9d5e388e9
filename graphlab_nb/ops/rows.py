"""Kernel launches that take rows from, and put rows into, the places that an index tensor names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.dtypes import DType
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.moves import VECTOR, vector_lanes
from graphlab_nb.ops.ordering import plain, share, sort_rows

FILE = "indexing.cl"
AHEAD = 8192
"""Bytes of the rows that a CPU asks for before it needs them, at most: longer rows it sees coming."""
CACHED = 1 << 18
"""Bytes of parameters that a core's own cache holds, so that nothing needs asking for."""
Report = tuple[Array, Any]
"""What `Launcher.report` gives."""


def check_index(dtype: DType) -> None:
    """Raises where `dtype` is no type of indices."""
    if dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"Indices must be int32 or int64, not {dtype.name}")


def out_of_range(code: int, first: int, second: int) -> tuple[type[Exception], str]:
    """The complaint of the kernels that check indices: code 1 for an index, 2 for one of several coordinates."""
    if code == 2:
        return errors.InvalidArgumentError, f"The index {first} of dimension {second} is out of range"
    return errors.InvalidArgumentError, f"The index {first} is not in [0, {second})"


def gather_rows(
    run: Launcher, out: Array, params: Array, index: Array, size: int, report: Report | None = None
) -> None:
    """out[i, :] = params[index[i], :]; rows of an index that is out of range are zero.

    Args:
      run: where the kernels go.
      out: [n, inner] in any shape.
      params: [size, inner] in any shape.
      index: [n] in any shape.
      size: number of rows.
      report: where to report an index that is out of range.
    """
    n = index.size
    if n == 0:
        return
    if out.size == 0:
        if report is not None:
            check_rows(run, index, size, report)
        return
    inner = out.size // n
    defines: dict[str, Any] = {"T": plain(out.dtype), "INDEX": index.dtype.c_type}
    args: list[Any] = [out, params, index]
    if report is not None:
        defines["CHECKED"] = None
        args += report
    lanes = vector_lanes(run.traits, out.dtype.size)
    if run.traits.is_cpu and inner >= lanes:
        defines["LANES"] = lanes
        if run.traits.streams(out.nbytes) and inner * out.dtype.size % VECTOR == 0:
            defines["STREAM"] = None
    each = share(run.traits, n, max(4096 // inner, 1))
    columns = inner if run.traits.is_cpu else 1
    row = inner * out.dtype.size
    ahead = min(16, AHEAD // row) if params.nbytes > CACHED else 0
    args += [np.int64(number) for number in (n, inner, size, each, columns, ahead)]
    run.kernel(
        FILE, "gather_rows", args, (-(-inner // columns), -(-n // each)), None, defines, (0, 3) if report else (0,)
    )


def check_rows(run: Launcher, index: Array, size: int, report: Report) -> None:
    """Reports an index that is outside [0, size)."""
    n = index.size
    each = share(run.traits, n, 4096)
    defines = {"T": "uint", "INDEX": index.dtype.c_type}
    args = [report[0], index, report[1], np.int64(n), np.int64(size), np.int64(each)]
    run.kernel(FILE, "check_rows", args, (-(-n // each),), None, defines)


def index_rows(run: Launcher, index: Array, dims: Sequence[int], report: Report | None = None) -> Array:
    """The numbers of rows, int64, that coordinates [n, len(dims)] name in the dimensions `dims`."""
    depth = len(dims)
    count = index.size // depth if depth else int(np.prod(index.shape[:-1]))
    rows = run.scratch((count,), dtypes.int64)
    defines: dict[str, Any] = {"T": "uint", "INDEX": index.dtype.c_type}
    args: list[Any] = [rows, index]
    if report is not None:
        defines["CHECKED"] = None
        args += report
    args += [np.int32(depth), *(np.int64(d) for d in (*dims, *[1] * 8)[:8])]
    run.kernel(FILE, "flatten_index", args, (count,), None, defines, (0, 2) if report else (0,))
    return rows


def scatter_rows(
    run: Launcher, target: Array, updates: Array, index: Array, size: int, mode: str, report: Report | None = None
) -> None:
    """target[index[i], :] changes by updates[i, :] for each i in order; indices that are out of range are left out.

    Args:
      run: where the kernels go.
      target: [size, inner] in any shape.
      updates: [n, inner] in any shape.
      index: [n] in any shape.
      size: number of rows.
      mode: "ADD", "SUBTRACT" or "UPDATE".
      report: where to report an index that is out of range.
    """
    n = index.size
    if n == 0:
        return
    if report is not None:
        check_rows(run, index, size, report)
    if target.size == 0 or updates.size == 0:
        return
    inner = target.size // size
    move = plain(target.dtype) if mode == "UPDATE" else target.dtype.c_type
    defines: dict[str, Any] = {"T": move, "INDEX": index.dtype.c_type, mode: None}
    sizes = [np.int64(n), np.int64(inner), np.int64(size)]
    if run.traits.is_cpu:
        # A work-item reads all indices, which must be little beside the updates that it makes.
        each = max(-(-size // (run.traits.compute_units * 4)), min(size, -(-4096 // inner)))
        args = [target, updates, index, *sizes, np.int64(each)]
        run.kernel(FILE, "scatter_owned", args, (-(-size // each),), (1,), defines)
        return
    _, order = sort_rows(run, index, 1, n)
    run.kernel(FILE, "scatter_sorted", [target, updates, index, order, *sizes], (inner, n), None, defines)
