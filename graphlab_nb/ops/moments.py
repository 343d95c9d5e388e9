"""Mean and variance, and normalization by them."""

from __future__ import annotations

from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import array, math
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.reduce import reduce_mean, reduce_sum


def moments(
    x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: bool = False, keepdims: bool | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over dimensions.

    The variance is the mean of the squared distances from the mean, which needs no shift to be exact.

    Args:
      x: a floating tensor.
      axes: dimensions over which both are taken: [0] of [batch, features], [0, 1, 2] of images for each channel.
      shift: accepted for TensorFlow's signature, without effect.
      name: name scope of the operations.
      keep_dims: whether the dimensions stay, with length 1.
      keepdims: another name for `keep_dims`.

    Returns:
      (mean, variance).

    Example:
      >>> tf.Session().run(tf.nn.moments([[1.0, 10.0], [3.0, 10.0]], [0]))
      (array([ 2., 10.], dtype=float32), array([1., 0.], dtype=float32))
    """
    if isinstance(shift, str):  # moments(x, axes, name) of early versions
        name = shift
    keep = keep_dims if keepdims is None else keepdims
    with name_scope(name or "moments"):
        x = convert_to_tensor(x, name="x")
        y = cast(x, dtypes.float32) if x.dtype.base_dtype is dtypes.float16 else x
        mean = reduce_mean(y, axes, keep_dims=True, name="mean")
        squared = math.squared_difference(y, mean)
        variance = reduce_mean(squared, axes, keep_dims=keep, name="variance")
        if not keep:
            mean = reduce_mean(y, axes)
        if y is not x:
            mean, variance = cast(mean, dtypes.float16), cast(variance, dtypes.float16)
        return mean, variance


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keep_dims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """What `normalize_moments` makes mean and variance of, to be summed over several batches first.

    Args:
      x: a floating tensor.
      axes: dimensions over which is summed.
      shift: a value near the mean that is taken off first, or None.
      keep_dims: whether the dimensions stay, with length 1.
      name: name scope of the operations.

    Returns:
      (count, sum of x - shift, sum of (x - shift)^2, shift).

    Example:
      >>> count, total, squares, _ = tf.nn.sufficient_statistics([[1.0], [3.0]], [0])
      >>> tf.Session().run([total, squares])
      [array([4.], dtype=float32), array([10.], dtype=float32)]
    """
    with name_scope(name or "sufficient_statistics"):
        x = convert_to_tensor(x, name="x")
        if shift is not None:
            shift = convert_to_tensor(shift, x.dtype.base_dtype, name="shift")
        moved = x if shift is None else x - shift
        sums = reduce_sum(moved, axes, keep_dims=keep_dims, name="mean_ss")
        squares = reduce_sum(math.square(moved), axes, keep_dims=keep_dims, name="var_ss")
        count = cast(array.size(x), x.dtype) / cast(array.size(sums), x.dtype)
        return count, sums, squares, shift


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance from what `sufficient_statistics` gave.

    Args:
      counts: number of elements that were summed, a scalar.
      mean_ss: sum of x - shift.
      variance_ss: sum of (x - shift)^2.
      shift: the shift that was used, or None.
      name: name scope of the operations.

    Returns:
      (mean, variance).

    Example:
      >>> tf.Session().run(tf.nn.normalize_moments(2.0, [4.0], [10.0]))
      (array([2.], dtype=float32), array([1.], dtype=float32))
    """
    with name_scope(name or "normalize"):
        share = math.reciprocal(convert_to_tensor(counts))
        moved = convert_to_tensor(mean_ss) * share
        mean = moved if shift is None else moved + shift
        return mean, variance_ss * share - math.square(moved)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float, name: str | None = None
) -> Tensor:
    """Normalizes by given moments: scale (x - mean) / sqrt(variance + variance_epsilon) + offset.

    Source: Ioffe, Szegedy, Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
    Shift (2015).

    Args:
      x: a floating tensor.
      mean: as `moments` gives it, with dimensions that broadcast to those of `x`.
      variance: likewise.
      offset: beta, or None.
      scale: gamma, or None.
      variance_epsilon: a small number that keeps the root from zero.
      name: name scope of the operations.

    Returns:
      A tensor of the shape of `x`.

    Example:
      >>> x = tf.constant([[1.0, 10.0], [3.0, 30.0]])
      >>> mean, variance = tf.nn.moments(x, [0])
      >>> tf.Session().run(tf.nn.batch_normalization(x, mean, variance, None, None, 1e-5)).round(3)
      array([[-1., -1.],
             [ 1.,  1.]], dtype=float32)
    """
    with name_scope(name or "batchnorm"):
        x = convert_to_tensor(x, name="x")
        factor = math.rsqrt(math.add(convert_to_tensor(variance, preferred_dtype=x.dtype), variance_epsilon))
        if scale is not None:
            factor = factor * scale
        shifted = -mean * factor if offset is None else offset - mean * factor
        return x * factor + shifted


