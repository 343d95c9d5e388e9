"""`LiveCurves`: curves in a cell's output, live while a cell runs and a still picture afterwards."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from graphlab_nb.notebook import bridge, svg
from graphlab_nb.notebook.chart import Curve, draw_curves
from graphlab_nb.notebook.curves import CURVES, Series
from graphlab_nb.session.hooks import WATCHERS

PAUSE = 0.25
"""Seconds between two pictures, at least."""
DEAREST = 0.02
"""Part of the training's time that drawing may take before it is done less often."""
EARLIER = 3
"""Runs before the latest that are drawn as well."""
MOST_OPEN = 8
"""Widgets that are drawn at a time; the one that was displayed first gives way."""
TALLEST = 2000


class LiveCurves(ipywidgets.HTML):
    """Shows curves: losses that a training makes smaller, and what `log` and `watch` give.

    Displayed, it is drawn up to four times a second while a cell trains. When the cell ends it becomes a still picture, which
    is what the saved notebook and its readers without a kernel have. It looks on until it is closed, or the cell that shows it
    is run again.

    Args:
      series: the curve's name, or those of several; all curves where it is left out.
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
    _places: Sequence[tuple[Any, str | None]] = ()

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
        self._places = []  # displays, and the cells that they are in
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
        state = [(s.id, s.count) for s in found]
        if state == self._drawn:
            return False
        self._drawn = state
        latest = max((s.run for s in found), default=0)
        labels = {run: label for run, (label, _) in list(CURVES.runs.items())}
        curves = [Curve(s.title, labels.get(s.run, ""), s.points()[1], s.run == latest) for s in found]
        note = labels.get(latest, "")
        if any(s.run != latest for s in found):
            note += "; earlier runs faint"
        self.value, self.text = draw_curves(curves, self._height, note)
        return True

    def _found(self) -> list[Series]:
        """The curves to draw: of the latest run that has a line, of single points since, and earlier ones of these names."""
        found = [s for s in list(CURVES.series.values()) if self._names is None or s.name in self._names]
        latest = max((s.run for s in found), default=0)
        latest = max((s.run for s in found if s.count > 1), default=latest)
        names = list(dict.fromkeys(s.name for s in found if s.run >= latest))
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
        handle = display(self._repr_mimebundle_(), raw=True, display_id=True)
        if handle is not None:
            found = bridge.install()
            self._places = [*self._places, (handle, None if found is None else found.cells.current)]
            PACE.add(self)

    def _update(self) -> None:
        """Draws while a cell runs, in the widget."""
        if self.draw() and not self._moving:
            self._moving = True
            self._put(self._repr_mimebundle_())

    def _rest(self) -> None:
        """Draws what the cell left, and leaves a still picture in its places."""
        if self.draw() or self._moving:
            self._moving = False
            self._put(self._still())

    def _put(self, bundle: dict[str, Any]) -> None:
        for handle, _ in self._places:
            handle.update(bundle, raw=True)

    def _cleared(self, cell: str | None) -> None:
        """Is told of a cell that is run again, and with it loses its outputs."""
        self._places = [place for place in self._places if place[1] is None or place[1] != cell]
        if not self._places:
            PACE.remove(self)

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
            self._put(self._still())
        super().close()


class _Pace:
    """Draws widgets that are displayed, at a pace that does not slow the training: see `graphlab_nb.session.hooks`."""

    wants_results = False

    def __init__(self) -> None:
        self.open: list[LiveCurves] = []
        self._due = 0.0
        self._lock = threading.Lock()
        self._events: Any = None

    def add(self, widget: LiveCurves) -> None:
        """Draws a widget from now on."""
        if widget in self.open:
            return
        self.open.append(widget)
        for first in self.open[:-MOST_OPEN]:
            first._rest()
            self.remove(first)
        if self not in WATCHERS:
            WATCHERS.append(self)
        found = bridge.install()
        if found is not None:
            found.keep(self)
        shell = get_ipython()
        if shell is not None and self._events is not shell.events:
            self._events = shell.events
            # After the bridge's own, which begins runs and takes the last losses.
            shell.events.register("pre_run_cell", self._begins)
            shell.events.register("post_run_cell", self._ends)

    def remove(self, widget: LiveCurves) -> None:
        """Draws a widget no more."""
        if widget in self.open:
            self.open.remove(widget)
        if not self.open and self in WATCHERS:
            WATCHERS.remove(self)
            if bridge.BRIDGE is not None:
                bridge.BRIDGE.keep(self, wanted=False)

    def before(self, session: Any, fetches: Any, feeds: Any) -> None:
        """Is told of a run that begins: draws where it is time."""
        began = time.perf_counter()
        if began < self._due or not self._lock.acquire(blocking=False):
            return
        try:
            self._each(LiveCurves._update)
            ended = time.perf_counter()
            self._due = ended + max(PAUSE, (ended - began) / DEAREST)
        finally:
            self._lock.release()

    def failed(self, session: Any, fetches: Any) -> None:
        """Is told of a run that failed, of which there is nothing to draw."""

    def after(self, session: Any, fetches: Any, values: Any) -> None:
        """Is not called: wants no results."""

    def _begins(self, info: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            self._due = 0.0
            cell = getattr(info, "cell_id", None)
            self._each(lambda widget: widget._cleared(cell))

    def _ends(self, result: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            with self._lock:
                self._each(LiveCurves._rest)

    def _each(self, act: Any) -> None:
        for widget in list(self.open):
            with contextlib.suppress(Exception):  # a training must not end because of its picture
                act(widget)


PACE = _Pace()
