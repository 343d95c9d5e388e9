"""The exercises of notebook 02: a softmax that does not overflow, an untrained model's loss, and a model of 98 %."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.datasets import mnist
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import array, numbers, same
from graphlab_nb.ops.variables import Variable

_ROWS = ([0.0, 0.0], [1.0, 2.0, 3.0], [-4.0, 0.5, 0.5, 7.0], [3.0], list(np.linspace(-3.0, 3.0, 10)))
_LARGE = ([1000.0, 999.0], [-2000.0, -2001.0, -2000.0])
_GOAL = 0.98


@exercise(
    "02.1", hint="Subtract the largest evidence from all; then the powers are at most 1, and their ratios are the same"
)
def safe_softmax(answer: Any) -> str | None:
    """A function from a row of evidence to probabilities, right for large evidence as well."""
    if not callable(answer) or isinstance(answer, (Tensor, Variable)):
        return "The answer is to be the function: softmax, without brackets"
    for row in (*_ROWS, *_LARGE):
        powers = np.exp(np.array(row) - max(row))
        right = powers / powers.sum()
        with np.errstate(all="ignore"):
            given = answer(np.array(row))
        if given is None or given is ...:
            return f"It returns {given!r}: let it return the probabilities"
        found = numbers(given, len(row))
        if found is None:
            return f"For {len(row)} numbers it returns {given!r:.60}, not {len(row)} numbers"
        if not np.isfinite(found).all():
            return f"For {_short(row)} it returns {_short(found)}: the powers are too large for the computer"
        if not same(found, right, 1e-5):
            return f"For {_short(row)} it returns {_short(found)}, with the sum {found.sum():.4g}, not {_short(right)}"
    return None


def _short(row: Any) -> str:
    return "[" + ", ".join(f"{value:.4g}" for value in row) + "]"


@exercise(
    "02.2",
    hint="All evidence is 0, so all ten digits get the same probability; the loss is minus its natural logarithm",
)
def untrained_loss(answer: Any) -> str | None:
    """The cross entropy of ten equal probabilities."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [np.log(10.0)], 3e-3):
        return None
    if same(found, [-np.log(10.0)], 3e-3):
        return "A loss is not negative: there is a minus before the sum"
    if same(found, [1.0]):
        return "1 is its logarithm to the base 10, and e is the base here"
    if same(found, [np.log2(10.0)], 3e-3):
        return "This is its logarithm to the base 2, and e is the base here"
    if same(found, [0.1]):
        return "0.1 is the probability that the right digit gets, and the loss is what that costs"
    return f"It is not {found[0]:.4g}"


@exercise(
    "02.3",
    hint="128 hidden units reach nearly 98 % in 5,000 steps; 256, and a second hidden layer of 128, go beyond, with more "
    "steps: about 10,000",
)
def read_digits(answer: Any) -> str | None:
    """The digits that a model of at least 98 % reads in the test images."""
    if isinstance(answer, (Tensor, Variable)):
        return "This is a tensor: run it with mnist.test.images, and hand in what comes back"
    found = array(answer)
    if found is None or found.shape[:1] != (10_000,):
        return "The answer is to be an array of 10,000 digits, one for each test image"
    if found.ndim == 2 and found.shape[1] == 10:
        found = found.argmax(axis=1)
    if found.shape != (10_000,):
        return f"The answer is to be an array of 10,000 digits, not one of shape {list(found.shape)}"
    share = float(np.mean(found == _test_labels()))
    if share == 1.0:
        return "All are right: these look like the labels themselves, not like what your model reads"
    if share < _GOAL:
        return f"{share:.2%} of them are right"
    return None


def _test_labels() -> np.ndarray:
    return mnist.read_data_sets(None).test.labels
