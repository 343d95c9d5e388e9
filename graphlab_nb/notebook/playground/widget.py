"""`Playground`: a neural network to tinker with, in a cell's output."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from IPython.display import display

from graphlab_nb.notebook.displays import Picture
from graphlab_nb.notebook.playground import asked, frames, module, program, still
from graphlab_nb.notebook.playground.outputs import Outputs
from graphlab_nb.notebook.playground.state import State, state_of
from graphlab_nb.notebook.playground.trainer import Held, Trainer
from graphlab_nb.notebook.playground.training import Training
from graphlab_nb.notebook.steering import own_way

PACE = 1 / 32
"""Seconds between two frames, at least."""
IN_FLIGHT, LOST = 4, 1.0
"""Frames that may be under way at a time, and seconds after which they are taken for lost."""
MOST_BYTES = 2_000_000
"""Bytes of frames a second, for the sake of slow connections."""
NOTED = 100
"""Points of the curve that `step` makes, about."""
_STATIC = Path(__file__).parent / "static"


class Playground(anywidget.AnyWidget):
    """A net with its data, to be trained, changed and looked into by mouse and keyboard.

    It trains on the idle kernel, in short slices, so that cells can be run meanwhile. A state gives the same numbers each
    time, to the last bit on the same device and OpenCL runtime; `state` tells it in a string that another playground takes, and
    `program()` as a program.

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
        begun = state_of(state, settings)
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
        state = state_of(text, {})
        with self._at_work() as training:
            training.take(state)
            self._show_anew()
            self._rests()

    def set(self, **settings: Any) -> None:
        """Changes settings: learning_rate, regularization_rate and batch in the middle of the training, others begin it anew.

        Args:
          **settings: as those of `Playground`, by name.

        Raises:
          TypeError, ValueError: naming the setting that cannot be; nothing has changed then.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.step(5)
          >>> p.set(learning_rate=0.1)
          >>> p.state
          'v=1&data=xor&layers=3&steps=5&changes=5:rate:0.1'
          >>> p.close()
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

        Args:
          count: how many.

        Raises:
          TypeError: for a count that is no whole number.
          ValueError: for a count below 0, or where there is nothing to learn from.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.step(20)
          >>> p.state
          'v=1&data=xor&layers=3&steps=20'
          >>> p.close()
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

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> try:
          ...     p.play()
          ... except RuntimeError as error:  # in a program; in a notebook it plays
          ...     print(str(error).partition(",")[0])
          play() needs a notebook's kernel
          >>> p.close()
        """
        self._open().play()
        self._status()

    def pause(self) -> None:
        """Makes no more steps.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.pause()
          >>> p.playing
          False
          >>> p.close()
        """
        self._open().pause()
        with self._at_work():
            self._look(now=True)
            self._status()
            self._rests()

    def reset(self) -> None:
        """Begins anew: the first weights, and the settings as they are now.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.step(20)
          >>> p.reset()
          >>> p.state
          'v=1&data=xor&layers=3'
          >>> p.close()
        """
        self.set()

    def undo(self) -> None:
        """Brings back what was before the training last began anew.

        Raises:
          ValueError: where there is nothing.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.step(20)
          >>> p.reset()
          >>> p.undo()
          >>> p.state
          'v=1&data=xor&layers=3&steps=20'
          >>> p.close()
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

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.edit(0, (1, 2), 0.75)
          >>> weights, biases = p.weights[0]
          >>> weights.shape, weights[1, 2]
          ((2, 3), np.float32(0.75))
          >>> p.close()
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

    def program(self) -> program.Program:
        """The program that makes the same net, the same steps and, on the same device and runtime, the same numbers.

        Returns:
          A text, which a notebook shows as a program.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> "import graphlab_nb as tf" in p.program()
          True
          >>> p.close()
        """
        with self._at_work() as training:
            return program.Program(program.write(training.whole))

    def judge(self) -> dict[str, float]:
        """Loss and accuracy on the examples that are learned from and on those that are not; NaN where there is none.

        Returns:
          A dict of loss, accuracy, test_loss and test_accuracy.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.step(400)
          >>> p.judge()["accuracy"] > 0.7
          True
          >>> p.close()
        """
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
        """A still picture of how it stands.

        Returns:
          A `Picture`, which a notebook shows where it ends a cell.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> str(p.picture()).partition(",")[0]
          'Playground: xor'
          >>> p.close()
        """
        self._catch_up()
        return self._drawn_now()

    def _drawn_now(self) -> Picture:
        """The picture as far as it has caught up."""
        with self._at_work() as training:
            return Picture(*still.draw(training))

    def close(self) -> None:
        """Ends the training and the widget.

        Example:
          >>> p = tf.notebook.Playground(data="xor", layers=[3])
          >>> p.close()
          >>> p
          Playground: closed
        """
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
        """Does what a page asks for."""
        with own_way():
            asked.answer(self, message)

    def _acknowledged(self, sequence: Any) -> None:
        """Is told of a frame that a page has drawn."""
        if isinstance(sequence, int) and sequence <= self._sequence:
            self._drawn = max(self._drawn, sequence)

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
