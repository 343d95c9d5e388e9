"""Nothing in a run of the tutorials' programs is computed by NumPy: its compute functions are barred while steps run,
and each operation that yields numbers is seen to have launched a kernel, been fused into one, or to share memory."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.graph.constant import Const
from graphlab_nb.ops.pointwise import Elementwise

BARRED = [
    "add", "subtract", "multiply", "divide", "true_divide", "matmul", "dot", "exp", "log", "sqrt", "power", "maximum",
    "minimum", "sum", "mean", "max", "min", "argmax", "argmin", "einsum", "tensordot", "where", "tanh", "square",
    "negative", "greater", "less", "equal", "convolve", "inner", "outer", "cumsum", "clip", "transpose", "tile",
    "concatenate", "stack", "pad", "floor",
]  # fmt: skip


@contextlib.contextmanager
def numpy_barred(monkeypatch):
    def refuse(name):
        def call(*args, **kwargs):
            raise AssertionError(f"np.{name} was called while the graph ran")

        return call

    with monkeypatch.context() as patch:
        for name in BARRED:
            patch.setattr(np, name, refuse(name))
        yield


def softmax_program(logits_form: bool):
    x = tf.placeholder(tf.float32, [None, 784])
    y_ = tf.placeholder(tf.float32, [None, 10])
    w, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
    if logits_form:
        y = tf.matmul(x, w) + b
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, y_))
    else:
        y = tf.nn.softmax(tf.matmul(x, w) + b)
        loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1)), tf.float32))
    return [train, loss, accuracy], {
        x: np.random.rand(20, 784).astype(np.float32),
        y_: np.eye(10, dtype=np.float32)[:10].repeat(2, 0),
    }


def deep_program():
    x, y_ = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    keep = tf.placeholder(tf.float32)
    h = tf.reshape(x, [-1, 28, 28, 1])
    for i, (inputs, outputs) in enumerate([(1, 4), (4, 8)]):
        w = tf.Variable(tf.truncated_normal([5, 5, inputs, outputs], stddev=0.1, seed=i))
        b = tf.Variable(tf.constant(0.1, shape=[outputs]))
        h = tf.nn.relu(tf.nn.conv2d(h, w, [1, 1, 1, 1], "SAME") + b)
        h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    flat = tf.nn.dropout(tf.reshape(h, [-1, 7 * 7 * 8]), keep)
    w = tf.Variable(tf.truncated_normal([7 * 7 * 8, 10], stddev=0.1))
    y = tf.matmul(flat, w) + tf.Variable(tf.zeros([10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, y_))
    train = tf.train.AdamOptimizer(1e-3).minimize(loss)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1)), tf.float32))
    feeds = {x: np.random.rand(4, 784).astype(np.float32), y_: np.eye(10, dtype=np.float32)[:4], keep: 0.5}
    return [train, loss, accuracy], feeds


PROGRAMS = {
    "softmax": lambda: softmax_program(False),
    "softmax logits": lambda: softmax_program(True),
    "deep": deep_program,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_numpy_computes_nothing(name, monkeypatch):
    with tf.Graph().as_default(), tf.Session() as sess:
        fetches, feeds = PROGRAMS[name]()
        sess.run(tf.initialize_all_variables())
        expected = sess.run(fetches, feeds)  # plans are made here, where shapes may be worked out on the host
        with numpy_barred(monkeypatch):
            for _ in range(3):
                values = sess.run(fetches, feeds)
        assert np.isfinite(values[1]) and values[1] != expected[1]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_operation_launches_a_kernel_or_costs_nothing(name):
    with tf.Graph().as_default(), tf.Session() as sess:
        fetches, feeds = PROGRAMS[name]()
        sess.run(tf.initialize_all_variables())
        sess.run(fetches, feeds)
        plan = [p for p in sess._plans.values() if p.bound.stage.fetched][-1]
        stage = plan.bound.stage
        launched = {op for op, _ in stage.launches} | {op for step in stage.steps for op in step.fused}
        free = {
            "Placeholder",
            "Variable",
            "NoOp",
            "Reshape",
            "Identity",
            "Const",
            "Shape",
            "Size",
            "Rank",
            "SumTo",
            "Squeeze",
            "ExpandDims",
        }
        for op in plan.ops:
            if op in launched or op.type in free or isinstance(op.definition, (Const, Elementwise)):
                continue
            assert not stage.placed.get(op), f"{op} ran without a kernel"
            assert op not in stage.placed or op.definition.metadata, f"{op} ran without a kernel"
        assert {"MatMul", "ArgMax"} <= {op.type for op in launched}
        assert not [s for s in stage.steps if type(s.action).__name__ == "HostCall"]
