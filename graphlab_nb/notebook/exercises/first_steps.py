"""The exercises of notebook 00: a tensor instead of its number, a loss on paper, a step on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import number_instead, numbers, same, value_of


@exercise(
    "00.1",
    hint="A tensor times a tensor is a tensor, and so is a number times a tensor: at * at has the value of x squared.",
)
def plan_of_a_sum(answer: Any) -> str | None:
    """A tensor of 3 x^2 + 1 that is computed from the constant x = 2."""
    wrong = number_instead(answer)
    if wrong is not None:
        return wrong
    value = value_of(answer)
    if np.shape(value) != () or not same(float(value), 13.0):
        return f"Its value is {value!r:.60}, not that of 3 x² + 1 at x = 2"
    before = _before(answer)
    points = [op.outputs[0] for op in before if isinstance(op.definition, Const) and same(value_of(op.outputs[0]), 2.0)]
    if len(before) < 4:
        return "The value is right, but Python did the arithmetic: let operations of the graph do it"
    if not any(same(float(value_of(answer, {point: 3.0})), 28.0) for point in points):
        return "The value is right at x = 2, but it does not follow x: use the tensor `at` wherever the formula has x"
    return None


def _before(tensor: Tensor) -> set[Operation]:
    """The operations that a tensor needs."""
    found: set[Operation] = set()
    open_ends = [tensor.op]
    while open_ends:
        op = open_ends.pop()
        if op not in found:
            found.add(op)
            open_ends += [t.op for t in op.inputs]
    return found


@exercise(
    "00.2", hint="The line says 1 at the first point and 2 at the second; square both distances, then take their mean."
)
def loss_on_paper(answer: Any) -> str | None:
    """The mean square error of y = x at (1, 2) and (2, 4)."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [2.5]):
        return None
    if same(found, [5.0]):
        return "5 is the sum of the squares, and the loss is their mean"
    if same(found, [1.5]):
        return "1.5 is the mean of the distances: square them first"
    return f"The loss is not {found[0]:g}"


@exercise("00.3", hint="At both points the line is too low: W x - y is -1 and -2; a step goes against the slopes.")
def step_on_paper(answer: Any) -> str | None:
    """One step of gradient descent from W = 1, b = 0 at a rate of 0.1."""
    found = numbers(answer, 2)
    if found is None:
        return "The answer is to be two numbers, W and b"
    if same(found, [1.5, 0.3]):
        return None
    if same(found, [0.5, -0.3]):
        return "This is a step uphill: the slopes are subtracted"
    if same(found, [-5.0, -3.0]):
        return "These are the slopes: now make the step"
    if same(found, [2.0, 0.6]):
        return "The slopes are twice too large: a mean over two points is half of their sum"
    if same(found, [0.3, 1.5]):
        return "The numbers are right, but W comes first"
    return f"After the step, (W, b) is not ({found[0]:g}, {found[1]:g})"
