"""Right and wrong answers to the exercises of notebook 00."""

from fractions import Fraction

import numpy as np

import graphlab_nb as tf


def at():
    return tf.constant(2.0)


def step():
    """The step as a graph makes it."""
    with tf.Graph().as_default(), tf.Session() as sess:
        w, b = tf.Variable(1.0), tf.Variable(0.0)
        loss = tf.reduce_mean(tf.square(w * [1.0, 2.0] + b - [2.0, 4.0]))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        sess.run(tf.initialize_all_variables())
        sess.run(train)
        return sess.run([w, b])


def by_square():
    return 3.0 * tf.square(at()) + 1.0


def by_names():
    x = at()
    return tf.add(tf.mul(tf.constant(3.0), tf.mul(x, x)), tf.constant(1.0))


def arithmetic_by_python():
    return tf.constant(3.0 * 2.0**2) + 1.0


def half_of_it():
    return at() * (3.0 * 2.0) + 1.0


RIGHT = {
    "00.1": [by_square, by_names, lambda: 3 * at() ** 2 + 1, lambda: tf.reshape(by_square(), [])],
    "00.2": [2.5, np.float32(2.5), [2.5], np.array([[2.5]]), Fraction(5, 2)],
    "00.3": [(1.5, 0.3), [1.5, 0.3], np.array([1.5, 0.3]), [[1.5], [0.3]], (Fraction(3, 2), 0.3), step],
}
WRONG = {
    "00.1": [13.0, np.float32(13), "13", None, tf.constant, lambda: tf.constant(13.0), arithmetic_by_python, half_of_it,
             at, lambda: tf.constant([13.0]), lambda: 3 * tf.placeholder(tf.float32) ** 2 + 1, lambda: tf.Variable(13.0),
             lambda: tf.constant("13")],
    "00.2": [10**500, 5, 1.5, 0, -2.5, "2.5", None, [2.5, 2.5], True, np.nan, {}, lambda: tf.constant(2.5)],
    "00.3": [(0.5, -0.3), (-5, -3), (2.0, 0.6), (0.3, 1.5), (1.5, 0.3, 0), 1.5, "1.5 0.3", ("1.5", "0.3"), None, {1.5, 0.3},
             [[1.5], [0.3, 0.3]]],
}  # fmt: skip
