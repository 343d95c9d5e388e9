"""What a task computes beside its parts of runs, for those who look on."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.distributed.replica import Bound, Replica
from graphlab_nb.distributed.requests import AskedBeside, ComputedBeside
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.session.beside import Beside


class BesideRuns:
    """Has a part compute tensors beside its work in each run of a request, and collects them."""

    def __init__(self, replica: Replica, asked: AskedBeside):
        self._replica, self._asked = replica, asked
        self._tensors = [replica.rebuilt.tensor(key) for key in asked.tensors]
        self._values: list[list[Any] | None] = []
        self._able = True
        self._seconds = 0.0

    def run(self, bound: Bound, feeds: dict[Tensor, np.ndarray]) -> list[Any]:
        """Runs a part and waits for it; the values of its fetches."""
        if bound.level != self._asked.level:
            return self._replica.run(bound, feeds)
        beside = Beside(self._tensors, measured=self._asked.timed)
        able, values = self._replica.run_beside(bound, feeds, beside)
        self._able = self._able and able
        self._values.append([np.asarray(value) for value in beside.values()] if beside.taken else None)
        self._seconds = beside.seconds
        return values

    @property
    def computed(self) -> ComputedBeside:
        """What came of it."""
        return ComputedBeside(self._able, self._values, self._seconds)
