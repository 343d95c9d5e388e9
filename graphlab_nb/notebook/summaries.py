"""Scalar summaries as curves: whenever a run fetches them, or a writer is given them."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphlab_nb.messages import Summary
from graphlab_nb.notebook.curves import CURVES
from graphlab_nb.summary.writer import LISTENERS, OPEN, FileWriter
from graphlab_nb.wire import DecodeError

PATIENCE = 0.5
"""Seconds that what a run fetched waits for a writer to tell its step, where a writer is open."""
MOST_WAITING = 64
"""Fetched summaries that may wait, and that are remembered after they waited in vain."""
TYPES = ("ScalarSummary", "MergeSummary")
"""Operations whose results may hold numbers with tags."""


@dataclass
class _Fetched:
    """A summary that a run gave: its bytes, numbers by their tags, the run's step, and when it came."""

    data: bytes
    numbers: dict[str, float]
    step: int
    when: float


class Summaries:
    """Takes the numbers of summaries to curves, each once: at the step that a writer gives, else at the run's.

    Attributes:
      wanted: whether the run that was let go on fetches a summary.
    """

    def __init__(self) -> None:
        self.wanted = False
        self._waiting: deque[_Fetched] = deque()
        self._drawn: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._lock = threading.RLock()

    def begins(self, fetches: Any) -> None:
        """Is told of a run that begins."""
        self.wanted = any(tensor.op.type in TYPES for tensor in fetches.tensors)
        self.flush(PATIENCE)

    def ended(self, fetches: Any, values: Sequence[Any], step: int) -> None:
        """Is told of a run's results, and its step."""
        if not self.wanted:
            return
        now, seen = time.perf_counter(), set[str]()
        for tensor, value in zip(fetches.tensors, values, strict=True):
            if tensor.op.type in TYPES and isinstance(value, bytes):
                numbers = {t: v for t, v in _numbers(value).items() if t not in seen}
                seen.update(numbers)
                with self._lock:
                    self._waiting.append(_Fetched(value, numbers, step, now))
        self.flush(PATIENCE if OPEN else 0.0)

    def added(self, writer: FileWriter, data: bytes, summary: Summary, step: int | None) -> None:
        """Is told of a summary that is given to a writer."""
        with self._lock:
            found = next((fetched for fetched in self._waiting if fetched.data == data), None)
            if found is not None:
                self._waiting.remove(found)
                self._draw(found.numbers, found.step if step is None else step, found.when, _folder(writer))
            elif data in self._drawn:
                self._drawn.remove(data)  # at the run's step, before the writer was given it
            else:
                self._draw(_scalars(summary), step, time.perf_counter(), _folder(writer))

    def flush(self, patience: float = 0.0) -> None:
        """Draws what waited for longer, in seconds."""
        if not self._waiting:
            return
        with self._lock:
            before = time.perf_counter() - patience
            while self._waiting and (self._waiting[0].when <= before or len(self._waiting) > MOST_WAITING):
                fetched = self._waiting.popleft()
                if OPEN:
                    self._drawn.append(fetched.data)
                self._draw(fetched.numbers, fetched.step, fetched.when)

    @staticmethod
    def _draw(numbers: dict[str, float], step: float | None, when: float, folder: str = "") -> None:
        for tag, value in numbers.items():
            series = CURVES.get(f"{tag} ({folder})" if folder else tag, "summary")
            _, latest = series.points(max(series.length - 1, 0))
            before = float(latest[0, -1]) if series.length else math.nan
            series.add(step if step is not None else before + 1 if series.length else 0, value, when)


def _numbers(data: bytes) -> dict[str, float]:
    try:
        return _scalars(Summary.FromString(data))
    except DecodeError:
        return {}  # it was fed, and is none


def _scalars(summary: Summary) -> dict[str, float]:
    return {value.tag: value.simple_value for value in summary.value if value.HasField("simple_value")}


def _folder(writer: FileWriter) -> str:
    """What tells a writer from others that are open, as TensorBoard does: its folder; nothing where there is one folder."""
    others = {open_.get_logdir() for open_ in list(OPEN)} - {writer.get_logdir()}
    return os.path.basename(os.path.normpath(writer.get_logdir())) if others else ""


SUMMARIES = Summaries()
LISTENERS.append(SUMMARIES.added)
