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
