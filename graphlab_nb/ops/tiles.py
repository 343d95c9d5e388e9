"""How products of matrices are cut into tiles: the sizes that kernels_cl/include/tile.clh is built with.

Matrix products and convolutions share these. Sizes depend on the device and on how the shape's edges fall, never on the
shape itself, so that a new batch size finds its kernel built.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.launch import Array, DeviceTraits, Finish, Launcher

CHUNK = 256
"""Steps of k in a packed block: A's tile and B's panel then fit the first cache together, the block of B the second."""

BLOCK_COLUMNS = 128
"""Columns of a packed block of B."""

ROW_TILES = 8
"""Register tiles in a packed block of A; adjacent ones share cache lines where A lies by columns."""

LOCAL_LIMIT = 224 * 1024
"""Bytes of local memory used at most: a CPU runtime that states 256 KB has failed with all of it taken."""

ITEM_WORK = 100_000
"""Multiply-adds that are worth a work-item of their own on a CPU."""

SPLIT_STEPS = 512
"""Steps of k that are worth a partial sum of their own."""

SPLIT_RESULTS = 1 << 17
"""Results of which partial sums are still small beside the products."""


@dataclass(frozen=True)
class RegisterTile:
    """The sums that a CPU keeps in registers.

    Attributes:
      rows: rows of a register tile.
      vectors: vectors in a row of it.
      lanes: elements in a vector.
    """

    rows: int
    vectors: int
    lanes: int

    @property
    def columns(self) -> int:
        """Columns of a register tile."""
        return self.vectors * self.lanes

    def defines(self, dtype: DType) -> dict[str, Any]:
        """The build constants for elements of `dtype`."""
        return {
            "T": dtype.c_type, "ACC": dtype.c_type, "LANES": self.lanes, "TILE_M": self.rows, "TILE_V": self.vectors
        }  # fmt: skip


@dataclass(frozen=True)
class CpuTiles(RegisterTile):
    """Tile sizes of a CPU's convolutions.

    Attributes:
      chunk: steps of k in a packed block.
      row_tiles: register tiles in a packed block of A.
      panels: panels in a packed block of B.
    """

    chunk: int
    row_tiles: int
    panels: int

    def chunk_for(self, steps: int) -> int:
        """Steps of k in one block, such that blocks are alike and have room."""
        return max(1, math.ceil(steps / max(1, math.ceil(steps / self.chunk))))

    def defines(self, dtype: DType) -> dict[str, Any]:
        """The build constants for elements of `dtype`."""
        blocks = {"CHUNK": self.chunk, "ROW_TILES": self.row_tiles, "PANELS": self.panels}
        return super().defines(dtype) | blocks


def use_cpu_tiles(traits: DeviceTraits, dtype: DType) -> bool:
    """Whether the register-tile kernels serve; work-group kernels sum float16 in float32 on every device."""
    return traits.is_cpu and dtype is not dtypes.float16


def vector_lanes(traits: DeviceTraits, dtype: DType) -> int:
    """Elements of `dtype` in a CPU's vector register."""
    return max(2, max(4, traits.lanes) * 4 // dtype.size)


def register_tile(traits: DeviceTraits, dtype: DType, rows: int, columns: int) -> RegisterTile:
    """The tile that suits `rows` x `columns` results: the fewest sums wasted at the edges, then the largest."""
    lanes = vector_lanes(traits, dtype)
    while columns * 2 <= lanes and lanes * dtype.size > 16:  # some processors take two steps for their longest vectors
        lanes //= 2
    many = traits.vector_registers >= 32
    if columns <= lanes:
        vectors, most = 1, 16 if many else 10
    elif lanes * dtype.size <= 16 and many:
        vectors, most = 4, 6
    else:
        vectors, most = 2, 8 if many else 6
    if columns > lanes and dtype.size == 4 and traits.tiles.rows and traits.tiles.vectors:
        vectors, most = traits.tiles.vectors, traits.tiles.rows
    # A step of k costs rows * vectors / 2 cycles and about a cycle for the tile itself. With 32 registers 16 sums hide a
    # multiply-add's latency twice over; with 24, compilers that move loads ahead run out of registers.
    # Where there are many rows the largest tile is as good, and its kernel is likely built already.
    choice = range(most, most // 2, -1) if rows < 16 * most else (most,)
    tile_rows = min(choice, key=lambda r: math.ceil(rows / r) * (r * vectors + 2))
    return RegisterTile(tile_rows, vectors, lanes)


def cpu_tiles(traits: DeviceTraits, dtype: DType, rows: int, columns: int, tall: bool = False) -> CpuTiles:
    """The register tile for `rows` x `columns` results of a convolution, and its blocks.

    With `tall`, blocks of A have twice the rows and half the steps, for kernels that pay for each of its columns.
    """
    tile = register_tile(traits, dtype, rows, columns)
    tile_rows, vectors, lanes = tile.rows, tile.vectors, tile.lanes
    chunk, row_tiles, panels = CHUNK, ROW_TILES, max(1, BLOCK_COLUMNS // (vectors * lanes))
    if tall:
        chunk, row_tiles = chunk // 2, row_tiles * 2
    limit = min(traits.local_memory, LOCAL_LIMIT)

    def needed() -> int:
        a_block = max(row_tiles * tile_rows * (chunk + 16), chunk * (row_tiles * tile_rows + 47) + 16)
        tables = max(chunk, 4 * row_tiles * tile_rows) * 64
        return (a_block + panels * chunk * vectors * lanes) * dtype.size + tables

    while needed() > limit and (row_tiles, panels, chunk) != (1, 1, 16):
        if row_tiles > 2:
            row_tiles //= 2
        elif panels > 2:
            panels //= 2
        elif chunk > 64:
            chunk //= 2
        elif row_tiles > 1:
            row_tiles = 1
        elif panels > 1:
            panels = 1
        else:
            chunk //= 2
    return CpuTiles(tile_rows, vectors, lanes, chunk, row_tiles, panels)


def cpu_items(
    traits: DeviceTraits, tiles: CpuTiles, rows: int, columns: int, steps: int, split: bool = False
) -> tuple[int, int, int]:
    """How many rows and columns a work-item takes, and the number of parts that k is split into.

    Work is cut until every core has several items, since cores may be slowed or busy otherwise. With `split`, k is cut
    first, which suits many steps and few results; else only where rows and columns give too few items.
    """
    wanted = min(4 * traits.compute_units, max(1, rows * columns * steps // ITEM_WORK))
    if split and rows * columns <= SPLIT_RESULTS and steps >= 2 * SPLIT_STEPS:
        parts = min(wanted, steps // SPLIT_STEPS)
        if parts * 2 > wanted:
            return ceil_to(rows, tiles.rows), min(ceil_to(columns, tiles.columns), tiles.panels * tiles.columns), parts
    item_rows = min(ceil_to(rows, tiles.rows), 4 * tiles.row_tiles * tiles.rows)
    # Few steps leave room for wide blocks, whose rows are written in long pieces.
    room = min(4, max(1, tiles.chunk // max(1, steps)))
    item_columns = min(ceil_to(columns, tiles.columns), tiles.panels * tiles.columns * room)

    def items() -> int:
        return math.ceil(rows / item_rows) * math.ceil(columns / item_columns)

    while items() < wanted:
        if item_rows > max(96, 2 * item_columns):
            item_rows = ceil_to(item_rows // 2, tiles.rows)
        elif item_columns > tiles.columns:
            item_columns = ceil_to(item_columns // 2, tiles.columns)
        elif item_rows > 4 * tiles.rows:
            item_rows = ceil_to(item_rows // 2, tiles.rows)
        else:
            break
    # Items alike, and as many as share out evenly among the cores.
    blocks = math.ceil(rows / item_rows)
    across = math.ceil(columns / item_columns)
    if blocks > 1:
        even = (n for n in range(blocks, blocks + traits.compute_units) if n * across % traits.compute_units == 0)
        blocks = next(even, blocks)
    item_rows = ceil_to(math.ceil(rows / blocks), tiles.rows)
    parts = max(1, min(wanted // items(), steps // (4 * tiles.chunk)))
    return item_rows, item_columns, parts


@dataclass(frozen=True)
class GroupTiles:
    """Tile sizes of a GPU kernel: sums per work-item; a work-group is 16 x 16 work-items."""

    rows: int
    columns: int

    @property
    def group_rows(self) -> int:
        """Rows that a work-group computes."""
        return 16 * self.rows

    @property
    def group_columns(self) -> int:
        """Columns that a work-group computes."""
        return 16 * self.columns

    def defines(self, dtype: DType, part: DType | None = None) -> dict[str, Any]:
        """The build constants for elements of `dtype`, with results of type `part` (default `dtype`)."""
        total = sum_dtype(dtype)
        return {
            "GROUP": None, "T": dtype.c_type, "ACC": total.c_type, "PART": (part or dtype).c_type, "REG_M": self.rows,
            "REG_N": self.columns,
        }  # fmt: skip


def sum_dtype(dtype: DType) -> DType:
    """The type that sums of `dtype` are kept in."""
    return dtypes.float32 if dtype is dtypes.float16 else dtype


def group_tiles(traits: DeviceTraits, rows: int, columns: int) -> GroupTiles:
    """Larger tiles where enough of them remain to keep the device busy, smaller ones for thin results."""

    def side(n: int) -> int:
        return 1 if n <= 16 else 2 if n <= 32 else 4

    tiles = GroupTiles(side(rows), side(columns))
    if rows >= 128 and columns >= 128 and (rows // 128) * (columns // 128) >= 2 * traits.compute_units:
        tiles = GroupTiles(8, 8)
    return tiles


def group_parts(traits: DeviceTraits, tiles: GroupTiles, rows: int, columns: int, steps: int, batches: int = 1) -> int:
    """The number of parts that k is split into so that a GPU's multiprocessors have enough work-groups."""
    groups = math.ceil(rows / tiles.group_rows) * math.ceil(columns / tiles.group_columns) * batches
    return max(1, min(2 * traits.compute_units // groups, steps // 128))


def ceil_to(n: int, unit: int) -> int:
    """The smallest multiple of `unit` that is at least `n`."""
    return math.ceil(n / unit) * unit


def int32(*values: int) -> Sequence[Any]:
    """Kernel arguments of type int."""
    return [np.int32(v) for v in values]


def sum_parts(run: Launcher, out: Array, parts: Array, number: int) -> None:
    """Adds `number` partial results, in `parts` one after the other, into `out`."""
    items, lanes = 1, 1
    if run.traits.is_cpu:
        lanes = max(1, run.traits.lanes * 4 // parts.dtype.size) if parts.dtype is out.dtype else 1
        items = max(4096, ceil_to(math.ceil(out.size / (4 * run.traits.compute_units)), 64))
    defines = {"T": out.dtype.c_type, "PART": parts.dtype.c_type, "LANES": lanes}
    args = [out, parts, np.uint64(out.size), np.int32(number), np.uint64(items)]
    grid = (math.ceil(out.size / items),)
    run.kernel("sum_parts.cl", "sum_parts", args, grid, None, defines, finish=Finish(0, lanes))
