"""Static shapes, both argument orders and errors of the operations about arrays."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def unknown(*dims):
    return tf.placeholder(tf.float32, list(dims))


def dims(tensor):
    return tensor.get_shape().as_list()


def test_reshape_carries_what_is_known_of_the_shape():
    x = unknown(None, 28, 28)
    assert dims(tf.reshape(x, [-1, 784])) == [None, 784]
    assert dims(tf.reshape(x, tf.pack([tf.shape(x)[0], 784]))) == [None, 784]
    assert dims(tf.reshape(x, [tf.shape(x)[0], 28 * 28])) == [None, 784]
    assert dims(tf.reshape(x, [-1, int(x.get_shape()[1] * x.get_shape()[2])])) == [None, 784]
    assert dims(tf.reshape(tf.zeros([3, 4]), [2, -1])) == [2, 6]
    assert dims(tf.reshape(tf.zeros([3, 4]), tf.shape(tf.zeros([6, 2])))) == [6, 2]
    assert tf.reshape(x, tf.placeholder(tf.int32, [None])).get_shape().ndims is None
    assert dims(tf.reshape(x, tf.placeholder(tf.int32, [2]))) == [None, None]
    assert dims(tf.reshape(tf.placeholder(tf.float32), [-1, 3])) == [None, 3]


def test_shape_arithmetic_is_known_without_running():
    x = unknown(None, 5, 7)
    assert dims(tf.zeros(tf.shape(x))) == [None, 5, 7]
    assert dims(tf.zeros(tf.shape(x)[1:])) == [5, 7]
    assert dims(tf.zeros(tf.shape(x)[::-1])) == [7, 5, None]
    assert dims(tf.zeros(tf.concat(0, [tf.shape(x)[:2], [9]]))) == [None, 5, 9]
    assert dims(tf.zeros([tf.shape(x)[1] * 2, tf.shape(x)[2] - 1])) == [10, 6]
    assert dims(tf.zeros(tf.unpack(tf.shape(x))[1:])) == [5, 7]
    assert dims(tf.zeros(tf.expand_dims(tf.size(tf.zeros([2, 3])), 0))) == [6]
    assert dims(tf.transpose(x, tf.concat(0, [[1, 0], tf.range(2, tf.rank(x))]))) == [5, None, 7]
    assert dims(tf.tile(unknown(None, 1), [1, 3])) == [None, 3]
    assert dims(tf.tile(unknown(4, 1), [tf.shape(x)[0], 3])) == [None, 3]


def test_shapes_of_unknown_dimensions():
    x, y = unknown(None, 3), unknown(2, 3)
    assert dims(tf.concat(0, [x, y])) == [None, 3]
    assert dims(tf.concat([x, y], axis=1)) == [2, 6]
    assert tf.concat(0, [tf.placeholder(tf.float32), tf.placeholder(tf.float32)]).get_shape().ndims is None
    assert dims(tf.pack([x, y])) == [2, 2, 3]
    assert [dims(t) for t in tf.split(0, 2, x)] == [[None, 3]] * 2
    assert [dims(t) for t in tf.split(x, [1, 2], 1)] == [[None, 1], [None, 2]]
    assert dims(tf.pad(x, [[1, 1], [0, 2]])) == [None, 5]
    assert dims(tf.expand_dims(x, -1)) == [None, 3, 1]
    assert tf.squeeze(x).get_shape().ndims is None
    assert dims(tf.squeeze(unknown(None, 1, 3), [1])) == [None, 3]
    assert dims(tf.transpose(x)) == [3, None]
    assert dims(tf.one_hot(tf.placeholder(tf.int64, [None]), 10)) == [None, 10]
    assert dims(tf.fill([2, 3], 1.0)) == [2, 3]
    assert dims(tf.zeros_like(x)) == [None, 3]


def test_both_orders_of_concat_and_split():
    x = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    with tf.Session() as sess:
        for joined in (
            tf.concat(1, [x, x]),
            tf.concat([x, x], 1),
            tf.concat(concat_dim=1, values=[x, x]),
            tf.concat(values=[x, x], axis=-1),
            tf.concat(1, [tf.constant(x), x], "named"),
            tf.concat(1, values=[x, x]),
        ):
            np.testing.assert_array_equal(sess.run(joined), np.concatenate([x, x], 1))
        for parts in (
            tf.split(1, 2, x),
            tf.split(x, 2, 1),
            tf.split(x, 2, axis=1),
            tf.split(split_dim=1, num_split=2, value=x),
            tf.split(value=x, num_or_size_splits=2, axis=1),
            tf.split(tf.constant(x), [2, 2], 1),
            tf.split(1, 2, tf.constant(x), name="named"),
        ):
            got = sess.run(parts)
            assert len(got) == 2
            for part, want in zip(got, np.split(x, 2, 1), strict=True):
                np.testing.assert_array_equal(part, want)


def test_lists_that_hold_tensors_are_packed():
    x = tf.constant([1.0, 2.0])
    y = tf.constant(3.0)
    with tf.Session() as sess:
        assert sess.run(tf.convert_to_tensor([y, 4.0])).tolist() == [3, 4]
        assert sess.run(tf.convert_to_tensor([[y, 4.0], x])).tolist() == [[3, 4], [1, 2]]
        assert sess.run(tf.constant(2.0) * [y, 1.0]).tolist() == [6, 2]


def test_shapes_are_not_computed():
    """`shape`, `zeros_like` and their kind need no value of the tensor they are asked of."""
    x = tf.Variable(tf.zeros([3, 4]))
    with tf.Session() as sess:  # x stays uninitialized
        assert sess.run(tf.shape(x)).tolist() == [3, 4]
        assert sess.run(tf.size(x)) == 12
        assert sess.run(tf.rank(x)) == 2
        assert sess.run(tf.zeros_like(x)).tolist() == np.zeros((3, 4)).tolist()


def test_types_of_fills():
    with tf.Session() as sess:
        assert sess.run(tf.zeros([2], tf.bool)).tolist() == [False, False]
        assert sess.run(tf.ones([2], tf.int64)).dtype == np.int64
        assert sess.run(tf.ones_like(tf.constant([1, 2]), dtype=tf.float64)).dtype == np.float64
        assert sess.run(tf.fill([2], np.uint8(200))).tolist() == [200, 200]
    assert tf.range(3).dtype == tf.int32
    assert tf.range(3.0).dtype == tf.float32
    assert tf.range(0, 3, 0.5).dtype == tf.float32
    assert tf.range(np.int64(3)).dtype == tf.int64


def test_all_widths_of_elements_are_moved():
    with tf.Session() as sess:
        for kind in (np.int8, np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64, np.bool_):
            x = np.random.RandomState(0).randint(0, 100, (5, 37, 6)).astype(kind)
            got = sess.run(
                [tf.transpose(x, [2, 1, 0]), tf.transpose(x, [1, 0, 2]), tf.tile(x, [1, 2, 1]), tf.reverse(x, [2])]
            )
            wanted = [x.transpose(2, 1, 0), x.transpose(1, 0, 2), np.tile(x, (1, 2, 1)), x[:, :, ::-1]]
            for a, b in zip(got, wanted, strict=True):
                assert a.dtype == kind
                np.testing.assert_array_equal(a, b)


def test_tensors_of_many_dimensions():
    x = np.arange(3**9, dtype=np.int32).reshape([3] * 9)
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(tf.transpose(x)), x.T)
        order = [1, 0, 3, 2, 5, 4, 7, 6, 8]
        np.testing.assert_array_equal(sess.run(tf.transpose(x, order)), x.transpose(order))


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: tf.reshape(tf.zeros([3, 4]), [5]), ["(3, 4)", "[5]"]),
        (lambda: tf.reshape(tf.zeros([3, 4]), [5, -1]), ["(3, 4)", "[5, -1]"]),
        (lambda: tf.reshape(tf.zeros([3, 4]), [-1, -1]), ["one -1"]),
        (lambda: tf.concat(0, [tf.zeros([2, 3]), tf.zeros([2, 4])]), ["(2, 3)", "(2, 4)"]),
        (lambda: tf.concat(2, [tf.zeros([2, 3]), tf.zeros([2, 3])]), ["axis 2", "rank 2"]),
        (lambda: tf.pack([tf.zeros([2, 3]), tf.zeros([2, 4])]), ["(2, 3)", "(2, 4)"]),
        (lambda: tf.unpack(tf.zeros([2, 3]), 3), ["(2, 3)", "3 tensors"]),
        (lambda: tf.unpack(tf.placeholder(tf.float32, [None])), ["num"]),
        (lambda: tf.split(1, 2, tf.zeros([2, 3])), ["(2, 3)", "multiple of 2"]),
        (lambda: tf.split(tf.zeros([2, 3]), [1, 1], 1), ["(2, 3)", "[1, 1]"]),
        (lambda: tf.transpose(tf.zeros([2, 3]), [0, 0]), ["[0, 0]", "(2, 3)"]),
        (lambda: tf.squeeze(tf.zeros([2, 3]), [0]), ["(2, 3)"]),
        (lambda: tf.expand_dims(tf.zeros([2, 3]), 5), ["5", "rank 3"]),
        (lambda: tf.tile(tf.zeros([2, 3]), [2]), ["(2, 3)"]),
        (lambda: tf.pad(tf.zeros([2, 3]), [[1, 1]]), ["(2, 3)"]),
        (lambda: tf.pad(tf.zeros([2, 3]), [[1, 1], [0, -1]]), ["negative"]),
        (lambda: tf.pad(tf.zeros([2, 3]), [[2, 0], [0, 0]], "REFLECT"), ["(2, 3)", "REFLECT"]),
        (lambda: tf.pad(tf.zeros([2, 3]), [[1, 0], [0, 0]], "OTHER"), ["OTHER"]),
        (lambda: tf.reverse(tf.zeros([2, 3]), [True]), ["(2, 3)"]),
        (lambda: tf.range(0, 5, 0), ["delta"]),
        (lambda: tf.diag_part(tf.zeros([2, 3])), ["(2, 3)"]),
        (lambda: tf.space_to_depth(tf.zeros([1, 3, 4, 1]), 2), ["(1, 3, 4, 1)", "2"]),
        (lambda: tf.sparse_to_dense([[1, 2]], [4], 1.0), ["2 numbers", "(4,)"]),
        (lambda: tf.transpose(tf.zeros([2, 3]), tf.placeholder(tf.int32, [3])), ["(2, 3)", "3 numbers"]),
    ],
)
def test_what_is_certainly_wrong_fails_where_it_is_written(build, words):
    with pytest.raises(ValueError) as info:
        build()
    for word in words:
        assert word in str(info.value)


def test_types_that_differ_are_refused():
    with pytest.raises(TypeError):
        tf.concat(0, [tf.zeros([2]), tf.zeros([2], tf.int32)])
    with pytest.raises(TypeError):
        tf.pack([tf.zeros([2]), tf.zeros([2], tf.int32)])
    with pytest.raises(TypeError):
        tf.one_hot([1], 3, on_value=tf.constant(1.0), dtype=tf.int32)


def test_shapes_that_do_not_fit_when_run():
    x, shape = unknown(None), tf.placeholder(tf.int32, [None])
    y = tf.reshape(x, shape)
    with tf.Session() as sess:
        assert sess.run(y, {x: [1, 2, 3, 4], shape: [2, -1]}).tolist() == [[1, 2], [3, 4]]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(4,\).*\[3\]"):
            sess.run(y, {x: [1, 2, 3, 4], shape: [3]})
        assert sess.run(y, {x: [1, 2], shape: [1, 2, 1]}).tolist() == [[[1], [2]]]


def test_data_that_are_wrong_when_run():
    indices = tf.placeholder(tf.int32, [None, 1])
    dense = tf.sparse_to_dense(indices, [4], 1.0)
    order = tf.placeholder(tf.int32, [None])
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] is outside"):
            sess.run(dense, {indices: [[0], [4]]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="out of order"):
            sess.run(dense, {indices: [[2], [1]]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="repeated"):
            sess.run(dense, {indices: [[2], [2]]})
        assert sess.run(dense, {indices: [[0], [3]]}).tolist() == [1, 0, 0, 1]
        with pytest.raises(tf.errors.InvalidArgumentError, match="twice"):
            sess.run(tf.invert_permutation(order), {order: [0, 0]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="outside"):
            sess.run(tf.invert_permutation(order), {order: [0, 2]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="Length 4"):
            sess.run(tf.reverse_sequence(tf.zeros([1, 3]), tf.placeholder_with_default([4], [1]), 1))


def test_gradients_reach_only_the_parts_that_are_used():
    x = unknown(4, 3)
    first, _ = tf.split(0, 2, x)
    (dx,) = tf.gradients(tf.reduce_sum(first * first), x)
    rows = tf.unpack(x)
    (dy,) = tf.gradients(tf.reduce_sum(rows[2]), x)
    value = np.arange(12, dtype=np.float32).reshape(4, 3)
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(dx, {x: value}), np.r_[2 * value[:2], np.zeros((2, 3))])
        np.testing.assert_array_equal(sess.run(dy, {x: value}), [[0] * 3, [0] * 3, [1] * 3, [0] * 3])


def test_a_reshapes_constant_has_a_name_within_it():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        assert tf.reshape(x, [-1, 2]).name == "Reshape:0"
        assert tf.reshape(x, [-1, 2]).name == "Reshape_1:0"
        assert tf.reshape(x, [tf.shape(x)[0], 4], name="again").name == "again:0"
        names = {op.name for op in graph.get_operations()}
        assert {"Reshape/shape", "Reshape_1/shape", "again/shape"} <= names and "Const" not in names
