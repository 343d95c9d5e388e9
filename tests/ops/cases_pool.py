"""Cases of ops/pool.py."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from graphlab_nb import nn
from graphlab_nb.graph.build import apply
from graphlab_nb.ops import pool
from tests.ops.case import Case, apart, case, normal


def windows(x: np.ndarray, ksize: Any, strides: Any, padding: str) -> tuple[list[int], dict[Any, tuple[slice, ...]]]:
    """The output's shape, and for each output's index the slices of the taps of its window inside the input."""
    lengths, pads = [], []
    for n, k, s in zip(x.shape, ksize, strides, strict=True):
        out = math.ceil(n / s) if padding == "SAME" else (n - k + s) // s
        lengths.append(out)
        pads.append(max((out - 1) * s + k - n, 0) // 2 if padding == "SAME" else 0)
    found = {}
    for index in itertools.product(*map(range, lengths)):
        found[index] = tuple(
            slice(max(i * s - p, 0), min(i * s - p + k, n))
            for i, s, p, k, n in zip(index, strides, pads, ksize, x.shape, strict=True)
        )
    return lengths, found


class Reference:
    """Pooling by its definition, one window after the other."""

    def __init__(self, ksize: Any, strides: Any, padding: str):
        self.attributes = ksize, strides, padding

    def reduce(self, function: Any, x: np.ndarray) -> np.ndarray:
        shape, found = windows(x, *self.attributes)
        y = np.zeros(shape, x.dtype)
        for index, taps in found.items():
            y[index] = function(x[taps])
        return y

    def largest(self, x: np.ndarray) -> np.ndarray:
        return self.reduce(np.max, x)

    def mean(self, x: np.ndarray) -> np.ndarray:
        return self.reduce(np.mean, x)

    def argmax(self, x: np.ndarray) -> np.ndarray:
        """The index of each first maximum in its image."""
        shape, found = windows(x, *self.attributes)
        y = np.zeros(shape, np.int64)
        for index, taps in found.items():
            inside = np.unravel_index(np.argmax(x[taps]), x[taps].shape)
            place = [0, *(int(i) + t.start for i, t in zip(inside, taps, strict=True))][2:]
            y[index] = np.ravel_multi_index(place, x.shape[1:])
        return y

    def largest_grad(self, x: np.ndarray, dy: np.ndarray) -> np.ndarray:
        dx = np.zeros((x.shape[0], math.prod(x.shape[1:])), dy.dtype)
        for index, place in np.ndenumerate(self.argmax(x)):
            dx[index[0], place] += dy[index]
        return dx.reshape(x.shape)

    def largest_grad_grad(self, x: np.ndarray, ddx: np.ndarray) -> np.ndarray:
        flat = ddx.reshape(x.shape[0], math.prod(x.shape[1:]))
        place = self.argmax(x)
        ddy = np.zeros(place.shape, ddx.dtype)
        for index, where in np.ndenumerate(place):
            ddy[index] = flat[index[0], where]
        return ddy

    def mean_grad(self, x: np.ndarray, dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(x.shape, dy.dtype)
        for index, taps in windows(x, *self.attributes)[1].items():
            dx[taps] += dy[index] / dx[taps].size
        return dx


SHAPES = [(2, 4, 4, 3), (1, 5, 7, 9), (3, 1, 1, 2), (0, 4, 4, 3), (2, 5, 6, 1), (1, 7, 5, 20)]
PLANS = [
    ((1, 2, 2, 1), (1, 2, 2, 1), "SAME"),
    ((1, 3, 3, 1), (1, 2, 2, 1), "SAME"),
    ((1, 2, 3, 1), (1, 1, 2, 1), "SAME"),
    ((1, 1, 1, 1), (1, 2, 2, 1), "VALID"),
]
VALID = ((1, 2, 3, 1), (1, 1, 2, 1), "VALID")
CHANNELS = ((1, 1, 1, 3), (1, 1, 1, 3), "VALID")
VOLUME = ((1, 2, 1, 2, 1), (1, 1, 2, 2, 1), "SAME")


def with_ties(*shape: int) -> np.ndarray:
    return np.random.RandomState(3).randint(0, 3, shape).astype(np.float32)


def first(x: np.ndarray) -> np.ndarray:
    """To channels first."""
    return np.moveaxis(x, -1, 1)


def last(x: np.ndarray) -> np.ndarray:
    """To channels last."""
    return np.moveaxis(x, 1, -1)


def forward_cases(name: str, function: Any, function3d: Any, method: str) -> list[Case]:
    """Cases of pooling itself."""
    cases = []
    for plan in PLANS:
        reference = getattr(Reference(*plan), method)
        also = [[apart(*s, seed=1)] for s in SHAPES] + [[apart(2, 5, 4, 6).astype(np.float64)]]
        cases.append(case(name, lambda x, p=plan: function(x, *p), [apart(2, 5, 6, 3)], reference, also=also))
    for plan, shape in ((VALID, (2, 5, 6, 3)), (CHANNELS, (2, 3, 2, 6))):
        reference = getattr(Reference(*plan), method)
        also = [[apart(1, 4, 5, 9)], [np.zeros((0, 3, 4, 6), np.float32)]]
        cases.append(case(name, lambda x, p=plan: function(x, *p), [apart(*shape)], reference, also=also))
    swapped = [(v[0], v[3], v[1], v[2]) for v in PLANS[1][:2]]
    reference = getattr(Reference(*PLANS[1]), method)
    cases.append(
        case(
            name,
            lambda x: function(x, *swapped, "SAME", data_format="NCHW"),
            [apart(2, 3, 5, 6)],
            lambda x: first(reference(last(x))),
            also=[[np.zeros((0, 3, 4, 4), np.float32)]],
        )
    )
    volume = getattr(Reference(*VOLUME), method)
    cases.append(
        case(name, lambda x: function3d(x, *VOLUME), [apart(2, 3, 4, 3, 2)], volume, also=[[apart(1, 1, 1, 1, 1)]])
    )
    return cases


def gradient_cases(name: str, kind: Any, method: str, grid: str, takes_y: bool) -> list[Case]:
    """Cases of an operation of (x, y, v) or (x, v) that is linear in v, of the shape of x (grid "in") or of y ("out")."""
    cases = []
    for plan in (*PLANS, VALID):
        reference = Reference(*plan)

        def build(x: Any, v: Any, p: Any = plan) -> Any:
            inputs = [x, nn.max_pool(x, *p), v] if takes_y else [x, v]
            return apply(kind(*p), inputs)

        def value(x: Any, v: Any, r: Any = reference) -> Any:
            return getattr(r, method)(x, v)

        sets = []
        for shape in SHAPES if plan is not VALID else [(2, 5, 6, 3), (1, 4, 7, 9), (0, 4, 4, 3)]:
            x = with_ties(*shape)
            sets.append([x, normal(*(windows(x, *plan)[0] if grid == "out" else shape))])
        why = "x says only where maxima are" if takes_y else "of x only the shape is used"
        cases.append(case(name, build, sets[0], value, also=sets[1:], fixed=[0], why=why))
    return cases


def argmax_reference(plan: Any) -> Any:
    return lambda x: [Reference(*plan).largest(x), Reference(*plan).argmax(x)]


CASES: list[Case] = [
    *forward_cases("MaxPool", nn.max_pool, nn.max_pool3d, "largest"),
    *forward_cases("AvgPool", nn.avg_pool, nn.avg_pool3d, "mean"),
    *gradient_cases("MaxPoolGrad", pool.MaxPoolGrad, "largest_grad", "out", True),
    *gradient_cases("MaxPoolGradGrad", pool.MaxPoolGradGrad, "largest_grad_grad", "in", True),
    *gradient_cases("AvgPoolGrad", pool.AvgPoolGrad, "mean_grad", "out", False),
    *(
        case(
            "MaxPoolWithArgmax",
            lambda x, p=plan: nn.max_pool_with_argmax(x, *p),
            [apart(2, 5, 6, 3)],
            argmax_reference(plan),
            also=[[with_ties(*s)] for s in SHAPES],
        )
        for plan in PLANS
    ),
]
