"""Errors of the device: a kernel that does not build, memory that is not there."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.ops.pointwise import elementwise


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_a_kernel_that_does_not_build_is_a_clear_error_and_the_session_goes_on():
    @elementwise("DoesNotBuild", "x0 +* no_such_name", grad=None)
    def broken(x, name=None):
        """Nonsense."""

    x = tf.placeholder(tf.float32, [3], name="x")
    v = tf.Variable([1.0, 2.0, 3.0])
    bad = tf.assign_add(v, broken(x, name="bad"))
    with tf.Session() as sess:
        sess.run(v.initializer)
        with pytest.raises(tf.errors.InternalError, match=r"pointwise.*does not build.*") as info:
            sess.run(bad, {x: np.ones(3)})
        assert __file__ in str(info.value)
        np.testing.assert_array_equal(sess.run(v), [1.0, 2.0, 3.0])
        np.testing.assert_array_equal(sess.run(tf.assign_add(v, x), {x: np.ones(3)}), [2.0, 3.0, 4.0])


def test_a_variable_too_big_for_the_device_names_it():
    v = tf.Variable(tf.zeros([1 << 20, 1 << 20]), name="colossal")
    small = tf.Variable(1.0)
    with tf.Session() as sess:
        with pytest.raises(tf.errors.ResourceExhaustedError, match="colossal"):
            sess.run(v.initializer)
        sess.run(small.initializer)
        assert sess.run(small) == 1.0


def test_a_tensor_too_big_for_the_device_names_the_line_that_made_it():
    with tf.Session() as sess, pytest.raises(tf.errors.ResourceExhaustedError, match="huge") as caught:
        sess.run(tf.zeros([1 << 20, 1 << 20], name="huge"))
    assert f"made at {__file__}" in str(caught.value)


def test_errors_of_host_operations_name_them_and_their_line():
    x = tf.placeholder(tf.float32, name="x")
    bad = tf.Assert(x < 1, [x, "too large"], name="bounded")
    wrong = tf.py_func(lambda a: np.int64(3), [x], tf.float32, name="wrong")
    with tf.Session() as sess:
        for op, name in [(bad, "bounded"), (wrong, "wrong")]:
            with pytest.raises(tf.errors.InvalidArgumentError, match=f"'{name}' of .*x:0") as caught:
                sess.run(op, {x: 3.0})
            assert f"made at {__file__}" in str(caught.value)
            assert caught.value.op.name == name


def test_an_error_of_its_own_kind_from_a_python_function_keeps_its_operation():
    inner = tf.no_op(name="inner")

    def fail(a):
        raise tf.errors.OutOfRangeError(None, inner, "the end")

    with tf.Session() as sess, pytest.raises(tf.errors.OutOfRangeError, match=r"^the end$") as caught:
        sess.run(tf.py_func(fail, [tf.constant(1.0)], tf.float32))
    assert caught.value.op is inner


def test_feeds_that_are_no_dict_are_named():
    with tf.Session() as sess, pytest.raises(TypeError, match=r"feed_dict must be a dict.*not \[1\]"):
        sess.run(tf.constant(1.0), [1])


def test_an_index_out_of_range_names_the_operation_without_its_scope_mark():
    with pytest.raises(ValueError, match="'strided_slice'"):
        tf.ones([3])[3]


def test_python_functions_errors_reach_the_caller():
    def fail(a):
        raise KeyError("the user's own error")

    with tf.Session() as sess:
        with pytest.raises(KeyError, match="the user's own error"):
            sess.run(tf.py_func(fail, [tf.constant(1.0)], tf.float32))
        assert sess.run(tf.constant(1.0) + 1.0) == 2.0


def test_integer_division_by_zero_is_an_error_not_a_crash():
    a, b = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
            sess.run(tf.div(a, b), {a: np.arange(50), b: np.r_[np.ones(49), 0]})
        np.testing.assert_array_equal(sess.run(tf.div(a, b), {a: [7, -7], b: [2, 2]}), [3, -3])


def test_sizes_that_no_device_has_are_refused_by_name():
    with tf.Graph().as_default(), tf.Session() as sess:
        n = tf.placeholder(tf.int32, [])
        big = tf.fill([n, n, n, n], 1.0)
        with pytest.raises(tf.errors.ResourceExhaustedError, match=r"No device can hold .*Fill.*test_errors\.py"):
            sess.run(big, {n: 2**30})
        assert sess.run(tf.reduce_sum(big), {n: 2}) == 16.0


def test_the_device_of_a_constant_must_exist():
    with tf.Graph().as_default(), tf.Session() as sess:
        with tf.device("/gpu:5"):
            c = tf.constant(3.0)
        with pytest.raises(tf.errors.InvalidArgumentError, match="no such device"):
            sess.run(c)


def test_a_feed_of_a_name_that_is_not_there():
    with tf.Session() as sess, pytest.raises(ValueError, match="'zzz' is of no tensor in the graph"):
        sess.run(tf.constant(1.0), {"zzz": 1.0})


def test_errors_tell_the_shapes_of_the_run_and_the_lines_of_feeds():
    with tf.Graph().as_default(), tf.Session() as sess:
        x, ids = tf.placeholder(tf.float32), tf.placeholder(tf.int32, [None])
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"Placeholder:0 \(4, 2\), Placeholder_1:0 \(3,\)"):
            sess.run(tf.gather(x, ids), {x: np.zeros((4, 2)), ids: [0, 9, 1]})
        with pytest.raises(ValueError, match=r"shape \(1, 1\).*made at .*test_errors\.py"):
            sess.run(ids, {ids: [[1]]})
        with pytest.raises(TypeError, match=r"float64.*made at .*test_errors\.py"):
            sess.run(ids, {ids: [0.5]})


def test_operands_of_two_types_are_both_named():
    with (
        tf.Graph().as_default(),
        pytest.raises(ValueError, match=r"'add'.*ones:0 float32\(2, 3\) and ones_1:0 int32\(3,\)"),
    ):
        tf.ones([2, 3]) + tf.ones([3], tf.int32)


def test_a_feed_of_another_placeholder_of_the_same_name_is_told():
    x = tf.placeholder(tf.float32, [2], name="x")
    doubled = 2 * x
    again = tf.placeholder(tf.float32, [2], name="x")
    other = tf.placeholder(tf.float32, [2], name="other")
    with tf.Session() as sess:
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"placeholder tensor 'x' .*; what is fed is x_1:0 \(made at "
        ):
            sess.run(doubled, {again: [1, 2]})
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            sess.run(doubled, {other: [1, 2]})
    assert "what is fed" not in str(caught.value)
