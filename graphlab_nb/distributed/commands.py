"""The command `graphlab-nb cluster`: takes clusters up and down, and says how they are.

Ray is loaded only where a command needs it.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from graphlab_nb.distributed import entry, machines, probe, reading, records, tokens
from graphlab_nb.distributed.names import sorted_tasks
from graphlab_nb.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, OpError, UnavailableError

PORT = 2222
LONGEST_DOWN = 15.0
_SLOW = 4.0
_WHY_SLOW = (
    "graphlab-nb cluster: connecting; where `ray start` made the client port, it starts a process first, for some 20 s"
)
_ANY = ("0.0.0.0", "::")
_PORT_HELP = f"the port of this machine that clients reach (default: {PORT})"


def add_parser(cluster: argparse.ArgumentParser) -> None:
    """Adds what can be done with clusters to the command line.

    Args:
      cluster: the parser of `graphlab-nb cluster`.
    """
    actions = cluster.add_subparsers(dest="action", required=True, metavar="ACTION")
    up = actions.add_parser("up", help="begin a cluster on this machine; Ctrl-C takes it down")
    join = actions.add_parser("join", help="add this machine to a cluster; Ctrl-C takes it out again")
    join.add_argument("target", type=reading.address, metavar="HOST:PORT", help="any machine of the cluster")
    for machine in (up, join):
        reading.add_jobs(machine)
        machine.add_argument("--port", type=reading.port, default=PORT, help=_PORT_HELP)
        machine.add_argument(
            "--host",
            default=machines.LOOPBACK,
            help="the address to serve at; 0.0.0.0 is all of them (default: %(default)s)",
        )
        machine.add_argument(
            "--cpus", type=reading.count, metavar="N", help="processors that Ray counts (default: all)"
        )
        machine.add_argument(
            "--memory", type=reading.memory, metavar="MB", help="for tensors on their way (default: Ray's choice)"
        )
    up.add_argument(
        "--no-token",
        action="store_true",
        help="let in whoever reaches it: every user of this machine; on loopback only",
    )
    attach = actions.add_parser("attach", help="start tasks in a Ray cluster that others have made")
    attach.add_argument("address", help="its client port, as ray://host:port, or its control store, as host:port")
    reading.add_jobs(attach)
    attach.add_argument(
        "--gpus-per-task", type=reading.amount, default=0.0, metavar="N", help="GPUs that each task reserves"
    )
    attach.add_argument(
        "--cpus-per-task", type=reading.amount, default=1.0, metavar="N", help="processors that each task reserves"
    )
    attach.add_argument(
        "--resources-per-task",
        type=reading.resources,
        default={},
        metavar="NAME=N,...",
        help="what else of Ray's resources each task reserves",
    )
    attach.add_argument(
        "--placement",
        choices=("pack", "spread", "strict-pack", "strict-spread"),
        default="",
        help="few nodes, or one after another; strictly: one node, or each task on its own",
    )
    attach.add_argument(
        "--wait",
        type=reading.amount,
        default=None,
        metavar="SECONDS",
        help="how long a cluster that grows on demand may take to make room (default: it must have it)",
    )
    status = actions.add_parser("status", help="tasks, their machines, devices and variables")
    down = actions.add_parser("down", help="take down what `up` or `join` of this user runs, or what `attach` started")
    for action, text in (
        (status, "a machine of the cluster, or its control store"),
        (down, "the address that `attach` was given"),
    ):
        action.add_argument(
            "address", nargs="?", default="", metavar="ADDRESS", help=f"{text} (default: what runs here)"
        )
        action.add_argument("--port", type=reading.port, default=None, help=_PORT_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Runs `graphlab-nb cluster ...` and returns its exit code.

    Args:
      arguments: what the parser of `add_parser` has read.
    """
    actions = {"up": _up, "join": _join, "attach": _attach, "status": _status, "down": _down}
    try:
        return actions[arguments.action](arguments)
    except OpError as error:
        print(f"graphlab-nb cluster {arguments.action}: {error}", file=sys.stderr)
        return 2 if isinstance(error, InvalidArgumentError) else 1


