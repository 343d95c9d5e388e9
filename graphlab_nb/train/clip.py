"""Clipping of gradients by their norms; `clip_by_value` is in ops/math.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab_nb.export import public_names
from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.array import size
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.math import add_n, maximum, multiply, sqrt, square
from graphlab_nb.ops.reduce import reduce_sum


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """`t`, scaled down where its L2 norm is larger than `clip_norm`: t * clip_norm / max(norm, clip_norm).

    Args:
      t: a tensor.
      clip_norm: the largest norm, a positive number or scalar tensor.
      axes: the dimensions that a norm is taken over; all by default.
      name: name scope of the operations.

    Returns:
      A tensor of the shape and type of `t`.

    Example:
      >>> tf.Session().run(tf.clip_by_norm([3.0, 4.0], 1.0)).round(3)
      array([0.6, 0.8], dtype=float32)
    """
    with name_scope(name, "clip_by_norm", [t]) as scope:
        t = convert_to_tensor(t, name="t")
        limit: Any = convert_to_tensor(clip_norm, t.dtype.base_dtype)
        norm = sqrt(reduce_sum(square(t), axes, keep_dims=True))
        return _with_shape_of(t, multiply(t, limit / maximum(norm, limit), name=scope))


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
    """`t`, scaled down where its L2 norm by element, norm / size, is larger than `clip_norm`.

    Args:
      t: a tensor.
      clip_norm: the largest norm by element, a positive number or scalar tensor.
      name: name scope of the operations.

    Returns:
      A tensor of the shape and type of `t`.

    Example:
      >>> tf.Session().run(tf.clip_by_average_norm([3.0, 4.0], 0.5)).round(3)
      array([0.6, 0.8], dtype=float32)
    """
    with name_scope(name, "clip_by_average_norm", [t]) as scope:
        t = convert_to_tensor(t, name="t")
        limit: Any = convert_to_tensor(clip_norm, t.dtype.base_dtype)
        whole: Any = sqrt(reduce_sum(square(t)))
        norm = whole / cast(size(t), t.dtype.base_dtype)
        return _with_shape_of(t, multiply(t, limit / maximum(norm, limit), name=scope))


def _with_shape_of(t: Tensor, clipped: Tensor) -> Tensor:
    clipped.set_shape(t.get_shape())
    return clipped


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """The L2 norm of all the tensors' elements together: sqrt(sum of norm(t)^2).

    Args:
      t_list: tensors and None, which counts as nothing.
      name: name scope of the operations.

    Returns:
      A scalar.

    Raises:
      TypeError: something that is no list.
      ValueError: no tensor in the list.

    Example:
      >>> round(float(tf.Session().run(tf.global_norm([[3.0], [4.0]]))), 3)
      5.0
    """
    if not isinstance(t_list, (list, tuple)):
        raise TypeError(f"t_list must be a list of tensors, not {t_list!r}")
    with name_scope(name, "global_norm"):
        squares = [reduce_sum(square(convert_to_tensor(t))) for t in t_list if t is not None]
        if not squares:
            raise ValueError("There is no tensor in t_list to take the norm of")
        return sqrt(add_n(squares), name="global_norm")


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Tensor | None], Tensor]:
    """The tensors, all scaled down by one factor where their global norm is larger than `clip_norm`.

    The factor is clip_norm / max(norm, clip_norm) (Pascanu, Mikolov and Bengio, 2013).

    Args:
      t_list: tensors and None, which stays where it is.
      clip_norm: the largest norm, a positive number or scalar tensor.
      use_norm: the global norm, where it is known already.
      name: name scope of the operations.

    Returns:
      The list of scaled tensors, and the norm before scaling.

    Raises:
      TypeError: something that is no list.
      ValueError: no tensor in the list, where `use_norm` is not given.

    Example:
      >>> clipped, norm = tf.clip_by_global_norm([[3.0], [4.0]], 2.5)
      >>> [t.round(3) for t in tf.Session().run(clipped)]
      [array([1.5], dtype=float32), array([2.], dtype=float32)]
    """
    if not isinstance(t_list, (list, tuple)):
        raise TypeError(f"t_list must be a list of tensors, not {t_list!r}")
    norm = global_norm(t_list, name) if use_norm is None else convert_to_tensor(use_norm)
    with name_scope(name, "clip_by_global_norm") as scope:
        limit: Any = convert_to_tensor(clip_norm, norm.dtype.base_dtype)
        factor = limit / maximum(norm, limit)
        clipped: list[Tensor | None] = []
        for i, t in enumerate(t_list):
            if t is not None:
                t = convert_to_tensor(t)
                t = multiply(t, cast(factor, t.dtype.base_dtype), name=f"{scope}_{i}")
            clipped.append(t)
        return clipped, norm


__all__ = public_names(globals())
