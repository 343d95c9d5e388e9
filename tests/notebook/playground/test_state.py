"""States, as strings and back, and what they refuse."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest

from graphlab_nb.notebook.playground import data
from graphlab_nb.notebook.playground import state as states
from graphlab_nb.notebook.playground.state import Change, State, to_learn


def test_a_string_tells_only_what_is_not_as_usual():
    assert str(State()) == "v=1"
    assert (
        str(State(data="own", points=((0.5, -1.0, 1.0),), layers=(), steps=7, changes=(Change(3, "rate", (), (0.1,)),)))
        == "v=1&data=own&layers=none&points=0.5:-1:1&steps=7&changes=3:rate:0.1"
    )


def test_what_version_1_leaves_out_stays_the_same():
    usual = dataclasses.asdict(State.parse("v=1"))
    assert usual == {
        "data": "circle", "features": ("x1", "x2"), "layers": (4, 2), "activation": "tanh", "optimizer": "sgd",
        "learning_rate": 0.03, "regularization": "none", "regularization_rate": 0.0, "batch": 10, "noise": 0.0,
        "share": 50.0, "seed": 1, "points": (), "steps": 0, "changes": (),
    }  # fmt: skip


def some_state(seed: int) -> State:
    r = random.Random(seed)
    own = r.random() < 0.4
    layers = tuple(r.randint(1, 8) for _ in range(r.randint(0, 6)))
    settings = {
        "data": r.choice(states.OWN if own else [name for name in states.DATA if name not in states.OWN]),
        "features": tuple(r.sample(list(states.FEATURES), r.randint(1, 7))),
        "layers": layers,
        "activation": r.choice(states.ACTIVATIONS),
        "optimizer": r.choice(states.OPTIMIZERS),
        "learning_rate": r.uniform(1e-6, 10),
        "regularization": r.choice(states.REGULARIZATIONS),
        "regularization_rate": r.uniform(0, 10),
        "batch": r.randint(1, 50),
        "noise": r.uniform(0, 50),
        "share": float(r.randint(10, 90)),
        "seed": r.randint(0, 2**31 - 1),
        "steps": 100,
    }
    if own:
        settings["points"] = tuple(
            (r.uniform(-6, 6), r.uniform(-6, 6), float(r.choice([-1, 1]))) for _ in range(r.randint(1, 9))
        )
    changes = [Change(3, "rate", (), (r.uniform(0.001, 1),)), Change(3, "weight", (0, 0, 0), (r.gauss(0, 1),))]
    if own:
        changes += [Change(40, "point", (), (1e-7, -2.5, -1.0)), Change(100, "unpoint", (0,))]
    return State(**settings, changes=tuple(changes))


@pytest.mark.parametrize("seed", range(40))
def test_strings_round_trip(seed):
    state = some_state(seed)
    text = str(state)
    assert State.parse(text) == state
    assert str(State.parse(text)) == text
    assert not set(text) & set(" \n\"'<>#?")


BROKEN = {
    "": "made of name=value",
    "circle": "'circle' is not",
    "v=2": "version must be v=1",
    "data=xor": "there is none",
    "v=1&v=1": "'v' twice",
    "v=1&dta=xor": "no setting 'dta'",
    "v=1&data=moon": "data must be one of circle",
    "v=1&features=none": "features must be at least one",
    "v=1&features=x1,x1": "features must be at least one, each once",
    "v=1&features=x9": "features must be one of x1",
    "v=1&layers=4,x": "layers must be a whole number, not 'x'",
    "v=1&layers=0": "layers must be from 1 to 8",
    "v=1&layers=9": "layers must be from 1 to 8",
    "v=1&layers=1,1,1,1,1,1,1": "layers must be at most 6 hidden layers, not 7",
    "v=1&activation=sine": "activation must be one of",
    "v=1&optimizer=best": "optimizer must be one of",
    "v=1&regularization=l3": "regularization must be one of",
    "v=1&learning_rate=fast": "learning_rate must be a number, not 'fast'",
    "v=1&learning_rate=nan": "learning_rate must be above 0",
    "v=1&learning_rate=-1": "learning_rate must be above 0",
    "v=1&learning_rate=inf": "learning_rate must be above 0 and at most 10",
    "v=1&regularization_rate=-1": "regularization_rate must be from 0 to 10",
    "v=1&batch=0": "batch must be from 1",
    "v=1&batch=2.5": "batch must be a whole number, not '2.5'",
    "v=1&batch=251": "batch must be at most the 250 examples that are learned from, not 251",
    "v=1&share=10&batch=51": "batch must be at most the 50 examples",
    "v=1&noise=51": "noise must be from 0 to 50 percent",
    "v=1&share=95": "share must be from 10 to 90 percent",
    "v=1&seed=-1": "seed must be from 0",
    "v=1&steps=99999999": "steps must be from 0",
    "v=1&points=1:1:1": "points are drawn for the data own",
    "v=1&data=own&points=1:1": "points must have two coordinates",
    "v=1&data=own&points=9:1:1": "points must be from -6 to 6",
    "v=1&data=own&points=1:nan:1": "points must be from -6 to 6",
    "v=1&data=own&points=1:1:0.5": "points of two classes must have -1 or 1",
    "v=1&data=own_values&points=1:1:2": "values from -1 to 1",
    "v=1&data=own&points=1:a:1": "points must be a number, not 'a'",
    "v=1&steps=5&changes=6:rate:1": "must be at a step from 0 to 5",
    "v=1&steps=5&changes=4:rate:1,3:rate:1": "must be at a step from 4 to 5",
    "v=1&steps=5&changes=4:speed:1": "changes has 'speed'",
    "v=1&steps=5&changes=4:rate": "is not made as a change of rate",
    "v=1&steps=5&changes=4:rate:nan": "learning_rate must be above 0",
    "v=1&steps=5&changes=x:rate:1": "step of a change must be a whole number",
    "v=1&steps=5&changes=1:weight.3.0.0:1": "no layer 3; layers are 0 to 2",
    "v=1&steps=5&changes=1:weight.0.2.0:1": "is outside",
    "v=1&steps=5&changes=1:bias.0.4:1": "is outside",
    "v=1&steps=5&changes=1:bias.0.3:inf": "must be a number of less than a million",
    "v=1&steps=5&changes=1:point:1:1:1": "points are drawn for the data own",
    "v=1&data=own&steps=5&changes=1:unpoint.0": "no point 0 of 0",
    "v=1&steps=5&changes=1:batch:300": "batch must be at most the 250",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_string_is_refused_by_the_name_of_what_is_broken(text):
    with pytest.raises(ValueError) as caught:
        State.parse(text)
    assert BROKEN[text] in str(caught.value)


def test_other_settings_are_checked_too():
    assert State(steps=9).but(layers=[3], learning_rate=1).layers == (3,)
    assert State(steps=9).but().steps == 0
    with pytest.raises(ValueError, match="no setting 'rate'; it has data, features"):
        State().but(rate=1)
    with pytest.raises(TypeError, match="learning_rate must be a number, not 'high'"):
        State().but(learning_rate="high")
    with pytest.raises(TypeError, match="layers must be a list, not 4"):
        State().but(layers=4)
    with pytest.raises(TypeError, match="layers must be a number, not '4'"):
        State().but(layers=["4"])
    with pytest.raises(ValueError, match=r"batch must be a whole number, not 2\.5"):
        State().but(batch=2.5)
    with pytest.raises(TypeError, match="a string, not 3"):
        State.parse(3)


@pytest.mark.parametrize("name", [*data.MADE])
def test_data_is_as_its_seed_and_noise_tell(name):
    state = State(data=name)
    first, again = data.make(state, ()), data.make(state, ())
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == np.float32
    learn_x, learn_y, test_x, test_y = first
    assert len(learn_x) == to_learn(state) and len(learn_x) + len(test_x) == states.POINTS
    assert np.abs(np.concatenate([learn_x, test_x])).max() <= states.REACH
    values = np.concatenate([learn_y, test_y])
    if state.kind == states.CLASSES:
        assert set(values.ravel()) == {-1.0, 1.0} and abs(values.mean()) < 0.2 and abs(test_y.mean()) < 0.2
    else:
        assert values.min() < -0.7 and values.max() > 0.7 and np.abs(values).max() <= 1
    other = data.make(state.but(seed=2), ())
    assert not np.array_equal(learn_x, other[0])
    moved = np.abs(data.make(state.but(noise=50), ())[0] - learn_x)
    assert 1 < moved.max() <= 3.001


def test_labels_mean_what_the_names_say():
    x, y, *_ = data.make(State(data="circle"), ())
    assert ((np.hypot(x[:, 0], x[:, 1]) < 3) == (y[:, 0] > 0)).all()
    x, y, *_ = data.make(State(data="xor"), ())
    assert ((x[:, 0] * x[:, 1] > 0) == (y[:, 0] > 0)).all()
    x, y, *_ = data.make(State(data="plane"), ())
    np.testing.assert_allclose(x.sum(1) / 11, y[:, 0], atol=1e-6)


@pytest.mark.parametrize("share", [10.0, 33.0, 50.0, 80.0, 90.0])
def test_one_more_point_moves_none_of_the_others(share):
    points = np.arange(40, dtype=float).reshape(20, 2) / 10
    before = data.split(points[:19], points[:19, 0], share)
    after = data.split(points, points[:, 0], share)
    assert len(after[0]) + len(after[2]) == 20
    for k in (0, 2):
        np.testing.assert_array_equal(before[k], after[k][: len(before[k])])
    assert len(after[0]) == pytest.approx(20 * share / 100, abs=1)


def test_batches_go_through_all_rows():
    batches = data.Batches(3)
    rows = np.concatenate([batches.next(5, 20) for _ in range(4)])
    assert sorted(rows) == list(range(20)) and batches.epoch == 0
    batches.next(5, 20)
    assert batches.epoch == 1
    assert len(batches.next(50, 7)) == 7
