"""What operations are for, as the panel is told."""

from __future__ import annotations

import graphlab_nb as tf
from graphlab_nb.notebook.describe import Description


def roles(graph):
    return {
        node["name"]: node["role"] for node in Description(graph).chunk("g1", 0, lambda file: (None, None))["nodes"]
    }


def test_every_initializer_of_all_variables_is_one():
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0, name="v")
        w = tf.Variable(2.0, name="w")
        for _ in range(3):
            tf.initialize_all_variables()
        tf.variables_initializer([w], name="begin")
        more = [v.assign(3.0), w.assign(4.0)]
        tf.group(*more, name="update")
        with tf.name_scope("init_9"):
            tf.add(v, w, name="sum")
    found = roles(graph)
    assert [found[name] for name in ("init", "init_1", "init_2", "begin")] == ["initializer"] * 4
    assert found["update"] == "" and found["init_9/sum"] == ""


def test_initializers_are_found_as_the_graph_grows():
    with tf.Graph().as_default() as graph:
        tf.Variable(1.0, name="v")
        description = Description(graph)
        description.chunk("g1", 0, lambda file: (None, None))
        at = graph.version
        tf.initialize_all_variables()
        tf.initialize_all_variables()
        chunk = description.chunk("g1", at, lambda file: (None, None))
    assert {node["name"]: node["role"] for node in chunk["nodes"]} == {"init": "initializer", "init_1": "initializer"}
