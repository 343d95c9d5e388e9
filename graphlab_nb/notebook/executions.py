"""Which cell made which operations, in any IPython shell: for errors that say where, and for cells that are run anew."""

from __future__ import annotations

import ast
import bisect
import dataclasses
import threading
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphlab_nb.graph import places
from graphlab_nb.graph.graph import GRAPHS, Graph
from graphlab_nb.graph.operation import Operation, UserLine


@dataclass
class Made:
    """What one execution of a cell made of a graph: the operations from `first` on, up to `end`.

    Attributes:
      cell: the cell's id; where the front end tells none, its text.
      count: the number that stood before it.
      code: its text.
    """

    first: int
    end: int
    cell: str
    count: int
    code: str


class Executions:
    """Follows the cells that a shell runs.

    Attributes:
      cell: id, or text, of the running or latest cell.
      code: its text.
    """

    def __init__(self, shell: Any):
        self.shell = shell
        self.cell = self.code = ""
        self._count = 0
        self._running = False
        self._sizes: weakref.WeakKeyDictionary[Graph, int] = weakref.WeakKeyDictionary()
        self._made: weakref.WeakKeyDictionary[Graph, list[Made]] = weakref.WeakKeyDictionary()
        self._gone: weakref.WeakKeyDictionary[Operation, Made] = weakref.WeakKeyDictionary()
        self._latest: dict[str, int] = {}
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)
        places.LINES.append(self.line_name)
        places.CELLS.append(self.cell_name)

    @property
    def count(self) -> int:
        """The number that stands before the running or latest cell: IPython's own is the next one's at times."""
        return max(len(self.shell.user_ns.get("In", ())) - 1, 0) if self._running else self._count

    def begin(self, cell: str | None, code: str, sizes: dict[Graph, int]) -> None:
        """Takes a cell as the one that runs; `sizes` are those of the graphs before it."""
        self.cell, self.code = cell or code, code
        self._running = True
        self._sizes = weakref.WeakKeyDictionary(sizes)

    def line_name(self, line: UserLine, op: Operation | None = None) -> str | None:
        """A line of a cell as "In [5], line 3", by the latest execution of its code.

        Of an operation that the line made, it is the execution that made it, and is said whether the cell ran again since.
        """
        latest = _execution_of(self.shell, line[0])
        if latest is None:
            return None
        made = None if op is None else self._maker(op)
        if made is None or (made.count != latest and self._file_of(made) != line[0]):
            return f"In [{latest}], line {line[1]}"
        if made.cell != made.code:  # a cell with an id; another one's code may be the same
            running = self._running and self.cell == made.cell
            latest = self.count if running else self._latest.get(made.cell, made.count)
        again = f" (its cell ran again, as In [{latest}])" if latest > made.count else ""
        return f"In [{made.count}], line {line[1]}{again}"

    def cell_name(self, op: Operation) -> str | None:
        """The execution that made an operation, as "In [5]"."""
        made = self._maker(op)
        return None if made is None else f"In [{made.count}]"

    def _maker(self, op: Operation) -> Made | None:
        """The execution that made an operation, also one that was taken out."""
        gone = self._gone.get(op)
        return gone or next((m for m in self._of(op.graph) if m.first <= op.index < m.end), None)

    def _file_of(self, made: Made) -> str:
        """What the compiler calls the code of an execution, where that depends on nothing but the code: in kernels."""
        return str(self.shell.compile.get_code_name(made.code, made.code, made.count))

    def made_by(self, graph: Graph, cell: str) -> list[Operation]:
        """What all executions of a cell made of a graph, as far as it is still there."""
        ops = graph.get_operations()
        return [op for m in self._of(graph) if m.cell == cell for op in ops[m.first : m.end]]

    def take_out(self, graph: Graph, gone: Sequence[Operation]) -> None:
        """Is told, before it happens, of operations that will be taken out of a graph: what stays is numbered anew."""
        for m in self._of(graph):
            for op in gone:
                if m.first <= op.index < m.end:
                    self._gone[op] = m
        lost = sorted(op.index for op in gone)
        self._made[graph] = list(moved(self._made.get(graph, []), lost))
        if graph in self._sizes:
            self._sizes[graph] -= bisect.bisect_left(lost, self._sizes[graph])

    def _of(self, graph: Graph) -> Iterator[Made]:
        yield from self._made.get(graph, [])
        first = self._sizes.get(graph, 0)
        if self._running and graph.version > first:
            yield Made(first, graph.version, self.cell, self.count, self.code)

    def _before(self, info: Any) -> None:
        # Threads that handle messages raise these events too, and magics run what is below them as cells of their own.
        if threading.current_thread() is threading.main_thread() and info.store_history:
            sizes = {graph: graph.version for graph in list(GRAPHS.values())}
            self.begin(getattr(info, "cell_id", None), info.raw_cell, sizes)
            for graph in sizes:
                if graph.failure is not None and graph.failure.cell == self.cell:
                    graph.failure = None  # it is made anew, or what could not be made again

    def _after(self, result: Any) -> None:
        if threading.current_thread() is not threading.main_thread() or not self._running:
            return
        if not result.info.store_history:
            return
        for graph in list(GRAPHS.values()):
            first = self._sizes.get(graph, 0)
            if graph.version > first:
                made = Made(first, graph.version, self.cell, self.count, self.code)
                self._made.setdefault(graph, []).append(made)
            failed = graph.failure
            if failed is not None and failed.cell is None:
                caught = failed.index < graph.version  # and the cell made something else in its place
                graph.failure = None if caught else dataclasses.replace(failed, cell=self.cell)
        if self.cell != self.code:
            self._latest[self.cell] = self.count
        self._count, self._running = self.count, False


