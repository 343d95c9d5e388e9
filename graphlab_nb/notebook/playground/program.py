"""The program that a playground's state stands for: plain, runs by itself, and gives the same numbers on the same device."""

from __future__ import annotations

import itertools
from typing import Any

from graphlab_nb.notebook.playground import data, net
from graphlab_nb.notebook.playground.state import (
    CLASSES,
    DIGITS,
    DIGITS_TO_LEARN,
    DIGITS_TO_TEST,
    FEATURES,
    OWN,
    PIXELS,
    POINTS,
    VALUES,
    Change,
    State,
)

_ACTIVATIONS = {"tanh": "tf.nn.tanh({})", "relu": "tf.nn.relu({})", "sigmoid": "tf.nn.sigmoid({})", "linear": "{}"}
_OPTIMIZERS = {
    "sgd": "tf.train.GradientDescentOptimizer(learning_rate)",
    "momentum": f"tf.train.MomentumOptimizer(learning_rate, {net.MOMENTUM})",
    "adam": "tf.train.AdamOptimizer(learning_rate)",
}


class Program(str):
    """A program's text; a notebook shows it as such."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


def write(state: State) -> str:
    """The text of the program: it makes the same data, net, steps and changes, and prints losses and weights."""
    parts = [(_head(state), 2), (_data(state), 1), (_net(state), 1), (_training(state), 2)]
    if steps := _steps(state):
        parts.append((steps, 1))
    return "".join(part.strip("\n") + "\n" * (1 + blank) for part, blank in [*parts, (_report(state), 0)])


def _head(state: State) -> str:
    shape = "-".join(map(str, state.widths))
    return f'''
"""A net {shape} learns {state.data}, in {state.steps:,} steps.

