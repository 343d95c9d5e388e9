"""What the panel looks at while a training goes on, at a pace that does not slow the training."""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.counting import Tally
from graphlab_nb.notebook.curves import CURVES, Series
from graphlab_nb.notebook.far import LATER, UNABLE, FarLosses, total
from graphlab_nb.notebook.lanes import Lanes
from graphlab_nb.notebook.measuring import Measured, Measurement
from graphlab_nb.notebook.pace import Pace
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.steering import Order, Steering
from graphlab_nb.notebook.summaries import SUMMARIES
from graphlab_nb.notebook.trainings import ANEW, Training, name_of, training_of
from graphlab_nb.notebook.values import Values
from graphlab_nb.session.beside import Beside, can_be_beside
from graphlab_nb.session.observe import Observation, observe
from graphlab_nb.session.remote import Feeds, Remote
from graphlab_nb.session.session import SESSIONS, BaseSession

LOSS_SHARE = 0.005
"""Part of the time that may go into computing losses which no run asked for."""
LOSS_CREDIT = 0.1
"""Seconds of it that a cell begins with, and that may be saved up: a training's first steps are all looked at."""
MOST_EARNED = 0.2
"""Seconds by which a gap between two looks may exceed the planned one and count: while nobody looks nothing is saved up."""
UNSEEN = 20
"""Runs that a session may have had before it is taken as trained already: its initializers and the like."""
HOST_COST = 5e-4
"""Seconds of the host that a loss beside a run takes, with what the runs after it lose (tests/benchmarks/panel.md)."""
LONG = 0.005
"""Seconds of a run beyond which less of that is lost, the longer it takes: the host has time then."""
TRIES = 5
"""How often a look at a loss is waited for, at first, to learn how long it takes."""
VALUES_SHARE = 0.005
"""Part of the time that may go into looking at values, on the devices as well."""
VALUES_APART = 10.0
"""Seconds between two looks at values, at most: what stands still for longer looks broken."""
MOST_PENDING = 32
"""Losses that may be under way."""


@dataclass
class _Pending:
    """A loss under way: which step's, and where it goes."""

    step: int
    when: float
    losses: Beside | Observation
    series: list[Series]
    training: Training


_UNKNOWN: Any = object()


