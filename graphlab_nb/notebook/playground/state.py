"""What a playground's net is: its data, shape and training, checked, and as one string."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

VERSION = "1"
CLASSES, VALUES, DIGITS = "classes", "values", "digits"
"""What a net is to tell: one of two classes, a number, or which of ten digits."""

DATA = {
    "circle": CLASSES,
    "xor": CLASSES,
    "gauss": CLASSES,
    "spiral": CLASSES,
    "plane": VALUES,
    "hills": VALUES,
    "own": CLASSES,
    "own_values": VALUES,
    "mnist": DIGITS,
}
OWN = ("own", "own_values")
FEATURES = {
    "x1": "x1",
    "x2": "x2",
    "x1x1": "x1 * x1",
    "x2x2": "x2 * x2",
    "x1x2": "x1 * x2",
    "sinx1": "tf.sin(x1)",
    "sinx2": "tf.sin(x2)",
}
"""Inputs that a net may have, as they are computed of a point's coordinates."""
ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")
OPTIMIZERS = ("sgd", "momentum", "adam")
REGULARIZATIONS = ("none", "l1", "l2")

MOST_LAYERS, MOST_NEURONS = 6, 8
MOST_POINTS, MOST_CHANGES, MOST_STEPS = 1000, 1000, 10_000_000
POINTS = 500
"""Points of a data set that is not drawn by hand."""
DIGITS_TO_LEARN, DIGITS_TO_TEST = 10_000, 2_000
REACH = 6.0
"""Coordinates are from -REACH to REACH."""
PIXELS = 784

LIVE = {"learning_rate": "rate", "regularization_rate": "strength", "batch": "batch"}
"""Settings that may change in the middle of a training, and what a change of each is called."""


@dataclass(frozen=True)
class Change:
    """What was changed in the middle of a training.

    Attributes:
      step: how many steps had been made.
      name: "rate", "strength", "batch", "weight", "bias", "point" or "unpoint".
      place: layer, row and column of a weight; layer and place of a bias; which point is taken away.
      values: the new number; a point's two coordinates and its value.
    """

    step: int
    name: str
    place: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    def __str__(self) -> str:
        name = ".".join([self.name, *map(str, self.place)])
        return ":".join([str(self.step), name, *map(_short, self.values)])


_FORMS = {"rate": (0, 1), "strength": (0, 1), "batch": (0, 1), "weight": (3, 1), "bias": (2, 1), "point": (0, 3)}
_FORMS["unpoint"] = (1, 0)

Point = tuple[float, float, float]


@dataclass(frozen=True)
class State:
    """A net of the playground: on the same device and runtime, the same state always gives the same numbers.

    Attributes:
      data: which data set, of `DATA`.
      features: inputs, of `FEATURES`; MNIST's are its pixels.
      layers: how many neurons each hidden layer has.
      activation: of the hidden layers.
      optimizer: how weights follow the gradient.
      learning_rate, regularization, regularization_rate, batch: of the training, as it begins.
      noise: how far points are moved from where they belong, in percent.
      share: how much of the data is learned from, in percent; the rest is for testing.
      seed: of the data, the first weights and the batches' order.
      points: points drawn by hand: two coordinates, and the class (-1 or 1) or value.
      steps: how many steps were made.
      changes: what was changed meanwhile, in order.
    """

    data: str = "circle"
    features: tuple[str, ...] = ("x1", "x2")
    layers: tuple[int, ...] = (4, 2)
    activation: str = "tanh"
    optimizer: str = "sgd"
    learning_rate: float = 0.03
    regularization: str = "none"
    regularization_rate: float = 0.0
    batch: int = 10
    noise: float = 0.0
    share: float = 50.0
    seed: int = 1
    points: tuple[Point, ...] = ()
    steps: int = 0
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        _check(self)

    def __str__(self) -> str:
        parts = [f"v={VERSION}"]
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                parts.append(f"{field.name}={quote(_told(value), safe=',:.-_')}")
        return "&".join(parts)

    @property
    def kind(self) -> str:
        """What the net is to tell: `CLASSES`, `VALUES` or `DIGITS`."""
        return DATA[self.data]

    @property
    def widths(self) -> tuple[int, ...]:
        """How many inputs there are, neurons in each layer, and outputs."""
        digits = self.kind == DIGITS
        return (PIXELS if digits else len(self.features), *self.layers, 10 if digits else 1)

    @property
    def start(self) -> State:
        """The same, before its first step."""
        return dataclasses.replace(self, steps=0, changes=())

    def but(self, **settings: Any) -> State:
        """The same, with other settings, before its first step.

        Raises:
          TypeError, ValueError: naming the setting that cannot be.
        """
        unknown = sorted(set(settings) - _FIELDS.keys())
        if unknown:
            raise ValueError(f"A playground has no setting {unknown[0]!r:.40}; it has {', '.join(_FIELDS)}")
        return dataclasses.replace(self.start, **{name: _taken(name, value) for name, value in settings.items()})

    @classmethod
    def parse(cls, text: str) -> State:
        """The state that a string tells.

        Raises:
          TypeError: for what is no string.
          ValueError: naming the part that is broken.
        """
        if not isinstance(text, str):
            raise TypeError(f"A playground's state is a string, not {text!r:.60}")
        settings: dict[str, Any] = {}
        for part in text.strip().split("&"):
            name, equals, value = part.partition("=")
            if not equals:
                raise ValueError(f"A playground's state is made of name=value, joined by &; {part!r:.60} is not")
            if name in settings:
                raise ValueError(f"The state tells {name!r:.40} twice")
            settings[name] = unquote(value)
        if (version := settings.pop("v", None)) != VERSION:
            told = "none" if version is None else repr(version)[:20]
            raise ValueError(f"The state's version must be v={VERSION}; there is {told}")
        unknown = [name for name in settings if name not in _FIELDS]
        if unknown:
            raise ValueError(f"A playground has no setting {unknown[0]!r:.40}; it has {', '.join(_FIELDS)}")
        return cls(**{name: _read(name, value) for name, value in settings.items()})


