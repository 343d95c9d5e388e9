"""Small groups that share a launch: which do, which must not, and that no result changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.compiler import parts
from tests.compiler.test_compile import GPU, kernels, plan
from tests.compiler.test_fuse import assert_alike, both_ways, fresh_graph, numbers

__all__ = ["fresh_graph"]

OPTIMIZERS = {
    "SGD": lambda: tf.train.GradientDescentOptimizer(0.1),
    "Momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "Adam": lambda: tf.train.AdamOptimizer(0.1),
    "Adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "Ftrl": lambda: tf.train.FtrlOptimizer(0.1),
}
SHAPES = ([3], [70, 50], [1, 9], [], [5, 1, 6], [64])


def updates(optimizer: Any) -> tuple[list[Any], Any]:
    """Variables of several shapes and a step that moves each of them towards a number of its own."""
    made = [tf.Variable(numbers_of(shape, k)) for k, shape in enumerate(SHAPES)]
    gradients = [tf.placeholder(tf.float32, shape) for shape in SHAPES]
    return gradients, optimizer.apply_gradients(list(zip(gradients, made, strict=True)))


def numbers_of(shape: list[int], seed: int) -> np.ndarray:
    return np.asarray(np.random.RandomState(seed).randn(*shape), np.float32)


@pytest.mark.parametrize("devices", [{}, {"devices": (GPU,)}], ids=["cpu", "gpu"])
def test_all_small_updates_are_one_launch(devices: Any) -> None:
    gradients, step = updates(OPTIMIZERS["Momentum"]())
    shapes = {g: tuple(shape) for g, shape in zip(gradients, SHAPES, strict=True)}
    assert kernels(plan([step], shapes, **devices)) == ["pointwise_parts"]


def test_large_ones_have_their_own_and_many_have_several() -> None:
    fed = [tf.placeholder(tf.float32, [None]) for _ in range(40)]
    step = tf.group(*[tf.Variable(tf.zeros([6])).assign_add(f) for f in fed])
    assert kernels(plan([step], dict.fromkeys(fed, (6,)))) == ["pointwise_parts"] * 4
    fed = fed[:3]
    size = parts.SMALL + 1
    step = tf.group(*[tf.Variable(tf.zeros([size])).assign_add(f) for f in fed])
    assert kernels(plan([step], dict.fromkeys(fed, (size,)))) == ["pointwise"] * 3


def test_what_initializes_shares_programs_instead() -> None:
    made = [tf.Variable(tf.zeros(shape) + 1.0) for shape in SHAPES]
    names = kernels(plan([tf.group(*[v.initializer for v in made])], {}))
    assert names and "pointwise_parts" not in names


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_update_changes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def build() -> Any:
        gradients, step = updates(OPTIMIZERS[name]())
        feed = {g: 0.1 * numbers_of(shape, 10 + k) for k, (g, shape) in enumerate(zip(gradients, SHAPES, strict=True))}
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            for _ in range(3):
                sess.run(step, feed)
            return sess.run(tf.all_variables())

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected)


def test_order_is_kept_where_one_depends_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def build() -> Any:
        x = tf.placeholder(tf.float32, [4])
        a, b, c = (tf.Variable(np.full(4, value, np.float32)) for value in (1.0, 2.0, 3.0))
        first = a.assign_add(x)
        with tf.control_dependencies([first]):
            second = b.assign(tf.identity(a) * 2.0)
        with tf.control_dependencies([second]):
            third = c.assign_sub(tf.identity(b))
            fourth = a.assign(tf.zeros([4]))
        with tf.control_dependencies([fourth]):
            sums = tf.reduce_sum(tf.identity(a) + b + c)
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            got = sess.run([sums, first.op, third.op], {x: np.arange(4, dtype=np.float32)})[0]
            return [got, *sess.run([a, b, c])]

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected)
    np.testing.assert_array_equal(found[2], 2 * (1 + np.arange(4)))
    np.testing.assert_array_equal(found[3], 3 - 2 * (1 + np.arange(4)))


def test_types_broadcasts_and_shared_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    data = numbers(6, 5, 7)

    def build() -> Any:
        x, row, n = (
            tf.placeholder(tf.float32, [6, 5, 7]),
            tf.placeholder(tf.float32, [7]),
            tf.placeholder(tf.int32, [9]),
        )
        totals = [tf.Variable(tf.zeros([6, 5, 7])), tf.Variable(tf.zeros([9], tf.int32)), tf.Variable(tf.zeros([5, 7]))]
        step = tf.group(
            totals[0].assign_add(x * row + x[:, :, :1]), totals[1].assign_sub(n * n), totals[2].assign(x[0] - row)
        )
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            sess.run(step, {x: data, row: data[0, 0], n: np.arange(9)})
            return sess.run(totals)

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected)
