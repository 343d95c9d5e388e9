"""The update operations by themselves: outputs, empty variables, Adam's Nesterov form, and what they refuse.

Their formulas are tested through the optimizers (tests/train/test_optimizers.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops import training


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def ref(value: object) -> tf.Tensor:
    return tf.convert_to_tensor(value, as_ref=True)


def test_outputs_are_the_slots_and_the_variable() -> None:
    w, slot = tf.Variable([1.0, 2.0]), tf.Variable([0.5, 0.0])
    new_slot, new_w = apply(training.ApplyMomentum(), [ref(w), ref(slot), tf.constant([1.0, 1.0]), 0.5, 0.1])
    assert new_w.dtype.is_ref_dtype and new_slot.dtype.is_ref_dtype
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        a, b = sess.run([new_w, new_slot])
        np.testing.assert_allclose(b, [1.05, 1.0], rtol=1e-6)
        np.testing.assert_allclose(a, [1 - 0.525, 1.5], rtol=1e-6)
        np.testing.assert_array_equal(sess.run(w), a)
        np.testing.assert_array_equal(sess.run(slot), b)


def test_adam_with_nesterov_momentum() -> None:
    w, m, v = tf.Variable([1.0, -2.0]), tf.Variable([0.1, 0.2]), tf.Variable([0.3, 0.4])
    g = np.array([0.5, -1.0])
    powers, rate, beta1, beta2, epsilon = (0.729, 0.970299), 0.1, 0.9, 0.99, 1e-4
    update = apply(
        training.ApplyAdam(True),
        [ref(w), ref(m), ref(v), tf.constant(g.astype(np.float32)), *powers, rate, beta1, beta2, epsilon],
    )
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(update)
        mean = beta1 * np.array([0.1, 0.2]) + (1 - beta1) * g
        square = beta2 * np.array([0.3, 0.4]) + (1 - beta2) * g**2
        step = rate * np.sqrt(1 - powers[1]) / (1 - powers[0])
        expected = np.array([1.0, -2.0]) - step * (beta1 * mean + (1 - beta1) * g) / (np.sqrt(square) + epsilon)
        np.testing.assert_allclose(sess.run(w), expected, rtol=1e-5)


def test_a_variable_without_elements() -> None:
    w = tf.Variable(np.zeros((0, 3), np.float32))
    train = tf.train.AdamOptimizer().minimize(tf.reduce_sum(w))
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(train)
        assert sess.run(w).shape == (0, 3)


def test_what_does_not_fit() -> None:
    w, slot = ref(tf.Variable([1.0, 2.0])), ref(tf.Variable([0.5]))
    with pytest.raises(ValueError, match=r"slot 1 has shape \(1,\)"):
        apply(training.ApplyAdagrad(), [w, slot, tf.constant([1.0, 1.0]), 0.1])
    with pytest.raises(ValueError, match="takes 3 inputs, not 2"):
        apply(training.ApplyGradientDescent(), [w, 0.1])
    with pytest.raises(TypeError, match="learning_rate is float64"):
        apply(training.ApplyGradientDescent(), [w, tf.constant([1.0, 1.0]), tf.constant(0.1, tf.float64)])
    with pytest.raises(TypeError, match="floating-point"):
        apply(training.ApplyGradientDescent(), [ref(tf.Variable([1, 2])), tf.constant([1, 1]), tf.constant(1)])


def test_gradient_whose_shape_turns_out_wrong() -> None:
    w = tf.Variable([1.0, 2.0])
    grad = tf.placeholder(tf.float32)
    train = tf.train.GradientDescentOptimizer(0.1).apply_gradients([(grad, w)])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(train, {grad: [1.0, 1.0]})
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"gradient has shape \(3,\)"):
            sess.run(train, {grad: [1.0, 1.0, 1.0]})
