"""What is told of a training that was stopped, and of steps where several sessions or threads train, in a real kernel."""

from __future__ import annotations

import threading

import pytest

from graphlab_nb.notebook import failures
from graphlab_nb.notebook.steering import TrainingStopped
from tests.notebook.kernels import kernel

MODEL = """
import graphlab_nb as tf, time, threading
v = tf.Variable(1.0, name="v")
loss = tf.square(v, name="loss")
step = tf.train.GradientDescentOptimizer(0.001).minimize(loss)
init = tf.global_variables_initializer()
sess = tf.Session()
sess.run(init)
def train(session, count):
    for _ in range(count):
        session.run(step)
        time.sleep(0.002)
"""


@pytest.fixture
def panel():
    with kernel() as found:
        found.run(MODEL)
        found.hello()
        yield found


def stopped(panel, code):
    """What the notebook shows of a cell that is stopped."""
    panel.outputs.clear()
    panel.ticks.clear()
    cell = panel.execute(code, "stopped")
    panel.until(lambda: panel.state()["state"] == "running" and panel.state()["steps"] > 5)
    panel.ask("stop")
    panel.until(lambda: cell in panel.idle and panel.outputs)
    assert panel.errors.pop() == "TrainingStopped"
    return "".join(panel.outputs[-1]["traceback"])


def test_a_stop_says_what_becomes_of_the_variables(panel):
    text = stopped(panel, "train(sess, 10**6)")
    assert "steps. Variables keep their values while the session is open; running the cell again goes on" in text
    text = stopped(panel, "with tf.Session() as s:\n    s.run(init)\n    train(s, 10**6)")
    assert "The `with` around the loop closes the session, and its variables' values go with it" in text
    assert "keep their values" not in text and "goes on from there" not in text
    panel.run("assert s._closed")
    text = stopped(panel, "mine = tf.Session()\nmine.run(init)\ntrain(mine, 10**6)")
    assert "running the cell again makes another session" in text and "goes on from there" not in text
    text = stopped(panel, "with sess.as_default():\n    train(sess, 10**6)")
    assert "Variables keep their values" in text
    panel.run("train(sess, 1)")


def test_each_session_has_its_own_steps(panel):
    def told():
        panel.until(lambda: panel.ticks and panel.state()["state"] == "idle")
        run = panel.state()
        panel.ticks.clear()
        return run["steps"], {t["session"]: t["steps"] for t in run.get("trained", [])}

    panel.ticks.clear()
    panel.run("train(sess, 100)")
    first = panel.state()["session"]
    assert told() == (100, {})
    panel.run("s2 = tf.Session()\ns2.run(init)\ntrain(s2, 100)")
    second = panel.state()["session"]
    assert told() == (100, {second: 100})
    panel.run("train(sess, 50)")
    assert told() == (150, {first: 150})
    panel.run("for _ in range(30):\n    train(sess, 1)\n    train(s2, 1)")
    assert told() == (130, {first: 180, second: 130})
    text = stopped(panel, "train(s2, 10**6)")
    last = panel.until(lambda: panel.events("stopped"))[-1]
    assert (last["session"], last["step"]) == (second, told()[0])
    assert f"after {last['step']:,} steps of s2. " in text
    panel.run("train(sess, 1)")
    assert told() == (181, {first: 181})


def test_a_pause_waits_and_says_so_while_nothing_runs(panel):
    panel.ticks.clear()
    cell = panel.execute("train(sess, 20)\ntime.sleep(4)\ntrain(sess, 20)")
    panel.until(lambda: panel.ticks and panel.state()["steps"] == 20 and panel.state().get("quiet", 0) > 1)
    panel.ask("pause")
    panel.until(lambda: panel.state().get("waiting") == ["pause"])
    panel.until(lambda: panel.state().get("quiet", 0) > 2)
    assert panel.state()["waiting"] == ["pause"] and panel.state()["state"] == "running"
    panel.until(lambda: panel.state()["state"] == "paused")
    assert "waiting" not in panel.state() and panel.state()["steps"] == 20
    panel.ask("resume")
    panel.until(lambda: cell in panel.idle)
    assert not panel.errors


def test_a_stop_that_a_cell_catches_is_told(panel):
    panel.ticks.clear()
    cell = panel.execute(
        "end = time.time() + 60\ncaught = 0\nwhile time.time() < end and caught < 2:\n"
        "    try:\n        sess.run(step)\n    except:\n        caught += 1\n    time.sleep(0.002)"
    )
    panel.until(lambda: panel.ticks and panel.state()["steps"] > 10)
    panel.ask("stop")
    told = panel.until(lambda: panel.events("caught"))
    assert [e["text"] for e in told] == ["The cell caught the stop and goes on"]
    at = panel.state()["steps"]
    panel.until(lambda: panel.state()["steps"] > at and panel.state()["state"] == "running")
    assert panel.state()["caught"]
    panel.ask("stop")
    panel.until(lambda: cell in panel.idle)
    assert not panel.errors
    panel.until(lambda: panel.state()["state"] == "idle" and "caught" not in panel.state())


