"""Reductions' kernels, those for CPUs and those for GPUs, on every OpenCL device against NumPy in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from graphlab_nb import dtypes
from graphlab_nb.launch import Array
from graphlab_nb.ops.broadcast import SumTo
from graphlab_nb.ops.extremes import ArgMax, ArgMin
from graphlab_nb.ops.products import ProductOfOthers, ProductOfOthersGrad
from graphlab_nb.ops.reduce import All, AnyOf, Max, Mean, Min, Prod, Sum
from graphlab_nb.ops.reduce_launch import segments
from tests.kernels.harness import DirectLauncher, launchers, run_op


@pytest.fixture(scope="module", params=launchers(), ids=str)
def launcher(request: Any) -> DirectLauncher:
    """Each device, and each CPU treated as a GPU too."""
    return request.param.make()


SHAPES: list[tuple[tuple[int, ...], Any]] = [
    ((1,), None), ((7,), None), ((70001,), None), ((300000,), None), ((3, 1000), (1,)), ((1000, 3), (1,)), ((1000, 3), (0,)),
    ((5000, 40), (0,)), ((2, 3000, 17), (1,)), ((5, 4, 300, 3), (0, 2)), ((3, 70, 4, 90), (1, 3)), ((2, 3, 4, 5, 6), (0, 2, 4)),
    ((2, 300), (0,)), ((4, 1, 5), (1,)), ((3, 4), ()),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "axes"), SHAPES, ids=str)
def test_sums_and_means(launcher: DirectLauncher, shape: tuple[int, ...], axes: Any) -> None:
    x = np.random.RandomState(0).uniform(0.5, 1.5, shape).astype(np.float32)
    wide = x.astype(np.float64)
    np.testing.assert_allclose(run_op(launcher, Sum(axes), x), wide.sum(axes), rtol=2e-6)
    np.testing.assert_allclose(run_op(launcher, Mean(axes, True), x), wide.mean(axes, keepdims=True), rtol=2e-6)


@pytest.mark.parametrize(("shape", "axes"), SHAPES[1::3], ids=str)
def test_extremes_and_logic(launcher: DirectLauncher, shape: tuple[int, ...], axes: Any) -> None:
    x = np.random.RandomState(0).randn(*shape).astype(np.float32)
    np.testing.assert_array_equal(run_op(launcher, Max(axes), x), x.max(axes))
    np.testing.assert_array_equal(run_op(launcher, Min(axes), x), x.min(axes))
    np.testing.assert_array_equal(run_op(launcher, All(axes), x > -2), (x > -2).all(axes))
    np.testing.assert_array_equal(run_op(launcher, AnyOf(axes), x > 2), (x > 2).any(axes))


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float64", "float16"]
)
def test_other_types(launcher: DirectLauncher, dtype: str) -> None:
    if dtype not in launcher.traits.dtypes:
        assert dtype in ("float16", "float64")
        return
    x = np.random.RandomState(0).randint(0, 3, (40, 301)).astype(dtype)
    for axes in (None, (0,), (1,)):
        exact = x.astype(np.int64) if dtype != "float16" else x.astype(np.float64)
        np.testing.assert_array_equal(run_op(launcher, Sum(axes), x), exact.sum(axes).astype(dtype))
        np.testing.assert_array_equal(run_op(launcher, Max(axes), x), x.max(axes))
        np.testing.assert_array_equal(run_op(launcher, Min(axes), x), x.min(axes))
    few = x[:4] + x.dtype.type(1)
    np.testing.assert_array_equal(run_op(launcher, Prod((0,)), few), few.prod(0).astype(dtype))


def test_sums_of_many_tiny_steps_stay_accurate(launcher: DirectLauncher) -> None:
    x = np.full(4_000_000, 0.1, np.float32)
    np.testing.assert_allclose(run_op(launcher, Sum(), x), x.sum(dtype=np.float64), rtol=3e-6)


@pytest.mark.parametrize(
    ("shape", "axis"), [((9,), 0), ((3, 5000), 1), ((5000, 3), 0), ((70, 90, 4), 1), ((300, 7), 1)]
)
def test_positions(launcher: DirectLauncher, shape: tuple[int, ...], axis: int) -> None:
    x = np.random.RandomState(0).randint(-50, 50, shape).astype(np.float32)
    np.testing.assert_array_equal(run_op(launcher, ArgMax(axis), x), x.argmax(axis))
    np.testing.assert_array_equal(run_op(launcher, ArgMin(axis, dtypes.int32), x), x.argmin(axis))
    x.reshape(-1)[-1] = np.nan
    np.testing.assert_array_equal(run_op(launcher, ArgMax(axis), x), x.argmax(axis))


@pytest.mark.parametrize(("shape", "axis"), [((6,), 0), ((3, 5), 1), ((5, 3), 0), ((2, 4, 3), 1)])
def test_products_of_others(launcher: DirectLauncher, shape: tuple[int, ...], axis: int) -> None:
    rng = np.random.RandomState(0)
    x, dy = rng.randint(-2, 3, shape).astype(np.float32), rng.randint(-3, 4, shape).astype(np.float32)
    others, gradient = np.zeros(shape), np.zeros(shape)
    for place in np.ndindex(*shape):
        line = list(place)
        for k in range(shape[axis]):
            line[axis] = k
            rest = np.delete(np.moveaxis(x, axis, -1)[tuple(np.delete(place, axis))], [place[axis], k])
            if k == place[axis]:
                others[place] = rest.prod()
            else:
                gradient[place] += dy[tuple(line)] * rest.prod()
    np.testing.assert_array_equal(run_op(launcher, ProductOfOthers((axis,)), x), others)
    np.testing.assert_array_equal(run_op(launcher, ProductOfOthersGrad((axis,)), x, dy), gradient)


@pytest.mark.parametrize("target", [(), (7,), (1, 7), (5, 1, 7), (1, 1, 1), (6, 1)])
def test_sums_that_undo_broadcasting(launcher: DirectLauncher, target: tuple[int, ...]) -> None:
    x = np.random.RandomState(0).rand(5, 6, 7).astype(np.float32)
    axes = tuple(k for k in range(3) if ((1,) * (3 - len(target)) + target)[k] != x.shape[k])
    found = run_op(launcher, SumTo(), x, np.zeros(target, np.float32))
    np.testing.assert_allclose(found, x.sum(axes, keepdims=True).reshape(target), rtol=1e-6)


def test_shapes_are_cut_into_as_few_runs_as_possible() -> None:
    assert segments((2, 3, 4), (0, 1)) == [(6, True), (4, False)]
    assert segments((2, 1, 4), (1,)) == [(8, False)]
    assert segments((2, 1, 4), (0, 2)) == [(8, True)]
    assert segments((1, 1), (0,)) == []


def test_partial_sums_are_as_many_as_keep_the_device_busy(launcher: DirectLauncher) -> None:
    before = len(launcher.calls)
    out = Array((), dtypes.float32)
    x = Array((1 << 22,), dtypes.float32)
    Sum().launch(launcher, [x], [out])
    first, second = launcher.calls[before:]
    assert math.prod(first[1][1]) > 1 and math.prod(second[1][1]) == math.prod(second[1][2] or (1,))
