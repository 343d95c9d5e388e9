"""The forms that answers may have: what is a number, which tensors are asked for, and what they are worth."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import UnfitError
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.session import Session


def numbers(answer: Any, count: int = 1) -> np.ndarray | None:
    """An answer's numbers in a row, of float64; None where it is not `count` numbers, in whatever lists or arrays.

    Raises:
      UnfitError: for a number that is too large for a float.
    """
    found = array(answer)
    return None if found is None or found.size != count else found.astype(np.float64).ravel()


def array(answer: Any) -> np.ndarray | None:
    """An answer's numbers in their shape; None where they are no numbers, or in lists of different lengths.

    Raises:
      UnfitError: for a number that is too large for a float.
    """
    try:
        found = np.asarray(answer)
        if found.dtype.kind == "O" and all(isinstance(part, Real) for part in found.flat):
            found = found.astype(np.float64)
    except (TypeError, ValueError, RuntimeError):
        return None
    except OverflowError:
        raise UnfitError("It has a number that is too large: a float holds at most about 1.8e308") from None
    return found if found.dtype.kind in "iuf" else None


def same(found: Any, right: Any, error: float = 1e-4) -> bool:
    """Whether numbers are the right ones, but for rounding."""
    return np.shape(found) == np.shape(right) and bool(np.allclose(found, right, rtol=error, atol=error))


def number_instead(answer: Any, wanted: str = "a tensor") -> str | None:
    """What to say to an answer that is numbers, or anything else, where a tensor is asked for; None to a tensor."""
    if isinstance(answer, (Tensor, Variable)):
        return None
    if isinstance(answer, (Real, np.ndarray)):
        return f"This is a number already, and {wanted} is asked for: what run would be given, not what it returns"
    return f"The answer is to be {wanted}, not {type(answer).__name__}"


def pair(answer: Any) -> tuple[Any, Any] | None:
    """An answer's two parts, or None where it is no pair."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        return None
    return answer[0], answer[1]


def value_of(tensor: Any, feeds: dict[Any, Any] | None = None) -> Any:
    """A tensor's value in a session of its own."""
    with Session(graph=tensor.graph) as session:
        return session.run(tensor, feeds)
