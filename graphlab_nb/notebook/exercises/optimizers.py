"""The exercises of notebook 05: two steps on paper, the largest rate, an optimizer that crosses a valley."""

from __future__ import annotations

import math
from typing import Any

from graphlab_nb.graph.graph import Graph
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import numbers, same
from graphlab_nb.ops.math import square
from graphlab_nb.ops.variable_lists import initialize_all_variables
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.session import Session
from graphlab_nb.train.optimizer import Optimizer

START = (-1.5, 1.5)
STEPS = 100
LOW = 0.002


@exercise("05.1", hint="The slope is 2 (w - 1), and at the second step it is another one than at the first.")
def two_steps(answer: Any) -> str | None:
    """Two steps of gradient descent on (w - 1)^2 from 4 at a rate of 0.1."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [2.92], 1e-3):
        return None
    if same(found, [3.4], 1e-3):
        return "That is where w is after one step"
    if same(found, [2.8], 1e-3):
        return "You took the slope at w = 4 twice"
    return f"After two steps, w is not {found[0]:g}"


@exercise("05.2", hint="The limit is 2 divided by the largest second derivative.")
def largest_rate(answer: Any) -> str | None:
    """The rate above which 3 x^2 + y^2 / 2 makes gradient descent diverge."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [1 / 3], 5e-3):
        return None
    if same(found, [2.0], 5e-3):
        return "That is the limit along y, and along x the loss is steeper"
    if same(found, [2 / 3], 5e-3):
        return "The second derivative of 3 x² is not 3"
    return f"The limit is not {found[0]:g}"


def lowest_reached(optimizer: Optimizer) -> float:
    """The loss in the notebook's valley after the steps that the exercise allows."""
    with Graph().as_default(), Session() as session:
        w = Variable(START).value()
        loss = square(1.0 - w[0]) + 20.0 * square(w[1] - square(w[0]))
        step = optimizer.minimize(loss)
        session.run(initialize_all_variables())
        for _ in range(STEPS):
            session.run(step)
        return float(session.run(loss))


@exercise(
    "05.3",
    hint="Momentum and Adam are good at it: try other rates than those of the pictures, and other memories than 0.9.",
)
def across_the_valley(answer: Any) -> str | None:
    """An optimizer that gets from the start to a loss that is low enough."""
    if not isinstance(answer, Optimizer):
        return "The answer is to be an optimizer, such as tf.train.AdamOptimizer(0.01)"
    reached = lowest_reached(answer)
    if reached < LOW:
        return None
    if not math.isfinite(reached):
        return f"It leaves the valley for good within {STEPS} steps: its rate is too large"
    return f"After {STEPS} steps it has got to a loss of {reached:.3g}"
