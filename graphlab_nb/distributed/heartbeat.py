"""Signs of life between a client and its cluster.

Ray's client would wait for ten minutes for a cluster that it does not reach any more, and a cluster never learns that a program
with a session was killed. So a thread of the client asks the port for an answer while something waits for it, and tells the
master now and then which sessions are still wanted.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

LEASE = 60.0
"""Seconds after which a master lets a session go whose client has told nothing."""
RENEW_EACH = 10.0
PING_EACH = 1.0
PING_WITHIN = 1.5
SILENCE = 6.0
"""Seconds without an answer to any ping after which a cluster is lost."""


class Heartbeat:
    """A client's thread that gives and takes signs of life, from when it is made until `end`.

    Args:
      ping: asks for an answer within so many seconds, and raises where none comes.
      renew: tells the master which sessions are wanted.
      lost: is told once that no answers come any more.
    """

    def __init__(self, ping: Callable[[float], object], renew: Callable[[], None], lost: Callable[[], None]):
        self._ping, self._renew, self._lost = ping, renew, lost
        self._waiting = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Meanwhile, something waits for the cluster."""
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def end(self) -> None:
        """Ends the thread."""
        self._ended.set()

    def _beat(self) -> None:
        heard = renewed = time.monotonic()
        while not self._ended.wait(PING_EACH):
            now = time.monotonic()
            due = now - renewed >= RENEW_EACH
            if not (self._waiting or due):
                heard = now
                continue
            try:
                self._ping(PING_WITHIN)
            except Exception:
                if time.monotonic() - heard > SILENCE and not self._ended.is_set():
                    self._lost()
                    return
                continue
            heard = time.monotonic()
            if due:
                renewed = time.monotonic()
                with contextlib.suppress(Exception):  # the next time will do
                    self._renew()
