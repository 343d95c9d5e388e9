"""Where the user's program made something, in words: a file's line, or in a notebook a cell's; and why it is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphlab_nb.graph.operation import Operation, UserLine

if TYPE_CHECKING:
    from graphlab_nb.graph.graph import Graph

LINES: list[Callable[[UserLine, Operation | None], str | None]] = []
"""Those who may know a better name of a line than its file's: "In [5], line 3"; they may be told which operation it made."""
CELLS: list[Callable[[Operation], str | None]] = []
"""Those who may know which cell an operation was made by when it ran: "In [5]". The line may be in another's function."""


def line_name(line: UserLine, op: Operation | None = None) -> str:
    """A line of the user's program: "In [5], line 3" in a notebook, elsewhere "model.py:12 in build".

    Args:
      line: where it is.
      op: the operation that it made, where the execution that made it is meant and not the latest one of the same code.
    """
    for name in LINES:
        found = name(line, op)
        if found is not None:
            return found
    return f"{line[0]}:{line[1]} in {line[2]}"


def cell_name(op: Operation) -> str | None:
    """The cell that made an operation: "In [5]"; None outside of notebooks."""
    return next((found for name in CELLS if (found := name(op)) is not None), None)


def made_by(op: Operation) -> str:
    """The cell and line that made an operation; of a line in another cell's function, both cells."""
    line, cell = line_name(op.user_line, op), cell_name(op)
    if cell is None or line == cell or line.startswith(f"{cell},"):
        return line
    return f"{cell} (at {line})"


def stranger(element: Any, graph: Graph) -> str:
    """Why a tensor or operation is none of a graph's, and what to do about it.

    Args:
      element: the tensor or operation.
      graph: one that is not its own.
    """
    op = element if isinstance(element, Operation) else element.op
    made = made_by(op)
    ended = op.graph.ended
    if ended and not op.graph.finalized and op.index >= op.graph.ended_size:
        return (
            f"{element!r}, made by {made}, is made of what was there before {ended}: run the cells that made that again"
        )
    if ended:
        again = "make it again" if cell_name(op) is None else "run that cell again"
        return f"{element!r} was made by {made}, before {ended}: {again}"
    if graph.ended:
        return f"{element!r}, made by {made}, is not an element of this graph, which is an older one, from before {graph.ended}"
    return f"{element!r} is not an element of this graph"


def check_age(purpose: str, element: Any, graph: Graph, opened: str) -> None:
    """Refuses what was made after a session's graph had ended: it is the session that is too old then.

    Args:
      purpose: what is to be done with the element.
      element: what is to be run or fed; anything.
      graph: the session's.
      opened: the name of the line that made the session.

    Raises:
      ValueError: saying which cell to run again.
    """
    if not graph.ended:
        return
    if hasattr(element, "_as_graph_element"):
        element = element._as_graph_element()
    op = element if isinstance(element, Operation) else getattr(element, "op", None)
    if not isinstance(op, Operation) or op.graph is graph or op.graph.ended:
        return
    again = "Run the cell that made the session again" if opened.startswith("In [") else "Make the session again"
    raise ValueError(
        f"Cannot {purpose} in this session: {element!r} was made by {made_by(op)}, and the session belongs to an older "
        f"graph, from before {graph.ended}. {again} ({opened})"
    )
