"""Right and wrong answers to the exercises of notebook 06."""

import math

import numpy as np

import graphlab_nb as tf


def product(device, rows=4, columns=4):
    def make():
        with tf.device(device):
            return tf.matmul(tf.ones([rows, columns]), tf.ones([columns, rows]))

    return make


def a_sum():
    with tf.device("/cpu:0"):
        return tf.ones([4, 4]) + tf.ones([4, 4])


def its_number():
    with tf.Session() as sess:
        return sess.run(product("/cpu:0")())


def squared(expression, grad=None, **kwargs):
    @tf.elementwise("SignedSquare", expression, grad=grad, **kwargs)
    def signed_square(x, name=None):
        """x |x|."""

    return lambda: signed_square


def slope(op, dy):
    return [dy * 2.0 * tf.abs(op.inputs[0])]


RIGHT = {
    "06.1": [(24e6, 8e6), [24_000_000, 8_000_000], np.array([2.4e7, 8e6])],
    "06.2": [product("/cpu:0"), product("/device:CPU:0"), product("/job:localhost/device:CPU:0"), product("/cpu:*")],
    "06.3": [
        squared("x0 * fabs(x0)", slope), squared("x0 < 0 ? -x0 * x0 : x0 * x0", slope),
        squared("x0 * fabs(x0)", lambda op, dy: 2.0 * dy * tf.abs(op.inputs[0]), takes=[tf.float32]),
    ],
}  # fmt: skip
WRONG = {
    "06.1": [(8e6, 24e6), (6e6, 2e6), (12e6, 4e6), (24e6, 24e6), (24e6, 16e6), 24e6, "24 MB", None, (math.nan, 1), (1, 2, 3)],
    "06.2": [product(None), product("/cpu:1"), product("/gpu:0"), product("/cpu:0", 4, 3), product("/cpu:0", 3, 4), a_sum,
             its_number, "/cpu:0", None, 4, lambda: tf.Variable(tf.ones([4, 4]))],
    "06.3": [
        squared("x0 * fabs(x0)"), squared("x0 * fabs(x0)", lambda op, dy: [2.0 * tf.abs(op.inputs[0])]),
        squared("x0 * fabs(x0)", lambda op, dy: [dy]), squared("x0 * x0", slope), squared("no_such_thing", slope),
        lambda: lambda x: x * tf.abs(x), lambda: lambda x: 3, lambda: lambda x: None, lambda: lambda: None, abs, int, "x0", None,
        lambda: tf.ones([2]), 2.0,
    ],
}  # fmt: skip
