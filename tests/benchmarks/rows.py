"""The rows of the table: what each figure has to reach, at least and as an aim."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common import OURS

LIMIT, SHARE = "limit", "share"
Figures = dict[str, dict[str, dict[str, float]]]
"""By case and label: "min" and "median"."""


def peers(labels: dict[str, Any]) -> list[str]:
    """The labels that are neither ours nor about the hardware's limit."""
    return [label for label in labels if label not in (OURS, LIMIT, SHARE)]


def ratio(labels: dict[str, dict[str, float]], which: str) -> float | None:
    """Best peer / ours: how many times as fast we are."""
    found = [labels[peer][which] for peer in peers(labels)]
    return min(found) / labels[OURS][which] if found else None


def share(labels: dict[str, dict[str, float]], which: str) -> float | None:
    """What part of the hardware's limit we reach; by medians, where both were measured by turns, the median of the turns."""
    if which == "median" and SHARE in labels:
        return labels[SHARE][which]
    return labels[LIMIT][which] / labels[OURS][which] if LIMIT in labels else None


def value(labels: dict[str, dict[str, float]], which: str) -> float | None:
    """Our figure itself."""
    return labels[OURS][which]


def part(labels: dict[str, dict[str, float]], which: str) -> float | None:
    """Ours / the leanest peer."""
    found = ratio(labels, which)
    return None if found is None else 1.0 / found


FORMATS = {
    ratio: lambda x: f"{x:.2f}x",
    share: lambda x: f"{100 * x:.0f} %",
    part: lambda x: f"{x:.2f}x",
}


def seconds(x: float) -> str:
    """A time with its unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if x * scale >= 0.9995 or unit == "us":
            return f"{x * scale:.3g} {unit}"
    raise AssertionError


def size(x: float) -> str:
    """Bytes in GB."""
    return f"{x / 1e9:.2f} GB"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
      title: what is measured.
      work: the work that measures it.
      cases: which of its cases, as a pattern; of several the worst counts.
      figure: `ratio`, `share`, `value` or `part`.
      least: what must be reached.
      aim: what should be, if anything.
      portable: what must be reached on PoCL where that is less.
      mean: whether the geometric mean of the cases counts instead of the worst.
      unit: of a `value`, how it is written.
      by_turns: whether the medians, of shares taken turn by turn, say what is reached: minima are of different moments, and the
        limit moves from one to the next.
    """

    title: str
    work: str
    cases: str
    figure: Callable[..., float | None]
    least: float
    aim: float | None = None
    portable: float | None = None
    mean: bool = False
    unit: Callable[[float], str] = seconds
    by_turns: bool = False

    @property
    def less_is_better(self) -> bool:
        return self.figure in (value, part)

    def least_on(self, runtime: str) -> float:
        """What must be reached on an OpenCL platform."""
        return self.portable if self.portable is not None and "Portable" in runtime else self.least

    def text(self, x: float) -> str:
        """The figure as people read it."""
        return FORMATS.get(self.figure, self.unit)(x)

    def of(self, figures: Figures, which: str) -> tuple[float, str] | None:
        """The figure from minima or medians, and the case it comes from where it is the worst of several."""
        found = {
            case: x
            for case, labels in figures.items()
            if fnmatch.fnmatchcase(case, self.cases)
            and OURS in labels
            and (x := self.figure(labels, which)) is not None
        }
        if not found:
            return None
        if self.mean:
            return math.exp(sum(map(math.log, found.values())) / len(found)), f"mean of {len(found)}"
        worst = (max if self.less_is_better else min)(found, key=lambda case: found[case])
        return found[worst], worst if len(found) > 1 else ""

    def reached(self, x: float, runtime: str) -> str:
        """Whether a figure reaches the aim, the least, or neither."""
        sign = -1.0 if self.less_is_better else 1.0
        if self.aim is not None and sign * x >= sign * self.aim:
            return "aim"
        return "yes" if sign * x >= sign * self.least_on(runtime) else "no"


ROWS = (
    Row("softmax step, tf.log of the probability", "softmax", "log", ratio, 5, 7, portable=4),
    Row("softmax step, logits", "softmax", "logits", ratio, 5, 7, portable=4),
    Row("softmax step with loss, tf.log", "softmax", "log, loss", ratio, 4, 5.5, portable=2),
    Row("softmax step with loss, logits", "softmax", "logits, loss", ratio, 4, 5.5, portable=2),
    Row("deep step", "deep", "step", ratio, 1.7, 2.3, portable=1.6),
    Row("accuracy of 10,000 digits", "evaluation", "time", ratio, 1.6, 2.2),
    Row("its memory over the idle session", "evaluation", "memory", value, 0.6e9, 0.2e9, unit=size),
    Row("run of a constant", "constant", "run", ratio, 7, 10),
    Row("wide net's step", "wide", "step", ratio, 1.15, 1.35),
    Row("large products, of the multiply-add peak", "matmul", "large *", share, 0.85, 0.93),
    Row("50-row products, of the multiply-add peak", "matmul", "50-row *", share, 0.75, 0.80),
    Row("convolutions, mean", "conv", "*", ratio, 1.0, 1.3, mean=True),
    Row("convolutions, worst", "conv", "*", ratio, 0.7),
    Row("operations that memory limits, of the bandwidth", "memory", "*", share, 0.85, 0.95, by_turns=True),
    Row("optimizers", "optimizers", "*", ratio, 0.9, 1.2),
    Row("import", "start", "import", value, 0.4, 0.3),
    Row("start to first softmax step, warm", "start", "softmax warm", value, 0.8, 0.5),
    Row("start to first softmax step, cold", "start", "softmax cold", value, 4, 2),
    Row("start to first deep step, warm", "start", "deep warm", value, 1.2, 0.8),
    Row("start to first deep step, cold", "start", "deep cold", value, 6, 3),
    Row("resident memory of deep training, of the leaner peer's", "start", "deep memory", part, 0.6, 0.4),
    Row("building 20,000 operations and gradients", "graphs", "build *", value, 4, 2),
    Row("planning 10,000 operations", "graphs", "plan *", value, 3, 1.5),
    Row("operation of a chain that cannot fuse", "graphs", "op *", value, 3e-6, 1.5e-6),
)
