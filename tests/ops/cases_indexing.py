"""Cases of ops/indexing.py and ops/selection.py."""

from __future__ import annotations

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops.indexing import GatherGrad, PartitionedRows
from graphlab_nb.ops.selection import PutLast, TakeLast
from tests.ops.case import Case, apart, booleans, case, integers, normal

WHOLE = "the result is of whole numbers or truth values"


def scattered(indices: np.ndarray, updates: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    out = np.zeros(shape, updates.dtype)
    for place in np.ndindex(indices.shape[:-1]):
        out[tuple(indices[place])] += updates[place]
    return out


def rows_summed(dy: np.ndarray, indices: np.ndarray, rows: int) -> np.ndarray:
    out = np.zeros((rows, *dy.shape[indices.ndim :]), dy.dtype)
    np.add.at(out, indices, dy)
    return out


def largest(x: np.ndarray, k: int) -> list[np.ndarray]:
    order = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return [np.take_along_axis(x, order, -1), order.astype(np.int32)]


def uniques(x: np.ndarray) -> list[np.ndarray]:
    values, first, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    rank = np.argsort(order)
    return [values[order], rank[inverse].astype(np.int32), counts[order].astype(np.int32)]


def difference(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    places = np.flatnonzero(~np.isin(x, y))
    return [x[places], places.astype(np.int32)]


def put(y: np.ndarray, indices: np.ndarray, like: np.ndarray) -> np.ndarray:
    out = np.zeros_like(like)
    np.put_along_axis(out, indices, y, -1)
    return out


PLACES = np.array([[1, 4], [0, 1], [1, 1]], np.int32)
PAIRS = np.array([[1, 2], [0, 0], [1, 2]], np.int64)
APART = np.array([[3, 0], [1, 4]], np.int32)
SCORES = np.array(
    [[0.1, 0.5, 0.5, 0.2], [0.4, 0.3, 0.2, 0.1], [np.nan, 0.3, 0.2, 0.1], [0.0, 0.3, np.inf, 0.1]], np.float32
)
TARGETS = np.array([2, 3, 0, 7], np.int32)

CASES: list[Case] = [
    case("Gather", tf.gather, [normal(5, 3), PLACES], lambda p, i: p[i],
         also=[[integers(6), PLACES[:, 0]], [normal(1, 1), np.zeros((1, 1), np.int64)], [booleans(5, 2), PLACES],
               [normal(5, 3), np.zeros((0, 2), np.int32)], [normal(5, 0), PLACES], [normal(40, 70), integers(900, low=0, high=40)]]),
    case("Gather", lambda p, i: tf.gather(p, i, axis=1), [normal(2, 5, 3), PLACES], lambda p, i: np.take(p, i, 1),
         also=[[normal(2, 5, 3), np.zeros((0, 2), np.int32)]]),
    case("GatherGrad", lambda d, i: apply(GatherGrad(), [d, i, np.zeros((6, 2), np.float32)]), [normal(3, 2, 2), PLACES],
         lambda d, i: rows_summed(d, i, 6), also=[[normal(0, 2), np.zeros(0, np.int64)]]),
    case("GatherNd", tf.gather_nd, [normal(3, 4, 2), PAIRS], lambda p, i: p[tuple(i.T)],
         also=[[normal(3, 4), PAIRS], [integers(3, 4, 5), PAIRS], [normal(3, 4, 0), PAIRS], [normal(3, 4), PAIRS[:0]]]),
    case("ScatterNd", lambda i, u: tf.scatter_nd(i, u, [3, 4, 2]), [PAIRS, normal(3, 2)], lambda i, u: scattered(i, u, (3, 4, 2)),
         also=[[PAIRS[:0], normal(0, 2)], [PAIRS[:1], integers(1, 2)]]),
    case("PartitionedRows", lambda i: apply(PartitionedRows("mod", 3), [i, np.zeros((3, 1)), np.zeros((2, 1)), np.zeros((2, 1))]),
         [np.arange(7, dtype=np.int32)], lambda i: np.array([0, 3, 5, 1, 4, 6, 2])[i].astype(np.int32), grad=False, why=WHOLE,
         also=[[np.zeros((0, 2), np.int32)], [np.array([[6]], np.int32)]]),
    case("PartitionedRows", lambda i: apply(PartitionedRows("div", 2), [i, np.zeros((3, 1)), np.zeros((2, 1))]),
         [np.arange(5, dtype=np.int64)], lambda i: i, grad=False, why=WHOLE),
    case("TopKV2", lambda x: list(tf.nn.top_k(x, 3)), [apart(4, 7)], lambda x: largest(x, 3),
         also=[[integers(3, 2, 9)], [apart(3)], [normal(0, 4)], [normal(2, 300)]]),
    case("TopKV2", lambda x: list(tf.nn.top_k(x, 300)), [apart(2, 310)], lambda x: largest(x, 300), second=False,
         why="the case above differentiates twice", also=[[integers(2, 1000)], [integers(350, dtype=np.int64)]]),
    case("PutLast", lambda y, i: apply(PutLast(), [y, i, np.zeros((2, 5), np.float32)]), [normal(2, 2), APART],
         lambda y, i: put(y, i, np.zeros((2, 5))), also=[[normal(2, 0), np.zeros((2, 0), np.int32)]]),
    case("TakeLast", lambda x, i: apply(TakeLast(), [x, i]), [normal(2, 5), APART], lambda x, i: np.take_along_axis(x, i, -1),
         also=[[normal(0, 5), np.zeros((0, 2), np.int32)], [normal(1, 1), np.zeros((1, 1), np.int32)]]),
    case("InTopK", lambda p, t: tf.nn.in_top_k(p, t, 2), [SCORES, TARGETS], lambda p, t: np.array([True, False, False, False]),
         grad=False, why=WHOLE),
    case("InTopK", lambda p, t: tf.nn.in_top_k(p, t, 1), [SCORES[:2], np.array([2, 0], np.int64)], lambda p, t: np.ones(len(t), bool),
         grad=False, why=WHOLE, also=[[np.zeros((0, 3), np.float32), np.zeros(0, np.int32)]]),
    case("Where", tf.where, [booleans(3, 4, 5)], lambda c: np.argwhere(c).astype(np.int64), grad=False, why=WHOLE,
         also=[[integers(70, 80)], [np.array(True)], [np.zeros((3, 2), bool)], [np.zeros((0, 2), bool)], [booleans(9000)], [np.ones((1, 1), bool)]]),
    case("Unique", lambda x: list(tf.unique(x)), [integers(50, low=0, high=9)], lambda x: uniques(x)[:2], grad=False, why=WHOLE,
         also=[[np.array([3.5], np.float32)], [np.zeros(0, np.int32)], [integers(3000, low=-99, high=99, dtype=np.int64)], [booleans(7)],
               [np.array([1.0, -0.0, 2.0, 0.0, 1.0], np.float32)]]),
    case("UniqueWithCounts", lambda x: list(tf.unique_with_counts(x)), [integers(50, low=0, high=9)], uniques, grad=False, why=WHOLE,
         also=[[np.zeros(0, np.int32)], [np.array([7], np.uint8)]]),
    case("ListDiff", lambda x, y: list(tf.setdiff1d(x, y)), [integers(50), np.array([3, 0, -2], np.int32)], difference, grad=False, why=WHOLE,
         also=[[integers(9), np.zeros(0, np.int32)], [np.zeros(0, np.int32), integers(3)], [np.array([1.5, 2.5], np.float32), np.array([2.5], np.float32)]]),
]  # fmt: skip

ELSEWHERE = {
    "CheckIndices": "tests/ops/test_indexing.py",
    "ScatterUpdate": "tests/ops/test_indexing.py",
    "ScatterAdd": "tests/ops/test_indexing.py",
    "ScatterSub": "tests/ops/test_indexing.py",
}
