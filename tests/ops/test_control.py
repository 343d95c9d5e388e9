"""Grouping, ordering, printing, assertions, checks and Python functions."""

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


def test_group_runs_all_its_operations() -> None:
    a, b = tf.Variable(1.0), tf.Variable(2.0)
    both = tf.group(a.assign_add(1.0), b.assign_add(1.0), name="both")
    assert isinstance(both, tf.Operation) and both.name == "both"
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        assert sess.run(both) is None
        assert sess.run([a, b]) == [2.0, 3.0]


def test_group_takes_operations_and_tensors_only() -> None:
    assert run(tf.group()) is None and run(tf.no_op()) is None
    with pytest.raises(TypeError, match="operations and tensors"):
        tf.group(3)


def test_tuple_waits_for_all_and_keeps_none() -> None:
    v = tf.Variable(1.0)
    change = v.assign_add(1.0)
    x, nothing, y = tf.tuple([tf.constant(3.0), None, tf.constant(4.0)], control_inputs=[change])
    assert nothing is None
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        assert sess.run([x, y]) == [3.0, 4.0]
        assert sess.run(v) == 2.0
    with pytest.raises(ValueError, match="at least one"):
        tf.tuple([None])


def test_what_reads_only_constants_still_waits_for_its_control_inputs() -> None:
    v = tf.Variable(1.0)
    x = tf.placeholder(tf.float32, [2])
    with tf.control_dependencies([v.assign_add(1.0)]):
        outputs = [x * 3.0, tf.constant(2.0) + 1.0, tf.to_float(tf.shape(x)) * 1.0, tf.identity(x)]
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        for k, output in enumerate(outputs):
            sess.run(output, {x: [1, 2]})
            assert sess.run(v) == 2.0 + k


def test_stop_gradient_and_prevent_gradient() -> None:
    x = tf.constant(3.0)
    assert run(tf.gradients(tf.stop_gradient(x) * x, x)[0]) == 3.0
    assert tf.gradients(tf.stop_gradient(x), x) == [None]
    with pytest.raises(LookupError, match=r"explicitly disabled.*because"):
        tf.gradients(tf.prevent_gradient(x, "because"), x)


def test_print_passes_on_and_writes_to_standard_error(capfd: Any) -> None:
    x = tf.placeholder(tf.float32, [None])
    y = tf.Print(x * 2, [x, tf.shape(x), "text"], message="here: ", first_n=2, summarize=2)
    with tf.Session() as sess:
        for _ in range(3):
            assert sess.run(y + 1, {x: [1, 2, 3]}).tolist() == [3, 5, 7]
        assert capfd.readouterr().err.count("here: [1.0 2.0...][3][text]\n") == 2
        assert sess.run(tf.gradients(y, x)[0], {x: [1, 2, 3]}).tolist() == [2, 2, 2]


def test_assert_fails_with_its_data() -> None:
    x = tf.placeholder(tf.float32, [None])
    with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 0), ["values:", x], summarize=2)]):
        y = x * 2
    with tf.Session() as sess:
        assert sess.run(y, {x: [1, 2, 3]}).tolist() == [2, 4, 6]
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"assertion failed: \[values:\] \[-1.0 2.0\.\.\.\]"
        ) as caught:
            sess.run(y, {x: [-1, 2, 3]})
        assert caught.value.op.type == "Assert"
    with pytest.raises(ValueError, match="single value"):
        tf.Assert(tf.constant([True, False]), [])
    with pytest.raises(TypeError, match="float32"):
        tf.Assert(tf.constant(1.0), [])


@pytest.mark.parametrize(
    "check, good, bad",
    [
        (lambda x: tf.assert_equal(x, 2.0), 2, 3),
        (lambda x: tf.assert_less(x, 2.0), 1, 2),
        (lambda x: tf.assert_less_equal(x, 2.0), 2, 3),
        (lambda x: tf.assert_greater(x, 2.0), 3, 2),
        (lambda x: tf.assert_greater_equal(x, 2.0), 2, 1),
        (tf.assert_positive, 1, 0),
        (tf.assert_negative, -1, 0),
        (tf.assert_non_negative, 0, -1),
        (tf.assert_non_positive, 0, 1),
    ],
)
def test_assertions_on_values(check: Any, good: float, bad: float) -> None:
    x = tf.placeholder(tf.float32, [2])
    op = check(x)
    with tf.Session() as sess:
        sess.run(op, {x: [good, good]})
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"assertion failed.*did not hold"):
            sess.run(op, {x: [good, bad]})


def test_assertions_on_ranks_and_types() -> None:
    x, known = tf.placeholder(tf.float32), tf.constant([[1.0]])
    run([tf.assert_rank(known, 2), tf.assert_rank_at_least(known, 1), tf.assert_type(known, tf.float32)])
    run([tf.assert_rank(x, 1), tf.assert_rank_at_least(x, 1)], {x: [1.0]})
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have rank 2"):
        run(tf.assert_rank(x, 2), {x: [1.0]})
    with pytest.raises(ValueError, match="must have rank 1"):
        tf.assert_rank(known, 1)
    with pytest.raises(ValueError, match="at least 3"):
        tf.assert_rank_at_least(known, 3)
    with pytest.raises(TypeError, match="must be of type int32"):
        tf.assert_type(known, tf.int32)
    with pytest.raises(TypeError, match="integer type"):
        tf.assert_integer(known)
    assert tf.is_numeric_tensor(known) and not tf.is_numeric_tensor(tf.constant([True])) and not tf.is_numeric_tensor(3)


