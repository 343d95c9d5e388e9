"""Who wants to know of runs: what shows and steers a training while it goes on.

A session's run asks once whether there is anybody, so that it costs nothing where there is not. And where there is, calling
them would cost a run of a small net a hundredth of its time: they say until when they need not be told of more of the same.
"""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.session.fetches import Fetches

if TYPE_CHECKING:
    from graphlab_nb.session.session import BaseSession


class Watcher(Protocol):
    """Is told of every run, in the thread that runs, without the session's lock.

    Attributes:
      wants_results: whether `after` is to be called.
      quiet_until: by `time.perf_counter`, until when it need not be told of runs with the fetches that it was told of last,
        unless it wants results. The session counts them in `runs`.
    """

    wants_results: bool
    quiet_until: float

    def before(self, session: BaseSession, fetches: Fetches, feeds: dict[Tensor, np.ndarray], runs: int = 1) -> None:
        """Is called before anything of a run, or of several that go together, has begun.

        May wait, and may raise to end it. `feeds` are the first one's.
        """

    def held(self, session: BaseSession) -> None:
        """Is called again and again while another watcher holds a run back, in the thread that would run."""
        return

    def after(self, session: BaseSession, fetches: Fetches, values: list[Any]) -> None:
        """Is called for each run with the values of its fetched tensors, in the order of `fetches.tensors`."""

    def failed(self, session: BaseSession, fetches: Fetches) -> None:
        """Is called when what `before` was told of ends with an error; may not raise, and an interrupt is none."""


WATCHERS: list[Watcher] = []
"""Those that are there; see `add` and `remove`."""


class _Quiet:
    """Which runs nobody needs to be told of.

    Attributes:
      fetches: those with these,
      until: until then.
      results: whether anybody wants to have what the run gives that was told of.
    """

    def __init__(self) -> None:
        self.fetches: Fetches | None = None
        self.until = 0.0
        self.results = False

    def asks(self, fetches: Fetches) -> bool:
        """Whether a run is to be told of."""
        return fetches is not self.fetches or perf_counter() >= self.until

    def begins(self, fetches: Fetches) -> None:
        """All were told of a run: decides about those that follow."""
        self.results = any(watcher.wants_results for watcher in WATCHERS)
        # The fetches first: where another thread hurries meanwhile it takes them back, whatever is written after that.
        self.fetches = fetches
        quiet = [watcher.quiet_until for watcher in WATCHERS]
        self.until = 0.0 if self.results else min(quiet, default=math.inf)


QUIET = _Quiet()


def add(watcher: Watcher) -> None:
    """Has a watcher told of runs from the next one on; once."""
    if watcher not in WATCHERS:
        WATCHERS.append(watcher)
    hurry()


def remove(watcher: Watcher) -> None:
    """Has it told no more."""
    if watcher in WATCHERS:
        WATCHERS.remove(watcher)
    hurry()


def hurry() -> None:
    """Has the next run told of, whatever was said; a watcher takes its own word back before."""
    QUIET.until = 0.0
    QUIET.fetches = None  # it keeps a graph


def tell_held(session: BaseSession, by: Watcher) -> None:
    """Tells all others that one holds a run back."""
    for watcher in list(WATCHERS):
        if watcher is not by:
            watcher.held(session)
