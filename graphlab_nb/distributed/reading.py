"""How the arguments of `graphlab-nb cluster` are read: numbers, addresses, jobs."""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from typing import Any

from graphlab_nb.distributed import probe
from graphlab_nb.distributed.names import parse_jobs

LEAST_MEMORY = 75
"""Megabytes that Ray's store of objects has at least."""
_NUMBER = re.compile(r"^[0-9]+$")


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Adds what says which tasks are started, and when their variables are kept."""
    parser.add_argument("--jobs", type=jobs, required=True, metavar="JOB=N,...", help="tasks to start: ps=1,worker=2")
    parser.add_argument(
        "--checkpoints",
        default="",
        metavar="DIR",
        help="where variables' checkpoints stay for the next cluster (default: they go with this one)",
    )
    parser.add_argument(
        "--every",
        type=amount,
        default=60.0,
        metavar="SECONDS",
        help="between checkpoints (default: 60; 0: time does not count)",
    )
    parser.add_argument(
        "--every-steps", type=count, default=0, metavar="N", help="runs that change variables between checkpoints, too"
    )


def jobs(text: str) -> dict[str, int]:
    """How many tasks of each job: `ps=1,worker=2`."""
    return _read(parse_jobs, text)


def resources(text: str) -> dict[str, float]:
    """Amounts by the names of Ray's resources: `NAME=N,...`."""
    parts = [part.strip().partition("=") for part in text.split(",")]
    if not all(name and equals for name, equals, _ in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not understood; write for instance 'accelerator_type:A100=0.1'")
    return {name: amount(number) for name, _, number in parts}


def address(text: str) -> tuple[str, int]:
    """A host and a port, with or without grpc:// before them."""
    return _read(probe.parse_address, text.removeprefix(probe.SCHEME))


def _read(reader: Any, text: str) -> Any:
    try:
        return reader(text)
    except ValueError as error:  # InvalidArgumentError too
        raise argparse.ArgumentTypeError(str(error)) from error


def port(text: str) -> int:
    """A port's number."""
    if not _NUMBER.match(text) or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number in 1..65535")
    return int(text)


def count(text: str) -> int:
    """A whole number above 0."""
    if not _NUMBER.match(text) or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def memory(text: str) -> int:
    """Megabytes that this machine has and Ray can do with."""
    value, most = count(text), sys.maxsize
    with contextlib.suppress(ImportError):  # Ray lacks then too, and is asked for later
        import psutil

        most = psutil.virtual_memory().total // 2**20
    if not LEAST_MEMORY <= value <= most:
        raise argparse.ArgumentTypeError(
            f"{text} MB cannot be had: Ray wants {LEAST_MEMORY} at least, and this machine has {most:,}"
        )
    return value


def amount(text: str) -> float:
    """A number from 0 on."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return value
