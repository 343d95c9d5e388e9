"""Cases of ops/dynamic.py and of the crops of ops/sampling.py."""

from __future__ import annotations

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops.dynamic import DynamicPartitionGrad, StitchedRows
from graphlab_nb.ops.sampling import CropAt, PasteAt
from tests.ops.case import Case, booleans, case, integers, normal

PARTS = np.array([2, 0, 2, 1, 0, 2], np.int32)
ONE, TWO = np.array([4, 0], np.int32), np.array([[1], [4]], np.int32)
AT = np.array([1, 2], np.int32)


def partition(data: np.ndarray, parts: np.ndarray) -> list[np.ndarray]:
    return [data[parts == p] for p in range(3)]


def joined(parts: np.ndarray, *pieces: np.ndarray) -> np.ndarray:
    out = np.zeros((len(parts), *pieces[0].shape[1:]), pieces[0].dtype)
    for p, piece in enumerate(pieces):
        out[parts == p] = piece
    return out


def stitch(a: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    rows = max((int(i.max()) + 1 for i in (a, b) if i.size), default=0)
    out = np.zeros((rows, *x.shape[a.ndim :]), x.dtype)
    out[a] = x
    out[b] = y
    return out


def pasted(y: np.ndarray) -> np.ndarray:
    out = np.zeros((4, 6), y.dtype)
    out[1:3, 2:5] = y
    return out


CASES: list[Case] = [
    case("DynamicPartition", lambda d, p: tf.dynamic_partition(d, p, 3), [normal(6, 2), PARTS], partition,
         also=[[integers(6), PARTS], [normal(1, 1), np.ones(1, np.int32)], [normal(0, 2), np.zeros(0, np.int32)],
               [booleans(2, 3, 4), PARTS.reshape(2, 3)], [normal(5000, 3), integers(5000, low=0, high=3)], [normal(6, 0), PARTS]]),
    case("DynamicPartition", lambda d: tf.dynamic_partition(d, [0, 0], 1), [normal(2, 2)], lambda d: [d]),
    case("DynamicPartitionGrad", lambda p, a, b, c: apply(DynamicPartitionGrad(), [p, np.zeros((6, 2), np.float32), a, b, c]),
         [PARTS, normal(2, 2), normal(1, 2), normal(3, 2)], joined, empty=False, why="its partitions fix the lengths"),
    case("StitchedRows", lambda a, b: apply(StitchedRows(), [a, b]), [ONE, TWO], lambda a, b: np.int32(max(a.max(initial=-1), b.max(initial=-1)) + 1),
         grad=False, why="the result is a whole number", also=[[np.zeros(0, np.int32), np.zeros((0, 1), np.int32)]]),
    case("DynamicStitch", lambda a, b, x, y: tf.dynamic_stitch([a, b], [x, y]), [ONE, TWO, normal(2, 3), normal(2, 1, 3)], stitch,
         fixed=[2], why="a row that is overwritten has no gradient by differences, see tests/ops/test_dynamic.py",
         also=[[ONE[:0], TWO[:0], normal(0, 3), normal(0, 1, 3)], [ONE, TWO, integers(2), integers(2, 1)]]),
    case("CropAt", lambda x: apply(CropAt(), [x, AT, [2, 3]]), [normal(4, 6)], lambda x: x[1:3, 2:5], empty=False,
         why="the crop has a given size"),
    case("PasteAt", lambda y: apply(PasteAt(), [y, AT, [2, 3], np.zeros((4, 6), np.float32)]), [normal(2, 3)], pasted, empty=False,
         why="the crop has a given size"),
]  # fmt: skip

ELSEWHERE = dict.fromkeys(
    (
        "RandomUniform",
        "RandomUniformInt",
        "RandomStandardNormal",
        "TruncatedNormal",
        "RandomShuffle",
        "Multinomial",
        "RandomCropOffset",
    ),
    "tests/ops/test_random.py",
)
