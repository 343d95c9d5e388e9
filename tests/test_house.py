"""The house's rules: layers, what an import loads, and that README and docstrings say what is true."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import graphlab_nb as tf
from graphlab_nb.config import SETTINGS

ROOT = Path(__file__).resolve().parent.parent


def test_imports_go_downward_only():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    assert command, "import-linter is missing: pip install '.[test]'"
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_importing_loads_nothing_heavy():
    program = "import sys, graphlab_nb; print(sorted(set(sys.modules) & {'matplotlib', 'IPython', 'pyopencl', 'ipywidgets', 'tqdm'}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_readme_lists_every_environment_variable():
    readme = (ROOT / "README.md").read_text()
    listed = re.findall(r"^\| `(GLNB_\w+)`", readme, flags=re.M)
    assert listed == [s.name for s in SETTINGS]
    source = "".join(p.read_text() for p in (ROOT / "graphlab_nb").rglob("*.py"))
    assert set(re.findall(r"\bGLNB_[A-Z_]+", source)) <= {s.name for s in SETTINGS}


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.choices], ids=lambda s: s.name)
def test_what_a_variable_may_not_be_is_refused(setting, monkeypatch):
    monkeypatch.delenv(setting.name, raising=False)
    assert setting.value == setting.default
    for value in setting.choices:
        monkeypatch.setenv(setting.name, value)
        assert setting.value == value
    monkeypatch.setenv(setting.name, "off")
    with pytest.raises(ValueError, match=f"{setting.name} is 'off'; it may be '"):
        _ = setting.value


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(import.*?)```", (ROOT / "README.md").read_text(), flags=re.S)


@pytest.mark.parametrize("block", python_blocks(), ids=lambda b: b.splitlines()[0])
def test_readme_programs_run(block):
    with tf.Graph().as_default(), contextlib.redirect_stdout(io.StringIO()):
        exec(compile(block, "README.md", "exec"), {})


def test_the_face_s_example_is_true():
    with tf.Graph().as_default():
        results = doctest.testmod(tf)
    assert results.attempted and not results.failed


def test_the_version_has_one_source():
    assert tf.__version__ in (ROOT / "graphlab_nb" / "version.py").read_text()
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text()


def test_files_stay_readable():
    files = [
        *(ROOT / "graphlab_nb").rglob("*.py"),
        *(ROOT / "extension" / "src").rglob("*.ts"),
        *(ROOT / "kernels_cl").rglob("*.cl"),
    ]
    long = {str(p.relative_to(ROOT)): n for p in files if (n := len(p.read_text().splitlines())) > 450}
    assert not long


def test_the_panel_has_the_librarys_version_and_its_locks_name_no_host():
    package = json.loads((ROOT / "extension" / "package.json").read_text())
    assert package["version"] == tf.__version__
    for lock in ROOT.glob("extension/**/yarn.lock"):
        if "node_modules" not in lock.parts:
            assert "://" not in re.sub(r"^#.*", "", lock.read_text(), flags=re.M), lock
