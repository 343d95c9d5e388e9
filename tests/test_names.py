"""What tab completion offers: the API, and not what it is made of."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest

import graphlab_nb as tf
from graphlab_nb import notebook

MADE_OF = {
    "compiler",
    "launch",
    "wire",
    "runtime",
    "messages",
    "platform",
    "shapes",
    "export",
    "ops",
    "graph",
    "session",
    "Any",
    "IO",
    "Callable",
    "Iterator",
    "NoReturn",
    "Self",
    "Sequence",
    "TextIO",
}


@pytest.mark.parametrize(
    "module",
    [tf, tf.nn, tf.train, tf.errors, tf.summary, tf.app, tf.flags, tf.gfile, tf.logging, tf.test, notebook],
    ids=lambda m: m.__name__,
)
def test_it_is_the_api(module):
    offered = set(dir(module))
    assert not offered & MADE_OF
    for name in offered:
        assert getattr(module, name) is not None or name == "newaxis", name
    modules = {n for n in offered if isinstance(getattr(module, n), types.ModuleType)}
    if module is not tf:
        assert modules <= {"flags", "plots"}


@pytest.mark.parametrize(
    "name", ["Session", "nn", "train", "notebook", "contrib", "placeholder", "float32", "__version__"]
)
def test_what_programs_use_is_offered(name):
    assert name in dir(tf)


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (tf.app, {"flags", "run"}),
        (tf.flags, {"FLAGS", "DEFINE_bool", "DEFINE_boolean", "DEFINE_float", "DEFINE_integer", "DEFINE_string"}),
        (tf.gfile, {"FastGFile", "GFile", "Open", "Exists", "ListDirectory", "Walk"}),
        (tf.logging, {"DEBUG", "INFO", "WARN", "ERROR", "FATAL", "info", "warn", "warning", "set_verbosity"}),
        (tf.test, {"TestCase", "compute_gradient", "main"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_parts_offer_their_own_names_and_no_imported_ones(module, names):
    offered = set(dir(module))
    assert names <= offered
    for name in offered - {"flags", "FLAGS"}:
        assert getattr(getattr(module, name), "__module__", module.__name__) == module.__name__, name


def reachable(module: types.ModuleType, path: str = "tf") -> Iterator[tuple[str, types.ModuleType]]:
    """A module and all that tab completion leads to from it, by the paths that a user types."""
    yield path, module
    for name in dir(module):
        thing = getattr(module, name)
        if isinstance(thing, types.ModuleType) and thing.__name__.startswith("graphlab_nb."):
            yield from reachable(thing, f"{path}.{name}")


REACHABLE = dict(reachable(tf))


def test_the_parts_are_reached_by_tab_completion():
    assert {"tf.nn", "tf.compat", "tf.as_tensorflow", "tf.contrib.layers", "tf.notebook.plots"} <= set(REACHABLE)
    assert {"tf.examples.tutorials.mnist.mnist", "tf.examples.tutorials.mnist.input_data"} <= set(REACHABLE)


@pytest.mark.parametrize("path", REACHABLE)
def test_nothing_of_python_or_numpy_is_offered(path):
    module = REACHABLE[path]
    for name in dir(module):
        thing = getattr(module, name)
        if name.startswith("__") or (path == "tf.notebook.plots" and name == "SIGNED"):  # a color map of matplotlib
            continue
        home = thing.__name__ if isinstance(thing, types.ModuleType) else getattr(thing, "__module__", "graphlab_nb")
        assert home.startswith("graphlab_nb"), (name, home)


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (tf.contrib, {"layers", "training"}),
        (tf.contrib.layers, set(tf.contrib.layers.__all__)),
        (tf.contrib.training, {"GreedyLoadBalancingStrategy", "byte_size_load_fn"}),
        (tf.as_tensorflow, {"TENSORFLOW_VERSION", "install", "main", "run_program", "uninstall"}),
        (tf.examples.tutorials.mnist, {"input_data", "mnist"}),
        (tf.examples.tutorials.mnist.mnist, {"IMAGE_PIXELS", "IMAGE_SIZE", "NUM_CLASSES",
                                             "evaluation", "inference", "loss", "training"}),
        (tf.compat, {"as_bytes", "as_str", "as_str_any", "as_text",
                     "bytes_or_text_types", "complex_types", "integral_types", "real_types"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_these_parts_offer_just_their_own_names(module, names):
    assert set(dir(module)) == names
