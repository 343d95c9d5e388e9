"""What the cases of arithmetic cannot show: errors, names, types, and folding of shapes' numbers."""

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


@pytest.mark.parametrize(
    "function", [tf.div, tf.floordiv, tf.mod, tf.truncatemod, lambda x, y: x // y, lambda x, y: x % y]
)
@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint8, np.uint64])
def test_integer_division_by_zero_is_an_error(function: Any, dtype: Any) -> None:
    x, y = tf.placeholder(dtype, [None]), tf.placeholder(dtype, [None])
    z = function(x, y)
    values = np.arange(19, dtype=dtype)
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"Integer division by zero.*test_math\.py"):
            sess.run(z, {x: values, y: values[::-1].copy()})
        sess.run(z, {x: values, y: values + dtype(1)})


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64])
def test_the_smallest_integer_by_minus_one_wraps(dtype: Any) -> None:
    least = np.iinfo(dtype).min
    x, y = tf.constant(np.full(19, least, dtype)), tf.constant(np.full(19, -1, dtype))
    found = run([tf.div(x, y), x // y, x % y, tf.truncatemod(x, y)])
    assert [v.tolist() for v in found] == [[least] * 19, [least] * 19, [0] * 19, [0] * 19]


def test_float_division_by_zero_follows_ieee() -> None:
    x = tf.constant([1.0, -1.0, 0.0])
    found = run(x / 0.0)
    assert found[0] == np.inf and found[1] == -np.inf and np.isnan(found[2])


def test_negative_powers_of_integers_are_an_error() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="negative integer powers"):
        run(tf.pow(tf.constant([2, 3]), tf.constant([1, -1])))


def test_true_division_of_integers_gives_floats() -> None:
    assert (tf.constant([7], tf.int32) / 2).dtype == tf.float64
    assert (tf.constant([7], tf.int16) / 2).dtype == tf.float32
    np.testing.assert_array_equal(run(tf.constant([7, -7]) / 2), [3.5, -3.5])
    np.testing.assert_array_equal(run(tf.div(tf.constant([7, -7]), 2)), [3, -3])
    np.testing.assert_array_equal(run(tf.constant([7, -7]) // 2), [3, -4])


def test_operators_take_arrays_and_numbers_on_both_sides() -> None:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    a = np.float32([[1, 2], [3, 4]])
    for mine, theirs in [
        (a + x, a + a), (a - x, a - a), (2 * x, 2 * a), (a / x, a / a), (1 / x, 1 / a), (2**x, 2**a), (x**2, a**2), (-x, -a),
        (abs(-x), a), (7 // x, 7 // a), (7 % x, 7 % a), (a @ x, a @ a), (x @ a, a @ a), (np.float32(2) * x, 2 * a),
        (a < x, a < a), (np.float32(1.5) > x, a < 1.5), (x >= a, a >= a), (x <= 2, a <= 2), (x[0], a[0]), (x[:, 1:], a[:, 1:]),
        ((x > 1) & (x < 4), (a > 1) & (a < 4)), ((x > 3) | (x < 2), (a > 3) | (a < 2)), ((x > 1) ^ (x > 2), (a > 1) ^ (a > 2)),
        (~(x > 1), ~(a > 1)),
    ]:  # fmt: skip
        assert isinstance(mine, tf.Tensor)
        np.testing.assert_allclose(run(mine), theirs, rtol=1e-6)


def test_equality_of_tensors_is_identity() -> None:
    x, y = tf.constant(1.0), tf.constant(1.0)
    assert x == x and x != y and {x: 1}[x] == 1


def test_operations_have_tensorflows_names() -> None:
    x = tf.constant(1.0)
    assert [t.op.name for t in (x + x, x * x, x - x, tf.add(x, x), tf.add(x, x, "sum"), x / x, -x, x < x)] == [
        "add", "mul", "sub", "Add", "sum", "truediv", "Neg", "Less"]  # fmt: skip


def test_mixed_types_are_an_error_that_names_them() -> None:
    x, n = tf.constant([1.0]), tf.constant([1])
    with pytest.raises(ValueError, match=r"float32.*int32"):
        x + n
    with pytest.raises(TypeError, match="float32 and int32"):
        tf.add(x, n)
    with pytest.raises(TypeError):
        n + 1.5
    with pytest.raises(TypeError, match="not int32"):
        tf.sqrt(n)
    with pytest.raises(TypeError, match="not float32"):
        tf.logical_not(x)


def test_shapes_that_do_not_broadcast_are_an_error_that_shows_them() -> None:
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        tf.add(tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0, 3.0]))
    x = tf.placeholder(tf.float32, [None])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(2,\).*\(3,\)"):
        run(x + tf.constant([1.0, 2.0, 3.0]), {x: [1, 2]})


def test_add_n_takes_equal_shapes_only() -> None:
    with pytest.raises(ValueError, match="not compatible"):
        tf.add_n([tf.constant([1.0]), tf.constant([1.0, 2.0])])
    with pytest.raises(ValueError, match="at least one"):
        tf.add_n([])
    x = tf.constant(1.0)
    assert tf.add_n([x]) is x


def test_select_checks_shapes_and_types() -> None:
    x, y = tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]])
    with pytest.raises(ValueError, match=r"\(3,\)"):
        tf.select([True, False, True], x, y)
    with pytest.raises(ValueError, match="incompatible"):
        tf.select([[True, False]], x, tf.constant([1.0]))
    with pytest.raises(ValueError, match="both x and y"):
        tf.where([True], x)
    with pytest.raises(ValueError, match="bool is required"):
        tf.select(x, x, y)


