"""Binding stages to devices' memory, and running them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.plan import (
    AskInitialized,
    Checkpoint,
    Copy,
    Held,
    HostCall,
    Stage,
    Step,
    Transfer,
    Zero,
    at_line,
)
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import ERROR_SLOTS, Array, KernelCall, Storage
from graphlab_nb.ops.pointwise import at_fault
from graphlab_nb.runtime.buffer import Landing, Staging, new_buffer
from graphlab_nb.runtime.queue import Queue
from graphlab_nb.session.interrupts import start_all
from graphlab_nb.session.resources import Resources
from graphlab_nb.shapes import Dims, show

FEWEST_IN_FLIGHT, MOST_IN_FLIGHT = 2, 7
"""Runs of a plan that may be queued before the host waits for the first of them: few of long ones, so that an interrupt is
heard soon, and more of short ones, since some runtimes, asked to wait for a command, come back when all is done."""
TIME_IN_FLIGHT = 0.004
"""Seconds of work that may be queued in more than the fewest runs."""


class BoundStage:
    """A stage whose kernels are built and have their arguments set.

    Attributes:
      stage: what it was made from.
      produced: tensors that host operations made in the latest run, as NumPy arrays.
    """

    def __init__(self, stage: Stage, resources: Resources, exported: dict[Tensor, tuple[Array, Any]]):
        self.stage = stage
        self.resources = resources
        self.produced: dict[Tensor, np.ndarray] = {}
        inputs = [v for step in stage.steps if isinstance(step.action, HostCall) for v in step.action.inputs]
        self._strings = {v.tensor for v in (*inputs, *stage.held.values()) if isinstance(v, Held)}
        self._fed: dict[Tensor, np.ndarray] = {}
        self._exported = exported
        self._buffers: dict[Storage, Any] = {}
        self._generations: list[int] = []
        self._staging: dict[Storage, Staging] = {}
        self._feed_uses: dict[Storage, list[tuple[Any, int]]] = {}
        self._feed_now: dict[Storage, Any] = {}
        self._calls: list[Callable[[], Any]] = []
        self._traced: list[Callable[[], Any]] = []
        self._flight: deque[Any] = deque()
        self._ahead = FEWEST_IN_FLIGHT
        self._landings: dict[Storage, Landing] = {}
        self._landed = False  # whether the landings have the latest run's values
        self._waits = False  # whether a run's last call waits for all of it
        self._computed_once = False
        self.feeds: dict[Tensor, list[Storage]] = {}
        self.devices_used = sorted({step.device for step in stage.steps})
        for step in stage.steps:
            for array in _arrays_of(step.action):
                if array.storage.kind == "feed":
                    places = self.feeds.setdefault(array.storage.key, [])
                    if array.storage not in places:
                        places.append(array.storage)
        self._find_landings()
        self._bind()

    def _find_landings(self) -> None:
        """Gives small results that are fetched memory from which the host can take them early."""
        if len(self.devices_used) != 1 or self.stage.blocks:
            return
        (device,) = self.devices_used
        written = {storage for step in self.stage.steps[self.stage.once :] for storage in written_by(step.action)}
        for array in self.stage.fetched.values():
            storage = array.storage
            if storage.kind == "arena" and 0 < storage.nbytes <= Landing.LARGEST and storage in written:
                part = self.resources.devices[device]
                self._landings[storage] = Landing(part.device, part.queue, storage.nbytes)

    # Binding

    def _bind(self) -> None:
        resources = self.resources
        for part, sizes in zip(resources.devices, self.stage.arenas, strict=True):
            part.arena.reserve(sizes)
        self._generations = [part.arena.generation for part in resources.devices]
        for index in self.devices_used:
            self._build(index)
        self._buffers = {s: b for s, b in self._buffers.items() if s.kind != "arena"}
        self._feed_uses = {}
        self._traced = []
        if not self._computed_once:
            queues = [part.queue for part in resources.devices]
            for step in self.stage.steps[: self.stage.once]:
                self._bound(step, queues)()
            self._computed_once = True
        self._calls = self._bound_calls()

    def _build(self, device: int) -> None:
        """Builds the programs of the steps on a device."""
        programs = self.resources.devices[device].programs
        steps = [s for s in self.stage.steps if s.device == device and isinstance(s.action, KernelCall)]
        with programs.building([step.action for step in steps]):
            for step in steps:
                try:
                    programs.build(step.action)
                except errors.InternalError as error:
                    assert step.op is not None
                    op, expression = at_fault(str(error), step.fused or (step.op,)) or (step.op, "")
                    raise errors.InternalError(None, op, f"{error}{expression} {describe(op)}") from None

    def _bound_calls(self) -> list[Callable[[], Any]]:
        """The steps as functions, in order; blocks go to the devices' side queues, with a barrier between levels."""
        parts = self.resources.devices
        queues = [part.queue for part in parts]
        side = [part.side_queue for part in parts] if self.stage.blocks else []
        steps = self.stage.steps
        calls: list[Callable[[], Any]] = []
        done = self.stage.once
        for block in self.stage.blocks:
            calls += [self._bound(step, queues) for step in steps[done : block.start]]
            part = parts[steps[block.start].device]
            calls.append(part.begin_side_work)
            for level in block.levels:
                calls += [self._bound(steps[k], side) for k in level]
                calls.append(part.side_queue.barrier_call())
            calls[-1] = part.end_side_work
            done = block.end
        landed = max((k for k, step in enumerate(steps) if self._lands(step)), default=-1)
        for k in range(done, len(steps)):
            calls.append(self._bound(steps[k], queues))
            if k == landed:
                # Only what comes before is in the queue by now: some runtimes, asked to wait for a command, go on to the last.
                takes = [landing.take_call(queues[steps[k].device]) for landing in self._landings.values()]
                calls += takes
        self._waits = landed >= 0 and landed == len(steps) - 1
        if len(calls) > 2 and len(self.devices_used) == 1:
            # The device begins while the host still puts in the rest.
            calls.insert(1, parts[self.devices_used[0]].queue.flush_call())
        return calls

    def _lands(self, step: Step) -> bool:
        return any(storage in self._landings for storage in written_by(step.action))

    def buffer(self, storage: Storage) -> Any:
        """The buffer that a storage is now."""
        found = self._buffers.get(storage)
        if found is None:
            found = self._buffers[storage] = self._find(storage)
        return found

    def _find(self, storage: Storage) -> Any:
        part = self.resources.devices[storage.device]
        kind = storage.kind
        if storage in self._landings:
            return self._landings[storage].buffer
        if kind != "variable" and storage.nbytes == 0:
            return part.empty
        if kind == "arena":
            chunk, offset = self.stage.places[storage.device][storage]
            return part.arena.region(chunk, offset, storage.nbytes)
        if kind == "variable":
            return self.resources.variables[storage.key].buffer
        if kind == "constant":
            return part.constant(storage)
        if kind in ("export", "fixed"):
            earlier = self._exported.get(storage.key)
            return earlier[1] if earlier is not None else new_buffer(part.device, storage.nbytes, "a result")
        if kind == "counter":
            return part.counter(storage.key)
        if kind == "report":
            return part.report
        raise errors.InternalError(None, None, f"No memory is known for a storage of kind {kind!r}")

    def _bound(self, step: Step, queues: Sequence[Queue]) -> Callable[[], Any]:
        action = step.action
        part = self.resources.devices[step.device]
        queue = queues[step.device]
        if isinstance(action, KernelCall):
            kernel = part.programs.kernel(action)
            for position, arg in enumerate(action.args):
                if not isinstance(arg, Array):
                    kernel.set_arg(position, arg)
                elif arg.storage.kind == "feed":
                    self._feed_uses.setdefault(arg.storage, []).append((kernel, position))
                else:
                    kernel.set_arg(position, self.buffer(arg.storage))
            return queue.kernel_call(kernel, action.global_size, action.local_size)
        if isinstance(action, Copy):
            return partial(self._copy, queue, action)
        if isinstance(action, Zero):
            return partial(self._zero, queue, action.target)
        if isinstance(action, Transfer):
            return partial(self._transfer, action, queues)
        if isinstance(action, HostCall):
            return partial(self._host_call, action, queues)
        if isinstance(action, AskInitialized):
            return partial(self._ask, action, queue)
        if isinstance(action, Checkpoint):
            return partial(self._checkpoint, queues)
        raise errors.InternalError(None, step.op, f"No step of kind {type(action).__name__} is known")

    def _now(self, storage: Storage) -> Any:
        return self._feed_now[storage] if storage.kind == "feed" else self.buffer(storage)

    def _copy(self, queue: Queue, action: Copy) -> Any:
        source, target = self._now(action.source.storage), self._now(action.target.storage)
        return queue.copy(target, source, action.nbytes, action.target_offset, action.source_offset)

    def _zero(self, queue: Queue, target: Array) -> Any:
        return queue.zero(self._now(target.storage), target.nbytes)

    def _transfer(self, action: Transfer, queues: Sequence[Queue]) -> Any:
        """Copies between devices: both queues have reached this point before, and go on after it."""
        source, target = action.source.storage, action.target.storage
        here, there = queues[source.device], queues[target.device]
        ready = here.marker()
        if here.device.context is there.device.context:
            done = there.copy(self._now(target), self._now(source), action.source.nbytes, wait_for=[ready])
            there.flush()
            here.wait_for([done])
            return done
        host = np.empty(action.source.nbytes, np.uint8)
        here.read(host, self._now(source))
        return there.write(self._now(target), host)

    def _read(self, array: Array, queue: Queue) -> np.ndarray:
        out = np.empty(array.shape, array.dtype.np_dtype)
        if out.nbytes:
            queue.read(out, self._now(array.storage))
        return out

    def _host_call(self, action: HostCall, queues: Sequence[Queue]) -> None:
        """Calls an operation of the host; its inputs are read behind what the same queues compute."""
        values = [self.held(v) if isinstance(v, Held) else v for v in action.inputs]
        values = [self._read(v, queues[v.storage.device]) if isinstance(v, Array) else v for v in values]
        op = action.op
        try:
            results = op.definition.compute(*values)
        except errors.OpError as error:
            if error.op is None:
                error.op = op
                error.message = f"{error.message} {describe(op, self.stage.shapes.get(op))}"
                error.args = (error.message,)
            raise
        except Exception as error:
            error.add_note(f"raised in {op.type} {op.name!r}, {at_line(op)}")
            raise
        for tensor, result, array in zip(op.outputs, results, action.outputs, strict=True):
            result = np.asarray(result, order="C")
            if array is None:
                self.produced[tensor] = result
            elif array.nbytes:
                queues[array.storage.device].write(self.buffer(array.storage), result)

    def held(self, value: Held) -> np.ndarray:
        """A string tensor's value in the latest run."""
        found = self.produced if value.tensor in self.produced else self._fed
        return found[value.tensor].reshape(value.shape)

    def _ask(self, action: AskInitialized, queue: Queue) -> Any:
        memory = self.resources.variables.get(action.variable)
        answer = np.array([memory is not None and memory.initialized])
        return queue.write(self.buffer(action.target.storage), answer)

    def _checkpoint(self, queues: Sequence[Queue]) -> None:
        """Waits for the queues that the checks are in, and raises for the first failure that one reported.

        Raises:
          OpError: of the kind the operation names.
        """
        for index in self.devices_used:
            part = self.resources.devices[index]
            report = np.empty(ERROR_SLOTS, np.int32)
            queues[index].read(report, part.report)
            if report[0]:
                queues[index].write(part.report, np.zeros(ERROR_SLOTS, np.int32))
                raise self.complaint(report)

    def complaint(self, report: np.ndarray) -> Exception:
        """The error for what a check reported."""
        op = self.stage.checks[int(report[1])]
        kind, text = op.definition.complaint(int(report[0]), int(report[2]), int(report[3]))
        return kind(None, op, f"{text} {describe(op, self.stage.shapes.get(op))}")

    @property
    def staged(self) -> int:
        """Bytes of the memory through which feeds reach the devices."""
        return sum(Staging.bytes_for(s.nbytes) for places in self.feeds.values() for s in places)

    # Running

    def run(self, feeds: dict[Tensor, np.ndarray]) -> None:
        """Starts the stage's work with these feeds; what needs no waiting has not finished on return."""
        self._prepare(feeds)
        last: deque[Any] = deque(maxlen=1)
        interrupt = start_all(self._calls, (self._host_call, self._checkpoint), last)
        try:
            self._note_flight(last[0] if last else None)
        finally:
            if interrupt is not None:
                raise interrupt

    def _note_flight(self, last: Any) -> None:
        """Notes that the steps, of which the last one gave `last`, are in flight, and waits where too many are."""
        resources = self.resources
        self._landed = True
        if self._waits:
            return
        if len(self.devices_used) == 1 and last is not None:
            done = [last]
            resources.devices[self.devices_used[0]].queue.flush()
        else:
            done = [resources.devices[index].queue.marker() for index in self.devices_used]
        if done:
            for staging in self._staging.values():
                staging.used_until(done)
            self._flight.append(done)
            if len(self._flight) > self._ahead:
                self._catch_up()

    def _catch_up(self) -> None:
        """Waits for the first of the runs in flight, and finds from how long that takes how many there may be."""
        runs, begin = len(self._flight), time.perf_counter()
        for event in self._flight.popleft():
            event.wait()
        each = (time.perf_counter() - begin) / runs
        self._ahead = int(max(FEWEST_IN_FLIGHT, min(MOST_IN_FLIGHT, TIME_IN_FLIGHT / max(each, 1e-9))))

    def _prepare(self, feeds: dict[Tensor, np.ndarray]) -> None:
        resources = self.resources
        for part in resources.devices:
            if part.side_work:  # an interrupt came between
                part.end_side_work()
        self._follow_memory()
        self.produced = {}
        self._fed = {t: feeds[t] for t in self._strings if t in feeds}
        for tensor, places in self.feeds.items():
            value = feeds[tensor]
            for storage in places:
                staging = self._staging.get(storage)
                if staging is None:
                    part = resources.devices[storage.device]
                    staging = Staging(part.device, part.queue, value.nbytes, value.dtype, value.shape)
                    self._staging[storage] = staging
                buffer = staging.put(value)
                if self._feed_now.get(storage) is not buffer:
                    self._feed_now[storage] = buffer
                    for kernel, position in self._feed_uses.get(storage, ()):
                        kernel.set_arg(position, buffer)

    def _follow_memory(self) -> None:
        """Binds the stage anew where the devices' arenas have become other memory."""
        if any(g != p.arena.generation for g, p in zip(self._generations, self.resources.devices, strict=True)):
            self._bind()
            self._feed_now = {}

    def run_traced(self, feeds: dict[Tensor, np.ndarray]) -> list[tuple[Step, int, int]]:
        """Runs the stage on queues that keep time, and waits.

        Returns:
          For each step its start and end in nanoseconds of the device's clock (of the host's for host operations).
        """
        parts = self.resources.devices
        self._landed = False
        self._follow_memory()  # which gives up what was bound for tracing
        if not self._traced:
            queues = [part.profiling_queue for part in parts]
            self._traced = [self._bound(step, queues) for step in self.stage.steps[self.stage.once :]]
            self._feed_now = {}
        self._prepare(feeds)
        for part in parts:
            part.queue.finish()
        clock, found = time.perf_counter_ns, deque[Any]()
        calls = [clock, *chain.from_iterable((call, clock) for call in self._traced)]
        try:
            interrupt = start_all(calls, (self._host_call, self._checkpoint), found)
        finally:
            for part in parts:  # before anything else goes into the other queues
                part.profiling_queue.finish()
        if interrupt is not None:
            raise interrupt
        hosts, events = list(found)[::2], list(found)[1::2]
        steps = self.stage.steps[self.stage.once :]
        return [
            (step, *(hosts[k : k + 2] if event is None else Queue.times(event)))
            for k, (step, event) in enumerate(zip(steps, events, strict=True))
        ]

    def read(self, array: Array, length: int | None = None) -> np.ndarray:
        """The array's value on the host, or its first `length` rows."""
        if self._landed and array.storage in self._landings:
            return self._landings[array.storage].value(array.shape, array.dtype.np_dtype)
        out = self._read(array, self.resources.devices[array.storage.device].queue)
        return out if length is None else np.ascontiguousarray(out[:length])


