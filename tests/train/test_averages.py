"""Moving averages: their values, names and what a checkpoint calls them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def test_averages_of_variables_start_from_their_initial_values() -> None:
    a = tf.Variable(tf.random_normal([4]), name="a")
    b = tf.Variable(np.float64(2.0), name="b")
    ema = tf.train.ExponentialMovingAverage(0.75)
    update = ema.apply([a, b])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        first = sess.run(a)
        np.testing.assert_array_equal(sess.run(ema.average(a)), first)
        sess.run([a.assign(first + 4.0), b.assign(np.float64(6.0))])
        for n in (1, 2, 3):
            sess.run(update)
            np.testing.assert_allclose(sess.run(ema.average(a)), first + 4 * (1 - 0.75**n), rtol=1e-5)
            np.testing.assert_allclose(sess.run(ema.average(b)), 6 - 4 * 0.75**n, rtol=1e-6)
        assert sess.run(ema.average(b)).dtype == np.float64


def test_number_of_updates_makes_the_first_ones_faster() -> None:
    a = tf.Variable(0.0)
    step = tf.Variable(0, trainable=False)
    ema = tf.train.ExponentialMovingAverage(0.99, num_updates=step)
    update = ema.apply()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(a.assign(1.0))
        expected = 0.0
        for n in (0, 3, 10000):
            step.load(n, sess)
            sess.run(update)
            decay = min(0.99, (1 + n) / (10 + n))
            expected = decay * expected + (1 - decay)
            np.testing.assert_allclose(sess.run(ema.average(a)), expected, rtol=1e-5)


def test_average_of_a_tensor_starts_from_zero() -> None:
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.multiply(x, 2.0, name="y")
    ema = tf.train.ExponentialMovingAverage(0.5, name="mean")
    update = ema.apply([y])
    assert ema.average(y).op.name == "y/mean"
    assert y not in tf.moving_average_variables()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(update, {x: [1.0, 2.0]})
        np.testing.assert_allclose(sess.run(ema.average(y)), [1.0, 2.0])
        sess.run(update, {x: [3.0, 0.0]})
        np.testing.assert_allclose(sess.run(ema.average(y)), [3.5, 1.0])


def test_update_after_a_training_step_sees_the_new_weights() -> None:
    w = tf.Variable([1.0, 2.0])
    train = tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_sum(tf.square(w)) / 2)
    ema = tf.train.ExponentialMovingAverage(0.5)
    with tf.control_dependencies([train]):
        update = ema.apply([w])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(update)
        np.testing.assert_allclose(sess.run(w), [0.5, 1.0])
        np.testing.assert_allclose(sess.run(ema.average(w)), [0.75, 1.5])


def test_names_and_collections() -> None:
    a = tf.Variable(1.0, name="a")
    b = tf.Variable(1.0, name="b")
    c = tf.Variable(1.0, name="c", trainable=False)
    ema = tf.train.ExponentialMovingAverage(0.9)
    assert ema.name == "ExponentialMovingAverage"
    update = ema.apply([a])
    assert update.name == "ExponentialMovingAverage"
    shadow = ema.average(a)
    assert shadow.name == "a/ExponentialMovingAverage:0"
    assert shadow in tf.global_variables() and shadow not in tf.trainable_variables()
    assert tf.moving_average_variables() == [a]
    assert ema.average(b) is None
    assert ema.average_name(a) == "a/ExponentialMovingAverage"
    assert ema.average_name(b) == "b/ExponentialMovingAverage"
    assert ema.variables_to_restore() == {
        "a/ExponentialMovingAverage": a,
        "b/ExponentialMovingAverage": b,
        "c": c,
    }
    assert ema.variables_to_restore([a]) == {"a/ExponentialMovingAverage": a, "b": b, "c": c}


def test_what_cannot_be_averaged() -> None:
    a = tf.Variable(1.0, name="a")
    ema = tf.train.ExponentialMovingAverage(0.9)
    ema.apply([a])
    with pytest.raises(ValueError, match=r"already computed for a:0"):
        ema.apply([a])
    with pytest.raises(TypeError, match="int32"):
        ema.apply([tf.Variable(1)])
    with pytest.raises(ValueError, match="not fully known"):
        ema.apply([tf.placeholder(tf.float32, [None])])
