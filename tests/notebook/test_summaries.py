"""Scalar summaries as curves: the numbers, their steps and names, and what the panel gets of them in a real kernel."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

import graphlab_nb as tf
from graphlab_nb.notebook import plots, summaries
from graphlab_nb.notebook.curves import CURVES
from graphlab_nb.notebook.summaries import Summaries
from graphlab_nb.summary.writer import LISTENERS, OPEN
from tests.notebook.kernels import kernel


@pytest.fixture(autouse=True)
def own_run():
    gc.collect()
    CURVES.run += 1
    for writer in list(OPEN):
        writer.close()


@pytest.fixture
def found():
    """Summaries of a test's own, in the place of the kernel's."""
    before, made = list(LISTENERS), Summaries()
    LISTENERS[:] = [made.added]
    yield made
    LISTENERS[:] = before


def points(name):
    return CURVES.get(name, "summary").points()[1][:2].tolist()


def scalar(**values):
    return tf.Summary(value=[tf.Summary.Value(tag=t, simple_value=v) for t, v in values.items()])


def fetches(*types):
    return SimpleNamespace(tensors=[SimpleNamespace(op=SimpleNamespace(type=t)) for t in types])


def ran(found, step, *summaries, types=("MergeSummary",)):
    found.begins(fetches(*types))
    found.ended(fetches(*types), [s.SerializeToString() if isinstance(s, tf.Summary) else s for s in summaries], step)


def test_without_a_writer_numbers_are_drawn_at_the_run_s_step(found):
    ran(found, 7, scalar(a=1, b=2))
    ran(found, 9, scalar(a=3, b=np.nan))
    assert points("a") == [[7, 9], [1, 3]] and points("b")[0] == [7, 9] and CURVES.get("a", "summary").every == 2


def test_only_summaries_are_looked_at(found):
    found.begins(fetches("Sum", "HistogramSummary"))
    assert not found.wanted
    ran(found, 1, 5.0, scalar(a=1), b"\xff", types=("Sum", "ScalarSummary", "MergeSummary"))
    assert found.wanted and points("a") == [[1], [1]]


def test_a_number_that_is_fetched_twice_is_drawn_once(found):
    ran(found, 1, scalar(a=1), scalar(a=1, b=2), types=("ScalarSummary", "MergeSummary"))
    assert points("a") == [[1], [1]] and points("b") == [[1], [2]]


def test_a_writer_s_step_is_taken(found, tmp_path):
    with tf.train.SummaryWriter(tmp_path) as writer:
        for k in range(3):
            ran(found, k, scalar(a=k))
            assert CURVES.get("a", "summary").length == k
            writer.add_summary(scalar(a=k).SerializeToString(), 100 * k)
        ran(found, 3, scalar(a=3))
        writer.add_summary(scalar(a=3).SerializeToString())
        ran(found, 4, scalar(a=4))
        found.flush()
        writer.add_summary(scalar(a=4).SerializeToString(), 400)  # drawn already
        writer.add_summary(scalar(a=5), 500)  # made by hand
        writer.add_summary(scalar(a=6))
    assert points("a") == [[0, 100, 200, 3, 4, 500, 501], [0, 1, 2, 3, 4, 5, 6]]


def test_what_no_writer_takes_is_drawn_after_a_while(found, tmp_path, monkeypatch):
    with tf.train.SummaryWriter(tmp_path):
        ran(found, 1, scalar(a=1))
        assert CURVES.get("a", "summary").length == 0
        monkeypatch.setattr(summaries, "PATIENCE", 0.0)
        found.begins(fetches("Sum"))
        assert points("a") == [[1], [1]]
        monkeypatch.setattr(summaries, "PATIENCE", 1000.0)
        for k in range(summaries.MOST_WAITING + 3):
            ran(found, k, scalar(b=k))
        assert points("b")[0] == [0, 1, 2]


def test_writers_of_several_folders_have_curves_of_their_own(found, tmp_path):
    with tf.train.SummaryWriter(tmp_path / "train") as train:
        train.add_summary(scalar(a=1), 1)
        with tf.train.SummaryWriter(tmp_path / "test") as test, tf.train.SummaryWriter(tmp_path / "test") as again:
            ran(found, 2, scalar(a=2))
            train.add_summary(scalar(a=2).SerializeToString(), 2)
            test.add_summary(scalar(a=3), 2)
            again.add_summary(scalar(a=4), 3)
    assert points("a") == [[1], [1]] and points("a (train)") == [[2], [2]] and points("a (test)") == [[2, 3], [3, 4]]


def test_plots_draw_them(found):
    for k in range(3):
        ran(found, 10 * k, scalar(accuracy=k / 4))
    axes = Figure().add_subplot()
    plots.draw_curve(axes, "accuracy")
    assert axes.lines[0].get_xydata().tolist() == [[0, 0], [10, 0.25], [20, 0.5]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "accuracy")
    plots.draw_curve(axes, "accuracy", logarithmic=True)
    assert axes.get_yscale() == "log"
    with pytest.raises(KeyError, match=r"no curve 'acuracy'; there are .*'accuracy'"):
        plots.draw_curve(axes, "acuracy")


PROGRAM = """
import graphlab_nb as tf
x = tf.placeholder(tf.float32, [None])
w = tf.Variable(0.0)
loss = tf.reduce_mean(tf.square(x - w))
step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
tf.scalar_summary("cost", loss)
tf.scalar_summary("weight", w)
tf.histogram_summary("x", x)
merged = tf.merge_all_summaries()
sess = tf.Session()
sess.run(tf.initialize_all_variables())
"""


def test_the_panel_gets_the_curves_of_summaries(tmp_path):
    with kernel() as panel:
        panel.run(PROGRAM)
        panel.hello(curves=True)
        panel.run("for k in range(20): sess.run([merged, step], {x: [1, 2, 3]})", "cell-2")
        latest = panel.until(lambda: _series(panel).get("cost"))
        assert latest["kind"] == "summary" and panel.until(lambda: _series(panel)["cost"]["count"] == 20)
        panel.run(
            f"writer = tf.train.SummaryWriter({str(tmp_path)!r}, sess.graph)\n"
            "for k in range(30):\n"
            "    summary, _ = sess.run([merged, step], {x: [1, 2, 3]})\n"
            "    writer.add_summary(summary, 1000 + k)\n"
            "writer.close()\n"
            "from graphlab_nb.notebook.curves import CURVES\n"
            "print([CURVES.get(n, 'summary').points()[1][0].tolist() == list(range(1000, 1030)) for n in ('cost', 'weight')])\n"
            "from graphlab_nb import notebook\n"
            "print(notebook.LiveCurves('cost').text)",
            "cell-3",
        )
        panel.until(lambda: "".join(panel.texts).count("\n") >= 2)
        said = "".join(panel.texts)
        assert "[True, True]" in said and "cost" in said, said
        assert not panel.events("refused")


def _series(panel):
    """What the latest ticks told of each curve of the latest run that has it."""
    found = {}
    for tick in panel.ticks:
        for series in tick.get("series", []):
            found[series["name"]] = series
    return found
