"""What the works share: timing, MNIST, memory, and the worker's command line. Peers import it, so graphlab_nb may not.

A work is a file `work_NAME.py` with a `WORK`. One process measures one engine:

    python tests/benchmarks/work_softmax.py ENGINE [--case CASE] [--short]

and prints one line of JSON: minimum and median of each case and label. A label is an engine, a variant of one ("torch
channels_last"), or "limit": what the hardware would allow, measured in the same process, and
"share": the part of it that is reached, turn by turn.
"""

from __future__ import annotations

import argparse
import functools
import gc
import gzip
import importlib.metadata
import itertools
import json
import os
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
MNIST = ROOT / "graphlab_nb" / "datasets" / "data" / "mnist"
OURS = "graphlab_nb"
PACKAGES = {
    OURS: ("numpy", "pyopencl", "intel-opencl-rt"),
    "numpy": ("numpy",),
    "tensorflow": ("tensorflow-cpu", "tensorflow", "numpy"),
    "torch": ("torch", "numpy"),
}

PROFILED, PROFILE_ROWS = 5, 12
"""Steps of which a profile is made, and its kernels that are kept."""

Figures = dict[str, Sequence[float]]
"""Samples by label: seconds per repetition, or bytes."""


@dataclass(frozen=True)
class Timer:
    """Times repetitions of a step.

    Attributes:
      short: do each thing once or twice, only to see that it runs.
      seconds: how long to go on measuring.
      block: seconds that a block of repetitions should take.
      profiles: takes what `graphlab_nb.profile` says of a few steps that were measured; None for no profile.
    """

    short: bool = False
    seconds: float = 1.0
    block: float = 0.02
    profiles: list[str] | None = None

    def __call__(self, step: Callable[[], Any], finish: Callable[[], Any] = lambda: None) -> list[float]:
        """Seconds per step, one figure per block; `finish`, which waits for the last step, is inside the block.

        What `finish` computes counts, so it fetches one number of a variable and nothing that the step computes.
        """
        if self.short:
            return [_timed(step, finish, 2)]
        gc.collect()
        count, took = 1, _timed(step, finish, 1)
        end = time.perf_counter() + self.seconds / 4
        while took * count < self.block or time.perf_counter() < end:
            if took * count < self.block:
                count = max(count + 1, min(10 * count, int(self.block / took)))
            took = _timed(step, finish, count)
        samples: list[float] = []
        end = time.perf_counter() + self.seconds
        while len(samples) < 5 or time.perf_counter() < end:
            samples.append(_timed(step, finish, count))
        if self.profiles is not None:
            import graphlab_nb

            with graphlab_nb.profile() as profile:
                _timed(step, finish, PROFILED)
            self.profiles.append(profile.table(PROFILE_ROWS))
        return samples


def _timed(step: Callable[[], Any], finish: Callable[[], Any], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        step()
    finish()
    return (time.perf_counter() - start) / count


Engine = Callable[[str, Timer], Figures]


@dataclass(frozen=True)
class Work:
    """What `work_NAME.py` measures.

    Attributes:
      title: what is measured, for people.
      cases: their names.
      engines: by engine, the function that measures a case.
      alone: whether each case gets a process of its own.
      units: of the cases that are not in seconds: "B".
      seconds: how long each case is measured in each round.
      growth: for a work that is drawn: by the first word of its cases, what their number is.
      profiled: whether the results show where our time goes.
    """

    title: str
    cases: Sequence[str]
    engines: dict[str, Engine]
    alone: bool = False
    units: dict[str, str] = field(default_factory=dict)
    seconds: float = 1.0
    growth: dict[str, str] = field(default_factory=dict)
    profiled: bool = False


def main(work: Work) -> None:
    """Measures one engine and prints the JSON line; a case that fails says why and the others go on."""
    parser = argparse.ArgumentParser(description=work.title)
    parser.add_argument("engine", choices=list(work.engines))
    parser.add_argument("--case", choices=list(work.cases), action="append", help="one case; all, if left out")
    parser.add_argument("--short", action="store_true", help="small and once, only to see that it runs")
    args = parser.parse_args()
    figures: dict[str, dict[str, dict[str, float]]] = {}
    problems: dict[str, str] = {}
    profiles: dict[str, str] = {}
    for case in args.case or work.cases:
        told: list[str] | None = [] if work.profiled and args.engine == OURS else None
        try:
            samples = work.engines[args.engine](case, Timer(args.short, work.seconds, profiles=told))
        except Exception:
            problems[case] = traceback.format_exc()
            continue
        figures[case] = {
            label: {"min": min(values), "median": statistics.median(values)} for label, values in samples.items()
        }
        if told:
            profiles[case] = told[-1]
    answer = {"engine": args.engine, "figures": figures, "problems": problems, "versions": _versions(args.engine)}
    if profiles:
        answer["profiles"] = profiles
    if args.engine == OURS:
        answer["device"] = _device()
    print(json.dumps(answer), flush=True)
    sys.exit(bool(problems))


def _versions(engine: str) -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for package in PACKAGES[engine]:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _device() -> dict[str, str]:
    from peaks import serving

    device = serving().cl_device
    return {
        "name": device.name.strip(),
        "platform": device.platform.name.strip(),
        "driver": device.driver_version.strip(),
    }


def tensorflow_v1() -> Any:
    """TensorFlow with the graph API of its first versions."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    return tf


def graph_engines(measure: Callable[[Any, str, Timer], Sequence[float]]) -> dict[str, Engine]:
    """Ours and TensorFlow for a program that both can run: `measure(tf, case, timer)`, in a graph of its own."""

    def run_graphlab_nb(case: str, timer: Timer) -> Figures:
        import graphlab_nb as tf

        with tf.Graph().as_default():
            return {OURS: measure(tf, case, timer)}

    def run_tensorflow(case: str, timer: Timer) -> Figures:
        tf = tensorflow_v1()
        with tf.Graph().as_default():
            return {"tensorflow": measure(tf, case, timer)}

    return {OURS: run_graphlab_nb, "tensorflow": run_tensorflow}


def started(tf: Any) -> Any:
    """A session with its variables initialized."""
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    return sess


def variable(tf: Any, shape: Sequence[int], seed: int = 0) -> Any:
    """A variable of small random numbers, made on the device, so that no engine can fold it into a constant."""
    return tf.Variable(tf.random_normal(shape, stddev=0.1, seed=seed))


def read_mnist(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images `[n, 784]` from 0 to 1 and one-hot labels `[n, 10]`, float32, of "train" or "t10k"."""
    pixels = gzip.decompress((MNIST / f"{part}-images-idx3-ubyte.gz").read_bytes())
    digits = gzip.decompress((MNIST / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    images = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / np.float32(255)
    return images, np.eye(10, dtype=np.float32)[np.frombuffer(digits, np.uint8, offset=8)]


_training_digits = functools.cache(lambda: read_mnist("train"))


def batches(size: int, many: int = 20) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same batches of training digits again and again, in memory of their own."""
    images, labels = _training_digits()
    many = max(1, min(many, len(images) // size))
    parts = [slice(i * size, (i + 1) * size) for i in range(many)]
    return itertools.cycle([(images[part].copy(), labels[part].copy()) for part in parts])


def memory(field_name: str) -> int:
    """Bytes that Linux tells of this process: "VmRSS" is resident now, "VmHWM" the most since `forget_peak`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field_name + ":"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"this system does not tell {field_name}")


def forget_peak() -> None:
    """Makes the most resident memory (VmHWM) what it is now."""
    Path("/proc/self/clear_refs").write_text("5")
