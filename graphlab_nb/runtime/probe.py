"""Which OpenCL devices really work: a probe in a process of its own, and the verdicts it left in the cache.

A runtime that a loader lists may fail to build anything, compute wrongly or crash (pip's PoCL 3.0 on a processor newer
than its LLVM). So a device counts only after `kernels_cl/probe.cl` built, ran and was right on it. The first probe of
a device runs in a child process with a time limit; later processes trust its verdict, until the driver changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graphlab_nb import config
from graphlab_nb.runtime import icd, probe_worker
from graphlab_nb.runtime.binaries import write_atomically
from graphlab_nb.runtime.kernels import kernel_source

WORKER = Path(probe_worker.__file__).resolve()

TIME_LIMIT = 60.0
"""Seconds that one child process may take; a probe takes about one, on a busy machine a few."""

FAILURE_TRUST = 24 * 3600.0
"""Seconds for which a bad verdict is trusted: what failed for want of memory or time gets another chance."""


@dataclass(frozen=True)
class Verdict:
    """What the probe found of one device.

    Attributes:
      problem: what is wrong, or None where the device works.
      lacks: optional element types that the device claims and computes wrongly.
      cached: whether an earlier process found it.
    """

    problem: str | None
    lacks: tuple[str, ...] = ()
    cached: bool = False

    @property
    def works(self) -> bool:
        """Whether the device may be used."""
        return self.problem is None


def verdicts(identities: Sequence[str], fresh: bool = False) -> dict[str, Verdict]:
    """The verdict on each device, from the cache or by probing those that it does not know.

    Args:
      identities: the devices, as `probe_worker.identities` names them.
      fresh: whether to probe again what the cache holds a bad verdict on.
    """
    always = config.PROBE.value == "always"
    known: dict[str, Verdict] = {}
    for identity in identities:
        verdict = None if always else load(identity)
        if verdict is not None and (verdict.works or not fresh):
            known[identity] = verdict
    unknown = [identity for identity in identities if identity not in known]
    for identity, verdict in _probe(unknown):
        known[identity] = verdict
        store(identity, verdict)
    for identity in identities:  # one that the in-process probe does not list either
        known.setdefault(identity, Verdict("the probe did not find it"))
    return known


def _probe(identities: Sequence[str]) -> Iterator[tuple[str, Verdict]]:
    """Probes devices in child processes: one for all, and one more after each device that crashed it."""
    left = list(identities)
    while left:
        answers, ending, crashed = run_worker(left)
        found = read(answers, ending)
        yield from found.items()
        left = [identity for identity in left if identity not in found]
        if not found:
            listed = any("platforms" in answer for answer in answers)
            if crashed or listed:
                reason = "found it missing in a fresh process" if listed else f"{ending} while it listed the platforms"
                yield from ((identity, Verdict(f"the probe {reason}")) for identity in left)
            else:  # no child process can be had here, such as in a program that embeds Python
                yield from _probe_here(left)
            return


def read(answers: Sequence[dict[str, Any]], ending: str) -> dict[str, Verdict]:
    """The verdicts in a worker's answers; a device that it began and did not end is the one that ended it."""
    found = {
        answer["done"]: Verdict(answer["problem"], tuple(answer["lacks"])) for answer in answers if "done" in answer
    }
    for answer in answers:
        if "start" in answer:
            found.setdefault(answer["start"], Verdict(f"the probe {ending}"))
    return found


def _probe_here(identities: Sequence[str]) -> Iterator[tuple[str, Verdict]]:
    """Probes devices in this very process."""
    import pyopencl

    for identity, device in probe_worker.identities(pyopencl):
        if identity in identities:
            problem, lacks = probe_worker.check(pyopencl, device, kernel_source("probe.cl"))
            yield identity, Verdict(problem, tuple(lacks))


def run_worker(
    identities: Sequence[str], guess: str | None = None, vendors: str = ""
) -> tuple[list[dict[str, Any]], str, bool]:
    """Runs the probe worker on some devices; with none it only lists the platforms.

    Args:
      identities: the devices, as `probe_worker.identities` names them.
      guess: instead, a text by which the worker is to guess the devices that will serve.
      vendors: another value of OCL_ICD_VENDORS for the worker.

    Returns:
      Its answers, how it ended, as the end of a sentence, and whether it crashed or hung.
    """
    request = {
        "path": sys.path,
        "preload": icd.state.preload,
        "source": kernel_source("probe.cl"),
        "devices": list(identities),
        "guess": guess,
    }
    if not sys.executable or getattr(sys, "frozen", False):
        return [], "could not be started: no Python interpreter is known", False
    command = [sys.executable, "-P", str(WORKER)]
    text = json.dumps(request).encode()
    try:
        environ = {**os.environ, "OCL_ICD_VENDORS": vendors} if vendors else None
        done = subprocess.run(command, input=text, capture_output=True, timeout=TIME_LIMIT, check=False, env=environ)
    except subprocess.TimeoutExpired as expired:
        return _answers(expired.stdout or b""), f"took longer than {TIME_LIMIT:.0f} s", True
    except OSError as error:
        return [], f"could not be started: {error}", False
    if done.returncode == 0:
        return _answers(done.stdout), "ended", False
    killed = done.returncode < 0 or done.returncode > 255  # by a signal, or by Windows' exceptions
    how = f"crashed (signal {-done.returncode})" if done.returncode < 0 else f"failed (exit {done.returncode})"
    lines = [line.strip() for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("#", "PLEASE submit", "Stack dump"))]  # LLVM's farewell
    return _answers(done.stdout), f"{how}{': ' + told[-1][:300] if told else ''}", killed


def _answers(output: bytes) -> list[dict[str, Any]]:
    answers = []
    for line in output.splitlines():
        with contextlib.suppress(ValueError):  # a line cut off by the worker's end
            answers.append(json.loads(line))
    return answers


def cache_file(identity: str) -> Path:
    """Where the verdict on a device is kept; another place for another driver, runtime library or probe."""
    key = json.dumps([identity, icd.fingerprint(), kernel_source("probe.cl")])
    return config.cache_dir() / f"probe-{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"


def load(identity: str) -> Verdict | None:
    """The cached verdict on a device; None where there is none, it is damaged, or it is bad and old."""
    try:
        data = json.loads(cache_file(identity).read_text(encoding="utf-8"))
        verdict = Verdict(data["problem"], tuple(data["lacks"]), cached=True)
        if data["identity"] != identity or not isinstance(verdict.problem, str | None):
            return None
        if not verdict.works and not 0 <= time.time() - data["time"] < FAILURE_TRUST:
            return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return verdict


def store(identity: str, verdict: Verdict) -> None:
    """Keeps a verdict for later processes; where the cache cannot be written they probe anew."""
    data = {**asdict(verdict), "identity": identity, "time": time.time()}
    data.pop("cached")
    with contextlib.suppress(OSError):
        write_atomically(cache_file(identity), json.dumps(data, indent=1))
