"""What tasks send each other during runs, until the part that waits for it takes it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from graphlab_nb.distributed.cutting import Place
from graphlab_nb.distributed.failures import Failure
from graphlab_nb.distributed.shipping import Key

Letter = dict[Key, Any]
Slot = tuple[int, int]
"""Which of several runs a letter is for, and the level of the part."""
REMEMBERED = 4096
"""Requests whose end is remembered, so that what comes late for them is not kept."""
LOOK_EACH = 0.5
"""Seconds after which one who waits looks whether those who send are still there."""


class Mailbox:
    """Letters by request, by the run and part that they are for, and by the part that sent them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._letters: dict[str, dict[tuple[Slot, Place], Letter]] = {}
        self._ended: OrderedDict[str, Failure | None] = OrderedDict()

    def deliver(self, run: str, slot: Slot, sender: Place, letter: Letter) -> None:
        """Keeps a letter for the part of `slot`."""
        with self._changed:
            if run not in self._ended:
                self._letters.setdefault(run, {})[slot, sender] = letter
                self._changed.notify_all()

    def take(self, run: str, slot: Slot, senders: Sequence[Place], look: Callable[[], None]) -> Letter:
        """What all these parts sent to the part of `slot`; waits for it.

        Args:
          run: the request's name.
          slot: of the part that waits.
          senders: parts on other tasks.
          look: is called now and then; may raise to end the waiting.

        Raises:
          OpError: what ended the request.
        """
        found: Letter = {}
        missing = list(senders)
        while True:
            with self._changed:
                self._check(run)
                letters = self._letters.get(run, {})
                arrived = [sender for sender in missing if (slot, sender) in letters]
                for sender in arrived:
                    found.update(letters.pop((slot, sender)))
                    missing.remove(sender)
                if not missing:
                    return found
                if not arrived:
                    self._changed.wait(LOOK_EACH)
            look()

    def _check(self, run: str) -> None:
        failure = self._ended.get(run)
        if failure is not None:
            raise failure.error()

    def check(self, run: str) -> None:
        """Raises what ended the request, if anything did."""
        with self._changed:
            self._check(run)

    def end(self, run: str, failure: Failure | None = None) -> None:
        """Ends a request, by a failure or because it is done, and lets its letters go."""
        with self._changed:
            self._letters.pop(run, None)
            if self._ended.get(run) is None:
                self._ended[run] = failure
            while len(self._ended) > REMEMBERED:
                self._ended.popitem(last=False)
            self._changed.notify_all()
