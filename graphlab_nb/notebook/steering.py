"""Pausing, stepping and stopping whatever runs graphs, between two runs.

Commands come from another thread and take effect in the thread that runs, at the beginning of its next run. Nothing here
knows of Jupyter.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphlab_nb.notebook.keeping import STAYS
from graphlab_nb.notebook.protocol import EventKind, State

WAKE = 0.05
"""Seconds between two looks around while paused: an interrupt is heard that soon."""
LINGERS = 30.0
"""Seconds after its latest run for which a thread that outlived its cell is taken to train still."""
OUTSIDE = 5.0
"""Seconds after a run from outside of cells for which it is taken to train still."""
TOO_LATE = "No run began in time"
CAUGHT = "The cell caught the stop and goes on"


class TrainingStopped(KeyboardInterrupt):
    """Ends the cell whose training was stopped from the panel.

    It comes from `Session.run` before anything of that run has begun, so that all variables are as the last whole run left
    them; running the loop again goes on from there, unless the session was in a `with` of the cell, which closes it. Every
    thread that runs graphs gets it once. As with Jupyter's own interrupt, `except Exception` does not catch it.

    Example:
      >>> try:
      ...     raise tf.notebook.TrainingStopped("before run 8")  # as Session.run does once the panel's Stop was pressed
      ... except KeyboardInterrupt as stopped:
      ...     print(stopped)
      before run 8
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: no traceback, since nothing went wrong."""
        return [f"Training stopped: {self}"]


_OWN = threading.local()


@contextlib.contextmanager
def own_way() -> Iterator[None]:
    """Lets this thread's runs go on whatever the panel orders: those of a widget, which has buttons of its own.

    Where a page's messages are handled by a thread of their own, a widget's runs look as if a thread of the user made them.
    Held there, with what the widget keeps locked, they would hold the kernel.
    """
    before, _OWN.way = getattr(_OWN, "way", False), True
    try:
        yield
    finally:
        _OWN.way = before


@dataclass
class Order:
    """A command that waits for the next run.

    Attributes:
      kind: "pause", "resume", "step" or "stop".
      id: the command's.
      count: of steps.
      came: when, by `time.perf_counter`.
      expires: when it is refused.
    """

    kind: str
    id: str
    count: int = 1
    came: float = field(default_factory=time.perf_counter)
    expires: float = float("inf")


Told = Callable[[EventKind, Order | None, str], None]
"""Takes an event ("paused"), the order that it answers, and a text."""
_Event = tuple[EventKind, Order | None, str]


class Steering:
    """Whether runs may go on.

    A step is a run that trains; in a cell where nothing trained yet, any run.

    Attributes:
      runs: how many began.
      steps: how many trained, whatever the session.
      state: "idle", "busy", "running", "paused" or "stopping".
      since: when the state began, by `time.perf_counter`.
      ran: when a run was last seen to begin.
      caught: whether the running cell caught a stop and went on.
      outside: whether runs came lately that belong to no cell, as a widget's.
      tell: is told what happened.
      words: says where a training is that is stopped, and what that leaves.
    """

    def __init__(self, tell: Told = lambda event, order, text: None):
        self.runs = 0
        self.steps = 0
        self.state: State = "idle"
        self.since = self.ran = time.perf_counter()
        self.caught = self.outside = False
        self.tell = tell
        self.words = lambda: f"after {self.steps} steps. {STAYS}"
        self._orders: deque[Order] = deque()
        self._changed = threading.Condition()
        self._paused = False
        self._left: int | None = None
        self._step: Order | None = None
        self._trains = False
        self._in_cell = False
        self._threads: weakref.WeakKeyDictionary[threading.Thread, float] = weakref.WeakKeyDictionary()
        self._held: set[threading.Thread] = set()
        self._stop = False
        self._stopped: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._late: weakref.WeakSet[threading.Thread] | None = None

    # From other threads

    def order(self, order: Order) -> str | None:
        """Takes a command, to be obeyed between two runs; returns why not, where it makes no sense now."""
        with self._changed:
            if self.state == "idle":
                return "No cell runs: this takes effect between two runs of a running cell"
            if order.kind in ("resume", "step") and not self._paused and not self._waits_for_pause():
                return "Nothing is paused"
            self._orders.append(order)
            self._changed.notify_all()
        return None

    def _waits_for_pause(self) -> bool:
        return any(order.kind == "pause" for order in self._orders)

    @property
    def wanted(self) -> bool:
        """Whether something is to be obeyed before the next run."""
        return bool(self._orders) or self._paused or self._left is not None or self._stop

    @property
    def waiting(self) -> list[str]:
        """The commands that wait for the next run."""
        with self._changed:
            return [order.kind for order in self._orders]

    def settle(self) -> bool:
        """Refuses commands that waited too long; whether what went on outside of cells is seen to train no more."""
        now = time.perf_counter()
        if self.outside and now - self.ran > OUTSIDE:
            self.outside = False
            return True
        with self._changed:
            late = [order for order in self._orders if now > order.expires]
            for order in late:
                self._orders.remove(order)
            ended = not self._in_cell and self.state != "idle" and not self._held and not self._going()
            told: list[_Event] = [("refused", order, TOO_LATE) for order in late]
            if ended:
                told += self._end("No thread runs graphs any more")
        self._tell_all(told)
        return ended

    def _going(self) -> list[threading.Thread]:
        """Other threads that run graphs still, as far as can be told."""
        me, now = threading.current_thread(), time.perf_counter()
        return [
            thread
            for thread, ran in list(self._threads.items())
            if thread is not me
            and thread.is_alive()
            and thread not in self._stopped
            and (now - ran < LINGERS or thread in self._held)
        ]

    # From the thread that runs

    @property
    def training(self) -> bool:
        """Whether any run of the cell trained."""
        return self._trains

    def begin_cell(self) -> None:
        """A cell begins to run."""
        self._trains = self.caught = self.outside = False
        self._in_cell = True
        self._enter("busy")

    def end_cell(self) -> None:
        """The cell has ended: what still waits is refused, and the next one begins unpaused.

        Where threads that it began go on, they may be paused or stopped still, and are what is told of.
        """
        told: list[_Event] = []
        with self._changed:
            self._in_cell = self.caught = False
            self._threads.pop(threading.current_thread(), None)
            self._stopped.discard(threading.current_thread())
            going = self._going()
            if going:
                self._late = weakref.WeakSet(going) if self._stop else None
                self._paused = self._paused and bool(self._held)
                self._enter("stopping" if self._stop else "paused" if self._paused else "running")
            else:
                told = self._end("The cell ended before its next run")
        self._tell_all(told)

    def _end(self, why: str) -> list[_Event]:
        """Nothing runs any more: what waits is answered."""
        waiting = [*self._orders]
        self._orders.clear()
        self._paused, self._left, self._stop, self._late = False, None, False, None
        self._stopped.clear()
        self._enter("idle")
        told: list[_Event] = []
        if self._step is not None:
            told.append(("stepped", self._step, "The cell ended before all steps were made"))
            self._step = None
        return told + [("stopped" if order.kind == "stop" else "refused", order, why) for order in waiting]

    def before_run(self, trains: bool, beat: Callable[[], Any] = lambda: None, runs: int = 1) -> None:
        """Obeys what waits, and holds the run while paused.

        Runs of the main thread outside of cells, and those in `own_way`, are only counted: the kernel must not be held there.

        Args:
          trains: whether this run is a step of a training.
          beat: called again and again while paused.
          runs: how many runs go together, as one request to a cluster: they are let go, or held, all of them.

        Raises:
          TrainingStopped: when that was ordered.
        """
        me = threading.current_thread()
        self.ran = time.perf_counter()
        if getattr(_OWN, "way", False) or (not self._in_cell and me is threading.main_thread()):
            self.outside = not self._in_cell
        else:
            if trains:
                self._trains = True
            with self._changed:
                self._threads[me] = self.ran
            if self.wanted:
                self._obey(me, runs if trains or not self._trains else 0, beat)
                self.ran = time.perf_counter()
            if self.state != "running" and not (self.state == "stopping" and not self.caught):
                self._enter("running")
        self.runs += runs
        if trains:
            self.steps += runs

    def _obey(self, me: threading.Thread, counts: int, beat: Callable[[], Any]) -> None:
        try:
            while True:
                told: list[_Event] = []
                with self._changed:
                    self._take_orders(told)
                    stops = self._stop and self._stops(me, told)
                    goes = not stops and self._goes(counts, told)
                    if not stops and not goes:
                        self._held.add(me)
                        self._enter("paused")
                self._tell_all(told)
                if stops:
                    raise TrainingStopped(self.words())
                if goes:
                    return
                beat()
                with self._changed:
                    if not self._orders and self._paused:
                        self._changed.wait(WAKE)
        finally:
            self._held.discard(me)

    def _goes(self, counts: int, told: list[_Event]) -> bool:
        """Whether what counts as so many steps may be made; counts those that are left."""
        if self._paused:
            return False
        if self._left is None or not counts:
            return True
        if self._left > 0:
            self._left = max(self._left - counts, 0)
            return True
        told.append(("stepped", self._step, ""))
        self._left, self._step, self._paused = None, None, True
        return False

    def _stops(self, me: threading.Thread, told: list[_Event]) -> bool:
        """Whether a thread is to be stopped: each once, so that its code may still run graphs to end in order."""
        if me not in self._stopped and (self._late is None or me in self._late):
            self._stopped.add(me)
            return True
        if me in self._stopped and not self.caught and not _being_handled():
            self.caught = True
            told.append(("caught", None, CAUGHT))
        if not any(self._late is None or thread in self._late for thread in self._going()):
            # Nobody is left that has yet to hear of it.
            self._stop = not self.caught and self._in_cell
        return False

    def _take_orders(self, told: list[_Event]) -> None:
        while self._orders:
            order = self._orders.popleft()
            if time.perf_counter() > order.expires:
                told.append(("refused", order, TOO_LATE))
            elif order.kind == "pause":
                already, self._paused, self._left = self._paused, True, None
                self._enter("paused")
                told.append(("paused", order, "It was paused already" if already else ""))
            elif order.kind == "resume":
                self._paused, self._left, self._step = False, None, None
                told.append(("resumed", order, ""))
            elif order.kind == "step":
                self._paused, self._left, self._step = False, max(order.count, 1), order
            elif order.kind == "stop":
                self._paused, self._left, self._step = False, None, None
                self._stop, self._late, self.caught = True, None, False
                self._stopped.clear()
                self._enter("stopping")
                told.append(("stopped", order, ""))

    def _tell_all(self, told: list[_Event]) -> None:
        for event, order, text in told:
            self.tell(event, order, text)

    def _enter(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.since = time.perf_counter()


def _being_handled() -> bool:
    """Whether this thread is in an `except` or `finally` that a stop has led to."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, TrainingStopped):
        error = error.__context__
    return error is not None
