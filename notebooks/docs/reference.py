"""Writes the pages of the reference: lists of all public names by subject, and an entry for each, from its docstring."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FACES = {
    "graphlab_nb": "",
    "graphlab_nb.nn": "nn.",
    "graphlab_nb.train": "train.",
    "graphlab_nb.summary": "summary.",
    "graphlab_nb.errors": "errors.",
    "graphlab_nb.notebook": "notebook.",
    "graphlab_nb.notebook.plots": "notebook.plots.",
    "graphlab_nb.platform.app": "app.",
    "graphlab_nb.platform.flags": "flags.",
    "graphlab_nb.platform.gfile": "gfile.",
    "graphlab_nb.platform.logging": "logging.",
    "graphlab_nb.testing": "test.",
    "graphlab_nb.compat": "compat.",
    "graphlab_nb.contrib.layers": "contrib.layers.",
    "graphlab_nb.contrib.training": "contrib.training.",
    "graphlab_nb.as_tensorflow": "as_tensorflow.",
    "graphlab_nb.examples.tutorials.mnist.input_data": "examples.tutorials.mnist.input_data.",
    "graphlab_nb.examples.tutorials.mnist.mnist": "examples.tutorials.mnist.mnist.",
}
"""Modules whose names programs use, and what is written before such a name, after `tf.`."""

PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "graphs": (
        "Graphs and sessions",
        {
            "Sessions": "session.session session.interactive session.config",
            "Constants and placeholders": "graph.build :placeholder :placeholder_with_default",
            "Graphs, operations, tensors": "graph.graph graph.operation graph.tensor",
            "Scopes, devices, collections": "graph.scopes graph.device_spec",
            "Gradients": "gradients",
            "Order of operations": "ops.control",
            "Measuring time": "session.profile",
        },
    ),
    "variables": (
        "Variables",
        {
            "Variables": "ops.variables ops.variable_lists",
            "Variables by name": "ops.variable_scope",
            "Variables in shards": "ops.partitioned",
            "Initial values": "ops.initializers",
            "Changes of their values": "ops.state :scatter_add :scatter_sub :scatter_update",
        },
    ),
    "types": (
        "Element types and shapes",
        {"Element types": "dtypes ops.casting", "Shapes, partly known": "shapes dimension"},
    ),
    "arithmetic": (
        "Arithmetic",
        {
            "Sums, products, powers, logarithms": "ops.math",
            "Division and remainders": "ops.division",
            "Rounding, trigonometry, special functions": "ops.special",
            "Comparisons and logic": "ops.logic",
            "Clipping": "train.clip :clip_by_value",
        },
    ),
    "matrices": ("Matrices", {"Products": "ops.matmul ops.vectors", "Diagonals and triangles": "ops.diagonals"}),
    "reductions": (
        "Sums and other reductions",
        {
            "Over dimensions": "ops.reduce",
            "Places of the extremes": "ops.extremes",
            "Over groups of rows, and running": "ops.segment",
        },
    ),
    "arrays": (
        "Arrays: shapes and elements",
        {
            "Filled with numbers": "ops.filling ops.generate ops.sparse",
            "Shapes": "ops.shaping",
            "Parts": "ops.slicing",
            "Elements by index": "ops.indexing",
            "Chosen elements": "ops.selection",
            "Joined and taken apart": "ops.concat ops.packing ops.dynamic",
            "Rearranged": "ops.rearrange ops.padding ops.blocks",
        },
    ),
    "random": ("Random numbers", {"Numbers": "ops.random", "Choices": "ops.sampling"}),
    "checks": (
        "Checks, Python functions, own operations",
        {"Checks": "ops.checks", "Python in a run": "ops.host", "Operations of your own": "ops.pointwise"},
    ),
    "nn": (
        "Neural networks: `tf.nn`",
        {
            "Activations": "ops.activations",
            "Convolutions": "ops.conv ops.conv_more ops.depthwise",
            "Pooling": "ops.pool",
            "Softmax and losses": "ops.softmax",
            "Norms and normalization": "ops.normalize ops.moments",
            "Dropout": "ops.dropout",
        },
    ),
    "train": (
        "Training: `tf.train`",
        {
            "Optimizers": "train.optimizer train.optimizers train.sparse_optimizers train.sync_replicas",
            "Learning rates": "train.schedules",
            "Moving averages": "train.averages",
            "Counting steps": "train.training_util",
            "Clusters": "train.cluster_spec train.device_setter distributed.server",
        },
    ),
    "summary": (
        "Summaries: `tf.summary`",
        {
            "Summaries of a run": "summary",
            "By their older names": "ops.summaries",
            "Event files": "summary.writer summary.records",
            "Messages": "messages",
        },
    ),
    "notebook": (
        "Notebooks: `tf.notebook`",
        {
            "Curves and steps": "notebook.curves notebook.live notebook.progress notebook.steering",
            "Pictures": "notebook.displays notebook.plots",
            "The playground": "notebook.playground.widget",
            "Exercises": "notebook.exercises",
        },
    ),
    "errors": ("Errors: `tf.errors`", {"Kinds of errors": "errors"}),
    "files": ("Files: `tf.gfile`", {"Files and folders": "platform.gfile"}),
    "flags": ("Programs and flags: `tf.app`", {"Flags": "platform.flags", "The program": "platform.app"}),
    "logging": ("Messages: `tf.logging`", {"Messages": "platform.logging"}),
    "test": ("Tests: `tf.test`", {"Tests": "testing"}),
    "contrib": (
        "Contributed: `tf.contrib`",
        {
            "Regularizers": "contrib.layers",
            "Initial values": "ops.contrib_initializers",
            "Variables on parameter tasks": "contrib.training",
        },
    ),
    "tensorflow": (
        "TensorFlow's programs",
        {
            "Running them, versions": "as_tensorflow",
            "MNIST": "datasets.mnist examples.tutorials.mnist.mnist",
            "Text and bytes": "compat",
        },
    ),
}
"""The pages: a title, and sections with the modules whose things they have; `:name` takes a single one of `tf`."""

CONSTANTS = {
    "graphlab_nb DType": ("dtypes", "Types of elements. `DType` tells what they have."),
    "graphlab_nb _AutoReuse": ("ops.variable_scope", ""),
    "graphlab_nb NoneType": ("ops.slicing", "In an index, a new dimension of length 1."),
    "graphlab_nb str": ("as_tensorflow", "The version of graphlab_nb."),
    "graphlab_nb.notebook bool": (
        "notebook.exercises",
        "Whether the tutorials are to train for long: `GLNB_LONG` is 1.",
    ),
    "graphlab_nb.errors int": ("errors", "The codes of the kinds of errors: `OpError.error_code` is one."),
    "graphlab_nb.platform.flags _FlagValues": ("platform.flags", ""),
    "graphlab_nb.platform.logging int": ("platform.logging", "Levels of messages, for `set_verbosity` and `log`."),
    "graphlab_nb.compat tuple": ("compat", "Tuples of types, for `isinstance`."),
    "graphlab_nb.notebook.plots LinearSegmentedColormap": (
        "notebook.plots",
        "Matplotlib's colors of weights: red is negative, white 0, blue positive.",
    ),
    "graphlab_nb.as_tensorflow str": ("as_tensorflow", "What `tensorflow.__version__` says to programs."),
    "graphlab_nb.examples.tutorials.mnist.mnist int": ("examples.tutorials.mnist.mnist", "Sizes of MNIST's pictures."),
}
"""Names that are neither functions nor classes, by their module and type: where they stand, and what is said of them."""


@dataclass
class Entry:
    """One thing with all its names, the first of which leads the entry; or constants of a kind, with theirs."""

    place: str
    kind: str
    names: list[str]
    about: str = ""


def written(name: str) -> str:
    """A name as programs write it, without `tf.`: `nn.conv2d` for `graphlab_nb.nn.conv2d`."""
    module, _, last = name.rpartition(".")
    return FACES[module] + last


def as_tf(text: str) -> str:
    """A text that has our modules' names, with those that programs write: `tf.nn` for `graphlab_nb.nn`."""
    for face in sorted(FACES, key=len, reverse=True):
        text = re.sub(rf"(?:module )?\b{re.escape(face)}\b", f"tf.{FACES[face]}".rstrip("."), text)
    return text


