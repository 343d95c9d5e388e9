"""Looking at a task's variables where they are: only statistics leave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab_nb.distributed.store import Kept, Name, Store
from graphlab_nb.runtime.device import Device
from graphlab_nb.session.inspect import Bench, Inspector, Pending
from graphlab_nb.session.remote import VariableThere
from graphlab_nb.session.resources import Numbers


class VariableLook:
    """Reduces variables between the parts of runs that use them.

    Args:
      store: the variables.
      devices: the task's.
    """

    def __init__(self, store: Store, devices: list[Device]):
        self._store, self._devices = store, devices
        self._bench: Bench | None = None

    def variables(self, names: Sequence[Name], task: str) -> list[VariableThere]:
        """What variables are now; those that the task has not are not initialized."""
        with self._store.lock:
            kept = [self._store.variables.get(name) for name in names]
            numbers = [_numbers(each) for each in kept if each is not None and _numeric(each)]
            statistics = iter(self._inspector().statistics(numbers).result() if numbers else [])
            return [
                VariableThere(task, None, None)
                if each is None or not each.memory.initialized
                else VariableThere(task, each.memory.dims, next(statistics) if _numeric(each) else None)
                for each in kept
            ]

    def inspect(self, name: Name, method: str, arguments: Sequence[Any]) -> Any:
        """What a method of `Inspector` gives of a variable now; None where it has no value."""
        with self._store.lock:
            kept = self._store.variables.get(name)
            if kept is None or not kept.memory.initialized:
                return None
            pending: Pending[Any] = getattr(self._inspector(), method)(_numbers(kept), *arguments)
            return pending.result()

    def _inspector(self) -> Inspector:
        self._store.settle()
        bench = self._bench = self._bench or Bench(self._devices)
        bench.forget_before(self._store.version)
        return Inspector(bench)


def _numbers(kept: Kept) -> Numbers:
    return Numbers(kept.memory.buffer, kept.memory.device, kept.dtype, kept.memory.dims)


def _numeric(kept: Kept) -> bool:
    return kept.memory.initialized and kept.dtype.c_type is not None
