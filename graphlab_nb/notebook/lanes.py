"""What the tasks of a cluster did in the latest runs, in the words of the wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphlab_nb.notebook import protocol
from graphlab_nb.session.lanes import RequestTimes, Span
from graphlab_nb.session.session import SESSIONS, BaseSession


class Lanes:
    """Tells what came back with the answers to runs; nothing is asked for it.

    Attributes:
      steps: tells how many steps a session made.
      wanted: whether anybody shows them.
    """

    def __init__(self, steps: Callable[[BaseSession], int]):
        self.steps = steps
        self.wanted = False
        self._told: dict[int, int] = {}

    def interests(self, interests: Sequence[protocol.Interest]) -> None:
        """Takes whether anybody shows lanes now; who just begins to gets the latest again."""
        self.wanted = any(i.get("lanes") for i in interests)
        self._told.clear()

    def add_to(self, tick: protocol.Tick) -> None:
        """Puts the latest runs of sessions into a tick, where they were not told before."""
        if self.wanted:
            found = [lanes for session in list(SESSIONS.values()) if (lanes := self._news(session)) is not None]
            if found:
                tick["lanes"] = found

    def _news(self, session: BaseSession) -> protocol.RunLanes | None:
        remote = session._remote
        times = None if remote is None or session._closed else remote.times
        if times is None or self._told.get(session.number) == times.number:
            return None
        self._told[session.number] = times.number
        return told(f"s{session.number}", self.steps(session), times)


def told(session: str, step: int, times: RequestTimes) -> protocol.RunLanes:
    """A request in the words of the wire: times in milliseconds, sums as means per run."""
    runs = max(times.runs, 1)
    lanes = [
        protocol.Lane(
            task=task,
            computed=1000 * done.computed / runs,
            waited=1000 * done.waited / runs,
            sent=done.sent / runs,
            computes=_spans(done.lane.computes),
            waits=_spans(done.lane.waits),
            sends=[
                protocol.LaneTransfer(task=sent.task, level=sent.level, at=1000 * sent.at, bytes=sent.nbytes)
                for sent in done.lane.sends
            ],
        )
        for task, done in sorted(times.tasks.items())
    ]
    return protocol.RunLanes(session=session, step=step, runs=times.runs, took=1000 * times.seconds / runs, lanes=lanes)


def _spans(spans: Sequence[Span]) -> list[protocol.LaneSpan]:
    return [protocol.LaneSpan(level=s.level, begins=1000 * s.begins, ends=1000 * s.ends) for s in spans]
