"""Runs one op's `launch` directly on an OpenCL device, without a graph, compiler or session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyopencl as cl

from graphlab_nb import dtypes
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.launch import Array, DeviceTraits

KERNELS = Path(__file__).resolve().parents[2] / "kernels_cl"


def traits_of(device: Any) -> DeviceTraits:
    """A device's traits as pyopencl tells them, enough for kernels' tests."""
    names = {"float32", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}
    names |= {"float64"} if "cl_khr_fp64" in device.extensions else set()
    names |= {"float16"} if "cl_khr_fp16" in device.extensions else set()
    cpu = bool(device.type & cl.device_type.CPU)
    lanes = max(4, device.native_vector_width_float) if cpu else 1
    return DeviceTraits(
        kind="CPU" if cpu else "GPU",
        lanes=lanes,
        vector_registers=32 if lanes == 16 else 16,
        compute_units=device.max_compute_units,
        max_work_group=device.max_work_group_size,
        local_memory=device.local_mem_size,
        dtypes=frozenset(names),
    )


class DirectLauncher:
    """A `Launcher` that runs each call when it is described."""

    _programs: dict[Any, Any] = {}

    def __init__(self, device: Any, traits: DeviceTraits | None = None):
        self.device = device
        self.traits = traits or traits_of(device)
        self.context = cl.Context([device])
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
               defines: Any = None, writes: Any = None, prefix: str = "") -> None:  # fmt: skip
        if 0 in global_size:
            return
        options = [f"-D{k}" + ("" if v is None else f"={v}") for k, v in sorted((defines or {}).items())]
        key = self.context, file, tuple(options), prefix
        if key not in self._programs:
            source = prefix + (KERNELS / file).read_text()
            build = [*options, "-cl-mad-enable", "-I", str(KERNELS / "include")]
            self._programs[key] = cl.Program(self.context, source).build(build)
        made = cl.Kernel(self._programs[key], kernel)
        made.set_args(*[self.buffer(a) if isinstance(a, Array) else a for a in args])
        call = made, tuple(global_size), None if local_size is None else tuple(local_size)
        self.calls.append((kernel, call))
        cl.enqueue_nd_range_kernel(self.queue, *call)

    def copy(self, source: Array, target: Array, source_offset: int = 0, target_offset: int = 0, nbytes: int = -1) -> None:
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


def devices() -> list[Any]:
    """All OpenCL devices of this machine."""
    return [device for platform in cl.get_platforms() for device in platform.get_devices()]


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
    if all(math.prod(s.dims) for s in specs):
        definition.launch(launcher, [launcher.put(v) for v in inputs], outputs)
    results = [launcher.get(o) for o in outputs]
    return results[0] if len(results) == 1 else results


def as_gpu(traits: DeviceTraits) -> DeviceTraits:
    """The same device treated as a GPU, so that a machine without one runs the GPU's kernels too."""
    return replace(traits, kind="GPU", lanes=1, compute_units=8)
