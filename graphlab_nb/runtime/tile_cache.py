"""Where the tiles' sizes that `graphlab-nb tune` measured are kept between processes."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path

from graphlab_nb import config, version
from graphlab_nb.launch import Tiles
from graphlab_nb.runtime.binaries import write_atomically

MOST = {"rows": 32, "vectors": 8, "longest": 1 << 16, "block_bytes": 1 << 24}
"""What is taken for damage beyond."""


def cache_file(identity: str) -> Path:
    """Where a device's sizes are kept; another place for another driver or version of graphlab_nb."""
    key = json.dumps([identity, version.__version__])
    return config.cache_dir() / f"tiles-{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"


def load(identity: str) -> Tiles:
    """The sizes measured on a device; those of the rule where there are none or the file is damaged."""
    try:
        data = json.loads(cache_file(identity).read_text(encoding="utf-8"))
        sizes = {field.name: data["tiles"][field.name] for field in fields(Tiles)}
        if data["identity"] != identity or data["version"] != version.__version__:
            return Tiles()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Tiles()
    sane = all(type(size) is int and 0 <= size <= MOST[name] for name, size in sizes.items())
    return Tiles(**sizes) if sane and bool(sizes["rows"]) == bool(sizes["vectors"]) else Tiles()


def store(identity: str, tiles: Tiles) -> Path | None:
    """Keeps the sizes for later processes and gives the file; None where the cache cannot be written."""
    path = cache_file(identity)
    data = {"identity": identity, "version": version.__version__, "tiles": asdict(tiles)}
    with contextlib.suppress(OSError):
        write_atomically(path, json.dumps(data, indent=1))
        return path
    return None
