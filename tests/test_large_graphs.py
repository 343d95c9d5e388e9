"""Large graphs: nothing recurses, and building and planning stay linear."""

from __future__ import annotations

import numpy as np

import graphlab_nb as tf


def test_a_chain_of_ten_thousand_operations_runs():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [4])
        y = x
        for i in range(10_000):
            y = y + 1.0 if i % 2 else y * 1.0
        np.testing.assert_array_equal(sess.run(y, {x: np.zeros(4, np.float32)}), np.full(4, 5000.0))


def test_gradients_of_a_deep_graph():
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        x = tf.placeholder(tf.float32, [3])
        y = x
        for _ in range(5_000):
            y = y * 1.0001
        (dx,) = tf.gradients(y, [x])
        assert len(graph.get_operations()) > 10_000
        np.testing.assert_allclose(sess.run(dx, {x: np.ones(3, np.float32)}), 1.0001**5000 * np.ones(3), rtol=1e-3)


def test_wide_graphs_do_not_grow_kernels_without_bound():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [8])
        parts = [tf.sin(x * float(i)) for i in range(500)]
        out = tf.add_n(parts)
        data = np.linspace(0, 1, 8).astype(np.float32)
        want = sum(np.sin(data.astype(np.float64) * i) for i in range(500))
        np.testing.assert_allclose(sess.run(out, {x: data}), want, rtol=1e-4, atol=1e-3)
