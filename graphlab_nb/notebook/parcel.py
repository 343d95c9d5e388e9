"""The arrays that travel beside a message."""

from __future__ import annotations

from typing import get_args

import numpy as np

from graphlab_nb.notebook.protocol import ArrayRef, ElementType

_KINDS: dict[str, ElementType] = {name: name for name in get_args(ElementType)}


class Parcel:
    """Collects a message's arrays.

    Attributes:
      buffers: copies of their bytes, since a message is sent later than it is made.
    """

    def __init__(self) -> None:
        self.buffers: list[bytes] = []

    def add(self, array: np.ndarray) -> ArrayRef:
        """Takes an array, of one of the wire's types, and says where it will be found."""
        self.buffers.append(np.ascontiguousarray(array).tobytes())
        shape = [int(n) for n in array.shape]
        return ArrayRef(buffer=len(self.buffers) - 1, dtype=_KINDS[array.dtype.name], shape=shape)