Its playground: {state}
"""

import numpy as np

import graphlab_nb as tf
'''


def _data(state: State) -> str:
    lines = [f"random = np.random.RandomState({state.seed})"]
    names = "learn_x, learn_y, test_x, test_y"
    if state.kind == DIGITS:
        text = data.source(data.digits, data.Batches)
        lines.append(f"{names} = digits(random, {DIGITS_TO_LEARN}, {DIGITS_TO_TEST}, {state.noise!r})")
    elif state.data in OWN:
        text = data.source(data.split, data.Batches)
        text += _OWN.replace("SHARE", repr(state.share))
        drawn = "".join(f"    [{', '.join(map(repr, point))}],\n" for point in state.points)
        lines = [f"drawn = [\n{drawn}]" if drawn else "drawn = []", f"{names} = examples()"]
    else:
        text = data.source(data.MADE[state.data], data.noisy, data.split, data.Batches)
        lines.append(f"points, values = {state.data}(random, {POINTS})")
        lines.append(f"{names} = split(noisy(random, points, {state.noise!r}), values, {state.share!r})")
    lines.append(f"batches = Batches({state.seed})")
    return text + "\n\n" + "\n".join(lines) + "\n"


_OWN = '''

def examples():
    """What was drawn, to learn from and to test with."""
    points = np.array(drawn, np.float64).reshape(-1, 3)
    return split(points[:, :2], points[:, 2], SHARE)
'''


def _net(state: State) -> str:
    widths = state.widths
    lines = [
        f'x = tf.placeholder(tf.float32, [None, {PIXELS if state.kind == DIGITS else 2}], name="x")',
        f'truth = tf.placeholder(tf.float32, [None, {widths[-1]}], name="truth")',
        'learning_rate = tf.placeholder(tf.float32, [], name="learning_rate")',
    ]
    if state.regularization != "none":
        lines.append('strength = tf.placeholder(tf.float32, [], name="strength")')
    before = "x"
    if state.kind != DIGITS:
        lines += ["x1, x2 = x[:, 0:1], x[:, 1:2]"]
        lines += [f"inputs = tf.concat(1, [{', '.join(FEATURES[name] for name in state.features)}])"]
        before = "inputs"
    for number, (inputs, outputs) in enumerate(itertools.pairwise(widths), 1):
        reach = net.limit(inputs, outputs)
        first = f"tf.random_uniform([{inputs}, {outputs}], {-reach}, {reach}, seed={state.seed + number - 1})"
        lines += ["", f'W{number} = tf.Variable({first}, name="W{number}")']
        lines += [f'b{number} = tf.Variable(tf.constant({net.BIAS}, shape=[{outputs}]), name="b{number}")']
        raw = f"tf.matmul({before}, W{number}) + b{number}"
        if number < len(widths) - 1:
            before = f"hidden{number}"
            lines.append(f"{before} = {_ACTIVATIONS[state.activation].format(raw)}")
        else:
            lines.append(f"output = {f'tf.nn.tanh({raw})' if state.kind == CLASSES else raw}")
    return "\n".join([*lines, "", *_judge(state)])


def _judge(state: State) -> list[str]:
    if state.kind == DIGITS:
        loss = "tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(output, truth))"
        right = "tf.equal(tf.argmax(output, 1), tf.argmax(truth, 1))"
    else:
        loss = "0.5 * tf.reduce_mean(tf.square(output - truth))"
        right = "tf.equal(tf.greater(output, 0.0), tf.greater(truth, 0.0))"
    lines = [f"loss = {loss}"]
    if state.kind != VALUES:
        lines.append(f"accuracy = tf.reduce_mean(tf.cast({right}, tf.float32))")
    total = "loss"
    if state.regularization != "none":
        part = "tf.reduce_sum(tf.abs({}))" if state.regularization == "l1" else "tf.reduce_sum(0.5 * tf.square({}))"
        weights = [part.format(f"W{number}") for number in range(1, len(state.widths))]
        lines.append(f"penalty = strength * ({' + '.join(weights)})")
        total = "loss + penalty"
    return [*lines, f"train_step = {_OPTIMIZERS[state.optimizer]}.minimize({total})"]


def _training(state: State) -> str:
    regular = state.regularization != "none"
    lines = [f"rate, batch = {state.learning_rate!r}, {state.batch}"]
    if regular:
        lines.append(f"regularization = {state.regularization_rate!r}")
    lines += [
        "sess = tf.Session()",
        "sess.run(tf.initialize_all_variables())",
        "",
        "",
        "def train(steps):",
        '    """Makes steps, each with the next batch."""',
        "    for _ in range(steps):",
        "        rows = batches.next(batch, len(learn_x))",
        "        feeds = {x: learn_x[rows], truth: learn_y[rows], learning_rate: rate}",
    ]
    if regular:
        lines.append("        feeds[strength] = regularization")
    lines.append("        sess.run(train_step, feeds)")
    if any(change.name in ("weight", "bias") for change in state.changes):
        lines += [
            "",
            "",
            "def edit(variable, place, value):",
            '    """Puts a number into a variable."""',
            "    numbers = np.array(sess.run(variable))",
            "    numbers[place] = value",
            "    variable.load(numbers, sess)",
        ]
    return "\n".join(lines) + "\n"


def _steps(state: State) -> str:
    made, lines = 0, []
    for change in state.changes:
        if change.step > made:
            lines.append(f"train({change.step - made})")
            made = change.step
        lines += _changed(change)
    if state.steps > made:
        lines.append(f"train({state.steps - made})")
    return "\n".join(lines)


def _changed(change: Change) -> list[str]:
    value: Any = change.values[0] if change.values else None
    if change.name == "weight":
        return [f"edit(W{change.place[0] + 1}, {change.place[1:]!r}, {value!r})"]
    if change.name == "bias":
        return [f"edit(b{change.place[0] + 1}, {change.place[1]!r}, {value!r})"]
    if change.name == "point":
        return [f"drawn.append({list(change.values)!r})", "learn_x, learn_y, test_x, test_y = examples()"]
    if change.name == "unpoint":
        return [f"del drawn[{change.place[0]}]", "learn_x, learn_y, test_x, test_y = examples()"]
    if change.name == "batch":
        return [f"batch = {int(value)}"]
    return [f"rate = {value!r}" if change.name == "rate" else f"regularization = {value!r}"]


def _report(state: State) -> str:
    lines = [
        "",
        'for name, inputs, truths in (("learned", learn_x, learn_y), ("test", test_x, test_y)):',
        "    if len(inputs):",
        '        print(name, "loss", sess.run(loss, {x: inputs, truth: truths}))',
    ]
    if state.kind != VALUES:
        lines.append('        print(name, "accuracy", sess.run(accuracy, {x: inputs, truth: truths}))')
    variables = [f"{kind}{number}" for number in range(1, len(state.widths)) for kind in "Wb"]
    if state.kind == DIGITS:
        variables = variables[1:]  # W1 has thousands of numbers
    lines += [
        f"for variable in [{', '.join(variables)}]:",
        "    print(variable.name)",
        "    print(sess.run(variable))",
    ]
    return "\n".join(lines) + "\n"
