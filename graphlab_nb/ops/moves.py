"""`move`: copies elements between arrays of any strides, the work of transpose, slice, concat, pad, tile and reverse.

A move is a list of axes (length, target stride, source stride). Axes that both arrays lay out alike are joined, so that
most moves end as a copy of bytes, as rows of bytes, or as the transposition of a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb.launch import Array, DeviceTraits, Launcher

_OUTER = 6
"""Outer dimensions that the kernels of array.cl take."""

_TILE = 32
_CPU_TILE = (128, 32)
"""Sides of a CPU's tile along the rows of the source and of the target; the first is the longer, since reading waits for memory
and writing does not. Elements of 4 bytes take half a first cache."""
_NEAR, _FAR = 1 << 18, 12 << 20
"""Bytes up to which, and from which on, a CPU's transposition goes well in any case, or badly, without local memory."""
_CONFLICT = 1024
"""Rows that are a multiple of so many bytes apart share a few sets of the caches."""
_GROUP = 8
_TYPES = {1: "uchar", 2: "ushort", 4: "uint", 8: "ulong", 16: "uint4"}
VECTOR = 64
"""Bytes of the longest vector, to which rows are aligned that are written past the caches."""
_LEAST = 16384
"""Bytes that a CPU work-item moves at least."""

Axis = tuple[int, int, int]
"""Length, target's stride, source's stride."""


def strides_of(dims: Sequence[int]) -> list[int]:
    """Strides in elements of a contiguous row-major array."""
    strides = [1] * len(dims)
    for k in range(len(dims) - 2, -1, -1):
        strides[k] = strides[k + 1] * dims[k + 1]
    return strides


def joined(axes: Sequence[Axis]) -> list[Axis]:
    """Axes in the order of the target's strides, without lengths of 1, neighbours joined where both arrays allow."""
    found: list[Axis] = []
    for length, to, source in sorted((a for a in axes if a[0] != 1), key=lambda a: -a[1]):
        if found and found[-1][1] == to * length and found[-1][2] == source * length:
            found[-1] = (found[-1][0] * length, to, source)
        else:
            found.append((length, to, source))
    return found


def move(
    run: Launcher,
    source: Array,
    target: Array,
    dims: Sequence[int],
    source_strides: Sequence[int],
    target_strides: Sequence[int],
    source_offset: int = 0,
    target_offset: int = 0,
    add: bool = False,
) -> None:
    """Sets target[target_offset + i . target_strides] to source[source_offset + i . source_strides] for all i < dims.

    Args:
      run: where kernel calls are recorded.
      source: read; its strides may be zero or negative.
      target: written, each element at most once; other elements stay as they are.
      dims: lengths of the index.
      source_strides: in elements.
      target_strides: in elements, not zero.
      source_offset: in elements.
      target_offset: in elements.
      add: whether to add instead of setting.
    """
    if 0 in dims:
        return
    axes = []
    for length, to, step in zip(dims, target_strides, source_strides, strict=True):
        if to < 0:  # walk it the other way round
            target_offset += to * (length - 1)
            source_offset += step * (length - 1)
            to, step = -to, -step
        axes.append((int(length), int(to), int(step)))
    _moved(run, source, target, joined(axes), int(source_offset), int(target_offset), add)


