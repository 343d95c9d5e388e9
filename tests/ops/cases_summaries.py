"""Cases of ops/summaries.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.graph.build import apply, constant
from graphlab_nb.ops.summaries import LIMITS, BucketSummary, limits_for
from tests.ops.case import Case, case


def record(values: np.ndarray) -> np.ndarray:
    """What kernels_cl/summary.cl says of a record, in float64."""
    wide = values.astype(np.float64).ravel()
    finite = wide[np.isfinite(wide)]
    ends = np.array([finite.min(initial=np.inf), finite.max(initial=-np.inf)])
    integer = values.dtype.kind in "iu"
    if integer:
        whole = values.astype(np.int64)
        none = np.iinfo(np.int32)
        ends = np.array([whole.min(initial=none.max), whole.max(initial=none.min)], np.int64)
    sums = np.array([finite.sum(), (finite**2).sum()])
    counts = np.bincount(np.searchsorted(LIMITS, finite, "right"), minlength=len(LIMITS))
    odd = [np.isnan(wide).sum(), np.isinf(wide).sum()]
    return np.concatenate([odd, ends if integer else ends.view(np.int64), sums.view(np.int64), counts]).astype(np.int64)


def recorded(values: Any) -> Any:
    return apply(BucketSummary(), [values, constant(limits_for(values.dtype.base_dtype)[1])])


def exact(*shape: int, dtype: Any = np.float32) -> np.ndarray:
    """Numbers whose sums are the same in any order."""
    return (np.random.RandomState(5).randint(-4000, 4000, shape) / 8).astype(dtype)


ODD = np.array([1, np.nan, -np.inf, np.inf, np.nan, np.nan, -2, 0], np.float32)

CASES: list[Case] = [
    case("BucketSummary", recorded, [exact(3, 7)], record, grad=False, why="counts have no gradient",
         also=[[np.zeros((0, 2), np.float32)], [exact(1)], [exact(70_001)], [ODD], [np.full(5, np.nan, np.float32)],
               [exact(40_000, dtype=np.int32)], [exact(9, dtype=np.int16)], [np.zeros(0, np.int32)]]),
]  # fmt: skip

ELSEWHERE = dict.fromkeys(
    ["ScalarSummary", "HistogramSummary", "ImageSummary", "MergeSummary"], "tests/summary/test_summaries.py"
)
