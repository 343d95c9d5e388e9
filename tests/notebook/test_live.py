"""`LiveCurves`: what it draws, when, and what it leaves; in a real kernel and without one."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree

import numpy as np
import pytest

from graphlab_nb.notebook import curves, showing
from graphlab_nb.notebook.chart import MOST_CHARTS, Curve, _smoothed, draw_curves, thin, ticks
from graphlab_nb.notebook.live import LiveCurves
from tests.notebook.kernels import Panel, kernel
from tests.notebook.test_bridge import LOOP

VIEW = "application/vnd.jupyter.widget-view+json"


def curve(name: str, values: object, latest: bool = True, steps: object = None) -> Curve:
    numbers = np.asarray(values, np.float64)
    places = np.arange(len(numbers)) if steps is None else np.asarray(steps, np.float64)
    return Curve(name, "In [1]", np.stack([places, numbers, places]), latest)


def paths(picture: str) -> list[str]:
    """The curves' lines, not those of axes and ticks."""
    found = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}path")
    return [node.get("d", "") for node in found if node.get("stroke-linejoin")]


# The chart


def test_no_curve_is_said():
    picture, label = draw_curves([])
    assert label == "No curves yet" and paths(picture) == []
    ElementTree.fromstring(picture)


def test_a_curve_that_is_not_there_is_named_beside_those_that_are():
    curves.log(1, here=1.0)
    widget = LiveCurves(["nope", "nor"])
    assert widget.text == "No curve named 'nope' or 'nor' yet" and "here" in widget.value
    curves.log(2, nope=1.0)
    assert widget.draw() and widget.text == "nope 1 at step 2"
    widget.close()


def test_each_name_has_a_chart_and_its_latest_value():
    picture, label = draw_curves([curve("loss", [3.0, 2.0, 1.0]), curve("accuracy", [0.1, 0.5])])
    assert label == "loss 1 at step 2; accuracy 0.5 at step 1"
    assert len(paths(picture)) == 2
    first = paths(picture)[0]
    heights = [float(part.split()[1]) for part in first.replace("M", "L").split("L")[1:]]
    assert heights == sorted(heights) and heights[0] < heights[-1]  # it falls: further down the page


def test_ticks_that_lie_close_together_say_how_much_they_are_above_the_first():
    steps = np.arange(100.0)
    marks = {}
    for name, values in (("big", 1e9 + steps), ("small", steps / 100)):
        drawn, _ = draw_curves([Curve(name, "", np.array([steps, values, steps]), True)])
        marks[name] = re.findall(r'text-anchor="end">([^<]*)</text>', drawn)
    assert marks["big"][1:] == ["1e+09", "+25", "+50", "+75", "+100"]
    assert marks["small"][1:] == ["0", "0.25", "0.5", "0.75", "1"]


def test_earlier_runs_are_faint_and_below():
    picture, label = draw_curves([curve("loss", [1.0, 2.0]), curve("loss", [5.0, 4.0], latest=False)])
    lines = [n for n in ElementTree.fromstring(picture).iter() if n.get("stroke-linejoin")]
    assert [line.get("stroke-opacity") for line in lines] == [".25", None]
    assert label == "loss 2 at step 1"


@pytest.mark.parametrize(
    ("values", "label", "lines"),
    [
        ([], "x no points yet", 0),
        ([7.0], "x 7 at step 0", 0),
        ([1.0, np.nan], "x NaN at step 1, 1 not finite", 1),
        ([np.nan, np.inf, -np.inf], "x \u2212\u221e at step 2, 3 not finite", 0),
        ([2.0, 2.0], "x 2 at step 1", 1),
        ([-1e308, 1e308, 1.0, 2.0], "x 2 at step 3, 2 not finite", 1),
        ([0.0, 5e-324], "x 4.941e\u2212324 at step 1", 1),
    ],
)
def test_whatever_a_curve_is_of_is_drawn(values, label, lines):
    picture, found = draw_curves([curve("x", values)])
    assert found == label
    ElementTree.fromstring(picture)
    drawn = [path for path in paths(picture) if path]
    assert len(drawn) == lines and not any("nan" in path or "inf" in path for path in drawn)


def test_gaps_stay_gaps():
    values = np.ones(1000)
    values[400:600] = np.nan
    picture, _ = draw_curves([curve("x", values)])
    assert [path.count("M") for path in paths(picture)] == [2, 2]


