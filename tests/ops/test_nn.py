"""Errors, shapes and argument orders of activations, softmax, pooling and normalization."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf


def shape_of(tensor: Any) -> Any:
    return tensor.get_shape().as_list()


@pytest.fixture(autouse=True)
def graph() -> Any:
    with tf.Graph().as_default() as made:
        yield made


def images(*shape: Any) -> Any:
    return tf.placeholder(tf.float32, shape)


def test_shapes_partly_known() -> None:
    x = images(None, 28, None, 3)
    assert shape_of(tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")) == [None, 14, None, 3]
    assert shape_of(tf.nn.avg_pool(x, [1, 3, 3, 1], [1, 2, 2, 1], "VALID")) == [None, 13, None, 3]
    assert shape_of(tf.nn.lrn(tf.placeholder(tf.float32))) == [None] * 4
    logits, labels = tf.placeholder(tf.float32), images(None, 10)
    assert shape_of(tf.nn.softmax_cross_entropy_with_logits(logits, labels)) == [None]
    assert shape_of(tf.nn.bias_add(images(None, None), images(7))) == [None, 7]
    x = images(None, 4)
    assert shape_of(tf.nn.dropout(x, tf.placeholder(tf.float32))) == [None, 4]
    assert shape_of(tf.nn.crelu(x)) == [None, 8]


@pytest.mark.parametrize(
    ("ksize", "strides", "padding", "says"),
    [
        ([2, 2], [1, 2, 2, 1], "SAME", "ksize must be 4"),
        ([1, 2, 2, 1], [1, 2, 2], "SAME", "strides must be 4"),
        ([1, 0, 2, 1], [1, 2, 2, 1], "SAME", "positive"),
        ([2, 1, 1, 1], [1, 1, 1, 1], "SAME", "batch"),
        ([1, 2, 2, 2], [1, 1, 1, 2], "SAME", "channels"),
        ([1, 2, 2, 1], [1, 2, 2, 1], "same", "padding"),
        ([1, 9, 2, 1], [1, 2, 2, 1], "VALID", "does not fit"),
    ],
)
@pytest.mark.parametrize("pool", ["max_pool", "avg_pool"])
def test_pooling_refuses(pool: str, ksize: Any, strides: Any, padding: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        getattr(tf.nn, pool)(images(1, 4, 4, 6), ksize, strides, padding)


def test_pooling_refuses_ranks_types_and_formats() -> None:
    ones = [1, 1, 1, 1]
    with pytest.raises(ValueError, match="rank 4"):
        tf.nn.max_pool(images(4, 4), ones, ones, "SAME")
    with pytest.raises(ValueError, match="NHWC or NCHW"):
        tf.nn.max_pool(images(1, 4, 4, 6), ones, ones, "SAME", data_format="NWHC")
    with pytest.raises(TypeError, match="int32"):
        tf.nn.max_pool(tf.zeros([1, 2, 2, 1], tf.int32), ones, ones, "SAME")
    with pytest.raises(ValueError, match="over channels"):
        tf.nn.max_pool_with_argmax(images(1, 4, 4, 6), [1, 1, 1, 2], [1, 1, 1, 2], "SAME")


def test_softmax_refuses() -> None:
    with pytest.raises(ValueError, match="at least one dimension"):
        tf.nn.softmax(tf.constant(1.0))
    with pytest.raises(TypeError, match="int32"):
        tf.nn.log_softmax(tf.constant([1, 2]))
    with pytest.raises(ValueError, match="no dimension 2"):
        tf.nn.softmax(images(2, 3), 2)
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 4\)"):
        tf.nn.softmax_cross_entropy_with_logits(images(2, 3), images(2, 4))
    with pytest.raises(ValueError, match="Rank mismatch"):
        tf.nn.sparse_softmax_cross_entropy_with_logits(images(2, 3), tf.zeros([2, 3], tf.int32))
    with pytest.raises(ValueError, match="do not fit"):
        tf.nn.sparse_softmax_cross_entropy_with_logits(images(2, 3), tf.zeros([3], tf.int32))
    with pytest.raises(TypeError, match="int32 or int64"):
        tf.nn.sparse_softmax_cross_entropy_with_logits(images(2, 3), images(2))
    with pytest.raises(ValueError, match="same shape"):
        tf.nn.sigmoid_cross_entropy_with_logits(images(2, 3), images(3))
    for function in ("softmax", "sparse_softmax", "sigmoid"):
        with pytest.raises(ValueError, match="misses the argument 'labels'"):
            getattr(tf.nn, f"{function}_cross_entropy_with_logits")(logits=images(2, 3))


def test_bias_and_dropout_refuse() -> None:
    with pytest.raises(ValueError, match="bias of 4 does not fit the 3 channels"):
        tf.nn.bias_add(images(2, 3), images(4))
    with pytest.raises(ValueError, match="bias of 1 does not fit the 3 channels"):
        tf.nn.bias_add(images(2, 3), images(1))
    with pytest.raises(ValueError, match="rank 1"):
        tf.nn.bias_add(images(2, 3), images(1, 3))
    with pytest.raises(ValueError, match="data_format"):
        tf.nn.bias_add(images(2, 3), images(3), data_format="CN")
    for keep_prob in (0.0, -1, 1.5):
        with pytest.raises(ValueError, match="keep_prob"):
            tf.nn.dropout(images(2), keep_prob)
    with pytest.raises(ValueError, match="given where is_training is False"):
        tf.nn.fused_batch_norm(images(1, 2, 2, 3), images(3), images(3), is_training=False)


def test_a_label_that_is_no_class_is_an_error_of_its_run() -> None:
    labels = tf.placeholder(tf.int64, [None])
    logits = tf.zeros([2, 3])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(logits, labels, name="loss")
    with tf.Session() as sess:
        for wrong in (3, -1):
            with pytest.raises(tf.errors.InvalidArgumentError, match=rf"label value of {wrong} .*range of \[0, 3\)"):
                sess.run(loss, {labels: [0, wrong]})
        np.testing.assert_allclose(sess.run(loss, {labels: [0, 2]}), np.log([3.0, 3.0]), rtol=1e-6)


def test_both_argument_orders() -> None:
    x, z = tf.constant([[1.0, 2.0, 4.0]]), tf.constant([[0.2, 0.3, 0.5]])
    index = tf.constant([1])
    nn = tf.nn
    pairs = [
        (nn.softmax_cross_entropy_with_logits(x, z), nn.softmax_cross_entropy_with_logits(labels=z, logits=x)),
        (nn.sigmoid_cross_entropy_with_logits(x, z), nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x)),
        (nn.sigmoid_cross_entropy_with_logits(x, targets=z), nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x)),
        (
            nn.sparse_softmax_cross_entropy_with_logits(x, index),
            nn.sparse_softmax_cross_entropy_with_logits(labels=index, logits=x),
        ),
        (nn.softmax(x, "named"), nn.softmax(x, dim=1)),
        (nn.softmax_cross_entropy_with_logits(x, z), nn.softmax_cross_entropy_with_logits(x, z, dim=1)),
    ]
    with tf.Session() as sess:
        for first, second in sess.run(pairs):
            np.testing.assert_array_equal(first, second)


def test_relu_keeps_nan_and_pooling_takes_the_first_of_equals() -> None:
    with tf.Session() as sess:
        assert np.isnan(sess.run(tf.nn.relu(tf.constant([np.nan, -1.0])))[0])
        x = tf.ones([1, 2, 2, 1])
        y = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        np.testing.assert_array_equal(sess.run(tf.gradients(y, x)[0]).ravel(), [1, 0, 0, 0])


def test_softmax_is_stable() -> None:
    x = tf.constant([[1e4, 0.0], [-1e4, -1e4]])
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(tf.nn.softmax(x)), [[1, 0], [0.5, 0.5]])
        loss = tf.nn.softmax_cross_entropy_with_logits(x, tf.constant([[0.0, 1.0], [0.0, 1.0]]))
        np.testing.assert_allclose(sess.run(loss), [1e4, np.log(2)], rtol=1e-6)


def test_inference_by_given_moments() -> None:
    x = tf.constant(np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2))
    mean, variance = tf.constant([1.0, 2.0]), tf.constant([4.0, 9.0])
    y, same_mean, _ = tf.nn.fused_batch_norm(
        x, tf.constant([1.0, 2.0]), tf.constant([0.0, 1.0]), mean, variance, epsilon=0.0, is_training=False
    )
    with tf.Session() as sess:
        found, given = sess.run([y, same_mean])
    want = (np.arange(8).reshape(1, 2, 2, 2) - [1, 2]) / [2, 3] * [1, 2] + [0, 1]
    np.testing.assert_allclose(found, want, rtol=1e-5)
    np.testing.assert_array_equal(given, [1, 2])
