"""What a device can do at most, measured: what profiles compare kernels with."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.launch import KernelCall
from graphlab_nb.runtime.buffer import new_buffer
from graphlab_nb.runtime.device import Device
from graphlab_nb.runtime.program import programs_for

FILE = "peaks.cl"
BYTES = 1 << 25
"""Memory that is copied: more than caches hold."""
TIMES = 5


@dataclass(frozen=True)
class Peaks:
    """A device's measured limits.

    Attributes:
      flops: floating-point operations a second in registers, float32, a multiply-add being two.
      bandwidth: bytes a second that a copy moves, those read and those written.
    """

    flops: float
    bandwidth: float


@functools.cache
def measured_peaks(device: Device) -> Peaks:
    """The device's peaks, measured once in a process; takes about a tenth of a second."""
    import pyopencl as cl

    traits = device.traits
    lanes = max(4, traits.lanes) if traits.is_cpu else 4
    blocks = traits.compute_units * (8 if traits.is_cpu else 2048)
    local = (1,) if traits.is_cpu else (min(256, traits.max_work_group),)
    queue = device.make_queue(profiling=True)
    memory = [new_buffer(device, BYTES, "measuring") for _ in range(2)]
    cl.enqueue_fill_buffer(queue, memory[1], np.ones(1, np.float32), 0, BYTES)

    def seconds(kernel: str, *args: Any) -> float:
        call = KernelCall(FILE, kernel, (), (blocks,), local, {"VEC": f"float{lanes}"})
        made = programs_for(device).kernel(call)
        made.set_args(*args)
        best = float("inf")
        for _ in range(TIMES):
            event = cl.enqueue_nd_range_kernel(queue, made, (blocks,), local)
            event.wait()
            best = min(best, (event.profile.end - event.profile.start) * 1e-9)
        return max(best, 1e-9)

    rounds = 20_000 if traits.is_cpu else 2_000
    flops = (
        20.0
        * lanes
        * blocks
        * rounds
        / seconds("multiply_adds", memory[0], np.float32(0.999), np.float32(0.001), np.int32(rounds))
    )
    vectors = BYTES // (4 * lanes) // blocks
    stride = 1 if traits.is_cpu else blocks
    moved = 2.0 * 4 * lanes * vectors * blocks
    bandwidth = moved / seconds("copying", *memory, np.int32(vectors), np.int32(stride))
    return Peaks(flops, bandwidth)
