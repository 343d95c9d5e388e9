"""Emission: each node's launch becomes kernel calls on arrays, with the arrays' lifetimes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.finish import Finisher
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.memory import plan_memory, too_big
from graphlab_nb.compiler.overlap import overlapping, times
from graphlab_nb.compiler.parts import Parts, launch_parts
from graphlab_nb.compiler.plan import (
    AskInitialized,
    Checkpoint,
    Copy,
    Held,
    HostCall,
    Node,
    PlanDevice,
    Stage,
    Step,
    Transfer,
    Value,
    Zero,
)
from graphlab_nb.compiler.pointwise import launch_group
from graphlab_nb.compiler.repeats import Repeats
from graphlab_nb.compiler.rows import launch_rows
from graphlab_nb.compiler.start import Starter
from graphlab_nb.dtypes import DType, int32, uint32
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.launch import ERROR_SLOTS, POSITION, Array, DeviceTraits, Finish, KernelCall, Start, Storage
from graphlab_nb.ops.lanes import shares
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.state import IsVariableInitialized

FEW_ITEMS = 256
"""Work-items to a processor's core up to which each is a share of the work. Such ones are groups of their own: some compilers
make vectors of the work-items of a group, which suits elements, and not loops of different lengths."""


class TransferDef(OpDef):
    """Moves a tensor to another device; the compiler puts it where an input lives elsewhere than its operation."""

    def infer(self, x: Spec) -> Spec:
        return x


class Recorder:
    """The `Launcher` that records what an operation's launch describes, as steps of a stage."""

    def __init__(self, stage: Stage, devices: Sequence[PlanDevice]):
        self.stage = stage
        self.devices = devices
        self.device = 0
        self.traits: DeviceTraits = devices[0].traits
        self.uses: dict[Storage, list[int]] = {}
        self.values: Sequence[Value] = ()
        self.fused: tuple[Operation, ...] = ()
        self.finisher: Finisher | None = None
        self.starter: Starter | None = None
        self.pooled = POSITION
        self.repeats = Repeats()
        self._scratch: set[Storage] = set()
        self._flops = 0
        self._op: Operation | None = None
        self._report: dict[int, Storage] = {}
        self._counters: dict[Operation, Storage] = {}

    def begin(self, op: Operation, device: int) -> None:
        """What follows is done for `op` on the device of that index."""
        self._op = op
        self.device = device
        self.traits = self.devices[device].traits

    def add(self, action: Any, arrays: Sequence[Array], device: int | None = None) -> None:
        """Adds a step that touches `arrays`."""
        position = len(self.stage.steps)
        where = self.device if device is None else device
        self.stage.steps.append(Step(action, self._op, where, self.fused, self._flops))
        self._flops = 0
        for array in arrays:
            self.touch(array.storage, position)

    def touch(self, storage: Storage, position: int) -> None:
        """Notes that a step uses the storage."""
        self.uses.setdefault(storage, []).append(position)

    def kernel(
        self,
        file: str,
        kernel: str,
        args: Sequence[Any],
        global_size: Sequence[int],
        local_size: Sequence[int] | None = None,
        defines: Mapping[str, Any] | None = None,
        writes: Sequence[int] | None = None,
        prefix: str = "",
        finish: Finish | None = None,
        start: Start | None = None,
    ) -> None:
        if math.prod(global_size) == 0:
            return
        args = [self.repeats.current(a) if isinstance(a, Array) else a for a in args]
        writes = list(writes) if writes is not None else [0]
        if (
            local_size is None
            and self.traits.is_cpu
            and math.prod(global_size) <= FEW_ITEMS * self.traits.compute_units
        ):
            local_size = (1,) * len(global_size)
        finished = None
        if finish is not None and self.finisher is not None and args[0].storage is self.finisher.target:
            finished = self.finisher(finish)
        if finished is not None:
            more, prefix, changed = finished
            writes += range(len(args), len(args) + changed)
            args += more
        if start is not None and self.starter is not None and args[start.position].storage is self.starter.source:
            more, started = self.starter(start)
            writes = [w if w < start.position else w + len(more) - 1 for w in writes]
            args[start.position : start.position + 1] = more
            prefix = started + prefix
        call = KernelCall(
            file,
            kernel,
            tuple(args),
            tuple(int(n) for n in global_size),
            None if local_size is None else tuple(int(n) for n in local_size),
            dict(defines or {}),
            prefix,
            tuple(writes),
        )
        assert self._op is not None
        target = args[0].storage
        if call.writes == (0,) and target in self._scratch and target not in self.uses:
            if self.repeats.holds(call, self.device):
                self._flops = 0
                return
        self.repeats.wrote(args[i].storage for i in writes)
        self.stage.launches.append((self._op, call))
        self.add(call, [a for a in args if isinstance(a, Array)])

    def copy(
        self, source: Array, target: Array, source_offset: int = 0, target_offset: int = 0, nbytes: int = -1
    ) -> None:
        nbytes = source.nbytes - source_offset if nbytes < 0 else nbytes
        if nbytes:
            source, target = self.repeats.current(source), self.repeats.current(target)
            self.repeats.wrote([target.storage])
            self.add(Copy(source, target, source_offset, target_offset, nbytes), [source, target])

    def zero(self, target: Array) -> None:
        if target.nbytes:
            target = self.repeats.current(target)
            if self.traits.streams(target.nbytes):
                lines, rest = divmod(target.nbytes, 64)
                items, each = shares(self.traits, lines, 16)
                self.kernel("zeros.cl", "zeros", [target, np.int64(lines), np.int32(rest), np.int64(each)], (items,), (1,),
                            {"STREAM": None})  # fmt: skip
                return
            self.repeats.wrote([target.storage])
            self.add(Zero(target), [target])

    def scratch(self, shape: Sequence[int], dtype: DType) -> Array:
        array = Array(shape, dtype)
        array.storage.device = self.device
        self._scratch.add(array.storage)
        return array

    def counter(self) -> Array:
        assert self._op is not None
        storage = self._counters.get(self._op)
        if storage is None:
            storage = self._counters[self._op] = Storage("counter", 8, self._op, self.device)
            self.stage.counters.append(self._op)
        return Array((2,), uint32, storage)

    def counter_device(self, op: Operation) -> int:
        """Index of the device that holds the counter of `op`."""
        return self._counters[op].device

    def report(self, code: int) -> tuple[Array, Any]:
        assert self._op is not None
        storage = self._report.get(self.device)
        if storage is None:
            storage = self._report[self.device] = Storage("report", 4 * ERROR_SLOTS, None, self.device)
        if not self.stage.checks or self.stage.checks[-1] is not self._op:
            self.stage.checks.append(self._op)
        return Array((ERROR_SLOTS,), int32, storage), np.int32(len(self.stage.checks) - 1)

    def work(self, flops: int) -> None:
        self._flops = flops

    def value(self, position: int) -> Any:
        found = self.values[position].spec.full_value()
        if found is None:
            raise errors.InternalError(None, self._op, f"The value of input {position} of {self._op} is not known")
        return found


