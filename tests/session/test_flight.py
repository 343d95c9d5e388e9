"""Runs that are still being computed when `run` returns: what they were fed, and how many there may be."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.runtime.buffer import Staging
from graphlab_nb.session import executor


@pytest.mark.parametrize("size", [5, 1000, Staging.SMALL // 4, Staging.SMALL // 4 + 1])
def test_an_array_may_be_changed_as_soon_as_run_returns(size: int) -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None])
        total = tf.Variable(np.zeros(size, np.float32))
        step = total.assign_add(tf.sqrt(tf.square(x))).op
        sess.run(total.initializer)
        fed = np.zeros(size, np.float32)
        for k in range(40):
            fed[:] = k
            sess.run(step, {x: fed})
            fed[:] = -1000.0
        np.testing.assert_array_equal(sess.run(total), np.full(size, 780.0))


class Clock:
    """Time that passes only while an event is waited for."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def event(self, seconds: float) -> Any:
        """An event that takes so long to wait for."""

        def wait() -> None:
            self.now += seconds

        return SimpleNamespace(wait=wait)


def test_few_long_runs_are_queued_and_more_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [])
        v = tf.Variable(0.0)
        step = v.assign_add(x).op
        sess.run(v.initializer)
        sess.run(step, {x: 1.0})
        bound: Any = list(sess._plans.values())[-1].bound
        for seconds, expected in (
            (0.1, executor.FEWEST_IN_FLIGHT),
            (0.0028, 4),
            (0.0, executor.MOST_IN_FLIGHT),
            (0.1, executor.FEWEST_IN_FLIGHT),
        ):
            bound._flight = deque([[clock.event(seconds)], [clock.event(0)], [clock.event(0)]])
            with monkeypatch.context() as patch:
                patch.setattr(executor, "time", clock)
                bound._catch_up()
            assert bound._ahead == expected and len(bound._flight) == 2
        bound._flight = deque()
        for _ in range(30):
            sess.run(step, {x: 1.0})
            assert len(bound._flight) <= executor.MOST_IN_FLIGHT
        assert sess.run(v) == 31.0


PROGRAM = """
import gc
import numpy as np
import graphlab_nb as tf

data = np.ones([512, 2048], np.float32)
for k in range(9):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 2048])
        w, v = tf.Variable(tf.ones([2048, 1024])), tf.Variable(tf.zeros([512, 1024]))
        step = v.assign_add(tf.matmul(x, w) + tf.matmul(tf.tanh(x), w)).op
        sess = tf.Session()
        sess.run(tf.initialize_all_variables())
        for _ in range(4):
            sess.run(step, {x: data})
        if k % 3 == 0:
            sess.close()
        elif k % 3 == 1:
            sess._plans.clear()
            gc.collect()
            expected = 4 * 2048 * (1 + np.tanh(1))
            assert abs(sess.run(v)[0, 0] - expected) < 1e-3 * expected
        del sess
        gc.collect()
print("whole")
"""


def test_what_is_fed_stays_while_it_is_read_whatever_becomes_of_the_session() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0 and done.stdout == "whole\n", done.stderr[-2000:]
