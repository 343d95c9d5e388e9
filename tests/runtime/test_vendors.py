"""The vendors folder is whole, right and shared, whoever writes it."""

from __future__ import annotations

import os
import threading

import pytest

from graphlab_nb.runtime import vendors


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of the test's own."""
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "cache"))


def test_the_folder_is_named_by_its_content(tmp_path):
    first = vendors.write({"a.icd": b"x"})
    assert vendors.write({"a.icd": b"x"}) == first
    assert vendors.write({"a.icd": b"y"}) != first
    assert vendors.FOLDER.fullmatch(first.name)


def test_a_changed_folder_is_put_right(tmp_path):
    files = {"a.icd": b"x", "b.icd": b"y"}
    folder = vendors.write(files)
    (folder / "a.icd").write_bytes(b"changed")
    (folder / "b.icd").unlink()
    (folder / "stray.icd").write_bytes(b"stray")
    assert vendors.write(files) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_an_unwritable_cache_gives_a_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "file" / "cache"))
    folder = vendors.write({"a.icd": b"x"})
    assert (folder / "a.icd").read_bytes() == b"x" and tmp_path not in folder.parents


def test_writers_at_once_see_only_whole_folders(tmp_path):
    files = {f"{i}.icd": b"x" * 1000 for i in range(20)}
    start = threading.Barrier(8)
    seen = []

    def write():
        start.wait()
        folder = vendors.write(files)
        seen.append({path.name: path.read_bytes() for path in folder.iterdir()})

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [files] * 8
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [vendors.write(files).name]


def test_folders_of_deleted_environments_are_removed(tmp_path):
    runtime = tmp_path / "libintelocl.so"
    runtime.write_text("")
    gone = vendors.write({vendors.OWN_ICD: b"/deleted/libintelocl.so"})
    kept = vendors.write({vendors.OWN_ICD: os.fsencode(runtime)})
    vendors.write({"other.icd": b""})
    assert kept.exists() and not gone.exists()
