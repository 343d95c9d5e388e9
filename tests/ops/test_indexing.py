"""Indices that are out of range, variables changed by rows, tables in parts, and the shapes that kernels take on a GPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from tests.ops.case import booleans, integers, normal


@pytest.fixture
def sess() -> Iterator[tf.Session]:
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


@pytest.mark.parametrize("bad", [-1, 5, 2**31 - 1])
def test_an_index_out_of_range_is_named(sess: tf.Session, bad: int) -> None:
    indices = tf.placeholder(tf.int32, [None])
    y = tf.gather(tf.constant(normal(5, 3)), indices, name="taken")
    with pytest.raises(tf.errors.InvalidArgumentError, match=rf"The index {bad} is not in \[0, 5\).*'taken'"):
        sess.run(y, {indices: [0, bad, 1]})
    assert sess.run(y, {indices: [4]}).shape == (1, 3)
    empty = tf.gather(np.zeros((0, 3), np.float32), indices)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"is not in \[0, 0\)"):
        sess.run(empty, {indices: [0]})


def test_a_coordinate_out_of_range_is_named(sess: tf.Session) -> None:
    indices = tf.placeholder(tf.int64, [None, 2])
    for y in (tf.gather_nd(normal(3, 4), indices), tf.scatter_nd(indices, [1.0], [3, 4])):
        with pytest.raises(tf.errors.InvalidArgumentError, match="The index 4 of dimension 1"):
            sess.run(y, {indices: [[2, 4]]})


def test_wrong_shapes_and_types_are_named() -> None:
    with pytest.raises(TypeError, match="int32 or int64, not float32"):
        tf.gather(normal(3), [0.5])
    with pytest.raises(ValueError, match="not a single value"):
        tf.gather(1.0, [0])
    with pytest.raises(ValueError, match="no axis 2"):
        tf.gather(normal(3, 2), [0], axis=2)
    with pytest.raises(ValueError, match="3 coordinates"):
        tf.gather_nd(normal(3, 2), [[0, 0, 0]])
    with pytest.raises(ValueError, match=r"must have the shape \(2, 2\), not \(3, 2\)"):
        tf.scatter_nd([[0], [1]], normal(3, 2), [4, 2])
    with pytest.raises(ValueError, match=r"k = 4.*\(2, 3\)"):
        tf.nn.top_k(normal(2, 3), 4)
    with pytest.raises(ValueError, match=r"\(3,\) targets do not fit"):
        tf.nn.in_top_k(normal(2, 3), [1, 2, 0], 1)
    with pytest.raises(ValueError, match="rank 1"):
        tf.unique(normal(2, 3))
    with pytest.raises(ValueError, match=r"\(3,\) does not begin"):
        tf.boolean_mask(normal(2, 3), [True, False, True])
    with pytest.raises(TypeError, match="is no variable"):
        tf.scatter_add(tf.constant(normal(3)), [0], [1.0])


def test_gather_of_shapes_is_known_before_the_run() -> None:
    x = tf.placeholder(tf.float32, [None, 7, 3])
    assert tf.reshape(x, [-1, tf.gather(tf.shape(x), 1) * 3]).get_shape().as_list() == [None, 21]


def test_rows_of_a_variable(sess: tf.Session) -> None:
    start = normal(6, 3)
    v = tf.Variable(start)
    indices, updates = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None, 3])
    steps = [f(v, indices, updates) for f in (tf.scatter_update, tf.scatter_add, tf.scatter_sub)]
    sess.run(v.initializer)
    i, u = np.array([1, 4, 1, 1]), normal(4, 3, seed=2)
    expected = start.copy()
    expected[1], expected[4] = u[3], u[1]
    np.testing.assert_array_equal(sess.run(steps[0], {indices: i, updates: u}), expected)
    for row, update in zip(i, u, strict=True):
        expected[row] += update
    np.testing.assert_array_equal(sess.run(steps[1], {indices: i, updates: u}), expected)
    for row, update in zip(i, u, strict=True):
        expected[row] -= update
    np.testing.assert_array_equal(sess.run(steps[2], {indices: i, updates: u}), expected)
    np.testing.assert_array_equal(sess.run(v), expected)
    sess.run(steps[1], {indices: np.zeros(0), updates: np.zeros((0, 3))})
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"The index 6 is not in \[0, 6\)"):
        sess.run(steps[1], {indices: [6], updates: u[:1]})
    np.testing.assert_array_equal(sess.run(v), expected)


def test_scatter_needs_an_initialized_variable(sess: tf.Session) -> None:
    v = tf.Variable(np.zeros(3, np.float32))
    with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized"):
        sess.run(tf.scatter_add(v, [0], [1.0]))


@pytest.mark.parametrize("strategy", ["mod", "div"])
def test_tables_in_parts(sess: tf.Session, strategy: str) -> None:
    whole = normal(8, 2)
    parts = [whole[k::3] for k in range(3)] if strategy == "mod" else np.array_split(whole, 3)
    ids = tf.placeholder(tf.int64, [None, None])
    y = tf.nn.embedding_lookup([tf.constant(p) for p in parts], ids, partition_strategy=strategy)
    np.testing.assert_array_equal(sess.run(y, {ids: [[0, 7, 3], [2, 2, 5]]}), whole[[[0, 7, 3], [2, 2, 5]]])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"The index 8 is not in \[0, 8\)"):
        sess.run(y, {ids: [[8]]})
    with pytest.raises(ValueError, match="must be spread"):
        tf.nn.embedding_lookup([tf.constant(whole[:2]), tf.constant(whole[:5])], [0], partition_strategy=strategy)


def test_an_embedding_learns(sess: tf.Session) -> None:
    table = tf.Variable(np.zeros((5, 2), np.float32))
    rows = tf.nn.embedding_lookup(table, [3, 1, 3])
    loss = tf.reduce_sum(tf.square(rows - 1.0))
    (grad,) = tf.gradients(loss, [table])
    step = tf.assign_sub(table, 0.25 * grad)
    sess.run(table.initializer)
    sess.run(step)
    np.testing.assert_allclose(sess.run(table)[:, 0], [0, 0.5, 0, 1.0, 0])


def build_all() -> list[Any]:
    """Operations whose kernels differ between CPUs and GPUs."""
    data, ids = tf.constant(normal(300, 5)), tf.constant(integers(300, low=0, high=17))
    flat = tf.constant(normal(5000))
    v = tf.constant(integers(2000, low=-40, high=40))
    return [
        tf.gather(data, ids),
        tf.gradients(tf.gather(data, ids) * 2.0, data)[0],
        tf.unsorted_segment_sum(data, ids, 20),
        tf.segment_mean(data, np.sort(integers(300, low=0, high=17))),
        tf.cumsum(flat),
        tf.cumsum(tf.constant(integers(40, 300)), 1, reverse=True),
        *tf.nn.top_k(data, 3),
        *tf.nn.top_k(tf.constant(normal(2, 3000)), 265),
        *tf.unique_with_counts(v),
        tf.where(tf.constant(booleans(70, 90))),
        *tf.dynamic_partition(data, ids % 3, 3),
        tf.dynamic_stitch([ids, ids + 1], [data, data * 2.0]),
        tf.setdiff1d(v, [3, -7, 11])[0],
        tf.random_uniform([1000], seed=3),
        tf.random_normal([1001], seed=3),
        tf.truncated_normal([999], seed=3),
        tf.random_uniform([777], -5, 2**40, tf.int64, seed=3),
        tf.random_shuffle(data, seed=4),
        tf.multinomial(data, 4, seed=5),
    ]


def test_the_kernels_shapes_for_gpus_give_the_same(sess: tf.Session) -> None:
    fetches = build_all()
    expected = sess.run(fetches)
    with tf.Session() as other:
        # Work-items of a GPU are few elements wide; the same kernels run on any device.
        plans = other._resources.plan_devices
        plans[:] = [dataclasses.replace(d, traits=dataclasses.replace(d.traits, kind="GPU", lanes=1)) for d in plans]
        values = other.run(fetches)
    for fetch, value, want in zip(fetches, values, expected, strict=True):
        if fetch.op.type in ("RandomStandardNormal", "TruncatedNormal", "Cumsum") and value.dtype == np.float32:
            np.testing.assert_allclose(value, want, rtol=1e-5, atol=1e-4, err_msg=fetch.name)
        else:
            np.testing.assert_array_equal(value, want, err_msg=fetch.name)
