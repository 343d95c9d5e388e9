"""Runs that are still being computed when `run` returns: what they were fed, and how many there may be."""

from __future__ import annotations

import time
from collections import deque
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


class Event:
    """One that takes `seconds` to wait for."""

    def __init__(self, seconds: float):
        self._seconds = seconds

    def wait(self) -> None:
        time.sleep(self._seconds)


def test_few_long_runs_are_queued_and_more_short_ones() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [])
        v = tf.Variable(0.0)
        step = v.assign_add(x).op
        sess.run(v.initializer)
        sess.run(step, {x: 1.0})
        bound: Any = list(sess._plans.values())[-1].bound
        for seconds, expected in (
            (0.1, executor.FEWEST_IN_FLIGHT),
            (0.0, executor.MOST_IN_FLIGHT),
            (0.1, executor.FEWEST_IN_FLIGHT),
        ):
            bound._flight = deque([[Event(seconds)], [Event(0)], [Event(0)]])
            bound._catch_up()
            assert bound._ahead == expected and len(bound._flight) == 2
        bound._flight = deque()
        for _ in range(30):
            sess.run(step, {x: 1.0})
            assert len(bound._flight) <= executor.MOST_IN_FLIGHT
        assert sess.run(v) == 31.0
