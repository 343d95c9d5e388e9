"""Sorting, running sums and choosing, as kernel launches that several operations share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.launch import Array, DeviceTraits, Launcher

SORT = "sort.cl"
SCAN = "scan.cl"
RUN = 16
"""Elements that are sorted by insertion before merging begins; the constant of the same name in sort.cl."""
MOST_BLOCKS = 4096
"""Blocks that choosing splits its input into, at most."""
PLAIN = {1: "uchar", 2: "ushort", 4: "uint", 8: "ulong"}
"""Types to move elements of a size with, whatever they stand for."""


def plain(dtype: DType) -> str:
    """The C type that moves elements of `dtype` without computing with them."""
    return PLAIN[dtype.size]


def accumulator(dtype: DType) -> str:
    """The C type that sums of `dtype` are computed in."""
    return "float" if dtype is dtypes.float16 else str(dtype.c_type)


def key_defines(dtype: DType) -> dict[str, Any]:
    """The build constants of include/order.clh for an element type."""
    found: dict[str, Any] = {"T": dtype.c_type}
    if dtype.is_floating:
        found["FLOATING"] = None
        if dtype.size == 8:
            found["WIDE"] = None
    elif dtype.is_integer and not dtype.is_unsigned:
        found["SIGNED"] = None
    return found


def share(traits: DeviceTraits, count: int, least: int = 1024, gpu: int = 1) -> int:
    """How many of `count` pieces of work one work-item takes."""
    if not traits.is_cpu:
        return gpu
    return max(-(-count // (traits.compute_units * 8)), min(count, least), 1)


def sort_rows(run: Launcher, x: Array, rows: int, n: int, descending: bool = False) -> tuple[Array, Array]:
    """Sorts each of `rows` rows of `n` elements, at least one, stably.

    Returns:
      The keys (uint64, include/order.clh) and, as int32, the positions in the row that they came from.
    """
    defines = key_defines(x.dtype)
    if descending:
        defines["DESCENDING"] = None
    keys, order = run.scratch((rows, n), dtypes.uint64), run.scratch((rows, n), dtypes.int32)
    run.kernel(SORT, "sort_runs", [keys, order, x, np.int64(n)], (-(-n // RUN), rows), None, defines, (0, 1))
    chunk = share(run.traits, rows * n, 2048, 8)
    width = RUN
    while width < n:
        out = run.scratch((rows, n), dtypes.uint64), run.scratch((rows, n), dtypes.int32)
        args = [*out, keys, order, np.int64(n), np.int64(width), np.int64(chunk)]
        run.kernel(SORT, "sort_merge", args, (-(-n // chunk), rows), None, defines, (0, 1))
        keys, order = out
        width *= 2
    return keys, order


def scan(
    run: Launcher,
    out: Array,
    x: Array,
    outer: int,
    n: int,
    inner: int,
    exclusive: bool = False,
    reverse: bool = False,
    product: bool = False,
) -> None:
    """out[o, i, c] = the running sum (or product) of x[o, :, c] up to i.

    Args:
      run: where the kernels go.
      out, x: [outer, n, inner], of one type, which may also be the type sums are computed in.
      exclusive: leave element i itself out.
      reverse: run from the end.
      product: multiply instead of adding.
    """
    columns = min(run.traits.lanes, inner) if run.traits.is_cpu else 1
    acc = next(t for t in dtypes.BASE_TYPES if t.c_type == accumulator(x.dtype) and t is not dtypes.bool_)
    defines: dict[str, Any] = {"T": x.dtype.c_type, "ACC": acc.c_type, "COLUMNS": columns}
    if product:
        defines["PRODUCT"] = None
    across = -(-inner // columns)
    wanted = run.traits.compute_units * (8 if run.traits.is_cpu else 512)
    least = 4096 if run.traits.is_cpu else 32
    blocks = max(min(-(-wanted // max(across * outer, 1)), n // least), 1)
    chunk = -(-n // blocks)
    blocks = -(-n // chunk)
    before = x
    if blocks > 1:
        totals = run.scratch((outer, blocks, inner), acc)
        args = [totals, x, np.int64(n), np.int64(inner), np.int64(chunk), np.int32(reverse)]
        run.kernel(SCAN, "scan_totals", args, (across, blocks, outer), None, defines)
        before = run.scratch((outer, blocks, inner), acc)
        scan(run, before, totals, outer, blocks, inner, exclusive=True, product=product)
    elif acc is not x.dtype:
        before = run.scratch((1,), acc)
    scalars = [np.int64(n), np.int64(inner), np.int64(chunk), np.int32(exclusive), np.int32(reverse)]
    run.kernel(SCAN, "scan_blocks", [out, x, before, *scalars], (across, blocks, outer), None, defines)


class Chosen:
    """The elements of `x` that are not zero, or that are a given number: how many, and where each block's begin.

    Args:
      run: where the kernels go.
      x: the flat input.
      sizes: the int32 array that takes the number of chosen elements.
      entry, entries: where in `sizes`, and how many times.
      part: the number whose elements are chosen; None chooses what is not zero.
    """

    def __init__(
        self, run: Launcher, x: Array, sizes: Array, entry: int = 0, entries: int = 1, part: int | None = None
    ):
        self.run = run
        self.x = x
        self.n = x.size
        least = 1024 if run.traits.is_cpu else 16
        self.chunk = max(-(-self.n // MOST_BLOCKS), least)
        self.blocks = max(-(-self.n // self.chunk), 1)
        group = 1 if run.traits.is_cpu else min(256, run.traits.max_work_group)
        self.defines: dict[str, Any] = {
            "T": x.dtype.c_type,
            "NONZERO" if part is None else "PART": None,
            "GROUP": group,
        }
        self.part = np.int32(part or 0)
        self.offsets = run.scratch((self.blocks,), dtypes.int32)
        if self.n:
            args = [self.offsets, x, self.part, np.int64(self.n), np.int64(self.chunk)]
            run.kernel(SCAN, "choose_count", args, (self.blocks,), None, self.defines)
        else:
            run.zero(self.offsets)
        args = [self.offsets, sizes, np.int32(entry), np.int32(entries), np.int32(self.blocks)]
        run.kernel(SCAN, "choose_offsets", args, (group,), (group,), self.defines, (0, 1))

    def coordinates(self, out: Array, dims: Sequence[int]) -> None:
        """Writes the coordinates of the chosen elements in the shape `dims`."""
        later = [np.int64(d) for d in (*dims[1:], *[1] * 7)][:7]
        args = [
            out,
            self.x,
            self.offsets,
            self.part,
            np.int64(self.n),
            np.int64(self.chunk),
            np.int32(len(dims)),
            *later,
        ]
        if self.n:
            self.run.kernel(SCAN, "choose_coordinates", args, (self.blocks,), None, self.defines)

    def rows(self, chosen: Array, data: Array, inner: int, back: bool = False) -> None:
        """Moves the chosen rows of `data`, [n, inner], to `chosen`, or with `back` from there."""
        if not self.n or not inner:
            return
        columns = inner if self.run.traits.is_cpu else 1
        defines = {**self.defines, "DATA": plain(data.dtype)}
        if back:
            defines["BACK"] = None
        scalars = [self.part, np.int64(self.n), np.int64(self.chunk), np.int64(inner), np.int64(columns)]
        size = (self.blocks, -(-inner // columns))
        args = [chosen, data, self.x, self.offsets, *scalars]
        self.run.kernel(SCAN, "choose_rows", args, size, None, defines, (1,) if back else (0,))

    def values(self, chosen: Array, index: Array, data: Array) -> None:
        """Writes the chosen elements of `data` and their positions."""
        defines = {**self.defines, "DATA": plain(data.dtype), "INDEX": index.dtype.c_type}
        args = [chosen, index, data, self.x, self.offsets, self.part, np.int64(self.n), np.int64(self.chunk)]
        if self.n:
            self.run.kernel(SCAN, "choose_values", args, (self.blocks,), None, defines, (0, 1))
