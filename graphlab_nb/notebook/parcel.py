"""The arrays that travel beside a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import numpy as np

from graphlab_nb.notebook.protocol import ArrayRef, ElementType

_KINDS: dict[Any, ElementType] = {np.dtype(name): name for name in get_args(ElementType)}


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
        shape = list(array.shape)
        return ArrayRef(buffer=len(self.buffers) - 1, dtype=_KINDS[array.dtype], shape=shape)


def sent(send: Callable[[Any], Any], message: Mapping[str, Any]) -> None:
    """Sends a message; what UTF-8 cannot say, such as half an emoji in an error's text, goes as an escape."""
    try:
        send(message)
    except UnicodeEncodeError:
        send(_sayable(message))


def _sayable(part: Any) -> Any:
    if isinstance(part, str):
        return part.encode("utf-8", "backslashreplace").decode()
    if isinstance(part, Mapping):
        return {_sayable(name): _sayable(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_sayable(value) for value in part]
    return part
