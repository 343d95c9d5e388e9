"""A run that fails leaves variables as they were, whatever was built before what fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

START = np.arange(6)


@pytest.fixture
def sess() -> Iterator[Any]:
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def variables() -> tuple[Any, Any]:
    return tf.Variable(START.astype(np.int32)), tf.Variable(np.float32(1.0))


def division(bad: Any) -> Any:
    return tf.div(tf.constant(START.astype(np.int32)), bad)


CHECKS: dict[str, Callable[[Any], Any]] = {
    "division": division,
    "gather": lambda bad: tf.gather(tf.constant([1.0, 2.0]), bad - 9),
    "check_numerics": lambda bad: tf.check_numerics(1.0 / tf.to_float(bad), "x"),
    "assert": lambda bad: tf.Assert(tf.reduce_all(bad > 0), [bad]),
    "assert_positive": lambda bad: tf.assert_positive(bad),
    "reverse_sequence": lambda bad: tf.reverse_sequence(tf.zeros([6, 2]), bad + 5, 1),
    "sparse_labels": lambda bad: tf.nn.sparse_softmax_cross_entropy_with_logits(tf.zeros([6, 2]), bad - 9),
}


@pytest.mark.parametrize("name", CHECKS)
def test_updates_built_before_a_check_wait_for_it(sess: Any, name: str) -> None:
    v, w = variables()
    bad = tf.placeholder(tf.int32, [6])
    updates = [v.assign_add(tf.ones_like(v)), w.assign(5.0)]
    check = CHECKS[name](bad)
    later = w.assign_add(2.0)
    sess.run(tf.initialize_all_variables())
    for fetches in ([*updates, check], [updates[1].op, check, later.op], tf.group(*updates, check)):
        with pytest.raises(tf.errors.InvalidArgumentError):
            sess.run(fetches, {bad: [9, 9, 0, 9, 9, 9]})
        np.testing.assert_array_equal(sess.run(v), START)
        assert sess.run(w) == 1.0
    good = (
        np.array([9, 10, 9, 10, 9, 10]) if name in ("gather", "sparse_labels") else np.array([-4, -3, -5, -4, -3, -5])
    )
    good = good if name in ("gather", "sparse_labels", "reverse_sequence") else np.full(6, 3)
    sess.run([*updates, check], {bad: good})
    np.testing.assert_array_equal(sess.run(v), START + 1)


def test_a_value_that_fails_is_not_assigned(sess: Any) -> None:
    v, w = variables()
    bad = tf.placeholder(tf.int32, [6])
    step = v.assign(tf.div(v + 1, bad))
    scaled = w.assign(w * tf.to_float(tf.reduce_sum(tf.mod(v, bad))))
    sess.run(tf.initialize_all_variables())
    for fetch in (step, scaled, [step, scaled]):
        with pytest.raises(tf.errors.InvalidArgumentError, match="zero"):
            sess.run(fetch, {bad: [1, 1, 0, 1, 1, 1]})
        np.testing.assert_array_equal(sess.run(v), START)
        assert sess.run(w) == 1.0


@pytest.mark.parametrize("scatter", [tf.scatter_update, tf.scatter_add, tf.scatter_sub])
def test_rows_that_do_not_exist_leave_all_rows_as_they_were(sess: Any, scatter: Any) -> None:
    v, w = variables()
    rows = tf.placeholder(tf.int32)
    other = w.assign_add(1.0)
    change = scatter(v, rows, tf.ones_like(rows))
    sess.run(tf.initialize_all_variables())
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"index 99 is not in \[0, 6\)") as caught:
        sess.run([other, change], {rows: [0, 1, 99]})
    assert "test_failed_runs.py" in str(caught.value)
    np.testing.assert_array_equal(sess.run(v), START)
    assert sess.run(w) == 1.0


def test_counting_past_the_limit_changes_nothing_else(sess: Any) -> None:
    _, w = variables()
    count = tf.Variable(0)
    other = w.assign_add(1.0)
    step = tf.count_up_to(count, 2)
    sess.run(tf.initialize_all_variables())
    assert [sess.run([other, step])[1] for _ in range(2)] == [0, 1]
    with pytest.raises(tf.errors.OutOfRangeError, match="limit of 2"):
        sess.run([other, step])
    assert sess.run([w, count]) == [3.0, 2]


def test_a_check_of_what_an_update_makes_stays_behind_it(sess: Any) -> None:
    w = tf.Variable(np.float32(1.0))
    grown = w.assign_add(1.0)
    checks = [
        tf.Assert(grown > 1.5, [grown]),
        tf.Assert(w > 1.5, [w]),  # reads the variable, and is built after the update
    ]
    with tf.control_dependencies([grown]):
        checks.append(tf.Assert(w > 1.5, [w]))
    sess.run(tf.initialize_all_variables())
    for check in checks:
        sess.run(w.initializer)
        sess.run([grown, check])  # would fail if it saw the value before the update
        assert sess.run(w) == 2.0


def test_elementwise_work_after_an_update_does_not_draw_a_check_behind_it(sess: Any) -> None:
    v, _ = variables()
    bad = tf.placeholder(tf.int32, [6])
    checked = division(bad)
    update = v.assign_add(tf.ones_like(v))
    after = checked * 2 + tf.identity(update)  # could run in one kernel with the division, but for the update
    sess.run(tf.initialize_all_variables())
    with pytest.raises(tf.errors.InvalidArgumentError):
        sess.run([update, after], {bad: np.zeros(6)})
    np.testing.assert_array_equal(sess.run(v), START)
    got = sess.run([update, after], {bad: np.ones(6)})[1]
    np.testing.assert_array_equal(got, START * 2 + START + 1)


def test_a_training_step_whose_loss_is_checked_changes_nothing_when_it_fails(sess: Any) -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.Variable(tf.ones([2, 1]))
    loss = tf.reduce_mean(tf.log(tf.matmul(x, w)))
    train = tf.train.AdamOptimizer(0.1).minimize(loss)
    safe = tf.check_numerics(loss, "loss")
    sess.run(tf.initialize_all_variables())
    before = sess.run(tf.all_variables())
    with pytest.raises(tf.errors.InvalidArgumentError, match="loss : Tensor had NaN"):
        sess.run([train, safe], {x: [[-1.0, -2.0]]})
    for a, b in zip(before, sess.run(tf.all_variables()), strict=True):
        np.testing.assert_array_equal(a, b)
    sess.run([train, safe], {x: [[1.0, 2.0]]})
    assert not np.array_equal(before[0], sess.run(w))


def test_a_plan_that_turns_out_too_big_within_the_run_changes_nothing(sess: Any) -> None:
    v = tf.Variable([1.0, 2.0])
    grown = v.assign_add([1.0, 1.0])
    n, a = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32)
    big = tf.reduce_sum(tf.transpose(tf.fill([n, n, 1000], 1.0) * a))
    product = tf.matmul(tf.fill([n, 100], 1.0), tf.fill([100, n], 1.0))
    wrong = tf.reshape(tf.range(6), [n, 4])
    sess.run(tf.initialize_all_variables())
    for fetch, size, kind in (
        (big, 20000, tf.errors.ResourceExhaustedError),
        (product, 2_000_000, tf.errors.ResourceExhaustedError),
        (wrong, 4, tf.errors.InvalidArgumentError),
    ):
        with pytest.raises(kind):
            sess.run([fetch, grown], {n: size, a: 2.0})
        np.testing.assert_array_equal(sess.run(v), [1.0, 2.0])
    assert sess.run([big, grown], {n: 2, a: 2.0})[0] == 8000.0
    np.testing.assert_array_equal(sess.run(v), [2.0, 3.0])


def test_updates_that_a_later_shape_depends_on_come_first(sess: Any) -> None:
    count = tf.Variable(1)
    other = tf.Variable(0.0)
    grown = count.assign_add(1)
    rows = tf.fill(tf.pack([grown, 2]), 1.0)  # waits for the update
    after = other.assign_add(tf.reduce_sum(rows))
    read = tf.identity(count.value()) + 0
    sess.run(tf.initialize_all_variables())
    got = sess.run([rows, after, grown])
    assert got[0].shape == (2, 2) and got[1] == 4.0 and got[2] == 2
    assert sess.run([rows, read])[0].shape == (3, 2)
    assert sess.run([count, other]) == [3, 4.0]
