"""Still pictures of a playground in its cells' outputs: what the saved notebook has, and what shows where no kernel runs.

They are outputs of their own, beside the widget's: so they can be drawn anew without taking the widget away from under a
reader's hands. A page that shows the widget hides them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from IPython.display import display

from graphlab_nb.notebook import svg
from graphlab_nb.notebook.displays import Picture
from graphlab_nb.notebook.playground.trainer import kernel_loop

REST = 0.7
"""Seconds without a change after which they are drawn anew, about."""


class Outputs:
    """The places where a playground is displayed.

    Args:
      kind: the class by which a page hides them.
      draw: makes the picture; None where it is not to be drawn now.
    """

    def __init__(self, kind: str, draw: Callable[[], Picture | None]):
        self._kind = kind
        self._draw = draw
        self._handles: list[Any] = []
        self._waits = False

    def add(self) -> None:
        """Displays a picture in the cell that runs."""
        picture = self._draw()
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

    def put(self) -> None:
        """Draws them now."""
        if not self._handles:
            return
        picture = self._draw()
        if picture is not None:
            bundle = self._bundle(picture)
            for handle in self._handles:
                handle.update(bundle, raw=True)
