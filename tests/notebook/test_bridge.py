"""The kernel's end of the panel, in a real kernel: commands while a cell runs, curves, leases, and bad input."""

from __future__ import annotations

import re
import time

import pytest

from graphlab_nb.notebook import protocol
from tests.notebook.kernels import array, kernel

LOOP = """
import graphlab_nb as tf, numpy as np, time
tf.reset_default_graph()
x = tf.placeholder(tf.float32, [None, 4], name="x")
W = tf.Variable(tf.ones([4, 1]), name="W")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W)), name="loss")
step = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
data = np.random.RandomState(0).randn(20, 4).astype(np.float32)
done = 0
while done < {steps}:
    sess.run(step, {{x: data}})
    done += 1
    time.sleep({sleep})
"""


@pytest.fixture(scope="module")
def panel():
    with kernel() as found:
        found.run("import graphlab_nb")
        yield found


@pytest.fixture(autouse=True)
def fresh(request):
    if "panel" in request.fixturenames:
        found = request.getfixturevalue("panel")
        found.ticks.clear()
        found.errors.clear()
        found.outputs.clear()


def plain(traceback):
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))


def test_a_kernel_without_the_module_answers_without_our_key():
    with kernel() as bare:
        reply = bare.raw({"target_name": protocol.COMM_ID, protocol.KEY: {"v": 1, "op": "hello"}})
        assert protocol.KEY not in reply["content"]
        assert reply["content"]["status"] == "ok"


def test_pause_step_resume_and_stop_a_running_loop(panel):
    hello = panel.hello(curves=True)
    assert hello["v"] == protocol.VERSION
    cell = panel.execute(LOOP.format(steps=100000, sleep=0.001), "the-cell")
    panel.until(lambda: panel.state()["state"] == "running" and panel.state()["steps"] > 20)
    assert panel.state()["cell"] == "the-cell"

    asked = time.monotonic()
    answer, _ = panel.ask("pause")
    paused = panel.until(lambda: panel.events("paused"))[-1]
    assert paused["id"] == answer["id"]
    assert paused["took"] < 1
    assert time.monotonic() - asked < 5
    panel.read(0.3)
    at = panel.state()["steps"]
    panel.read(0.3)
    assert panel.state()["steps"] == at == paused["step"]

    panel.ask("step", count=3)
    stepped = panel.until(lambda: panel.events("stepped"))[-1]
    assert stepped["step"] == at + 3
    assert panel.until(lambda: panel.state()["state"] == "paused" and panel.state()["steps"] == at + 3)

    panel.ask("resume")
    panel.until(lambda: panel.state()["state"] == "running" and panel.state()["steps"] > at + 20)
    panel.ask("stop")
    panel.until(lambda: cell in panel.idle)
    assert panel.errors == ["TrainingStopped"]
    assert "running the cell again" in panel.outputs[0]["traceback"][0]
    panel.errors.clear()
    panel.run("assert abs(sess.run(W)).max() < 1.0 and done > 20")
    panel.until(lambda: panel.state()["state"] == "idle")


def test_losses_come_by_themselves_and_logs_too(panel):
    panel.hello(curves=True)
    panel.run(LOOP.format(steps=300, sleep=0.002) + "\n    graphlab_nb.notebook.log(done, accuracy=done / 300)", "loop")
    panel.until(lambda: any(t.get("points") for t in panel.ticks))
    answer, buffers = panel.ask("points")
    latest = max(int(chunk["id"].split(":")[0]) for chunk in answer["points"])
    found = {
        chunk["id"].split(":", 1)[1]: chunk for chunk in answer["points"] if int(chunk["id"].split(":")[0]) == latest
    }
    assert set(found) == {"loss:loss", "log:accuracy"}
    accuracy = array(found["log:accuracy"]["values"], buffers)
    assert len(accuracy) == 300 and accuracy[-1] == 1.0
    steps, losses = (array(found["loss:loss"][name], buffers) for name in ("steps", "values"))
    assert len(losses) > 3
    assert (steps[1:] > steps[:-1]).all()
    assert (losses[1:] < losses[:-1]).all()


def test_what_is_fetched_is_taken_from_the_run_itself(panel):
    panel.hello(curves=True)
    code = LOOP.replace("sess.run(step, {{x: data}})", "sess.run([step, loss], {{x: data}})")
    panel.run(code.format(steps=50, sleep=0), "loop")
    answer, buffers = panel.ask("points")
    chunk = answer["points"][-1]
    assert array(chunk["steps"], buffers).shape == (50,)


