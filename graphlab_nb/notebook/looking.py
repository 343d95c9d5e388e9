"""What the panel looks at while a training goes on, at a pace that does not slow the training."""

from __future__ import annotations

import contextlib
import re
import time
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.curves import CURVES, Series
from graphlab_nb.notebook.measuring import Measured, Measurement
from graphlab_nb.notebook.pace import Pace
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.steering import Order, Steering
from graphlab_nb.notebook.summaries import SUMMARIES
from graphlab_nb.notebook.values import Values
from graphlab_nb.session.beside import Beside, can_be_beside
from graphlab_nb.session.observe import Observation, observe
from graphlab_nb.session.session import SESSIONS, BaseSession

LOSS_SHARE = 0.006
"""Part of the time that may go into computing losses which no run asked for."""
LOSS_CREDIT = 0.1
"""Seconds of it that a cell begins with, and that may be saved up: a training's first steps are all looked at."""
UNSEEN = 20
"""Runs that a session may have had before it is taken as trained already: its initializers and the like."""
HOST_COST = 2e-4
"""Seconds that a look at a loss takes on the host, with what the runs after it lose (tests/benchmarks/panel.md)."""
TRIES = 5
"""How often a look at a loss is waited for, at first, to learn how long it takes."""
VALUES_SHARE = 0.01
"""Part of the time that may go into looking at values, on the devices as well."""
VALUES_APART = 10.0
"""Seconds between two looks at values, at most: what stands still for longer looks broken."""
MOST_PENDING = 32
"""Losses that may be under way."""


@dataclass
class _Training:
    """What one way of running a session trains.

    Attributes:
      losses: what it makes smaller.
      fetched: which of them the run hands to the user anyway, and where among its values.
      rest: the others.
      costs: seconds that looking at the rest took.
      beside: whether runs can compute the rest beside their work; None while that is not known.
    """

    losses: list[Tensor]
    fetched: list[tuple[int, Tensor]]
    rest: list[Tensor]
    costs: list[float]
    beside: bool | None = None


@dataclass
class _Pending:
    """A loss under way: which step's, and where it goes."""

    step: int
    when: float
    losses: Beside | Observation
    series: list[Series]
    training: _Training


_UNKNOWN: Any = object()
_COPY = re.compile(r"_\d+(?=/|$)")
"""What TensorFlow's rules put behind a name that is there already."""


def _training(session: BaseSession, fetches: Any, feeds: dict[Tensor, np.ndarray]) -> _Training | None:
    """What a run with these fetches trains; None where it trains nothing."""
    minimized = session.graph.minimized
    ops = needed_operations(fetches.targets(feeds), feeds) if minimized else []
    losses = list(dict.fromkeys(minimized[op] for op in ops if op in minimized))
    fetched = [(fetches.tensors.index(loss), loss) for loss in losses if loss in fetches.tensors]
    rest = [loss for loss in losses if loss not in fetches.tensors]
    return _Training(losses, fetched, rest, []) if losses else None


