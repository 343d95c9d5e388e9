"""Runs one op's `launch` directly on an OpenCL device, without a graph or session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyopencl as cl

from graphlab_nb import dtypes
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.compiler.rows import launch_rows
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.launch import POSITION, Array, DeviceTraits, KernelCall
from graphlab_nb.runtime import choice, device
from graphlab_nb.runtime.program import Programs


@dataclass(frozen=True)
class Found:
    """A device that works: its platform's name, the `pyopencl.Device`, and its traits."""

    name: str
    cl_device: Any
    traits: DeviceTraits


class DirectLauncher:
    """A `Launcher` that runs each call when it is described."""

    _programs: dict[Any, tuple[Any, Programs]] = {}

    def __init__(self, found: Found, traits: DeviceTraits | None = None):
        self.found = found
        self.traits = traits or found.traits
        self.pooled = POSITION
        key = found.name, self.traits.dtypes
        if key not in self._programs:
            context = cl.Context([found.cl_device])
            self._programs[key] = context, Programs(context, found.cl_device, self.traits)
        self.context, self.programs = self._programs[key]
        self.queue = cl.CommandQueue(self.context)
        self.values: dict[int, Any] = {}
        self.calls: list[tuple[str, Any]] = []
        self._buffers: dict[int, tuple[Any, Any]] = {}

    def buffer(self, array: Array) -> Any:
        """The array's memory, with a guard of NaN behind it so that reads past the end are seen in results."""
        storage = array.storage
        if id(storage) not in self._buffers:
            size = max(storage.nbytes, 4)
            made = cl.Buffer(self.context, cl.mem_flags.READ_WRITE, size)
            cl.enqueue_fill_buffer(self.queue, made, np.float32(np.nan), 0, size // 4 * 4)
            self._buffers[id(storage)] = made, storage
        return self._buffers[id(storage)][0]

    def put(self, value: np.ndarray) -> Array:
        """A NumPy array as an array of the device."""
        value = np.ascontiguousarray(value)
        array = Array(value.shape, dtypes.as_dtype(value.dtype))
        if value.size:
            cl.enqueue_copy(self.queue, self.buffer(array), value)
        return array

    def get(self, array: Array) -> np.ndarray:
        """An array of the device as a NumPy array."""
        value = np.empty(array.shape, array.dtype.np_dtype)
        if value.size:
            cl.enqueue_copy(self.queue, value, self.buffer(array))
        return value

    def kernel(self, file: str, kernel: str, args: Sequence[Any], global_size: Sequence[int], local_size: Any = None,
               defines: Any = None, writes: Any = None, prefix: str = "", finish: Any = None, start: Any = None) -> None:  # fmt: skip
        if 0 in global_size:
            return
        written = (0,) if writes is None else tuple(writes)
        call_of = KernelCall(
            file, kernel, tuple(args), tuple(global_size), local_size, dict(defines or {}), prefix, written
        )
        made = self.programs.kernel(call_of)
        made.set_args(*[self.buffer(a) if isinstance(a, Array) else a for a in args])
        call = made, tuple(global_size), None if local_size is None else tuple(local_size)
        self.calls.append((kernel, call))
        cl.enqueue_nd_range_kernel(self.queue, *call)

    def work(self, flops: int) -> None:
        pass

    def copy(
        self, source: Array, target: Array, source_offset: int = 0, target_offset: int = 0, nbytes: int = -1
    ) -> None:
        nbytes = source.nbytes if nbytes < 0 else nbytes
        cl.enqueue_copy(self.queue, self.buffer(target), self.buffer(source), byte_count=nbytes,
                        src_offset=source_offset, dst_offset=target_offset)  # fmt: skip

    def zero(self, target: Array) -> None:
        cl.enqueue_fill_buffer(self.queue, self.buffer(target), np.uint8(0), 0, target.nbytes)

    def scratch(self, shape: Sequence[int], dtype: Any) -> Array:
        return Array(shape, dtype)

    def counter(self) -> Array:
        return self.put(np.zeros(2, np.uint32))

    def report(self, code: int) -> Any:
        raise NotImplementedError("no kernel tested here checks data")

    def value(self, position: int) -> Any:
        return self.values[position]

    def repeat(self) -> None:
        """Runs the calls described so far once more, for timing."""
        for _, call in self.calls:
            cl.enqueue_nd_range_kernel(self.queue, *call)


def devices() -> list[Found]:
    """All OpenCL devices of this machine that work, also those that sessions leave to a better runtime."""
    inventory = device.discover()
    unasked = [r for r in inventory.reports if r.works is None and r.kind in ("CPU", "GPU")]
    choice.judge(unasked)
    return [Found(r.platform, r.cl_device, device._traits(r.kind, r)) for r in inventory.reports if r.works]


@dataclass(frozen=True)
class Choice:
    """A device, and whether it is treated as a GPU whatever it is."""

    found: Found
    gpu: bool

    def make(self) -> DirectLauncher:
        """A launcher of its own."""
        return DirectLauncher(self.found, as_gpu(self.found.traits) if self.gpu else None)

    def __str__(self) -> str:
        return f"{self.found.name.split()[0]}-{'GPU' if self.gpu else 'CPU'}"


def launchers(kind: str | None = None) -> list[Choice]:
    """Every device that works, CPUs once as they are and once as if they were GPUs; `kind` leaves one shape only."""
    every = [Choice(found, gpu) for found in devices() for gpu in dict.fromkeys((not found.traits.is_cpu, True))]
    return [c for c in every if kind is None or kind == ("GPU" if c.gpu else "CPU")]


def spec_of(value: np.ndarray) -> Spec:
    """What a plan knows of an input: type, shape, and the value of small integer vectors."""
    small = value.dtype.kind in "iu" and value.ndim <= 1
    return Spec(dtypes.as_dtype(value.dtype), value.shape, np.ma.masked_array(value) if small else None)


def run_op(launcher: DirectLauncher, definition: OpDef, *inputs: np.ndarray) -> Any:
    """Infers, launches and reads the outputs of one op; a single output comes alone."""
    found = definition.infer(*[spec_of(v) for v in inputs])
    specs = [found] if isinstance(found, Spec) else list(found)
    launcher.values = {i: inputs[i] for i in definition.value_inputs}
    outputs = [Array(s.dims, s.dtype) for s in specs]
    if definition.rows_only:
        launch_row_op(launcher, definition, [launcher.put(v) for v in inputs], outputs)
    elif all(math.prod(s.dims) for s in specs):
        definition.launch(launcher, [launcher.put(v) for v in inputs], outputs)
    results = [launcher.get(o) for o in outputs]
    return results[0] if len(results) == 1 else results


def launch_row_op(
    launcher: DirectLauncher, definition: OpDef, inputs: Sequence[Array], outputs: Sequence[Array]
) -> None:
    """Launches the kernel that the compiler writes for an operation on rows."""
    arrays = {Value(Spec(a.dtype, a.shape), "feed", None): a for a in inputs}
    node = Node(None, definition, list(arrays))  # type: ignore[arg-type]
    for array in outputs:
        node.outputs.append(Value(Spec(array.dtype, array.shape), "node", None, node))
    arrays |= zip(node.outputs, outputs, strict=True)
    group = Group(node, 0)
    group.add(node, 0)
    launch_rows(group, launcher, arrays.__getitem__, node.outputs, lambda op: None)


def as_gpu(traits: DeviceTraits) -> DeviceTraits:
    """The same device treated as a GPU, so that a machine without one runs the GPU's kernels too."""
    if not traits.is_cpu:
        return traits
    return replace(traits, kind="GPU", lanes=1, compute_units=8)
