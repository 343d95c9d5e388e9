"""A task of a cluster: an actor that has devices and variables, runs parts of graphs, and is the master of sessions."""

from __future__ import annotations

import os
import pickle
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ray

import graphlab_nb as _whole  # so that every operation's definition is there
from graphlab_nb import errors
from graphlab_nb.distributed.beside import BesideRuns
from graphlab_nb.distributed.cutting import Place
from graphlab_nb.distributed.failures import Failure, too_long
from graphlab_nb.distributed.lanes import LaneClock
from graphlab_nb.distributed.mail import LOOK_EACH, Letter, Mailbox, Slot
from graphlab_nb.distributed.master import Master
from graphlab_nb.distributed.names import NAMESPACE
from graphlab_nb.distributed.presence import DIED, gone, lost_tasks
from graphlab_nb.distributed.replica import Replica
from graphlab_nb.distributed.requests import Outcome, PartRequest, Prepare
from graphlab_nb.distributed.shipping import Key, loads
from graphlab_nb.distributed.steps import Steps
from graphlab_nb.distributed.store import Name, Store
from graphlab_nb.distributed.variables import VariableLook
from graphlab_nb.runtime.device import logical_devices
from graphlab_nb.session.config import RunMetadata
from graphlab_nb.session.device_attributes import DeviceAttributes, DeviceList
from graphlab_nb.session.remote import VariableThere

GROUPS = {"control": 8, "mail": 4, "parts": 64, "runs": 64}
"""Threads of a task for each kind of request, so that one that waits holds up none of another kind.

What waits for the variables, which runs hold, is of the kind "parts" or "runs"; "control" always has an answer.
"""


TIDY_EACH = 5.0
"""Seconds between looks for sessions that nobody wants any more."""


