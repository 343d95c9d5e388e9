"""Whether objects pile up in a cluster's store: `python -m tests.faults.objects [--steps 20000] [--rounds 10]`.

Trains softmax regression with its variables on the parameter task. Of twelve steps one is fed 1,000 digits, 3 MB, which travel by
Ray's object store, one is fed 100, and ten are one request of `run_many`. Prints bytes and objects of the store between the rounds,
and fails where there are more at the end than after the first round.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import graphlab_nb as tf
from graphlab_nb.datasets.mnist import read_data_sets
from graphlab_nb.distributed.connection import disconnect
from tests.distributed.running import Cluster, running_cluster, stored
from tests.faults.kill_tasks import build

LARGE, SMALL = 1000, 100
SETTLES = 5.0
"""Seconds in which Ray takes back what nobody holds any more; it is told so in bundles."""
SPARE = 1 << 16
"""Bytes of the store that may come and go."""


def train(cluster: Cluster, steps: int, rounds: int) -> list[tuple[int, int]]:
    """Trains; what was stored before, and after each round."""
    x, labels, step, made, right, init = build()
    data = read_data_sets(None, one_hot=True, seed=0)
    with tf.Session(cluster.target) as session:
        session.run(init)
        found = [stored(cluster)]
        for number in range(1, rounds + 1):
            began, todo = time.perf_counter(), steps * number // rounds - session.run(made)
            while todo > 0:
                large, small, *many = (
                    dict(zip((x, labels), data.train.next_batch(size), strict=True)) for size in (LARGE, *[SMALL] * 11)
                )
                session.run(step, large)
                session.run(step, small)
                session.run_many(step, many)
                todo -= 2 + len(many)
            took = time.perf_counter() - began
            time.sleep(SETTLES)
            size, objects = stored(cluster)
            found.append((size, objects - number))  # each look leaves its function there
            print(f"step {session.run(made):6,}: {size:,} bytes, {objects - number} objects; {took:.0f} s", flush=True)
        test = {x: data.test.images, labels: data.test.labels}
        print(f"{session.run(right, test):.2%} of the test digits are read", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    with running_cluster("ps=1,worker=2") as cluster:
        os.environ["HOME"] = str(cluster.home)
        try:
            found = train(cluster, arguments.steps, arguments.rounds)
        finally:
            disconnect()
    (first, objects), (last, more) = found[1], found[-1]
    print(f"before: {found[0][0]:,} bytes, {found[0][1]} objects")
    if last > first + SPARE or more > objects + 2:
        sys.exit("objects piled up")
    print("the store is where it was")


if __name__ == "__main__":
    main()
