"""How convolutions are described to a device: as gathered matrix products (kernels_cl/conv.cl) or plain ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphlab_nb.dtypes import DType
from graphlab_nb.launch import Array, DeviceTraits, Finish, Launcher, Window
from graphlab_nb.ops import tiles, winograd
from graphlab_nb.ops.matmul import launch_product
from graphlab_nb.ops.moves import move, strides_of

FILE = "conv.cl"

SHORT_RUN = 32
"""Elements that lie together in patches, from which on packing patches is not much beside multiplying them."""

MOST_ADDRESSES = 9
"""Rows of a register tile whose patches' addresses fit the registers, so that patches can be read where they are; those of a
3x3 filter's gradient are one tile."""

IN_PLACE_ROWS = 12
"""Rows of a register tile whose long patches are read where they are."""

MOST_POOLED = 16
"""Positions of a window, at most, that conv_direct pools: as many as a work-item has in any case."""

Volume = tuple[int, int, int]
AxisResidue = tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True)
class Shape:
    """A convolution's sizes, with (depth, height, width) for each volume.

    Attributes:
      images: batch size.
      channels: of the input.
      outputs: channels of the result.
      image: the input's volume.
      result: the result's volume.
      taps: the filter's volume.
      stride: of neighbouring results' patches.
      dilation: distance of neighbouring taps.
      pad: zeros before the input.
      channels_first: whether the user's tensors have the channels before the volume.
    """

    images: int
    channels: int
    outputs: int
    image: Volume
    result: Volume
    taps: Volume
    stride: Volume
    dilation: Volume
    pad: Volume
    channels_first: bool

    @property
    def flops(self) -> int:
        """Floating-point operations of the convolution done tap by tap, as of each of its gradients."""
        return 2 * self.images * math.prod(self.result) * math.prod(self.taps) * self.channels * self.outputs

    @property
    def pointwise(self) -> bool:
        """Whether each result depends on one position alone, the same one: a plain matrix product."""
        return self.taps == (1, 1, 1) == self.stride

    @property
    def plane(self) -> winograd.Sizes | None:
        """The sizes for Winograd's algorithm, where the convolution is one of images, with stride and dilation 1."""
        if self.stride != (1, 1, 1) or self.dilation != (1, 1, 1) or self.image[0] != 1 or self.taps[0] != 1:
            return None
        return winograd.Sizes(
            self.images, self.channels, self.outputs, self.image[1:], self.result[1:], self.taps[1:], self.pad[1:]
        )


@dataclass(frozen=True)
class Gather:
    """One launch of the kernel conv: how results' positions, taps and filters map to memory (names as in conv.cl)."""

    grid: Volume
    out: Volume
    out_step: Volume
    out_from: Volume
    source: Volume
    taps: Volume
    stride: Volume
    pad: Volume
    dilation: Volume
    filters: tuple[int, ...] = ()


def forward(run: Launcher, shape: Shape, y: Array, x: Array, w: Array) -> None:
    """Describes y = convolution of x with w."""
    if w.size == 0 or x.size == 0:
        run.zero(y)
        return
    if shape.channels_first:
        x_last = _to_last(run, x, shape.images, shape.channels)
        y_last = run.scratch((y.size,), y.dtype)
        forward(run, replace(shape, channels_first=False), y_last, x_last, w)
        _to_first(run, y, y_last, shape.images, shape.outputs)
        return
    if shape.pointwise:
        positions = shape.images * math.prod(shape.image)
        launch_product(run, y, x, w, False, False, (positions, shape.outputs, shape.channels))
        return
    plane = shape.plane
    if plane is not None and winograd.suits(run.traits, y.dtype, plane):
        winograd.forward(run, plane, y, x, w)
        return
    _launch_gather(run, _patches(shape), y, x, w, (shape.images, shape.channels, shape.outputs))


def pools(traits: DeviceTraits, dtype: DType, shape: Shape, window: Window) -> bool:
    """Whether `forward` can pool its results over such windows where it stores them."""
    if shape.channels_first or shape.pointwise:
        return False
    plane = shape.plane
    if plane is not None and winograd.suits(traits, dtype, plane):
        return winograd.pools(plane, window)
    gather, steps = _patches(shape), math.prod(shape.taps) * shape.channels
    if not _is_direct(traits, dtype, gather, shape.channels) or math.prod(window) > MOST_POOLED:
        return False
    positions = shape.images * math.prod(_windows(shape.result, window)) * math.prod(window)
    tile = tiles.cpu_tiles(traits, dtype, positions, shape.outputs)
    return 0 < steps <= _chunk(tile, gather, shape.channels)


