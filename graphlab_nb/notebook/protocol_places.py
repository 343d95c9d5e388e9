"""The part of `protocol` that tells where operations run and how long that takes."""

from __future__ import annotations

from typing import TypedDict


class NodeTimes(TypedDict):
    """What a measured run took: by operation's index, microseconds, bytes of the outputs, and their dimensions in that run."""

    graph: str
    session: str
    step: int
    nodes: list[int]
    micros: list[float]
    bytes: list[int]
    shapes: list[list[list[int]]]
    devices: list[str]


class Needed(TypedDict):
    """The answer to "needed": indices of the operations that a run with this fetch would run."""

    graph: str
    name: str
    nodes: list[int]


class Placed(TypedDict):
    """The answer to "placed": where the newest session of the graph that ran put operations, and shapes that its runs had.

    `nodes` has, for each operation of the graph, the number of its device in `devices`, or -1: no run needed it. `shaped`
    are operations of whose outputs' shapes the graph knows only a part, and `shapes` those that they had, -1 where unknown.
    """

    graph: str
    devices: list[str]
    nodes: list[int]
    shaped: list[int]
    shapes: list[list[list[int]]]


class LaneSpan(TypedDict):
    """A time in which a task computes or waits: in milliseconds since the run began on the task.

    `level` counts the task's parts of the run, which are made one after the other.
    """

    level: int
    begins: float
    ends: float


class LaneTransfer(TypedDict):
    """What a task sends to the part `level` of another one, `at` milliseconds after the run began on the sender."""

    task: str
    level: int
    at: float
    bytes: int


class Lane(TypedDict):
    """A task's part of a request: means per run of milliseconds and bytes, and what it did when in the last run."""

    task: str
    computed: float
    waited: float
    sent: float
    computes: list[LaneSpan]
    waits: list[LaneSpan]
    sends: list[LaneTransfer]


class RunLanes(TypedDict):
    """What the tasks of a cluster did for a session's latest request, of so many `runs`; `took` is milliseconds per run."""

    session: str
    step: int
    runs: int
    took: float
    lanes: list[Lane]
