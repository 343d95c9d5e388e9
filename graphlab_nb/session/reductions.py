"""The calls of the kernels of kernels_cl/inspect.cl."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab_nb.dtypes import DType
from graphlab_nb.launch import DeviceTraits, KernelCall
from graphlab_nb.ops.lanes import shares
from graphlab_nb.runtime.buffer import constant_buffer, local_memory, new_buffer
from graphlab_nb.session.resources import DeviceResources, Numbers
from graphlab_nb.session.statistics import SLOTS

if TYPE_CHECKING:
    from graphlab_nb.session.inspect import Section

FILE = "inspect.cl"
BUFFERS = 8
"""Buffers that one call takes."""
LEAST_PART = 1 << 14
"""Numbers that a work-group takes at least, where a buffer has so many."""
STRIP = 512
"""Columns whose sums fit into a part of a processor's first cache."""
WIDE = {"float16": "float", "float32": "float", "float64": "double", "int32": "int", "uint32": "uint", "int64": "long",
        "uint64": "ulong"}  # fmt: skip
LIMITS = {
    "float": ("-INFINITY", "INFINITY"), "double": ("(-(double)INFINITY)", "((double)INFINITY)"),
    "int": ("INT_MIN", "INT_MAX"), "uint": ("0", "UINT_MAX"), "long": ("LONG_MIN", "LONG_MAX"), "ulong": ("0", "ULONG_MAX"),
}  # fmt: skip


Kept = dict[tuple[int, str, DType], Any]
"""Kernels by device, name and type of numbers."""


def sums_type(traits: DeviceTraits) -> Any:
    """The type of sums: float64 where the device has it."""
    return np.float64 if "float64" in traits.dtypes else np.float32


def scale_of(traits: DeviceTraits, dtype: DType) -> float:
    """What numbers are multiplied by before they are added up: squares of 64-bit integers are too large for float32."""
    return 2.0**-32 if dtype.is_integer and dtype.size == 8 and sums_type(traits) is np.float32 else 1.0


def means_type(traits: DeviceTraits, dtype: DType) -> Any:
    """The type of pictures' means: float32 where the numbers themselves are no wider, or the device has no other."""
    wide = dtype.size == 8 or (dtype.is_integer and dtype.size == 4)
    return sums_type(traits) if wide else np.float32


