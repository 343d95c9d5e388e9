"""Right and wrong answers to the exercises of notebook 07."""

import numpy as np

import graphlab_nb as tf


def by_loops(values):
    nans = infinities = 0
    for value in np.ravel(values):
        nans += value != value
        infinities += abs(value) == float("inf")
    return [nans, infinities]


def of_a_library(z):
    return tf.nn.sigmoid_cross_entropy_with_logits(logits=z, labels=tf.ones_like(z))


RIGHT = {
    "07.1": [lambda: tf.sqrt, lambda: lambda x: tf.sqrt(x), lambda: lambda x, name=None: tf.pow(x, 0.5)],
    "07.2": [lambda: lambda v: (np.isnan(v).sum(), np.isinf(v).sum()), lambda: by_loops,
             lambda: lambda v: np.array([np.sum(v != v), np.sum(np.abs(v) == np.inf)])],
    "07.3": [lambda: lambda z: tf.nn.softplus(-z), lambda: of_a_library,
             lambda: lambda z: tf.maximum(-z, 0.0) + tf.log(1.0 + tf.exp(-tf.abs(z)))],
}  # fmt: skip
WRONG = {
    "07.1": [lambda: tf.square, lambda: tf.exp, lambda: tf.log, lambda: tf.abs, lambda: lambda x: 3.0, lambda: lambda x: None,
             lambda: tf.sqrt(tf.constant(0.0)), "sqrt", None, 0.5, float, lambda: lambda x: tf.constant([0.0]),
             lambda: lambda: None, lambda: lambda x: x > 0.0],
    "07.2": [lambda: lambda v: (np.isinf(v).sum(), np.isnan(v).sum()), lambda: lambda v: (~np.isfinite(v)).sum(),
             lambda: lambda v: (np.isnan(v).sum(), (v == np.inf).sum()), lambda: lambda v: (0, 0), lambda: lambda v: None,
             lambda: lambda v: (np.isnan(v), np.isinf(v)), (1, 3), None, "np.isnan", lambda: lambda v: v.no_such_thing],
    "07.3": [lambda: lambda z: tf.log(1.0 + tf.exp(-z)), lambda: lambda z: -tf.log(tf.sigmoid(z)), lambda: tf.nn.softplus,
             lambda: lambda z: tf.maximum(-z, 0.0), lambda: lambda z: tf.reduce_sum(tf.nn.softplus(-z)), 200.0, None,
             lambda: lambda z: np.zeros(3), lambda: lambda z: tf.constant(1.0), int, "softplus"],
}  # fmt: skip
