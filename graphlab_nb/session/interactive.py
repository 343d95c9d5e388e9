"""`InteractiveSession`."""

from __future__ import annotations

import warnings

from graphlab_nb.graph.graph import DEFAULTS, Graph
from graphlab_nb.graph.operation import user_line
from graphlab_nb.graph.places import line_name
from graphlab_nb.session.config import ConfigProto
from graphlab_nb.session.session import BaseSession


class InteractiveSession(BaseSession):
    """A session that makes itself the default at once, so that `eval` and `run` need no `with`.

    One that is opened over another warns: the other stays open with its memory.

    Args:
      target: empty for this machine's devices.
      graph: the graph to run; the default graph where it is None. One that is given becomes the default graph, too.
      config: a `ConfigProto`.

    Example:
      >>> sess = tf.InteractiveSession()
      >>> (tf.constant(2) * 3).eval()
      np.int32(6)
      >>> sess.close()
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: ConfigProto | None = None):
        super().__init__(target, graph, config)
        self._line = line_name(user_line())
        under = [session for session in DEFAULTS.sessions if isinstance(session, InteractiveSession)]
        if under:
            warnings.warn(_still_open(under[-1]), stacklevel=2)
        DEFAULTS.sessions.append(self)
        self._default_graph = graph
        if graph is not None:
            DEFAULTS.graphs.append(graph)

    def close(self) -> None:
        """Closes the session; it is the default no more."""
        super().close()
        if self in DEFAULTS.sessions:
            DEFAULTS.sessions.remove(self)
        if self._default_graph is not None and self._default_graph in DEFAULTS.graphs:
            DEFAULTS.graphs.remove(self._default_graph)


def _still_open(session: InteractiveSession) -> str:
    return (
        f"The InteractiveSession opened by {session._line} is still open under this one, and keeps its variables' memory. "
        "Close it by its close(); where no name has it any more, write `tf.get_default_session().close()` before a new one "
        "is opened"
    )
