"""That the benchmarks stay runnable: each worker in short form, and what becomes of figures. No time is asserted."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORKS = sorted(path.name for path in HERE.glob("work_*.py"))


def run(*command: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("work", WORKS)
def test_each_work_runs(work):
    answer = json.loads(run(str(HERE / work), "graphlab_nb", "--short").splitlines()[-1])
    assert answer["figures"] and not answer["problems"]
    assert answer["device"]["platform"]
    for labels in answer["figures"].values():
        assert labels["graphlab_nb"]["min"] <= labels["graphlab_nb"]["median"]


def test_the_short_form_goes_without_peers(tmp_path):
    before = {path.name for path in HERE.iterdir()}
    printed = run(str(HERE / "run.py"), "--short", "--envs", str(tmp_path), "constant")
    assert "without tensorflow, torch" in printed and "| run |" in printed
    assert {path.name for path in HERE.iterdir()} - {"__pycache__"} == before - {"__pycache__"}


def entry(seconds: float) -> dict:
    return {
        "title": "Run of a constant",
        "figures": {
            "run": {
                "graphlab_nb": {"min": seconds, "median": 2 * seconds},
                "tensorflow": {"min": 8.0, "median": 8.0},
            }
        },
        "units": {},
        "problems": {},
        "versions": {"graphlab_nb": {"numpy": "2"}},
        "device": {"name": "d", "platform": "Intel", "driver": "1"},
        "rounds": 5,
        "date": "2000-01-01",
        "load": [0.0, 0.1],
        "machine": {"cores": "2"},
        "commit": "abc",
    }


def test_running_one_work_leaves_the_others_results(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import report

    monkeypatch.setattr(report, "STORE", tmp_path / "results.json")
    monkeypatch.setattr(report, "PAGE", tmp_path / "results.md")
    report.keep("Intel", "constant", entry(4.0))
    report.keep("Portable", "constant", entry(0.5))
    report.keep("Intel", "constant", entry(1.0) | {"profiles": {"run": "2 ms in matmul"}})
    assert sorted(report.load()) == ["Intel", "Portable"]
    page = (tmp_path / "results.md").read_text()
    assert "| run of a constant | 7.00x | 10.00x | 8.00x | 4.00x | yes |" in page
    assert "| run of a constant | 7.00x | 10.00x | 16.00x | 8.00x | aim |" in page
    assert page.count("not measured") == 2 * (len(report.ROWS) - 1)
    assert "steps, with what times them):\n\n```\n2 ms in matmul\n```" in page
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["results.json", "results.md"]


def test_a_timer_keeps_the_profile_of_what_it_timed(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import common

    import graphlab_nb as tf

    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.random_normal([10])
        told = []
        common.Timer(seconds=0.01, block=1e-4, profiles=told)(lambda: sess.run(x.op))
    (profile,) = told
    assert "RandomNormal" in profile or "random" in profile


@pytest.mark.parametrize(
    ("arguments", "message"), [(["nothing"], "no work 'nothing'"), (["--rounds", "0"], "1 or more")]
)
def test_wrong_arguments_are_refused(arguments, message):
    done = subprocess.run([sys.executable, str(HERE / "run.py"), *arguments], capture_output=True, text=True)
    assert done.returncode == 2 and message in done.stderr


def test_the_panels_cost_is_measured():
    command = [sys.executable, str(HERE / "panel_cost.py"), "--blocks", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    for work in ("softmax", "softmax, curves alone", "deep"):
        assert re.search(rf"^{work}: \d+ steps/s closed, \d+ open: -?[\d.]+ % slower", done.stdout, flags=re.M), (
            done.stdout
        )
    assert re.search(r"^closed: \d+ ns a run$", done.stdout, flags=re.M)


def test_the_model_of_a_clusters_growth_is_drawn(tmp_path):
    printed = run(str(HERE / "cluster_model.py"), str(tmp_path))
    assert (tmp_path / "cluster_model.png").read_bytes()[:4] == b"\x89PNG"
    rows = re.findall(r"^\| (softmax|deep) \| ([^|]+) \| [\d.]+ \|", printed, flags=re.M)
    assert len(set(rows)) == 6
    page = (HERE / "cluster_model.md").read_text()
    assert all(line in page for line in printed.splitlines() if line.startswith("|"))


def test_the_model_knows_where_the_parameter_task_is_the_limit(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import cluster_model as model

    network = model.Network(busy=1e-3, one_way=2e-3, rate=1e8)
    training = model.Training("", compute=0.1, size=1e6)
    assert model.ring(training, network, 1) == training.compute
    assert model.ring(training, network, 2) == pytest.approx(0.1 + 2 * (2e-3 + 0.5e6 / 1e8))
    assert model.sharded(training, network, 8, 2) == pytest.approx(0.1 + 4e-3 + 16 * (1e-3 + 0.5e6 / 1e8))
    limit = training.compute / (2 * (network.busy + training.size / network.rate))
    one = [model.speed(model.one_parameter_task, training, network, n) for n in model.WORKERS]
    many = [model.speed(model.best_sharded, training, network, n) for n in model.WORKERS]
    assert one == sorted(one) and 0.9 * limit < one[-1] < limit < many[-1]
    assert all(few <= more for few, more in zip(one, many, strict=True))


def test_workers_that_keep_their_digits_train_as_one_that_is_fed(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import cluster_nets as nets

    import graphlab_nb as tf

    program = nets.kept("kept", nets.SOFTMAX, ["/cpu:0", "/cpu:0"], "/cpu:0")
    with tf.Session(graph=program.graph) as sess:
        with program.graph.as_default():
            sess.run(tf.initialize_all_variables())
        sess.run(program.fill, program.filling)
        sess.run_many(program.step, 3)
        trained = sess.run(list(program.variables))
    assert program.filling is not None
    images, labels = program.filling.values()
    fed = nets.fed("fed", nets.SOFTMAX, "/cpu:0", 1)
    x, truth = fed.feeds[0]
    with tf.Session(graph=fed.graph) as sess:
        with fed.graph.as_default():
            sess.run(tf.initialize_all_variables())
        for k in range(3):
            sess.run(fed.step, {x: images[100 * k : 100 * k + 100], truth: labels[100 * k : 100 * k + 100]})
        for one, other in zip(sess.run(list(fed.variables)), trained, strict=True):
            assert abs(one - other).max() < 1e-5
