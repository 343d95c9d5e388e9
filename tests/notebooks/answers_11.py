"""Right and wrong answers to the exercises of notebook 11."""

import math
from fractions import Fraction

import numpy as np

import graphlab_nb as tf


def average(towers, sizes):
    averaged = []
    for pairs in zip(*towers, strict=True):
        parts = [gradient * (size / sum(sizes)) for (gradient, _), size in zip(pairs, sizes, strict=True)]
        averaged.append((tf.add_n(parts), pairs[0][1]))
    return averaged


def by_sums(towers, sizes):
    total = tf.constant(float(sum(sizes)))
    columns = list(zip(*towers, strict=True))
    sums = [tf.add_n([g * float(n) for (g, _), n in zip(c, sizes, strict=True)]) for c in columns]
    return [[s / total, c[0][1]] for s, c in zip(sums, columns, strict=True)]


def equal_parts(towers, sizes):
    return [(tf.add_n([g for g, _ in pairs]) / float(len(pairs)), pairs[0][1]) for pairs in zip(*towers, strict=True)]


def only_added(towers, sizes):
    return [(gradient * float(sum(sizes)), variable) for gradient, variable in average(towers, sizes)]


def of_two(towers, sizes):
    return average(towers[:2], sizes[:2])


def turned(towers, sizes):
    return [(variable, gradient) for gradient, variable in average(towers, sizes)]


RIGHT = {
    "11.1": [1.7, np.float32(1.7), [1.7], Fraction(17, 10)],
    "11.2": [(3.0769, 10), [1 / 0.325, 10.0], np.array([3.08, 10.0])],
    "11.3": [lambda: average, lambda: by_sums],
}
WRONG = {
    "11.1": [1.5, 1.3, 3.0, 170, 0, "1.7", None, math.nan, (1.0, 2.0), True],
    "11.2": [(10, 3.0769), (3.6, 10), (3.0769, 9), (4, 4), 3.0769, "10", None, (math.inf, math.nan), (1, 2, 3)],
    "11.3": [
        lambda: equal_parts, lambda: only_added, lambda: of_two, lambda: turned, lambda: lambda towers, sizes: [],
        lambda: lambda towers, sizes: None, lambda: lambda towers, sizes: average(towers, sizes)[::-1],
        lambda: lambda towers, sizes: towers[0], lambda: lambda towers, sizes: tf.constant(1.0), lambda: lambda towers: towers,
        lambda: lambda towers, sizes: [(0.0, v) for _, v in towers[0]], 1.7, None, list, "average",
    ],
}  # fmt: skip
