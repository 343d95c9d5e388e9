"""Depthwise and separable convolutions: filters of each channel alone, and products across channels after them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.launch import Array, DeviceTraits, Launcher
from graphlab_nb.ops import tiles
from graphlab_nb.ops.conv import conv2d
from graphlab_nb.ops.conv_rules import (
    ConvFilterGradient,
    ConvForward,
    ConvInputGradient,
    Convolution,
    FilterShape,
    InputShape,
    attributes,
    check_rank,
    link,
)
from graphlab_nb.ops.static import integers
from graphlab_nb.shapes import Dims, show

if TYPE_CHECKING:
    from graphlab_nb.graph.tensor import Tensor

FILE = "depthwise.cl"


class Depthwise(Convolution):
    """What depthwise convolutions and their gradients share beside what all convolutions do."""

    def output_dims(self, x: Dims, w: Dims) -> tuple[int | None, ...]:
        *rest, _ = super().output_dims(x, w)
        w = check_rank("filter", w, 4)
        x = check_rank("input", x, 4)
        assert x is not None and w is not None
        channels = w[2] if w[2] is not None else x[3]
        outputs = None if channels is None or w[3] is None else channels * w[3]
        return (*rest, outputs)

    def scalars(self, x: Sequence[int], w: Sequence[int], y: Sequence[int]) -> list[Any]:
        """The kernels' sizes, in their order."""
        shape = self.plan(x, w, y)
        pairs = [shape.image, shape.result, shape.taps, shape.stride, shape.pad, shape.dilation]
        return [*tiles.int32(x[0], w[2], w[3]), *(np.int32(v) for volume in pairs for v in volume[1:])]