def moved(made: Sequence[Made], lost: Sequence[int]) -> Iterator[Made]:
    """Where executions' operations are once those at the positions `lost`, in rising order, are taken out."""
    for m in made:
        first, end = (n - bisect.bisect_left(lost, n) for n in (m.first, m.end))
        if first < end:
            yield Made(first, end, m.cell, m.count, m.code)


def cell_of_file(shell: Any, file: str) -> str | None:
    """The latest execution, as "In [5]", of a cell whose code the compiler calls `file`; None for other files."""
    count = _execution_of(shell, file)
    return None if count is None else f"In [{count}]"


def _execution_of(shell: Any, file: str) -> int | None:
    """The number of the latest execution of the code that the compiler calls `file`; None for other files."""
    found = shell.compile.format_code_name(file)
    number = found[1][3:-1] if found and found[1].startswith("In[") else ""
    return int(number) if number.isdecimal() else None


EXECUTIONS: Executions | None = None


def install(shell: Any) -> Executions:
    """Follows a shell's cells from now on; once."""
    global EXECUTIONS
    if EXECUTIONS is None or EXECUTIONS.shell is not shell:
        EXECUTIONS = Executions(shell)
        # The import is in a cell that runs already, and nothing was made before it.
        parent: dict[str, Any] = getattr(getattr(shell, "kernel", None), "get_parent", dict)() or {}
        cell = parent.get("metadata", {}).get("cellId")
        EXECUTIONS.begin(cell, parent.get("content", {}).get("code") or "", {})
    return EXECUTIONS


def execute(executions: Executions, body: str) -> Any:
    """Runs a cell's body, its lines numbered as in the cell, and returns the value of its last expression."""
    shell = executions.shell
    code = "\n" + shell.transform_cell(body)  # the magic's line is the first
    file = shell.compile.cache(code, executions.count, raw_code=executions.code or code)
    tree = shell.transform_ast(shell.compile.ast_parse(code, file))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(shell.compile(tree, file, "exec"), shell.user_global_ns, shell.user_ns)
    if last is None:
        return None
    return eval(shell.compile(ast.Expression(last.value), file, "eval"), shell.user_global_ns, shell.user_ns)
