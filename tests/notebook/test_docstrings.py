"""What a notebook's tooltip shows of the public names: a summary, every argument, and of the most used ones an example that runs."""

from __future__ import annotations

import doctest
import inspect
import re
import types
from collections.abc import Iterator
from typing import Any

import pytest

import graphlab_nb as tf

PARTS = ("", "nn", "train", "summary", "errors", "compat", "app", "flags", "gfile", "logging", "notebook", "test",
         "contrib.layers")  # fmt: skip
USED = """
    Session placeholder Variable reduce_mean initialize_all_variables matmul argmax cast random_normal
    examples.tutorials.mnist.input_data.read_data_sets train.GradientDescentOptimizer equal nn.relu train.AdamOptimizer
    reduce_sum reshape constant square global_variables_initializer zeros add nn.softmax_cross_entropy_with_logits
    variable_scope log nn.softmax nn.conv2d train.SummaryWriter name_scope mul truncated_normal set_random_seed transpose
    get_variable nn.dropout random_uniform nn.max_pool nn.sigmoid merge_all_summaries Graph scalar_summary
    InteractiveSession ConfigProto app.run concat sub get_default_graph shape expand_dims
    nn.sparse_softmax_cross_entropy_with_logits sqrt nn.bias_add device squeeze constant_initializer pow
    reset_default_graph get_collection pack exp train.RMSPropOptimizer assign sigmoid app.flags.DEFINE_integer
    summary.FileWriter trainable_variables app.flags.DEFINE_string ones app.flags.DEFINE_boolean
    truncated_normal_initializer histogram_summary nn.tanh train.ExponentialMovingAverage abs add_n control_dependencies
    group random_normal_initializer train.exponential_decay maximum neg nn.embedding_lookup
    nn.sigmoid_cross_entropy_with_logits slice split gradients identity div flags.DEFINE_string gather no_op ones_like
    range test.TestCase test.main get_variable_scope contrib.layers.l2_regularizer nn.elu summary.merge_all tile to_float
    add_to_collection app.flags.DEFINE_float flags.DEFINE_integer gfile.GFile nn.softplus nn.top_k summary.scalar
    all_variables batch_matmul flags.DEFINE_float
    Session.run Session.close train.Optimizer.minimize train.Optimizer.compute_gradients train.Optimizer.apply_gradients
    Tensor.eval Tensor.get_shape TensorShape.as_list Graph.as_default Graph.get_tensor_by_name Variable.assign
"""
"""What ten programs of its time or more used, as far as it is there."""
MOST_USED = re.findall(r"\S+", USED)
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


@pytest.mark.parametrize("name", MOST_USED)
def test_the_example_in_a_tooltip_runs(name):
    text = inspect.getdoc(found(name)) or ""
    assert ">>>" in text, "it has no example"
    tf.reset_default_graph()
    example = doctest.DocTestParser().get_doctest(text, {"tf": tf}, name, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    said: list[str] = []
    runner.run(example, out=said.append)
    tf.reset_default_graph()
    assert runner.summarize(verbose=False).failed == 0, "".join(said)
