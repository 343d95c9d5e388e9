"""Matrix products, packing included, against the multiply-add peak of the same run, NumPy and the peers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from common import OURS, Figures, Timer, Work, graph_engines, main, started, variable

SQUARES = [(f"{n} {form}", (n, n, n, form)) for n in (1024, 2048) for form in ("NN", "NT", "TN", "TT")]
SKINNY = [
    ("50x1024x3136 NN", (50, 1024, 3136, "NN")),
    ("50x3136x1024 NT", (50, 3136, 1024, "NT")),
    ("3136x1024x50 TN", (3136, 1024, 50, "TN")),
]
PRODUCTS = {f"large {name}": shape for name, shape in SQUARES} | {f"50-row {name}": shape for name, shape in SKINNY}


def product(case: str, timer: Timer) -> tuple[list[int], list[int], bool, bool, float]:
    """Shapes of a and b as stored, whether each is transposed, and the floating point operations."""
    m, n, k, form = PRODUCTS[case]
    if timer.short:
        m, n, k = min(m, 64), min(n, 64), min(k, 64)
    left, right = form[0] == "T", form[1] == "T"
    return [k, m] if left else [m, k], [n, k] if right else [k, n], left, right, 2.0 * m * n * k


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    a_shape, b_shape, left, right, _ = product(case, timer)
    a, b = variable(tf, a_shape, 1), variable(tf, b_shape, 2)
    c = tf.matmul(a, b, transpose_a=left, transpose_b=right)
    pulse = a[0, 0]
    with started(tf) as sess:
        return timer(lambda: sess.run(c.op), lambda: sess.run(pulse))


ENGINES = graph_engines(measure)


def run_graphlab_nb(case: str, timer: Timer) -> Figures:
    from peaks import peaks_of

    work = product(case, timer)[-1]
    peaks = peaks_of(timer)
    before = peaks.operations()
    found = ENGINES[OURS](case, timer)
    return {**found, "limit": [seconds * work for seconds in before + peaks.operations()]}


def run_numpy(case: str, timer: Timer) -> Figures:
    a_shape, b_shape, left, right, _ = product(case, timer)
    rng = np.random.default_rng(0)
    a, b = rng.random(a_shape, np.float32), rng.random(b_shape, np.float32)
    a, b = a.T if left else a, b.T if right else b
    return {"numpy": timer(lambda: a @ b)}


def run_torch(case: str, timer: Timer) -> Figures:
    import torch

    a_shape, b_shape, left, right, _ = product(case, timer)
    a, b = torch.rand(a_shape), torch.rand(b_shape)
    a, b = a.T if left else a, b.T if right else b
    with torch.inference_mode():
        return {"torch": timer(lambda: torch.matmul(a, b))}


WORK = Work(
    "Matrix products",
    tuple(PRODUCTS),
    {OURS: run_graphlab_nb, "numpy": run_numpy, "tensorflow": ENGINES["tensorflow"], "torch": run_torch},
)

if __name__ == "__main__":
    main(WORK)
