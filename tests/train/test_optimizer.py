"""What all optimizers do alike: which variables, which names, which errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def descent() -> Any:
    return tf.train.GradientDescentOptimizer(0.1)


def test_without_variables() -> None:
    with pytest.raises(ValueError, match="No variables to optimize"):
        descent().minimize(tf.constant(1.0))
    with pytest.raises(ValueError, match="No variables provided"):
        descent().apply_gradients([])


def test_loss_that_depends_on_no_variable_names_them() -> None:
    tf.Variable(1.0, name="lonely")
    with pytest.raises(ValueError, match=r"No gradients provided for any variable.*lonely:0"):
        descent().minimize(tf.constant(1.0))
    with pytest.raises(ValueError, match=r"No gradients provided for any variable.*lonely:0"):
        descent().apply_gradients([(None, v) for v in tf.trainable_variables()])


def test_loss_that_is_not_floating() -> None:
    w = tf.Variable(1)
    with pytest.raises(ValueError, match="must be floating"):
        descent().minimize(w * 2)


def test_things_that_are_no_variables() -> None:
    with pytest.raises(TypeError, match="none"):
        descent().minimize(tf.constant(1.0), var_list=[tf.constant(1.0)])
    with pytest.raises(TypeError, match="none"):
        descent().apply_gradients([(tf.constant(1.0), tf.constant(1.0))])


def test_gate_must_be_one_of_three() -> None:
    w = tf.Variable(1.0)
    with pytest.raises(ValueError, match="GATE_NONE"):
        descent().minimize(w * 2.0, gate_gradients=7)
    for gate in (tf.train.Optimizer.GATE_NONE, tf.train.Optimizer.GATE_OP, tf.train.Optimizer.GATE_GRAPH):
        descent().minimize(w * 2.0, gate_gradients=gate)


def test_gradient_of_another_shape_or_type() -> None:
    w = tf.Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"gradient has shape \(3,\)"):
        descent().apply_gradients([(tf.constant([1.0, 2.0, 3.0]), w)])
    with pytest.raises(TypeError, match="float64"):
        descent().apply_gradients([(tf.constant([1.0, 2.0], tf.float64), w)])
    with pytest.raises(TypeError, match="int32"):
        descent().apply_gradients([(tf.constant(1), tf.Variable(1))])


def test_learning_rate_must_be_a_scalar() -> None:
    w = tf.Variable([1.0, 2.0])
    with pytest.raises(ValueError, match="learning_rate must be a scalar"):
        tf.train.GradientDescentOptimizer([0.1, 0.2]).minimize(tf.reduce_sum(w))


def test_an_optimizer_without_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        tf.train.GradientDescentOptimizer(0.1, name="")


def test_names_and_collection() -> None:
    w = tf.Variable([1.0, 2.0], name="w")
    step = tf.Variable(0, trainable=False, name="step")
    train = descent().minimize(tf.reduce_sum(w), global_step=step)
    assert train.name == "GradientDescent"
    assert descent().minimize(tf.reduce_sum(w)).name == "GradientDescent_1"
    assert descent().minimize(tf.reduce_sum(w), name="mine").name == "mine"
    names = {op.name for op in tf.get_default_graph().get_operations()}
    assert "GradientDescent/update_w/ApplyGradientDescent" in names
    assert tf.get_collection(tf.GraphKeys.TRAIN_OP)[0] is train
    assert descent().get_name() == "GradientDescent"


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64])
def test_global_step_grows(dtype: Any) -> None:
    w = tf.Variable([1.0, 2.0])
    step = tf.Variable(0, trainable=False, dtype=dtype)
    train = descent().minimize(tf.reduce_sum(w), global_step=step)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        for _ in range(3):
            sess.run(train)
        assert sess.run(step) == 3
        assert tf.train.global_step(sess, step) == 3


def test_var_list_and_untrainable_variables() -> None:
    a, b, c = tf.Variable(1.0), tf.Variable(1.0), tf.Variable(1.0, trainable=False)
    loss = a + b + c
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(descent().minimize(loss))
        np.testing.assert_allclose(sess.run([a, b, c]), [0.9, 0.9, 1.0], rtol=1e-6)
        sess.run(descent().minimize(loss, var_list=[b, c]))
        np.testing.assert_allclose(sess.run([a, b, c]), [0.9, 0.8, 0.9], rtol=1e-6)


def test_loss_of_several_elements_and_weights() -> None:
    w = tf.Variable([1.0, 2.0])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(descent().minimize(w * w))
        np.testing.assert_allclose(sess.run(w), [0.8, 1.6], rtol=1e-6)
        sess.run(descent().minimize(w * w, grad_loss=tf.constant([0.0, 1.0])))
        np.testing.assert_allclose(sess.run(w), [0.8, 1.28], rtol=1e-6)


def test_learning_rate_as_variable_function_or_schedule() -> None:
    w = tf.Variable(1.0)
    rate = tf.Variable(0.5, trainable=False)
    step = tf.Variable(0, trainable=False)
    schedule = tf.train.exponential_decay(1.0, step, 1, 0.5)
    with tf.Session() as sess:
        by_variable = tf.train.GradientDescentOptimizer(rate).minimize(w)
        by_function = tf.train.GradientDescentOptimizer(lambda: 0.25).minimize(w)
        by_schedule = tf.train.GradientDescentOptimizer(schedule).minimize(w, step)
        sess.run(tf.initialize_all_variables())
        sess.run(by_variable)
        assert sess.run(w) == 0.5
        sess.run(rate.assign(0.125))
        sess.run(by_variable)
        assert sess.run(w) == 0.375
        sess.run(by_function)
        assert sess.run(w) == 0.125
        for expected in (-0.875, -1.375, -1.625):
            sess.run(by_schedule)
            assert sess.run(w) == expected


def test_uninitialized_slots_are_named() -> None:
    w = tf.Variable(1.0, name="w")
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(w)
    with tf.Session() as sess:
        sess.run(w.initializer)
        with pytest.raises(tf.errors.FailedPreconditionError, match="w/Momentum"):
            sess.run(train)


class SignDescent(tf.train.Optimizer):
    """An optimizer as programs write their own: steps of one length, and a count of the steps of each element."""

    def __init__(self, rate: float):
        super().__init__(use_locking=False, name="SignDescent")
        self._rate = rate

    def _create_slots(self, var_list: Any) -> None:
        for v in var_list:
            self._zeros_slot(v, "count", self._name)
            self._get_or_make_slot(v, tf.fill(v.get_shape().as_list(), 7.0), "seven", "Seven")

    def _prepare(self) -> None:
        self._rate_tensor = tf.convert_to_tensor(self._rate, name="rate")

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        count = self.get_slot(var, "count")
        return tf.group(count.assign_add(tf.ones_like(grad)), var.assign_sub(self._rate_tensor * tf.sign(grad)))


def test_an_optimizer_of_the_program() -> None:
    w = tf.Variable([3.0, -4.0], name="w")
    optimizer = SignDescent(0.5)
    train = optimizer.minimize(tf.reduce_sum(tf.square(w)))
    count, seven = optimizer.get_slot(w, "count"), optimizer.get_slot(w, "seven")
    assert [count.op.name, seven.op.name] == ["w/SignDescent", "w/Seven"]
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(train)
        sess.run(train)
        np.testing.assert_allclose(sess.run([w, count, seven]), [[2.0, -3.0], [2.0, 2.0], [7.0, 7.0]])


def test_an_optimizer_that_changes_nothing() -> None:
    w = tf.Variable(1.0)
    with pytest.raises(NotImplementedError, match=r"Optimizer\._apply_dense"):
        tf.train.Optimizer(False, "Nothing").minimize(w)
