"""Compiled programs, kept on disk between processes, for runtimes that keep none themselves.

pyopencl has such a cache too, whose lock, once left behind, stops every later process for a minute, and which never mends an
entry that is damaged. Here nothing is locked: a file is written whole under another name and then renamed, begins with the
digest of what follows, and is written anew where that does not fit or the runtime refuses the binary. What cannot be
read or written is done without.

`build_worker` runs this file by path, so it imports nothing of this package.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST_FILES = 4096
"""Files in the folder from which on the older half is deleted."""


class Binaries:
    """The programs of one device.

    Args:
      folder: where files are kept; None keeps none.
      stamp: what, besides source and options, makes a binary another one: the device, its driver, the included files.

    Attributes:
      keeps: whether a program was kept, so that others can be.
    """

    def __init__(self, folder: str | None, stamp: str):
        self._folder = None if folder is None else Path(folder)
        self._stamp = stamp
        self.keeps = False

    def build(self, context: Any, device: Any, source: str, options: Sequence[str]) -> Any:
        """The built `pyopencl.Program`, from what is kept or else from its source.

        Raises:
          pyopencl.Error: where the source does not build.
        """
        import pyopencl as cl

        path = self._path(source, options)
        binary = None if path is None else _read(path)
        if binary is not None:
            with contextlib.suppress(cl.Error):
                return cl.Program(context, [device], [binary]).build(list(options), devices=[device])
        without: Any = False  # pyopencl's word for no cache; None is for the usual one
        program = cl.Program(context, source).build(list(options), devices=[device], cache_dir=without)
        if path is not None:
            with contextlib.suppress(OSError, cl.Error):
                devices = program.get_info(cl.program_info.DEVICES)
                self._write(path, program.get_info(cl.program_info.BINARIES)[devices.index(device)])
        return program

    def _path(self, source: str, options: Sequence[str]) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.sha256()
        for text in (self._stamp, *options, source):
            digest.update(f"{len(text)}:{text}".encode())
        return self._folder / digest.hexdigest()[:40]

    def _write(self, path: Path, binary: bytes) -> None:
        if path.is_dir():
            return
        write_atomically(path, hashlib.sha256(binary).digest() + binary)
        if not self.keeps:
            self.keeps = True
            _tidy(path.parent)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Writes a file (text as UTF-8) so that other processes see the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _read(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    digest, binary = data[:32], data[32:]
    return binary if binary and hashlib.sha256(binary).digest() == digest else None


def _tidy(folder: Path) -> None:
    """Deletes the older half where there are too many files."""
    files = [entry for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    if len(files) > MOST_FILES:
        for entry in sorted(files, key=lambda entry: entry.stat().st_mtime)[: len(files) // 2]:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)
