"""Losses of trainings on a cluster: what its tasks compute beside their work comes back with the answers to runs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from graphlab_nb import errors
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.curves import Series
from graphlab_nb.session.remote import BesideThere, Feeds, Remote


class Loss(NamedTuple):
    """A point of a curve."""

    series: Series
    step: int
    value: float
    when: float


class FarLosses:
    """Asks for losses, and keeps those that have come until they are taken; runs may be made in several threads."""

    def __init__(self) -> None:
        self._arrived: deque[Loss] = deque()

    def beside(
        self, remote: Remote, curves: Curves, losses: Sequence[Tensor], step: int, measured: bool, then: Told
    ) -> None:
        """Has the next request's runs compute losses beside their work.

        Args:
          remote: the session's.
          curves: gives the losses' curves.
          losses: what to compute.
          step: that of the first run.
          measured: whether it is measured how long they take.
          then: is told whether the runs can compute them, and the seconds that they took, where that was measured.
        """
        asked = time.perf_counter()

        def done(beside: BesideThere) -> None:
            every = (time.perf_counter() - asked) / max(len(beside.values), 1)
            for k, values in enumerate(beside.values):
                if values is not None:
                    self._add(curves(), step + k, values, asked + (k + 1) * every)
            computed = any(values is not None for values in beside.values)
            then(beside.able, beside.seconds if measured and computed else None)

        remote.compute_beside(BesideThere(tuple(losses), done, measured))

    def look(self, remote: Remote, curves: Curves, losses: Sequence[Tensor], feeds: Feeds, step: int) -> float:
        """Computes losses before a run, as it will find them; returns the seconds that took.

        Raises:
          OpError: where that cannot be done without changing anything.
        """
        began = time.perf_counter()
        self._add(curves(), step, remote.look(losses, feeds), began)
        return time.perf_counter() - began

    def _add(self, series: Sequence[Series], step: int, values: Sequence[Any], when: float) -> None:
        for one, value in zip(series, values, strict=True):
            self._arrived.append(Loss(one, step, total(value), when))

    def taken(self) -> list[Loss]:
        """What has come since this was last asked."""
        return [self._arrived.popleft() for _ in range(len(self._arrived))]


def total(loss: Any) -> float:
    """A loss as a number; of one that has several, their sum, which is what an optimizer makes smaller."""
    return float(loss) if np.ndim(loss) == 0 else float(np.sum(loss, dtype=np.float64))


Told = Callable[[bool, float | None], None]
Curves = Callable[[], Sequence[Series]]
LATER = (errors.UnavailableError, errors.AbortedError, errors.DeadlineExceededError)
"""What is raised where the cluster did not answer, and may do so later."""
UNABLE = (errors.OpError, ValueError, RuntimeError, TypeError)
"""What is raised where a loss cannot be had without changing something."""
