"""Pictures of graphs, sessions and variables in outputs, drawn anew while a cell trains, and a last time when it ends."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from graphlab_nb.graph.graph import Graph
from graphlab_nb.notebook.showing import Places, Showing
from graphlab_nb.notebook.variable_picture import session_of
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.session import BaseSession

LIVE = (Graph, BaseSession, Variable)
"""What a training changes."""
PACE = Showing(1.0)


class LivePicture:
    """A displayed picture of a thing, which lives no longer for it.

    Args:
      draw: gives the bundle for a thing.
      thing: a graph, session or variable.
    """

    def __init__(self, draw: Callable[[Any], dict[str, Any]], thing: Any):
        self._draw = draw
        self._thing = weakref.ref(thing)
        self._places = Places()
        self._drawn = _state(thing)
        self._places.show(draw(thing))

    def _update(self, session: Any) -> None:
        """Draws what the runs before this one made, where it is this session's, so that no other thread runs in it."""
        thing = self._thing()
        if thing is None:
            PACE.remove(self)
        elif isinstance(thing, Graph) or session is (thing if isinstance(thing, BaseSession) else session_of(thing)[0]):
            self._redraw(thing)

    def _rest(self) -> None:
        """Draws what the cell left."""
        thing = self._thing()
        if thing is not None:
            self._redraw(thing)

    def _redraw(self, thing: Any) -> None:
        state = _state(thing)
        if state != self._drawn:
            self._drawn = state
            self._places.put(self._draw(thing))


def show(draw: Callable[[Any], dict[str, Any]], thing: Any) -> None:
    """Displays a thing's picture, and keeps it true while its cell stands as it is."""
    picture = LivePicture(draw, thing)
    if picture._places:
        PACE.add(picture)


def _state(thing: Any) -> object:
    """What differs whenever a thing's picture may; None where it cannot be told."""
    try:
        return _told(thing)
    except Exception:  # what is wrong with it stands in its picture
        return None


def _told(thing: Any) -> object:
    if isinstance(thing, Graph):
        return thing.version, thing.failure is None
    session = thing if isinstance(thing, BaseSession) else session_of(thing)[0]
    if session is None:
        return session_of(thing)[1]
    return session.number, session.runs, session._closed, session.graph.version
