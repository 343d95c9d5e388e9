"""Where the OpenCL C sources are, and their text."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path


@functools.cache
def kernel_dir() -> Path:
    """The folder of the .cl files: inside the package when installed, beside it in a source checkout.

    Raises:
      FileNotFoundError: naming both places, if neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    places = (package / "kernels_cl", package.parent / "kernels_cl")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"The kernels' sources are missing: neither {places[0]} nor {places[1]} exists")


@functools.cache
def kernel_source(name: str) -> str:
    """The text of one kernel file, such as "probe.cl" or "include/check.clh".

    Raises:
      FileNotFoundError: naming the path that does not exist.
    """
    return (kernel_dir() / name).read_text(encoding="utf-8")


@functools.cache
def included() -> str:
    """A digest of all files that kernels may include."""
    digest = hashlib.sha256()
    for path in sorted((kernel_dir() / "include").iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
