"""Axes as users give them, and as kernels need them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from graphlab_nb.ops.static import ints_of

Axes = tuple[int, ...] | None
"""Axes to reduce, None for all."""


def axes_of(axis: Any, reduction_indices: Any = None) -> Axes:
    """The axes to reduce as a tuple of numbers, None for all; a `Told` where only the run tells them.

    Raises:
      ValueError: both spellings given.
    """
    if reduction_indices is not None:
        if axis is not None:
            raise ValueError("Give axis or reduction_indices, which are the same, but not both")
        axis = reduction_indices
    if axis is None:
        return None
    return ints_of(axis, "The axes of a reduction")


def reduced_axes(axes: Axes, rank: int) -> tuple[int, ...]:
    """`axes` as positions of 0 to rank - 1, all where it is None.

    Raises:
      ValueError: for an axis that does not exist.
    """
    if axes is None:
        return tuple(range(rank))
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(f"Invalid reduction dimension {axis} for an input with {rank} dimensions")
    return tuple(sorted({axis % rank for axis in axes}))


def one_run(axes: Axes, shape: Sequence[int]) -> tuple[int, int, int]:
    """The shape as [outer, length, inner], where `axes` is one axis or None for all."""
    if axes is None:
        return 1, math.prod(shape), 1
    (axis,) = reduced_axes(axes, len(shape))
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
