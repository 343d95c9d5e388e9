"""Curves: what a training gives as it goes on, kept in full as far as memory is bounded, and handed to whoever shows it."""

from __future__ import annotations

import math
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from graphlab_nb.graph.build import convert_to_tensor, is_tensor
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.protocol import CurveKind

MOST_RUNS = 50
"""Runs whose curves are kept."""
MOST_POINTS = 1 << 16
"""Points that a curve keeps; where more come, the older ones are thinned to half, extremes kept."""


class Series:
    """A curve: steps, values, and seconds since its run began.

    Attributes:
      id: unique in the kernel.
      name: what it is of.
      kind: "loss", "log", "watch" or "summary".
      run: the number of the execution that it belongs to.
      session: the number of the session that it is of, None where it is of none.
      title: the name, with the session where another one of that run has a curve of this name.
      count: of points that were given.
      length: of points that are kept.
      version: grows whenever kept points were thinned, so that what was sent before is no longer a beginning of them.
    """

    def __init__(self, id: str, name: str, kind: CurveKind, run: int, began: float, session: int | None = None):
        self.id, self.name, self.kind, self.run, self.session = id, name, kind, run, session
        self.title = name
        self.began = began
        self.count = self.length = self.version = 0
        self._points = np.empty((3, 256))
        self._lock = threading.Lock()

    @property
    def every(self) -> int:
        """Each how many-th step has a point, on average; 1 for all, and where steps are whatever a program says."""
        if self.count < 2 or self.kind not in ("loss", "summary"):
            return 1
        return max(1, round((self._points[0, self.length - 1] - self._points[0, 0]) / (self.count - 1)))

    def add(self, step: float, value: float, when: float | None = None) -> None:
        """Adds a point; `when` is by `time.perf_counter`, now where it is left out."""
        with self._lock:
            if self.length == self._points.shape[1]:
                self._make_room()
            seconds = (time.perf_counter() if when is None else when) - self.began
            self._points[:, self.length] = step, value, seconds
            self.length += 1
            self.count += 1

    def points(self, first: int = 0, version: int | None = None) -> tuple[int, np.ndarray]:
        """A copy of the kept points, `[3, n]`: steps, values, seconds; and the version they are of.

        Args:
          first: where to begin.
          version: the one that `first` counts points of; of another one all are given.
        """
        with self._lock:
            begin = first if version in (None, self.version) else 0
            return self.version, self._points[:, begin : self.length].copy()

    def _make_room(self) -> None:
        if self.length < MOST_POINTS:
            larger = np.empty((3, 2 * self._points.shape[1]))
            larger[:, : self.length] = self._points
            self._points = larger
            return
        kept = thinned(self._points[1])
        self._points[:, : len(kept)] = self._points[:, kept]
        self.length = len(kept)
        self.version += 1


def thinned(values: np.ndarray) -> np.ndarray:
    """Positions of half of the values, in order: of each four neighbours the lowest and the highest; NaN counts as both.

    The first and the last value stay.
    """
    n = len(values) // 4 * 4
    fours = values[:n].reshape(-1, 4)
    bad = np.isnan(fours)
    low = np.where(bad, -np.inf, fours).argmin(1)
    high = np.where(bad, np.inf, fours).argmax(1)
    same = low == high
    high[same] = (low[same] + 1) % 4
    starts = np.arange(0, n, 4)
    kept = {0, len(values) - 1} | {*(starts + low).tolist()} | {*(starts + high).tolist()} | {*range(n, len(values))}
    return np.array(sorted(kept))


class Curves:
    """All curves of the kernel.

    Attributes:
      run: number of the run that points belong to now.
      runs: label and beginning (seconds since the epoch) of each run that has a curve.
      watched: tensors whose values are taken from the runs that fetch them, and the curves' names.
      version: grows with each new curve or run.
    """

    def __init__(self) -> None:
        self.run = 0
        self.runs: dict[int, tuple[str, float]] = {}
        self.series: dict[str, Series] = {}
        self.watched: weakref.WeakKeyDictionary[Tensor, str] = weakref.WeakKeyDictionary()
        self.version = 0
        self.label: Callable[[], str] = lambda: f"run {self.run}"
        self._began: dict[int, float] = {}
        self._run_began: float | None = None
        self._lock = threading.Lock()

    def begin_run(self) -> None:
        """A cell begins: its points are those of a run of their own."""
        self.run += 1
        self._run_began = time.perf_counter()

    def get(self, name: str, kind: CurveKind, session: int | None = None) -> Series:
        """The current run's curve of a name, made when first asked for; each session has its own."""
        key, title = f"{self.run}:{kind}:{name}", name
        found = self.series.get(key)
        if found is not None and found.session != session:
            key, title = f"{key}@s{session}", f"{name} (session {session})"
            found = self.series.get(key)
        if found is None:
            with self._lock:
                if self.run not in self.runs:
                    self._forget()
                    now = time.perf_counter()
                    began = self._began[self.run] = now if self._run_began is None else self._run_began
                    self._run_began = None
                    self.runs[self.run] = (self.label(), time.time() - (now - began))
                found = self.series.setdefault(key, Series(key, name, kind, self.run, self._began[self.run], session))
                found.title = title
                self.version += 1
        return found

    def _forget(self) -> None:
        """Makes room for a run: the oldest ones' curves go."""
        for run in sorted(self.runs)[: max(len(self.runs) - MOST_RUNS + 1, 0)]:
            del self.runs[run]
            for key in [key for key, series in self.series.items() if series.run == run]:
                del self.series[key]


