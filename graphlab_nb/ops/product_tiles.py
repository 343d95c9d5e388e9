"""How a CPU's products of matrices are cut: register tiles, packed blocks and work-items (kernels_cl/matmul.cl)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from graphlab_nb.dtypes import DType
from graphlab_nb.launch import DeviceTraits
from graphlab_nb.ops import tiles

LONGEST = 1024
"""Steps of k in a block at most, and those worth a part of their own."""

PACKED_STEPS = 384
"""The same where B comes packed. Results are read and written once for each block, and B once for each block of A: with
a few times as many steps as rows, little memory is moved for both together."""

SHORTEST = 256
"""Steps of k that a block shall have, before its columns are fewer."""

BLOCK_BYTES = 160 * 1024
"""Bytes of the packed block of A where B comes packed: it stays in the second cache."""

SMALL_BLOCK_BYTES = 64 * 1024
"""Bytes of either block where both are packed side by side, since what the next ones are made of shares that cache."""

WIDE_SMALL_BLOCK_BYTES = 96 * 1024
"""The same for processors with vectors of 64 bytes, whose second caches have a megabyte or more."""

LEAST_STEPS = 4
"""Steps of k that either packed block holds at least."""

MOST_TILES = 32
"""Register tiles in a packed block of A at most."""

FEW_ROWS = 128
"""Rows that one work-item takes all, so that it packs its columns of B for no other."""

NEAR_BYTES = 8 << 20
"""Bytes of B that a cache which cores share holds between packing and multiplying; beyond, packing costs more."""

ITEM_COLUMNS = 256
"""Columns worth packing so few rows for once more."""


@dataclass(frozen=True)
class Plan:
    """One product's launch.

    Attributes:
      tile: the register tile.
      direct: whether A is read from where it is, since results are so narrow that packing it would not pay.
      packed: whether B is packed by a kernel of its own before, for several work-items.
      a_room: elements of A that local memory holds.
      b_room: elements of B that local memory holds.
      shares: work-items along columns and rows.
      parts: parts that k is split into.
      part_steps: steps of k in a part.
      block_rows: rows of a packed block of A.
      block_columns: columns of a packed block of B.
      chunk: steps of k in a block.
    """

    tile: tiles.RegisterTile
    direct: bool
    packed: bool
    a_room: int
    b_room: int
    shares: tuple[int, int]
    parts: int
    part_steps: int
    block_rows: int
    block_columns: int
    chunk: int

    def defines(self, dtype: DType) -> dict[str, Any]:
        """The build constants for elements of `dtype`, but for what is transposed."""
        found = self.tile.defines(dtype) | {"A_ROOM": self.a_room, "B_ROOM": self.b_room, "ROW_TILES": MOST_TILES}
        return found | {name: None for name, on in (("A_DIRECT", self.direct), ("B_PACKED", self.packed)) if on}


def plan(traits: DeviceTraits, dtype: DType, m: int, n: int, k: int, batches: int, transpose_a: bool) -> Plan:
    """Cuts a product of [m, k] by [k, n].

    Args:
      traits: the device.
      dtype: element type.
      m: rows of results.
      n: columns of results.
      k: length of sums.
      batches: number of products.
      transpose_a: whether A lies transposed: then, where there are few results of long sums, k is cut first.
    """
    tile = tiles.register_tile(traits, dtype, m, n)
    direct = n <= 2 * tile.columns
    room = (min(traits.local_memory, tiles.LOCAL_LIMIT) - MOST_TILES * tile.rows * 8) // dtype.size
    large = min((traits.tiles.block_bytes or BLOCK_BYTES) // dtype.size, room)
    small_bytes = WIDE_SMALL_BLOCK_BYTES if traits.lanes >= 16 else SMALL_BLOCK_BYTES
    small = min((traits.tiles.block_bytes // 2 or small_bytes) // dtype.size, room // 2)
    least = LEAST_STEPS * max(tile.rows, tile.columns) + 16  # whatever was measured
    large, small = max(large, least), max(small, least)
    wanted = max(1, min(4 * traits.compute_units, m * n * k * batches // tiles.ITEM_WORK))
    panels, row_tiles = math.ceil(n / tile.columns), math.ceil(m / tile.rows)
    few_rows = FEW_ROWS if k * n * dtype.size <= NEAR_BYTES else 4 * FEW_ROWS
    packed = not direct and m > few_rows and k * n > small
    parts = 1
    if transpose_a and batches == 1 and m * n <= tiles.SPLIT_RESULTS and k >= 2 * tiles.SPLIT_STEPS:
        parts = min(wanted, k // tiles.SPLIT_STEPS)
    if parts * 2 > wanted > 1:
        across, down, packed = 1, 1, False
    else:
        across, down = _shares(traits, tile, n, panels, row_tiles, math.ceil(wanted / batches), m <= few_rows)
        parts = max(1, min(wanted // (across * down * batches), k // LONGEST))
    part_steps = math.ceil(k / parts)
    parts = math.ceil(k / part_steps)
    item_columns = math.ceil(panels / across) * tile.columns
    if packed:
        a_room, b_room, block_columns = large, 0, item_columns
        longest = min(traits.tiles.longest or PACKED_STEPS, a_room // (tile.rows * 2))
    else:
        a_room, b_room = 0 if direct else small, small
        block_columns = min(item_columns, max(1, b_room // (SHORTEST * tile.columns)) * tile.columns)
        longest = b_room // block_columns
        if not direct:
            longest = min(traits.tiles.longest or longest, longest, (a_room - 16) // tile.rows)
    longest = max(1, min(LONGEST, longest))
    chunk = math.ceil(part_steps / math.ceil(part_steps / longest))
    block_tiles = MOST_TILES if direct else max(1, min(MOST_TILES, a_room // (chunk * tile.rows + 16)))
    blocks = math.ceil(math.ceil(row_tiles / down) / block_tiles)
    block_rows = math.ceil(math.ceil(row_tiles / down) / blocks) * tile.rows
    return Plan(
        tile, direct, packed, a_room, b_room, (across, down), parts, part_steps, block_rows, block_columns, chunk
    )


def _shares(
    traits: DeviceTraits, tile: tiles.RegisterTile, n: int, panels: int, row_tiles: int, wanted: int, flat: bool
) -> tuple[int, int]:
    """Work-items along columns and rows: every core has several, since cores may be slowed or busy otherwise."""
    if flat:
        across = min(panels, wanted, max(traits.compute_units, n // ITEM_COLUMNS))
        if across >= traits.compute_units:
            across = min(panels, tiles.ceil_to(across, traits.compute_units))
        return across, 1 if across >= traits.compute_units else max(1, min(wanted // across, row_tiles // 4))
    down = min(wanted, max(1, row_tiles // 4))
    return min(panels, math.ceil(wanted / down)), down
