"""Curves on the kernel's side: every point kept, and thinned without losing extremes."""

from __future__ import annotations

import time

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook import curves
from graphlab_nb.notebook.curves import CURVES, MOST_POINTS, Series, log, thinned, watch
from graphlab_nb.notebook.looking import Looker
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.steering import Steering
from graphlab_nb.notebook.telling import Teller


@pytest.fixture(autouse=True)
def own_run():
    CURVES.run += 1
    yield
    CURVES.watched.clear()


def kept(name, kind="log"):
    return CURVES.get(name, kind).points()[1]


def test_points_keep_full_precision_and_order():
    series = Series("1", "loss", "loss", 1, began=100.0)
    for k in range(1000):
        series.add(k, 1 / (k + 1), when=100.0 + k)
    _, points = series.points()
    assert points.shape == (3, 1000) and (series.count, series.length, series.version) == (1000, 1000, 0)
    assert points[1, 999] == 1 / 1000 and points[2, 999] == 999
    assert series.points(998)[1].tolist() == [[998, 999], [1 / 999, 1 / 1000], [998, 999]]


def test_each_how_many_th_step_has_a_point_is_told_of_the_whole_curve():
    losses, mine = (Series("1", kind, kind, 1, began=0.0) for kind in ("loss", "log"))
    for step, every in ((3, 1), (13, 10), (23, 10), (24, 7), (25, 6)):
        losses.add(step, 1.0)
        mine.add(step, 1.0)
        assert losses.every == every and mine.every == 1


def test_whole_numbers_of_any_size_are_steps():
    log(10**30, whole=10**20)
    assert kept("whole")[:2].tolist() == [[1e30], [1e20]]


def test_thinning_keeps_extremes_ends_and_nan():
    values = np.random.RandomState(0).randn(1001)
    values[333], values[334], values[77] = 100, -100, np.nan
    values[500:504] = np.nan
    found = thinned(values)
    assert 0.5 <= len(found) / len(values) <= 0.52
    assert {0, 333, 334, 77, 1000} <= set(found.tolist())
    assert (np.diff(found) > 0).all()
    flat = thinned(np.zeros(64))
    assert 32 <= len(flat) <= 34


def test_memory_is_bounded_and_says_so():
    series = Series("1", "loss", "loss", 1, began=0.0)
    for k in range(MOST_POINTS + 10):
        series.add(k, 1e9 if k == 12345 else np.sin(k), when=k)
    assert series.length < MOST_POINTS and series.count == MOST_POINTS + 10 and series.version == 1
    _, points = series.points()
    assert points[1].max() == 1e9 and points[0, 0] == 0 and points[0, -1] == MOST_POINTS + 9


def test_what_is_sent_is_whole_though_the_curve_is_thinned_as_it_is_read(monkeypatch):
    series = Series("1", "loss", "loss", 1, began=0.0)
    for k in range(MOST_POINTS - 1):
        series.add(k, np.sin(k), when=k)
    teller, points, shown = Teller({}, Steering(), Looker(Steering())), series.points, {}

    def take():
        chunk = teller._new_points(series, parcel := Parcel())
        steps = np.frombuffer(parcel.buffers[chunk["steps"]["buffer"]])
        known = shown.get(chunk["version"], np.empty(0))
        assert chunk["first"] <= len(known)
        shown[chunk["version"]] = np.concatenate([known[: chunk["first"]], steps])

    def thinned_before(*args):
        series.add(MOST_POINTS, 0.0)
        return points(*args)

    take()
    series.add(MOST_POINTS - 1, 0.0)
    monkeypatch.setattr(series, "points", thinned_before)
    take()
    monkeypatch.undo()
    series.add(MOST_POINTS + 1, 0.0)
    take()
    assert series.version == max(shown) == 1 and shown[1].tolist() == points()[1][0].tolist()


def test_log_takes_numbers_of_all_makes():
    log(3, a=1, **{"b/c": np.float32(2.5)}, d=np.array([[4.0]]), e=True)
    assert kept("a")[:2].tolist() == [[3], [1]] and kept("b/c")[1].tolist() == [2.5]
    assert kept("d")[1].tolist() == [4] and kept("e")[1].tolist() == [1]
    log(a=7)
    log(a=8)
    assert kept("a")[:2].tolist() == [[3, 4, 5], [1, 7, 8]]
    log(9, nothing=np.nan)
    assert np.isnan(kept("nothing")[1]).all()


