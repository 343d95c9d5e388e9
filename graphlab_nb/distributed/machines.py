"""One machine's part of a cluster, from beginning to end: a Ray node, the machine's tasks, and its client port.

Ray's processes are children of one child, the port is another; both end when this process ends in whatever way. What Ray
writes lies in a folder of this part's own, which goes with it. Other clusters on the machine are not touched.

A cluster on loopback keeps to it: with the node's address 127.0.0.1, Ray's control store, its node and its workers listen
on 127.0.0.1 alone. With any other address, Ray listens on all of the machine's interfaces, and what keeps others out is the
token. The autoscaler's monitor, which Ray starts otherwise, serves figures on all interfaces and without a token, so it stays
away.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphlab_nb.distributed import tokens
from graphlab_nb.distributed.probe import address
from graphlab_nb.errors import FailedPreconditionError, UnavailableError

LOOPBACK = "127.0.0.1"
FOLDER = "glnb"  # how the names of Ray's folders begin; short, for sockets' paths may have 107 characters
_LONGEST_START = 120.0
_LEAVE = 6.0
_GRACE = 3.0
_LINES_SHOWN = 12
_COMPLAINTS_SHOWN = 4
_COMPLAINT = re.compile(r"^\[[-\d]+ [:.,\d]+ [ECF] ")

FAULTS = {
    # A dead node is noticed after 3 s, a silent one after 9 s, instead of half a minute and more.
    "RAY_health_check_initial_delay_ms": "3000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
    # Whoever has lost the control store ends after 8 s, instead of 60 s.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "8",
    "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",
    "RAY_raylet_start_wait_time_s": "100",  # a slow or busy machine gets longer than 30 s to start
}
"""Ray's time-outs, as they suit a program that someone waits for."""

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # tasks get as much of the processors as other programs
    "RAY_max_direct_call_object_size": str(2**20),  # up to a MB, tensors are faster in calls than by the store
    "RAY_task_events_report_interval_ms": "0",  # nobody reads a history of calls
    "RAY_enable_metrics_collection": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


class StoppedError(Exception):
    """Someone asked to stop while something was starting."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at a host."""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def reserve_port(host: str, port: int) -> socket.socket:
    """Takes a port at once, or says who has it, so that nothing is started in vain.

    Args:
      host: the address to serve at.
      port: the port's number.

    Returns:
      A socket that keeps others from the port, while gRPC may have it beside.

    Raises:
      UnavailableError: where the port is taken, or the host is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            raise UnavailableError(
                None,
                None,
                f"{address(host, port)} cannot be had: {error.strerror or error}; choose another --port or --host",
            ) from error
    kept = socket.socket(family, socket.SOCK_STREAM)
    if hasattr(socket, "SO_REUSEPORT"):
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with contextlib.suppress(OSError):  # connections that ended lately: gRPC gets it, but it cannot be kept
            kept.bind((host, port))
    return kept


def free_port(host: str = LOOPBACK) -> int:
    """A port that nothing listens at now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probed:
        probed.bind((host, 0))
        return int(probed.getsockname()[1])


def child_environment(loopback: bool, demanded: bool, folder: str) -> dict[str, str]:
    """The variables that a cluster's processes start with.

    Args:
      loopback: whether the cluster keeps to this machine.
      demanded: whether it demands the token.
      folder: where Ray's files are.

    Returns:
      All variables of the environment.
    """
    environment = {**os.environ, **FAULTS, **QUIET, "RAY_TMPDIR": folder}
    environment.pop("RAY_ADDRESS", None)
    environment.pop(tokens.PATH, None)
    environment.update(tokens.environment(demanded))
    # Only so does Ray take 127.0.0.1 for a node's address; it is the rule on Windows and macOS.
    environment["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0" if loopback else "1"
    here = Path(__file__).resolve()
    package = str(here.parents[2])
    paths = [str(here.parent / "hidden"), "" if "site-packages" in package else package]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [*paths, environment.get("PYTHONPATH", "")]))
    return environment


