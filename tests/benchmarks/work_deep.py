"""The deep tutorial's step: batch 50 fed from NumPy, dropout, Adam. PyTorch in both memory formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nets
from common import Figures, Timer, Work, batches, graph_engines, main, started


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    net, data = nets.deep(tf), batches(50)
    with started(tf) as sess:

        def step() -> None:
            images, labels = next(data)
            sess.run(net.train_step, {net.x: images, net.labels: labels, net.keep_prob: 0.5})

        return timer(step, lambda: sess.run(net.pulse))


def run_torch(case: str, timer: Timer) -> Figures:
    found: Figures = {}
    for label, channels_last in (("torch", False), ("torch channels_last", True)):
        net, data = nets.torch_deep(channels_last), batches(50)
        found[label] = timer(lambda step=net.step, data=data: step(*next(data)))
    return found


WORK = Work(
    "Deep tutorial's step", ("step",), {**graph_engines(measure), "torch": run_torch}, seconds=4.0, profiled=True
)

if __name__ == "__main__":
    main(WORK)