def test_names_are_text():
    name = "<script>alert('x')</script> & \U0001f600 [0]"
    picture, label = draw_curves([curve(name, [1.0, 2.0])])
    assert "<script" not in picture and label.startswith(name)
    ElementTree.fromstring(picture)


def test_very_many_curves_and_points_stay_small():
    rng = np.random.RandomState(0)
    many = [curve(f"c{k}", rng.randn(1 << 16)) for k in range(MOST_CHARTS)]
    picture, _ = draw_curves([*many, curve("more", [1.0])])
    assert len(picture) < 400_000 and "1 more curves are not shown." in picture


def test_thinning_keeps_extremes_and_order():
    rng = np.random.RandomState(1)
    xs, ys = np.linspace(0, 100, 10_000), rng.randn(10_000)
    few, kept = thin(xs, ys)
    assert len(few) < 1000 and kept.min() == ys.min() and kept.max() == ys.max()
    assert (np.diff(few) >= 0).all() and (few[0], few[-1]) == (0, 100)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 7, [-2, 0, 2, 4, 6]), (5, 5, []), (0, np.inf, []), (np.nan, 1, [])],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high, 5) == pytest.approx(expected)


def test_whole_steps_have_whole_marks():
    picture, _ = draw_curves([curve("x", [1.0, 2.0], steps=[5, 6])])
    assert ">5<" in picture and ">6<" in picture and "5.5" not in picture


# The widget, without a kernel


@pytest.fixture
def live(monkeypatch):
    """The module, with curves of its own."""
    from graphlab_nb.notebook import live

    fresh = curves.Curves()
    monkeypatch.setattr(live, "CURVES", fresh)
    monkeypatch.setattr(curves, "CURVES", fresh)
    yield live
    for widget in list(live.PACE.open):
        widget.close()


@pytest.mark.parametrize("bad", [{"series": [1]}, {"series": 5}, {"height": "tall"}, {"height": True}, {"bogus": 1}])
def test_what_is_no_name_or_height_is_refused(live, bad):
    with pytest.raises(
        TypeError,
        match=r"names of curves|a curve's name, or a list of names, not 5|number of pixels|no argument 'bogus'",
    ):
        live.LiveCurves(**bad)


@pytest.mark.parametrize("height", [0, -5, 1e9, float("nan")])
def test_a_height_must_hold_something(live, height):
    with pytest.raises(ValueError, match="from 80 to"):
        live.LiveCurves(height=height)


def test_it_draws_its_curves_in_the_order_asked_for(live):
    curves.log(1, accuracy=0.5, loss=2.0, other=3.0)
    assert live.LiveCurves(["loss", "accuracy", "missing"]).text == "loss 2 at step 1; accuracy 0.5 at step 1"
    assert live.LiveCurves("other").text == "other 3 at step 1"
    everything = live.LiveCurves()
    assert everything.text == "accuracy 0.5 at step 1; loss 2 at step 1; other 3 at step 1"
    assert not everything.draw()
    curves.log(2, loss=1.0)
    assert everything.draw() and "loss 1 at step 2" in everything.text


def test_the_latest_run_is_drawn_with_some_before_it(live):
    for run in range(1, 9):
        live.CURVES.run = run
        curves.log(1, loss=float(run))
        curves.log(2, loss=float(run))
    curves.log(1, new=1.0)
    widget = live.LiveCurves()
    assert widget.text == "loss 8 at step 2; new 1 at step 1"
    assert widget.value.count('stroke-opacity=".25"') == live.EARLIER
    assert "run 8; earlier runs faint" in widget.value


def test_what_was_shown_stays_while_another_run_has_other_curves(live):
    widget = live.LiveCurves()
    for name, run in (("accuracy", 1), ("loss", 2), ("loss", 3)):
        live.CURVES.run = run
        for step in range(2):
            curves.log(step, **{name: step + run})
        widget.draw()
    assert widget.text == "accuracy 2 at step 1; loss 4 at step 1"
    assert live.LiveCurves().text == "loss 4 at step 1"


def test_a_single_point_of_a_later_run_does_not_hide_a_training(live):
    curves.CURVES.begin_run()
    for step in range(3):
        curves.CURVES.get("loss", "loss").add(step, 1.0 - step / 10)
    curves.CURVES.begin_run()
    curves.CURVES.get("accuracy", "log").add(0, 0.9)
    widget = live.LiveCurves()
    assert [s.name for s in widget._found()] == ["loss", "accuracy"]


