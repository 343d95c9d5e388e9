"""What the cases of reductions cannot show: accuracy, nothing to reduce, NaN, ties, errors and folding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def fresh() -> Any:
    with tf.Graph().as_default():
        yield


def run(fetches: Any, feeds: Any = None) -> Any:
    with tf.Session() as sess:
        return sess.run(fetches, feeds)


@pytest.mark.parametrize(
    "shape, axis", [((1 << 24,), None), ((1 << 22, 4), 0), ((1 << 14, 1 << 10), 0), ((4, 1 << 22), 1)]
)
def test_long_sums_stay_accurate(shape: tuple[int, ...], axis: Any) -> None:
    # A constant that is not a binary fraction: errors of one sign, which add up.
    x = np.full(shape, 0.1, np.float32)
    want = x.astype(np.float64).sum(axis)
    p = tf.placeholder(tf.float32, shape)
    np.testing.assert_allclose(run(tf.reduce_sum(p, axis), {p: x}), want, rtol=1e-5)


def test_reductions_of_nothing_give_their_identities() -> None:
    x = tf.constant(np.zeros((0, 2), np.float32))
    n = tf.constant(np.zeros((0, 2), np.int32))
    b = tf.constant(np.zeros((0, 2), bool))
    assert run(tf.reduce_sum(x, 0)).tolist() == [0, 0]
    assert run(tf.reduce_prod(x, 0)).tolist() == [1, 1]
    assert run(tf.reduce_max(x, 0)).tolist() == [-np.inf] * 2
    assert run(tf.reduce_min(x, 0)).tolist() == [np.inf] * 2
    assert np.isnan(run(tf.reduce_mean(x, 0))).all()
    assert run(tf.reduce_max(n)) == np.iinfo(np.int32).min and run(tf.reduce_min(n)) == np.iinfo(np.int32).max
    assert run(tf.reduce_mean(n)) == 0
    assert run(tf.reduce_all(b)) and not run(tf.reduce_any(b))
    assert run(tf.reduce_logsumexp(x, 0)).tolist() == [-np.inf] * 2


@pytest.mark.parametrize("size", [3, 1000])
def test_nan_is_seen_by_extremes(size: int) -> None:
    for place in (0, size // 2, size - 1):
        x = np.arange(size, dtype=np.float32)
        x[place] = np.nan
        t = tf.constant(x)
        assert all(np.isnan(run([tf.reduce_max(t), tf.reduce_min(t)])))
        assert run([tf.argmax(t, 0), tf.argmin(t, 0)]) == [place, place]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(20, 9), (37, 300), (9, 20000)])
def test_nan_and_infinity_are_seen_in_every_row_and_column(shape: tuple[int, int], dtype: type) -> None:
    x = np.random.RandomState(7).randn(*shape).astype(dtype)
    x[1, 2], x[2, 3], x[shape[0] - 1, 5], x[8, shape[1] - 1] = np.inf, -np.inf, np.nan, -np.nan
    x[4] = -np.inf
    x[:, 1] = np.inf
    t = tf.constant(x)
    found = run([[tf.reduce_max(t, axis), tf.reduce_min(t, axis)] for axis in (0, 1)])
    for axis, (largest, smallest) in enumerate(found):
        np.testing.assert_array_equal(largest, x.max(axis))
        np.testing.assert_array_equal(smallest, x.min(axis))


def test_equal_extremes_share_the_gradient() -> None:
    x = tf.constant([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    np.testing.assert_allclose(run(tf.gradients(tf.reduce_max(x, 1), x)[0]), [[0, 0.5, 0.5], [1 / 3] * 3], rtol=1e-6)
    np.testing.assert_allclose(run(tf.gradients(tf.reduce_min(x), x)[0]), [[1, 0, 0], [0, 0, 0]])


def test_gradient_of_a_product_with_zeros_and_unknown_rank() -> None:
    x = tf.placeholder(tf.float32)
    values = np.float32([[2, 0, 3], [0, 0, 4], [5, 6, 7]])
    with tf.Session() as sess:
        found = sess.run(tf.gradients(tf.reduce_prod(x, [1]), x)[0], {x: values})
        np.testing.assert_allclose(found, [[0, 6, 0], [0, 0, 0], [42, 35, 30]])
        found = sess.run(tf.gradients(tf.reduce_prod(x), x)[0], {x: values[[0, 2]]})
        np.testing.assert_allclose(found, [[0, 6 * 210, 0], [0, 0, 0]])


def test_third_derivatives_of_products_say_so() -> None:
    x = tf.constant([1.0, 2.0])
    second = tf.gradients(tf.gradients(tf.reduce_prod(x), x)[0], x)[0]
    with pytest.raises(LookupError, match="not three times"):
        tf.gradients(second, x)


def test_first_of_equal_positions_is_taken() -> None:
    x = np.zeros((3, 900), np.float32)
    x[:, 300:] = 1
    assert run(tf.argmax(tf.constant(x), 1)).tolist() == [300] * 3
    assert run(tf.argmin(tf.constant(1 - x), 1)).tolist() == [300] * 3
    assert tf.argmax(tf.constant(x), 1, output_type=tf.int32).dtype == tf.int32


def test_logsumexp_neither_overflows_nor_makes_nan_of_infinities() -> None:
    x = tf.constant([[1000.0, 1000.0], [-1000.0, -1000.0], [-np.inf, -np.inf], [np.inf, 0.0]])
    found = run(tf.reduce_logsumexp(x, 1))
    np.testing.assert_allclose(found, [1000 + np.log(2), -1000 + np.log(2), -np.inf, np.inf], rtol=1e-6)


def test_means_of_integers_are_rounded_towards_zero() -> None:
    assert run(tf.reduce_mean(tf.constant([-3, -4, 0, 0]))) == -1


def test_axes_are_checked() -> None:
    x = tf.constant([[1.0, 2.0]])
    for axis in (2, -3, [0, 2]):
        with pytest.raises(ValueError, match="Invalid reduction dimension"):
            tf.reduce_sum(x, axis)
    with pytest.raises(ValueError, match="not both"):
        tf.reduce_sum(x, axis=0, reduction_indices=0)
    with pytest.raises(ValueError, match="empty"):
        tf.argmax(tf.constant(np.zeros((0, 2), np.float32)), 0)
    with pytest.raises(ValueError, match="at least one dimension"):
        tf.argmax(tf.constant(1.0), 0)
    with pytest.raises(TypeError, match="not float32"):
        tf.reduce_all(x)
    y = tf.placeholder(tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Invalid reduction dimension 1"):
        run(tf.reduce_sum(y, 1), {y: [1.0, 2.0]})


def test_axes_may_be_tensors_and_arrays_of_known_value() -> None:
    x = tf.constant(np.ones((2, 3, 4), np.float32))
    assert tf.reduce_sum(x, tf.constant([0, 2])).get_shape().as_list() == [3]
    assert tf.reduce_sum(x, np.array([0, 2])).get_shape().as_list() == [3]
    assert tf.reduce_sum(x, tf.range(1, tf.rank(x))).get_shape().as_list() == [2]
    assert tf.argmax(x, tf.constant(1)).get_shape().as_list() == [2, 4]


def test_unknown_shapes_are_known_as_far_as_they_can_be() -> None:
    x = tf.placeholder(tf.float32)
    assert tf.reduce_sum(x).get_shape().as_list() == []
    assert tf.reduce_sum(x, 0).get_shape().ndims is None
    y = tf.placeholder(tf.float32, [None, 3])
    assert tf.reduce_sum(y, 1).get_shape().as_list() == [None]
    assert tf.reduce_sum(y, 0, keep_dims=True).get_shape().as_list() == [1, 3]
    assert run(tf.reduce_mean(x, -1), {x: np.ones((2, 3))}).tolist() == [1, 1]


def test_sizes_made_of_shapes_are_followed_before_they_are_run() -> None:
    x = tf.placeholder(tf.float32, [2, 3, 4])
    assert tf.reduce_prod(tf.shape(x)).spec().full_value() == 24
    assert tf.reduce_sum(tf.shape(x)[1:]).spec().full_value() == 7
    assert tf.reduce_max(tf.shape(x)).spec().full_value() == 4
    assert tf.reshape(x, [-1, tf.reduce_prod(tf.shape(x)[1:])]).get_shape().as_list() == [2, 12]


def test_gradient_of_a_mean_fits_each_batch_size() -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    g = tf.gradients(tf.reduce_mean(x), x)[0]
    with tf.Session() as sess:
        for n in (1, 3, 5):
            np.testing.assert_allclose(sess.run(g, {x: np.ones((n, 2))}), np.full((n, 2), 0.5 / n), rtol=1e-6)
