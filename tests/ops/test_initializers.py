"""Initializers: values, ranges, variances, types, seeds and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.ops import contrib_initializers


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def draw(initializer: Any, shape: Any, **kwargs: Any) -> np.ndarray:
    with tf.Session() as sess:
        tensor = initializer(shape, **kwargs)
        found = sess.run(tensor)
        assert list(np.shape(found)) == list(shape) and tensor.get_shape() == shape
        return np.asarray(found)


@pytest.mark.parametrize(("initializer", "value"), [(tf.zeros_initializer, 0), (tf.ones_initializer, 1)])
def test_zeros_and_ones_with_and_without_a_call(initializer: Any, value: int) -> None:
    for form in (initializer, initializer()):
        for dtype in (tf.float32, tf.int32):
            found = draw(form, [2, 3], dtype=dtype)
            assert found.dtype == dtype.as_numpy_dtype
            np.testing.assert_array_equal(found, np.full([2, 3], value))
        assert draw(form, []) == value
    assert draw(initializer(tf.float64), [2]).dtype == np.float64
    assert draw(initializer(dtype=tf.float64), [2]).dtype == np.float64
    assert draw(initializer(tf.float64), [2], dtype=tf.int32).dtype == np.int32


def test_constant() -> None:
    np.testing.assert_array_equal(draw(tf.constant_initializer(0.5), [2, 2]), np.full([2, 2], 0.5))
    np.testing.assert_array_equal(draw(tf.constant_initializer([1, 2, 3]), [2, 2]), [[1, 2], [3, 3]])
    assert draw(tf.constant_initializer(3), [2], dtype=tf.int32).dtype == np.int32
    assert draw(tf.constant_initializer(3, tf.float64), [2]).dtype == np.float64
    with pytest.raises(TypeError, match="shape"):
        tf.constant_initializer([1, 2, 3], verify_shape=True)([2, 2])
    with pytest.raises(ValueError, match="5 values"):
        tf.constant_initializer([1, 2, 3, 4, 5])([2, 2])


def test_random_uniform() -> None:
    found = draw(tf.random_uniform_initializer(-2.0, 3.0, seed=1), [100, 100])
    assert found.min() >= -2 and found.max() < 3
    assert abs(found.mean() - 0.5) < 0.1 and abs(found.var() - 25 / 12) < 0.1
    found = draw(tf.random_uniform_initializer(seed=1), [1000])
    assert found.min() >= 0 and found.max() < 1 and found.max() > 0.9
    found = draw(tf.random_uniform_initializer(0, 4, seed=1), [1000], dtype=tf.int32)
    assert set(found.tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_random_normal(dtype: Any) -> None:
    found = draw(tf.random_normal_initializer(1.0, 2.0, seed=1, dtype=dtype), [100, 100])
    assert found.dtype == dtype.as_numpy_dtype
    assert abs(found.mean() - 1) < 0.1 and abs(found.std() - 2) < 0.1 and np.abs(found - 1).max() > 4


def test_truncated_normal() -> None:
    found = draw(tf.truncated_normal_initializer(1.0, 2.0, seed=1), [100, 100])
    assert abs(found.mean() - 1) < 0.1 and np.abs(found - 1).max() <= 4
    assert abs(found.std() - 2 * 0.8796) < 0.1


def test_uniform_unit_scaling() -> None:
    limit = 1.43 * math.sqrt(3 / 300)
    found = draw(tf.uniform_unit_scaling_initializer(1.43, seed=1), [3, 100, 50])
    assert np.abs(found).max() <= limit and np.abs(found).max() > 0.99 * limit
    limit = math.sqrt(3 / 1200)
    found = draw(tf.uniform_unit_scaling_initializer(seed=1, full_shape=[1200, 10]), [300, 10])
    assert np.abs(found).max() <= limit and np.abs(found).max() > 0.99 * limit


FANS = {"fan_in": 3 * 3 * 20, "fan_out": 3 * 3 * 60, "fan_avg": 3 * 3 * 40}


@pytest.mark.parametrize("mode", FANS)
def test_variance_scaling(mode: str) -> None:
    shape = [3, 3, 20, 60]
    found = draw(tf.variance_scaling_initializer(2.0, mode, "uniform", seed=1), shape)
    limit = math.sqrt(3 * 2 / FANS[mode])
    assert np.abs(found).max() <= limit * 1.0001 and found.var() == pytest.approx(2 / FANS[mode], rel=0.05)
    found = draw(tf.variance_scaling_initializer(2.0, mode, "normal", seed=1), shape)
    assert np.abs(found).max() <= 2 * math.sqrt(2 / FANS[mode]) * 1.0001
    assert found.var() == pytest.approx(0.774 * 2 / FANS[mode], rel=0.05)
    make = contrib_initializers.variance_scaling_initializer
    found = draw(make(mode=mode.upper(), seed=1), shape)
    assert found.var() == pytest.approx(1.3 * 0.774 * 2 / FANS[mode], rel=0.05)
    found = draw(make(1.0, mode.upper(), uniform=True, seed=1), shape)
    assert found.var() == pytest.approx(1 / FANS[mode], rel=0.05)


def test_xavier_and_glorot() -> None:
    limit = math.sqrt(6 / (100 + 300))
    for make in (
        contrib_initializers.xavier_initializer,
        contrib_initializers.xavier_initializer_conv2d,
        tf.glorot_uniform_initializer,
    ):
        found = draw(make(seed=1), [100, 300])
        assert np.abs(found).max() <= limit * 1.0001 and np.abs(found).max() > 0.99 * limit
    found = draw(contrib_initializers.xavier_initializer(uniform=False, seed=1), [100, 300])
    assert found.var() == pytest.approx(1.3 * 0.774 * 2 / 400, rel=0.05)
    assert draw(tf.glorot_normal_initializer(seed=1), [100, 300]).var() == pytest.approx(0.774 * 2 / 400, rel=0.05)


def test_shapes_without_inputs_and_outputs() -> None:
    make = tf.variance_scaling_initializer(1.0, "fan_in", "uniform")
    assert abs(float(draw(make, []))) <= math.sqrt(3)
    assert np.abs(draw(make, [12])).max() <= math.sqrt(3 / 12)


def test_seeds() -> None:
    for make in (tf.random_uniform_initializer, tf.random_normal_initializer, tf.truncated_normal_initializer):
        first, again, other = (draw(make(seed=s), [50]) for s in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)


def test_refused() -> None:
    for make in (
        tf.random_normal_initializer,
        tf.truncated_normal_initializer,
        tf.uniform_unit_scaling_initializer,
        tf.variance_scaling_initializer,
    ):
        with pytest.raises(ValueError, match="int32"):
            make(dtype=tf.int32)
        with pytest.raises(ValueError, match="int32"):
            make()([2], dtype=tf.int32)
    with pytest.raises(ValueError, match="mode"):
        tf.variance_scaling_initializer(mode="fan")
    with pytest.raises(ValueError, match="distribution"):
        tf.variance_scaling_initializer(distribution="gamma")
    with pytest.raises(ValueError, match="scale"):
        tf.variance_scaling_initializer(0.0)
    with pytest.raises(TypeError, match="int32"):
        contrib_initializers.xavier_initializer(dtype=tf.int32)
    with pytest.raises(ValueError, match="mode"):
        contrib_initializers.variance_scaling_initializer(mode="fan")
