"""Variables: names, initial values, reading, changing, initializing, collections, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def names() -> list[str]:
    return [op.name for op in tf.get_default_graph().get_operations()]


# Making


def test_names_of_operations() -> None:
    v = tf.Variable(0, name="counter")
    assert names() == ["counter/initial_value", "counter", "counter/Assign", "counter/read"]
    assert v.name == "counter:0"
    assert v.op.type == "Variable"
    assert v.initializer.name == "counter/Assign"
    assert v.value().name == "counter/read:0"
    assert v.initial_value.name == "counter/initial_value:0"
    assert tf.Variable(0, name="counter").name == "counter_1:0"
    assert tf.Variable(0).name == "Variable:0"
    assert tf.Variable(0).name == "Variable_1:0"
    with tf.name_scope("outer"):
        assert tf.Variable(0, name="inner").name == "outer/inner:0"


def test_types_and_shapes() -> None:
    v = tf.Variable([[1, 2, 3]])
    assert v.dtype.name == "int32_ref"
    assert v.dtype.base_dtype == tf.int32
    assert v.get_shape() == [1, 3] and v.shape == [1, 3]
    assert v.value().dtype == tf.int32
    assert tf.Variable(1, dtype=tf.float64).dtype.base_dtype == tf.float64
    assert tf.Variable(np.zeros(2)).dtype.base_dtype == tf.float64
    assert tf.Variable(True).dtype.base_dtype == tf.bool
    assert tf.Variable(2.0).graph is tf.get_default_graph()
    assert repr(tf.Variable(2.0, name="v")) == "<tf.Variable 'v:0' shape=() dtype=float32_ref>"


@pytest.mark.parametrize(
    "value",
    [3, 2.5, True, [1.0, 2.0], np.arange(6, dtype=np.int64).reshape(2, 3), np.zeros((0, 2), np.float32), np.uint8(7)],
)
def test_every_kind_of_initial_value(value: Any) -> None:
    v = tf.Variable(value)
    with tf.Session() as sess:
        sess.run(v.initializer)
        np.testing.assert_array_equal(sess.run(v), value)
        np.testing.assert_array_equal(v.eval(sess), value)


def test_initial_value_by_a_function() -> None:
    v = tf.Variable(lambda: tf.ones([2]) * 3, name="v", dtype=tf.float32)
    assert all(n.startswith("v/Initializer/") for n in names()[: names().index("v")])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        np.testing.assert_array_equal(sess.run(v), [3, 3])


def test_initial_value_ignores_control_dependencies() -> None:
    x = tf.placeholder(tf.float32, name="never_fed")
    with tf.control_dependencies([x * 2]):
        v = tf.Variable(1.0)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(v) == 1.0


def test_variable_of_changing_shape() -> None:
    x = tf.placeholder(tf.float32)
    with pytest.raises(ValueError, match="fully known shape"):
        tf.Variable(x)
    v = tf.Variable(x, validate_shape=False)
    assert v.get_shape().ndims is None
    with tf.Session() as sess:
        for value in ([1.0, 2.0], [[1.0, 2.0, 3.0]]):
            sess.run(v.initializer, {x: value})
            np.testing.assert_array_equal(sess.run(v), value)
            np.testing.assert_array_equal(sess.run(v * 2), np.array(value) * 2)


def test_refused_arguments() -> None:
    with pytest.raises(ValueError, match="initial_value must be specified"):
        tf.Variable()
    with pytest.raises(ValueError, match="collections"):
        tf.Variable(1.0, collections="variables")
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\) is expected"):
        tf.Variable([1.0, 2.0], expected_shape=[3])
    with pytest.raises(ValueError, match="variable_def"):
        tf.Variable(1.0, variable_def=object())


# Reading


def test_stands_where_a_tensor_can() -> None:
    v = tf.Variable([2.0, 4.0])
    w = tf.Variable([1.0, 1.0])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        np.testing.assert_array_equal(sess.run(v + 1), [3, 5])
        np.testing.assert_array_equal(sess.run(1 - v), [-1, -3])
        np.testing.assert_array_equal(sess.run(v * w / 2), [1, 2])
        np.testing.assert_array_equal(sess.run(-v), [-2, -4])
        np.testing.assert_array_equal(sess.run(np.float32(2) * v), [4, 8])
        np.testing.assert_array_equal(sess.run(tf.add(v, v)), [4, 8])
        np.testing.assert_array_equal(sess.run(v > 3), [False, True])
        np.testing.assert_array_equal(sess.run([v, v.value(), v.read_value(), "Variable:0"])[3], [2, 4])
        np.testing.assert_array_equal(sess.run(tf.gradients(v * v, v)[0]), [4, 8])
        np.testing.assert_array_equal(sess.run(tf.gradients(v * v, v.value())[0]), [4, 8])


def test_is_true_but_no_number_and_not_iterable() -> None:
    v = tf.Variable([1.0], name="v")
    assert bool(v) is True
    for use in (lambda: list(v), lambda: np.array(v)):
        with pytest.raises(TypeError, match="v:0"):
            use()
    assert v == v and v != tf.Variable([1.0])
    assert {v: 1}[v] == 1


def test_eval_without_a_session() -> None:
    with pytest.raises(ValueError, match="session"):
        tf.Variable(1.0).eval()
    v = tf.Variable(1.0)
    with tf.Session():
        v.initializer.run()
        assert v.eval() == 1.0


def test_uninitialized_variable_is_named() -> None:
    v = tf.Variable(1.0, name="nameless")
    with tf.Session() as sess:
        for fetch in (v, v + 1, v.assign_add(1.0)):
            with pytest.raises(tf.errors.FailedPreconditionError, match="nameless"):
                sess.run(fetch)


def test_read_value_follows_control_dependencies() -> None:
    v = tf.Variable(1.0)
    before = v.read_value()
    with tf.control_dependencies([v.assign(5.0)]):
        after = v.read_value()
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run([before, after]) == [1.0, 5.0]


def test_sessions_do_not_share_values() -> None:
    v = tf.Variable(1.0)
    with tf.Session() as one, tf.Session() as two:
        one.run(v.initializer)
        two.run(v.initializer)
        one.run(v.assign(7.0))
        assert one.run(v) == 7.0 and two.run(v) == 1.0


# Changing


def test_assignments() -> None:
    v = tf.Variable([1.0, 2.0])
    delta = tf.placeholder(tf.float32, [2])
    with tf.Session() as sess:
        sess.run(v.initializer)
        np.testing.assert_array_equal(sess.run(v.assign([5.0, 6.0])), [5, 6])
        np.testing.assert_array_equal(sess.run(v.assign_add(delta), {delta: [1.0, 1.0]}), [6, 7])
        np.testing.assert_array_equal(sess.run(v.assign_sub(delta), {delta: [6.0, 6.0]}), [0, 1])
        np.testing.assert_array_equal(sess.run(tf.assign(v, v * 2 + 1)), [1, 3])
        np.testing.assert_array_equal(sess.run(tf.assign_add(v, v)), [2, 6])
        np.testing.assert_array_equal(sess.run(tf.assign_sub(v, v)), [0, 0])
        sess.run(v.assign([3.0, 4.0]).op)
        np.testing.assert_array_equal(sess.run(v), [3, 4])
        v.load([8.0, 9.0], sess)
        np.testing.assert_array_equal(sess.run(v), [8, 9])


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64, tf.float64, tf.uint8])
def test_assignments_of_other_types(dtype: Any) -> None:
    v = tf.Variable([1, 2], dtype=dtype)
    with tf.Session() as sess:
        sess.run(v.initializer)
        found = sess.run(v.assign_add([3, 4]))
        assert found.dtype == dtype.as_numpy_dtype
        np.testing.assert_array_equal(found, [4, 6])


def test_refused_assignments() -> None:
    v = tf.Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        v.assign([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="float64"):
        v.assign(tf.constant([1.0, 2.0], tf.float64))
    with pytest.raises(TypeError, match="no variable"):
        tf.assign(tf.constant(1.0), 2.0)


def test_scatter_sub() -> None:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    delta = SimpleNamespace(indices=tf.constant([2, 0]), values=tf.constant([[1.0, 1.0], [0.5, 0.0]]))
    with tf.Session() as sess:
        sess.run(v.initializer)
        np.testing.assert_array_equal(sess.run(v.scatter_sub(delta)), [[0.5, 2], [3, 4], [4, 5]])


def test_set_shape() -> None:
    v = tf.Variable(tf.placeholder(tf.float32), validate_shape=False)
    v.set_shape([None, 3])
    assert v.get_shape().as_list() == [None, 3] and v.value().get_shape().as_list() == [None, 3]
    with pytest.raises(ValueError, match="not"):
        v.set_shape([2, 4])


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64])
def test_count_up_to(dtype: Any) -> None:
    v = tf.Variable(0, dtype=dtype, name="count")
    count = v.count_up_to(3)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert [sess.run(count) for _ in range(3)] == [0, 1, 2]
        for _ in range(2):
            with pytest.raises(tf.errors.OutOfRangeError, match="limit of 3"):
                sess.run(count)
        assert sess.run(v) == 3
    with pytest.raises(TypeError, match="float32"):
        tf.Variable(0.0).count_up_to(3)


# Initializing


def test_initialized_value_in_one_run_with_random_numbers() -> None:
    weights = tf.Variable(tf.random_normal([20, 3]), name="weights")
    copy = tf.Variable(weights.initialized_value(), name="copy")
    fifth = tf.Variable(weights.initialized_value() * 0.2, name="fifth")
    chained = tf.Variable(fifth.initialized_value() + 1.0)
    with tf.Session() as sess:
        last = None
        for _ in range(2):  # the second run initializes all anew
            sess.run(tf.initialize_all_variables())
            w, c, f, g = sess.run([weights, copy, fifth, chained])
            np.testing.assert_array_equal(c, w)
            np.testing.assert_allclose(f, w * np.float32(0.2), rtol=1e-6)
            np.testing.assert_allclose(g, f + 1, rtol=1e-6)
            assert last is None or not np.array_equal(w, last)
            last = w


def test_initialized_value_of_a_variable_that_has_changed_since() -> None:
    v = tf.Variable(1.0)
    later = tf.Variable(v.initialized_value() * 2)
    with tf.Session() as sess:
        sess.run(v.initializer)
        sess.run(v.assign(10.0))
        sess.run(later.initializer)
        assert sess.run([v, later]) == [10.0, 20.0]


def test_initialized_value_leaves_the_variable_alone() -> None:
    v = tf.Variable(1.0)
    value = v.initialized_value()
    with tf.Session() as sess:
        assert sess.run(value) == 1.0
        assert not sess.run(tf.is_variable_initialized(v))


def test_initialized_value_of_a_variable_of_changing_shape() -> None:
    x = tf.placeholder(tf.float32)
    v = tf.Variable(x, validate_shape=False)
    value = v.initialized_value()
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(value, {x: [1.0, 2.0]}), [1, 2])


def test_initializers_of_some_variables() -> None:
    a, b, c = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="b"), tf.Variable(3.0, name="c")
    with tf.Session() as sess:
        answers = [tf.is_variable_initialized(v) for v in (a, b, c)]
        assert sess.run(answers) == [False, False, False]
        init = tf.initialize_variables([a, c])
        assert init.name == "init"
        sess.run(init)
        assert sess.run(answers) == [True, False, True]
        assert list(sess.run(tf.report_uninitialized_variables())) == [b"b"]
        assert list(sess.run(tf.report_uninitialized_variables([a, c]))) == []
        with pytest.raises(tf.errors.FailedPreconditionError, match="b"):
            sess.run(tf.assert_variables_initialized())
        sess.run(tf.assert_variables_initialized([a, c]))
        sess.run(tf.global_variables_initializer())
        assert list(sess.run(tf.report_uninitialized_variables())) == []
        sess.run(tf.assert_variables_initialized())


def test_nothing_to_initialize() -> None:
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(tf.local_variables_initializer())
        sess.run(tf.assert_variables_initialized())


def test_collections() -> None:
    keys = tf.GraphKeys
    a = tf.Variable(1.0)
    b = tf.Variable(1.0, trainable=False)
    c = tf.Variable(1.0, collections=[keys.LOCAL_VARIABLES], trainable=False)
    d = tf.Variable(1.0, collections=[keys.GLOBAL_VARIABLES, keys.MODEL_VARIABLES, "mine"])
    assert tf.all_variables() == tf.global_variables() == [a, b, d]
    assert tf.trainable_variables() == [a, d]
    assert tf.local_variables() == [c]
    assert tf.model_variables() == [d]
    assert tf.get_collection("mine") == [d]
    assert tf.moving_average_variables() == []
    with tf.Session() as sess:
        sess.run(tf.initialize_local_variables())
        assert sess.run([tf.is_variable_initialized(v) for v in (a, c)]) == [False, True]


def test_device_and_caching_device() -> None:
    with tf.device("/cpu:0"):
        v = tf.Variable(1.0, caching_device="/cpu:0")
    assert v.device.lower().endswith("cpu:0")
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(v + 1) == 2.0


def test_variables_of_unknown_shape_can_be_asked_whether_they_are_initialized():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None])
        v = tf.Variable(x, validate_shape=False, name="v")
        asked, names = tf.is_variable_initialized(v), tf.report_uninitialized_variables()
        assert not sess.run(asked)
        assert list(sess.run(names)) in ([b"v"], ["v"])
        sess.run(v.initializer, {x: [1.0, 2.0, 3.0]})
        assert sess.run(asked) and len(sess.run(names)) == 0


def test_a_value_of_another_shape_is_not_loaded():
    v = tf.Variable([1.0, 2.0, 3.0], name="weights")
    with tf.Session() as sess:
        sess.run(v.initializer)
        with pytest.raises(
            ValueError, match=r"shape \(4,\) cannot be loaded into variable 'weights:0' of shape \(3,\)"
        ):
            v.load(np.zeros(4), sess)
        v.load([4, 5, 6], sess)
        assert sess.run(v).tolist() == [4, 5, 6]
