"""A second process builds programs ahead, into the cache on disk where this one finds them."""

from __future__ import annotations

import contextlib
import sys
import time

import pytest

from graphlab_nb.launch import KernelCall
from graphlab_nb.runtime import ahead, device
from graphlab_nb.runtime.binaries import Binaries
from graphlab_nb.runtime.program import Programs

SOURCE = "__kernel void f(__global int *x) { x[get_global_id(0)] = NUMBER; }"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(ahead, "_helpers", {})
    monkeypatch.setattr("graphlab_nb.runtime.program._kept_at", lambda device: (str(tmp_path), "stamp"))
    yield tmp_path
    for helper in ahead._helpers.values():
        if helper is not None:
            with contextlib.suppress(OSError):
                helper.stdin.close()
            helper.wait(60)


def kept(folder) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".tmp"}


@pytest.mark.filterwarnings("ignore::pyopencl.CompilerWarning")
def test_this_process_finds_on_disk_what_the_helper_built(folder, monkeypatch):
    found = device.logical_devices()[0]
    jobs = [(SOURCE, [f"-DNUMBER={k}"]) for k in range(2)]
    helper = ahead.start(found.cl_device, str(folder), "stamp", jobs[:1])
    assert ahead.start(found.cl_device, str(folder), "stamp", jobs) is helper, "one helper serves all plans"
    end = time.monotonic() + 120
    while len(kept(folder)) < 2 and time.monotonic() < end and helper.poll() is None:
        time.sleep(0.05)
    ahead.stop(helper)
    before = kept(folder)
    assert len(before) == 2
    monkeypatch.setattr(Binaries, "_write", None)
    for source, options in jobs:
        Binaries(str(folder), "stamp").build(found.context, found.cl_device, source, options)


def calls(count: int) -> list[KernelCall]:
    return [KernelCall("counter.cl", "advance", (), (1,), defines={"NUMBER": k}) for k in range(count)]


def test_help_is_asked_for_once_and_for_the_last_program_first(folder, monkeypatch):
    asked, told = [], []
    monkeypatch.setattr(ahead, "SLOW", 0.0)
    monkeypatch.setattr(ahead, "start", lambda cl_device, folder, stamp, jobs: asked.append(jobs) or "helper")
    monkeypatch.setattr(ahead, "stop", told.append)
    found = device.logical_devices()[0]
    programs = Programs(found.context, found.cl_device, found.traits)
    few = calls(ahead.FEWEST)
    with programs.building(few):
        for call in few:
            programs.build(call)
    assert not asked and not told
    many = [KernelCall("counter.cl", "advance", (), (1,), defines={"OTHER": k}) for k in range(ahead.FEWEST + 3)]
    with programs.building(many):
        for call in many:
            programs.build(call)
        assert not told
    assert told == ["helper"]
    (jobs,) = asked
    assert [options[-1] for _, options in jobs] == [f"-DOTHER={k}" for k in reversed(range(1, len(many)))]


def test_nothing_depends_on_a_helper(folder, monkeypatch):
    monkeypatch.setattr(ahead, "SLOW", 0.0)
    monkeypatch.setattr(sys, "executable", str(folder / "missing"))
    found = device.logical_devices()[0]
    programs = Programs(found.context, found.cl_device, found.traits)
    several = calls(ahead.FEWEST + 2)
    with programs.building(several):
        assert all(programs.kernel(call).num_args for call in several)
    assert ahead.start(found.cl_device, None, "", []) is None


def test_no_helper_is_asked_where_nothing_would_be_kept(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(ahead, "SLOW", 0.0)
    monkeypatch.setattr(ahead, "start", lambda *args: asked.append(args))
    (folder / "file").write_text("")
    monkeypatch.setattr("graphlab_nb.runtime.program._kept_at", lambda device: (str(folder / "file"), "stamp"))
    found = device.logical_devices()[0]
    programs = Programs(found.context, found.cl_device, found.traits)
    several = calls(ahead.FEWEST + 3)
    with programs.building(several):
        for call in several:
            programs.build(call)
    assert not asked
