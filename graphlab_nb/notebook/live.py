"""`LiveCurves`: curves in a cell's output, live while a cell runs and a still picture afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets
from IPython.display import display

from graphlab_nb.notebook import svg
from graphlab_nb.notebook.chart import Curve, draw_curves
from graphlab_nb.notebook.curves import CURVES, LOGGED, Series
from graphlab_nb.notebook.showing import Places, Showing

PAUSE = 0.25
"""Seconds between two pictures, at least."""
EARLIER = 3
"""Runs before the latest that are drawn as well."""
TALLEST = 2000


class LiveCurves(ipywidgets.HTML):
    """Shows curves: losses that a training makes smaller, and what `log` and `watch` give.

    Displayed, it is drawn up to four times a second while a cell trains. When the cell ends it becomes a still picture, which
    is what the saved notebook and its readers without a kernel have. It looks on until it is closed, or the cell that shows it
    is run again.

    Args:
      series: the curve's name, or those of several. Where it is left out, the curves of the latest run, and those that it
        showed before.
      height: of each chart, in pixels.
      **kwargs: for `ipywidgets.HTML`.

    Raises:
      TypeError: for names that are no strings, or a height that is no number.
      ValueError: for a height that nothing can be drawn in.

    Example:
      >>> from graphlab_nb import notebook
      >>> curves = notebook.LiveCurves("loss", height=160)
      >>> curves.text
      'No curves yet'
      >>> curves.close()
    """

    # For one that was refused, which Python closes as well.
    _moving = False
    _ended = True
    _places = Places()

    def __init__(self, series: str | Iterable[str] | None = None, height: float = 220, **kwargs: Any):
        if series is not None and not isinstance(series, Iterable):
            raise TypeError(f"LiveCurves takes a curve's name, or a list of names, not {series!r:.80}")
        names = [series] if isinstance(series, str) else None if series is None else list(series)
        if names is not None and not all(isinstance(name, str) for name in names):
            raise TypeError(f"LiveCurves takes names of curves, not {series!r:.80}")
        if not isinstance(height, (int, float)) or isinstance(height, bool):
            raise TypeError(f"height must be a number of pixels, not {height!r:.80}")
        if not 80 <= height <= TALLEST:
            raise ValueError(f"height must be from 80 to {TALLEST} pixels, not {height}")
        if unknown := sorted(set(kwargs) - set(self.trait_names())):
            raise TypeError(f"LiveCurves has no argument {unknown[0]!r}")
        # As wide as the still picture is in JupyterLab, so that nothing jumps when one takes the other's place.
        kwargs.setdefault("layout", {"margin": "0", "padding": "0 20px 0 0", "width": "100%"})
        super().__init__(**kwargs)
        self._names = names
        self._height = float(height)
        self._drawn: Any = None
        self._shown: list[str] = []
        self._places = Places()
        self._ended = False
        self.text = ""
        self.draw()

    def draw(self) -> bool:
        """Draws what is new; whether there was anything.

        Returns:
          False where the picture is as it was.

        Example:
          >>> curves = tf.notebook.LiveCurves("accuracy")
          >>> tf.notebook.log(100, accuracy=0.5)
          >>> curves.draw(), curves.text
          (True, 'accuracy 0.5 at step 100')
          >>> curves.close()
        """
        found = self._found()
        others: list[str] = [] if found else list(dict.fromkeys(s.name for s in list(CURVES.series.values())))
        state = [(s.id, s.count) for s in found], others
        if state == self._drawn:
            return False
        self._drawn = state
        self._shown = list(dict.fromkeys(s.name for s in found))
        latest = max((s.run for s in found), default=0)
        labels = {run: label for run, (label, _) in list(CURVES.runs.items())}
        curves = [Curve(s.title, labels.get(s.run, ""), s.points()[1], s.run == latest) for s in found]
        note = labels.get(latest, "")
        if any(s.run != latest for s in found):
            note += "; earlier runs faint"
        self.value, self.text = draw_curves(curves, self._height, note, self._names or (), others)
        return True

    def _found(self) -> list[Series]:
        """The curves to draw: of the latest run that has a line, of single points since, those shown, and earlier ones."""
        found = [s for s in list(CURVES.series.values()) if self._names is None or s.name in self._names]
        latest = max((s.run for s in found), default=0)
        latest = max((s.run for s in found if s.count > 1), default=latest)
        names = list(dict.fromkeys([*self._shown, *(s.name for s in found if s.run >= latest)]))
        if self._names is not None:
            names = [name for name in self._names if any(s.name == name for s in found)]
        runs = sorted({s.run for s in found})[-1 - EARLIER :]
        return [s for name in names for s in found if s.name == name and s.run in runs]

    # In outputs

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **kwargs: Any) -> dict[str, Any]:
        """The picture as it is, beside the widget that goes on with it."""
        return {**self._still(), **(super()._repr_mimebundle_(**kwargs) or {}), "text/plain": self._text()}

    def _still(self) -> dict[str, Any]:
        return {**svg.bundle(self.value, self.text), "text/plain": self._text()}

    def _text(self) -> str:
        return f"LiveCurves: {self.text}"

    def _ipython_display_(self, **kwargs: Any) -> None:
        """Displays it in a place that can be updated."""
        if self._ended:
            display(self._still(), raw=True)
            return
        self.draw()
        self._moving = True
        self._places.show(self._repr_mimebundle_())
        if self._places:
            PACE.add(self)

    def _update(self, session: Any) -> None:
        """Draws while a cell runs, in the widget."""
        if self.draw() and not self._moving:
            self._moving = True
            self._places.put(self._repr_mimebundle_())

    def _rest(self) -> None:
        """Draws what the cell left, and leaves a still picture in its places."""
        if self.draw() or self._moving:
            self._moving = False
            self._places.put(self._still())

    def close(self) -> None:
        """Ends it; its last picture stays.

        Example:
          >>> curves = tf.notebook.LiveCurves("loss")
          >>> curves.close()
        """
        self._ended = True
        PACE.remove(self)
        if self._places and self.draw():
            self._moving = True
        if self._moving and self._places:
            self._moving = False
            self._places.put(self._still())
        super().close()


PACE = Showing(PAUSE, losses=True)
LOGGED.append(PACE.moved)
