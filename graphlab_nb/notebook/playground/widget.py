"""`Playground`: a neural network to tinker with, in a cell's output."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from IPython.display import display

from graphlab_nb.notebook.displays import Picture
from graphlab_nb.notebook.playground import frames, module, program, still
from graphlab_nb.notebook.playground.outputs import Outputs
from graphlab_nb.notebook.playground.state import State
from graphlab_nb.notebook.playground.trainer import SPEEDS, Held, Trainer
from graphlab_nb.notebook.playground.training import Training

PACE = 1 / 32
"""Seconds between two frames, at least."""
IN_FLIGHT, LOST = 4, 1.0
"""Frames that may be under way at a time, and seconds after which they are taken for lost."""
MOST_BYTES = 2_000_000
"""Bytes of frames a second, for the sake of slow connections."""
NOTED = 100
"""Points of the curve that `step` makes, about."""
_STATIC = Path(__file__).parent / "static"


class Program(str):
    """A program's text; a notebook shows it as such."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


class Playground(anywidget.AnyWidget):
    """A net with its data, to be trained, changed and looked into by mouse and keyboard.

    It trains on the idle kernel, in short slices, so that cells can be run meanwhile. Each state always gives the same numbers;
    `state` tells it in a string that another playground takes, and `program()` as a program.

    Args:
      state: as another one's `state` told it. The first picture is that of its beginning; `play` makes the steps that are
        missing, and so does whatever reads or changes the net in a cell.
      **settings: data, features, layers, activation, optimizer, learning_rate, regularization, regularization_rate, batch,
        noise, share, seed, points; see `graphlab_nb.notebook.playground.state.State`.

    Raises:
      TypeError, ValueError: naming the setting, or the part of the string, that cannot be.

    Example:
      >>> from graphlab_nb.notebook import Playground
      >>> p = Playground(data="xor", layers=[3])
      >>> p.step(400)
      >>> p.state
      'v=1&data=xor&layers=3&steps=400'
      >>> p.close()
    """

    _esm = module.joined(_STATIC)
    _css = module.styles(_STATIC)
    still = traitlets.Unicode().tag(sync=True)
    """The class of the still pictures in outputs, which a page hides where it shows the widget."""

    def __init__(self, state: str | State = "", **settings: Any):
        self._trainer: Trainer | None = None
        begun = _state_of(state, settings)
        training = Training(begun)
        self._trainer = Trainer(training, self._played, self._paused)
        self._sent = self._sequence = self._drawn = 0
        self._due = self._sent_at = 0.0
        self._whole = True
        super().__init__(still=f"glnb-still-{uuid.uuid4().hex[:12]}")
        self._outputs = Outputs(self.still, self._picture)
        self.on_msg(self._told)

    # For cells

    @property
    def state(self) -> str:
        """All that it is, in a string, with the steps it has still to catch up; set it to become another one."""
        with self._at_work() as training:
            return str(training.whole)

    @state.setter
    def state(self, text: str) -> None:
        if isinstance(text, str) and not text.strip():
            raise ValueError("An empty text is no state of a playground: v=1 is the shortest")
        state = _state_of(text, {})
        with self._at_work() as training:
            training.take(state)
            self._show_anew()
            self._rests()

    def set(self, **settings: Any) -> None:
        """Changes settings: learning_rate, regularization_rate and batch in the middle of the training, others begin it anew.

        Raises:
          TypeError, ValueError: naming the setting that cannot be; nothing has changed then.
        """
        self._catch_up()
        self._configure(settings)

    def _configure(self, settings: dict[str, Any]) -> None:
        with self._at_work() as training:
            training.configure(**settings)
            self._show_anew()
            self._rests()

    def step(self, count: int = 1) -> None:
        """Makes steps after those of the state that was opened, and returns when they are made.

        Raises:
          ValueError: for a count below 0, or where there is nothing to learn from.
        """
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(f"count must be a whole number of steps, not {count!r:.40}")
        if count < 0:
            raise ValueError(f"count must be 0 or more steps, not {count}")
        self._catch_up()
        self._make(count)

    def _catch_up(self) -> None:
        """Makes the steps that are missing to the state that was opened."""
        with self._at_work() as training:
            missing = training.goal - training.step
        if missing > 0:
            self._make(missing, catches_up=True)
            with self._at_work():
                self._status()

    def _make(self, count: int, catches_up: bool = False) -> None:
        """Makes steps; where they catch up, no more than are missing."""
        every = max(count // NOTED, 1)
        for made in range(count):
            with self._at_work() as training:  # taken anew each time: a page may be waiting
                if catches_up and not training.behind:
                    break
                training.make_step()
                if made % every == 0:
                    training.note()
                self._look()
        with self._at_work():
            self._look(now=True)
            self._rests()

    def play(self) -> None:
        """Trains from now on, while no cell runs, until `pause`.

        Raises:
          RuntimeError: outside of a notebook's kernel.
        """
        self._open().play()
        self._status()

    def pause(self) -> None:
        """Makes no more steps."""
        self._open().pause()
        with self._at_work():
            self._look(now=True)
            self._status()
            self._rests()

    def reset(self) -> None:
        """Begins anew: the first weights, and the settings as they are now."""
        self.set()

    def undo(self) -> None:
        """Brings back what was before the training last began anew.

        Raises:
          ValueError: where there is nothing.
        """
        with self._at_work() as training:
            training.undo()
            self._show_anew()
            self._rests()

    def edit(self, layer: int, place: int | Sequence[int], value: float) -> None:
        """Gives a weight or a bias another number.

        Args:
          layer: 0 is the first after the inputs.
          place: `(from, to)` of a weight, or the number of the neuron whose bias it is.
          value: the number.

        Raises:
          TypeError, ValueError: naming what cannot be; nothing has changed then.
        """
        self._catch_up()
        self._edit(layer, place, value)

    def _edit(self, layer: int, place: int | Sequence[int], value: float) -> None:
        name = "bias" if isinstance(place, int) else "weight"
        at = (place,) if isinstance(place, int) else tuple(place)
        if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)):
            raise TypeError(f"A {name} must be a number, not {value!r:.40}")
        if not all(isinstance(index, int) for index in (layer, *at)):
            raise TypeError(f"layer and place must be whole numbers, not {layer!r:.20} and {place!r:.40}")
        with self._at_work() as training:
            training.change(name, (layer, *at), (float(value),))
            self._look(now=True)
            self._rests()

    def program(self) -> Program:
        """The program that makes the same net, the same steps and the same numbers."""
        with self._at_work() as training:
            return Program(program.write(training.whole))

    def judge(self) -> dict[str, float]:
        """Loss and accuracy on the examples that are learned from and on those that are not; NaN where there is none."""
        self._catch_up()
        with self._at_work() as training:
            return dict(zip(("loss", "accuracy", "test_loss", "test_accuracy"), training.judge(), strict=True))

    @property
    def weights(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Weights and biases of each layer."""
        self._catch_up()
        with self._at_work() as training:
            return training.net.values()

    @property
    def playing(self) -> bool:
        """Whether it trains while no cell runs."""
        return self._trainer is not None and self._trainer.playing

    def picture(self) -> Picture:
        """A still picture of how it stands."""
        self._catch_up()
        return self._drawn_now()

    def _drawn_now(self) -> Picture:
        """The picture as far as it has caught up."""
        with self._at_work() as training:
            return Picture(*still.draw(training))

    def close(self) -> None:
        """Ends the training and the widget."""
        trainer = self._trainer
        if trainer is not None:
            with trainer.lock:
                trainer.pause()
                self._outputs.put()
                self._trainer = None
                trainer.training.close()
        super().close()

    def __repr__(self) -> str:
        return "Playground: closed" if self._trainer is None else f"Playground({str(self._trainer.training.whole)!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and for where there is none a picture of how it stands."""
        shown = super()._repr_mimebundle_(**kwargs)
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        return {**self._drawn_now()._repr_mimebundle_(), **data, "text/plain": repr(self)}, metadata

    def _ipython_display_(self, **kwargs: Any) -> None:
        """A still picture, and the widget in its place where there is a kernel."""
        if self._trainer is None:
            display({"text/plain": repr(self)}, raw=True)
            return
        self._outputs.add()
        data = self._repr_mimebundle_()[0]
        display({kind: value for kind, value in data.items() if "widget" in kind}, raw=True)

    def _picture(self, played: bool) -> Picture | None:
        """The still picture for outputs; None while it is closed, and while it is played but where `played` allows that."""
        trainer = self._trainer
        return None if trainer is None or (trainer.playing and not played) else self._drawn_now()

    def _rests(self) -> None:
        """Something has changed: outputs are drawn when it has come to rest."""
        self._outputs.soon()

    # For pages

    def _open(self) -> Trainer:
        if self._trainer is None:
            raise RuntimeError("The playground is closed")
        return self._trainer

    def _at_work(self) -> Held:
        return Held(self._open())

    def _told(self, widget: Any, message: Any, buffers: Any) -> None:
        """Does what a page asks for; what cannot be is told to it."""
        trainer = self._trainer
        if trainer is None or not isinstance(message, dict):
            return
        trainer.seen = time.perf_counter()
        ask: Callable[[dict[str, Any]], Any] | None = getattr(self, f"_on_{message.get('do')}", None)
        with trainer.lock:
            try:
                if ask is None:
                    raise ValueError(f"A playground cannot do {message.get('do')!r:.40}")
                ask(message)
            except Exception as error:  # the page must hear of it
                text = str(error.args[0]) if isinstance(error, KeyError) else str(error) or type(error).__name__
                self.send({"kind": "problem", "text": text, "do": str(message.get("do"))})
                self._show_anew(status=False)  # its fields show what is

    def _on_hello(self, message: dict[str, Any]) -> None:
        self._show_anew(status=True)

    def _on_ack(self, message: dict[str, Any]) -> None:
        drawn = message.get("sequence")
        if isinstance(drawn, int) and drawn <= self._sequence:
            self._drawn = max(self._drawn, drawn)

    def _on_play(self, message: dict[str, Any]) -> None:
        self.play()

    def _on_pause(self, message: dict[str, Any]) -> None:
        self.pause()

    def _on_step(self, message: dict[str, Any]) -> None:
        self._open().pause()
        self._make(1)
        self._status()

    def _on_reset(self, message: dict[str, Any]) -> None:
        self._configure({})

    def _on_undo(self, message: dict[str, Any]) -> None:
        self.undo()

    def _on_set(self, message: dict[str, Any]) -> None:
        self._configure({str(message.get("name")): message.get("value")})

    def _on_speed(self, message: dict[str, Any]) -> None:
        if message.get("value") not in SPEEDS:
            raise ValueError(
                f"The speed must be one of {', '.join(map(str, SPEEDS))}, not {message.get('value')!r:.40}"
            )
        self._open().speed = message["value"]
        self._status()

    def _on_ping(self, message: dict[str, Any]) -> None:
        self._status()

    def _on_edit(self, message: dict[str, Any]) -> None:
        place = message.get("place")
        self._edit(
            message.get("layer", -1), place if isinstance(place, int) else tuple(place or ()), message.get("value", "")
        )

    def _on_point(self, message: dict[str, Any]) -> None:
        point = tuple(message.get(key, math.nan) for key in ("x", "y", "value"))
        with self._at_work() as training:
            training.change("point", values=point)
            self._show_anew()
            self._rests()

    def _on_unpoint(self, message: dict[str, Any]) -> None:
        with self._at_work() as training:
            training.change("unpoint", (message.get("index", -1),))
            self._show_anew()
            self._rests()

    def _on_share(self, message: dict[str, Any]) -> None:
        self.send({"kind": "text", "what": "state", "text": self.state})

    def _on_program(self, message: dict[str, Any]) -> None:
        self.send({"kind": "text", "what": "program", "text": str(self.program())})

    def _on_load(self, message: dict[str, Any]) -> None:
        self.state = message.get("text", "")
        if self._open().training.behind:
            self.play()

    def _show_anew(self, status: bool = True) -> None:
        self._whole = True
        self._send_setup()
        self._look(now=True)
        if status:
            self._status()

    def _send_setup(self) -> None:
        told, buffers = frames.setup(self._open().training)
        self.send(told, buffers)

    def _status(self, note: str = "") -> None:
        trainer = self._open()
        told = {"kind": "status", "playing": trainer.playing, "speed": trainer.speed, "note": note}
        self.send({**told, "undo": trainer.training.can_undo})

    def _paused(self, reason: str) -> None:
        """Is told that the training paused by itself."""
        self._look(now=True)
        self._status(reason)
        self._rests()

    def _played(self) -> float:
        """A slice was trained: draws and sends what is due; returns when a frame is."""
        self._outputs.while_played()
        return self._look()

    def _look(self, now: bool = False) -> float:
        """Sends a frame where one is due: the page keeps up, and its share of the connection allows it; returns when one is."""
        moment = time.perf_counter()
        behind = self._sequence - self._drawn >= IN_FLIGHT and moment - self._sent_at < LOST
        if not now and (behind or moment < self._due):
            return self._due
        trainer = self._open()
        told, buffers = frames.frame(trainer.training, 0 if self._whole else self._sent)
        self._whole, self._sent = False, len(trainer.training.curve)
        self._sequence += 1
        self._sent_at = moment
        self._due = moment + max(PACE, sum(map(len, buffers)) / MOST_BYTES)
        self.send({**told, "sequence": self._sequence}, buffers)
        lost = told["learned"]
        if trainer.playing and len(trainer.training.data[0]) and not isinstance(lost, float):
            trainer.pause()
            self._rests()
            self._status(
                f"The loss is no number any more at step {told['step']:,}: the training went astray. "
                "Undo or reset, and take a smaller learning rate"
            )
        return self._due


def _state_of(state: str | State, settings: dict[str, Any]) -> State:
    if isinstance(state, str) and not state:
        begun = State()
    else:
        begun = state if isinstance(state, State) else State.parse(state)
    return begun.but(**settings) if settings else begun
