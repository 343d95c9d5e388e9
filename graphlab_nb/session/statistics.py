"""What is known of many numbers in few: statistics and histograms, as they come from a device."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.dtypes import DType

SLOTS = 10
"""Numbers of 8 bytes in a record; kernels_cl/inspect.cl says which."""
INTERNAL = {"float16": np.float32, "float32": np.float32, "float64": np.float64, "int32": np.int32, "uint32": np.uint32,
            "int64": np.int64, "uint64": np.uint64}  # fmt: skip
"""The type that numbers of a type are compared in on a device; int32 for smaller ones."""


@dataclass(frozen=True)
class Statistics:
    """Statistics of a tensor's numbers; NaN and infinities are counted and left out of everything else.

    Only where infinities are all that there is beside NaN, they are told of as NumPy does: the mean of plus infinities is plus
    infinity, that of both signs NaN, the deviation is NaN and the norm is infinite.

    Attributes:
      count: how many numbers there are.
      mean, deviation, min, max: of the finite ones (the deviation divides by their number); NaN where all are NaN.
      norm: the square root of the sum of their squares; NaN where there are numbers and all are NaN.
      zeros, negative, nan, inf: how many are zero (of either sign), finite and below zero, NaN, infinite (of either sign).
    """

    count: int
    mean: float
    deviation: float
    min: float
    max: float
    norm: float
    zeros: int
    negative: int
    nan: int
    inf: int

    def row(self) -> list[float]:
        """The numbers but for the count, in the order of the attributes."""
        return [self.mean, self.deviation, self.min, self.max, self.norm, self.zeros, self.negative, self.nan, self.inf]


@dataclass(frozen=True)
class Histogram:
    """How many numbers lie in equal bins from `low` to `high`, both included.

    Attributes:
      low, high: where the first bin begins and the last one ends; NaN where no number is finite.
      counts: uint32.
    """

    low: float
    high: float
    counts: np.ndarray

    def quantile(self, share: float) -> float:
        """The number below which this share of those counted lies, as far as bins tell; NaN where none was."""
        total = int(self.counts.sum(dtype=np.int64))
        if not total:
            return math.nan
        sums = np.cumsum(self.counts, dtype=np.int64)
        at = int(np.searchsorted(sums, share * total))
        at = min(at, len(sums) - 1)
        inside = (share * total - (sums[at] - self.counts[at])) / max(int(self.counts[at]), 1)
        # In two steps, since high - low may be beyond the largest number.
        place = (at + min(max(inside, 0.0), 1.0)) / len(sums)
        return self.low * (1 - place) + self.high * place


def statistics_of(record: np.ndarray, count: int, dtype: DType, layout: tuple[Any, float]) -> Statistics:
    """What a record says.

    Args:
      record: SLOTS int64, some of which hold other types' bytes.
      count: how many numbers were looked at.
      dtype: the numbers' type.
      layout: the NumPy type of sums on the device, and what numbers were multiplied by before they were added up.
    """
    finite, zeros, negative, nan = (int(n) for n in record[:4])
    below, power = int(record[8]), int(record[9])
    if not finite:
        infinite = count - nan
        least = most = mean = math.nan
        if infinite:
            least, most = -math.inf if below else math.inf, math.inf if infinite > below else -math.inf
            mean = least + most  # NaN of infinities of both signs
        norm = 0.0 if not count else math.inf if infinite else math.nan
        return Statistics(count, mean, math.nan, least, most, norm, zeros, negative, nan, infinite)
    sums, scale = layout
    mean, squares = (float(record[k : k + 1].view(sums)[0]) for k in (4, 5))
    mean, squares = mean / scale, squares / scale**2
    least, most = (float(record[k : k + 1].view(INTERNAL.get(dtype.name, np.int32))[0]) for k in (6, 7))
    deviation = _times_power(math.sqrt(squares / finite), power)
    norm = _times_power(math.hypot(math.sqrt(squares), math.sqrt(finite) * mean), power)
    mean = _times_power(mean, power)
    return Statistics(count, mean, deviation, least, most, norm, zeros, negative, nan, count - finite - nan)


def _times_power(number: float, power: int) -> float:
    """A number times a power of 2, infinite where that is beyond the largest number."""
    try:
        return math.ldexp(number, power)
    except OverflowError:
        return math.copysign(math.inf, number)


def histogram_of(counts: np.ndarray, statistics: Statistics, given: tuple[float, float] | None) -> Histogram:
    """The histogram whose bins hold `counts`, over the range that was `given` or that of the numbers."""
    low, high = given if given is not None else (statistics.min, statistics.max)
    if not math.isfinite(low):
        low = high = math.nan
    if low == high:
        apart = max(0.5, abs(low) * 2.0**-20)
        low, high = low - apart, high + apart
    return Histogram(low, high, counts)