_FIELDS = {field.name: field for field in dataclasses.fields(State)}


def _short(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _told(value: Any) -> str:
    if isinstance(value, tuple):
        if not value:
            return "none"
        return ",".join(":".join(map(_short, v)) if isinstance(v, tuple) else str(v) for v in value)
    return _short(value) if isinstance(value, float) else str(value)


# Reading


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"-?\d{1,12}", text):
        raise ValueError(f"{name} must be a whole number, not {text!r:.40}")
    return int(text)


def _real(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r:.40}") from None


def _read(name: str, text: str) -> Any:
    default = _FIELDS[name].default
    if isinstance(default, tuple):
        items = [] if text in ("", "none") else text.split(",")
        if name == "features":
            return tuple(items)
        if name == "layers":
            return tuple(_whole(name, item) for item in items)
        if name == "points":
            return tuple(tuple(_real(name, number) for number in item.split(":")) for item in items)
        return tuple(_change(item) for item in items)
    if isinstance(default, float):
        return _real(name, text)
    return _whole(name, text) if isinstance(default, int) else text


def _change(text: str) -> Change:
    step, _, rest = text.partition(":")
    name, *values = rest.split(":")
    name, *place = name.split(".")
    whole = tuple(_whole("The place of a change", number) for number in place)
    return Change(_whole("The step of a change", step), name, whole, tuple(_real("A change", v) for v in values))


def _taken(name: str, value: Any) -> Any:
    """A setting as Python's users and a page's messages give it: lists for tuples, whole numbers for real ones."""
    default: Any = _FIELDS[name].default
    if isinstance(default, tuple):
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise TypeError(f"{name} must be a list, not {value!r:.60}")
        given = tuple(tuple(v) if isinstance(v, (list, tuple)) else v for v in value)
        return tuple(_plain(name, v, 0) for v in given) if name == "layers" else given
    if isinstance(default, str):
        return value
    return _plain(name, value, default)


def _plain(name: str, value: Any, like: float) -> float:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, not {value!r:.60}")
    if isinstance(like, int):
        if not math.isfinite(value) or int(value) != value:
            raise ValueError(f"{name} must be a whole number, not {value!r:.40}")
        return int(value)
    return float(value)


# Checking


def _check(state: State) -> None:
    _one_of("data", state.data, tuple(DATA))
    _one_of("activation", state.activation, ACTIVATIONS)
    _one_of("optimizer", state.optimizer, OPTIMIZERS)
    _one_of("regularization", state.regularization, REGULARIZATIONS)
    for feature in state.features:
        _one_of("features", feature, tuple(FEATURES))
    if not state.features or len(set(state.features)) != len(state.features):
        raise ValueError(f"features must be at least one, each once, not {list(state.features)}")
    if len(state.layers) > MOST_LAYERS:
        raise ValueError(f"layers must be at most {MOST_LAYERS} hidden layers, not {len(state.layers)}")
    for neurons in state.layers:
        _between("layers", neurons, 1, MOST_NEURONS, "neurons in each")
    _rate(state.learning_rate)
    _between("regularization_rate", state.regularization_rate, 0, 10)
    _between("noise", state.noise, 0, 50, "percent")
    _between("share", state.share, 10, 90, "percent")
    _between("seed", state.seed, 0, 2**31 - 1)
    _between("steps", state.steps, 0, MOST_STEPS)
    if len(state.points) > MOST_POINTS:
        raise ValueError(f"points must be at most {MOST_POINTS}, not {len(state.points)}")
    for point in state.points:
        _point(state, point)
    if state.points and state.data not in OWN:
        raise ValueError(f"points are drawn for the data {' or '.join(OWN)}, not for {state.data!r}")
    _batch(state, state.batch)
    _changes(state)


