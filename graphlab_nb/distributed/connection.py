"""Connections to clusters, one for each address, by Ray's client."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import threading
import time
import warnings
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import ray
from ray.util import client

from graphlab_nb import errors
from graphlab_nb.distributed import entry, heartbeat
from graphlab_nb.distributed.names import NAMESPACE, sorted_tasks, task_of
from graphlab_nb.distributed.presence import DIED, tasks
from graphlab_nb.distributed.probe import address as in_url
from graphlab_nb.distributed.probe import parse_target, probe
from graphlab_nb.distributed.requests import Answer, Request
from graphlab_nb.distributed.tokens import use_token
from graphlab_nb.session.device_attributes import DeviceList

PATIENCE = 10.0
"""Seconds in which a task must have answered a question."""
OPENING = 30.0
"""Seconds in which one task must have answered when a session is opened: one that was killed takes a while to be there."""

# What a session sends is large by its nature.
warnings.filterwarnings("ignore", "More than 10MB of messages have been created", UserWarning)
warnings.filterwarnings("ignore", "Ray Client connection timed out", UserWarning)

_connections: dict[tuple[str, int], Connection] = {}
_lock = threading.Lock()
_process = os.getpid()
"""The process that has the connections: one that is forked from it cannot use them, and gRPC no more in it."""


def connect(target: str) -> Connection:
    """The connection to a target, made when first asked for and whenever the last one is lost.

    Raises:
      InvalidArgumentError: for a target that is not understood.
      UnavailableError, UnauthenticatedError, FailedPreconditionError: where it cannot be used, saying why.
    """
    global _process
    address = parse_target(target)
    if _process != os.getpid():
        _refuse_fork()
    with _lock:
        found = _connections.get(address)
        if found is None or not found.usable():
            if found is not None:
                found.end()
            use_token()
            probe(*address)
            _process = os.getpid()
            found = _connections[address] = Connection(*address)
        found.find_master()
        return found


def disconnect() -> None:
    """Ends all connections; sessions that use them cannot run any more."""
    with _lock:
        for connection in _connections.values():
            connection.end()
        _connections.clear()


def _refuse_fork() -> None:
    """Says so where this process was forked from one that has connections.

    Raises:
      FailedPreconditionError: there, where a call would never end.
    """
    if _connections:
        raise errors.FailedPreconditionError(
            None,
            None,
            f"This process was forked from process {_process}, which is connected to a cluster; connections do not outlast a "
            "fork. Open the first session after the fork, or start the process anew: multiprocessing's context 'spawn' does",
        )


class Connection:
    """A connection to the port of a cluster's machine.

    Attributes:
      target: in words, for messages.
      context: Ray's part of it.
      master: name of the task that runs what is asked for: on the port's machine, a worker where there is one.
    """

    def __init__(self, host: str, port: int):
        self.target = f"grpc://{in_url(host, port)}"
        self._address = host, port
        logging.getLogger("ray").setLevel(logging.CRITICAL)  # what matters comes as an error
        logging.getLogger("ray.util.client.logsclient").disabled = True
        # Otherwise a client waits half a minute for a cluster that is gone.
        os.environ.setdefault("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "5")
        before = client.ray.get_context() if client.ray.is_connected() else None
        try:
            made = entry.enter(f"ray://{in_url(host, port)}", allow_multiple=True)
        except Exception as error:
            raise errors.UnavailableError(None, None, f"No connection to {self.target}: {entry.words(error)}") from None
        self.context: Any = made._context_to_restore
        assert before is None or before is not self.context
        self.master = ""
        self._handle: Any = None
        self._wanted_lock = threading.Lock()
        self._wanted: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lost = False
        self._unwatch()
        self._heartbeat = heartbeat.Heartbeat(self._ping, self._renew, self._cut)

    @contextlib.contextmanager
    def _entered(self) -> Iterator[None]:
        """Has Ray's functions use this connection in this thread."""
        if _process != os.getpid():
            _refuse_fork()
        before = client.ray.set_context(self.context)
        try:
            with self._heartbeat.waiting():
                yield
        except Exception as error:
            if not (self._lost or isinstance(error, ConnectionError)):
                raise
            why = "it has been silent for several seconds; is the network there?" if self._lost else error
            raise errors.UnavailableError(None, None, f"The connection to {self.target} is lost: {why}") from None
        finally:
            client.ray.set_context(before)

    def usable(self) -> bool:
        """Whether it still stands."""
        return not self._lost and _process == os.getpid() and bool(self.context.is_connected())

    def end(self) -> None:
        """Ends it; sessions that use it cannot run any more."""
        self._heartbeat.end()
        with contextlib.suppress(Exception):  # the other side may be gone
            self.context.disconnect()

    # Signs of life

    def want(self, session: Any) -> None:
        """Has the master keep a session, whose `name` it has, as long as this program runs and the session is not dropped."""
        with self._wanted_lock:
            self._wanted.add(session)

    def _unwatch(self) -> None:
        """Ends gRPC's thread that watches the channel, which Ray begins with each channel and reads nothing of.

        Where that thread looks at a channel that was just closed, as when a cluster ends, it dies with a ValueError that Python
        prints on stderr.
        """
        worker = self.context.client_worker
        worker.channel.unsubscribe(worker._on_channel_state_change)

    def _ping(self, seconds: float) -> None:
        self.context.client_worker.ping_server(seconds)
        self._unwatch()  # Ray may have made another channel

    def _renew(self) -> None:
        with self._wanted_lock:
            names = [session.name for session in self._wanted]
        if names:
            before = client.ray.set_context(self.context)
            try:
                self._handle.renew.remote(names, heartbeat.LEASE)
            finally:
                client.ray.set_context(before)

    def _cut(self) -> None:
        """Ends all that waits for the cluster; Ray would have it wait for ten minutes."""
        self._lost = True
        worker = self.context.client_worker
        if worker is not None and worker.channel is not None:
            worker._in_shutdown = True
            worker.channel.close()

    def find_master(self) -> None:
        """Looks which task on the port's machine is the master.

        Raises:
          UnavailableError: where the cluster has no tasks.
        """
        with self._entered():
            names = tasks()
            if not names:
                raise errors.UnavailableError(
                    None,
                    None,
                    f"The Ray cluster at {self.target} has no tasks; `graphlab-nb cluster attach` makes some",
                )
            node = ray.get_runtime_context().get_node_id()
            nodes: dict[str, str] = {}
            end = time.monotonic() + (OPENING if self.master else PATIENCE)
            # One that was just killed is waited for, so that the same task is the master again.
            while (missing := [name for name in names if name not in nodes]) and time.monotonic() < end:
                if nodes.get(self.master):
                    return
                nodes.update(self._nodes(missing))
            able = [name for name in nodes if nodes[name] == node] or [name for name in nodes if nodes[name]]
            if not able:
                raise errors.UnavailableError(
                    None, None, f"None of the tasks at {self.target} answers: {', '.join(names)}"
                )
            self.master = next((name for name in sorted_tasks(able) if task_of(name)[0] != "ps"), able[0])
            self._handle = ray.get_actor(self.master, namespace=NAMESPACE)

    @staticmethod
    def _nodes(names: Sequence[str]) -> dict[str, str]:
        """The nodes of those tasks that answer soon; "" for those that have just ended with their machine."""
        asked: dict[str, Any] = {}
        found: dict[str, str] = {}
        for name in names:
            try:
                asked[name] = ray.get_actor(name, namespace=NAMESPACE).status.remote()
            except ValueError:
                found[name] = ""
        if asked:
            ray.wait(list(asked.values()), num_returns=len(asked), timeout=1.0)
        for name, ref in asked.items():
            if ray.wait([ref], timeout=0)[0]:
                try:
                    status: Any = ray.get(ref)
                    found[name] = status["node_id"]
                except DIED:
                    time.sleep(0.2)
        return found

    def _ask(self, name: str, method: str, *arguments: Any) -> Any:
        try:
            task = ray.get_actor(name, namespace=NAMESPACE)
            return ray.get(getattr(task, method).remote(*arguments), timeout=PATIENCE)
        except (ValueError, *DIED, ray.exceptions.GetTimeoutError) as error:
            raise errors.UnavailableError(
                None, None, f"The task {name} at {self.target} does not answer: {error}"
            ) from None

    def look(self, method: str, *arguments: Any) -> Any:
        """Asks the master something that changes nothing.

        Raises:
          UnavailableError: where it does not answer soon.
        """
        with self._entered():
            try:
                return ray.get(getattr(self._handle, method).remote(*arguments), timeout=PATIENCE)
            except ray.exceptions.RayError as error:
                raise errors.UnavailableError(
                    None, None, f"The task {self.master} at {self.target} does not answer: {error}"
                ) from None

    def devices(self) -> DeviceList:
        """The devices of all tasks, the master's first."""
        with self._entered():
            names = sorted(tasks(), key=lambda name: (name != self.master, task_of(name)))
            return DeviceList(device for name in names for device in self._ask(name, "devices_told"))

    def run(self, request: Request, limit: float | None) -> Answer:
        """Has the master run something.

        Raises:
          GetTimeoutError: after `limit` seconds.
          UnavailableError, AbortedError: where the master or the cluster is gone.
        """
        with self._entered():
            try:
                data = ray.get(self._handle.run.remote(pickle.dumps(request, protocol=5)), timeout=limit)
            except DIED:
                raise errors.AbortedError(
                    None,
                    None,
                    f"The session's master, the task {self.master} at {self.target}, died or was ended. Make a new session; "
                    "variables are those of the tasks that live and of the last checkpoints",
                ) from None
        answer: Answer = pickle.loads(data)
        return answer

    def cancel(self, run: str) -> None:
        """Ends a run, without waiting for it."""
        with self._entered(), contextlib.suppress(ray.exceptions.RayError):
            self._handle.cancel.remote(run)

    def close(self, session: str) -> None:
        """Lets the cluster forget a session, without waiting for it."""
        if self.usable():
            with contextlib.suppress(errors.UnavailableError, ray.exceptions.RayError), self._entered():
                self._handle.close.remote(session)

    def reset(self, containers: list[str] | None) -> None:
        """Clears variables on all tasks."""
        with self._entered():
            for name in tasks():
                self._ask(name, "reset", containers)
