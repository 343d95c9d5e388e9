"""Keeps a runtime that crashes while it is merely loaded out of the user's process.

Asking the OpenCL loader for platforms loads every runtime it is told of. The first time that a set of runtimes is
seen, a child process asks before this one does. If the child crashes, each runtime is tried alone, and those that
crash are left out of the vendors folder. If not, the child goes on to probe the devices that will most likely serve,
so that the first start of all needs no second child.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from pathlib import Path

from graphlab_nb import config
from graphlab_nb.runtime import icd, probe, vendors
from graphlab_nb.runtime.binaries import write_atomically


class Check:
    """The look at whether this process may ask the loader for platforms; starts at once, ends with `finish`."""

    def __init__(self) -> None:
        key = json.dumps([icd.fingerprint(), [entry.source for entry in icd.state.entries], icd.state.user_set])
        self._file = config.cache_dir() / f"loads-{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
        self.crashing = self._known()
        self._verdicts: dict[str, probe.Verdict] = {}
        self._thread: threading.Thread | None = None
        if self.crashing is None and not icd.state.early:
            self._thread = threading.Thread(target=self._look, name="graphlab_nb-loading", daemon=True)
            self._thread.start()

    def finish(self) -> list[str]:
        """Waits for the child, and leaves out of the vendors folder what crashed it.

        Returns:
          Libraries that crash and cannot be left out, since the user or a Python package names them to the loader.
        """
        if self._thread is not None:
            self._thread.join()
            with contextlib.suppress(OSError):
                write_atomically(self._file, json.dumps(self.crashing))
        return icd.leave_out(self.crashing) if self.crashing else []

    def keep_verdicts(self) -> None:
        """Puts what the child found of devices into the cache; to be called once this process has its platforms."""
        for identity, verdict in self._verdicts.items():
            probe.store(identity, verdict)

    def _known(self) -> list[str] | None:
        """What an earlier process found of the same runtimes; None where there is nothing to trust."""
        if config.PROBE.value == "always":
            return None
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
            if known and time.time() - self._file.stat().st_mtime > probe.FAILURE_TRUST:
                return None
        except (OSError, ValueError, RecursionError):
            return None
        return known if isinstance(known, list) and all(isinstance(library, str) for library in known) else None

    def _look(self) -> None:
        self.crashing = []
        answers, ending, crashed = probe.run_worker([], guess=config.PLATFORM.value.strip().lower() or "intel")
        self._verdicts = probe.read(answers, ending)
        if not crashed or answers:
            return
        for entry in icd.state.entries:
            folder = vendors.write({"only.icd": f"{entry.library}\n".encode()})
            if probe.run_worker([], vendors=str(Path(folder) / "only.icd"))[2]:
                self.crashing.append(entry.library)
