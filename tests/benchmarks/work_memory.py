"""Operations that memory limits, on 16 M elements, against the bandwidth of the same run.

The limit of an operation that writes as much as it reads is the time that the plain copy takes for as many bytes; that
of a reduction is the time of plain reading. The plain copy stores into the caches, which read first what is overwritten;
operations that write past them can take less than this limit.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from common import OURS, Figures, Timer, Work, graph_engines, main, started, variable

FLOAT = 4
SLICES, SLICE, BLOCK = 20, 0.03, 0.01
"""Turns of an operation and of its limit, and the seconds of one and of a block in it: spells of the machine are longer."""


@dataclass(frozen=True)
class Op:
    """One operation in both APIs.

    Attributes:
      shapes: of its inputs; the first dimension of matrices shrinks in short form.
      graph: `graph(tf, *inputs)`.
      torch: `torch(torch, *inputs)`.
      reads_only: whether its result is small.
      passes: how often the inputs have to be read: twice where a mean is needed before what is summed.
      rows: rows that `gather` takes: the last input is then indices.
    """

    shapes: tuple[tuple[int, ...], ...]
    graph: Callable[..., Any]
    torch: Callable[..., Any]
    reads_only: bool = False
    rows: int = 0
    passes: int = 1


LINKS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda x, api: x * 1.5,
    lambda x, api: x + 0.25,
    lambda x, api: api.abs(x),
    lambda x, api: x - 0.5,
    lambda x, api: x * x,
    lambda x, api: -x,
    lambda x, api: x * 0.75,
    lambda x, api: x + 1.0,
)


def chain(length: int) -> Op:
    def apply(api: Any, x: Any) -> Any:
        for link in LINKS[:length]:
            x = link(x, api)
        return x

    return Op(((4096, 4096),), apply, apply)


SQUARE, ROWS, CHANNELS = (4096, 4096), (16384, 1024), (64, 64, 64, 64)
OPS = {
    **{f"chain of {n}": chain(n) for n in (1, 2, 4, 8)},
    "add two": Op((SQUARE, SQUARE), lambda tf, a, b: a + b, lambda torch, a, b: a + b),
    "sum by row": Op((SQUARE,), lambda tf, x: tf.reduce_sum(x, 1), lambda torch, x: x.sum(1), True),
    "sum by column": Op((SQUARE,), lambda tf, x: tf.reduce_sum(x, 0), lambda torch, x: x.sum(0), True),
    "sum of all": Op((SQUARE,), lambda tf, x: tf.reduce_sum(x), lambda torch, x: x.sum(), True),
    "max by row": Op((SQUARE,), lambda tf, x: tf.reduce_max(x, 1), lambda torch, x: x.amax(1), True),
    "mean of squares": Op(
        (SQUARE, SQUARE),
        lambda tf, a, b: tf.reduce_mean(tf.square(a - b)),
        lambda torch, a, b: torch.mean(torch.square(a - b)),
        True,
    ),
    "squares by column": Op(
        (SQUARE,), lambda tf, x: tf.reduce_sum(tf.square(x), 0), lambda torch, x: torch.square(x).sum(0), True
    ),
    "variance by column": Op(
        (ROWS,),
        lambda tf, x: tf.nn.moments(x, [0])[1],
        lambda torch, x: torch.var(x, 0, correction=0),
        True,
        passes=2,
    ),
    "softmax": Op((ROWS,), lambda tf, x: tf.nn.softmax(x), lambda torch, x: torch.softmax(x, 1)),
    "bias add": Op((ROWS, (1024,)), lambda tf, x, b: tf.nn.bias_add(x, b), lambda torch, x, b: x + b),
    "batch norm": Op(
        (CHANNELS, (64,), (64,), (64,), (64,)),
        lambda tf, x, mean, var, beta, gamma: tf.nn.batch_normalization(x, mean, tf.abs(var), beta, gamma, 1e-3),
        lambda torch, x, mean, var, beta, gamma: torch.batch_norm(
            x.permute(0, 3, 1, 2), gamma, beta, mean, var.abs(), False, 0.0, 1e-3, False
        ),
    ),
    "transpose": Op((SQUARE,), lambda tf, x: tf.transpose(x), lambda torch, x: x.T.contiguous()),
    "transpose last to second": Op(
        (CHANNELS,),
        lambda tf, x: tf.transpose(x, [0, 3, 1, 2]),
        lambda torch, x: x.permute(0, 3, 1, 2).contiguous(),
    ),
    "concat by row": Op(
        ((2048, 4096), (2048, 4096)), lambda tf, a, b: tf.concat([a, b], 0), lambda torch, a, b: torch.cat([a, b], 0)
    ),
    "concat by column": Op(
        ((4096, 2048), (4096, 2048)), lambda tf, a, b: tf.concat([a, b], 1), lambda torch, a, b: torch.cat([a, b], 1)
    ),
    "gather rows": Op(
        ((262144, 64),), lambda tf, x, i: tf.gather(x, i), lambda torch, x, i: torch.index_select(x, 0, i), rows=262144
    ),
}


def shapes_of(op: Op, timer: Timer) -> list[list[int]]:
    return [[min(shape[0], 8), *shape[1:]] if timer.short and len(shape) > 1 else list(shape) for shape in op.shapes]


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    op = OPS[case]
    shapes = shapes_of(op, timer)
    inputs = [variable(tf, shape, i) for i, shape in enumerate(shapes)]
    if op.rows:
        inputs.append(tf.Variable(tf.random_uniform([op.rows], 0, shapes[0][0], tf.int32, seed=9)))
    y = op.graph(tf, *inputs)
    pulse = tf.reshape(inputs[0], [-1])[0]
    with started(tf) as sess:
        return timer(lambda: sess.run(y.op), lambda: sess.run(pulse))


ENGINES = graph_engines(measure)


@dataclass(frozen=True)
class InTurn(Timer):
    """Times an operation and its limit by turns, since other machines share the memory's bandwidth.

    Attributes:
      peak: gives samples of the limit.
      limit: where they go.
      shares: where the limit's part of the operation's time goes, one number for each turn.
    """

    peak: Callable[[], list[float]] = list
    limit: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def __call__(self, step: Callable[[], Any], finish: Callable[[], Any] = lambda: None) -> list[float]:
        samples: list[float] = []
        before = self.peak()
        self.limit.extend(before)
        for _ in range(1 if self.short else SLICES):
            mine = Timer(self.short, SLICE, BLOCK)(step, finish)
            after = self.peak()
            self.limit.extend(after)
            self.shares.append(statistics.median(before + after) / statistics.median(mine))
            samples += mine
            before = after
        return samples


def run_graphlab_nb(case: str, timer: Timer) -> Figures:
    from peaks import peaks_of

    op, peaks = (
        OPS[case],
        peaks_of(Timer(timer.short, SLICE, BLOCK), len(OPS[case].shapes) if OPS[case].reads_only else 1),
    )
    peak = peaks.read_bytes if op.reads_only else peaks.copied_bytes
    read = op.passes * sum(_size(shape) for shape in shapes_of(op, timer))
    moved = FLOAT * (read if op.reads_only else read + _written(op, timer))
    by_turns = InTurn(timer.short, timer.seconds, timer.block, peak=peak)
    found = ENGINES[OURS](case, by_turns)
    return {
        **found,
        "limit": [seconds * moved for seconds in by_turns.limit],
        "share": [part * moved for part in by_turns.shares],
    }


def _size(shape: Sequence[int]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _written(op: Op, timer: Timer) -> int:
    """Elements of the result; the indices of a gather are read besides and counted here."""
    shapes = shapes_of(op, timer)
    if op.rows:
        return op.rows * (shapes[0][1] + 1)
    return sum(map(_size, shapes)) if op in (OPS["concat by row"], OPS["concat by column"]) else _size(shapes[0])


def run_torch(case: str, timer: Timer) -> Figures:
    import torch

    op = OPS[case]
    shapes = shapes_of(op, timer)
    inputs = [torch.randn(shape) for shape in shapes]
    if op.rows:
        inputs.append(torch.randint(0, shapes[0][0], (op.rows,)))
    with torch.inference_mode():
        return {"torch": timer(lambda: op.torch(torch, *inputs))}


WORK = Work(
    "Operations on 16 M elements that memory limits",
    tuple(OPS),
    {OURS: run_graphlab_nb, "tensorflow": ENGINES["tensorflow"], "torch": run_torch},
    seconds=0.6,
)

if __name__ == "__main__":
    main(WORK)
