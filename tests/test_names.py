"""What tab completion offers: the API, and not what it is made of."""

from __future__ import annotations

import types

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
