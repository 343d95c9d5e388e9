"""The initializers of `tf.contrib.layers`, by the number of inputs and outputs that a unit of the layer has."""

from __future__ import annotations

import math
from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.initializers import Initializer, fan_chooser, fans, floating, whole
from graphlab_nb.ops.random import random_uniform, truncated_normal


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = dtypes.float32,
) -> Initializer:
    """An initializer with the variance factor / n, where n is a layer's number of inputs, outputs or their mean.

    Normal numbers are truncated, and drawn wider by sqrt(1.3) so that the variance is right after that.

    Args:
      factor: 2 before relu (He et al., 2015), 1 with `FAN_AVG` for Glorot and Bengio (2010).
      mode: what n is: "FAN_IN", "FAN_OUT" or "FAN_AVG".
      uniform: uniform rather than truncated normal numbers.
      seed: see `tf.set_random_seed`.
      dtype: element type where the initializer is called without one.

    Raises:
      TypeError: an integer type.
      ValueError: a mode that is none of these.

    Example:
      >>> init = tf.contrib.layers.variance_scaling_initializer()  # before relu
      >>> tf.get_variable("w", [784, 100], initializer=init).get_shape()
      TensorShape([784, 100])
    """
    default = dtypes.as_dtype(dtype)
    if not default.is_floating:
        raise TypeError(f"variance_scaling_initializer makes numbers of floating-point type, not {default.name}")
    choose = fan_chooser(mode)

    def initializer(shape: Any, dtype: Any = default, partition_info: Any = None) -> Tensor:
        dtype = floating(dtype, "variance_scaling_initializer")
        variance = factor / choose(*fans(whole(shape, partition_info)))
        if uniform:
            limit = math.sqrt(3.0 * variance)
            return random_uniform(shape, -limit, limit, dtype, seed=seed)
        return truncated_normal(shape, 0.0, math.sqrt(1.3 * variance), dtype, seed=seed)

    return initializer


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = dtypes.float32) -> Initializer:
    """Numbers that keep the scale of values and gradients alike, of variance 2 / (inputs + outputs).

    (Glorot and Bengio, 2010; in convolutions, inputs and outputs are counted over the window.)

    Args:
      uniform: whether numbers are uniform; else they are normal, and truncated.
      seed: of the random numbers.
      dtype: element type of what it makes.

    Example:
      >>> w = tf.get_variable("w", [784, 10], initializer=tf.contrib.layers.xavier_initializer())
      >>> w.get_shape()
      TensorShape([784, 10])
    """
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


xavier_initializer_conv2d = xavier_initializer

__all__: list[str] = []
"""None of these is a name of `tf` itself."""
