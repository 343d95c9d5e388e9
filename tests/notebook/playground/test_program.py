"""The exported program gives the playground's numbers, bit for bit, whatever was changed meanwhile."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook.playground import program
from graphlab_nb.notebook.playground.state import State
from graphlab_nb.notebook.playground.training import Training

ROOT = Path(__file__).resolve().parents[3]

STATES = {
    "as it begins": "v=1&steps=40",
    "no step": "v=1",
    "all inputs, relu, adam": "v=1&data=spiral&features=x1,x2,x1x1,x2x2,x1x2,sinx1,sinx2&layers=8,8&activation=relu"
    "&optimizer=adam&learning_rate=0.01&noise=12.5&seed=7&steps=60",
    "no hidden layer": "v=1&data=gauss&layers=none&share=80&batch=1&steps=50",
    "a number, l2": "v=1&data=plane&features=x2,x1&layers=3&activation=linear&regularization=l2"
    "&regularization_rate=0.01&steps=30",
    "hills, l1, momentum": "v=1&data=hills&layers=6,5,4&activation=sigmoid&optimizer=momentum&regularization=l1"
    "&regularization_rate=0.001&batch=30&steps=45",
    "changed meanwhile": "v=1&data=xor&regularization=l2&steps=50&changes=0:weight.0.1.3:-1.25,10:rate:0.3,"
    "10:strength:0.003,20:batch:25,20:bias.1.1:0.5,50:weight.2.0.0:2",
    "drawn": "v=1&data=own&points=1:1:1,-1:-1:-1,2:1.5:1,-2:-1:-1,0.5:3:1&steps=30"
    "&changes=10:point:-3:2:-1,10:point:4:1:1,20:unpoint.0",
    "drawn values": "v=1&data=own_values&points=1:1:0.5,-1:-1:-0.25,2:1.5:0&batch=2&steps=12",
}


def trained(text: str) -> Training:
    training = Training(State.parse(text))
    while training.behind:
        training.make_step()
    return training


def namespace(source: str) -> dict:
    """Runs a program; returns its variables."""
    names: dict = {"__name__": "exported"}
    with tf.Graph().as_default(), contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "exported.py", "exec"), names)
    return names


@pytest.mark.parametrize("text", STATES.values(), ids=STATES)
def test_it_gives_the_same_numbers(text):
    training = trained(text)
    names = namespace(program.write(training.state))
    sess = names["sess"]
    for number, (weights, biases) in enumerate(training.net.values(), 1):
        np.testing.assert_array_equal(sess.run(names[f"W{number}"]), weights)
        np.testing.assert_array_equal(sess.run(names[f"b{number}"]), biases)
    learned, learned_right, test, test_right = training.judge()
    for inputs, truths, loss, right in (
        ("learn_x", "learn_y", learned, learned_right),
        ("test_x", "test_y", test, test_right),
    ):
        feeds = {names["x"]: names[inputs], names["truth"]: names[truths]}
        assert float(sess.run(names["loss"], feeds)) == loss
        if "accuracy" in names:
            assert float(sess.run(names["accuracy"], feeds)) == right
        else:
            assert np.isnan(right)
    assert training.state == State.parse(text)
    sess.close()
    training.close()


def test_mnist_too():
    training = trained("v=1&data=mnist&layers=8&learning_rate=0.1&batch=50&noise=5&steps=20")
    names = namespace(program.write(training.state))
    for number, (weights, biases) in enumerate(training.net.values(), 1):
        np.testing.assert_array_equal(names["sess"].run(names[f"W{number}"]), weights)
        np.testing.assert_array_equal(names["sess"].run(names[f"b{number}"]), biases)
    loss, right = names["sess"].run(
        [names["loss"], names["accuracy"]], {names["x"]: names["test_x"], names["truth"]: names["test_y"]}
    )
    assert (float(loss), float(right)) == training.judge()[2:]
    assert right > 0.3
    names["sess"].close()
    training.close()


def test_steps_made_by_hand_give_a_program_too():
    training = Training(State())
    for _ in range(7):
        training.make_step()
    training.configure(learning_rate=0.2, batch=5)
    training.change("weight", (0, 0, 1), (1.5,))
    for _ in range(6):
        training.make_step()
    training.change("bias", (2, 0), (-0.25,))
    assert str(training.state) == "v=1&steps=13&changes=7:rate:0.2,7:batch:5,7:weight.0.0.1:1.5,13:bias.2.0:-0.25"
    names = namespace(program.write(training.state))
    for number, (weights, biases) in enumerate(training.net.values(), 1):
        np.testing.assert_array_equal(names["sess"].run(names[f"W{number}"]), weights)
        np.testing.assert_array_equal(names["sess"].run(names[f"b{number}"]), biases)
    names["sess"].close()
    training.close()


def test_it_runs_by_itself_and_prints_what_the_playground_shows(tmp_path):
    training = trained(STATES["changed meanwhile"])
    (tmp_path / "exported.py").write_text(program.write(training.state))
    done = subprocess.run(
        [sys.executable, "exported.py"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    learned, right, test, test_right = (np.float32(value) for value in training.judge())
    assert done.stdout.splitlines()[:4] == [
        f"learned loss {learned!s}", f"learned accuracy {right!s}", f"test loss {test!s}", f"test accuracy {test_right!s}",
    ]  # fmt: skip
    assert str(training.net.values()[2][0]) in done.stdout
    training.close()


def test_every_program_is_plain_and_well_formed():
    for text in STATES.values():
        source = program.write(State.parse(text))
        imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
        assert imports == ["import numpy as np", "import graphlab_nb as tf"]
        done = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "200", "--check", "-"],
            input=source, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, source
