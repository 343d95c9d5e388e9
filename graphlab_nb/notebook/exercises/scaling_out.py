"""The exercises of notebook 11: a mean of parts of different size, Amdahl's law, averaging towers."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.graph.build import constant
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import numbers, same
from graphlab_nb.ops.state import placeholder
from graphlab_nb.ops.variable_lists import initialize_all_variables
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.session import Session


@exercise(
    "11.1",
    hint="Add up what all 100 digits want, and divide by 100: each part's mean stands for as many digits as it has.",
)
def mean_of_parts(answer: Any) -> str | None:
    """(30 * 1 + 70 * 2) / 100."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [1.7]):
        return None
    if same(found, [1.5]):
        return "1.5 is right for parts of equal size, and the second has more digits"
    if same(found, [1.3]):
        return "You gave each part the other's weight"
    return f"The mean is not {found[0]:g}"


@exercise("11.2", hint="Put p = 0.9 and n = 4 into the formula; then ask what is left of it where n is huge.")
def amdahl(answer: Any) -> str | None:
    """1 / 0.325 and 10."""
    found = numbers(answer, 2)
    if found is None:
        return "The answer is to be two numbers"
    right = [1 / 0.325, 10.0]
    if same(found, right, 5e-3):
        return None
    if same(found, right[::-1], 5e-3):
        return "The numbers are right, but the speed-up with 4 workers comes first"
    if same(found[:1], right[:1], 5e-3):
        return f"The first number is right, but the limit is not {found[1]:g}"
    if same(found[1:], right[1:], 5e-3):
        return f"The limit is right, but with 4 workers it is not {found[0]:g}"
    return f"They are not {found[0]:g} and {found[1]:g}"


TOWERS = [([[1.0, 2.0]], -4.0), ([[3.0, -6.0]], 8.0), ([[0.5, 0.0]], 1.0)]
SIZES = [30, 60, 10]


@exercise(
    "11.3", hint="For each variable: the sum of gradient times size over the towers, divided by the sum of the sizes."
)
def average_of_towers(answer: Any) -> str | None:
    """A function that makes (gradient, variable) pairs of towers' pairs, weighted by sizes."""
    if not callable(answer) or isinstance(answer, type):
        return "The answer is to be a function of towers and sizes"
    with Graph().as_default() as graph:
        variables = [Variable([[0.0, 0.0]]), Variable(0.0)]
        scale = placeholder(dtypes.float32, [])
        towers = [[(constant(g) * scale, v) for g, v in zip(tower, variables, strict=True)] for tower in TOWERS]
        for count in (2, 3):
            given, sizes = towers[:count], SIZES[:count]
            found = answer(given, list(sizes))
            wrong = _no_pairs(found, variables)
            if wrong is not None:
                return wrong
            with Session(graph=graph) as session:
                session.run(initialize_all_variables())
                values = session.run([g for g, _ in found], {scale: 2.0})
            for k, value in enumerate(values):
                parts = [2.0 * np.asarray(tower[k]) for tower in TOWERS[:count]]
                right = sum(part * size for part, size in zip(parts, sizes, strict=True)) / sum(sizes)
                if same(value, right):
                    continue
                if same(value, np.mean(parts, 0)):
                    return "It gives all towers the same weight, whatever their sizes are"
                if same(value, right * sum(sizes)):
                    return "It adds up, and does not divide by the number of all digits"
                return f"With {count} towers it gives {np.ravel(value).tolist()}, not {np.ravel(right).tolist()}"
    return None


def _no_pairs(found: Any, variables: list[Variable]) -> str | None:
    """What is wrong with the form of what the function gave."""
    if isinstance(found, (Tensor, Variable)) or not hasattr(found, "__len__"):
        return f"The function is to give a list of pairs, not {type(found).__name__}"
    if len(found) != len(variables) or not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in found):
        return f"The function is to give a list of {len(variables)} pairs, one for each variable"
    if any(pair[1] is not variable for pair, variable in zip(found, variables, strict=True)):
        return "The second of each pair is to be the variable, and they come in the towers' order"
    if not all(isinstance(pair[0], Tensor) for pair in found):
        return "The first of each pair is to be a tensor"
    return None
