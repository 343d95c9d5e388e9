"""Answers to the exercises of notebook 03."""

import numpy as np

import graphlab_nb as tf

LAPLACE = [[0, -1, 0], [-1, 4, -1], [0, -1, 0]]


def pooled():
    """The shape, as the library says it."""
    with tf.Graph().as_default():
        images = tf.zeros([50, 7, 7, 64])
        return tf.nn.max_pool(images, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME").get_shape()


def counted():
    """The numbers of such a layer's variables."""
    with tf.Graph().as_default():
        variables = [tf.Variable(tf.zeros([3, 3, 64, 128])), tf.Variable(tf.zeros([128]))]
        return sum(int(np.prod(v.get_shape().as_list())) for v in variables)


def tensor():
    """A filter that is still a tensor."""
    with tf.Graph().as_default():
        return tf.constant(LAPLACE)


RIGHT = {
    "03.1": [73856, 73856.0, np.int64(73856), np.array([73856]), 3 * 3 * 64 * 128 + 128, counted],
    "03.2": [[50, 4, 4, 64], (50, 4, 4, 64), np.array([50, 4, 4, 64]), [50.0, 4.0, 4.0, 64.0], pooled],
    "03.3": [
        LAPLACE,
        np.array(LAPLACE, np.float32),
        np.array(LAPLACE).reshape(3, 3, 1, 1),
        np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
        np.array([[-1, -2, -1], [-2, 12, -2], [-1, -2, -1]]) / 12,
        np.array([[-1, 0, -1], [0, 4, 0], [-1, 0, -1]], np.float32) * 1e-3,
    ],
}
WRONG = {
    "03.1": [73728, 1280, 73792, 1152, 0, -73856, "many", None, [73856, 1], {"numbers": 73856}, np.nan],
    "03.2": [
        [50, 3, 3, 64], [50, 3.5, 3.5, 64], [50, 4, 4, 32], [4, 4, 64], [7, 7], 50, "4 x 4", None, [None, 4, 4, 64],
        [[50, 4], [4, 64, 1]],
    ],
    "03.3": [
        np.zeros((3, 3)), np.ones((3, 3)), -np.array(LAPLACE), [[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        [[0, -1, 0], [0, 2, 0], [0, -1, 0]], [[-1, 0, 0], [0, 2, 0], [0, 0, -1]], np.eye(4), [[0, np.nan, 0], [0, 1, 0], [0, 0, 0]],
        [[0, np.inf, 0], [0, 1, 0], [0, 0, 0]], tensor, "edge", None, 3, object(),
    ],
}  # fmt: skip
