"""Counts the steps of a session, most of whose runs are not told one by one: the session itself counts them."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from graphlab_nb.notebook.steering import Steering
from graphlab_nb.session.session import BaseSession


class Tally:
    """How many runs of a session trained.

    Runs that follow one that was told of, and are not told of, are more of the same.

    Args:
      session: whose.
      steps: how many it made, as far as that is known.
      steering: counts the runs of all sessions, those that it is told of by itself.

    Attributes:
      steps: so many by now, once `count` was called.
    """

    def __init__(self, session: BaseSession, steps: int, steering: Steering):
        self.steps = steps
        self._session, self._steering = weakref.ref(session), steering
        self._fetches: Any = None
        self._trains, self._runs = False, 1
        self._counted: int | None = None  # of the session's runs, with those that were told of and go on
        self._lock = threading.Lock()

    def begins(self, session: BaseSession, fetches: Any, trains: bool, runs: int) -> None:
        """Counts a run that was told of, or several that go together; `count` was called before."""
        with self._lock:
            if self._counted is None:
                self._counted = session.runs
            self._counted += runs
            self._fetches, self._trains, self._runs = fetches, trains, runs
            if trains:
                self.steps += runs

    def again(self, session: BaseSession, fetches: Any, runs: int) -> bool:
        """Whether a run that is told of is one more of the same; it is counted then."""
        if fetches is not self._fetches or runs != 1 or self._runs != 1 or session is not self._session():
            return False
        with self._lock:
            if self._counted is None:
                return False
            self._add(max(session.runs - self._counted, 0) + 1)
        return True

    def count(self) -> None:
        """Counts the runs that were made by now; from any thread."""
        session = self._session()
        if session is not None and self._counted is not None:
            with self._lock:
                if self._counted is not None and session.runs > self._counted:
                    self._add(session.runs - self._counted)

    def failed(self, fetches: Any) -> None:
        """The run that was told of last was none, if it had these fetches."""
        with self._lock:
            if fetches is self._fetches and self._counted is not None:
                self._counted -= self._runs
                if self._trains:
                    self._steering.steps -= self._runs
                    self.steps -= self._runs

    def rest(self) -> None:
        """What runs until something is told of again does not count."""
        self.count()
        with self._lock:
            self._counted = self._fetches = None

    def _add(self, runs: int) -> None:
        assert self._counted is not None
        self._counted += runs
        self._steering.runs += runs
        if self._trains:
            self._steering.steps += runs
            self.steps += runs
