"""Moves of elements: how axes are joined, and that both shapes of the kernels, for CPUs and GPUs, do the same."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb import launch
from graphlab_nb.ops import moves
from graphlab_nb.ops.moves import joined, strides_of
from graphlab_nb.runtime import device
from graphlab_nb.session import resources


def test_strides():
    assert strides_of([2, 3, 4]) == [12, 4, 1]
    assert strides_of([]) == []


def test_axes_that_both_arrays_lay_out_alike_are_joined():
    assert joined([(2, 12, 12), (3, 4, 4), (4, 1, 1)]) == [(24, 1, 1)]
    assert joined([(2, 12, 24), (3, 4, 4), (4, 1, 1)]) == [(2, 12, 24), (12, 1, 1)]
    assert joined([(4, 1, 6), (1, 9, 9), (6, 4, 1)]) == [(6, 4, 1), (4, 1, 6)]
    assert joined([(3, 4, -4), (4, 1, -1)]) == [(12, 1, -1)]
    assert joined([(5, 3, 0), (3, 1, 0)]) == [(15, 1, 0)]
    assert joined([(1, 1, 1)]) == []


@pytest.fixture(params=["CPU", "GPU"])
def kind(request, monkeypatch):
    """Makes plans as for a device of that kind; the device that runs them stays the one there is."""
    made = resources.PlanDevice

    def as_kind(kind, index, traits):
        lanes = traits.lanes if request.param == "CPU" and traits.is_cpu else 8 if request.param == "CPU" else 1
        return made(kind, index, dataclasses.replace(traits, kind=request.param, lanes=lanes))

    monkeypatch.setattr(resources, "PlanDevice", as_kind)
    return request.param


def test_kernels_of_both_shapes(kind):
    x = np.random.RandomState(0).randn(3, 67, 5, 34).astype(np.float32)
    wide = np.random.RandomState(1).randn(40, 6, 33, 4).astype(np.float32)
    cases = [
        (lambda t: tf.transpose(t, [0, 3, 2, 1]), x, lambda a: a.transpose(0, 3, 2, 1)),  # tiles
        (lambda t: tf.transpose(t, [2, 1, 0, 3]), wide, lambda a: a.transpose(2, 1, 0, 3)),  # rows of 16 bytes
        (lambda t: t[:, 1:, ::2, 3:30], x, lambda a: a[:, 1:, ::2, 3:30]),  # rows with a rest
        (lambda t: t[:, ::-1, :, ::-3], x, lambda a: a[:, ::-1, :, ::-3]),  # steps
        (lambda t: tf.tile(t[:, :, :, :1], [1, 1, 1, 50]), x, lambda a: np.tile(a[..., :1], (1, 1, 1, 50))),  # fills
        (lambda t: tf.pad(t, [[0, 0], [2, 1], [1, 0], [0, 3]], "SYMMETRIC"), x, lambda a: np.pad(a, [(0, 0), (2, 1), (1, 0), (0, 3)], "symmetric")),
        (lambda t: tf.gradients(tf.reduce_sum(tf.pad(t, [[0, 0]] * 3 + [[3, 2]], "REFLECT")), t)[0], x, reflected),  # adds
    ]  # fmt: skip
    with tf.Graph().as_default(), tf.Session() as sess:
        for build, value, reference in cases:
            np.testing.assert_array_equal(sess.run(build(tf.constant(value))), reference(value))


def test_results_larger_than_the_caches_are_written_past_them(monkeypatch):
    """The same numbers come out, whether rows are aligned, as such stores need them, or not."""
    monkeypatch.setattr(launch, "STREAMED", 1)
    monkeypatch.setattr(moves, "_FAR", 1)
    x = np.random.RandomState(0).randn(3, 67, 5, 32).astype(np.float32)
    even = np.random.RandomState(1).randint(-9, 9, [2, 192, 288])
    index = np.random.RandomState(2).randint(0, 192, [50])
    cases = [
        (lambda t: tf.transpose(t, [0, 3, 2, 1]), x, lambda a: a.transpose(0, 3, 2, 1)),
        (lambda t: tf.concat([t, t], 3), x, lambda a: np.concatenate([a, a], 3)),
        (lambda t: tf.concat([t, t], 0), x, lambda a: np.concatenate([a, a], 0)),
        (lambda t: tf.concat([t[:, :, :, :3], t], 3), x, lambda a: np.concatenate([a[..., :3], a], 3)),
        (lambda t: t[:, 1:, ::2, 3:30], x, lambda a: a[:, 1:, ::2, 3:30]),
        (lambda t: tf.gather(t, [2, 0, 1, 2]), x, lambda a: a[[2, 0, 1, 2]]),
        (lambda t: tf.abs(t * 2.0) + t[:, :, :, :1], x, lambda a: np.abs(a * 2) + a[..., :1]),
        (lambda t: t[:, :, :, 1:] + 1.0, x, lambda a: a[..., 1:] + 1),
    ]  # fmt: skip
    for dtype in (np.uint8, np.int16, np.float32, np.int64):
        typed = even.astype(dtype)
        cases += [
            (lambda t: tf.transpose(t, [0, 2, 1]), typed, lambda a: a.transpose(0, 2, 1)),
            (lambda t: tf.transpose(t[:, :190, :287], [0, 2, 1]), typed, lambda a: a[:, :190, :287].transpose(0, 2, 1)),
            (lambda t: tf.gather(t[0], tf.constant(index)), typed, lambda a: a[0][index]),
            (lambda t: tf.gather(t[0, :, 3:], tf.constant(index)), typed, lambda a: a[0, :, 3:][index]),
        ]
    with tf.Graph().as_default(), tf.Session() as sess:
        for build, value, reference in cases:
            np.testing.assert_array_equal(sess.run(build(tf.Variable(value).initialized_value())), reference(value))


def reflected(x):
    counts = np.ones(x.shape[-1])
    counts[1:4] += 1
    counts[-3:-1] += 1
    return np.broadcast_to(counts, x.shape)


@pytest.mark.parametrize("columns", [32, 37, 64, 320, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_larger_than_the_caches_are_written_past_them(monkeypatch, columns, dtype):
    monkeypatch.setattr(launch, "STREAMED", 1)
    if dtype == np.float64 and "float64" not in device.logical_devices()[0].traits.dtypes:
        dtype = np.float32
    x = np.random.RandomState(0).randn(83, columns).astype(dtype)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    expected = e / e.sum(axis=1, keepdims=True)
    with tf.Graph().as_default(), tf.Session() as sess:
        fed = tf.placeholder(dtype, [None, columns])
        softmax = tf.nn.softmax(fed)
        scaled = fed * softmax + tf.reduce_sum(softmax, 1, keep_dims=True)
        for _ in range(2):
            np.testing.assert_allclose(sess.run(softmax, {fed: x}), expected, rtol=1e-5)
            np.testing.assert_allclose(
                sess.run(tf.nn.log_softmax(fed), {fed: x}), np.log(expected), rtol=1e-4, atol=1e-5
            )
            np.testing.assert_allclose(sess.run(scaled, {fed: x}), x * expected + 1, rtol=1e-5)
        plans = [plan.bound.stage for plan in sess._plans.values()]
        streamed = ["STREAM" in call.defines for stage in plans for _, call in stage.launches if call.file == "rows.cl"]
        lanes = device.logical_devices()[0].traits.lanes
        assert any(streamed) == (device.logical_devices()[0].traits.is_cpu and columns % lanes == 0)
