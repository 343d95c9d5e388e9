"""The documentation's sources are whole, and the command that builds it says what is the matter. .ci/run builds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import graphlab_nb as tf
from graphlab_nb import cli, docs, tutorials

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "notebooks" / "docs").rglob("*.md"))


def test_all_that_a_site_needs_is_gathered(tmp_path):
    docs.gather(tmp_path)
    for name in (
        "conf.py",
        "index.md",
        "panel.md",
        "benchmarks.md",
        "cost.md",
        "howto/porting.md",
        "images/panel_graph.png",
    ):
        assert (tmp_path / name).is_file(), name
    assert {p.name for p in (tmp_path / "tutorials").iterdir()} == {p.name for p in tutorials.sources()}
    assert (tmp_path / "benchmarks.md").read_text() == (ROOT / "tests" / "benchmarks" / "results.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_links_and_pictures_are_there(page, tmp_path):
    docs.gather(tmp_path)
    here = (tmp_path / page.relative_to(ROOT / "notebooks" / "docs")).parent
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target and not target.startswith("api/"):
            assert (here / target).exists(), target


def test_every_page_is_in_the_contents():
    home = ROOT / "notebooks" / "docs"
    listed = re.findall(r"<?([\w/]+)>?$", (home / "index.md").read_text(), re.M)
    for page in PAGES:
        name = str(page.relative_to(home).with_suffix(""))
        assert name == "index" or name in listed, name


def test_programs_on_the_pages_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    count = 0
    for page in PAGES:
        for program in re.findall(r"```python\n(.*?)```", page.read_text(), re.S):
            if "import graphlab_nb" in program:
                tf.reset_default_graph()
                exec(compile(program, page.name, "exec"), {})
                count += 1
    assert count >= 2


def test_what_is_missing_is_named(monkeypatch, capsys):
    monkeypatch.setattr(docs, "NEEDS", {"no_such_module": "no-such-package", "json": "json"})
    assert docs.missing() == ["no-such-package"]
    assert cli.main(["docs"]) == 2
    assert "pip install no-such-package" in capsys.readouterr().err


def test_a_folder_of_something_else_is_left_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(docs, "NEEDS", {})
    (tmp_path / "mine.txt").write_text("mine")
    assert cli.main(["docs", str(tmp_path), "--no-browser"]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_build_is_shown_and_its_failure_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(docs, "NEEDS", {})
    ran, opened = [], []

    def run(command, check):
        ran.append(command)
        return type("Done", (), {"returncode": len(ran) - 1})

    monkeypatch.setattr(docs.subprocess, "run", run)
    monkeypatch.setattr(docs.webbrowser, "open", opened.append)
    folder = tmp_path / "site"
    assert cli.main(["docs", str(folder)]) == 0
    assert opened == [(folder / "html" / "index.html").as_uri()]
    assert "-W" not in ran[0]
    assert cli.main(["docs", str(folder), "--strict"]) == 1
    assert "-W" in ran[1]
    assert len(opened) == 1