def test_a_table_of_another_session_tells_its_own_steps(panel):
    panel.hello()
    panel.run(LOOP.format(steps=30, sleep=0), "loop")
    first = panel.state()["session"]
    panel.run("other = tf.Session()\nother.run(tf.global_variables_initializer())\nother.run([step, W], {x: data})")
    second = panel.state()["session"]
    assert first != second
    told = {}
    for session in (first, second):
        panel.look(values=session)
        panel.until(lambda session=session: [
            told.setdefault(session, t["values"]["step"]) for t in panel.ticks
            if t.get("values", {}).get("session") == session and len(t["values"]["rows"])
        ])  # fmt: skip
    assert told == {first: 30, second: 1}


def test_values_are_reduced_while_the_loop_runs(panel):
    panel.hello()
    panel.execute(LOOP.format(steps=100000, sleep=0.001), "loop")
    session = panel.until(lambda: panel.state()["state"] == "running" and panel.state()["session"])
    picture = {
        "key": "k", "session": session, "tensor": "W:0", "axes": [0, 1], "index": [], "rows": [0, 4], "columns": [0, 1],
        "cells": 100, "bins": 8,
    }  # fmt: skip
    wrong = [{**picture, "key": "none", "tensor": "nothing:0"}, {**picture, "key": "axes", "axes": [0, 7]}]
    observed = {**picture, "key": "loss", "tensor": "loss:0", "axes": [], "rows": [0, 1]}
    panel.look(values=session, pinned=["MatMul:0", "nonsense"], pictures=[picture, observed, *wrong])
    values = panel.until(lambda: [t for t in panel.ticks if "values" in t and len(t["values"]["rows"]) > 1])[-1]
    rows = {row["name"]: row for row in values["values"]["rows"]}
    assert rows["W:0"]["trainable"] and rows["W:0"]["shape"] == [4, 1]
    assert rows["MatMul:0"]["pinned"] and rows["MatMul:0"]["shape"] == [20, 1]
    statistics = array(values["values"]["statistics"], values["buffers"])
    assert statistics.shape == (len(rows), len(protocol.STATISTICS))
    assert 0 < statistics[0][protocol.STATISTICS.index("max")] < 1
    pictures = {}

    def all_there():
        for tick in panel.ticks:
            pictures.update({p["key"]: (p, tick["buffers"]) for p in tick.get("pictures", [])})
        return len(pictures) == 4

    panel.until(all_there)
    found, buffers = pictures["k"]
    assert array(found["values"], buffers).shape == (4, 1)
    assert array(found["histogram"], buffers).sum() == 4
    assert array(found["range"], buffers)[0] == array(found["values"], buffers).min()
    loss, buffers = pictures["loss"]
    assert loss["shape"] == [] and array(loss["values"], buffers).shape == (1, 1)
    assert "nothing:0" in pictures["none"][0]["problem"]
    assert "axes" in pictures["axes"][0]["problem"]
    panel.ask("pause")
    panel.until(lambda: panel.state()["state"] == "paused")
    panel.read(0.3)
    panel.ticks.clear()
    fetched, _ = panel.ask("fetch")
    panel.until(lambda: any(e["id"] == fetched["id"] for e in panel.events("fetched")))
    panel.ask("stop")
    panel.until(lambda: panel.errors == ["TrainingStopped"] and panel.state()["state"] == "idle")


def test_values_are_looked_at_after_the_session_that_ran_last_was_closed(panel):
    panel.run(LOOP.format(steps=2, sleep=0.001), "loop")
    panel.run("with tf.Session() as last:\n    last.run(W.initializer)", "last")
    greeting, _ = panel.ask("hello")
    opened = [s["id"] for s in greeting["hello"]["sessions"]]
    assert opened
    panel.ticks.clear()
    began = time.perf_counter()
    panel.look(values=opened[0])
    panel.until(lambda: [t for t in panel.ticks if t.get("values", {}).get("session") == opened[0]])
    assert time.perf_counter() - began < 5


def test_a_run_is_measured_operation_by_operation(panel):
    panel.hello()
    panel.execute(LOOP.format(steps=100000, sleep=0.001), "loop")
    session = panel.until(lambda: panel.state()["state"] == "running" and panel.state()["session"])
    panel.ask("measure", session=session)
    times = panel.until(lambda: [t["times"] for t in panel.ticks if "times" in t])[-1]
    assert times["session"] == session and len(times["nodes"]) == len(times["micros"]) > 1
    assert all(micros >= 0 for micros in times["micros"])
    panel.ask("stop")
    panel.until(lambda: panel.errors == ["TrainingStopped"] and panel.state()["state"] == "idle")


