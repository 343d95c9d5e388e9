"""The exercises of notebook 01: a feed of any length, a variable that doubles, and when errors show."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import number_instead, pair, same, value_of
from graphlab_nb.ops.state import Placeholder
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.session import Session

_WHEN = ("build", "run", "run", "build", "never")


@exercise(
    "01.1", hint="A placeholder of shape [None] takes rows of any length; tf.square and tf.reduce_mean do the rest."
)
def mean_square(answer: Any) -> str | None:
    """A placeholder for a row of numbers of any length, and the mean of their squares."""
    parts = pair(answer)
    if parts is None:
        return "The answer is to be a pair: (placeholder, tensor)"
    numbers, result = parts
    for part in parts:
        wrong = number_instead(part, "a pair of tensors")
        if wrong is not None:
            return wrong
    if not isinstance(numbers, Tensor) or not isinstance(numbers.op.definition, Placeholder):
        return "The first of the pair is to be a tf.placeholder"
    for row in ([3.0, 4.0], [1.0, -2.0, 2.0], [0.5]):
        try:
            found = value_of(result, {numbers: row})
        except errors.UnavailableError:
            raise
        except (ValueError, errors.OpError) as error:
            return f"It could not be run with {row}: {error}"
        if not same(found, np.mean(np.square(row))):
            return f"With {row} it gives {found!r:.60}, and the mean of the squares is {np.mean(np.square(row)):.4g}"
    return None


@exercise(
    "01.2",
    hint="Adding or multiplying gives a new tensor; only operations such as tf.assign(variable, value) change a variable.",
)
def doubling(answer: Any) -> str | None:
    """A variable that begins at 1, and an operation that doubles it."""
    parts = pair(answer)
    if parts is None:
        return "The answer is to be a pair: (variable, operation)"
    variable, double = parts
    if not isinstance(variable, Variable):
        return f"The first of the pair is to be a tf.Variable, not {type(variable).__name__}"
    if not isinstance(double, (Tensor, Operation)):
        return f"The second of the pair is to be an operation or its tensor, not {type(double).__name__}"
    with Session(graph=variable.graph) as session:
        session.run(variable.initializer)
        if not same(session.run(variable), 1.0):
            return f"The variable begins at {session.run(variable)!r:.60}, not at 1"
        for right, which in ((2.0, "first"), (4.0, "second"), (8.0, "third")):
            session.run(double)
            found = session.run(variable)
            if same(found, right / 2):
                return f"The {which} run of the operation left the variable at {right / 2:g}; each run is to double it"
            if not same(found, right):
                return f"After the {which} run the variable is {found!r:.60}, not {right:g}"
    return None


@exercise(
    "01.3",
    hint="Shapes and types are known while you build; values, such as what is fed and what variables hold, only in a run.",
)
def when_it_fails(answer: Any) -> str | None:
    """When each of five programs fails: "build", "run" or "never"."""
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if not isinstance(answer, (list, tuple)) or len(answer) != len(_WHEN):
        return f"The answer is to be a list of {len(_WHEN)} words"
    words = [word.strip().lower() if isinstance(word, str) else word for word in answer]
    strange = [word for word in words if word not in ("build", "run", "never")]
    if strange:
        return f'Each word is "build", "run" or "never", not {strange[0]!r:.40}'
    wrong = sum(word != right for word, right in zip(words, _WHEN, strict=True))
    return f"{wrong} of the {len(_WHEN)} {'is' if wrong == 1 else 'are'} wrong" if wrong else None
