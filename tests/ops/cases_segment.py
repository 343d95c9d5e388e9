"""Cases of ops/segment.py."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops.segment import SegmentDivide, SegmentRows
from tests.ops.case import Case, apart, case, integers, normal, positive

IDS = np.array([0, 0, 1, 3, 3, 3], np.int32)
ANY = np.array([[2, 0], [2, 4], [0, 0]], np.int64)


def segments(reduce: Callable[..., np.ndarray], empty: float = 0.0) -> Callable[..., np.ndarray]:
    """The reference of a segment reduction."""

    def reference(data: np.ndarray, ids: np.ndarray) -> np.ndarray:
        rows = int(ids[-1]) + 1 if len(ids) else 0
        out = np.full((rows, *data.shape[1:]), empty, data.dtype)
        for s in set(ids.tolist()):
            out[s] = reduce(data[ids == s], axis=0)
        return out

    return reference


def summed(data: np.ndarray, ids: np.ndarray, rows: int = 5) -> np.ndarray:
    out = np.zeros((rows, *data.shape[ids.ndim :]), data.dtype)
    np.add.at(out, ids, data)
    return out


def divided(x: np.ndarray, ids: np.ndarray) -> np.ndarray:
    counts = np.bincount(ids, minlength=len(x)).reshape(-1, *[1] * (x.ndim - 1))
    return np.where(counts > 0, x / np.maximum(counts, 1), 0)


def running(
    x: np.ndarray, axis: int, product: bool = False, exclusive: bool = False, reverse: bool = False
) -> np.ndarray:
    x = np.flip(x, axis) if reverse else x
    out = (np.cumprod if product else np.cumsum)(x, axis, dtype=x.dtype)
    if exclusive and x.shape[axis]:
        first = np.full_like(np.take(x, [0], axis), int(product))
        out = np.concatenate([first, np.delete(out, -1, axis)], axis)
    return np.flip(out, axis) if reverse else out


EMPTY = [np.zeros((0, 3), np.float32), np.zeros(0, np.int32)]

CASES: list[Case] = [
    case("SegmentRows", lambda i: apply(SegmentRows(), [i]), [IDS], lambda i: np.int32(i[-1] + 1 if i.size else 0), grad=False,
         why="the result is a whole number", also=[[np.zeros(0, np.int64)], [np.array([7], np.int64)]]),
    case("SegmentSum", tf.segment_sum, [normal(6, 3), IDS], segments(np.sum),
         also=[EMPTY, [integers(6), IDS], [normal(1, 1), np.array([2], np.int64)], [normal(6, 0), IDS]]),
    case("SegmentMean", tf.segment_mean, [normal(6, 3), IDS], segments(np.mean), also=[EMPTY]),
    case("SegmentDivide", lambda x, i: apply(SegmentDivide(), [x, i]), [normal(4, 3), IDS], divided, also=[EMPTY]),
    case("SegmentProd", tf.segment_prod, [normal(6, 3), IDS], segments(np.prod, 1.0), grad=False,
         why="TensorFlow has no gradient for it", also=[EMPTY, [integers(6), IDS]]),
    case("SegmentMax", tf.segment_max, [apart(6, 3), IDS], segments(np.max), also=[EMPTY, [integers(6), IDS], [-positive(6, 2), IDS]]),
    case("SegmentMin", tf.segment_min, [apart(6, 3), IDS], segments(np.min), also=[EMPTY, [integers(6), IDS], [positive(6, 2), IDS]]),
    case("SegmentSum", lambda d, j, i: tf.sparse_segment_sum(d, j, i), [normal(4, 3), IDS[::-1].copy(), IDS],
         lambda d, j, i: segments(np.sum)(d[j], i)),
    case("SegmentMean", lambda d, j, i: tf.sparse_segment_mean(d, j, i), [normal(4, 3), IDS[::-1].copy(), IDS],
         lambda d, j, i: segments(np.mean)(d[j], i)),
    case("UnsortedSegmentSum", lambda d, i: tf.unsorted_segment_sum(d, i, 5), [normal(3, 2, 3), ANY], summed,
         also=[[normal(0, 3), np.zeros(0, np.int32)], [integers(3, 2), ANY], [normal(1, 1), np.zeros((1, 1), np.int32)],
               [normal(700, 33), integers(700, low=0, high=5)]]),
    case("Cumsum", tf.cumsum, [normal(5, 3)], lambda x: np.cumsum(x, 0),
         also=[[normal(0, 3)], [normal(3, 0)], [normal(1, 1)], [integers(50, dtype=np.int64)], [normal(60000)]]),
    case("Cumsum", lambda x: tf.cumsum(x, -1, exclusive=True, reverse=True), [normal(2, 4, 3)], lambda x: running(x, -1, False, True, True),
         also=[[integers(40000)], [normal(1)]]),
    case("Cumsum", lambda x: tf.cumsum(x, 1, exclusive=True), [normal(2, 4, 3)], lambda x: running(x, 1, False, True),
         also=[[integers(2, 20000, 3)]]),
    case("Cumprod", lambda x: tf.cumprod(x, 1), [positive(3, 4, 2)], lambda x: np.cumprod(x, 1), also=[[normal(2, 0)], [integers(3, 5, low=-2, high=3)]]),
    case("Cumprod", lambda x: tf.cumprod(x, exclusive=True, reverse=True), [positive(5)], lambda x: running(x, 0, True, True, True)),
]  # fmt: skip
