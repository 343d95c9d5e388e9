"""Initializers: what a new variable of a given shape starts from.

An initializer is called with a shape and a type, `initializer(shape, dtype=float32)`, and gives a tensor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, overload

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import constant
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.array import ones, zeros
from graphlab_nb.ops.random import random_normal, random_uniform, truncated_normal
from graphlab_nb.shapes import as_shape

Initializer = Callable[..., Tensor]


def floating(dtype: Any, what: str) -> DType:
    """`dtype`, checked to be floating for the initializer called `what`."""
    found = dtypes.as_dtype(dtype).base_dtype
    if not found.is_floating:
        raise ValueError(f"{what} makes numbers of floating-point type, not {found.name}")
    return found


@overload
def zeros_initializer(shape: None = None, dtype: Any = ..., partition_info: Any = None) -> Initializer: ...


@overload
def zeros_initializer(shape: Any, dtype: Any = ..., partition_info: Any = None) -> Tensor: ...


def zeros_initializer(shape: Any = None, dtype: Any = dtypes.float32, partition_info: Any = None) -> Any:
    """Zeros: with a shape it is the initializer itself, and without one it gives the initializer.

    Args:
      shape: the tensor's shape; None for the initializer.
      dtype: element type.
      partition_info: accepted for TensorFlow's signature.

    Example:
      >>> w = tf.get_variable("w", [2, 3], initializer=tf.zeros_initializer())
      >>> tf.Session().run(w.initialized_value())
      array([[0., 0., 0.],
             [0., 0., 0.]], dtype=float32)
    """
    if _is_shape(shape):
        return zeros(shape, dtype)
    return _filler(zeros, dtype if shape is None else shape)


@overload
def ones_initializer(shape: None = None, dtype: Any = ..., partition_info: Any = None) -> Initializer: ...


@overload
def ones_initializer(shape: Any, dtype: Any = ..., partition_info: Any = None) -> Tensor: ...


def ones_initializer(shape: Any = None, dtype: Any = dtypes.float32, partition_info: Any = None) -> Any:
    """Ones: with a shape it is the initializer itself, and without one it gives the initializer.

    Args:
      shape: the tensor's shape; None for the initializer.
      dtype: element type.
      partition_info: accepted for TensorFlow's signature.

    Example:
      >>> w = tf.get_variable("w", [2, 3], initializer=tf.ones_initializer())
      >>> tf.Session().run(w.initialized_value())
      array([[1., 1., 1.],
             [1., 1., 1.]], dtype=float32)
    """
    if _is_shape(shape):
        return ones(shape, dtype)
    return _filler(ones, dtype if shape is None else shape)


def _is_shape(value: Any) -> bool:
    """Whether a first argument is a shape; `zeros_initializer(tf.float32)` gives the type there."""
    return value is not None and not isinstance(value, (DType, str, type))


def _filler(make: Callable[[Any, Any], Tensor], default: Any) -> Initializer:
    def initializer(shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return make(shape, default if dtype is None else dtype)

    return initializer


def constant_initializer(value: Any = 0, dtype: Any = dtypes.float32, verify_shape: bool = False) -> Initializer:
    """An initializer that fills with `value`, or with the list `value`, whose last element is repeated.

    Args:
      value: a number, list or NumPy array.
      dtype: element type where the initializer is called without one.
      verify_shape: whether a list must have the variable's shape.

    Example:
      >>> b = tf.get_variable("b", [2], initializer=tf.constant_initializer(0.1))
      >>> with tf.Session() as sess:
      ...     sess.run(b.initializer)
      ...     print(sess.run(b))
      [0.1 0.1]
    """

    def initializer(shape: Any, dtype: Any = dtype, partition_info: Any = None) -> Tensor:
        if verify_shape and np.shape(value) != tuple(as_shape(shape).as_list()):
            raise TypeError(f"The initial value has shape {list(np.shape(value))}, but the variable has shape {shape}")
        return constant(value, dtype, shape)

    return initializer


def random_uniform_initializer(
    minval: Any = 0.0, maxval: Any = None, seed: int | None = None, dtype: Any = dtypes.float32
) -> Initializer:
    """An initializer with numbers uniform in [minval, maxval).

    Args:
      minval: the lower bound.
      maxval: the upper bound; 1 by default for floats.
      seed: see `tf.set_random_seed`.
      dtype: element type where the initializer is called without one.

    Example:
      >>> w = tf.get_variable("w", [100, 50], initializer=tf.random_uniform_initializer(-0.1, 0.1))
      >>> bool((abs(tf.Session().run(w.initialized_value())) <= 0.1).all())
      True
    """

    def initializer(shape: Any, dtype: Any = dtype, partition_info: Any = None) -> Tensor:
        high = 1 if maxval is None and dtypes.as_dtype(dtype).is_floating else maxval
        return random_uniform(shape, minval, high, dtype, seed=seed)

    return initializer


def random_normal_initializer(
    mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32
) -> Initializer:
    """An initializer with normal numbers.

    Args:
      mean: their mean.
      stddev: their standard deviation.
      seed: see `tf.set_random_seed`.
      dtype: element type where the initializer is called without one.

    Raises:
      ValueError: an integer type.

    Example:
      >>> w = tf.get_variable("w", [784, 10], initializer=tf.random_normal_initializer(stddev=0.1))
      >>> w.get_shape()
      TensorShape([784, 10])
    """
    default = floating(dtype, "random_normal_initializer")

    def initializer(shape: Any, dtype: Any = default, partition_info: Any = None) -> Tensor:
        return random_normal(shape, mean, stddev, floating(dtype, "random_normal_initializer"), seed=seed)

    return initializer


def truncated_normal_initializer(
    mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32
) -> Initializer:
    """An initializer with normal numbers, those beyond two standard deviations left out.

    Args:
      mean: their mean.
      stddev: their standard deviation before leaving any out.
      seed: see `tf.set_random_seed`.
      dtype: element type where the initializer is called without one.

    Raises:
      ValueError: an integer type.

    Example:
      >>> w = tf.get_variable("w", [784, 10], initializer=tf.truncated_normal_initializer(stddev=0.1))
      >>> w.get_shape()
      TensorShape([784, 10])
    """
    default = floating(dtype, "truncated_normal_initializer")

    def initializer(shape: Any, dtype: Any = default, partition_info: Any = None) -> Tensor:
        return truncated_normal(shape, mean, stddev, floating(dtype, "truncated_normal_initializer"), seed=seed)

    return initializer


def uniform_unit_scaling_initializer(
    factor: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32, full_shape: Any = None
) -> Initializer:
    """An initializer that keeps the scale of the input: uniform in +-factor * sqrt(3 / inputs).

    (Sussillo and Abbott, 2014.)

    Args:
      factor: for linear layers 1, about 1.15 before tanh and 1.43 before relu.
      seed: see `tf.set_random_seed`.
      dtype: element type where the initializer is called without one.
      full_shape: the shape from which the number of inputs is taken, where it is not the variable's.

    Raises:
      ValueError: an integer type.

    Example:
      >>> w = tf.get_variable("w", [100, 50], initializer=tf.uniform_unit_scaling_initializer())
      >>> bool((abs(tf.Session().run(w.initialized_value())) <= (3 / 100) ** 0.5).all())
      True
    """
    default = floating(dtype, "uniform_unit_scaling_initializer")

    def initializer(shape: Any, dtype: Any = default, partition_info: Any = None) -> Tensor:
        inputs = max(
            1, math.prod(_lengths(full_shape if full_shape is not None else whole(shape, partition_info))[:-1])
        )
        limit = math.sqrt(3.0 / inputs) * factor
        return random_uniform(shape, -limit, limit, floating(dtype, "uniform_unit_scaling_initializer"), seed=seed)

    return initializer


def _lengths(shape: Any) -> list[int]:
    known = as_shape(shape)
    known.assert_is_fully_defined()
    return [int(n) for n in known]


def whole(shape: Any, partition_info: Any) -> Any:
    """The shape of the variable of which an initializer fills a shard, or that which it fills."""
    return shape if partition_info is None else partition_info.full_shape


def fans(shape: Any) -> tuple[float, float]:
    """How many inputs and outputs a unit of a layer has whose weights have this shape.

    The last two dimensions are inputs and outputs; those before them, a convolution's window, multiply both.
    """
    lengths = _lengths(shape)
    if not lengths:
        return 1.0, 1.0
    window = math.prod(lengths[:-2])
    return float(lengths[-2 if len(lengths) > 1 else -1] * window), float(lengths[-1] * window)


def variance_scaling_initializer(
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "normal",
    seed: int | None = None,
    dtype: Any = dtypes.float32,
) -> Initializer:
    """An initializer with the variance scale / n, where n is a layer's number of inputs, outputs or their mean.

    Args:
      scale: a positive number; 2 before relu (He et al., 2015).
      mode: what n is: "fan_in", "fan_out" or "fan_avg".
      distribution: "normal" (truncated, of standard deviation sqrt(scale / n)) or "uniform".
      seed: see `tf.set_random_seed`.
      dtype: element type where the initializer is called without one.

    Raises:
      ValueError: an argument that is none of these.

    Example:
      >>> w = tf.get_variable("w", [784, 10], initializer=tf.variance_scaling_initializer(2.0))
      >>> w.get_shape()
      TensorShape([784, 10])
    """
    if scale <= 0:
        raise ValueError(f"scale must be positive, not {scale}")
    choose = fan_chooser(mode)
    if distribution not in ("normal", "uniform"):
        raise ValueError(f"distribution must be normal or uniform, not {distribution!r}")
    default = floating(dtype, "variance_scaling_initializer")

    def initializer(shape: Any, dtype: Any = default, partition_info: Any = None) -> Tensor:
        dtype = floating(dtype, "variance_scaling_initializer")
        variance = scale / max(1.0, choose(*fans(whole(shape, partition_info))))
        if distribution == "normal":
            return truncated_normal(shape, 0.0, math.sqrt(variance), dtype, seed=seed)
        limit = math.sqrt(3.0 * variance)
        return random_uniform(shape, -limit, limit, dtype, seed=seed)

    return initializer


def fan_chooser(mode: str) -> Callable[[float, float], float]:
    """The function that chooses or averages the two numbers that `fans` gives."""
    choices: dict[str, Callable[[float, float], float]] = {
        "fan_in": lambda fan_in, fan_out: fan_in,
        "fan_out": lambda fan_in, fan_out: fan_out,
        "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
    }
    found = choices.get(mode.lower())
    if found is None:
        raise ValueError(f"mode must be one of fan_in, fan_out and fan_avg, not {mode!r}")
    return found


def glorot_uniform_initializer(seed: int | None = None, dtype: Any = dtypes.float32) -> Initializer:
    """Uniform numbers of variance 2 / (inputs + outputs) (Glorot and Bengio, 2010).

    Args:
      seed: of the random numbers.
      dtype: element type of what it makes.

    Example:
      >>> w = tf.get_variable("w", [100, 50], initializer=tf.glorot_uniform_initializer())
      >>> bool((abs(tf.Session().run(w.initialized_value())) <= (6 / (100 + 50)) ** 0.5).all())
      True
    """
    return variance_scaling_initializer(1.0, "fan_avg", "uniform", seed, dtype)


def glorot_normal_initializer(seed: int | None = None, dtype: Any = dtypes.float32) -> Initializer:
    """Truncated normal numbers of standard deviation sqrt(2 / (inputs + outputs)) (Glorot and Bengio, 2010).

    Args:
      seed: of the random numbers.
      dtype: element type of what it makes.

    Example:
      >>> w = tf.get_variable("w", [784, 10], initializer=tf.glorot_normal_initializer())
      >>> w.get_shape()
      TensorShape([784, 10])
    """
    return variance_scaling_initializer(1.0, "fan_avg", "normal", seed, dtype)


__all__ = [name for name in public_names(globals()) if name not in ("fan_chooser", "fans", "floating", "whole")]
