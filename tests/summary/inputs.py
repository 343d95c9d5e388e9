"""What the recorded summaries are of; without TensorFlow and graphlab_nb, as both make summaries of them."""

from __future__ import annotations

from typing import Any

import numpy as np


def numbers(kind: str) -> np.ndarray:
    """600 numbers whose sums are exact in any order."""
    values = np.random.RandomState(7).randint(-1000, 1000, 600) / 64
    return (np.abs(values) if kind.startswith("u") else values).astype(kind)


SMALL = np.array([0, 0, 1, -2.5, 3.25, 1e-13, -1e-13, 0.5, 0.5], np.float64)
PICTURES = {
    "signed": np.array([-1, 0.5, 2, np.nan, 0.25, -0.75], np.float32).reshape(1, 2, 3, 1),
    "positive": np.array([0, 0.25, 0.5, 1, np.inf, 0.125], np.float32).reshape(1, 2, 3, 1),
    "dark": np.full((1, 2, 3, 1), 1e-8, np.float32),
    "nothing": np.full((1, 2, 3, 1), np.nan, np.float32),
    "half": np.array([-0.5, 0.25, 0.5, 1], np.float16).reshape(1, 2, 2, 1),
    "colours": np.random.RandomState(1).randn(2, 4, 5, 3).astype(np.float32),
    "clear": np.random.RandomState(2).randint(0, 256, (5, 3, 4, 4)).astype(np.uint8),
}

HISTOGRAMS: dict[str, Any] = {
    **{
        kind: numbers(kind)
        for kind in ("float16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64")
    },
    "small": SMALL,
    "large": np.array([2.0**100, -(2.0**90), 2.0**-140], np.float32),
    "long": np.array([2**62, -(2**62), 0, 2**63 - 1], np.int64),
    "unsigned": np.array([2**64 - 1, 2**63, 1, 0], np.uint64),
    "limits": np.array([1e-12, -1e-12, 1.1e-12, -1.1e-12, 1e20, 1e-13 * 11], np.float64),
    "one": np.array([[3.0]], np.float32),
    "empty": np.zeros((0, 4), np.float32),
}
SCALARS: dict[str, Any] = {
    "scalar": ("loss", np.float32(0.1)),
    "scalars": (["a", "b/c", "\u00fc"], np.array([1, np.nan, -np.inf])),
    "whole": ("count", np.int64(1 << 40)),
    "zero": ("nothing", np.float32(0)),
    "large": ("large", np.float64(1e300)),
}
