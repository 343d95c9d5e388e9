"""Indices that tensors take, their static shapes, and errors."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def dims(tensor):
    return tensor.get_shape().as_list()


def test_static_shapes_of_partly_known_tensors():
    x = tf.placeholder(tf.float32, [None, 6, 4])
    assert dims(x[0]) == [6, 4]
    assert dims(x[:, 1:3]) == [None, 2, 4]
    assert dims(x[2:]) == [None, 6, 4]
    assert dims(x[..., -1]) == [None, 6]
    assert dims(x[:, None, ::2]) == [None, 1, 3, 4]
    assert dims(x[:, : tf.shape(x)[2]]) == [None, 4, 4]
    assert dims(x[:, : tf.placeholder(tf.int32, [])]) == [None, None, 4]
    assert dims(tf.slice(x, [0, 1, 2], [-1, 3, -1])) == [None, 3, 2]
    assert dims(tf.slice(x, tf.placeholder(tf.int32, [3]), [2, 2, 2])) == [2, 2, 2]
    assert tf.placeholder(tf.float32)[0].get_shape().ndims is None
    assert x[0].op.type == "StridedSlice"


def test_random_indices_mean_what_they_mean_in_numpy():
    random = np.random.RandomState(0)
    x = random.randn(5, 1, 7, 4).astype(np.float32)
    keys = []

    def part():
        kind = random.randint(4)
        if kind == 0:
            return slice(None)
        ends = [None if random.rand() < 0.3 else int(random.randint(-9, 9)) for _ in range(2)]
        return slice(*ends, int(random.choice([-3, -2, -1, 1, 2, 3])))

    for _ in range(60):
        key = [part() for _ in range(random.randint(1, 5))]
        for k in range(len(key)):
            if random.rand() < 0.25:
                n = x.shape[k]
                key[k] = int(random.randint(-n, n))
        if random.rand() < 0.3:
            key.insert(random.randint(len(key) + 1), None)
        if random.rand() < 0.3 and len([k for k in key if k is not None]) < 4:
            key.append(Ellipsis)
        keys.append(tuple(key))
    variable = tf.constant(x)
    with tf.Session() as sess:
        outputs = [variable[key] for key in keys]
        for key, output, got in zip(keys, outputs, sess.run(outputs), strict=True):
            np.testing.assert_array_equal(got, x[key], err_msg=str(key))
            assert output.get_shape() == x[key].shape, key


def test_tensors_as_indices():
    x = np.arange(24.0, dtype=np.float32).reshape(4, 6)
    i = tf.placeholder(tf.int32, [])
    j = tf.placeholder(tf.int64, [])
    y = tf.constant(x)
    with tf.Session() as sess:
        for k in (0, 2, -1):
            np.testing.assert_array_equal(sess.run(y[i], {i: k}), x[k])
            np.testing.assert_array_equal(sess.run(y[:, j], {j: k}), x[:, k])
            np.testing.assert_array_equal(sess.run(y[i:], {i: k}), x[k:])
            np.testing.assert_array_equal(sess.run(y[:, :i], {i: k}), x[:, :k])
        np.testing.assert_array_equal(sess.run(y[::i], {i: 2}), x[::2])
        np.testing.assert_array_equal(sess.run(tf.slice(y, [i, 1], [2, -1]), {i: 1}), x[1:3, 1:])


def test_variables_are_indexed_like_tensors():
    x = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    variable = tf.Variable(x)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        np.testing.assert_array_equal(sess.run(variable[1, ::-1]), x[1, ::-1])
        (gradient,) = tf.gradients(tf.reduce_sum(tf.square(variable[1:])), variable)
        np.testing.assert_array_equal(sess.run(gradient), [[0, 0, 0], 2 * x[1]])


def test_indices_that_are_certainly_wrong():
    x = tf.zeros([3, 4])
    for build, words in (
        (lambda: x[3], ["Index 3", "(3, 4)"]),
        (lambda: x[0, -5], ["Index -5", "(3, 4)"]),
        (lambda: x[0, 0, 0], ["3", "(3, 4)"]),
        (lambda: x[::0], ["zero"]),
        (lambda: x[..., ...], ["ellipsis"]),
        (lambda: tf.slice(x, [0], [1]), ["(3, 4)"]),
        (lambda: tf.slice(x, [1, 1], [3, 1]), ["outside", "(3, 4)"]),
        (lambda: tf.slice(x, [-1, 0], [1, 1]), ["[-1, 0]"]),
        (lambda: tf.strided_slice(x, [0], [1, 2]), ["length"]),
    ):
        with pytest.raises(ValueError) as info:
            build()
        for word in words:
            assert word in str(info.value), str(info.value)


def test_indices_of_other_kinds():
    x = tf.zeros([3, 4])
    for key in (1.5, "a", True, tf.constant(1.0), tf.constant([True, False, True]), np.array([0, 1])):
        with pytest.raises(TypeError, match="index"):
            x[key]


def test_an_index_out_of_range_when_run():
    x, i = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [])
    y = x[i]
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match="Index 3 is outside"):
            sess.run(y, {x: [1, 2, 3], i: 3})
        assert sess.run(y, {x: [1, 2, 3], i: 2}) == 3
