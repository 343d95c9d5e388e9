"""Compiled programs on disk: found again, and done without where they are damaged or cannot be kept."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import warnings

import pytest

from graphlab_nb.runtime import binaries, device
from graphlab_nb.runtime.binaries import Binaries
from graphlab_nb.runtime.program import _kept_at

SOURCE = "__kernel void f(__global int *x) { x[get_global_id(0)] = NUMBER; }"


@pytest.fixture
def build(tmp_path):
    found = device.logical_devices()[0]

    def build(stamp: str = "", number: int = 1, folder: str | None = str(tmp_path / "programs")) -> str:
        """Builds, and says how."""
        import pyopencl as cl

        kept = Binaries(folder, stamp)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cl.CompilerWarning)
            program = kept.build(found.context, found.cl_device, SOURCE, [f"-DNUMBER={number}"])
        cl.Kernel(program, "f")
        return "source" if program.get_info(cl.program_info.SOURCE) else "binary"

    return build


def entries(tmp_path):
    return list((tmp_path / "programs").iterdir())


def test_a_program_is_found_again(build, tmp_path):
    assert build() == "source"
    assert build() == "binary"
    assert build(number=2) == "source" and build("another driver") == "source"
    assert len(entries(tmp_path)) == 3
    assert build(folder=None) == "source"


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\0" * 5000, None])
def test_damage_is_mended(build, tmp_path, damage):
    build()
    (entry,) = entries(tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-100] if damage is None else damage)
    assert build() == "source"
    assert build() == "binary"


def test_a_binary_that_the_runtime_refuses_is_built_anew(build, tmp_path):
    import hashlib

    build()
    (entry,) = entries(tmp_path)
    entry.write_bytes(hashlib.sha256(b"no binary").digest() + b"no binary")
    assert build() == "source"
    assert build() == "binary"


def test_a_folder_in_an_entrys_place_is_left(build, tmp_path):
    build()
    (entry,) = entries(tmp_path)
    entry.unlink()
    entry.mkdir()
    assert build() == "source"
    assert entries(tmp_path) == [entry]


def test_what_cannot_be_written_is_done_without(build, tmp_path, monkeypatch):
    (tmp_path / "programs").write_text("a file")
    assert build() == "source"
    (tmp_path / "programs").unlink()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert build() == "source"
    assert entries(tmp_path) == []


def test_old_entries_go_where_there_are_too_many(build, tmp_path, monkeypatch):
    monkeypatch.setattr(binaries, "MOST_FILES", 3)
    for number in range(4):
        build(number=number)
    (tmp_path / "programs" / "folder").mkdir()
    kept = entries(tmp_path)
    assert len(kept) == 3
    assert build(number=3) == "binary"


def test_the_stamp_names_the_device_and_its_driver():
    found = device.logical_devices()[0]
    folder, stamp = _kept_at(found.cl_device)
    if folder is None:
        assert "Portable" in found.cl_device.platform.name
    else:
        assert found.cl_device.driver_version in stamp and found.cl_device.name in stamp


@pytest.mark.parametrize("trouble", ["file", "damaged"])
def test_programs_run_whatever_the_caches_hold(tmp_path, trouble):
    home = tmp_path / "cache"
    if trouble == "file":
        home.write_text("no folder")
    else:
        (home / "pytools").mkdir(parents=True)
        for place in ("pyopencl-invoker-cache-v42-nano",):
            (home / "pytools" / f"pdict-v5-{place}-py{'.'.join(map(str, sys.version_info))}.sqlite").write_bytes(
                b"no data base" * 100
            )
        (home / "graphlab_nb").write_text("no folder")
    program = """
    import graphlab_nb as tf
    with tf.Session() as s:
        assert s.run(tf.reduce_sum(tf.square(tf.placeholder_with_default([1.0, 2.0], [2])))) == 5
    """
    environment = {k: v for k, v in os.environ.items() if k != "GLNB_CACHE_DIR"} | {"XDG_CACHE_HOME": str(home)}
    environment["POCL_CACHE_DIR"] = str(tmp_path)  # without a place for its own PoCL offers no device
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, env=environment, timeout=300
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
