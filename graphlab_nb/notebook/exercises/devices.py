"""The exercises of notebook 06: bytes that fusion saves, a device asked for, an operation of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.gradients import gradients
from graphlab_nb.graph.device_spec import DeviceSpec
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import number_instead, numbers, same, value_of
from graphlab_nb.ops.state import placeholder
from graphlab_nb.session.session import Session

POINTS = np.linspace(-3.0, 3.0, 25)


@exercise(
    "06.1",
    hint="Each kernel reads a million numbers and writes a million. How many kernels are there, and what is between them?",
)
def bytes_moved(answer: Any) -> str | None:
    """Three kernels move 24 MB, one moves 8 MB."""
    found = numbers(answer, 2)
    if found is None:
        return "The answer is to be two numbers, for one kernel each and for the fused kernel"
    if same(found, [24e6, 8e6], 1e-3):
        return None
    if same(found, [8e6, 24e6], 1e-3):
        return "The numbers are right, but the other way round: fusion saves bytes"
    if same(found, [6e6, 2e6], 1e-3):
        return "These are numbers, and each takes 4 bytes"
    if same(found, [12e6, 4e6], 1e-3):
        return "You counted what is read or what is written, and both cost"
    if same(found[:1], [24e6], 1e-3):
        return "The first number is right: but what is left of it where one kernel does it all?"
    return f"It is not {found[0]:,.0f} and {found[1]:,.0f} bytes"


@exercise("06.2", hint='Put tf.matmul under "with tf.device(...)", with the short name of the first CPU.')
def product_on_the_processor(answer: Any) -> str | None:
    """A [4, 4] result of MatMul that asks for /cpu:0."""
    wrong = number_instead(answer)
    if wrong is not None:
        return wrong
    tensor = answer if isinstance(answer, Tensor) else answer.value()
    if not tensor.op.type.endswith("MatMul"):
        return f"It is the output of {tensor.op.type}, not of a product of matrices"
    if tensor.get_shape().as_list() != [4, 4] or any(t.get_shape().as_list() != [4, 4] for t in tensor.op.inputs):
        return f"The matrices are to be 4 x 4; the product is {tensor.get_shape()}"
    asked = DeviceSpec.from_string(tensor.op.device) if tensor.op.device else None
    if asked is None or asked.device_type is None:
        return "It asks for no device"
    if asked.device_type.upper() != "CPU" or asked.device_index not in (None, 0):
        return f"It asks for {tensor.op.device}"
    return None


@exercise(
    "06.3",
    hint="Do it as the notebook does with swish: an expression of x0, and a function of (op, dy) that gives "
    "dy times the slope.",
)
def own_operation(answer: Any) -> str | None:
    """A function that makes one operation of x |x| with its gradient."""
    if not callable(answer) or isinstance(answer, type):
        return "The answer is to be the decorated function"
    with Graph().as_default() as graph:
        x = placeholder(dtypes.float32, [None])
        before = len(graph.get_operations())
        y = answer(x)
        if not isinstance(y, Tensor):
            return f"The function gives {type(y).__name__}, not a tensor: is it decorated with @tf.elementwise?"
        if len(graph.get_operations()) != before + 1 or list(y.op.inputs) != [x]:
            return "It is made of operations that there are: it is to be one of its own, by @tf.elementwise"
        value = value_of(y, {x: POINTS})
        if not same(value, POINTS * np.abs(POINTS)):
            worst = int(np.argmax(~np.isclose(value, POINTS * np.abs(POINTS), atol=1e-4)))
            return f"At x = {POINTS[worst]:g} it gives {value[worst]:.4g}, not {POINTS[worst] * abs(POINTS[worst]):.4g}"
        weights = placeholder(dtypes.float32, [None])
        (slope,) = gradients(y, x, weights)
        if slope is None:
            return "The values are right, but no gradient flows: give grad="
        with Session(graph=graph) as session:
            found = session.run(slope, {x: POINTS, weights: np.full(POINTS.shape, 3.0)})
    if same(found, 6.0 * np.abs(POINTS)):
        return None
    if same(found, 2.0 * np.abs(POINTS)):
        return "The gradient leaves out dy, what comes from above"
    return "The values are right, and the gradient is not"
