"""Cases of ops/slicing.py and of Python's indexing of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops import slicing
from tests.ops.case import Case, booleans, case, integers, normal

CUBE = normal(3, 5, 4)
ALL = slice(None)


def indexed(key: Any, **kwargs: Any) -> Case:
    """A case of `x[key]`, which means what it means in NumPy."""
    return case("StridedSlice", lambda x: x[key], [CUBE], lambda x: x[key], **kwargs)


def slice_back(x: Any, begin: Any, dy: Any) -> Any:
    return np.pad(dy, [(b, n - b - m) for b, n, m in zip(begin, x.shape, dy.shape, strict=True)])


def strided_grad(x: Any, dy: Any) -> Any:
    return apply(slicing.StridedSliceGrad(), [x, [4, 0], [0, 4], [-2, 1], dy])


def strided_back(x: Any, dy: Any) -> Any:
    out = np.zeros(x.shape)
    out[4:0:-2] = dy
    return out


CASES: list[Case] = [
    case(
        "Slice",
        lambda x: slicing.slice(x, [1, 0, 2], [2, -1, 1]),
        [CUBE],
        lambda x: x[1:, :, 2:3],
        also=[[np.zeros((3, 0, 3), np.float32)], [integers(3, 2, 5)]],
    ),
    case("Slice", lambda x: slicing.slice(x, [0, 0, 0], [-1, 5, 4]), [CUBE], lambda x: x),
    case("Slice", lambda x: slicing.slice(x, [2], [0]), [normal(4)], lambda x: x[2:2]),
    indexed(1),
    indexed(-1),
    indexed((1, 2)),
    indexed((1, 2, 3)),
    indexed(slice(1, None)),
    indexed(slice(None, None, -1)),
    indexed((ALL, slice(4, 0, -2))),
    indexed((ALL, slice(-2, None), slice(1, 3))),
    indexed((ALL, slice(None, None, 3), slice(None, None, -1))),
    indexed((Ellipsis, 0)),
    indexed((0, Ellipsis, slice(0, 2))),
    indexed((None, ALL, None, 2)),
    indexed((Ellipsis, None)),
    indexed(Ellipsis),
    indexed((ALL, slice(7, 9)), also=[[np.zeros((0, 5, 4), np.float32)]]),
    indexed((slice(-100, 100), slice(3, 1))),
    case("StridedSlice", lambda x: x[:, ::2], [booleans(3, 7)], lambda x: x[:, ::2], grad=False),
    case(
        "StridedSlice",
        lambda x: x[1:, 1],
        [integers(3, 7, dtype=np.int64)],
        lambda x: x[1:, 1],
        also=[[normal(1, 2)]],
        grad=False,
    ),
    case("StridedSlice", lambda x: tf.strided_slice(x, [0, 1], [2, 5], [1, 2]), [CUBE], lambda x: x[0:2, 1:5:2]),
    case(
        "StridedSlice",
        lambda x: tf.strided_slice(x, [2, 1], [0, 5], [-1, 2], end_mask=1),
        [CUBE],
        lambda x: x[2::-1, 1:5:2],
    ),
    case(
        "StridedSlice", lambda x: tf.strided_slice(x, [1, 0], [2, 3], shrink_axis_mask=1), [CUBE], lambda x: x[1, 0:3]
    ),
    case("StridedSlice", lambda x, i: x[i, :, : i + 1], [CUBE, np.int32(1)], lambda x, i: x[i, :, : i + 1]),
    case("StridedSlice", lambda x, i: x[i:, None], [CUBE, np.int32(2)], lambda x, i: x[i:, None]),
    # The gradients' own operations, whose gradients are not reached by differentiating twice.
    case(
        "SliceGrad",
        lambda x, b, dy: apply(slicing.SliceGrad(), [x, b, dy]),
        [normal(4, 5), np.array([1, 2], np.int32), normal(2, 3)],
        slice_back,
        fixed=[0],
        also=[[normal(0, 5), np.array([0, 0], np.int32), normal(0, 2)]],
    ),
    case(
        "StridedSliceGrad",
        strided_grad,
        [normal(5, 4), normal(2, 4)],
        strided_back,
        fixed=[0],
        also=[[normal(5, 0), normal(2, 0)]],
    ),
]
