"""What goes wrong in a user's cells, as the kernel's end of the panel tells it: failed runs, texts that are no UTF-8."""

from __future__ import annotations

import pytest

from graphlab_nb.notebook.parcel import sent
from tests.notebook.kernels import array, kernel

MODEL = """
import graphlab_nb as tf
tf.reset_default_graph()
x = tf.placeholder(tf.float32, [None, 2], name="x")
w = tf.Variable([[1.0], [2.0]], name="w")
loss = tf.reduce_mean(tf.square(tf.matmul(x, w)))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
sess = tf.Session()
sess.run(tf.initialize_all_variables())
"""


@pytest.fixture
def panel():
    with kernel() as found:
        found.run("import graphlab_nb")
        found.hello(curves=True)
        yield found


def test_a_run_that_fails_is_no_step(panel):
    panel.run(MODEL, "model")
    for fails in (1, 2):
        cell = panel.execute("sess.run(train)", "fails")
        panel.until(lambda cell=cell: panel.errors and cell in panel.idle)
        panel.errors.clear()
        assert panel.hello()["run"]["steps"] == fails - 1
        panel.run("sess.run(train, {x: [[1.0, 1.0]]})", "good")
        assert panel.hello()["run"]["steps"] == fails
    answer, buffers = panel.ask("points")
    assert sorted(float(array(chunk["steps"], buffers)[0]) for chunk in answer["points"]) == [0, 1]


def test_half_a_character_in_a_text_hinders_no_later_message(panel):
    panel.run("from graphlab_nb.notebook.curves import CURVES\nCURVES.get('\\ud83d', 'log').add(1, 1)", "half")
    panel.run("from graphlab_nb import notebook\nnotebook.log(1, fine=0.5)", "later")
    told = panel.until(
        lambda: [s["name"] for tick in panel.ticks for s in tick.get("series", ()) if s["name"] == "fine"]
    )
    assert told
    assert "\\ud83d" in {s["name"] for tick in panel.ticks for s in tick.get("series", ())}
    answer, _ = panel.ask("points")
    assert answer["points"]


def test_texts_that_are_no_utf8_are_sent_with_escapes():
    taken = []

    def send(message):
        for text in (*message, *message["list"], message["deep"]["text"]):
            text.encode()
        taken.append(message)

    whole = {"list": ["a", "ü"], "deep": {"text": "🙂", "n": 1}}
    sent(send, whole)
    assert taken.pop() is whole
    sent(send, {"list": ["\ud83d"], "deep": {"text": "\udc80 and more", "n": None}, "\ud800": 1.5})
    assert taken == [{"list": ["\\ud83d"], "deep": {"text": "\\udc80 and more", "n": None}, "\\ud800": 1.5}]


def test_a_failed_operation_is_told_until_its_cell_runs_again_or_another_makes_it(panel):
    def failed():
        (graph,) = [g for g in panel.hello()["graphs"] if g["default"]]
        return graph.get("failed", {}).get("name")

    def run(code, cell):
        done = panel.execute(code, cell)
        panel.until(lambda: done in panel.idle)
        panel.errors.clear()

    bad = "p = tf.placeholder(tf.float32, [2, 3], name='p')\ntf.matmul(p, p, name='y')"
    run("import graphlab_nb as tf\ntf.reset_default_graph()", "first")
    run(bad, "bad")
    run("a = tf.constant(1.0)", "later")
    run("b = tf.constant(2.0)", "later still")
    assert failed() == "y"
    run("p = tf.placeholder(tf.float32, [3, 3], name='p')", "bad")
    assert failed() is None
    run(bad, "bad")
    assert failed() == "y"
    run("tf.constant(3.0, name='y')", "another")
    assert failed() is None
    run("try:\n    tf.matmul(a, p)\nexcept ValueError:\n    tf.add(a, 1.0)", "caught")
    assert failed() is None


