"""Pictures of a graph, a session and a variable in outputs: drawn anew while cells train, not too often, and true afterwards."""

from __future__ import annotations

import pytest

from tests.notebook.kernels import kernel
from tests.notebook.test_live import bundles, told

MODEL = """
import gc, time
import graphlab_nb as tf
W = tf.Variable(tf.ones([3]), name="W")
step = W.assign_add([1.0, 1.0, 1.0])
sess = tf.Session()
other = tf.Session()
sess.run(W.initializer)
"""


@pytest.fixture(scope="module")
def panel():
    with kernel() as found:
        found.run(MODEL)
        yield found


def texts(messages) -> list[tuple[str, str]]:
    return [(kind, data["text/plain"]) for kind, data in bundles(messages)]


def test_a_variable_is_drawn_anew_while_its_cell_and_later_ones_train(panel):
    ((kind, first),) = texts(told(panel, "W", "show"))
    assert kind == "display_data" and "mean 1 \u00b7" in first
    training = texts(told(panel, "for _ in range(25):\n    sess.run(step)\n    time.sleep(0.1)", "train"))
    assert [kind for kind, _ in training] == ["update_display_data"] * len(training)
    assert 3 <= len(training) <= 5  # at the first run, once a second, and at the end
    assert "mean 26 \u00b7" in training[-1][1]


def test_cells_that_change_nothing_draw_nothing(panel):
    assert texts(told(panel, "1 + 1", "other")) == []


def test_runs_of_another_session_do_not_draw_it(panel):
    told(panel, "other.run(tf.no_op())", "other")  # makes an operation
    found = texts(told(panel, "for _ in range(15):\n    other.run(step.op.graph.get_operations()[0])", "other"))
    assert found == []


def test_a_graph_and_a_session_are_drawn_where_they_changed(panel):
    told(panel, "display(tf.get_default_graph(), sess)", "both")
    ((_, graph),) = [t for t in texts(told(panel, "extra = W * 2.0", "grow")) if t[1].startswith("tf.Graph")]
    assert "1 variable" in graph
    found = texts(told(panel, "sess.run(extra)", "run"))
    assert len(found) == 2 and any(text.startswith("tf.Session") and "27 runs" in text for _, text in found)
    assert "2 open sessions" in texts(told(panel, "other.run(W.initializer)", "second"))[-1][1]
    closed = texts(told(panel, "sess.close()", "close"))
    assert any("closed, 27 runs" in text for _, text in closed) and any("mean 1 \u00b7" in text for _, text in closed)


def test_a_cell_that_is_run_again_forgets_what_it_showed(panel):
    count = "from graphlab_nb.notebook.live_pictures import PACE\nprint(len(PACE.open))"
    told(panel, "other.run(W.initializer)", "again")
    assert len(texts(told(panel, "W", "show"))) == 1
    assert [c["text"] for k, c in told(panel, count, "ask") if k == "stream"] == ["3\n"]
    told(panel, "pass", "show")
    told(panel, "pass", "both")
    assert [c["text"] for k, c in told(panel, count, "ask") if k == "stream"] == ["0\n"]


def test_a_session_that_is_gone_is_not_kept(panel):
    told(panel, "from IPython.display import display\nthird = tf.Session()\ndisplay(third)", "third")
    asked = "import weakref\nwatching = weakref.ref(third)\ndel third\ngc.collect()\nprint(watching() is None)"
    assert [c["text"] for k, c in told(panel, asked, "ask") if k == "stream"] == ["True\n"]
