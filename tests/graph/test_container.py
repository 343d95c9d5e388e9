"""tf.container: which part of a cluster's variables new ones belong to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def container_of(variable: Any) -> str:
    return variable.op.get_attr("container")


def test_variables_keep_the_innermost_container() -> None:
    before = tf.Variable(1.0)
    with tf.container("outer") as name:
        assert name == "outer"
        first = tf.Variable(1.0)
        with tf.container("inner/part.1"):
            second = tf.get_variable("second", [2])
        with tf.container(""):
            third = tf.Variable(1.0)
        fourth = tf.Variable(1.0)
    after = tf.Variable(1.0)
    made = (before, first, second, third, fourth, after)
    assert [container_of(v) for v in made] == ["", "outer", "inner/part.1", "", "outer", ""]
    assert {v.op.get_attr("shared_name") for v in made} == {""}


def test_slots_of_optimizers_are_in_the_container_in_which_the_step_is_made() -> None:
    with tf.container("experiment"):
        w = tf.Variable(1.0)
        optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
        optimizer.minimize(tf.square(w))
    assert container_of(optimizer.get_slot(w, "momentum")) == "experiment"


def test_two_of_one_name_are_told_apart() -> None:
    made = []
    for name in ("a", "b"):
        with tf.Graph().as_default(), tf.container(name):
            made.append(tf.Variable(1.0, name="w").op)
    assert made[0].name == made[1].name
    assert made[0].definition != made[1].definition


def test_an_error_leaves_the_container() -> None:
    with pytest.raises(RuntimeError, match="mine"), tf.container("experiment"):
        raise RuntimeError("mine")
    assert container_of(tf.Variable(1.0)) == ""


def test_graphs_and_threads_have_their_own(graph: tf.Graph) -> None:
    found = []

    def make() -> None:
        with graph.as_default():
            found.append(tf.Variable(2.0))

    with tf.container("experiment"):
        with tf.Graph().as_default():
            found.append(tf.Variable(1.0))
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
    assert [container_of(v) for v in found] == ["", ""]


def test_runs_here_are_as_without() -> None:
    with tf.container("a"):
        v = tf.Variable(1.0)
    with tf.container("b"):
        w = tf.Variable(2.0)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(v.assign_add(5.0))
        assert sess.run([v, w]) == [6.0, 2.0]


@pytest.mark.parametrize("name", ["a b", "/a", "-a", None, 3])
def test_names_that_are_not_valid(name: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid name of a container"), tf.container(name):
        pass
