"""What graphs cost: building 20,000 operations and their gradients, planning 10,000, and each of 1,000 small kernels."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from common import Timer, Work, graph_engines, main, started

CASES = ("build 20,000 and gradients", "plan 10,000", "op of a chain of 1,000")


def links(tf: Any, x: Any, ops: int) -> Any:
    """A chain of `ops` operations in which elementwise ones may fuse and products of matrices `[8, 8]` may not."""
    weights = tf.constant(np.eye(8, dtype=np.float32))
    steps = (lambda x: tf.matmul(x, weights), tf.tanh, lambda x: x + weights)
    for i in range(ops):
        x = steps[i % 3](x)
    return x


def building(tf: Any, timer: Timer) -> list[float]:
    """Seconds to build the operations and then the gradient through all of them."""
    start = time.perf_counter()
    x = tf.placeholder(tf.float32, [8, 8])
    tf.gradients(links(tf, x, 200 if timer.short else 20_000), [x])
    return [time.perf_counter() - start]


def planning(tf: Any, timer: Timer) -> list[float]:
    """Seconds of the first run, less those of the next; a small graph has built the kernels before."""
    feed = np.ones([8, 8], np.float32)
    x = tf.placeholder(tf.float32, [8, 8])
    small, large = links(tf, x, 30), links(tf, x, 100 if timer.short else 10_000)
    took = []
    with tf.Session() as sess:
        sess.run(small, {x: feed})
        for _ in range(2):
            start = time.perf_counter()
            sess.run(large, {x: feed})
            took.append(time.perf_counter() - start)
    return [took[0] - took[1]]


def chaining(tf: Any, timer: Timer) -> list[float]:
    """Seconds per operation of a chain of small products, none of which can be fused with the next."""
    ops = 20 if timer.short else 1_000
    weights = tf.Variable(np.eye(8, dtype=np.float32))
    x = tf.Variable(np.ones([8, 8], np.float32)) + 0.0
    for _ in range(ops):
        x = tf.matmul(x, weights)
    pulse = weights[0, 0]
    with started(tf) as sess:
        return [seconds / ops for seconds in timer(lambda: sess.run(x.op), lambda: sess.run(pulse))]


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    return (building, planning, chaining)[CASES.index(case)](tf, timer)


WORK = Work("Graphs", CASES, graph_engines(measure))

if __name__ == "__main__":
    main(WORK)
