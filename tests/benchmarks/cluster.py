"""What a cluster on this machine costs: `python tests/benchmarks/cluster.py [--jobs ps=1,worker=2]`.

Everything is on one machine, by loopback: calls, steps and bytes against a bare call of a Ray actor and against local sessions, in
one run; minimum and median of several. Results are written to standard output as Markdown; results.md has them.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import graphlab_nb as tf  # noqa: E402
from graphlab_nb.datasets.mnist import read_data_sets  # noqa: E402
from tests.distributed.running import running_cluster  # noqa: E402

ROUNDS = 7


def timed(function: Callable[[], Any], count: int) -> tuple[float, float]:
    """Milliseconds of one of `count` calls: least and median of several rounds."""
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(count):
            function()
        found.append((time.perf_counter() - began) / count * 1e3)
    return min(found), statistics.median(found)


def softmax(place: str) -> tuple[Any, ...]:
    """The first MNIST tutorial's step, with its variables at `place`."""
    x, labels = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    with tf.device(place):
        w, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
    y = tf.nn.softmax(tf.matmul(x, w) + b)
    loss = tf.reduce_mean(-tf.reduce_sum(labels * tf.log(y), reduction_indices=[1]))
    return x, labels, tf.train.GradientDescentOptimizer(0.5).minimize(loss)


def deep(place: str) -> tuple[Any, ...]:
    """The second MNIST tutorial's step, all of it at `place`."""
    with tf.device(place):
        x, labels = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
        h = tf.reshape(x, [-1, 28, 28, 1])
        for inside, outside in ((1, 32), (32, 64)):
            w = tf.Variable(tf.truncated_normal([5, 5, inside, outside], stddev=0.1))
            b = tf.Variable(tf.constant(0.1, shape=[outside]))
            h = tf.nn.relu(tf.nn.conv2d(h, w, [1, 1, 1, 1], "SAME") + b)
            h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        h = tf.reshape(h, [-1, 7 * 7 * 64])
        w1, b1 = tf.Variable(tf.truncated_normal([7 * 7 * 64, 1024], stddev=0.1)), tf.Variable(tf.zeros([1024]))
        h = tf.nn.dropout(tf.nn.relu(tf.matmul(h, w1) + b1), 0.5)
        w2, b2 = tf.Variable(tf.truncated_normal([1024, 10], stddev=0.1)), tf.Variable(tf.zeros([10]))
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(tf.matmul(h, w2) + b2, labels))
        return x, labels, tf.train.AdamOptimizer(1e-4).minimize(loss)


def steps(
    target: str, build: Callable[[str], tuple[Any, ...]], place: str, size: int, count: int, many: bool
) -> tuple[float, float]:
    """Milliseconds of a training step at `target`, one by one or `many` in one request."""
    if target:
        tf.Session.reset(target)
    data = read_data_sets(None, one_hot=True, seed=1).train
    with tf.Graph().as_default() as graph:
        x, labels, step = build(place)
        feeds = [dict(zip((x, labels), data.next_batch(size), strict=True)) for _ in range(count)]
        config = tf.ConfigProto(allow_soft_placement=not target)
        with tf.Session(target, graph=graph, config=config) as sess:
            sess.run(tf.initialize_all_variables())
            probe = sess.graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES)[-1]
            sess.run(step, feeds[0])

            def all_of_them() -> None:
                if many:
                    sess.run_many(step, feeds)
                else:
                    for feed in feeds:
                        sess.run(step, feed)
                sess.run(probe)  # waits, where a local run does not

            least, median = timed(all_of_them, 1)
    return least / count, median / count


def bytes_sent(target: str) -> tuple[int, int]:
    """Bytes that tasks sent each other in a step with variables on the parameter task, and those of the tensors that had to go."""
    with tf.Graph().as_default() as graph:
        x, labels, step = softmax("/job:ps/task:0")
        tf.Session.reset(target)
        with tf.Session(target, graph=graph) as sess:
            sess.run(tf.initialize_all_variables())
            remote: Any = sess._remote
            feed = {x: np.zeros((100, 784), np.float32), labels: np.zeros((100, 10), np.float32)}
            sess.run(step, feed)
            answers = []
            send = remote._send
            remote._send = lambda request: answers.append(send(request)) or answers[-1]
            sess.run(step, feed)
    return sum(outcome.sent for outcome in answers[0].outcomes.values()), 2 * 4 * (784 * 10 + 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", default="ps=1,worker=2")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.processor() or platform.machine()}, Python {platform.python_version()}, "
          f"Ray {version('ray')}\n")  # fmt: skip
    local = {
        "softmax": steps("", softmax, "", 100, 50, many=False),
        "deep": steps("", deep, "", 50, 10, many=False),
    }
    with running_cluster(arguments.jobs) as cluster:
        os.environ["HOME"] = str(cluster.home)
        with tf.Graph().as_default() as graph:
            constant = tf.constant([1.0, 2.0]) * 2.0
            with tf.Session(cluster.target, graph=graph) as sess:
                sess.run(constant)
                import ray

                remote: Any = sess._remote
                connection = remote._connection

                def bare() -> None:
                    with connection._entered():
                        ray.get(connection._handle.runs_now.remote(""))

                call, run = timed(bare, 100), timed(lambda: sess.run(constant), 100)
        rows = [
            ("a bare call of an actor through the port", call, None, ""),
            ("a run of a constant", run, run[0] / call[0], "1.5 calls"),
        ]
        for name, build, size, count in (("softmax", softmax, 100, 50), ("deep", deep, 50, 10)):
            here = local[name]
            rows.append((f"{name} step, local", here, None, ""))
            for text, place, many, asked in (
                ("one worker", "/job:worker/task:0", False, "1.15 local" if name == "deep" else ""),
                ("one worker, run_many", "/job:worker/task:0", True, "1.3 local"),
                ("variables on ps", "/job:ps/task:0", False, "local + 4 calls" if name == "softmax" else ""),
                ("variables on ps, run_many", "/job:ps/task:0", True, ""),
            ):
                if name == "deep" and "ps" in place:
                    continue  # all of its step is at one place
                took = steps(cluster.target, build, place, size, count, many)
                rows.append((f"{name} step, {text}", took, took[0] / here[0], asked))
        sent, needed = bytes_sent(cluster.target)
        print("| what | least | median | ratio of the least | asked |\n|---|---|---|---|---|")
        for text, (least, median), ratio, asked in rows:
            shown = "" if ratio is None else f"{ratio:.2f}"
            print(f"| {text} | {least:.2f} ms | {median:.2f} ms | {shown} | {asked} |")
        print(
            f"\nBetween tasks, a softmax step with its variables on ps sends {sent:,} bytes; its tensors have {needed:,}."
        )
        from graphlab_nb.distributed.connection import disconnect

        disconnect()


if __name__ == "__main__":
    main()
