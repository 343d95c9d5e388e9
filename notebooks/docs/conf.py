"""How Sphinx makes the site; `graphlab_nb.docs` gathers the sources beside this file before it runs."""

import importlib
import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

import graphlab_nb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
reference = importlib.import_module("reference")

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
html_js_files = ["site.js"]
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
napoleon_use_rtype = False  # results are told in words, too
suppress_warnings = [
    "myst.xref_missing",  # READMEs link to files of the repository
    "myst.header",  # and notebooks begin lower
    "ref.python",  # attributes of several classes have one name
]
copybutton_exclude = ".linenos, .gp, .go"

OTHER_NAMES = {entry.names[0]: entry.names[1:] for entry in reference.entries() if entry.kind != "data"}
UNTITLED = reference.write(HERE / "api")
LOG = logging.getLogger(__name__)


def as_rst(app: object, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Docstrings say code in single backticks, and a bar is a bar; other names come after the first paragraph."""
    if OTHER_NAMES.get(name):
        end = lines.index("") if "" in lines else len(lines)
        also = ", ".join(f"`tf.{reference.written(other)}`" for other in OTHER_NAMES[name])
        lines[end:end] = ["", f"Also called {also}."]
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


class NamesOfPrograms(SphinxTransform):
    """Headings of entries, and the index, say `tf.nn` and not `graphlab_nb.nn`."""

    default_priority = 840  # before the index is made

    def apply(self) -> None:
        """Changes a page."""
        for place in self.document.findall(addnodes.desc_addname):
            place[:] = [nodes.Text(reference.as_tf(place.astext()))]
        for index in self.document.findall(addnodes.index):
            index["entries"] = [(kind, reference.as_tf(text), *rest) for kind, text, *rest in index["entries"]]


def lost(app: object, env: object, node: addnodes.pending_xref, text: object) -> None:
    """Tells of a name in the lists that has no entry."""
    if node.get("reftype") == "obj":
        LOG.warning("there is no entry of %s", node["reftarget"], location=node)


def setup(app: object) -> None:
    """Is called by Sphinx."""
    app.connect("autodoc-process-docstring", as_rst, priority=100)  # before the sections are read
    app.connect("missing-reference", lost)
    app.add_transform(NamesOfPrograms)
    for place in UNTITLED:
        LOG.warning("the reference has no title for %s: name one in notebooks/docs/reference.py", place)
