"""Reducing numbers where they lie: statistics, histograms and pictures of variables and of what was observed.

All is put into the session's queues and comes to the host by itself; nothing waits. The kernels are those of
kernels_cl/inspect.cl; what was asked for once is kept with its kernels' arguments set, and costs a few commands the next time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.runtime.arrival import Arrival
from graphlab_nb.runtime.buffer import new_buffer
from graphlab_nb.runtime.device import Device
from graphlab_nb.session.executor import uninitialized
from graphlab_nb.session.reductions import Reduction, launch_means, launch_picked, means_type
from graphlab_nb.session.resources import Numbers, Resources
from graphlab_nb.session.statistics import Histogram, Statistics, histogram_of, statistics_of

MOST_REDUCTIONS = 16
"""Sets of tensors that a session keeps what it needs for statistics of."""
MOST_BINS = 4096
"""Bins of a histogram: a work-group's local memory must hold them."""
MOST_PICKED = 16384
"""Numbers that are copied out one by one."""

Result = TypeVar("Result")


class Pending(Generic[Result]):
    """A result on its way to the host. Dropping it before it is `ready` waits until it is."""

    def __init__(self, arrival: Arrival, finish: Callable[[], Result]):
        self._arrival = arrival
        self._finish = finish

    def ready(self) -> bool:
        """Whether the result is there; asks and waits for nothing."""
        return self._arrival.ready()

    def result(self) -> Result:
        """The result; waits where it is not `ready`."""
        self._arrival.wait()
        return self._finish()


@dataclass(frozen=True)
class Summary:
    """What `Inspector.summaries` tells of one tensor."""

    statistics: Statistics
    histogram: Histogram | None


@dataclass(frozen=True)
class Section:
    """A matrix within a tensor.

    Attributes:
      offset: position of its first number in the tensor.
      rows, columns: how many there are.
      down, across: how far neighbours in a column, and in a row, lie apart.
    """

    offset: int
    rows: int
    columns: int
    down: int
    across: int


def section(
    shape: Sequence[int],
    axes: Sequence[int] = (),
    index: Sequence[int] = (),
    rows: tuple[int, int] | None = None,
    columns: tuple[int, int] | None = None,
) -> Section:
    """A part of a matrix within a tensor.

    Args:
      shape: the tensor's.
      axes: the two dimensions that lie along rows' and columns' numbers: axes[0] is counted down, axes[1] across. One alone is
        across; none, of a single number, is a matrix of one. By default the last two.
      index: a position in each of the other dimensions, in their order; zeros by default.
      rows, columns: the part, from and to; the whole by default. What lies outside is left out.

    Raises:
      ValueError: axes or positions that the tensor does not have.
    """
    rank = len(shape)
    axes = tuple(axes) or tuple(range(rank))[-2:]
    others = [k for k in range(rank) if k not in axes]
    index = tuple(index) or (0,) * len(others)
    if len(set(axes)) != len(axes) or len(axes) > 2 or not all(0 <= a < rank for a in axes):
        raise ValueError(f"A tensor of {rank} dimensions has no axes {axes} for a matrix")
    if len(index) != len(others) or not all(0 <= i < shape[k] for i, k in zip(index, others, strict=True)):
        raise ValueError(f"{index} is no position in the dimensions {others} of shape {tuple(shape)}")
    steps = [math.prod(shape[k + 1 :]) for k in range(rank)]
    offset = sum(i * steps[k] for i, k in zip(index, others, strict=True))
    (length, down), (width, across) = [(1, 0)] * (2 - len(axes)) + [(shape[a], steps[a]) for a in axes]
    row, column = rows or (0, length), columns or (0, width)
    row = max(row[0], 0), min(row[1], length)
    column = max(column[0], 0), min(column[1], width)
    offset += row[0] * down + column[0] * across
    return Section(offset, max(row[1] - row[0], 0), max(column[1] - column[0], 0), down, across)


class Inspected(Protocol):
    """What an inspector looks at: a session, or devices alone."""

    _lock: threading.RLock
    _resources: Resources

    @property
    def _closed(self) -> bool: ...


