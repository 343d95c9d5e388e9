"""What a session keeps on its devices between runs: variables, constants, random counters, arenas and queues."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from graphlab_nb.compiler.plan import PlanDevice
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import ERROR_SLOTS, Storage
from graphlab_nb.runtime.buffer import Arena, constant_buffer, new_buffer
from graphlab_nb.runtime.device import Device
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


class Resources:
    """All that a session keeps on its devices."""

    def __init__(self, devices: list[Device]):
        self.devices = [DeviceResources(d) for d in devices]
        self.plan_devices = [PlanDevice(d.kind, d.index, d.traits) for d in devices]
        self.variables: dict[Operation, VariableMemory] = {}
        self.shapes_version = 0
        """Grows when a variable takes another shape, so that plans made for the old one are not used."""

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

    def close(self) -> None:
        """Waits for the devices and lets all memory go."""
        for part in self.devices:
            if part.side_work:
                part.end_side_work()
            part.queue.finish()
        self.devices = []
        self.variables = {}
