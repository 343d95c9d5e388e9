"""Cases of ops/generate.py, ops/sparse.py and ops/diagonals.py."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops import diagonals, generate, sparse
from tests.ops.case import Case, booleans, case, integers, normal

INDICES = np.array([[0, 1], [1, 0], [2, 3]], np.int32)
NONE = np.zeros((0, 2), np.int32)


def i32(value: Any) -> np.ndarray:
    return np.array(value, np.int32)


def f32(value: Any) -> np.ndarray:
    return np.array(value, np.float32)


def hot(depth: int, axis: int = -1, dtype: Any = np.float32, on: Any = 1, off: Any = 0):
    def reference(x: Any) -> Any:
        x = np.asarray(x)
        place = axis % (x.ndim + 1)
        steps = np.arange(depth).reshape([-1 if k == place else 1 for k in range(x.ndim + 1)])
        return np.where(np.expand_dims(x, place) == steps, on, off).astype(dtype)

    return reference


def dense(indices: Any, values: Any, default: Any = 0) -> Any:
    out = np.full((3, 4), default, np.asarray(values).dtype)
    out[tuple(np.asarray(indices).reshape(-1, 2).T)] = values
    return out


def diagonal_in(x: Any, like: Any) -> Any:
    out = np.zeros(like.shape)
    k = np.arange(x.shape[-1])
    out[..., k, k] = x
    return out


def square(x: Any) -> Any:
    return diagonal_in(x, np.zeros((*x.shape, x.shape[-1])))


CASES: list[Case] = [
    case(
        "Range", lambda: generate.range(10), [], lambda: np.arange(10, dtype=np.int32), grad=False, why="whole numbers"
    ),
    case(
        "Range", lambda: generate.range(1.0, 2.0, 0.25), [], lambda: np.arange(1, 2, 0.25), grad=False, why="constant"
    ),
    case(
        "Range", lambda: generate.range(3, 0.5, -0.5), [], lambda: np.arange(3, 0.5, -0.5), grad=False, why="constant"
    ),
    case(
        "Range",
        lambda n: generate.range(n),
        [i32(5)],
        lambda n: np.arange(n),
        also=[[i32(0)], [i32(9000)]],
        grad=False,
        why="whole numbers",
    ),
    case(
        "Range",
        lambda a, b, d: generate.range(a, b, d),
        [i32(8), i32(-3), i32(-2)],
        np.arange,
        also=[[i32(3), i32(3), i32(1)]],
        grad=False,
        why="whole numbers",
    ),
    case(
        "Range",
        lambda a, b: generate.range(a, b, np.int64(3)),
        [np.array(-5, np.int64), np.array(9, np.int64)],
        lambda a, b: np.arange(a, b, 3),
        grad=False,
        why="whole numbers",
    ),
    case(
        "LinSpace",
        lambda a, b: generate.linspace(a, b, 7),
        [f32(-1), f32(3)],
        lambda a, b: np.linspace(a, b, 7),
        grad=False,
        empty=False,
        why="has no gradient in TensorFlow, and takes single numbers",
    ),
    case("LinSpace", lambda: generate.lin_space(2.0, 5.0, 1), [], lambda: np.array([2.0]), grad=False, why="constant"),
    case(
        "OneHot",
        lambda x: generate.one_hot(x, 4),
        [integers(3, 2, low=-1, high=6)],
        hot(4),
        also=[[i32(2)], [integers(0, 3)], [integers(5, dtype=np.uint8)], [integers(1, 1, dtype=np.int64)]],
        grad=False,
    ),
    case(
        "OneHot",
        lambda x: generate.one_hot(x, 3, 5.0, -1.0, axis=0),
        [integers(4, 2, low=0, high=3)],
        hot(3, 0, on=5, off=-1),
        grad=False,
    ),
    case(
        "OneHot",
        lambda x: generate.one_hot(x, 3, axis=1, dtype=tf.int64),
        [integers(4, 2, low=0, high=3)],
        hot(3, 1, np.int64),
        grad=False,
    ),
    case("OneHot", lambda x: generate.one_hot(x, 3, True, False), [integers(40)], hot(3, -1, np.bool_), grad=False),
    case("OneHot", lambda x: generate.one_hot(x, 0), [integers(4)], hot(0), grad=False),
    case(
        "SparseToDense",
        lambda i, v: sparse.sparse_to_dense(i, [3, 4], v, 0.5),
        [INDICES, normal(3)],
        lambda i, v: dense(i, v, 0.5),
        also=[[NONE, np.zeros(0, np.float32)], [INDICES[:1], normal(1)]],
    ),
    case(
        "SparseToDense",
        lambda v, d: sparse.sparse_to_dense(INDICES, [3, 4], v, d),
        [f32(2), f32(-1)],
        lambda v, d: dense(INDICES, v, d),
    ),
    case(
        "SparseToDense",
        lambda i: sparse.sparse_to_dense(i, [6], 1),
        [i32([1, 4])],
        lambda i: np.isin(np.arange(6), i).astype(np.int32),
        grad=False,
    ),
    case(
        "SparseToDense",
        lambda i: sparse.sparse_to_dense(i, tf.constant([6]), True, False),
        [i32(2)],
        lambda i: np.arange(6) == i,
        grad=False,
    ),
    case(
        "SparseFromDense",
        lambda i, y: apply(sparse.SparseFromDense(), [i, [3, 4], y]),
        [INDICES, normal(3, 4)],
        lambda i, y: y[tuple(i.T)],
        also=[[NONE, normal(3, 4)]],
    ),
    case(
        "InvertPermutation",
        sparse.invert_permutation,
        [i32([3, 0, 2, 1])],
        lambda x: np.argsort(x).astype(x.dtype),
        also=[[i32([])], [i32([0])], [np.random.RandomState(0).permutation(5000)]],
        grad=False,
    ),
    case(
        "Less",
        lambda x: generate.sequence_mask(x, 5),
        [i32([0, 2, 7])],
        lambda x: np.arange(5) < x[:, None],
        also=[[i32([])]],
        grad=False,
    ),
    case(
        "Less",
        lambda x: generate.sequence_mask(x, dtype=tf.float32),
        [i32([[1], [3]])],
        lambda x: (np.arange(3) < x[..., None]).astype(np.float32),
        grad=False,
    ),
    case(
        "Tile",
        lambda x, y: generate.meshgrid(x, y),
        [normal(3), normal(2)],
        lambda x, y: np.meshgrid(x, y),
        also=[[normal(3), normal(0)]],
    ),
    case(
        "Tile",
        lambda x, y, z: generate.meshgrid(x, y, z, indexing="ij"),
        [normal(3), normal(2), normal(4)],
        lambda x, y, z: np.meshgrid(x, y, z, indexing="ij"),
    ),
    case("Eye", lambda: diagonals.eye(3), [], lambda: np.eye(3), grad=False, why="constant"),
    case(
        "Eye",
        lambda: diagonals.eye(3, 5, [2], tf.int32),
        [],
        lambda: np.tile(np.eye(3, 5, dtype=np.int32), (2, 1, 1)),
        grad=False,
        why="constant",
    ),
    case(
        "Eye",
        lambda n: diagonals.eye(n, dtype=tf.bool),
        [i32(4)],
        lambda n: np.eye(n, dtype=bool),
        also=[[i32(0)]],
        grad=False,
    ),
    case(
        "MatrixDiag",
        diagonals.matrix_diag,
        [normal(2, 3)],
        square,
        also=[[normal(0, 2)], [normal(1)], [booleans(2, 3)]],
    ),
    case("Diag", diagonals.diag, [normal(3)], np.diag),
    case(
        "Diag",
        diagonals.diag,
        [normal(2, 3)],
        lambda x: np.diag(x.ravel()).reshape(x.shape * 2),
        also=[[normal(1, 1)], [normal(0, 2)]],
    ),
    case(
        "MatrixDiagPart",
        diagonals.matrix_diag_part,
        [normal(2, 3, 4)],
        lambda x: np.diagonal(x, axis1=-2, axis2=-1),
        also=[[normal(0, 3)], [integers(5, 2)], [normal(1, 1)]],
    ),
    case("DiagPart", diagonals.diag_part, [normal(3, 3)], np.diag),
    case(
        "DiagPart",
        diagonals.diag_part,
        [normal(2, 3, 2, 3)],
        lambda x: np.einsum("ijij->ij", x),
        also=[[normal(0, 2, 0, 2)]],
    ),
    case(
        "MatrixDiagLike",
        lambda x, y: apply(diagonals.MatrixDiagLike(), [x, y]),
        [normal(2, 3), normal(2, 3, 4)],
        diagonal_in,
        also=[[normal(0), normal(0, 3)]],
        fixed=[1],
    ),
    case(
        "MatrixBandPart",
        lambda x: diagonals.matrix_band_part(x, 1, 2),
        [normal(2, 4, 6)],
        lambda x: np.triu(np.tril(x, 2), -1),
        also=[[normal(0, 3)], [integers(5, 2)], [normal(1, 1)]],
    ),
    case("MatrixBandPart", lambda x: diagonals.matrix_band_part(x, -1, 0), [normal(5, 3)], np.tril),
    case("MatrixBandPart", lambda x: diagonals.matrix_band_part(x, -1, -1), [normal(5, 3)], lambda x: x),
]
