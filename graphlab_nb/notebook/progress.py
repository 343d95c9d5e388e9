"""`steps`: the numbers of a training's steps, with how far it is and how long it will take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from html import escape

from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle
from tqdm import tqdm

from graphlab_nb import config

PAUSE = 0.25
"""Seconds between two looks at how far it is."""
SHORT = 50
"""Steps that are made of many where GLNB_SHORT is set."""


def steps(count: int, short: int = SHORT) -> Iterator[int]:
    """Counts a training's steps and shows how far it is, how fast, and the time that is left.

    In a notebook it is a bar in the cell's output, which the saved notebook has as a line of text; elsewhere a bar in the
    terminal.

    Args:
      count: how many steps.
      short: how many at most where the environment's GLNB_SHORT is 1, as in a quick trial of a notebook.

    Yields:
      0, 1, ..., count - 1.

    Raises:
      TypeError: for a count that is no integer.
      ValueError: for one below zero.

    Example:
      >>> from graphlab_nb import notebook
      >>> for step in notebook.steps(2):
      ...     print(step)
      0
      1
    """
    if not isinstance(count, int) or isinstance(count, bool):
        raise TypeError(f"steps takes a number of steps, not {count!r:.80}")
    if count < 0:
        raise ValueError(f"steps takes a number of steps from 0 on, not {count}")
    if config.SHORT.value == "1":
        count = min(count, short)
    return _shown(count) if get_ipython() is not None else iter(tqdm(range(count)))


def _shown(count: int) -> Iterator[int]:
    begin = last = time.perf_counter()
    handle = DisplayHandle()
    handle.display(_bundle(0, count, 0.0), raw=True)
    done = 0
    try:
        for step in range(count):
            yield step
            done = step + 1
            now = time.perf_counter()
            if now - last > PAUSE:
                last = now
                handle.update(_bundle(done, count, now - begin), raw=True)
    finally:
        handle.update(_bundle(done, count, time.perf_counter() - begin, ended=True), raw=True)


def _bundle(done: int, count: int, seconds: float, ended: bool = False) -> dict[str, str]:
    rate = done / seconds if seconds > 0 else 0.0
    speed = f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
    if ended:
        text = f"{done:,} of {count:,} steps" if done < count else f"{count:,} steps"
        text += f" in {tqdm.format_interval(seconds) if seconds >= 60 else f'{seconds:.1f} s'}, {speed} a second"
    else:
        left = tqdm.format_interval((count - done) / rate) if rate else "?"
        text = f"step {done:,} of {count:,}, {speed} a second, {left} left"
    bar = f'<progress value="{done}" max="{max(count, 1)}" style="width:240px;vertical-align:middle"></progress> '
    return {"text/plain": text, "text/html": f"{'' if done == count else bar}<span>{escape(text)}</span>"}