@pytest.mark.parametrize("bad", ["x", None, [1, 2], np.zeros(3), object(), tf])
def test_log_refuses_what_is_no_number_and_keeps_nothing_of_it(bad):
    with pytest.raises(TypeError, match="second must be a number"):
        log(1, first=1, second=bad)
    assert CURVES.get("first", "log").length == 0
    with pytest.raises(TypeError, match="step must be a number"):
        log("x", first=1)
    for step in (np.nan, np.inf):
        with pytest.raises(ValueError, match="step must be a finite number"):
            log(step, first=1)
    assert CURVES.get("first", "log").length == 0


def test_log_takes_the_step_by_its_name_too_and_refuses_a_call_without_a_number():
    for k in range(3):
        log(step=10 * k, accuracy=k / 4)
    steps, values = CURVES.get("accuracy", "log").points(0)[1][:2]
    assert list(steps) == [0, 10, 20] and list(values) == [0, 0.25, 0.5]
    before = dict(CURVES.series)
    for call in (lambda: log(), lambda: log(0.5), lambda: log(step=3)):
        with pytest.raises(ValueError, match="log takes at least one number by its curve's name"):
            call()
    assert CURVES.series == before


@pytest.mark.parametrize("name", ["", " ", "\ud800", "half \ud83d"])
def test_names_that_cannot_be_shown_are_refused(name):
    x = tf.placeholder(tf.float32, [])
    for call in (lambda: log(1, fine=1, **{name: 1}), lambda: watch(x, name)):
        with pytest.raises(ValueError, match="A curve's name must"):
            call()
    assert CURVES.get("fine", "log").length == 0 and x not in CURVES.watched
    with pytest.raises(TypeError, match="must be a string, not 5"):
        watch(x, 5)


def test_numbers_beyond_float64_are_refused():
    with pytest.raises(ValueError, match="accuracy is too large for a curve"):
        log(1, accuracy=10**5000)


def test_watch_takes_scalars_only():
    x = tf.placeholder(tf.float32, [3])
    with pytest.raises(ValueError, match="watch takes a scalar"):
        watch(x)
    with pytest.raises(ValueError, match="is string"):
        watch(tf.constant("a"))
    before = tf.get_default_graph().version
    for bad in (3, "loss", None):
        with pytest.raises(TypeError, match="watch takes a tensor of a graph"):
            watch(bad)
    assert tf.get_default_graph().version == before
    mean = tf.reduce_mean(x, name="the_mean")
    assert watch(mean) is mean
    assert CURVES.watched[mean] == "the_mean"
    assert watch(mean, "other") is mean and CURVES.watched[mean] == "other"


def test_each_run_has_curves_of_its_own():
    log(1, a=1)
    CURVES.run += 1
    log(1, a=2)
    assert kept("a")[1].tolist() == [2]
    runs = [s.run for s in CURVES.series.values() if s.name == "a"]
    assert CURVES.run in runs and CURVES.run - 1 in runs and CURVES.run in curves.CURVES.runs


def test_the_oldest_runs_make_room():
    first = CURVES.run
    log(1, a=1)
    for _ in range(curves.MOST_RUNS):
        CURVES.run += 1
        log(1, a=1)
    assert len(CURVES.runs) == curves.MOST_RUNS
    assert first not in CURVES.runs and all(s.run != first for s in CURVES.series.values())


def test_seconds_count_from_the_beginning_of_the_cell():
    before = time.perf_counter()
    CURVES.begin_run()
    time.sleep(0.05)
    looked = time.perf_counter()
    time.sleep(0.05)
    CURVES.get("late", "log").add(0, 1.0, looked)
    CURVES.get("other", "log").add(0, 1.0)
    late, other = (CURVES.get(name, "log").points()[1][2, 0] for name in ("late", "other"))
    assert 0.05 <= late <= looked - before
    assert other >= late + 0.05
    CURVES.begin_run()
