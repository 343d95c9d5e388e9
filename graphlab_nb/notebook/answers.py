"""Answers to what panels ask and nothing changes by: of graphs, nodes, curves, trends."""

from __future__ import annotations

from typing import Any

from graphlab_nb.graph.graph import GRAPHS, Graph
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.clients import LEASE
from graphlab_nb.notebook.curves import CURVES
from graphlab_nb.notebook.describe import detail, needed, placed, placed_on
from graphlab_nb.notebook.looking import Looker
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.telling import Teller, points_of, runs, series_info
from graphlab_nb.session.session import SESSIONS
from graphlab_nb.version import __version__


class Answers:
    """A method for each question, which takes the command, the reply to fill, and the parcel for its arrays."""

    def __init__(self, teller: Teller, looker: Looker):
        self._teller = teller
        self._looker = looker

    def hello(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """All that a panel needs to begin; where it asks for operations, those of the default graph, which it shows first."""
        graphs = self._teller.graphs()
        reply["hello"] = protocol.Hello(
            v=protocol.VERSION,
            version=__version__,
            lease=LEASE,
            run=self._teller.run_state(),
            graphs=graphs,
            sessions=self._teller.sessions(),
            series=[series_info(s) for s in list(CURVES.series.values())],
            runs=runs(),
        )
        default = [info["id"] for info in graphs if info["default"]]
        if "first" in command and default:
            self.graph({**command, "graph": default[0]}, reply, parcel)

    def graph(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """Operations of a graph, from one on."""
        graph = _graph(command)
        cells = self._teller.cells
        assert cells is not None
        chunk = self._teller.description(graph).chunk
        first, running = command.get("first", 0), self._teller.running(graph)
        reply["chunk"] = chunk(command["graph"], first, cells.cell_of, running)

    def node(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """What a node's card shows."""
        op = _graph(command).get_operation_by_name(given(command, "name"))
        reply["node"] = detail(op, command["graph"], placed_on(op))

    def needed(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """What a run that fetches a node would run."""
        graph, name = _graph(command), given(command, "name")
        reply["needed"] = protocol.Needed(graph=command["graph"], name=name, nodes=needed(graph, name))

    def placed(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """Where the operations of a graph were put."""
        reply["placed"] = placed(_graph(command), command["graph"])

    def times(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """What the last measured run of each graph took."""
        reply["times"] = self._looker.measured.told({f"g{number}" for number in list(GRAPHS)})

    def points(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """Curves from their beginning."""
        wanted = command.get("series")
        found = [s for s in list(CURVES.series.values()) if wanted is None or s.id in wanted]
        reply["points"] = [points_of(s, parcel) for s in found]

    def trends(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        """What a session's values were in the last ticks."""
        session = numbered(SESSIONS, given(command, "session"), "s", "session")
        reply["trends"] = self._looker.values.trends.told(f"s{session.number}", parcel)


def _graph(command: Any) -> Graph:
    return numbered(GRAPHS, given(command, "graph"), "g", "graph")


def given(command: Any, name: str) -> str:
    """A command's part of a name.

    Raises:
      ValueError: where it has none.
    """
    if name not in command:
        raise ValueError(f"The command {command['op']!r} needs {name!r}")
    return str(command[name])


def numbered(table: Any, identity: str, letter: str, what: str) -> Any:
    """What a table has under an identity such as "g1".

    Raises:
      KeyError: where it has nothing.
    """
    number = identity[1:]
    found = table.get(int(number)) if identity[:1] == letter and number.isdecimal() else None
    if found is None:
        raise KeyError(f"The kernel has no {what} {identity!r:.40} any more")
    return found
