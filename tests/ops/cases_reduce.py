"""Cases of reductions and positions of extremes (ops/reduce.py, extremes.py, products.py, broadcast.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import logsumexp

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops.broadcast import BroadcastLike, SumTo
from tests.ops.case import Case, apart, booleans, case, integers, normal, positive

X = normal(2, 3, 4)
EMPTY = np.zeros((2, 0, 4), np.float32)
LONG = normal(3, 5, 700)
WIDE = normal(130, 301)
WHOLE = integers(7, 33, 5, low=-3, high=4)
WHY = "whole numbers have no gradients"
AXES: list[Any] = [None, 0, 1, -1, [0, 2], [1, 2], []]


def over(type_name: str, build: Any, reference: Any, x: np.ndarray, big: list[np.ndarray], **kwargs: Any) -> list[Case]:
    """A case for each choice of axes; the first takes the large inputs, too."""
    cases = []
    for axis in AXES:
        axes = tuple(axis) if isinstance(axis, list) else axis
        for keep in (False, True) if axis in (None, 1) else (False,):
            cases.append(
                case(
                    type_name,
                    lambda t, axis=axis, keep=keep: build(t, axis, keep_dims=keep),
                    [x],
                    lambda t, axes=axes, keep=keep: np.asarray(reference(t, axis=axes, keepdims=keep)),
                    **kwargs,
                )
            )
    for value in big:
        for axis in (None, 0, value.ndim - 1, [0, value.ndim - 1], *([1] if value.ndim > 2 else [])):
            axes = tuple(axis) if isinstance(axis, list) else axis
            cases.append(
                case(
                    type_name,
                    lambda t, axis=axis: build(t, axis),
                    [value],
                    lambda t, axes=axes: np.asarray(reference(t, axis=axes)),
                    **{**kwargs, "grad": False, "why": "the smaller case has the gradients", "also": []},
                )
            )
    return cases


def whole_mean(x: np.ndarray, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    count = x.size // max(1, np.sum(x, axis=axis, keepdims=keepdims).size)
    return np.trunc(np.sum(x, axis=axis, keepdims=keepdims) / count).astype(x.dtype)


def same(function: Any) -> Any:
    """NumPy's function without its widening of integers."""
    return lambda x, **kwargs: np.asarray(function(x, **kwargs)).astype(x.dtype)


