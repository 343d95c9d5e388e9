"""Convolutions over one and three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.ops.conv import conv2d
from graphlab_nb.ops.conv_rules import (
    ConvFilterGradient,
    ConvForward,
    ConvInputGradient,
    FilterShape,
    InputShape,
    attributes,
    link,
)
from graphlab_nb.ops.shaping import expand_dims, squeeze
from graphlab_nb.ops.static import integers

if TYPE_CHECKING:
    from graphlab_nb.graph.tensor import Tensor


@frozen
class Conv3D(ConvForward):
    """y[n, h, i, j, o] = sum_zabc x[n, h s - p + z d, i s - p + a d, j s - p + b d, c] w[z, a, b, c, o]."""

    spatial: ClassVar[int] = 3
    input_names: ClassVar[tuple[str, ...]] = ("input", "filter")

    def infer(self, x: Spec, w: Spec) -> Spec:
        return self.rule(x, w)


@frozen
class Conv3DBackpropInputV2(ConvInputGradient):
    """The gradient of Conv3D with respect to its input, from the input's sizes."""

    spatial: ClassVar[int] = 3
    input_names: ClassVar[tuple[str, ...]] = ("input_sizes", "filter", "out_backprop")

    def infer(self, sizes: Spec, w: Spec, dy: Spec) -> Spec:
        return self.rule(sizes, w, dy)


@frozen
class Conv3DBackpropInput(InputShape, Conv3DBackpropInputV2):
    """The gradient of Conv3D with respect to its input, from the input's shape."""


@frozen
class Conv3DBackpropFilterV2(ConvFilterGradient):
    """The gradient of Conv3D with respect to its filter, from the filter's sizes."""

    spatial: ClassVar[int] = 3
    input_names: ClassVar[tuple[str, ...]] = ("input", "filter_sizes", "out_backprop")

    def infer(self, x: Spec, sizes: Spec, dy: Spec) -> Spec:
        return self.rule(x, sizes, dy)


@frozen
class Conv3DBackpropFilter(FilterShape, Conv3DBackpropFilterV2):
    """The gradient of Conv3D with respect to its filter, from the filter's shape."""


link(Conv3D, [Conv3DBackpropInputV2, Conv3DBackpropInput], [Conv3DBackpropFilterV2, Conv3DBackpropFilter])


def conv3d(
    input: Any, filter: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """Convolves volumes with filters (strictly: correlates them, the filter is not flipped).

    Args:
      input: [batch, depth, height, width, channels]; with data_format "NCDHW" channels before the depth. Floating.
      filter: [filter_depth, filter_height, filter_width, channels, outputs] of the same type.
      strides: five numbers, one for each dimension of the input; 1 for batch and channels.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" (default) or "NCDHW".
      name: the operation's name.

    Returns:
      [batch, out_depth, out_height, out_width, outputs], in the same data format.

    Raises:
      ValueError: shapes that do not fit each other, or attributes that are not valid.
      TypeError: types that differ or are not floating.

    Example:
      >>> volume, kernel = tf.ones([1, 3, 3, 3, 1]), tf.ones([2, 2, 2, 1, 1])
      >>> tf.Session().run(tf.nn.conv3d(volume, kernel, [1, 1, 1, 1, 1], "VALID"))[0, 0, :, :, 0]
      array([[8., 8.],
             [8., 8.]], dtype=float32)
    """
    return apply(Conv3D(*attributes(strides, padding, data_format, rank=5)), [input, filter], name)


def conv3d_backprop_filter_v2(
    input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: str, name: str | None = None
) -> Tensor:
    """The gradient of `conv3d` with respect to its filter.

    Args:
      input: volumes [batch, depth, height, width, channels].
      filter_sizes: five whole numbers.
      out_backprop: the gradient of the result.
      strides: as of `conv3d`.
      padding: "SAME" or "VALID".
      name: the operation's name.

    Returns:
      A tensor of shape `filter_sizes`.

    Example:
      >>> volume, dy = tf.ones([1, 3, 3, 3, 1]), tf.ones([1, 2, 2, 2, 1])
      >>> dw = tf.nn.conv3d_backprop_filter_v2(volume, [2, 2, 2, 1, 1], dy, [1, 1, 1, 1, 1], "VALID")
      >>> tf.Session().run(dw)[0, :, :, 0, 0]
      array([[8., 8.],
             [8., 8.]], dtype=float32)
    """
    inputs = [input, integers(filter_sizes), out_backprop]
    return apply(Conv3DBackpropFilterV2(*attributes(strides, padding, None, rank=5)), inputs, name)


def conv3d_transpose(
    value: Any,
    filter: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of `conv3d`: what its gradient with respect to the input does.

    Args:
      value: [batch, depth, height, width, channels].
      filter: [filter_depth, filter_height, filter_width, outputs, channels].
      output_shape: the result's shape, five whole numbers or an int32 tensor of them.
      strides: the strides of the convolution that this is the transpose of.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" (default) or "NCDHW".
      name: the operation's name.

    Returns:
      A tensor of shape `output_shape`.

    Raises:
      ValueError: shapes that do not fit each other.

    Example:
      >>> volume, kernel = tf.ones([1, 1, 1, 2, 1]), tf.ones([2, 2, 2, 1, 1])
      >>> y = tf.nn.conv3d_transpose(volume, kernel, [1, 2, 2, 4, 1], [1, 2, 2, 2, 1])
      >>> tf.Session().run(y)[0, 0, :, :, 0]
      array([[1., 1., 1., 1.],
             [1., 1., 1., 1.]], dtype=float32)
    """
    definition = Conv3DBackpropInputV2(*attributes(strides, padding, data_format, rank=5))
    return apply(definition, [integers(output_shape), filter, value], name or "conv3d_transpose")


def conv1d(
    value: Any,
    filters: Any,
    stride: int,
    padding: str,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """Convolves sequences with filters, as images of height 1.

    Args:
      value: [batch, width, channels], or [batch, channels, width] with data_format "NCHW" (or "NCW").
      filters: [filter_width, channels, outputs] of the same type.
      stride: distance of neighbouring results' patches.
      padding: "SAME" or "VALID".
      use_cudnn_on_gpu: accepted for programs that give it, without effect.
      data_format: "NHWC" (default, also "NWC") or "NCHW" (also "NCW").
      name: the operation's name.

    Returns:
      [batch, out_width, outputs], in the same data format.

    Raises:
      ValueError: shapes that do not fit each other, or attributes that are not valid.

    Example:
      >>> row, kernel = tf.reshape([1.0, 2.0, 3.0, 4.0], [1, 4, 1]), tf.ones([2, 1, 1])
      >>> tf.Session().run(tf.nn.conv1d(row, kernel, 1, "VALID"))[0, :, 0]
      array([3., 5., 7.], dtype=float32)
    """
    data_format = {None: "NHWC", "NWC": "NHWC", "NCW": "NCHW"}.get(data_format, data_format)
    axis = 2 if data_format == "NCHW" else 1
    strides = [1, 1, 1, 1]
    strides[axis + 1] = stride
    with name_scope(name, "conv1d"):
        value = expand_dims(value, axis)
        filters = expand_dims(convert_to_tensor(filters, preferred_dtype=value.dtype.base_dtype), 0)
        return squeeze(conv2d(value, filters, strides, padding, data_format=data_format), [axis])


__all__ = public_names(globals())