def _arrays_of(action: Any) -> list[Array]:
    if isinstance(action, KernelCall):
        return [a for a in action.args if isinstance(a, Array)]
    if isinstance(action, (Copy, Transfer)):
        return [action.source, action.target]
    if isinstance(action, HostCall):
        return [a for a in (*action.inputs, *action.outputs) if isinstance(a, Array)]
    return []


def written_by(action: Any) -> list[Storage]:
    """The memory that a command of a queue writes."""
    if isinstance(action, KernelCall):
        return [action.args[i].storage for i in action.writes]
    return [action.target.storage] if isinstance(action, (Copy, Zero)) else []


def describe(op: Operation, shapes: Sequence[Dims] | None = None) -> str:
    """An operation for messages: its type, name, inputs with shapes (in this run, if given), and the user's line."""
    known = [*(shapes or ()), *(t.dims for t in op.inputs[len(shapes or ()) :])]
    given = ", ".join(f"{t.name} {show(dims)}" for t, dims in zip(op.inputs, known, strict=True))
    return f"[in {op.type} {op.name!r} of {given}, {at_line(op)}]"


def uninitialized(op: Operation) -> errors.FailedPreconditionError:
    """The error for reading a variable that has no value."""
    return errors.FailedPreconditionError(
        None,
        op,
        f"Attempting to use uninitialized variable {op.name!r}; run tf.initialize_all_variables() or its initializer "
        f"first [{at_line(op)}]",
    )