def test_a_stop_ends_the_cell_that_joins_two_threads(panel):
    panel.ticks.clear()
    cell = panel.execute(
        "threads = [threading.Thread(target=train, args=(sess, 10**6)) for _ in range(2)]\n"
        "[t.start() for t in threads]\n[t.join() for t in threads]"
    )
    panel.until(lambda: panel.ticks and panel.state()["steps"] > 20)
    panel.ask("stop")
    panel.until(lambda: cell in panel.idle)
    panel.until(lambda: panel.state()["state"] == "idle")
    assert len(panel.events("stopped")) == 1 and not panel.events("caught")


def test_each_thread_that_is_stopped_tells_its_own_session(panel):
    panel.run(
        "other = tf.Session()\nother.run(init)\n"
        "def until(session):\n    try:\n        train(session, 10**6)\n"
        "    except KeyboardInterrupt as stop:\n        ends[session] = str(stop)\n"
        "ends = {}\nthreads = [threading.Thread(target=until, args=(s,)) for s in (sess, other)]"
    )
    panel.ticks.clear()
    cell = panel.execute("[t.start() for t in threads]\n[t.join() for t in threads]")
    panel.until(lambda: panel.ticks and len(panel.state().get("trained", ())) == 2)
    panel.ask("stop")
    panel.until(lambda: cell in panel.idle)
    panel.errors.clear()
    panel.run("assert ' of sess. ' in ends[sess] and ' of other. ' in ends[other], ends")


def test_a_thread_that_goes_on_after_its_cell_is_running_and_obeys(panel):
    panel.ticks.clear()
    panel.run("thread = threading.Thread(target=train, args=(sess, 10**6))\nthread.start()\ntime.sleep(0.3)")
    at = panel.state()["steps"]
    panel.until(lambda: panel.state()["steps"] > at + 50)
    assert panel.state()["state"] == "running" and panel.state()["cell"] is None and panel.state()["rate"] > 0
    panel.ask("pause")
    panel.until(lambda: panel.state()["state"] == "paused")
    panel.read(0.3)
    held = panel.state()["steps"]
    panel.run("before = sess.runs\ntime.sleep(0.3)\nassert sess.runs == before")
    panel.until(lambda: panel.state()["state"] == "paused" and panel.state()["cell"] is None)
    panel.ask("step", count=3)
    panel.until(lambda: panel.events("stepped"))
    assert panel.state()["steps"] == held + 3
    panel.ask("stop")
    panel.until(lambda: panel.state()["state"] == "idle")
    panel.run("thread.join(5)\nassert not thread.is_alive()")


def test_a_thread_that_was_stopped_says_so_in_a_line(capsys, monkeypatch):
    told = []
    monkeypatch.setattr(failures, "_OTHERS", [lambda args: told.append(args.exc_type)])
    monkeypatch.setattr(threading, "excepthook", failures._thread_ended)

    def train(error):
        raise error

    for error in (TrainingStopped("after 8 steps."), ValueError("no")):
        thread = threading.Thread(target=train, args=(error,), name="trainer")
        thread.start()
        thread.join()
    assert capsys.readouterr().err == "trainer: Training stopped: after 8 steps.\n" and told == [ValueError]


def test_a_kernel_has_the_line(panel):
    panel.run("import threading\nassert threading.excepthook.__module__ == 'graphlab_nb.notebook.failures'")


def test_steps_count_anew_from_a_cell_that_initializes(panel):
    panel.ticks.clear()
    panel.run("train(sess, 30)")
    panel.until(lambda: panel.ticks and panel.state()["state"] == "idle")
    assert panel.state()["steps"] == 30
    panel.run(
        "sess.run(init)\ntrain(sess, 10)\nsess.run(init)\ntrain(sess, 5)"
    )  # once in a cell, or a curve would go back
    panel.until(lambda: panel.state()["state"] == "idle" and panel.state()["steps"] != 30)
    assert panel.state()["steps"] == 15
    panel.run("other = tf.Variable(0.0)\nsess.run(other.initializer)\ntrain(sess, 5)")
    panel.until(lambda: panel.state()["state"] == "idle" and panel.state()["steps"] != 15)
    assert panel.state()["steps"] == 20
