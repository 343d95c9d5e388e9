"""What this user's clusters on this machine are: one small file each, so that `down` and `status` find them.

A record is written when `up` or `join` begins and removed when it ends. It names its process by id and time of start, for
ids come again: a record whose process is gone is stale, and is removed by whoever meets it.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from graphlab_nb.config import cache_dir


@dataclass(frozen=True)
class Record:
    """One cluster, or one machine's part of one.

    Attributes:
      port: the port on which clients reach it.
      host: the address that the port is bound to.
      pid: the process of `graphlab-nb cluster up` or `join`.
      started: when that process started, in seconds since 1970.
      command: "up" or "join".
      folder: where Ray keeps its files.
      token: the token's file, or "" without one.
      ready: whether clients can reach it already.
    """

    port: int
    host: str
    pid: int
    started: float
    command: str
    folder: str
    token: str
    ready: bool = False

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return abs(start_time(self.pid) - self.started) < 1.0


def record_file(port: int) -> Path:
    """The file of the cluster at a port of this machine."""
    return cache_dir() / "clusters" / f"{port}.json"


def start_time(pid: int) -> float:
    """When a process started, in seconds since 1970, or 0.0 where there is none."""
    import psutil

    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return 0.0


def write_record(record: Record) -> None:
    """Writes a record, all of it or nothing."""
    path = record_file(record.port)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{record.port}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file)
    os.replace(draft, path)


def read_record(port: int) -> Record | None:
    """The record of the cluster at a port, whether its process still runs or not.

    Returns:
      The record; None where there is none. One that cannot be understood is removed.
    """
    path = record_file(port)
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        path.unlink(missing_ok=True)
        return None


def remove_record(record: Record) -> None:
    """Removes a record, unless another process has written its own there."""
    if read_record(record.port) == record:
        record_file(record.port).unlink(missing_ok=True)


def running() -> list[Record]:
    """The records of clusters that run, by port."""
    ports = sorted(int(path.stem) for path in record_file(0).parent.glob("*.json") if path.stem.isdigit())
    return [record for record in map(read_record, ports) if record is not None and record.alive]
