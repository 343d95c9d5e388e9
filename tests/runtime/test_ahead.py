"""A second process builds programs ahead, into the cache on disk where this one finds them."""

from __future__ import annotations

import contextlib
import sys
import time
import warnings

import pyopencl as cl
import pytest

from graphlab_nb.launch import KernelCall
from graphlab_nb.runtime import ahead, device
from graphlab_nb.runtime.program import Programs

SOURCE = "__kernel void f(__global int *x) { x[get_global_id(0)] = NUMBER; }"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(ahead, "_helpers", {})
    monkeypatch.delenv("PYOPENCL_NO_CACHE", raising=False)
    yield tmp_path
    for helper in ahead._helpers.values():
        if helper is not None:
            with contextlib.suppress(OSError):
                helper.stdin.close()
            helper.wait(60)


def kept(folder) -> set[str]:
    return {str(path) for path in folder.rglob("binary")}


def test_this_process_finds_in_the_cache_what_the_helper_built(folder):
    found = device.logical_devices()[0]
    jobs = [(SOURCE, [f"-DNUMBER={k}"]) for k in range(2)]
    helper = ahead.start(found.cl_device, jobs[:1])
    if "Portable" in found.cl_device.platform.name:
        assert helper is None
        return
    assert ahead.start(found.cl_device, jobs) is helper, "one helper serves all plans"
    end = time.monotonic() + 120
    while len(kept(folder)) < 2 and time.monotonic() < end and helper.poll() is None:
        time.sleep(0.05)
    ahead.stop(helper)
    before = kept(folder)
    assert len(before) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cl.CompilerWarning)
        for source, options in jobs:
            cl.Program(found.context, source).build(options, devices=[found.cl_device])
    assert kept(folder) == before


def calls(count: int) -> list[KernelCall]:
    return [KernelCall("counter.cl", "advance", (), (1,), defines={"NUMBER": k}) for k in range(count)]


def test_help_is_asked_for_once_and_for_the_last_program_first(folder, monkeypatch):
    asked, told = [], []
    monkeypatch.setattr(ahead, "SLOW", 0.0)
    monkeypatch.setattr(ahead, "start", lambda cl_device, jobs: asked.append(jobs) or "helper")
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
    monkeypatch.setenv("PYOPENCL_NO_CACHE", "1")
    assert ahead.start(found.cl_device, []) is None


def test_a_cache_that_fails_is_done_without(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("No space left on device")

    found = device.logical_devices()[0]
    monkeypatch.delenv("PYOPENCL_CACHE_FAILURE_FATAL", raising=False)
    monkeypatch.delenv("PYOPENCL_NO_CACHE", raising=False)
    monkeypatch.setattr("pyopencl.cache._create_built_program_from_source_cached", fail)
    programs = Programs(found.context, found.cl_device, found.traits)
    assert programs.build(calls(1)[0]).get_info(cl.program_info.NUM_KERNELS) >= 1
