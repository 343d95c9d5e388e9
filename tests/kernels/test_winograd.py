"""Winograd's convolutions and their gradients on every OpenCL CPU against NumPy in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphlab_nb import dtypes
from graphlab_nb.launch import Array
from graphlab_nb.ops import conv_launch, winograd
from tests.kernels.conv_reference import reference
from tests.kernels.harness import DirectLauncher, launchers


@pytest.fixture(scope="module", params=launchers("CPU"), ids=str)
def cpu(request: Any) -> DirectLauncher:
    """Each CPU."""
    return request.param.make()


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes Winograd's algorithm wherever it can be computed."""
    monkeypatch.setattr(winograd, "suits", lambda traits, dtype, sizes: True)


def shape_of(x: Any, w: Any, y: Any, pad: tuple[int, int]) -> conv_launch.Shape:
    one = (1, 1, 1)
    return conv_launch.Shape(x[0], x[3], w[3], (1, *x[1:3]), (1, *y[1:3]), (1, *w[:2]), one, one, (0, *pad), False)


def inputs(x_shape: Any, w_shape: Any, padding: str, spread: bool = False) -> tuple[Any, Any, Any]:
    """x, w and dy in [-1, 1]; with `spread` channels and outputs whose sizes range over a factor of a million."""
    rng = np.random.default_rng(sum(x_shape) + 100 * sum(w_shape))
    x, w = (rng.uniform(-1, 1, s).astype(np.float32) for s in (x_shape, w_shape))
    dy = rng.uniform(-1, 1, reference(x, w, None, (1, 1), padding, (1, 1))[0].shape).astype(np.float32)
    if spread:
        x *= np.float32(10) ** rng.uniform(-3, 3, x.shape[-1]).astype(np.float32)
        w *= np.float32(10) ** rng.uniform(-3, 3, w.shape[-1]).astype(np.float32)
        dy *= np.float32(10) ** rng.uniform(-3, 3, dy.shape[-1]).astype(np.float32)
    return x, w, dy


def run(launcher: DirectLauncher, x: Any, w: Any, dy: Any, pad: tuple[int, int]) -> tuple[Any, Any, Any]:
    """y, dx and dw."""
    shape = shape_of(x.shape, w.shape, dy.shape, pad)
    y, dx, dw = (Array(a.shape, dtypes.float32) for a in (dy, x, w))
    on_x, on_w, on_dy = (launcher.put(a) for a in (x, w, dy))
    launcher.calls.clear()
    conv_launch.forward(launcher, shape, y, on_x, on_w)
    conv_launch.grad_input(launcher, shape, dx, on_w, on_dy)
    conv_launch.grad_filter(launcher, shape, dw, on_x, on_dy)
    assert all(name.startswith("winograd") for name, _ in launcher.calls)
    return launcher.get(y), launcher.get(dx), launcher.get(dw)


def check(launcher: DirectLauncher, x_shape: Any, w_shape: Any, padding: str = "SAME", spread: bool = False) -> None:
    """Compares y, dx and dw, relative to the largest result of each channel, with the bounds that the module states."""
    x, w, dy = inputs(x_shape, w_shape, padding, spread)
    pad = ((w_shape[0] - 1) // 2,) * 2 if padding == "SAME" else (0, 0)
    expected = reference(x, w, dy, (1, 1), padding, (1, 1))
    for result, right in zip(run(launcher, x, w, dy, pad), expected, strict=True):
        assert result.shape == right.shape
        assert np.abs(result - right).max() <= winograd.ERROR[w_shape[0]] * np.abs(right).max()


SHAPES = [
    ((2, 14, 14, 32), 64),
    ((1, 14, 14, 16), 16),
    ((3, 9, 11, 5), 7),
    ((1, 5, 6, 1), 1),
    ((2, 7, 13, 33), 18),
    ((1, 6, 5, 130), 40),
    ((5, 8, 5, 17), 100),
    ((1, 31, 40, 8), 24),
]


@pytest.mark.parametrize("taps", [3, 4, 5])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("x", "outputs"), SHAPES)
def test_against_the_definition(cpu: DirectLauncher, x: Any, outputs: int, padding: str, taps: int) -> None:
    check(cpu, x, (taps, taps, x[-1], outputs), padding)
