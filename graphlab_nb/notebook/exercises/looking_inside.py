"""The exercises of notebook 07: a gradient that is not finite, counting what is no number, a loss that does not overflow."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.gradients import gradients
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import number_instead, numbers, same
from graphlab_nb.ops.state import placeholder
from graphlab_nb.session.session import Session

POINTS = np.array([-1000.0, -200.0, -90.0, -20.0, -1.0, 0.0, 0.5, 5.0, 30.0, 200.0, 1000.0])


def values_and_slopes(function: Any, points: np.ndarray) -> Any:
    """What a function of a tensor gives at points, with its gradient; or a text that says why not."""
    with Graph().as_default() as graph:
        x = placeholder(dtypes.float32, [None])
        y = function(x)
        wrong = number_instead(y)
        if wrong is not None:
            return f"The function is to give a tensor, not {type(y).__name__}"
        if not isinstance(y, Tensor) or not y.dtype.is_floating:
            return "The function is to give a tensor of floats"
        (slope,) = gradients(y, x)
        if slope is None:
            return "No gradient flows through what the function gives"
        with Session(graph=graph) as session:
            return session.run([y, slope], {x: points})


@exercise(
    "07.1",
    hint="Fetch f(x) and tf.gradients(f(x), x) at x = 0 for each of them.",
)
def infinite_slope(answer: Any) -> str | None:
    """tf.sqrt: finite at 0, with an infinite gradient."""
    if not callable(answer) or isinstance(answer, type):
        return "The answer is to be a function, such as tf.abs, not what it gives"
    found = values_and_slopes(answer, np.zeros(1))
    if isinstance(found, str):
        return found
    value, slope = (float(np.ravel(part)[0]) for part in found)
    if not np.isfinite(value):
        return f"Its value at 0 is not finite, but {value}"
    if np.isfinite(slope):
        return f"Its gradient at 0 is finite, too: {slope:g}"
    return None


@exercise("07.2", hint="np.isnan and np.isinf give True or False for each number, and .sum() counts what is True.")
def counts(answer: Any) -> str | None:
    """A function that counts NaN and infinities."""
    if not callable(answer):
        return "The answer is to be a function of an array"
    for given in (
        np.array([1.0, np.nan, np.inf, -np.inf, 0.0, np.inf]), np.array([[np.nan, 2.0], [np.nan, -np.inf]], np.float32),
        np.zeros((2, 3)), np.full(7, np.inf), np.float32(3.0), np.zeros(0),
    ):  # fmt: skip
        right = [float(np.isnan(given).sum()), float(np.isinf(given).sum())]
        found = numbers(answer(np.array(given)), 2)
        if found is None:
            return "The function is to give a pair of numbers"
        if same(found, right):
            continue
        if same(found, right[::-1]):
            return "It has the two numbers the other way round"
        if right[1] and found[1] < right[1] and (np.asarray(given) == -np.inf).any():
            return "It overlooks infinities: minus infinity is one, too"
        return (
            f"For {np.ravel(given).tolist()} it gives {found[0]:g} and {found[1]:g}, not {right[0]:g} and {right[1]:g}"
        )
    return None


@exercise(
    "07.3",
    hint="Where z is negative, take exp(-z) out of the sum: log(1 + exp(-z)) = -z + log(1 + exp(z)). tf.maximum and tf.abs "
    "join both cases.",
)
def stable_loss(answer: Any) -> str | None:
    """A function of a tensor that gives log(1 + exp(-z)) wherever z lies."""
    if not callable(answer) or isinstance(answer, type):
        return "The answer is to be a function of a tensor"
    found = values_and_slopes(answer, POINTS)
    if isinstance(found, str):
        return found
    right = [np.logaddexp(0.0, -POINTS), -0.5 * (1.0 - np.tanh(POINTS / 2))]
    for what, value, wanted in zip(("value", "gradient"), found, right, strict=True):
        if np.shape(value) != np.shape(wanted):
            return "It is to give one number for each z"
        off = ~np.isclose(value, wanted, rtol=1e-4, atol=1e-4)
        if what == "gradient":
            off &= POINTS != 0.0  # where |z| has none, any will do
        if off.any():
            worst = int(np.argmax(off))
            return f"At z = {POINTS[worst]:g} its {what} is {value[worst]:.5g}, not {wanted[worst]:.5g}"
    return None