@dataclass
class Plan:
    """What a machine's part is to be.

    Attributes:
      jobs: how many tasks of each job, or their indices.
      host: the address to serve clients at.
      port: the port to serve clients at.
      store: the control store of the cluster to join, or "" to begin a cluster.
      checkpoints: the folder for checkpoints, which stays; or "" for one that goes with the cluster.
      every: seconds between checkpoints; 0 where time does not count.
      every_steps: runs that change variables between checkpoints; 0 where these do not count.
      cpus: how many processors Ray counts, or None for all.
      memory: megabytes of the store of objects, or None for Ray's own choice.
      demanded: whether the token is demanded.
    """

    jobs: Mapping[str, int | Sequence[int]]
    host: str
    port: int
    store: str = ""
    checkpoints: str = ""
    every: float = 60.0
    every_steps: int = 0
    cpus: int | None = None
    memory: int | None = None
    demanded: bool = True


@dataclass
class Machine:
    """A machine's part of a cluster: `start` it, `wait`, and `stop` it in any case.

    Attributes:
      plan: what it is to be.
      stop_asked: set by whoever wants it to end, such as a signal's handler.
    """

    plan: Plan
    stop_asked: threading.Event = field(default_factory=threading.Event)
    folder: str = ""
    store: str = ""
    tasks: list[dict[str, Any]] = field(default_factory=list)
    _children: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    _lines: queue.Queue[str] = field(default_factory=queue.Queue)
    _known: dict[int, Any] = field(default_factory=dict)

    def prepare(self) -> None:
        """Makes the folder for Ray's files."""
        self.folder = self.folder or tempfile.mkdtemp(prefix=FOLDER, dir="/tmp" if os.path.isdir("/tmp") else None)

    def start(self, tell: Callable[[str], None]) -> None:
        """Starts the node, then the tasks and the port.

        Args:
          tell: is told what is going on.

        Raises:
          UnavailableError: where the port is taken.
          FailedPreconditionError: where Ray or a task does not start; its last lines are in it.
          StoppedError: when it was asked to stop meanwhile.
        """
        plan = self.plan
        self.prepare()
        with contextlib.closing(reserve_port(plan.host, plan.port)):
            tell("starting Ray, which takes some seconds")
            try:
                self._start_node()
            except FailedPreconditionError as error:
                lines = error.message.splitlines()
                tell(f"Ray's node did not start, so it is tried once more ({' '.join(lines[:1] + lines[1:][-1:])})")
                end_processes(processes_of(self.folder))
                self._start_node()
            tell("starting the tasks")
            self._spawn(
                "port", "graphlab_nb.distributed.port", "--address", self.store, "--host", plan.host, "--port", str(plan.port),
                "--folder", self.folder, "--jobs", json.dumps(dict(plan.jobs)), "--checkpoints",
                plan.checkpoints or os.path.join(self.folder, "checkpoints"),
                "--every", str(plan.every), "--every-steps", str(plan.every_steps),
            )  # fmt: skip
            self._until(self._port_is_ready, "port")

    def _start_node(self) -> None:
        self.store = self.plan.store or address(self.node_host, free_port())
        self._spawn("node", "graphlab_nb.distributed.node", json.dumps(self._node_arguments()))
        self._until(lambda: os.path.exists(os.path.join(self.folder, "started")), "node")

    def wait(self) -> str:
        """Waits until it is asked to stop, or one of its processes ends.

        Returns:
          What ended by itself, as a sentence, or "".
        """
        while not self.stop_asked.wait(0.5):
            for name, child in self._children.items():
                if child.poll() is not None:
                    return f"The {name} process ended by itself (exit code {child.returncode}){self._tail(name)}"
        return ""

    def stop(self) -> None:
        """Ends all of its processes, and no other's, and removes its folder."""
        self._remember()
        self._leave()
        for child in self._children.values():
            child.terminate()
        end = time.monotonic() + _GRACE
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, end - time.monotonic()))
            if child.stdin is not None:
                child.stdin.close()
        end_processes([*self._known.values(), *processes_of(self.folder)])
        for child in self._children.values():
            child.wait(5)
            if child.stdout is not None:
                child.stdout.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _leave(self) -> None:
        """Has the tasks of this machine write their last checkpoints and go, so that the cluster does not miss them."""
        child = self._children.get("port")
        if child is None or child.stdin is None or not self.tasks:
            return
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            child.stdin.write("leave\n")
            child.stdin.flush()
            child.wait(_LEAVE)

    @property
    def node_host(self) -> str:
        """The address by which other machines reach this one: that of its Ray node."""
        if is_loopback(self.plan.host):
            return LOOPBACK
        if self.plan.host not in ("0.0.0.0", "::"):
            return self.plan.host
        with socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM
        ) as outward:  # sends nothing; tells by which address it would
            outward.connect(("192.0.2.1", 9))
            return str(outward.getsockname()[0])

    def _node_arguments(self) -> dict[str, Any]:
        plan, arguments = self.plan, {"temp_dir": self.folder, "node_ip_address": self.node_host}
        values = {"num_cpus": plan.cpus, "object_store_memory": plan.memory and plan.memory * 2**20, "num_gpus": None}
        return {
            **arguments,
            "head": not plan.store,
            "store": self.store,
            **{k: v for k, v in values.items() if v is not None},
        }

    def _spawn(self, name: str, module: str, *arguments: str) -> None:
        environment = child_environment(is_loopback(self.plan.host), self.plan.demanded, self.folder)
        with open(os.path.join(self.folder, f"{name}.log"), "w", encoding="utf-8") as log:
            self._children[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if name == "port" else log,
                stderr=log,
                env=environment,
                cwd=self.folder,
                start_new_session=True,  # so that Ctrl-C reaches this process, which then ends them in order
                text=True,
            )
        if name == "port":
            threading.Thread(target=self._read, args=(self._children[name].stdout,), daemon=True).start()

    def _read(self, output: Any) -> None:
        with contextlib.suppress(ValueError):  # closed meanwhile
            for line in output:
                self._lines.put(line)

    def _until(self, done: Callable[[], bool], name: str) -> None:
        end = time.monotonic() + _LONGEST_START
        while not done():
            if self.stop_asked.wait(0.1):
                raise StoppedError
            for other, child in self._children.items():
                if child.poll() is not None and not done():
                    raise FailedPreconditionError(
                        None, None, f"The {other} process ended (exit code {child.returncode}){self._tail(other)}"
                    )
            if time.monotonic() > end:
                raise FailedPreconditionError(
                    None, None, f"The {name} process was not ready after {_LONGEST_START:g} s{self._tail(name)}"
                )
        self._remember()

    def _port_is_ready(self) -> bool:
        with contextlib.suppress(queue.Empty):
            while True:
                said = json.loads(self._lines.get_nowait())
                self.tasks = said.get("tasks", self.tasks)
                if "error" in said:
                    raise FailedPreconditionError(None, None, f"The tasks could not be started: {said['error']}")
                if "ready" in said:
                    return True
        return False

    def _tail(self, name: str) -> str:
        """The last lines of a child's log, and of what Ray's processes complain about."""
        lines = _lines(Path(self.folder, f"{name}.log"))[-_LINES_SHOWN:]
        for part in ("gcs_server", "raylet"):
            log = _lines(Path(self.folder, "session_latest", "logs", f"{part}.out"))
            lines += [line for line in log if _COMPLAINT.match(line)][-_COMPLAINTS_SHOWN:]
        return "; it said last:\n" + "\n".join(lines) if lines else ""

    def _remember(self) -> None:
        """Notes the children's children while they can be found as such."""
        import psutil

        for child in self._children.values():
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(child.pid)
                self._known.update((p.pid, p) for p in process.children(recursive=True))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def processes_of(folder: str) -> list[Any]:
    """The processes of a machine's part, found by its folder in their variables or arguments."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if folder and process.pid != os.getpid() and process.username() == psutil.Process().username():
                if process.environ().get("RAY_TMPDIR") == folder or any(folder in part for part in process.cmdline()):
                    found.append(process)
    return found


def end_processes(processes: list[Any]) -> None:
    """Ends processes: asks them first, and insists after a second."""
    import psutil

    _, alive = psutil.wait_procs(processes, timeout=0.3)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(alive, timeout=1.0)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=2.0)
