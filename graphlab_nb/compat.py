"""Conversions between text and bytes, and the tuples of types that programs for Python 2 and 3 compared with."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

bytes_or_text_types = (bytes, str)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Text as its bytes; bytes as they are.

    Args:
      bytes_or_text: text or bytes.
      encoding: the text's encoding.

    Raises:
      TypeError: for anything else.

    Example:
      >>> tf.compat.as_bytes("graph")
      b'graph'
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text)
    raise TypeError(f"Expected bytes or text, got {bytes_or_text!r}")


def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Bytes as the text they encode; text as it is.

    Args:
      bytes_or_text: text or bytes.
      encoding: the bytes' encoding.

    Raises:
      TypeError: for anything else.

    Example:
      >>> tf.compat.as_str(b"graph")
      'graph'
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text).decode(encoding)
    raise TypeError(f"Expected bytes or text, got {bytes_or_text!r}")


as_str = as_text


def as_str_any(value: Any) -> str:
    """Anything as text: bytes by decoding, the rest by `str`.

    Args:
      value: anything.

    Example:
      >>> tf.compat.as_str_any(7)
      '7'
    """
    return as_text(value) if isinstance(value, bytes) else str(value)


def __dir__() -> list[str]:
    """What tab completion offers."""
    texts = ["as_bytes", "as_str", "as_str_any", "as_text"]
    return sorted([*texts, "bytes_or_text_types", "complex_types", "integral_types", "real_types"])
