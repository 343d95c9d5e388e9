"""What a panel is told of operations so that it finds them: short attributes, and the devices that runs put them on."""

from __future__ import annotations

import json

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook import checking, protocol
from graphlab_nb.notebook.answers import Answers
from graphlab_nb.notebook.describe import FEW, SHORT_TEXT, Description
from graphlab_nb.notebook.looking import Looker
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.steering import Steering
from graphlab_nb.notebook.telling import Teller
from tests.notebook.kernels import kernel


@pytest.fixture
def graph():
    with tf.Graph().as_default() as made:
        yield made


def nodes_of(graph):
    chunk = Description(graph).chunk("g1", 0, lambda file: (None, None))
    checking.check(chunk, protocol.GraphChunk)
    return {node["name"]: node for node in chunk["nodes"]}


def told(graph, op, **more):
    """What `Answers` says."""
    reply = protocol.Reply(v=protocol.VERSION, id="1")
    steering = Steering()
    looker = Looker(steering)
    answers = Answers(Teller({}, steering, looker), looker)
    getattr(answers, op)({"op": op, "graph": f"g{graph.number}", **more}, reply, Parcel())
    checking.check(reply, protocol.Reply)
    return reply


def test_short_attributes_go_with_nodes(graph):
    a = tf.constant(np.ones((4, 4), np.float32), name="a")
    tf.matmul(a, a, transpose_b=True, name="product")
    tf.random_normal([2], stddev=0.1, name="noise")
    tf.nn.max_pool(tf.zeros([1, 4, 4, 1]), [1, 2, 2, 1], [1, 2, 2, 1], "SAME", name="pool")
    tf.identity(a, name="same")
    nodes = nodes_of(graph)
    assert nodes["product"]["attributes"] == ["transpose_a=False", "transpose_b=True"]
    noise = next(node for node in nodes.values() if node["type"] == "RandomStandardNormal")
    assert "stddev=0.1" in noise["attributes"]
    assert "ksize=(1,2,2,1)" in nodes["pool"]["attributes"]
    assert "attributes" not in nodes["same"]


def test_long_attributes_are_left_out(graph):
    tf.constant(np.zeros(FEW, np.int32), name="few")
    tf.constant(np.zeros(100_000, np.int32), name="many")
    tf.constant("x" * (SHORT_TEXT + 1), name="words")
    nodes = nodes_of(graph)
    assert nodes["few"]["attributes"] == ["value=[" + ",".join("0" * FEW) + "]", "dtype=int32"]
    assert nodes["many"]["attributes"] == ["dtype=int32"]
    assert nodes["words"]["attributes"] == ["dtype=string"]


def test_a_large_graph_stays_light(graph):
    x = tf.zeros([2, 2])
    for _ in range(1000):
        x = tf.matmul(x, x)
    nodes = list(nodes_of(graph).values())
    attributes = sum(len(json.dumps(node.get("attributes", []))) for node in nodes)
    assert attributes < 0.25 * len(json.dumps(nodes))


def test_devices_are_told_of_the_newest_session_that_ran(graph):
    a = tf.constant([1.0, 2.0], name="a")
    b = tf.exp(a, name="b")
    c = tf.sin(b, name="c")
    assert told(graph, "placed")["placed"] == {
        "graph": f"g{graph.number}", "devices": [], "nodes": [-1, -1, -1], "shaped": [], "shapes": []
    }  # fmt: skip
    assert told(graph, "node", name="b")["node"]["placed"] is None
    with tf.Session(graph=graph) as first, tf.Session(graph=graph):
        first.run(b)
        placed = told(graph, "placed")["placed"]
        devices = [device.name for device in first.list_devices()]
        assert placed["devices"] == devices
        assert placed["nodes"][1] == 0
        assert placed["nodes"][2] == -1
        assert told(graph, "node", name="b")["node"]["placed"] == devices[0]
        assert told(graph, "node", name="c")["node"]["placed"] is None
        first.run(c)
        assert told(graph, "placed")["placed"]["nodes"][1:] == [0, 0]
        # What another graph runs takes nothing away.
        with tf.Graph().as_default() as other, tf.Session() as session:
            session.run(tf.exp(tf.constant(1.0)))
            assert told(other, "placed")["placed"]["devices"]
            assert told(graph, "node", name="c")["node"]["placed"] == devices[0]
    assert told(graph, "placed")["placed"]["devices"] == []


def test_shapes_that_only_runs_tell_are_told(graph):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.Variable(tf.ones([3, 2]), name="w")
    y = tf.matmul(x, w, name="y")
    step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(y), name="step")
    with tf.Session(graph=graph) as session:
        session.run(tf.initialize_all_variables())
        session.run(step, {x: np.ones([5, 3])})
        session.run(y, {x: np.ones([100, 3])})
        placed = told(graph, "placed")["placed"]
        shapes = dict(zip(placed["shaped"], placed["shapes"], strict=True))
        assert shapes[x.op.index] == [[5, 3]]  # the plan that trains, not the one that was made last
        assert w.op.index not in shapes
        assert all(n >= 0 for outputs in shapes.values() for dims in outputs for n in dims)
        session.run(tf.exp(y), {x: np.ones([7, 3])})
        placed = told(graph, "placed")["placed"]
        assert [100, 3] not in dict(zip(placed["shaped"], placed["shapes"], strict=True))[x.op.index]


def test_each_operation_has_its_own_device(graph):
    with tf.device("/cpu:0"):
        a = tf.placeholder(tf.float32, [2], name="a")
        b = tf.exp(a, name="b")
    with tf.device("/cpu:1"):
        c = tf.sin(b, name="c")
    with tf.Session(graph=graph, config=tf.ConfigProto(device_count={"CPU": 2})) as session:
        session.run(c, {a: [1.0, 2.0]})
        placed = told(graph, "placed")["placed"]
        name = {op.name: placed["nodes"][op.index] for op in graph.get_operations()}
        assert placed["devices"][name["b"]].endswith("/device:CPU:0")
        assert placed["devices"][name["c"]].endswith("/device:CPU:1")


def test_a_kernel_answers_while_a_cell_runs(tmp_path):
    with kernel() as panel:
        panel.run("import graphlab_nb as tf, time\nsess = tf.Session()\nprint(sess.run(tf.exp(tf.constant(1.0))))")
        hello = panel.hello()
        graph = hello["graphs"][0]["id"]
        cell = panel.execute("for k in range(40): time.sleep(0.05)")
        answer, _ = panel.ask("placed", graph=graph)
        assert cell not in panel.idle
        assert 0 in answer["placed"]["nodes"]
        answer, _ = panel.ask("placed", graph="g99")
        assert "g99" in answer["problem"]
        panel.until(lambda: cell in panel.idle)
