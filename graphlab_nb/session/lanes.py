"""What the tasks of a cluster do when, in a run."""

from __future__ import annotations

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
