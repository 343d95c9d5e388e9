"""pip's CPU runtime reaches the OpenCL loader, and the system's runtimes stay."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphlab_nb.runtime import icd
from graphlab_nb.runtime.vendors import OWN_ICD


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A machine of its own: no setting by the user, one system runtime, and a fresh state and cache."""
    monkeypatch.setattr(icd, "state", icd.State())
    for name in ("OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "cache"))
    system = tmp_path / "system"
    system.mkdir()
    (system / "driver.icd").write_text("libsomegpu.so.1\n")
    monkeypatch.setattr(icd, "SYSTEM_FOLDER", str(system))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(icd.site, "getuserbase", lambda: str(tmp_path / "user"))
    return tmp_path


def install(world: Path, package: str, files: dict[str, str], exists: bool = True) -> Path:
    """Lays a wheel out as pip does: data files two folders above the packages, listed in RECORD."""
    root = world / f"env-{package}" / "lib"
    packages = root / "python3" / "site-packages"
    info = packages / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"../../{name},,\n" for name in files))
    for name, content in files.items() if exists else ():
        (root / name).write_text(content)
    sys.path.insert(0, str(packages))
    return root


def carried() -> dict[str, str]:
    """The files of the folder that the loader was given."""
    return {path.name: path.read_text() for path in Path(os.environ["OCL_ICD_VENDORS"]).iterdir()}


def test_the_folder_names_pips_runtime_and_carries_the_systems(world):
    root = install(world, "intel-opencl-rt", {"libintelocl.so": "", "libother.so": ""})
    icd.prepare()
    assert carried() == {OWN_ICD: f"{root / 'libintelocl.so'}\n", "driver.icd": "libsomegpu.so.1\n"}
    assert [entry.library for entry in icd.state.entries] == [str(root / "libintelocl.so"), "libsomegpu.so.1"]


def test_a_runtime_installed_by_target_is_found(world):
    folder = world / "site-packages"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "libintelocl.so").write_text("")
    sys.path.append(str(folder))
    icd.prepare()
    assert carried()[OWN_ICD] == f"{folder / 'lib' / 'libintelocl.so'}\n"


def test_a_runtime_of_the_user_base_is_found(world):
    (world / "user" / "lib").mkdir(parents=True)
    (world / "user" / "lib" / "libintelocl.so").write_text("")
    icd.prepare()
    assert icd.state.runtime == world / "user" / "lib" / "libintelocl.so"


def test_without_the_runtime_nothing_is_set(world):
    icd.prepare()
    assert "OCL_ICD_VENDORS" not in os.environ
    assert [entry.library for entry in icd.state.entries] == ["libsomegpu.so.1"]


def test_without_the_runtime_a_folder_inherited_from_a_parent_is_forgotten(world, monkeypatch):
    monkeypatch.setenv("OCL_ICD_VENDORS", "/elsewhere/vendors-0123456789abcdef")
    icd.prepare()
    assert "OCL_ICD_VENDORS" not in os.environ


def test_a_package_whose_library_is_gone_is_reported(world):
    install(world, "intel-opencl-rt", {"libintelocl.so": ""}, exists=False)
    (note,) = icd.prepare()
    assert "libintelocl.so is missing" in note and "--force-reinstall" in note


@pytest.mark.parametrize("name", ["OCL_ICD_VENDORS", "OCL_ICD_FILENAMES"])
def test_the_users_setting_is_left_alone(world, monkeypatch, name):
    install(world, "intel-opencl-rt", {"libintelocl.so": ""})
    monkeypatch.setenv(name, "/somewhere")
    (note,) = icd.prepare()
    assert os.environ[name] == "/somewhere" and f"{name}=/somewhere is set" in note
    assert not (world / "cache").exists()


def test_a_setting_inherited_from_a_parent_of_ours_is_renewed(world, monkeypatch):
    root = install(world, "intel-opencl-rt", {"libintelocl.so": ""})
    monkeypatch.setenv("OCL_ICD_VENDORS", "/elsewhere/vendors-0123456789abcdef")
    assert icd.prepare() == []
    assert carried()[OWN_ICD] == f"{root / 'libintelocl.so'}\n"


def test_the_systems_copy_of_the_same_runtime_gives_way(world):
    root = install(world, "intel-opencl-rt", {"libintelocl.so": ""})
    (world / "system" / "intel.icd").write_text("/opt/intel/lib/libintelocl.so\n")
    (note,) = icd.prepare()
    assert carried() == {OWN_ICD: f"{root / 'libintelocl.so'}\n", "driver.icd": "libsomegpu.so.1\n"}
    assert "/opt/intel/lib/libintelocl.so" in note and "gives way" in note