def _defines(
    traits: DeviceTraits, dtype: DType, channels: int, multiplier: int, part: DType | None = None
) -> dict[str, Any]:
    width = 1
    if tiles.use_cpu_tiles(traits, dtype) and multiplier == 1:
        width = min(1 << channels.bit_length() - 1, max(1, traits.lanes * 4 // dtype.size))
    total = tiles.sum_dtype(dtype)
    defines = {"T": dtype.c_type, "ACC": total.c_type, "PART": (part or dtype).c_type, "WIDTH": width}
    return defines | ({"ON_CPU": None} if traits.is_cpu else {})


def _items(traits: DeviceTraits, vectors: int) -> int:
    """Vectors of a work-item: one on a GPU, on a CPU a share that keeps all cores busy."""
    return max(64, math.ceil(vectors / (8 * traits.compute_units))) if traits.is_cpu else 1


def _launch(
    run: Launcher, kernel: str, out: Array, inputs: Sequence[Array], scalars: list[Any], multiplier: int
) -> None:
    defines = _defines(run.traits, out.dtype, int(scalars[1]), multiplier)
    vectors = out.size // out.shape[-1] * math.ceil(out.shape[-1] / defines["WIDTH"])
    items = _items(run.traits, vectors)
    local = (1,) if run.traits.is_cpu else None
    run.kernel(FILE, kernel, [out, *inputs, *scalars, np.int32(items)], (math.ceil(vectors / items),), local, defines)


@frozen
class DepthwiseConv2dNative(Depthwise, ConvForward):
    """y[n, i, j, c m + q] = sum_ab x[n, i s - p + a d, j s - p + b d, c] w[a, b, c, q]."""

    input_names: ClassVar[tuple[str, ...]] = ("tensor_in", "filter_in")

    def infer(self, x: Spec, w: Spec) -> Spec:
        return self.rule(x, w)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, w = inputs
        _launch(run, "depthwise", outputs[0], inputs, self.scalars(x.shape, w.shape, outputs[0].shape), w.shape[3])


@frozen
class DepthwiseConv2dNativeBackpropInput(Depthwise, ConvInputGradient):
    """The gradient of DepthwiseConv2dNative with respect to its input."""

    input_names: ClassVar[tuple[str, ...]] = ("input_sizes", "filter", "out_backprop")

    def infer(self, sizes: Spec, w: Spec, dy: Spec) -> Spec:
        return self.rule(sizes, w, dy)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _, w, dy = inputs
        scalars = self.scalars(outputs[0].shape, w.shape, dy.shape)
        _launch(run, "depthwise_grad_input", outputs[0], [dy, w], scalars, w.shape[3])


@frozen
class DepthwiseConv2dNativeBackpropInputLike(InputShape, DepthwiseConv2dNativeBackpropInput):
    """DepthwiseConv2dNativeBackpropInput that takes the input instead of its sizes."""

    type_name = "DepthwiseConv2dNativeBackpropInput"


@frozen
class DepthwiseConv2dNativeBackpropFilter(Depthwise, ConvFilterGradient):
    """The gradient of DepthwiseConv2dNative with respect to its filter."""

    input_names: ClassVar[tuple[str, ...]] = ("input", "filter_sizes", "out_backprop")

    def infer(self, x: Spec, sizes: Spec, dy: Spec) -> Spec:
        return self.rule(x, sizes, dy)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, _, dy = inputs
        dw, traits = outputs[0], run.traits
        taps, multiplier = dw.shape[0] * dw.shape[1], dw.shape[3]
        positions = math.prod(dy.shape[:3])
        if positions == 0:
            run.zero(dw)
            return
        total = tiles.sum_dtype(dw.dtype)
        wanted = 8 * traits.compute_units if traits.is_cpu else 64 * traits.compute_units * 16
        parts = max(1, min(wanted // dw.size, positions // 64))
        part_steps = math.ceil(positions / parts)
        parts = math.ceil(positions / part_steps)
        part_type = dw.dtype if parts == 1 else total
        out = dw if parts == 1 else run.scratch((parts, dw.size), part_type)
        defines = _defines(traits, dw.dtype, dw.shape[2], multiplier, part_type)
        args = [out, x, dy, *self.scalars(x.shape, dw.shape, dy.shape), np.int32(part_steps)]
        grid = (math.ceil(dw.shape[2] * multiplier / defines["WIDTH"]), taps, parts)
        run.kernel(FILE, "depthwise_grad_filter", args, grid, (1, 1, 1) if traits.is_cpu else None, defines)
        if parts > 1:
            tiles.sum_parts(run, dw, out, parts)


@frozen
class DepthwiseConv2dNativeBackpropFilterLike(FilterShape, DepthwiseConv2dNativeBackpropFilter):
    """DepthwiseConv2dNativeBackpropFilter that takes the filter instead of its sizes."""

    type_name = "DepthwiseConv2dNativeBackpropFilter"


link(
    DepthwiseConv2dNative,
    [DepthwiseConv2dNativeBackpropInput, DepthwiseConv2dNativeBackpropInputLike],
    [DepthwiseConv2dNativeBackpropFilter, DepthwiseConv2dNativeBackpropFilterLike],
)


def depthwise_conv2d_native(input: Any, filter: Any, strides: Any, padding: str, name: str | None = None) -> Tensor:
    """Convolves each channel with filters of its own.

    Args:
      input: [batch, height, width, channels], floating.
      filter: [filter_height, filter_width, channels, multiplier] of the same type.
      strides: four numbers, 1 for batch and channels.
      padding: "SAME" or "VALID".
      name: the operation's name.

    Returns:
      [batch, out_height, out_width, channels * multiplier].

    Raises:
      ValueError: shapes that do not fit each other.

    Example:
      >>> x = tf.constant([[[[1.0, 2.0], [3.0, 4.0]]]])  # one row of two pixels with two channels
      >>> w = tf.constant([[[[1.0], [10.0]]]])  # 1 x 1: a factor for each channel
      >>> tf.Session().run(tf.nn.depthwise_conv2d_native(x, w, [1, 1, 1, 1], "SAME"))
      array([[[[ 1., 20.],
               [ 3., 40.]]]], dtype=float32)
    """
    return _depthwise(input, filter, strides, padding, None, name)


def depthwise_conv2d_native_backprop_input(
    input_sizes: Any, filter: Any, out_backprop: Any, strides: Any, padding: str, name: str | None = None
) -> Tensor:
    """The gradient of `depthwise_conv2d_native` with respect to its input, of shape `input_sizes`.

    Args:
      input_sizes: four whole numbers.
      filter: `[height, width, channels, multiplier]`.
      out_backprop: the gradient of the result.
      strides: as of `depthwise_conv2d_native`.
      padding: "SAME" or "VALID".
      name: the operation's name.

    Example:
      >>> w = tf.constant([[[[1.0], [10.0]]]])  # 1 x 1: a factor for each channel
      >>> dy = tf.ones([1, 1, 2, 2])
      >>> tf.Session().run(tf.nn.depthwise_conv2d_native_backprop_input([1, 1, 2, 2], w, dy, [1, 1, 1, 1], "SAME"))
      array([[[[ 1., 10.],
               [ 1., 10.]]]], dtype=float32)
    """
    definition = DepthwiseConv2dNativeBackpropInput(*attributes(strides, padding, None))
    return apply(definition, [integers(input_sizes), filter, out_backprop], name)


def depthwise_conv2d_native_backprop_filter(
    input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: str, name: str | None = None
) -> Tensor:
    """The gradient of `depthwise_conv2d_native` with respect to its filter, of shape `filter_sizes`.

    Args:
      input: pictures [batch, height, width, channels].
      filter_sizes: four whole numbers.
      out_backprop: the gradient of the result.
      strides: as of `depthwise_conv2d_native`.
      padding: "SAME" or "VALID".
      name: the operation's name.

    Example:
      >>> x = tf.constant([[[[1.0, 2.0], [3.0, 4.0]]]])  # one row of two pixels with two channels
      >>> dy = tf.ones([1, 1, 2, 2])
      >>> tf.Session().run(tf.nn.depthwise_conv2d_native_backprop_filter(x, [1, 1, 2, 1], dy, [1, 1, 1, 1], "SAME"))
      array([[[[4.],
               [6.]]]], dtype=float32)
    """
    definition = DepthwiseConv2dNativeBackpropFilter(*attributes(strides, padding, None))
    return apply(definition, [input, integers(filter_sizes), out_backprop], name)


def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: str, rate: Any = None, name: str | None = None
) -> Tensor:
    """Convolves each channel with filters of its own, whose taps may be apart.

    Args:
      input: [batch, height, width, channels], floating.
      filter: [filter_height, filter_width, channels, multiplier] of the same type.
      strides: four numbers, 1 for batch and channels; all 1 where a rate is above 1.
      padding: "SAME" or "VALID".
      rate: two numbers, the distances of neighbouring taps along height and width; 1 by default.
      name: the operation's name.

    Returns:
      [batch, out_height, out_width, channels * multiplier]; channel c's results stand at c * multiplier and after.

    Raises:
      ValueError: shapes that do not fit each other, or strides and rate both above 1.

    Example:
      >>> x = tf.constant([[[[1.0, 2.0], [3.0, 4.0]]]])  # one row of two pixels with two channels
      >>> w = tf.constant([[[[1.0], [10.0]]]])  # 1 x 1: a factor for each channel
      >>> tf.Session().run(tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME"))
      array([[[[ 1., 20.],
               [ 3., 40.]]]], dtype=float32)
    """
    return _depthwise(input, filter, strides, padding, rate, name or "depthwise")


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
) -> Tensor:
    """A depthwise convolution, whose channels are then mixed at each position.

    Args:
      input: [batch, height, width, channels], floating.
      depthwise_filter: [filter_height, filter_width, channels, multiplier].
      pointwise_filter: [1, 1, channels * multiplier, outputs].
      strides: strides of the depthwise convolution: four numbers, 1 for batch and channels.
      padding: "SAME" or "VALID".
      rate: distances of neighbouring taps along height and width; 1 by default.
      name: the name of the last operation.

    Returns:
      [batch, out_height, out_width, outputs].

    Raises:
      ValueError: shapes that do not fit each other.

    Example:
      >>> x = tf.constant([[[[1.0, 2.0], [3.0, 4.0]]]])  # one row of two pixels with two channels
      >>> w = tf.constant([[[[1.0], [10.0]]]])  # 1 x 1: a factor for each channel
      >>> tf.Session().run(tf.nn.separable_conv2d(x, w, tf.ones([1, 1, 2, 1]), [1, 1, 1, 1], "SAME"))
      array([[[[21.],
               [43.]]]], dtype=float32)
    """
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as scope:
        middle = depthwise_conv2d(input, depthwise_filter, strides, padding, rate)
        pointwise = convert_to_tensor(
            pointwise_filter, preferred_dtype=middle.dtype.base_dtype, name="pointwise_filter"
        )
        if pointwise.dims is not None and any(d not in (1, None) for d in pointwise.dims[:2]):
            raise ValueError(f"the pointwise filter must be [1, 1, channels, outputs], not {show(pointwise.dims)}")
        return conv2d(middle, pointwise, [1, 1, 1, 1], "VALID", name=scope)


def _depthwise(input: Any, filter: Any, strides: Any, padding: str, rate: Any, name: str | None) -> Tensor:
    rates = (1, 1) if rate is None else tuple(int(r) for r in rate)
    if max(rates) > 1 and max(strides) > 1:
        raise ValueError(f"strides {list(strides)} and rate {list(rates)} cannot both be above 1")
    return apply(DepthwiseConv2dNative(*attributes(strides, padding, None, (1, *rates, 1))), [input, filter], name)


__all__ = public_names(globals())
