"""The exercises of notebook 04: a chain rule on paper, a second derivative, and a gradient that is not the function's."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.gradients import gradients
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import number_instead, numbers, pair, same, value_of
from graphlab_nb.ops.state import placeholder

_POINTS = np.array([-2.0, -0.4, 0.0, 0.7, 3.1], np.float32)
_BETWEEN = np.array([-1.2, -0.6, 0.3, 0.8, 2.4], np.float32)


@exercise("04.1", hint="Two factors: how fast the sigmoid rises at 0, and how fast w x changes with w.")
def chain_on_paper(answer: Any) -> str | None:
    """The derivative of sigmoid(w x) with respect to w at w = 0, x = 4."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [1.0]):
        return None
    if same(found, [0.25]):
        return "0.25 is the slope of the sigmoid alone: the inner function w x has a slope, too"
    if same(found, [0.5]):
        return "0.5 is the sigmoid's value at 0, not its slope"
    if same(found, [0.0]):
        return "0 is the slope with respect to x; w is asked for"
    return f"The slope is not {found[0]:g}"


@exercise(
    "04.2", hint="tf.gradients returns a list with a tensor of the graph; that tensor can be differentiated again."
)
def second_derivative(answer: Any) -> str | None:
    """A placeholder x, and the second derivative of x sin x."""
    parts = pair(answer)
    if parts is None:
        return "The answer is to be a pair: (x, second)"
    x, second = parts
    if isinstance(second, list) and len(second) == 1:
        second = second[0]
    for part in (x, second):
        wrong = number_instead(part, "a pair of tensors")
        if wrong is not None:
            return wrong
    found = value_of(second, {x: _POINTS})
    if same(found, np.sin(_POINTS) + _POINTS * np.cos(_POINTS)):
        return "This is the first derivative"
    if same(found, 2 * np.cos(_POINTS) - _POINTS * np.sin(_POINTS)):
        return None
    return f"At {_POINTS[3]:.1f} it is {np.ravel(found)[min(3, np.size(found) - 1)]:.4g}, which is not the second derivative"


@exercise("04.3", hint="x + tf.stop_gradient(d) has the slope of x alone; which d makes its value tf.round(x)?")
def straight_through(answer: Any) -> str | None:
    """A function whose value is round(x) and whose slope is 1."""
    if not callable(answer) or isinstance(answer, type):
        return f"The answer is to be a function that takes a tensor, not {type(answer).__name__}"
    graph = Graph()
    with graph.as_default():
        x = placeholder(dtypes.float32, [None])
        y = answer(x)
        if not isinstance(y, Tensor):
            return f"The function is to return a tensor, not {type(y).__name__}"
        (slope,) = gradients(y, x)
    value = value_of(y, {x: _BETWEEN})
    if not same(value, np.round(_BETWEEN)):
        return f"Its value at {_BETWEEN[3]:.1f} is {np.ravel(value)[min(3, np.size(value) - 1)]:.4g}, not 1"
    if slope is None:
        return "The value is right, but it has no slope: no path leads from it to x that gradients can take"
    found = value_of(slope, {x: _BETWEEN})
    if not same(found, np.ones_like(_BETWEEN)):
        return f"The value is right, but its slope is {np.ravel(found)[0]:.4g}, not 1"
    return None
