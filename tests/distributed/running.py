"""A real cluster on loopback for tests: begun by the command, in a process of its own, with a home and token of its own."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphlab_nb.distributed.machines import free_port, processes_of
from graphlab_nb.distributed.records import read_record

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 150.0


@dataclass
class Cluster:
    """A cluster that runs; `target` is for `tf.Session`, `environment` are the variables that a client of it needs."""

    target: str
    port: int
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def pids(self) -> dict[str, int]:
        """The process of each task, as `up` printed it."""
        found = {}
        for line in self.said:
            if line.startswith("/job:"):
                found[line.split()[0]] = int(line.partition("process ")[2].split(";")[0])
        return found

    def processes(self) -> list[int]:
        """All processes of the cluster, but that of the command."""
        with _variables(self.environment):
            record = read_record(self.port)
        return [process.pid for process in processes_of(record.folder)] if record else []

    def command(self, *arguments: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Runs `graphlab-nb cluster ...` as the same user."""
        return subprocess.run(
            [sys.executable, "-m", "graphlab_nb.cli", "cluster", *arguments],
            env=self.environment, cwd=self.home, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip


def status(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """What each task tells of itself to this process, which has the cluster's token."""
    from graphlab_nb.distributed.connection import connect
    from graphlab_nb.distributed.presence import tasks

    connection = connect(cluster.target)
    with connection._entered():
        return {name: connection._ask(name, "status") for name in tasks()}


def wait_for(done: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.3)


@contextlib.contextmanager
def running_cluster(
    jobs: str = "ps=1,worker=2", *options: str, environment: Mapping[str, str] | None = None, cpus: int = 4
) -> Iterator[Cluster]:
    """A cluster, from where clients can reach it to where it is down."""
    with (
        tempfile.TemporaryDirectory(prefix="cluster") as home,
        begun(Path(home), jobs, *options, environment=environment, cpus=cpus) as cluster,
    ):
        yield cluster


@contextlib.contextmanager
def begun(
    home: Path,
    jobs: str,
    *options: str,
    environment: Mapping[str, str] | None = None,
    cpus: int = 4,
    action: tuple[str, ...] = ("up",),
    within: tuple[str, ...] = (),
) -> Iterator[Cluster]:
    """The same (or by `join`) with the home of the user given; `within` is a command that runs the command."""
    port = free_port()
    variables = {**os.environ, **(environment or {}), "HOME": str(home), "PYTHONUNBUFFERED": "1"}
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_ADDRESS", "XDG_CACHE_HOME"):
        variables.pop(name, None)
    variables["GLNB_CACHE_DIR"] = str(home / "cache")
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        [*within, sys.executable, "-m", "graphlab_nb.cli", "cluster", *action, "--jobs", jobs, "--port", str(port),
         "--cpus", str(cpus), "--memory", "200", *options],
        env=variables, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    cluster = Cluster(f"grpc://127.0.0.1:{port}", port, home, variables, process)
    cluster.environment["RAY_AUTH_TOKEN_PATH"] = str(home / ".ray" / "auth_token")
    try:
        end = time.monotonic() + LONGEST
        while not any(line.startswith("Target: ") for line in cluster.said):
            with contextlib.suppress(queue.Empty):
                cluster.said.append(lines.get(timeout=0.2))
            ended = process.poll() is not None and lines.empty() and not reader.is_alive()
            assert not ended and time.monotonic() < end, "the cluster did not begin:\n" + "".join(cluster.said)
        yield cluster
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            process.kill()
            process.wait()
            reader.join(5)
            while not lines.empty():
                cluster.said.append(lines.get())
            if process.stdout is not None:
                process.stdout.close()


@contextlib.contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)


def stored(cluster: Cluster) -> tuple[int, int]:
    """Bytes and objects in the cluster's object store, as Ray counts them."""
    import ray

    from graphlab_nb.distributed.connection import connect

    def look() -> tuple[int, int]:
        from ray._private.internal_api import get_memory_info_reply, get_state_from_address

        address = ray.get_runtime_context().gcs_address
        found = get_memory_info_reply(get_state_from_address(address)).store_stats
        return found.object_store_bytes_used, found.num_local_objects

    with connect(cluster.target)._entered():
        return ray.get(ray.remote(num_cpus=0)(look).remote(), timeout=60)
