"""Trains both MNIST tutorials on a cluster of this machine: `python -m tests.benchmarks.cluster_accuracy [--deep 20000]`.

One parameter task and two workers, whose clients are processes of their own (between-graph replication): in step, with
`SyncReplicasOptimizer`, and each at its own pace. Prints the accuracy on the 10,000 test digits. A step counts once the variables have
changed, so clients in step make as many together as one would.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from typing import Any

import graphlab_nb as tf
from graphlab_nb.datasets.mnist import read_data_sets
from tests.benchmarks import nets
from tests.distributed.running import Cluster, running_cluster

WORKERS = 2
BATCH = {"softmax": 100, "deep": 50}
CHUNK = 50
"""Steps of one request of a client that trains at its own pace."""


def built(model: str, task: int, sync: bool) -> tuple[nets.Net, Any, Any]:
    """A replica's net, its training step and the count of steps."""
    with tf.device(tf.train.replica_device_setter(ps_tasks=1, worker_device=f"/job:worker/task:{task}")):
        net = nets.softmax(tf, "logits") if model == "softmax" else nets.deep(tf)
        made = tf.train.create_global_step()
        optimizer: Any = tf.train.GradientDescentOptimizer(nets.RATE)
        if model == "deep":
            optimizer = tf.train.AdamOptimizer(nets.ADAM_RATE)
        if sync:
            # A batch of the tutorial's size is the clients' batches together.
            optimizer = tf.train.SyncReplicasOptimizer(optimizer, WORKERS, WORKERS)
        return net, optimizer.minimize(net.loss, made), made


def client(target: str, model: str, task: int, sync: bool, steps: int) -> None:
    """Trains until the clients together have made so many steps."""
    net, step, made = built(model, task, sync)
    size = BATCH[model] // WORKERS if sync else BATCH[model]
    data = read_data_sets(None, one_hot=True, seed=task).train
    kept = {} if net.keep_prob is None else {net.keep_prob: 0.5}
    with tf.Session(target) as sess:
        if task == 0:
            sess.run(tf.global_variables_initializer())
        else:
            lacking = tf.report_uninitialized_variables()
            while len(sess.run(lacking)):
                time.sleep(0.2)
        done = int(sess.run(made))
        while done < steps:
            batches = [data.next_batch(size) for _ in range(min(CHUNK, steps - done))]
            sess.run_many(step, [{net.x: x, net.labels: labels, **kept} for x, labels in batches])
            done = done + len(batches) if sync else int(sess.run(made))
            if done // 1000 != (done - len(batches)) // 1000:
                print(f"  {model}, client {task}: step {done}", flush=True)


def trained(cluster: Cluster, model: str, sync: bool, steps: int) -> tuple[float, float, int]:
    """The accuracy after training, seconds, and the steps that were made."""
    tf.Session.reset(cluster.target)
    began = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.cluster_accuracy",
        "--target",
        cluster.target,
        "--model",
        model,
        "--steps",
        str(steps),
    ]
    clients = [
        subprocess.Popen([*command, "--task", str(task), *(["--sync"] if sync else [])], env=cluster.environment)
        for task in range(WORKERS)
    ]
    while None in (codes := [each.poll() for each in clients]) and not any(codes):
        time.sleep(0.5)
    if any(codes):
        for each in clients:
            each.kill()  # in step, it would wait for the other
        raise SystemExit(f"A client of {model} ended with an error")
    took = time.perf_counter() - began
    with tf.Graph().as_default() as graph:
        net, _, made = built(model, 0, sync)
        data = read_data_sets(None, one_hot=True).test
        kept = {} if net.keep_prob is None else {net.keep_prob: 1.0}
        with tf.Session(cluster.target, graph=graph) as sess:
            right = [
                float(
                    sess.run(
                        net.accuracy, {net.x: data.images[k : k + 1000], net.labels: data.labels[k : k + 1000], **kept}
                    )
                )
                for k in range(0, 10_000, 1000)
            ]
            return sum(right) / len(right), took, int(sess.run(made))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--softmax", type=int, default=1000, help="steps of the first tutorial; 0 leaves it out")
    parser.add_argument("--deep", type=int, default=0, help="steps of the second; 20000 are its own")
    parser.add_argument("--target", help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--task", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--sync", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.target:
        client(arguments.target, arguments.model, arguments.task, arguments.sync, arguments.steps)
        return
    with running_cluster(f"ps=1,worker={WORKERS}") as cluster:
        os.environ.update(cluster.environment)
        for model, steps in (("softmax", arguments.softmax), ("deep", arguments.deep)):
            for sync in (True, False) if steps else ():
                accuracy, took, made = trained(cluster, model, sync, steps)
                how = "in step" if sync else "each at its own pace"
                print(
                    f"| {model}, {WORKERS} clients {how} | {made} steps | {accuracy:.2%} | {took:.0f} s |", flush=True
                )
        from graphlab_nb.distributed.connection import disconnect

        disconnect()


if __name__ == "__main__":
    main()
