"""Cases of ops/activations.py, ops/dropout.py, ops/normalize.py and ops/moments.py."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import log_expit

from graphlab_nb import nn
from graphlab_nb.graph.build import apply
from graphlab_nb.ops import activations, normalize
from tests.ops.case import Case, apart, case, integers, normal, positive

SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
EMPTY = np.zeros((0, 3), np.float32)
ONE = np.full((1, 1), -0.5, np.float32)
GATES = "the gate is a result whose sign decides, not a value"


def elu(x: Any) -> Any:
    return np.where(x < 0, np.expm1(x), x)


def softplus(x: Any) -> Any:
    return np.logaddexp(x, 0)


def activation(name: str, function: Any, reference: Any, *also: Any) -> Case:
    inputs = [[EMPTY], [ONE], [normal(7, 9).astype(np.float64)], *([a] for a in also)]
    return case(name, function, [apart(4, 5)], reference, also=inputs)


def window_sum(x: Any, radius: int) -> Any:
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    return sum(padded[..., k : k + x.shape[-1]] for k in range(2 * radius + 1))


def lrn(x: Any, radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5) -> Any:
    return x / (bias + alpha * window_sum(x * x, radius)) ** beta


def batch_norm(x: Any, axes: tuple[int, ...], scale: Any, offset: Any) -> Any:
    """The result, the mean and the variance with Bessel's correction."""
    mean, variance = x.mean(axes), x.var(axes)
    wide = [a if axes[-1] == x.ndim - 2 else a[:, None, None] for a in (mean, variance, scale, offset)]
    count = x.size / mean.size
    return [wide[2] * (x - wide[0]) / np.sqrt(wide[1] + 0.001) + wide[3], mean, variance * count / max(count - 1, 1)]


def sigmoid_cross_entropy(x: Any, z: Any) -> Any:
    return -z * log_expit(x) - (1 - z) * log_expit(-x)


