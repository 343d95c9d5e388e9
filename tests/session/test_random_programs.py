"""Random graphs of elementwise operations, reductions and changes of variables, against running them one by one in the order
they were built: what fusion, shared memory and common subexpressions must not change."""

from __future__ import annotations

import random

import numpy as np
import pytest

import graphlab_nb as tf

SHAPES = [(), (5,), (4, 5), (4, 1), (3, 4, 5)]


class Program:
    """A random graph, and what its tensors are worth when every operation runs in the order of building."""

    def __init__(self, seed: int, length: int = 40):
        self.random = random.Random(seed)
        numbers = np.random.RandomState(seed)
        self.feeds = {}
        self.values: dict[tf.Tensor, np.ndarray] = {}
        self.state: dict[tf.Variable, np.ndarray] = {}
        self.names: dict[tf.Tensor, tf.Variable] = {}  # tensors that are a variable's memory
        for shape in SHAPES:
            x = tf.placeholder(tf.float32, shape)
            self.feeds[x] = self.values[x] = numbers.uniform(-1, 1, shape).astype(np.float32)
        self.start = {}
        for shape in SHAPES[:3]:
            initial = numbers.uniform(-1, 1, shape).astype(np.float32)
            v = tf.Variable(initial)
            self.state[v] = self.start[v] = initial
            self.names[v.value()] = v
            self.values[v.value()] = initial
        self.writes: list[tf.Operation] = []
        for _ in range(length):
            self.grow()

    def now(self, tensor: tf.Tensor) -> np.ndarray:
        return self.state[self.names[tensor]] if tensor in self.names else self.values[tensor]

    def grow(self) -> None:
        tensors = list(self.values)
        a, b = self.random.choice(tensors), self.random.choice(tensors)
        kind = self.random.choice(
            ["add", "mul", "sub", "max", "tanh", "sum", "identity", "reshape", "assign", "assign_add", "control"]
        )
        before = self.writes[-1:] if kind == "control" else []
        with tf.control_dependencies(before):
            self.one(kind, a, b)

    def one(self, kind: str, a: tf.Tensor, b: tf.Tensor) -> None:
        x, y = self.now(a), self.now(b)
        if kind in ("assign", "assign_add"):
            v = self.random.choice(list(self.state))
            shape = v.get_shape().as_list()
            fitting = [t for t in self.values if list(self.now(t).shape) == shape]
            source = self.random.choice(fitting)
            value = np.tanh(self.now(source))
            op = (tf.assign if kind == "assign" else tf.assign_add)(v, tf.tanh(source))
            self.state[v] = value if kind == "assign" else self.state[v] + value
            self.names[op] = v
            self.values[op] = self.state[v]
            self.writes.append(op.op)
            return
        if kind in ("add", "mul", "sub", "max", "control"):
            try:
                np.broadcast_shapes(x.shape, y.shape)
            except ValueError:
                return
            build, compute = {
                "add": (tf.add, np.add),
                "mul": (tf.mul, np.multiply),
                "sub": (tf.sub, np.subtract),
                "max": (tf.maximum, np.maximum),
                "control": (tf.add, np.add),
            }[kind]
            self.values[tf.tanh(build(a, b))] = np.tanh(compute(x, y))
        elif kind == "tanh":
            self.values[tf.tanh(a)] = np.tanh(x)
        elif kind == "sum":
            self.values[tf.tanh(tf.reduce_sum(a))] = np.tanh(x.sum())
        elif kind == "identity":
            self.values[tf.identity(a)] = x
        elif kind == "reshape":
            self.values[tf.reshape(a, list(x.shape[::-1]))] = x.reshape(x.shape[::-1])


@pytest.mark.parametrize("seed", range(25))
def test_random_programs(seed):
    with tf.Graph().as_default(), tf.Session() as sess:
        program = Program(seed)
        fetched = [t for t in program.values if t not in program.names]
        for _ in range(2):
            for v, initial in program.start.items():
                v.load(initial, sess)
            out = sess.run([fetched, program.writes], program.feeds)[0]
            for tensor, got in zip(fetched, out, strict=True):
                np.testing.assert_allclose(got, program.values[tensor], rtol=1e-4, atol=1e-5, err_msg=str(tensor.op))
            for v, value in program.state.items():
                np.testing.assert_allclose(sess.run(v), value, rtol=1e-4, atol=1e-5)
