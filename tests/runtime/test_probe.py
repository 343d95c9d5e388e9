"""The probe finds what works, names what does not, and outlives what crashes."""

from __future__ import annotations

import json
import sys
import time

import pytest

from graphlab_nb.runtime import device, icd, kernels, probe
from graphlab_nb.runtime.binaries import write_atomically

WORKER = """
import json, os, sys, time
request = json.loads(sys.stdin.read())
def say(**answer): print(json.dumps(answer), flush=True)
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of the test's own."""
    device.discover()  # the platforms are queried before the environment changes
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def real() -> str:
    """The identity of a device that works on this machine."""
    return next(report.identity for report in device.discover().reports if report.role)


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """Replaces the worker by a script of the test's own."""

    def replace(code: str) -> None:
        path = tmp_path / "worker.py"
        path.write_text(WORKER + code)
        monkeypatch.setattr(probe, "WORKER", path)

    return replace


def use_source(monkeypatch, old: str, new: str) -> None:
    """Probes with kernels in which one text is replaced by another."""
    source = kernels.kernel_source("probe.cl")
    assert old in source
    monkeypatch.setattr(probe, "kernel_source", lambda name: source.replace(old, new))


def test_a_real_device_passes(real):
    assert probe.verdicts([real]) == {real: probe.Verdict(None)}


@pytest.mark.parametrize(
    ("old", "new", "kernel"),
    [
        ("vload8(i, b), x), i", "vload8(i, b), -x), i", "probe_float"),
        ("exp(x)", "exp(x) * 1.0001f", "probe_float"),
        ("sums[l] += left", "sums[l] -= left", "probe_group"),
        ("1000003UL", "1000033UL", "probe_long"),
    ],
)
def test_wrong_numbers_are_found(real, monkeypatch, old, new, kernel):
    use_source(monkeypatch, old, new)
    verdict = probe.verdicts([real])[real]
    assert not verdict.works
    assert verdict.problem.startswith(f"{kernel} gave ") and "at element" in verdict.problem


@pytest.mark.parametrize(("old", "new"), [("a[i] / 3.0", "a[i] / 3.1"), ("exp(a[i])", "no_such_function(a[i])")])
def test_a_wrong_optional_type_costs_only_that_type(real, monkeypatch, old, new):
    report = next(report for report in device.discover().reports if report.identity == real)
    claims = "cl_khr_fp64" in report.cl_device.extensions.split()
    use_source(monkeypatch, old, new)
    verdict = probe.verdicts([real])[real]
    assert verdict.works and ("float64" in verdict.lacks) == claims


def test_a_runtime_that_cannot_build_says_what_its_compiler_said(real, monkeypatch):
    use_source(monkeypatch, "__kernel void probe_float", "#error compiler is broken\n__kernel void probe_float")
    verdict = probe.verdicts([real])[real]
    assert "does not build" in verdict.problem and "compiler is broken" in verdict.problem


def test_a_crash_leaves_this_process_alive_and_the_others_probed(worker):
    worker(
        """
say(platforms=1)
for identity in request["devices"]:
    say(start=identity)
    if identity == "bad":
        print("LLVM ERROR: unknown processor", file=sys.stderr, flush=True)
        os.abort()
    say(done=identity, problem=None, lacks=[])
"""
    )
    found = probe.verdicts(["first", "bad", "last"])
    assert [identity for identity, verdict in found.items() if verdict.works] == ["first", "last"]
    assert found["bad"].problem.startswith("the probe crashed") and "unknown processor" in found["bad"].problem


def test_a_crash_while_platforms_are_listed_is_told(worker):
    worker("os.abort()")
    assert "while it listed the platforms" in probe.verdicts(["any"])["any"].problem


def test_a_hanging_runtime_is_given_up(worker, monkeypatch):
    worker('say(platforms=1); say(start="slow"); time.sleep(60)')
    monkeypatch.setattr(probe, "TIME_LIMIT", 0.5)
    assert "took longer" in probe.verdicts(["slow"])["slow"].problem


def test_a_device_that_a_fresh_process_does_not_list_fails(worker):
    worker("say(platforms=1)")
    assert "missing in a fresh process" in probe.verdicts(["gone"])["gone"].problem


