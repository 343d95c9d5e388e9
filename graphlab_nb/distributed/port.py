"""A machine's client port: the process that sessions reach at `grpc://host:port`, and that starts the machine's tasks.

It joins the cluster first and serves Ray's client protocol afterwards, by Ray's own server. (Ray's proxy in front of such
servers, `--ray-client-server-port`, starts one more process for each client, which takes long and needs agents.) With
`RAY_AUTH_MODE=token`, Ray's server refuses whoever does not send the token.

What its parent must know it says by lines of JSON on its output: {"tasks": [...]} and {"ready": {...}}, or {"error": "..."}.
It ends when its input is closed, which happens when its parent ends in whatever way, or when it has lost the cluster. Told
"leave" there, it ends its tasks first.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from graphlab_nb.distributed.names import NAMESPACE, jobs_of

_WATCH = 1.0  # seconds between looks at the cluster
_LOST = 4  # looks in a row without an answer, after which the cluster is lost: a network may break for 5 s


def main(arguments: Sequence[str] | None = None) -> int:
    """Starts tasks, serves clients until the parent or the cluster ends, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m graphlab_nb.distributed.port")
    parser.add_argument("--address", required=True, help="the cluster's control store, as host:port")
    parser.add_argument("--host", default="127.0.0.1", help="the address to serve at")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", default=None, help="Ray's folder of this machine's part, where it has several")
    parser.add_argument(
        "--jobs", type=json.loads, default={}, help='tasks to start here: {"worker": 2}, or {"worker": [1]}'
    )
    parser.add_argument("--checkpoints", default="", help="the folder for checkpoints")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between checkpoints")
    parser.add_argument("--every-steps", type=int, default=0, help="runs that change variables between checkpoints")
    options = parser.parse_args(arguments)
    # What Ray prints goes to standard error: the output is the parent's.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1, encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    names: list[str] = []
    threading.Thread(target=_obey, args=(names,), daemon=True).start()
    try:
        server = start(options, output, names)
    except Exception as error:
        print(json.dumps({"error": f"{error}", "kind": type(error).__name__}), file=output)
        return 1
    watch()
    server.stop(0)
    print(json.dumps({"error": "the cluster's control store does not answer any more"}), file=output)
    os._exit(1)  # leaving Ray in order would wait for the control store


def start(options: argparse.Namespace, output: Any, names: list[str]) -> Any:
    """Joins the cluster, starts this machine's tasks in it, and opens the port.

    Args:
      options: what `main` has read.
      output: where to tell the parent.
      names: gets the names of the tasks that were started.

    Returns:
      Ray's server.

    Raises:
      OpError: where a task cannot be started.
      RuntimeError: where the port cannot be opened.
    """
    import ray

    def connect(job_config: Any = None, **_: Any) -> Any:
        return ray.init(
            address=options.address,
            namespace=NAMESPACE,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _temp_dir=options.folder,
        )

    connect()
    node = ray.get_runtime_context().get_node_id()
    if options.jobs:
        from graphlab_nb.distributed.tasks import settled_tasks, start_tasks

        counts = {job: count for job, count in options.jobs.items() if isinstance(count, int)}
        chosen = {job: indices for job, indices in options.jobs.items() if job not in counts}
        jobs = {**chosen, **free_indices(counts, settled_tasks())}
        tasks = start_tasks(
            jobs, node_id=node, checkpoints=options.checkpoints, every=options.every, every_steps=options.every_steps
        )
        names.extend(task["name"] for task in tasks)
        print(json.dumps({"tasks": tasks}), file=output)
    from ray.util.client.server.server import serve

    server = serve(options.host, options.port, connect)
    # Ray's server leaves the cluster with its last client, and takes seconds to join it again for the next: the port
    # counts as a client itself, so there is always one.
    servicer: Any = server.data_servicer
    with servicer.clients_lock:
        servicer.num_clients += 1
    servicer.client_task_chunk_collector, servicer.put_request_chunk_collector = _collectors()
    print(json.dumps({"ready": {"pid": os.getpid(), "node_id": node}}), file=output)
    return server


def _collectors() -> tuple[Any, Any]:
    """What puts the pieces of a client's large tasks, and of its large objects, together.

    Ray's server has one of each, since its proxy starts a server for each client. Here each client has its own: it is served
    by a thread of its own.
    """
    from ray.util.client.server.dataservicer import ChunkCollector

    class Collector(threading.local, ChunkCollector):
        def add_chunk(self, req: Any, chunk: Any) -> Any:
            if chunk.chunk_id == 0:
                self.reset()  # the thread's last client may have gone before all of its pieces came
            return super().add_chunk(req, chunk)

    return Collector(), Collector()


def free_indices(counts: Mapping[str, int], names: Sequence[str]) -> dict[str, list[int]]:
    """The indices that new tasks of each job get: the lowest that no task of that job has.

    Args:
      counts: how many tasks of each job are to come.
      names: the names of the tasks that are there.

    Returns:
      Indices by job.
    """
    there = jobs_of(names)
    free = {}
    for job, count in counts.items():
        taken = set(there.get(job, ()))
        candidates = (index for index in range(len(taken) + count) if index not in taken)
        free[job] = [next(candidates) for _ in range(count)]
    return free


def watch() -> None:
    """Returns when the cluster's control store has not answered several times in a row."""
    from ray._private.worker import global_worker

    worker: Any = global_worker
    missed = 0
    while missed < _LOST:
        time.sleep(_WATCH)
        try:
            worker.gcs_client.internal_kv_exists(b"graphlab_nb", b"graphlab_nb", timeout=_WATCH)
            missed = 0
        except Exception:
            missed += 1


def _obey(names: list[str]) -> None:
    """Ends the process when its input is closed; ends its tasks first where it is told to leave."""
    while told := os.read(0, 4096):
        if b"leave" in told:
            from graphlab_nb.distributed.tasks import stop_tasks

            with contextlib.suppress(Exception):  # the cluster may be gone, and the parent does not wait for long
                stop_tasks(names)
            break
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