def safe_logsumexp(x: np.ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    return x if axis == () else logsumexp(x, axis=axis, keepdims=keepdims)


def sum_to(x: np.ndarray, like: np.ndarray) -> np.ndarray:
    padded = (1,) * (x.ndim - like.ndim) + like.shape
    axes = tuple(k for k, n in enumerate(padded) if n != x.shape[k])
    return x.sum(axis=axes, keepdims=True).reshape(like.shape)


CASES: list[Case] = [
    *over("Sum", tf.reduce_sum, np.sum, X, [LONG, WIDE, normal(3, 70000), normal(9000, 3)], also=[[normal(1, 1, 1)]]),
    case("Sum", lambda x: tf.reduce_sum(x, reduction_indices=[1]), [X], lambda x: x.sum(1), also=[[EMPTY]]),
    case("RestoreAxes", lambda x: tf.reduce_sum(x, 1), [X], lambda x: x.sum(1), also=[[EMPTY]]),
    *over("Sum", tf.reduce_sum, same(np.sum), WHOLE, [], grad=False, why=WHY),
    case("Sum", lambda x: tf.to_float(tf.reduce_sum(tf.to_double(x), [0, 2])), [X], lambda x: x.sum((0, 2))),
    *[
        case(
            "Sum",
            tf.reduce_sum,
            [integers(600, dtype=t, low=0, high=9)],
            lambda x: x.sum(dtype=x.dtype),
            grad=False,
            why=WHY,
        )
        for t in (np.int8, np.uint8, np.int16, np.uint16, np.int64, np.uint32, np.uint64)
    ],
    *over("Mean", tf.reduce_mean, np.mean, X, [LONG, WIDE], also=[[normal(1, 1, 1)]]),
    case("Mean", lambda x: tf.reduce_mean(x, 0), [X], lambda x: x.mean(0), also=[[EMPTY]]),
    case(
        "ReducedCount",
        tf.reduce_mean,
        [X],
        np.mean,
        also=[[normal(1, 1, 1)]],
        empty=False,
        why="the mean of nothing is NaN, which test_reduce.py tests",
    ),
    *over("Mean", tf.reduce_mean, whole_mean, WHOLE, [], grad=False, why=WHY),
    *over(
        "Prod",
        tf.reduce_prod,
        np.prod,
        positive(2, 3, 4),
        [positive(130, 301, low=0.98, high=1.02)],
        also=[[EMPTY]],
        tolerance=3e-5,
    ),
    *over(
        "ProductOfOthers",
        tf.reduce_prod,
        np.prod,
        np.float32([[[0, 2], [3, 0.5]], [[1, 2], [0, 0]], [[3, 1], [2, 4]]]),
        [],
        also=[[EMPTY]],
    ),
    case(
        "ProductOfOthersGrad",
        lambda x: tf.gradients(tf.reduce_prod(x, 1), x)[0],
        [positive(2, 3)],
        lambda x: np.stack([np.delete(x, k, 1).prod(1) for k in range(3)], 1),
        second=False,
        also=[[np.zeros((0, 3), np.float32)]],
        why="products can be differentiated twice; this is once already",
    ),
    *over("Prod", tf.reduce_prod, same(np.prod), WHOLE[:2, :3, :2], [], grad=False, why=WHY),
    *over("Max", tf.reduce_max, np.max, apart(2, 3, 4), [LONG, WIDE]),
    *over("Max", tf.reduce_max, np.max, WHOLE, [], grad=False, why=WHY),
    case(
        "Max", lambda x: tf.reduce_max(x, 0), [apart(2, 3)], lambda x: x.max(0), also=[[np.zeros((2, 0), np.float32)]]
    ),
    *over("Min", tf.reduce_min, np.min, apart(2, 3, 4), [LONG, WIDE]),
    case(
        "Min", lambda x: tf.reduce_min(x, 0), [apart(2, 3)], lambda x: x.min(0), also=[[np.zeros((2, 0), np.float32)]]
    ),
    *over("All", tf.reduce_all, np.all, booleans(2, 3, 4), [booleans(130, 301)], grad=False, also=[[EMPTY > 0]]),
    *over(
        "Any",
        tf.reduce_any,
        np.any,
        booleans(2, 3, 4),
        [booleans(130, 301) & booleans(301, seed=1)],
        grad=False,
        also=[[EMPTY > 0]],
    ),
    *over("Max", tf.reduce_logsumexp, safe_logsumexp, X, [LONG * 30]),
    *[
        case(
            "ArgMax", lambda x, a=axis: tf.argmax(x, a), [x], lambda x, a=axis: x.argmax(a), grad=False, why="positions"
        )
        for x in (X, LONG, WIDE, WHOLE, integers(3, 900, low=0, high=3))
        for axis in (0, 1, -1)
    ],
    case("ArgMax", tf.argmax, [X], lambda x: x.argmax(0), also=[[EMPTY]], grad=False, why="positions"),
    *[
        case(
            "ArgMin",
            lambda x, a=axis: tf.argmin(x, dimension=a),
            [x],
            lambda x, a=axis: x.argmin(a),
            grad=False,
            why="positions",
        )
        for x in (X, LONG, WIDE, WHOLE.astype(np.int8))
        for axis in (0, 1, -1)
    ],
    case("ArgMin", tf.argmin, [X], lambda x: x.argmin(0), also=[[EMPTY]], grad=False, why="positions"),
    *[
        case(
            "SumTo",
            lambda x, like: apply(SumTo(), [x, like]),
            [X, np.zeros(shape, np.float32)],
            sum_to,
            fixed=[1],
            also=[[EMPTY, np.zeros((4,), np.float32)]],
            why="of `like` only the shape is used",
        )
        for shape in ((2, 3, 4), (3, 4), (4,), (), (1, 3, 1), (2, 1, 4), (3, 1))
    ],
    *[
        case(
            "BroadcastLike",
            lambda x, like: apply(BroadcastLike(), [x, like]),
            [normal(int(np.prod(shape))).reshape(shape), X],
            lambda x, like: np.broadcast_to(x, like.shape),
            fixed=[1],
            also=[[normal(4), EMPTY]],
            why="of `like` only the shape is used",
        )
        for shape in ((2, 3, 4), (4,), (), (1, 3, 1), (3, 1))
    ],
]
