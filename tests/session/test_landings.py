"""Fetched results that are taken as soon as they are computed, before the rest of the run is put into the queue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.launch import KernelCall
from graphlab_nb.runtime import buffer

X = np.random.default_rng(0).random((6, 5)).astype(np.float32)
LABELS = np.eye(3, dtype=np.float32)[[0, 1, 2, 2, 1, 0]]


def training() -> tuple[tf.Tensor, tf.Variable, tf.Tensor, tf.Operation]:
    x = tf.placeholder(tf.float32, [None, 5])
    w = tf.Variable(np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(tf.matmul(x, w), LABELS))
    return x, w, loss, tf.train.GradientDescentOptimizer(0.5).minimize(loss)


def expected_loss(w: np.ndarray) -> float:
    logits = X.astype(np.float64) @ w.astype(np.float64)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(-(LABELS * logs).sum(axis=1).mean())


def newest_plan(sess: tf.Session) -> Any:
    return list(sess._plans.values())[-1].bound


@pytest.mark.parametrize("shared", [True, False])
def test_the_loss_is_taken_before_the_update_and_is_right_in_every_run(
    shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shared:
        monkeypatch.setattr(buffer, "shares_memory", lambda device: False)
    x, w, loss, step = training()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        for _ in range(4):
            before = sess.run(w)
            _, got = sess.run([step, loss], {x: X})
            np.testing.assert_allclose(got, expected_loss(before), rtol=1e-5)
            assert np.abs(sess.run(w) - before).max() > 1e-3
        sess.run([step, loss], {x: X})
        bound = newest_plan(sess)
        written = [bound.stage.fetched[loss].storage in _written(step) for step in bound.stage.steps]
        updated = [any(s.kind == "variable" for s in _written(step)) for step in bound.stage.steps]
        assert written.index(True) < updated.index(True)
        assert list(bound._landings) == [bound.stage.fetched[loss].storage]


def _written(step: Any) -> list[Any]:
    action = step.action
    return [action.args[i].storage for i in action.writes] if isinstance(action, KernelCall) else []


def test_results_are_copies_of_their_own() -> None:
    x = tf.placeholder(tf.float32, [None, 5])
    doubled = x * 2
    with tf.Session() as sess:
        first = sess.run(doubled, {x: X})
        second = sess.run(doubled, {x: X + 1})
        np.testing.assert_array_equal(first, X * 2)
        np.testing.assert_array_equal(second, (X + 1) * 2)


def test_a_traced_run_between_others_gives_its_own_values() -> None:
    x, w, loss, step = training()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        for k in range(6):
            before = sess.run(w)
            if k % 2:
                options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
                _, got = sess.run([step, loss], {x: X}, options=options, run_metadata=tf.RunMetadata())
            else:
                _, got = sess.run([step, loss], {x: X})
            np.testing.assert_allclose(got, expected_loss(before), rtol=1e-5)


def test_large_results_have_no_memory_of_their_own() -> None:
    x = tf.placeholder(tf.float32, [None])
    tripled = x * 3
    with tf.Session() as sess:
        for size in (buffer.Landing.LARGEST // 4, buffer.Landing.LARGEST // 4 + 1):
            value = np.arange(size, dtype=np.float32)
            np.testing.assert_array_equal(sess.run(tripled, {x: value}), value * 3)
            assert len(newest_plan(sess)._landings) == (4 * size <= buffer.Landing.LARGEST)


def test_what_reads_a_variable_after_an_update_waits_for_the_update() -> None:
    x = tf.placeholder(tf.float32, [])
    v = tf.Variable(1.0)
    other = tf.Variable(np.ones([4], np.float32))
    update = v.assign_add(x)
    with tf.control_dependencies([update]):
        after = tf.sin(v + 0)
    last = other.assign_add(tf.fill([4], x))
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        _, got = sess.run([last, after], {x: 2.0})
        np.testing.assert_allclose(got, np.sin(3.0), rtol=1e-6)
        got, _ = sess.run([after, last], {x: 2.0})
        np.testing.assert_allclose(got, np.sin(5.0), rtol=1e-6)
        np.testing.assert_array_equal(sess.run(other), np.full(4, 5.0))


def test_several_results_and_the_variable_itself() -> None:
    x, w, loss, step = training()
    total = tf.reduce_sum(x, 1)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        before = sess.run(w)
        got_total, got_loss, _ = sess.run([total, loss, step], {x: X})
        np.testing.assert_allclose(got_total, X.sum(axis=1), rtol=1e-6)
        np.testing.assert_allclose(got_loss, expected_loss(before), rtol=1e-5)
