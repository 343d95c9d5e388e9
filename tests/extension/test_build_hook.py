"""When the panel is built, and what goes into the wheel: by the state of its sources, not by whether something is there."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Interface:
    """As much of hatchling's as the hook uses; hatchling itself is in the environment of a build only."""

    def __init__(self, root, target_name):
        self.root, self.target_name = str(root), target_name
        self.app = types.SimpleNamespace(display_warning=lambda text: self.warned.append(text))
        self.warned: list[str] = []


@pytest.fixture
def module(monkeypatch):
    names = ["hatchling", "hatchling.builders", "hatchling.builders.hooks", "hatchling.builders.hooks.plugin"]
    for name in [*names, "hatchling.builders.hooks.plugin.interface"]:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules["hatchling.builders.hooks.plugin.interface"].BuildHookInterface = Interface
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "extension" / "build_hook.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.delenv("HATCH_JUPYTER_BUILDER_SKIP_NPM", raising=False)
    ignored = shutil.ignore_patterns("node_modules", "lib", ".yarn", "ui-tests")
    shutil.copytree(ROOT / "extension", tmp_path / "extension", ignore=ignored)
    return tmp_path


@pytest.fixture
def built(module, monkeypatch):
    """Stands for the library that calls npm: leaves what a build leaves."""
    calls = []

    def npm_builder(target, version, path, build_cmd, npm):
        calls.append((build_cmd, npm))
        static = Path(path).parent / "graphlab_nb" / "labextension" / "static"
        static.mkdir(parents=True, exist_ok=True)
        (static / "style.js").write_text(f"build {len(calls)}")

    fake = types.ModuleType("hatch_jupyter_builder")
    fake.npm_builder = npm_builder
    monkeypatch.setitem(sys.modules, "hatch_jupyter_builder", fake)
    return calls


def data():
    return {"shared_data": {}, "artifacts": []}


def test_it_is_built_once_and_anew_when_a_source_changed(module, root, built):
    hook = module.PanelBuildHook(root, "wheel")
    assert hook.dependencies() == module.BUILT_WITH
    for _ in range(2):
        wheel = data()
        hook.initialize("standard", wheel)
        names = {Path(k).name: v for k, v in wheel["shared_data"].items()}
        assert names["style.js"] == "share/jupyter/labextensions/graphlab-nb/static/style.js"
        assert names["install.json"] == "share/jupyter/labextensions/graphlab-nb/install.json"
        assert "sources.sha256" not in names
    assert built == [("build:prod", ["jlpm"])]
    assert hook.dependencies() == []
    source = root / "extension" / "src" / "index.ts"
    source.write_text(source.read_text() + "\n// changed\n")
    assert hook.dependencies() == module.BUILT_WITH
    hook.initialize("standard", data())
    assert len(built) == 2
    (root / "extension" / "src" / "__tests__" / "more.spec.ts").write_text("")
    hook.initialize("standard", data())
    assert len(built) == 2


def test_the_source_distribution_carries_it_built(module, root, built):
    source = data()
    module.PanelBuildHook(root, "sdist").initialize("standard", source)
    assert source == {"shared_data": {}, "artifacts": ["/graphlab_nb/labextension"]}
    assert module.PanelBuildHook(root, "wheel").dependencies() == []


def test_it_can_be_left_out_and_an_old_one_is_not_taken(module, root, built, monkeypatch):
    hook = module.PanelBuildHook(root, "wheel")
    hook.initialize("standard", data())
    source = root / "extension" / "src" / "index.ts"
    source.write_text(source.read_text() + "\n// changed\n")
    monkeypatch.setenv("HATCH_JUPYTER_BUILDER_SKIP_NPM", "1")
    wheel = data()
    hook.initialize("standard", wheel)
    assert wheel["shared_data"] == {} and len(built) == 1 and hook.dependencies() == []
    assert "HATCH_JUPYTER_BUILDER_SKIP_NPM" in hook.warned[0]


def test_a_build_that_leaves_nothing_is_an_error(module, root, monkeypatch):
    fake = types.ModuleType("hatch_jupyter_builder")
    fake.npm_builder = lambda *_, **__: None
    monkeypatch.setitem(sys.modules, "hatch_jupyter_builder", fake)
    with pytest.raises(RuntimeError, match="left nothing"):
        module.PanelBuildHook(root, "wheel").initialize("standard", data())
