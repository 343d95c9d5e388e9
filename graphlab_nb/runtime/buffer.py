"""Device memory: arenas cut into sub-buffers, variables, staging for feeds and landings for results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphlab_nb import errors

SMALLEST = 64
"""Bytes of the smallest buffer made: OpenCL has none of size 0."""


def new_buffer(context: Any, nbytes: int, what: str) -> Any:
    """A read-write buffer.

    Raises:
      ResourceExhaustedError: naming `what` it was for, where the device refuses.
    """
    import pyopencl as cl

    try:
        return cl.Buffer(context, cl.mem_flags.READ_WRITE, max(nbytes, SMALLEST))
    except cl.Error as error:
        raise errors.ResourceExhaustedError(
            None, None, f"The device has no memory for {what} of {nbytes / 1e6:,.1f} MB: {error}"
        ) from None


def constant_buffer(context: Any, array: np.ndarray) -> Any:
    """A buffer that holds the array's bytes."""
    import pyopencl as cl

    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if flat.nbytes < SMALLEST:
        flat = np.concatenate([flat, np.zeros(SMALLEST - flat.nbytes, np.uint8)])
    return cl.Buffer(context, cl.mem_flags.READ_WRITE | cl.mem_flags.COPY_HOST_PTR, hostbuf=flat)


class Arena:
    """The memory that plans of one session and device share: a few chunks, each grown when a plan asks for more."""

    def __init__(self, context: Any):
        self._context = context
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
            self._chunks[i] = new_buffer(self._context, size, "the plan's intermediate results")
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
        self._shared = device.kind == "CPU" and _shares_memory(device)
        self._slots: list[tuple[Any, Any]] = []
        self._depth = self.DEEPEST if nbytes <= self.SMALL else self.DEPTH
        self._done: list[Any] = [None] * self._depth
        self._next = 0
        for _ in range(self._depth):
            if self._shared:
                buffer, memory = _mapped(device, queue, nbytes)
                self._slots.append((buffer, memory[:nbytes].view(dtype).reshape(shape)))
            else:
                self._slots.append((new_buffer(device.context, nbytes, "a feed"), None))

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
        self._shared = device.kind == "CPU" and _shares_memory(device)
        if self._shared:
            self.buffer, self._memory = _mapped(device, queue, nbytes)
        else:
            self._memory = np.zeros(max(nbytes, SMALLEST), np.uint8)
            self.buffer = new_buffer(device.context, self._memory.nbytes, "a result")

    def take_call(self, queue: Any) -> Callable[[], Any]:
        """A function that waits for what is in the queue and sees that the result is in the host's memory then."""
        return queue.finish_call() if self._shared else queue.read_call(self._memory, self.buffer)

    def value(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """A copy of what was taken."""
        out = np.empty(shape, dtype)
        out.reshape(-1).view(np.uint8)[:] = self._memory[: out.nbytes]
        return out


def _mapped(device: Any, queue: Any, nbytes: int) -> tuple[Any, np.ndarray]:
    """A buffer of at least `nbytes`, zeroed, and its bytes as the host's memory.

    Both are the runtime's, which keeps them as long as kernels in flight use them: memory of our own would have to wait for
    those in a destructor, and an interrupt that meets Python code there is lost.
    """
    import pyopencl as cl

    size = max(nbytes, SMALLEST)
    try:
        buffer = cl.Buffer(device.context, cl.mem_flags.READ_WRITE | cl.mem_flags.ALLOC_HOST_PTR, size)
        memory = queue.mapped(buffer, size)
    except cl.Error as error:
        raise errors.ResourceExhaustedError(
            None, None, f"The device has no memory for a feed or result of {nbytes / 1e6:,.1f} MB: {error}"
        ) from None
    memory[:] = 0
    return buffer, memory


def _shares_memory(device: Any) -> bool:
    """Whether kernels see what the host writes into a buffer that stays mapped, and the host what they write.

    The standard asks to map and unmap around each use; Intel's CPU runtime and PoCL run kernels on that very memory.
    """
    name = device.cl_device.platform.name.lower()
    return "intel" in name or "portable computing" in name