def test_its_bundle_has_the_widget_and_the_picture(live):
    widget = live.LiveCurves()
    bundle = widget._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/html", "text/plain", VIEW}
    assert bundle["image/svg+xml"] == widget.value and bundle["text/plain"] == "LiveCurves: No curves yet"
    widget.close()
    assert VIEW not in widget._still()


def test_a_picture_that_fails_does_not_end_a_training(live, monkeypatch):
    widget = live.LiveCurves()
    live.PACE.add(widget)
    monkeypatch.setattr(widget, "draw", lambda: 1 / 0)
    live.PACE.before(None, None, None)
    live.PACE._ends(None)


def test_few_are_drawn_at_a_time_and_none_costs_nothing(live):
    widgets = [live.LiveCurves() for _ in range(showing.MOST_OPEN + 3)]
    for widget in widgets:
        live.PACE.add(widget)
    assert live.PACE.open == widgets[3:] and live.PACE in showing.hooks.WATCHERS
    for widget in widgets:
        widget.close()
    assert not live.PACE.open and live.PACE not in showing.hooks.WATCHERS


def test_drawing_takes_a_small_part_of_the_time(live, monkeypatch):
    widget = live.LiveCurves()
    live.PACE.add(widget)
    drawn = []
    monkeypatch.setattr(widget, "draw", lambda: drawn.append(time.sleep(0.05)))
    live.PACE._due = 0.0
    began = time.perf_counter()
    while time.perf_counter() - began < 1:
        live.PACE.before(None, None, None)
    assert len(drawn) == 1  # 0.05 s of 2.5


# In a kernel


@pytest.fixture(scope="module")
def panel():
    with kernel() as found:
        found.run("import graphlab_nb as tf")
        yield found


def told(panel: Panel, code: str, cell: str) -> list[tuple[str, dict]]:
    """What a cell sends that has to do with outputs and widgets."""
    message = panel.client.session.msg(
        "execute_request",
        {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False},
        metadata={"cellId": cell},
    )
    panel.client.shell_channel.send(message)
    found = []
    while True:
        got = panel.client.get_iopub_msg(timeout=60)
        kind, content = got["msg_type"], got["content"]
        assert kind != "error", content
        if kind in ("display_data", "update_display_data", "execute_result", "comm_msg", "comm_open", "stream"):
            found.append((kind, content))
        mine = got["parent_header"].get("msg_id") == message["header"]["msg_id"]
        if kind == "status" and content["execution_state"] == "idle" and mine:
            return found


def bundles(messages: list[tuple[str, dict]]) -> list[tuple[str, dict]]:
    return [(kind, content["data"]) for kind, content in messages if kind in ("display_data", "update_display_data")]


def values(messages: list[tuple[str, dict]]) -> list[str]:
    return [
        c["data"]["state"]["value"] for k, c in messages if k == "comm_msg" and "value" in c["data"].get("state", {})
    ]


def test_curves_are_live_while_a_cell_runs_and_still_afterwards(panel):
    shown = told(panel, "curves = tf.notebook.LiveCurves()\ncurves", "show")
    (_, first), (kind, second) = bundles(shown)
    assert VIEW in first and kind == "update_display_data" and VIEW not in second
    assert second["text/plain"] == "LiveCurves: No curves yet"

    began = time.monotonic()
    messages = told(panel, LOOP.format(steps=900, sleep=0.002), "train")
    took = time.monotonic() - began
    moving, still = bundles(messages)
    assert VIEW in moving[1] and VIEW not in still[1]
    assert 2 <= len(values(messages)) <= 4 * took + 2
    # No panel was ever open, and no run fetched the loss.
    assert still[1]["text/plain"].startswith("LiveCurves: loss ") and "at step" in still[1]["text/plain"]
    ElementTree.fromstring(still[1]["image/svg+xml"])
    assert not [c for k, c in messages if k == "comm_msg" and c["data"].get("type") == "tick"]


def test_cells_that_train_nothing_leave_it_alone(panel):
    assert bundles(told(panel, "1 + 1", "other")) == []


def test_a_short_training_is_drawn_at_its_end(panel):
    messages = told(panel, "tf.notebook.log(7, quick=1.5)", "quick")
    (text,) = [data["text/plain"] for _, data in bundles(messages)]
    assert text.startswith("LiveCurves: loss ") and text.endswith("; quick 1.5 at step 7")


