"""A wide net's step: 256x1024 through four layers of 1024x1024, relu, SGD, fed from NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nets
import numpy as np
from common import Figures, Timer, Work, graph_engines, main, started

SIZES, RATE = [1024] * 5, 0.01


def data(timer: Timer) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    batch = 8 if timer.short else 256
    return rng.random((batch, SIZES[0]), np.float32), rng.random((batch, SIZES[-1]), np.float32)


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    net, (x, labels) = nets.layers(tf, SIZES, RATE), data(timer)
    with started(tf) as sess:
        return timer(lambda: sess.run(net.train_step, {net.x: x, net.labels: labels}), lambda: sess.run(net.pulse))


def run_torch(case: str, timer: Timer) -> Figures:
    net, (x, labels) = nets.torch_layers(SIZES, RATE), data(timer)
    return {"torch": timer(lambda: net.step(x, labels))}


WORK = Work("Wide net's step", ("step",), {**graph_engines(measure), "torch": run_torch}, seconds=3.0, profiled=True)

if __name__ == "__main__":
    main(WORK)
