"""A net's gradients through Winograd's convolutions and through direct ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from tests.ops.case import normal


def gradients(taps: int) -> list[Any]:
    """Loss and gradients of two convolutions with their pools, as the tutorials have them, and a product."""
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 28, 28, 1])
        first, second = (
            tf.Variable(0.3 * normal(taps, taps, 1, 16)),
            tf.Variable(0.1 * normal(taps, taps, 16, 32, seed=1)),
        )
        last = tf.Variable(0.1 * normal(7 * 7 * 32, 10, seed=2))

        def layer(x: Any, w: Any) -> Any:
            made = tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME")
            return tf.nn.avg_pool(tf.tanh(made), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")

        flat = tf.reshape(layer(layer(x, first), second), [-1, 7 * 7 * 32])
        loss = tf.reduce_mean(tf.square(tf.matmul(flat, last)))
        found = [loss, *tf.gradients(loss, [first, second, last, x])]
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            return sess.run(found, {x: normal(9, 28, 28, 1, seed=3)})


@pytest.mark.parametrize("taps", [3, 5])
def test_gradients_of_a_net_are_the_same_either_way(taps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    near = gradients(taps)
    monkeypatch.setenv("GLNB_WINOGRAD", "0")
    exact = gradients(taps)
    for a, b in zip(near, exact, strict=True):
        assert np.abs(a - b).max() <= 1e-4 * np.abs(b).max()
