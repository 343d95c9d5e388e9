"""One measured run, operation by operation, and what the last ones took."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from graphlab_nb.compiler.plan import Step
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import Array, KernelCall
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.steering import Order
from graphlab_nb.session import profile
from graphlab_nb.session.config import RunMetadata
from graphlab_nb.session.session import BaseSession

KEPT = 8
"""Of so many graphs the last measured run is kept."""


class Measured:
    """What the last measured run of each graph took, for pages that come later: a measured run is told once as news."""

    def __init__(self) -> None:
        self._times: dict[str, protocol.NodeTimes] = {}

    def add(self, times: protocol.NodeTimes) -> None:
        """Keeps a run's times, in place of those of the graph's runs before it."""
        self._times.pop(times["graph"], None)
        self._times[times["graph"]] = times
        for graph in list(self._times)[:-KEPT]:
            del self._times[graph]

    def told(self, graphs: Container[str]) -> list[protocol.NodeTimes]:
        """The times of those graphs that are still there; what others took is forgotten."""
        for graph in [graph for graph in list(self._times) if graph not in graphs]:
            self._times.pop(graph, None)
        return list(self._times.values())


class Measurement:
    """Has the next run of a session measured; a kernel's time goes to the operation whose kernel it is.

    Attributes:
      order: the command that asked for it.
    """

    def __init__(self, session: BaseSession, order: Order):
        self.order = order
        self._done = False
        self._session = session
        self._metadata = RunMetadata()
        self._micros: dict[Operation, float] = {}
        self._bytes: dict[Operation, int] = {}
        self._shapes: dict[Operation, list[list[int]]] = {}
        self._devices: dict[Operation, str] = {}

    def begin(self, session: BaseSession) -> None:
        """Is called before each run; the one of the right session is measured."""
        if session is self._session and session._remote is not None:
            session._remote.trace(self._metadata)
        elif session is self._session and self not in profile.ACTIVE:
            profile.ACTIVE.append(self)

    @property
    def done(self) -> bool:
        """Whether a run was measured."""
        return self._done or bool(self._metadata.step_stats.dev_stats)

    def add(self, devices: Sequence[Any], times: Sequence[tuple[Step, int, int]]) -> None:
        """Takes what the steps took: start and end in nanoseconds; called as `Profile.add` is."""
        for step, start, end in times:
            op = step.op
            if op is None:
                continue
            self._micros[op] = self._micros.get(op, 0.0) + (end - start) / 1000
            self._devices[op] = devices[step.device].full_name
            action = step.action
            if isinstance(action, KernelCall):
                written = [action.args[i] for i in action.writes]
                arrays = [array for array in written if isinstance(array, Array)]
                self._bytes[op] = self._bytes.get(op, 0) + sum(array.nbytes for array in arrays)
                self._shapes[op] = [[int(n) for n in array.shape] for array in arrays]
        self._done = True

    def _add_remote(self) -> None:
        """Takes what a cluster's tasks measured, as means of the request's runs."""
        remote = self._session._remote
        latest = None if remote is None else remote.times
        runs = 1 if latest is None else latest.runs
        for device in self._metadata.step_stats.dev_stats:
            for kernel in device.node_stats:
                op = self._session.graph.get_operation_by_name(kernel.node_name)
                self._micros[op] = self._micros.get(op, 0.0) + kernel.op_end_rel_micros / runs
                self._bytes[op] = max(self._bytes.get(op, 0), kernel.output_bytes)
                self._devices[op] = device.device

    def end(self) -> None:
        """Lets runs go unmeasured again."""
        if self in profile.ACTIVE:
            profile.ACTIVE.remove(self)

    def times(self, step: int) -> protocol.NodeTimes:
        """What was measured, in the words of the wire."""
        self.end()
        self._add_remote()
        ops = list(self._micros)
        return protocol.NodeTimes(
            graph=f"g{self._session.graph.number}",
            session=f"s{self._session.number}",
            step=step,
            nodes=[op.index for op in ops],
            micros=[self._micros[op] for op in ops],
            bytes=[self._bytes.get(op, 0) for op in ops],
            shapes=[self._shapes.get(op, []) for op in ops],
            devices=[self._devices[op] for op in ops],
        )
