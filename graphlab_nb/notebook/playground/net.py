"""A state's net as a graph of ours: one run makes a step, one gives every neuron's output wherever it is asked for.

`program.py` writes the same net as a program's text; a test holds the two together, bit for bit.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphlab_nb.dtypes import float32
from graphlab_nb.errors import OpError
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.playground.state import CLASSES, DIGITS, PIXELS, VALUES, State
from graphlab_nb.ops.activations import relu
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.concat import concat
from graphlab_nb.ops.extremes import argmax
from graphlab_nb.ops.logic import equal, greater
from graphlab_nb.ops.math import abs as absolute
from graphlab_nb.ops.math import square
from graphlab_nb.ops.matmul import matmul
from graphlab_nb.ops.random import random_uniform
from graphlab_nb.ops.reduce import reduce_mean, reduce_sum
from graphlab_nb.ops.softmax import softmax, softmax_cross_entropy_with_logits
from graphlab_nb.ops.special import sigmoid, sin, tanh
from graphlab_nb.ops.state import placeholder
from graphlab_nb.ops.variable_lists import all_variables, initialize_all_variables
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.session import Session
from graphlab_nb.train.optimizers import AdamOptimizer, GradientDescentOptimizer, MomentumOptimizer

BIAS = 0.1
"""Where biases begin."""
MOMENTUM = 0.9

_FEATURES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1x1": lambda x1, x2: x1 * x1,
    "x2x2": lambda x1, x2: x2 * x2,
    "x1x2": lambda x1, x2: x1 * x2,
    "sinx1": lambda x1, x2: sin(x1),
    "sinx2": lambda x1, x2: sin(x2),
}
_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "linear": lambda x: x,
}


def limit(inputs: int, outputs: int) -> float:
    """First weights are uniform from minus this to this (Glorot and Bengio, 2010, equation 16)."""
    return round(float(np.sqrt(6.0 / (inputs + outputs))), 4)


class Net:
    """A graph with its session, closed by `close`.

    Attributes:
      layers: outputs of each layer, inputs first, the output last.
      weights, biases: of each layer but the inputs.
    """

    def __init__(self, state: State):
        self.state = state
        self._graph = Graph()
        with self._graph.as_default():
            self._build(state)
            self._all = all_variables()
            first = initialize_all_variables()
        self.session = Session(graph=self._graph)
        try:
            self.session.run(first)
        except OpError:
            self.session.close()
            raise

    def _build(self, state: State) -> None:
        widths = state.widths
        self._x = placeholder(float32, [None, PIXELS if state.kind == DIGITS else 2], name="x")
        self._truth = placeholder(float32, [None, widths[-1]], name="truth")
        self._rate = placeholder(float32, [], name="learning_rate")
        self._strength = placeholder(float32, [], name="strength")
        with name_scope("inputs"):
            self.layers = [_inputs(state, self._x)]
        self.weights, self.biases = [], []
        for number, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            last = number == len(widths) - 2
            with name_scope("output" if last else f"hidden{number + 1}"):
                reach = limit(inputs, outputs)
                first = random_uniform([inputs, outputs], -reach, reach, seed=state.seed + number)
                self.weights.append(Variable(first, name="W"))
                self.biases.append(Variable(np.full([outputs], BIAS, np.float32), name="b"))
                raw = matmul(self.layers[-1], self.weights[-1]) + self.biases[-1]
                self.layers.append(raw if last else _ACTIVATIONS[state.activation](raw))
        with name_scope("loss"):
            self._judge(state)
            total = self.loss + self._penalty(state) if state.regularization != "none" else self.loss
        self._train = _optimizer(state, self._rate).minimize(total)

    def _judge(self, state: State) -> None:
        raw = self.layers[-1]
        if state.kind == DIGITS:
            self.layers[-1] = softmax(raw)
            self.loss = reduce_mean(softmax_cross_entropy_with_logits(raw, self._truth))
            right = equal(argmax(raw, 1), argmax(self._truth, 1))
        else:
            if state.kind == CLASSES:
                self.layers[-1] = tanh(raw)
            self.loss = 0.5 * reduce_mean(square(self.layers[-1] - self._truth))
            right = equal(greater(self.layers[-1], 0.0), greater(self._truth, 0.0))
        self.accuracy = None if state.kind == VALUES else reduce_mean(cast(right, float32))

    def _penalty(self, state: State) -> Tensor:
        sums = [reduce_sum(absolute(w) if state.regularization == "l1" else 0.5 * square(w)) for w in self.weights]
        total = sums[0]
        for part in sums[1:]:
            total = total + part
        return self._strength * total

    # Runs

    def step(self, x: np.ndarray, truth: np.ndarray, rate: float, strength: float) -> None:
        """Makes one step of the training."""
        feeds: dict[Any, Any] = {self._x: x, self._truth: truth, self._rate: rate}
        if self.state.regularization != "none":
            feeds[self._strength] = strength
        self.session.run(self._train, feeds)

    def judge(self, x: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
        """The loss, and the part that is told right: NaN where there are no examples, or no right and wrong."""
        if not len(x):
            return float("nan"), float("nan")
        feeds = {self._x: x, self._truth: truth}
        if self.accuracy is None:
            return float(self.session.run(self.loss, feeds)), float("nan")
        loss, accuracy = self.session.run([self.loss, self.accuracy], feeds)
        return float(loss), float(accuracy)

    def outputs(self, x: np.ndarray) -> list[np.ndarray]:
        """Outputs of all neurons at some places, layer by layer: `[places, neurons]`; the inputs' come first."""
        values: list[np.ndarray] = self.session.run(self.layers, {self._x: x})
        return values

    def values(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Weights and biases of each layer."""
        values = self.session.run([*self.weights, *self.biases])
        return list(zip(values[: len(self.weights)], values[len(self.weights) :], strict=True))

    def edit(self, layer: int, place: Sequence[int], value: float) -> None:
        """Puts a number into a layer's weights, where `place` has a row and a column, or its biases, where it has one index."""
        variable = self.weights[layer] if len(place) == 2 else self.biases[layer]
        numbers = np.array(self.session.run(variable))
        numbers[tuple(place)] = value
        variable.load(numbers, self.session)

    def kept(self) -> list[np.ndarray]:
        """All that a training has changed, for `put_back`."""
        values: list[np.ndarray] = self.session.run(list(self._all))
        return values

    def put_back(self, kept: Sequence[np.ndarray]) -> None:
        """Makes all variables what they were."""
        for variable, value in zip(self._all, kept, strict=True):
            variable.load(value, self.session)

    def close(self) -> None:
        """Gives the memory back."""
        self.session.close()


def _inputs(state: State, x: Tensor) -> Tensor:
    if state.kind == DIGITS:
        return x
    x1, x2 = x[:, 0:1], x[:, 1:2]
    return concat(1, [_FEATURES[name](x1, x2) for name in state.features])


def _optimizer(state: State, rate: Tensor) -> Any:
    if state.optimizer == "adam":
        return AdamOptimizer(rate)
    return MomentumOptimizer(rate, MOMENTUM) if state.optimizer == "momentum" else GradientDescentOptimizer(rate)
