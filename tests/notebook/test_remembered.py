"""What a kernel still knows for a page that comes later, and why there is no newer value where there is none."""

from __future__ import annotations

import pytest

from graphlab_nb.notebook.measuring import KEPT, Measured
from graphlab_nb.notebook.protocol import NodeTimes
from tests.notebook.kernels import kernel

LOOP = """
import graphlab_nb as tf, numpy as np, time
tf.reset_default_graph()
x = tf.placeholder(tf.float32, [None, 4], name="x")
W = tf.Variable(tf.ones([4, 1]), name="W")
y = tf.matmul(x, W, name="y")
loss = tf.reduce_mean(tf.square(y), name="loss")
step = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
data = np.random.RandomState(0).randn(20, 4).astype(np.float32)
for _ in range(100000):
    sess.run(step, {x: data})
    time.sleep(0.001)
"""


@pytest.fixture(scope="module")
def panel():
    with kernel() as found:
        found.run("import graphlab_nb")
        yield found


def stop(panel):
    panel.ask("stop")
    panel.until(lambda: panel.errors == ["TrainingStopped"] and panel.state()["state"] == "idle")
    panel.errors.clear()


def times_of(graph, step):
    return NodeTimes(
        graph=graph, session="s1", step=step, nodes=[0], micros=[1.0], bytes=[4], shapes=[[[1]]], devices=["/cpu:0"]
    )


def test_the_last_times_of_some_graphs_are_kept():
    measured = Measured()
    for number in range(KEPT + 3):
        measured.add(times_of(f"g{number}", 1))
    measured.add(times_of("g5", 2))
    every = [f"g{number}" for number in range(KEPT + 3)]
    told = measured.told(every)
    assert len(told) == KEPT and [times["graph"] for times in told][-1] == "g5"
    assert [times["step"] for times in told if times["graph"] == "g5"] == [2]
    assert [times["graph"] for times in measured.told(["g5", "g6"])] == ["g6", "g5"]
    assert [times["graph"] for times in measured.told(every)] == ["g6", "g5"]  # what is gone does not come back


def test_a_page_that_comes_later_is_told_what_was_measured(panel):
    panel.hello()
    assert panel.ask("times")[0]["times"] == []
    cell = panel.execute(LOOP, "loop")
    session = panel.until(lambda: panel.state()["state"] == "running" and panel.state()["session"])
    panel.ask("measure", session=session)
    (news,) = panel.until(lambda: [t["times"] for t in panel.ticks if "times" in t])
    panel.ask("bye")
    panel.name = "another page"
    hello = panel.hello()
    assert cell not in panel.idle
    (kept,) = panel.ask("times")[0]["times"]
    assert kept == news and kept["graph"] in [graph["id"] for graph in hello["graphs"]]
    panel.ask("measure", session=session)
    again = panel.until(lambda: [t["times"] for t in panel.ticks if "times" in t and t["times"] != news])[-1]
    assert panel.ask("times")[0]["times"] == [again]
    stop(panel)


def test_without_what_runs_feed_it_is_said_whose_feed_a_value_needs(panel):
    panel.hello()
    panel.execute(LOOP, "loop")
    session = panel.until(lambda: panel.state()["state"] == "running" and panel.state()["session"])
    stop(panel)
    wanted = {
        "session": session,
        "axes": [0, 1],
        "index": [],
        "rows": [0, 9],
        "columns": [0, 9],
        "cells": 99,
        "bins": 0,
    }
    panel.ticks.clear()
    panel.look(pictures=[{"key": name, "tensor": f"{name}:0", **wanted} for name in ("x", "y", "W")])
    pictures = panel.until(lambda: [p for t in panel.ticks for p in t.get("pictures", [])])
    found = {picture["key"]: picture for picture in pictures}
    assert found["y"]["problem"] == "It is computed from what runs feed to 'x', and no run feeds that now"
    assert found["x"]["problem"] == "It is what runs feed to 'x', and no run feeds that now"
    assert found["W"]["shape"] == [4, 1] and "problem" not in found["W"]
