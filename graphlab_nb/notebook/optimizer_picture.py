"""The picture of an optimizer that ends a cell: its step as a formula, its hyper-parameters, and what it trains."""

from __future__ import annotations

import inspect
from typing import Any

from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.scopes import get_default_graph
from graphlab_nb.notebook import svg
from graphlab_nb.notebook.variable_picture import shape_of
from graphlab_nb.ops.variables import Variable
from graphlab_nb.train import optimizers, sparse_optimizers
from graphlab_nb.train.optimizer import Optimizer

WIDTH = 640.0
MOST_VARIABLES = 12
_EDGE = 16.0
_ROOM = WIDTH - 2 * _EDGE
_NAMES = {
    "learning_rate": "\u03b7",
    "momentum": "\u03bc",
    "decay": "\u03c1",
    "rho": "\u03c1",
    "epsilon": "\u03b5",
    "beta1": "\u03b2\u2081",
    "beta2": "\u03b2\u2082",
    "l1_regularization_strength": "\u03bb\u2081",
    "l2_regularization_strength": "\u03bb\u2082",
    "learning_rate_power": "p",
}
"""The letters of hyper-parameters in formulas."""
_PROX = "prox(u) = sign(u) \u00b7 max(|u| \u2212 {0}\u03bb\u2081, 0) / (1 + {0}\u03bb\u2082)"
_FORMULAS: dict[type, tuple[str, ...]] = {
    optimizers.GradientDescentOptimizer: ("w \u2190 w \u2212 \u03b7 g",),
    optimizers.ProximalGradientDescentOptimizer: ("w \u2190 prox(w \u2212 \u03b7 g)", _PROX.format("\u03b7 ")),
    optimizers.MomentumOptimizer: ("m \u2190 \u03bc m + g", "w \u2190 w \u2212 \u03b7 m"),
    optimizers.RMSPropOptimizer: (
        "r \u2190 \u03c1 r + (1 \u2212 \u03c1) g\u00b2",
        "m \u2190 \u03bc m + \u03b7 g / \u221a(r + \u03b5)",
        "w \u2190 w \u2212 m",
    ),
    optimizers.AdamOptimizer: (
        "m \u2190 \u03b2\u2081 m + (1 \u2212 \u03b2\u2081) g",
        "v \u2190 \u03b2\u2082 v + (1 \u2212 \u03b2\u2082) g\u00b2",
        "a = \u03b7 \u221a(1 \u2212 \u03b2\u2082\u1d57) / (1 \u2212 \u03b2\u2081\u1d57)",
        "w \u2190 w \u2212 a m / (\u221av + \u03b5)",
    ),
    optimizers.AdagradOptimizer: ("a \u2190 a + g\u00b2", "w \u2190 w \u2212 \u03b7 g / \u221aa"),
    sparse_optimizers.AdadeltaOptimizer: (
        "a \u2190 \u03c1 a + (1 \u2212 \u03c1) g\u00b2",
        "u = \u221a(d + \u03b5) / \u221a(a + \u03b5) \u00b7 g,   d \u2190 \u03c1 d + (1 \u2212 \u03c1) u\u00b2",
        "w \u2190 w \u2212 \u03b7 u",
    ),
    sparse_optimizers.ProximalAdagradOptimizer: (
        "a \u2190 a + g\u00b2,   s = \u03b7 / \u221aa",
        "w \u2190 prox(w \u2212 s g)",
        _PROX.format("s "),
    ),
    sparse_optimizers.FtrlOptimizer: (
        "n\u2032 = n + g\u00b2",
        "z \u2190 z + g \u2212 (n\u2032\u207b\u1d56 \u2212 n\u207b\u1d56) w / \u03b7,   n \u2190 n\u2032",
        "w \u2190 (sign(z) \u03bb\u2081 \u2212 z) / (n\u207b\u1d56 / \u03b7 + 2 \u03bb\u2082)",
        "where |z| > \u03bb\u2081, else 0",
    ),
    sparse_optimizers.AdagradDAOptimizer: (
        "s \u2190 s + g,   a \u2190 a + g\u00b2",
        "w \u2190 \u2212\u03b7 sign(s) max(|s| \u2212 \u03bb\u2081 t, 0) / (\u03bb\u2082 \u03b7 t + \u221aa)",
    ),
}