def test_select_of_unknown_shapes_chooses_rows_or_elements() -> None:
    c, x, y = tf.placeholder(tf.bool), tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    z = tf.where(c, x, y)
    a, b = np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32)
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(z, {c: [True, False], x: a, y: b}), [[1] * 3, [0] * 3])
        mask = np.eye(2, 3) > 0
        np.testing.assert_array_equal(sess.run(z, {c: mask, x: a, y: b}), mask.astype(np.float32))


def test_where_without_choices_gives_places() -> None:
    np.testing.assert_array_equal(run(tf.where([[True, False], [True, True]])), [[0, 0], [1, 0], [1, 1]])


def test_gradient_of_select_stops_nan_of_the_other_choice() -> None:
    x = tf.constant([4.0, 0.0])
    y = tf.select(x > 0, tf.sqrt(tf.maximum(x, 1.0)), x)
    np.testing.assert_allclose(run(tf.gradients(y, x)[0]), [0.25, 1.0])


def test_gradient_of_pow_at_zero_and_below_is_finite() -> None:
    x, y = tf.constant([0.0, -2.0, 3.0]), tf.constant([2.0, 3.0, 0.0])
    dx, dy = run(tf.gradients(tf.pow(x, y), [x, y]))
    np.testing.assert_allclose(dx, [0, 12, 0])
    np.testing.assert_allclose(dy, [0, 0, np.log(3)], rtol=1e-6)


def test_ties_of_maximum_and_minimum_give_their_gradient_to_the_first() -> None:
    x, y = tf.constant([1.0, 2.0]), tf.constant([1.0, 1.0])
    assert [g.tolist() for g in run(tf.gradients(tf.maximum(x, y), [x, y]))] == [[1, 1], [0, 0]]
    assert [g.tolist() for g in run(tf.gradients(tf.minimum(x, y), [x, y]))] == [[1, 0], [0, 1]]