def batch_norm_with_global_normalization(
    t: Any,
    m: Any,
    v: Any,
    beta: Any,
    gamma: Any,
    variance_epsilon: float,
    scale_after_normalization: bool,
    name: str | None = None,
) -> Tensor:
    """`batch_normalization` of images by channels, with TensorFlow 0.x's first signature.

    Args:
      t: [batch, height, width, channels].
      m: [channels], the mean.
      v: [channels], the variance.
      beta: [channels], added.
      gamma: [channels], multiplied where `scale_after_normalization` is set.
      variance_epsilon: a small number that keeps the root from zero.
      scale_after_normalization: whether gamma is used.
      name: name scope of the operations.

    Returns:
      A tensor of the shape of `t`.

    Example:
      >>> t = tf.reshape([1.0, 3.0], [1, 1, 2, 1])
      >>> y = tf.nn.batch_norm_with_global_normalization(t, [2.0], [1.0], [10.0], [2.0], 0.0, True)
      >>> tf.Session().run(y).round(3).ravel()
      array([ 8., 12.], dtype=float32)
    """
    return batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)


def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Batch normalization of images by channels.

    Args:
      x: [batch, height, width, channels], or [batch, channels, height, width] with data_format "NCHW".
      scale: [channels].
      offset: [channels].
      mean: [channels], for inference.
      variance: [channels], for inference.
      epsilon: added to the variance.
      data_format: "NHWC" or "NCHW".
      is_training: whether mean and variance are those of `x`.
      name: name scope of the operations.

    Returns:
      (y, mean, variance); in training the mean of the batch, and its variance with Bessel's correction n / (n - 1), to
      be averaged for inference.

    Raises:
      ValueError: an unknown data format; mean and variance given in training, or missing in inference.

    Example:
      >>> x = tf.reshape([1.0, 3.0], [1, 1, 2, 1])
      >>> y, mean, variance = tf.nn.fused_batch_norm(x, scale=[1.0], offset=[0.0])
      >>> tf.Session().run([mean, variance])
      [array([2.], dtype=float32), array([2.], dtype=float32)]
    """
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError(f"data_format must be NHWC or NCHW, not {data_format!r}")
    if is_training != (mean is None) or is_training != (variance is None):
        raise ValueError("mean and variance must be given where is_training is False, and not in training")
    with name_scope(name or "FusedBatchNorm"):
        x = convert_to_tensor(x, name="x")
        x.shape.assert_has_rank(4)

        def spread(values: Any) -> Tensor:
            values = convert_to_tensor(values, preferred_dtype=x.dtype.base_dtype)
            return array.reshape(values, [-1, 1, 1]) if data_format == "NCHW" else values

        if not is_training:
            y = batch_normalization(x, spread(mean), spread(variance), spread(offset), spread(scale), epsilon)
            return y, convert_to_tensor(mean), convert_to_tensor(variance)
        batch_mean, batch_variance = moments(x, [0, 2, 3] if data_format == "NCHW" else [0, 1, 2])
        y = batch_normalization(x, spread(batch_mean), spread(batch_variance), spread(offset), spread(scale), epsilon)
        count = cast(array.size(x), x.dtype) / cast(array.size(batch_mean), x.dtype)
        return y, batch_mean, batch_variance * (count / math.maximum(count - 1, 1.0))


__all__ = public_names(globals())
