"""`InteractiveSession`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from graphlab_nb.graph.graph import DEFAULTS, Graph
from graphlab_nb.session.config import ConfigProto
from graphlab_nb.session.session import BaseSession


class InteractiveSession(BaseSession):
    """A session that makes itself the default at once, so that `eval` and `run` need no `with`.

    One that is opened over another warns: the other stays open with its memory. In a cell that runs again and again,
    `tf.InteractiveSession.close_all()` before it leaves one open only.

    Args:
      target: empty for this machine's devices, or a cluster's, such as "grpc://host:port".
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
        under = _opened()
        if under:
            warnings.warn(_still_open(under), stacklevel=2)
        DEFAULTS.sessions.append(self)
        self._default_graph = graph
        if graph is not None:
            DEFAULTS.graphs.append(graph)

    def close(self) -> None:
        """Closes the session; it is the default no more.

        Example:
          >>> sess = tf.InteractiveSession()
          >>> sess.close()
          >>> tf.get_default_session() is None
          True
        """
        super().close()
        if self in DEFAULTS.sessions:
            DEFAULTS.sessions.remove(self)
        graphs, graph, self._default_graph = DEFAULTS.graphs, self._default_graph, None
        if graph is not None and graph in graphs:
            del graphs[len(graphs) - 1 - graphs[::-1].index(graph)]

    @staticmethod
    def close_all() -> None:
        """Closes all interactive sessions that are open, also those that no name has any more; it is no error if none is.

        Those that other threads opened stay open.

        Example:
          >>> tf.InteractiveSession.close_all()
          >>> sess = tf.InteractiveSession()
          >>> tf.InteractiveSession.close_all()
          >>> tf.get_default_session() is None
          True
        """
        for session in reversed(_opened()):
            session.close()


def _opened() -> list[InteractiveSession]:
    return [session for session in DEFAULTS.sessions if isinstance(session, InteractiveSession)]


def _still_open(under: Sequence[InteractiveSession]) -> str:
    if len(under) == 1:
        which = f"The InteractiveSession opened by {under[0].opened} is still open under this one, and keeps"
    else:
        which = f"{len(under)} InteractiveSessions are still open under this one, the latest by {under[-1].opened}, and keep"
    return (
        f"{which} variables' memory. `tf.InteractiveSession.close_all()` before a new one is opened closes all that are open; "
        "it can stand in a cell that runs again and again"
    )
