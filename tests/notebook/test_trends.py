"""What a page finds again when it comes back, and what it hears of while kernels are compiled."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.protocol import STATISTICS
from graphlab_nb.notebook.trends import MOST, Trends
from tests.notebook.kernels import array, kernel

WIDTH = len(STATISTICS)


def told(trends, session="s1"):
    parcel = Parcel()
    return {
        t["name"]: {k: array(v, parcel.buffers) for k, v in t.items() if k != "name"}
        for t in trends.told(session, parcel)
    }


@pytest.fixture
def trends(monkeypatch):
    monkeypatch.setattr("graphlab_nb.notebook.trends.SESSIONS", {1: "a session"})
    return Trends()


def row(mean):
    return np.full((1, WIDTH), float(mean))


def test_the_last_ticks_are_remembered(trends):
    for step in range(MOST + 20):
        trends.add("s1", step, ["W:0"], row(step / 2))
    found = told(trends)["W:0"]
    assert list(found["steps"]) == list(range(20, MOST + 20))
    assert np.array_equal(found["statistics"], np.repeat(np.arange(20, MOST + 20)[:, None] / 2, WIDTH, axis=1))
    assert "histogram_steps" not in found


def test_what_has_no_numbers_has_no_trend(trends):
    empty, odd, none = np.zeros(WIDTH), np.zeros(WIDTH), np.full(WIDTH, math.nan)
    empty[:5] = odd[:5] = math.nan
    odd[STATISTICS.index("nan")] = 3
    trends.add("s1", 1, ["empty:0", "odd:0", "none:0"], np.array([empty, odd, none]))
    assert list(told(trends)) == ["odd:0"]


def test_a_training_that_begins_anew_forgets_and_a_step_counts_once(trends):
    for step, mean in ((1, 1), (5, 5), (5, 6), (2, 9)):
        trends.add("s1", step, ["W:0"], row(mean))
        trends.add_histogram("s1", "W:0", step, np.array([0.0, mean]), np.array([mean, 1], np.uint32))
        if step == 5 and mean == 6:
            assert list(told(trends)["W:0"]["statistics"][:, 0]) == [1, 6]
            assert told(trends)["W:0"]["histogram_counts"].tolist() == [[1, 1], [6, 1]]
    assert list(told(trends)["W:0"]["steps"]) == [2]
    assert told(trends)["W:0"]["histogram_ends"].tolist() == [[0, 9]]


def test_rows_without_a_number_and_closed_sessions_are_left_out(trends, monkeypatch):
    trends.add("s1", 1, ["a:0", "b:0"], np.array([[math.nan] * WIDTH, [1.0] * WIDTH]))
    assert list(told(trends)) == ["b:0"]
    monkeypatch.setattr("graphlab_nb.notebook.trends.SESSIONS", {2: "another"})
    trends.add("s2", 1, ["c:0"], row(1))
    assert told(trends) == {}
    assert list(told(trends, "s2")) == ["c:0"]


def test_histograms_of_other_bins_begin_anew(trends):
    trends.add_histogram("s1", "W:0", 1, np.array([0.0, 1.0]), np.array([1, 2], np.uint32))
    trends.add_histogram("s1", "W:0", 2, np.array([0.0, 1.0]), np.array([1, 2, 3], np.uint32))
    assert told(trends)["W:0"]["histogram_counts"].tolist() == [[1, 2, 3]]


TRAIN = """
import graphlab_nb as tf, numpy as np, time
x = tf.placeholder(tf.float32, [None, 4], name="x")
W = tf.Variable(tf.ones([4, 3]), name="W")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W)))
step = tf.train.AdamOptimizer(0.01).minimize(loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
data = np.random.RandomState(0).randn(20, 4).astype(np.float32)
for k in range(150):
    sess.run(step, {x: data})
    time.sleep(0.02)
"""


def test_a_kernel_tells_trends_and_that_kernels_are_built(tmp_path, monkeypatch):
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("POCL_CACHE_DIR", str(tmp_path / "pocl"))
    with kernel() as panel:
        panel.run("import graphlab_nb")
        panel.hello(curves=True)
        cell = panel.execute(TRAIN)
        panel.until(lambda: panel.ticks and panel.state()["session"] is not None and panel.state()["steps"] > 2)
        session = panel.state()["session"]
        bins = {"axes": [0, 1], "index": [], "rows": [0, 4], "columns": [0, 3], "cells": 100, "bins": 8}
        panel.look(values=session, pictures=[{"key": "k", "session": session, "tensor": "W:0", **bins}])
        panel.until(lambda: cell in panel.idle)
        built = [t["run"]["building"] for t in panel.ticks if "building" in t["run"]]
        assert built
        assert all(0 <= done <= count and count for done, count in built)
        assert "building" not in panel.state()
        answer, buffers = panel.ask("trends", session=session)
        (found,) = [t for t in answer["trends"] if t["name"] == "W:0"]
        steps = array(found["steps"], buffers)
        assert len(steps) > 5
        assert np.all(np.diff(steps) > 0)
        tables = [
            (t["values"]["step"], array(t["values"]["statistics"], t["buffers"]), t["values"]["rows"])
            for t in panel.ticks
            if "values" in t
        ]
        last_step, last, rows = tables[-1]
        position = [r["name"] for r in rows].index("W:0")
        assert last_step == steps[-1]
        assert np.array_equal(array(found["statistics"], buffers)[-1], last[position])
        assert array(found["histogram_counts"], buffers)[-1].sum() == 12
        answer, _ = panel.ask("trends", session="s99")
        assert "s99" in answer["problem"]
        answer, _ = panel.ask("trends")
        assert "session" in answer["problem"]
