"""The documentation's sources are whole, and the command that builds it says what is the matter. .ci/run builds it."""

from __future__ import annotations

import importlib
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

import graphlab_nb as tf
from graphlab_nb import cli, docs, tutorials

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "notebooks" / "docs").rglob("*.md"))


def test_all_that_a_site_needs_is_gathered(tmp_path):
    docs.gather(tmp_path)
    for name in (
        "conf.py",
        "reference.py",
        "index.md",
        "panel.md",
        "benchmarks.md",
        "cost.md",
        "howto/porting.md",
        "images/panel_graph.png",
    ):
        assert (tmp_path / name).is_file(), name
    assert {p.name for p in (tmp_path / "tutorials").iterdir()} == {p.name for p in tutorials.sources()}


def test_pages_of_measurements_are_for_readers_who_have_no_sources(tmp_path):
    docs.gather(tmp_path)
    for page, source, title in (
        ("benchmarks.md", "results.md", "# Benchmarks"),
        ("cost.md", "panel.md", "# What the panel costs"),
    ):
        text = (tmp_path / page).read_text()
        assert text.startswith(title)
        assert not re.search(r"CONTRIBUTING|tests/|results\.json|jlpm|ui-tests", text), page
        measured = (ROOT / "tests" / "benchmarks" / source).read_text()
        assert re.findall(r"^\|.*$", text, re.M) == re.findall(r"^\|.*$", measured, re.M)  # all figures


def test_a_site_of_files_asks_for_no_excerpts(tmp_path):
    docs.gather(tmp_path)
    assert 'html_js_files = ["site.js"]' in (tmp_path / "conf.py").read_text()
    assert "SHOW_SEARCH_SUMMARY = false" in (tmp_path / "_static" / "site.js").read_text()


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


def test_pages_of_an_earlier_build_go(tmp_path, monkeypatch):
    monkeypatch.setattr(docs.subprocess, "run", lambda command, check: type("Done", (), {"returncode": 0}))
    folder = tmp_path / "site"
    assert docs.build(str(folder)) == 0
    (folder / "html").mkdir()
    (folder / "html" / "old.html").write_text("old")
    assert docs.build(str(folder)) == 0
    assert not (folder / "html" / "old.html").exists()


@pytest.fixture
def reference(tmp_path, monkeypatch):
    """The module that writes the reference, as the site's sources have it."""
    docs.gather(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "reference", raising=False)
    yield importlib.import_module("reference")
    del sys.modules["reference"]


def pages_of(reference, folder):
    assert reference.write(folder) == []
    return {p.stem: p.read_text() for p in folder.glob("*.md")}


def entries_on(text):
    """The names that entries of a page begin with, the constants that share one included."""
    made = re.findall(r"^\.\. auto(?:class|function):: (\S+)$", text, re.M)
    for block in re.findall(r"^\.\. py:data:: ((?:\S+\n *)+)", text, re.M):
        made += block.split()
    return made


def test_the_reference_has_an_entry_for_each_name_and_links_to_it(reference, tmp_path):
    pages = pages_of(reference, tmp_path / "api")
    made = [name for text in pages.values() for name in entries_on(text)]
    assert len(made) == len(set(made)) > 450
    links = dict(re.findall(r"\{py:obj\}`(\S+) <(\S+)>`", pages["index"]))
    assert set(links.values()) == set(made)
    assert links["mul"] == links["multiply"] == "graphlab_nb.multiply"
    assert links["nn.sigmoid"] == "graphlab_nb.sigmoid"
    for part, prefix in (
        (tf, ""), (tf.nn, "nn."), (tf.train, "train."), (tf.errors, "errors."), (tf.gfile, "gfile."),
        (tf.logging, "logging."), (tf.contrib.layers, "contrib.layers."), (tf.notebook, "notebook."),
    ):  # fmt: skip
        for name in dir(part):
            if not name.startswith("__") and not isinstance(getattr(part, name), type(tf)):
                assert prefix + name in links, prefix + name


def test_every_page_of_the_reference_begins_with_its_names(reference, tmp_path):
    pages = pages_of(reference, tmp_path / "api")
    assert set(pages) == {*reference.PAGES, "index"}
    for page, (title, sections) in reference.PAGES.items():
        head, *told = re.split(r"^## ", pages[page], flags=re.M)
        assert head.startswith(f"# {title}\n") and f"[{title}]({page}.md)" in pages["index"]
        assert [section.splitlines()[0] for section in told] == list(sections)
        named = set(re.findall(r"<(\S+)>`", head))
        for section in told:
            assert entries_on(section) and set(entries_on(section)) <= named
    assert "`nn.top_k <graphlab_nb.top_k>`" in pages["nn"]
    assert len(pages["index"].split("```{toctree}")[1].split()) == len(reference.PAGES) + 2  # ":hidden:" and the end


def test_the_entry_of_a_class_tells_of_methods_from_bases_that_have_none(reference, tmp_path):
    pages = pages_of(reference, tmp_path / "api")
    assert ".. autoclass:: graphlab_nb.Session\n   :members:\n   :inherited-members: object\n" in pages["graphs"]
    assert (
        ".. autoclass:: graphlab_nb.testing.TestCase\n   :members:\n   :inherited-members: TestCase, object"
        in pages["test"]
    )
    # `Optimizer` has an entry of its own; widgets are derived from others' classes alone.
    assert "inherited-members" not in pages["train"] + pages["notebook"]


def test_a_module_without_a_title_is_told(reference, tmp_path, monkeypatch):
    title, sections = reference.PAGES["matrices"]
    sections = {name: words.replace("ops.vectors", "") for name, words in sections.items()}
    monkeypatch.setitem(reference.PAGES, "matrices", (title, sections))
    monkeypatch.delitem(reference.CONSTANTS, "graphlab_nb.errors int")
    assert reference.write(tmp_path / "api") == ["graphlab_nb.errors int", "ops.vectors"]


def test_the_reference_says_what_programs_write(reference):
    assert reference.as_tf("conv2d() (in module graphlab_nb.nn)") == "conv2d() (in tf.nn)"
    assert reference.as_tf("run() (graphlab_nb.Session method)") == "run() (tf.Session method)"
    assert reference.as_tf("graphlab_nb.platform.gfile.") == "tf.gfile."


def test_binder_makes_what_the_project_asks_for():
    folder = ROOT / ".binder"
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    (python,) = re.findall(r"^  - python=(.+)$", (folder / "environment.yml").read_text(), re.M)
    assert SpecifierSet(asked).contains(python)
    commands = (folder / "postBuild").read_text()
    assert os.access(folder / "postBuild", os.X_OK)
    assert re.search(r"^pip install .*\.$", commands, re.M)
    assert "graphlab-nb devices" in commands
