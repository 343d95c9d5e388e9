"""Trains in slices on the kernel's event loop, so that cells and the page's messages are served between them."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from graphlab_nb.notebook.playground.training import Training
from graphlab_nb.notebook.steering import own_way

SLICE = 0.014
"""Seconds that steps take at a time, at most: less where something is to be shown before."""
BREATH = 0.002
"""Seconds between two slices, for whatever else the kernel has to do."""
NOBODY = 60.0
"""Seconds without a sign of a page that shows it, after which it pauses."""
SPEEDS = (0, 10, 100, 1000)
"""Steps a second that it may be held to; 0 is as fast as it can."""


def kernel_loop() -> asyncio.AbstractEventLoop:
    """The event loop of the kernel's main thread, or the one that runs here.

    Raises:
      RuntimeError: where there is none.
    """
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    io_loop = getattr(getattr(shell, "kernel", None), "io_loop", None)
    loop: asyncio.AbstractEventLoop | None = getattr(io_loop, "asyncio_loop", None)
    if loop is not None:
        return loop
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "play() needs a notebook's kernel, which trains between cells; use step(count) here"
        ) from None


class Trainer:
    """Plays and pauses a training.

    Attributes:
      training: what it trains; whoever touches it holds `lock`.
      lock: cells and the page's messages come on threads of their own.
      playing: whether slices go on.
      speed: steps a second, of `SPEEDS`.
      seen: when a page last gave a sign, by `time.perf_counter`.

    Args:
      training: to train.
      look: called after each slice, with the lock: shows what is new, and returns when it will do so next, by
        `time.perf_counter`.
      ended: called with the reason when it pauses by itself.
    """

    def __init__(self, training: Training, look: Callable[[], float], ended: Callable[[str], Any]):
        self.training = training
        self.lock = threading.RLock()
        self.playing = False
        self.speed = 0
        self.seen = 0.0
        self._look, self._ended = look, ended
        self._round = 0
        self._owed = 0.0
        self._last = self._due = 0.0

    def play(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Goes on, until it is paused or has caught up with the state that was opened.

        Raises:
          RuntimeError: where there is no event loop.
        """
        loop = kernel_loop() if loop is None else loop
        with self.lock:
            if self.playing:
                return
            self.playing = True
            self._round += 1
            self.seen = self._last = time.perf_counter()
            self._owed = 1.0
            loop.call_soon_threadsafe(self._slice, loop, self._round, self.training.behind)

    def pause(self) -> None:
        """Makes no more steps."""
        with self.lock:
            self.playing = False

    def _slice(self, loop: asyncio.AbstractEventLoop, number: int, catches_up: bool) -> None:
        with self.lock:
            if not self.playing or number != self._round:
                return
            try:
                with own_way():
                    self._steps(catches_up)
                    self._due = self._look()
            except (Exception, KeyboardInterrupt) as error:  # an event loop would print the one, and end by the other
                self._stop(str(error) or type(error).__name__)
            if catches_up and not self.training.behind:
                self._stop("")
            elif time.perf_counter() - self.seen > NOBODY:
                self._stop(f"Paused: no page has shown it for {NOBODY:.0f} seconds")
            if self.playing:
                loop.call_later(BREATH, self._slice, loop, number, catches_up)

    def _steps(self, catches_up: bool) -> None:
        now = time.perf_counter()
        self._owed = min(self._owed + (now - self._last) * self.speed, max(self.speed / 10, 1.0))
        self._last = now
        until = now + SLICE if self._due <= now else min(now + SLICE, self._due)
        while time.perf_counter() < until:
            if catches_up and not self.training.behind:
                return  # a cell was faster
            if self.speed and not catches_up:
                if self._owed < 1:
                    return
                self._owed -= 1
            self.training.make_step()

    def _stop(self, reason: str) -> None:
        if self.playing:
            self.playing = False
            self._ended(reason)


class Held:
    """A training that nobody else touches meanwhile."""

    def __init__(self, trainer: Trainer):
        self._trainer = trainer

    def __enter__(self) -> Training:
        self._trainer.lock.acquire()
        return self._trainer.training

    def __exit__(self, *error: object) -> None:
        self._trainer.lock.release()
