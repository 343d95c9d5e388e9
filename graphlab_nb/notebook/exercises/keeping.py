"""The exercises of notebook 10: reading all weights, what repeats, and writing values back."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import same
from graphlab_nb.ops.variable_lists import global_variables_initializer
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.session import Session

_REPEATS = (True, False, True, False)
_VALUES = {"net/W": np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), "b": np.array([5.0, 6.0], np.float32)}


def _model() -> tuple[Graph, dict[str, Variable]]:
    """A graph with two variables that are trained, and one that is not."""
    graph = Graph()
    with graph.as_default():
        with name_scope("net"):
            weights = Variable(np.zeros([2, 2], np.float32), name="W")
        biases = Variable(np.zeros([2], np.float32), name="b")
        Variable(0, name="steps", trainable=False)
        global_variables_initializer()
    return graph, {"net/W": weights, "b": biases}


def _no_function(answer: Any, taking: str) -> str | None:
    if callable(answer) and not isinstance(answer, type):
        return None
    return f"The answer is to be a function of {taking}, not {type(answer).__name__}"


@exercise("10.1", hint="Loop over tf.trainable_variables(): v.op.name is a variable's name, session.run(v) its value.")
def weights_of(answer: Any) -> str | None:
    """A function that returns the values of a session's trainable variables by name."""
    wrong = _no_function(answer, "a session")
    if wrong is not None:
        return wrong
    graph, variables = _model()
    with Session(graph=graph) as session:
        session.run(graph.get_operation_by_name("init"))
        for name, variable in variables.items():
            variable.load(_VALUES[name], session)
        found = answer(session)
    if not isinstance(found, dict):
        return f"The function is to return a dict, not {type(found).__name__}"
    names = {name.removesuffix(":0") if isinstance(name, str) else name: value for name, value in found.items()}
    if "steps" in names:
        return "The dict has a variable that is not trained"
    if set(names) != set(_VALUES):
        return f"Its names are {sorted(map(str, names))}, and the variables are called {sorted(_VALUES)}"
    for name, value in names.items():
        if not isinstance(value, np.ndarray):
            return f"{name} is {type(value).__name__}, not an array of numbers"
        if not same(value, _VALUES[name]):
            return f"{name} has other numbers than the session"
    return None


@exercise(
    "10.2",
    hint="Numbers repeat where a seed was given, and begin anew with each session, but go on within one.",
)
def what_repeats(answer: Any) -> str | None:
    """Which of four pairs of runs give the same numbers."""
    try:
        found = list(answer)
    except TypeError:
        return "The answer is to be a list of True and False"
    if len(found) != len(_REPEATS) or not all(isinstance(one, (bool, np.bool_)) for one in found):
        return f"The answer is to be a list of {len(_REPEATS)}, each True or False"
    wrong = sum(bool(one) != right for one, right in zip(found, _REPEATS, strict=True))
    return f"{wrong} of the {len(_REPEATS)} {'is' if wrong == 1 else 'are'} wrong" if wrong else None


@exercise(
    "10.3",
    hint="tf.assign makes an operation at each call. A variable has a method that puts a value into a session and makes none; "
    "tf.all_variables() names those that are not trained, too.",
)
def restoring(answer: Any) -> str | None:
    """A function that gives a session's variables their values, and adds nothing to the graph."""
    wrong = _no_function(answer, "a session and a dict of values")
    if wrong is not None:
        return wrong
    graph, variables = _model()
    with Session(graph=graph) as session:
        session.run(graph.get_operation_by_name("init"))
        values: dict[str, Any] = {**_VALUES, "steps": np.int32(7)}
        answer(session, dict(values))
        size = len(graph.get_operations())
        answer(session, {name: value + 1 for name, value in values.items()})
        for name, variable in variables.items():
            if not same(session.run(variable), _VALUES[name] + 1):
                return f"After the second call, {name} has not the values that were given"
        if session.run("steps:0") != 8:
            return "A variable that is not trained, steps, was left out: a count of steps is part of a model, too"
        if len(graph.get_operations()) > size:
            return "The values are right, but every call adds operations to the graph"
        del values["b"]
        try:
            answer(session, values)
        except Exception:  # whichever it is, the caller learns of it
            return None
    return "Where a value is missing, the function is to fail, and not to leave a variable as it was"
