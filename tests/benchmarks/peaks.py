"""What the device can do at most, measured with plain kernels: multiply-adds in registers, copying and reading memory."""

from __future__ import annotations

import functools
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pyopencl as cl
from common import Timer

from graphlab_nb.runtime import device
from graphlab_nb.runtime.buffer import new_buffer
from graphlab_nb.runtime.kernels import kernel_source

ROUNDS = 200_000
ELEMENTS = 1 << 24
BLOCKS_PER_UNIT = 8


def serving() -> device.Device:
    """The device that sessions compute on where nobody says."""
    return device.logical_devices()[0]


class Peaks:
    """Measures the peaks of the serving device; each method returns samples of seconds per unit of work.

    Args:
      timer: how long to measure.
      arrays: memory that is gone through, in arrays of 16 M elements: caches that are not the device's alone keep some of less.
    """

    def __init__(self, timer: Timer, arrays: int = 1):
        found = serving()
        lanes = max(found.traits.lanes, 4)
        self._timer = replace(timer, seconds=timer.seconds / 4)
        self._queue = found.make_queue()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # compilers' remarks
            self._program = cl.Program(found.context, kernel_source("peaks.cl")).build(
                ["-cl-mad-enable", f"-DVEC=float{lanes}"]
            )
        self._lanes = lanes
        self._blocks = BLOCKS_PER_UNIT * found.traits.compute_units
        self._vectors = arrays * (ELEMENTS >> 6 if timer.short else ELEMENTS) // lanes // self._blocks // 4 * 4
        self._bytes = 4 * self._vectors * lanes * self._blocks
        self._x, self._y = (new_buffer(found, self._bytes, "measuring") for _ in range(2))
        for buffer in (self._x, self._y):
            cl.enqueue_fill_buffer(self._queue, buffer, np.float32(1), 0, self._bytes)

    def operations(self) -> list[float]:
        """Seconds per floating point operation, a multiply-add being two."""
        rounds = ROUNDS // 100 if self._timer.short else ROUNDS
        work = 20.0 * self._lanes * self._blocks * rounds
        return self._samples("multiply_adds", (self._y, np.float32(0.999), np.float32(0.001), np.int32(rounds)), work)

    def copied_bytes(self) -> list[float]:
        """Seconds per byte moved by a copy, which reads and writes."""
        return self._samples("copying", (self._y, self._x, np.int32(self._vectors), np.int32(1)), 2.0 * self._bytes)

    def read_bytes(self) -> list[float]:
        """Seconds per byte read."""
        return self._samples("reading", (self._y, self._x, np.int32(self._vectors)), self._bytes)

    def _samples(self, name: str, args: tuple[Any, ...], work: float) -> list[float]:
        kernel = cl.Kernel(self._program, name)
        kernel.set_args(*args)
        grid = (self._blocks,), (1,)
        samples = self._timer(lambda: cl.enqueue_nd_range_kernel(self._queue, kernel, *grid), self._queue.finish)
        return [seconds / work for seconds in samples]


@functools.cache
def peaks_of(timer: Timer, arrays: int = 1) -> Peaks:
    """The peaks, with their program and memory made once per process."""
    return Peaks(timer, arrays)
