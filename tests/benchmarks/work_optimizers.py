"""Optimizers' updates of 3.2 M parameters with gradients that lie on the device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from common import Figures, Timer, Work, graph_engines, main, started, variable

SHAPES = ([3136, 1024], [1024, 10], [1024], [10])
GRAPH: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda train: train.GradientDescentOptimizer(1e-3),
    "Momentum": lambda train: train.MomentumOptimizer(1e-3, 0.9),
    "Adagrad": lambda train: train.AdagradOptimizer(1e-3),
    "RMSProp": lambda train: train.RMSPropOptimizer(1e-3),
    "Adam": lambda train: train.AdamOptimizer(1e-3),
    "Adadelta": lambda train: train.AdadeltaOptimizer(1e-3),
    "Ftrl": lambda train: train.FtrlOptimizer(1e-3),
}
# PyTorch's fastest form of each: fused where there is one, else over all parameters at once. It has no Ftrl.
TORCH: dict[str, Callable[[Any, Any], Any]] = {
    "SGD": lambda optim, p: optim.SGD(p, 1e-3, fused=True),
    "Momentum": lambda optim, p: optim.SGD(p, 1e-3, momentum=0.9, fused=True),
    "Adagrad": lambda optim, p: optim.Adagrad(p, 1e-3, fused=True),
    "RMSProp": lambda optim, p: optim.RMSprop(p, 1e-3, foreach=True),
    "Adam": lambda optim, p: optim.Adam(p, 1e-3, fused=True),
    "Adadelta": lambda optim, p: optim.Adadelta(p, 1e-3, foreach=True),
}


def shapes_of(timer: Timer) -> list[list[int]]:
    return [[min(length, 64) for length in shape] for shape in SHAPES] if timer.short else [*SHAPES]


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    parameters = [variable(tf, shape, i) for i, shape in enumerate(shapes_of(timer))]
    gradients = [variable(tf, shape, 10 + i) for i, shape in enumerate(shapes_of(timer))]
    update = GRAPH[case](tf.train).apply_gradients(
        [(tf.convert_to_tensor(g), p) for g, p in zip(gradients, parameters, strict=True)]
    )
    pulse = parameters[-1][0]
    with started(tf) as sess:
        return timer(lambda: sess.run(update), lambda: sess.run(pulse))


def run_torch(case: str, timer: Timer) -> Figures:
    if case not in TORCH:
        return {}
    import torch

    parameters = [torch.nn.Parameter(0.1 * torch.randn(shape)) for shape in shapes_of(timer)]
    for parameter in parameters:
        parameter.grad = 0.1 * torch.randn_like(parameter)
    return {"torch": timer(TORCH[case](torch.optim, parameters).step)}


WORK = Work(
    "Optimizers on 3.2 M parameters",
    tuple(GRAPH),
    {**graph_engines(measure), "torch": run_torch},
    seconds=1.5,
    profiled=True,
)

if __name__ == "__main__":
    main(WORK)
