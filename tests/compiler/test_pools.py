"""Convolutions store the maxima that are taken of their results, where nothing else reads these, and no result changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from tests.compiler.test_compile import GPU, kernels, plan
from tests.compiler.test_fuse import assert_alike, both_ways, fresh_graph, numbers

__all__ = ["fresh_graph"]


def pooled(x: Any, height: int, width: int, padding: str = "SAME") -> Any:
    return tf.nn.max_pool(x, [1, height, width, 1], [1, height, width, 1], padding)


def net(x: Any, side: int, channels: int, outputs: int, padding: str = "SAME", stride: int = 1) -> Any:
    w = tf.constant(0.3 * np.random.RandomState(1).randn(side, side, channels, outputs).astype(np.float32))
    return tf.nn.conv2d(x, w, [1, stride, stride, 1], padding) + tf.constant(numbers(outputs))


def test_the_kernel_of_a_convolution_pools():
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    y = pooled(tf.nn.relu(net(x, 5, 1, 32)), 2, 2)
    names = kernels(plan([y], {x: (50, 28, 28, 1)}))
    assert "conv_direct" in names and "max_pool" not in names and "pointwise" not in names
    z = pooled(tf.nn.relu(net(y, 5, 32, 64)), 2, 2)
    names = kernels(plan([z], {x: (50, 28, 28, 1)}))
    assert names[-1] == "winograd_conv" and "max_pool" not in names and "pointwise" not in names


def test_what_follows_the_pooling_has_a_kernel_of_its_own():
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    y = tf.nn.relu(pooled(net(x, 5, 1, 32), 2, 2) + tf.constant(numbers(32)))
    names = kernels(plan([y], {x: (50, 28, 28, 1)}))
    assert names[-2:] == ["conv_direct", "pointwise"]


def results_read_elsewhere(x: Any) -> list[Any]:
    y = tf.nn.relu(net(x, 5, 1, 32))
    return [pooled(y, 2, 2), y]


def sums_read_elsewhere(x: Any) -> list[Any]:
    y = net(x, 5, 1, 32)
    return [pooled(tf.nn.relu(y), 2, 2), tf.reduce_sum(y)]


def a_gradient(x: Any) -> list[Any]:
    return [tf.gradients(pooled(tf.nn.relu(net(x, 5, 1, 32)), 2, 2), x)[0]]


def windows_that_overlap(x: Any) -> list[Any]:
    return [tf.nn.max_pool(net(x, 5, 1, 32), [1, 3, 3, 1], [1, 2, 2, 1], "VALID")]


def windows_over_the_edge(x: Any) -> list[Any]:
    return [pooled(net(x, 5, 1, 32), 3, 3)]


def windows_over_channels(x: Any) -> list[Any]:
    return [tf.nn.max_pool(net(x, 5, 1, 32), [1, 1, 1, 2], [1, 1, 1, 2], "VALID")]


def other_images_added(x: Any) -> list[Any]:
    return [pooled(net(x, 5, 1, 32) + x, 2, 2)]


def a_scale_for_each_row(x: Any) -> list[Any]:
    return [pooled(net(x, 5, 1, 32) * tf.constant(numbers(28, 1, 1)), 2, 2)]


def means(x: Any) -> list[Any]:
    return [tf.nn.avg_pool(net(x, 5, 1, 32), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")]


def a_product_at_each_position(x: Any) -> list[Any]:
    return [pooled(net(x, 1, 1, 32), 2, 2)]


def after_the_pooling_of_another(x: Any) -> list[Any]:
    return [pooled(pooled(net(x, 5, 1, 32), 2, 2), 2, 2)]


ALONE = [
    results_read_elsewhere, sums_read_elsewhere, a_gradient, windows_that_overlap, windows_over_the_edge, windows_over_channels,
    other_images_added, a_scale_for_each_row, means, a_product_at_each_position, after_the_pooling_of_another,
]  # fmt: skip


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.__name__)
def test_pooling_stays_a_kernel_where_it_must(case: Any, monkeypatch: pytest.MonkeyPatch):
    data = numbers(6, 28, 28, 1)
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    assert any("pool" in name for name in kernels(plan(case(x), {x: (6, 28, 28, 1)})))

    def build() -> Any:
        x = tf.placeholder(tf.float32, [None, 28, 28, 1])
        with tf.Session() as sess:
            return sess.run(case(x), {x: data})

    constants(monkeypatch)
    assert_alike(*both_ways(monkeypatch, build))


def constants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has `numbers` give the same each time it is asked for a shape."""
    monkeypatch.setitem(globals(), "numbers", lambda *shape: np.random.RandomState(5).randn(*shape).astype(np.float32))


