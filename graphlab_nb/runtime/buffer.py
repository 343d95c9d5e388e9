"""Device memory: arenas cut into sub-buffers, variables, staging for feeds and landings for results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.runtime.held import free_ended, keep_until_done
from graphlab_nb.runtime.pages import ask_for_large_pages

SMALLEST = 64
"""Bytes of the smallest buffer made: OpenCL has none of size 0."""

LARGE = 1 << 22
"""Bytes of a buffer from which on it holds a large page in any case, wherever it begins."""


def new_buffer(device: Any, nbytes: int, what: str) -> Any:
    """A read-write buffer of a `Device`, of at least `nbytes`.

    Raises:
      ResourceExhaustedError: naming `what` it was for, where the device refuses.
    """
    import pyopencl as cl

    try:
        buffer = cl.Buffer(device.context, cl.mem_flags.READ_WRITE, max(nbytes, SMALLEST))
        if nbytes >= LARGE and shares_memory(device):
            queue = device.make_queue()
            memory, _ = cl.enqueue_map_buffer(queue, buffer, cl.map_flags.WRITE, 0, (nbytes,), np.dtype(np.uint8))
            ask_for_large_pages(memory)
            memory.base.release(queue).wait()
    except cl.Error as error:
        raise errors.ResourceExhaustedError(
            None, None, f"The device has no memory for {what} of {nbytes / 1e6:,.1f} MB: {error}"
        ) from None
    return buffer


def constant_buffer(context: Any, array: np.ndarray) -> Any:
    """A buffer that holds the array's bytes."""
    import pyopencl as cl

    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if flat.nbytes < SMALLEST:
        flat = np.concatenate([flat, np.zeros(SMALLEST - flat.nbytes, np.uint8)])
    return cl.Buffer(context, cl.mem_flags.READ_WRITE | cl.mem_flags.COPY_HOST_PTR, hostbuf=flat)


def local_memory(nbytes: int) -> Any:
    """An argument that stands for so many bytes of each work-group's own."""
    import pyopencl as cl

    return cl.LocalMemory(nbytes)


class Arena:
    """The memory that plans of one session and device share: a few chunks, each grown when a plan asks for more."""

    def __init__(self, device: Any):
        self._device = device
        self._chunks: list[Any] = []
        self.generation = 0
        """Grows when a chunk is replaced: what is bound to older ones must be bound anew."""

    @property
    def nbytes(self) -> int:
        """Bytes of all chunks."""
        return sum(chunk.size for chunk in self._chunks)

    def reserve(self, sizes: list[int]) -> None:
        """Makes sure that chunk i has at least `sizes[i]` bytes."""
        for i, size in enumerate(sizes):
            if i < len(self._chunks) and self._chunks[i].size >= size:
                continue
            if i < len(self._chunks):
                self._chunks[i] = None  # freed once nothing in flight uses it, before the larger one is made
            else:
                self._chunks.append(None)
            self._chunks[i] = new_buffer(self._device, size, "the plan's intermediate results")
            self.generation += 1

    def region(self, chunk: int, offset: int, nbytes: int) -> Any:
        """A sub-buffer."""
        return self._chunks[chunk].get_sub_region(offset, max(nbytes, SMALLEST))


