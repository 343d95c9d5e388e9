"""What a page is told of a playground: its set-up when it begins anew, and frames while it trains."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphlab_nb.notebook.playground import state as states
from graphlab_nb.notebook.playground.state import DIGITS, OWN, PIXELS
from graphlab_nb.notebook.playground.trainer import SPEEDS
from graphlab_nb.notebook.playground.training import SIDE, Training

Message = tuple[dict[str, Any], list[bytes]]
COARSE = 2
"""Pictures of hidden neurons have every second place of each row and column."""
CHOICES = {
    "data": list(states.DATA),
    "features": list(states.FEATURES),
    "activation": list(states.ACTIVATIONS),
    "optimizer": list(states.OPTIMIZERS),
    "regularization": list(states.REGULARIZATIONS),
    "speed": list(SPEEDS),
}


def settings(training: Training) -> dict[str, Any]:
    """A training's settings as they are now, by name."""
    state = training.state
    names = ("data", "features", "layers", "activation", "optimizer", "regularization", "noise", "share", "seed")
    return {**{name: getattr(state, name) for name in names}, **training.live}


def setup(training: Training) -> Message:
    """The set-up: settings, sizes, examples."""
    state = training.state
    digits = state.kind == DIGITS
    told = {
        "kind": "setup",
        "settings": settings(training),
        "task": state.kind,
        "own": state.data in OWN,
        "widths": state.widths,
        "sides": sides(training),
        "choices": CHOICES,
        "most": {"layers": states.MOST_LAYERS, "neurons": states.MOST_NEURONS, "points": states.MOST_POINTS},
        "reach": states.REACH,
        "undo": training.can_undo,
    }
    if digits:
        shown = training.places()
        return told, [np.rint(shown * 255).astype(np.uint8).tobytes()]
    learn_x, learn_y, test_x, test_y = training.data
    rows = [np.hstack([x, y, np.full_like(y, tested)]) for x, y, tested in ((learn_x, learn_y, 0), (test_x, test_y, 1))]
    drawn = np.array(training.points, np.float32).reshape(-1, 3)
    return told, [np.concatenate(rows).astype(np.float32).tobytes(), drawn.tobytes()]


def sides(training: Training) -> list[int]:
    """How many places the sides of each layer's pictures have; 0 where there are none."""
    count = len(training.state.widths)
    if training.state.kind == DIGITS:
        return [0, math.isqrt(PIXELS), *[20] * (count - 2)]
    return [*[SIDE // COARSE] * (count - 1), SIDE]


def frame(training: Training, since: int) -> Message:
    """How it stands: losses, pictures of all neurons, weights, and the curve from its point `since` on.

    A picture has a byte for each number: -127 to 127 for minus to plus the neuron's largest, at least 1; -128 where it is not
    finite.
    """
    learned, right, test, test_right = training.note()
    layers = training.pictures()
    values = training.net.values()
    digits = training.state.kind == DIGITS
    if digits:
        pictures = [scaled(values[0][0].T, least=0.0), *[scaled(layer.T) for layer in layers[1:]]]
    else:
        coarse = [layer.reshape(SIDE, SIDE, -1)[::COARSE, ::COARSE] for layer in layers[:-1]]
        pictures = [scaled(layer.reshape(-1, layer.shape[-1]).T) for layer in coarse]
        pictures.append(scaled(layers[-1].T, fixed=True))
    numbers = np.concatenate([n.ravel() for weights, biases in values for n in (weights, biases)])
    if digits:
        numbers = numbers[values[0][0].size :]  # pixels' weights are what the pictures show
    curve = training.curve
    since = min(since, len(curve) - 1) if since <= len(curve) else 0
    told = {
        "kind": "frame",
        "step": training.step,
        "goal": training.goal,
        "epoch": training.epoch,
        "learned": told_number(learned),
        "test": told_number(test),
        "learnedRight": told_number(right),
        "testRight": told_number(test_right),
        "since": since,
    }
    buffers = [
        b"".join(picture.tobytes() for picture in pictures),
        numbers.astype(np.float32).tobytes(),
        np.array(curve[since:], np.float32).tobytes(),
    ]
    if digits:
        buffers.append(layers[-1].argmax(1).astype(np.uint8).tobytes())
    return told, buffers


def scaled(numbers: np.ndarray, least: float = 1.0, fixed: bool = False) -> np.ndarray:
    """Numbers as bytes, each row by its largest, but at least by `least`; `fixed`: all by 1."""
    finite = np.isfinite(numbers)
    known = np.where(finite, numbers, 0.0)
    reach = np.ones((len(known), 1)) if fixed else np.abs(known).max(1, keepdims=True, initial=least)
    levels = np.rint(np.clip(known / np.where(reach > 0, reach, 1.0), -1, 1) * 127)
    return np.where(finite, levels, -128).astype(np.int8)


def told_number(value: float) -> float | str | None:
    """A number as JSON has it: None for NaN, a word for infinity."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")
