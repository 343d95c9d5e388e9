"""Records of event files: how their bytes lie in a file, with sums that tell damage.

A record is its length (8 bytes, the lowest first), that number's masked CRC-32C, the data, and the data's masked CRC-32C.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import google_crc32c

from graphlab_nb import errors
from graphlab_nb.messages import Event
from graphlab_nb.platform import gfile
from graphlab_nb.wire import DecodeError

_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<I")


def masked_crc(data: bytes) -> int:
    """The CRC-32C of bytes, turned by 15 bits and moved by a constant, as sums of data that hold sums are no good."""
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def framed(data: bytes) -> bytes:
    """A record with these data."""
    length = struct.pack("<Q", len(data))
    return length + _TAIL.pack(masked_crc(length)) + data + _TAIL.pack(masked_crc(data))


def read_records(file: gfile.GFile, name: str) -> Iterator[bytes]:
    """The data of all records of a file.

    Raises:
      DataLossError: for a record that is damaged or cut off, by the file's `name` and its place.
    """
    at = 0
    while head := file.read(_HEAD.size):
        if len(head) == _HEAD.size:
            length, check = _HEAD.unpack(head)
            if masked_crc(head[:8]) != check:
                raise errors.DataLossError(None, None, f"{name}: the record at byte {at} is damaged")
            data, tail = file.read(length), file.read(_TAIL.size)
            if len(tail) == _TAIL.size:
                if masked_crc(data) != _TAIL.unpack(tail)[0]:
                    raise errors.DataLossError(None, None, f"{name}: the record at byte {at} is damaged")
                yield data
                at += len(head) + length + len(tail)
                continue
        raise errors.DataLossError(None, None, f"{name}: the record at byte {at} is cut off")


def summary_iterator(path: str | os.PathLike[str]) -> Iterator[Event]:
    """The events of an event file, in their order.

    Args:
      path: of the file.

    Raises:
      NotFoundError: where there is no such file.
      DataLossError: for an event that is damaged or cut off.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.summary.FileWriter(folder) as writer:
      ...         writer.add_summary(tf.Summary(), 7)
      ...     print([event.step for event in tf.train.summary_iterator(writer.path)])
      [0, 7]
    """
    name = os.fspath(path)
    with gfile.GFile(name, "rb") as file:
        for data in read_records(file, name):
            try:
                yield Event.FromString(data)
            except DecodeError as error:
                raise errors.DataLossError(None, None, f"{name}: {error}") from None