def held(value: Value) -> Held:
    """Where the host finds a string."""
    return Held(value.root.key, value.spec.shape)


class Emitter:
    """Turns ordered nodes and groups into a stage's steps."""

    def __init__(self, stage: Stage, devices: Sequence[PlanDevice], counts: bool = True):
        self.stage = stage
        self.devices = devices
        self._counts = counts
        self.run = Recorder(stage, devices)
        self._arrays: dict[tuple[Value, int], Array] = {}
        self._unchecked = False
        self.exported: set[Value] = set()
        self.fixed: set[Value] = set()
        self.last_user: dict[Value, Node | Group] = {}
        self.begun: list[int] = []
        self.apart: list[Node | Group] = []  # what these leave in memory is not relied on

    def array(self, value: Value, device: int) -> Array:
        """The array of `value` as an input or output on the device."""
        root = value.root
        key = (root, -1 if root.source in ("node", "variable", "export") else device)
        array = self._arrays.get(key)
        if array is None:
            array = Array(root.spec.shape, root.spec.dtype, self._storage(root, device))
            self._arrays[key] = array
        return array if array.shape == value.spec.dims else array.reshaped(value.spec.shape)

    def _storage(self, root: Value, device: int) -> Storage:
        nbytes = math.prod(root.spec.shape) * root.spec.dtype.size
        if root.source == "node":
            if root in self.exported:
                return Storage("export", nbytes, root.key, device)
            if root in self.fixed:
                return Storage("fixed", nbytes, root.key, device)
            return Storage("arena", nbytes, root.key, device)
        if root.source == "constant":
            return Storage("constant", nbytes, root, device)
        storage = Storage(root.source, nbytes, root.key, device)
        if root.source == "variable":
            storage = self.stage.variables.setdefault(root.key, storage)
        return storage

    def emit(self, items: Sequence[Node | Group | Parts], used_outside: dict[Group, list[Value]]) -> None:
        """Adds the steps of all items, in order, and the random counters' advance."""
        self.run.repeats = Repeats()  # what earlier stretches leave in memory may not be there in each run
        self.begun, usual = [], self.run.repeats
        for item in items:
            self.begun.append(len(self.stage.steps))
            self.run.repeats = Repeats() if item in self.apart else usual
            node = item if isinstance(item, Node) else item.last
            self.run.begin(node.op, item.device)
            members = [node] if isinstance(item, Node) else item.members
            if self._unchecked and any(m.definition.writes for m in members):
                self.run.add(Checkpoint(), [])
                self._unchecked = False
            if isinstance(item, Parts):
                begin = partial(self.run.begin, device=item.device)
                self.run.fused = tuple(member.op for member in members)
                launch_parts(item, self.run, partial(self.array, device=item.device), used_outside, begin)
                self.run.fused = ()
            elif isinstance(item, Group):
                self._emit_group(item, used_outside[item])
            else:
                self._emit_node(node)
            reports = any(m.definition.checks and not m.definition.host for m in members)
            self._unchecked = self._unchecked or reports
        if self._unchecked:
            self.run.add(Checkpoint(), [])
        for op in self.stage.counters if self._counts else ():
            self.run.begin(op, self.run.counter_device(op))
            self.run.kernel("counter.cl", "advance", [self.run.counter()], (1,), (1,))

    def _emit_group(self, item: Group, stored: list[Value]) -> None:
        """Adds the kernel of a group, or of its host with the group at its end if the host's kernel takes it."""
        array_of = partial(self.array, device=item.device)
        take_place = partial(self._take_place, item)
        self.run.fused = tuple(member.op for member in item.members)
        if item.host is not None:
            finisher = None
            if item.nodes or item.pool is not None:
                self._lend_memory(item, stored)
                finisher = self.run.finisher = Finisher(item, array_of, stored, take_place)
            if item.pool is not None:
                self.run.pooled = item.windows
            if item.start is not None:
                self.run.starter = Starter(item.start, item.host.inputs[0], array_of)
            self.run.begin(item.host.op, item.device)
            self._emit_node(item.host)
            assert self.run.starter is None or self.run.starter.used, item.host.op
            assert item.pool is None or (finisher is not None and finisher.used), item.host.op
            self.run.finisher = self.run.starter = None
            self.run.pooled = POSITION
            stored = [value for value in stored if value is not item.host.outputs[0]]
            if finisher is None or finisher.used:
                self.run.fused = ()
                return
            self.run.begin(item.last.op, item.device)
        self.run.fused = tuple(member.op for member in item.nodes)
        begin = partial(self.run.begin, device=item.device)
        if item.by_rows:
            launch_rows(item, self.run, array_of, stored, begin)
        else:
            launch_group(item, self.run, array_of, stored, begin, take_place)
        self.run.fused = ()

    def _lend_memory(self, item: Group, stored: Sequence[Value]) -> None:
        """Lets sums that become a group's output be in the output's memory until then, and those that are pooled nowhere."""
        assert item.host is not None
        sums = item.host.outputs[0]
        if item.pool is not None:
            maxima = self.array(item.pool.outputs[0], item.device)
            self._arrays[(sums, -1)] = Array(sums.spec.shape, sums.spec.dtype, maxima.storage)
            return
        if sums in stored or item.by_rows:
            return
        for output in stored:
            fresh = output.source == "node" and output.root is output and (output, -1) not in self._arrays
            if fresh and output.spec.dtype is sums.spec.dtype and output.spec.dims == sums.spec.dims:
                storage = self.array(output, item.device).storage
                self._arrays[(sums, -1)] = Array(sums.spec.shape, sums.spec.dtype, storage)
                self.last_user.pop(sums, None)  # it is not to be had once more
                return

    def _take_place(self, item: Group, output: Value, read: Value) -> bool:
        """Lets a group's output have the memory of an input that nothing reads any more; says whether it does."""
        root = read.root
        if root.source != "node" or root in self.fixed or self.last_user.get(root) is not item:
            return False
        if output.source != "node" or output.root is not output or output in self.exported or output in self.fixed:
            return False
        key, mine = (root, -1), (output, -1)
        if mine in self._arrays or root.spec.size_in_bytes != output.spec.size_in_bytes:
            return False
        self._arrays[mine] = Array(output.spec.shape, output.spec.dtype, self._arrays[key].storage)
        del self.last_user[root]
        return True

    def _emit_node(self, node: Node) -> None:
        definition = node.definition
        if isinstance(definition, TransferDef):
            home = node.inputs[0].root.device
            source = self.array(node.inputs[0], node.device if home is None else home)
            target = self.array(node.outputs[0], node.device)
            if source.nbytes:
                self.run.repeats.wrote([target.storage])
                self.run.add(Transfer(source, target), [source, target])
            return
        if definition.host:
            self._emit_host(node)
            return
        outputs = [self.array(v, node.device) for v in node.outputs]
        if isinstance(definition, IsVariableInitialized):
            self.run.repeats.wrote(a.storage for a in outputs)
            self.run.add(AskInitialized(node.inputs[0].root.key, outputs[0]), outputs)
            return
        self.run.values = node.inputs
        unread = (*definition.shape_inputs, *definition.value_inputs)
        inputs = [
            Array(v.spec.shape, v.spec.dtype, Storage("shape", 0)) if i in unread else self.array(v, node.device)
            for i, v in enumerate(node.inputs)
        ]
        if definition.dynamic:
            sizes = Array((len(outputs),), int32, Storage("export", 4 * len(outputs), node.op, node.device))
            for i, value in enumerate(node.outputs):
                self.stage.sizes[value.key] = (sizes, i)
            definition.launch(self.run, inputs, [*outputs, sizes])
            return
        if all(a.size == 0 for a in outputs) and outputs:
            # An operation with a kernel of its own may have to check its inputs all the same.
            if isinstance(definition, Elementwise) or not definition.checks:
                return
        shared = definition.alias([v.spec for v in node.inputs], node.outputs[0].spec) if len(outputs) == 1 else None
        if shared is not None:  # kept from sharing memory: a snapshot of a variable that changes in this stage
            self.run.copy(inputs[shared], outputs[0])
            return
        definition.launch(self.run, inputs, outputs)

    def _emit_host(self, node: Node) -> None:
        inputs: list[Any] = []
        for value in node.inputs:
            literal = value.root.literal
            if literal is None:
                inputs.append(held(value) if value.spec.dtype.on_host else self.array(value, node.device))
            else:
                inputs.append(literal.reshape(value.spec.dims))
        outputs = [
            self.array(v, node.device) if v.spec.known and not v.spec.dtype.on_host else None for v in node.outputs
        ]
        self.run.repeats.wrote(a.storage for a in outputs if a is not None)
        self.run.add(HostCall(node.op, inputs, outputs), [a for a in (*inputs, *outputs) if isinstance(a, Array)])

    def finish(self, kept: Sequence[Array]) -> None:
        """Finds what may run side by side, and plans the arenas' memory; `kept` arrays live to the end.

        Raises:
          ResourceExhaustedError: when the plan needs more than a device has.
        """
        for array in kept:
            self.run.touch(array.storage, len(self.stage.steps))
        self.stage.blocks = overlapping(self.stage, self.devices)
        if self.stage.blocks and not self._fits(self._plan_memory()):
            self.stage.blocks = []  # one after the other takes less
        plans = self._plan_memory()
        for index, device in enumerate(self.devices):
            for storage in self.run.uses:
                if storage.device == index and storage.nbytes > device.traits.max_allocation:
                    raise too_big(
                        device, storage, storage.nbytes, device.traits.max_allocation, "allows for one buffer"
                    )
            if self._need(index, plans) > device.traits.global_memory:
                largest = max(self.run.uses, key=lambda s: s.nbytes if s.device == index else 0)
                raise too_big(device, largest, self._need(index, plans), device.traits.global_memory, "has")
        self.stage.places = [places for places, _ in plans]
        self.stage.arenas = [chunks for _, chunks in plans]

    def _plan_memory(self) -> list[tuple[dict[Storage, tuple[int, int]], list[int]]]:
        """For each device the places of arena storages, and the chunks' sizes."""
        when = times(len(self.stage.steps), self.stage.blocks)
        when.append((len(when), len(when)))
        lifetimes: list[list[tuple[Storage, int, int]]] = [[] for _ in self.devices]
        for storage, positions in self.run.uses.items():
            if storage.kind == "arena":
                first, last = min(when[k][0] for k in positions), max(when[k][1] for k in positions)
                lifetimes[storage.device].append((storage, first, last))
        traits = [d.traits for d in self.devices]
        return [plan_memory(mine, t.alignment, t.max_allocation) for mine, t in zip(lifetimes, traits, strict=True)]

    def _need(self, index: int, plans: Sequence[tuple[Any, list[int]]]) -> int:
        """Bytes that the plan takes of a device."""
        return sum(plans[index][1]) + sum(s.nbytes for s in self.run.uses if s.kind != "arena" and s.device == index)

    def _fits(self, plans: Sequence[tuple[Any, list[int]]]) -> bool:
        return all(self._need(i, plans) <= d.traits.global_memory for i, d in enumerate(self.devices))