def _moved(
    run: Launcher, source: Array, target: Array, axes: list[Axis], source_offset: int, target_offset: int, add: bool
) -> None:
    size = target.dtype.size
    stream = not add and run.traits.streams(target.nbytes)
    if not add and (not axes or (len(axes) == 1 and axes[0][1] == axes[0][2] == 1)):
        count = axes[0][0] if axes else 1
        if not (stream and (count * size) % VECTOR == (target_offset * size) % VECTOR == 0):
            run.copy(source, target, source_offset * size, target_offset * size, count * size)
            return
    if len(axes) > _OUTER + 1:
        length, to, step = axes[0]
        for k in range(length):
            _moved(run, source, target, axes[1:], source_offset + k * step, target_offset + k * to, add)
        return
    wide = 1
    if not add:
        # A CPU walks along rows in vectors of smaller elements.
        most = 8 if run.traits.is_cpu and axes[-1][0] * size >= VECTOR else 16
        wide = _widening(size, most, axes, source_offset, target_offset)
        if wide > 1:
            axes = [(n, to // wide, step // wide) for n, to, step in axes[:-1]] + [(axes[-1][0] // wide, 1, 1)]
            source_offset, target_offset = source_offset // wide, target_offset // wide
            axes = joined(axes)
    spread = sum((n - 1) * max(to, abs(step)) for n, to, step in axes) + max(source_offset, target_offset)
    defines = {
        "T": target.dtype.c_type if add else _TYPES[size * wide],
        "INDEX": "int" if not run.traits.is_cpu and spread < 2**31 - 512 else "long",
    }
    if add:
        defines["ADD"] = None
    vectors = [target_offset, *(to for _, to, _ in axes[:-1])]
    if stream and all(k * size * wide % VECTOR == 0 for k in vectors):
        defines["STREAM"] = None
    turned = None if add else _turned(axes)
    if turned is None:
        _launch_rows(run, source, target, axes, source_offset, target_offset, defines, size * wide)
    else:
        _launch_tiles(run, source, target, axes, turned, source_offset, target_offset, defines, size * wide)


def _widening(size: int, most: int, axes: list[Axis], source_offset: int, target_offset: int) -> int:
    """How many elements can be moved as one: up to `most` bytes, where rows are contiguous and everything is a multiple."""
    length, to, step = axes[-1]
    if to != 1 or step != 1:
        return 1
    strides = [s for _, *both in axes[:-1] for s in both]
    common = math.gcd(length, source_offset, target_offset, *strides)
    wide = max(most // size, 1)
    while common % wide:
        wide //= 2
    return wide


def _turned(axes: list[Axis]) -> int | None:
    """The axis along which the source is contiguous, where the move is a matrix's transposition."""
    if not axes or axes[-1][1] != 1 or axes[-1][2] in (0, 1) or axes[-1][0] < 4:
        return None
    for k, (length, _, step) in enumerate(axes[:-1]):
        if step == 1 and length >= 4:
            return k
    return None


def vector_lanes(traits: DeviceTraits, size: int) -> int:
    """Vector width for elements of that size."""
    return min(max(traits.lanes * 4 // size, 2), 16)


def _outer_args(outer: Sequence[Axis]) -> list[np.int64]:
    padded = [*outer, *([(1, 0, 0)] * (_OUTER - len(outer)))]
    return [np.int64(axis[k]) for k in range(3) for axis in padded]


def _launch_rows(
    run: Launcher,
    source: Array,
    target: Array,
    axes: list[Axis],
    source_offset: int,
    target_offset: int,
    defines: dict[str, Any],
    size: int,
) -> None:
    outer, (inner, to, step) = axes[:-1], axes[-1] if axes else (1, 1, 1)
    rows = math.prod(n for n, _, _ in outer)
    defines = {**defines, "RANK": len(outer)}
    args = [target, source, *(np.int64(v) for v in (target_offset, source_offset, inner, to, step))]
    if not run.traits.is_cpu:
        count = inner * rows
        size_of_groups = min(256, run.traits.max_work_group)
        groups = -(-count // size_of_groups)
        run.kernel(
            "array.cl",
            "move_elements",
            [*args, np.int64(count), *_outer_args(outer)],
            (groups * size_of_groups,),
            (size_of_groups,),
            defines,
        )
        return
    lanes = 1
    if to == 1 and step in (0, 1) and size <= 8:
        lanes = vector_lanes(run.traits, size)
        while lanes > inner:
            lanes //= 2
        if lanes > 1:
            defines["LANES"] = lanes
            if step == 0:
                defines["FILL"] = None
    if lanes == 1 or inner % lanes:
        defines.pop("STREAM", None)
    least = max(_LEAST // size, 1)
    most = run.traits.compute_units * 8
    columns = min(max(1, inner // least), max(1, most // rows)) if rows < most else 1
    chunk = -(-inner // (columns * lanes)) * lanes
    columns = -(-inner // chunk)
    rows_each = max(1, min(rows, max(-(-least // chunk), -(-rows * columns // most))))
    run.kernel(
        "array.cl",
        "move_rows",
        [*args, np.int64(rows), np.int64(chunk), np.int64(rows_each), *_outer_args(outer)],
        (columns, -(-rows // rows_each)),
        (1, 1),
        defines,
    )


def _launch_tiles(
    run: Launcher,
    source: Array,
    target: Array,
    axes: list[Axis],
    turned: int,
    source_offset: int,
    target_offset: int,
    defines: dict[str, Any],
    size: int,
) -> None:
    height, target_step, _ = axes[turned]
    width, _, source_step = axes[-1]
    outer = axes[:turned] + axes[turned + 1 : -1]
    conflict = any(step * size % _CONFLICT == 0 for step in (target_step, source_step))
    far = target.nbytes >= _FAR or (target.nbytes >= _NEAR and conflict)
    tall, broad = (_CPU_TILE if far else (64, 64)) if run.traits.is_cpu else (_TILE, _TILE)
    tiles = math.prod(n for n, _, _ in outer) * -(-height // tall) * -(-width // broad)
    defines = {**defines, "RANK": len(outer), "TILE": broad}
    if run.traits.is_cpu:
        if size <= 8:
            defines["LANES"] = vector_lanes(run.traits, size)
        if far:
            defines["DOWN"] = tall
        if size > 8 or not far:
            defines.pop("STREAM", None)
        elements = min(height, tall) * min(width, broad)
        each = max(1, min(tiles, max(-(-_LEAST // (elements * size)), -(-tiles // (run.traits.compute_units * 8)))))
        global_size: tuple[int, ...] = (-(-tiles // each),)
        local_size: tuple[int, ...] = (1,)
    else:
        defines.pop("STREAM", None)
        defines["GROUP"] = _GROUP
        each = 1
        global_size, local_size = (tiles * _TILE, _GROUP), (_TILE, _GROUP)
    numbers = (target_offset, source_offset, height, width, target_step, source_step, tiles, each)
    args = [target, source, *(np.int64(v) for v in numbers), *_outer_args(outer)]
    run.kernel("array.cl", "transpose_tiles", args, global_size, local_size, defines)


def pieces(traits: DeviceTraits, count: int) -> tuple[tuple[int], np.int64]:
    """The number of work-items for `count` small pieces of work, and how many of them each takes."""
    each = max(_LEAST // 4, -(-count // (traits.compute_units * 8))) if traits.is_cpu else 1
    return (-(-count // each),), np.int64(each)
