"""Pausing, stepping and stopping whatever runs graphs, between two runs.

Commands come from another thread and take effect in the thread that runs, at the beginning of its next run. Nothing here
knows of Jupyter.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphlab_nb.notebook.protocol import EventKind, State

WAKE = 0.05
"""Seconds between two looks around while paused: an interrupt is heard that soon."""


class TrainingStopped(KeyboardInterrupt):
    """Ends the cell whose training was stopped from the panel.

    It comes from `Session.run` before anything of that run has begun, so that all variables are as the last whole run left
    them; running the cell again goes on from there. As with Jupyter's own interrupt, `except Exception` does not catch it.

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


@dataclass
class Order:
    """A command that waits for the end of a run.

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


class Steering:
    """Whether runs may go on.

    A step is a run that trains; in a cell where nothing trained yet, any run.

    Attributes:
      runs: how many began.
      steps: how many trained, of the session that runs.
      state: "idle", "busy", "running", "paused" or "stopping".
      since: when the state began, by `time.perf_counter`.
      tell: is told what happened.
    """

    def __init__(self, tell: Told = lambda event, order, text: None):
        self.runs = 0
        self.steps = 0
        self.state: State = "idle"
        self.since = time.perf_counter()
        self.tell = tell
        self._orders: deque[Order] = deque()
        self._changed = threading.Condition()
        self._paused = False
        self._left: int | None = None
        self._step: Order | None = None
        self._trains = False

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
        return bool(self._orders) or self._paused or self._left is not None

    # From the thread that runs

    @property
    def training(self) -> bool:
        """Whether any run of the cell trained."""
        return self._trains

    def begin_cell(self) -> None:
        """A cell begins to run."""
        self._trains = False
        self._enter("busy")

    def end_cell(self) -> None:
        """The cell has ended: what still waits is refused, and the next one begins unpaused."""
        with self._changed:
            waiting = [*self._orders]
            self._orders.clear()
            self._paused, self._left = False, None
        self._enter("idle")
        if self._step is not None:
            self.tell("stepped", self._step, "The cell ended before all steps were made")
            self._step = None
        for order in waiting:
            if order.kind == "stop":
                self.tell("stopped", order, "The cell ended before its next run")
            else:
                self.tell("refused", order, "The cell ended before its next run")

    def before_run(self, trains: bool, beat: Callable[[], Any] = lambda: None) -> None:
        """Obeys what waits, and holds the run while paused.

        Args:
          trains: whether this run is a step of a training.
          beat: called again and again while paused.

        Raises:
          TrainingStopped: when that was ordered.
        """
        if trains:
            self._trains = True
        counts = trains or not self._trains
        if self.wanted:
            self._obey(counts, beat)
        if self.state not in ("running", "idle"):
            self._enter("running")
        self.runs += 1
        if trains:
            self.steps += 1

    def _obey(self, counts: bool, beat: Callable[[], Any]) -> None:
        while True:
            self._take_orders()
            if not self._paused:
                if self._left is None or not counts:
                    return
                if self._left > 0:
                    self._left -= 1
                    return
                done, self._left, self._step = self._step, None, None
                self._paused = True
                self._enter("paused")
                self.tell("stepped", done, "")
            if self.state != "paused":
                self._enter("paused")
            beat()
            with self._changed:
                if not self._orders:
                    self._changed.wait(WAKE)

    def _take_orders(self) -> None:
        while self._orders:
            order = self._orders.popleft()
            if time.perf_counter() > order.expires:
                self.tell("refused", order, "No run ended in time")
            elif order.kind == "pause":
                already, self._paused, self._left = self._paused, True, None
                self._enter("paused")
                self.tell("paused", order, "It was paused already" if already else "")
            elif order.kind == "resume":
                self._paused, self._left, self._step = False, None, None
                self.tell("resumed", order, "")
            elif order.kind == "step":
                self._paused, self._left, self._step = False, max(order.count, 1), order
            elif order.kind == "stop":
                self._paused, self._left, self._step = False, None, None
                self._enter("stopping")
                self.tell("stopped", order, "")
                raise TrainingStopped(
                    f"before run {self.runs + 1} (after {self.steps} steps). Variables keep their values; "
                    "running the cell again goes on from there."
                )

    def _enter(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.since = time.perf_counter()
