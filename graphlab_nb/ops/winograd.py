"""Convolutions by Winograd's minimal filtering, where that is faster than the direct kernels.

The kernels are in kernels_cl/winograd.cl and winograd_grad.cl.

A tile of results needs as many multiplications for each pair of channel and output as it has points: 4x4 results of a 5x5
filter 64 instead of 400, 2x2, which waste less at the edges, 36 instead of 100; 6x6 results of a 3x3 filter 64 instead of 324,
and 4x4 36 instead of 144. What is saved is paid for in precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from graphlab_nb import config, dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.opdef import Accuracy
from graphlab_nb.launch import POSITION, Array, DeviceTraits, Finish, Launcher, Window
from graphlab_nb.ops import tiles

FILE, GRAD_FILE = "winograd.cl", "winograd_grad.cl"

SIDES = 6, 8
"""Points along a side of what a tile's patch, its filter and their product are held as."""

MANY_POINTS = 0.75
"""Share of the multiplications that tiles of more points may need at most to be taken, for their filters are larger. With
those of 3x3 only small results save as much."""

ERROR = {3: 4e-5, 5: 2e-5}
"""By the filter's side: how far results may be from the exact ones, relative to the largest result of their channel."""

ACCURACY = {side: Accuracy(error * 2**24, "channel") for side, error in ERROR.items()}
"""The same in units in the last place, of which a number has at most 2^24."""

GAP = 16
"""Elements behind the tiles of each point (as in the kernels)."""

BLOCK_TILES = 24
"""Tiles that a convolution computes at a time: a few register tiles, for more crowd the second cache."""

PRODUCTS = 224 * 1024
"""Bytes of a block's products, transformed back along one axis, that are still near when the other's turn comes."""

SUM_TILES = 64
"""Tiles that a filter's gradient sums at a time; sums are read and written once for each such block."""

PART_TILES = 256
"""Tiles that are worth a partial sum of their own."""

REREAD = 8 << 20
"""Bytes of images and results that may as well be read for each row of points, since a cache that cores share holds them."""

FEW_PRODUCTS = 2304
"""Multiplications for each pair of channel and output below which transforming the filter is not paid for."""

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
    def side(self) -> int:
        """Points along a side of a tile: many where they save enough multiplications, whose filters are larger."""
        few, many = (math.prod(self._tiles(side)) * side * side for side in SIDES)
        return SIDES[many <= MANY_POINTS * few]

    @property
    def tiles(self) -> Plane:
        """Tiles along the result's height and width."""
        return self._tiles(self.side)

    def _tiles(self, side: int) -> Plane:
        out = side + 1 - self.taps[0]
        return math.ceil(self.result[0] / out), math.ceil(self.result[1] / out)

    @property
    def total(self) -> int:
        """Tiles of all images."""
        return self.images * math.prod(self.tiles)

    @property
    def flops(self) -> int:
        """Floating-point operations of the convolution done tap by tap."""
        return 2 * self.images * math.prod(self.result) * math.prod(self.taps) * self.channels * self.outputs

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
    """Whether a convolution is expected to be faster this way: images and channels are not too few."""
    if config.WINOGRAD.value == "0" or not traits.is_cpu or dtype is not dtypes.float32:
        return False
    if sizes.taps not in ((3, 3), (5, 5)) or min(sizes.channels, sizes.outputs) < 16:
        return False
    return sizes.total * sizes.side**2 >= FEW_PRODUCTS


def pools(sizes: Sizes, window: Window) -> bool:
    """Whether results can be pooled where they are stored: tiles hold whole windows."""
    lines = sizes.side + 1 - sizes.taps[0]
    return window[0] == 1 and lines % window[1] == 0 == lines % window[2]


