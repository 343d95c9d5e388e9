"""The helper process of `ahead`: builds programs and keeps them on disk.

Like `probe_worker` it imports nothing of this package and is run by path. Each request is one line of JSON on stdin. The first
tells `path` (sys.path), `preload` (libraries to load first), `probe` (the file of `probe_worker`), `device` (its identity),
`binaries` (that module's file), and the `folder` and `stamp` of the device's `Binaries`.
The others are lists of jobs (sources and options), each of which takes the place of what is left of the one before. The
helper ends after some idle seconds, or with stdin.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import queue
import sys
import threading
import warnings
from typing import Any

IDLE = 5.0
"""Seconds after which the helper ends where it has nothing to do."""


def main() -> None:
    """Serves the requests."""
    about = json.loads(sys.stdin.readline())
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    sys.path[:] = about["path"]
    for library in about["preload"]:
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    import pyopencl

    device = dict(_module(about["probe"]).identities(pyopencl))[about["device"]]
    kept = _module(about["binaries"]).Binaries(about["folder"], about["stamp"])
    context = pyopencl.Context([device])
    warnings.simplefilter("ignore")
    jobs: list[tuple[str, list[str]]] = []
    while True:
        try:
            line = lines.get(timeout=0 if jobs else IDLE)
        except queue.Empty:
            if not jobs:
                break
        else:
            if not line:
                break
            jobs = json.loads(line)
            continue
        source, options = jobs.pop(0)
        try:
            kept.build(context, device, source, options)
        except pyopencl.Error:  # the process that asked will say so
            continue
    os._exit(0)  # a runtime that crashes while it is unloaded has still built


def _module(file: str) -> Any:
    """The module in that file."""
    spec = importlib.util.spec_from_file_location(os.path.basename(file)[:-3], file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
