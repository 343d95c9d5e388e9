"""Numbers that come to the host by themselves, while it does something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb.runtime.queue import Queue


class Arrival:
    """Copies of buffers' first bytes, asked for now and here when what is in the queue by now has been done.

    The arrays stay alive until they have been written: their events hold them. Dropping an arrival that is not ready waits.

    Attributes:
      arrays: the host's memory; not to be read before `ready` says so or `wait` returns.
    """

    def __init__(self, copies: Sequence[tuple[Queue, Any, np.ndarray]]):
        """Begins.

        Args:
          copies: for each its queue, the buffer, and the array that is filled.
        """
        self.arrays = [array for _, _, array in copies]
        self._events: list[Any] = []
        last: dict[int, tuple[Queue, Any]] = {}
        for queue, buffer, array in copies:
            if array.nbytes:
                event = queue.begin_read(array, buffer)
                self._events.append(event)
                last[id(queue)] = queue, event
        self._last = [event for _, event in last.values()]
        for queue, _ in last.values():
            queue.flush()

    def ready(self) -> bool:
        """Whether all has arrived; asks the devices and waits for nothing."""
        self._last = [event for event in self._last if not Queue.done(event)]
        if not self._last:
            self._events = []
        return not self._last

    def wait(self) -> None:
        """Waits until all has arrived."""
        for event in self._last:
            event.wait()
        self._last, self._events = [], []
