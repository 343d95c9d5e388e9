"""What went wrong in a task, on its way to the client that gets it as the error that a local run raises."""

from __future__ import annotations

import builtins
import contextlib
import pickle
from typing import NamedTuple

import cloudpickle

from graphlab_nb import errors
from graphlab_nb.graph.graph import Graph

LARGEST = 100_000
"""Bytes of an exception that travels as it is."""


class Failure(NamedTuple):
    """An error as plain data.

    Attributes:
      kind: name of its class, in `graphlab_nb.errors` or among Python's own.
      message: its text.
      op: name of the operation at fault, or None.
      pickled: what a function of the user's has raised, as it was, with its notes; empty where that cannot be.
    """

    kind: str
    message: str
    op: str | None = None
    pickled: bytes = b""

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """What is told of an error."""
        if isinstance(error, errors.OpError):
            return cls(type(error).__name__, error.message, getattr(error.op, "name", error.op))
        kind = type(error)
        known = getattr(builtins, kind.__name__, None) is kind
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        pickled = b""
        if isinstance(error, Exception):
            with contextlib.suppress(Exception):
                pickled = cloudpickle.dumps(error)
        named = known and isinstance(error, Exception)
        return cls(
            kind.__name__ if named else "UnknownError",
            str(text) if named else f"{kind.__name__}: {text}",
            None,
            pickled if len(pickled) <= LARGEST else b"",
        )

    def error(self, graph: Graph | None = None) -> Exception:
        """The error, with the operation of `graph` that is at fault, or just its name where no graph is given."""
        if self.pickled:
            with contextlib.suppress(Exception):
                raised = pickle.loads(self.pickled)
                if isinstance(raised, Exception):
                    return raised
        found = getattr(errors, self.kind, None)
        if isinstance(found, type) and issubclass(found, errors.OpError):
            op = self.op if graph is None or self.op is None else graph._by_name.get(self.op)
            return found(None, op, self.message)
        kind = getattr(builtins, self.kind, RuntimeError)
        return kind(self.message) if issubclass(kind, Exception) else RuntimeError(self.message)


def too_long(seconds: float | None) -> errors.DeadlineExceededError:
    """The error of a run that took longer than these seconds."""
    return errors.DeadlineExceededError(None, None, f"The run took longer than its {(seconds or 0.0) * 1000:.0f} ms")
