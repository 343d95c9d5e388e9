"""The tutorials' exercises: `check("00.1", answer)` says right, or what is wrong with a hint. A file for each notebook's."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from graphlab_nb.errors import UnavailableError

FILES = {
    "00": "first_steps",
    "01": "basic_usage",
    "02": "mnist_for_beginners",
    "03": "deep_mnist",
    "04": "differentiation",
    "05": "optimizers",
    "06": "devices",
    "07": "looking_inside",
    "08": "playground",
    "09": "own_model",
    "10": "keeping",
    "11": "scaling_out",
}
"""Where the exercises of each notebook are."""

Test = Callable[[Any], str | None]
"""Takes an answer; returns what is wrong with it, or None."""


@dataclass(frozen=True)
class Exercise:
    """What an answer is held to, and what helps to find it."""

    test: Test
    hint: str


class Verdict:
    """What is said to an answer.

    Attributes:
      right: whether it is right.
      text: what is said.
    """

    def __init__(self, right: bool, text: str):
        self.right = right
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        color, mark = ("#2a9d5c", "\u2713") if self.right else ("#d98200", "\u2026")
        return (
            f'<div role="status" style="border-left:4px solid {color};padding:4px 10px;margin:2px 0">'
            f'<span style="color:{color}" aria-hidden="true">{mark}</span> {escape(self.text)}</div>'
        )


class UnfitError(Exception):
    """An answer that cannot be judged; says why in a learner's words."""


EXERCISES: dict[str, Exercise] = {}


def exercise(name: str, hint: str) -> Callable[[Test], Test]:
    """Makes a function the test of an exercise.

    Args:
      name: the notebook's number and the exercise's: "00.1".
      hint: what is said besides to an answer that is not right.
    """

    def register(test: Test) -> Test:
        EXERCISES[name] = Exercise(test, hint)
        return test

    return register


def check(name: str, answer: Any) -> Verdict:
    """Says whether an answer to a tutorial's exercise is right, or not yet, with a hint.

    Args:
      name: the exercise: "00.1" is the first one of notebook 00.
      answer: yours. The dots that stand there at first are none, and get no hint.

    Raises:
      ValueError: for an exercise that there is not.

    Example:
      >>> from graphlab_nb import notebook
      >>> notebook.check("00.1", ...).right
      False
    """
    number = name[:2] if isinstance(name, str) else ""
    if number in FILES:
        importlib.import_module(f"graphlab_nb.notebook.exercises.{FILES[number]}")
    found = EXERCISES.get(name) if isinstance(name, str) else None
    if found is None:
        raise ValueError(f"There is no exercise {name!r:.40}; they are called as '00.1', the notebook and the exercise")
    if answer is ...:
        return Verdict(False, "No answer yet: put yours in the place of the dots.")
    try:
        wrong = found.test(answer)
    except UnfitError as reason:
        wrong = str(reason)
    except UnavailableError as error:  # no device works here, which says nothing about the answer
        return Verdict(
            False, f"This could not be judged, as nothing can be computed here: {_first(str(error))} {_MEND}"
        )
    except Exception as error:  # whatever an answer is, it is told what is wrong with it
        wrong = f"Trying it gave {type(error).__name__}: {error}"
    if wrong is None:
        return Verdict(True, "Right.")
    return Verdict(False, f"Not yet: {_plain(wrong).rstrip('.')}. {found.hint}")


_MEND = "`graphlab-nb devices` tells what to do; then restart the kernel and check again."


def _first(text: str) -> str:
    """A text's first line, up to where its first sentence ends."""
    return re.split(r"(?<=\w[.;])\s", text.strip().partition("\n")[0])[0].rstrip(".;:") + "."


_NUMPYS = re.compile(r"\bnp\.\w+\(([^()]*)\)")


def _plain(text: str) -> str:
    """A text with NumPy's numbers as plain ones: 4.0 for np.float32(4.0)."""
    return _NUMPYS.sub(r"\1", text)
