"""Right and wrong answers to the exercises of notebook 05."""

import math
from fractions import Fraction

import numpy as np

import graphlab_nb as tf


def by_training():
    w = tf.Variable(4.0)
    step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.square(w - 1.0))
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(step)
        sess.run(step)
        return sess.run(w)


def of_another_graph():
    with tf.Graph().as_default():
        return tf.train.AdagradDAOptimizer(0.5, tf.Variable(0, trainable=False))


RIGHT = {
    "05.1": [2.92, np.float32(2.92), [2.92], Fraction(73, 25), by_training],
    "05.2": [1 / 3, 0.333, np.array([0.3333]), Fraction(1, 3)],
    "05.3": [
        lambda: tf.train.MomentumOptimizer(0.01, 0.8), lambda: tf.train.AdamOptimizer(0.7),
        lambda: tf.train.MomentumOptimizer(0.006, 0.9, use_nesterov=True),
    ],
}  # fmt: skip
WRONG = {
    "05.1": [3.4, 2.8, 4, 1, -2.92, "2.92", None, [3.4, 2.92], math.nan, math.inf, True],
    "05.2": [2, 2 / 3, 6, 0.5, 1, 0, "a third", None, (0.33, 2.0), math.nan],
    "05.3": [
        lambda: tf.train.AdamOptimizer(0.01), lambda: tf.train.GradientDescentOptimizer(0.01),
        lambda: tf.train.GradientDescentOptimizer(1.0), of_another_graph, tf.train.AdamOptimizer, 0.01, "Adam", None,
    ],
}  # fmt: skip
