"""The softmax tutorial's step: batch 100 fed from NumPy, plain, and with the loss fetched each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nets
from common import Figures, Timer, Work, batches, graph_engines, main, started

CASES = ("log", "logits", "log, loss", "logits, loss")


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    form, _, loss = case.partition(", ")
    net, data = nets.softmax(tf, form), batches(100)
    fetch = [net.train_step, net.loss] if loss else net.train_step
    with started(tf) as sess:

        def step() -> None:
            images, labels = next(data)
            sess.run(fetch, {net.x: images, net.labels: labels})

        return timer(step, lambda: sess.run(net.pulse))


def run_torch(case: str, timer: Timer) -> Figures:
    form, _, loss = case.partition(", ")
    net, data = nets.torch_softmax(form), batches(100)

    def step() -> None:
        found = net.step(*next(data))
        if loss:
            found.item()

    return {"torch": timer(step)}


WORK = Work("Softmax tutorial's step", CASES, {**graph_engines(measure), "torch": run_torch}, profiled=True)

if __name__ == "__main__":
    main(WORK)
