"""Profiles: what ran is there with its figures, and nothing is measured outside of them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.runtime.device import logical_devices
from graphlab_nb.runtime.peaks import measured_peaks


@pytest.fixture
def program() -> Any:
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 64])
        w = tf.Variable(tf.ones([64, 32]))
        product = tf.matmul(x, w)
        y = tf.nn.relu(tf.cumsum(product, 1) + 1.0, name="out")
        image = tf.nn.conv2d(tf.reshape(x, [-1, 8, 8, 1]), tf.ones([3, 3, 1, 4]), [1, 1, 1, 1], "SAME")
        sess.run(tf.initialize_all_variables())
        yield sess, x, y, image


def test_rows_tell_calls_times_and_work(program: Any) -> None:
    sess, x, y, image = program
    data = np.ones((10, 64), np.float32)
    with tf.profile() as measured:
        for _ in range(3):
            sess.run([y, image], {x: data})
    by_name = {row.operation: row for row in measured.rows}
    product = by_name["MatMul"]
    assert product.calls == 3 and product.seconds > 0 and product.kernel.startswith("matmul")
    assert product.flops == 3 * 2 * 10 * 64 * 32
    assert product.nbytes == 3 * 4 * (10 * 64 + 64 * 32 + 10 * 32)
    assert by_name["Conv2D"].flops == 3 * 2 * 10 * 64 * 9 * 4
    assert by_name["out"].fused == ("add", "out")
    assert measured.seconds == pytest.approx(sum(row.seconds for row in measured.rows))


def test_rows_show_the_source_that_their_kernel_was_built_from(program: Any) -> None:
    sess, x, y, _ = program
    with tf.profile() as measured:
        sess.run([y, tf.nn.relu(x * 3.0 - x, name="alone")], {x: np.ones((10, 64), np.float32)})
        sess.run(tf.py_func(np.sin, [x], tf.float32), {x: np.ones((10, 64), np.float32)})
    by_name = {row.operation: row for row in measured.rows}
    alone = by_name["alone"]
    assert "ri0 * " in alone.written and " < " in alone.written and "kernel" not in alone.written
    assert alone.source.startswith(alone.written) and "__kernel void pointwise" in alone.source
    assert f"{by_name['MatMul'].kernel.split(':')[1]}(" in by_name["MatMul"].source
    assert [row.source for row in measured.rows if row.kernel == "HostCall"] == [""]
    assert "define" not in repr(measured.rows)


def test_the_table_compares_with_the_peaks(program: Any) -> None:
    sess, x, y, _ = program
    with tf.profile() as measured:
        sess.run(y, {x: np.ones((10, 64))})
    table = measured.table()
    assert str(measured) == table
    assert "GFLOP/s" in table and "GB/s" in table and "MatMul" in table and "out (with add)" in table
    assert "2 more kernels" in measured.table(most=1)
    peaks = measured_peaks(logical_devices()[0])
    assert peaks.flops > 1e8 and peaks.bandwidth > 1e7


def test_what_ends_a_product_is_named_with_it() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 64])
        y = tf.nn.relu(tf.matmul(x, tf.ones([64, 32])) + 1.0, name="out")
        with tf.profile() as measured:
            sess.run(y, {x: np.ones((10, 64))})
    (row,) = [row for row in measured.rows if row.operation == "MatMul"]
    assert row.fused == ("MatMul", "add", "out")
    assert "MatMul (with add, out)" in measured.table()


def test_a_trace_has_an_event_for_each_kernel(program: Any, tmp_path: Any) -> None:
    sess, x, y, _ = program
    with tf.profile() as measured:
        sess.run(y, {x: np.ones((10, 64))})
        sess.run(y, {x: np.ones((10, 64))})
    measured.save_trace(str(tmp_path / "trace.json"))
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert len(events) == sum(row.calls for row in measured.rows)
    assert {e["ph"] for e in events} == {"X"} and all(e["dur"] >= 0 and e["ts"] > 0 for e in events)
    assert {e["name"] for e in events} == {row.operation for row in measured.rows}


def test_only_the_block_is_measured_and_values_stay_the_same(program: Any) -> None:
    sess, x, y, _ = program
    data = np.random.RandomState(0).rand(10, 64).astype(np.float32)
    before = sess.run(y, {x: data})
    with tf.profile() as outer:
        with tf.profile() as inner:
            np.testing.assert_array_equal(sess.run(y, {x: data}), before)
        sess.run(y, {x: data})
    sess.run(y, {x: data})
    assert sum(r.calls for r in outer.rows) == 2 * sum(r.calls for r in inner.rows) > 0


def test_an_error_in_the_block_ends_the_profile(program: Any) -> None:
    sess, x, y, _ = program
    with pytest.raises(tf.errors.InvalidArgumentError), tf.profile() as measured:
        sess.run(y)
    sess.run(y, {x: np.ones((2, 64))})
    assert measured.rows == [] and measured.table().startswith("No kernel ran.")


def test_an_operation_of_two_plans_has_a_row_for_each_way_it_was_fused():
    x = tf.placeholder(tf.float32, [64, 600])
    product = tf.matmul(x, tf.ones([600, 64]), name="mm")
    y = tf.nn.relu(product, name="act")
    data = np.ones([64, 600], np.float32)
    with tf.Session() as sess, tf.profile() as measured:
        sess.run([y], {x: data})
        sess.run([product], {x: data})
    fused = {row.fused for row in measured.rows if row.kernel.startswith("matmul") and "mm" in row.fused}
    assert fused == {("mm", "act"), ("mm",)}


@pytest.mark.parametrize("before", [False, True])
def test_a_traced_run_follows_memory_that_has_become_other(before: bool) -> None:
    """What was bound for tracing holds buffers, which are others once a larger plan has run in the session."""
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 4])
        y = tf.reduce_sum(tf.matmul(x, tf.Variable(tf.ones([4, 3]))))
        large = tf.reduce_sum(tf.matmul(tf.ones([1500, 700]) * x[0, 0], tf.ones([700, 1500]) * x[0, 0]))
        sess.run(tf.global_variables_initializer())
        small, tenfold = np.array([[1, 2, 3, 4]], np.float32), np.array([[10, 20, 30, 40]], np.float32)
        assert sess.run(y, {x: small}) == 30
        if before:
            with tf.profile():
                assert sess.run(y, {x: small}) == 30
        generation = sess._resources.devices[0].arena.generation
        sess.run(large, {x: small})
        assert sess._resources.devices[0].arena.generation > generation
        for _ in range(2):
            with tf.profile():
                assert sess.run(y, {x: tenfold}) == 300
        assert sess.run(y, {x: small}) == 30


def test_what_a_traced_run_reads_on_the_host_has_been_computed() -> None:
    """Much work comes first: what is read beside the queue that does it would be old."""
    traced = {
        "options": tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE),
        "run_metadata": tf.RunMetadata(),
    }
    with tf.Graph().as_default(), tf.Session() as sess:
        x, at = tf.placeholder(tf.float32, [600, 600]), tf.placeholder(tf.int32, [])
        y = x
        for _ in range(4):
            y = tf.matmul(y, y)
        told = tf.py_func(lambda numbers: numbers * 2, [y[0]], tf.float32)
        end = tf.reduce_sum(told) + 1.0
        picked = tf.gather(tf.range(5), at + tf.cast(y[0, 0], tf.int32))
        for k in range(1, 9):
            data = np.eye(600, dtype=np.float32) * np.float32(1 + k / 64)
            values, total = sess.run([told, end], {x: data}, **traced)
            expected = sess.run(y[0], {x: data}) * 2
            np.testing.assert_array_equal(values, expected)
            assert total == expected[0] + 1
            with pytest.raises(tf.errors.InvalidArgumentError, match="is not in"):
                sess.run(picked, {x: data, at: 5 + k}, **traced)
            assert sess.run(picked, {x: data, at: -int(expected[0] / 2)}) == 0  # no failure is left behind