def test_the_operation_at_which_a_run_failed_is_told_until_a_run_goes_well_or_its_cell_begins_again(panel):
    def fault():
        (graph,) = [g for g in panel.hello()["graphs"] if g["default"]]
        return graph.get("fault")

    def run(code, cell):
        done = panel.execute(code, cell)
        panel.until(lambda: done in panel.idle)
        panel.errors.clear()

    def index(name):
        (graph,) = [g["id"] for g in panel.hello()["graphs"] if g["default"]]
        return [n["name"] for n in panel.ask("graph", graph=graph, first=0)[0]["chunk"]["nodes"]].index(name)

    panel.run(MODEL, "model")
    x = index("x")
    panel.ticks.clear()
    run("sess.run(train)", "bad")
    panel.until(lambda: any("fault" in graph for tick in panel.ticks for graph in tick.get("graphs", ())), 10)
    assert fault()["op"] == x and "placeholder tensor 'x'" in fault()["message"]
    run("tf.Session()", "runs nothing")
    run("1 / 0", "another error")
    run("sess.run('nothing like it')", "an error without an operation")
    assert fault()["op"] == x
    run("sess.run(w)", "good")
    assert fault() is None
    run("sess.run(train)", "bad")
    assert fault()["op"] == x
    run("print('mended')", "bad")
    assert fault() is None
    run("try:\n    sess.run(train)\nexcept tf.errors.InvalidArgumentError:\n    pass", "caught")
    assert fault() is None
    run(
        "def f(v):\n    raise ValueError('mine')\nown = tf.py_func(f, [tf.constant(0)], tf.float64, name='own')\nsess.run(own)",
        "function",
    )
    assert fault() == {"number": 3, "op": index("own"), "message": "mine"}
    run("sess.run(own)", "bad")
    assert fault()["op"] == index("own")
    cell = panel.execute(
        "import time\nsess.run(w)\ntime.sleep(1)\nfor _ in range(20):\n    sess.run(w)\n    time.sleep(0.1)\n1 / 0",
        "long",
    )
    panel.until(lambda: fault() is None)
    assert cell not in panel.idle  # the mark goes with the first run that goes well
    panel.until(lambda: cell in panel.idle)
    panel.errors.clear()
    assert fault() is None
    run("sess.run(loss, {x: [1.0, 2.0, 3.0]})", "shape")
    assert fault()["op"] == x and fault()["message"].startswith("Cannot feed value of shape (3,) for Tensor 'x:0'")
    run("tf.reset_default_graph()", "reset")
    assert fault() is None


def test_the_cell_that_called_a_function_is_told_of_the_operation_that_it_made(panel):
    panel.run("import graphlab_nb as tf\ntf.reset_default_graph()\ndef layer(x):\n    return tf.add(x, 1.0)", "helpers")
    panel.run("a = tf.constant(1.0)\n\nb = layer(a)", "model")
    (graph,) = [g["id"] for g in panel.hello()["graphs"] if g["default"]]
    chunk = panel.ask("graph", graph=graph, first=0)[0]["chunk"]
    cells = [file["cell"] for file in chunk["files"]]
    a, b = (next(n for n in chunk["nodes"] if n["type"] == kind) for kind in ("Const", "Add"))
    assert (cells[a["file"]], a["line"], "callers" in a) == ("model", 1, False)
    assert (cells[b["file"]], b["line"]) == ("helpers", 4)
    file, line = b["callers"]
    assert (cells[file], line) == ("model", 3)
    panel.run("several = [layer(a) for _ in range(2)]\ntwice = [tf.negative(a) for _ in range(2)]", "comprehension")
    chunk = panel.ask("graph", graph=graph, first=0)[0]["chunk"]
    cells = [file["cell"] for file in chunk["files"]]
    (file, line), negative = chunk["nodes"][-3]["callers"], chunk["nodes"][-1]
    assert (cells[file], line) == ("comprehension", 1)
    assert (cells[negative["file"]], negative["line"], "callers" in negative) == ("comprehension", 2, False)
    panel.run("x = 1\nexec('c = layer(a)')", "execute")
    chunk = panel.ask("graph", graph=graph, first=0)[0]["chunk"]
    file, line = chunk["nodes"][-1]["callers"]
    assert (chunk["files"][file]["cell"], line) == ("execute", 2)
