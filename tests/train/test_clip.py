"""Clipping by norms against NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import graphlab_nb as tf

X = np.array([[-3.0, 0.0, 0.0], [4.0, 0.0, 0.0]], np.float32)


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def test_clip_by_norm() -> None:
    limit = tf.placeholder(tf.float32, [])
    clipped = tf.clip_by_norm(X, limit)
    assert clipped.get_shape() == [2, 3]
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(clipped, {limit: 4.0}), X * 0.8, rtol=1e-6)
        np.testing.assert_array_equal(sess.run(clipped, {limit: 5.0}), X)
        np.testing.assert_array_equal(sess.run(clipped, {limit: 50.0}), X)
        np.testing.assert_array_equal(sess.run(tf.clip_by_norm(np.zeros(3, np.float32), 1.0)), np.zeros(3))


def test_clip_by_norm_along_an_axis() -> None:
    with tf.Session() as sess:
        found = sess.run(tf.clip_by_norm(X, 2.0, axes=[1]))
        np.testing.assert_allclose(found, [[-2, 0, 0], [2, 0, 0]], rtol=1e-6)
        found = sess.run(tf.clip_by_norm(X, 4.0, [0]))
        np.testing.assert_allclose(found, X * 0.8, rtol=1e-6)


def test_clip_by_average_norm() -> None:
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(tf.clip_by_average_norm(X, 0.5)), X * 0.5 / (5 / 6), rtol=1e-6)
        np.testing.assert_array_equal(sess.run(tf.clip_by_average_norm(X, 0.9)), X)


def test_global_norm_and_clipping_by_it() -> None:
    parts = [tf.constant(X), None, tf.constant([12.0])]
    with tf.Session() as sess:
        assert sess.run(tf.global_norm(parts)) == pytest.approx(13.0)
        clipped, norm = tf.clip_by_global_norm(parts, 6.5)
        assert clipped[1] is None
        first, last, whole = sess.run([clipped[0], clipped[2], norm])
        np.testing.assert_allclose(first, X / 2, rtol=1e-6)
        np.testing.assert_allclose(last, [6.0], rtol=1e-6)
        assert whole == pytest.approx(13.0)
        clipped, _ = tf.clip_by_global_norm(parts, 14.0)
        np.testing.assert_array_equal(sess.run(clipped[0]), X)


def test_clipping_by_a_given_norm() -> None:
    with tf.Session() as sess:
        clipped, norm = tf.clip_by_global_norm([tf.constant(X)], 1.0, use_norm=tf.constant(4.0))
        np.testing.assert_allclose(sess.run(clipped[0]), X / 4, rtol=1e-6)
        assert sess.run(norm) == 4.0


def test_double_precision() -> None:
    with tf.Session() as sess:
        clipped, _ = tf.clip_by_global_norm([tf.constant(X.astype(np.float64))], 1.0)
        assert sess.run(clipped[0]).dtype == np.float64
        np.testing.assert_allclose(sess.run(clipped[0]), X.astype(np.float64) / 5, rtol=1e-12)


def test_lists_that_are_none() -> None:
    with pytest.raises(TypeError, match="list"):
        tf.clip_by_global_norm(tf.constant(X), 1.0)
    with pytest.raises(TypeError, match="list"):
        tf.global_norm(tf.constant(X))
    with pytest.raises(ValueError, match="no tensor"):
        tf.global_norm([None])
