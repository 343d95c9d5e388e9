"""`Dimension`: one length of a shape, known or not."""

from __future__ import annotations

from typing import Any


class Dimension:
    """One dimension's length, or unknown (`value` is None). Arithmetic with an unknown one is unknown.

    Args:
      value: a length, None or another `Dimension`.

    Example:
      >>> tf.Dimension(3) + 2, tf.Dimension(None) + 2
      (Dimension(5), Dimension(None))
      >>> tf.placeholder(tf.float32, [None, 784]).get_shape()[1].value
      784
    """

    __slots__ = ("_value",)

    def __init__(self, value: Any):
        if isinstance(value, Dimension):
            value = value.value
        if value is not None:
            number = int(value)
            if number != value:
                raise ValueError(f"A dimension must be a whole number, not {value!r}")
            if number < 0:
                raise ValueError(f"A dimension must not be negative: {value}")
            value = number
        self._value: int | None = value

    @property
    def value(self) -> int | None:
        """The length, or None."""
        return self._value

    def is_compatible_with(self, other: Any) -> bool:
        """Whether the two could be the same length.

        Args:
          other: a length, None or a `Dimension`.

        Example:
          >>> tf.Dimension(3).is_compatible_with(None), tf.Dimension(3).is_compatible_with(4)
          (True, False)
        """
        other = Dimension(other)
        return self._value is None or other._value is None or self._value == other._value

    def merge_with(self, other: Any) -> Dimension:
        """The known one of the two.

        Args:
          other: a length, None or a `Dimension`.

        Raises:
          ValueError: when both are known and differ.

        Example:
          >>> tf.Dimension(None).merge_with(3)
          Dimension(3)
        """
        other = Dimension(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {other} are not compatible")
        return other if self._value is None else self

    def _combine(self, other: Any, function: Any) -> Dimension:
        other = Dimension(other)
        if self._value is None or other._value is None:
            return Dimension(None)
        return Dimension(function(self._value, other._value))

    def __add__(self, other: Any) -> Dimension:
        return self._combine(other, lambda a, b: a + b)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dimension:
        return self._combine(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Dimension:
        return self._combine(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Dimension:
        return self._combine(other, lambda a, b: a * b)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Dimension:
        return self._combine(other, lambda a, b: a // b)

    __truediv__ = __floordiv__

    def __rfloordiv__(self, other: Any) -> Dimension:
        return self._combine(other, lambda a, b: b // a)

    def __mod__(self, other: Any) -> Dimension:
        return self._combine(other, lambda a, b: a % b)

    def __int__(self) -> int:
        if self._value is None:
            raise TypeError("An unknown dimension has no length")
        return self._value

    __index__ = __int__

    def _known_pair(self, other: Any) -> tuple[int, int] | None:
        try:
            other = Dimension(other)
        except (TypeError, ValueError):
            return None
        if self._value is None or other._value is None:
            return None
        return self._value, other._value

    def __eq__(self, other: object) -> Any:
        if other is None:
            return self._value is None
        try:
            other = Dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self._value is None or other._value is None else self._value == other._value

    def __ne__(self, other: object) -> Any:
        same = self.__eq__(other)
        return same if same is None or same is NotImplemented else not same

    def __lt__(self, other: Any) -> Any:
        pair = self._known_pair(other)
        return None if pair is None else pair[0] < pair[1]

    def __le__(self, other: Any) -> Any:
        pair = self._known_pair(other)
        return None if pair is None else pair[0] <= pair[1]

    def __gt__(self, other: Any) -> Any:
        pair = self._known_pair(other)
        return None if pair is None else pair[0] > pair[1]

    def __ge__(self, other: Any) -> Any:
        pair = self._known_pair(other)
        return None if pair is None else pair[0] >= pair[1]

    def __hash__(self) -> int:
        return hash(self._value)

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)

    def __repr__(self) -> str:
        return f"Dimension({self._value})"
