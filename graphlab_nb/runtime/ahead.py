"""Builds programs ahead, in a second process that keeps them on disk (`binaries`).

A runtime may build one program at a time however many threads ask (Intel's does), and a first start has dozens to build. So
while this process builds a plan's programs from the first on, a helper builds them from the last on. Neither knows how
far the other is: where they meet, this process finds in the cache what it would have built.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphlab_nb.runtime import binaries, build_worker, icd, probe_worker

WORKER = Path(build_worker.__file__).resolve()
SLOW = 0.04
"""Seconds from which on a build was certainly no reading of a cache."""
FEWEST = 3
"""Programs still to be built from which on a helper is started; the next plan most likely has more."""

Job = tuple[str, Sequence[str]]
"""A program's source and its build options."""

_lock = threading.Lock()
_helpers: dict[str, Any] = {}
"""By device, the helper that was started last; it ends by itself when nothing is asked of it for some seconds."""


def start(cl_device: Any, folder: str | None, stamp: str, jobs: Sequence[Job]) -> Any:
    """Has a helper build `jobs` for the device, in this order.

    Args:
      cl_device: the `pyopencl.Device`.
      folder: where compiled programs are kept, with `stamp` as `Binaries` has it.
      stamp: see there.
      jobs: what to build.

    Returns:
      The process, for `stop`; None where none can be started, or where nothing would be kept for this process to find.
    """
    import pyopencl as cl

    if not sys.executable or getattr(sys, "frozen", False) or folder is None:
        return None
    identity = next(text for text, device in probe_worker.identities(cl) if device == cl_device)
    with _lock:
        helper = _helpers.get(identity)
        if helper is not None and helper.poll() is None and _tell(helper, jobs):
            return helper
        if helper is not None:
            _let_go(helper)
        helper = _helpers[identity] = _started(identity, folder, stamp)
    return helper if helper is not None and _tell(helper, jobs) else None


def _started(identity: str, folder: str, stamp: str) -> Any:
    import subprocess

    about = {"path": sys.path, "preload": icd.state.preload, "probe": probe_worker.__file__, "device": identity,
             "binaries": binaries.__file__, "folder": folder, "stamp": stamp}  # fmt: skip
    command = [sys.executable, "-P", str(WORKER)]
    try:
        helper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return helper if _tell(helper, about) else None


def _tell(helper: Any, what: Any) -> bool:
    try:
        helper.stdin.write(json.dumps(what).encode() + b"\n")
        helper.stdin.flush()
    except OSError:
        return False
    return True


def _let_go(helper: Any) -> None:
    """Lets a helper end after what it is at, without waiting for it."""
    with contextlib.suppress(OSError):
        helper.stdin.close()
    if helper.poll() is None:
        helper.returncode = 0  # so that Python does not warn of a process that still runs


@atexit.register
def _leave() -> None:
    for helper in _helpers.values():
        if helper is not None:
            _let_go(helper)


def stop(helper: Any) -> None:
    """Has a helper build no more after the program that it is at, so that it leaves the cache whole."""
    _tell(helper, [])
