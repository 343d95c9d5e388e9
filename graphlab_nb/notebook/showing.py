"""What is shown in outputs again and again while a cell trains: where it stands, and how often it is drawn."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any, Protocol

from IPython.core.getipython import get_ipython
from IPython.display import display

from graphlab_nb.notebook import bridge
from graphlab_nb.session import hooks

DEAREST = 0.02
"""Part of the training's time that drawing may take before it is done less often."""
MOST_OPEN = 8
"""Things that are drawn at a time; the one that was displayed first gives way."""


class Places:
    """The outputs that something stands in, and the cells that they belong to."""

    def __init__(self) -> None:
        self._handles: list[tuple[Any, str | None]] = []

    def __bool__(self) -> bool:
        return bool(self._handles)

    def show(self, bundle: dict[str, Any]) -> None:
        """Displays a bundle in a place that can be updated."""
        handle = display(bundle, raw=True, display_id=True)
        if handle is not None:
            found = bridge.install()
            self._handles.append((handle, None if found is None else found.cells.current))

    def put(self, bundle: dict[str, Any]) -> None:
        """Shows another bundle in all places."""
        for handle, _ in self._handles:
            handle.update(bundle, raw=True)

    def cleared(self, cell: str | None) -> None:
        """Forgets the places of a cell that is run again, and with it loses its outputs."""
        self._handles = [each for each in self._handles if each[1] is None or each[1] != cell]


class Moving(Protocol):
    """What is drawn while a cell trains, and where it stands."""

    _places: Places

    def _update(self, session: Any) -> None:
        """Is called at the point before a run of `session`."""

    def _rest(self) -> None:
        """Is called when a cell ended, and when it is drawn no more."""


class Showing:
    """Draws what is displayed, at a pace that does not slow the training: see `graphlab_nb.session.hooks`.

    Args:
      pause: seconds between two pictures, at least.
      losses: whether what is drawn needs the losses that trainings make smaller.

    Attributes:
      open: what is drawn.
      quiet_until: when the next picture is due, by `time.perf_counter`.
    """

    wants_results = False

    def __init__(self, pause: float, losses: bool = False) -> None:
        self.open: list[Moving] = []
        self._pause, self._losses = pause, losses
        self.quiet_until = self._drawn = self._begun = 0.0
        self._lock = threading.Lock()
        self._events: Any = None

    def add(self, thing: Moving) -> None:
        """Draws a thing from now on."""
        if thing in self.open:
            return
        self.open.append(thing)
        for first in self.open[:-MOST_OPEN]:
            first._rest()
            self.remove(first)
        hooks.add(self)
        found = bridge.install()
        if found is not None and self._losses:
            found.keep(self)
        shell = get_ipython()
        if shell is not None and self._events is not shell.events:
            self._events = shell.events
            # After the bridge's own, which begins runs and takes the last losses.
            shell.events.register("pre_run_cell", self._begins)
            shell.events.register("post_run_cell", self._ends)

    def remove(self, thing: Moving) -> None:
        """Draws a thing no more."""
        if thing in self.open:
            self.open.remove(thing)
        if not self.open and self in hooks.WATCHERS:
            hooks.remove(self)
            if bridge.BRIDGE is not None:
                bridge.BRIDGE.keep(self, wanted=False)

    def before(self, session: Any, fetches: Any, feeds: Any, runs: int = 1) -> None:
        """Is told of a run that begins: draws where it is time."""
        began = time.perf_counter()
        if began < self.quiet_until or not self._lock.acquire(blocking=False):
            return
        try:
            self._each(lambda thing: thing._update(session))
            self._drawn = ended = time.perf_counter()
            self.quiet_until = ended + max(self._pause, (ended - began) / DEAREST)
        finally:
            self._lock.release()

    def moved(self) -> None:
        """Is told that there is something new to draw, without a run."""
        if self.open and time.perf_counter() - self._begun > self._pause:
            self.before(None, None, None)

    def held(self, session: Any) -> None:
        """Is told of a run that is held back: what the runs before it made is drawn, which slows nothing now."""
        self.quiet_until = min(self.quiet_until, self._drawn + self._pause)
        self.before(session, None, None)

    def failed(self, session: Any, fetches: Any) -> None:
        """Is told of a run that failed, of which there is nothing to draw."""

    def after(self, session: Any, fetches: Any, values: Any) -> None:
        """Is not called: wants no results."""

    def _begins(self, info: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            self.quiet_until, self._begun = 0.0, time.perf_counter()
            cell = getattr(info, "cell_id", None)
            self._each(lambda thing: self._cleared(thing, cell))

    def _cleared(self, thing: Moving, cell: str | None) -> None:
        thing._places.cleared(cell)
        if not thing._places:
            self.remove(thing)

    def _ends(self, result: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            with self._lock:
                self._each(lambda thing: thing._rest())

    def _each(self, act: Any) -> None:
        for thing in list(self.open):
            with contextlib.suppress(Exception):  # a training must not end because of its picture
                act(thing)
