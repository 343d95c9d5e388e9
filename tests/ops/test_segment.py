"""Segments named wrongly, and long ones."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf
from tests.ops.case import integers, normal


def test_ids_that_decrease_or_are_negative_are_named() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        ids = tf.placeholder(tf.int32, [None])
        y = tf.segment_sum(normal(4, 2), ids)
        with pytest.raises(tf.errors.InvalidArgumentError, match="1 comes after 2"):
            sess.run(y, {ids: [0, 2, 1, 3]})
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"segment_ids\[0\] = -2 is negative"):
            sess.run(y, {ids: [-2, 0, 0, 1]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="one id per row"):
            sess.run(y, {ids: [0, 1]})
        assert [sess.run(y, {ids: i}).shape for i in ([0, 0, 0, 0], [0, 1, 2, 9], [0, 0, 0, 0])] == [
            (1, 2),
            (10, 2),
            (1, 2),
        ]


def test_an_id_out_of_range_is_named() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        ids = tf.placeholder(tf.int32, [None])
        y = tf.unsorted_segment_sum(normal(3), ids, 4)
        for bad in (-1, 4):
            with pytest.raises(tf.errors.InvalidArgumentError, match=rf"The index {bad} is not in \[0, 4\)"):
                sess.run(y, {ids: [0, bad, 1]})


def test_number_of_segments_that_is_fed() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        count = tf.placeholder(tf.int32, [])
        y = tf.unsorted_segment_sum([1.0, 2.0, 4.0], [1, 0, 1], count)
        assert [sess.run(y, {count: n}).tolist() for n in (2, 3, 2)] == [[2, 5], [2, 5, 0], [2, 5]]


def test_long_segments() -> None:
    data, ids = integers(5000, 20), np.sort(integers(5000, low=0, high=40))
    with tf.Graph().as_default(), tf.Session() as sess:
        total, mean, largest = sess.run(
            [f(tf.constant(data), tf.constant(ids)) for f in (tf.segment_sum, tf.segment_mean, tf.segment_max)]
        )
        reference = np.zeros((40, 20), np.int64)
        np.add.at(reference, ids, data)
        np.testing.assert_array_equal(total, reference)
        np.testing.assert_array_equal(largest, [data[ids == s].max(axis=0) for s in range(40)])
        assert mean.shape == (40, 20)


def test_no_gradient_is_defined_for_products_of_segments() -> None:
    with tf.Graph().as_default():
        x = tf.constant(normal(4))
        with pytest.raises(LookupError, match="SegmentProd"):
            tf.gradients(tf.segment_prod(x, [0, 0, 1, 1]), x)


def test_the_axis_must_exist() -> None:
    with pytest.raises(ValueError, match="no axis 2"):
        tf.cumsum(normal(3, 2), 2)
