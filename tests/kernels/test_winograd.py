"""Winograd's convolutions and their gradients on every OpenCL CPU against NumPy in float64."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphlab_nb import dtypes
from graphlab_nb.launch import Array
from graphlab_nb.ops import conv_launch, winograd
from tests.kernels.conv_reference import reference
from tests.kernels.harness import DirectLauncher, as_gpu, launchers


@pytest.fixture(scope="module", params=launchers("CPU"), ids=str)
def cpu(request: Any) -> DirectLauncher:
    """Each CPU."""
    return request.param.make()


SUITS = winograd.suits


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
    """Compares y, dx and dw, relative to the largest of each channel, with the bounds that the module states."""
    x, w, dy = inputs(x_shape, w_shape, padding, spread)
    pad = ((w_shape[0] - 1) // 2,) * 2 if padding == "SAME" else (0, 0)
    expected = reference(x, w, dy, (1, 1), padding, (1, 1))
    for result, right in zip(run(launcher, x, w, dy, pad), expected, strict=True):
        assert result.shape == right.shape
        largest = np.abs(right).max((0, 1, 2))
        assert (np.abs(result - right).max((0, 1, 2)) <= winograd.ERROR[w_shape[0]] * largest).all()


SHAPES = [
    ((2, 14, 14, 32), 64),
    ((1, 14, 14, 16), 16),
    ((3, 9, 11, 5), 7),
    ((1, 5, 6, 1), 1),
    ((2, 7, 13, 33), 18),
    ((1, 6, 5, 130), 40),
    ((5, 8, 5, 17), 100),
    ((1, 31, 40, 8), 24),
    ((4, 6, 6, 20), 40),
]


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("x", "outputs"), SHAPES)
def test_against_the_definition(cpu: DirectLauncher, x: Any, outputs: int, padding: str, taps: int) -> None:
    check(cpu, x, (taps, taps, x[-1], outputs), padding)


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize(("x", "outputs"), [((8, 14, 14, 32), 64), ((8, 28, 28, 128), 32), ((2, 9, 11, 17), 19)])
def test_channels_of_very_different_sizes(cpu: DirectLauncher, x: Any, outputs: int, taps: int) -> None:
    check(cpu, x, (taps, taps, x[-1], outputs), spread=True)


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("pad", [(0, 1), (2, 0), (1, 2)])
def test_any_padding(cpu: DirectLauncher, pad: tuple[int, int], taps: int) -> None:
    """The left and upper padding alone says where results begin; what is missing to the right and below is zero."""
    x, w, _ = inputs((2, 9, 10, 6), (taps, taps, 6, 7), "VALID")
    padded = np.pad(x, ((0, 0), (pad[0], taps), (pad[1], taps), (0, 0)))
    dy = np.random.default_rng(0).uniform(-1, 1, (2, 9, 10, 7)).astype(np.float32)
    full_dy = np.zeros((2, padded.shape[1] - taps + 1, padded.shape[2] - taps + 1, 7), np.float32)
    full_dy[:, :9, :10] = dy
    y, dx, dw = reference(padded, w, full_dy, (1, 1), "VALID", (1, 1))
    expected = y[:, :9, :10], dx[:, pad[0] : pad[0] + 9, pad[1] : pad[1] + 10], dw
    for result, right in zip(run(cpu, x, w, dy, pad), expected, strict=True):
        assert np.abs(result - right).max() <= winograd.ERROR[taps] * np.abs(right).max()


class Guarded(DirectLauncher):
    """A launcher whose scratch memory ends in a guard of NaN."""

    GUARD = 256

    def scratch(self, shape: Any, dtype: Any) -> Array:
        array = Array((math.prod(shape) + self.GUARD,), dtype)
        self.guarded.append(array)
        return array


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize(("x", "outputs"), [*SHAPES, ((9, 28, 28, 70), 90)])
def test_nothing_is_written_behind_scratch_memory(cpu: DirectLauncher, x: Any, outputs: int, taps: int) -> None:
    launcher = Guarded(cpu.found)
    launcher.guarded = []
    x, w, dy = inputs(x, (taps, taps, x[-1], outputs), "SAME")
    run(launcher, x, w, dy, (taps // 2, taps // 2))
    assert launcher.guarded
    assert all(np.isnan(launcher.get(a)[-Guarded.GUARD :]).all() for a in launcher.guarded)


@pytest.mark.parametrize(("lanes", "registers", "units"), [(16, 32, 2), (4, 32, 64), (8, 16, 16)])
def test_other_processors_tiles(cpu: DirectLauncher, lanes: int, registers: int, units: int) -> None:
    traits = replace(cpu.traits, lanes=lanes, vector_registers=registers, compute_units=units)
    launcher = DirectLauncher(cpu.found, traits)
    check(launcher, (3, 12, 13, 20), (3, 3, 20, 40))
    check(launcher, (30, 14, 14, 20), (5, 5, 20, 40))


def test_images_too_large_to_be_read_again(cpu: DirectLauncher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winograd, "REREAD", 0)
    check(cpu, (30, 14, 14, 16), (5, 5, 16, 20))


def test_the_same_numbers_each_time(cpu: DirectLauncher) -> None:
    x, w, dy = inputs((20, 14, 14, 16), (5, 5, 16, 24), "SAME")
    first, again = run(cpu, x, w, dy, (2, 2)), run(cpu, x, w, dy, (2, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_where_it_is_taken(cpu: DirectLauncher, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = winograd.Sizes(50, 32, 64, (14, 14), (14, 14), (5, 5), (2, 2))
    assert SUITS(cpu.traits, dtypes.float32, deep)
    assert SUITS(cpu.traits, dtypes.float32, deep.backward)
    assert deep.backward.backward == deep
    assert (deep.side, deep.tiles) == (8, (4, 4))
    assert (replace(deep, result=(6, 6)).side, replace(deep, taps=(3, 3)).side) == (6, 6)
    assert replace(deep, taps=(3, 3), result=(6, 6)).side == 8
    assert not SUITS(cpu.traits, dtypes.float64, deep)
    assert not SUITS(as_gpu(cpu.traits), dtypes.float32, deep)
    assert not any(SUITS(cpu.traits, dtypes.float32, replace(deep, **change)) for change in (
        {"images": 1}, {"channels": 3}, {"outputs": 10}, {"taps": (7, 7)}, {"taps": (3, 5)}
    ))  # fmt: skip
    monkeypatch.setenv("GLNB_WINOGRAD", "0")
    assert not SUITS(cpu.traits, dtypes.float32, deep)
    shape = shape_of((1, 9, 9, 16), (3, 3, 16, 16), (1, 9, 9, 16), (1, 1))
    assert shape.plane is not None
    assert replace(shape, stride=(1, 2, 1)).plane is None
    assert replace(shape, dilation=(1, 1, 2)).plane is None
    assert replace(shape, taps=(2, 3, 3)).plane is None