class Looker:
    """Looks at losses, values and times for all clients together.

    Attributes:
      session: what ran last, or None.
      pace: how often.
      stale: whether something is to be looked at once the kernel is idle.
      measured: what the last measured runs took.
    """

    def __init__(self, steering: Steering):
        self.measured = Measured()
        self.pace = Pace(time.perf_counter())
        self.stale = False
        self.values = Values()
        self.values.steps = self._known_steps
        self._steering = steering
        self._session: weakref.ref[BaseSession] | None = None
        self._number = self._since = 0
        self._fresh = True
        self._steps: dict[int, int] = {}
        self._trainings: dict[tuple[int, int], _Training | None] = {}
        self._training: _Training | None = None
        self._pending: deque[_Pending] = deque()
        self._next_look = self._next_loss = 0.0
        self._credit, self._credit_at = LOSS_CREDIT, 0.0
        self._latest_step: dict[str, int] = {}
        self._names: dict[tuple[int, str], int] = {}
        self._measurement: Measurement | None = None
        self._measured: protocol.NodeTimes | None = None
        self._fetches: list[Order] = []

    @property
    def session(self) -> BaseSession | None:
        """The session that ran last."""
        return None if self._session is None else self._session()

    # What is asked for

    def interests(self, interests: Sequence[protocol.Interest]) -> None:
        """Takes what the clients show now."""
        self.pace.want(max([i["rate"] for i in interests], default=10.0))
        self.values.interests(interests)
        self.stale = True
        self._next_look = 0.0

    def fetch_now(self, order: Order) -> None:
        """Looks at values before the next run, whenever the last look was."""
        self._fetches.append(order)
        self.stale = True
        self._next_look = 0.0

    def measure(self, session: BaseSession, order: Order) -> None:
        """Has the next run of a session measured, kernel by kernel."""
        self._measurement = Measurement(session, order)

    # Runs

    def begins(self, session: BaseSession, fetches: Any, feeds: dict[Tensor, np.ndarray]) -> bool:
        """Is told of a run, before steering lets it go on; returns whether it trains."""
        number, steering = session.number, self._steering
        if number != self._number or self._fresh:
            # Curves count a session's own steps, so that a net that is trained anew begins where it did before. Of one that ran
            # before anybody looked, all runs count: how many of them trained was not noted.
            self._steps[self._number] = self._steps.get(self._number, 0) + steering.steps - self._since
            known = self._steps[number] = self._known_steps(session)
            if self._fresh:  # within a cell the steps that are told only grow, whatever the sessions
                steering.steps, self._fresh = known, False
            self._since = steering.steps
            self._number, self._session = number, weakref.ref(session)
        key = (number, fetches.number)
        training = self._trainings.get(key, _UNKNOWN)
        if training is _UNKNOWN:
            training = self._trainings[key] = _training(session, fetches, feeds)
        self._training = training
        SUMMARIES.begins(fetches)
        return training is not None

    @property
    def _values_pause(self) -> float:
        """Seconds between two looks at values."""
        return max(self.pace.pause, min(self.values.cost / VALUES_SHARE, VALUES_APART))

    def _known_steps(self, session: BaseSession) -> int:
        """How many steps a session made until it last began to run; all its runs where nobody looked then."""
        return self._steps.get(session.number, session.runs if session.runs > UNSEEN else 0)

    @property
    def due(self) -> float:
        """When there is something to look at again, or to send that somebody waits for, by `time.perf_counter`."""
        if self.values.awaited:
            return 0.0
        if self._training is not None and self._training.rest:
            return min(self._next_look, self._next_loss)
        return self._next_look

    @property
    def _made(self) -> int:
        """How many steps the session made before the run that was let go on, which is counted already where it trains."""
        made = self._steps.get(self._number, 0) + self._steering.steps - self._since
        return made - (self._training is not None)

    @property
    def wants_results(self) -> bool:
        """Whether runs' results are of interest."""
        fetched = self._training is not None and self._training.fetched
        return bool(fetched or CURVES.watched or SUMMARIES.wanted or self._measurement is not None)

    def look(self, session: BaseSession, fetches: Any, feeds: dict[Tensor, np.ndarray], now: float) -> None:
        """Looks at what is due before a run."""
        if self._measurement is not None:
            self._measurement.begin(session)
        training = self._training
        lossy = training is not None and training.rest and now >= self._next_loss
        if not lossy and now < self._next_look and not self._pending:
            return
        began = time.thread_time()
        if lossy:
            assert training is not None
            self._look_at_losses(session, fetches, training, feeds, now)
        if now >= self._next_look:
            self._next_look = now + self._values_pause
            self.values.look(session, feeds, self._made)
            self._answer_fetches()
        if self._pending:
            self._collect()
        self.pace.spent(time.thread_time() - began, time.perf_counter())

    def _look_at_losses(
        self, session: BaseSession, fetches: Any, training: _Training, feeds: dict[Tensor, np.ndarray], now: float
    ) -> None:
        """Has the losses computed that the run does not fetch: beside it where it can be, else anew."""
        while self._pending and isinstance(self._pending[-1].losses, Beside) and not self._pending[-1].losses.taken:
            self._pending.pop()  # that run failed
        if len(self._pending) >= MOST_PENDING:
            return
        self._credit = min(self._credit + (now - self._credit_at) * LOSS_SHARE, LOSS_CREDIT)
        self._credit_at = now
        losses: Beside | Observation
        try:
            if training.beside is None:
                training.beside = can_be_beside(session, fetches, feeds, training.rest)
            if training.beside:
                losses = session.beside = Beside(training.rest, measured=len(training.costs) < TRIES)
            else:
                losses = observe(session, training.rest, feeds)
                if len(training.costs) < TRIES and training.beside is False:
                    # Again, now that its kernels are there, and with nothing before it in the queues.
                    losses.values()
                    began = time.perf_counter()
                    losses = observe(session, training.rest, feeds)
                    losses.values()
                    training.costs.append(time.perf_counter() - began)
        except (errors.OpError, ValueError, RuntimeError, TypeError):
            # The losses cannot be had without changing something; a run that fetches them still gives their points.
            training.rest = []
            return
        cost = min(training.costs, default=0.0)
        self._credit -= cost
        self._next_loss = now + max(0.0, cost - self._credit) / LOSS_SHARE
        series = [self._series(loss) for loss in training.rest]
        self._pending.append(_Pending(self._made, now, losses, series, training))

    def _series(self, loss: Tensor) -> Series:
        return CURVES.get(self._name_of(loss), "loss")

    def _name_of(self, loss: Tensor) -> str:
        """The name of a loss's curve: that of the first copy where a cell made several, so that they lie in one chart.

        Of several sessions that train the same loss in a cell, all but the first have their number in the name.
        """
        op, name = loss.op, loss.op.name
        first = _COPY.sub("", name)
        if first != name:
            with contextlib.suppress(KeyError, ValueError):
                if op.graph.get_operation_by_name(first).user_line == op.user_line:
                    name = first
        number = self._names.setdefault((op.graph.number, name), self._number)
        return name if number == self._number else f"{name} (session {self._number})"

    def _collect(self) -> None:
        while self._pending and self._pending[0].losses.ready():
            done = self._pending.popleft()
            for series, value in zip(done.series, done.losses.values(), strict=True):
                self._add(series, done.step, float(np.sum(value, dtype=np.float64)), done.when)
            if isinstance(done.losses, Beside) and done.losses.measured:
                done.training.costs.append(done.losses.seconds + HOST_COST)

    def _add(self, series: Series, step: int, value: float, when: float) -> None:
        series.add(step, value, when)
        before = self._latest_step.get(series.id)
        self._latest_step[series.id] = step
        if before is not None:
            series.every = max(1, step - before)

    def ended(self, session: BaseSession, fetches: Any, values: list[Any]) -> None:
        """Is told of a run's results: losses and watched scalars among them are points of curves."""
        if self._measurement is not None and self._measurement.done:
            self._measured, self._measurement = self._measurement.times(self._steering.steps), None
            self.measured.add(self._measured)
        SUMMARIES.ended(fetches, values, self._made)
        training = self._training
        if not CURVES.watched and (training is None or not training.fetched):
            return
        step = self._made
        now = time.perf_counter()
        if training is not None:
            for position, loss in training.fetched:
                self._add(self._series(loss), step, float(np.sum(values[position], dtype=np.float64)), now)
        if CURVES.watched:
            for tensor, value in zip(fetches.tensors, values, strict=True):
                name = CURVES.watched.get(tensor)
                if name is not None and np.size(value) == 1:
                    CURVES.get(name, "watch").add(step, float(np.reshape(value, ())), now)

    def cell_begins(self) -> None:
        """A cell begins."""
        self._fresh = True
        self._latest_step.clear()
        self._names.clear()
        self._trainings.clear()  # they keep graphs alive
        self._next_look = self._next_loss = 0.0
        self._credit, self._credit_at = LOSS_CREDIT, time.perf_counter()

    def cell_ends(self) -> None:
        """A cell has ended: what was under way is taken, and values are looked at once more."""
        for pending in self._pending:
            if not isinstance(pending.losses, Beside) or pending.losses.taken:
                pending.losses.values()
        self._collect()
        SUMMARIES.flush()
        self._pending.clear()
        self._measurement = None
        self.look_idle()

    def look_held(self, session: BaseSession, feeds: dict[Tensor, np.ndarray]) -> None:
        """Looks at values while a run is held back by a pause; they do not change, so once for each thing asked for."""
        if self._pending:
            self._collect()
        SUMMARIES.flush()
        if self.stale:
            self.stale = False
            self.values.look(session, feeds, self._steering.steps, still=True)
            self._answer_fetches()

    def look_idle(self) -> None:
        """Looks at values while nothing runs."""
        self.stale = False
        session = self.session
        if session is None or session._closed:  # what is shown may be another one's
            session = next((other for other in list(SESSIONS.values()) if not other._closed), None)
        if session is not None:
            self.values.look(session, None, self._steering.steps, wait=True, still=True)
        self._answer_fetches()

    def _answer_fetches(self) -> None:
        while self._fetches:
            order = self._fetches.pop()
            self._steering.tell("fetched", order, "")

    # What is sent

    def runs_of(self, session: BaseSession) -> int:
        """How often a session ran."""
        return session.runs

    def add_to(self, tick: protocol.Tick, parcel: Parcel, main: bool) -> None:
        """Puts what is new into a tick; `main`: on the thread that runs, which may touch the devices."""
        if main:
            self._collect()
        self.values.add_to(tick, parcel)
        if self._measured is not None:
            tick["times"], self._measured = self._measured, None
        tick["cost"] = protocol.Cost(share=self.pace.share, rate=1 / self._values_pause)