def test_graphs_are_described_part_by_part(panel):
    panel.run(
        "import graphlab_nb as tf\ntf.reset_default_graph()\ng = tf.get_default_graph()\n"
        "a = tf.placeholder(tf.float32, [None, 3], name='a')\n"
        "with tf.name_scope('layer'):\n    b = tf.nn.relu(a, name='b')\n"
        "for _ in range(2500): b = b + 1.0",
        "model-cell",
    )
    hello = panel.hello()
    (graph,) = [g for g in hello["graphs"] if g["default"]]
    assert graph["labels"] == ["g"]
    greeting, _ = panel.ask("hello", first=0)  # what a panel shows first comes with the answer
    first_part = greeting["chunk"]["nodes"]
    assert greeting["chunk"]["graph"] == graph["id"] and 0 < len(first_part) < graph["size"]
    nodes, files = [], []
    while len(nodes) < graph["size"]:
        answer, _ = panel.ask("graph", graph=graph["id"], first=len(nodes))
        nodes += answer["chunk"]["nodes"]
        files = answer["chunk"]["files"]
    assert nodes[: len(first_part)] == first_part
    assert nodes[0]["name"] == "a" and nodes[0]["outputs"] == [{"dtype": "float32", "shape": [-1, 3]}]
    assert nodes[1]["name"] == "layer/b" and nodes[1]["inputs"] == [0, 0]
    assert files[nodes[1]["file"]]["cell"] == "model-cell"
    assert nodes[1]["line"] == 6
    answer, _ = panel.ask("node", graph=graph["id"], name="a")
    assert {"name": "shape", "value": "(None, 3)"} in answer["node"]["attributes"] or answer["node"]["attributes"]
    answer, _ = panel.ask("needed", graph=graph["id"], name="layer/b")
    assert answer["needed"]["nodes"] == [0, 1]


def test_a_failed_operation_is_told(panel):
    cell = panel.execute(
        "tf.reset_default_graph()\np = tf.placeholder(tf.float32, [2, 3], name='p')\nwith tf.name_scope('out'):\n    tf.matmul(p, p)",
        "bad-cell",
    )
    panel.until(lambda: panel.errors and cell in panel.idle)
    panel.errors.clear()
    (graph,) = [g for g in panel.hello()["graphs"] if g["default"]]
    assert graph["failed"]["name"] == "out/MatMul"
    assert graph["failed"]["inputs"] == ["p:0", "p:0"]
    assert "inner dimensions" in graph["failed"]["message"]
    assert graph["failed"]["line"] == 4
    assert graph["failed"]["index"] == 1


def test_bad_commands_are_refused_and_break_nothing(panel):
    def problem(**command):
        reply = panel.raw({"target_name": protocol.COMM_ID, protocol.KEY: command})
        return reply["content"][protocol.KEY]["problem"]

    good = {"v": protocol.VERSION, "id": "1", "client": panel.name}
    assert "version 99" in problem(**{**good, "v": 99, "op": "hello"})
    assert "command.op is 'fly'" in problem(**good, op="fly")
    assert "command.op is missing" in problem(**good)
    assert "has no 'extra'" in problem(**good, op="hello", extra=1)
    assert "command.count must be int" in problem(**good, op="step", count="many")
    assert "Nothing runs" in problem(**good, op="pause") or "No cell runs" in problem(**good, op="pause")
    assert "no graph 'g999'" in problem(**good, op="graph", graph="g999")
    assert "needs 'graph'" in problem(**good, op="graph")
    assert "no session" in problem(**good, op="close", session="<b>")
    for strange in (None, 7, "hello", [1]):
        reply = panel.raw({"target_name": protocol.COMM_ID, protocol.KEY: strange})
        if strange is not None:
            assert "problem" in reply["content"][protocol.KEY]
    panel.hello()


def test_nothing_is_sent_without_a_client(panel):
    panel.hello(curves=True)
    panel.ask("bye")
    panel.read(0.5)
    panel.ticks.clear()
    panel.run(LOOP.format(steps=200, sleep=0.002), "loop")
    assert panel.ticks == []
    panel.run("from graphlab_nb.session.hooks import WATCHERS\nassert not WATCHERS")


def test_an_interrupt_ends_a_paused_cell(panel):
    panel.hello()
    cell = panel.execute(LOOP.format(steps=100000, sleep=0.001), "loop")
    panel.until(lambda: panel.state()["state"] == "running")
    panel.ask("pause")
    panel.until(lambda: panel.state()["state"] == "paused")
    panel.client.parent_manager = None
    panel.client.session.send(panel.client.control_channel.socket, "interrupt_request", {}, parent=None)
    panel.until(lambda: cell in panel.idle, 20)
    assert panel.errors == ["KeyboardInterrupt"]
    shown = plain(panel.outputs[-1]["traceback"])
    assert "---> 12 " in shown and "sess.run(step, {x: data})" in shown and ".py" not in shown
    panel.until(lambda: panel.state()["state"] == "idle")
    panel.errors.clear()
    panel.run("assert done > 0")