def grad_input(run: Launcher, shape: Shape, dx: Array, w: Array, dy: Array) -> None:
    """Describes dx, the gradient with respect to the input."""
    if w.size == 0 or dy.size == 0:
        run.zero(dx)
        return
    if shape.channels_first:
        dy_last = _to_last(run, dy, shape.images, shape.outputs)
        dx_last = run.scratch((dx.size,), dx.dtype)
        grad_input(run, replace(shape, channels_first=False), dx_last, w, dy_last)
        _to_first(run, dx, dx_last, shape.images, shape.channels)
        return
    if shape.pointwise:
        positions = shape.images * math.prod(shape.image)
        launch_product(run, dx, dy, w, False, True, (positions, shape.channels, shape.outputs))
        return
    plane = shape.plane
    if plane is not None and winograd.suits(run.traits, dx.dtype, plane.backward):
        winograd.forward(run, plane.backward, dx, dy, w, flip=True)
        return
    for gather in _residues(shape):
        _launch_gather(run, gather, dx, dy, w, (shape.images, shape.outputs, shape.channels))


def grad_filter(run: Launcher, shape: Shape, dw: Array, x: Array, dy: Array) -> None:
    """Describes dw, the gradient with respect to the filter."""
    if x.size == 0 or dy.size == 0:
        run.zero(dw)
        return
    if shape.channels_first:
        x_last = _to_last(run, x, shape.images, shape.channels)
        dy_last = _to_last(run, dy, shape.images, shape.outputs)
        grad_filter(run, replace(shape, channels_first=False), dw, x_last, dy_last)
        return
    positions = shape.images * math.prod(shape.result)
    if shape.pointwise:
        launch_product(run, dw, x, dy, True, False, (shape.channels, shape.outputs, positions))
        return
    plane = shape.plane
    if plane is not None and winograd.suits(run.traits, dw.dtype, plane):
        winograd.grad_filter(run, plane, dw, x, dy)
        return
    dtype, traits, outputs, rows = dw.dtype, run.traits, shape.outputs, math.prod(shape.taps) * shape.channels
    gather = _patches(shape)
    direct = _is_direct(traits, dtype, gather, shape.channels)
    if direct:
        gather, x = _padded(run, gather, x, shape.images, shape.channels)
    scalars = _flat(shape.images, shape.channels, outputs, gather.source, shape.result, shape.taps, shape.stride,
                    gather.pad, shape.dilation)  # fmt: skip
    if tiles.use_cpu_tiles(traits, dtype):
        tile = tiles.cpu_tiles(traits, dtype, rows, outputs, tall=True)
        if direct:
            tile = replace(tile, rows=min(tile.rows, MOST_ADDRESSES))
        item_rows, item_columns, parts = tiles.cpu_items(traits, tile, rows, outputs, positions, split=True)
        part_steps = math.ceil(positions / parts)
        parts = math.ceil(positions / part_steps)
        chunk = tile.chunk_for(part_steps)
        out = dw if parts == 1 else run.scratch((parts, dw.size), dtype)
        scalars += tiles.int32(item_rows, item_columns, chunk, part_steps)
        grid = (math.ceil(outputs / item_columns), math.ceil(rows / item_rows), parts)
        finish = Finish(outputs, tile.lanes) if parts == 1 and not direct else None
        file, kernel, defines = FILE, "conv_grad_filter", tile.defines(dtype)
        if direct:
            file, kernel = "conv_direct_grad.cl", "conv_direct_grad_filter"
        else:
            defines["GRAD_FILTER"] = None
        run.work(shape.flops)
        run.kernel(file, kernel, [out, x, dy, *scalars], grid, (1, 1, 1), defines, finish=finish)
    else:
        group = tiles.group_tiles(traits, rows, outputs)
        parts = tiles.group_parts(traits, group, rows, outputs, positions)
        part_steps = math.ceil(positions / parts)
        parts = math.ceil(positions / part_steps)
        part_type = dtype if parts == 1 else tiles.sum_dtype(dtype)
        defines = group.defines(dtype, part_type) | {"GRAD_FILTER": None}
        out = dw if parts == 1 else run.scratch((parts, dw.size), part_type)
        grid = (math.ceil(outputs / group.group_columns) * 16, math.ceil(rows / group.group_rows) * 16, parts)
        args = [out, x, dy, *scalars, *tiles.int32(part_steps)]
        finish = Finish(outputs, 1) if parts == 1 else None
        run.work(shape.flops)
        run.kernel(FILE, "conv_grad_filter_group", args, grid, (16, 16, 1), defines, finish=finish)
    if parts > 1:
        tiles.sum_parts(run, dw, out, parts)


