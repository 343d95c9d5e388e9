"""What `tf.nn` offers, and dropout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

NAMES = """
    atrous_conv2d avg_pool avg_pool3d batch_norm_with_global_normalization batch_normalization bias_add conv1d conv2d
    conv2d_backprop_filter conv2d_backprop_input conv2d_transpose conv3d conv3d_transpose crelu depthwise_conv2d
    depthwise_conv2d_native dropout elu embedding_lookup fused_batch_norm in_top_k l2_loss l2_normalize leaky_relu
    local_response_normalization log_softmax lrn max_pool max_pool3d max_pool_with_argmax moments normalize_moments relu
    relu6 relu_layer selu separable_conv2d sigmoid sigmoid_cross_entropy_with_logits softmax
    softmax_cross_entropy_with_logits softplus softsign sparse_softmax_cross_entropy_with_logits sufficient_statistics
    tanh top_k weighted_cross_entropy_with_logits xw_plus_b zero_fraction
""".split()  # noqa: SIM905 - a list that long is read more easily so


@pytest.mark.parametrize("name", NAMES)
def test_name(name: str) -> None:
    function = getattr(tf.nn, name)
    assert callable(function)
    assert (function.__doc__ or "").strip()


@pytest.fixture(autouse=True)
def graph() -> Any:
    with tf.Graph().as_default() as made:
        yield made


def test_dropout_by_a_placeholder() -> None:
    x, keep = tf.ones([200, 50]), tf.placeholder(tf.float32)
    y = tf.nn.dropout(x, keep)
    dx = tf.gradients(y, x)[0]
    with tf.Session() as sess:
        value, slope = sess.run([y, dx], {keep: 0.8})
        assert set(np.unique(value)) == {np.float32(0), np.float32(1.25)}
        assert abs((value > 0).mean() - 0.8) < 0.02
        np.testing.assert_array_equal(value, slope)
        assert (sess.run(y, {keep: 0.8}) != value).any()
        np.testing.assert_array_equal(sess.run(y, {keep: 1.0}), np.ones([200, 50]))


def test_dropout_of_whole_rows_and_with_a_seed() -> None:
    x = tf.ones([40, 6])
    rows = tf.nn.dropout(x, 0.5, noise_shape=[40, 1], seed=3)
    assert tf.nn.dropout(x, 1.0) is x
    with tf.Session() as sess:
        first = sess.run(rows)
    with tf.Session() as sess:
        second = sess.run(rows)
    np.testing.assert_array_equal(first, second)
    assert (first == first[:, :1]).all()
    assert 0 < (first > 0).mean() < 1


def test_a_small_net_learns() -> None:
    random = np.random.RandomState(0)
    x = random.randn(64, 8).astype(np.float32)
    labels = (x[:, :2].sum(1) > 0).astype(np.int32)
    w = tf.Variable(tf.zeros([8, 2]))
    b = tf.Variable(tf.zeros([2]))
    logits = tf.nn.xw_plus_b(tf.constant(x), w, b)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits, tf.constant(labels)))
    steps = tf.group(*[v.assign_sub(0.5 * g) for v, g in zip([w, b], tf.gradients(loss, [w, b]), strict=True)])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        assert abs(sess.run(loss) - np.log(2)) < 1e-6
        for _ in range(100):
            sess.run(steps)
        assert sess.run(loss) < 0.2
