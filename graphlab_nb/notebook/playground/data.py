"""The playground's data sets, by a seed; the exported programs contain these functions' own text."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphlab_nb.notebook.playground.state import DIGITS, DIGITS_TO_LEARN, DIGITS_TO_TEST, OWN, POINTS, State


def circle(random: np.random.RandomState, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A disc, and a ring around it."""
    label = np.where(random.permutation(count) % 2 == 0, 1.0, -1.0)
    radius = np.where(label > 0, random.uniform(0.0, 2.5, count), random.uniform(3.5, 5.0, count))
    angle = random.uniform(0.0, 2 * np.pi, count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1), label


def xor(random: np.random.RandomState, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Four squares; opposite ones are of one class."""
    points = random.uniform(-5.0, 5.0, (count, 2))
    points += np.where(points > 0, 0.3, -0.3)
    return points, np.where(points[:, 0] * points[:, 1] > 0, 1.0, -1.0)


def gauss(random: np.random.RandomState, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds."""
    label = np.where(random.permutation(count) % 2 == 0, 1.0, -1.0)
    return random.normal(0.0, 0.8, (count, 2)) + 2.0 * label[:, None], label


def spiral(random: np.random.RandomState, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two arms around each other."""
    label = np.where(random.permutation(count) % 2 == 0, 1.0, -1.0)
    way = random.permutation(count) / count
    angle = 1.75 * 2 * np.pi * way + np.where(label > 0, 0.0, np.pi)
    return np.stack([5 * way * np.sin(angle), 5 * way * np.cos(angle)], 1), label


def plane(random: np.random.RandomState, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A value that rises along the diagonal."""
    points = random.uniform(-5.5, 5.5, (count, 2))
    return points, points.sum(1) / 11.0


def hills(random: np.random.RandomState, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two hills and two valleys."""
    points = random.uniform(-5.5, 5.5, (count, 2))
    value = np.zeros(count)
    for x, y, height in ((-2.5, -2.5, 1.0), (2.5, 2.5, 1.0), (-2.5, 2.5, -1.0), (2.5, -2.5, -1.0)):
        value += height * np.exp(-((points[:, 0] - x) ** 2 + (points[:, 1] - y) ** 2) / 4.0)
    return points, value


def noisy(random: np.random.RandomState, points: np.ndarray, noise: float) -> np.ndarray:
    """The points, moved by up to a part of the picture, in percent."""
    moved = points + random.uniform(-0.06, 0.06, points.shape) * noise
    return np.clip(moved, -6.0, 6.0)


def split(points: np.ndarray, values: np.ndarray, share: float) -> tuple[np.ndarray, ...]:
    """Points and values to learn from, and those to test with: spread evenly, so that one more moves none of the others."""
    number = np.arange(len(points))
    learn = np.floor(number * (100 - share) / 100) == np.floor((number + 1) * (100 - share) / 100)
    points, values = points.astype(np.float32).reshape(-1, 2), values.astype(np.float32).reshape(-1, 1)
    return points[learn], values[learn], points[~learn], values[~learn]


def digits(random: np.random.RandomState, learned: int, tested: int, noise: float) -> tuple[np.ndarray, ...]:
    """MNIST's images and labels to learn from, and those to test with."""
    from graphlab_nb.datasets.mnist import read_data_sets

    mnist = read_data_sets("MNIST_data/", one_hot=True)
    learn_x, learn_y = mnist.train.next_batch(learned, shuffle=False)
    test_x, test_y = mnist.test.next_batch(tested, shuffle=False)
    if noise:
        learn_x = np.clip(learn_x + random.normal(0.0, noise / 100, learn_x.shape), 0, 1).astype(np.float32)
        test_x = np.clip(test_x + random.normal(0.0, noise / 100, test_x.shape), 0, 1).astype(np.float32)
    return learn_x, learn_y.astype(np.float32), test_x, test_y.astype(np.float32)


class Batches:
    """Numbers of the rows to learn from next: all of them in a new order each epoch."""

    def __init__(self, seed: int):
        self.random = np.random.RandomState(seed)
        self.order = np.arange(0)
        self.used = 0
        self.epoch = -1

    def next(self, batch: int, count: int) -> np.ndarray:
        """Numbers of `batch` of `count` rows, or of all where there are fewer."""
        batch = min(batch, count)
        if len(self.order) != count or self.used + batch > count:
            self.order = self.random.permutation(count)
            self.used = 0
            self.epoch += 1
        self.used += batch
        return self.order[self.used - batch : self.used]


MADE: dict[str, Callable[..., Any]] = {f.__name__: f for f in (circle, xor, gauss, spiral, plane, hills)}

Data = tuple[np.ndarray, ...]


def make(state: State, points: Sequence[Sequence[float]]) -> Data:
    """A state's examples: inputs and truths to learn from, inputs and truths to test with, in float32.

    Args:
      state: tells which data set.
      points: those drawn by hand.
    """
    random = np.random.RandomState(state.seed)
    if state.kind == DIGITS:
        return digits(random, DIGITS_TO_LEARN, DIGITS_TO_TEST, state.noise)
    if state.data in OWN:
        drawn = np.array(points, np.float64).reshape(-1, 3)
        return split(drawn[:, :2], drawn[:, 2], state.share)
    where, values = MADE[state.data](random, POINTS)
    return split(noisy(random, where, state.noise), values, state.share)


def source(*parts: Any) -> str:
    """The text of some of the functions above, for a program that is read by itself."""
    return "\n\n".join(inspect.getsource(part) for part in parts)
