"""Start-up: import, process start to the tutorials' first trained step with warm and cold caches, resident memory.

The softmax tutorial reads its data in that time. All caches are in a folder of the measurement's own: cold is an empty
one, warm is one that the same program has filled. Compiled Python files are there in both.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import OURS, Figures, Timer, Work, main

CASES = ("import", "softmax warm", "softmax cold", "deep warm", "deep cold", "deep memory")
IMPORTS = {OURS: "graphlab_nb", "tensorflow": "tensorflow.compat.v1", "torch": "torch"}
CACHES = ("GLNB_CACHE_DIR", "XDG_CACHE_HOME", "POCL_CACHE_DIR")
REPEATS = 3
STEPS = 50


def started(program: str, engine: str, caches: str | None, steps: int = 1) -> tuple[float, int]:
    """Seconds from process start to the first step's end, and resident bytes after the last step.

    Args:
      program: "softmax" or "deep".
      engine: which runs it.
      caches: the folder of all caches; None leaves them where they are.
      steps: how many to train.

    Raises:
      RuntimeError: where the program fails.
    """
    environment = os.environ | ({name: str(Path(caches) / name) for name in CACHES} if caches else {})
    command = [sys.executable, str(Path(__file__).with_name("start_programs.py")), program, engine, str(steps)]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        seconds = time.perf_counter() - begin
        resident = process.stdout.read()
    if ready != "ready\n" or process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, int(resident)


@functools.cache
def started_once(program: str, engine: str) -> tuple[float, int]:
    """The same with the user's caches, for all short cases of a program together."""
    return started(program, engine, None, 2)


def imported(engine: str) -> float:
    """Seconds that the import statement takes in a new process."""
    code = f"import time; t = time.perf_counter(); import {IMPORTS[engine]}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)


def measure(engine: str, case: str, timer: Timer) -> Figures:
    if case == "import":
        imported(engine)
        return {engine: [imported(engine) for _ in range(1 if timer.short else REPEATS)]}
    program, what = case.split()
    if timer.short:
        seconds, resident = started_once(program, engine)
        return {engine: [resident if what == "memory" else seconds]}
    samples: list[float] = []
    with tempfile.TemporaryDirectory() as warm:
        if what != "cold":
            started(program, engine, warm)
        for _ in range(REPEATS):
            if what == "cold":
                with tempfile.TemporaryDirectory() as cold:
                    samples.append(started(program, engine, cold)[0])
            elif what == "warm":
                samples.append(started(program, engine, warm)[0])
            else:
                samples.append(started(program, engine, warm, STEPS)[1])
    return {engine: samples}


WORK = Work(
    "Start-up",
    CASES,
    {e: lambda case, timer, e=e: measure(e, case, timer) for e in IMPORTS},  # type: ignore[misc]
    units={"deep memory": "B"},
)

if __name__ == "__main__":
    main(WORK)
