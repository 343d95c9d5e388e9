"""Still pictures of a playground in its cells' outputs: what the saved notebook has, and what shows where no kernel runs.

They are outputs of their own, beside the widget's: so they can be drawn anew without taking the widget away from under a
reader's hands. A page that shows the widget hides them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from IPython.display import display

from graphlab_nb.notebook import svg
from graphlab_nb.notebook.displays import Picture
from graphlab_nb.notebook.playground.trainer import kernel_loop

REST = 0.7
"""Seconds without a change after which they are drawn anew, about."""
WHILE_PLAYED, MOST_SHARE = 5.0, 0.01
"""Seconds from drawing to drawing while it is played, and the share of the time that it may take: else they are more."""


class Outputs:
    """The places where a playground is displayed.

    Args:
      kind: the class by which a page hides them.
      draw: makes the picture; None where it is not to be drawn now. It is told whether it may be drawn while it is played.
    """

    def __init__(self, kind: str, draw: Callable[[bool], Picture | None]):
        self._kind = kind
        self._draw = draw
        self._handles: list[Any] = []
        self._waits = False
        self._due: float | None = None

    def add(self) -> None:
        """Displays a picture in the cell that runs."""
        picture = self._draw(True)
        bundle = {"text/html": f'<div class="{self._kind}"></div>'} if picture is None else self._bundle(picture)
        handle = display(bundle, raw=True, display_id=True)
        if handle is not None:
            self._handles.append(handle)

    def _bundle(self, picture: Picture) -> dict[str, Any]:
        shown = svg.bundle(picture.svg, picture.label)
        # JupyterLab says beside it that a widget is missing, where no kernel runs.
        alone = f".jp-OutputArea-child:has(.{self._kind})+.jp-OutputArea-child:not(:has(.glnb-pg)){{display:none}}"
        html = f'<style>{alone}</style><div class="{self._kind}">{shown["text/html"]}</div>'
        return {**shown, "text/html": html}

    def while_played(self) -> None:
        """Draws them where it is time to: so a notebook that is saved meanwhile has about what is on the screen."""
        now = time.perf_counter()
        if self._due is None:
            self._due = now + WHILE_PLAYED
        elif now >= self._due:
            self.put(played=True)
            took = time.perf_counter() - now
            self._due = now + max(WHILE_PLAYED, took / MOST_SHARE)

    def soon(self) -> None:
        """Draws them when nothing has happened for a while."""
        if self._waits or not self._handles:
            return
        try:
            loop = kernel_loop()
        except RuntimeError:
            self.put()
            return
        self._waits = True
        loop.call_soon_threadsafe(self._later, loop)

    def _later(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(REST, self._now)

    def _now(self) -> None:
        self._waits = False
        self.put()

    def put(self, played: bool = False) -> None:
        """Draws them now; while it is played only where `played` says so."""
        if not self._handles:
            return
        picture = self._draw(played)
        if picture is None:
            return
        self._due = None
        bundle = self._bundle(picture)
        for handle in self._handles:
            handle.update(bundle, raw=True)