def draw_optimizer(optimizer: Optimizer) -> tuple[str, str]:
    """The picture of an optimizer, and what it shows in a line of text."""
    kind = type(optimizer).__name__
    formula = formula_of(optimizer)
    summary = (inspect.getdoc(type(optimizer)) or "").split("\n\n")[0].replace("`", "")
    parameters = parameters_of(optimizer)
    steps = trained_in(optimizer, get_default_graph())
    body = [svg.text(_EDGE, 26, kind, "h"), svg.text(_EDGE, 45, " ".join(summary.split()), "f", room=_ROOM)]
    y = 70.0
    for line in formula:
        body.append(svg.text(_EDGE + 12, y, line, room=_ROOM - 12))
        y += 18
    if formula:
        body.append(svg.text(_EDGE + 12, y, "w a variable, g the loss's gradient by it, t the step", "f s"))
        y += 24
    for name, shown in parameters:
        letter = f" {_NAMES[name]}" if name in _NAMES and formula else ""
        body.append(svg.text(_EDGE, y, f"{name}{letter}", "f", room=230))
        body.append(svg.text(_EDGE + 240, y, shown, room=_ROOM - 240))
        y += 17
    label = f"tf.train.{kind}: {', '.join(f'{name} {shown}' for name, shown in parameters)}"
    y += 6
    if not steps:
        words = "It trains nothing in the default graph yet; minimize(loss) makes the step."
        body.append(svg.text(_EDGE, y, words, "f", room=_ROOM))
        y += 17
        label += f". {words}"
    for step, variables in steps:
        loss = step.graph.minimized.get(step)
        words = f"{step.name} trains {len(variables)} variable{'' if len(variables) == 1 else 's'}"
        words += f", to make {loss.name} smaller" if loss is not None else ""
        names = [f"{v.op.name} {shape_of(v.op.outputs[0].dims)}" for v in variables]
        label += f". {words}: {', '.join(names[:MOST_VARIABLES])}"
        body.append(svg.text(_EDGE, y, words, room=_ROOM))
        y += 17
        for name in names[:MOST_VARIABLES]:
            body.append(svg.text(_EDGE + 12, y, name, "f", room=_ROOM - 12))
            y += 16
        if len(names) > MOST_VARIABLES:
            body.append(svg.text(_EDGE + 12, y, f"and {len(names) - MOST_VARIABLES} more", "f"))
            y += 16
    return svg.picture(WIDTH, y, label, body), label


def formula_of(optimizer: Optimizer) -> tuple[str, ...]:
    """A step in lines of text; empty for an optimizer that is none of the library's."""
    if getattr(optimizer, "_use_nesterov", False):
        return ("m \u2190 \u03bc m + g", "w \u2190 w \u2212 \u03b7 (g + \u03bc m)")
    if getattr(optimizer, "_centered", False):
        return (
            "q \u2190 \u03c1 q + (1 \u2212 \u03c1) g,   r \u2190 \u03c1 r + (1 \u2212 \u03c1) g\u00b2",
            "m \u2190 \u03bc m + \u03b7 g / \u221a(r \u2212 q\u00b2 + \u03b5)",
            "w \u2190 w \u2212 m",
        )
    kind = _known(optimizer)
    return () if kind is None else _FORMULAS[kind]


def _known(optimizer: Optimizer) -> type | None:
    return next((base for base in type(optimizer).__mro__ if base in _FORMULAS), None)


def parameters_of(optimizer: Optimizer) -> list[tuple[str, str]]:
    """An optimizer's hyper-parameters by name, with their values, or the names of the tensors that give them."""
    kind = _known(optimizer)
    if kind is None:
        return []
    names = list(inspect.signature(kind).parameters)
    numbers = _ORDER.get(kind, [n for n in names if n not in (*_KEPT, "use_locking", "name")])
    found = dict(zip(numbers, getattr(optimizer, "_hyper", ()), strict=False))
    found.update({name: getattr(optimizer, _KEPT[name]) for name in names if hasattr(optimizer, _KEPT.get(name, ""))})
    return [(name, _shown(found[name])) for name in names if name in found]


_KEPT = {
    "initial_accumulator_value": "_start",
    "initial_gradient_squared_accumulator_value": "_start",
    "global_step": "_global_step",
    "use_nesterov": "_use_nesterov",
    "centered": "_centered",
}
"""Where an optimizer keeps what is no number of its step."""
_ORDER: dict[type, list[str]] = {
    sparse_optimizers.FtrlOptimizer: [
        "learning_rate",
        "l1_regularization_strength",
        "l2_regularization_strength",
        "learning_rate_power",
    ]
}
"""The numbers of a step, where they stand in another order than the arguments."""


def _shown(value: Any) -> str:
    if isinstance(value, (bool, str)):
        return str(value)
    if isinstance(value, (int, float)):
        return svg.number(float(value), 6)
    return f"{value.name}, a tensor" if hasattr(value, "name") else f"{value!r:.60}"


def trained_in(optimizer: Optimizer, graph: Graph) -> list[tuple[Operation, list[Variable]]]:
    """The steps that an optimizer made in a graph, each with the variables that it changes."""
    return [(step, variables) for step, variables in optimizer._steps if step.graph is graph]
