"""Cases of ops/vectors.py."""

from __future__ import annotations

import numpy as np

import graphlab_nb as tf
from tests.ops.case import Case, case, integers, normal

CASES: list[Case] = [
    case("Cross", tf.cross, [normal(5, 3), normal(5, 3, seed=1)], np.cross,
         also=[[np.zeros((0, 3), np.float32)] * 2, [normal(3), normal(3, seed=1)], [integers(2, 1, 3), integers(2, 1, 3, seed=1)]]),
]  # fmt: skip
