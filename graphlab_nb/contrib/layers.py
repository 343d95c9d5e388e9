"""`tf.contrib.layers`: initializers and regularizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphlab_nb.graph import scopes
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import math, normalize, reduce
from graphlab_nb.ops.contrib_initializers import (
    variance_scaling_initializer,
    xavier_initializer,
    xavier_initializer_conv2d,
)

Regularizer = Callable[[Any], Tensor | None]


def l1_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """A regularizer that adds `scale` times the sum of the weights' absolute values; None for a scale of 0.

    Args:
      scale: a number that is not negative.
      scope: name scope of the penalty's operations.

    Raises:
      ValueError: for a scale that is no number or negative.

    Example:
      >>> penalty = tf.contrib.layers.l1_regularizer(0.5)
      >>> tf.Session().run(penalty(tf.constant([1.0, -2.0])))
      np.float32(1.5)
    """
    return _regularizer("l1_regularizer", scale, scope, lambda w: reduce.reduce_sum(math.abs(w)))


def l2_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """A regularizer that adds `scale` times half the sum of the weights' squares; None for a scale of 0.

    Args:
      scale: a number that is not negative.
      scope: name scope of the penalty's operations.

    Raises:
      ValueError: for a scale that is no number or negative.

    Example:
      >>> penalty = tf.contrib.layers.l2_regularizer(0.5)
      >>> tf.Session().run(penalty(tf.constant([1.0, 2.0])))
      np.float32(1.25)
    """
    return _regularizer("l2_regularizer", scale, scope, normalize.l2_loss)


def _regularizer(name: str, scale: Any, scope: str | None, penalty: Callable[[Any], Tensor]) -> Regularizer:
    if not isinstance(scale, (int, float)) or isinstance(scale, bool) or scale < 0:
        raise ValueError(f"The scale of {name} must be a number that is not negative, not {scale!r}")

    def regularize(weights: Any) -> Tensor | None:
        if scale == 0:
            return None
        with scopes.name_scope(scope, name, [weights]):
            return math.multiply(penalty(weights), float(scale))

    return regularize


__all__ = [
    "l1_regularizer",
    "l2_regularizer",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)
