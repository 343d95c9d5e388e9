"""Values of variables and other tensors: reduced on the devices, and only what somebody shows."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.pictures import Drawn, draw
from graphlab_nb.notebook.targets import FarTargets, Feeds, Targets, targets_of
from graphlab_nb.notebook.trends import Trends
from graphlab_nb.ops.state import Variable
from graphlab_nb.session.inspect import Pending
from graphlab_nb.session.observe import Observation
from graphlab_nb.session.session import SESSIONS, BaseSession
from graphlab_nb.session.statistics import Statistics

MEASURED_EACH = 50
"""Each how many-th look is waited for, to learn how long it takes on the devices."""


@dataclass
class _Table:
    """A table under way: rows, which of them the statistics are of, and those of rows that are there already."""

    session: str
    step: int
    rows: list[protocol.ValueRow]
    looked_at: list[int]
    pending: Pending[list[Statistics]] | None
    observation: Observation | None
    known: dict[int, Statistics] = field(default_factory=dict)


class Values:
    """Looks at what clients show of sessions' values.

    Attributes:
      cost: seconds that a look takes, on the host and on the devices.
      age: tells how many times the cell that made an operation was run again since.
      steps: tells how many steps a session made that is not the one that runs.
      trends: what the last tables and pictures said.
    """

    def __init__(self) -> None:
        self.cost = 0.0
        self.age: Callable[[Operation], int] = lambda op: 0
        self.steps: Callable[[BaseSession], int] = lambda session: 0
        self.trends = Trends()
        self._lock = threading.Lock()
        self._looks = 0
        self._sessions: list[str] = []
        self._pinned: list[str] = []
        self._pictures: list[protocol.PictureRequest] = []
        self._asked_points: list[protocol.PictureRequest] = []
        self._tables: dict[str, _Table] = {}
        self._drawn: list[Drawn] = []
        self._feeds: tuple[int, Feeds] | None = None
        self._variables: dict[int, tuple[int, list[Operation]]] = {}

    @property
    def wanted(self) -> bool:
        """Whether anybody shows values."""
        return bool(self._sessions or self._pictures)

    @property
    def _far(self) -> bool:
        """Whether what is shown is on a cluster: that is waited for at each look."""
        names = {*self._sessions, *(p["session"] for p in self._pictures)}
        return any(found is not None and found._remote is not None for found in map(_session_of, names))

    @property
    def awaited(self) -> bool:
        """Whether a picture is under way that somebody has just asked for."""
        return any(drawn.asked for drawn in self._drawn)

    @property
    def answered(self) -> bool:
        """Whether such a picture has arrived, and is to be sent."""
        return any(drawn.asked and drawn.ready() for drawn in self._drawn)

    @property
    def points_asked(self) -> bool:
        """Whether single numbers were asked for that were not looked at yet."""
        return bool(self._asked_points)

    def interests(self, interests: Sequence[protocol.Interest]) -> bool:
        """Takes what the clients show now; returns whether no more than single numbers are new in it."""
        before = self._sessions, self._pinned, self._pictures
        self._sessions = list(dict.fromkeys(i["values"] for i in interests if i["values"] is not None))
        self._pinned = list(dict.fromkeys(name for i in interests for name in i["pinned"]))
        self._pictures = [picture for i in interests for picture in i["pictures"]]
        if self.wanted and before[:2] == (self._sessions, self._pinned) and _large(before[2]) == _large(self._pictures):
            # The mouse moves over a picture: that is no reason to look at all the rest.
            asked = [p for p in self._pictures if p not in before[2] or p in self._asked_points]
            self._asked_points = asked
            return True
        self._asked_points = []
        self._looks = 0
        if not self.wanted:
            self.cost = 0.0
            self._tables.clear()
            self._drawn.clear()
            self._feeds = None
        return False

    def look(
        self,
        session: BaseSession,
        feeds: Feeds | None,
        step: int,
        wait: bool = False,
        still: bool = False,
        points: bool = False,
    ) -> None:
        """Begins to look at all that is shown and not under way.

        Args:
          session: what runs next, or ran last.
          feeds: what its run is fed; None between runs, when the latest feeds serve.
          step: how many steps it made.
          wait: whether results are waited for, as between cells.
          still: whether no run follows soon: what is under way is of an earlier step, so it is looked at anew.
          points: whether only single numbers are looked at that were asked for since.
        """
        if self.wanted:
            with self._lock:
                if points:
                    self._look_at_points(session, feeds, step, wait)
                    return
                if still:
                    self._wait()
                    self._tables.clear()
                    self._drawn.clear()
                self._look(session, feeds, step, wait)

    def _look_at_points(self, session: BaseSession, feeds: Feeds | None, step: int, wait: bool) -> None:
        points, self._asked_points = self._asked_points, []
        self._drawn = [drawn for drawn in self._drawn if drawn.request in self._pictures]
        if feeds:
            self._feeds = session.number, feeds
        for identity in dict.fromkeys(p["session"] for p in points):
            found = _session_of(identity)
            if found is not None:
                pictures = [p for p in points if p["session"] == identity]
                targets = targets_of(found, [p["tensor"] for p in pictures], self._feeds_of(found))
                self._draw(pictures, targets, step if found is session else self.steps(found), True)
        if wait:
            self._wait()

    def _look(self, session: BaseSession, feeds: Feeds | None, step: int, wait: bool) -> None:
        if feeds:
            self._feeds = session.number, feeds
        self._looks += 1
        self._asked_points = []  # they are among the pictures
        # A slice or form that was shown before is not waited for.
        self._drawn = [drawn for drawn in self._drawn if drawn.request in self._pictures]
        # The first look builds kernels; the second one and some later ones tell what a look costs.
        measured = not wait and self._looks % MEASURED_EACH == 2
        if measured:
            self._wait()
            for part in session._resources.devices:
                part.queue.finish()
        began = time.perf_counter()
        for identity in dict.fromkeys([*self._sessions, *(p["session"] for p in self._pictures)]):
            found = _session_of(identity)
            if found is not None:
                self._look_at(identity, found, step if found is session else self.steps(found))
        if wait or measured:
            self._wait()
        if measured or self._far:
            self.cost = time.perf_counter() - began

    def _look_at(self, identity: str, session: BaseSession, step: int) -> None:
        pictures = [p for p in self._pictures if p["session"] == identity]
        under_way = {drawn.request["key"] for drawn in self._drawn}
        pictures = [p for p in pictures if p["key"] not in under_way]
        tabled = identity in self._sessions and identity not in self._tables
        if not pictures and not tabled:
            return
        names = [*(self._pinned if tabled else ()), *(p["tensor"] for p in pictures)]
        targets = targets_of(session, names, self._feeds_of(session))
        if tabled:
            self._tables[identity] = self._table(identity, session, step, targets)
        self._draw(pictures, targets, step, self._looks == 1)

    def _draw(
        self,
        pictures: Sequence[protocol.PictureRequest],
        targets: Targets | FarTargets,
        step: int,
        asked: bool,
    ) -> None:
        for request in pictures:
            drawn = draw(request, targets, step)
            drawn.asked = asked
            self._drawn.append(drawn)

    def _feeds_of(self, session: BaseSession) -> Feeds:
        return self._feeds[1] if self._feeds is not None and self._feeds[0] == session.number else {}

    def _table(self, identity: str, session: BaseSession, step: int, targets: Targets | FarTargets) -> _Table:
        memory, remote = session._resources.variables, session._remote
        rows: list[protocol.ValueRow] = []
        looked_at: list[int] = []
        numbers: list[Any] = []
        known_ones: dict[int, Statistics] = {}
        trainable = {v.op for v in session.graph.get_collection(GraphKeys.TRAINABLE_VARIABLES) if hasattr(v, "op")}
        ops = self._variables_of(session.graph)
        for op, there in zip(ops, remote.variables(ops) if remote is not None else [None] * len(ops), strict=True):
            known = memory.get(op)
            initialized = known is not None and known.initialized
            dims = known.dims if known is not None else op.outputs[0].dims or ()
            if there is not None and there.dims is not None:
                initialized, dims = True, there.dims
                if there.statistics is not None:
                    known_ones[len(rows)] = there.statistics
            elif initialized and op.outputs[0].dtype.base_dtype.c_type is not None:
                looked_at.append(len(rows))
                numbers.append(op)
            row = _row(op.outputs[0], dims, initialized, op in trainable, False)
            if there is not None:
                row["task"] = there.task
            rows.append(row)
        for name in self._pinned:
            found, problem = targets.get(name)
            tensor = targets.tensor(name)
            if tensor is None:
                continue
            if isinstance(tensor.op.definition, Variable) and problem is None:
                continue  # it is in the table anyway
            shape = (tensor.dims or ()) if found is None else found.shape
            row = _row(tensor, shape, problem is None, False, True)
            if problem is not None:
                row["problem"] = problem
            else:
                looked_at.append(len(rows))
                numbers.append(found)
            rows.append(row)
        pending = targets.inspector.statistics(numbers) if numbers else None
        return _Table(identity, step, rows, looked_at, pending, targets.observation, known_ones)

    def _variables_of(self, graph: Graph) -> list[Operation]:
        version, found = self._variables.get(graph.number, (-1, []))
        if version != graph.version:
            found = [op for op in graph.get_operations() if isinstance(op.definition, Variable)]
            self._variables[graph.number] = graph.version, found
        # Of a model cell that was run again and again the newest variables come first.
        return sorted(found, key=self.age)

    def _wait(self) -> None:
        for table in self._tables.values():
            if table.pending is not None:
                table.pending.result()
        for drawn in self._drawn:
            drawn.wait()

    def add_to(self, tick: protocol.Tick, parcel: Parcel) -> None:
        """Puts what has arrived into a tick: one table, and pictures; from any thread."""
        if self._lock.acquire(blocking=False):
            try:
                self._add_to(tick, parcel)
            finally:
                self._lock.release()

    def _add_to(self, tick: protocol.Tick, parcel: Parcel) -> None:
        for identity, table in self._tables.items():
            if table.pending is None or table.pending.ready():
                del self._tables[identity]
                tick["values"] = self._told(table, parcel)
                break
        arrived = [drawn for drawn in self._drawn if drawn.ready()]
        if arrived:
            self._drawn = [drawn for drawn in self._drawn if drawn not in arrived]
            tick["pictures"] = [drawn.told(parcel, self.trends) for drawn in arrived]

    def _told(self, table: _Table, parcel: Parcel) -> protocol.ValueTable:
        """A table in the words of the wire; its trends remember it."""
        shape = len(table.rows), len(protocol.STATISTICS)
        statistics = np.full(shape, math.nan)
        for position, one in table.known.items():
            statistics[position] = one.row()
        if table.pending is not None:
            for position, found in zip(table.looked_at, table.pending.result(), strict=True):
                statistics[position] = found.row()
        self.trends.add(table.session, table.step, [row["name"] for row in table.rows], statistics)
        return protocol.ValueTable(
            session=table.session, step=table.step, rows=table.rows, statistics=parcel.add(statistics)
        )


def _large(pictures: Sequence[protocol.PictureRequest]) -> list[protocol.PictureRequest]:
    """The pictures that are more than a single number."""
    return [p for p in pictures if p["cells"] > 1 or p["bins"] > 0]


def _session_of(identity: str) -> BaseSession | None:
    """The open session of an identity such as "s1"."""
    found = SESSIONS.get(int(identity[1:])) if identity[1:].isdecimal() else None
    return None if found is None or found._closed else found


def _row(
    tensor: Tensor, dims: Sequence[int | None], initialized: bool, trainable: bool, pinned: bool
) -> protocol.ValueRow:
    return protocol.ValueRow(
        name=tensor.name,
        node=tensor.op.index,
        dtype=tensor.dtype.base_dtype.name,
        shape=[-1 if n is None else int(n) for n in dims],
        initialized=initialized,
        trainable=trainable,
        pinned=pinned,
    )
