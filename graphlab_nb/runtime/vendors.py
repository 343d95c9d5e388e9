"""The vendors folder: what the OpenCL loader is given to read, kept in the cache under a name made of its content."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from graphlab_nb import config

OWN_ICD = "graphlab_nb-intel-cpu.icd"
"""The file that names pip's runtime."""

FOLDER = re.compile(r"vendors-[0-9a-f]{16}")
"""The names of our folders."""


def write(files: Mapping[str, bytes]) -> Path:
    """Makes a folder with exactly these files, named by a hash of them, and returns its path.

    Safe for several processes at once: a new folder appears whole, and whoever loses the race uses the winner's. A
    folder whose files were changed is put right. Where the cache cannot be written the folder is a temporary one of
    this process.
    """
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    target = config.cache_dir().absolute() / f"vendors-{digest}"
    try:
        return _write(target, files)
    except OSError:
        base = tempfile.mkdtemp(prefix="graphlab_nb-")
        atexit.register(shutil.rmtree, base, ignore_errors=True)
        return _write(Path(base) / target.name, files)


def _write(target: Path, files: Mapping[str, bytes]) -> Path:
    if _holds(target, files):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        if not _holds(target, files):  # another process may have made it since
            _mend(target, files)
        return target
    fresh = Path(tempfile.mkdtemp(prefix=".vendors-", dir=target.parent))
    try:
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        os.chmod(fresh, 0o700)
        os.rename(fresh, target)
    except OSError:
        if not _holds(target, files):  # else another process was faster
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _prune(target)
    return target


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    try:
        return {path.name: path.read_bytes() for path in folder.iterdir()} == dict(files)
    except OSError:
        return False


def _mend(folder: Path, files: Mapping[str, bytes]) -> None:
    """Puts a folder's files right, each in one step, so that a reader sees the old file or the new one."""
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink(missing_ok=True)
    for name, content in files.items():
        handle, temporary = tempfile.mkstemp(dir=folder.parent, prefix=".vendors-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, folder / name)


def _prune(current: Path) -> None:
    """Removes older folders of ours whose runtime is no longer there (its environment was deleted)."""
    for folder in current.parent.glob("vendors-*"):
        own = folder / OWN_ICD
        with contextlib.suppress(OSError):
            if folder != current and own.exists() and not os.path.exists(os.fsdecode(own.read_bytes().strip())):
                shutil.rmtree(folder)
