"""Trainings: they learn, changes are all or nothing, and undo brings back what was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab_nb.notebook.playground import frames
from graphlab_nb.notebook.playground.state import DATA, OWN, State
from graphlab_nb.notebook.playground.training import MOST_CURVE, MOST_UNDONE, Training


@pytest.fixture
def begin():
    begun = []

    def start(text: str) -> Training:
        training = Training(State.parse(text))
        begun.append(training)
        while training.behind:
            training.make_step()
        return training

    yield start
    for training in begun:
        training.close()


def numbers(training: Training) -> list[np.ndarray]:
    return [n.copy() for pair in training.net.values() for n in pair]


def same(training: Training, before: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(numbers(training), before, strict=True))


LEARNS = {
    "v=1&learning_rate=0.1&steps=600": 0.95,
    "v=1&data=xor&learning_rate=0.1&steps=1500": 0.9,
    "v=1&data=gauss&layers=none&steps=100": 0.97,
    "v=1&data=spiral&features=x1,x2,sinx1,sinx2&layers=8,6&optimizer=adam&learning_rate=0.01&steps=1500": 0.85,
}


@pytest.mark.parametrize("text", LEARNS)
def test_it_learns(begin, text):
    training = begin(text)
    loss, right, test_loss, test_right = training.judge()
    assert right >= LEARNS[text] and test_right >= LEARNS[text] - 0.05
    assert loss < 0.2 and test_loss < 0.3


def test_values_are_learned(begin):
    loss, right, test_loss, test_right = begin(
        "v=1&data=hills&layers=8,4&optimizer=adam&learning_rate=0.02&steps=1500"
    ).judge()
    assert loss < 0.02 and test_loss < 0.03 and math.isnan(right) and math.isnan(test_right)


def test_the_same_state_gives_the_same_numbers(begin):
    text = "v=1&data=xor&optimizer=momentum&steps=60&changes=20:rate:0.2,30:weight.0.0.0:1"
    assert same(begin(text), numbers(begin(text)))
    assert not same(begin(text), numbers(begin(text + "&seed=2")))


def test_changes_of_the_start_are_no_changes(begin):
    training = begin("v=1&data=own")
    training.change("point", values=(1, 2, 1))
    training.change("point", values=(3, 2, -1))
    training.change("unpoint", (0,))
    training.configure(learning_rate=0.5, batch=3)
    assert str(training.state) == "v=1&data=own&learning_rate=0.5&batch=3&points=3:2:-1"
    assert training.points == [(3.0, 2.0, -1.0)]


def test_a_weight_that_is_changed_twice_is_told_once(begin):
    training = begin("v=1&steps=3")
    for value in (1, 2, 3):
        training.change("weight", (0, 1, 2), (value,))
    assert [str(change) for change in training.state.changes] == ["3:weight.0.1.2:3"]
    assert training.net.values()[0][0][1, 2] == 3


def test_there_must_be_something_to_learn_from(begin):
    training = begin("v=1&data=own")
    with pytest.raises(ValueError, match="no points to learn from: draw some"):
        training.make_step()
    assert training.step == 0
    assert all(math.isnan(n) for n in training.judge())


REFUSED = [
    (lambda t: t.configure(batch=251), "batch must be at most the 250 examples"),
    (lambda t: t.configure(learning_rate=math.nan), "learning_rate must be above 0"),
    (lambda t: t.configure(layers=[1] * 7), "at most 6 hidden layers"),
    (lambda t: t.configure(layers=[2], learning_rate=-3), "learning_rate must be above 0"),
    (lambda t: t.configure(share=10, batch=100), "batch must be at most the 50 examples"),
    (lambda t: t.change("weight", (0, 0, 4), (1,)), "is outside"),
    (lambda t: t.change("bias", (9, 0), (1,)), "no layer 9"),
    (lambda t: t.change("weight", (0, 0, 0), (math.inf,)), "must be a number of less than a million"),
    (lambda t: t.change("point", values=(1, 1, 1)), "points are drawn for the data own"),
    (lambda t: t.undo(), "nothing to undo"),
]


@pytest.mark.parametrize(("act", "why"), REFUSED, ids=[why for _, why in REFUSED])
@pytest.mark.parametrize("steps", [0, 5])
def test_what_cannot_be_changes_nothing(begin, act, why, steps):
    training = begin(f"v=1&steps={steps}")
    before, state, live = numbers(training), training.state, training.live
    with pytest.raises((ValueError, TypeError), match=why):
        act(training)
    assert same(training, before) and training.state == state and training.live == live and not training.can_undo
    training.make_step()
    other = begin(f"v=1&steps={steps + 1}")
    assert same(training, numbers(other))


def test_undo_brings_back_weights_and_goes_on_as_if_nothing_had_been(begin):
    text = "v=1&data=own&optimizer=adam&batch=2&points=1:1:1,-1:-1:-1,2:1:1&steps={}"
    training = begin(text.format(20))
    before, curve = numbers(training), list(training.curve)
    training.reset()
    assert training.step == 0 and not same(training, before)
    training.make_step()
    training.configure(layers=[8])
    training.undo()
    assert training.step == 1
    training.undo()
    assert training.step == 20 and same(training, before) and training.curve == curve
    assert not training.can_undo
    for _ in range(10):
        training.make_step()
    assert same(training, numbers(begin(text.format(30))))
    assert str(training.state) == text.format(30)


def test_undo_has_an_end(begin):
    training = begin("v=1&layers=1")
    for _ in range(MOST_UNDONE + 3):
        training.reset()
    for _ in range(MOST_UNDONE):
        training.undo()
    assert not training.can_undo


def test_a_change_on_the_way_leaves_what_was_to_come(begin):
    training = Training(State.parse("v=1&steps=30&changes=20:rate:1"))
    for _ in range(10):
        training.make_step()
    training.change("rate", values=(0.5,))
    assert not training.behind
    assert str(training.state) == "v=1&steps=10&changes=10:rate:0.5"
    training.close()


def test_a_training_that_goes_astray_says_so(begin):
    training = begin("v=1&data=plane&layers=8,8&activation=linear&learning_rate=10&batch=50&steps=60")
    told, buffers = frames.frame(training, 0)
    assert not isinstance(told["learned"], float)
    pictures = np.frombuffer(buffers[0], np.int8)
    assert (pictures[-2500:] == -128).any()


def test_curves_stay_short(begin):
    training = begin("v=1&layers=1")
    for _ in range(MOST_CURVE + 40):
        training.make_step()
        training.note()
    assert len(training.curve) <= MOST_CURVE
    steps = [point.step for point in training.curve]
    assert steps == sorted(set(steps)) and steps[-1] == MOST_CURVE + 40 and steps[0] == 1


@pytest.mark.parametrize("data", [*DATA])
def test_frames_have_a_picture_for_each_neuron_and_all_weights(begin, data):
    training = begin(f"v=1&data={data}&layers=3,2" + ("&points=1:1:1,-1:-1:-1" if data in OWN else ""))
    setup, first = frames.setup(training)
    told, buffers = frames.frame(training, 0)
    count = sum(side**2 * width for side, width in zip(setup["sides"], setup["widths"], strict=True))
    assert len(buffers[0]) == count
    values = [n for pair in training.net.values() for n in pair][1 if data == "mnist" else 0 :]
    np.testing.assert_array_equal(np.frombuffer(buffers[1], np.float32), np.concatenate([n.ravel() for n in values]))
    assert len(buffers[2]) == 12 * len(training.curve) and told["since"] == 0
    if data == "mnist":
        assert len(first[0]) == 400 * 784
        np.testing.assert_array_equal(training.data[3][training.shown_digits()].argmax(1), np.repeat(np.arange(10), 40))
        assert len(buffers[3]) == 400
    else:
        everything = np.frombuffer(first[0], np.float32).reshape(-1, 4)
        assert len(everything) == len(training.data[0]) + len(training.data[2])
        surface = np.frombuffer(buffers[0], np.int8)[-2500:].reshape(50, 50)
        x1 = np.frombuffer(buffers[0], np.int8)[:625].reshape(25, 25)
        assert (np.diff(x1.astype(int), axis=1) > 0).all()  # from left to right
        x2 = np.frombuffer(buffers[0], np.int8)[625:1250].reshape(25, 25)
        assert (np.diff(x2.astype(int), axis=0) < 0).all()  # the top is above zero
        output = training.net.outputs(np.array([[-6.0, 6.0]], np.float32))[-1][0, 0]
        assert surface[0, 0] == np.rint(np.clip(output, -1, 1) * 127)


def test_a_point_that_is_added_is_learned(begin):
    training = begin("v=1&data=own&points=1:1:1,-1:-1:-1&share=90&steps=5")
    training.change("point", values=(3, 3, 1))
    assert len(training.data[0]) == 3
    training.make_step()
    assert training.state.changes[0].name == "point" and training.step == 6
