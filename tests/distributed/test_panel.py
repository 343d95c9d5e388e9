"""The panel and a session on a cluster: a kernel that trains there, spoken to as the panel speaks to it."""

import contextlib
import time

import numpy as np
import pytest

from tests.distributed.conftest import as_client
from tests.notebook.kernels import array, kernel

SETUP = """
import graphlab_nb as tf, numpy as np, time
tf.set_random_seed(1)
with tf.device("/job:ps/task:0"):
    w = tf.Variable(tf.zeros([4, 3]), name="w")
    none = tf.Variable(tf.zeros([2]), name="none")
x = tf.placeholder(tf.float32, [None, 4], name="x")
with tf.device("/job:worker/task:1"):
    dropped = tf.nn.dropout(tf.matmul(x, w) - 1.0, 0.5, name="dropped")
    loss = tf.reduce_mean(tf.square(dropped), name="loss")
train = tf.train.GradientDescentOptimizer(0.0005).minimize(loss)
with tf.device("/job:worker/task:0"):
    other = tf.reduce_sum(tf.square(tf.matmul(x, w)), name="other")
with tf.device("/job:worker/task:1"):
    more = tf.reduce_sum(tf.abs(tf.matmul(x, w) - 1.0), name="more")
both = tf.train.GradientDescentOptimizer(0.0001).minimize(tf.add(other, more, name="both"))
sess = tf.Session(TARGET)
sess.run(w.initializer)
feed = {x: [[1.0, 2.0, 3.0, 4.0]]}
"""


class Looking:
    """A panel that gives signs of life while it waits."""

    def __init__(self, panel):
        self.panel = panel
        self.interest = {}

    def show(self, **interest):
        self.interest = interest
        self.panel.look(**interest)

    def until(self, true, seconds=60):
        self.looked = 0.0

        def found():
            if time.monotonic() > self.looked + 2:
                self.looked = time.monotonic()
                self.panel.look(**self.interest)
            return true()

        return self.panel.until(found, seconds)

    def run(self, code):
        done = self.panel.execute(code)
        self.until(lambda: done in self.panel.idle)
        assert not self.panel.errors, self.panel.outputs

    def told(self, name):
        return [tick[name] for tick in self.panel.ticks if name in tick]

    def losses(self, name="loss"):
        """Steps and values of the latest curve of a loss."""
        found = {}
        for tick in self.panel.ticks:
            for chunk in tick.get("points", []):
                if chunk["id"].endswith(f":loss:{name}"):
                    steps, values = (array(chunk[key], tick["buffers"]) for key in ("steps", "values"))
                    found.setdefault(chunk["id"], []).extend(zip(steps.tolist(), values.tolist(), strict=True))
        return list(found.values())[-1] if found else []


@pytest.fixture(scope="module")
def looking(shared_cluster):
    with pytest.MonkeyPatch.context() as patch:
        as_client(shared_cluster, patch)
        with kernel() as panel, contextlib.ExitStack() as ended:
            found = Looking(panel)
            panel.run("import graphlab_nb as tf")
            panel.hello()
            found.run(SETUP.replace("TARGET", repr(shared_cluster.target)))
            ended.callback(panel.execute, "sess.close()")
            yield found


@pytest.fixture
def session(looking):
    looking.panel.ticks.clear()
    looking.panel.errors.clear()
    looking.panel.hello()
    (found,) = looking.panel.hello()["sessions"]
    return found


def printed(panel):
    """The last word that a cell printed: a kernel may send a line in pieces."""
    return "".join(panel.texts).split()[-1]


def test_lanes_come_with_the_answers(looking, session):
    assert session["target"].startswith("grpc://")
    assert {device.partition("/replica")[0] for device in session["devices"]} == {"/job:ps", "/job:worker"}
    looking.run("sess.run(train, feed)")
    assert not looking.told("lanes")
    looking.show(lanes=True)
    (first,) = looking.until(lambda: looking.told("lanes"))[-1]
    assert first["session"] == session["id"] and first["runs"] == 1
    lanes = {lane["task"]: lane for lane in first["lanes"]}
    assert list(lanes) == ["/job:ps/task:0", "/job:worker/task:0", "/job:worker/task:1"]
    ps, worker = lanes["/job:ps/task:0"], lanes["/job:worker/task:1"]
    assert {"task": "/job:worker/task:1", "bytes": 48} in [
        {"task": sent["task"], "bytes": sent["bytes"]} for sent in ps["sends"]
    ]
    assert ps["sent"] == sum(sent["bytes"] for sent in ps["sends"])
    assert len(worker["waits"]) == len(worker["computes"]) == 1
    assert worker["waits"][0]["ends"] <= worker["computes"][0]["begins"] < worker["computes"][0]["ends"]
    assert worker["computed"] == pytest.approx(worker["computes"][0]["ends"] - worker["computes"][0]["begins"], abs=0.1)
    looking.run("sess.run_many(train, [feed] * 7)")
    (last,) = looking.until(lambda: [told for told in looking.told("lanes") if told[0]["runs"] == 7])[-1]
    assert last["step"] == first["step"] + 7
    assert [lane["sent"] for lane in last["lanes"]] == [lane["sent"] for lane in first["lanes"]]


