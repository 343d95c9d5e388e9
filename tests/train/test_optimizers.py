"""Every optimizer against its formula in float64 NumPy, step by step, and on a quadratic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

STEPS = 4
START = np.array([[1.0, -2.0, 0.3], [0.05, -0.7, 4.0]])
PULL = np.array([[0.5, 1.0, 0.2], [0.1, 2.0, 0.25]])

Slots = dict[str, np.ndarray]
Formula = Callable[[np.ndarray, np.ndarray, Slots, float, int], np.ndarray]


@dataclass
class Reference:
    """An optimizer, its slots' first values, and its step: (w, gradient, slots, learning rate, t) -> new w."""

    make: Callable[[Any], Any]
    slots: dict[str, float]
    step: Formula
    rate: float = 0.1


def shrink(p: np.ndarray, rate: Any, l1: float, l2: float) -> np.ndarray:
    return np.sign(p) * np.maximum(np.abs(p) - rate * l1, 0) / (1 + rate * l2)


def descent(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    return w - rate * g


def proximal_descent(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    return shrink(w - rate * g, rate, 0.5, 0.2)


def momentum(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["momentum"] = 0.9 * s["momentum"] + g
    return w - rate * s["momentum"]


def nesterov(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["momentum"] = 0.9 * s["momentum"] + g
    return w - rate * (g + 0.9 * s["momentum"])


def rmsprop(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["rms"] = 0.8 * s["rms"] + 0.2 * g**2
    s["momentum"] = 0.5 * s["momentum"] + rate * g / np.sqrt(s["rms"] + 1e-3)
    return w - s["momentum"]


def centered(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["mg"] = 0.8 * s["mg"] + 0.2 * g
    s["rms"] = 0.8 * s["rms"] + 0.2 * g**2
    s["momentum"] = 0.5 * s["momentum"] + rate * g / np.sqrt(s["rms"] - s["mg"] ** 2 + 1e-3)
    return w - s["momentum"]


def adam(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["m"] = 0.8 * s["m"] + 0.2 * g
    s["v"] = 0.95 * s["v"] + 0.05 * g**2
    rate *= np.sqrt(1 - 0.95**t) / (1 - 0.8**t)
    return w - rate * s["m"] / (np.sqrt(s["v"]) + 1e-3)


def adagrad(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["accumulator"] = s["accumulator"] + g**2
    return w - rate * g / np.sqrt(s["accumulator"])


def proximal_adagrad(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["accumulator"] = s["accumulator"] + g**2
    own = rate / np.sqrt(s["accumulator"])
    return shrink(w - own * g, own, 0.5, 0.2)


def adagrad_da(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    total = s["gradient_accumulator"] = s["gradient_accumulator"] + g
    squares = s["gradient_squared_accumulator"] = s["gradient_squared_accumulator"] + g**2
    return -rate * np.sign(total) * np.maximum(np.abs(total) - 0.05 * t, 0) / (0.2 * t * rate + np.sqrt(squares))


def adadelta(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    s["accum"] = 0.9 * s["accum"] + 0.1 * g**2
    step = g * np.sqrt(s["accum_update"] + 1e-2) / np.sqrt(s["accum"] + 1e-2)
    s["accum_update"] = 0.9 * s["accum_update"] + 0.1 * step**2
    return w - rate * step


def ftrl(w: np.ndarray, g: np.ndarray, s: Slots, rate: float, t: int) -> np.ndarray:
    new = s["accum"] + g**2
    s["linear"] = s["linear"] + g - (new**0.6 - s["accum"] ** 0.6) / rate * w
    s["accum"] = new
    z = s["linear"]
    return np.where(np.abs(z) > 0.3, (0.3 * np.sign(z) - z) / (new**0.6 / rate + 2 * 0.2), 0.0)


REFERENCES = {
    "GradientDescent": Reference(lambda r: tf.train.GradientDescentOptimizer(r), {}, descent),
    "ProximalGradientDescent": Reference(
        lambda r: tf.train.ProximalGradientDescentOptimizer(r, 0.5, 0.2), {}, proximal_descent
    ),
    "Momentum": Reference(lambda r: tf.train.MomentumOptimizer(r, 0.9), {"momentum": 0}, momentum),
    "Nesterov": Reference(
        lambda r: tf.train.MomentumOptimizer(r, 0.9, use_nesterov=True, name="Nesterov"), {"momentum": 0}, nesterov
    ),
    "RMSProp": Reference(
        lambda r: tf.train.RMSPropOptimizer(r, 0.8, momentum=0.5, epsilon=1e-3), {"rms": 1, "momentum": 0}, rmsprop
    ),
    "CenteredRMSProp": Reference(
        lambda r: tf.train.RMSPropOptimizer(r, 0.8, 0.5, 1e-3, centered=True, name="CenteredRMSProp"),
        {"mg": 0, "momentum": 0, "rms": 1},
        centered,
    ),
    "Adam": Reference(lambda r: tf.train.AdamOptimizer(r, 0.8, 0.95, 1e-3), {"m": 0, "v": 0}, adam),
    "Adagrad": Reference(lambda r: tf.train.AdagradOptimizer(r), {"accumulator": 0.1}, adagrad),
    "ProximalAdagrad": Reference(
        lambda r: tf.train.ProximalAdagradOptimizer(r, 0.1, 0.5, 0.2), {"accumulator": 0.1}, proximal_adagrad
    ),
    "AdagradDA": Reference(
        lambda r: tf.train.AdagradDAOptimizer(
            r, tf.train.get_or_create_global_step(), l1_regularization_strength=0.05, l2_regularization_strength=0.2
        ),
        {"gradient_accumulator": 0, "gradient_squared_accumulator": 0.1},
        adagrad_da,
    ),
    "Adadelta": Reference(
        lambda r: tf.train.AdadeltaOptimizer(r, 0.9, 1e-2), {"accum": 0, "accum_update": 0}, adadelta, rate=1.0
    ),
    "Ftrl": Reference(
        lambda r: tf.train.FtrlOptimizer(r, -0.6, l1_regularization_strength=0.3, l2_regularization_strength=0.2),
        {"accum": 0.1, "linear": 0},
        ftrl,
    ),
}


def quadratic(w: Any, dtype: Any) -> Any:
    """0.5 * sum(PULL * w^2), whose gradient is PULL * w."""
    return 0.5 * tf.reduce_sum(tf.constant(PULL, dtype) * tf.square(w))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", REFERENCES)
def test_steps_follow_the_formula(name: str, dtype: Any) -> None:
    reference = REFERENCES[name]
    with tf.Graph().as_default(), tf.Session() as sess:
        w = tf.Variable(START.astype(dtype), name="w")
        rate = tf.placeholder(tf.float32, [])
        optimizer = reference.make(rate)
        step = tf.train.get_or_create_global_step()
        train = optimizer.minimize(quadratic(w, dtype), step)
        assert optimizer.get_slot_names() == sorted(reference.slots)
        sess.run(tf.initialize_all_variables())
        expected = START
        slots = {slot: np.full(START.shape, float(value)) for slot, value in reference.slots.items()}
        for t in range(1, STEPS + 1):
            fed = np.float32(reference.rate * (1 + 0.5 * t))  # another rate in each step
            sess.run(train, {rate: fed})
            expected = reference.step(expected, PULL * expected, slots, float(fed), t)
            found = sess.run(w)
            assert found.dtype == dtype
            # Hyperparameters are float32 tensors, as in TensorFlow, whatever the variable's type is.
            np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)
            for slot, value in slots.items():
                np.testing.assert_allclose(sess.run(optimizer.get_slot(w, slot)), value, rtol=2e-5, atol=1e-6)
        assert sess.run(step) == STEPS


@pytest.mark.parametrize("name", REFERENCES)
def test_goes_downhill_from_a_scalar_and_a_large_matrix(name: str) -> None:
    reference = REFERENCES[name]
    with tf.Graph().as_default(), tf.Session() as sess:
        a = tf.Variable(2.0, name="a")
        b = tf.Variable(np.linspace(-1, 1, 1029, dtype=np.float32).reshape(3, 343), name="b")
        loss = tf.square(a) + tf.reduce_sum(tf.square(b))
        train = reference.make(0.05).minimize(loss, tf.train.get_or_create_global_step())
        sess.run(tf.initialize_all_variables())
        before = sess.run(loss)
        for _ in range(30):
            sess.run(train)
        assert sess.run(loss) < (0.9 if name in ("Adadelta", "Adagrad", "ProximalAdagrad") else 0.6) * before


@pytest.mark.parametrize("name", [n for n in REFERENCES if REFERENCES[n].slots])
def test_slots_are_variables_named_after_theirs(name: str) -> None:
    reference = REFERENCES[name]
    with tf.Graph().as_default():
        with tf.name_scope("layer"):
            w = tf.Variable(START.astype(np.float32), name="w")
        with tf.name_scope("training"):
            optimizer = reference.make(0.1)
            optimizer.minimize(quadratic(w, np.float32), tf.train.get_or_create_global_step())
        slots = [optimizer.get_slot(w, slot) for slot in reference.slots]
        assert all(s.get_shape() == w.get_shape() for s in slots)
        expected = [f"layer/w/{name}"] + [f"layer/w/{name}_{i}" for i in range(1, len(slots))]
        assert sorted(s.op.name for s in slots) == expected
        assert tf.trainable_variables() == [w]
        assert set(slots) <= set(tf.global_variables())
        assert optimizer.get_slot(w, "no such slot") is None


def test_slot_numbers_of_adam() -> None:
    with tf.Graph().as_default():
        w = tf.Variable(START.astype(np.float32), name="w")
        optimizer = tf.train.AdamOptimizer()
        optimizer.minimize(quadratic(w, np.float32))
        assert optimizer.get_slot(w, "m").op.name == "w/Adam"
        assert optimizer.get_slot(w, "v").op.name == "w/Adam_1"
        assert {"beta1_power", "beta2_power"} <= {v.op.name for v in tf.global_variables()}


def test_a_step_sees_all_variables_as_before_it() -> None:
    """Each variable's gradient is a function of the other: a step must not use the other's new value."""
    with tf.Graph().as_default(), tf.Session() as sess:
        a, b = tf.Variable(3.0), tf.Variable(5.0)
        train = tf.train.GradientDescentOptimizer(0.1).minimize(a * b)
        sess.run(tf.initialize_all_variables())
        sess.run(train)
        np.testing.assert_allclose(sess.run([a, b]), [3 - 0.5, 5 - 0.3], rtol=1e-6)


def test_clipped_gradients_are_applied() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        w = tf.Variable([3.0, 4.0])
        unused = tf.Variable(1.0)
        optimizer = tf.train.AdamOptimizer(0.5)
        pairs = optimizer.compute_gradients(0.5 * tf.reduce_sum(tf.square(w)))
        assert pairs[1] == (None, unused)
        clipped, _ = tf.clip_by_global_norm([g for g, _ in pairs], 1.0)
        train = optimizer.apply_gradients(zip(clipped, [w, unused], strict=True))
        sess.run(tf.initialize_all_variables())
        sess.run(train)
        np.testing.assert_allclose(sess.run(w), [2.5, 3.5], rtol=1e-5)
        np.testing.assert_allclose(sess.run(optimizer.get_slot(w, "m")), [0.06, 0.08], rtol=1e-5)
        assert optimizer.get_slot(unused, "m") is None


def test_two_optimizers_share_a_graph() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        a, b = tf.Variable(1.0), tf.Variable(1.0)
        loss = tf.square(a) + tf.square(b)
        first = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, var_list=[a])
        second = tf.train.GradientDescentOptimizer(0.25).minimize(loss, var_list=[b])
        sess.run(tf.initialize_all_variables())
        sess.run([first, second])
        np.testing.assert_allclose(sess.run([a, b]), [0.8, 0.5], rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tf.train.AdagradOptimizer(0.1, 0.0), "initial_accumulator_value"),
        (lambda: tf.train.FtrlOptimizer(0.1, learning_rate_power=0.5), "learning_rate_power"),
        (lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0), "l1_regularization_strength"),
        (lambda: tf.train.FtrlOptimizer(0.1, initial_accumulator_value=0.0), "initial_accumulator_value"),
        (lambda: tf.train.ProximalAdagradOptimizer(0.1, 0.0), "initial_accumulator_value"),
        (lambda: tf.train.AdagradDAOptimizer(0.1, 0, 0.0), "initial_gradient_squared_accumulator_value"),
    ],
)
def test_hyperparameters_out_of_range(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


ROWS = [[1.0, -2.0], [3.0, 4.0], [5.0, 6.0]]
AFTER_GATHERS = {
    "Momentum": (lambda: tf.train.MomentumOptimizer(0.1, 0.9), [1.0, -0.38, 1.24, 1.36, 1.248, 1.31]),
    "Nesterov": (
        lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        [1.0, 0.3328, 0.6496, 0.4744, 0.56659, 0.45824],
    ),
    "RMSProp": (
        lambda: tf.train.RMSPropOptimizer(0.1, 0.9, 0.5),
        [1.0, -1.37038, 2.4333, 3.4079, 3.99104, 4.96779],
    ),
    "CenteredRMSProp": (
        lambda: tf.train.RMSPropOptimizer(0.1, 0.9, 0.5, centered=True),
        [1.0, -1.33319, 2.40337, 3.37352, 3.909, 4.88035],
    ),
    "Ftrl": (
        lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
        [0.09828, -1.7266, 2.7408, 3.75237, 4.5791, 5.58578],
    ),
    "ProximalGradientDescent": (
        lambda: tf.train.ProximalGradientDescentOptimizer(0.1, 0.02, 0.03),
        [0.99104, -0.91032, 1.9453, 2.42244, 3.01754, 3.52496],
    ),
    "ProximalAdagrad": (
        lambda: tf.train.ProximalAdagradOptimizer(0.1, 0.1, 0.02, 0.03),
        [0.97866, -1.82852, 2.85469, 3.85438, 4.76904, 5.76883],
    ),
    "Adadelta": (
        lambda: tf.train.AdadeltaOptimizer(1.0, 0.5, 1e-2),
        [1.0, -1.69806, 2.7488, 3.74685, 4.52274, 5.52119],
    ),
    "Adagrad": (lambda: tf.train.AdagradOptimizer(0.1), [1.0, -1.83068, 2.8572, 3.85653, 4.77376, 5.7733]),
    "Adam": (lambda: tf.train.AdamOptimizer(0.1), [1.0, -1.5796, 2.69487, 3.69412, 4.73497, 5.7349]),
    "GradientDescent": (lambda: tf.train.GradientDescentOptimizer(0.1), [1.0, -0.92, 1.96, 2.44, 3.048, 3.56]),
    "AdagradDA": (
        lambda: tf.train.AdagradDAOptimizer(
            0.1, tf.Variable(0, trainable=False, dtype=tf.int64), l1_regularization_strength=0.01
        ),
        [0.09828, 0.12421, -0.06974, -0.08022, -0.04258, -0.05386],
    ),
}
"""Optimizers, and what TensorFlow 2.21 makes of `ROWS` in six steps on rows that are looked up."""


@pytest.mark.parametrize("name", AFTER_GATHERS)
def test_rows_that_were_not_looked_up_stay_as_tensorflow_has_them(name: str) -> None:
    make, expected = AFTER_GATHERS[name]
    with tf.Graph().as_default(), tf.Session() as sess:
        v, ids = tf.Variable(ROWS), tf.placeholder(tf.int32, [None])
        step = make().minimize(tf.reduce_sum(tf.square(tf.nn.embedding_lookup(v, ids) - 1.0)))
        sess.run(tf.global_variables_initializer())
        for rows in ([0], [1, 1], [2, 0], [1], [2], [2]):
            sess.run(step, {ids: rows})
        np.testing.assert_allclose(sess.run(v).ravel(), expected, atol=2e-5)


def test_rows_looked_up_twice_and_tables_used_otherwise() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        ids = tf.placeholder(tf.int32, [None])
        twice, whole = tf.Variable(ROWS), tf.Variable(ROWS)
        loss = tf.reduce_sum(tf.gather(twice, ids)) + tf.reduce_sum(tf.gather(twice, [[2]]))
        loss += tf.reduce_sum(tf.gather(whole, ids)) + 0.0 * tf.reduce_sum(whole)
        step = tf.train.FtrlOptimizer(0.1).minimize(loss)
        sess.run(tf.global_variables_initializer())
        sess.run(step, {ids: [0]})
        found = sess.run(twice)
        np.testing.assert_array_equal(found[1], ROWS[1])  # neither gather took it
        assert not np.array_equal(found[0], ROWS[0]) and not np.array_equal(found[2], ROWS[2])
        np.testing.assert_array_equal(sess.run(whole)[1], [0.0, 0.0])  # its gradient is dense: Ftrl moves all


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_gradient_descent_in_a_table_is_that_of_its_dense_gradient(dtype: type) -> None:
    random = np.random.RandomState(0)
    table = random.randn(50, 7).astype(np.float32)
    some, others = random.randint(0, 50, [4, 9]).astype(dtype), random.randint(0, 50, [30]).astype(dtype)
    with tf.Graph().as_default(), tf.Session() as sess:
        v = tf.Variable(table)
        a, b = tf.placeholder(some.dtype, [None, None]), tf.placeholder(others.dtype, [None])
        loss = tf.reduce_sum(tf.square(tf.gather(v, a))) + tf.reduce_sum(tf.exp(tf.gather(v, b)))
        optimizer = tf.train.GradientDescentOptimizer(0.01)
        gradients = optimizer.compute_gradients(loss, [v])
        step, gradient = optimizer.apply_gradients(gradients), gradients[0][0]
        sess.run(v.initializer)
        dense, _ = sess.run([gradient, step], {a: some, b: others})
        expected = np.zeros_like(table, np.float64)
        np.add.at(expected, some, 2.0 * table[some])
        np.add.at(expected, others, np.exp(table[others].astype(np.float64)))
        np.testing.assert_allclose(dense, expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(sess.run(v), table - 0.01 * expected, rtol=1e-5, atol=1e-6)


ROW_BY_ROW = {
    "Adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "Momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "RMSProp": lambda: tf.train.RMSPropOptimizer(0.1),
    "Ftrl": lambda: tf.train.FtrlOptimizer(0.1),
}
"""Optimizers that keep the slots of rows which were not gathered."""


@pytest.mark.parametrize("name", ROW_BY_ROW)
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_rows_change_as_a_variable_of_these_rows_alone_would(name: str, dtype: type) -> None:
    random = np.random.RandomState(1)
    table = random.randn(300, 5).astype(np.float32)
    taken = np.array([[7, 0, 7], [299, 8, 7]], dtype)
    more = np.array([8, 31], dtype)
    unique = np.array([0, 7, 8, 31, 299])
    places = [np.searchsorted(unique, taken), np.searchsorted(unique, more)]
    with tf.Graph().as_default(), tf.Session() as sess:
        v, few = tf.Variable(table), tf.Variable(table[unique])
        ids = [tf.placeholder(dtype, [None, 3]), tf.placeholder(dtype, [None])]
        loss = tf.reduce_sum(tf.square(tf.gather(v, ids[0]))) + tf.reduce_sum(tf.exp(tf.gather(v, ids[1])))
        picked = [tf.matmul(tf.constant(np.eye(5, dtype=np.float32)[p.ravel()]), few) for p in places]
        dense = tf.reduce_sum(tf.square(picked[0])) + tf.reduce_sum(tf.exp(picked[1]))
        steps = [ROW_BY_ROW[name]().minimize(one, var_list=[var]) for one, var in ((loss, v), (dense, few))]
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            sess.run(steps, {ids[0]: taken, ids[1]: more})
        found, expected = sess.run([v, few])
    np.testing.assert_allclose(found[unique], expected, rtol=2e-5, atol=1e-6)
    others = np.setdiff1d(np.arange(300), unique)
    np.testing.assert_array_equal(found[others], table[others])


def test_a_row_that_does_not_exist_fails_where_only_gradients_are_needed() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        w, ids = tf.Variable(tf.ones([3, 2])), tf.placeholder(tf.int32, [None])
        step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(tf.nn.embedding_lookup(w, ids) * 2.0))
        sess.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"index 7 is not in \[0, 3\)"):
            sess.run(step, {ids: [7]})
        np.testing.assert_array_equal(sess.run(w), np.ones((3, 2)))