def test_an_answer_cut_off_in_the_middle_is_no_answer(worker):
    worker(
        """say(platforms=1); say(start="a"); sys.stdout.write('{"done": "a", "prob'); sys.stdout.flush(); os.abort()"""
    )
    assert probe.verdicts(["a"])["a"].problem.startswith("the probe crashed")


def test_where_no_child_can_be_started_the_probe_runs_here(real, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert probe.verdicts([real])[real] == probe.Verdict(None)
    use_source(monkeypatch, "1000003UL", "1000033UL")
    assert "probe_long" in probe.verdicts([real])[real].problem


def test_what_a_driver_prints_does_not_disturb_the_answers(tmp_path, monkeypatch):
    (tmp_path / "pyopencl.py").write_text(
        "import os\nos.write(1, b'{\"platforms\": 99}\\n')\nclass LogicError(Exception): pass\n"
        "def get_platforms(): raise LogicError\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    answers, _, crashed = probe.run_worker(["any"])
    assert answers == [{"platforms": 0}] and not crashed


@pytest.mark.parametrize("verdict", [probe.Verdict(None, ("float64",)), probe.Verdict("it fails")])
def test_a_verdict_is_kept(verdict, monkeypatch):
    probe.store("some", verdict)
    assert probe.load("some") == probe.Verdict(verdict.problem, verdict.lacks, cached=True)
    monkeypatch.setattr(probe, "run_worker", None)  # a call of it would fail
    assert probe.verdicts(["some"])["some"].cached


def test_a_good_verdict_never_ages_and_a_bad_one_does(monkeypatch):
    probe.store("good", probe.Verdict(None))
    probe.store("bad", probe.Verdict("it fails"))
    now = time.time()
    monkeypatch.setattr(probe.time, "time", lambda: now + probe.FAILURE_TRUST + 1)
    assert probe.load("good") is not None and probe.load("bad") is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"problem": 3, "lacks": []}', '{"problem": null}', "\x00"])
def test_a_damaged_verdict_is_ignored(damage):
    probe.store("some", probe.Verdict(None))
    probe.cache_file("some").write_text(damage)
    assert probe.load("some") is None


def test_a_verdict_on_another_device_is_not_taken():
    probe.store("some", probe.Verdict(None))
    path = probe.cache_file("some")
    path.write_text(json.dumps({**json.loads(path.read_text()), "identity": "other"}))
    assert probe.load("some") is None


def test_another_driver_library_or_probe_is_probed_anew(monkeypatch):
    places = {probe.cache_file("driver 1"), probe.cache_file("driver 2")}
    monkeypatch.setattr(icd, "fingerprint", lambda: [["libnew.so", 1, 2]])
    places.add(probe.cache_file("driver 1"))
    monkeypatch.setattr(probe, "kernel_source", lambda name: "another probe")
    places.add(probe.cache_file("driver 1"))
    assert len(places) == 4


@pytest.mark.parametrize(("setting", "fresh"), [("always", False), ("cached", True)])
def test_a_bad_verdict_is_asked_again_when_wished(worker, monkeypatch, setting, fresh):
    probe.store("some", probe.Verdict("it fails"))
    monkeypatch.setenv("GLNB_PROBE", setting)
    worker('say(platforms=1); say(start="some"); say(done="some", problem=None, lacks=[])')
    assert probe.verdicts(["some"], fresh)["some"] == probe.Verdict(None)
    assert probe.load("some").works


def test_always_probing_asks_again_about_good_ones_too(worker, monkeypatch):
    probe.store("some", probe.Verdict(None))
    monkeypatch.setenv("GLNB_PROBE", "always")
    worker('say(platforms=1); say(start="some"); say(done="some", problem="now it fails", lacks=[])')
    assert probe.verdicts(["some"])["some"].problem == "now it fails"


def test_without_a_cache_the_probe_still_works(tmp_path, monkeypatch, worker):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "file" / "cache"))
    worker('say(platforms=1); say(start="some"); say(done="some", problem=None, lacks=[])')
    assert probe.verdicts(["some"])["some"] == probe.Verdict(None)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "kept.json"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
