"""Pictures as bytes: numbers stretched to pixels, and PNG files."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

DARK = 1e-6
"""Pictures whose numbers are all smaller are taken as zero."""


def as_bytes(picture: np.ndarray, bad_color: Sequence[int]) -> np.ndarray:
    """A picture of floating numbers as uint8, as TensorFlow shows it.

    The largest number becomes 255, or, where some are negative, the largest in size 127 away from zero, which is 128.

    Args:
      picture: `[height, width, channels]`.
      bad_color: of pixels with a NaN or an infinity, a byte for each channel.
    """
    numbers = picture.astype(np.float32)
    good = np.all(np.isfinite(numbers), axis=-1, keepdims=True)
    seen = numbers[good[..., 0]]
    least, most = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 0.0)
    size = max(abs(least), abs(most)) if least < 0 else most
    reach, zero = (127.0, 128.0) if least < 0 else (255.0, 0.0)
    scale = np.float32(0.0 if size < DARK else reach / size)
    with np.errstate(invalid="ignore", over="ignore"):
        pixels = np.clip(numbers * scale + np.float32(zero), 0, 255)
    return np.where(good, pixels, np.array(bad_color[: picture.shape[-1]], np.float32)).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    """The PNG file of a picture `[height, width, channels]` of uint8 with 1, 3 or 4 channels."""
    from PIL import Image  # which takes longer to import than all of this package's graphs

    out = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else np.ascontiguousarray(pixels)).save(out, "PNG")
    return out.getvalue()
