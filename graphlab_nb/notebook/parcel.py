"""The arrays that travel beside a message."""

from __future__ import annotations

import numpy as np

from graphlab_nb.notebook.protocol import ArrayRef

_KINDS = {"float64", "float32", "int32", "uint32", "uint8"}


class Parcel:
    """Collects a message's arrays.

    Attributes:
      buffers: copies of their bytes, since a message is sent later than it is made.
    """

    def __init__(self) -> None:
        self.buffers: list[bytes] = []

    def add(self, array: np.ndarray) -> ArrayRef:
        """Takes an array, of one of the wire's types, and says where it will be found."""
        assert array.dtype.name in _KINDS, array.dtype
        self.buffers.append(np.ascontiguousarray(array).tobytes())
        shape = [int(n) for n in array.shape]
        return ArrayRef(buffer=len(self.buffers) - 1, dtype=array.dtype.name, shape=shape)  # type: ignore[typeddict-item]