def test_a_gpu_pools_with_a_kernel_of_its_own():
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    y = pooled(tf.nn.relu(net(x, 5, 1, 32)), 2, 2)
    assert kernels(plan([y], {x: (50, 28, 28, 1)}, devices=(GPU,)))[-1] == "max_pool"


@pytest.mark.parametrize("images", [1, 7])
@pytest.mark.parametrize("image", [(12, 12), (13, 9)])
@pytest.mark.parametrize(
    "side, channels, outputs", [(5, 1, 32), (5, 3, 11), (3, 2, 40), (5, 16, 32), (3, 18, 19), (3, 32, 64)]
)
@pytest.mark.parametrize("window", [(2, 2), (3, 3), (1, 2), (4, 2), (5, 5)])
def test_no_result_changes(
    images: int, image: tuple[int, int], side: int, channels: int, outputs: int, window: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    constants(monkeypatch)
    data = numbers(images, *image, channels)

    def build() -> Any:
        x = tf.placeholder(tf.float32, [None, *image, channels])
        ends = [
            pooled(tf.nn.relu(net(x, side, channels, outputs)), *window, "VALID"),
            pooled(tf.nn.tanh(-0.5 * net(x, side, channels, outputs, "VALID")), *window, "VALID"),
            pooled(net(x, side, channels, outputs, "SAME", 2), *window, "VALID") * 2.0,
        ]
        fed = {x: data}
        with tf.Session() as sess:
            return [sess.run(end, fed) for end in ends]

    assert_alike(*both_ways(monkeypatch, build))


def test_no_number_is_the_largest(monkeypatch: pytest.MonkeyPatch):
    constants(monkeypatch)
    data = numbers(2, 8, 8, 1)
    data[0, 0, 0] = np.nan
    data[0, :, 5:] = np.nan
    data[1, 2, 2] = -np.inf

    def build() -> Any:
        x = tf.placeholder(tf.float32, [None, 8, 8, 1])
        w = tf.constant(np.ones([2, 1, 1, 8], np.float32))
        with tf.Session() as sess:
            return [sess.run(pooled(tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"), 2, 2), {x: data})]

    found, expected = both_ways(monkeypatch, build)
    np.testing.assert_array_equal(found, expected)
    assert np.isnan(found[0][0, :, 3]).all() and np.isfinite(found[0][1, 2:]).all()


def test_windows_of_one_position_are_no_pooling(monkeypatch: pytest.MonkeyPatch):
    constants(monkeypatch)
    data = numbers(2, 8, 8, 3)

    def build() -> Any:
        x = tf.placeholder(tf.float32, [2, 8, 8, 3])
        with tf.Session() as sess:
            return [sess.run(pooled(net(x, 3, 3, 8), 1, 1), {x: data})]

    assert_alike(*both_ways(monkeypatch, build))


def test_volumes_and_doubles(monkeypatch: pytest.MonkeyPatch):
    constants(monkeypatch)
    data = numbers(2, 6, 8, 8, 2).astype(np.float64)

    def build() -> Any:
        x = tf.placeholder(tf.float64, data.shape)
        w = tf.constant(numbers(3, 3, 3, 2, 5).astype(np.float64))
        y = tf.nn.conv3d(x, w, [1, 1, 1, 1, 1], "SAME")
        with tf.Session() as sess:
            return [sess.run(tf.nn.max_pool3d(y, [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "SAME"), {x: data})]

    x = tf.placeholder(tf.float32, [2, 6, 8, 8, 2])
    y = tf.nn.conv3d(x, tf.constant(numbers(3, 3, 3, 2, 5)), [1, 1, 1, 1, 1], "SAME")
    end = tf.nn.max_pool3d(y, [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "SAME")
    assert kernels(plan([end], {x: (2, 6, 8, 8, 2)}))[-1] == "conv_direct"
    assert_alike(*both_ways(monkeypatch, build), 1e-12)
