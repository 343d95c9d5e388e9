"""Interrupts that come while a run's steps are put into the devices' queues."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Any


def start_all(
    calls: Sequence[Callable[[], Any]], ending: Collection[Callable[..., Any]], results: deque[Any]
) -> KeyboardInterrupt | None:
    """Calls all, in order; returns an interrupt that came meanwhile, for the caller to raise.

    The loop is in C, so that only calls of Python functions meet interrupts. Those are made again, as they may be, and all
    others follow, so that no variable changes without the others.

    Args:
      calls: functions without arguments.
      ending: functions that an interrupt ends, and the rest of the calls with them: those of the user, and checks, before which
        nothing changes.
      results: takes what the calls gave, or the last ones' where it has a length.

    Raises:
      KeyboardInterrupt: from one of `ending`, or before the first call.
    """
    begun = 0
    interrupt: KeyboardInterrupt | None = None
    while True:
        rest = iter(calls[begun:] if begun else calls)
        try:
            results.extend(map(operator.call, rest))
        except KeyboardInterrupt as error:
            first, interrupt = interrupt is None, error
            begun = len(calls) - operator.length_hint(rest)
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                begun -= 1  # in the last call that was made
                if getattr(calls[begun], "func", calls[begun]) in ending:
                    raise
            elif first and not begun:
                raise
            if begun == len(calls):
                return interrupt
        else:
            return interrupt