def test_the_magic_opens_the_panel_and_refuses_what_it_does_not_know(panel):
    panel.opens.clear()
    panel.run("%load_ext graphlab_nb\n%glnb panel")
    panel.until(lambda: panel.opens == ["open"])
    panel.run("%glnb devices")
    panel.execute("%glnb fly")
    panel.until(lambda: any("UsageError" in text for text in panel.texts))
    assert "there are %glnb panel, %glnb devices" in "".join(panel.texts)


def test_a_run_is_called_as_its_cell_is_numbered(panel):
    panel.hello(curves=True)
    panel.run("numbered = True", "one")
    done = panel.execute(LOOP.format(steps=30, sleep=0.001), "two")
    panel.until(lambda: done in panel.idle)
    number = panel.inputs[-1]["count"]
    hello = panel.hello()
    assert hello["runs"][-1]["label"] == f"In [{number}]"
    (graph,) = [g for g in hello["graphs"] if g["default"]]
    answer, _ = panel.ask("graph", graph=graph["id"])
    file = answer["chunk"]["files"][answer["chunk"]["nodes"][0]["file"]]
    assert (file["cell"], file["count"]) == ("two", number)


def test_it_is_told_which_execution_made_what(panel):
    code = "{new}import graphlab_nb as tf\nv = tf.Variable(tf.zeros([2]), name='v')"
    panel.run(code.format(new="import graphlab_nb as tf\ntf.reset_default_graph()\n"), "first")
    panel.run(code.format(new=""), "model")
    panel.run(code.format(new=""), "model")
    panel.run("1 + 1", "nothing")
    (graph,) = [g for g in panel.hello()["graphs"] if g["default"]]
    answer, _ = panel.ask("graph", graph=graph["id"])
    made = answer["chunk"]["executions"]
    assert [e["cell"] for e in made] == ["first", "model", "model"]
    assert made[0]["first"] == 0 and made[-1]["last"] == graph["size"]
    assert [a["last"] for a in made[:-1]] == [b["first"] for b in made[1:]]
    assert made[2]["count"] == made[1]["count"] + 1


def test_the_cell_that_runs_has_made_what_it_made_so_far(panel):
    code = "import time, graphlab_nb as tf\ngo = False\nv = tf.Variable(tf.zeros([2]), name='v')\n{more}"
    panel.run("import graphlab_nb as tf\ntf.reset_default_graph()", "first")
    panel.run(code.format(more=""), "model")
    done = panel.execute(code.format(more="tf.square(v)\ntime.sleep(1.5)"), "model")
    (graph,) = panel.until(lambda: [g for g in panel.hello()["graphs"] if g["default"] and g["size"] > 7])
    made = panel.ask("graph", graph=graph["id"])[0]["chunk"]["executions"]
    assert done not in panel.idle and [e["cell"] for e in made] == ["model", "model"]
    assert made[1]["first"] == made[0]["last"] and made[1]["count"] == made[0]["count"] + 1
    panel.until(lambda: done in panel.idle)
    assert panel.ask("graph", graph=graph["id"])[0]["chunk"]["executions"] == made


def test_what_a_magic_runs_is_its_cells(panel):
    panel.run("import graphlab_nb as tf\ntf.reset_default_graph()", "first")
    panel.run("%%capture\ntf.zeros([2])", "model")
    panel.run("tf.zeros([3])", "other")
    (graph,) = [g for g in panel.hello()["graphs"] if g["default"]]
    made = panel.ask("graph", graph=graph["id"])[0]["chunk"]["executions"]
    assert [e["cell"] for e in made] == ["model", "other"]
    assert made[1]["count"] == made[0]["count"] + 1


def test_a_fault_of_ours_leaves_the_training_alone_and_is_told(panel):
    panel.hello()
    panel.run(
        "from graphlab_nb.notebook import bridge\nlooker = bridge.BRIDGE._looker\nlook = looker.look\n"
        "def broken(*arguments):\n    raise RuntimeError('a fault')\nlooker.look = broken"
    )
    panel.run(LOOP.format(steps=50, sleep=0.001) + "assert done == 50", "loop")
    refused = panel.until(lambda: panel.events("refused"))
    assert [e["text"] for e in refused] == ["Looking failed, the training goes on: RuntimeError: a fault"]
    panel.run("looker.look = look")


