"""The words that ops, compiler and runtime share to say what a device shall do.

An op's `launch` describes kernel calls in these words and touches no device: it runs when a plan is made, not at each
step. The compiler then plans memory for the arrays, and the runtime binds the calls to buffers once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphlab_nb.dtypes import DType

ERROR_SLOTS = 4
"""Number of int32 in a plan's error report: code of the check (0: none), operation's index, and two values."""


STREAMED = 1 << 25
"""Bytes from which on CPUs write results past their caches: about what the last of these holds. A store into a cache first
reads the line from memory, a third of a copy's traffic; but of a smaller result the next kernel finds much in the cache."""


@dataclass(frozen=True)
class Tiles:
    """Sizes of a CPU's tiles that were measured to be best (`graphlab-nb tune`); 0 leaves one to what is best as a rule.

    Attributes:
      rows: rows of a register tile of 4-byte elements.
      vectors: vectors in a row of it.
      longest: steps of k in a product's packed block, at most.
      block_bytes: bytes of a product's packed block.
    """

    rows: int = 0
    vectors: int = 0
    longest: int = 0
    block_bytes: int = 0


@dataclass(frozen=True)
class DeviceTraits:
    """What a plan needs to know of a device, as plain data.

    Attributes:
      kind: "CPU" or "GPU": whose kernels it takes, by its type or, in tests, by GLNB_FORM.
      lanes: float32 lanes that a vector register holds (16 with AVX-512, 8 with AVX2, 4 with NEON); 1 on a GPU.
      vector_registers: vector registers a CPU work-item may use for accumulators before it spills (32 or 16).
      compute_units: cores or multiprocessors.
      max_work_group: largest number of work-items in a work-group.
      local_memory: bytes of local memory that a work-group may have.
      global_memory: bytes of the device's memory.
      max_allocation: bytes of the largest single buffer.
      alignment: bytes to which a sub-buffer's offset must be a multiple.
      any_order: whether it takes commands to run side by side.
      dtypes: names of element types it computes with (float16 and float64 only where the device has them).
      tiles: what was measured of tiles' sizes.
    """

    kind: str
    lanes: int = 8
    vector_registers: int = 16
    compute_units: int = 2
    max_work_group: int = 256
    local_memory: int = 32 * 1024
    global_memory: int = 4 << 30
    max_allocation: int = 1 << 30
    alignment: int = 128
    any_order: bool = True
    dtypes: frozenset[str] = frozenset(
        {"float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}
    )
    tiles: Tiles = Tiles()

    @property
    def is_cpu(self) -> bool:
        """Whether kernels should take the shape for CPUs: few big work-items that loop over register tiles."""
        return self.kind == "CPU"

    def streams(self, nbytes: int) -> bool:
        """Whether a result of so many bytes, of which nothing is read before, is better written past the caches."""
        return self.is_cpu and nbytes >= STREAMED


class Array:
    """A contiguous row-major tensor in a device's memory, known by what it is rather than where.

    Attributes:
      shape: full shape.
      dtype: element type, never a reference type.
      size: number of elements.
      nbytes: bytes it takes.
      storage: the `Storage` that holds it; several arrays (a tensor and its reshape) may share one.
    """

    __slots__ = ("dtype", "nbytes", "shape", "size", "storage")

    def __init__(self, shape: Sequence[int], dtype: DType, storage: Storage | None = None):
        self.shape = tuple(shape)
        self.dtype = dtype
        self.size = math.prod(self.shape)
        self.nbytes = self.size * dtype.size
        self.storage = storage if storage is not None else Storage("arena", self.nbytes)

    def reshaped(self, shape: Sequence[int]) -> Array:
        """The same memory seen with another shape of equal size."""
        view = Array(shape, self.dtype, self.storage)
        if view.size != self.size:
            raise ValueError(f"cannot view {self.size} elements of shape {self.shape} as {tuple(shape)}")
        return view

    def __repr__(self) -> str:
        return f"Array({list(self.shape)}, {self.dtype.name}, {self.storage.kind})"


class Storage:
    """A piece of device memory that arrays live in.

    Attributes:
      kind: "arena" (alive between first and last use in the plan), "variable", "constant", "feed", "fixed" (computed once,
        when the plan is bound), "export" (outlives the stage that computes it), "counter" (random numbers' state) or
        "report" (the checks' error report).
      key: what it belongs to (an `Operation` or `Tensor`), None for arena memory.
      nbytes: its size; a plan may place it in a larger one.
      device: index of the device in the session's list, set by placement.
    """

    __slots__ = ("device", "key", "kind", "nbytes")

    def __init__(self, kind: str, nbytes: int, key: Any = None, device: int = 0):
        self.kind = kind
        self.key = key
        self.nbytes = nbytes
        self.device = device


@dataclass(frozen=True)
class KernelCall:
    """One kernel launch.

    Attributes:
      file: the .cl file's name in kernels_cl.
      kernel: the kernel function's name.
      args: arrays and NumPy scalars, in the kernel's order (outputs, inputs, scalars).
      global_size: work-items in each dimension; a multiple of `local_size` where that is given.
      local_size: work-group shape, or None to leave it to the runtime.
      defines: build constants; a value of None defines the bare name.
      prefix: generated source placed before the file (the fused expression of a pointwise kernel).
      writes: positions in `args` that the kernel writes.
    """

    file: str
    kernel: str
    args: tuple[Any, ...]
    global_size: tuple[int, ...]
    local_size: tuple[int, ...] | None = None
    defines: Mapping[str, Any] = field(default_factory=dict)
    prefix: str = ""
    writes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Finish:
    """How a kernel stores its op's final results, each once, through the macros of include/finish.clh.

    Attributes:
      columns: length of the rows that the results come in; 0 where they come as neighbours, wherever rows end.
      lanes: elements of a vector.
      rows: whether it has whole rows, of a few vectors, and hands them to a program of include/rows.clh.
      overlaps: whether some results are stored twice, so that nothing may be read where others are written.
    """

    columns: int
    lanes: int
    rows: bool = False
    overlaps: bool = False


@dataclass(frozen=True)
class Start:
    """How a kernel reads its op's first input, through the macros of include/start.clh.

    Attributes:
      position: the input's place among the arguments.
      columns: length of the rows that it is read in.
      lanes: elements of a vector.
    """

    position: int
    columns: int
    lanes: int


Window = tuple[int, int, int]
"""Depth, height and width of the windows that are pooled."""

POSITION: Window = (1, 1, 1)
"""The window of one position: nothing is pooled."""


class Launcher(Protocol):
    """What an op's `launch` receives as `run`.

    Attributes:
      traits: the device's.
      pooled: the windows over which results are pooled where they are stored; only of operations that said they do that
        (`OpDef.pools`) it is another than `POSITION`.
    """

    traits: DeviceTraits
    pooled: Window

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
        """Adds a kernel launch.

        `writes` defaults to the first argument alone; a launch of no work-item is dropped. With `finish` the kernel stores
        results by include/finish.clh, and more than that may be done there: then its arguments and prefix grow. With
        `start` it reads an input by include/start.clh, which may be computed there: then other arguments take its place.
        """

    def copy(
        self, source: Array, target: Array, source_offset: int = 0, target_offset: int = 0, nbytes: int = -1
    ) -> None:
        """Adds a copy of `nbytes` (default: all of the source) bytes between arrays of this device."""

    def zero(self, target: Array) -> None:
        """Adds a fill of the whole array with zero bytes."""

    def scratch(self, shape: Sequence[int], dtype: DType) -> Array:
        """Uninitialised memory for this op's launch alone."""

    def counter(self) -> Array:
        """Two uint32 of this op's own that hold the number of its runs in this session; they grow by one after each run."""

    def report(self, code: int) -> tuple[Array, Any]:
        """The error report and this op's index in it, for kernels that check data; see include/check.clh."""

    def work(self, flops: int) -> None:
        """Tells profiles how many floating-point operations the next kernel stands for."""

    def value(self, position: int) -> Any:
        """The NumPy value of the input at `position`, one of the op's `value_inputs`."""
