"""How Sphinx makes the site; `graphlab_nb.docs` gathers the sources beside this file before it runs."""

import importlib
import inspect
import re
import sys
import types
from pathlib import Path

import graphlab_nb

HERE = Path(__file__).resolve().parent

project = "graphlab_nb"
version = release = graphlab_nb.__version__
author = copyright = "the graphlab_nb project"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"graphlab_nb {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = html_show_copyright = False
nb_execution_mode = "off"  # the notebooks are saved with their outputs
nb_mime_priority_overrides = [
    ("html", mime, priority)
    for priority, mime in enumerate(("text/html", "image/svg+xml", "image/png", "text/latex", "text/plain"), 1)
]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings say types in words
napoleon_google_docstring, napoleon_numpy_docstring, napoleon_use_ivar = True, False, True
suppress_warnings = [
    "myst.xref_missing",  # READMEs link to files of the repository
    "myst.header",  # and notebooks begin lower
    "ref.python",  # attributes of several classes have one name
]
copybutton_exclude = ".linenos, .gp, .go"

AREAS = {
    "errors": "Errors: `tf.errors`",
    "nn": "Neural networks: `tf.nn`",
    "train": "Training: `tf.train`",
    "summary": "Summaries: `tf.summary`",
    "notebook": "Notebooks: `graphlab_nb.notebook`",
    "gfile": "Files: `tf.gfile`",
    "flags": "Flags: `tf.app.flags`",
}
HOMES = {"gfile": "graphlab_nb.platform.gfile", "flags": "graphlab_nb.platform.flags"}
"""Modules that are reached by another name than that of their file."""


SHOWN: set[int] = set()
"""What stands on a page already."""


def members(module: types.ModuleType) -> dict[str, list[list[str]]]:
    """Public functions and classes of a module, by the module that they are written in, each with all its names."""
    found: dict[str, dict[int, list[str]]] = {}
    names = getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]
    for name in sorted(set(names), key=str.lower):
        thing = getattr(module, name)
        home = getattr(thing, "__module__", "") or ""
        if not (inspect.isfunction(thing) or inspect.isclass(thing)) or not home.startswith("graphlab_nb"):
            continue
        if id(thing) not in SHOWN:
            importlib.import_module(home)
            found.setdefault(home, {}).setdefault(id(thing), []).append(name)
    for things in found.values():
        SHOWN.update(things)
    return {home: list(things.values()) for home, things in found.items()}


def page(path: str, title: str, module: types.ModuleType) -> str:
    """A page of the reference: a section for each module that things are written in."""
    lines = [f"# {title}", ""]
    for home, things in sorted(members(module).items()):
        about = (inspect.getdoc(sys.modules[home]) or home).splitlines()[0].rstrip(".")
        lines += [f"## {about}", ""]
        for name, *others in things:
            kind = "autoclass" if inspect.isclass(getattr(module, name)) else "autofunction"
            options = ["   :members:"] if kind == "autoclass" else []
            lines += ["```{eval-rst}", f".. {kind}:: {path}.{name}", *options, "```", ""]
            if others:
                lines += ["Also called " + ", ".join(f"`{other}`" for other in others) + ".", ""]
    return "\n".join(lines)


def write_reference() -> None:
    """Writes api/*.md: the reference is what the docstrings say."""
    folder = HERE / "api"
    folder.mkdir(exist_ok=True)
    pages = {
        area: (title, importlib.import_module(HOMES.get(area, f"graphlab_nb.{area}"))) for area, title in AREAS.items()
    }
    pages["graphlab_nb"] = ("Graphs, sessions and operations: `tf`", graphlab_nb)
    for name, (title, module) in pages.items():
        (folder / f"{name}.md").write_text(page(module.__name__, title, module))
    listed = "\n".join(["graphlab_nb", *AREAS])
    (folder / "index.md").write_text(
        "# Reference\n\nIn programs the module is called `tf`: `import graphlab_nb as tf`. Names, arguments and results are "
        f"those of TensorFlow 0.x.\n\n```{{toctree}}\n:maxdepth: 2\n\n{listed}\n```\n"
    )


def as_rst(app: object, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Docstrings say code in single backticks, and a bar is a bar."""
    text = "\n".join(lines)
    parts = re.split(r"(?<!`)`([^`\n]+)`(?!`)", text)
    parts[1::2] = [f"``{part}``" for part in parts[1::2]]
    parts[::2] = [re.sub(r"([|*])", r"\\\1", part) for part in parts[::2]]
    said = "".join(parts).split("\n")
    lines.clear()
    inside = False
    for before, line in zip(["", *said], said, strict=False):
        deeper = line.startswith("    ") and not before.strip()
        if deeper and not inside:
            lines += ["::", ""]  # a program
        inside = (inside or deeper) and (line.startswith("    ") or not line.strip())
        lines.append(line)


def setup(app: object) -> None:
    """Is called by Sphinx."""
    app.connect("autodoc-process-docstring", as_rst, priority=100)  # before the sections are read


write_reference()
