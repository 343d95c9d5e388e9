"""tf.train.SyncReplicasOptimizer in a session of its own, where one replica makes all steps. tests/distributed has the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


OPTIMIZERS: dict[str, Callable[[], tf.train.Optimizer]] = {
    "GradientDescent": lambda: tf.train.GradientDescentOptimizer(0.1),
    "Momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "Adam": lambda: tf.train.AdamOptimizer(0.1),
    "RMSProp": lambda: tf.train.RMSPropOptimizer(0.1, centered=True),
    "Ftrl": lambda: tf.train.FtrlOptimizer(0.5, l1_regularization_strength=0.1),
    "Adadelta": lambda: tf.train.AdadeltaOptimizer(1.0),
}


def trained(make: Callable[[], tf.train.Optimizer], wrap: Callable[..., Any], steps: int, each: int = 1) -> list[Any]:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 3])
        w, b = tf.Variable([[0.5], [-0.3], [0.2]], name="w"), tf.Variable([0.1], name="b")
        unused = tf.Variable(7.0)
        loss = tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x, w) + b) - 0.7))
        step = tf.train.create_global_step()
        rate = make()
        train = wrap(rate).minimize(loss, step)
        slots = [rate.get_slot(v, name) for v in (w, b) for name in rate.get_slot_names()]
        data = np.random.RandomState(0).rand(steps, 6, 3).astype(np.float32)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for batch in data:
                for part in np.split(batch, each):
                    sess.run(train, {x: part})
            return sess.run([w, b, unused, step, *slots])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_replica_trains_as_without(name: str) -> None:
    make = OPTIMIZERS[name]
    plain = trained(make, lambda optimizer: optimizer, 6)
    alone = trained(make, lambda optimizer: tf.train.SyncReplicasOptimizer(optimizer, 1), 6)
    assert alone[3] == plain[3] == 6
    for one, other in zip(alone, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("name", ["Momentum", "Adam"])
def test_a_replica_that_gives_several_gradients_to_a_step_trains_as_on_all_at_once(name: str) -> None:
    make = OPTIMIZERS[name]
    plain = trained(make, lambda optimizer: optimizer, 5)
    parts = trained(make, lambda optimizer: tf.train.SyncReplicasOptimizer(optimizer, 3, 1), 5, each=3)
    assert parts[3] == plain[3] == 5
    for one, other in zip(parts, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_replicas_that_are_not_there_are_told_and_nothing_is_changed() -> None:
    w, step = tf.Variable([1.0, 2.0]), tf.train.create_global_step()
    optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), replicas_to_aggregate=2)
    train = optimizer.minimize(tf.reduce_sum(tf.square(w)), step)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            with pytest.raises(tf.errors.FailedPreconditionError, match=r"2 replicas.*has no cluster.*tf.Session"):
                sess.run(train)
        assert sess.run(step) == 0
        for variable in tf.global_variables()[2:]:
            assert not np.any(sess.run(variable)), variable.name
        np.testing.assert_array_equal(sess.run(w), [1.0, 2.0])


def test_gradients_of_gathered_rows_and_none() -> None:
    table, other, step = tf.Variable(tf.ones([4, 2])), tf.Variable(1.0), tf.train.create_global_step()
    loss = tf.reduce_sum(tf.gather(table, [1, 3, 1]))
    optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.5), 1)
    pairs = optimizer.compute_gradients(loss)
    assert [gradient is None for gradient, _ in pairs] == [False, True]
    train = optimizer.apply_gradients(pairs, step)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(train)
        np.testing.assert_array_equal(sess.run(table), [[1, 1], [0, 0], [1, 1], [0.5, 0.5]])
        assert sess.run([other, step]) == [1.0, 1]


def test_averages_are_those_of_steps() -> None:
    w, step = tf.Variable(4.0), tf.train.create_global_step()
    averages = tf.train.ExponentialMovingAverage(0.5)
    optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(1.0), 2, 1, averages, [w])
    train = optimizer.minimize(w, step)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for _ in range(4):
            sess.run(train)
            seen.append([float(v) for v in sess.run([w, averages.average(w)])])
    assert seen == [[4.0, 4.0], [3.0, 3.5], [3.0, 3.5], [2.0, 2.75]]


def test_a_global_step_of_the_programs_own_and_an_infinite_gradient() -> None:
    w, step = tf.Variable([1.0]), tf.Variable(5, trainable=False)
    x = tf.placeholder(tf.float32)
    optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(1.0), 2, 1)
    train = optimizer.minimize(tf.reduce_sum(w * x), step)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        for value in (np.inf, 1.0):
            sess.run(train, {x: value})
        assert sess.run(step) == 6 and np.isinf(sess.run(w))
        sess.run(w.initializer)
        for value in (1.0, 2.0):  # sums begin anew
            sess.run(train, {x: value})
        assert sess.run(step) == 7 and sess.run(w) == [-0.5]


def test_what_programs_ask_of_it() -> None:
    w, step = tf.Variable(3.0, name="w"), tf.train.create_global_step()
    momentum = tf.train.MomentumOptimizer(0.1, 0.9)
    optimizer = tf.train.SyncReplicasOptimizer(momentum, replicas_to_aggregate=1, replica_id=0, total_num_replicas=1)
    train = optimizer.minimize(tf.square(w), step, name="train")
    assert train.name == "train" and tf.get_collection(tf.GraphKeys.TRAIN_OP) == [train]
    assert train.graph.minimized == {train: train.graph.get_tensor_by_name("Square:0")}
    assert optimizer.get_name() == "sync_replicas"
    assert optimizer.get_slot_names() == ["momentum"]
    assert optimizer.get_slot(w, "momentum") is momentum.get_slot(w, "momentum") is not None
    assert [v.name for v in tf.trainable_variables()] == ["w:0"]
    ready = optimizer.ready_for_local_init_op
    with tf.Session() as sess:
        assert b"w" in sess.run(ready)
        sess.run(tf.global_variables_initializer())
        assert sess.run(ready).size == 0
        sess.run([optimizer.chief_init_op, optimizer.local_step_init_op, optimizer.get_init_tokens_op()])
        assert optimizer.get_chief_queue_runner().create_threads(sess, daemon=True, start=True) == []
        assert sess.run([w, step]) == [3.0, 0]


def test_wrong_arguments_are_named() -> None:
    w, descent = tf.Variable(3.0, name="w"), tf.train.GradientDescentOptimizer(0.1)
    with pytest.raises(TypeError, match="'sgd' is none"):
        tf.train.SyncReplicasOptimizer("sgd", 1)
    with pytest.raises(ValueError, match="replicas_to_aggregate must be at least 1, not 0"):
        tf.train.SyncReplicasOptimizer(descent, 0)
    with pytest.raises(ValueError, match="total_num_replicas must be at least 1, not -2"):
        tf.train.SyncReplicasOptimizer(descent, 1, -2)
    optimizer = tf.train.SyncReplicasOptimizer(descent, 1)
    with pytest.raises(ValueError, match=r"needs a global_step.*get_or_create_global_step"):
        optimizer.minimize(tf.square(w))
    with pytest.raises(TypeError, match="integer scalar"):
        optimizer.minimize(tf.square(w), tf.Variable(0.0))
    step = tf.train.create_global_step()
    with pytest.raises(ValueError, match="empty list"):
        optimizer.apply_gradients([], step)
    with pytest.raises(ValueError, match="No gradients provided"):
        optimizer.apply_gradients([(None, w)], step)
    with pytest.raises(TypeError, match="changes variables"):
        optimizer.apply_gradients([(tf.constant(1.0), tf.constant(1.0))], step)


class RowDescent(tf.train.Optimizer):
    """Changes the first row alone, by an operation that is not of each element."""

    def _apply_dense(self, grad: tf.Tensor, var: tf.Variable) -> tf.Operation:
        return tf.scatter_sub(var, [0], grad[:1]).op


def test_an_optimizer_that_changes_rows_is_refused() -> None:
    w, step = tf.Variable([[1.0], [2.0]]), tf.train.create_global_step()
    optimizer = tf.train.SyncReplicasOptimizer(RowDescent(False, "RowDescent"), 1)
    with pytest.raises(NotImplementedError, match="RowDescent changes them by ScatterSub"):
        optimizer.minimize(tf.reduce_sum(w), step)
