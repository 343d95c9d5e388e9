"""Convolutions of images and their gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.ops.conv_rules import (
    ConvFilterGradient,
    ConvForward,
    ConvInputGradient,
    FilterShape,
    InputShape,
    attributes,
    link,
)
from graphlab_nb.ops.static import integers

if TYPE_CHECKING:
    from graphlab_nb.graph.tensor import Tensor


@frozen
class Conv2D(ConvForward):
    """y[n, i, j, o] = sum_abc x[n, i s - p + a d, j s - p + b d, c] w[a, b, c, o]."""

    input_names: ClassVar[tuple[str, ...]] = ("input", "filter")

    def infer(self, x: Spec, w: Spec) -> Spec:
        return self.rule(x, w)


@frozen
class Conv2DBackpropInput(ConvInputGradient):
    """The gradient of Conv2D with respect to its input."""

    input_names: ClassVar[tuple[str, ...]] = ("input_sizes", "filter", "out_backprop")

    def infer(self, sizes: Spec, w: Spec, dy: Spec) -> Spec:
        return self.rule(sizes, w, dy)


@frozen
class Conv2DBackpropInputLike(InputShape, Conv2DBackpropInput):
    """Conv2DBackpropInput that takes the input instead of its sizes."""

    type_name = "Conv2DBackpropInput"


@frozen
class Conv2DBackpropFilter(ConvFilterGradient):
    """The gradient of Conv2D with respect to its filter."""

    input_names: ClassVar[tuple[str, ...]] = ("input", "filter_sizes", "out_backprop")

    def infer(self, x: Spec, sizes: Spec, dy: Spec) -> Spec:
        return self.rule(x, sizes, dy)


@frozen
class Conv2DBackpropFilterLike(FilterShape, Conv2DBackpropFilter):
    """Conv2DBackpropFilter that takes the filter instead of its sizes."""

    type_name = "Conv2DBackpropFilter"


link(Conv2D, [Conv2DBackpropInput, Conv2DBackpropInputLike], [Conv2DBackpropFilter, Conv2DBackpropFilterLike])


def conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: str,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """Convolves images with filters: each result is the sum of a patch of the image times the filter, over all channels.

    Images [batch, height, width, channels] and a filter [filter_height, filter_width, channels, outputs] give
    [batch, out_height, out_width, outputs]. Strictly it correlates: the filter is not flipped.

    Args:
      input: [batch, height, width, channels], or [batch, channels, height, width] with data_format "NCHW"; floating.
      filter: [filter_height, filter_width, channels, outputs] of the same type.
      strides: four numbers, one for each dimension of the input; 1 for batch and channels.
      padding: "SAME" (zeros around the image, so that the output has 1/stride of its size) or "VALID" (no padding).
      use_cudnn_on_gpu: accepted for programs that give it, without effect.
      data_format: "NHWC" (default) or "NCHW".
      name: the operation's name.

    Returns:
      [batch, out_height, out_width, outputs], in the same data format.

    Raises:
      ValueError: shapes that do not fit each other, or attributes that are not valid.
      TypeError: types that differ or are not floating.

    Note:
      On processors, float32 convolutions of stride 1 with filters of 3x3 or 5x5, at least 16 channels and as many outputs
      go through Winograd's algorithm unless GLNB_WINOGRAD=0, as do their gradients: results are then within 4e-5 (3x3) or
      2e-5 (5x5) of the exact ones, relative to the largest of their channel, elsewhere within about 5e-6. An infinite
      input then makes NaN of all results of its tile, up to 6x6 of them.

    Example:
      >>> image, kernel = tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 1])
      >>> tf.Session().run(tf.nn.conv2d(image, kernel, [1, 1, 1, 1], "VALID"))[0, :, :, 0]
      array([[9., 9.],
             [9., 9.]], dtype=float32)
    """
    return apply(Conv2D(*attributes(strides, padding, data_format)), [input, filter], name)


def conv2d_backprop_input(
    input_sizes: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: str,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` with respect to its input.

    Args:
      input_sizes: the input's shape, four whole numbers or an int32 tensor of them.
      filter: the filter of the convolution.
      out_backprop: the gradient with respect to the convolution's output.
      strides: as in `conv2d`.
      padding: as in `conv2d`.
      use_cudnn_on_gpu: without effect.
      data_format: "NHWC" (default) or "NCHW".
      name: the operation's name.

    Returns:
      A tensor of shape `input_sizes`.

    Raises:
      ValueError: shapes that do not fit each other.

    Example:
      >>> kernel, dy = tf.ones([2, 2, 1, 1]), tf.ones([1, 2, 2, 1])
      >>> dx = tf.nn.conv2d_backprop_input([1, 3, 3, 1], kernel, dy, [1, 1, 1, 1], "VALID")
      >>> tf.Session().run(dx)[0, :, :, 0]
      array([[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]], dtype=float32)
    """
    inputs = [integers(input_sizes), filter, out_backprop]
    return apply(Conv2DBackpropInput(*attributes(strides, padding, data_format)), inputs, name)


