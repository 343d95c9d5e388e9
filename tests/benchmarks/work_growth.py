"""How a step's time grows: with the batch, with the depth, and with the number of operations in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nets
import numpy as np
from common import Figures, Timer, Work, batches, graph_engines, main, started
from work_graphs import links

GROWTH = {
    "softmax": ("digits in a batch of the softmax tutorial", (1, 4, 16, 64, 256, 1024, 4096)),
    "deep": ("digits in a batch of the deep tutorial", (1, 4, 16, 64, 256, 1024, 4096)),
    "depth": ("layers of 128 units, batch 64", (1, 3, 10, 30, 100, 200)),
    "graph": ("operations in the graph", (10, 100, 1_000, 10_000, 100_000)),
}
CASES = [f"{kind} {number}" for kind, (_, numbers) in GROWTH.items() for number in numbers]
MOST_IN_SHORT = 10
MOST_OF_PEERS = 10_000
"""Operations up to which a peer's graph is measured: TensorFlow takes minutes to build more."""


def parse(case: str, timer: Timer) -> tuple[str, int]:
    kind, number = case.split()
    return kind, min(int(number), MOST_IN_SHORT) if timer.short else int(number)


def data_of(kind: str, number: int) -> Any:
    """Batches `(images, labels)`; those of the deep layers are random."""
    if kind != "depth":
        return batches(number)
    rng = np.random.default_rng(0)
    one = rng.random((64, 128), np.float32), rng.random((64, 128), np.float32)
    return iter(lambda: one, None)


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    kind, number = parse(case, timer)
    if kind == "graph":
        x = tf.placeholder(tf.float32, [8, 8])
        y, feed = links(tf, x, number), np.ones([8, 8], np.float32)
        with tf.Session() as sess:
            return timer(lambda: sess.run(y, {x: feed}))
    build = {
        "softmax": lambda: nets.softmax(tf, "log"),
        "deep": lambda: nets.deep(tf),
        "depth": lambda: nets.layers(tf, [128] * (number + 1), 1e-3),
    }
    net, data = build[kind](), data_of(kind, number)
    extra = {} if net.keep_prob is None else {net.keep_prob: 0.5}
    with started(tf) as sess:

        def step() -> None:
            images, labels = next(data)
            sess.run(net.train_step, {net.x: images, net.labels: labels, **extra})

        return timer(step, lambda: sess.run(net.pulse))


ENGINES = graph_engines(measure)


def run_tensorflow(case: str, timer: Timer) -> Figures:
    kind, number = parse(case, timer)
    return {} if kind == "graph" and number > MOST_OF_PEERS else ENGINES["tensorflow"](case, timer)


def run_torch(case: str, timer: Timer) -> Figures:
    kind, number = parse(case, timer)
    if kind == "graph":
        return {}
    build = {
        "softmax": lambda: nets.torch_softmax("log"),
        "deep": lambda: nets.torch_deep(channels_last=True),
        "depth": lambda: nets.torch_layers([128] * (number + 1), 1e-3),
    }
    net, data = build[kind](), data_of(kind, number)
    return {"torch": timer(lambda: net.step(*next(data)))}


WORK = Work(
    "Growth",
    CASES,
    {**ENGINES, "tensorflow": run_tensorflow, "torch": run_torch},
    seconds=0.4,
    growth={kind: label for kind, (label, _) in GROWTH.items()},
)

if __name__ == "__main__":
    main(WORK)
