"""Taking operations out of a graph, for what builds a part of it anew.

A graph only grows otherwise, and tensors, plans and sessions rely on that. So what is taken out goes to a graph of its own,
whose `ended` says why: whoever still has one of its tensors is told so, and by which cell it was made. What stays is numbered
anew, and so is the graph: what was known of it by its number is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from graphlab_nb.graph.graph import GRAPHS, Graph, Operation
from graphlab_nb.graph.tensor import Tensor


def with_dependents(graph: Graph, ops: Iterable[Operation]) -> list[Operation]:
    """The operations, and all that cannot be computed without them, in the order in which they were made.

    Of one call of the library everything counts as made of the same: what an optimizer keeps goes with the step that it makes.
    """
    every = graph.get_operations()
    gone = set(ops)
    while True:
        before = len(gone)
        for op in every:  # what an operation needs was made before it
            if op not in gone and (any(t.op in gone for t in op.inputs) or not gone.isdisjoint(op.control_inputs)):
                gone.update(_same_call(every, op))
        if len(gone) == before:
            return [op for op in every if op in gone]


def _same_call(every: Sequence[Operation], op: Operation) -> list[Operation]:
    """What was made one after the other at the same line as an operation, called from the same lines."""
    first = last = op.index
    while first and every[first - 1].user_lines == op.user_lines:
        first -= 1
    while last + 1 < len(every) and every[last + 1].user_lines == op.user_lines:
        last += 1
    return list(every[first : last + 1])


def take_out(graph: Graph, ops: Collection[Operation], why: Callable[[Operation], str]) -> None:
    """Takes operations out of a graph, with their names and what collections have of them.

    Args:
      graph: not finalized.
      ops: with each operation all that depends on it.
      why: for each of them what ended its time, as `Graph.ended` tells it from now on.

    Raises:
      RuntimeError: when the graph is finalized.
      ValueError: where something depends on one of the operations and is not among them; nothing has changed then.
    """
    graph._check_not_finalized()
    gone = set(ops)
    with graph._lock:
        for op in graph._ops:
            if op not in gone and (any(t.op in gone for t in op.inputs) or not gone.isdisjoint(op.control_inputs)):
                raise ValueError(f"{op.name!r} needs what would be taken out of its graph")
        graves: dict[str, Graph] = {}
        for tensor in {t for op in gone for t in op.inputs if t.op not in gone}:
            tensor._consumers = [c for c in tensor._consumers if c not in gone]
        graph._ops = [op for op in graph._ops if op not in gone]
        for index, op in enumerate(graph._ops):
            op.index = index
        for op in gone:
            ended = why(op)
            if ended not in graves:
                graves[ended] = Graph()
                graves[ended].ended = ended
                graves[ended].finalize()
            op.graph = graves[ended]
            graph.minimized.pop(op, None)
        graph.failure = None
        graph._by_name = {op.name: op for op in graph._ops}
        graph._names_in_use = {name: 1 for op in graph._ops for name in _names(op.name)}
        for items in graph._collections.values():
            items[:] = [item for item in items if not _is_of(item, gone)]
            for item in items:
                if hasattr(item, "_forget"):
                    item._forget(gone, graph._names_in_use)
        for old in list(graves.values())[:1]:  # its number is one that nobody has seen
            old.number, graph.number = graph.number, old.number
            GRAPHS[old.number], GRAPHS[graph.number] = old, graph


def _names(name: str) -> list[str]:
    """An operation's name and those of the scopes that it is in."""
    parts = name.split("/")
    return ["/".join(parts[: k + 1]) for k in range(len(parts))]


def _is_of(item: Any, gone: Collection[Operation]) -> bool:
    if hasattr(item, "_as_graph_element"):
        item = item._as_graph_element()
    return (item.op if isinstance(item, Tensor) else item) in gone if isinstance(item, (Tensor, Operation)) else False