def _patches(shape: Shape) -> Gather:
    """The gather of a convolution's patches."""
    one, none = (1, 1, 1), (0, 0, 0)
    return Gather(
        shape.result, shape.result, one, none, shape.image, shape.taps, shape.stride, shape.pad, shape.dilation
    )


def _together(gather: Gather, channels: int) -> int:
    """Elements that lie together in a patch."""
    return max(1, (gather.taps[2] if gather.dilation[2] == 1 else 1) * channels)


def _chunk(tile: tiles.CpuTiles, gather: Gather, channels: int) -> int:
    """Steps of k at a time: whole runs, where a block has room for one, make fewer pieces."""
    together = _together(gather, channels)
    if together <= tile.chunk:
        return tile.chunk // together * together
    return tile.chunk_for(math.prod(gather.taps) * channels)


def _windows(result: Volume, window: Window) -> Volume:
    """The windows in a result's volume."""
    d, h, w = (n // k for n, k in zip(result, window, strict=True))
    return d, h, w


def _is_direct(traits: DeviceTraits, dtype: DType, gather: Gather, channels: int) -> bool:
    """Whether patches are best read where they are, since packing their short runs would take as long as multiplying."""
    if not tiles.use_cpu_tiles(traits, dtype) or gather.filters:
        return False
    return math.prod(gather.taps) > 0 and _together(gather, channels) <= SHORT_RUN


def _is_in_place(tile: tiles.CpuTiles, gather: Gather, channels: int) -> bool:
    """Whether patches' runs are so long that they are best read where they are, and only what reaches outside is packed."""
    return tile.row_tiles > 1 and _together(gather, channels) >= SHORT_RUN


def _residues(shape: Shape) -> Iterator[Gather]:
    """The launches that make up dx: one for each residue of the input's positions modulo the stride.

    Position i = s q + r gets dy[o] w[tap] for all taps with o s = i + pad - tap d. With g = gcd(s, d) these are the
    taps from `first` in steps of s / g (none where r + pad is no multiple of g), and o falls by d / g from tap to tap,
    starting at q + (r + pad - first d) / s. Taken backwards that is a convolution of stride 1 over dy.
    """
    for depth in _axis_residues(shape, 0):
        for height in _axis_residues(shape, 1):
            for width in _axis_residues(shape, 2):
                axes = (depth, height, width)

                def volume(entry: int, axes: tuple[AxisResidue, ...] = axes) -> Volume:
                    return axes[0][entry], axes[1][entry], axes[2][entry]

                taps = (0, 0, 0) if 0 in volume(2) else volume(2)
                filters = (*shape.taps, *volume(5), *volume(6))
                yield Gather(volume(1), shape.image, shape.stride, volume(0), shape.result, taps, (1, 1, 1), volume(3),
                             volume(4), filters)  # fmt: skip


def _axis_residues(shape: Shape, axis: int) -> Iterator[AxisResidue]:
    """Along one axis for each residue: itself, positions, taps, pad, dilation, first tap, step of taps."""
    stride, dilation, pad, taps = shape.stride[axis], shape.dilation[axis], shape.pad[axis], shape.taps[axis]
    common = math.gcd(stride, dilation)
    for residue in range(min(stride, shape.image[axis])):
        grid = len(range(residue, shape.image[axis], stride))
        reach = range(min(taps, stride // common))
        first = next((t for t in reach if (residue + pad - t * dilation) % stride == 0), None)
        if first is None:
            yield residue, grid, 0, 0, dilation // common, 0, stride // common
            continue
        count, step = len(range(first, taps, stride // common)), dilation // common
        start = (residue + pad - first * dilation) // stride
        yield residue, grid, count, (count - 1) * step - start, step, first, stride // common


def _launch_gather(
    run: Launcher, gather: Gather, out: Array, source: Array, w: Array, sizes: tuple[int, int, int]
) -> None:
    """Launches the kernel conv; `sizes` are images, channels of the source, and channels of the result."""
    images, channels, outputs = sizes
    dtype, traits = out.dtype, run.traits
    positions, steps = images * math.prod(gather.grid), math.prod(gather.taps) * channels
    direct = _is_direct(traits, dtype, gather, channels)
    if direct:
        gather, source = _padded(run, gather, source, images, channels)
    window = math.prod(run.pooled)
    if window > 1:
        windows = _windows(gather.grid, run.pooled)
        gather, positions = replace(gather, grid=windows, out=windows), images * math.prod(windows) * window
    scalars = _flat(images, channels, outputs, gather.source, gather.grid, gather.out, gather.out_step, gather.out_from,
                    gather.taps, gather.stride, gather.pad, gather.dilation, gather.filters)  # fmt: skip
    flops = 2 * positions * steps * outputs
    flags: dict[str, Any] = {"FLIP": None} if gather.filters else {}
    if tiles.use_cpu_tiles(traits, dtype):
        tile = tiles.cpu_tiles(traits, dtype, positions, outputs)
        if direct:
            tile = replace(tile, rows=min(tile.rows, MOST_ADDRESSES))
        elif _is_in_place(tile, gather, channels):
            tile = replace(tile, rows=min(tile.rows, IN_PLACE_ROWS))
            flags["A_IN_PLACE"] = None
        item_rows, item_columns, _ = tiles.cpu_items(traits, tile, positions, outputs, steps)
        if window > 1:
            unit = math.lcm(tile.rows, window)
            unit = unit if unit <= item_rows else window
            item_rows = max(1, item_rows // unit) * unit
            flags |= dict(zip(("POOL_D", "POOL_H", "POOL_W"), run.pooled, strict=True))
        args = [out, source, w, *scalars, *tiles.int32(item_rows, item_columns, _chunk(tile, gather, channels))]
        grid = (math.ceil(outputs / item_columns), math.ceil(positions / item_rows))
        file, kernel = ("conv_direct.cl", "conv_direct") if direct else (FILE, "conv")
        finish = Finish(outputs, tile.lanes)
        run.work(flops)
        run.kernel(file, kernel, args, grid, (1, 1), tile.defines(dtype) | flags, finish=finish)
    else:
        group = tiles.group_tiles(traits, positions, outputs)
        grid = (math.ceil(outputs / group.group_columns) * 16, math.ceil(positions / group.group_rows) * 16)
        defines = group.defines(dtype) | flags
        run.work(flops)
        run.kernel(FILE, "conv_group", [out, source, w, *scalars], grid, (16, 16), defines, finish=Finish(outputs, 1))


def _padded(run: Launcher, gather: Gather, source: Array, images: int, channels: int) -> tuple[Gather, Array]:
    """The gather from an image with its padding, for conv_direct, whose `pad` is the other way round: where patches begin."""
    low, high = [], []
    axes = zip(gather.source, gather.grid, gather.taps, gather.stride, gather.pad, gather.dilation, strict=True)
    for size, grid, taps, stride, pad, dilation in axes:
        low.append(max(0, pad))
        high.append(max(0, (grid - 1) * stride - pad + (taps - 1) * dilation - (size - 1)))
    begin = tuple(a - pad for a, pad in zip(low, gather.pad, strict=True))
    if not any(low) and not any(high):
        return replace(gather, pad=begin), source
    dims = (images, *gather.source, channels)
    volume = tuple(a + n + b for a, n, b in zip(low, gather.source, high, strict=True))
    padded = run.scratch((images, *volume, channels), source.dtype)
    run.zero(padded)
    strides = strides_of(padded.shape)
    at = sum(a * s for a, s in zip(low, strides[1:4], strict=True))
    move(run, source, padded, dims, strides_of(dims), strides, target_offset=at)
    return replace(gather, source=volume, pad=begin), padded


def _to_last(run: Launcher, x: Array, images: int, channels: int) -> Array:
    """A copy of `x` with its channels last."""
    out = run.scratch((x.size,), x.dtype)
    _transpose(run, out, x, images, channels, x.size // images // channels)
    return out


def _to_first(run: Launcher, out: Array, x: Array, images: int, channels: int) -> None:
    """Writes `x`, whose channels are last, to `out` with the channels first."""
    _transpose(run, out, x, images, x.size // images // channels, channels)


def _transpose(run: Launcher, to: Array, source: Array, batches: int, rows: int, columns: int) -> None:
    side = 16 if run.traits.is_cpu else 1
    defines = tiles.group_tiles(run.traits, 1, 1).defines(to.dtype)
    args = [to, source, *tiles.int32(rows, columns, side)]
    run.kernel(
        FILE, "conv_transpose_batch", args, (math.ceil(columns / side), math.ceil(rows / side), batches), None, defines
    )


def _flat(*values: int | tuple[int, ...]) -> list[Any]:
    """Numbers and volumes as kernel arguments of type int, in order."""
    flat: list[Any] = []
    for value in values:
        flat += [np.int32(v) for v in (value if isinstance(value, tuple) else (value,))]
    return flat
