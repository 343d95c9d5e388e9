"""Which graph and session are the default ones."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from graphlab_nb.graph.graph import Graph


class _Defaults(threading.local):
    """Each thread's stacks of default graphs and sessions; the outermost graph is shared by all threads."""

    outermost: ClassVar[Graph]

    def __init__(self) -> None:
        self.graphs: list[Graph] = []
        self.sessions: list[Any] = []

    @contextlib.contextmanager
    def graph(self, graph: Graph) -> Iterator[None]:
        """Makes `graph` the default inside the block."""
        self.graphs.append(graph)
        try:
            yield
        finally:
            if not self.graphs or self.graphs[-1] is not graph:
                raise AssertionError("Nesting violated: default graphs must be left in the reverse order of entering")
            self.graphs.pop()

    @contextlib.contextmanager
    def session(self, session: Any) -> Iterator[Any]:
        """Makes `session` the default inside the block."""
        self.sessions.append(session)
        try:
            yield session
        finally:
            if not self.sessions or self.sessions[-1] is not session:
                raise AssertionError("Nesting violated: default sessions must be left in the reverse order of entering")
            self.sessions.pop()

    def current_graph(self) -> Graph:
        """The innermost default graph."""
        return self.graphs[-1] if self.graphs else _Defaults.outermost

    def current_session(self) -> Any:
        """The innermost default session, or None."""
        return self.sessions[-1] if self.sessions else None


DEFAULTS = _Defaults()
