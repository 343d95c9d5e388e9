"""Shapes that may be partly known, as TensorFlow's: `TensorShape`, and shapes as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from graphlab_nb.dimension import Dimension as Dimension


class TensorShape:
    """A shape whose rank, or some of whose dimensions, may be unknown.

    Args:
      dims: None for an unknown rank, else an iterable of ints, None or `Dimension`; a single number makes rank 1.

    Example:
      >>> shape = tf.TensorShape([None, 3])
      >>> shape.as_list(), shape.is_compatible_with([5, 3])
      ([None, 3], True)
    """

    __slots__ = ("_dims",)

    _dims: tuple[int | None, ...] | None

    def __init__(self, dims: Any = None):
        if dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            self._dims = dims._dims
        else:
            if isinstance(dims, Dimension) or not isinstance(dims, Iterable):
                dims = (dims,)
            self._dims = tuple(d if type(d) is int and d >= 0 else Dimension(d).value for d in dims)

    @classmethod
    def of(cls, dims: tuple[int | None, ...] | None) -> TensorShape:
        """A shape from a tuple that is known to hold only ints and None; nothing is checked.

        Args:
          dims: a tuple, or None for an unknown rank.

        Example:
          >>> tf.TensorShape.of((None, 3))
          TensorShape([None, 3])
        """
        shape = cls.__new__(cls)
        shape._dims = dims
        return shape

    @property
    def tuple(self) -> tuple[int | None, ...] | None:
        """The lengths as ints and None, or None for an unknown rank."""
        return self._dims

    @property
    def dims(self) -> list[Dimension] | None:
        """The dimensions as `Dimension` objects, or None for an unknown rank."""
        return None if self._dims is None else [Dimension(d) for d in self._dims]

    @property
    def ndims(self) -> int | None:
        """The rank, or None."""
        return None if self._dims is None else len(self._dims)

    rank = ndims

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("A shape of unknown rank has no length")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator[Dimension]:
        if self._dims is None:
            raise ValueError("A shape of unknown rank cannot be iterated")
        return iter([Dimension(d) for d in self._dims])

    def __getitem__(self, key: Any) -> Any:
        if self._dims is not None:
            found = self._dims[key]
            return TensorShape.of(found) if isinstance(key, slice) else Dimension(found)
        if isinstance(key, slice):
            start, stop = key.start or 0, key.stop
            if key.step or start < 0 or stop is None or stop < 0:
                return TensorShape(None)
            return TensorShape.of((None,) * max(stop - start, 0))
        return Dimension(None)

    def as_list(self) -> list[int | None]:
        """The lengths as a list of ints and None.

        Raises:
          ValueError: when the rank is unknown.

        Example:
          >>> tf.zeros([2, 3]).get_shape().as_list()
          [2, 3]
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on a shape of unknown rank")
        return list(self._dims)

    def num_elements(self) -> int | None:
        """The number of elements, or None where the shape is not fully known.

        Example:
          >>> tf.TensorShape([2, 3]).num_elements(), tf.TensorShape([None, 3]).num_elements()
          (6, None)
        """
        return math.prod(self._dims) if self.is_fully_defined() else None  # type: ignore[arg-type]

    def is_fully_defined(self) -> bool:
        """Whether rank and all dimensions are known.

        Example:
          >>> tf.TensorShape([2, 3]).is_fully_defined(), tf.TensorShape([None, 3]).is_fully_defined()
          (True, False)
        """
        return self._dims is not None and None not in self._dims

    def is_compatible_with(self, other: Any) -> bool:
        """Whether some full shape satisfies both.

        Args:
          other: a shape, or what makes one.

        Example:
          >>> tf.TensorShape([None, 3]).is_compatible_with([2, 3]), tf.TensorShape([None, 3]).is_compatible_with([3])
          (True, False)
        """
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return True
        return len(self._dims) == len(other._dims) and all(
            a is None or b is None or a == b for a, b in zip(self._dims, other._dims, strict=True)
        )

    def merge_with(self, other: Any) -> TensorShape:
        """What both shapes together say.

        Args:
          other: a shape, or what makes one.

        Raises:
          ValueError: when they contradict each other.

        Example:
          >>> tf.TensorShape([None, 3]).merge_with([2, None])
          TensorShape([2, 3])
        """
        other = as_shape(other)
        if self._dims is None:
            return other
        if other._dims is None:
            return self
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        return TensorShape.of(tuple(b if a is None else a for a, b in zip(self._dims, other._dims, strict=True)))

    def concatenate(self, other: Any) -> TensorShape:
        """The dimensions of this shape followed by those of the other.

        Args:
          other: a shape, or what makes one.

        Example:
          >>> tf.TensorShape([None]).concatenate([28, 28])
          TensorShape([None, 28, 28])
        """
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return TensorShape(None)
        return TensorShape.of(self._dims + other._dims)

    def with_rank(self, rank: int) -> TensorShape:
        """This shape, with its rank checked or filled in.

        Args:
          rank: the number of dimensions.

        Raises:
          ValueError: when the rank is known and differs.

        Example:
          >>> tf.TensorShape(None).with_rank(2)
          TensorShape([None, None])
        """
        try:
            return self.merge_with(unknown_shape(rank))
        except ValueError:
            raise ValueError(f"Shape {self} must have rank {rank}") from None

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape, checked to have at least `rank` dimensions where that is known.

        Args:
          rank: the least number of dimensions.

        Raises:
          ValueError: when there are fewer.

        Example:
          >>> tf.TensorShape([None, 3]).with_rank_at_least(2)
          TensorShape([None, 3])
        """
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape, checked to have at most `rank` dimensions where that is known.

        Args:
          rank: the greatest number of dimensions.

        Raises:
          ValueError: when there are more.

        Example:
          >>> tf.TensorShape([None, 3]).with_rank_at_most(4)
          TensorShape([None, 3])
        """
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        """Raises `ValueError` where the rank is known and differs.

        Args:
          rank: the number of dimensions.

        Example:
          >>> tf.TensorShape([None, 3]).assert_has_rank(2)
        """
        self.with_rank(rank)

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises `ValueError` where the shapes contradict each other.

        Args:
          other: a shape, or what makes one.

        Example:
          >>> tf.TensorShape([None, 3]).assert_is_compatible_with([5, 3])
        """
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible")

    def assert_is_fully_defined(self) -> None:
        """Raises `ValueError` where something is unknown.

        Example:
          >>> tf.TensorShape([5, 3]).assert_is_fully_defined()
        """
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def __eq__(self, other: object) -> bool:
        try:
            return self._dims == as_shape(other)._dims
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        inner = ", ".join("?" if d is None else str(d) for d in self._dims)
        return f"({inner},)" if len(self._dims) == 1 else f"({inner})"

    def __repr__(self) -> str:
        return f"TensorShape({None if self._dims is None else list(self._dims)})"


def as_shape(value: Any) -> TensorShape:
    """`value` as a `TensorShape`, itself where it is one."""
    return value if isinstance(value, TensorShape) else TensorShape(value)


def unknown_shape(ndims: int | None = None) -> TensorShape:
    """A shape of known or unknown rank with no known dimension."""
    return TensorShape(None) if ndims is None else TensorShape.of((None,) * ndims)


def scalar() -> TensorShape:
    """The shape of a single number."""
    return TensorShape.of(())


Dims = tuple[int | None, ...] | None
"""A shape as plain data: None for an unknown rank, else ints and None."""


def broadcast_dims(a: Dims, b: Dims) -> Dims:
    """The dims that `a` and `b` broadcast to under NumPy's rule, as far as they are known.

    Raises:
      ValueError: when two known dimensions differ and neither is 1.
    """
    if a == b and a is not None and None not in a:
        return a
    if a is None or b is None:
        return None
    if len(a) < len(b):
        a = (1,) * (len(b) - len(a)) + a
    elif len(b) < len(a):
        b = (1,) * (len(a) - len(b)) + b
    out: list[int | None] = []
    for m, n in zip(a, b, strict=True):
        if m == 1:
            out.append(n)
        elif n == 1 or m == n:
            out.append(m)
        elif m is None:
            out.append(n)
        elif n is None:
            out.append(m)
        else:
            raise ValueError(f"Shapes {TensorShape.of(a)} and {TensorShape.of(b)} do not broadcast together")
    return tuple(out)


def show(dims: Dims) -> str:
    """A shape as text for messages: `(?, 784)`."""
    return str(TensorShape.of(dims))
