"""Which cell runs, and which cell a line of code is in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Cells:
    """Follows the cells that a shell runs.

    Attributes:
      current: the running cell's id, or None.
      latest: the id of the running or latest cell, None where it has none.
    """

    def __init__(self, shell: Any, begun: Callable[[], None], ended: Callable[[], None]):
        self.current: str | None = None
        self.latest: str | None = None
        self._shell = shell
        self._begun, self._ended = begun, ended
        self._cells: dict[str, tuple[str | None, int | None]] = {}
        self._file = ""
        self._inner = 0
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    @property
    def count(self) -> int:
        """The number that stands before the running or latest cell: IPython's own is the next one's at times."""
        return max(len(self._shell.user_ns.get("In", ())) - 1, 0)

    def cell_of(self, file: str) -> tuple[str | None, int | None]:
        """The id of the cell whose code the compiler calls `file`, and the number of its latest execution."""
        cell, count = self._cells.get(file, (None, None))
        return cell, self.count if file == self._file and self.current is not None else count

    def running(self, cell: str | None, code: str | None) -> None:
        """Takes a cell, by its id and code, as the one that runs."""
        self.current, self.latest = cell or "a cell without an id", cell
        try:
            self._file = self._shell.compile.get_code_name(code, code, 0)
        except Exception:  # another compiler than IPython's: lines have no cells then
            self._file = ""
        self._cells[self._file] = (cell, None)

    def _before(self, info: Any) -> None:
        # Messages that other threads handle raise these events too.
        if threading.current_thread() is not threading.main_thread():
            return
        if self.current is not None and not info.store_history:
            self._inner += 1  # a magic of the cell, as %%capture, runs what is below it as a cell of its own
        else:
            self._inner = 0
            self.running(getattr(info, "cell_id", None), info.raw_cell)
            self._begun()

    def _after(self, result: Any) -> None:
        if threading.current_thread() is not threading.main_thread() or self.current is None:
            return
        if self._inner:
            self._inner -= 1
        else:
            cell, _ = self._cells.get(self._file, (None, None))
            self._cells[self._file] = (cell, result.execution_count)
            self.current = None
            self._ended()


def labels_in(namespace: dict[str, Any], thing: Any) -> list[str]:
    """The names of a notebook's variables that hold a thing, shortest first."""
    found = [name for name, value in list(namespace.items()) if value is thing and not name.startswith("_")]
    return sorted(found, key=lambda name: (len(name), name))
