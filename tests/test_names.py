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
}


@pytest.mark.parametrize("module", [tf, tf.nn, tf.train, tf.errors, tf.summary, notebook], ids=lambda m: m.__name__)
def test_it_is_the_api(module):
    offered = set(dir(module))
    assert not offered & MADE_OF
    for name in offered:
        assert getattr(module, name) is not None or name == "newaxis", name
    modules = {n for n in offered if isinstance(getattr(module, n), types.ModuleType)}
    if module is not tf:
        assert modules <= {"plots"}


@pytest.mark.parametrize(
    "name", ["Session", "nn", "train", "notebook", "contrib", "placeholder", "float32", "__version__"]
)
def test_what_programs_use_is_offered(name):
    assert name in dir(tf)
