"""Large pages: what steps through memory in long strides misses the processor's table of pages less often with them.

Linux gives them unasked, only where a program asks, or never (/sys/kernel/mm/transparent_hugepage/enabled).
"""

from __future__ import annotations

import ctypes
import functools
import mmap
from collections.abc import Callable
from typing import Any

import numpy as np

PAGE = 1 << 21
"""Bytes of a large page."""


def ask_for_large_pages(memory: np.ndarray) -> None:
    """Asks the system for large pages inside of memory that has not been touched yet; where it has none, nothing happens."""
    advise = _madvise()
    if advise is not None:
        begin = -(-memory.ctypes.data // PAGE) * PAGE
        end = (memory.ctypes.data + memory.nbytes) // PAGE * PAGE
        if end > begin:
            advise(begin, end - begin, mmap.MADV_HUGEPAGE)


@functools.cache
def _madvise() -> Callable[[int, int, int], Any] | None:
    """The C library's madvise, where it takes this advice."""
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return None
    try:
        found = ctypes.CDLL(None).madvise
    except (OSError, AttributeError):
        return None
    found.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    advise: Callable[[int, int, int], Any] = found
    return advise
