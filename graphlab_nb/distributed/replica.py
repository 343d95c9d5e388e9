"""A session's part in one task: the operations that it runs there, and the parts of runs that they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphlab_nb import errors
from graphlab_nb.distributed.cutting import Part
from graphlab_nb.distributed.shipping import Key, Rebuilt, Shipped
from graphlab_nb.distributed.steps import Awaited, awaited_by, ends_step
from graphlab_nb.distributed.store import Store, StoredResources, is_variable
from graphlab_nb.dtypes import string_array
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.sync import HERE
from graphlab_nb.runtime.device import Device
from graphlab_nb.session.beside import Beside, can_be_beside
from graphlab_nb.session.config import ConfigProto, RunMetadata
from graphlab_nb.session.fetches import Fetches
from graphlab_nb.session.observe import observe
from graphlab_nb.session.resources import Resources
from graphlab_nb.session.session import BaseSession


class Bound(NamedTuple):
    """A part of a run, ready to be run again and again.

    Attributes:
      part: what it is.
      level: among the parts of its task.
      feeds: the tensors of `part.feeds`.
      fetches: what the task's session runs.
      awaited: steps that must be made before it begins.
      ends_step: whether others may wait for what it does.
      changes: whether it changes variables.
    """

    part: Part
    level: int
    feeds: list[tuple[Key, Tensor]]
    fetches: Fetches
    awaited: list[Awaited]
    ends_step: bool
    changes: bool


class Replica:
    """What a task keeps of a client's session.

    Args:
      config: the client's.
      devices: the task's.
      store: the task's variables.
      master: the task that has the session.
    """

    def __init__(self, config: ConfigProto, devices: list[Device], store: Store, master: str = ""):
        self.master = master
        self._store = store
        self.rebuilt = Rebuilt()
        self.session = _PartSession(self.rebuilt, config, devices, store)
        self.plans: dict[int, list[Bound]] = {}

    def prepare(self, number: int, shipped: Sequence[Shipped], parts: Sequence[tuple[int, Part]]) -> None:
        """Takes the parts of the run `number`, and the operations that are new in them.

        Raises:
          InvalidArgumentError: for a variable that the task has with another type or shape.
        """
        self.own(shipped)
        tensor = self.rebuilt.tensor
        self.plans[number] = [
            Bound(
                part,
                level,
                [(key, tensor(key)) for key in part.feeds],
                self.session.part(
                    [self.rebuilt.ops[i] for i in part.ops],
                    [self.rebuilt.ops[i] for i in part.standing],
                    [tensor(key) for key in part.fetches],
                ),
                awaited_by(self.rebuilt.ops[i] for i in part.ops),
                ends_step(self.rebuilt.ops[i] for i in part.ops),
                any(self.rebuilt.ops[i].definition.writes for i in part.ops),
            )
            for level, part in parts
        ]

    def own(self, shipped: Sequence[Shipped]) -> None:
        """Takes operations, whose variables can be looked at from now on."""
        self.session.variables += [op for op in self.rebuilt.add(shipped) if is_variable(op)]

    def run(
        self, bound: Bound, feeds: dict[Tensor, np.ndarray], metadata: RunMetadata | None = None, wait: bool = True
    ) -> list[Any]:
        """Runs a part; the values of its fetches.

        Args:
          bound: the part.
          feeds: what it is given.
          metadata: is filled with kernels' times, where it is given.
          wait: whether to wait until the devices have done all of it, which others will rely on. Without, as in a local run,
            they may go on with what changes variables; whoever uses these afterwards waits.
        """
        return self._run(bound, feeds, metadata, wait)

    def look(self, bound: Bound, feeds: dict[Tensor, np.ndarray]) -> list[Any]:
        """What a part would fetch if it ran now; changes nothing.

        Raises:
          FailedPreconditionError: where it would change something, or read a variable that has no value.
        """
        return self.session.look_at([self.rebuilt.tensor(key) for key in bound.part.fetches], feeds)

    def run_beside(self, bound: Bound, feeds: dict[Tensor, np.ndarray], beside: Beside) -> tuple[bool, list[Any]]:
        """As `run`, computing tensors beside it; whether that can be done, as far as is known, and the values."""
        able = self.session.prepare_beside(bound.fetches, feeds, beside)
        return able, self._run(bound, feeds, None, wait=True)

    def placed(self) -> dict[int, int]:
        """Which of the task's devices each operation that ran was put on, by its index in the client's graph."""
        stages = [plan.bound.stage for plan in list(self.session._plans.values())]
        return {op.index: device for stage in stages for op, device in stage.placed.items()}

    def _run(
        self, bound: Bound, feeds: dict[Tensor, np.ndarray], metadata: RunMetadata | None, wait: bool
    ) -> list[Any]:
        with self._store.lock:
            values = self.session.run_part(bound.fetches, feeds, metadata, wait)
            if bound.changes:
                self._store.changed()
        return values

    def close(self) -> None:
        """Lets go all but the variables."""
        self.session.close()


class _PartSession(BaseSession):
    """Runs exactly the operations of parts, on the task's variables."""

    def __init__(self, rebuilt: Rebuilt, config: ConfigProto, devices: list[Device], store: Store):
        self._task_devices, self._store = devices, store
        self.variables: list[Operation] = []
        self._parts: dict[int, list[Operation]] = {}
        self._used: dict[int, list[Operation]] = {}
        local = ConfigProto(allow_soft_placement=config.allow_soft_placement)
        super().__init__("", rebuilt.graph, local)

    def _new_resources(self) -> Resources:
        self._devices = self._task_devices
        return StoredResources(self._devices, self._store)

    def part(self, ops: Sequence[Operation], standing: Sequence[Operation], fetched: Sequence[Tensor]) -> Fetches:
        """The fetches that run these operations and no others.

        Raises:
          InvalidArgumentError: where they use a variable that the task has with another type or shape.
        """
        used = [op for op in {*ops, *standing} if is_variable(op)]
        self._stored.take(used)
        fetches = Fetches(self._graph, [*ops, *fetched], self.opened)
        fetches.number = next(self._next_number)
        self._parts[fetches.number] = sorted({*ops, *standing}, key=lambda op: op.index)
        self._used[fetches.number] = used
        return fetches

    def _needed(self, fetches: Fetches, feeds: dict[Tensor, np.ndarray]) -> list[Operation]:
        return self._parts[fetches.number]

    @property
    def _stored(self) -> StoredResources:
        resources = self._resources
        assert isinstance(resources, StoredResources)
        return resources

    def prepare_beside(self, fetches: Fetches, feeds: dict[Tensor, np.ndarray], beside: Beside) -> bool:
        """Has the next run of a part compute tensors beside it; False where it cannot. The first run of a part never does."""
        with self._store.lock:
            try:
                self._stored.take(self.variables)
                able = can_be_beside(self, fetches, feeds, beside.tensors)
            except (errors.OpError, ValueError, TypeError, RuntimeError):  # the run itself must not end with it
                able = False
            if able:
                self.beside = beside
            return able is not False

    def look_at(self, tensors: Sequence[Tensor], feeds: dict[Tensor, np.ndarray]) -> list[Any]:
        """Tensors as a run would find them now."""
        if not tensors:
            return []
        with self._store.lock:
            self._stored.take(self.variables)
            return [_array(value) for value in observe(self, tensors, feeds).values()]

    def run_part(
        self, fetches: Fetches, feeds: dict[Tensor, np.ndarray], metadata: RunMetadata | None, wait: bool
    ) -> list[Any]:
        """Runs one part, see `Replica.run`."""
        with self._store.lock:
            self._store.begin(self._stored)
            self._stored.refresh(fetches.number, self._used[fetches.number])
            HERE.in_task = True
            try:
                values = self._execute(fetches, feeds, metadata)
            finally:
                HERE.in_task = False
            if wait:
                self._store.settle()
        self.runs += 1
        return [_array(value) for value in values]


def _array(value: Any) -> np.ndarray:
    """A fetched value as it travels."""
    return string_array(value) if isinstance(value, (str, bytes)) else np.asarray(value)
