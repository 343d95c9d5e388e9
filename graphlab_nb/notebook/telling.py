"""What is true in the kernel now, in the words of the wire, and what of it was not said yet."""

from __future__ import annotations

import bisect
import math
import threading
import time
import weakref
from collections import deque
from collections.abc import Sequence
from typing import Any

from graphlab_nb import errors
from graphlab_nb.graph.graph import GRAPHS, Graph
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.scopes import get_default_graph
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.cells import Cells, labels_in
from graphlab_nb.notebook.curves import CURVES, Series
from graphlab_nb.notebook.describe import Description
from graphlab_nb.notebook.failed_runs import failed_run
from graphlab_nb.notebook.keeping import Keeping
from graphlab_nb.notebook.looking import Looker
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.steering import Steering
from graphlab_nb.runtime.program import progress
from graphlab_nb.session.session import SESSIONS, BaseSession

RATE_OVER = 3.0
"""Seconds over which steps per second are counted, at most; at least two steps, so that slow ones count too."""
LATE = 1.0
"""Seconds of other runs, and three steps' time, after which they count against the steps per second."""
LISTS_EACH = 1.0
"""Seconds between two looks at what there is, while a training goes on and nobody hurries; a look goes through all names."""


class Teller:
    """Describes the kernel's state, graphs, sessions and curves.

    Attributes:
      cells: which cell runs; set once that is known.
      keeping: what outlives the cell.
    """

    def __init__(self, namespace: dict[str, Any], steering: Steering, looker: Looker):
        self.cells: Cells | None = None
        self._namespace = namespace
        self._steering = steering
        self._looker = looker
        self._descriptions: dict[int, Description] = {}
        self._default = get_default_graph().number
        self._times: deque[tuple[float, int]] = deque()
        self._counted_steps = True
        self._sizes: dict[int, int] = {}
        self._runs = (0, -math.inf)
        self.keeping = Keeping()
        self._said: dict[str, Any] = {}
        self._devices: weakref.WeakKeyDictionary[BaseSession, list[str]] = weakref.WeakKeyDictionary()
        self._listed, self._curves_listed = -math.inf, -1
        self._sent: dict[str, tuple[int, int]] = {}

    def description(self, graph: Graph) -> Description:
        """What was said of a graph so far."""
        return self._descriptions.setdefault(graph.number, Description(graph))

    def cell_begins(self) -> None:
        """Notes how large graphs are, and which sessions there are."""
        self.keeping.cell_begins()
        self._sizes = {number: graph.version for number, graph in list(GRAPHS.items())}

    def cell_ends(self, cell: str | None, count: int) -> None:
        """Notes which operations a cell made."""
        for number, graph in list(GRAPHS.items()):
            first = self._sizes.get(number, 0)
            if graph.version > first:
                made = protocol.Execution(first=first, last=graph.version, cell=cell, count=count)
                self.description(graph).executions.append(made)
        self._sizes = {number: graph.version for number, graph in list(GRAPHS.items())}
        self._default = get_default_graph().number  # for those who ask before another cell begins

    def taken_out(self, graph: Graph, old: int, kept: Sequence[int]) -> None:
        """Is told that of a graph, whose number was `old`, only the operations at the positions `kept` are left."""
        for made in self.description(GRAPHS[old]).executions:
            first, last = (bisect.bisect_left(kept, n) for n in (made["first"], made["last"]))
            if first < last:
                self.description(graph).executions.append({**made, "first": first, "last": last})
        self._descriptions.pop(old)
        self._sizes[graph.number] = bisect.bisect_left(kept, self._sizes.pop(old, 0))

    def running(self, graph: Graph) -> list[protocol.Execution]:
        """What the cell that runs has made of a graph so far: a training may go on for long behind it."""
        cells, first = self.cells, self._sizes.get(graph.number, 0)
        if cells is None or cells.current is None or graph.version <= first:
            return []
        return [protocol.Execution(first=first, last=graph.version, cell=cells.latest, count=cells.count)]

    def age(self, op: Operation) -> int:
        """How many times the cell that made an operation was run again since, as far as that made operations."""
        made = self.description(op.graph).executions
        position = next((k for k, e in enumerate(made) if e["first"] <= op.index < e["last"]), None)
        if position is None or made[position]["cell"] is None:
            return 0
        return sum(e["cell"] == made[position]["cell"] for e in made[position + 1 :])

    def run_state(self) -> protocol.RunState:
        """What the training does."""
        steering = self._steering
        now = time.perf_counter()
        session = self._looker.session
        if steering.runs != self._runs[0]:
            self._runs = steering.runs, now
        ran = max(steering.ran, self._runs[1])
        told = protocol.RunState(
            state=steering.state,
            session=None if session is None else f"s{session.number}",
            steps=self._looker.steps,
            runs=steering.runs,
            rate=self._rate(now, ran) if steering.state == "running" else 0.0,
            since=steering.since,
            cell=None if self.cells is None else self.cells.current,
            training=steering.training,
            made=steering.steps,
        )
        if steering.outside and steering.state == "idle":
            told["outside"] = True
        trained = self._trained()
        if trained:
            told["trained"] = trained
        if steering.state == "running":
            told["quiet"] = now - ran
        waiting = steering.waiting + ["fetch"] * self._looker.fetches_wait
        if waiting and steering.state != "idle":
            told["waiting"] = waiting
        if steering.caught:
            told["caught"] = True
        built = progress()
        if built is not None:
            told["building"] = list(built)
        return told

    def _trained(self) -> list[protocol.SessionSteps]:
        """Steps of each session that trained in the latest cell, where there are several open ones that ever trained."""
        looker = self._looker
        tallies = list(looker.tallies.items())
        open_ones = [n for n, tally in tallies if tally.steps and n in SESSIONS and not SESSIONS[n]._closed]
        trained = list(looker.trained)
        if len({*open_ones, *trained}) < 2:
            return []
        if not trained and looker.session is not None and looker.steps:
            trained = [looker.session.number]
        return [protocol.SessionSteps(session=f"s{n}", steps=looker.tallies[n].steps) for n in trained]

    def words_of_stop(self) -> str:
        """Where the training is that is stopped before its next run, and what becomes of its variables."""
        looker, steering = self._looker, self._steering
        session = looker.session_here
        steps = 0 if session is None else looker.tally_of(session).steps
        if not steps or not steering.training:
            place = f"before run {steering.runs + 1}"
        else:
            place = f"after {steps:,} step{'s' if steps > 1 else ''}"
            if session is not None and self._trained():
                place += f" of {', '.join(labels_in(self._namespace, session)) or f'session {session.number}'}"
        return f"{place}. {self.keeping.after_stop(session)}"

    def graphs(self) -> list[protocol.GraphInfo]:
        """All graphs that have something in them, and the default one."""
        found = []
        if threading.current_thread() is threading.main_thread():
            self._default = get_default_graph().number
        namespace = self._namespace
        for number, graph in sorted(GRAPHS.items()):
            if not graph.version and graph.failure is None and number != self._default:
                continue
            info = protocol.GraphInfo(
                id=f"g{number}", size=graph.version, labels=labels_in(namespace, graph), default=number == self._default
            )
            failed = self.description(graph).failure()
            if failed is not None:
                info["failed"] = failed
            found_fault = failed_run(graph)
            if found_fault is not None:
                fault, op = found_fault
                info["fault"] = protocol.Fault(number=fault.number, op=op.index, message=fault.message)
            found.append(info)
        return found

    def sessions(self) -> list[protocol.SessionInfo]:
        """All open sessions."""
        return [self._session(session) for _, session in sorted(SESSIONS.items()) if not session._closed]

    def _session(self, session: BaseSession) -> protocol.SessionInfo:
        told = protocol.SessionInfo(
            id=f"s{session.number}",
            graph=f"g{session.graph.number}",
            labels=labels_in(self._namespace, session),
            devices=self._devices_of(session),
            runs=self._looker.runs_of(session),
        )
        if session.sess_str:
            told["target"] = session.sess_str
        return told

    def _devices_of(self, session: BaseSession) -> list[str]:
        """A session's devices; those of a cluster are asked for once."""
        found = self._devices.get(session)
        if found is None:
            try:
                found = [device.name for device in session.list_devices()]
            except errors.OpError:  # it cannot be reached, which the next run tells
                found = []
            self._devices[session] = found
        return found

    def _rate(self, now: float, ran: float) -> float:
        """Steps per second of late, or runs where none trained; what was before the last pause does not count.

        Args:
          now: the time.
          ran: when the last run was seen: steps become fewer per second as long as other runs follow them.
        """
        steering, times = self._steering, self._times
        steps = steering.steps if steering.training else steering.runs
        if self._counted_steps != steering.training:
            self._counted_steps = steering.training
            times.clear()
        while times and times[0][0] < self._steering.since:
            times.popleft()
        if times and times[-1][1] > steps:  # another session's
            times.clear()
        if not times or times[-1][1] != steps:
            times.append((now, steps))
        while len(times) > 2 and times[1][0] < now - RATE_OVER:
            times.popleft()
        (first, before), (last, latest) = times[0], times[-1]
        made = latest - before
        if made and ran - last > LATE + 3 * (last - first) / made:
            last = ran
        return made / (last - first) if last > first else 0.0

    def news(self, tick: protocol.Tick, parcel: Parcel, hurried: bool) -> None:
        """Puts graphs, sessions and curves into a tick where they changed; lists only now and then, unless `hurried`."""
        now = time.perf_counter()
        due = hurried or self._steering.state != "running" or now - self._listed > LISTS_EACH
        if due:
            self._listed = now
            self._if_changed(tick, "graphs", self.graphs())
            self._if_changed(tick, "sessions", self.sessions())
        version, found = CURVES.version, list(CURVES.series.values())
        if due or version != self._curves_listed:
            self._curves_listed = version
            self._if_changed(tick, "runs", runs())
            self._if_changed(tick, "series", [series_info(s) for s in found])
        chunks = [chunk for s in found if (chunk := self._new_points(s, parcel)) is not None]
        if chunks:
            tick["points"] = chunks

    def _if_changed(self, tick: Any, name: str, value: Any) -> None:
        if self._said.get(name) != value:
            self._said[name] = value
            tick[name] = value

    def _new_points(self, series: Series, parcel: Parcel) -> protocol.SeriesChunk | None:
        version, first = self._sent.get(series.id, (0, 0))
        if series.length == first and series.version == version:
            return None
        chunk = points_of(series, parcel, first, version)
        self._sent[series.id] = (chunk["version"], chunk["first"] + chunk["steps"]["shape"][0])
        return chunk


def series_info(series: Series) -> protocol.SeriesInfo:
    """A curve without its points."""
    told = protocol.SeriesInfo(
        id=series.id,
        name=series.name,
        kind=series.kind,
        run=series.run,
        count=series.count,
        kept=series.length,
        every=series.every,
    )
    if series.session is not None:
        told["session"] = f"s{series.session}"
    return told


def runs() -> list[protocol.RunInfo]:
    """All runs that have curves."""
    return [protocol.RunInfo(run=run, label=label, began=began) for run, (label, began) in list(CURVES.runs.items())]


def points_of(series: Series, parcel: Parcel, first: int = 0, version: int = 0) -> protocol.SeriesChunk:
    """A curve's points from `first` on, where they are of `version` still, else all of them."""
    now, points = series.points(first, version)
    return protocol.SeriesChunk(
        id=series.id,
        first=first if now == version else 0,
        version=now,
        steps=parcel.add(points[0]),
        values=parcel.add(points[1]),
        times=parcel.add(points[2]),
    )
