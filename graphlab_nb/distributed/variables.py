"""Looking at a task's variables where they are: only statistics leave it."""

from __future__ import annotations

from collections.abc import Sequence

from graphlab_nb.distributed.store import Kept, Name, Store
from graphlab_nb.runtime.device import Device
from graphlab_nb.session.inspect import Bench, Inspector
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
            looked = [each for each in kept if each is not None and _numeric(each)]
            bench = self._bench = self._bench or Bench(self._devices)
            bench.forget_before(self._store.version)
            numbers = [Numbers(k.memory.buffer, k.memory.device, k.dtype, k.memory.dims) for k in looked]
            statistics = iter(Inspector(bench).statistics(numbers).result() if numbers else [])
            return [
                VariableThere(task, None, None)
                if each is None or not each.memory.initialized
                else VariableThere(task, each.memory.dims, next(statistics) if _numeric(each) else None)
                for each in kept
            ]


def _numeric(kept: Kept) -> bool:
    return kept.memory.initialized and kept.dtype.c_type is not None