def _up(arguments: argparse.Namespace) -> int:
    demanded = not arguments.no_token
    if not demanded and not machines.is_loopback(arguments.host):
        raise InvalidArgumentError(
            None,
            None,
            f"A cluster at {arguments.host} without a token would let everyone who reaches it run programs here; leave out "
            "--no-token, or serve at 127.0.0.1",
        )
    machines.reserve_port(arguments.host, arguments.port).close()
    probe.require_ray(load=False)
    if demanded:
        tokens.make_token()
    return _serve(arguments, _plan(arguments, demanded=demanded))


def _join(arguments: argparse.Namespace) -> int:
    machines.reserve_port(arguments.host, arguments.port).close()
    host, port = arguments.target
    probe.probe(host, port)
    store = probe.control_store(host, port)
    here = machines.is_loopback(store.rpartition(":")[0].strip("[]"))
    if here and not (machines.is_loopback(host) and machines.is_loopback(arguments.host)):
        raise FailedPreconditionError(
            None,
            None,
            f"The cluster at {probe.address(host, port)} keeps to its own machine (its control store is {store}), so only that "
            "machine can join it, at 127.0.0.1; begin it with: graphlab-nb cluster up --host 0.0.0.0",
        )
    if not here and machines.is_loopback(arguments.host):
        arguments.host = _ANY[0]
    return _serve(arguments, _plan(arguments, store=store, demanded=bool(tokens.read_token())))


def _plan(arguments: argparse.Namespace, **more: Any) -> machines.Plan:
    return machines.Plan(
        **more, jobs=arguments.jobs, host=arguments.host, port=arguments.port, checkpoints=_writable(arguments.checkpoints),
        every=arguments.every, every_steps=arguments.every_steps, cpus=arguments.cpus, memory=arguments.memory,
    )  # fmt: skip


def _writable(folder: str) -> str:
    """The whole path of a folder for checkpoints, made where it is missing; "" stays.

    Raises:
      FailedPreconditionError: where nothing can be written there.
    """
    if not folder:
        return ""
    path = os.path.abspath(folder)
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise FailedPreconditionError(
            None, None, f"No checkpoint can be written to {path!r}: {error.strerror or error}; name another folder"
        ) from error
    return path


def _serve(arguments: argparse.Namespace, plan: machines.Plan) -> int:
    """Runs this machine's part of a cluster until it is asked to end."""
    machine = machines.Machine(plan)
    record = None
    with _signals(machine.stop_asked):
        try:
            machine.prepare()
            record = _record(arguments.action, machine)
            records.write_record(record)
            machine.start(lambda text: print(f"graphlab-nb cluster: {text}", flush=True))
            record = dataclasses.replace(record, ready=True)
            records.write_record(record)
            _announce(machine)
            ended = machine.wait()
            if ended:
                raise UnavailableError(None, None, ended)
        except machines.StoppedError:
            pass
        finally:
            print("graphlab-nb cluster: taking it down", flush=True)
            machine.stop()
            if record is not None:
                records.remove_record(record)
    print("graphlab-nb cluster: it is down", flush=True)
    return 0


@contextlib.contextmanager
def _signals(asked: threading.Event) -> Iterator[None]:
    """Meanwhile, Ctrl-C and SIGTERM only set an event, so that all is taken down in order."""
    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _record(command: str, machine: machines.Machine) -> records.Record:
    plan, pid = machine.plan, os.getpid()
    token = "" if not plan.demanded or os.environ.get(tokens.TOKEN) else str(tokens.token_file())
    return records.Record(plan.port, plan.host, pid, records.start_time(pid), command, machine.folder, token)


