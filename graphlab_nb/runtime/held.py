"""What the runtime may still use when the object that it is of has gone, kept until the device is done with it."""

from __future__ import annotations

import atexit
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any


class _Held(weakref.ref[Any]):
    """What is kept for an object, which this refers to: memory that buffers lie in, a queue.

    When the object goes this goes to `_ended`, by C code alone: an interrupt that meets Python code in a destructor is lost.
    """

    __slots__ = ("kept", "queue", "then")
    kept: Any
    queue: Any
    then: Callable[[], Any] | None


_held: dict[int, _Held] = {}
_ended: deque[_Held] = deque()


def keep_until_done(owner: Any, queue: Any, kept: Any = None, then: Callable[[], Any] | None = None) -> None:
    """Keeps something when its owner has gone, until a `pyopencl.CommandQueue` has done what was put into it.

    Args:
      owner: the object that it is of, which may not be named by what is kept.
      queue: the queue, kept too.
      kept: what else is kept.
      then: called with nothing when the owner has gone and the queue is done.
    """
    held = _Held(owner, _ended.append)
    held.kept, held.queue, held.then = kept, queue, then
    _held[id(held)] = held


def free_ended() -> None:
    """Frees what is kept of objects that are gone, when the runtime is done with it."""
    while True:
        try:
            held = _ended.popleft()  # by one thread alone
        except IndexError:
            return
        try:
            held.queue.finish()
        except BaseException:
            _ended.append(held)
            raise
        if held.then is not None:
            held.then()
        del _held[id(held)]


@atexit.register
def _finish_all() -> None:
    """Waits until nothing uses memory that ends with the process."""
    for held in list(_held.values()):
        held.queue.finish()