class Task:
    """The actor. Its methods are what the other tasks, clients and commands ask of it.

    Args:
      name: the task's.
      checkpoints: a folder for its variables; empty keeps them in memory only.
      every: seconds between checkpoints; 0 where time does not count.
      every_steps: runs that change variables between checkpoints; 0 where these do not count.
    """

    def __init__(self, name: str, checkpoints: str = "", every: float = 60.0, every_steps: int = 0):
        assert _whole is not None
        self.name = name
        self._place = name.replace("/task:", "/replica:0/task:")
        self.devices = logical_devices()
        path = Path(checkpoints) / f"{name.strip('/').replace('/', '-').replace(':', '-')}.npz" if checkpoints else None
        self.store = Store(self.devices, path, every_steps, name)
        self.store.restore()
        self.steps = Steps(self.store)
        self._looking = VariableLook(self.store, self.devices)
        self.mail = Mailbox()
        self.master = Master(self)
        self._replicas: dict[str, Replica] = {}
        self._peers: dict[str, Any] = {}
        self._lost: dict[str, str] = {}
        threading.Thread(target=self._tidy_each, name="sessions", daemon=True).start()
        if path is not None:
            threading.Thread(target=self.store.save_each, args=(every,), name="checkpoints", daemon=True).start()

    def peer(self, name: str) -> Any:
        """The handle of another task.

        Raises:
          UnavailableError: where there is none.
        """
        found = self._peers.get(name)
        if found is None:
            try:
                found = self._peers[name] = ray.get_actor(name, namespace=NAMESPACE)
            except ValueError:
                raise gone(name) from None
        return found

    def forget_peers(self) -> None:
        """Has the other tasks be looked up anew: one may have come again with another machine."""
        self._peers.clear()

    # What the task is

    @ray.method(concurrency_group="control")
    def status(self) -> dict[str, Any]:
        """What `graphlab-nb cluster status` tells."""
        return {
            "name": self.name,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "node_id": ray.get_runtime_context().get_node_id(),
            "devices": [d.name for d in self.list_devices()],
            "variables": len(self.store.variables),
            "bytes": self.store.nbytes,
            "checkpoint": str(self.store._path or ""),
            "saved": self.store.saved,
            "restored": self.store.restored,
            "trouble": self.store.trouble,
            "sessions": len(self._replicas),
            "runs": self.master.runs,
            "waiting": self.steps.waiting,
        }

    def list_devices(self) -> DeviceList:
        """Its devices, by their names in the cluster."""
        return DeviceList(
            DeviceAttributes(
                self._place + d.canonical_name,
                d.kind,
                d.traits.global_memory,
                d.description,
                d.traits.compute_units,
            )
            for d in self.devices
        )

    @ray.method(concurrency_group="control")
    def devices_told(self) -> DeviceList:
        """As `list_devices`, for others."""
        return self.list_devices()

    # Parts of runs

    @ray.method(concurrency_group="parts")
    def prepare(self, asked: Prepare) -> Failure | None:
        """Takes the parts of a run that this task runs."""
        self.forget_peers()
        return self.prepare_here(asked)

    def prepare_here(self, asked: Prepare) -> Failure | None:
        """As `prepare`, where this task itself is the master."""
        try:
            with self.store.lock:
                replica = self._replicas.get(asked.session)
                if replica is None:
                    if not asked.first:
                        raise self._forgotten()
                    replica = Replica(loads(asked.config), self.devices, self.store, asked.master)
                    self._replicas[asked.session] = replica
                replica.prepare(asked.number, loads(asked.shipped), asked.parts)
        except Exception as error:
            return Failure.of(error)
        return None

    @ray.method(concurrency_group="parts")
    def take(self, session: str, shipped: bytes) -> Failure | None:
        """Takes operations that are to be computed beside the parts of a run."""
        return self.take_here(session, shipped)

    def take_here(self, session: str, shipped: bytes) -> Failure | None:
        """As `take`, where this task itself is the master."""
        try:
            with self.store.lock:
                replica = self._replicas[session]
                replica.own(loads(shipped))
        except Exception as error:
            return Failure.of(error)
        return None

    @ray.method(concurrency_group="parts")
    def run_part(self, request: PartRequest) -> Outcome:
        """Runs this task's parts of a run."""
        looked = time.monotonic()

        def look() -> None:
            nonlocal looked
            if time.monotonic() > looked + LOOK_EACH:  # a look is a call of another task
                self._look_at_master(request)
                looked = time.monotonic()

        return self.run_here(request, look)

    def run_here(self, request: PartRequest, look: Callable[[], None]) -> Outcome:
        """As `run_part`, where it is asked for by this task itself; `look` is called while it waits for others."""
        try:
            outcome = self._run_parts(request, look)
        except BaseException as error:
            failure = Failure.of(error)
            self.end(request.run, failure, request.peers)
            return Outcome([], failure)
        if request.peers:
            self.mail.end(request.run)
        return outcome

    def _run_parts(self, request: PartRequest, look: Callable[[], None]) -> Outcome:
        replica = self._replicas.get(request.session)
        if replica is None:
            raise self._forgotten()
        end = None if request.timeout is None else time.monotonic() + request.timeout
        metadata = RunMetadata() if request.traced else None
        values: list[dict[Key, Any]] = []
        seconds, waited, sent = 0.0, 0.0, 0
        clock = LaneClock()
        wait = end is not None or request.shown
        beside = None if request.beside is None else BesideRuns(replica, request.beside)

        def look_and_count() -> None:
            if end is not None and time.monotonic() > end:
                raise too_long(request.timeout)
            look()

        def look_while_waiting() -> None:
            self.mail.check(request.run)
            if self._replicas.get(request.session) is not replica:
                raise errors.AbortedError(None, None, f"The session was ended while its run waited on {self.name}")
            look_and_count()

        for k, fed in enumerate(request.feeds):
            kept: Letter = dict(fed)
            results: Letter = {}
            clock.begin()
            for bound in replica.plans[request.number]:
                part = bound.part
                if part.waits:
                    began = time.perf_counter()
                    kept.update(self.mail.take(request.run, (k, bound.level), part.waits, look_and_count))
                    waited += clock.waited(bound.level, began)
                elif request.peers:
                    self.mail.check(request.run)
                if bound.awaited and not request.looks:
                    began = time.perf_counter()
                    self.steps.wait(bound.awaited, kept, look_while_waiting)
                    waited += clock.waited(bound.level, began)
                feeds = {tensor: kept[key] for key, tensor in bound.feeds}
                began = time.perf_counter()
                if request.looks:
                    found = replica.look(bound, feeds)
                elif beside is not None:
                    found = beside.run(bound, feeds)
                else:
                    found = replica.run(bound, feeds, metadata, wait=wait or bool(part.sends))
                seconds += clock.computed(bound.level, began)
                if bound.ends_step:
                    self.steps.tell()
                look_and_count()
                for (task, level), positions in part.sends.items():
                    letter = {part.fetches[i]: found[i] for i in positions}
                    sent += clock.sent(task, level, sum(value.nbytes for value in letter.values()))
                    self.peer(task).deliver.remote(request.run, (k, level), (self.name, bound.level), letter)
                kept.update((part.fetches[i], found[i]) for i in part.keeps)
                results.update((part.fetches[i], found[i]) for i in part.results)
            values.append(results)
        for told in metadata.step_stats.dev_stats if metadata is not None else ():
            told.device = self._place + told.device[told.device.index("/device:") :]
        computed = None if beside is None else beside.computed
        return Outcome(values, None, seconds, waited, sent, metadata, clock.told, computed)

    def _forgotten(self) -> errors.AbortedError:
        return errors.AbortedError(
            None,
            None,
            f"The task {self.name} knows nothing of this session: it was restarted or reset. Make a new session; "
            + self.recovery(),
        )

    def _look_at_master(self, request: PartRequest) -> None:
        """Ends a run whose master is gone."""
        try:
            known = ray.get(self.peer(request.master).runs_now.remote(request.run), timeout=5)
        except ray.exceptions.GetTimeoutError:
            return
        except ray.exceptions.RayError as error:
            raise errors.UnavailableError(
                None, None, f"The session's master {request.master} is gone: {error}"
            ) from None
        if not known:
            raise errors.AbortedError(
                None, None, f"The session's master {request.master} knows nothing of the run any more"
            )

    @ray.method(concurrency_group="mail", num_returns=0)
    def deliver(self, run: str, slot: Slot, sender: Place, letter: Letter) -> None:
        """Takes what another task's part sends."""
        self.mail.deliver(run, slot, sender, letter)

    @ray.method(concurrency_group="mail", num_returns=0)
    def abort(self, run: str, failure: Failure) -> None:
        """Ends a run here that failed elsewhere."""
        self.mail.end(run, failure)

    def end(self, run: str, failure: Failure, peers: Sequence[str]) -> None:
        """Ends a run that failed here, and tells the others."""
        self.mail.end(run, failure)
        for name in peers:
            if name != self.name:
                try:
                    self.peer(name).abort.remote(run, failure)
                except (errors.UnavailableError, ray.exceptions.RayError):
                    continue  # it is gone, and the run with it

    # Sessions of clients

    @ray.method(concurrency_group="runs")
    def run(self, request: bytes) -> bytes:
        """Runs what a client asks for, see `Master.run`; request and answer pass the port as they are, pickled once."""
        return pickle.dumps(self.master.run(pickle.loads(request)), protocol=5)

    @ray.method(concurrency_group="control")
    def runs_now(self, run: str) -> bool:
        """Whether a run that this task is the master of goes on."""
        return self.master.runs_now(run)

    @ray.method(concurrency_group="control")
    def cancel(self, run: str) -> None:
        """Ends a run of a client that wants it no more."""
        self.master.cancel(run)

    @ray.method(concurrency_group="parts")
    def close(self, session: str) -> None:
        """Lets go what is kept of a client's session, here and, where this is its master, everywhere."""
        self.close_here(session)

    def close_here(self, session: str) -> None:
        """As `close`, for this task itself."""
        self.master.close(session)
        replica = self._replicas.pop(session, None)
        if replica is not None:
            with self.store.lock:
                replica.close()

    @ray.method(concurrency_group="control", num_returns=0)
    def renew(self, sessions: list[str], lease: float) -> None:
        """Keeps sessions whose clients say that they are there."""
        self.master.renew(sessions, lease)

    @ray.method(concurrency_group="control")
    def unknown(self, sessions: list[str]) -> list[str]:
        """Those of the sessions that this task, their master, does not have any more."""
        return self.master.unknown(sessions)

    @ray.method(concurrency_group="control")
    def lost_tasks(self) -> list[dict[str, Any]]:
        """The tasks that ended with their machines."""
        return lost_tasks()

    def _tidy_each(self) -> None:
        while True:
            time.sleep(TIDY_EACH)
            try:
                self.master.drop_silent(TIDY_EACH)
                self._drop_masterless()
            except Exception as error:
                print(f"{self.name}: sessions could not be looked through: {error!r}", flush=True)

    def _drop_masterless(self) -> None:
        """Lets go what is kept of sessions whose masters have let them go, or died."""
        sessions: dict[str, list[str]] = {}
        for session, replica in list(self._replicas.items()):
            if replica.master != self.name:
                sessions.setdefault(replica.master, []).append(session)
        for master, names in sessions.items():
            try:
                unknown: Any = ray.get(self.peer(master).unknown.remote(names), timeout=TIDY_EACH)
            except (ray.exceptions.ActorUnavailableError, ray.exceptions.GetTimeoutError):
                continue  # it may come back, and is asked again
            except (*DIED, errors.UnavailableError):
                unknown = names
            for session in unknown:
                self.close_here(session)

    @ray.method(concurrency_group="parts")
    def reset(self, containers: list[str] | None) -> None:
        """Clears variables; sessions that are open end."""
        with self.store.lock:
            self.store.clear(containers)
            for session in list(self._replicas):
                self._replicas.pop(session).close()
        self.store.save()
        self.master.close_all()

    # What clients look at

    @ray.method(concurrency_group="runs")
    def look_at_variables(self, session: str, indices: Sequence[int]) -> list[VariableThere | None]:
        """What variables of a session that this task is the master of are now, see `Master.variables`."""
        return self.master.variables(session, indices)

    @ray.method(concurrency_group="runs")
    def look_closely(self, session: str, index: int, method: str, arguments: Sequence[Any]) -> Any:
        """A part of a variable of a session that this task is the master of, see `Master.inspect`."""
        return self.master.inspect(session, index, method, arguments)

    @ray.method(concurrency_group="runs")
    def look_at_places(self, session: str) -> dict[int, str]:
        """Where operations of a session that this task is the master of were put, see `Master.placed`."""
        return self.master.placed(session)

    @ray.method(concurrency_group="parts")
    def variables(self, names: Sequence[Name]) -> list[VariableThere]:
        """Variables of this task, by container and name."""
        return self.variables_here(names)

    def variables_here(self, names: Sequence[Name]) -> list[VariableThere]:
        """As `variables`, where this task itself is the master."""
        return self._looking.variables(names, self.name)

    @ray.method(concurrency_group="parts")
    def inspect(self, name: Name, method: str, arguments: Sequence[Any]) -> Any:
        """What a method of `Inspector` gives of a variable of this task; None where it has no value."""
        return self.inspect_here(name, method, arguments)

    def inspect_here(self, name: Name, method: str, arguments: Sequence[Any]) -> Any:
        """As `inspect`, where this task itself is the master."""
        return self._looking.inspect(name, method, arguments)

    @ray.method(concurrency_group="parts")
    def placed(self, session: str) -> dict[int, str]:
        """The device of each operation of a session that ran here, by its index in the client's graph."""
        return self.placed_here(session)

    def placed_here(self, session: str) -> dict[int, str]:
        """As `placed`, where this task itself is the master."""
        replica = self._replicas.get(session)
        if replica is None:
            return {}
        names = [self._place + device.canonical_name for device in self.devices]
        return {i: names[device] for i, device in replica.placed().items()}

    # Checkpoints

    def recovery(self) -> str:
        """What a session that begins anew will find."""
        if not self.store.restored:
            return f"variables of {self.name} have to be initialized or restored"
        when = time.strftime("%H:%M:%S", time.localtime(self.store.restored))
        return f"the variables of {self.name} are those of its checkpoint of {when}"

    @ray.method(concurrency_group="parts")
    def save(self) -> None:
        """Writes a checkpoint now."""
        self.store.save()
