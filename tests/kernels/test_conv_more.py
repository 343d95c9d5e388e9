"""Depthwise convolutions and convolutions of volumes on every OpenCL device against NumPy in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab_nb import dtypes
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.ops.conv_more import Conv3D, Conv3DBackpropFilterV2, Conv3DBackpropInputV2
from graphlab_nb.ops.conv_rules import attributes
from graphlab_nb.ops.depthwise import (
    DepthwiseConv2dNative,
    DepthwiseConv2dNativeBackpropFilter,
    DepthwiseConv2dNativeBackpropInput,
)
from tests.kernels.conv_reference import close, depthwise_reference, reference
from tests.kernels.harness import DirectLauncher, launchers, run_op


@pytest.fixture(scope="module", params=launchers(), ids=str)
def launcher(request: Any) -> DirectLauncher:
    """Each device, and each CPU treated as a GPU too."""
    return request.param.make()


def check(launcher: DirectLauncher, kinds: Any, function: Any, x_shape: Any, w_shape: Any, strides: Any, dilations: Any,
          padding: str, dtype: str = "float32") -> None:  # fmt: skip
    rng = np.random.default_rng(sum(x_shape) + 100 * sum(w_shape))
    x, w = rng.standard_normal(x_shape).astype(dtype), rng.standard_normal(w_shape).astype(dtype)
    dy = rng.standard_normal(function(x, w, None, strides, padding, dilations)[0].shape).astype(dtype)
    y, dx, dw = function(x, w, dy, strides, padding, dilations)
    found = attributes((1, *strides, 1), padding, None, (1, *dilations, 1), rank=x.ndim)
    close(run_op(launcher, kinds[0](*found), x, w), y)
    close(run_op(launcher, kinds[1](*found), np.array(x_shape, np.int32), w, dy), dx)
    close(run_op(launcher, kinds[2](*found), x, np.array(w_shape, np.int32), dy), dw)


DEPTHWISE = DepthwiseConv2dNative, DepthwiseConv2dNativeBackpropInput, DepthwiseConv2dNativeBackpropFilter
VOLUMES = Conv3D, Conv3DBackpropInputV2, Conv3DBackpropFilterV2


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("x", "w", "strides", "dilations"),
    [
        ((2, 9, 11, 16), (3, 3, 16, 1), (1, 1), (1, 1)),
        ((2, 9, 11, 6), (3, 2, 6, 1), (2, 3), (1, 1)),
        ((3, 12, 10, 3), (3, 3, 3, 4), (2, 1), (1, 1)),
        ((1, 12, 12, 8), (3, 3, 8, 2), (1, 1), (2, 3)),
        ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1), (1, 1)),
    ],
)
def test_depthwise(launcher: DirectLauncher, x: Any, w: Any, strides: Any, dilations: Any, padding: str) -> None:
    check(launcher, DEPTHWISE, depthwise_reference, x, w, strides, dilations, padding)


@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_depthwise_of_other_types(launcher: DirectLauncher, dtype: str) -> None:
    if dtype not in launcher.traits.dtypes:
        pytest.skip(f"the device has no {dtype}")
    check(launcher, DEPTHWISE, depthwise_reference, (2, 7, 6, 8), (3, 3, 8, 1), (1, 1), (1, 1), "SAME", dtype)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("x", "w", "strides"),
    [
        ((2, 5, 7, 6, 3), (3, 3, 3, 3, 5), (1, 1, 1)),
        ((1, 8, 7, 9, 2), (2, 3, 1, 2, 4), (2, 3, 1)),
        ((1, 3, 4, 5, 6), (1, 1, 1, 6, 2), (1, 1, 1)),
    ],
)
def test_volumes(launcher: DirectLauncher, x: Any, w: Any, strides: Any, padding: str) -> None:
    check(launcher, VOLUMES, reference, x, w, strides, (1, 1, 1), padding)


def test_depthwise_shapes() -> None:
    definition = DepthwiseConv2dNative(*attributes((1, 1, 1, 1), "SAME", None))
    x = Spec(dtypes.float32, (None, 8, None, 3))
    assert definition.infer(x, Spec(dtypes.float32, (3, 3, 3, 2))).dims == (None, 8, None, 6)
    assert definition.infer(x, Spec(dtypes.float32, (3, 3, None, 2))).dims == (None, 8, None, 6)
    with pytest.raises(ValueError, match=r"3 channels.*\(3, 3, 4, 2\)"):
        definition.infer(x, Spec(dtypes.float32, (3, 3, 4, 2)))


def test_volume_shapes() -> None:
    definition = Conv3D(*attributes((1, 2, 2, 2, 1), "VALID", None, rank=5))
    x = Spec(dtypes.float32, (None, 9, 8, None, 3))
    assert definition.infer(x, Spec(dtypes.float32, (3, 3, 3, 3, 4))).dims == (None, 4, 3, None, 4)
    with pytest.raises(ValueError, match="rank 5"):
        definition.infer(Spec(dtypes.float32, (1, 8, 8, 3)), Spec(dtypes.float32, (3, 3, 3, 3, 4)))
