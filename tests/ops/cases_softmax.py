"""Cases of ops/softmax.py."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax

from graphlab_nb import nn
from graphlab_nb.graph.build import apply
from graphlab_nb.ops.softmax import SoftmaxCrossEntropyWithLogits, SparseSoftmaxCrossEntropyWithLogits
from tests.ops.case import Case, case, integers, normal

LABELS_HAVE_NONE = "no gradient flows to the labels, as in TensorFlow"


def probabilities(*shape: int) -> np.ndarray:
    return softmax(normal(*shape, seed=5), -1).astype(np.float32)


def over_last(function: Any) -> Any:
    return lambda x: function(x, -1)


def cross_entropy(x: Any, labels: Any) -> Any:
    return -(labels * log_softmax(x, -1)).sum(-1) if x.shape[-1] else np.zeros(x.shape[:-1])


def sparse(x: Any, labels: Any) -> Any:
    return -np.take_along_axis(log_softmax(x, -1), labels[..., None], -1)[..., 0]


def one_hot(labels: Any, n: int) -> Any:
    return np.eye(n)[labels]


def both(kind: Any) -> Any:
    """The loss and its gradient, the operation's two outputs."""
    return lambda x, labels: apply(kind(), [x, labels])


EMPTY = np.zeros((0, 4), np.float32)
CASES: list[Case] = [
    case(
        "Softmax", nn.softmax, [normal(5, 10)], over_last(softmax),
        also=[[normal(3, 1)], [normal(2, 3, 8)], [normal(7)], [1e4 * normal(3, 17)], [normal(4, 1000)], [EMPTY],
              [normal(9, 33).astype(np.float64)]],
    ),
    case("Softmax", lambda x: nn.softmax(x, 1), [normal(3, 5, 4)], lambda x: softmax(x, 1), also=[[normal(2, 1, 3)]]),
    case(
        "LogSoftmax", nn.log_softmax, [normal(5, 10)], over_last(log_softmax),
        also=[[normal(3, 1)], [normal(2, 3, 8)], [100 * normal(3, 17)], [normal(4, 1000)], [EMPTY],
              [normal(9, 33).astype(np.float64)]],
    ),
    case("LogSoftmax", lambda x: nn.log_softmax(x, dim=0), [normal(3, 5)], lambda x: log_softmax(x, 0)),
    case(
        "SoftmaxCrossEntropyWithLogits", nn.softmax_cross_entropy_with_logits, [normal(6, 10), probabilities(6, 10)],
        cross_entropy, fixed=[1], why=LABELS_HAVE_NONE,
        also=[[normal(2, 1), probabilities(2, 1)], [normal(2, 3, 5), probabilities(2, 3, 5)],
              [100 * normal(3, 70), probabilities(3, 70)], [EMPTY, EMPTY],
              [np.zeros((3, 0), np.float32), np.zeros((3, 0), np.float32)],
              [normal(4, 9).astype(np.float64), probabilities(4, 9).astype(np.float64)]],
    ),
    case(
        "SoftmaxCrossEntropyWithLogits", both(SoftmaxCrossEntropyWithLogits), [normal(4, 7), probabilities(4, 7)],
        lambda x, z: [cross_entropy(x, z), softmax(x, -1) - z], fixed=[1], why=LABELS_HAVE_NONE,
        also=[[normal(4, 300), probabilities(4, 300)], [EMPTY, EMPTY]],
    ),
    case(
        "SparseSoftmaxCrossEntropyWithLogits", nn.sparse_softmax_cross_entropy_with_logits,
        [normal(6, 10), integers(6, low=0, high=10)], sparse,
        also=[[normal(2, 1), np.zeros(2, np.int64)], [normal(2, 3, 5), integers(2, 3, low=0, high=5, dtype=np.int64)],
              [100 * normal(3, 70), integers(3, low=0, high=70)], [EMPTY, np.zeros(0, np.int32)],
              [normal(4, 9).astype(np.float64), integers(4, low=0, high=9)]],
    ),
    case(
        "SparseSoftmaxCrossEntropyWithLogits", both(SparseSoftmaxCrossEntropyWithLogits),
        [normal(4, 7), integers(4, low=0, high=7)], lambda x, z: [sparse(x, z), softmax(x, -1) - one_hot(z, x.shape[-1])],
        also=[[normal(4, 300), integers(4, low=0, high=300)], [EMPTY, np.zeros(0, np.int32)]],
    ),
]  # fmt: skip
