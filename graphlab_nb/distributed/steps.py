"""Waiting for steps that several replicas make together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from graphlab_nb import errors
from graphlab_nb.distributed.mail import LOOK_EACH
from graphlab_nb.distributed.placing import root
from graphlab_nb.distributed.shipping import Key, key_of
from graphlab_nb.distributed.store import Store
from graphlab_nb.graph.graph import Operation
from graphlab_nb.ops.sync import AwaitStep, EndStep


class Awaited(NamedTuple):
    """A step that a part of a run waits for before it begins.

    Attributes:
      made: the variable that counts the steps made.
      step: the tensor that says how many there must be.
    """

    made: Operation
    step: Key


def awaited_by(ops: Iterable[Operation]) -> list[Awaited]:
    """What a part of these operations waits for."""
    return [Awaited(root(op.inputs[0]).op, key_of(op.inputs[2])) for op in ops if isinstance(op.definition, AwaitStep)]


def ends_step(ops: Iterable[Operation]) -> bool:
    """Whether a part of these operations may be what others wait for."""
    return any(isinstance(op.definition, EndStep) for op in ops)


class Steps:
    """The steps that are made on a task's variables.

    Attributes:
      waiting: how many parts of runs wait for a step.
    """

    def __init__(self, store: Store):
        self._store = store
        self._changed = threading.Condition(store.lock)
        self.waiting = 0

    def made(self, awaited: Awaited, given: Mapping[Key, Any]) -> bool:
        """Whether the step is made; `given` has the values of a part's tensors.

        Raises:
          AbortedError: where the cluster's variables were cleared.
        """
        with self._store.lock:
            kept = self._store.check(awaited.made)
            if kept is None:
                raise errors.AbortedError(
                    None, None, "The cluster's variables were cleared while the run waited for a step"
                )
            return int(self._store._read(kept)) >= int(given[awaited.step])

    def wait(self, awaited: Sequence[Awaited], given: Mapping[Key, Any], look: Callable[[], None]) -> None:
        """Waits for steps; other parts run meanwhile.

        Args:
          awaited: the steps.
          given: values of the part's tensors.
          look: is called now and then; may raise to end the waiting.
        """
        for each in awaited:
            while True:
                with self._changed:
                    if self.made(each, given):
                        break
                    self.waiting += 1
                    try:
                        self._changed.wait(LOOK_EACH)
                    finally:
                        self.waiting -= 1
                look()

    def tell(self) -> None:
        """Wakes those that wait, to look whether their step is made."""
        with self._changed:
            self._changed.notify_all()