class Looker:
    """Looks at losses, values and times for all clients together.

    Attributes:
      session: what ran last, or None.
      pace: how often.
      stale: whether something is to be looked at once the kernel is idle.
      measured: what the last measured runs took.
      tallies: steps of sessions that ran while somebody looked, by their numbers.
      trained: numbers of the sessions that trained in the latest cell, in the order in which they began.
    """

    def __init__(self, steering: Steering):
        self.measured = Measured()
        self.pace = Pace(time.perf_counter())
        self.stale = False
        self.values = Values()
        self.values.steps = self._known_steps
        self.lanes = Lanes(self._known_steps)
        self._steering = steering
        self._session: weakref.ref[BaseSession] | None = None
        self._lock = threading.RLock()
        self._here = threading.local()
        self._number = 0
        self._tally: Tally | None = None
        self.tallies: dict[int, Tally] = {}
        self.trained: list[int] = []
        self._trainings: dict[tuple[int, int], Training | None] = {}
        self._training: Training | None = None
        self._pending: deque[_Pending] = deque()
        self._far = FarLosses()
        self._runs, self._ended = 1, 0
        self._next_look = self._next_loss = 0.0
        self._credit, self._credit_at, self._credit_runs = LOSS_CREDIT, 0.0, 0
        self._measurement: Measurement | None = None
        self._measured: protocol.NodeTimes | None = None
        self._fetches: list[Order] = []

    @property
    def session(self) -> BaseSession | None:
        """The session that ran last."""
        return None if self._session is None else self._session()

    @property
    def session_here(self) -> BaseSession | None:
        """The session that this thread ran last."""
        found: weakref.ref[BaseSession] | None = getattr(self._here, "session", None)
        return self.session if found is None else found()

    # What is asked for

    def interests(self, interests: Sequence[protocol.Interest]) -> None:
        """Takes what the clients show now."""
        self.pace.want(max([i["rate"] for i in interests], default=10.0))
        self.lanes.interests(interests)
        if not self.values.interests(interests):
            self.stale = True
            self._next_look = 0.0

    @property
    def fetches_wait(self) -> bool:
        """Whether somebody waits for values as they are now."""
        return bool(self._fetches)

    def fetch_now(self, order: Order) -> None:
        """Looks at values before the next run, whenever the last look was."""
        self._fetches.append(order)
        self.stale = True
        self._next_look = 0.0

    def measure(self, session: BaseSession, order: Order) -> None:
        """Has the next run of a session measured, kernel by kernel."""
        self._measurement = Measurement(session, order)

    # Runs

    def begins(self, session: BaseSession, fetches: Any, feeds: dict[Tensor, np.ndarray], runs: int = 1) -> bool:
        """Is told of a run, or several that go together, before steering lets it go on; returns whether it trains."""
        number = session.number
        self._runs, self._ended = runs, 0
        tally = self._tally = self.tally_of(session)
        if number != self._number:
            self._number, self._session = number, weakref.ref(session)
        self._here.session = self._session
        if session._remote is not None:
            session._remote.shown = self.lanes.wanted
        key = (number, fetches.number)
        training = self._trainings.get(key, _UNKNOWN)
        if training is _UNKNOWN:
            training = self._trainings[key] = training_of(session, fetches, feeds)
        if training is ANEW:
            training = None
            if number not in self.trained:  # else a curve of this cell would go back
                tally.steps = 0
        self._training = training
        if training is not None and number not in self.trained:
            self.trained.append(number)
        SUMMARIES.begins(fetches)
        return training is not None

    @property
    def _values_pause(self) -> float:
        """Seconds between two looks at values."""
        return max(self.pace.pause, min(self.values.cost / VALUES_SHARE, VALUES_APART))

    def tally_of(self, session: BaseSession) -> Tally:
        """A session's steps.

        Steps are a session's own, and count anew from a cell that initializes all that is trained, so that the curves of a net
        that is trained again lie over each other. Of one that ran before anybody looked, all runs count: how many of them
        trained was not noted.
        """
        found = self.tallies.get(session.number)
        if found is None:
            known = session.runs if session.runs > UNSEEN else 0
            found = self.tallies[session.number] = Tally(session, known, self._steering)
        return found

    @property
    def steps(self) -> int:
        """How many steps the session made that ran last."""
        return 0 if self._tally is None else self._tally.steps

    def count(self) -> None:
        """Counts the runs that were made by now, told of or not; from any thread."""
        for tally in list(self.tallies.values()):
            tally.count()

    def rest(self) -> None:
        """What runs until something is told of again does not count."""
        for tally in list(self.tallies.values()):
            tally.rest()

    def _known_steps(self, session: BaseSession) -> int:
        return self.tally_of(session).steps

    @property
    def due(self) -> float:
        """When there is something to look at again, or to send that somebody waits for, by `time.perf_counter`."""
        if self.values.awaited or self.values.points_asked:
            return 0.0
        if self._training is not None and self._training.rest:
            return min(self._next_look, self._next_loss)
        return self._next_look

    @property
    def _made(self) -> int:
        """How many steps the session made before the run that was let go on, which is counted already where it trains."""
        return self.steps - (self._runs if self._training is not None else 0)

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
        if not lossy and now < self._next_look and not self._pending and not self.values.points_asked:
            return
        began = time.thread_time()
        with self._lock:  # a thread may look while another one does, or its cell ends
            if lossy:
                assert training is not None
                self._look_at_losses(session, fetches, training, feeds, now)
            if now >= self._next_look:
                self._next_look = now + self._values_pause
                self.values.look(session, feeds, self._made)
                self._answer_fetches()
            elif self.values.points_asked:
                self.values.look(session, feeds, self._made, points=True)
            self._collect()
        self.pace.spent(time.thread_time() - began, time.perf_counter())

    def _look_at_losses(
        self, session: BaseSession, fetches: Any, training: Training, feeds: dict[Tensor, np.ndarray], now: float
    ) -> None:
        """Has the losses computed that the run does not fetch: beside it where it can be, else anew."""
        while self._pending and isinstance(self._pending[-1].losses, Beside) and not self._pending[-1].losses.taken:
            self._pending.pop()  # that run failed
        if len(self._pending) >= MOST_PENDING:
            return
        passed, runs = now - self._credit_at, max(self._steering.runs - self._credit_runs, 1)
        planned = max(self._next_loss - self._credit_at, 0.0)
        self._credit = min(self._credit + min(passed, planned + MOST_EARNED) * LOSS_SHARE, LOSS_CREDIT)
        self._credit_at, self._credit_runs = now, self._steering.runs
        try:
            if session._remote is not None:
                self._look_afar(session._remote, training, feeds)
            else:
                losses = self._look_here(session, fetches, training, feeds)
                series = [self._series(loss, self._number) for loss in training.rest]
                self._pending.append(_Pending(self._made, now, losses, series, training))
        except LATER:
            self._next_loss = now + VALUES_APART
            return
        except UNABLE:
            # The losses cannot be had without changing something; a run that fetches them still gives their points.
            training.rest = []
            return
        cost = min(training.costs, default=HOST_COST)
        if training.beside:
            cost = self._runs * cost + HOST_COST * LONG * runs / max(passed, LONG * runs)
        self._credit -= cost
        self._next_loss = now + max(0.0, cost - self._credit) / LOSS_SHARE

    @staticmethod
    def _look_here(
        session: BaseSession, fetches: Any, training: Training, feeds: dict[Tensor, np.ndarray]
    ) -> Beside | Observation:
        if training.beside is None:
            training.beside = can_be_beside(session, fetches, feeds, training.rest)
        if training.beside:
            session.beside = Beside(training.rest, measured=len(training.costs) < TRIES)
            return session.beside
        losses = observe(session, training.rest, feeds)
        if len(training.costs) < TRIES and training.beside is False:
            # Again, now that its kernels are there, and with nothing before it in the queues.
            losses.values()
            began = time.perf_counter()
            losses = observe(session, training.rest, feeds)
            losses.values()
            training.costs.append(time.perf_counter() - began)
        return losses

    def _look_afar(self, remote: Remote, training: Training, feeds: Feeds) -> None:
        """On a cluster: beside the runs, or, where no task has all that it needs for that, by a look before them."""
        timed, number, losses = len(training.costs) < TRIES, self._number, training.rest

        def told(able: bool, seconds: float | None) -> None:
            if not able:
                training.costs.clear()
            training.beside = able
            if seconds is not None:
                training.costs.append(seconds)

        def curves() -> list[Series]:
            return [self._series(loss, number) for loss in losses]

        if training.beside is False:
            seconds = self._far.look(remote, curves, losses, feeds, self._made)
            if timed:
                training.costs.append(seconds)
        else:
            self._far.beside(remote, curves, losses, self._made, timed, told)

    def _series(self, loss: Tensor, number: int) -> Series:
        return CURVES.get(name_of(loss), "loss", number)

    def _collect(self) -> None:
        with self._lock:
            for loss in self._far.taken():
                self._add(loss.series, loss.step, loss.value, loss.when)
            while self._pending and self._pending[0].losses.ready():
                done = self._pending.popleft()
                for series, value in zip(done.series, done.losses.values(), strict=True):
                    self._add(series, done.step, total(value), done.when)
                if isinstance(done.losses, Beside) and done.losses.measured:
                    done.training.costs.append(done.losses.seconds)

    def _add(self, series: Series, step: int, value: float, when: float) -> None:
        series.add(step, value, when)

    def ended(self, session: BaseSession, fetches: Any, values: list[Any]) -> None:
        """Is told of a run's results: losses and watched scalars among them are points of curves."""
        if self._measurement is not None and self._measurement.done:
            self._measured, self._measurement = self._measurement.times(self.steps), None
            self.measured.add(self._measured)
        step = self._made + self._ended
        self._ended += self._training is not None and self._runs > 1
        SUMMARIES.ended(fetches, values, step)
        training = self._training
        if not CURVES.watched and (training is None or not training.fetched):
            return
        now = time.perf_counter()
        if training is not None:
            for position, loss in training.fetched:
                self._add(self._series(loss, self._number), step, total(values[position]), now)
        if CURVES.watched:
            for tensor, value in zip(fetches.tensors, values, strict=True):
                name = CURVES.watched.get(tensor)
                if name is not None and np.size(value) == 1:
                    CURVES.get(name, "watch", self._number).add(step, float(np.reshape(value, ())), now)

    def cell_begins(self) -> None:
        """A cell begins."""
        self.trained.clear()
        self._trainings.clear()  # they keep graphs alive
        self._next_look = self._next_loss = 0.0
        self._credit, self._credit_at = LOSS_CREDIT, time.perf_counter()

    def cell_ends(self) -> None:
        """A cell has ended: what was under way is taken, and values are looked at once more."""
        with self._lock:
            for pending in self._pending:
                if not isinstance(pending.losses, Beside) or pending.losses.taken:
                    pending.losses.values()
            self._collect()
            SUMMARIES.flush()
            self._pending.clear()
            self._measurement, self.stale = None, True
            self.look_idle()

    def look_held(self, session: BaseSession, feeds: dict[Tensor, np.ndarray]) -> None:
        """Looks at values while a run is held back by a pause; they do not change, so once for each thing asked for."""
        if self._pending:
            self._collect()
        SUMMARIES.flush()
        if self.stale or self.values.points_asked:
            points, self.stale = not self.stale, False
            self.values.look(session, feeds, self._known_steps(session), still=True, points=points)
            self._answer_fetches()

    def look_idle(self) -> None:
        """Looks at values while nothing runs."""
        points, self.stale = self.values.points_asked and not self.stale, False
        session = self.session
        if session is None or session._closed:  # what is shown may be another one's
            session = next((other for other in list(SESSIONS.values()) if not other._closed), None)
        if session is not None:
            self.values.look(session, None, self._known_steps(session), wait=True, still=True, points=points)
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
        self.lanes.add_to(tick)
        if self._measured is not None:
            tick["times"], self._measured = self._measured, None
        tick["cost"] = protocol.Cost(share=self.pace.share, rate=1 / self._values_pause)
