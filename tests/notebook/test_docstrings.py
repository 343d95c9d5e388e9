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
from tests.test_names import REACHABLE

NO_ARGUMENTS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
KINDS = (types.FunctionType, type, type(vars(tf.test.TestCase)["test_session"]))
"""What a class has that is called: methods, classes, and the one that test runners must not take for a test."""


def public() -> Iterator[tuple[str, Any]]:
    """All functions and classes that tab completion leads to, once each."""
    seen = set()
    for path, module in REACHABLE.items():
        for name in getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]:
            thing = getattr(module, name)
            ours = (getattr(thing, "__module__", "") or "").startswith("graphlab_nb")
            if ours and callable(thing) and not isinstance(thing, types.ModuleType) and id(thing) not in seen:
                seen.add(id(thing))
                yield f"{path}.{name}".removeprefix("tf."), thing


PUBLIC = dict(public())


def members() -> Iterator[tuple[str, Any]]:
    """What the public classes have, and those of ours that they are derived from: all but what other packages' classes have."""
    seen = set()
    for path, thing in PUBLIC.items():
        for base in thing.__mro__ if inspect.isclass(thing) else ():
            for name, member in vars(base).items():
                if base.__module__.startswith("graphlab_nb") and not name.startswith("_") and id(member) not in seen:
                    seen.add(id(member))
                    yield f"{path}.{name}", getattr(member, "__func__", member)


METHODS = {name: member for name, member in members() if isinstance(member, KINDS)}
PROPERTIES = {name: member for name, member in members() if isinstance(member, property)}
"""A notebook's tooltip of one shows what its value is, and has no arguments: they need no example."""
CALLED = {**PUBLIC, **METHODS}


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
    target = getattr(target, "_function", target)
    return [p.name for p in inspect.signature(target).parameters.values()
            if p.kind not in NO_ARGUMENTS and p.name not in ("self", "cls", "name", "use_locking") and p.name[0] != "_"]  # fmt: skip


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
    assert len(PUBLIC) > 440 and len(METHODS) > 135 and len(PROPERTIES) > 40
    assert {"matmul", "nn.conv2d", "train.AdamOptimizer", "notebook.show_graph", "notebook.plots.draw_loss"} <= set(
        PUBLIC
    )
    assert {"errors.NotFoundError", "examples.tutorials.mnist.mnist.loss", "as_tensorflow.install"} <= set(PUBLIC)
    assert {"Variable.load", "Graph.device", "notebook.Playground.edit", "Summary.Value"} <= set(METHODS)
    assert {"test.TestCase.test_session", "TensorShape.of", "DeviceSpec.from_string"} <= set(METHODS)
    assert vars(tf.Session.__base__)["run"] in METHODS.values() and "Tensor.shape" in PROPERTIES


@pytest.mark.parametrize("name", [*CALLED, *PROPERTIES])
def test_a_tooltip_has_a_summary_and_all_arguments(name):
    thing = {**CALLED, **PROPERTIES}[name]
    summary = (inspect.getdoc(thing) or "").split("\n\n")[0].strip()
    assert summary and summary[-1] in ".:?", summary
    if name in CALLED:
        assert [a for a in arguments(thing) if not told(thing, a)] == []


@pytest.mark.parametrize("name", CALLED)
def test_the_example_in_a_tooltip_runs(name, monkeypatch):
    monkeypatch.setattr(CURVES, "series", {})
    text = inspect.cleandoc(CALLED[name].__doc__ or "")
    assert ">>>" in text, "it has no example of its own"
    tf.reset_default_graph()
    names = {"tf": tf, "__name__": "__main__"}  # as a notebook's
    example = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    said: list[str] = []
    runner.run(example, out=said.append)
    tf.reset_default_graph()
    assert runner.summarize(verbose=False).failed == 0, "".join(said)
