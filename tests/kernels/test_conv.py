"""Convolutions and their gradients on every OpenCL device against NumPy in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphlab_nb import dtypes
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.ops.conv import (
    Conv2D,
    Conv2DBackpropFilter,
    Conv2DBackpropFilterLike,
    Conv2DBackpropInput,
    Conv2DBackpropInputLike,
)
from graphlab_nb.ops.conv_rules import attributes
from tests.kernels.conv_reference import close, reference
from tests.kernels.harness import DirectLauncher, launchers, run_op


@pytest.fixture(scope="module", params=launchers(), ids=str)
def launcher(request: Any) -> DirectLauncher:
    """Each device, and each CPU treated as a GPU too."""
    return request.param.make()


@pytest.fixture(scope="module", params=launchers("CPU"), ids=str)
def cpu(request: Any) -> DirectLauncher:
    """Each CPU."""
    return request.param.make()


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the direct kernels; test_winograd.py has the others."""
    monkeypatch.setenv("GLNB_WINOGRAD", "0")


def check(launcher: DirectLauncher, x_shape: Any, w_shape: Any, strides: Any, dilations: Any, padding: str,
          data_format: str = "NHWC", dtype: str = "float32") -> None:  # fmt: skip
    """Runs the convolution and both gradients and compares them."""
    rng = np.random.default_rng(sum(x_shape) + 100 * sum(w_shape))
    x, w = rng.standard_normal(x_shape).astype(dtype), rng.standard_normal(w_shape).astype(dtype)
    y_shape = reference(x, w, None, strides, padding, dilations)[0].shape
    dy = rng.standard_normal(y_shape).astype(dtype)
    y, dx, dw = reference(x, w, dy, strides, padding, dilations)
    full = [(1, *strides, 1), (1, *dilations, 1)]

    def order(value: Any) -> Any:
        return value

    if data_format == "NCHW":
        full = [(1, 1, *strides), (1, 1, *dilations)]

        def order(value: Any) -> Any:
            return np.ascontiguousarray(np.moveaxis(value, -1, 1))

    found = attributes(full[0], padding, data_format, full[1])
    sizes = np.array(order(x).shape, np.int32), np.array(w.shape, np.int32)
    close(run_op(launcher, Conv2D(*found), order(x), w), order(y))
    close(run_op(launcher, Conv2DBackpropInput(*found), sizes[0], w, order(dy)), order(dx))
    close(run_op(launcher, Conv2DBackpropFilter(*found), order(x), sizes[1], order(dy)), dw)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("x", "w", "strides", "dilations"),
    [
        ((2, 9, 11, 3), (3, 3, 3, 5), (1, 1), (1, 1)),
        ((2, 14, 14, 32), (5, 5, 32, 20), (1, 1), (1, 1)),
        ((1, 28, 28, 1), (5, 5, 1, 32), (1, 1), (1, 1)),
        ((1, 13, 10, 4), (3, 2, 4, 6), (2, 2), (1, 1)),
        ((2, 12, 12, 5), (3, 3, 5, 8), (1, 1), (2, 2)),
        ((1, 17, 15, 3), (3, 3, 3, 4), (3, 2), (2, 4)),
        ((1, 8, 8, 2), (2, 2, 2, 3), (4, 3), (1, 1)),
        ((2, 7, 9, 2), (1, 1, 2, 3), (1, 1), (1, 1)),
        ((2, 7, 9, 2), (1, 1, 2, 3), (2, 3), (1, 1)),
        ((1, 6, 6, 300), (3, 3, 300, 17), (1, 1), (1, 1)),
        ((2, 19, 23, 12), (7, 7, 12, 6), (2, 2), (1, 1)),
        ((1, 15, 9, 16), (7, 5, 16, 40), (1, 1), (1, 1)),
        ((2, 11, 13, 40), (3, 3, 40, 33), (1, 1), (2, 3)),
        ((1, 21, 17, 33), (4, 3, 33, 64), (3, 2), (1, 1)),
        ((1, 11, 1, 3), (4, 1, 3, 3), (1, 1), (1, 1)),
        ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1), (1, 1)),
        ((2, 20, 19, 1), (17, 17, 1, 40), (1, 1), (1, 1)),
        ((3, 30, 31, 3), (7, 7, 3, 150), (2, 2), (1, 1)),
    ],
)
def test_channels_last(launcher: DirectLauncher, x: Any, w: Any, strides: Any, dilations: Any, padding: str) -> None:
    check(launcher, x, w, strides, dilations, padding)


