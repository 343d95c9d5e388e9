"""Kills tasks of a cluster at random moments of a training: `python -m tests.faults.kill_tasks [--rounds 50] [--seed 0]`.

A worker, the parameter task or the master gets SIGKILL; the training makes a new session whenever a run ends with AbortedError or
UnavailableError, and goes on from what the cluster kept. Fails where a run hangs for longer than ten seconds after a kill, ends with
another error, or where the accuracy at the end is not that of a training that nobody disturbed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
from typing import Any

import graphlab_nb as tf
from graphlab_nb.datasets.mnist import read_data_sets
from graphlab_nb.distributed.connection import connect, disconnect
from tests.distributed.running import Cluster, running_cluster

NAMES = ("/job:worker/task:1", "/job:ps/task:0", "/job:worker/task:0")
LONGEST = 10.0
LEAST = 0.90
"""What softmax regression reads of the test digits after the steps that are made here."""


def build() -> tuple[Any, ...]:
    """Softmax regression: variables on ps, the work on worker 1, and a count of the steps beside the variables."""
    x, labels = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    with tf.device("/job:ps/task:0"):
        w, b = tf.Variable(tf.zeros([784, 10]), name="W"), tf.Variable(tf.zeros([10]), name="b")
        made = tf.Variable(0, trainable=False, name="made")
    with tf.device("/job:worker/task:1"):
        logits = tf.matmul(x, w) + b
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, labels))
        right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1)), tf.float32))
    step = tf.train.GradientDescentOptimizer(0.3).minimize(loss, global_step=made)
    return x, labels, step, made, right, tf.initialize_all_variables()


def process_of(cluster: Cluster, name: str) -> int | None:
    """The process of a task, or None while it is being started anew."""
    try:
        connection = connect(cluster.target)
        with connection._entered():
            return int(connection._ask(name, "status")["pid"])
    except tf.errors.UnavailableError:
        return None


class Killer(threading.Thread):
    """Kills a task now and then, and knows when it last did."""

    def __init__(self, cluster: Cluster, rounds: int, seed: int):
        super().__init__(daemon=True)
        self._cluster, self._rounds, self._random = cluster, rounds, random.Random(seed)
        self.kills: list[tuple[float, str]] = []

    def run(self) -> None:
        while len(self.kills) < self._rounds:
            time.sleep(self._random.uniform(0.5, 4.0))
            name = self._random.choice(NAMES)
            pid = process_of(self._cluster, name)
            if pid is not None:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                self.kills.append((time.monotonic(), name))
                print(f"{len(self.kills):3}: killed {name}", flush=True)
                time.sleep(self._random.uniform(8.0, 14.0))  # it is started anew


def train(cluster: Cluster, rounds: int, seed: int) -> tuple[float, float]:
    """Trains until all kills are made and 1,000 steps; the accuracy, and the longest time from a kill to its error."""
    x, labels, step, made, right, init = build()
    data = read_data_sets(None, one_hot=True, seed=seed)
    killer = Killer(cluster, rounds, seed)
    longest, done, sess, known = 0.0, 0, None, 0
    killer.start()
    while done < 1000 or killer.is_alive():
        began = time.monotonic()
        try:
            if sess is None:
                sess = tf.Session(cluster.target)
                try:
                    done = int(sess.run(made))
                except tf.errors.FailedPreconditionError:  # killed before its first checkpoint
                    sess.run(init)
                    done = 0
                print(f"     goes on at step {done}", flush=True)
                began = time.monotonic()
            batches = [data.train.next_batch(100) for _ in range(10)]
            sess.run_many(step, [{x: images, labels: truth} for images, truth in batches])
            done = int(sess.run(made))
        except (tf.errors.AbortedError, tf.errors.UnavailableError) as error:
            since = time.monotonic() - max(began, killer.kills[-1][0] if killer.kills else began)
            known += 1
            longest = max(longest, since)
            print(f"     {type(error).__name__} {since:.1f} s after: {error.message[:90]}", flush=True)
            if sess is not None:
                sess.close()
            sess = None
    assert len(killer.kills) == rounds, "not all kills could be made"
    sess = sess or tf.Session(cluster.target)
    return float(sess.run(right, {x: data.test.images, labels: data.test.labels})), longest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with running_cluster("ps=1,worker=2", "--every", "0.5") as cluster:
        os.environ["HOME"] = str(cluster.home)
        accuracy, longest = train(cluster, arguments.rounds, arguments.seed)
        disconnect()
    print(
        f"{arguments.rounds} kills; {accuracy:.2%} of the test digits right; the longest wait for an error {longest:.1f} s"
    )
    return 0 if accuracy >= LEAST and longest <= LONGEST else 1


if __name__ == "__main__":
    sys.exit(main())
