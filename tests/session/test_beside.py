"""Computing a loss beside a step that does not need it: the same bits as ever, and the loss that the step had."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.session.beside import Beside, can_be_beside


def softmax():
    x, labels = tf.placeholder(tf.float32, [None, 20], name="x"), tf.placeholder(tf.float32, [None, 5], name="labels")
    W = tf.Variable(tf.truncated_normal([20, 5], stddev=0.5, seed=1))
    y = tf.nn.softmax(tf.matmul(x, W))
    return tf.reduce_mean(-tf.reduce_sum(labels * tf.log(y), [1])), tf.train.GradientDescentOptimizer(0.5)


def deep():
    x, labels = tf.placeholder(tf.float32, [None, 20], name="x"), tf.placeholder(tf.float32, [None, 5], name="labels")
    image = tf.reshape(tf.matmul(x, tf.Variable(tf.truncated_normal([20, 144], stddev=0.3, seed=2))), [-1, 12, 12, 1])
    W = tf.Variable(tf.truncated_normal([5, 5, 1, 8], stddev=0.3, seed=3))
    h = tf.nn.max_pool(tf.nn.relu(tf.nn.conv2d(image, W, [1, 1, 1, 1], "SAME")), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    kept = tf.nn.dropout(tf.reshape(h, [-1, 288]), 0.5, seed=4)
    logits = tf.matmul(kept, tf.Variable(tf.truncated_normal([288, 5], stddev=0.3, seed=5)))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=labels))
    return loss, tf.train.AdamOptimizer(1e-2)


def decayed():
    """The weights' size is part of the loss: it is that of the weights before the step."""
    loss, optimizer = softmax()
    return loss + 0.1 * sum(tf.nn.l2_loss(v) for v in tf.trainable_variables()), optimizer


def fetched_anyway():
    """A loss that the gradient reads itself."""
    loss, optimizer = softmax()
    return loss * loss, optimizer


NETS = [softmax, deep, decayed, fetched_anyway]


def feeds_of(step):
    graph, r = tf.get_default_graph(), np.random.RandomState(step)
    x, labels = (graph.get_tensor_by_name(name) for name in ("x:0", "labels:0"))
    return {
        x: r.rand(16, 20).astype(np.float32),
        labels: np.eye(5, dtype=np.float32)[r.randint(0, 5, 16)],
    }


def train(net, looks, steps=12):
    """Losses that were computed beside, and the variables at the end."""
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        tf.set_random_seed(11)
        loss, optimizer = net()
        step = optimizer.minimize(loss)
        sess.run(tf.global_variables_initializer())
        fetches = sess._fetches_of(step)
        assert graph.minimized == {step: loss}
        losses = {}
        for k in range(steps):
            feeds = feeds_of(k)
            if looks == "fetch":
                losses[k] = sess.run([step, loss], feeds)[1]
                continue
            beside = None
            if looks == "beside" and can_be_beside(sess, fetches, feeds, [loss]):
                beside = sess.beside = Beside([loss], measured=k % 3 == 0)
            sess.run(step, feeds)
            if beside is not None:
                assert beside.taken
                losses[k] = beside.values()[0]
                assert (beside.seconds > 0) == (k % 3 == 0)
        return losses, sess.run(tf.global_variables())


@pytest.mark.parametrize("net", NETS)
def test_bits_are_the_same_and_the_loss_is_the_steps_own(net):
    losses, looked = train(net, "beside")
    _, alone = train(net, "")
    for a, b in zip(looked, alone, strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    fetched, _ = train(net, "fetch")
    assert len(losses) == 11  # all but the first, before which there was no plan
    for k, value in losses.items():
        np.testing.assert_allclose(value, fetched[k], rtol=2e-6)


def test_what_cannot_be_had_so_is_refused_and_changes_nothing():
    with tf.Graph().as_default(), tf.Session() as sess:
        loss, optimizer = softmax()
        step = optimizer.minimize(loss)
        noisy = loss + tf.random_uniform([])
        drawn = tf.reduce_sum(tf.py_func(lambda: np.float32(1), [], tf.float32))
        counter = tf.Variable(0.0)
        counted = loss + tf.assign_add(counter, 1.0)
        sess.run(tf.global_variables_initializer())
        fetches, feeds = sess._fetches_of(step), feeds_of(0)
        assert can_be_beside(sess, fetches, feeds, [loss]) is None
        sess.run(step, feeds)
        for tensor in (noisy, drawn, counted):
            assert can_be_beside(sess, fetches, feeds, [tensor]) is False
        assert can_be_beside(sess, fetches, feeds, [loss]) is True
        assert sess.run(counter) == 0


def test_a_run_with_other_feeds_or_one_that_fails_takes_nothing():
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        loss, optimizer = softmax()
        step = optimizer.minimize(loss)
        sess.run(tf.global_variables_initializer())
        fetches, feeds = sess._fetches_of(step), feeds_of(0)
        sess.run(step, feeds)
        assert can_be_beside(sess, fetches, feeds, [loss])
        beside = sess.beside = Beside([loss])
        x = graph.get_tensor_by_name("x:0")
        fewer = {t: v[:3] for t, v in feeds.items()}
        sess.run(step, fewer)
        assert not beside.taken and not beside.ready() and sess.beside is None
        with pytest.raises(ValueError, match="Cannot feed"):
            sess.beside = Beside([loss])
            sess.run(step, {**feeds, x: np.zeros((2, 3), np.float32)})
        sess.run(step, feeds)
        sess.run(step, feeds)
