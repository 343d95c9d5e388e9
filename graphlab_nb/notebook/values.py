"""Values of variables and other tensors: reduced on the devices, and only what somebody shows."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.pictures import Drawn, draw
from graphlab_nb.notebook.trends import Trends
from graphlab_nb.ops.state import Placeholder, Variable
from graphlab_nb.session.inspect import Inspector, Pending
from graphlab_nb.session.observe import Observation, observe
from graphlab_nb.session.session import SESSIONS, BaseSession
from graphlab_nb.session.statistics import Statistics

Feeds = Mapping[Tensor, np.ndarray]
MEASURED_EACH = 50
"""Each how many-th look is waited for, to learn how long it takes on the devices."""
PROBLEMS = (errors.OpError, ValueError, TypeError, KeyError, RuntimeError)


@dataclass
class _Table:
    """A table under way: rows, and which of them the statistics are of."""

    session: str
    step: int
    rows: list[protocol.ValueRow]
    looked_at: list[int]
    pending: Pending[list[Statistics]] | None
    observation: Observation | None


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
                targets = _Targets(found, [p["tensor"] for p in pictures], self._feeds_of(found))
                self._draw(pictures, found, targets, step if found is session else self.steps(found), True)
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
        if measured:
            self.cost = time.perf_counter() - began

    def _look_at(self, identity: str, session: BaseSession, step: int) -> None:
        pictures = [p for p in self._pictures if p["session"] == identity]
        under_way = {drawn.request["key"] for drawn in self._drawn}
        pictures = [p for p in pictures if p["key"] not in under_way]
        tabled = identity in self._sessions and identity not in self._tables
        if not pictures and not tabled:
            return
        names = [*(self._pinned if tabled else ()), *(p["tensor"] for p in pictures)]
        targets = _Targets(session, names, self._feeds_of(session))
        if tabled:
            self._tables[identity] = self._table(identity, session, step, targets)
        self._draw(pictures, session, targets, step, self._looks == 1)

    def _draw(
        self,
        pictures: Sequence[protocol.PictureRequest],
        session: BaseSession,
        targets: _Targets,
        step: int,
        asked: bool,
    ) -> None:
        for request in pictures:
            drawn = draw(request, session, targets, step)
            drawn.asked = asked
            self._drawn.append(drawn)

    def _feeds_of(self, session: BaseSession) -> Feeds:
        return self._feeds[1] if self._feeds is not None and self._feeds[0] == session.number else {}

    def _table(self, identity: str, session: BaseSession, step: int, targets: _Targets) -> _Table:
        memory = session._resources.variables
        rows: list[protocol.ValueRow] = []
        looked_at: list[int] = []
        numbers: list[Any] = []
        trainable = {v.op for v in session.graph.get_collection(GraphKeys.TRAINABLE_VARIABLES) if hasattr(v, "op")}
        for op in self._variables_of(session.graph):
            known = memory.get(op)
            initialized = known is not None and known.initialized
            dims = known.dims if known is not None else op.outputs[0].dims or ()
            if initialized and op.outputs[0].dtype.base_dtype.c_type is not None:
                looked_at.append(len(rows))
                numbers.append(op)
            rows.append(_row(op.outputs[0], dims, initialized, op in trainable, False))
        for name in self._pinned:
            found, problem = targets.get(name)
            tensor = targets.tensor(name)
            if tensor is None:
                continue
            if isinstance(found, Operation) and problem is None:
                continue  # a variable, in the table anyway
            shape = (tensor.dims or ()) if found is None else found.shape
            row = _row(tensor, shape, problem is None, False, True)
            if problem is not None:
                row["problem"] = problem
            else:
                looked_at.append(len(rows))
                numbers.append(found)
            rows.append(row)
        pending = Inspector(session).statistics(numbers) if numbers else None
        return _Table(identity, step, rows, looked_at, pending, targets.observation)

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
        if table.pending is not None:
            for position, found in zip(table.looked_at, table.pending.result(), strict=True):
                statistics[position] = found.row()
        self.trends.add(table.session, table.step, [row["name"] for row in table.rows], statistics)
        return protocol.ValueTable(
            session=table.session, step=table.step, rows=table.rows, statistics=parcel.add(statistics)
        )


class _Targets:
    """Where the numbers of named tensors are: variables' own memory, or what looking at the others gives.

    Attributes:
      observation: what was looked at, to be kept while its memory is read; None where nothing was.
    """

    def __init__(self, session: BaseSession, names: Sequence[str], feeds: Feeds):
        self.observation: Observation | None = None
        self._found: dict[str, Any] = {}
        self._problems: dict[str, str] = {}
        self._tensors: dict[str, Tensor] = {}
        others: list[tuple[str, Tensor]] = []
        for name in dict.fromkeys(names):
            try:
                element = session.graph.as_graph_element(name)
                if isinstance(element, Operation):
                    if not element.outputs:
                        raise ValueError(f"{name} has no output")
                    element = element.outputs[0]
                self._tensors[name] = element
                if isinstance(element.op.definition, Variable):
                    memory = session._resources.variables.get(element.op)
                    if memory is None or not memory.initialized:
                        raise ValueError("It has no value yet: its initializer has not been run in this session")
                    self._found[name] = element.op
                else:
                    others.append((name, element))
            except PROBLEMS as error:
                self._problems[name] = _text(error)
        self._observe(session, others, feeds)

    def _observe(self, session: BaseSession, others: list[tuple[str, Tensor]], feeds: Feeds) -> None:
        """Looks at all at once, or, where one of them cannot be, leaves out those that cannot."""
        while others:
            try:
                self.observation = observe(session, [tensor for _, tensor in others], feeds, land=False)
                for name, tensor in others:
                    self._found[name] = self.observation.numbers(tensor)
                return
            except PROBLEMS as error:
                if len(others) == 1:
                    self._problems[others[0][0]] = _unfed(others[0][1], feeds) or _text(error)
                    return
                good = []
                for name, tensor in others:
                    try:
                        observe(session, [tensor], feeds, land=False).numbers(tensor)
                        good.append((name, tensor))
                    except PROBLEMS as its:
                        self._problems[name] = _unfed(tensor, feeds) or _text(its)
                if len(good) == len(others):
                    self._problems |= {name: _text(error) for name, _ in others}
                    return
                others = good

    def get(self, name: str) -> tuple[Any, str | None]:
        """What the inspector takes for a tensor, or None and why it cannot be had."""
        return self._found.get(name), self._problems.get(name)

    def tensor(self, name: str) -> Tensor | None:
        """The tensor of a name."""
        return self._tensors.get(name)


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


def _text(error: BaseException) -> str:
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _unfed(tensor: Tensor, feeds: Feeds) -> str:
    """That a tensor is computed from what only a run feeds, where none does now; else nothing."""
    missing = [
        repr(op.name)
        for op in needed_operations([tensor.op], feeds)
        if isinstance(op.definition, Placeholder) and op.outputs[0] not in feeds
    ]
    if not missing:
        return ""
    names = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
    what = "is" if isinstance(tensor.op.definition, Placeholder) else "is computed from"
    return f"It {what} what runs feed to {names}, and no run feeds that now"
