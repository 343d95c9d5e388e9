"""Noting what a task does when."""

from __future__ import annotations

import time

from graphlab_nb.session.lanes import Lane, Span, Transfer


class LaneClock:
    """Notes a task's times in the run that it is in."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A run begins: those before it are forgotten."""
        self._computes: list[Span] = []
        self._waits: list[Span] = []
        self._sends: list[Transfer] = []
        self._began = time.perf_counter()

    def computed(self, level: int, began: float) -> float:
        """Notes that devices worked since `began` until now; returns for how long."""
        return self._note(self._computes, level, began)

    def waited(self, level: int, began: float) -> float:
        """Notes that the part of `level` waited since `began` until now; returns for how long."""
        return self._note(self._waits, level, began)

    def _note(self, spans: list[Span], level: int, began: float) -> float:
        now = time.perf_counter()
        spans.append(Span(level, began - self._began, now - self._began))
        return now - began

    def sent(self, task: str, level: int, nbytes: int) -> int:
        """Notes that tensors were sent just now; returns their bytes."""
        self._sends.append(Transfer(task, level, time.perf_counter() - self._began, nbytes))
        return nbytes

    @property
    def lane(self) -> Lane:
        """What was noted."""
        return Lane(tuple(self._computes), tuple(self._waits), tuple(self._sends))
