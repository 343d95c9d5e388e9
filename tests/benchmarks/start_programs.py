"""What `work_start.py` starts as processes: the tutorials up to their first step, and on to a few more.

    python tests/benchmarks/start_programs.py PROGRAM ENGINE STEPS

It prints "ready" after the first trained step, which has ended by then, and its resident bytes after the last step.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import common
import nets
import numpy as np

BATCH = {"softmax": 100, "deep": 50}


def digits(engine: str, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches as the tutorial reads them: by our own reader, or for the peers by a plain one."""
    if engine == common.OURS:
        from graphlab_nb.examples.tutorials.mnist import input_data

        train = input_data.read_data_sets(None, one_hot=True).train
        while True:
            yield train.next_batch(size)
    images, labels = common.read_mnist("train")
    common.read_mnist("t10k")
    rng = np.random.default_rng(0)
    while True:
        chosen = rng.integers(0, len(images), size)
        yield images[chosen], labels[chosen]


def train_in_a_session(tf: Any, program: str, data: Iterator[Any], steps: int) -> None:
    net = nets.softmax(tf, "log") if program == "softmax" else nets.deep(tf)
    sess = common.started(tf)
    extra = {} if net.keep_prob is None else {net.keep_prob: 0.5}
    for i in range(steps):
        images, labels = next(data)
        sess.run(net.train_step, {net.x: images, net.labels: labels, **extra})
        if i == 0:
            sess.run(net.pulse)
            print("ready", flush=True)
    sess.run(net.pulse)


def train_in_torch(program: str, data: Iterator[Any], steps: int) -> None:
    net = nets.torch_softmax("log") if program == "softmax" else nets.torch_deep(channels_last=True)
    for i in range(steps):
        net.step(*next(data))
        if i == 0:
            print("ready", flush=True)


def main() -> None:
    """Runs the program that the command line names."""
    program, engine, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    data = digits(engine, BATCH[program])
    if engine == "torch":
        train_in_torch(program, data, steps)
    elif engine == "tensorflow":
        train_in_a_session(common.tensorflow_v1(), program, data, steps)
    else:
        import graphlab_nb

        train_in_a_session(graphlab_nb, program, data, steps)
    print(common.memory("VmRSS"), flush=True)


if __name__ == "__main__":
    main()
