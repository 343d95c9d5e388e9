"""What messages name is there, and a name that is not there is answered by the one that may be meant."""

from __future__ import annotations

import ast
import contextlib
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import graphlab_nb as tf

PACKAGE = Path(tf.__file__).parent
NAMED = re.compile(r"(?<![\w.])tf((?:\.[A-Za-z_]\w*)+)")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """A file's strings that are no docstrings, by their lines; what an f-string fills in is left out."""
    tree = ast.parse(path.read_text())
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def exists(path: str) -> bool:
    found = tf
    for part in path.split("."):
        found = getattr(found, part, None)
    return found is not None or path == "newaxis"


def test_every_name_in_a_message_exists():
    named = [
        (f"{path.relative_to(PACKAGE)}:{line}", found[1:])
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, text in texts(path)
        for found in NAMED.findall(text)
    ]
    assert len(named) > 100
    assert [(where, name) for where, name in named if not exists(name)] == []


def test_a_truth_value_s_error_names_what_there_is():
    with tf.Graph().as_default(), pytest.raises(TypeError, match=r"has no truth value .* or tf\.select in the graph$"):
        bool(tf.constant(1.0) > 2.0)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("tf.placehoder", "placeholder"),
        ("tf.sesion", "Session"),
        ("tf.initialise_all_variables", "initialize_all_variables"),
        ("tf.train.AdamOptimizr", "AdamOptimizer"),
        ("tf.nn.sofmax", "softmax"),
        ("tf.errors.OpErr", "OpError"),
        ("tf.app.flags.DEFINE_str", "DEFINE_string"),
        ("tf.test.TestCas", "TestCase"),
        ("tf.contrib.layers.xavier_initialiser", "xavier_initializer"),
        ("tf.notebook.chek", "check"),
    ],
)
def test_a_mistyped_name_is_answered_by_the_one_that_is_meant(path, meant):
    with pytest.raises(AttributeError) as caught:
        eval(path)
    module, _, name = path.rpartition(".")
    said = f"module {eval(module).__name__!r} has no attribute {name!r}. Did you mean: {meant!r}?"
    assert str(caught.value) == said and caught.value.name == name


@pytest.mark.parametrize("path", ["tf.foo", "tf.cond", "tf.train.Saver", "tf.__wrapped__"])
def test_a_name_unlike_all_others_suggests_nothing(path):
    with pytest.raises(AttributeError, match=r"has no attribute '\w+'$"):
        eval(path)


def test_suggestions_change_nothing_else():
    assert not hasattr(tf, "foo") and getattr(tf.train, "foo", 1) == 1
    assert pickle.loads(pickle.dumps(tf.Session)) is tf.Session
    for module in ("graphlab_nb", "graphlab_nb.train"):
        with pytest.raises(ImportError, match="cannot import name 'nosuch'"):
            exec(f"from {module} import nosuch")
    with contextlib.suppress(AttributeError):
        _ = tf.placehoder


def test_a_traceback_suggests_once_and_a_search_loads_nothing_heavy():
    heavy = "{'matplotlib', 'IPython', 'pyopencl', 'ipywidgets', 'tqdm', 'graphlab_nb.notebook', 'graphlab_nb.testing'}"
    program = (
        f"import sys, graphlab_nb as tf\nhasattr(tf, 'foo')\nprint(sorted(set(sys.modules) & {heavy}))\ntf.placehoder"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
    assert done.stderr.lower().count("did you mean") == 1