def test_steps_are_a_sessions_own(panel):
    panel.hello(curves=True)
    for _ in range(2):
        panel.run(LOOP.format(steps=40, sleep=0.001), "loop")
    again = "done = 0\nwhile done < 30:\n    sess.run(step, {x: data})\n    done += 1\n    time.sleep(0.001)"
    panel.run(again, "again")
    answer, buffers = panel.ask("points")
    begins = [array(chunk["steps"], buffers)[0] for chunk in answer["points"][-3:]]
    assert begins[0] == begins[1] <= 1
    assert begins[2] in (40, 41)


def test_two_sessions_of_one_loss_have_a_curve_each_and_copies_of_a_cell_one_chart(panel):
    panel.hello(curves=True)
    panel.run(LOOP.format(steps=1, sleep=0), "model")
    both = (
        "other = tf.Session(); other.run(tf.global_variables_initializer())\n"
        "for _ in range(20):\n    sess.run(step, {x: data}); other.run(step, {x: data}); time.sleep(0.001)"
    )
    panel.run(both, "both")
    answer, _ = panel.ask("points")
    latest = [chunk["id"].split(":", 2)[2] for chunk in answer["points"][-2:]]
    assert latest[0] == "loss" and latest[1].startswith("loss@s")
    last = panel.hello()["series"][-2:]
    assert [s["name"] for s in last] == ["loss", "loss"]
    assert last[0]["session"] != last[1]["session"] == latest[1].partition("@")[2]
    copies = (
        "v = tf.Variable(1.0); mine = tf.square(v, name='mine')\ndown = tf.train.GradientDescentOptimizer(0.1).minimize(mine)\n"
        "s = tf.Session(); s.run(tf.global_variables_initializer())\nfor _ in range(5): s.run(down)"
    )
    for _ in range(2):
        panel.run(copies, "copies")
    answer, _ = panel.ask("points")
    assert [chunk["id"].split(":", 2)[2] for chunk in answer["points"][-2:]] == ["mine", "mine"]
    session = panel.hello()["run"]["session"]
    panel.ticks.clear()
    panel.look(values=session, curves=True)
    tick = panel.until(lambda: [t for t in panel.ticks if "values" in t])[-1]
    names = [row["name"] for row in tick["values"]["rows"]]
    assert names.index("Variable_1:0") < names.index("Variable:0")


def test_a_cell_that_runs_and_does_not_train_tells_of_runs(panel):
    panel.hello()
    cell = panel.execute(
        "import graphlab_nb as tf, time\ntf.reset_default_graph()\ns = tf.Session()\nc = tf.constant(1.0) + 1.0\n"
        "for k in range(120):\n    s.run(c)\n    time.sleep(0.01)"
    )
    panel.until(lambda: cell in panel.idle)
    rates = [t["run"]["rate"] for t in panel.ticks if t["run"]["state"] == "running" and not t["run"]["training"]]
    assert max(rates) > 10
    panel.ticks.clear()
    cell = panel.execute(LOOP.format(steps=50, sleep=0.01))
    panel.until(lambda: cell in panel.idle)
    assert panel.state()["training"]


def test_steps_are_fewer_per_second_while_other_runs_follow_them(panel):
    panel.hello()
    cell = panel.execute(
        LOOP.format(steps=50, sleep=0.01)
        + "\nfor k in range(300):\n    sess.run(loss, {x: data})\n    time.sleep(0.01)"
    )
    panel.until(lambda: cell in panel.idle)
    rates = [t["run"]["rate"] for t in panel.ticks if t["run"]["state"] == "running"]
    assert rates[-1] < 0.7 * max(rates)


def test_an_error_names_the_execution_that_made_the_operation(panel):
    model = "import graphlab_nb as tf\nx = tf.placeholder(tf.float32, [2], name='x')"
    counts = []
    for _ in range(2):
        panel.inputs.clear()
        panel.run(model, "model")
        panel.read()
        counts.append(panel.inputs[-1]["count"])
        panel.run("kept = [*globals().get('kept', []), x]\ns = tf.Session()", "other")
    first, second = counts
    for which, name in (
        (-2, f"In [{first}], line 2 (its cell ran again, as In [{second}])"),
        (-1, f"In [{second}], line 2"),
    ):
        done = panel.execute(f"s.run(kept[{which}])", "run")
        panel.until(lambda done=done: done in panel.idle and panel.outputs)
        assert f"[made at {name}]" in panel.outputs[-1]["evalue"]
        assert f"\n  {name}:  x = tf.placeholder" in plain(panel.outputs[-1]["traceback"])
        panel.errors.clear()
        panel.outputs.clear()
