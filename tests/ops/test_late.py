"""Axes, permutations and numbers that only a run tells give what they give when they are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

X = np.random.RandomState(3).uniform(0.5, 2.0, (2, 3, 4)).astype(np.float32)
PADS = np.array([[0, 1]], np.int32)

Build = Callable[[Any, Any], Any]

CASES: dict[str, tuple[Build, list[Any]]] = {
    "reduce_sum": (tf.reduce_sum, [0, -1, [0, 2], [1], []]),
    "reduce_sum_kept": (lambda x, a: tf.reduce_sum(x, a, keep_dims=True), [1, [0, 2]]),
    "reduce_mean": (tf.reduce_mean, [2, [1, 2]]),
    "reduce_prod": (tf.reduce_prod, [1, [0, 2], [2, 0, 1]]),
    "reduce_max": (tf.reduce_max, [0, [0, 1]]),
    "reduce_min": (lambda x, a: tf.reduce_min(x, reduction_indices=a), [0, [0, 1]]),
    "reduce_logsumexp": (tf.reduce_logsumexp, [1, [0, 2]]),
    "reduce_all": (lambda x, a: tf.reduce_all(x > 1.0, a), [0, [1, 2]]),
    "reduce_any": (lambda x, a: tf.reduce_any(x > 1.0, a), [0, [1, 2]]),
    "argmax": (lambda x, a: tf.argmax(x, a), [0, 1, -1]),
    "argmin": (lambda x, a: tf.argmin(x, dimension=a), [0, 2]),
    "transpose": (tf.transpose, [[2, 0, 1], [1, 0, 2], [0, -1, 1]]),
    "reverse": (tf.reverse, [[0], [1, -1]]),
    "reverse_flags": (tf.reverse, [[True, False, True], [False, False, False]]),
    "concat_old": (lambda x, a: tf.concat(a, [x, 2 * x]), [0, 1, -1]),
    "concat": (lambda x, a: tf.concat([x, 2 * x, x], a), [1, 2]),
    "split": (lambda x, a: tf.split(a, 2, x)[1], [0, 2, -3]),
    "split_lengths": (lambda x, s: tf.split(x, s, 2, num=3)[1], [[1, 2, 1], [0, 4, 0], [1, -1, 2]]),
    "expand_dims": (tf.expand_dims, [0, 3, -1]),
    "cumsum": (lambda x, a: tf.cumsum(x, a, exclusive=True), [0, 2]),
    "cumprod": (lambda x, a: tf.cumprod(x, a, reverse=True), [1, -1]),
    "top_k": (lambda x, k: tf.nn.top_k(x, k).values, [1, 3, 4]),
    "top_k_indices": (lambda x, k: tf.nn.top_k(x, k)[1], [2]),
    "band_lower": (lambda x, n: tf.matrix_band_part(x, n, 0), [0, 1, -1]),
    "band_upper": (lambda x, n: tf.matrix_band_part(x, 1, n), [0, 2]),
    "blocks": (lambda x, b: tf.space_to_batch_nd(x, b, PADS), [[2], [4], [1]]),
    "unblocked": (lambda x, b: tf.batch_to_space_nd(x, b, PADS), [[2], [1]]),
    "softmax_free": (lambda x, a: x - tf.reduce_max(x, a, True) - tf.log(tf.reduce_sum(tf.exp(x), a, True)), [1, [2]]),
}


def kind_of(value: Any) -> Any:
    return tf.bool if np.asarray(value).dtype == np.bool_ and np.size(value) else tf.int32


def known(build: Build, value: Any) -> tuple[Any, list[Any]]:
    """The value, and first and second gradients where there are any, with the attribute as a plain value."""
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, X.shape)
        outputs = derived(x, build(x, value))
        return outputs[0].get_shape(), sess.run(outputs, {x: X})


def derived(x: Any, y: Any) -> list[Any]:
    if not y.dtype.is_floating:
        return [y]
    (dx,) = tf.gradients(tf.square(y), [x])
    (ddx,) = tf.gradients(tf.square(dx) if dx is not None else y, [x])
    return [y, dx, ddx]


@pytest.mark.parametrize("ranked", [True, False], ids=["ranked", "unknown"])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradients_are_those_of_a_known_attribute(name: str, ranked: bool) -> None:
    build, values = CASES[name]
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, X.shape if ranked else None)
        fed = tf.placeholder(kind_of(values[0]), np.shape(values[0]) if name.startswith(("split", "conc")) else None)
        outputs = derived(x, build(x, fed))
        for value in [*values, values[0]]:  # one after the other in one session: each has its own plan
            shape, expected = known(build, value)
            assert outputs[0].get_shape().is_compatible_with(shape)
            got = sess.run(outputs, {x: X, fed: np.asarray(value, bool if kind_of(value) is tf.bool else np.int32)})
            for mine, want in zip(got, expected, strict=True):
                np.testing.assert_allclose(mine, want, rtol=1e-5, atol=1e-5)


def test_rank_stays_known_where_the_attribute_cannot_change_it() -> None:
    x, n = tf.placeholder(tf.float32, [None, 3, 4]), tf.placeholder(tf.int32, [])
    shapes = {
        tf.reduce_sum(x, n, keep_dims=True): [None, None, None],
        tf.argmax(x, n): [None, None],
        tf.transpose(x, tf.placeholder(tf.int32)): [None, None, None],
        tf.reverse(x, tf.placeholder(tf.int32)): [None, 3, 4],
        tf.cumsum(x, n): [None, 3, 4],
        tf.concat(n, [x, x]): [None, None, None],
        tf.split(n, 2, x)[0]: [None, None, None],
        tf.expand_dims(x, n): [None] * 4,
        tf.nn.top_k(x, n).values: [None, 3, None],
        tf.matrix_band_part(x, n, n): [None, 3, 4],
    }
    for tensor, dims in shapes.items():
        assert tensor.get_shape().as_list() == dims, tensor
    assert tf.reduce_sum(x, n).get_shape().ndims is None


def test_attributes_may_be_computed() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32)
        y = tf.reduce_sum(x, tf.rank(x) - 1)  # known from the shape of what is fed, without running anything
        kept = tf.Variable(1)
        z = tf.concat(kept - 1, [x, x])
        k = tf.reduce_max(tf.cast(x, tf.int32))
        best = tf.nn.top_k(x, k).values
        sess.run(tf.initialize_all_variables())
        np.testing.assert_allclose(sess.run(y, {x: X}), X.sum(2), rtol=1e-6)
        np.testing.assert_allclose(sess.run(z, {x: X[0]}), np.concatenate([X[0], X[0]]), rtol=1e-6)
        sess.run(kept.assign(2))
        np.testing.assert_allclose(sess.run(z, {x: X[0]}), np.concatenate([X[0], X[0]], 1), rtol=1e-6)
        np.testing.assert_array_equal(sess.run(best, {x: [1.0, 3.0, 2.0, 0.0]}), [3.0, 2.0, 1.0])


def test_updates_wait_for_what_an_axis_is() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        axis = tf.placeholder(tf.int32)
        w = tf.Variable(np.ones((2, 3), np.float32))
        step = w.assign_sub(0.5 * tf.gradients(tf.reduce_sum(tf.square(tf.reduce_prod(w, axis))), [w])[0])
        sess.run(tf.initialize_all_variables())
        sess.run(step.op, {axis: 0})
        np.testing.assert_allclose(sess.run(w), np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("build", "value", "text"),
    [
        (tf.reduce_sum, 3, "reduction dimension 3"),
        (tf.reduce_sum, [[0]], r"must be numbers, not a tensor of shape \(1, 1\)"),
        (tf.argmax, [0, 1], r"must be a number, not a tensor of shape \(2,\)"),
        (tf.transpose, [0, 1], "no order of 3 dimensions"),
        (tf.transpose, [0, 1, 1], "no order of 3 dimensions"),
        (tf.reverse, [1, 1], "twice"),
        (lambda x, a: tf.concat(a, [x, x]), 5, "axis 5"),
        (lambda x, a: tf.split(a, 2, x)[0], 1, "not a multiple of 2"),
        (lambda x, k: tf.nn.top_k(x, k).values, 9, "k = 9"),
        (lambda x, b: tf.space_to_batch_nd(x, b, PADS), [0], "at least 1"),
    ],
)
def test_a_value_that_does_not_fit_is_said_by_the_run(build: Build, value: Any, text: str) -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x, fed = tf.placeholder(tf.float32, [2, 3, 4]), tf.placeholder(tf.int32)
        y = build(x, fed)
        with pytest.raises(tf.errors.InvalidArgumentError, match=text) as caught:
            sess.run(y, {x: X, fed: value})
        assert caught.value.op is not None and "test_late.py" in str(caught.value)
        assert sess.run(tf.reduce_sum(x), {x: X}) == pytest.approx(X.sum(), rel=1e-5)


def test_what_can_be_no_axis_is_refused_when_built() -> None:
    x = tf.placeholder(tf.float32, [2, 3])
    with pytest.raises(TypeError, match="must be integers, not float32"):
        tf.reduce_sum(x, tf.placeholder(tf.float32))
    with pytest.raises(TypeError, match="must be integers, not float32"):
        tf.reduce_sum(x, 0.5)
    with pytest.raises(ValueError, match="must be a number, not a tensor of shape"):
        tf.argmax(x, tf.placeholder(tf.int32, [2]))
    with pytest.raises(ValueError, match="split needs `num`"):
        tf.split(x, tf.placeholder(tf.int32), 1)


def test_eye_takes_a_batch_of_a_tensor() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        batch = tf.placeholder(tf.int32, [1])
        got = sess.run(tf.eye(2, batch_shape=batch), {batch: [3]})
        np.testing.assert_array_equal(got, np.broadcast_to(np.eye(2, dtype=np.float32), (3, 2, 2)))


@pytest.mark.parametrize("values", [[X[0], X[0] + 0.5], [[[1.5]], [[2.5]]], (np.ones((1, 2)), X[0, :1, :2])])
def test_values_keep_their_type_beside_a_late_axis(values: Any) -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        axis = tf.placeholder(tf.int32, [])
        want = np.concatenate([np.asarray(v, np.float32) for v in values], 1)
        if np.asarray(values[0]).dtype == np.float64 and isinstance(values[0], np.ndarray):
            values = [v.astype(np.float32) for v in values]
        for y in (tf.concat(values, axis), tf.concat(axis, values), tf.concat(values=list(values), axis=axis)):
            np.testing.assert_array_equal(sess.run(y, {axis: 1}), want)
            assert y.dtype == tf.float32
