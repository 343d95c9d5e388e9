"""What values were in the last ticks, so that a page that comes back finds their trends again."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

import numpy as np

from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.session.session import SESSIONS

MOST = 100
"""Ticks that are remembered of each value, as many as the panel draws."""
_ODD = protocol.STATISTICS.index("nan")
"""From this one on, statistics count what is no number or is infinite: where there is none and no mean, nothing was there."""


class _Past:
    """The last ticks of one value: pairs of a step and what was found then."""

    def __init__(self) -> None:
        self.statistics: deque[tuple[int, np.ndarray]] = deque(maxlen=MOST)
        self.histograms: deque[tuple[int, np.ndarray, np.ndarray]] = deque(maxlen=MOST)


class Trends:
    """Remembers statistics and histograms of sessions' values, for as long as a session is open. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, dict[str, _Past]] = {}

    def add(self, session: str, step: int, names: Sequence[str], statistics: np.ndarray) -> None:
        """Takes the statistics [names, len(STATISTICS)] of a table at a step; rows without a number are left out."""
        with self._lock:
            for gone in [s for s in self._sessions if int(s[1:]) not in SESSIONS]:
                del self._sessions[gone]
            for name, row in zip(names, statistics, strict=True):
                if not np.isnan(row[0]) or (row[_ODD:] > 0).any():
                    past = self._past(session, name).statistics
                    _forget_later(past, step)
                    past.append((step, row))

    def add_histogram(self, session: str, name: str, step: int, ends: np.ndarray, counts: np.ndarray) -> None:
        """Takes a histogram: `counts` [bins] between `ends` [2]."""
        with self._lock:
            past = self._past(session, name).histograms
            _forget_later(past, step)
            if past and past[-1][2].shape != counts.shape:
                past.clear()
            past.append((step, ends, counts))

    def _past(self, session: str, name: str) -> _Past:
        return self._sessions.setdefault(session, {}).setdefault(name, _Past())

    def told(self, session: str, parcel: Parcel) -> list[protocol.Trend]:
        """All that is remembered of a session's values."""
        found = []
        with self._lock:
            for name, past in self._sessions.get(session, {}).items():
                steps = np.array([step for step, _ in past.statistics], np.float64)
                rows = np.array([row for _, row in past.statistics], np.float64)
                trend = protocol.Trend(
                    name=name,
                    steps=parcel.add(steps),
                    statistics=parcel.add(rows.reshape(len(steps), len(protocol.STATISTICS))),
                )
                if past.histograms:
                    trend["histogram_steps"] = parcel.add(np.array([h[0] for h in past.histograms], np.float64))
                    trend["histogram_ends"] = parcel.add(np.array([h[1] for h in past.histograms], np.float64))
                    trend["histogram_counts"] = parcel.add(np.array([h[2] for h in past.histograms], np.uint32))
                found.append(trend)
        return found


def _forget_later(past: deque, step: int) -> None:
    """Makes room for what was found at a step: the same step anew, or all of them where a training began anew."""
    if past and past[-1][0] > step:
        past.clear()
    elif past and past[-1][0] == step:
        past.pop()
