"""Answers to the exercises of notebook 02."""

import math

import numpy as np

import graphlab_nb as tf
from graphlab_nb.datasets.mnist import read_data_sets


def softmax(evidence):
    powers = np.exp(evidence - np.max(evidence))
    return powers / powers.sum()


def softmax_of_lists(evidence):
    largest = max(evidence)
    powers = [math.exp(value - largest) for value in evidence]
    return [power / sum(powers) for power in powers]


def softmax_in_a_session(evidence):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(tf.nn.softmax(tf.constant([list(evidence)], tf.float32)))


def overflowing(evidence):
    powers = np.exp(evidence)
    return powers / powers.sum()


def shifted_by_a_mean(evidence):
    powers = np.exp(evidence - np.mean(evidence) - 800)
    return powers / (powers.sum() + 1e-12)


def labels():
    """The test digits."""
    return read_data_sets(None).test.labels


def read(share):
    """What a model reads that has this share of the digits right, the wrong ones anywhere."""
    digits = labels().astype(int)
    wrong = np.random.RandomState(0).permutation(10_000)[: round(10_000 * (1 - share))]
    digits[wrong] = (digits[wrong] + 1) % 10
    return digits


def trained():
    """What a model reads that has one hidden layer and was trained for two seconds: not 98 %."""
    data = read_data_sets(None, one_hot=True, seed=1)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
        hidden = tf.nn.relu(tf.matmul(x, tf.Variable(tf.truncated_normal([784, 30], stddev=0.1))))
        logits = tf.matmul(hidden, tf.Variable(tf.zeros([30, 10])))
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=y))
        step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
        session.run(tf.initialize_all_variables())
        for _ in range(300):
            images, digits = data.train.next_batch(100)
            session.run(step, {x: images, y: digits})
        return session.run(tf.argmax(logits, 1), {x: data.test.images})


def tensor():
    """Digits that are still a tensor."""
    with tf.Graph().as_default():
        return tf.argmax(tf.zeros([10_000, 10]), 1)


RIGHT = {
    "02.1": [lambda: softmax, lambda: softmax_of_lists, lambda: softmax_in_a_session],
    "02.2": [math.log(10), 2.302585, 2.3026, 2.3, np.float32(2.3025851), np.array([2.3026]), -math.log(0.1)],
    "02.3": [
        lambda: read(0.98), lambda: read(0.9921), lambda: read(0.985).astype(np.uint8), lambda: np.eye(10)[read(0.983)],
        lambda: read(0.98).tolist(), lambda: read(0.981).astype(np.float32),
    ],
}  # fmt: skip
WRONG = {
    "02.1": [
        lambda: overflowing, lambda: shifted_by_a_mean, lambda: np.exp, lambda: np.tanh, lambda: (lambda evidence: ...),
        lambda: (lambda evidence: None), lambda: (lambda evidence: evidence / np.sum(evidence)), lambda: (lambda evidence: [0.5, 0.5]),
        lambda: (lambda: 1), lambda: (lambda evidence: softmax(evidence) * 2), lambda: (lambda evidence: 1 / 0),
        [0.5, 0.5], "softmax", None, 1, tensor,
    ],
    "02.2": [1, 0.1, -2.302585, 3.3219, 0, 10, "log 10", None, [2.3, 2.3], np.nan, {"loss": 2.3}],
    "02.3": [
        lambda: read(0.9799), labels, trained, lambda: np.eye(10)[labels()], lambda: read(0.99)[:9_999], lambda: read(0.99).astype(str),
        lambda: np.zeros((10_000, 3)), lambda: np.full(10_000, np.nan), tensor, 0.98, "98 %", None, [], object(),
        [[1], [1, 2]], [10**500] * 10_000,
    ],
}  # fmt: skip
