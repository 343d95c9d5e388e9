"""Queues: the commands that a plan's steps become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.runtime.held import keep_until_done


class Queue:
    """A queue of one device. Commands return events; they run in the order they were put in.

    Its OpenCL queue outlives it and serves the next one: Intel's runtime now and then never ends a command where queues that
    run commands side by side are released and made as sessions come and go.

    Args:
      device: the `Device`.
      profiling: whether events carry times.
      in_order: False lets commands between two barriers run in any order, and side by side.
    """

    def __init__(self, device: Any, profiling: bool = False, in_order: bool = True):
        import pyopencl as cl

        self._cl = cl
        self.device = device
        pool = device.idle_queues(profiling, not in_order)
        try:
            self.queue = pool.pop()
        except IndexError:
            self.queue = device.make_queue(profiling=profiling, out_of_order=not in_order)
        keep_until_done(self, self.queue, then=partial(pool.append, self.queue))

    def kernel_call(
        self, kernel: Any, global_size: tuple[int, ...], local_size: tuple[int, ...] | None
    ) -> Callable[[], Any]:
        """A function that starts the kernel with the arguments set on it."""
        return partial(self._cl.enqueue_nd_range_kernel, self.queue, kernel, global_size, local_size)

    def copy(
        self,
        target: Any,
        source: Any,
        nbytes: int,
        target_offset: int = 0,
        source_offset: int = 0,
        wait_for: Sequence[Any] = (),
    ) -> Any:
        """Copies bytes between buffers of this queue's context."""
        return self._cl.enqueue_copy(
            self.queue,
            target,
            source,
            byte_count=nbytes,
            src_offset=source_offset,
            dst_offset=target_offset,
            wait_for=list(wait_for),
        )

    def zero(self, target: Any, nbytes: int) -> Any:
        """Fills the first `nbytes` with zero."""
        return self._cl.enqueue_fill_buffer(self.queue, target, np.zeros(1, np.uint8), 0, nbytes)

    def read(self, target: np.ndarray, source: Any) -> None:
        """Copies a buffer's first bytes into the array, and waits for that."""
        self._cl.enqueue_copy(self.queue, target, source, is_blocking=True)

    def read_call(self, target: np.ndarray, source: Any) -> Callable[[], Any]:
        """A function that does what `read` does."""
        return partial(self._cl.enqueue_copy, self.queue, target, source, is_blocking=True)

    def begin_read(self, target: np.ndarray, source: Any) -> Any:
        """Copies a buffer's first bytes into the array some time; the event that it returns keeps the array until then."""
        return self._cl.enqueue_copy(self.queue, target, source, is_blocking=False)

    def finish_call(self) -> Callable[[], Any]:
        """A function that waits until all that was put in is done."""
        call: Callable[[], Any] = self.queue.finish
        return call

    def write(self, target: Any, source: np.ndarray) -> Any:
        """Copies the array into a buffer, and waits for that."""
        return self._cl.enqueue_copy(self.queue, target, np.ascontiguousarray(source), is_blocking=True)

    def marker(self) -> Any:
        """An event for everything put in so far; the device is told to start on it."""
        event = self._cl.enqueue_marker(self.queue)
        self.queue.flush()
        return event

    def wait_for(self, events: Sequence[Any]) -> None:
        """Makes what is put in from now on wait for events, of other queues too."""
        self._cl.enqueue_barrier(self.queue, wait_for=list(events))

    def barrier_call(self) -> Callable[[], Any]:
        """A function that makes what is put in after it wait for what was put in before."""
        return partial(self._cl.enqueue_barrier, self.queue)

    def flush_call(self) -> Callable[[], Any]:
        """A function that does what `flush` does."""
        call: Callable[[], Any] = self.queue.flush
        return call

    def flush(self) -> None:
        """Tells the device to start on what was put in."""
        self.queue.flush()

    def finish(self) -> None:
        """Waits until all is done."""
        self.queue.finish()

    @staticmethod
    def times(event: Any) -> tuple[int, int]:
        """Start and end of a finished command in nanoseconds, from a queue with profiling."""
        return event.profile.start, event.profile.end

    @staticmethod
    def done(event: Any) -> bool:
        """Whether a command has been done; waits for nothing.

        Raises:
          InternalError: where the device failed at it.
        """
        status = event.command_execution_status
        if status < 0:
            raise errors.InternalError(None, None, f"A command ended with OpenCL's error {status}")
        return bool(status == 0)