class Staging:
    """A ring of buffers through which feeds of one tensor reach a device.

    A feed is copied into the next buffer of the ring, so that the user may change the array at once and the device may still
    be busy with earlier ones. On a CPU whose runtime lets the host write into a buffer's memory, that copy is all.
    """

    DEPTH, DEEPEST = 3, 8
    """Buffers in the ring of large feeds, and of small ones, which many short runs may have in flight."""
    SMALL = 1 << 20
    """Bytes of a feed at most that has the deepest ring."""

    def __init__(self, device: Any, queue: Any, nbytes: int, dtype: np.dtype, shape: tuple[int, ...]):
        self._queue = queue
        self._shared = shares_memory(device)
        self._slots: list[tuple[Any, Any]] = []
        self._depth = self.DEEPEST if nbytes <= self.SMALL else self.DEPTH
        self._done: list[Any] = [None] * self._depth
        self._next = 0
        for _ in range(self._depth):
            if self._shared:
                buffer, memory = _shared_buffer(self, device, queue, nbytes)
                self._slots.append((buffer, memory[:nbytes].view(dtype).reshape(shape)))
            else:
                self._slots.append((new_buffer(device, nbytes, "a feed"), None))

    @classmethod
    def bytes_for(cls, nbytes: int) -> int:
        """Bytes of the ring of feeds of that size."""
        return nbytes * (cls.DEEPEST if nbytes <= cls.SMALL else cls.DEPTH)

    def put(self, value: np.ndarray) -> Any:
        """Copies `value` and returns the buffer that now holds it."""
        i = self._next
        self._next = (i + 1) % self._depth
        if self._done[i] is not None:
            for event in self._done[i]:
                event.wait()
            self._done[i] = None
        buffer, view = self._slots[i]
        if view is not None:
            np.copyto(view, value)
        elif value.nbytes:
            self._queue.write(buffer, value)
        return buffer

    def used_until(self, events: Sequence[Any]) -> None:
        """Says that the buffer given out last is in use until `events`."""
        self._done[self._next - 1] = events


class Landing:
    """Memory of a small result that the host takes before what comes after has been put into the queue.

    On a CPU whose kernels can write into the host's memory, nothing needs to be copied for that.
    """

    LARGEST = 1 << 16
    """Bytes of results that are worth memory of their own."""

    def __init__(self, device: Any, queue: Any, nbytes: int):
        self._shared = shares_memory(device)
        if self._shared:
            self.buffer, self._memory = _shared_buffer(self, device, queue, nbytes)
        else:
            self._memory = np.zeros(max(nbytes, SMALLEST), np.uint8)
            self.buffer = new_buffer(device, self._memory.nbytes, "a result")

    def take_call(self, queue: Any) -> Callable[[], Any]:
        """A function that waits for what is in the queue and sees that the result is in the host's memory then."""
        return queue.finish_call() if self._shared else queue.read_call(self._memory, self.buffer)

    def value(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """A copy of what was taken."""
        out = np.empty(shape, dtype)
        out.reshape(-1).view(np.uint8)[:] = self._memory[: out.nbytes]
        return out


def _shared_buffer(owner: Any, device: Any, queue: Any, nbytes: int) -> tuple[Any, np.ndarray]:
    """A buffer of at least `nbytes`, zeroed, and its bytes in the host's memory, both for `owner`, who uses them in `queue`."""
    import pyopencl as cl

    free_ended()
    memory = _aligned(nbytes)
    if nbytes >= LARGE:
        ask_for_large_pages(memory)
    keep_until_done(owner, queue.queue, memory)
    try:
        return cl.Buffer(device.context, cl.mem_flags.READ_WRITE | cl.mem_flags.USE_HOST_PTR, hostbuf=memory), memory
    except cl.Error as error:
        raise errors.ResourceExhaustedError(
            None, None, f"The device has no memory for a feed or result of {nbytes / 1e6:,.1f} MB: {error}"
        ) from None


def _aligned(nbytes: int) -> np.ndarray:
    """Page-aligned memory of at least `nbytes`, zeroed, in whole cache lines, as bytes."""
    size = -(-max(nbytes, SMALLEST) // 64) * 64
    raw = np.zeros(size + 4096, np.uint8)
    start = -raw.ctypes.data % 4096
    return raw[start : start + size]


def shares_memory(device: Any) -> bool:
    """Whether a `Device` is a CPU whose kernels see what the host writes into a USE_HOST_PTR buffer, and it what they write.

    The standard asks to map it before and unmap it after; Intel's CPU runtime and PoCL run kernels on that very memory.
    """
    if device.kind != "CPU":
        return False
    name = device.cl_device.platform.name.lower()
    return "intel" in name or "portable computing" in name
