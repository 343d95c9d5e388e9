"""What the tasks of a cluster do when, in a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Span(NamedTuple):
    """A time in which a task computes or waits.

    Attributes:
      level: of the part of the run; a task's parts run one after the other.
      begins, ends: seconds since the run began on the task.
    """

    level: int
    begins: float
    ends: float


class Transfer(NamedTuple):
    """What a part sends to a part of another task.

    Attributes:
      task: the receiver.
      level: of its part.
      at: seconds since the run began on the sender.
      nbytes: of the tensors.
    """

    task: str
    level: int
    at: float
    nbytes: int


class Lane(NamedTuple):
    """A task's part of a run.

    Attributes:
      computes: when its devices work.
      waits: when it waits for what others send, or for a step that others make.
      sends: what it sends.
    """

    computes: tuple[Span, ...] = ()
    waits: tuple[Span, ...] = ()
    sends: tuple[Transfer, ...] = ()


class TaskTimes(NamedTuple):
    """What a task did for a request of one or more runs.

    Attributes:
      computed, waited: seconds, in all runs.
      sent: bytes, in all runs.
      lane: the last run.
    """

    computed: float
    waited: float
    sent: int
    lane: Lane


class RequestTimes(NamedTuple):
    """What a request took.

    Attributes:
      number: of the request.
      runs: how many runs it was.
      seconds: from asking to having the answer.
      tasks: what each task did.
    """

    number: int
    runs: int
    seconds: float
    tasks: dict[str, TaskTimes]


def shifts_of(tasks: Mapping[str, TaskTimes]) -> dict[str, float]:
    """How many seconds later than the earliest each task began, at least: nothing has arrived before it was sent.

    Tasks tell times by clocks of their own, from when they began.
    """
    shifts = dict.fromkeys(tasks, 0.0)
    for _ in tasks:
        for name, done in tasks.items():
            for sent in done.lane.sends:
                if sent.task in tasks:
                    arrived = shifts[name] + sent.at - _arrival(tasks[sent.task].lane, sent.level)
                    shifts[sent.task] = max(shifts[sent.task], arrived)
    return shifts


def _arrival(lane: Lane, level: int) -> float:
    """When a part has what it waited for: as its wait ends, or, where it never waited, as it begins."""
    waited = [span.ends for span in lane.waits if span.level == level]
    return next(iter([*waited, *(span.begins for span in lane.computes if span.level == level)]), 0.0)