class Bench:
    """Devices on which numbers are looked at that are no session's.

    Args:
      devices: some of this process.
    """

    _closed = False

    def __init__(self, devices: list[Device]):
        self._lock = threading.RLock()
        self._resources = Resources(devices)

    def forget_before(self, version: int) -> None:
        """Lets go what was kept for the next look, where numbers have moved since: their `version` is another one."""
        self._resources.shapes_version = version


class Inspector:
    """Reduces a session's variables, and what was observed in it, on its devices.

    To be used while nothing else runs in the session, or at the point before a run. What is asked for is an `Operation` that is
    a variable, a tensor that is a variable's memory, or `Numbers` from `Observation.numbers`.
    """

    def __init__(self, session: Inspected):
        self._session = session

    def statistics(self, targets: Sequence[Any]) -> Pending[list[Statistics]]:
        """Statistics of tensors, in their order."""
        pending = self.summaries(targets)
        return Pending(pending._arrival, lambda: [s.statistics for s in pending.result()])

    def histogram(
        self, target: Any, bins: int = 1024, limits: tuple[float, float] | None = None
    ) -> Pending[tuple[Statistics, Histogram]]:
        """A tensor's statistics and a histogram, from its least to its greatest finite number where no limits are given."""
        pending = self.summaries([target], bins, None if limits is None else [limits])

        def finish() -> tuple[Statistics, Histogram]:
            (summary,) = pending.result()
            assert summary.histogram is not None
            return summary.statistics, summary.histogram

        return Pending(pending._arrival, finish)

    def summaries(
        self, targets: Sequence[Any], bins: int = 0, limits: Sequence[tuple[float, float]] | None = None
    ) -> Pending[list[Summary]]:
        """Statistics of tensors and, with `bins`, histograms.

        Args:
          targets: the tensors, of any types and on any of the session's devices.
          bins: how many, up to `MOST_BINS`; none by default.
          limits: for each tensor where the first bin begins and the last one ends; by default its least and greatest number.

        Raises:
          FailedPreconditionError: for a variable that has no value.
          ValueError: for too many bins, or limits that are no range.
        """
        if not 0 <= bins <= MOST_BINS:
            raise ValueError(f"A histogram may have up to {MOST_BINS} bins, not {bins}")
        for low, high in limits or ():
            if not (math.isfinite(low) and math.isfinite(high) and low <= high):
                raise ValueError(f"({low}, {high}) are no limits of a histogram")
        with self._session._lock:
            found = [self._numbers(target) for target in targets]
            copies, rows = [], []
            for device in sorted({n.device for n in found}):
                mine = [k for k, n in enumerate(found) if n.device == device]
                reduction = self._reduction(device, [found[k] for k in mine], bins)
                records, counts = reduction.start(None if limits is None else [limits[k] for k in mine])
                copies += [(reduction.queue, reduction.results, records)]
                if bins:
                    copies += [(reduction.queue, reduction.histograms, counts)]
                rows += [
                    (k, records[place], counts[place], layout)
                    for k, place, layout in zip(mine, reduction.order, reduction.layout, strict=True)
                ]
            arrival = Arrival(copies)

        def finish() -> list[Summary]:
            out = []
            for k, record, count, layout in sorted(rows, key=lambda row: row[0]):
                numbers = found[k]
                statistics = statistics_of(record, math.prod(numbers.shape), numbers.dtype, layout)
                given = None if limits is None else limits[k]
                out.append(Summary(statistics, histogram_of(count, statistics, given) if bins else None))
            return out

        return Pending(arrival, finish)

    def picture(self, target: Any, part: Section, block: tuple[int, int] = (1, 1)) -> Pending[np.ndarray]:
        """Means of blocks of a matrix, `[ceil(rows / block[0]), ceil(columns / block[1])]`.

        They are float32, and float64 where the numbers have more digits than that, on a device that has it. A block with a NaN
        has the mean NaN.

        Args:
          target: the tensor.
          part: the matrix; `section` finds it.
          block: rows and columns of a block.

        Raises:
          FailedPreconditionError: for a variable that has no value.
          ValueError: for blocks without a number.
        """
        if min(block) < 1:
            raise ValueError(f"A block has at least one row and one column, not {block}")
        with self._session._lock:
            numbers = self._numbers(target)
            resources = self._session._resources.devices[numbers.device]
            kind = means_type(resources.device.traits, numbers.dtype)
            out = np.zeros((math.ceil(part.rows / block[0]), math.ceil(part.columns / block[1])), kind)
            buffer = new_buffer(resources.device, out.nbytes, "a picture")
            if out.size:
                launch_means(resources, self._kernels, buffer, numbers, part, block)
            return Pending(Arrival([(resources.queue, buffer, out)]), lambda: out)

    def picked(self, target: Any, lengths: Sequence[int], steps: Sequence[int], offset: int = 0) -> Pending[np.ndarray]:
        """Numbers of a tensor as they are, of its type, in an array of shape `lengths`.

        Args:
          target: the tensor.
          lengths: how many there are along up to four dimensions.
          steps: how far neighbours along each lie apart in the tensor.
          offset: position of the first one.

        Raises:
          FailedPreconditionError: for a variable that has no value.
          ValueError: for more than `MOST_PICKED` numbers or four dimensions, or positions outside of the tensor.
        """
        count = math.prod(lengths)
        if len(lengths) > 4 or len(steps) != len(lengths) or not 0 <= count <= MOST_PICKED:
            raise ValueError(f"Up to {MOST_PICKED} numbers along four dimensions can be picked, not {tuple(lengths)}")
        with self._session._lock:
            numbers = self._numbers(target)
            ends = [(n - 1) * step for n, step in zip(lengths, steps, strict=True)]
            first, last = offset + sum(min(e, 0) for e in ends), offset + sum(max(e, 0) for e in ends)
            if count and not 0 <= first <= last < math.prod(numbers.shape):
                raise ValueError(f"Positions {first} to {last} are not in a tensor of shape {numbers.shape}")
            out = np.zeros(tuple(lengths), numbers.dtype.np_dtype)
            resources = self._session._resources.devices[numbers.device]
            buffer = new_buffer(resources.device, out.nbytes, "numbers that were picked")
            if count:
                launch_picked(resources, self._kernels, buffer, numbers, lengths, steps, offset)
            return Pending(Arrival([(resources.queue, buffer, out)]), lambda: out)

    def shape(self, target: Any) -> tuple[int, ...]:
        """The shape of what may be asked for."""
        found: tuple[int, ...] = target.shape if hasattr(target, "shape") else self._numbers(target).shape
        return found

    def _numbers(self, target: Any) -> Numbers:
        if self._session._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if isinstance(target, Numbers):
            numbers = target
        else:
            op = target.op if isinstance(target, Tensor) else target
            if not isinstance(op, Operation):
                op = target.op  # a `tf.Variable`
            memory = self._session._resources.variables.get(op)
            if memory is None or not memory.initialized:
                raise uninitialized(op)
            numbers = self._session._resources.numbers(op)
        part = self._session._resources.devices[numbers.device]
        if part.side_work:  # an interrupt came between
            part.end_side_work()
        if numbers.dtype.c_type is None:
            raise TypeError(f"There is nothing to count in numbers of type {numbers.dtype.name}")
        return numbers

    @property
    def _kernels(self) -> dict[Any, Any]:
        kept: dict[Any, Any] = self._session._resources.looks.setdefault("kernels", {})
        return kept

    def _reduction(self, device: int, targets: list[Numbers], bins: int) -> Reduction:
        """What is needed for statistics of these, kept from the last time."""
        resources = self._session._resources
        version, kept = resources.looks.get("reductions", (-1, {}))
        if version != resources.shapes_version:  # variables may have other memory by now, and theirs is to be free
            version, kept = resources.looks["reductions"] = (resources.shapes_version, {})
        key = (device, bins, tuple([(id(n.buffer), n.dtype, n.shape) for n in targets]))
        found: Reduction | None = kept.pop(key, None)
        if found is None:
            found = Reduction(resources.devices[device], targets, bins)
        while len(kept) >= MOST_REDUCTIONS:
            del kept[next(iter(kept))]
        kept[key] = found  # the latest used comes last
        return found