def test_it_moves_while_a_cell_only_logs(panel):
    code = "import time\nfor k in range(100):\n    tf.notebook.log(k, logged=1.0 / (k + 1))\n    time.sleep(0.015)"
    began = time.monotonic()
    messages = told(panel, code, "log")
    took = time.monotonic() - began
    assert 2 <= len(values(messages)) <= 4 * took + 2
    moving, still = bundles(messages)
    assert VIEW in moving[1] and VIEW not in still[1] and still[1]["text/plain"].endswith("logged 0.01 at step 99")


def test_running_its_cell_again_ends_the_one_it_showed(panel):
    told(panel, "curves = tf.notebook.LiveCurves()\ncurves", "show")
    (_, content) = told(panel, "from graphlab_nb.notebook.live import PACE\nprint(len(PACE.open))", "ask")[-1]
    assert content["text"] == "1\n"
    told(panel, "pass", "show")
    messages = told(
        panel,
        "from graphlab_nb.notebook import bridge\nfrom graphlab_nb.session.hooks import WATCHERS\n"
        "sess.run(step, {x: data})\nbridge.BRIDGE._forget_the_gone()\nprint(len(PACE.open), bridge.BRIDGE.viewers, WATCHERS)",
        "ask",
    )
    assert [c["text"] for k, c in messages if k == "stream"] == ["0 set() []\n"]


def test_closing_it_leaves_its_picture(panel):
    told(panel, "curves = tf.notebook.LiveCurves()\ncurves", "show")
    messages = told(panel, "tf.notebook.log(1, last=2.0)\ncurves._update(None)\ncurves.close()", "close")
    moving, still = bundles(messages)
    assert VIEW in moving[1] and VIEW not in still[1] and "last 2 at step 1" in still[1]["text/plain"]
    assert bundles(told(panel, "tf.notebook.log(2, last=3.0)", "later")) == []
    ((kind, again),) = bundles(told(panel, "curves", "later"))
    assert kind == "display_data" and VIEW not in again and "last 2 at step 1" in again["text/plain"]


SAMPLE = """
import threading
from graphlab_nb.notebook import bridge
texts = []
def sample():
    while bridge.BRIDGE.steering.state != "paused":
        time.sleep(0.02)
    while bridge.BRIDGE.steering.state == "paused":
        texts.append(curves.text)
        time.sleep(0.05)
threading.Thread(target=sample).start()
"""


def test_what_a_pause_holds_is_drawn_up_to_the_last_step(panel):
    told(panel, "curves = tf.notebook.LiveCurves('loss')\ncurves", "show")
    panel.hello()
    panel.ticks.clear()
    cell = panel.execute(SAMPLE + LOOP.format(steps=100000, sleep=0.02), "held")
    panel.until(lambda: panel.ticks and panel.state()["state"] == "running" and panel.state()["steps"] > 20)
    panel.ask("pause")
    panel.until(lambda: panel.state()["state"] == "paused")
    panel.read(2.0)
    last = panel.state()["steps"] - 1
    panel.ask("stop")
    panel.until(lambda: cell in panel.idle)
    assert panel.errors.pop() == "TrainingStopped"
    panel.run(f"assert texts[-1].endswith('at step {last}'), texts[-1]")


# Smoothing


@pytest.mark.parametrize("period", [3.0, 5.0, 7.3])
def test_a_smoothed_period_is_as_level_at_both_ends_as_in_the_middle(period):
    smooth = _smoothed(np.sin(2 * np.pi * np.arange(1000) / period + 0.9))
    assert np.abs(smooth).max() < 0.45
    assert np.abs(smooth[100:-100]).max() < 0.2


def test_smoothed_noise_is_calm_at_both_ends():
    random = np.random.default_rng(0)
    ends = np.array([_smoothed(random.normal(size=1000))[[0, -1]] for _ in range(200)])
    assert ends.std() < 0.6


def test_a_curve_that_only_bends_keeps_both_its_ends():
    decay = 2.3 * np.exp(-np.arange(1000) / 12) + 0.1
    smooth = _smoothed(decay)
    assert smooth[0] == pytest.approx(decay[0]) and smooth[-1] == pytest.approx(decay[-1])
    rise = _smoothed(np.arange(500.0) ** 2)
    assert rise[0] == 0 and rise[-1] == 499.0**2


def test_gaps_stay_and_hinder_no_end():
    values = np.sin(np.arange(1000.0) * 2.1)
    values[:3] = values[500:520] = values[-1] = np.nan
    smooth = _smoothed(values)
    assert np.array_equal(np.isnan(smooth), np.isnan(values))
    assert np.nanmax(np.abs(smooth)) < 0.5
    assert np.isnan(_smoothed(np.full(60, np.nan))).all()
