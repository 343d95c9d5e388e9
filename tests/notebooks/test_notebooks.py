"""The tutorials' notebooks run top to bottom, and the commands that hand them out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from graphlab_nb import cli, tutorials
from tests.notebooks import refresh

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_runs(path):
    ran = refresh.tidy(refresh.execute(path, short=True, seconds=250))
    nbformat.validate(ran)
    assert refresh.flaws(ran) == []
    assert refresh.pictures(ran) >= refresh.pictures(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_is_saved_as_it_reads_well(path):
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    assert refresh.flaws(saved) == []
    assert refresh.pictures(saved) > 0
    assert len(path.read_bytes()) < refresh.LARGEST
    assert saved.cells == refresh.tidy(nbformat.read(path, as_version=4)).cells


@pytest.mark.parametrize(("short", "lengths"), [(True, "1 0"), (False, "0 1")])
def test_what_is_saved_is_of_long_trainings(tmp_path, short, lengths):
    cell = nbformat.v4.new_code_cell("import os\nprint(os.environ['GLNB_SHORT'], os.environ['GLNB_LONG'])")
    path = tmp_path / "lengths.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    assert refresh.execute(path, short).cells[0].outputs[0].text.strip() == lengths


def test_copies_leave_what_is_there(tmp_path, capsys):
    folder = tmp_path / "a" / "b"
    assert cli.main(["tutorials", str(folder)]) == 0
    names = [p.name for p in NOTEBOOKS]
    assert sorted(p.name for p in folder.iterdir()) == names
    (folder / names[0]).write_text("mine")
    assert cli.main(["tutorials", str(folder)]) == 0
    assert (folder / names[0]).read_text() == "mine"
    assert f"0 notebooks copied to {folder}, {len(names)} were there" in capsys.readouterr().out


def test_a_folder_that_cannot_be_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert cli.main(["tutorials", str(tmp_path / "file")]) == 2
    assert repr(str(tmp_path / "file")) in capsys.readouterr().err


def test_lab_starts_jupyterlab_on_the_copies(tmp_path, monkeypatch):
    started = []
    # Where the system has it the process becomes JupyterLab; elsewhere, as here where that does nothing, it starts one.
    monkeypatch.setattr(os, "execv", lambda program, command: started.append(command))
    monkeypatch.setattr(
        subprocess, "run", lambda command, check: started.append(command) or subprocess.CompletedProcess(command, 7)
    )
    assert cli.main(["lab", str(tmp_path), "--no-browser"]) == 7
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={tmp_path}",
        f"--LabApp.default_url=/lab/tree/{NOTEBOOKS[0].name}", "--no-browser",
    ]  # fmt: skip
    assert started == ([command, command] if os.name == "posix" else [command])
    assert len(tutorials.sources()) == len(NOTEBOOKS)


def test_notebooks_hold_no_path_of_a_machine():
    for path in NOTEBOOKS:
        text = json.dumps(json.loads(path.read_text()))
        assert "/home/" not in text and "/root/" not in text and "/tmp/" not in text