@pytest.mark.parametrize(("strides", "w"), [((1, 1), (3, 3, 5, 8)), ((2, 3), (3, 2, 5, 8)), ((1, 1), (1, 1, 5, 8))])
def test_channels_first(launcher: DirectLauncher, strides: Any, w: Any) -> None:
    check(launcher, (2, 9, 21, 5), w, strides, (1, 1), "SAME", "NCHW")


def test_filter_larger_than_the_image(launcher: DirectLauncher) -> None:
    check(launcher, (1, 3, 2, 2), (5, 7, 2, 3), (1, 1), (1, 1), "SAME")
    check(launcher, (1, 3, 2, 18), (9, 7, 18, 33), (1, 1), (1, 1), "SAME")


@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_other_types(launcher: DirectLauncher, dtype: str) -> None:
    if dtype not in launcher.traits.dtypes:
        pytest.skip(f"the device has no {dtype}")
    check(launcher, (2, 9, 8, 3), (3, 3, 3, 5), (2, 1), (1, 1), "SAME", dtype=dtype)


def test_empty_batch_and_outputs(launcher: DirectLauncher) -> None:
    definition = Conv2D(*attributes((1, 1, 1, 1), "SAME", None))
    none = run_op(launcher, definition, np.ones((0, 5, 5, 2), np.float32), np.ones((3, 3, 2, 4), np.float32))
    assert none.shape == (0, 5, 5, 4)
    gradient = Conv2DBackpropFilterLike(*attributes((1, 1, 1, 1), "SAME", None))
    w = np.ones((3, 3, 2, 4), np.float32)
    zeros = run_op(launcher, gradient, np.ones((0, 5, 5, 2), np.float32), w, np.ones((0, 5, 5, 4), np.float32))
    assert np.array_equal(zeros, np.zeros(w.shape))


def test_the_same_numbers_each_time(launcher: DirectLauncher) -> None:
    rng = np.random.default_rng(0)
    x, dy = rng.random((8, 20, 20, 6), np.float32), rng.random((8, 20, 20, 7), np.float32)
    definition = Conv2DBackpropFilterLike(*attributes((1, 1, 1, 1), "SAME", None))
    w = np.zeros((3, 3, 6, 7), np.float32)
    first = run_op(launcher, definition, x, w, dy)
    assert all(np.array_equal(first, run_op(launcher, definition, x, w, dy)) for _ in range(3))


@pytest.mark.parametrize(("lanes", "registers", "memory"), [(16, 32, 262144), (4, 32, 32768), (8, 16, 16384)])
def test_other_processors_tiles(cpu: DirectLauncher, lanes: int, registers: int, memory: int) -> None:
    traits = replace(cpu.traits, lanes=lanes, vector_registers=registers, local_memory=memory)
    check(DirectLauncher(cpu.found, traits), (3, 12, 12, 20), (3, 3, 20, 40), (1, 1), (1, 1), "SAME")
    check(DirectLauncher(cpu.found, traits), (3, 12, 12, 20), (7, 7, 20, 7), (2, 2), (1, 1), "SAME")


def spec(*dims: int | None, value: Any = None) -> Spec:
    return Spec(dtypes.float32, dims) if value is None else Spec(dtypes.int32, dims, np.ma.masked_array(value))


def conv(strides: Any = (1, 1, 1, 1), padding: str = "SAME", data_format: str | None = None) -> tuple[Any, ...]:
    return attributes(strides, padding, data_format)


