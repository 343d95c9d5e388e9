"""What a run trains, and what its losses are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import executions
from graphlab_nb.session.session import BaseSession

ANEW: Any = object()
"""In place of a training: what a run does that gives all trained variables their first values."""
_COPY = re.compile(r"_\d+(?=/|$)")
"""What TensorFlow's rules put behind a name that is there already."""


@dataclass
class Training:
    """What one way of running a session trains.

    Attributes:
      losses: what it makes smaller.
      fetched: which of them the run hands to the user anyway, and where among its values.
      rest: the others.
      costs: seconds that the rest took: on the devices where it was computed beside a run, else all of the look.
      beside: whether runs can compute the rest beside their work; None while that is not known.
    """

    losses: list[Tensor]
    fetched: list[tuple[int, Tensor]]
    rest: list[Tensor]
    costs: list[float]
    beside: bool | None = None


def training_of(session: BaseSession, fetches: Any, feeds: dict[Tensor, np.ndarray]) -> Training | None:
    """What a run with these fetches trains; None where it trains nothing, `ANEW` where it initializes all that is trained."""
    minimized = session.graph.minimized
    ops = needed_operations(fetches.targets(feeds), feeds) if minimized else []
    losses = list(dict.fromkeys(minimized[op] for op in ops if op in minimized))
    fetched = [(fetches.tensors.index(loss), loss) for loss in losses if loss in fetches.tensors]
    rest = [loss for loss in losses if loss not in fetches.tensors]
    if losses:
        return Training(losses, fetched, rest, [])
    trained = session.graph.get_collection(GraphKeys.TRAINABLE_VARIABLES) if ops else []
    return ANEW if trained and {getattr(v, "initializer", None) for v in trained} <= set(ops) else None


def name_of(loss: Tensor) -> str:
    """The name of a loss's curve.

    Where a cell that ran again made a loss anew, that of the first one, so that they lie in one chart. Several losses that one
    execution made by one line are several models': the second one has the name of the second of the first execution.
    """
    op = loss.op
    name = _COPY.sub("", op.name)
    copies: dict[str | None, list[str]] = {}
    for other in sorted({tensor.op for tensor in op.graph.minimized.values()}, key=lambda other: other.index):
        if _COPY.sub("", other.name) == name and other.user_line == op.user_line:
            made = None if executions.EXECUTIONS is None else executions.EXECUTIONS.cell_name(other)
            copies.setdefault(made, []).append(other.name)
    own = next((names for names in copies.values() if op.name in names), [op.name])
    first = next(iter(copies.values()), own)
    rank = own.index(op.name)
    return first[rank] if rank < len(first) else op.name
