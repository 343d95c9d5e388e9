"""Fusion: which operations share a kernel, and that sharing changes no result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.launch import Array
from tests.compiler.test_compile import GPU, kernels, plan
from tests.ops.case import Case
from tests.ops.test_all_ops import CASES, as_list, case_ids

SOME = np.random.RandomState(3)


@pytest.fixture(autouse=True)
def fresh_graph() -> Any:
    with tf.Graph().as_default() as graph:
        yield graph


def numbers(*shape: int) -> np.ndarray:
    return SOME.randn(*shape).astype(np.float32)


def both_ways(monkeypatch: pytest.MonkeyPatch, build: Callable[[], Any]) -> tuple[list[Any], list[Any]]:
    """What `build` makes of a session, with and without fusion, each in a graph of its own."""
    found = []
    for fuse in ("1", "0"):
        monkeypatch.setenv("GLNB_FUSE", fuse)
        with tf.Graph().as_default():
            found.append([np.asarray(v) for v in build()])
    return found[0], found[1]


def assert_alike(found: list[Any], expected: list[Any], tolerance: float = 1e-5) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype
        if one.dtype.kind == "f":
            scale = np.abs(other[np.isfinite(other)]).max(initial=0.0)
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * scale)
        else:
            np.testing.assert_array_equal(one, other)


# Which operations share a kernel


def test_a_product_ends_with_its_bias_and_activation():
    x = tf.placeholder(tf.float32, [None, 600])
    y = tf.nn.relu(tf.matmul(x, tf.ones([600, 64])) + tf.ones([64]))
    assert kernels(plan([y], {x: (1000, 600)}))[1:].count("pointwise") == 0
    assert kernels(plan([y], {x: (1000, 600)}, devices=(GPU,)))[-1] == "matmul_group"


def test_a_gradient_ends_with_its_update():
    x, dy = tf.placeholder(tf.float32, [None, 300]), tf.placeholder(tf.float32, [None, 64])
    w = tf.Variable(tf.zeros([300, 64]))
    b = tf.Variable(tf.zeros([64]))
    loss = tf.reduce_sum(dy * (tf.matmul(x, w) + b))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    stage = plan([step], {x: (200, 300), dy: (200, 64)})
    assert kernels(stage)[-2:] == ["matmul", "reduce_columns"]
    writes = [{call.args[k].storage.kind for k in call.writes} for _, call in stage.launches[-2:]]
    assert all("variable" in kinds for kinds in writes)


def test_updates_of_many_arrays_stay_apart():
    x, dy = tf.placeholder(tf.float32, [None, 300]), tf.placeholder(tf.float32, [None, 64])
    w = tf.Variable(tf.zeros([300, 64]))
    step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(dy * tf.matmul(x, w)))
    assert "pointwise" in kernels(plan([step], {x: (200, 300), dy: (200, 64)}))


def test_a_result_that_is_needed_besides_is_stored():
    x = tf.placeholder(tf.float32, [None, 64])
    product = tf.matmul(x, tf.ones([64, 64]))
    y = tf.nn.relu(product)
    stage = plan([y, product], {x: (100, 64)})
    assert kernels(stage)[stage.once :] == ["matmul"]
    with tf.Session() as sess:
        data = numbers(100, 64)
        found = sess.run([y, product], {x: data})
        np.testing.assert_allclose(found[1], data.sum(1, keepdims=True) * np.ones([1, 64]), rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(found[0], np.maximum(found[1], 0))


def test_nothing_is_put_off_behind_who_needs_it():
    x = tf.placeholder(tf.float32, [64, 64])
    product = tf.matmul(x, x)
    other = tf.matmul(product, x)  # reads it before the chain ends
    y = tf.matmul(other, x) + product
    names = kernels(plan([y], {x: (64, 64)}))
    assert names == ["matmul"] * 3
    w = tf.Variable(tf.ones([64, 64]))
    product = tf.matmul(x, w)
    with tf.control_dependencies([product]):
        change = w.assign_add(x)
    with tf.control_dependencies([change]):
        late = product * 2.0 + 1.0
    with tf.Session() as sess:
        sess.run(w.initializer)
        data = numbers(64, 64)
        np.testing.assert_allclose(sess.run(late, {x: data}), data @ np.ones([64, 64]) * 2 + 1, rtol=1e-4, atol=1e-3)


def test_the_softmax_tutorial_is_three_kernels():
    x, y_ = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    shapes = {x: (100, 784), y_: (100, 10)}
    for form in ("log", "logits"):
        w, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
        z = tf.matmul(x, w) + b
        if form == "log":
            loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(tf.nn.softmax(z)), reduction_indices=[1]))
        else:
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(z, y_))
        step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
        stage = plan([step], shapes)
        assert kernels(stage)[stage.once :] == ["matmul_thin", "matmul_thin_ta", "reduce_columns"]
        stage = plan([step, loss], shapes)
        assert len(kernels(stage)[stage.once :]) == 4


def test_sums_along_rows_join_what_surrounds_them():
    x = tf.placeholder(tf.float32, [None, 50])
    mean = tf.reduce_mean(x, 1, keep_dims=True)
    variance = tf.reduce_mean(tf.square(x - mean), 1, keep_dims=True)
    y = (x - mean) * tf.rsqrt(variance + 1e-3) * tf.ones([50])
    assert kernels(plan([y], {x: (100, 50)}))[-1:] == ["rows"]
    assert "rows" not in kernels(plan([tf.reduce_sum(x, 1)], {x: (100, 50)}))  # alone it has its own kernel


def test_without_fusion_each_operation_has_its_kernel(monkeypatch):
    x = tf.placeholder(tf.float32, [None, 64])
    y = tf.nn.relu(tf.matmul(x, x, transpose_b=True) + 1.0)
    monkeypatch.setenv("GLNB_FUSE", "0")
    names = kernels(plan([y], {x: (40, 64)}))
    assert names[-2:] == ["pointwise", "pointwise"] and "matmul" in names


# That it changes no result


@pytest.mark.parametrize("case", CASES, ids=case_ids())
def test_every_operation_among_others(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = [np.asarray(i) for i in case.inputs]

    def build() -> Any:
        fed = [tf.placeholder(a.dtype, a.shape) for a in arrays]
        inputs = [f * 2.0 - f if f.dtype == tf.float32 else f for f in fed]
        outputs = [tf.convert_to_tensor(o) for o in as_list(case.build(*inputs))]
        floats = [o for o in outputs if o.dtype == tf.float32 and o.get_shape().ndims]
        after = [o * 0.5 + 1.0 for o in floats]
        rows = [o - tf.reduce_sum(o, -1, keep_dims=True) for o in after if 0 not in o.get_shape().as_list()]
        totals = [tf.reduce_mean(tf.square(o)) for o in floats if 0 not in o.get_shape().as_list()]
        with tf.Session() as sess:
            return sess.run([*outputs, *after, *rows, *totals], dict(zip(fed, arrays, strict=True)))

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected, max(1e-5, case.tolerance))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 10, 16, 33, 100, 1000])
@pytest.mark.parametrize("rows", [(1,), (5,), (3, 4)])
def test_rows_of_any_length(n: int, rows: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    data, labels = numbers(*rows, n), SOME.rand(*rows, n).astype(np.float32)
    classes = SOME.randint(0, n, rows)

    def build() -> Any:
        x, y, k = tf.placeholder(tf.float32), tf.placeholder(tf.float32), tf.placeholder(tf.int64)
        shaped = tf.reshape(x, [*rows, n]) * tf.constant(2.0)
        mean = tf.reduce_mean(shaped, -1, keep_dims=True)
        norm = (shaped - mean) / tf.sqrt(tf.reduce_mean(tf.square(shaped - mean), -1, keep_dims=True) + 1e-3)
        soft = tf.nn.softmax(norm * tf.constant(np.linspace(0.5, 1, n, dtype=np.float32)))
        loss = -tf.reduce_sum(tf.reshape(y, [*rows, n]) * tf.log(soft), -1)
        sparse = tf.nn.sparse_softmax_cross_entropy_with_logits(shaped, tf.reshape(k, rows))
        extremes = [tf.reduce_max(shaped, -1) - tf.reduce_min(shaped, -1), tf.reduce_prod(tf.sign(shaped), -1)]
        gradient = tf.gradients([loss, sparse], x)[0]
        whole = tf.cast(shaped * 8.0, tf.int32)
        counts = [tf.reduce_sum(whole * 2, -1), tf.reduce_mean(whole + 1, -1), tf.reduce_all(whole > -99, -1)]
        with tf.Session() as sess:
            feeds = {x: data, y: labels, k: classes}
            return sess.run([norm, soft, loss, sparse, *extremes, gradient, *counts], feeds)

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected, 1e-4)


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(
    "sizes",
    [(7, 5, 3), (100, 784, 10), (50, 300, 17), (130, 600, 70), (300, 9, 12), (3, 70, 61), (1, 40, 900), (90, 30, 1)],
    ids=str,
)
@pytest.mark.parametrize("flips", [(False, False), (True, False), (False, True)], ids=["NN", "TN", "NT"])
def test_what_ends_a_product(sizes: Any, flips: Any, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    m, k, n = sizes
    a, b = numbers(m, k).astype(dtype), numbers(k, n).astype(dtype)
    wide, tall, full = (numbers(*s).astype(dtype) for s in ((n,), (m, 1), (m, n)))
    number = np.asarray(0.75, dtype)

    def build() -> Any:
        x = tf.placeholder(a.dtype)
        y = tf.placeholder(b.dtype)
        v = tf.Variable(np.zeros([m, n], dtype))
        product = tf.matmul(x, y, transpose_a=flips[0], transpose_b=flips[1])
        z = tf.nn.relu(product * number + wide) * tall + full
        row = tf.nn.softmax(product * tf.constant(np.asarray(0.01, dtype)) + wide)
        with tf.Session() as sess:
            sess.run(v.initializer)
            feeds = {x: a.T if flips[0] else a, y: b.T if flips[1] else b}
            first = [sess.run(z, feeds), sess.run(row, feeds)]
            for _ in range(2):
                sess.run(v.assign_add(product).op, feeds)
            return [*first, sess.run(v), *sess.run([z, product], feeds)]

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected, 1e-5 if dtype == np.float32 else 1e-12)
    np.testing.assert_allclose(found[2], 2 * (a @ b), rtol=1e-3, atol=1e-4 * np.abs(a @ b).max())


@pytest.mark.parametrize("channels", [1, 3, 16, 20], ids=str)
@pytest.mark.parametrize("side, stride", [(3, 1), (5, 1), (1, 1), (3, 2)], ids=str)
def test_what_ends_a_convolution(channels: int, side: int, stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    image, filters = numbers(4, 13, 11, channels), numbers(side, side, channels, 24) * 0.1

    def build() -> Any:
        x = tf.placeholder(tf.float32, image.shape)
        w, b = tf.Variable(filters), tf.Variable(np.linspace(-1, 1, 24, dtype=np.float32))
        y = tf.nn.relu(tf.nn.conv2d(x, w, [1, stride, stride, 1], "SAME") + b)
        loss = tf.reduce_mean(tf.square(y * tf.constant(0.5) - 0.1))
        dx = tf.gradients(loss, x)[0] * 3.0
        step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            first = sess.run([y, dx], {x: image})
            sess.run(step, {x: image})
            return [*first, sess.run(w), sess.run(b)]

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected, 1e-4)


def test_memory_that_an_update_reads_is_not_written_too_early(monkeypatch):
    """The product's own input is changed by what follows it: they stay apart."""
    data = numbers(64, 64)

    def build() -> Any:
        v = tf.Variable(data)
        step = v.assign_sub(0.1 * tf.matmul(v, tf.constant(data)))
        with tf.Session() as sess:
            sess.run(v.initializer)
            sess.run(step.op)
            return [sess.run(v)]

    found, expected = both_ways(monkeypatch, build)
    assert_alike(found, expected)
    np.testing.assert_allclose(found[0], data - 0.1 * data @ data, rtol=1e-3, atol=1e-4)


