"""Cases of operations that pass values on (ops/control.py, host.py, checks.py)."""

from __future__ import annotations

import numpy as np

import graphlab_nb as tf
from tests.ops.case import Case, case, normal

EMPTY = np.zeros((0, 3), np.float32)

CASES: list[Case] = [
    case("Identity", tf.identity, [normal(2, 3)], lambda x: x, also=[[EMPTY]]),
    case(
        "StopGradient", tf.stop_gradient, [normal(2, 3)], lambda x: x, also=[[EMPTY]], grad=False, why="it stops them"
    ),
    case(
        "StopGradient",
        lambda x, y: tf.stop_gradient(x) * y,
        [normal(2, 3), normal(2, 3, seed=1)],
        np.multiply,
        fixed=[0],
        why="it stops them",
    ),
    case(
        "PreventGradient",
        tf.prevent_gradient,
        [normal(2, 3)],
        lambda x: x,
        also=[[EMPTY]],
        grad=False,
        why="it has none",
    ),
    case(
        "CheckNumerics",
        lambda x: tf.check_numerics(x, "x") * 2,
        [normal(200, 300)],
        lambda x: 2 * x,
        also=[[EMPTY]],
        grad=False,
        why="the smaller case has them",
    ),
    case("CheckNumerics", lambda x: tf.check_numerics(x, "x") * x, [normal(2, 3)], lambda x: x * x),
    case(
        "PyFunc",
        lambda x: tf.py_func(lambda a: a * 2, [x], tf.float32),
        [normal(2, 3)],
        lambda x: 2 * x,
        also=[[EMPTY]],
        grad=False,
        why="Python functions have none",
    ),
]

ELSEWHERE = {
    "NoOp": "tests/ops/test_control.py",
    "PrintData": "tests/ops/test_control.py",
    "Assert": "tests/ops/test_control.py",
}
