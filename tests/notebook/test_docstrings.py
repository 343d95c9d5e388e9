"""What a notebook's tooltip shows of the public names: a summary, every argument, and an example that runs."""

from __future__ import annotations

import doctest
import inspect
import re
import types
from collections.abc import Iterator
from typing import Any

import pytest

import graphlab_nb as tf
from graphlab_nb.notebook.curves import CURVES

PARTS = ("", "nn", "train", "summary", "errors", "compat", "app", "flags", "gfile", "logging", "notebook", "test",
         "contrib.layers")  # fmt: skip
METHODS = (
    "Session.run", "Session.close", "train.Optimizer.minimize", "train.Optimizer.compute_gradients",
    "train.Optimizer.apply_gradients", "Tensor.eval", "Tensor.get_shape", "TensorShape.as_list", "Graph.as_default",
    "Graph.get_tensor_by_name", "Variable.assign", "examples.tutorials.mnist.input_data.read_data_sets",
)  # fmt: skip
"""The most used of what is reached by another public name."""
NO_ARGUMENTS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def found(path: str) -> Any:
    thing: Any = tf
    for part in filter(None, path.split(".")):
        thing = getattr(thing, part)
    return thing


def public() -> Iterator[tuple[str, Any]]:
    seen = set()
    for part in PARTS:
        module = found(part)
        for name in getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]:
            thing = getattr(module, name)
            ours = (getattr(thing, "__module__", "") or "").startswith("graphlab_nb")
            if ours and callable(thing) and not isinstance(thing, types.ModuleType) and id(thing) not in seen:
                seen.add(id(thing))
                yield f"{part}.{name}".lstrip("."), thing


PUBLIC = dict(public())
WITH_EXAMPLES = [
    *(name for name, thing in PUBLIC.items() if not inspect.isclass(thing) or thing.__base__ is not tf.OpError),
    *METHODS,
]
"""All but the kinds of errors, whose example is that of `OpError`."""


def text_of(thing: Any) -> str:
    made = inspect.getdoc(thing.__init__) if inspect.isclass(thing) else ""
    return f"{inspect.getdoc(thing) or ''}\n{made or ''}"


def arguments(thing: Any) -> list[str]:
    """The arguments that a reader has to know of."""
    target = thing
    if inspect.isclass(thing):
        if "__init__" not in thing.__dict__ or issubclass(thing, BaseException) or "Attributes:" in text_of(thing):
            return []
        target = thing.__init__
    return [p.name for p in inspect.signature(target).parameters.values()
            if p.kind not in NO_ARGUMENTS and p.name not in ("self", "name", "use_locking") and p.name[0] != "_"]  # fmt: skip


def names(text: str, argument: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(argument)}(?!\w)", text) is not None


def told(thing: Any, argument: str) -> bool:
    """Whether an argument is told of by name: in the docstring, or in that of a function which this one refers to."""
    text = text_of(thing)
    others = [PUBLIC.get(ref.removeprefix("tf."), PUBLIC.get(f"nn.{ref}", PUBLIC.get(f"summary.{ref}")))
              for ref in re.findall(r"`([\w.]+)`", text)]  # fmt: skip
    texts = [text, *[text_of(other) for other in others if other is not None]]
    return any(names(t, argument) for t in texts)


def test_the_list_of_names_is_what_users_see():
    assert len(PUBLIC) > 350 and {"matmul", "nn.conv2d", "train.AdamOptimizer", "notebook.show_graph"} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_tooltip_has_a_summary_and_all_arguments(name):
    thing = PUBLIC[name]
    summary = (inspect.getdoc(thing) or "").split("\n\n")[0].strip()
    assert summary and summary[-1] in ".:", summary
    assert [a for a in arguments(thing) if not told(thing, a)] == []


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_example_in_a_tooltip_runs(name, monkeypatch):
    monkeypatch.setattr(CURVES, "series", {})
    text = inspect.getdoc(found(name)) or ""
    assert ">>>" in text, "it has no example"
    tf.reset_default_graph()
    example = doctest.DocTestParser().get_doctest(text, {"tf": tf}, name, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    said: list[str] = []
    runner.run(example, out=said.append)
    tf.reset_default_graph()
    assert runner.summarize(verbose=False).failed == 0, "".join(said)
