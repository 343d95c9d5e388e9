"""Right and wrong answers to the exercises of notebook 04."""

import math
from fractions import Fraction

import numpy as np

import graphlab_nb as tf


def x_sine():
    x = tf.placeholder(tf.float32, [None])
    return x, x * tf.sin(x)


def twice():
    x, y = x_sine()
    return x, tf.gradients(tf.gradients(y, x)[0], x)[0]


def twice_in_lists():
    x, y = x_sine()
    return x, tf.gradients(tf.gradients(y, x), x)


def by_formula():
    x, _ = x_sine()
    return [x, 2 * tf.cos(x) - x * tf.sin(x)]


def once():
    x, y = x_sine()
    return x, tf.gradients(y, x)[0]


def third():
    x, second = twice()
    return x, tf.gradients(second, x)[0]


def numbers_instead():
    x, second = twice()
    with tf.Session() as sess:
        return x, sess.run(second, {x: [1.0]})


def straight(x):
    return x + tf.stop_gradient(tf.round(x) - x)


def straight_turned(x):
    return tf.stop_gradient(tf.round(x)) + x - tf.stop_gradient(x)


RIGHT = {
    "04.1": [1, 1.0, np.float32(1), [1.0], Fraction(1, 1)],
    "04.2": [twice, twice_in_lists, by_formula],
    "04.3": [straight, straight_turned, lambda x: tf.round(x - tf.stop_gradient(x)) + straight(x)],
}
WRONG = {
    "04.1": [0.25, 0.5, 0, 4, -1, "1", None, [1.0, 1.0], math.nan, True],
    "04.2": [once, third, x_sine, numbers_instead, lambda: twice()[1], lambda: twice()[::-1], 2.0, None, (1, 2)],
    "04.3": [tf.round, tf.identity, tf.stop_gradient, lambda x: tf.stop_gradient(tf.round(x)), lambda x: 1.0,
             lambda x: 2 * x + tf.stop_gradient(tf.round(x) - 2 * x), lambda x: None, lambda x: x.nothing,
             lambda x, y: x, int, 3.0, "round", None, lambda: tf.constant(1.0)],
}  # fmt: skip
