"""Pausing, stepping and stopping, without Jupyter: from another thread, into a loop."""

from __future__ import annotations

import threading
import time

import pytest

from graphlab_nb.notebook.steering import Order, Steering, TrainingStopped


class Loop:
    """A training in a thread of its own, and what it told."""

    def __init__(self, trains=lambda run: True):
        self.told: list[tuple[str, str | None, str]] = []
        self.steering = Steering(lambda event, order, text: self.told.append((event, order and order.id, text)))
        self.trains = trains
        self.ended: BaseException | None = None
        self.go = True
        self.steering.begin_cell()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while self.go:
                self.steering.before_run(self.trains(self.steering.runs))
                time.sleep(0.001)
        except BaseException as error:
            self.ended = error
        self.steering.end_cell()

    def order(self, kind, id="1", **more):
        return self.steering.order(Order(kind, id, **more))

    def until(self, true, seconds=10):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, (self.told, self.steering.state)
            time.sleep(0.002)

    def events(self):
        return [event for event, _, _ in self.told]


@pytest.fixture
def loop():
    found = Loop()
    yield found
    found.go = False
    found.order("resume")
    found.thread.join(10)
    assert not found.thread.is_alive()


def test_pause_holds_and_resume_lets_go(loop):
    loop.until(lambda: loop.steering.state == "running")
    assert loop.order("pause", "p") is None
    loop.until(lambda: loop.steering.state == "paused")
    at = loop.steering.runs
    time.sleep(0.1)
    assert loop.steering.runs == at
    assert loop.order("resume", "r") is None
    loop.until(lambda: loop.steering.runs > at + 3)
    assert loop.told == [("paused", "p", ""), ("resumed", "r", "")]


def test_steps_are_exact(loop):
    loop.order("pause")
    loop.until(lambda: loop.steering.state == "paused")
    for count in (1, 3, 25):
        at = loop.steering.steps
        loop.order("step", str(count), count=count)
        loop.until(lambda: loop.told[-1][:2] == ("stepped", str(count)))
        time.sleep(0.02)
        assert loop.steering.steps == at + count
        assert loop.steering.state == "paused"


def test_steps_count_runs_that_train_where_some_do():
    loop = Loop(trains=lambda run: run % 10 == 0)
    loop.until(lambda: loop.steering.runs > 30)
    loop.order("pause")
    loop.until(lambda: loop.steering.state == "paused")
    runs, steps = loop.steering.runs, loop.steering.steps
    loop.order("step", "s", count=2)
    loop.until(lambda: "stepped" in loop.events())
    assert loop.steering.steps == steps + 2
    assert loop.steering.runs > runs + 10
    loop.order("stop")
    loop.thread.join(10)
    assert isinstance(loop.ended, TrainingStopped)


def test_stop_raises_in_the_loop_even_while_paused():
    loop = Loop()
    loop.until(lambda: loop.steering.runs > 3)
    loop.order("pause")
    loop.until(lambda: loop.steering.state == "paused")
    loop.order("stop", "s")
    loop.thread.join(10)
    assert isinstance(loop.ended, TrainingStopped) and isinstance(loop.ended, KeyboardInterrupt)
    assert "Variables keep their values" in str(loop.ended)
    assert loop.steering.state == "idle"
    assert loop.events() == ["paused", "stopped"]


def test_what_makes_no_sense_is_refused_at_once():
    idle = Steering()
    assert "No cell runs" in idle.order(Order("pause", "1"))
    loop = Loop()
    assert "Nothing is paused" in loop.order("resume")
    assert "Nothing is paused" in loop.order("step")
    loop.order("stop")
    loop.thread.join(10)


def test_a_cells_end_answers_what_still_waits():
    told = []
    steering = Steering(lambda event, order, text: told.append((event, order.id, text)))
    steering.begin_cell()
    for kind in ("pause", "stop"):
        assert steering.order(Order(kind, kind)) is None
    steering.end_cell()
    assert [(event, id) for event, id, _ in told] == [("refused", "pause"), ("stopped", "stop")]
    assert steering.state == "idle" and not steering.wanted
    steering.begin_cell()
    steering.before_run(True)
    assert steering.state == "running"


def test_an_order_expires():
    told = []
    steering = Steering(lambda event, order, text: told.append((event, order.id, text)))
    steering.begin_cell()
    steering.order(Order("stop", "late", expires=time.perf_counter() - 1))
    steering.before_run(True)
    assert told == [("refused", "late", "No run ended in time")]
