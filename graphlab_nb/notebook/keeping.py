"""What a training that is stopped leaves: whether its session, and with it the variables' values, outlives the cell."""

from __future__ import annotations

from typing import Any

from graphlab_nb.session.session import SESSIONS, BaseSession

STAYS = (
    "Variables keep their values while the session is open; running the cell again goes on from there, unless it "
    "initializes them."
)
ANEW = (
    "Variables keep their values while the session is open; running the cell again makes another session, so go on with "
    "this one in another cell."
)
CLOSES = (
    "The `with` around the loop closes the session, and its variables' values go with it; a session that is made without "
    "`with` keeps them (`with sess.as_default():` closes nothing)."
)


class Keeping:
    """Knows which sessions the cell that runs made, and which of them a `with` of the cell will close."""

    def __init__(self) -> None:
        self._entered: dict[int, int] = {}
        self._newest = 0

    def cell_begins(self) -> None:
        """Notes the sessions that were there before the cell, and how many `with` each is in."""
        sessions = dict(SESSIONS)
        self._entered = {number: _depth(session) for number, session in sessions.items()}
        self._newest = max(sessions, default=0)

    def after_stop(self, session: BaseSession | None) -> str:
        """What becomes of a session's variables once a stop has ended the cell.

        Args:
          session: the one whose run is not made; None where none is known.

        Returns:
          Whole sentences.
        """
        if session is None:
            return STAYS
        if _depth(session) > self._entered.get(session.number, 0):
            return CLOSES
        return ANEW if session.number > self._newest else STAYS


def _depth(session: Any) -> int:
    """How many `with` a session is in."""
    return len(getattr(session, "_contexts", ()))
