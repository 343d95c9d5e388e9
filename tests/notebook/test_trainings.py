"""What curves of losses are called: models have their own, and a cell that ran again has its former ones."""

from __future__ import annotations

import pytest

import graphlab_nb as tf
from graphlab_nb.notebook.trainings import name_of

MODEL = """
def model(rate):
    w = tf.Variable(tf.zeros([2]), name="w")
    loss = tf.reduce_sum(tf.square(w), name="loss")
    return tf.train.GradientDescentOptimizer(rate).minimize(loss)
"""


@pytest.fixture
def names(shell):
    """What the losses' curves are called, by the losses' own names."""
    shell.run("tf.reset_default_graph()\n" + MODEL, "function")

    def found():
        return {loss.op.name: name_of(loss) for loss in tf.get_default_graph().minimized.values()}

    return found


def test_models_of_one_cell_have_a_curve_each_and_meet_their_former_ones(shell, names):
    for _ in range(2):
        shell.run("steps = [model(rate) for rate in (0.1, 0.2)]", "models")
    assert names() == {"loss": "loss", "loss_1": "loss_1", "loss_2": "loss", "loss_3": "loss_1"}
    shell.run("steps = [model(rate) for rate in (0.1, 0.2, 0.3)]", "models")
    assert list(names().values())[4:] == ["loss", "loss_1", "loss_6"]


def test_a_cell_that_ran_again_has_one_name_and_another_line_its_own(shell, names):
    for _ in range(3):
        shell.run("step = model(0.1)", "one")
    shell.run(MODEL.replace("model", "other") + "\nother(0.1)", "other")
    assert names() == {"loss": "loss", "loss_1": "loss", "loss_2": "loss", "loss_3": "loss_3"}


def test_numbers_that_users_write_stay(shell, names):
    shell.run(
        "for k in (7, 8):\n    step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.Variable(1.0) * 2.0)", "two"
    )
    shell.run("with tf.name_scope('net_5'):\n    model(0.1)", "scope")
    assert names() == {"mul": "mul", "mul_1": "mul_1", "net_5/loss": "net_5/loss"}
