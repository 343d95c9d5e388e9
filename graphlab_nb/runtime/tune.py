"""Measures which sizes of tiles are best on a device. Only `graphlab-nb tune` does so: it takes a minute."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graphlab_nb.dtypes import DType
from graphlab_nb.launch import POSITION, Array, DeviceTraits, Finish, KernelCall, Launcher, Start, Tiles
from graphlab_nb.runtime.buffer import new_buffer
from graphlab_nb.runtime.device import Device
from graphlab_nb.runtime.program import programs_for

ROUNDS = 7
"""Times that each candidate is measured, in turn with the others, since a machine has slow spells; the best one counts."""

GAIN = 0.03
"""How much faster a candidate must be than the rule's choice to be taken."""

REGISTER_TILES = {16: ((6, 2), (5, 2), (4, 3), (4, 2)), 32: ((12, 2), (10, 2), (8, 3), (6, 4), (5, 4))}
"""Rows and vectors of the register tiles tried, by the device's vector registers."""

BLOCKS = ((256, 64), (256, 160), (384, 192), (512, 160), (1024, 128))
"""Steps of k and kibibytes of the packed blocks tried."""

Work = Callable[[Launcher], None]


class _Recorder:
    """A `Launcher` that keeps the kernels described, ready to be run again and again on memory full of ones."""

    def __init__(self, device: Device, traits: DeviceTraits, queue: Any, buffers: dict[Any, Any]):
        self.traits = traits
        self.pooled = POSITION
        self._device = device
        self._queue = queue
        self._buffers = buffers
        self._kernels: list[tuple[Any, tuple[int, ...], tuple[int, ...] | None, list[Any]]] = []

    def kernel(
        self,
        file: str,
        kernel: str,
        args: Sequence[Any],
        global_size: Sequence[int],
        local_size: Sequence[int] | None = None,
        defines: Mapping[str, Any] | None = None,
        writes: Sequence[int] | None = None,
        prefix: str = "",
        finish: Finish | None = None,
        start: Start | None = None,
    ) -> None:
        local = None if local_size is None else tuple(local_size)
        written = (0,) if writes is None else tuple(writes)
        call = KernelCall(file, kernel, tuple(args), tuple(global_size), local, dict(defines or {}), prefix, written)
        made = programs_for(self._device).kernel(call)
        bound = [self._buffer(i, a) if isinstance(a, Array) else a for i, a in enumerate(args)]
        made.set_args(*bound)
        self._kernels.append((made, tuple(global_size), local, bound))

    def _buffer(self, position: int, array: Array) -> Any:
        """Memory of that size, shared by all candidates."""
        import pyopencl as cl

        key = len(self._kernels), position, array.nbytes
        if key not in self._buffers:
            self._buffers[key] = new_buffer(self._device, array.nbytes, "tuning")
            cl.enqueue_fill_buffer(self._queue, self._buffers[key], np.ones(1, np.float32), 0, array.nbytes // 4 * 4)
        return self._buffers[key]

    def seconds(self) -> float:
        """How long one run takes."""
        import pyopencl as cl

        start = time.perf_counter()
        for made, global_size, local_size, _ in self._kernels:
            cl.enqueue_nd_range_kernel(self._queue, made, global_size, local_size)
        self._queue.finish()
        return time.perf_counter() - start

    def scratch(self, shape: Sequence[int], dtype: DType) -> Array:
        return Array(shape, dtype)

    def work(self, flops: int) -> None:
        pass

    def copy(
        self, source: Array, target: Array, source_offset: int = 0, target_offset: int = 0, nbytes: int = -1
    ) -> None:
        raise NotImplementedError

    def zero(self, target: Array) -> None:
        raise NotImplementedError

    def counter(self) -> Array:
        raise NotImplementedError

    def report(self, code: int) -> tuple[Array, Any]:
        raise NotImplementedError

    def value(self, position: int) -> Any:
        raise NotImplementedError


def tune(device: Device, works: Mapping[str, Work], say: Callable[[str], None], rounds: int) -> Tiles:
    """Finds the sizes of tiles with which a CPU does the works fastest.

    Args:
      device: a CPU.
      works: by name, what describes the kernel calls of a work to the launcher it is given.
      say: is told what was measured, a line at a time.
      rounds: times that each candidate is measured.

    Returns:
      The sizes; all 0 where the rule's choice is as good as any.
    """
    rule = Tiles()
    registers = [rule]
    for rows, vectors in REGISTER_TILES[32 if device.traits.vector_registers >= 32 else 16]:
        registers.append(replace(rule, rows=rows, vectors=vectors))
    best = _best(device, works, registers, say, rounds)
    blocks = [best]
    for steps, kibibytes in BLOCKS:
        blocks.append(replace(best, longest=steps, block_bytes=kibibytes * 1024))
    best = _best(device, works, blocks, say, rounds)
    # Once more, for what won among so many may have had luck.
    return best if best == rule else _best(device, works, [rule, best], say, rounds)


def _best(
    device: Device, works: Mapping[str, Work], candidates: Sequence[Tiles], say: Callable[[str], None], rounds: int
) -> Tiles:
    """The fastest of the candidates: the first one, unless another is faster by GAIN in the works' geometric mean."""
    queue = device.make_queue()
    totals = [0.0] * len(candidates)
    for work in works.values():
        buffers: dict[Any, Any] = {}
        runs = [_Recorder(device, replace(device.traits, tiles=tiles), queue, buffers) for tiles in candidates]
        for run in runs:
            work(run)
            run.seconds()
        times = [math.inf] * len(runs)
        for _ in range(rounds):
            times = [min(known, run.seconds()) for known, run in zip(times, runs, strict=True)]
        totals = [total + math.log(one / times[0]) for total, one in zip(totals, times, strict=True)]
    means = [math.exp(total / max(1, len(works))) for total in totals]
    for tiles, mean in zip(candidates, means, strict=True):
        say(f"  {describe(tiles)}  {100 / mean:4.0f} %")
    fastest = min(range(len(means)), key=means.__getitem__)
    return candidates[fastest] if means[fastest] < 1 - GAIN else candidates[0]


def describe(tiles: Tiles) -> str:
    """One line of words."""
    register = f"{tiles.rows} rows x {tiles.vectors} vectors" if tiles.rows else "register tile by rule"
    blocks = f"blocks of {tiles.longest} steps, {tiles.block_bytes // 1024} KiB" if tiles.longest else "blocks by rule"
    return f"{register:21}  {blocks:28}"