def test_kernels_are_written_for_work_groups_too():
    """On a GPU a row is a work-group's, and a long row's values are kept in memory."""
    x = tf.placeholder(tf.float32, [None, 1000])
    y = tf.nn.softmax(tf.exp(x)) * 2.0
    (*_, (_, call)) = plan([y], {x: (64, 1000)}, devices=(GPU,)).launches
    assert call.kernel == "rows" and call.local_size is not None and call.local_size[0] > 1
    assert any(isinstance(call.args[k], Array) and call.args[k].storage.kind == "arena" for k in call.writes)


# Dimensions of length 1, along which nothing is reduced


@pytest.mark.parametrize("shape", [(5, 1), (5, 1, 1), (1, 1, 5, 1), (1000, 1), (1, 1)])
@pytest.mark.parametrize("reduce", [tf.reduce_sum, tf.reduce_max, tf.reduce_min, tf.reduce_mean, tf.reduce_prod])
def test_reductions_of_single_numbers_reach_all_that_reads_them(shape: tuple[int, ...], reduce: Any):
    x = tf.placeholder(tf.float32, shape)
    m = reduce(tf.square(x), len(shape) - 1, keep_dims=True)
    data = numbers(*shape)
    with tf.Session() as sess:
        product, squares = sess.run([x * tf.sqrt(m), m], {x: data})
    np.testing.assert_allclose(squares, data**2, rtol=1e-6)
    np.testing.assert_allclose(product, data * abs(data), rtol=1e-6)