def _one_of(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r:.40}")


def _between(name: str, value: float, low: float, high: float, unit: str = "") -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}{unit and ' ' + unit}, not {value!r}")


def _rate(value: float) -> None:
    if not 0 < value <= 10:
        raise ValueError(f"learning_rate must be above 0 and at most 10, not {value!r}")


def _batch(state: State, batch: float) -> None:
    _between("batch", batch, 1, DIGITS_TO_LEARN)
    if int(batch) != batch:
        raise ValueError(f"batch must be a whole number, not {batch!r}")
    there = to_learn(state)
    if there is not None and batch > there:
        raise ValueError(f"batch must be at most the {there} examples that are learned from, not {int(batch)}")


def _point(state: State, point: Any) -> None:
    if not isinstance(point, tuple) or len(point) != 3:
        raise ValueError(f"points must have two coordinates and a value each, not {point!r:.60}")
    if not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in point):
        raise TypeError(f"points must be numbers, not {point!r:.60}")
    if not all(-REACH <= n <= REACH for n in point[:2]):
        raise ValueError(f"points must be from {-REACH:g} to {REACH:g} in both coordinates, not at {point[:2]}")
    if state.data == "own" and point[2] not in (-1, 1):
        raise ValueError(f"points of two classes must have -1 or 1, not {point[2]!r}")
    if not -1 <= point[2] <= 1:
        raise ValueError(f"points must have values from -1 to 1, not {point[2]!r}")


def to_learn(state: State) -> int | None:
    """How many examples are learned from; None where they are drawn by hand: a batch is then what there is, at most."""
    if state.data in OWN:
        return None
    return DIGITS_TO_LEARN if state.kind == DIGITS else POINTS - math.floor(POINTS * (100 - state.share) / 100)


def _changes(state: State) -> None:
    if len(state.changes) > MOST_CHANGES:
        raise ValueError(f"changes must be at most {MOST_CHANGES}, not {len(state.changes)}")
    before, points = 0, len(state.points)
    for change in state.changes:
        if not isinstance(change, Change) or change.name not in _FORMS:
            raise ValueError(f"changes has {getattr(change, 'name', change)!r:.40}; known are {', '.join(_FORMS)}")
        if (len(change.place), len(change.values)) != _FORMS[change.name]:
            raise ValueError(f"changes: {str(change)!r:.60} is not made as a change of {change.name}")
        if not before <= change.step <= state.steps:
            raise ValueError(f"changes: {str(change)!r:.60} must be at a step from {before} to {state.steps}")
        before = change.step
        points = _one_change(state, change, points)


def _one_change(state: State, change: Change, points: int) -> int:
    """Checks one; returns how many points there are after it."""
    value = change.values[0] if change.values else 0.0
    if change.name == "rate":
        _rate(value)
    elif change.name == "strength":
        _between("regularization_rate", value, 0, 10)
    elif change.name == "batch":
        _batch(state, value)
    elif change.name in ("weight", "bias"):
        _place(state, change)
        if not abs(value) < 1e6:
            raise ValueError(f"A {change.name} must be a number of less than a million, not {value!r}")
    elif state.data not in OWN:
        raise ValueError(f"points are drawn for the data {' or '.join(OWN)}, not for {state.data!r}")
    elif change.name == "point":
        _point(state, change.values)
        if points == MOST_POINTS:
            raise ValueError(f"points must be at most {MOST_POINTS}")
        return points + 1
    elif not 0 <= change.place[0] < points:
        raise ValueError(f"There is no point {change.place[0]} of {points} to take away")
    else:
        return points - 1
    return points


def _place(state: State, change: Change) -> None:
    layer, *at = change.place
    widths = state.widths
    if not 0 <= layer < len(widths) - 1:
        raise ValueError(f"There is no layer {layer}; layers are 0 to {len(widths) - 2}")
    sizes = widths[layer : layer + 2] if change.name == "weight" else widths[layer + 1 : layer + 2]
    if not all(0 <= index < size for index, size in zip(at, sizes, strict=True)):
        raise ValueError(f"Layer {layer} has {' x '.join(map(str, sizes))} of {change.name}; {at} is outside")


def state_of(state: str | State, settings: dict[str, Any]) -> State:
    """The state that a text or a state and settings beside it say."""
    if isinstance(state, str) and not state:
        begun = State()
    else:
        begun = state if isinstance(state, State) else State.parse(state)
    return begun.but(**settings) if settings else begun
