"""Reads event files and messages without graphlab_nb: by field numbers alone, and with sums computed bit by bit."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def crc32c(data: bytes) -> int:
    """The CRC of RFC 3720: the remainder by the polynomial 0x1EDC6F41, bits reversed."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> int:
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) % (1 << 32)


def records(path: str | Path) -> list[bytes]:
    data, at, found = Path(path).read_bytes(), 0, []
    while at < len(data):
        (length, head) = struct.unpack_from("<QI", data, at)
        assert head == masked(data[at : at + 8]), f"length at byte {at}"
        body = data[at + 12 : at + 12 + length]
        (tail,) = struct.unpack_from("<I", data, at + 12 + length)
        assert len(body) == length and tail == masked(body), f"data at byte {at}"
        found.append(body)
        at += 16 + length
    return found


def fields(data: bytes) -> list[tuple[int, Any]]:
    """(number, value) of each field as it comes: an int, or bytes."""

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    at, found = 0, []
    while at < len(data):
        key = varint()
        if key & 7 == 0:
            found.append((key >> 3, varint()))
            continue
        length = {1: 8, 5: 4}[key & 7] if key & 7 != 2 else varint()
        found.append((key >> 3, data[at : at + length]))
        assert at + length <= len(data)
        at += length
    return found


def double(data: bytes) -> float:
    return struct.unpack("<d", data)[0]


def values(summary: bytes) -> dict[str, dict[int, Any]]:
    """The fields of each value of a summary, by its tag."""
    found = {}
    for number, data in fields(summary):
        assert number == 1
        value = dict(fields(data))
        found[value[1].decode()] = value
    return found


def histogram(data: bytes) -> dict[str, Any]:
    names = {1: "min", 2: "max", 3: "num", 4: "sum", 5: "squares"}
    parts = dict(fields(data))
    found: dict[str, Any] = {name: double(parts[k]) if k in parts else 0.0 for k, name in names.items()}
    return {**found, "limits": np.frombuffer(parts[6], "<f8"), "counts": np.frombuffer(parts[7], "<f8")}


def picture(data: bytes) -> tuple[tuple[int, ...], np.ndarray]:
    """Height, width and colours that an image names, and its pixels."""
    parts = dict(fields(data))
    pixels = np.array(Image.open(io.BytesIO(parts[4])))
    return (parts[1], parts[2], parts[3]), pixels.reshape(*pixels.shape[:2], -1)
