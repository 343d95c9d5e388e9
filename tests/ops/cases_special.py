"""Cases of rounding, trigonometry, special functions and tests for NaN (ops/special.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sp

import graphlab_nb as tf
from tests.ops.case import Case, case, integers, normal, positive

EMPTY = np.zeros((0, 3), np.float32)
MANY = normal(1003) * 3
INSIDE = np.random.RandomState(0).uniform(-0.8, 0.8, (2, 3)).astype(np.float32)
FLAT = "it is constant between whole numbers"
ODD = np.float32([np.nan, np.inf, -np.inf, 0, 1, np.nan, np.inf, -np.inf, 0, 1])


def smooth(type_name: str, build: Any, x: np.ndarray, reference: Any, *more: np.ndarray) -> Case:
    """A case of one input, to the accuracy of float32 and of float64."""
    return case(type_name, build, [x], reference, also=[[EMPTY], *[[m] for m in more]], tolerance=2e-6)


CASES: list[Case] = [
    case("Floor", tf.floor, [normal(37) * 3], np.floor, also=[[EMPTY]], grad=False, why=FLAT),
    case("Ceil", tf.ceil, [normal(37) * 3], np.ceil, also=[[EMPTY]], grad=False, why=FLAT),
    case(
        "Rint",
        tf.round,
        [np.float32([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.4, 0.6, 1e9])],
        np.rint,
        also=[[EMPTY]],
        grad=False,
        why=FLAT,
    ),
    case("Rint", tf.rint, [normal(37) * 3], np.rint, grad=False, why=FLAT),
    case("Identity", tf.round, [integers(37)], lambda x: x, also=[[np.zeros(0, np.int32)]], grad=False, why="integers"),
    smooth("Sin", tf.sin, normal(2, 3), np.sin, MANY),
    smooth("Cos", tf.cos, normal(2, 3), np.cos, MANY),
    smooth("Tan", tf.tan, INSIDE, np.tan),
    smooth("Asin", tf.asin, INSIDE, np.arcsin),
    smooth("Acos", tf.acos, INSIDE, np.arccos),
    smooth("Atan", tf.atan, normal(2, 3), np.arctan, MANY),
    case(
        "Atan2", tf.atan2, [normal(2, 3), normal(3)], np.arctan2, also=[[EMPTY, normal(3)], [MANY, MANY[::-1].copy()]]
    ),
    smooth("Sinh", tf.sinh, normal(2, 3), np.sinh),
    smooth("Cosh", tf.cosh, normal(2, 3), np.cosh),
    smooth("Tanh", tf.tanh, normal(2, 3), np.tanh, MANY, np.float32([-100, 100, 1e-6])),
    smooth("Sigmoid", tf.sigmoid, normal(2, 3), sp.expit, MANY, np.float32([-100, 100, -30])),
    smooth("Erf", tf.erf, normal(2, 3), sp.erf, MANY),
    smooth("Erfc", tf.erfc, normal(2, 3), sp.erfc, MANY),
    smooth("Lgamma", tf.lgamma, positive(2, 3), sp.gammaln, positive(1003, low=0.01, high=50)),
    smooth("Lgamma", tf.lgamma, np.float32([-0.5, -1.4, -2.6]), sp.gammaln),
    smooth("Digamma", tf.digamma, positive(2, 3, low=1), sp.digamma, positive(1003, low=0.01, high=50)),
    smooth("Digamma", tf.digamma, np.float32([0.4, 1.2, 17.5]), sp.digamma, np.float32([-0.5, -1.4, -2.7, -20.3])),
    case(
        "Polygamma",
        tf.polygamma,
        [np.float32([1, 2, 3]), np.float32([2.5, 1.2, 3.7])],
        lambda n, x: sp.polygamma(n.astype(int), x),
        fixed=[0],
        also=[[EMPTY, EMPTY], [np.float32(0), positive(37)]],
        why="the order is a whole number",
    ),
    case(
        "Zeta",
        tf.zeta,
        [np.float32([2.5, 3, 4]), np.float32([2.5, 1.2, 3.7])],
        sp.zeta,
        fixed=[0],
        also=[[EMPTY, EMPTY], [positive(1003, low=1.2, high=9), positive(1003, low=0.3, high=20, seed=1)]],
        why="the derivative by the exponent has no closed form",
    ),
    case(
        "Xlogy",
        tf.xlogy,
        [positive(3, 4), positive(4)],
        sp.xlogy,
        also=[[EMPTY, EMPTY], [np.float32([0, 0, 2]), np.float32([0, 3, 1])]],
    ),
    case("IsNan", tf.is_nan, [ODD], np.isnan, also=[[EMPTY], [ODD.astype(np.float64)]], grad=False, why="truth values"),
    case("IsInf", tf.is_inf, [ODD], np.isinf, also=[[EMPTY]], grad=False, why="truth values"),
    case("IsFinite", tf.is_finite, [ODD], np.isfinite, also=[[EMPTY]], grad=False, why="truth values"),
]
