"""Pausing, stepping and stopping, without Jupyter: from another thread, into a loop."""

from __future__ import annotations

import threading
import time

import pytest

from graphlab_nb.notebook import steering as module
from graphlab_nb.notebook.steering import Order, Steering, TrainingStopped, own_way


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
    assert told == [("refused", "late", "No run began in time")]


def test_what_waits_too_long_is_refused_though_nothing_runs():
    told = []
    steering = Steering(lambda event, order, text: told.append((event, order.id, text)))
    steering.begin_cell()
    steering.order(Order("pause", "late", expires=time.perf_counter() - 1))
    steering.order(Order("stop", "soon"))
    assert steering.waiting == ["pause", "stop"]
    steering.settle()
    assert told == [("refused", "late", "No run began in time")]
    assert steering.waiting == ["stop"]


class Threads:
    """Loops in threads, all of one steering; each catches a stop as often as told, and then ends."""

    def __init__(self, catches=()):
        self.told: list[tuple[str, str]] = []
        self.steering = Steering(lambda event, order, text: self.told.append((event, text)))
        self.steering.begin_cell()
        self.go = True
        self.heard = [0] * max(len(catches), 2)
        self.catches = [*catches, 0, 0]
        self.threads = [threading.Thread(target=self._run, args=(k,), daemon=True) for k in range(len(self.heard))]
        for thread in self.threads:
            thread.start()
        self.until(lambda: self.steering.runs > 20)

    def _run(self, k):
        while self.go:
            try:
                self.steering.before_run(True)
            except TrainingStopped:
                self.heard[k] += 1
                if self.heard[k] > self.catches[k]:
                    return
            time.sleep(0.001)

    def until(self, true, seconds=10):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, (self.told, self.steering.state, self.heard)
            time.sleep(0.002)

    def done(self):
        self.go = False
        self.steering.order(Order("resume", "end"))
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


def test_a_stop_ends_the_loops_of_all_threads():
    loops = Threads()
    loops.steering.order(Order("stop", "s"))
    loops.until(lambda: loops.heard == [1, 1])
    loops.until(lambda: not any(thread.is_alive() for thread in loops.threads))
    loops.steering.end_cell()
    assert loops.steering.state == "idle"
    assert [event for event, _ in loops.told] == ["stopped"]
    loops.steering.begin_cell()
    loops.steering.before_run(True)
    assert loops.steering.state == "running"


def test_a_loop_that_catches_the_stop_is_told_of_and_a_second_stop_is_raised_anew():
    loops = Threads(catches=[1, 0])
    loops.steering.order(Order("stop", "s"))
    loops.until(lambda: loops.steering.caught)
    at = loops.steering.runs
    loops.until(lambda: loops.steering.runs > at + 10)
    assert loops.told == [("stopped", ""), ("caught", "The cell caught the stop and goes on")]
    assert loops.steering.state == "running" and loops.heard == [1, 1]
    loops.steering.order(Order("stop", "s"))
    loops.until(lambda: loops.heard == [2, 1])
    loops.done()
    loops.steering.end_cell()
    assert loops.steering.state == "idle" and not loops.steering.caught


def test_what_runs_while_a_stop_is_handled_is_not_called_caught():
    told = []
    steering = Steering(lambda event, order, text: told.append(event))
    steering.begin_cell()
    steering.before_run(True)
    steering.order(Order("stop", "s"))
    try:
        steering.before_run(True)
    except TrainingStopped:
        steering.before_run(False)
        assert steering.state == "stopping" and not steering.caught
    steering.before_run(True)
    assert steering.state == "running" and steering.caught
    assert told == ["stopped", "caught"]


def test_a_thread_that_outlives_its_cell_runs_and_can_be_paused_and_stopped():
    loops = Threads()
    steering = loops.steering
    steering.end_cell()
    assert steering.state == "running"
    assert steering.order(Order("pause", "p")) is None
    loops.until(lambda: steering.state == "paused")
    steering.settle()
    assert steering.state == "paused"
    steering.before_run(False)  # a widget's, on the main thread: nothing holds it
    steering.begin_cell()
    steering.end_cell()
    loops.until(lambda: steering.state == "paused")
    assert steering.order(Order("resume", "r")) is None
    loops.until(lambda: steering.state == "running")
    steering.order(Order("stop", "s"))
    loops.until(lambda: loops.heard == [1, 1])
    loops.done()
    steering.settle()
    assert steering.state == "idle"
    assert steering.order(Order("pause", "late")) is not None


def test_a_stop_reaches_threads_that_run_on_after_the_cell_and_no_later_cell():
    loops = Threads()
    steering = loops.steering
    steering.order(Order("stop", "s"))
    with pytest.raises(TrainingStopped):
        steering.before_run(True)
    steering.end_cell()
    steering.begin_cell()
    steering.before_run(True)
    loops.until(lambda: loops.heard == [1, 1])
    loops.done()
    assert not steering.caught
    steering.end_cell()
    assert steering.state == "idle"


def test_a_widget_s_runs_go_on_whatever_is_ordered(loop):
    loop.until(lambda: loop.steering.state == "running")
    loop.order("pause")
    loop.until(lambda: loop.steering.state == "paused")
    before = loop.steering.steps

    def widget():
        with own_way():
            for _ in range(5):
                loop.steering.before_run(True)

    thread = threading.Thread(target=widget, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive() and loop.steering.steps == before + 5
    assert loop.steering.state == "paused" and not loop.steering.outside


def test_runs_outside_of_cells_are_told_of_until_they_end(monkeypatch):
    monkeypatch.setattr(module, "OUTSIDE", 0.05)
    steering = Steering()
    steering.before_run(True)
    assert steering.outside and steering.state == "idle" and steering.order(Order("pause", "1")) is not None
    assert not steering.settle() and steering.outside
    time.sleep(0.06)
    assert steering.settle() and not steering.outside and not steering.settle()
    steering.before_run(True)
    steering.begin_cell()
    assert not steering.outside