CASES: list[Case] = [
    activation("Relu", nn.relu, lambda x: np.maximum(x, 0), integers(3, 4)),
    activation("Relu6", nn.relu6, lambda x: np.clip(x, 0, 6), 4 * normal(3, 50), integers(3, 4, high=9)),
    activation("Elu", nn.elu, elu),
    activation("Selu", nn.selu, lambda x: SCALE * np.where(x < 0, ALPHA * np.expm1(x), x)),
    activation("Softplus", nn.softplus, softplus, 100 * normal(3, 50)),
    activation("Softsign", nn.softsign, lambda x: x / (1 + np.abs(x)), 100 * normal(3, 50)),
    activation("Maximum", nn.leaky_relu, lambda x: np.where(x < 0, 0.2 * x, x)),
    activation("Relu", nn.crelu, lambda x: np.maximum(np.concatenate([x, -x], -1), 0)),
    activation("Neg", nn.log_sigmoid, log_expit, 100 * normal(3, 50)),
    case(
        "ReluGrad", activations._relu_grad, [normal(4, 5), apart(4, 5)], lambda dy, y: dy * (y > 0),
        fixed=[1], why=GATES, also=[[EMPTY, EMPTY]],
    ),
    case(
        "Relu6Grad", activations._relu6_grad, [normal(4, 5), 6 * apart(4, 5)], lambda dy, y: dy * ((y > 0) & (y < 6)),
        fixed=[1], why=GATES, also=[[EMPTY, EMPTY]],
    ),
    case(
        "EluGrad", activations._elu_grad, [normal(4, 5), apart(4, 5)], lambda dy, y: dy * np.where(y < 0, y + 1, 1),
        also=[[EMPTY, EMPTY]],
    ),
    case(
        "SeluGrad", activations._selu_grad, [normal(4, 5), apart(4, 5)],
        lambda dy, y: dy * np.where(y < 0, y + SCALE * ALPHA, SCALE), also=[[EMPTY, EMPTY]],
    ),
    case(
        "BiasAdd", nn.bias_add, [normal(4, 5), normal(5)], np.add,
        also=[[normal(2, 3, 4, 7), normal(7)], [EMPTY, normal(3)], [ONE, normal(1)], [integers(3, 4), integers(4)]],
    ),
    case(
        "BiasAdd", lambda x, b: nn.bias_add(x, b, data_format="NCHW"), [normal(2, 3, 4, 5), normal(3)],
        lambda x, b: x + b[:, None, None], also=[[np.zeros((0, 3, 2, 2), np.float32), normal(3)]],
    ),
    case(
        "BiasAdd", nn.xw_plus_b, [normal(4, 3), normal(3, 5), normal(5)], lambda x, w, b: x @ w + b,
        also=[[EMPTY, normal(3, 5), normal(5)]],
    ),
    case(
        "Relu", nn.relu_layer, [normal(4, 3), normal(3, 5), normal(5)], lambda x, w, b: np.maximum(x @ w + b, 0),
        also=[[EMPTY, normal(3, 5), normal(5)]],
    ),
    case(
        "Sub", nn.sigmoid_cross_entropy_with_logits, [normal(4, 5), positive(4, 5, low=0.1, high=0.9)],
        sigmoid_cross_entropy, also=[[EMPTY, EMPTY], [100 * normal(4, 5), positive(4, 5, low=0, high=1)]],
    ),
    case(
        "Add", lambda x, z: nn.weighted_cross_entropy_with_logits(x, z, 3.0),
        [normal(4, 5), positive(4, 5, low=0.1, high=0.9)],
        lambda x, z: -3 * z * log_expit(x) - (1 - z) * log_expit(-x),
        also=[[EMPTY, EMPTY], [100 * normal(4, 5), positive(4, 5, low=0, high=1)]],
    ),
    case("L2Loss", nn.l2_loss, [normal(4, 5)], lambda x: (x * x).sum() / 2,
         also=[[EMPTY], [ONE], [normal(300, 1001)], [normal(3, 7).astype(np.float64)]]),
    case("Mul", nn.l2_normalize, [normal(4, 5)], lambda x: x / np.sqrt((x * x).sum()), also=[[ONE], [EMPTY]]),
    case("Mul", lambda x: nn.l2_normalize(x, 1), [normal(4, 5)],
         lambda x: x / np.sqrt((x * x).sum(1, keepdims=True)), also=[[ONE], [EMPTY]]),
    case("Mean", nn.zero_fraction, [integers(5, 6, low=0, high=3)], lambda x: (x == 0).mean(), grad=False,
         why="it counts"),
    *(
        case("WindowSum", lambda x, r=radius: apply(normalize.WindowSum(r), [x]), [normal(3, 12)],
             lambda x, r=radius: window_sum(x, r), also=[[EMPTY], [ONE], [normal(2, 3, 70)]])
        for radius in (0, 1, 2, 9)
    ),
    case("LRN", nn.lrn, [normal(2, 3, 2, 7)], lrn,
         also=[[np.zeros((0, 2, 2, 3), np.float32)], [normal(1, 1, 1, 1)], [normal(2, 2, 3, 40)]]),
    case("LRN", lambda x: nn.local_response_normalization(x, 2, bias=2.0, alpha=0.3, beta=0.75), [normal(2, 3, 2, 20)],
         lambda x: lrn(x, 2, 2.0, 0.3, 0.75), also=[[normal(2, 2, 2, 9).astype(np.float64)]]),
    case("Mean", lambda x: nn.moments(x, [0]), [normal(6, 5)], lambda x: [x.mean(0), x.var(0)], also=[[ONE]]),
    case("Mean", lambda x: nn.moments(x, [0, 1, 2], keep_dims=True), [normal(2, 3, 4, 5)],
         lambda x: [x.mean((0, 1, 2), keepdims=True), x.var((0, 1, 2), keepdims=True)]),
    case("Sub", lambda x: nn.normalize_moments(*nn.sufficient_statistics(x, [0], shift=0.5)), [normal(6, 5)],
         lambda x: [x.mean(0), x.var(0)]),
    case("Add", lambda x, m, v, b, g: nn.batch_normalization(x, m, v, b, g, 0.01),
         [normal(6, 5), normal(5), positive(5), normal(5, seed=2), normal(5, seed=3)],
         lambda x, m, v, b, g: g * (x - m) / np.sqrt(v + 0.01) + b,
         also=[[np.zeros((0, 5), np.float32), *([normal(5)] + [positive(5)] * 3)]]),
    case("Add", lambda x, m, v: nn.batch_normalization(x, m, v, None, None, 0.01), [normal(6, 5), normal(5), positive(5)],
         lambda x, m, v: (x - m) / np.sqrt(v + 0.01)),
    case("Add", lambda x, m, v, b, g: nn.batch_norm_with_global_normalization(x, m, v, b, g, 0.01, True),
         [normal(2, 3, 2, 5), normal(5), positive(5), normal(5, seed=2), normal(5, seed=3)],
         lambda x, m, v, b, g: g * (x - m) / np.sqrt(v + 0.01) + b),
    case("Add", lambda x, s, o: list(nn.fused_batch_norm(x, s, o)), [normal(4, 3, 2, 5), positive(5), normal(5)],
         lambda x, s, o: batch_norm(x, (0, 1, 2), s, o)),
    case("Add", lambda x, s, o: list(nn.fused_batch_norm(x, s, o, data_format="NCHW")),
         [normal(4, 5, 2, 3), positive(5), normal(5)], lambda x, s, o: batch_norm(x, (0, 2, 3), s, o)),
]  # fmt: skip
