"""A runtime that crashes when it is loaded is left out, and the others stay."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from graphlab_nb.runtime import icd, loading, probe, vendors

WORKER = """
import json, os, sys
vendors = os.environ["OCL_ICD_VENDORS"]
files = [os.path.join(vendors, name) for name in os.listdir(vendors)] if os.path.isdir(vendors) else [vendors]
with open(os.environ["WORKER_LOG"], "a") as log:
    log.write("x")
if any("crash" in open(path).read() for path in files):
    os.abort()
print(json.dumps({"platforms": len(files)}))
if json.loads(sys.stdin.read())["guess"]:
    print(json.dumps({"start": "one"}))
    print(json.dumps({"done": "one", "problem": None, "lacks": []}))
    print(json.dumps({"start": "two"}), flush=True)
    os.abort()
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A loader that is told of two runtimes, of which one crashes, and a worker that behaves so."""
    state = icd.State(done=True)
    state.files = {"good.icd": b"libgood.so\n", "bad.icd": b"libcrash.so\n"}
    state.entries = [icd.Entry("good.icd", "libgood.so"), icd.Entry("bad.icd", "libcrash.so")]
    monkeypatch.setattr(icd, "state", state)
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("GLNB_PROBE", "cached")
    monkeypatch.setenv("WORKER_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("OCL_ICD_VENDORS", str(vendors.write(state.files)))
    (tmp_path / "worker.py").write_text(WORKER)
    monkeypatch.setattr(probe, "WORKER", tmp_path / "worker.py")
    return state


def asked(tmp_path: Path) -> int:
    """How many workers were started."""
    log = tmp_path / "log"
    return len(log.read_text()) if log.exists() else 0


def test_what_crashes_is_left_out_and_told(machine):
    assert loading.Check().finish() == []
    assert [path.name for path in Path(os.environ["OCL_ICD_VENDORS"]).iterdir()] == ["good.icd"]
    assert [entry.library for entry in machine.entries] == ["libgood.so"]
    assert machine.notes == ["libcrash.so is left out: it crashes when the OpenCL loader loads it"]


def test_the_finding_is_kept_for_the_same_runtimes(machine, tmp_path):
    files, entries = dict(machine.files), list(machine.entries)
    loading.Check().finish()
    before = asked(tmp_path)
    assert before == 3  # all together, then each alone
    machine.files, machine.entries = files, entries
    loading.Check().finish()
    assert asked(tmp_path) == before and "bad.icd" not in os.listdir(os.environ["OCL_ICD_VENDORS"])
    machine.entries = [*machine.entries, icd.Entry("new.icd", "libnew.so")]
    loading.Check().finish()
    assert asked(tmp_path) > before


def test_a_bad_finding_ages(machine, tmp_path):
    entries, files = list(machine.entries), dict(machine.files)
    check = loading.Check()
    check.finish()
    before = asked(tmp_path)
    old = time.time() - probe.FAILURE_TRUST - 1
    os.utime(check._file, (old, old))
    machine.entries, machine.files = entries, files
    loading.Check().finish()
    assert asked(tmp_path) > before


def test_where_nothing_crashes_one_look_is_enough(machine, tmp_path, monkeypatch):
    del machine.files["bad.icd"], machine.entries[1]
    monkeypatch.setenv("OCL_ICD_VENDORS", str(vendors.write(machine.files)))
    for _ in range(2):
        assert loading.Check().finish() == []
    assert asked(tmp_path) == 1 and machine.notes == []


def test_the_child_that_loads_also_probes_and_may_crash_at_that(machine, monkeypatch):
    del machine.files["bad.icd"], machine.entries[1]
    monkeypatch.setenv("OCL_ICD_VENDORS", str(vendors.write(machine.files)))
    check = loading.Check()
    assert check.finish() == []
    check.keep_verdicts()
    assert probe.load("one").works and probe.load("two").problem.startswith("the probe crashed")


@pytest.mark.parametrize("damage", ["", "{}", "[1]", "nonsense"])
def test_a_damaged_finding_is_made_anew(machine, tmp_path, damage):
    check = loading.Check()
    check.finish()
    machine.entries = [*machine.entries, icd.Entry("bad.icd", "libcrash.so")]
    check._file.write_text(damage)
    machine.files = {"bad.icd": b"libcrash.so\n", "good.icd": b"libgood.so\n"}
    os.environ["OCL_ICD_VENDORS"] = str(vendors.write(machine.files))
    loading.Check().finish()
    assert os.listdir(os.environ["OCL_ICD_VENDORS"]) == ["good.icd"]


def test_the_users_own_choice_is_not_changed_but_named(machine):
    machine.user_set = f"OCL_ICD_VENDORS={os.environ['OCL_ICD_VENDORS']}"
    before = os.environ["OCL_ICD_VENDORS"]
    assert loading.Check().finish() == ["libcrash.so"]
    assert os.environ["OCL_ICD_VENDORS"] == before


def test_what_another_package_brings_cannot_be_left_out(machine):
    machine.files.pop("bad.icd")
    os.environ["OCL_ICD_VENDORS"] = str(vendors.write({"bad.icd": b"libcrash.so\n"}))
    assert loading.Check().finish() == ["libcrash.so"]


def test_a_process_that_asked_already_is_past_the_danger(machine, tmp_path):
    machine.early = True
    assert loading.Check().finish() == [] and asked(tmp_path) == 0
