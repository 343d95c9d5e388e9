"""The child process that runs a Ray node: a cluster's first, with its control store, or one that joins.

It does what `ray start --block` does, which refuses nodes at 127.0.0.1, and always starts a monitor that listens on all of the
machine's interfaces.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphlab_nb.distributed.machines import free_port

_NEEDED = ("raylet", "gcs_server")


def run_node(arguments: Mapping[str, Any]) -> None:
    """Runs a Ray node in this process's children, until this process is ended, its input is closed, or one of them ends.

    Args:
      arguments: what `Machine` hands over: `head`, `store`, `temp_dir`, `node_ip_address`, and what Ray counts.
    """
    started = threading.Event()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=_end_with_children, args=(started,), daemon=True).start()
    from ray._private.node import Node
    from ray._private.parameter import RayParams

    values = dict(arguments)
    head, store = values.pop("head"), values.pop("store")
    make: Any = RayParams
    parameters = make(
        min_worker_port=0, max_worker_port=0, include_log_monitor=False, include_dashboard=False, no_monitor=True,
        **values, **_agents_ports(),
        **({"gcs_server_port": int(store.rpartition(":")[2])} if head else {"gcs_address": store}),
    )  # fmt: skip
    node = Node(parameters, head=head, shutdown_at_exit=True, spawn_reaper=True)
    started.set()
    Path(values["temp_dir"], "started").touch()
    while not node.dead_processes():
        time.sleep(0.5)
    _tell(", ".join(str(kind) for kind, _ in node.dead_processes()))
    node.kill_all_processes(check_alive=False, allow_graceful=False)
    os._exit(1)


def _agents_ports() -> dict[str, int]:
    """Ports for the agents of Ray's node, which ends itself where one that chooses its own does not tell it within 15 s."""
    from ray._private.utils import get_dashboard_dependency_error

    ports = {f"{name}_port": free_port() for name in ("metrics_export", "dashboard_agent_listen", "runtime_env_agent")}
    # Without ray[default] there is no agent for metrics, which Ray's node knows by this number.
    return {**ports, "metrics_agent_port": -1 if get_dashboard_dependency_error() else free_port()}


def _end_with_children(started: threading.Event) -> None:
    """Ends the process when a child ends while it starts, for which Ray would wait until its time is over."""
    import psutil

    while not started.wait(0.5):
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                if child.status() == psutil.STATUS_ZOMBIE and child.name() in _NEEDED:
                    _tell(child.name())
                    os._exit(1)


def _tell(ended: str) -> None:
    print(f"ended by itself: {ended}", file=sys.stderr, flush=True)


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    run_node(json.loads(sys.argv[1]))