def public() -> Iterator[tuple[str, str, Any]]:
    """All public names, with the modules that they are reached by."""
    for face in FACES:
        module = importlib.import_module(face)
        for name in sorted(dir(module), key=str.lower):
            thing = getattr(module, name)
            if not inspect.ismodule(thing) and (name == "__version__" or not name.startswith("_")):
                yield face, name, thing


def page_of(place: str) -> str:
    """The page that a place, a module or a single name, has in the reference."""
    return next((page for page, (_, sections) in PAGES.items() if place in " ".join(sections.values()).split()), "")


def entries() -> list[Entry]:
    """What the reference has, each thing once, in the order of names."""
    found: dict[Any, Entry] = {}
    for face, name, thing in public():
        full = f"{face}.{name}"
        if not inspect.isfunction(thing) and not inspect.isclass(thing):
            key = f"{face} {type(thing).__name__}"
            place, about = CONSTANTS.get(key, (key, ""))
            found.setdefault(key, Entry(place, "data", [], about or inspect.getdoc(type(thing)) or "")).names.append(
                full
            )
            continue
        place = f":{name}" if face == "graphlab_nb" and page_of(f":{name}") else thing.__module__.partition(".")[2]
        entry = found.setdefault(id(thing), Entry(place, "class" if inspect.isclass(thing) else "function", []))
        entry.names.append(full)
        # The name that it was written by leads, in the module that the page is about.
        at_home = f"graphlab_nb.{page_of(entry.place)}."
        entry.names.sort(key=lambda n: (n.rpartition(".")[2] != thing.__name__, not n.startswith(at_home)))
    return sorted(found.values(), key=lambda entry: entry.names[0].rpartition(".")[2].lower())


