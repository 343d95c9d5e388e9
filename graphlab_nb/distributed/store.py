"""The variables of a task, which outlast the sessions that use them."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.plan import PlanDevice
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import Storage
from graphlab_nb.ops.state import Variable
from graphlab_nb.runtime.buffer import constant_buffer
from graphlab_nb.runtime.device import Device
from graphlab_nb.session.resources import Resources, VariableMemory
from graphlab_nb.shapes import Dims, TensorShape, as_shape, show

Name = tuple[str, str]
"""A variable's container and name."""


class Kept(NamedTuple):
    """A variable's memory and type, and the shape with which it was declared: an assignment may have given it another."""

    memory: VariableMemory
    dtype: DType
    declared: Dims


class Store:
    """Variables by container and name.

    Args:
      devices: of the task.
      path: the file of its checkpoints; None keeps none.
      every_steps: runs that change variables after which the next checkpoint is due, 0 where only time counts.
      task: whose they are.

    Attributes:
      lock: is held by what runs on the variables, since all sessions of a task share its devices.
      changes: runs that changed variables.
      due: set when so many were made that there is to be a checkpoint.
      version: grows with each variable that comes, goes or takes another shape.
      saved: seconds since the epoch of the last checkpoint, 0 where there is none.
      restored: that of the checkpoint from which the variables come; 0 where they come from none.
      trouble: why the last checkpoint could not be written; empty where it could.
    """

    def __init__(self, devices: list[Device], path: Path | None = None, every_steps: int = 0, task: str = ""):
        self._devices = devices
        self.task = task
        self._path = path
        self._every_steps = every_steps
        self.lock = threading.RLock()
        self._saving = threading.Lock()
        self.changes = self._changes_saved = 0
        self.due = threading.Event()
        self.variables: dict[Name, Kept] = {}
        self.version = 0
        self.saved = self.restored = 0.0
        self.trouble = ""
        self._working: Resources | None = None

    @staticmethod
    def name(op: Operation) -> Name:
        """The name by which a variable is kept."""
        definition: Any = op.definition
        return getattr(definition, "container", ""), getattr(definition, "shared_name", "") or op.name

    def check(self, op: Operation) -> Kept | None:
        """The variable that `op` means, or None where there is none yet; one without a value that does not fit counts as none.

        Raises:
          InvalidArgumentError: where it has a value, and another type or shape than `op`.
        """
        found = self.variables.get(self.name(op))
        if found is None:
            return None
        tensor = op.outputs[0]
        fits = as_shape(tensor.dims).is_compatible_with(TensorShape.of(found.memory.dims))
        if found.dtype is not tensor.dtype.base_dtype or not (fits or tensor.dims == found.declared):
            if not found.memory.initialized:
                return None
            raise errors.InvalidArgumentError(
                None,
                op,
                f"The cluster has a variable {op.name!r} of {found.dtype.name} and shape {show(found.memory.dims)} already, "
                f"which this session's, of {tensor.dtype.base_dtype.name} and shape {show(tensor.dims)}, does not fit. "
                "Give it another name, or clear the cluster's variables by tf.Session.reset(target)",
            )
        return found

    def begin(self, resources: Resources) -> None:
        """Notes that a session gives work to the devices now; waits for what another one has left to them."""
        if self._working is not resources:
            self.settle()
        self._working = resources

    def settle(self) -> None:
        """Waits for what was left to the devices. As `begin`, it is for who holds the lock."""
        working, self._working = self._working, None
        if working is not None:
            working.finish()

    def put(self, op: Operation, memory: VariableMemory) -> None:
        """Keeps a variable's memory."""
        with self.lock:
            declared = op.outputs[0]
            self.variables[self.name(op)] = Kept(memory, declared.dtype.base_dtype, declared.dims)
            self.version += 1

    def clear(self, containers: Sequence[str] | None) -> None:
        """Forgets the variables of some containers, or all."""
        with self.lock:
            gone = [name for name in self.variables if not containers or name[0] in containers]
            for name in gone:
                del self.variables[name]
            self.version += 1

    @property
    def nbytes(self) -> int:
        """Bytes of all variables."""
        return sum(kept.memory.nbytes for kept in self.variables.values())

    # Checkpoints

    def changed(self) -> None:
        """Counts a run that has changed variables; its caller has the lock."""
        self.changes += 1
        if self._every_steps and self.changes - self._changes_saved >= self._every_steps:
            self.due.set()

    @property
    def stale(self) -> bool:
        """Whether variables were changed after the last checkpoint."""
        return self.changes != self._changes_saved

    def save(self) -> None:
        """Writes all initialized variables to the checkpoint, whole or not at all; not to be called with the lock."""
        if self._path is not None:
            with self._saving:
                self._save(self._path)

    def save_each(self, every: float) -> None:
        """Writes a checkpoint whenever one is due, and after so many seconds where something has changed; never returns."""
        while True:
            self.due.wait(every or None)
            if self.stale:
                try:
                    self.save()
                except Exception as error:
                    print(f"{self.task}: no checkpoint could be written: {error}", flush=True)
                    self.trouble = str(error)
                    time.sleep(1.0)

    def _save(self, path: Path) -> None:
        arrays: dict[str, Any] = {}
        with self.lock:
            changes = self.changes
            for k, ((container, name), kept) in enumerate(self.variables.items()):
                if kept.memory.initialized:
                    arrays[f"{k}"] = self._read(kept)
                    arrays[f"{k}.name"] = np.array([container, name, kept.dtype.name])
                    arrays[f"{k}.device"] = np.array(kept.memory.device)
                    declared = kept.memory.dims if kept.declared is None else kept.declared
                    arrays[f"{k}.declared"] = np.array([-1 if n is None else n for n in declared], np.int64)
        data = io.BytesIO()
        np.savez(data, **arrays)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}.new")
        with open(new, "wb") as file:
            file.write(data.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
        with self.lock:
            self.saved, self._changes_saved, self.trouble = time.time(), changes, ""
            if self.changes - changes < max(self._every_steps, 1):
                self.due.clear()

    def restore(self) -> None:
        """Takes the variables of the checkpoint, where there is one that can be read.

        Raises:
          DataLossError: naming a checkpoint that is damaged.
        """
        if self._path is None:
            return
        for left in self._path.parent.glob(f"{self._path.stem}.*.new"):  # of one that was killed while it wrote
            left.unlink(missing_ok=True)
        if not self._path.exists():
            return
        try:
            with np.load(self._path) as data:
                found = [
                    (
                        data[key],
                        [str(t) for t in data[f"{key}.name"]],
                        int(data[f"{key}.device"]),
                        data.get(f"{key}.declared", np.array(data[key].shape)).tolist(),
                    )
                    for key in data.files
                    if key.isdigit()
                ]
        except Exception as error:
            # NumPy says of any other file that it may be unsafe to load.
            why = "it is none" if isinstance(error, ValueError) else error
            raise errors.DataLossError(
                None,
                None,
                f"The checkpoint {self._path} cannot be read ({why}); put a copy in its place, or remove it to begin without",
            ) from None
        from graphlab_nb.dtypes import as_dtype

        with self.lock:
            for array, (container, name, dtype), device, declared in found:
                device = min(device, len(self._devices) - 1)
                buffer = constant_buffer(self._devices[device].context, array)
                memory = VariableMemory(buffer, max(array.nbytes, 1), array.shape, device)
                memory.initialized = True
                self.variables[container, name] = Kept(
                    memory, as_dtype(dtype), tuple(None if n < 0 else n for n in declared)
                )
            self.version += 1
        self.saved = self.restored = self._path.stat().st_mtime

    def _read(self, kept: Kept) -> np.ndarray:
        import pyopencl as cl

        self.settle()
        memory = kept.memory
        out = np.empty(memory.dims, kept.dtype.np_dtype)
        if out.size:
            cl.enqueue_copy(self._devices[memory.device].queue, out, memory.buffer, is_blocking=True)
        return out


class StoredResources(Resources):
    """A session's devices in a task, with the task's variables."""

    def __init__(self, devices: list[Device], store: Store):
        super().__init__(devices)
        self.plan_devices = [PlanDevice(d.kind, d.index, d.traits, store.task) for d in devices]
        self._store = store
        self._seen: dict[int, int] = {}

    def take(self, ops: Sequence[Operation]) -> None:
        """Lets variables be the store's, where it has them.

        Raises:
          InvalidArgumentError: for one that has another type or shape there.
        """
        for op in ops:
            kept = self._store.check(op)
            known = self.variables.get(op)
            if kept is None:
                if known is not None:
                    del self.variables[op]
                    self.shapes_version += 1
            elif known is not kept.memory:
                self.variables[op] = kept.memory
                self.shapes_version += 1

    def refresh(self, number: int, ops: Sequence[Operation]) -> None:
        """As `take`, where something has changed since this number last asked, which is always for the same variables."""
        if self._seen.get(number) != self._store.version:
            self.take(ops)
            self._seen[number] = self._store.version

    def variable(self, op: Operation, storage: Storage, dims: tuple[int, ...]) -> VariableMemory:
        """The memory of a variable, the store's or made for it."""
        self.take([op])
        before = self.variables.get(op)
        found = super().variable(op, storage, dims)
        if found is not before:
            self._store.put(op, found)
        if found.device != storage.device:
            raise errors.InvalidArgumentError(
                None,
                op,
                f"The cluster has the variable {op.name!r} on another device of its task than this session wants it",
            )
        return found


def is_variable(op: Operation) -> bool:
    """Whether an operation is a variable's memory."""
    return isinstance(op.definition, Variable)
