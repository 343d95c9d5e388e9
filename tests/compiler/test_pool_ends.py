"""Pooling ends with the elementwise operations that follow it, and no result changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from tests.compiler.test_compile import GPU, kernels, plan
from tests.compiler.test_fuse import assert_alike, both_ways, fresh_graph, numbers

__all__ = ["fresh_graph"]


def pooled(kind: str, x: Any, size: int, stride: int, padding: str, form: str = "NHWC") -> Any:
    channels = form.index("C")
    ksize, strides = [size] * 4, [stride] * 4
    for axis in (0, channels):
        ksize[axis] = strides[axis] = 1
    return {"max": tf.nn.max_pool, "avg": tf.nn.avg_pool}[kind](x, ksize, strides, padding, form)


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling_and_its_gradient_end_with_relu_and_bias(kind: str) -> None:
    x = tf.placeholder(tf.float32, [None, 8, 8, 16])
    bias = tf.placeholder(tf.float32, [16])
    shape = {x: (10, 8, 8, 16), bias: (16,)}
    for devices in ({}, {"devices": (GPU,)}):
        ends = tf.nn.relu(pooled(kind, x, 2, 2, "SAME") + bias)
        assert kernels(plan([ends], shape, **devices)) == [f"{kind}_pool"]
    hidden = tf.nn.relu(x)
    (gradient,) = tf.gradients(tf.square(pooled(kind, hidden, 2, 2, "SAME")), x)
    names = kernels(plan([gradient], {x: (10, 8, 8, 16)}))
    assert names[-1].startswith(f"{kind}_pool_grad") and names[0] == "pointwise"


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("channels, form", [(1, "NHWC"), (8, "NHWC"), (11, "NHWC"), (3, "NCHW")])
@pytest.mark.parametrize("size, stride, padding", [(2, 2, "SAME"), (3, 2, "SAME"), (2, 2, "VALID"), (2, 3, "VALID")])
def test_no_result_changes(
    kind: str, channels: int, size: int, stride: int, padding: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = (3, 7, 9, channels) if form == "NHWC" else (3, channels, 7, 9)
    data, other = numbers(*shape), numbers(*shape)

    def build() -> Any:
        x, factor = tf.placeholder(tf.float32, shape), tf.placeholder(tf.float32, shape)
        hidden = tf.nn.relu(x)
        y = pooled(kind, hidden, size, stride, padding, form)
        ends = tf.nn.relu(y - 0.5) + y * y
        (gradient,) = tf.gradients(ends, x)
        (weighted,) = tf.gradients(tf.square(y), hidden)
        with tf.Session() as sess:
            return sess.run([y, ends, gradient, weighted * factor + hidden], {x: data, factor: other})

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected)


def test_a_variable_that_the_end_changes_changes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven channels are stored as two vectors that overlap: what is added must not be added twice."""
    data = numbers(2, 4, 4, 11)

    def build() -> Any:
        x = tf.placeholder(tf.float32, [2, 4, 4, 11])
        v = tf.Variable(np.ones([2, 2, 2, 11], np.float32))
        step = v.assign_add(tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME") * 2.0)
        with tf.Session() as sess:
            sess.run(v.initializer)
            sess.run(step.op, {x: data})
            return [sess.run(v)]

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected)
    np.testing.assert_allclose(found[0], 1 + 2 * data.reshape(2, 2, 2, 2, 2, 11).max(axis=(2, 4)), rtol=1e-6)
