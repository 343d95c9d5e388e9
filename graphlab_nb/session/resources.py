"""What a session keeps on its devices between runs: variables, constants, random counters, arenas and queues."""

from __future__ import annotations

import copy
import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.compiler.plan import PlanDevice
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import ERROR_SLOTS, Storage
from graphlab_nb.runtime.buffer import Arena, constant_buffer, new_buffer
from graphlab_nb.runtime.device import Device
from graphlab_nb.runtime.held import free_ended
from graphlab_nb.runtime.program import Programs, programs_for
from graphlab_nb.runtime.queue import Queue


class VariableMemory:
    """One variable's memory in a session."""

    __slots__ = ("buffer", "device", "dims", "initialized", "nbytes")

    def __init__(self, buffer: Any, nbytes: int, dims: tuple[int, ...], device: int):
        self.buffer = buffer
        self.nbytes = nbytes
        self.dims = dims
        self.device = device
        self.initialized = False


class DeviceResources:
    """A session's part of one device: its queue, arena, programs and small standing buffers."""

    def __init__(self, device: Device):
        self.device = device
        self.queue = Queue(device)
        self._profiling_queue: Queue | None = None
        self._side_queue: Queue | None = None
        self.side_work = False
        """Whether the side queue has commands that the queue does not wait for, as after an interrupt."""
        self.programs: Programs = programs_for(device)
        self.arena = Arena(device)
        self.constants: dict[Any, Any] = {}
        self.counters: dict[Operation, Any] = {}
        self.report = constant_buffer(device.context, np.zeros(ERROR_SLOTS, np.int32))
        self.empty = new_buffer(device, 0, "tensors without elements")

    def begin_side_work(self) -> Any:
        """Lets the side queue, made when first asked for, start on its next commands when all before is done."""
        self.side_work = True
        self.side_queue.wait_for([self.queue.marker()])

    def end_side_work(self) -> Any:
        """Makes the queue wait for the side queue; returns an event for that."""
        done = self.side_queue.marker()
        self.queue.wait_for([done])
        self.side_work = False
        return done

    @property
    def side_queue(self) -> Queue:
        """A queue whose commands may run side by side, made when first asked for."""
        if self._side_queue is None:
            self._side_queue = Queue(self.device, in_order=False)
        return self._side_queue

    @property
    def profiling_queue(self) -> Queue:
        """A queue whose events carry times, made when first asked for."""
        if self._profiling_queue is None:
            self._profiling_queue = Queue(self.device, profiling=True)
        return self._profiling_queue

    def constant(self, storage: Storage) -> Any:
        """The buffer of a constant, filled when first asked for and kept while the session lives."""
        root = storage.key
        key = root.key
        found = self.constants.get(key)
        if found is None:
            found = self.constants[key] = constant_buffer(self.device.context, root.literal)
        return found

    def counter(self, op: Operation) -> Any:
        """The buffer that counts the runs of a random operation; without a seed, from a number that nobody knows."""
        found = self.counters.get(op)
        if found is None:
            unseeded = getattr(op.definition, "unseeded", False)
            start = np.frombuffer(os.urandom(8), np.uint32) if unseeded else np.zeros(2, np.uint32)
            found = self.counters[op] = constant_buffer(self.device.context, start)
        return found


class Aside(DeviceResources):
    """A session's part of one device for plans that only look: the session's own but for the memory that plans write."""

    def __init__(self, part: DeviceResources):
        self._part = part
        self.device = part.device
        self.queue = part.queue
        self.programs = part.programs
        self.constants = part.constants
        self.counters = part.counters
        self.empty = part.empty
        self.arena = Arena(part.device)
        self.report = constant_buffer(part.device.context, np.zeros(ERROR_SLOTS, np.int32))

    @property
    def side_work(self) -> bool:  # type: ignore[override]
        """As the session's part has it, so that either of the two ends what an interrupt left."""
        return self._part.side_work

    @side_work.setter
    def side_work(self, value: bool) -> None:
        self._part.side_work = value

    @property
    def side_queue(self) -> Queue:
        """The session's."""
        return self._part.side_queue

    @property
    def profiling_queue(self) -> Queue:
        """The session's."""
        return self._part.profiling_queue


@dataclass(frozen=True)
class Numbers:
    """Where numbers lie in a device's memory.

    Attributes:
      buffer: the memory, which begins with them.
      device: index of the session's device.
      dtype: their type.
      shape: the tensor's shape; they lie row by row.
    """

    buffer: Any
    device: int
    dtype: DType
    shape: tuple[int, ...]


class Resources:
    """All that a session keeps on its devices."""

    def __init__(self, devices: list[Device]):
        free_ended()
        self.devices = [DeviceResources(d) for d in devices]
        self.plan_devices = [PlanDevice(d.kind, d.index, d.traits) for d in devices]
        self.variables: dict[Operation, VariableMemory] = {}
        self.shapes_version = 0
        """Grows when a variable takes another shape, so that plans made for the old one are not used."""
        self.looks: dict[Any, Any] = {}
        """What those keep here who only look: plans for it, by kind."""
        self.turns = 0
        """How often plans that only look have used their memory (`aside`)."""

    def aside(self) -> Resources:
        """The same devices and variables for plans that only look; what such plans write is theirs alone."""
        found = self.looks.get("aside")
        if found is None:
            found = self.looks["aside"] = copy.copy(self)
            found.looks = {}
            found.devices = [Aside(part) for part in self.devices]
        return found

    def numbers(self, op: Operation) -> Numbers:
        """Where a variable's numbers lie.

        Raises:
          KeyError: for a variable that has no memory in this session yet.
        """
        memory = self.variables[op]
        return Numbers(memory.buffer, memory.device, op.outputs[0].dtype.base_dtype, memory.dims)

    def variable(self, op: Operation, storage: Storage, dims: tuple[int, ...]) -> VariableMemory:
        """The memory of a variable, made (not initialized) when first asked for."""
        found = self.variables.get(op)
        if found is None or found.dims != dims:
            buffer = new_buffer(self.devices[storage.device].device, storage.nbytes, f"variable {op.name!r}")
            if found is not None:
                self.shapes_version += 1
            found = self.variables[op] = VariableMemory(buffer, storage.nbytes, dims, storage.device)
        return found

    def variable_dims(self) -> dict[Operation, tuple[int, ...]]:
        """The variables' shapes in this session."""
        return {op: memory.dims for op, memory in self.variables.items()}

    def forget(self, gone: Collection[Operation]) -> None:
        """Waits for the devices, and lets go what is kept of some operations, and all plans that only look."""
        self.finish()
        self.looks.clear()
        for op in gone:
            self.variables.pop(op, None)
        for part in self.devices:
            for kept in (part.counters, part.constants):
                for key in [key for key in kept if getattr(key, "op", key) in gone]:
                    del kept[key]

    def finish(self) -> None:
        """Waits for the devices."""
        for part in self.devices:
            if part.side_work:
                part.end_side_work()
            part.queue.finish()

    def close(self) -> None:
        """Waits for the devices and lets all memory go."""
        self.finish()
        self.devices = []
        self.variables = {}
        self.looks = {}
