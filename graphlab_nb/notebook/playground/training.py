"""A playground's training: a state that goes on step by step, with what is changed meanwhile, and the way back."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any, NamedTuple

import numpy as np

from graphlab_nb.notebook.playground import data
from graphlab_nb.notebook.playground.net import Net
from graphlab_nb.notebook.playground.state import DIGITS, LIVE, OWN, REACH, Change, State

SIDE = 50
"""Each neuron's picture has SIDE x SIDE places."""
SHOWN_DIGITS = 400
"""Test digits that the pictures of MNIST's neurons are made of, 20 x 20, ordered by class."""
JUDGED = 1000
"""Of MNIST, how many examples the losses shown while it trains are of; `judge` takes all."""
MOST_CURVE = 1500
MOST_UNDONE = 10


class Point(NamedTuple):
    """Losses after some steps."""

    step: int
    learned: float
    test: float


class _Kept(NamedTuple):
    """All that a training was before it began anew."""

    state: State
    values: list[np.ndarray]
    batches: data.Batches
    curve: list[Point]
    points: list[tuple[float, float, float]]
    live: dict[str, float]
    ahead: list[Change]
    goal: int


class Training:
    """Trains a net as its state tells.

    Attributes:
      state: with the steps that were made, and the changes.
      net: what it trains.
      curve: losses so far.
    """

    def __init__(self, state: State):
        self._undone: list[_Kept] = []
        self._begin(state)

    def _begin(self, state: State) -> None:
        """Makes all that a state needs, and only then takes it."""
        examples = data.make(state, state.points)
        self.net, self._data = Net(state), examples
        self.state = state.start
        self._ahead = list(state.changes)
        self.goal = state.steps
        self._points = list(state.points)
        self._batches = data.Batches(state.seed)
        self._live: dict[str, float] = {
            "rate": state.learning_rate, "strength": state.regularization_rate, "batch": state.batch,
        }  # fmt: skip
        self.curve: list[Point] = []
        self._places: np.ndarray | None = None
        if not self.goal:
            self._apply_due()

    # What it is

    @property
    def step(self) -> int:
        """Steps made."""
        return self.state.steps

    @property
    def epoch(self) -> int:
        """Times that all examples were learned from."""
        return max(self._batches.epoch, 0)

    @property
    def behind(self) -> bool:
        """Whether the state that was opened had more steps than were made by now."""
        return self.step < self.goal

    @property
    def whole(self) -> State:
        """The state with what is still to come of the one that was opened."""
        changes = (*self.state.changes, *self._ahead)
        return dataclasses.replace(self.state, steps=max(self.goal, self.step), changes=changes)

    @property
    def live(self) -> dict[str, float]:
        """Settings that may change meanwhile, as they are now, by their names in a state."""
        return {name: self._live[short] for name, short in LIVE.items()}

    @property
    def points(self) -> list[tuple[float, float, float]]:
        """Points drawn by hand, as they are now."""
        return list(self._points)

    @property
    def data(self) -> data.Data:
        """Inputs and truths to learn from, inputs and truths to test with."""
        return self._data

    @property
    def can_undo(self) -> bool:
        """Whether there is something that `undo` brings back."""
        return bool(self._undone)

    # Steps

    def make_step(self) -> None:
        """Makes one step, after the changes that belong before it.

        Raises:
          ValueError: where there is nothing to learn from.
        """
        self._apply_due()
        x, truth = self._data[:2]
        if not len(x):
            raise ValueError("There are no points to learn from: draw some first")
        rows = self._batches.next(int(self._live["batch"]), len(x))
        self.net.step(x[rows], truth[rows], self._live["rate"], self._live["strength"])
        self.state = dataclasses.replace(self.state, steps=self.step + 1)
        if self._ahead and self._ahead[0].step == self.step == self.goal:
            self._apply_due()

    def _apply_due(self) -> None:
        while self._ahead and self._ahead[0].step <= self.step:
            self._apply(self._ahead.pop(0))

    def judge(self) -> tuple[float, float, float, float]:
        """Loss and accuracy on what is learned from, and on what is not; NaN where there are none."""
        learn_x, learn_y, test_x, test_y = self._data
        return *self.net.judge(learn_x, learn_y), *self.net.judge(test_x, test_y)

    def note(self) -> tuple[float, float, float, float]:
        """Judges, for MNIST on a part, and adds to the curve."""
        learn_x, learn_y, test_x, test_y = self._data
        some = JUDGED if self.state.kind == DIGITS else None
        judged = (*self.net.judge(learn_x[:some], learn_y[:some]), *self.net.judge(test_x[:some], test_y[:some]))
        if not self.curve or self.curve[-1].step < self.step:
            self.curve.append(Point(self.step, judged[0], judged[2]))
        elif self.curve[-1].step == self.step:
            self.curve[-1] = Point(self.step, judged[0], judged[2])
        if len(self.curve) > MOST_CURVE:
            self.curve = self.curve[:-1:2] + self.curve[-1:]
        return judged

    # Changes

    def change(self, name: str, place: tuple[int, ...] = (), values: tuple[float, ...] = ()) -> None:
        """Changes something now, and remembers it in the state.

        Raises:
          TypeError, ValueError: for what cannot be; nothing has changed then.
        """
        changed = Change(self.step, name, place, tuple(float(v) for v in values))
        if self.step == 0 and name in ("point", "unpoint", *LIVE.values()):
            self._change_start(changed)  # the training has not begun: this is how it will begin
        else:
            earlier = self.state.changes
            if earlier and name in (*LIVE.values(), "weight", "bias") and _same_thing(earlier[-1], changed):
                earlier = earlier[:-1]
            self.state = dataclasses.replace(self.state, changes=(*earlier, changed))
        self._ahead, self.goal = [], self.step  # what the opened state went on with is left
        self._apply(changed, told=False)

    def _change_start(self, changed: Change) -> None:
        setting = {short: name for name, short in LIVE.items()}.get(changed.name)
        points = list(self._points)
        if changed.name == "point":
            x, y, value = changed.values
            points.append((x, y, value))
        elif changed.name == "unpoint":
            if not 0 <= changed.place[0] < len(points):
                raise ValueError(f"There is no point {changed.place[0]} of {len(points)} to take away")
            del points[changed.place[0]]
        rest: dict[str, Any] = {"points": tuple(points)}
        if setting is not None:
            new = changed.values[0]
            rest = {setting: int(new) if setting == "batch" and new == int(new) else new}
        self.state = dataclasses.replace(self.state, **rest)

    def _apply(self, change: Change, told: bool = True) -> None:
        if change.name in ("weight", "bias"):
            self.net.edit(change.place[0], change.place[1:], change.values[0])
        elif change.name in ("point", "unpoint"):
            if change.name == "point":
                x, y, value = change.values
                self._points.append((x, y, value))
            else:
                del self._points[change.place[0]]
            self._data = data.make(self.state, self._points)
        else:
            self._live[change.name] = change.values[0]
        if told:
            self.state = dataclasses.replace(self.state, changes=(*self.state.changes, change))

    # Beginning anew

    def take(self, state: State) -> None:
        """Begins with another state; `undo` brings the present one back."""
        kept, old = self._keep(), self.net
        self._begin(state)
        old.close()
        self._undone = [*self._undone, kept][-MOST_UNDONE:]

    def configure(self, **settings: Any) -> None:
        """Begins anew with other settings, or, where only those change that may, goes on with them.

        Raises:
          TypeError, ValueError: naming the setting that cannot be; nothing has changed then.
        """
        now: dict[str, Any] = {**self.live, "batch": int(self._live["batch"]), "points": tuple(self._points)}
        if settings.get("data", self.state.data) not in OWN:
            now["points"] = ()
        new = self.state.but(**{**now, **settings})
        if settings and all(name in LIVE for name in settings):
            for name in settings:
                if getattr(new, name) != now[name]:
                    self.change(LIVE[name], values=(getattr(new, name),))
        else:
            self.take(new)

    def reset(self) -> None:
        """Begins anew with the settings and points as they are now."""
        self.configure()

    def undo(self) -> None:
        """Brings back what was before the training last began anew, with its weights and curves.

        Raises:
          ValueError: where there is nothing.
        """
        if not self._undone:
            raise ValueError("There is nothing to undo")
        kept, old = self._undone[-1], self.net
        self._begin(kept.state.start)
        old.close()
        del self._undone[-1]
        self.net.put_back(kept.values)
        self.state, self.goal, self._ahead = kept.state, kept.goal, kept.ahead
        self._batches, self.curve = kept.batches, kept.curve
        self._points, self._live = kept.points, kept.live
        self._data = data.make(self.state, self._points)

    def _keep(self) -> _Kept:
        return _Kept(
            self.state, self.net.kept(), copy.deepcopy(self._batches), list(self.curve), list(self._points),
            dict(self._live), list(self._ahead), self.goal,
        )  # fmt: skip

    def close(self) -> None:
        """Gives the memory back."""
        self.net.close()

    # Pictures

    def places(self) -> np.ndarray:
        """Where neurons' outputs are looked at: a grid from the upper left, or test digits ordered by class."""
        if self._places is None:
            if self.state.kind == DIGITS:
                self._places = self._data[2][self.shown_digits()]
            else:
                along = np.linspace(-REACH, REACH, SIDE, dtype=np.float32)
                across, up = np.meshgrid(along, along[::-1])
                self._places = np.stack([across.ravel(), up.ravel()], 1)
        return self._places

    def shown_digits(self) -> np.ndarray:
        """Numbers of the test digits that pictures are made of: as many of each class, ordered by class."""
        labels = self._data[3].argmax(1)
        each = SHOWN_DIGITS // 10
        return np.concatenate([np.flatnonzero(labels == digit)[:each] for digit in range(10)])

    def pictures(self) -> list[np.ndarray]:
        """Outputs of all neurons at `places`, layer by layer: `[places, neurons]`; of pixels, there are none."""
        outputs = self.net.outputs(self.places())
        return outputs[1:] if self.state.kind == DIGITS else outputs


def _same_thing(one: Change, other: Change) -> bool:
    return (one.step, one.name, one.place) == (other.step, other.name, other.place)
