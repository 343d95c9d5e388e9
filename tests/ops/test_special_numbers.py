"""NaN stays visible where largest and smallest are chosen; large and small numbers lose no precision on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

NAN = np.float32(np.nan)


def value(build: Any, *fed: Any) -> Any:
    with tf.Graph().as_default(), tf.Session() as sess:
        inputs = [tf.placeholder(tf.float32, np.shape(f)) for f in fed]
        return sess.run(build(*inputs), dict(zip(inputs, fed, strict=True)))


@pytest.mark.parametrize("op, other", [(tf.maximum, 5.0), (tf.minimum, -5.0)])
def test_the_larger_and_the_smaller_of_nan_are_nan(op: Any, other: float):
    x = np.float32([1, np.nan, 2] * 11)
    expected = np.where(np.isnan(x), NAN, np.float32(other))
    np.testing.assert_array_equal(value(lambda a: op(a, other), x), expected)
    np.testing.assert_array_equal(value(lambda a: op(other, a), x), expected)


def test_nan_passes_through_what_limits():
    x = np.float32([-1, np.nan, 7] * 11)
    np.testing.assert_array_equal(value(tf.nn.relu6, x), np.float32([0, np.nan, 6] * 11))
    np.testing.assert_array_equal(value(lambda a: tf.clip_by_value(a, 0.0, 1.0), x), np.float32([0, np.nan, 1] * 11))
    assert np.isnan(value(lambda a: tf.nn.l2_normalize(a, 0), x)).all()


@pytest.mark.parametrize("channels", [1, 16])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_window_with_nan_has_it_as_its_maximum(channels: int, stride: int):
    x = np.arange(2 * 6 * 6 * channels, dtype=np.float32).reshape(2, 6, 6, channels)
    x[0, 2, 3] = NAN
    x[1, :4, :4] = NAN
    size, strides = [1, 2, 2, 1], [1, stride, stride, 1]
    spots = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(1, 2))[:, ::stride, ::stride]
    np.testing.assert_array_equal(
        value(lambda a: tf.nn.max_pool(a, size, strides, "VALID"), x), spots.max(axis=(-1, -2))
    )
    top, place = value(lambda a: tf.nn.max_pool_with_argmax(a, size, strides, "VALID"), x)
    flat = x.reshape(2, -1)
    np.testing.assert_array_equal(top, np.stack([flat[k][place[k]] for k in range(2)]))
    grad = value(lambda a: tf.gradients(tf.nn.max_pool(a, size, strides, "VALID"), a)[0], x)
    assert grad.sum() == spots[..., 0, 0].size  # each window gives to one of its numbers
    if stride == 2:
        assert (grad[0, 2, 3] == 1).all() and (grad[1, 0, 0] == 1).all() and (grad[1, 0, 1] == 0).all()


@pytest.mark.parametrize("shape, axis", [((16,), 0), ((500,), 0), ((3, 500), 1), ((500, 3), 0), ((40_000,), 0)])
def test_products_pass_through_numbers_that_float32_has_not(shape: tuple[int, ...], axis: int):
    half = shape[axis] // 2
    exponents = np.linspace(-1, 1, half) * min(20, 400 / half)  # 10^100 is reached on the way
    line = np.float32(10) ** np.float32(np.concatenate([exponents[half // 2 :], exponents, exponents[: half // 2]]))
    x = line if len(shape) == 1 else np.broadcast_to(line if axis else line[:, None], shape)
    expected = np.exp(np.log(np.float64(x)).sum(axis=axis))
    np.testing.assert_allclose(value(lambda a: tf.reduce_prod(a, axis), x), expected, rtol=1e-5)


def test_logarithms_of_probabilities_do_not_depend_on_the_logits_offset():
    x = np.float32([[0, 1, 2], [1, 1, 1]])
    expected = value(tf.nn.log_softmax, x)
    for offset in (1e3, -1e4, 2.0**20):
        np.testing.assert_allclose(value(tf.nn.log_softmax, x + np.float32(offset)), expected, rtol=1e-6)


LENGTHS = [2, 10, 16, 33, 64, 100, 256, 1000, 1024]


@pytest.mark.parametrize("length", LENGTHS)
def test_probabilities_of_every_size_have_their_digits(length: int):
    logits = np.random.RandomState(length).uniform(-86, 0, [300, length]).astype(np.float32)
    logits[:, length // 2] = 0
    exact = np.exp(logits.astype(np.float64))
    expected = exact / exact.sum(1, keepdims=True)
    np.testing.assert_allclose(value(tf.nn.softmax, logits), expected, rtol=5e-6)
    np.testing.assert_allclose(
        value(tf.nn.softmax, logits + np.float32(64)), expected, rtol=3e-5
    )  # of the sums' rounding


@pytest.mark.parametrize("length", LENGTHS)
def test_softmax_of_numbers_past_the_range(length: int):
    logits = np.zeros([5, length], np.float32)
    logits[0, 1] = NAN
    logits[1, 0] = np.inf
    logits[2] = -np.inf
    logits[3, 0] = -np.inf
    logits[4, 0] = 1e30
    expected = np.full_like(logits, NAN)
    expected[3] = np.float32(1 / (length - 1))
    expected[3, 0] = 0
    expected[4] = 0
    expected[4, 0] = 1
    np.testing.assert_allclose(value(tf.nn.softmax, logits), expected, rtol=1e-6)
    labels = np.eye(length, dtype=np.float32)[np.ones(5, int)]
    log_of = value(tf.nn.log_softmax, logits)
    assert np.isnan(log_of[:3]).all() and log_of[3, 0] == -np.inf and log_of[4, 1] == np.float32(-1e30)
    loss = value(tf.nn.softmax_cross_entropy_with_logits, logits[[0, 1, 2, 4]], labels[[0, 1, 2, 4]])
    assert np.isnan(loss[:3]).all() and loss[3] == np.float32(1e30)
    sparse = value(lambda a: tf.nn.sparse_softmax_cross_entropy_with_logits(a, [1] * 5), logits)
    assert np.isnan(sparse[:3]).all() and sparse[4] == np.float32(1e30)
    np.testing.assert_allclose(sparse[3], np.log(length - 1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int64"])
def test_extremes_are_found_where_they_are_first(length: int, dtype: str):
    x = np.random.RandomState(length).randint(0, 7, [40, length]).astype(dtype)
    if x.dtype.kind == "f":
        x[0, length // 2] = x[0, -1] = np.nan
        x[1] = np.inf
        x[2] = -np.inf
        x[3, length - 1] = np.nan
    with tf.Graph().as_default(), tf.Session() as sess:
        fed = tf.placeholder(dtype, x.shape)
        largest, smallest = sess.run([tf.argmax(fed, 1), tf.argmin(fed, 1)], {fed: x})
    np.testing.assert_array_equal(largest, x.argmax(1))
    np.testing.assert_array_equal(smallest, x.argmin(1))