CURVES = Curves()
LOGGED: list[Callable[[], None]] = []
"""Who is told whenever `log` has added points: what draws while no graph runs."""


def log(step: float | None = None, **scalars: Any) -> None:
    """Adds points to curves that the panel and `LiveCurves` show.

    Args:
      step: where on the axis of steps; left out, one more than the curve's latest.
      **scalars: numbers, by the curves' names: Python's, NumPy's, or arrays of one element. Names that are no identifiers go as
        `log(step, **{"train/accuracy": 0.9})`.

    Raises:
      TypeError: for what is no number.
      ValueError: for a step that is not finite, an empty name, or no number at all.

    Example:
      >>> from graphlab_nb import notebook
      >>> notebook.log(100, accuracy=0.91, loss=0.32)
    """
    if not scalars:
        raise ValueError("log takes at least one number by its curve's name, as log(step, accuracy=0.91)")
    points = {curve_name(name): _number(value, name) for name, value in scalars.items()}
    at = None if step is None else _number(step, "step")
    if at is not None and not math.isfinite(at):
        raise ValueError(f"step must be a finite number, not {step!r:.80}")
    for name, value in points.items():
        series = CURVES.get(name, "log")
        if at is None:
            _, latest = series.points(max(series.length - 1, 0))
            here = latest[0, -1] + 1 if series.length else 0.0
        else:
            here = at
        series.add(here, value)
    for tell in LOGGED:
        tell()


def watch(tensor: Any, name: str | None = None) -> Tensor:
    """Marks a scalar, so that its value goes to a curve whenever a run fetches it; gives it back.

    Args:
      tensor: a numeric tensor of one element, or of a shape that only the run tells.
      name: the curve's; the tensor's operation's by default.

    Raises:
      TypeError: for what is no tensor, or a name that is no string.
      ValueError: for a tensor that has more than one element, or none, or is no number; for an empty name.

    Example:
      >>> x = tf.placeholder(tf.float32, [])
      >>> loss = tf.notebook.watch(tf.square(x), "loss")
      >>> print(tf.Session().run(loss, {x: 3.0}))
      9.0
    """
    if not is_tensor(tensor):
        raise TypeError(f"watch takes a tensor of a graph, not {tensor!r:.80}")
    tensor = convert_to_tensor(tensor)
    dims = tensor.dims
    if dims is not None and None not in dims and math.prod(dims) != 1:
        raise ValueError(f"watch takes a scalar, and {tensor.name} has the shape {list(dims)}; watch its mean, say")
    kind = tensor.dtype.base_dtype
    if not (kind.is_floating or kind.is_integer or kind.name == "bool"):
        raise ValueError(f"watch takes a number, and {tensor.name} is {kind.name}")
    CURVES.watched[tensor] = tensor.op.name if name is None else curve_name(name)
    return tensor


def curve_name(name: Any) -> str:
    """A curve's name, where it is one that can be shown.

    Raises:
      TypeError: for what is no string.
      ValueError: for an empty one, or one with half a character.
    """
    if not isinstance(name, str):
        raise TypeError(f"A curve's name must be a string, not {name!r:.80}")
    if not name.strip():
        raise ValueError(f"A curve's name must have a letter, not {name!r:.80}")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"A curve's name must be a whole text; {name!a:.80} has half a character (a surrogate)"
        ) from None
    return name


def _number(value: Any, name: str) -> float:
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        raise ValueError(f"{name} is too large for a curve, which keeps float64")
    if isinstance(value, int):
        return float(value)
    try:
        array = np.asarray(value)
        if array.size != 1 or array.dtype.kind not in "fiub":
            raise TypeError
        return float(array.reshape(()))
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, not {value!r:.80}") from None
