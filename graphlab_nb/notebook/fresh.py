"""`%%glnb fresh`: what a cell's earlier runs made of the default graph is taken out of it before the cell runs again.

So running a model's cell ten times leaves one model, with the names of the first time. What other cells made of it cannot be
computed any more and goes with it; those cells are named, to be run again. Sessions stay open: they let the plans and the
values of what is gone go, so variables made anew are not initialized, and keep the values of all other variables.

One thing is refused, and nothing changes then: to take out another cell's trainable variable, which would be lost with what it
has learned.
"""

from __future__ import annotations

import difflib
import re
import weakref
from collections.abc import Sequence
from typing import Any

from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.places import cell_name, made_by
from graphlab_nb.graph.removal import take_out, with_dependents
from graphlab_nb.graph.scopes import GraphKeys, get_default_graph
from graphlab_nb.notebook import bridge
from graphlab_nb.notebook.executions import Executions, execute
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.interactive import InteractiveSession
from graphlab_nb.session.session import SESSIONS, BaseSession

_OPENED: dict[str, list[weakref.ref[BaseSession]]] = {}
"""The interactive sessions that each cell's last fresh run opened."""
_BY_TEXT: dict[str, int] = {}
"""Cells without an id or a name that ran fresh: their texts, and the numbers of their latest executions."""
ALIKE = 0.6
"""From which share of the same text on, of 1, two cells may be one that was edited."""


def run(executions: Executions, name: str, body: str) -> Any:
    """Runs a cell's body in place of what its earlier runs made, and returns the value of its last expression.

    Args:
      executions: of the shell.
      name: the cell's, for front ends that tell no ids; else empty.
      body: the cell without its first line.

    Raises:
      ValueError: where another cell's trainable variable would be lost; nothing has changed then.
    """
    if name:
        executions.cell = name
    cell = executions.cell
    graph = get_default_graph()
    again = replace(executions, graph, executions.made_by(graph, cell))
    for reference in _OPENED.pop(cell, []):
        session = reference()
        if isinstance(session, InteractiveSession):
            session.close()
    if again:
        print(again)
    before = max(SESSIONS, default=0)
    try:
        value = execute(executions, body)
    finally:
        _OPENED[cell] = [weakref.ref(s) for n, s in list(SESSIONS.items()) if n > before]
        if cell == executions.code:
            _BY_TEXT[cell] = executions.count
    if cell in _BY_TEXT and (beside := edited(executions, graph)):
        print(beside)
    return value


def edited(executions: Executions, graph: Graph) -> str:
    """What to say where a cell that is known by its text alone made anew what another, much like it, has made before."""
    made = {op.name for op in executions.made_by(graph, executions.cell)}
    for text, count in reversed(_BY_TEXT.items()):
        if text == executions.cell:
            continue
        others = {op.name for op in executions.made_by(graph, text)}
        double = sorted(name for name in made if re.sub(r"_\d+(?=/|$)", "", name) in others)
        if double and difflib.SequenceMatcher(None, text, executions.cell).ratio() >= ALIKE:
            return (
                f"If this is the cell of In [{count}], edited: what it made stays, and {double[0]!r} stands beside it, as this "
                "front end tells no cell's id. `%%glnb fresh NAME` with a name of yours makes them one cell."
            )
    return ""


def replace(executions: Executions, graph: Graph, own: Sequence[Operation]) -> str:
    """Takes a cell's operations out of a graph, with what others made of them; returns which cells are to be run again.

    Raises:
      ValueError: where another cell's trainable variable would be lost.
    """
    if not own:
        return ""
    gone = with_dependents(graph, own)
    mine = set(own)
    others = [op for op in gone if op not in mine]
    here = f"In [{executions.count}]"
    lost = set(others)
    for variable in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES):
        if isinstance(variable, Variable) and variable.op in lost:
            raise ValueError(
                f"%%glnb fresh cannot build this cell anew: variable {variable.op.name!r} of {made_by(variable.op)} is made "
                "with what this cell made, and would be lost with what it has learned. Nothing has changed. Make it in this "
                "cell, or run all cells from tf.reset_default_graph() on"
            )
    cells = list(dict.fromkeys(found for op in others if (found := cell_name(op)) is not None))
    old = graph.number
    kept = [op.index for op in graph.get_operations() if op not in lost and op not in mine]
    executions.take_out(graph, gone)
    again, below = f"the same cell, {here}, built it anew", f"what it is made of was built anew by {here}"
    take_out(graph, gone, lambda op: again if op in mine else below)
    for session in list(SESSIONS.values()):
        if session.graph is graph:
            session._forget(gone)
    if bridge.BRIDGE is not None:
        bridge.BRIDGE.taken_out(graph, old, kept)
    if not others:
        return ""
    count = f"{len(others)} operation{'' if len(others) == 1 else 's'}"
    which = " and ".join(filter(None, [", ".join(cells[:-1]), *cells[-1:]])) or "other code"
    are = "was" if len(others) == 1 else "were"
    return f"{count} that {which} made of this cell's {are} taken out with them: run {which} again."