def test_a_value_and_a_view_of_it_beside_its_reduction():
    x = tf.placeholder(tf.float32, [5, 1])
    y = tf.square(x)
    z = tf.sqrt(tf.reduce_max(y, 1)) * tf.squeeze(y, [1])
    back = tf.nn.softmax_cross_entropy_with_logits(y, tf.nn.softmax(y)) + tf.squeeze(tf.nn.softmax(y), [1])
    data = np.arange(1, 6, dtype=np.float32).reshape(5, 1)
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(z, {x: data}), data.ravel() ** 3, rtol=1e-6)
        np.testing.assert_allclose(sess.run(back, {x: data}), np.ones(5), rtol=1e-6)


SHAPES_WITH_ONES = [(5, 1), (1, 5), (1, 1), (1,), (5,), (3, 1, 1), (1, 3, 1), (1, 1, 3), (2, 3, 1)]


@pytest.mark.parametrize("seed", [74, 93, 97, 147, 200, 209, *range(20)])
def test_random_programs_on_shapes_with_ones(seed: int, monkeypatch: pytest.MonkeyPatch):
    def build() -> Any:
        random = np.random.RandomState(seed)
        shape = SHAPES_WITH_ONES[random.randint(len(SHAPES_WITH_ONES))]
        x = tf.placeholder(tf.float32, shape)
        values = [x]
        for _ in range(random.randint(4, 10)):
            v, kind = values[random.randint(len(values))], random.randint(7)
            rank = len(v.get_shape())
            if kind == 0:
                v = tf.square(v)
            elif kind == 1:
                same = [w for w in values if w.get_shape().as_list() == v.get_shape().as_list()]
                v = v * 0.5 + same[random.randint(len(same))]
            elif kind == 2 and rank:
                reduce = (tf.reduce_sum, tf.reduce_max, tf.reduce_mean, tf.reduce_min)[random.randint(4)]
                v = reduce(v, int(random.randint(rank)), keep_dims=bool(random.randint(2)))
            elif kind == 3 and rank:
                v = tf.reshape(v, [[-1], [1, -1], [-1, 1], [1, -1, 1]][random.randint(4)])
            elif kind == 4 and rank:
                v = tf.nn.softmax(v) + tf.exp(-v)
            elif kind == 5 and rank == 2:
                v = tf.nn.softmax_cross_entropy_with_logits(v, tf.nn.softmax(v * 2.0))
            else:
                v = tf.tanh(v)
            values.append(v)
        loss = tf.add_n([tf.reduce_sum(v) for v in values[-3:]])
        with tf.Session() as sess:
            gradient = tf.gradients(loss, x)[0]
            fetches = values[1:] + ([] if gradient is None else [gradient])
            return sess.run(fetches, {x: random.rand(*shape).astype(np.float32) + 0.5})

    assert_alike(*both_ways(monkeypatch, build))
