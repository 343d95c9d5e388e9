"""Who wants to know of runs: what shows and steers a training while it goes on.

A session's run asks once whether there is anybody, so that it costs nothing where there is not.
"""

from __future__ import annotations

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
    """

    wants_results: bool

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


def tell_held(session: BaseSession, by: Watcher) -> None:
    """Tells all others that one holds a run back."""
    for watcher in list(WATCHERS):
        if watcher is not by:
            watcher.held(session)