def test_arithmetic_on_shapes_is_followed_before_it_is_run() -> None:
    x = tf.placeholder(tf.float32, [6, None])
    size = tf.shape(x)[0]
    for built, want in [
        (size + 2, 8), (size - 2, 4), (size * 2, 12), (size // 4, 1), (tf.div(size, 4), 1), (size % 4, 2), (-size, -6),
        (tf.maximum(size, 9), 9), (tf.minimum(size, 5), 5), (tf.square(size), 36), (tf.abs(-size), 6),
        (tf.cast(size, tf.int64), 6), (tf.truncatemod(size, 4), 2),
    ]:  # fmt: skip
        assert built.spec().full_value() == want
    assert tf.reshape(x, [tf.div(size, 2), -1]).get_shape().as_list() == [3, None]
    assert tf.div(size, 0).spec().full_value() is None


def test_cast_to_the_same_type_is_the_tensor_itself() -> None:
    x = tf.constant([1.0])
    assert tf.cast(x, tf.float32) is x
    with pytest.raises(TypeError, match="string"):
        tf.cast(x, tf.string)


def test_saturate_cast_keeps_to_what_the_type_holds() -> None:
    x = tf.constant([-1e20, -1.5, 1.5, 1e20])
    found = run(tf.saturate_cast(x, tf.int32))
    assert found[1:3].tolist() == [-1, 1] and found[0] == -(2**31) and found[3] > 2**31 - 200
    assert run(tf.saturate_cast(tf.constant([300, -5]), tf.uint8)).tolist() == [255, 0]


def test_bitcast_checks_the_last_dimension() -> None:
    with pytest.raises(ValueError, match="last dimension"):
        tf.bitcast(tf.constant([1, 2, 3]), tf.float64)
    with pytest.raises(TypeError, match="bool"):
        tf.bitcast(tf.constant([True]), tf.uint8)


def test_gradients_pass_casts_between_floats_only() -> None:
    x = tf.constant([1.5])
    assert run(tf.gradients(tf.cast(x, tf.float64) * 3, x)[0]).tolist() == [3.0]
    assert tf.gradients(tf.cast(tf.cast(x, tf.int32), tf.float32), x) == [None]


def test_keywords_are_checked() -> None:
    assert run(tf.sub(y=1.0, x=3.0)) == 2
    with pytest.raises(TypeError, match="unexpected"):
        tf.sub(1.0, z=2.0)
    with pytest.raises(TypeError, match="misses"):
        tf.sub(1.0)


def test_tensors_of_float64_keep_their_precision() -> None:
    x = np.random.RandomState(0).uniform(0.5, 2, 1001)
    t = tf.constant(x)
    for function, reference in [
        (tf.exp, np.exp),
        (tf.log, np.log),
        (tf.sin, np.sin),
        (tf.tanh, np.tanh),
        (tf.sqrt, np.sqrt),
    ]:
        np.testing.assert_allclose(run(function(t)), reference(x), rtol=1e-13)


def test_constants_made_of_numbers_are_named_within_their_operation() -> None:
    x = tf.placeholder(tf.float32, [2], name="x")
    expected = {
        x - 1.0: ("sub:0", "x:0", "sub/y:0"),
        2.0 / x: ("truediv:0", "truediv/x:0", "x:0"),
        x > 0.0: ("Greater:0", "x:0", "Greater/y:0"),
        tf.add(x, 2.0): ("Add:0", "x:0", "Add/y:0"),
        tf.maximum(0.0, x, name="relu"): ("relu:0", "relu/x:0", "x:0"),
        tf.pow(x, 2): ("Pow:0", "x:0", "Pow/y:0"),
        x * [3.0, 4.0]: ("mul:0", "x:0", "mul/y:0"),
        x * x: ("mul_1:0", "x:0", "x:0"),
    }
    for y, (name, first, second) in expected.items():
        assert (y.name, y.op.inputs[0].name, y.op.inputs[1].name) == (name, first, second)
    with tf.name_scope("hidden"):
        assert (x + 1.0).op.inputs[1].name == "hidden/add/y:0"
    assert tf.constant(1.0).name == "Const:0"


def test_whole_numbers_can_be_differentiated() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x, i = tf.placeholder(tf.float32, [3]), tf.placeholder(tf.int32, [3])
        assert tf.gradients(tf.argmax(x, 0), [x]) == [None] == tf.gradients(tf.cast(x, tf.int32), [x])
        np.testing.assert_array_equal(sess.run(tf.gradients(i * 2, i)[0], {i: [1, 2, 3]}), [2, 2, 2])
        with pytest.raises(TypeError, match="bool cannot be differentiated"):
            tf.gradients(x > 1.0, x)
