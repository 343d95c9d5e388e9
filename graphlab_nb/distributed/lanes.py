"""Noting what a task does when."""

from __future__ import annotations

import time
from collections.abc import Sequence

from graphlab_nb.session.lanes import Lane, Span, Transfer

SpanTold = tuple[int, float, float]
TransferTold = tuple[str, int, float, int]
LaneTold = tuple[Sequence[SpanTold], Sequence[SpanTold], Sequence[TransferTold]]
"""A `Lane` in messages: plain tuples, which every run of every task sends."""


class LaneClock:
    """Notes a task's times in the run that it is in."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A run begins: those before it are forgotten."""
        self._computes: list[SpanTold] = []
        self._waits: list[SpanTold] = []
        self._sends: list[TransferTold] = []
        self._began = time.perf_counter()

    def computed(self, level: int, began: float) -> float:
        """Notes that devices worked since `began` until now; returns for how long."""
        return self._note(self._computes, level, began)

    def waited(self, level: int, began: float) -> float:
        """Notes that the part of `level` waited since `began` until now; returns for how long."""
        return self._note(self._waits, level, began)

    def _note(self, spans: list[SpanTold], level: int, began: float) -> float:
        now = time.perf_counter()
        spans.append((level, began - self._began, now - self._began))
        return now - began

    def sent(self, task: str, level: int, nbytes: int) -> int:
        """Notes that tensors were sent just now; returns their bytes."""
        self._sends.append((task, level, time.perf_counter() - self._began, nbytes))
        return nbytes

    @property
    def told(self) -> LaneTold:
        """What was noted, for `lane_of`."""
        return self._computes, self._waits, self._sends


def lane_of(told: LaneTold) -> Lane:
    """The lane that was told of."""
    computes, waits, sends = told
    return Lane(
        tuple([Span(*each) for each in computes]),
        tuple([Span(*each) for each in waits]),
        tuple([Transfer(*each) for each in sends]),
    )