def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: str,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` with respect to its filter.

    Args:
      input: the input of the convolution.
      filter_sizes: the filter's shape, four whole numbers or an int32 tensor of them.
      out_backprop: the gradient with respect to the convolution's output.
      strides: as in `conv2d`.
      padding: as in `conv2d`.
      use_cudnn_on_gpu: without effect.
      data_format: "NHWC" (default) or "NCHW".
      name: the operation's name.

    Returns:
      A tensor of shape `filter_sizes`.

    Raises:
      ValueError: shapes that do not fit each other.

    Example:
      >>> image, dy = tf.reshape(tf.range(9.0), [1, 3, 3, 1]), tf.ones([1, 2, 2, 1])
      >>> dw = tf.nn.conv2d_backprop_filter(image, [2, 2, 1, 1], dy, [1, 1, 1, 1], "VALID")
      >>> tf.Session().run(dw)[:, :, 0, 0]
      array([[ 8., 12.],
             [20., 24.]], dtype=float32)
    """
    inputs = [input, integers(filter_sizes), out_backprop]
    return apply(Conv2DBackpropFilter(*attributes(strides, padding, data_format)), inputs, name)


def conv2d_transpose(
    value: Any,
    filter: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of `conv2d`: what its gradient with respect to the input does, used to enlarge images.

    Args:
      value: [batch, height, width, channels], or channels first with data_format "NCHW".
      filter: [filter_height, filter_width, outputs, channels].
      output_shape: the result's shape, four whole numbers or an int32 tensor of them.
      strides: the strides of the convolution that this is the transpose of.
      padding: "SAME" or "VALID".
      data_format: "NHWC" (default) or "NCHW".
      name: the operation's name.

    Returns:
      A tensor of shape `output_shape`.

    Raises:
      ValueError: shapes that do not fit each other.

    Example:
      >>> image, kernel = tf.reshape([1.0, 2.0], [1, 1, 2, 1]), tf.ones([2, 2, 1, 1])
      >>> y = tf.nn.conv2d_transpose(image, kernel, [1, 2, 4, 1], [1, 2, 2, 1])
      >>> tf.Session().run(y)[0, :, :, 0]
      array([[1., 1., 2., 2.],
             [1., 1., 2., 2.]], dtype=float32)
    """
    return conv2d_backprop_input(
        output_shape, filter, value, strides, padding, data_format=data_format, name=name or "conv2d_transpose"
    )


def atrous_conv2d(value: Any, filters: Any, rate: int, padding: str, name: str | None = None) -> Tensor:
    """Convolves images with filters whose taps are `rate` positions apart.

    Args:
      value: [batch, height, width, channels].
      filters: [filter_height, filter_width, channels, outputs].
      rate: distance of neighbouring taps; 1 is `conv2d` with stride 1.
      padding: "SAME" or "VALID".
      name: the operation's name.

    Returns:
      [batch, out_height, out_width, outputs].

    Raises:
      ValueError: shapes that do not fit each other, or a rate below 1.

    Example:
      >>> image, taps = tf.reshape(tf.range(16.0), [1, 4, 4, 1]), tf.ones([2, 2, 1, 1])
      >>> tf.Session().run(tf.nn.atrous_conv2d(image, taps, 2, "VALID"))[0, :, :, 0]
      array([[20., 24.],
             [36., 40.]], dtype=float32)
    """
    definition = Conv2D(*attributes((1, 1, 1, 1), padding, "NHWC", (1, rate, rate, 1)))
    return apply(definition, [value, filters], name or "atrous_conv2d")


__all__ = public_names(globals())
