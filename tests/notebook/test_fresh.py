"""`%%glnb fresh`: a cell that runs again replaces what it made, and what is gone says which cell to run."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.graph.removal import take_out, with_dependents
from graphlab_nb.notebook.operation_picture import draw_operation, draw_tensor
from tests.notebook.kernels import kernel
from tests.notebook.shells import Shell

MODEL = """%%glnb fresh
x = tf.placeholder(tf.float32, [None, 4], name="x")
with tf.name_scope("layer"):
    W = tf.Variable(tf.ones([4, 2]), name="W")
b = tf.Variable(tf.zeros([2]))
with tf.variable_scope(None, "scope"):
    v = tf.get_variable("v", [2], initializer=tf.constant_initializer(1.0))
y = tf.matmul(x, W) + b * v
loss = tf.reduce_mean(tf.square(y))
"""
TRAINING = """step = tf.train.AdamOptimizer(0.1).minimize(loss)
sess.run(tf.initialize_all_variables())
_ = sess.run(step, {x: np.ones([3, 4])})
"""


def drawn(thing: Any) -> tuple[str, str]:
    return draw_tensor(thing) if isinstance(thing, tf.Tensor) else draw_operation(thing)


@pytest.fixture
def model(shell: Shell) -> Shell:
    shell.run("import numpy as np\nsess = tf.Session()")
    shell.run(MODEL, "model")
    return shell


def names() -> list[str]:
    return [op.name for op in tf.get_default_graph().get_operations()]


def test_ten_runs_leave_one_model_with_the_names_of_the_first(model):
    first = names()
    assert model.variables() == ["layer/W", "Variable", "scope/v"]
    for _ in range(9):
        model.run(MODEL, "model")
        assert names() == first
    assert model.variables() == ["layer/W", "Variable", "scope/v"]
    assert [op.index for op in tf.get_default_graph().get_operations()] == list(range(len(first)))


def test_runs_before_the_line_was_added_are_replaced_too(shell):
    plain = MODEL.partition("\n")[2]
    for _ in range(3):
        shell.run(plain, "model")
    assert "Variable_2" in shell.variables()
    shell.run(MODEL, "model")
    assert shell.variables() == ["layer/W", "Variable", "scope/v"]


def test_what_other_cells_made_goes_with_it_and_they_are_named(model):
    model.run(TRAINING, "training")
    training, whole = model.count, names()
    assert "layer/W/Adam" in model.variables()
    model.run(MODEL, "model")
    assert f"run In [{training}] again" in model.printed
    assert model.variables() == ["layer/W", "Variable", "scope/v"]
    model.run(TRAINING, "training")
    assert names() == whole
    for _ in range(2):
        model.run(MODEL, "model")
        model.run(TRAINING, "training")
    assert names() == whole


def test_an_optimizer_made_elsewhere_makes_its_slots_anew(shell):
    shell.run("opt = tf.train.AdamOptimizer(0.1)\nw = tf.Variable([1.0], name='w')", "variable")
    train = "%%glnb fresh\nstep = opt.minimize(tf.reduce_sum(tf.square(w)))"
    shell.run(train, "training")
    expected = shell.variables()
    shell.run(train, "training")
    assert sorted(shell.variables()) == sorted(expected)
    shell.run(
        "with tf.Session() as s:\n    s.run(tf.initialize_all_variables())\n    s.run(step)\n    found = s.run(w)"
    )
    np.testing.assert_allclose(shell.names["found"], [0.9], atol=1e-4)


def test_other_cells_values_stay_and_its_own_begin_anew(model):
    model.run("other = tf.Variable(1.0, name='other')", "other")
    model.run("sess.run(tf.initialize_all_variables())\n_ = sess.run([other.assign(5.0), W.assign(W * 3)])")
    model.run(MODEL, "model")
    assert model.run("sess.run(other)") == 5.0
    shown = model.fails("sess.run(W)")
    assert "uninitialized variable 'layer/W'" in shown
    assert model.run("sess.run(W.initializer)\nsess.run(W)[0, 0]") == 1.0
    assert "other" in model.variables()


def test_a_cell_s_variable_is_not_taken_out_behind_its_back(model):
    model.run("head = tf.Variable(tf.reduce_sum(W.initialized_value()), name='head')", "head")
    line = model.count
    before = names()
    shown = model.fails(MODEL, "model")
    assert "variable 'head'" in shown and f"In [{line}], line 1" in shown and "Nothing has changed" in shown
    assert names() == before and not model.names["W"].graph.ended
    model.run("sess.run(W.initializer)\nsess.run(head.initializer)")


def test_what_is_gone_says_which_cell_to_run(model):
    model.run("old = y", "keep")
    model.run("z = y * 2", "more")
    more = model.count
    model.run(MODEL, "model")
    anew = model.count
    shown = model.fails("sess.run(z, {x: np.ones([1, 4])})")
    assert (
        f"was made by In [{more}], line 1, before what it is made of was built anew by In [{anew}]: run that cell"
        in shown
    )
    assert f"the same cell, In [{anew}], built it anew" in model.fails("old + 1.0 + y")
    shown = model.fails("z.eval(session=sess)")
    assert (
        shown.startswith("ValueError: Cannot evaluate a tensor: <tf.Tensor 'mul_1:0'")
        and "run that cell again" in shown
    )
    assert model.fails("sess.run(z)").count("<tf.Tensor") == 1
    for thing, why in (
        ("old", f"the same cell, In [{anew}], built it anew"),
        ("z.op", f"what it is made of was built anew by In [{anew}]"),
    ):
        svg, label = drawn(model.run(thing))
        assert f"Taken out of its graph: {why}" in svg and f"Taken out of its graph: {why}; " in label
        assert "none to build on" not in label
    assert "Taken out" not in "".join(drawn(model.run("y")))
    assert "run that cell again" in model.fails("tf.square(z)")


def test_a_cell_that_fails_is_replaced_as_far_as_it_came(model):
    broken = MODEL + "tf.matmul(x, b)\n"
    model.fails(broken, "model")
    assert model.variables() == ["layer/W", "Variable", "scope/v"]
    model.run(MODEL, "model")
    assert model.variables() == ["layer/W", "Variable", "scope/v"] and "x_1" not in names()


def test_lines_are_counted_as_in_the_cell_and_its_value_is_shown(model):
    assert model.names["W"].op.user_line[1] == 4
    shown = model.fails(MODEL + "tf.matmul(x, b)\n", "model")
    assert f"In [{model.count}], line 10:  tf.matmul(x, b)" in shown
    assert model.run(MODEL + "y\n", "model") is model.names["y"]


def test_names_help_where_cells_have_no_ids(shell):
    for value in (1, 2):
        shell.run(f"%%glnb fresh model\nv = tf.Variable({value}, name='v')")
    assert shell.variables() == ["v"]
    for _ in range(2):
        shell.run("%%glnb fresh\nw = tf.Variable(1, name='w')")  # the same text is the same cell
    assert shell.variables() == ["v", "w"]


def test_an_edited_cell_without_an_id_is_told_of_names(shell):
    model = "%%glnb fresh\nx = tf.placeholder(tf.float32, [None, 4], name='x')\nW = tf.Variable(tf.ones([4, 2]), name='W')\n"
    shell.run(model)
    first = shell.count
    shell.run(model)
    shell.run("%%glnb fresh\nother = tf.constant([1, 2, 3], name='other') * 5")
    assert shell.printed == ""
    shell.run(model + "y = tf.matmul(x, W)\n")
    assert shell.printed.count("\n") == 1 and "`%%glnb fresh NAME`" in shell.printed
    assert f"the cell of In [{first + 1}], edited: what it made stays, and 'W_1' stands beside it" in shell.printed
    named = model.replace("fresh", "fresh model")
    for more in ("", "z = x * 2.0\n"):
        shell.run(named + more)
        assert shell.printed == ""
    tf.reset_default_graph()
    for cell in (model, model + "a = 1\n"):
        shell.run(cell, "with an id")
        assert shell.printed == "" and shell.variables() == ["W"]


def test_its_interactive_session_is_closed(shell):
    cell = "%%glnb fresh\nv = tf.Variable(1)\nsess = tf.InteractiveSession()"
    shell.run(cell, "cell")
    first = shell.names["sess"]
    shell.run(cell, "cell")
    assert first._closed and not shell.names["sess"]._closed and not shell.warned


def test_nothing_is_kept_of_what_is_gone(model):
    model.run(TRAINING, "training")
    session = model.names["sess"]
    held = weakref.ref(model.names["W"].op)
    assert len(session._resources.variables) > 3
    model.run(MODEL, "model")
    assert not session._resources.variables and not session._plans and not session._fetches
    model.run("del step")
    model.shell.user_ns.pop("_", None)
    gc.collect()
    assert held() is None


def test_after_a_reset_there_is_nothing_to_replace(model):
    opened = model.count - 1
    model.run("tf.reset_default_graph()")
    model.run(MODEL, "model")
    assert model.variables() == ["layer/W", "Variable", "scope/v"]
    shown = model.fails("sess.run(y)")
    assert f"Run the cell that made the session again (In [{opened}], line 2)" in shown


def test_building_on_what_was_reset_names_the_cells(shell):
    shell.run("w = tf.Variable(1.0, name='w')\nloss = tf.square(w)")
    made = shell.count
    shell.run("tf.reset_default_graph()")
    stale = (
        f"was made by In [{made}], line 2, before the graph was reset by In [{made + 1}], line 1: run that cell again"
    )
    assert stale in shell.fails("tf.train.AdamOptimizer().minimize(loss)")
    assert stale in shell.fails("tf.constant(1.0) + loss")
    shell.run("late = loss * 2.0")
    shown = shell.fails("tf.Session().run(late)")
    assert f"made by In [{shell.count - 1}], line 1, is made of what was there before the graph was reset" in shown
    assert f"was made by In [{made}], line 1" in shell.fails("tf.Session().run(tf.constant(1.0), {w: 2.0})")
    shell.run("old = tf.constant(1.0).graph\ntf.reset_default_graph()")
    shell.run(
        "with old.as_default():\n    again = tf.train.GradientDescentOptimizer(1.0).minimize(tf.square(tf.Variable(1.0)))"
    )


# In a kernel


def test_the_panel_is_told_of_the_graph_that_is_left():
    plain = MODEL.partition("\n")[2]
    with kernel() as panel:
        panel.run("import graphlab_nb as tf\n%load_ext graphlab_nb\nfirst = tf.constant(1.0)", "first")
        panel.run(MODEL, "model")
        panel.run("z = y * first", "more")
        panel.run("last = first + 1.0", "last")
        (before,) = panel.hello()["graphs"]
        panel.run(MODEL, "model")
        (graph,) = panel.hello()["graphs"]
        chunk = panel.ask("graph", graph=graph["id"])[0]["chunk"]
        assert graph["id"] != before["id"] and graph["default"] and graph["size"] == before["size"] - 1
        made = {e["cell"]: [n["name"] for n in chunk["nodes"][e["first"] : e["last"]]] for e in chunk["executions"]}
        assert list(made) == ["first", "last", "model"]
        assert made["first"] == ["Const"] and made["last"][-1] == "add_1" and made["model"][0] == "x"
        (line,) = {n["line"] for n in chunk["nodes"] if n["name"] == "layer/W"}
        (file,) = {n["file"] for n in chunk["nodes"] if n["name"] == "layer/W"}
        assert MODEL.splitlines()[line - 1].lstrip().startswith("W = ") and chunk["files"][file]["cell"] == "model"
        panel.run(plain, "other")
        assert len(panel.ask("graph", graph=graph["id"])[0]["chunk"]["executions"]) == 4


# The graph below


def test_taking_out_needs_all_that_depends_and_changes_nothing_else():
    graph = tf.Graph()
    with graph.as_default():
        a = tf.constant(1.0, name="a")
        b = tf.add(a, a, name="b")
        kept = tf.constant(2.0, name="kept")
        with tf.control_dependencies([b]):
            c = tf.identity(kept, name="c")
        tf.add_to_collection("mine", b)
        tf.add_to_collection("mine", kept)
    assert {op.name for op in with_dependents(graph, [a.op])} == {"a", "b", "c"}
    with pytest.raises(ValueError, match="'b' needs what would be taken out"):
        take_out(graph, [a.op], lambda op: "x")
    assert graph.version == 4
    number = graph.number
    take_out(graph, [a.op, b.op, c.op], lambda op: "it was tried")
    assert [op.name for op in graph.get_operations()] == ["kept"] and kept.op.index == 0
    assert graph.get_collection("mine") == [kept] and not kept.consumers()
    assert graph.number != number and b.graph is not graph
    with graph.as_default():
        assert tf.constant(3.0, name="a").op.name == "a"
    with pytest.raises(ValueError, match="before it was tried: make it again"):
        graph.as_graph_element(b)
    with pytest.raises(KeyError):
        graph.get_tensor_by_name("b:0")


def test_a_finalized_graph_stays_as_it_is():
    graph = tf.Graph()
    with graph.as_default():
        a = tf.constant(1.0)
    graph.finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        take_out(graph, [a.op], lambda op: "x")
