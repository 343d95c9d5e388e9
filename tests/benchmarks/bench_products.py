"""Matrix products and convolutions on every OpenCL device against NumPy, in turn: python -m tests.benchmarks.bench_products.

Prints GFLOP/s of the fastest run of each, and the ratio to NumPy's. Only kernels are timed, with data on the device.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from graphlab_nb.ops.conv import Conv2D, Conv2DBackpropFilterLike, Conv2DBackpropInputLike
from graphlab_nb.ops.conv_rules import attributes
from graphlab_nb.ops.matmul import MatMul
from tests.kernels.harness import DirectLauncher, devices, run_op

PRODUCTS = [
    (1024, 1024, 1024, False, False),
    (1024, 1024, 1024, False, True),
    (1024, 1024, 1024, True, False),
    (50, 1024, 3136, False, False),
    (50, 3136, 1024, False, True),
    (3136, 1024, 50, True, False),
    (100, 10, 784, False, False),
    (784, 10, 100, True, False),
]
CONVOLUTIONS = [(50, 14, 32, 5, 64), (50, 28, 1, 5, 32), (8, 56, 64, 3, 64)]
ROUNDS = 8


def fastest(runs: dict[str, Callable[[], Any]], work: float) -> dict[str, float]:
    """GFLOP/s of each run's best time, all taken in turn."""
    best = dict.fromkeys(runs, float("inf"))
    repeats = max(2, min(50, int(2e9 / work)))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            # NumPy's threads go on spinning for a moment after a product.
            time.sleep(0.02)
            for _ in range(repeats):
                start = time.perf_counter()
                run()
                best[name] = min(best[name], time.perf_counter() - start)
    return {name: work / seconds / 1e9 for name, seconds in best.items()}


def launched(definition: Any, *inputs: np.ndarray) -> dict[str, Callable[[], Any]]:
    """For each device a function that repeats the op's kernels."""
    runs = {}
    for found in devices():
        launcher = DirectLauncher(found)
        run_op(launcher, definition, *inputs)

        def run(launcher: DirectLauncher = launcher) -> None:
            launcher.repeat()
            launcher.queue.finish()

        runs[found.name.split()[0]] = run
    return runs


def line(what: str, rates: dict[str, float]) -> None:
    ratio = ""
    if "NumPy" in rates:
        ratio = "   " + ", ".join(f"{n} {r / rates['NumPy']:.2f}x" for n, r in rates.items() if n != "NumPy")
    print(f"{what:28s} " + ", ".join(f"{n} {r:.0f}" for n, r in rates.items()) + ratio, flush=True)


def main() -> None:
    """Runs all."""
    rng = np.random.default_rng(0)
    for m, n, k, flip_a, flip_b in PRODUCTS:
        a, b = (
            rng.random((k, m) if flip_a else (m, k), np.float32),
            rng.random((n, k) if flip_b else (k, n), np.float32),
        )
        left, right = (a.T if flip_a else a), (b.T if flip_b else b)
        runs: dict[str, Callable[[], Any]] = {"NumPy": lambda left=left, right=right: left @ right}  # type: ignore[misc]
        runs |= launched(MatMul(flip_a, flip_b), a, b)
        line(f"{m}x{n}x{k} {'NT'[flip_a]}{'NT'[flip_b]}", fastest(runs, 2.0 * m * n * k))
    definitions = attributes((1, 1, 1, 1), "SAME", None)
    for batch, side, channels, taps, outputs in CONVOLUTIONS:
        x = rng.random((batch, side, side, channels), np.float32)
        w = rng.random((taps, taps, channels, outputs), np.float32)
        dy = rng.random((batch, side, side, outputs), np.float32)
        work = 2.0 * batch * side * side * taps * taps * channels * outputs
        label = f"{taps}x{taps} {channels}->{outputs} {side}x{side} batch {batch}"
        line(f"{label} y", fastest(launched(Conv2D(*definitions), x, w), work))
        line(f"{label} dx", fastest(launched(Conv2DBackpropInputLike(*definitions), x, w, dy), work))
        line(f"{label} dw", fastest(launched(Conv2DBackpropFilterLike(*definitions), x, w, dy), work))


if __name__ == "__main__":
    sys.exit(main())