def link(name: str, entry: Entry) -> str:
    """A name that leads to its entry."""
    target = name if entry.kind == "data" else entry.names[0]
    return f"{{py:obj}}`{written(name)} <{target}>`"


def lists(page: str, told: list[Entry]) -> str:
    """The names of a page, by its sections, and those of its module that other pages tell of."""
    _, sections = PAGES[page]
    rows: dict[str, list[tuple[str, Entry]]] = {}
    for entry in told:
        for name in entry.names:
            face = name.rpartition(".")[0]
            elsewhere = face.removeprefix("graphlab_nb.") if entry.kind != "data" else ""
            if elsewhere in PAGES and elsewhere != page_of(entry.place):
                if elsewhere == page:
                    rows.setdefault("On other pages", []).append((name, entry))
            else:
                for title, words in sections.items():
                    if entry.place in words.split():
                        rows.setdefault(title, []).append((name, entry))
    said = []
    for title in [*sections, "On other pages"]:
        links = [
            link(name, entry)
            for name, entry in sorted(rows.get(title, []), key=lambda row: row[0].rpartition(".")[2].lower())
        ]
        if links:
            said.append(f":::{{container}} names\n**{title}** {' '.join(links)}\n:::\n")
    return "\n".join(said)


def directive(entry: Entry) -> str:
    """An entry in reStructuredText; Sphinx takes what it says from the docstring."""
    if entry.kind == "data":
        first, *others = entry.names
        lines = [f".. py:data:: {first}", *(f"             {name}" for name in others), "", f"   {entry.about}"]
        return "\n".join(lines).replace("`", "``")
    modules = [(name, *name.rpartition(".")[::2]) for name in entry.names[1:]]
    called = "()" if entry.kind == "function" else ""
    lines = [f".. index:: {last}{called} (in {module})" for _, module, last in modules]
    options = ["   :members:", *_bases(entry)] if entry.kind == "class" else []
    return "\n".join([*lines, "", f".. auto{entry.kind}:: {entry.names[0]}", *options])


def _bases(entry: Entry) -> Iterator[str]:
    """The option that has a class's entry tell of methods of its bases: of ours that have no entry of their own."""
    module, _, name = entry.names[0].rpartition(".")
    thing = getattr(importlib.import_module(module), name)
    classes = {id(found) for _, _, found in public()}
    told = [base for base in thing.__mro__[1:] if base.__module__.startswith("graphlab_nb") and id(base) not in classes]
    if any(inspect.isfunction(member) for base in told for key, member in vars(base).items() if key[0] != "_"):
        others = [base.__name__ for base in thing.__mro__[1:] if base not in told]
        yield f"   :inherited-members: {', '.join(dict.fromkeys(others))}"


def write(folder: Path) -> list[str]:
    """Writes the pages. Returns what has no place in `PAGES` and is left out: the modules, or the kinds of constants."""
    told = entries()
    folder.mkdir(exist_ok=True)
    overview = [
        "# Reference\n",
        "In programs the module is called `tf`: `import graphlab_nb as tf`. Names, arguments and results are those of",
        "TensorFlow 0.x. Here are all names by subject, without `tf.`; the {ref}`index <genindex>` has them by the alphabet,",
        "together with the methods of classes.\n",
    ]
    for page, (title, sections) in PAGES.items():
        names = lists(page, told)
        overview += [f"## [{title}]({page}.md)\n", names]
        lines = [f"# {title}\n", names]
        for section, words in sections.items():
            here = [directive(entry) for entry in told if entry.place in words.split()]
            lines += [f"## {section}\n", "```{eval-rst}", "\n\n".join(here), "```\n"]
        (folder / f"{page}.md").write_text("\n".join(lines))
    contents = "\n".join(PAGES)
    overview.append(f"```{{toctree}}\n:hidden:\n\n{contents}\n```\n")
    (folder / "index.md").write_text("\n".join(overview))
    return sorted({entry.place for entry in told if not page_of(entry.place)})