def _announce(machine: machines.Machine) -> None:
    """Prints what was started, and how to use it."""
    plan = machine.plan
    host = machine.node_host if plan.host in _ANY else plan.host
    _print_tasks(machine.tasks)
    if plan.demanded and os.environ.get(tokens.TOKEN):
        print(f"Token: it is the one in the variable {tokens.TOKEN}.")
    elif plan.demanded and machines.is_loopback(plan.host):
        print(
            f"Token: it is in {tokens.token_file()}, for you alone. Only this machine reaches the cluster (see --host)."
        )
    elif plan.demanded:
        file = tokens.token_file()
        print(f"Token: it is in {file}, for you alone. To use the cluster from another machine, copy it there:")
        print(f"    mkdir -p ~/.ray && scp -p {machine.node_host}:{_quoted(file)} ~/.ray/auth_token")
    else:
        print("Token: none is demanded, so every user of this machine can run programs in the cluster.")
    print("Ctrl-C takes it down.")
    print(f"Target: {probe.SCHEME}{probe.address(host, plan.port)}", flush=True)


def _quoted(file: Path) -> str:
    with contextlib.suppress(ValueError):
        return shlex.quote(str(file.relative_to(Path.home())))
    return shlex.quote(str(file))


def _attach(arguments: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing stays reserved
    resources = {**arguments.resources_per_task, "CPU": arguments.cpus_per_task, "GPU": arguments.gpus_per_task}
    with _connected(arguments.address):
        from graphlab_nb.distributed.port import free_indices
        from graphlab_nb.distributed.tasks import settled_tasks, start_tasks

        jobs = free_indices(arguments.jobs, settled_tasks())
        tasks = start_tasks(
            jobs, checkpoints=arguments.checkpoints and os.path.abspath(arguments.checkpoints),
            every=arguments.every, every_steps=arguments.every_steps,
            placement=arguments.placement, wait=arguments.wait,
            resources={name: amount for name, amount in resources.items() if amount},
        )  # fmt: skip
    _print_tasks(tasks)
    client = arguments.address.removeprefix(probe.SCHEME).removeprefix("ray://")
    if client != arguments.address:
        print(f"Target: {probe.SCHEME}{client}")
    else:
        print("Target: the cluster's Ray client port; grpc://HEAD:10001, unless it was started with another.")
    print(f"To remove the tasks: graphlab-nb cluster down {arguments.address}", flush=True)
    return 0


def _status(arguments: argparse.Namespace) -> int:
    if arguments.address:
        where = _found_there(arguments.address)
    else:
        record = _find(arguments.port)
        if not record.ready:
            raise UnavailableError(None, None, f"The cluster at port {record.port} is still starting")
        host, port = machines.LOOPBACK if record.host in _ANY else record.host, record.port
        _use_token_of(record)
        where = f"ray://{probe.address(host, port)}"
    with _connected(where):
        from graphlab_nb.distributed.tasks import list_lost, list_tasks

        tasks, lost = list_tasks(), list_lost()
    print(f"{where.replace('ray://', probe.SCHEME)}: {len(tasks)} tasks")
    _print_tasks(tasks)
    for task in lost:
        print(f"{task['name']}  lost with its machine, {task['host']}; `join` with the same --jobs brings it back")
    return 0


def _found_there(address: str) -> str:
    """How to connect to an address: by a client port, ray://host:port, or, where it is that, by a control store, host:port.

    Raises:
      OpError: where it is neither.
    """
    bare = address.removeprefix(probe.SCHEME).removeprefix("ray://")
    host, port = probe.parse_address(bare)
    try:
        probe.probe(host, port)
    except UnavailableError as error:
        if bare != address or probe.NO_PORT not in error.message:
            raise
        with contextlib.suppress(OpError):
            probe.probe_store(host, port)
            return bare
        raise
    return f"ray://{probe.address(host, port)}"


def _down(arguments: argparse.Namespace) -> int:
    if arguments.address:
        with _connected(arguments.address):
            from graphlab_nb.distributed.tasks import list_tasks, release_left, stop_tasks

            names = sorted_tasks([task["name"] for task in list_tasks()])
            stop_tasks(names)
            release_left()
        print(f"removed: {', '.join(names) or 'no task was there'}")
        return 0
    record = _find(arguments.port)
    with contextlib.suppress(ProcessLookupError):
        os.kill(record.pid, signal.SIGTERM)
    end = time.monotonic() + LONGEST_DOWN
    while record.alive:
        if time.monotonic() > end:
            with contextlib.suppress(ProcessLookupError):
                os.kill(record.pid, signal.SIGKILL)
        time.sleep(0.1)
    clear(record)
    print(f"The cluster at port {record.port} is down.", flush=True)
    return 0


def clear(record: records.Record) -> None:
    """Removes what a process that was killed has left: its children, Ray's files, and its record.

    Args:
      record: a record whose process does not run.
    """
    machines.end_processes(machines.processes_of(record.folder))
    if os.path.basename(record.folder).startswith(machines.FOLDER):
        shutil.rmtree(record.folder, ignore_errors=True)
    records.remove_record(record)


def _find(port: int | None) -> records.Record:
    """The record of the cluster at a port of this machine, or of the only one that runs."""
    found = records.running()
    if port is None and len(found) == 1:
        return found[0]
    record = records.read_record(PORT if port is None else port)
    if record is not None and record.alive:
        return record
    left = ""
    if record is not None:
        clear(record)
        left = "; one was there that did not end in order, and what it left is removed now"
    there = f"; there is one at port {' and '.join(str(other.port) for other in found)}" if found else ""
    raise NotFoundError(None, None, f"No cluster of yours runs on this machine at port {port or PORT}{left}{there}")


def _use_token_of(record: records.Record) -> None:
    """Takes the token that the cluster was begun with, unless the environment names one."""
    if record.token and not os.environ.get(tokens.TOKEN) and not os.environ.get(tokens.PATH):
        os.environ[tokens.PATH] = record.token


@contextlib.contextmanager
def _connected(where: str) -> Iterator[None]:
    """Meanwhile, this process is in a cluster: by its client port (ray://host:port), or by its control store (host:port)."""
    where = where.replace(probe.SCHEME, "ray://", 1) if where.startswith(probe.SCHEME) else where
    by_client = where.startswith("ray://")
    host, port = probe.parse_address(where.removeprefix("ray://"), where)
    probe.require_ray(load=False)
    if by_client:
        probe.probe(host, port)
    else:
        probe.probe_store(host, port)
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "1")
    ray = probe.require_ray()
    slow = threading.Timer(_SLOW, print, [_WHY_SLOW], {"file": sys.stderr, "flush": True})
    slow.daemon = True
    if by_client:
        slow.start()
    try:
        entry.enter(where, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UnavailableError(
            None,
            None,
            f"The Ray cluster at {where} does not take this process: {entry.words(error)}"
            + (
                ""
                if by_client
                else "\nA control store's address serves on the cluster's own machines; elsewhere write ray://host:port"
            ),
        ) from error
    finally:
        slow.cancel()
    try:
        yield
    finally:
        ray.shutdown()


def _print_tasks(tasks: Sequence[Mapping[str, Any]]) -> None:
    """Prints a line for each task, and one for each of its devices."""
    by_name = {task["name"]: task for task in tasks}
    for name in sorted_tasks(list(by_name)):
        task = by_name[name]
        alive = task.get("alive", True)
        facts = [f"on {task['host']}, process {task['pid']}"] if alive else ["not alive"]
        if task.get("variables"):
            facts.append(f"{task['variables']} variables of {task['bytes']:,} bytes")
        if task.get("saved"):
            facts.append(f"last checkpoint at {time.strftime('%H:%M:%S', time.localtime(task['saved']))}")
        if task.get("trouble"):
            facts.append(f"no checkpoint can be written: {task['trouble']}")
        print(f"{name}  {'; '.join(facts)}")
        for device in task.get("devices", ()):
            print(f"    {device}")
