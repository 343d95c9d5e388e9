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
    command = [sys.executable, str(HERE / "panel_cost.py"), "--slices", "9"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    for work in ("softmax", "deep"):
        assert re.search(rf"^{work}: \d+ steps/s closed, \d+ open: -?[\d.]+ % slower", done.stdout, flags=re.M), (
            done.stdout
        )
    assert re.search(r"^closed: \d+ ns a run$", done.stdout, flags=re.M)