def test_losses_are_computed_where_they_are(looking, session):
    looking.show(curves=True)
    looking.run("for _ in range(30):\n    sess.run(train, feed)")
    points = looking.until(looking.losses)
    steps = [step for step, _ in points]
    assert steps == sorted(set(steps)) and len(steps) > 3
    looking.run("values = [float(value) for value, _ in sess.run_many([loss, train], [feed] * 9)]\nprint(values)")
    assert [value for _, value in looking.losses()] == pytest.approx(eval("".join(looking.panel.texts)))
    looking.run("sess.run_many(train, [feed] * 9)")
    looking.run("sess.run_many(train, [feed] * 9)")
    points = looking.until(lambda: len(looking.losses()) == 9 and looking.losses())
    assert np.ptp([step for step, _ in points]) == 8


def test_losses_of_several_tasks_are_looked_at(looking, session):
    looking.show(curves=True)
    looking.run("for _ in range(10):\n    sess.run(both, feed)")
    points = looking.until(lambda: looking.losses("both"))
    looking.panel.texts.clear()
    looking.run("print(float(sess.run(tf.add(other, more), feed)))")
    assert points[0][1] > float(printed(looking.panel))


def test_results_are_the_same_whether_somebody_looks_or_not(looking, session):
    code = "sess = tf.Session(sess.sess_str)\nsess.run(w.initializer)\n"
    code += "for _ in range(12):\n    sess.run(train, feed)\nsess.run_many(train, [feed] * 8)\nprint(repr(sess.run(w).tolist()))"
    looking.panel.texts.clear()
    looking.panel.ask("bye")
    looking.panel.run(code)
    looking.panel.hello()
    looking.show(curves=True, lanes=True, values=session["id"], pinned=["dropped:0", "loss:0"])
    looking.run(code)
    assert looking.losses()
    alone, looked_at = "".join(looking.panel.texts).split()[:12], "".join(looking.panel.texts).split()[12:]
    assert alone == looked_at and len(alone) == 12


def test_values_of_variables_elsewhere(looking, session):
    (identity,) = [s["id"] for s in looking.panel.hello()["sessions"] if "sess" in s["labels"]]
    picture = {
        "key": "p", "session": identity, "tensor": "w:0", "axes": [0, 1], "index": [], "rows": [0, 4], "columns": [0, 3],
        "cells": 100, "bins": 8,
    }  # fmt: skip
    looking.show(values=identity, pinned=["loss:0"], pictures=[picture])
    looking.run("for _ in range(3):\n    sess.run(train, feed)\nprint(repr(float(sess.run(w).mean())))")
    mean = float(printed(looking.panel))

    def statistics():
        for tick in reversed(looking.panel.ticks):
            if "values" in tick and tick["run"]["state"] == "idle":
                return tick["values"]["rows"], array(tick["values"]["statistics"], tick["buffers"])
        return None

    rows, numbers = looking.until(statistics)
    by_name = {row["name"]: (row, numbers[k]) for k, row in enumerate(rows)}
    row, found = by_name["w:0"]
    assert row["task"] == "/job:ps/task:0" and row["shape"] == [4, 3] and row["initialized"]
    assert found[0] == pytest.approx(mean)
    assert not by_name["none:0"][0]["initialized"] and np.isnan(by_name["none:0"][1]).all()
    assert by_name["loss:0"][1][0] > 0
    tick = [t for t in looking.panel.ticks if "pictures" in t][-1]
    (picture,) = tick["pictures"]
    assert array(picture["values"], tick["buffers"]).mean() == pytest.approx(mean)
    assert array(picture["histogram"], tick["buffers"]).sum() == 12