def test_one_library_named_by_two_files_is_carried_once(world):
    install(world, "intel-opencl-rt", {"libintelocl.so": ""})
    (world / "system" / "again.icd").write_text("libsomegpu.so.1")
    icd.prepare()
    assert sorted(carried()) == ["again.icd", OWN_ICD]


def test_the_loaders_own_variable_for_its_folder_is_followed(world, monkeypatch):
    install(world, "intel-opencl-rt", {"libintelocl.so": ""})
    (world / "other").mkdir()
    (world / "other" / "x.icd").write_text("libx.so\n")
    monkeypatch.setenv("OPENCL_VENDOR_PATH", str(world / "other"))
    icd.prepare()
    assert sorted(carried()) == [OWN_ICD, "x.icd"]


def test_preparing_twice_does_nothing(world):
    install(world, "intel-opencl-rt", {"libintelocl.so": ""})
    icd.prepare()
    before = os.environ["OCL_ICD_VENDORS"]
    (world / "system" / "late.icd").write_text("liblate.so\n")
    icd.prepare()
    assert os.environ["OCL_ICD_VENDORS"] == before and "late.icd" not in carried()


def test_libraries_in_another_environment_are_loaded_first(world):
    root = install(world, "intel-opencl-rt", {"libintelocl.so": "", "libimf.so": ""})
    other = install(world, "tbb", {"libtbb.so.12": ""})
    icd.prepare()
    assert icd.state.runtime == root / "libintelocl.so"
    assert icd.state.preload == [str(other / "libtbb.so.12")]


def test_a_renewed_library_has_another_fingerprint(world):
    root = install(world, "intel-opencl-rt", {"libintelocl.so": "1"})
    icd.prepare()
    before = icd.fingerprint()
    assert icd.fingerprint() == before
    (root / "libintelocl.so").write_text("22")
    assert icd.fingerprint() != before


def test_files_that_lead_nowhere_are_reported(world):
    install(world, "intel-opencl-rt", {"libintelocl.so": "no library"})
    (world / "system" / "gone.icd").write_text("/nowhere/libgone.so\n")
    icd.prepare()
    reasons = "\n".join(icd.unloaded())
    assert "gone.icd names /nowhere/libgone.so, which does not exist" in reasons


def test_a_runtime_that_does_not_load_says_why(world):
    install(world, "intel-opencl-rt", {"libintelocl.so": "no library"})
    icd.prepare()
    assert "installed but cannot be loaded" in icd.missing_runtime()


@pytest.mark.parametrize("early", [True, False])
def test_a_query_before_ours_is_told_from_a_runtime_without_platforms(world, early):
    install(world, "intel-opencl-rt", {"libintelocl.so": ""})
    icd.prepare()
    icd.state.early = early
    icd.state.runtime = importlib.util.find_spec("_ctypes").origin  # some library that loads
    reason = icd.missing_runtime()
    if early:
        assert "reads its list of runtimes only once" in reason and os.environ["OCL_ICD_VENDORS"] in reason
    else:
        assert reason.endswith("loads but offers no platform")


def fresh_process(code: str, tmp_path: Path, **environ: str) -> list[str]:
    """What the code prints, as JSON, in a process without any setting."""
    keep = {
        name: value for name, value in os.environ.items() if not name.startswith(("OCL_", "GLNB_", "OPENCL_", "LD_"))
    }
    environ = {**keep, "GLNB_CACHE_DIR": str(tmp_path), **environ}
    code = f"import json, sys; sys.path[:] = {sys.path!r}\nfrom graphlab_nb.runtime import icd, probe_worker\n{code}"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


LISTED = "import pyopencl\nprint(json.dumps([identity for identity, _ in probe_worker.identities(pyopencl)]))"


def test_nothing_that_the_loader_saw_vanishes_and_nothing_appears_twice(tmp_path):
    before = fresh_process(LISTED, tmp_path)
    after = fresh_process(f"icd.prepare()\n{LISTED}", tmp_path)
    assert set(before) <= set(after)
    assert len({text.rsplit(" | ", 1)[0] for text in after}) == len(after)


def test_pips_runtime_is_listed_exactly_where_it_is_installed(tmp_path):
    installed = fresh_process("icd.prepare(); print(json.dumps([str(icd.state.runtime or '')]))", tmp_path)
    listed = fresh_process(f"icd.prepare()\n{LISTED}", tmp_path, OPENCL_VENDOR_PATH=str(tmp_path / "none"))
    assert bool(installed[0]) == any(text.startswith("Intel(R) OpenCL | ") for text in listed)


def test_on_windows_the_runtime_is_added_to_the_registrys(world):
    runtime = world / "Library" / "bin" / "intelocl64.dll"
    icd._prepare_windows(runtime)
    assert os.environ["OCL_ICD_FILENAMES"] == str(runtime) and os.environ["OCL_ICD_VENDORS"] == ""
    assert [entry.library for entry in icd.state.entries] == [str(runtime)]
