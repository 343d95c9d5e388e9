"""Reductions that compute what they reduce as they read: which do, which must not, and that no result changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.runtime.device import logical_devices
from tests.compiler.test_compile import GPU, kernels, plan
from tests.compiler.test_fuse import assert_alike, both_ways, fresh_graph, numbers

__all__ = ["fresh_graph"]

KINDS = {
    "sum": tf.reduce_sum,
    "mean": tf.reduce_mean,
    "max": tf.reduce_max,
    "min": tf.reduce_min,
    "prod": lambda x, axes: tf.reduce_prod(1.0 + 0.001 * x, axes),
}


def reductions(stage: Any) -> list[str]:
    return [name for name in kernels(stage) if name.startswith("reduce")]


def test_a_squared_distance_needs_no_kernel_of_its_own():
    x, y = tf.placeholder(tf.float32, [None, 1000]), tf.placeholder(tf.float32, [None, 1000])
    distance = tf.reduce_mean(tf.square(x - y))
    shapes = {x: (300, 1000), y: (300, 1000)}
    for device in ((), (GPU,)):
        stage = plan([distance], shapes, **({"devices": device} if device else {}))
        assert kernels(stage) == reductions(stage) and len(kernels(stage)) == 2


def test_a_reduction_ends_with_an_update_and_begins_with_a_product():
    x = tf.placeholder(tf.float32, [None, 100])
    bias = tf.Variable(tf.zeros([100]))
    step = bias.assign_sub(0.1 * tf.reduce_sum(x * tf.sign(x), 0))
    assert kernels(plan([step.op], {x: (400, 100)}))[-2:] == ["reduce_columns"] * 2


def test_what_something_else_reads_is_computed_once():
    x = tf.placeholder(tf.float32, [None, 1000])
    square = tf.square(x)
    shapes = {x: (300, 1000)}
    assert kernels(plan([tf.reduce_sum(square), square], shapes)).count("pointwise") == 1
    assert kernels(plan([tf.reduce_sum(square), tf.matmul(square, square, True)], shapes)).count("pointwise") == 1
    assert kernels(plan([tf.reduce_sum(square), square.op], shapes)).count("pointwise") == 1
    both = tf.reduce_sum(square), tf.reduce_max(square)
    assert kernels(plan(both, shapes)).count("pointwise") == 1


@pytest.mark.parametrize("devices", [{}, {"devices": (GPU,)}], ids=["cpu", "gpu"])
def test_inputs_that_are_the_same_in_each_row_are_read_as_the_kernel_goes(devices: Any) -> None:
    x, row, column = (tf.placeholder(tf.float32, shape) for shape in ([None, 1000], [1, 1000], [None, 1]))
    shapes = {x: (300, 1000), row: (1, 1000), column: (300, 1)}
    squares = tf.square(x - row)
    assert not kernels(plan([tf.reduce_sum(squares, 0)], shapes, **devices)).count("pointwise")
    assert (
        kernels(plan([tf.reduce_sum(squares)], shapes, **devices)).count("pointwise") == 1
    )  # in one row of all elements
    assert kernels(plan([tf.reduce_sum(tf.square(x - column), 0)], shapes, **devices)).count("pointwise") == 1
    images = tf.placeholder(tf.float32, [None, 6, 5, 16])
    _, variance = tf.nn.moments(images, [0, 1, 2])
    assert not kernels(plan([variance], {images: (100, 6, 5, 16)}, **devices)).count("pointwise")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1,), (7,), (5, 33), (40000,), (3, 20000), (20000, 3), (9, 40, 70)], ids=str)
def test_no_result_changes(kind: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    data, other = numbers(*shape), numbers(*shape)
    subsets = [None, [0], [len(shape) - 1]] + ([[0, 2], [1]] if len(shape) == 3 else [])

    def build() -> Any:
        x, y, c = (tf.placeholder(tf.float32, s) for s in (shape, shape, []))
        made = [KINDS[kind](tf.maximum(x * y, c) - 0.25 * x, axes) for axes in subsets]
        row = tf.placeholder(tf.float32, shape[-1:])
        made += [KINDS[kind](tf.square(x - row) * y, axes) for axes in subsets]
        made += [KINDS[kind](tf.reshape(x - row, [-1, shape[-1]]), 0)]
        made += [0.5 * KINDS[kind](tf.reshape(tf.abs(x), [-1]), None) + c * c]
        with tf.Session() as sess:
            return sess.run(made, {x: data, y: other, c: -0.5, row: data.reshape(-1, shape[-1])[0] * 0.5})

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected, 1e-5)


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, np.int64, np.uint8, np.bool_])
def test_element_types(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if np.dtype(dtype).name == "float16" and "float16" not in logical_devices()[0].traits.dtypes:
        pytest.skip("the device has no float16")
    data = (np.arange(3000).reshape(50, 60) * 7 % 11).astype(dtype)

    def build() -> Any:
        x = tf.placeholder(dtype, [None, 60])
        if dtype is np.bool_:
            made = [tf.reduce_any(tf.logical_not(x), axes) for axes in (None, 0)]
        else:
            made = [tf.reduce_sum(x * x + x, axes) for axes in (None, 0)]
        made.append(tf.reduce_sum(tf.cast(x, tf.float32) * 2.0))
        with tf.Session() as sess:
            return sess.run(made, {x: data})

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected, 1e-2 if dtype is np.float16 else 1e-6)


def test_a_variable_is_read_before_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read stands before the update, so the reduction, which stands after it, must not read it anew."""
    data = numbers(300, 70)

    def build() -> Any:
        v = tf.Variable(data)
        square = tf.square(v)
        with tf.control_dependencies([square]):
            update = v.assign_add(tf.ones_like(v))
        with tf.control_dependencies([update]):
            total = tf.reduce_sum(square)
        with tf.Session() as sess:
            sess.run(v.initializer)
            return sess.run([total, update])

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected)
    np.testing.assert_allclose(found[0], np.square(data.astype(np.float64)).sum(), rtol=1e-5)


def test_many_inputs_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = [tf.placeholder(tf.float32, [None, 1000]) for _ in range(7)]
    assert kernels(plan([tf.reduce_sum(sum(fed[1:], fed[0]))], dict.fromkeys(fed, (300, 1000)))).count("pointwise") == 1
