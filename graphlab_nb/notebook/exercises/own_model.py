"""The exercises of notebook 09: scaling without a leak, a threshold for a wish, and a model of wines."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import array, numbers, pair, same
from graphlab_nb.ops.variables import Variable

_WISH = 0.98
_GOAL = 0.96


@exercise("09.1", hint="Take mean and spread of each column (axis=0) of the training part, and use them for both parts")
def scaling(answer: Any) -> str | None:
    """A function that scales a training and a test part by the training part's mean and spread."""
    if not _is_function(answer):
        return "The answer is to be the function: scale, without brackets"
    random = np.random.RandomState(0)
    train = random.normal([3.0, -100.0, 0.1], [1.0, 30.0, 0.01], (40, 3))
    for rows in (12, 1):
        test = random.normal([4.0, -80.0, 0.13], [2.0, 10.0, 0.02], (rows, 3))
        with np.errstate(all="ignore"):
            parts = pair(answer(train.copy(), test.copy()))
        if parts is None:
            return "It is to return a pair: (train_scaled, test_scaled)"
        given = [_array(part, right.shape) for part, right in zip(parts, (train, test), strict=True)]
        if given[0] is None or given[1] is None:
            return "It is to return arrays of the same shapes as what it gets"
        wrong = _of_scaled(given[0], given[1], train, test)
        if wrong is not None:
            return wrong if rows > 1 else f"With a single row in the test part: {wrong}"
    return None


def _of_scaled(train_given: np.ndarray, test_given: np.ndarray, train: np.ndarray, test: np.ndarray) -> str | None:
    def scaled(part: np.ndarray, by: np.ndarray, lost: int = 0) -> np.ndarray:
        return (part - by.mean(axis=0)) / by.std(axis=0, ddof=lost)

    for lost in (0, 1):
        if same(train_given, scaled(train, train, lost), 1e-3) and same(test_given, scaled(test, train, lost), 1e-3):
            return None
    both = np.concatenate([train, test])
    if same(train_given, scaled(train, both), 1e-3):
        return "mean and spread are of both parts together, so the training part knows of the test part"
    if not (same(train_given.mean(axis=0), np.zeros(3), 1e-3) and same(train_given.std(axis=0), np.ones(3), 0.02)):
        return "the columns of the scaled training part do not have mean 0 and spread 1"
    if not np.isfinite(test_given).all():
        return "the scaled test part has numbers that are none: the spread of a single row is 0"
    return "the training part is right, but the test part is not scaled by the training part's mean and spread"


@exercise(
    "09.2",
    hint="Sort the malignant ones by p; at most 2 % of them may lie below the threshold, rounded down to whole ones",
)
def threshold(answer: Any) -> str | None:
    """A function from the truth and probabilities to the highest threshold that finds 98 % of the malignant ones."""
    if not _is_function(answer):
        return "The answer is to be the function: choose, without brackets"
    random = np.random.RandomState(1)
    for cases in (30, 150, 1000, 400):
        truth = (random.uniform(size=cases) < 0.4).astype(np.float64)
        p = 1 / (1 + np.exp(-random.normal(3.0 * truth - 1.5, 1.5)))
        if cases == 400:
            p = p.round(1)  # several have the same
        given = answer(truth.copy(), p.copy())
        found = numbers(given)
        if found is None:
            return f"It is to return one number, not {given!r:.60}"
        chosen = float(found[0])
        sick, healthy = p[truth == 1], p[truth == 0]
        share = float(np.mean(sick >= chosen))
        if share < _WISH:
            return (
                f"Of {len(sick)} malignant ones, its threshold {chosen:.3g} finds {np.sum(sick >= chosen)}: {share:.1%}"
            )
        highest = max(value for value in sick if np.mean(sick >= value) >= _WISH)
        alarms, fewest = int(np.sum(healthy >= chosen)), int(np.sum(healthy >= highest))
        if alarms > fewest:
            return f"With its threshold {chosen:.3g} there are {alarms} false alarms; {fewest} would do"
    return None


@exercise("09.3", hint="Scale the measurements first; W is [13, 3]; tf.argmax of the evidence is the class")
def wines(answer: Any) -> str | None:
    """The classes that a model gives the wines of the test part."""
    if isinstance(answer, (Tensor, Variable)):
        return "This is a tensor: run it with the scaled wines of the test part, and hand in what comes back"
    data = load_wine()
    *_, truth = train_test_split(data.data, data.target, test_size=0.3, stratify=data.target, random_state=0)
    found = array(answer)
    if found is None:
        return f"The answer is to be an array of {len(truth)} classes"
    if found.shape == (len(truth), 3):
        found = found.argmax(axis=1)
    if found.shape != truth.shape:
        return f"The answer is to be an array of {len(truth)} classes, not one of shape {list(found.shape)}"
    right = int(np.sum(found == truth))
    return None if right / len(truth) >= _GOAL else f"{right} of {len(truth)} are right, {right / len(truth):.0%}"


def _is_function(answer: Any) -> bool:
    return callable(answer) and not isinstance(answer, (Tensor, Variable))


def _array(part: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """Numbers of a shape, or None."""
    found = numbers(part, int(np.prod(shape)))
    return None if found is None or np.shape(part) != shape else found.reshape(shape)
