"""What clients, masters and tasks ask of each other, and what they answer."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphlab_nb.distributed.cutting import Part
from graphlab_nb.distributed.failures import Failure
from graphlab_nb.distributed.lanes import LaneTold
from graphlab_nb.distributed.shipping import Key
from graphlab_nb.session.config import RunMetadata


class Wanted(NamedTuple):
    """What a client runs.

    Attributes:
      fetches: tensors that it gets.
      targets: indices of operations to run.
      feeds: tensors that it feeds.
    """

    fetches: tuple[Key, ...]
    targets: tuple[int, ...]
    feeds: tuple[Key, ...]


class Request(NamedTuple):
    """What a client asks for in one call.

    Attributes:
      session: its session.
      config: its settings, as bytes.
      first: how many operations of the graph the master knows.
      graph: those that it does not know, as bytes; empty where there are none.
      number: of what is wanted, among all that the session wanted.
      wanted: what it is; None where the master knows the number.
      run: name of the request.
      feeds: for each run, values of the fed tensors in the order of `wanted.feeds`.
      timeout: seconds for all runs, or None.
      traced: whether kernels are to be measured.
      looks: whether it only looks at what such a run would find now, and changes nothing.
      beside: tensors that each run is to compute beside its work, if that changes nothing.
      timed: whether it is measured what these take.
      shown: whether somebody sees what tasks do when, so that a part lasts until its devices have done it.
    """

    session: str
    config: bytes
    first: int
    graph: bytes
    number: int
    wanted: Wanted | None
    run: str
    feeds: list[list[Any]]
    timeout: float | None
    traced: bool
    looks: bool = False
    beside: tuple[Key, ...] = ()
    timed: bool = False
    shown: bool = False


class AskedBeside(NamedTuple):
    """What a task is asked to compute beside its work.

    Attributes:
      level: of the part that does it.
      tensors: what.
      timed: whether it is measured what they take.
    """

    level: int
    tensors: tuple[Key, ...]
    timed: bool


class Prepare(NamedTuple):
    """What a task is asked to take of a run before it is run.

    Attributes:
      session: the client's session.
      config: its settings, as bytes.
      master: the task that asks.
      first: whether the task has been sent nothing of the session yet.
      number: of the run.
      shipped: the operations that the task does not know, as bytes.
      parts: its parts, with their levels.
    """

    session: str
    config: bytes
    master: str
    first: bool
    number: int
    shipped: bytes
    parts: list[tuple[int, Part]]


class PartRequest(NamedTuple):
    """What a task is asked to run.

    Attributes:
      session: the client's session.
      number: of the prepared run.
      run: name of the request.
      feeds: what the client feeds, for each run.
      peers: the other tasks that take part.
      master: the task that asks.
      timeout: seconds, or None.
      traced: whether kernels are to be measured.
      looks: whether it only looks, and changes nothing.
      beside: what is to be computed beside, or None.
      shown: whether its parts last until its devices have done them.
    """

    session: str
    number: int
    run: str
    feeds: list[dict[Key, Any]]
    peers: tuple[str, ...]
    master: str
    timeout: float | None
    traced: bool
    looks: bool = False
    beside: AskedBeside | None = None
    shown: bool = False


class ComputedBeside(NamedTuple):
    """What came of tensors that were to be computed beside runs.

    Attributes:
      able: whether they can be; False where it would change what the runs do themselves.
      values: for each run; None for one that did not compute them.
      seconds: that they took in the last run, where it was measured.
    """

    able: bool
    values: list[list[Any] | None]
    seconds: float = 0.0


class Outcome(NamedTuple):
    """What came of a part.

    Attributes:
      values: of the tensors that the client fetches, for each run.
      failure: what went wrong, or None.
      seconds: that it worked; its devices may go on afterwards with what changes variables, as after a local run.
      waited: seconds that it waited for what others send.
      sent: bytes that went to other tasks.
      metadata: kernels' times, where it was traced.
      lane: what was done when in the last run.
      beside: what was computed beside, where that was asked for.
    """

    values: list[dict[Key, Any]]
    failure: Failure | None = None
    seconds: float = 0.0
    waited: float = 0.0
    sent: int = 0
    metadata: RunMetadata | None = None
    lane: LaneTold = ((), (), ())
    beside: ComputedBeside | None = None


class Answer(NamedTuple):
    """What a client gets.

    Attributes:
      values: of each run, in the order of `wanted.fetches`.
      failure: what went wrong, or None.
      outcomes: by task: seconds and bytes sent of all runs, kernels' times, what was done when in the last run.
      beside: what was computed beside, where that was asked for.
    """

    values: list[list[Any]]
    failure: Failure | None
    outcomes: dict[str, Outcome]
    beside: ComputedBeside | None = None
