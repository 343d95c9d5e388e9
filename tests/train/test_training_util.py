"""The variable that counts steps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def test_made_once_and_found_again() -> None:
    assert tf.train.get_global_step() is None
    with tf.name_scope("inside"):
        step = tf.train.get_or_create_global_step()
    assert step.op.name == "global_step"
    assert step.dtype.base_dtype == tf.int64
    assert step not in tf.trainable_variables()
    assert tf.train.get_or_create_global_step() is step
    assert tf.train.get_global_step() is step
    with pytest.raises(ValueError, match="already"):
        tf.train.create_global_step()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(step.assign_add(3))
        assert tf.train.global_step(sess, step) == 3


def test_found_by_its_name() -> None:
    step = tf.Variable(0, trainable=False, name="global_step")
    assert tf.train.get_global_step() is step


def test_of_another_graph() -> None:
    other = tf.Graph()
    step = tf.train.create_global_step(other)
    assert step.graph is other
    assert tf.train.get_global_step() is None
    assert tf.train.get_global_step(other) is step


def test_several_or_unfit() -> None:
    with pytest.raises(TypeError, match="float32"):
        tf.train.assert_global_step(tf.Variable(0.0))
    with pytest.raises(TypeError, match=r"\(2,\)"):
        tf.train.assert_global_step(tf.Variable([0, 0]))
    for _ in range(2):
        tf.Variable(0, collections=[tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.GLOBAL_STEP])
    with pytest.raises(ValueError, match="several"):
        tf.train.get_global_step()
