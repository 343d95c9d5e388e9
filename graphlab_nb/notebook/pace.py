"""How often is looked and sent: as often as wanted, and less often where that slows the training.

Two things are measured. The processor's time that looking takes on the training's own thread; and how many fewer runs are
made in the moment after a message than later. The latter holds all that a message sets off: the threads that carry it, the
server, the browser, which on a small machine take the cores that kernels run on.
"""

from __future__ import annotations

import math
import threading

FASTEST, SLOWEST = 20.0, 0.5
"""Looks per second."""
DEAREST = 0.02
"""Part of the training's time that looking may take on the host before it is done less often."""
MESSAGES = 0.01
"""Part of it that messages may cost."""
CARRIED = 4.0
"""How many times what handing a message over takes it costs a training that keeps all cores busy (tests/benchmarks/panel.md).

Other threads of the kernel carry it, and hold Python's lock meanwhile; what reads it takes a core from the training's kernels.
"""
MOST_COUNTED = 0.003
"""Seconds that a look counts for at most: the first one builds kernels, and is no reason to look less often after it."""
AFTER = 0.04
"""Seconds after a message for which runs are taken to be slowed by it."""
FEWEST = 5
"""Runs that a span must have to tell a rate."""
REMEMBERED = 60
"""Messages that an average is of."""


class Pace:
    """The pace of looking at a training.

    Attributes:
      pause: seconds between two looks.
      share: part of the training's time that looking took lately.
      due: when `passed` is to be called next, by the clock that it is told.
    """

    def __init__(self, now: float) -> None:
        self.pause = 0.1
        self.share = 0.0
        self.due = math.inf
        self._wanted = self._by_host = 0.1
        self._spent, self._since = 0.0, now
        self._sent: tuple[float, int] | None = None
        self._later: tuple[float, int] | None = None
        self._slowed = (0.0, 0)
        self._messages = 0
        self._lost = self._variance = self._own = self._handed = 0.0
        self._busy, self._thread = 1.0, (0, 0.0, now)

    def want(self, rate: float) -> None:
        """Takes how often somebody wants to see something new."""
        self._wanted = 1 / min(max(rate, SLOWEST), FASTEST)
        self._by_host = max(self._by_host, self._wanted) if self.share > DEAREST else self._wanted
        self._choose()

    def works(self, now: float, worked: float) -> None:
        """Takes the processor's time that this thread used in all, at a message: what waits most of the time loses little."""
        (thread, before, then), this = self._thread, threading.get_ident()
        if thread == this and now > then:
            self._busy += (min((worked - before) / (now - then), 1.0) - self._busy) / 4
        self._thread = this, worked, now

    def spent(self, seconds: float, now: float, pushing: bool = False, handing: float = 0.0) -> None:
        """Counts the processor's time that a look, or a message (`pushing`), took on the thread that runs.

        Args:
          seconds: all of it.
          now: the time.
          pushing: whether it was a message.
          handing: what of it was handing it over to be sent.
        """
        counted = min(seconds, MOST_COUNTED)
        self._spent += counted
        if pushing:
            self._own += (counted - self._own) / 10
            self._handed += (min(handing, MOST_COUNTED) - self._handed) / 10
        if pushing and now - self._since > 1.0:
            share = self._spent / (now - self._since)
            self._spent, self._since = 0.0, now
            if share > DEAREST:
                self._by_host = min(self._by_host * 1.5, 1 / SLOWEST)
            elif share < DEAREST / 2:
                self._by_host = max(self._by_host / 1.5, self._wanted)
            self.share = max(share, self.cost / self.pause)
            self._choose()

    @property
    def cost(self) -> float:
        """Seconds of training that a message costs, at least.

        That is what making and carrying one takes from the thread that runs, or, where that is more, what runs were seen to
        lose, less one standard error.
        """
        own = (self._own + CARRIED * self._handed) * self._busy
        if self._messages < 10:
            return own
        return max(own, self._lost - math.sqrt(self._variance / min(self._messages, REMEMBERED)))

    def begins(self, now: float, runs: int) -> None:
        """A message is about to be made, after so many runs in all."""
        if self._later is not None:
            (later, before), (took, made) = self._later, self._slowed
            span, count = now - later, runs - before
            if count >= FEWEST and made >= FEWEST and span > AFTER / 2:
                self._note(took - made * span / count)
        self._sent = self._later = None
        self.due = math.inf

    def sent(self, began: float, now: float, runs: int) -> None:
        """It was sent; making it began at `began`."""
        self._sent = (began, runs)
        self.due = now + AFTER

    def passed(self, now: float, runs: int) -> None:
        """The moment after a message has passed."""
        if self._sent is not None:
            began, before = self._sent
            self._slowed = now - began, runs - before
            self._sent, self._later = None, (now, runs)
        self.due = math.inf

    def interrupted(self) -> None:
        """Runs were held back or have ended: what was begun tells nothing."""
        self._sent = self._later = None
        self.due = math.inf

    def _note(self, lost: float) -> None:
        self._messages += 1
        weight = 1 / min(self._messages, REMEMBERED)
        off = lost - self._lost
        self._lost += weight * off
        self._variance = (1 - weight) * (self._variance + weight * off * off)
        self._choose()

    def _choose(self) -> None:
        self.pause = min(max(self._wanted, self._by_host, self.cost / MESSAGES), 1 / SLOWEST)