def test_unknown_dimensions_are_carried_on() -> None:
    assert Conv2D(*conv()).infer(spec(None, 28, None, 1), spec(5, 5, 1, 32)).dims == (None, 28, None, 32)
    assert Conv2D(*conv((1, 2, 2, 1), "VALID")).infer(spec(8, 28, 27, 3), spec(5, 4, 3, None)).dims == (8, 12, 12, None)
    assert Conv2D(*conv()).infer(Spec(dtypes.float32, None), spec(5, 5, 1, 32)).dims == (None, None, None, 32)
    sizes = Spec(dtypes.int32, (4,), np.ma.masked_array([0, 28, 28, 1], [True, False, False, False]))
    like = Conv2DBackpropInput(*conv()).infer(sizes, spec(5, 5, 1, 32), spec(None, 28, 28, 32))
    assert like.dims == (None, 28, 28, 1)
    unknown = Conv2DBackpropFilter(*conv()).infer(spec(2, 8, 8, 3), Spec(dtypes.int32, (4,)), spec(2, 8, 8, 5))
    assert unknown.dims == (None,) * 4


def test_what_is_certainly_wrong_is_named() -> None:
    with pytest.raises(ValueError, match=r"\(1, 28, 28, 3\).*\(5, 5, 1, 32\)"):
        Conv2D(*conv()).infer(spec(1, 28, 28, 3), spec(5, 5, 1, 32))
    with pytest.raises(ValueError, match=r"VALID.*\(1, 3, 3, 1\).*\(5, 5, 1, 32\)"):
        Conv2D(*conv(padding="VALID")).infer(spec(1, 3, 3, 1), spec(5, 5, 1, 32))
    with pytest.raises(ValueError, match="rank 4"):
        Conv2D(*conv()).infer(spec(28, 28, 3), spec(5, 5, 1, 32))
    with pytest.raises(ValueError, match=r"\(1, 14, 14, 32\).*\(1, 28, 28, 32\)"):
        Conv2DBackpropInputLike(*conv()).infer(spec(1, 28, 28, 1), spec(5, 5, 1, 32), spec(1, 14, 14, 32))
    with pytest.raises(TypeError, match="int32"):
        Conv2D(*conv()).infer(Spec(dtypes.int32, (1, 2, 2, 1)), Spec(dtypes.int32, (1, 1, 1, 1)))


@pytest.mark.parametrize(
    ("strides", "padding", "data_format", "message"),
    [
        ((2, 1, 1, 1), "SAME", None, "strides"),
        ((1, 1, 1, 2), "SAME", None, "strides"),
        ((1, 1, 2, 2), "SAME", None, "strides"),
        ((1, 1), "SAME", None, "strides"),
        ((1, 1, 1, 1), "FULL", None, "padding"),
        ((1, 1, 1, 1), "SAME", "CHWN", "data_format"),
    ],
)
def test_attributes_are_checked(strides: Any, padding: str, data_format: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        attributes(strides, padding, data_format)


def test_short_patches_are_read_where_they_are(cpu: DirectLauncher) -> None:
    """With few channels packing patches takes as long as multiplying them."""
    definition = Conv2D(*attributes((1, 1, 1, 1), "SAME", None))
    gradient = Conv2DBackpropFilter(*attributes((1, 1, 1, 1), "SAME", None))

    def kernels(channels: int) -> list[str]:
        x, w, y = (np.ones(s, np.float32) for s in ((1, 5, 5, channels), (3, 3, channels, 4), (1, 5, 5, 4)))
        cpu.calls.clear()
        run_op(cpu, definition, x, w)
        cpu.values[1] = np.array(w.shape, np.int32)
        run_op(cpu, gradient, x, cpu.values[1], y)
        return [name for name, _ in cpu.calls if name.startswith("conv")]

    assert kernels(3) == ["conv_direct", "conv_direct_grad_filter"]
    assert kernels(16) == ["conv", "conv_grad_filter"]