def _defines(traits: DeviceTraits, dtype: DType) -> dict[str, Any]:
    wide = WIDE.get(dtype.name, "int")
    large = wide in ("double", "long", "ulong")
    double = sums_type(traits) is np.float64
    low, high = LIMITS[wide]
    lanes = traits.lanes if traits.is_cpu else 1
    found: dict[str, Any] = {
        "T": dtype.c_type,
        "W": wide,
        "ACC": "double" if double else "float",
        "M": "long" if large else "int",
        "ACC_M": "long" if double else "int",
        "MEAN": "double" if means_type(traits, dtype) is np.float64 else "float",
        "LEAST": low,
        "MOST": high,
        "LANES": max(lanes // 2, 1) if large else lanes,
        "GROUP": _group(traits),
        "STRIP": STRIP,
        "CHUNK": 256 if traits.is_cpu else 16,
    }
    if dtype.is_floating:
        found["FLOATING"] = None
    if wide == "double":
        found["POWERS"] = None
    if scale_of(traits, dtype) != 1:
        found["SCALE"] = f"{scale_of(traits, dtype)}f"
    return found


def _group(traits: DeviceTraits) -> int:
    """Work-items of a group: a power of two, as many as have room for what they join."""
    if traits.is_cpu:
        return 1
    return 1 << (min(128, traits.max_work_group).bit_length() - 1)


def _parts(traits: DeviceTraits, count: int) -> int:
    """Into how many parts a buffer is cut."""
    return max(1, min(traits.compute_units * 8, math.ceil(count / LEAST_PART)))


class Reduction:
    """Statistics and histograms of some tensors on one device, ready to be started.

    Attributes:
      queue: into which they are put.
      results: a record for each tensor.
      histograms: counts of bins for each tensor.
      order: for each tensor its place among the results, which are ordered by type.
      layout: for each tensor the NumPy type of sums and what numbers were multiplied by before.
    """

    def __init__(self, part: DeviceResources, targets: Sequence[Numbers], bins: int):
        self.queue = part.queue
        traits = part.device.traits
        self.layout = [(sums_type(traits), scale_of(traits, n.dtype)) for n in targets]
        self._part = part
        self._bins = bins
        self._targets = targets  # kernels hold no memory that their arguments name; and it is found again by these
        placed = sorted(range(len(targets)), key=lambda k: targets[k].dtype.name)
        self.order = [placed.index(k) for k in range(len(targets))]
        self._rows = [targets[k] for k in placed]
        self._cut()
        rows, device = max(len(targets), 1), part.device
        self.results = new_buffer(device, rows * SLOTS * 8, "statistics")
        self.histograms = new_buffer(device, rows * bins * 4, "histograms")
        self._records = new_buffer(device, len(self._table) * SLOTS * 8, "statistics")
        self._counts = new_buffer(device, len(self._table) * bins * 4, "histograms")
        self._limits: Any = None
        self._range_kernels: list[Any] = []
        self._calls = self._bind()

    def _cut(self) -> None:
        """Makes the table of parts: which buffer of its call, from, to, and row."""
        traits = self._part.device.traits
        table, firsts = [], [0]
        by_type: dict[DType, int] = {}
        for row, numbers in enumerate(self._rows):
            slot = by_type.get(numbers.dtype, 0)
            by_type[numbers.dtype] = slot + 1
            count = math.prod(numbers.shape)
            parts = _parts(traits, count)
            length = math.ceil(count / parts / 64) * 64
            table += [(slot % BUFFERS, k, min(k + length, count), row) for k in range(0, count, length or 1)]
            firsts.append(len(table))
        self._table = np.array(table, np.int64).reshape(-1, 4)
        self._firsts = np.array(firsts, np.int64)

    def _bind(self) -> list[Callable[[], Any]]:
        part, context = self._part, self._part.device.context
        parts, firsts = self._tables = [constant_buffer(context, table) for table in (self._table, self._firsts)]
        group = _group(part.device.traits)
        reductions: list[Callable[[], Any]] = []
        joins: list[Callable[[], Any]] = []
        histograms: list[Callable[[], Any]] = []
        start = 0
        while start < len(self._rows):
            dtype = self._rows[start].dtype
            alike = sum(numbers.dtype is dtype for numbers in self._rows)
            defines = _defines(part.device.traits, dtype)
            for k in range(start, start + alike, BUFFERS):
                rows = self._rows[k : min(k + BUFFERS, start + alike)]
                buffers = [n.buffer for n in rows] + [rows[0].buffer] * (BUFFERS - len(rows))
                first, last = int(self._firsts[k]), int(self._firsts[k + len(rows)])
                size = ((last - first) * group,), (group,)
                args = [self._records, parts, *buffers, np.int64(first)]
                reductions += self._call("statistics", defines, args, *size)
                if self._bins:
                    counted: list[Any] = [self._counts, parts, *buffers, np.int64(first), self.results, self.results]
                    counted += [np.int32(0), np.int32(self._bins), local_memory(4 * (self._bins + 1))]
                    histograms += self._call("histogram", defines, counted, *size, ranged=True)
            args = [self.results, self._records, firsts, np.int64(start)]
            joins += self._call("join_statistics", defines, args, (alike * group,), (group,))
            start += alike
        if self._bins and self._rows:
            args = [self.histograms, self._counts, firsts, np.int32(self._bins)]
            local = (1, 1) if part.device.traits.is_cpu and self._bins <= 64 else None
            histograms += self._call("join_histogram", defines, args, (self._bins, len(self._rows)), local)
        return [*reductions, *joins, *histograms]

    def _call(
        self,
        name: str,
        defines: dict[str, Any],
        args: Sequence[Any],
        size: tuple[int, ...],
        local: tuple[int, ...] | None,
        ranged: bool = False,
    ) -> list[Callable[[], Any]]:
        """The command as a function; none where there is no work-item."""
        if not math.prod(size):
            return []
        kernel = self._part.programs.kernel(KernelCall(FILE, name, (), size, local, defines))
        for position, arg in enumerate(args):
            kernel.set_arg(position, arg)
        if ranged:
            self._range_kernels.append(kernel)
        return [self.queue.kernel_call(kernel, size, local)]

    def start(self, limits: Sequence[tuple[float, float]] | None) -> tuple[np.ndarray, np.ndarray]:
        """Puts the commands into the queue.

        Args:
          limits: of each tensor's histogram; None takes the least and the greatest numbers.

        Returns:
          Arrays to be filled from `results` and `histograms`.
        """
        rows = len(self._rows)
        if self._bins and (limits is not None or self._limits is not None):
            self._limits = None
            if limits is not None:
                ordered = np.zeros((max(rows, 1), 2), sums_type(self._part.device.traits))
                ordered[self.order] = limits
                self._limits = constant_buffer(self._part.device.context, ordered)
            position = 3 + BUFFERS
            for kernel in self._range_kernels:
                kernel.set_arg(position + 1, self.results if self._limits is None else self._limits)
                kernel.set_arg(position + 2, np.int32(self._limits is not None))
        for call in self._calls:
            call()
        return np.zeros((rows, SLOTS), np.int64), np.zeros((rows, self._bins), np.uint32)


def launch_means(
    part: DeviceResources, kernels: Kept, out: Any, numbers: Numbers, section: Section, block: tuple[int, int]
) -> None:
    """Puts in the command that writes means of blocks of a section, row by row."""
    rows, columns = (math.ceil(n / b) for n, b in zip((section.rows, section.columns), block, strict=True))
    lines = [(section.rows, section.down, block[0], columns), (section.columns, section.across, block[1], 1)]
    if section.down < section.across and section.rows > 1:
        lines.reverse()  # along memory
    traits = part.device.traits
    (high, down, tall, out_down), (wide, across, broad, out_across) = lines
    if traits.is_cpu and across == 1 and broad <= STRIP // 4:
        strip = STRIP // broad * broad
        items, each = shares(traits, math.ceil(high / tall) * math.ceil(wide / strip), tall * strip)
        scalars = [section.offset, high, wide, down, tall, broad, out_down, out_across, strip, each]
        args = [out, numbers.buffer, *map(np.int64, scalars)]
        _start(part, kernels, numbers, "narrow_block_means", args, items, (1,))
        return
    items, each = (rows * columns, 1) if not traits.is_cpu else shares(traits, rows * columns, block[0] * block[1])
    scalars = [section.offset, high, wide, down, across, tall, broad, out_down, out_across, each]
    local = (1,) if traits.is_cpu else None
    _start(part, kernels, numbers, "block_means", [out, numbers.buffer, *map(np.int64, scalars)], items, local)


def launch_picked(
    part: DeviceResources,
    kernels: Kept,
    out: Any,
    numbers: Numbers,
    lengths: Sequence[int],
    steps: Sequence[int],
    offset: int,
) -> None:
    """Puts in the command that copies numbers along up to four dimensions."""
    lengths, steps = [1] * (4 - len(lengths)) + list(lengths), [0] * (4 - len(steps)) + list(steps)
    args = [out, numbers.buffer, *map(np.int64, [offset, *lengths[1:], *steps])]
    _start(part, kernels, numbers, "picked", args, math.prod(lengths), None)


def _start(
    part: DeviceResources,
    kernels: Kept,
    numbers: Numbers,
    name: str,
    args: Sequence[Any],
    items: int,
    local: tuple[int, ...] | None,
) -> None:
    key = (numbers.device, name, numbers.dtype)
    kernel = kernels.get(key)
    if kernel is None:
        call = KernelCall(FILE, name, (), (items,), local, _defines(part.device.traits, numbers.dtype))
        kernel = kernels[key] = part.programs.kernel(call)
    for position, arg in enumerate(args):
        kernel.set_arg(position, arg)
    part.queue.kernel_call(kernel, (items,), local)()