def test_of_a_large_variable_only_what_is_seen_is_sent(looking, session):
    looking.run(
        "with tf.device('/job:ps/task:0'):\n"
        "    large = tf.Variable(tf.reshape(tf.range(5000000.0), [5000, 1000]), name='large')\n"
        "    doubled = tf.multiply(large, 2.0, name='doubled')\n"
        "sess.run(large.initializer)"
    )
    (identity,) = [s["id"] for s in looking.panel.hello()["sessions"] if "sess" in s["labels"]]
    picture = {
        "key": "part", "session": identity, "tensor": "large:0", "axes": [0, 1], "index": [], "rows": [3, 5],
        "columns": [0, 3], "cells": 100, "bins": 4,
    }  # fmt: skip
    whole = {**picture, "key": "whole", "rows": [0, 5000], "columns": [0, 1000]}
    other = {**picture, "key": "other", "tensor": "doubled:0"}
    looking.show(values=identity, pictures=[picture, whole, other])

    def drawn():
        return {
            p["key"]: (p, t["buffers"]) for t in looking.panel.ticks for p in t.get("pictures", []) if p["key"] != "p"
        }

    found = looking.until(lambda: len(drawn()) == 3 and drawn())
    told, buffers = found["part"]
    assert array(told["values"], buffers).tolist() == [[3000, 3001, 3002], [4000, 4001, 4002]]
    assert array(told["histogram"], buffers).tolist() == [1250000] * 4
    told, buffers = found["whole"]
    assert told["block"][0] > 1 and array(told["values"], buffers).size <= 100
    assert found["other"][0]["problem"].startswith("It has 20 MB, and only tensors of up to 17 MB")
    told = looking.until(lambda: [v for v in looking.told("values") if any(r["name"] == "large:0" for r in v["rows"])])
    (row,) = [row for row in told[-1]["rows"] if row["name"] == "large:0"]
    assert row["initialized"] and row["shape"] == [5000, 1000]


def test_places_are_told(looking, session):
    looking.run("sess.run(train, feed)")
    (found,) = [s for s in looking.panel.hello()["sessions"] if "sess" in s["labels"]]
    placed = looking.panel.ask("placed", graph=found["graph"])[0]["placed"]
    assert [device.partition("/device")[0] for device in placed["devices"]] == [
        "/job:ps/replica:0/task:0", "/job:worker/replica:0/task:0", "/job:worker/replica:0/task:1"
    ]  # fmt: skip
    node = looking.panel.ask("node", graph=found["graph"], name="loss")[0]["node"]
    assert node["placed"].startswith("/job:worker/replica:0/task:1/device:")


def test_a_run_is_measured_on_all_tasks(looking, session):
    looking.show()
    (found,) = [s for s in looking.panel.hello()["sessions"] if "sess" in s["labels"]]
    looking.panel.ask("measure", session=found["id"])
    looking.run("sess.run(train, feed)")
    (times,) = looking.until(lambda: looking.told("times"))
    assert {device.partition("/replica")[0] for device in times["devices"]} == {"/job:ps", "/job:worker"}
    assert len(times["nodes"]) == len(times["micros"]) == len(times["bytes"]) and max(times["micros"]) > 0


def test_pause_step_and_stop_hold_between_requests(looking, session):
    looking.show()
    panel = looking.panel
    done = panel.execute("made = 0\nwhile True:\n    sess.run_many(train, [feed] * 5)\n    made += 5")
    looking.until(lambda: panel.state().get("runs", 0) and panel.state()["state"] == "running")
    panel.ask("pause")
    looking.until(lambda: panel.state()["state"] == "paused")
    before = panel.state()["steps"]
    assert before % 5 == panel.state()["steps"] % 5
    panel.ask("step", count=6)  # a request is made as a whole
    looking.until(lambda: panel.events("stepped") and panel.state()["state"] == "paused")
    assert panel.state()["steps"] == before + 10
    panel.ask("stop")
    looking.until(lambda: done in panel.idle)
    assert panel.errors == ["TrainingStopped"]
    panel.errors.clear()
    panel.outputs.clear()
    looking.run("print(made)")
    assert int(printed(panel)) % 5 == 0


def test_an_interrupt_is_heard_while_paused(looking, session):
    looking.show()
    panel = looking.panel
    done = panel.execute("while True:\n    sess.run(train, feed)")
    looking.until(lambda: panel.state().get("state") == "running")
    panel.ask("pause")
    looking.until(lambda: panel.state()["state"] == "paused")
    panel.client.session.send(panel.client.control_channel.socket, "interrupt_request", {}, parent=None)
    looking.until(lambda: done in panel.idle)
    assert panel.errors == ["KeyboardInterrupt"]
    panel.errors.clear()
    panel.outputs.clear()
    looking.run("sess.run(train, feed)")
