"""Builds the documentation as a site: the pages in notebooks/docs, the tutorials with their results, and the reference."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

from graphlab_nb import tutorials

FOLDER = "graphlab_nb_docs"
NEEDS = {
    "sphinx": "sphinx",
    "myst_nb": "myst-nb",
    "furo": "furo",
    "sphinx_copybutton": "sphinx-copybutton",
    "sphinx-mathjax-offline": "sphinx-mathjax-offline",
}
"""Modules that the build imports, and the packages that have them."""
_MEASURED = {"benchmarks.md": "results.md", "cost.md": "panel.md"}
"""Pages of measurements, by their names here: those beside the benchmarks, in a reader's words."""
_FOR_READERS = (
    (
        r"\A# Results\n\nWritten by [^;\n]*; CONTRIBUTING\.md says how\. ",
        "# Benchmarks\n\nHow long the same work takes here and in TensorFlow, PyTorch and NumPy, measured in turn "
        "on one machine by the benchmarks in the project's sources. ",
    ),
    (r"(?m)^(## [^:\n]+): `[^`\n]+`.*$", r"\1"),
)
"""Patterns of what only those who have the sources can use (scripts, and how to run them), and what the site says there."""


def missing() -> list[str]:
    """Packages that the build needs and that are not installed."""
    return [package for module, package in NEEDS.items() if importlib.util.find_spec(module) is None]


def gather(folder: Path) -> None:
    """Copies all that the site is made of to a folder.

    Raises:
      FileNotFoundError: where the package was installed without its documentation.
    """
    notebooks = tutorials.sources()
    home = notebooks[0].parent
    shutil.copytree(home / "docs", folder, dirs_exist_ok=True)
    shutil.copytree(home / "images", folder / "images", dirs_exist_ok=True)
    pages = folder / "tutorials"
    pages.mkdir(exist_ok=True)
    for notebook in notebooks:
        shutil.copyfile(notebook, pages / notebook.name)
    places = (home / "benchmarks", home.parent / "tests" / "benchmarks")
    measured = next((place for place in places if (place / "results.md").exists()), None)
    if measured is None:
        raise FileNotFoundError(f"The measurements are missing: neither {places[0]} nor {places[1]} has results.md")
    for page, source in _MEASURED.items():
        text = (measured / source).read_text(encoding="utf-8")
        for pattern, words in _FOR_READERS:
            text = re.sub(pattern, words, text)
        (folder / page).write_text(text, encoding="utf-8")
    shutil.copytree(measured / "plots", folder / "plots", dirs_exist_ok=True)


def build(folder: str, strict: bool = False) -> int:
    """Builds the site in a folder: `html/index.html` is its first page. Returns the builder's exit code.

    Args:
      folder: made where it is missing; what an earlier build left in it is built anew.
      strict: whether a page with a mistake fails the build.

    Raises:
      FileNotFoundError: where the sources are missing.
      OSError: where the folder cannot be made or written.
      ValueError: where it holds something that is not of an earlier build.
    """
    target = Path(folder).resolve()
    if target.is_dir() and any(target.iterdir()) and not (target / "sources" / "conf.py").exists():
        raise ValueError(f"{target} is not empty, and not of an earlier build: choose another folder")
    sources = target / "sources"
    for earlier in (sources, target / "html"):
        shutil.rmtree(earlier, ignore_errors=True)
    sources.mkdir(parents=True)
    gather(sources)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q"]
    command += [*(["-W", "--keep-going"] if strict else []), str(sources), str(target / "html")]
    return subprocess.run(command, check=False).returncode


def show(folder: str) -> None:
    """Opens the built site in the browser."""
    webbrowser.open((Path(folder).resolve() / "html" / "index.html").as_uri())