def forward(run: Launcher, sizes: Sizes, out: Array, x: Array, w: Array, flip: bool = False) -> None:
    """Describes out = convolution of x with w; with `flip` its taps run backwards and it is transposed.

    A result differs from the exact one by at most ERROR relative to the largest of its channel (about 1e-5 where the
    inputs are alike, as float32 sums differ by about 1e-6). An infinite input makes NaN of a whole tile.
    """
    units, dtype = run.traits.compute_units, out.dtype
    tile = tiles.cpu_tiles(run.traits, dtype, sizes.total, sizes.outputs)
    defines = _defines(tile, sizes)
    panels, v_pitch = math.ceil(sizes.outputs / tile.columns), tiles.ceil_to(sizes.channels, tile.lanes)
    side, lines = sizes.side, sizes.side + 1 - sizes.taps[0]
    u = run.scratch((side * side, panels, sizes.channels, tile.columns), dtype)
    item_channels = tiles.ceil_to(math.ceil(sizes.channels * panels / (4 * units)), 8)
    args = [u, w, *tiles.int32(sizes.channels, sizes.outputs, int(flip), item_channels)]
    run.kernel(FILE, "winograd_filter", args, (panels, math.ceil(sizes.channels / item_channels)), (1, 1), defines)
    items = min(4 * units, max(units, sizes.total // BLOCK_TILES))
    item_tiles = tiles.ceil_to(math.ceil(sizes.total / items), tile.rows)
    items = math.ceil(sizes.total / item_tiles)
    block = min(item_tiles, tiles.ceil_to(BLOCK_TILES, tile.rows))
    group = max(1, min(panels, PRODUCTS // (side * block * lines * tile.columns * dtype.size)))
    patches, column = side * side * (block * v_pitch + GAP), side * (block * tile.columns + GAP)
    item_scratch = tiles.ceil_to(patches + column + group * side * (block * lines * tile.columns + GAP), 64)
    scratch = run.scratch((items, item_scratch), dtype)
    args = [out, x, u, scratch, *sizes.scalars(), *tiles.int32(item_tiles, block, group), np.int64(item_scratch)]
    finish = Finish(sizes.outputs, tile.lanes)
    if run.pooled != POSITION:
        defines |= {"POOL_H": run.pooled[1], "POOL_W": run.pooled[2]}
    run.work(sizes.flops)
    run.kernel(FILE, "winograd_conv", args, (items,), (1,), defines, writes=(0, 3), finish=finish)


def grad_filter(run: Launcher, sizes: Sizes, dw: Array, x: Array, dy: Array) -> None:
    """Describes dw, the gradient with respect to the filter; precise as `forward` says."""
    units, dtype = run.traits.compute_units, dw.dtype
    tile = tiles.cpu_tiles(run.traits, dtype, sizes.channels, sizes.outputs)
    defines = _defines(tile, sizes)
    panels, v_pitch = math.ceil(sizes.outputs / tile.columns), tiles.ceil_to(sizes.channels, tile.lanes)
    most_parts = max(1, sizes.total // PART_TILES)
    splits, wanted = sizes.side, 4 * units
    if x.nbytes + dy.nbytes > REREAD and most_parts >= 2 * units:
        splits, wanted = 1, 2 * units
    part_tiles = math.ceil(sizes.total / min(math.ceil(wanted / splits), most_parts))
    parts = math.ceil(sizes.total / part_tiles)
    group = math.ceil(panels / min(panels, math.ceil(wanted / (splits * parts))))
    groups = math.ceil(panels / group)
    block = math.ceil(part_tiles / math.ceil(part_tiles / SUM_TILES))
    item_scratch = tiles.ceil_to(sizes.side * (block * (v_pitch + group * tile.columns) + 2 * GAP), 64)
    scratch = run.scratch((splits * groups * parts, item_scratch), dtype)
    du = run.scratch((parts, sizes.side**2, sizes.channels, panels * tile.columns), dtype)
    args = [du, x, dy, scratch, *sizes.scalars(), *tiles.int32(part_tiles, block, group, sizes.side // splits)]
    args.append(np.int64(item_scratch))
    run.work(sizes.flops)
    run.kernel(GRAD_FILE, "winograd_grad_filter", args, (splits, groups, parts), (1, 1, 1), defines, writes=(0, 3))
    item_channels = math.ceil(sizes.channels / (4 * units))
    args = [dw, du, *tiles.int32(sizes.channels, sizes.outputs, parts, item_channels)]
    run.kernel(GRAD_FILE, "winograd_grad_filter_end", args, (math.ceil(sizes.channels / item_channels),), (1,), defines)


def _defines(tile: tiles.CpuTiles, sizes: Sizes) -> dict[str, int]:
    """The build constants for a register tile and the filter's size."""
    return {
        "TAPS": sizes.taps[0], "POINTS": sizes.side, "LANES": tile.lanes, "TILE_M": tile.rows, "TILE_V": tile.vectors
    }  # fmt: skip
