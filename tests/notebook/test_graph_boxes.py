"""Boxes of a graph's picture: what goes from one to the other is in the graph, and never in a circle."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook.circles import circles
from graphlab_nb.notebook.graph_picture import draw_graph
from graphlab_nb.notebook.grouping import MOST_BOXES, boxes_of
from graphlab_nb.notebook.layers import placed


@pytest.fixture
def graph():
    made = tf.Graph()
    with made.as_default():
        yield made


def test_a_chain_that_goes_through_scopes_again_and_again_is_drawn_as_a_chain(graph):
    x = tf.placeholder(tf.float32, [], name="x")
    for _ in range(3):
        with tf.name_scope("A/"):
            bias = tf.Variable(0.0)
            x = tf.tanh(x + bias)
        with tf.name_scope("B/"):
            x = tf.square(x)
    tf.identity(x, name="y")
    found = boxes_of(graph)
    names = ["x", "A", "B/Square", "A", "B/Square_1", "A", "B/Square_2", "y"]
    assert [box.name for box in found.boxes] == names
    order = {box: k for k, box in enumerate(found.boxes)}
    assert {(order[a], order[b]) for a, b in found.arrows} == {(k, k + 1) for k in range(7)}
    assert [box.note for box in found.boxes[1:4:2]] == [f"4 operations, 1 variable, part {k} of 3" for k in (1, 2)]
    assert "part 1 of 3" in draw_graph(graph)[0]


def test_a_loss_and_its_training_in_one_scope_make_no_circle(graph):
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    weights = tf.Variable(tf.zeros([4, 1]), name="weights")
    with tf.name_scope("train"):
        loss = tf.reduce_mean(tf.square(tf.matmul(x, weights)))
        tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    found = boxes_of(graph)
    assert circles(found.boxes, found.arrows) == []
    assert {"x", "weights"} < {box.name for box in found.boxes}


def reach(pairs):
    """Which things lead to which, by any way."""
    after = {}
    for a, b in pairs:
        after.setdefault(a, set()).add(b)
    found = set()
    for start in after:
        rest = [start]
        while rest:
            for b in after.get(rest.pop(), ()):
                if (start, b) not in found:
                    found.add((start, b))
                    rest.append(b)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_boxes_show_no_circle_whatever_scopes_operations_are_in(graph, seed):
    rng = np.random.RandomState(seed)
    made = [tf.placeholder(tf.float32, [], name="x")]
    for _ in range(int(rng.randint(10, 300))):
        with tf.name_scope(f"scope{rng.randint(rng.choice([3, 12, 90]))}/"):
            sources = [made[int(rng.randint(max(0, len(made) - 9), len(made)))] for _ in range(2)]
            made.append(tf.add(*sources))
    found = boxes_of(graph)
    assert circles(found.boxes, found.arrows) == [] and len(found.boxes) <= MOST_BOXES
    assert sum(box.size for box in found.boxes) == len(graph.get_operations())
    numbers = {box: k for k, box in enumerate(found.boxes)}
    place = placed([80.0] * len(numbers), 38.0, [(numbers[a], numbers[b]) for a, b in found.arrows])
    assert not any(place.back)
    ElementTree.fromstring(draw_graph(graph)[0])


def test_circles_are_found():
    assert circles("abc", [("a", "b"), ("b", "c")]) == []
    pairs = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("e", "f"), ("f", "g"), ("g", "e"), ("d", "d")]
    assert sorted(sorted(its) for its in circles("abcdefg", pairs)) == [["b", "c"], ["e", "f", "g"]]
    rng = np.random.RandomState(0)
    for _ in range(30):
        pairs = [(int(a), int(b)) for a, b in rng.randint(0, 12, (14, 2))]
        both = reach(pairs)
        expected = {frozenset(b for b in range(12) if (a, b) in both and (b, a) in both) | {a} for a in range(12)}
        assert {frozenset(its) for its in circles(range(12), pairs)} == {its for its in expected if len(its) > 1}
    assert circles(range(5000), [(k, (k + 1) % 5000) for k in range(5000)])[0][:1] == [0]
