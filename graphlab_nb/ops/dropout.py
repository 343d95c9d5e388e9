"""Dropout."""

from __future__ import annotations

from typing import Any

from graphlab_nb.export import public_names
from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import array
from graphlab_nb.ops.random import random_uniform
from graphlab_nb.ops.special import floor


def dropout(
    x: Any, keep_prob: Any, noise_shape: Any = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Sets elements to zero at random and scales the others by 1 / keep_prob, so that the expected sum stays.

    Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting (2014). An element is
    kept where floor(keep_prob + u) is 1, with u uniform in [0, 1).

    Args:
      x: a floating tensor.
      keep_prob: the probability that an element is kept, of (0, 1]: a number, or a scalar tensor such as a placeholder.
      noise_shape: the shape of the choice, which broadcasts to that of `x`; by default each element has its own.
      seed: for the same choices in each session.
      name: name scope of the operations.

    Returns:
      A tensor of the shape of `x`.

    Raises:
      ValueError: a number outside (0, 1], or a tensor that is not a scalar.

    Example:
      >>> x = tf.nn.dropout(tf.ones([1000]), keep_prob=0.5)
      >>> sorted(set(tf.Session().run(x).tolist()))
      [0.0, 2.0]
    """
    with name_scope(name or "dropout"):
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        if not dtype.is_floating:
            raise ValueError(f"dropout takes floating tensors; {x.name} is {dtype.name}")
        if isinstance(keep_prob, (int, float)):
            if not 0 < keep_prob <= 1:
                raise ValueError(f"keep_prob must be a number of (0, 1], not {keep_prob}")
            if keep_prob == 1:
                return x
        kept = convert_to_tensor(keep_prob, dtype, name="keep_prob")
        kept.shape.assert_is_compatible_with([])
        shape = array.shape(x) if noise_shape is None else noise_shape
        chosen = floor(kept + random_uniform(shape, dtype=dtype, seed=seed))
        y = x / kept * chosen
        y.set_shape(x.shape)
        return y


__all__ = public_names(globals())
