"""Keeps large data unpacked between processes: unpacking MNIST's training images takes longer than all else of a start."""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import zlib

from graphlab_nb import config
from graphlab_nb.runtime.binaries import write_atomically

SMALLEST = 1 << 20
"""Packed bytes that are worth keeping unpacked."""


def unpack(packed: bytes, size: int) -> bytes | mmap.mmap:
    """What a gzip stream holds.

    Large data is taken from the user's cache folder if it was unpacked before, and checked against the length and CRC-32
    with which the stream ends.

    Args:
      packed: the stream.
      size: bytes that are expected.

    Raises:
      zlib.error: where the stream is damaged.
    """
    if len(packed) < SMALLEST:
        return zlib.decompress(packed, wbits=31, bufsize=size)
    path = config.cache_dir() / f"unpacked-{hashlib.sha256(packed).hexdigest()[:24]}"
    checksum, length = (int.from_bytes(packed[at : at + 4], "little") for at in (len(packed) - 8, len(packed) - 4))
    with contextlib.suppress(OSError, ValueError):
        if path.stat().st_size == size:
            with open(path, "rb") as file:
                kept = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            if len(kept) & 0xFFFFFFFF == length and zlib.crc32(kept) == checksum:
                return kept
    data = zlib.decompress(packed, wbits=31, bufsize=size)
    if len(data) == size:
        with contextlib.suppress(OSError):
            write_atomically(path, data)
    return data
