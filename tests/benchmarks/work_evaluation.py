"""Accuracy of 10,000 digits through the deep net in one run: its time, and its peak memory over the idle session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import nets
from common import Figures, Timer, Work, forget_peak, graph_engines, main, memory, read_mnist, started

DIGITS = 10_000


def measured(case: str, timer: Timer, run: Callable[[Any, Any], Any]) -> list[float]:
    images, labels = read_mnist("t10k")
    images, labels = images[: 100 if timer.short else DIGITS], labels[: 100 if timer.short else DIGITS]
    if case == "time":
        return timer(lambda: run(images, labels))
    run(images[:50], labels[:50])  # the idle session has run before, so that building kernels does not count
    idle = memory("VmRSS")
    forget_peak()
    run(images, labels)
    return [float(memory("VmHWM") - idle)]


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    net = nets.deep(tf)
    with started(tf) as sess:
        return measured(case, timer, lambda x, y: sess.run(net.accuracy, {net.x: x, net.labels: y, net.keep_prob: 1.0}))


def run_torch(case: str, timer: Timer) -> Figures:
    import torch

    found: Figures = {}
    for label, channels_last in (("torch", False), ("torch channels_last", True)):
        module = nets.torch_deep(channels_last).module.eval()

        def run(images: Any, labels: Any, module: Any = module) -> float:
            with torch.inference_mode():
                right = module(torch.from_numpy(images)).argmax(1) == torch.from_numpy(labels).argmax(1)
                return right.float().mean().item()

        found[label] = measured(case, timer, run)
    return found


WORK = Work(
    "Accuracy of 10,000 digits in one run",
    ("time", "memory"),
    {**graph_engines(measure), "torch": run_torch},
    alone=True,
    units={"memory": "B"},
    seconds=4.0,
    profiled=True,
)

if __name__ == "__main__":
    main(WORK)
