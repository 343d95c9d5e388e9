"""What pages ask of a playground: messages `{"do": ...}`, each with what it needs; `answer` does them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphlab_nb.notebook.playground.trainer import SPEEDS

if TYPE_CHECKING:
    from graphlab_nb.notebook.playground.widget import Playground

Ask = dict[str, Any]


def answer(playground: Playground, message: Any) -> None:
    """Does what a page asks for; what cannot be is told to it."""
    trainer = playground._trainer
    if trainer is None or not isinstance(message, dict):
        return
    trainer.seen = time.perf_counter()
    do = message.get("do")
    with trainer.lock:
        try:
            if not isinstance(do, str) or do not in ASKS:
                raise ValueError(f"A playground cannot do {do!r:.40}")
            ASKS[do](playground, message)
        except Exception as error:  # the page must hear of it
            text = str(error.args[0]) if isinstance(error, KeyError) else str(error) or type(error).__name__
            playground.send({"kind": "problem", "text": text, "do": str(do)})
            playground._show_anew(status=False)  # its fields show what is


def _step(playground: Playground, message: Ask) -> None:
    playground._open().pause()
    playground._make(1)
    playground._status()


def _speed(playground: Playground, message: Ask) -> None:
    if message.get("value") not in SPEEDS:
        raise ValueError(f"The speed must be one of {', '.join(map(str, SPEEDS))}, not {message.get('value')!r:.40}")
    playground._open().speed = message["value"]
    playground._status()


def _edit(playground: Playground, message: Ask) -> None:
    place = message.get("place")
    place = place if isinstance(place, int) else tuple(place or ())
    playground._edit(message.get("layer", -1), place, message.get("value", ""))


def _point(playground: Playground, message: Ask) -> None:
    _change(playground, "point", values=tuple(message.get(key, math.nan) for key in ("x", "y", "value")))


def _unpoint(playground: Playground, message: Ask) -> None:
    _change(playground, "unpoint", (message.get("index", -1),))


def _change(playground: Playground, *change: Any, **values: Any) -> None:
    with playground._at_work() as training:
        training.change(*change, **values)
        playground._show_anew()
        playground._rests()


def _load(playground: Playground, message: Ask) -> None:
    playground.state = message.get("text", "")
    if playground._open().training.behind:
        playground.play()


def _tell(playground: Playground, what: str, text: str) -> None:
    playground.send({"kind": "text", "what": what, "text": text})


ASKS: dict[str, Callable[[Playground, Ask], None]] = {
    "hello": lambda playground, message: playground._show_anew(status=True),
    "ack": lambda playground, message: playground._acknowledged(message.get("sequence")),
    "play": lambda playground, message: playground.play(),
    "pause": lambda playground, message: playground.pause(),
    "step": _step,
    "reset": lambda playground, message: playground._configure({}),
    "undo": lambda playground, message: playground.undo(),
    "set": lambda playground, message: playground._configure({str(message.get("name")): message.get("value")}),
    "speed": _speed,
    "ping": lambda playground, message: playground._status(),
    "edit": _edit,
    "point": _point,
    "unpoint": _unpoint,
    "share": lambda playground, message: _tell(playground, "state", playground.state),
    "program": lambda playground, message: _tell(playground, "program", str(playground.program())),
    "load": _load,
}
"""What a page may ask for, by the message's `do`."""