@pytest.mark.parametrize(
    "values, rising, strictly",
    [
        ([[1, 2], [3, 4]], True, True),
        ([1, 1, 2], True, False),
        ([2, 1], False, False),
        ([5], True, True),
        ([], True, True),
    ],
)
def test_order_of_neighbours(values: Any, rising: bool, strictly: bool) -> None:
    x = tf.constant(values, tf.float32)
    assert run([tf.is_non_decreasing(x), tf.is_strictly_increasing(x)]) == [rising, strictly]


@pytest.mark.parametrize("bad, what", [(np.nan, "NaN"), (np.inf, "Inf"), (-np.inf, "Inf")])
def test_check_numerics_names_what_it_found(bad: float, what: str) -> None:
    x = tf.placeholder(tf.float32, [None])
    y = tf.check_numerics(x, "looked at x")
    values = np.ones(50000, np.float32)
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(y * 2, {x: values}), values * 2)
        values[40001] = bad
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"looked at x : Tensor had {what} values"):
            sess.run(y * 2, {x: values})
        with pytest.raises(tf.errors.InvalidArgumentError):
            sess.run(tf.verify_tensor_all_finite(x, "all"), {x: values})
        values[40001] = 0
        assert sess.run(tf.reduce_sum(y), {x: values}) == 49999
    with pytest.raises(TypeError, match="int32"):
        tf.check_numerics(tf.constant(1), "")


def test_add_check_numerics_ops_names_the_tensor() -> None:
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.log(x, name="y")
    check = tf.add_check_numerics_ops()
    with tf.Session() as sess:
        sess.run([y, check], {x: [1, 2]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="y:0 : Tensor had NaN"):
            sess.run([y, check], {x: [1, -1]})


def test_add_check_numerics_ops_checks_what_variables_hold_and_changes_none() -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable([3.0, 4.0], name="w")
    loss = tf.reduce_sum(tf.square(v) * w)
    tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    check = tf.add_check_numerics_ops()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        v.load([5.0, 6.0], sess)
        sess.run(check)
        assert sess.run([v, w])[0].tolist() == [5.0, 6.0] and sess.run(w).tolist() == [3.0, 4.0]
        w.load([np.inf, 1.0], sess)
        with pytest.raises(tf.errors.InvalidArgumentError, match="w/read:0 : Tensor had Inf"):
            sess.run([loss, check])


def test_a_check_may_be_all_that_reads_a_product_and_what_follows_it() -> None:
    x = tf.placeholder(tf.float32, [None, 8], name="x")
    y = tf.nn.relu(tf.matmul(x, tf.ones([8, 4])) + 1.0, name="y")
    check = tf.add_check_numerics_ops()
    with tf.Session() as sess:
        assert sess.run([y, check], {x: np.ones((3, 8))})[0].tolist() == [[9.0] * 4] * 3
        sess.run(check, {x: np.ones((3, 8))})
        with pytest.raises(tf.errors.InvalidArgumentError, match="x:0 : Tensor had NaN"):
            sess.run(check, {x: np.full((3, 8), np.nan)})


def test_py_func_gives_what_the_function_returns() -> None:
    x = tf.placeholder(tf.float32, [None])
    y = tf.py_func(lambda a: a + 1, [x], tf.float32)
    several = tf.py_func(lambda a: (a.sum(), 3, True), [x * 2], [tf.float32, tf.int64, tf.bool])
    with tf.Session() as sess:
        assert sess.run(y * 2, {x: [1, 2]}).tolist() == [4, 6]
        assert sess.run(several, {x: [1, 2]}) == [6.0, 3, True]
        assert y.get_shape().ndims is None


def test_py_func_checks_types_and_numbers_of_outputs() -> None:
    x = tf.constant([1.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="returned float64 as value 0, but Tout says float32"):
        run(tf.py_func(lambda a: a.astype(np.float64), [x], tf.float32))
    with pytest.raises(tf.errors.InvalidArgumentError, match="returned 3 values, but Tout names 2"):
        run(tf.py_func(lambda a: (a, a, a), [x], [tf.float32, tf.float32]))


def test_errors_of_py_func_keep_their_type_and_name_the_operation() -> None:
    def broken(a: Any) -> Any:
        raise KeyError("missing")

    with pytest.raises(KeyError, match="missing") as caught:
        run(tf.py_func(broken, [tf.constant(1.0)], tf.float32, name="mine"))
    assert any("'mine'" in note and "test_control.py" in note for note in caught.value.__notes__)


def test_py_func_runs_each_time() -> None:
    calls: list[int] = []

    def count(a: Any) -> Any:
        calls.append(1)
        return a

    y = tf.py_func(count, [tf.constant(1.0)], tf.float32)
    with tf.Session() as sess:
        for _ in range(3):
            sess.run(y)
    assert len(calls) == 3
