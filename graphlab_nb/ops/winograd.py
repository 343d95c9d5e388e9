"""Convolutions by Winograd's minimal filtering (kernels_cl/winograd.cl), where that is faster than the direct kernels.

Tiles of results need 36 multiplications for each pair of channel and output, whatever the filter: 2x2 results of a 5x5
filter instead of 100, 4x4 results of a 3x3 filter instead of 144. What is saved is paid for in precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphlab_nb import config, dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.launch import Array, DeviceTraits, Launcher
from graphlab_nb.ops import tiles

FILE = "winograd.cl"

POINTS = 36
"""Points that a tile's patch, its filter and their product are held as."""

Plane = tuple[int, int]


@dataclass(frozen=True)
class Sizes:
    """A convolution of stride 1, channels last.

    Attributes:
      images: batch size.
      channels: of the input.
      outputs: channels of the result.
      image: the input's height and width.
      result: the result's height and width.
      taps: the filter's height and width.
      pad: zeros above and left of the input.
    """

    images: int
    channels: int
    outputs: int
    image: Plane
    result: Plane
    taps: Plane
    pad: Plane

    @property
    def tiles(self) -> Plane:
        """Tiles along the result's height and width."""
        side = 7 - self.taps[0]
        return math.ceil(self.result[0] / side), math.ceil(self.result[1] / side)

    @property
    def total(self) -> int:
        """Tiles of all images."""
        return self.images * math.prod(self.tiles)

    @property
    def backward(self) -> Sizes:
        """The convolution of dy that gives dx."""
        pad = self.taps[0] - 1 - self.pad[0], self.taps[1] - 1 - self.pad[1]
        return replace(
            self, channels=self.outputs, outputs=self.channels, image=self.result, result=self.image, pad=pad
        )

    def scalars(self) -> list[np.int32]:
        """The kernels' arguments SIZES."""
        return [
            np.int32(n)
            for n in (self.images, self.channels, self.outputs, *self.image, *self.result, *self.tiles, *self.pad)
        ]


def suits(traits: DeviceTraits, dtype: DType, sizes: Sizes) -> bool:
    """Whether a convolution is expected to be faster, and precise enough, this way."""
    if config.WINOGRAD.value == "0" or not traits.is_cpu or dtype is not dtypes.float32:
        return False
    return sizes.taps in ((3, 3), (5, 5)) and min(sizes.channels, sizes.outputs) >= 16


def forward(run: Launcher, sizes: Sizes, out: Array, x: Array, w: Array, flip: bool = False) -> None:
    """Describes out = convolution of x with w; with `flip` its taps run backwards and it is transposed."""
    traits = run.traits
    tile = tiles.cpu_tiles(traits, out.dtype, 1 << 20, sizes.outputs)
    defines = _defines(tile, sizes)
    panels = math.ceil(sizes.outputs / tile.columns)
    u = run.scratch((POINTS, panels, sizes.channels, tile.columns), out.dtype)
    item_channels = max(1, min(16, math.ceil(sizes.channels * panels / (4 * traits.compute_units))))
    args = [u, w, *tiles.int32(sizes.channels, sizes.outputs, int(flip), item_channels)]
    run.kernel(FILE, "winograd_filter", args, (panels, math.ceil(sizes.channels / item_channels)), (1, 1), defines)
    items = min(4 * traits.compute_units, max(traits.compute_units, sizes.total // BLOCK_TILES))
    item_tiles = tiles.ceil_to(math.ceil(sizes.total / items), tile.rows)
    items = math.ceil(sizes.total / item_tiles)
    v_pitch = tiles.ceil_to(sizes.channels, tile.lanes)
    block = min(item_tiles, tiles.ceil_to(BLOCK_TILES, tile.rows))
    group = max(1, min(panels, NEAR // (POINTS * block * tile.columns * 4)))
    item_scratch = tiles.ceil_to(POINTS * (block * (v_pitch + group * tile.columns) + GAP), 64)
    scratch = run.scratch((items, item_scratch), out.dtype)
    args = [out, x, u, scratch, *sizes.scalars(), *tiles.int32(item_tiles, block, group), np.int64(item_scratch)]
    run.kernel(FILE, "winograd_conv", args, (items,), (1,), defines, writes=(0, 3))


def grad_filter(run: Launcher, sizes: Sizes, dw: Array, x: Array, dy: Array) -> None:
    """Describes dw, the gradient with respect to the filter."""
    traits = run.traits
    tile = tiles.cpu_tiles(traits, dw.dtype, sizes.channels, sizes.outputs)
    defines: dict[str, Any] = _defines(tile, sizes) | {"GRAD_FILTER": None}
    panels, v_pitch = math.ceil(sizes.outputs / tile.columns), tiles.ceil_to(sizes.channels, tile.lanes)
    wanted = 4 * traits.compute_units
    parts = max(1, min(math.ceil(wanted / SIDE), sizes.total // PART_TILES))
    group = math.ceil(panels / min(panels, math.ceil(wanted / (SIDE * parts))))
    part_tiles = math.ceil(sizes.total / parts)
    parts = math.ceil(sizes.total / part_tiles)
    block = max(64, NEAR // (SIDE * (v_pitch + group * tile.columns) * 4))
    block = math.ceil(part_tiles / math.ceil(part_tiles / block))
    item_scratch = tiles.ceil_to(SIDE * (block * (v_pitch + group * tile.columns) + 2 * GAP), 64)
    groups = math.ceil(panels / group)
    scratch = run.scratch((parts, groups, SIDE, item_scratch), dw.dtype)
    du = run.scratch((parts, POINTS, sizes.channels, panels * tile.columns), dw.dtype)
    args = [du, x, dy, scratch, *sizes.scalars(), *tiles.int32(part_tiles, block, group), np.int64(item_scratch)]
    run.kernel(FILE, "winograd_grad_filter", args, (SIDE, groups, parts), (1, 1, 1), defines, writes=(0, 3))
    item_channels = max(1, math.ceil(sizes.channels / wanted))
    args = [dw, du, *tiles.int32(sizes.channels, sizes.outputs, parts, item_channels)]
    run.kernel(FILE, "winograd_grad_filter_end", args, (math.ceil(sizes.channels / item_channels),), (1,), defines)


BLOCK_TILES = 24
NEAR = 224 * 1024
GAP = 16
SIDE = 6
PART_TILES = 256
ERROR = {3: 4e-5, 4: 4e-5, 5: 4e-5}


def _defines(tile: tiles.CpuTiles, sizes: Sizes) -> dict[str, int]:
    return {"TAPS": sizes.taps[0], "LANES": tile.lanes, "TILE_M": tile.rows, "TILE_V": tile.vectors}
