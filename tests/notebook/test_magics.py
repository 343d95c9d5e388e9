"""`%glnb` and `%%glnb`: what they show, what they refuse, and what completes them."""

from __future__ import annotations

import json

import pytest
from IPython.core.completer import provisionalcompleter

from graphlab_nb.notebook import displays
from graphlab_nb.notebook.profile_picture import draw_profile
from graphlab_nb.session.profile import NOTHING, Profile

MODEL = """x = tf.placeholder(tf.float32, [None, 4], name="x")
w = tf.Variable(tf.ones([4, 2]), name="w")
step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(tf.square(tf.matmul(x, w))))
sess = tf.InteractiveSession()
sess.run(tf.initialize_all_variables())"""


@pytest.fixture
def model(shell):
    shell.run(MODEL)
    return shell


def test_help_tells_of_each(shell):
    shell.run("%glnb?")
    for words in (
        "%glnb panel",
        "%glnb devices",
        "%glnb profile FETCHES",
        "%glnb tutorials [DIR]",
        "%%glnb profile",
        "%%glnb fresh",
    ):
        assert words in shell.printed


@pytest.mark.parametrize(("typed", "offered"), [("%glnb p", {"panel", "profile"}), ("%glnb ", {"panel", "devices", "profile", "tutorials"}),
                                                ("%%glnb f", {"fresh"}), ("%%glnb ", {"profile", "fresh"}),
                                                ("x = 1\n%glnb d", {"devices"})])  # fmt: skip
def test_tab_completes_them_and_nothing_else(shell, typed, offered):
    with provisionalcompleter():
        found = {completion.text.split()[-1] for completion in shell.shell.Completer.completions(typed, len(typed))}
    assert offered == found


@pytest.mark.parametrize("code", ["%glnb", "%glnb fly", "%%glnb panel\n1"])
def test_what_there_is_not_is_refused_with_what_there_is(shell, code):
    shown = shell.fails(code)
    assert "there are %glnb panel, %glnb devices, %glnb profile, %glnb tutorials, %%glnb profile, %%glnb fresh" in shown


def test_the_panel_needs_a_kernel(shell):
    assert "this is no Jupyter kernel" in shell.fails("%glnb panel")


@pytest.mark.parametrize("code", ["%glnb panel now", "%glnb devices all", "%%glnb profile step\n1"])
def test_more_than_a_magic_takes_is_refused(shell, code):
    assert "takes nothing more" in shell.fails(code)


def test_devices_are_listed(shell):
    shell.run("%glnb devices")
    assert "/cpu:0" in shell.printed and "How devices are chosen" in shell.printed


def test_a_fetch_is_profiled_in_real_runs(model):
    found = model.run("%glnb profile step --feed {x: [[1.0, 2.0, 3.0, 4.0]]} --runs 3")
    assert isinstance(found, Profile)
    assert {row.calls for row in found.rows} == {3} and any("MatMul" in row.operation for row in found.rows)
    assert model.run("sess.run(w)")[0, 0] != 1  # the runs were real


def test_a_profile_can_be_named(model):
    model.run("measured = %glnb profile [w] --runs 1\n")
    assert isinstance(model.names["measured"], Profile)


@pytest.mark.parametrize(("code", "said"), [
    ("%glnb profile", "arguments are required: fetches"), ("%glnb profile stepp", "name 'stepp' is not defined"),
    ("%glnb profile step --runs none", "invalid int value"), ("%glnb profile step --runs 0", "there must be one at least"),
    ("%glnb profile step --fed 1", "unrecognized arguments: --fed"), ("%glnb profile (", "no expression here"),
])  # fmt: skip
def test_what_cannot_be_profiled_is_refused(model, code, said):
    assert said in model.fails(code)


def test_profiling_needs_a_session(shell):
    shell.run("x = tf.constant(1.0)")
    assert "0 sessions of the default graph are open" in shell.fails("%glnb profile x")
    shell.run("s = tf.Session()\nv = tf.Variable(tf.ones([3]))\ns.run(v.initializer)")
    assert shell.run("%glnb profile v + 1").rows


def test_a_cell_is_profiled_and_shows_its_value(model, tmp_path):
    found = model.run(
        "%%glnb profile\nfor _ in range(2):\n    sess.run(step, {x: [[1.0, 2.0, 3.0, 4.0]]})\n'the value'"
    )
    assert "the value" in model.printed and {row.calls for row in found.rows} == {2}
    found.save_trace(str(tmp_path / "trace.json"))
    assert json.loads((tmp_path / "trace.json").read_text())["traceEvents"]


def test_a_cell_that_fails_ends_its_profile(model):
    from graphlab_nb.session.profile import ACTIVE

    assert "inner dimensions" in model.fails("%%glnb profile\ntf.matmul(w, w)")
    assert not ACTIVE


def test_a_profile_s_picture_has_its_rows(model):
    found = model.run("%glnb profile step --feed {x: [[1.0, 2.0, 3.0, 4.0]]}")
    picture, text = draw_profile(found)
    assert text == found.table() and "matmul" in picture and f"in {len(found.rows)} kernels" in picture
    shown = displays.shown(draw_profile, Profile())
    assert shown["text/plain"] == NOTHING


def test_tutorials_are_copied_and_kept(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shell.run("%glnb tutorials")
    names = {path.name for path in (tmp_path / "graphlab_nb_tutorials").glob("*.ipynb")}
    assert "02_mnist_for_beginners.ipynb" in names
    (tmp_path / "graphlab_nb_tutorials" / "02_mnist_for_beginners.ipynb").write_text("mine")
    shell.run("%glnb tutorials 'graphlab_nb_tutorials'")
    assert "02_mnist_for_beginners.ipynb was there, and is as it was" in shell.printed
    assert (tmp_path / "graphlab_nb_tutorials" / "02_mnist_for_beginners.ipynb").read_text() == "mine"
    assert "takes one folder" in shell.fails("%glnb tutorials a b")
    (tmp_path / "file").write_text("")
    assert "%glnb tutorials:" in shell.fails("%glnb tutorials file")
