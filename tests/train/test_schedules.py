"""Learning rate schedules against their formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

STEPS = [0, 1, 4, 5, 9, 10, 11, 25]


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def check(make: Callable[[Any], Any], formula: Callable[[int], float]) -> None:
    step = tf.Variable(0, trainable=False)
    rate = make(step)
    assert rate.get_shape() == []
    assert rate.dtype == tf.float32
    with tf.Session() as sess:
        for number in STEPS:
            step.load(number, sess)
            np.testing.assert_allclose(sess.run(rate), formula(number), rtol=1e-5, err_msg=f"step {number}")


def test_exponential_decay() -> None:
    check(lambda s: tf.train.exponential_decay(0.1, s, 10, 0.96), lambda t: 0.1 * 0.96 ** (t / 10))
    check(lambda s: tf.train.exponential_decay(0.1, s, 10, 0.5, staircase=True), lambda t: 0.1 * 0.5 ** (t // 10))
    check(lambda s: tf.train.exponential_decay(0.1, s * 8, 100, 0.5, True), lambda t: 0.1 * 0.5 ** (t * 8 // 100))


def test_natural_exp_decay() -> None:
    check(lambda s: tf.train.natural_exp_decay(0.1, s, 10, 0.5), lambda t: 0.1 * math.exp(-0.5 * t / 10))
    check(lambda s: tf.train.natural_exp_decay(0.1, s, 10, 0.5, True), lambda t: 0.1 * math.exp(-0.5 * (t // 10)))


def test_inverse_time_decay() -> None:
    check(lambda s: tf.train.inverse_time_decay(0.1, s, 10, 0.5), lambda t: 0.1 / (1 + 0.5 * t / 10))
    check(lambda s: tf.train.inverse_time_decay(0.1, s, 10, 0.5, True), lambda t: 0.1 / (1 + 0.5 * (t // 10)))


def test_polynomial_decay() -> None:
    check(lambda s: tf.train.polynomial_decay(0.1, s, 10), lambda t: 0.0999 * (1 - min(t, 10) / 10) + 0.0001)
    check(
        lambda s: tf.train.polynomial_decay(0.1, s, 10, 0.01, power=2.0),
        lambda t: 0.09 * (1 - min(t, 10) / 10) ** 2 + 0.01,
    )


def test_polynomial_decay_in_cycles() -> None:
    def formula(t: int) -> float:
        last = 10 * max(1, math.ceil(t / 10))
        return 0.09 * (1 - t / last) ** 0.5 + 0.01

    check(lambda s: tf.train.polynomial_decay(0.1, s, 10, 0.01, power=0.5, cycle=True), formula)


def test_piecewise_constant() -> None:
    check(
        lambda s: tf.train.piecewise_constant(s, [4, 10], [1.0, 0.5, 0.25]),
        lambda t: 1.0 if t <= 4 else 0.5 if t <= 10 else 0.25,
    )
    check(lambda s: tf.train.piecewise_constant(s, [], [2.0]), lambda t: 2.0)
    check(
        lambda s: tf.train.piecewise_constant(tf.cast(s, tf.float32), [4.5], [1.0, 0.5]),
        lambda t: 1.0 if t <= 4.5 else 0.5,
    )


def test_double_precision_stays_double() -> None:
    rate = tf.train.exponential_decay(tf.constant(0.1, tf.float64), 7, 10, 0.9)
    assert rate.dtype == tf.float64
    with tf.Session() as sess:
        # The factor is a float32 constant first, as in TensorFlow.
        np.testing.assert_allclose(sess.run(rate), 0.1 * float(np.float32(0.9)) ** 0.7, rtol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.train.exponential_decay(0.1, None, 1, 0.5),
        lambda: tf.train.natural_exp_decay(0.1, None, 1, 0.5),
        lambda: tf.train.inverse_time_decay(0.1, None, 1, 0.5),
        lambda: tf.train.polynomial_decay(0.1, None, 1),
    ],
)
def test_without_a_global_step(make: Any) -> None:
    with pytest.raises(ValueError, match="global_step"):
        make()


def test_piecewise_constant_of_wrong_lengths_or_types() -> None:
    step = tf.constant(0)
    with pytest.raises(ValueError, match="2 boundaries need 3 values, not 2"):
        tf.train.piecewise_constant(step, [1, 2], [1.0, 2.0])
    with pytest.raises(ValueError, match="must increase"):
        tf.train.piecewise_constant(step, [2, 1], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"1\.5"):
        tf.train.piecewise_constant(step, [1.5], [1.0, 2.0])
    with pytest.raises(ValueError, match="one type"):
        tf.train.piecewise_constant(step, [1], [1.0, 2])
