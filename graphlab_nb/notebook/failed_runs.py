"""Which operation a run failed at, where that ended a cell: the panel marks it in the graph."""

from __future__ import annotations

import itertools
import threading
import weakref
from dataclasses import dataclass, field
from typing import Any

from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.operation import Operation
from graphlab_nb.notebook.failures import told
from graphlab_nb.session.session import SESSIONS


@dataclass
class FailedRun:
    """A run that failed.

    Attributes:
      op: the operation at fault; its graph goes when nobody else has it.
      message: what went wrong.
      cell: the id, or the text, of the cell that it ended.
      runs: how often each session had run by then, by its number.
      number: counts failed runs.
      over: whether a run went well since.
    """

    op: weakref.ref[Operation]
    message: str
    cell: str
    runs: dict[int, int]
    number: int = field(default_factory=itertools.count(1).__next__)
    over: bool = False


FAILED: weakref.WeakKeyDictionary[Graph, FailedRun] = weakref.WeakKeyDictionary()
"""The run of each graph that failed last, until its cell begins again or a run goes well; see `failed_run`."""


def failed_run(graph: Graph) -> tuple[FailedRun, Operation] | None:
    """The run of a graph that failed last, and the operation at fault, where none has gone well since."""
    found = FAILED.get(graph)
    op = None if found is None else found.op()
    if found is None or op is None or op.graph is not graph:  # it was taken out of the graph
        return None
    found.over = found.over or _ran_since(graph, found)
    return None if found.over else (found, op)


class _Watch:
    """Follows the cells that a shell runs."""

    def __init__(self, shell: Any):
        self._shell = shell
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    def _before(self, info: Any) -> None:
        if _is_cell(info):
            for graph in [graph for graph, failed in FAILED.items() if failed.cell == _identity(info)]:
                del FAILED[graph]

    def _after(self, result: Any) -> None:
        if not _is_cell(result.info):
            return
        error = result.error_in_exec
        found = None if error is None else told(self._shell, error)
        if found is not None and found.op is not None:
            runs = {number: session.runs for number, session in list(SESSIONS.items())}
            FAILED[found.op.graph] = FailedRun(weakref.ref(found.op), found.message, _identity(result.info), runs)


def _is_cell(info: Any) -> bool:
    # Threads that handle messages raise these events too, and magics run what is below them as cells of their own.
    return threading.current_thread() is threading.main_thread() and bool(info.store_history)


def _identity(info: Any) -> str:
    return getattr(info, "cell_id", None) or info.raw_cell


def _ran_since(graph: Graph, failed: FailedRun) -> bool:
    return any(
        session.graph is graph and session.runs > failed.runs.get(number, 0)
        for number, session in list(SESSIONS.items())
    )


_WATCHED: weakref.WeakSet[Any] = weakref.WeakSet()


def install(shell: Any) -> None:
    """Follows a shell's cells from now on; once."""
    if shell not in _WATCHED:
        _WATCHED.add(shell)
        _Watch(shell)
