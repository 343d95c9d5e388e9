"""The master of sessions: it has their graphs, cuts runs into parts, and has the tasks run them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import ray

from graphlab_nb import errors
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.distributed import heartbeat
from graphlab_nb.distributed.cutting import Cut, Part
from graphlab_nb.distributed.failures import Failure, too_long
from graphlab_nb.distributed.mail import LOOK_EACH
from graphlab_nb.distributed.names import jobs_of
from graphlab_nb.distributed.placing import Placing, root
from graphlab_nb.distributed.presence import DIED, alive, died, lost_tasks, tasks
from graphlab_nb.distributed.requests import (
    Answer,
    AskedBeside,
    ComputedBeside,
    Outcome,
    PartRequest,
    Prepare,
    Request,
    Wanted,
)
from graphlab_nb.distributed.shipping import Key, Rebuilt, Shipped, dumps, key_of, loads, shipped
from graphlab_nb.graph.device_spec import DeviceSpec
from graphlab_nb.graph.graph import Operation
from graphlab_nb.session.remote import VariableThere

if TYPE_CHECKING:
    from graphlab_nb.distributed.task import Task

PATIENCE = 20.0
"""Seconds in which a task must have answered a question that waits for no run."""
RESTART = 30.0
_MOST_CLEARED = 1000
"""Seconds in which a task that died must be there again, for a session that begins."""


class _Plan(NamedTuple):
    """A run as the master knows it.

    Attributes:
      fetches, feeds: tensors.
      tasks: which of the fed tensors each task needs.
      cut: its parts.
      beside: by tensors to be computed beside it, the task and level that do that, or None.
    """

    fetches: list[Key]
    feeds: list[Key]
    tasks: dict[str, list[Key]]
    cut: Cut
    beside: dict[tuple[Key, ...], tuple[str, int] | None]


class _Opened:
    """A client's session.

    Attributes:
      lease: seconds after which it is closed, where its client tells nothing.
      silent: seconds since its client told something.
    """

    def __init__(self, config: bytes, own: str, tasks: Sequence[str]):
        self.config = config
        self.lock = threading.RLock()
        self.rebuilt = Rebuilt()
        soft = bool(loads(config).allow_soft_placement)
        self.placing = Placing(jobs_of(tasks), own, soft)
        self.plans: dict[int, _Plan] = {}
        self.sent: dict[str, dict[int, bool]] = {}
        self.lease = heartbeat.LEASE
        self.silent = 0.0


class Master:
    """Sessions whose clients speak to one task."""

    def __init__(self, task: Task):
        self._task = task
        self._opened: dict[str, _Opened] = {}
        self._cleared: deque[str] = deque(maxlen=_MOST_CLEARED)
        self._running: set[str] = set()
        self._cancelled: set[str] = set()

    def run(self, request: Request) -> Answer:
        """Runs what a client asks for."""
        self._running.add(request.run)
        try:
            opened = self._session(request)
            with opened.lock:
                if request.graph:
                    opened.placing.add(opened.rebuilt.add(loads(request.graph)))
                if request.wanted is not None:
                    opened.plans[request.number] = self._plan(request, opened, request.wanted)
                plan = opened.plans[request.number]
                place = self._beside(request, opened, plan) if request.beside else None
            outcomes = self._run(request, plan, place)
            for outcome in outcomes.values():
                if outcome.failure is not None:
                    return Answer([], outcome.failure, {})
            values = []
            for k in range(len(request.feeds)):
                found = {key: value for outcome in outcomes.values() for key, value in outcome.values[k].items()}
                values.append([found[key] for key in plan.fetches])
            beside = ComputedBeside(False, []) if request.beside else None
            if place is not None:
                beside = outcomes[place[0]].beside
            told = {name: outcome._replace(values=[], beside=None) for name, outcome in outcomes.items()}
            return Answer(values, None, told, beside)
        except Exception as error:
            return Answer([], Failure.of(error), {})
        finally:
            self._running.discard(request.run)
            self._cancelled.discard(request.run)

    def _session(self, request: Request) -> _Opened:
        opened = self._opened.get(request.session)
        if opened is None:
            if request.first or request.wanted is None:
                raise errors.AbortedError(
                    None,
                    None,
                    "The session was ended by tf.Session.reset, which cleared variables of the cluster. Make a new session"
                    if request.session in self._cleared
                    else f"The task {self._task.name}, the session's master, knows nothing of it any more: it was restarted. "
                    f"Make a new session; {self._task.recovery()}",
                )
            present = [*tasks(), *(task["name"] for task in lost_tasks())]
            opened = self._opened[request.session] = _Opened(request.config, self._task.name, present)
        opened.silent = 0.0
        return opened

    # Plans

    def _plan(self, request: Request, opened: _Opened, wanted: Wanted) -> _Plan:
        rebuilt = opened.rebuilt
        self._task.forget_peers()
        feeds = [rebuilt.tensor(key) for key in wanted.feeds]
        for tensor in feeds:
            if root(tensor) is not tensor:
                raise errors.InvalidArgumentError(
                    None, tensor.op, f"{tensor.name} is a variable's memory, which a cluster's run cannot be fed; feed "
                    f"{root(tensor).name} or what reads it"
                )  # fmt: skip
        fetches = [rebuilt.tensor(key) for key in wanted.fetches]
        targets = [rebuilt.ops[i] for i in wanted.targets]
        ops = needed_operations([*targets, *(t.op for t in fetches)], set(feeds))
        opened.placing.check(ops)
        cut = Cut(ops, opened.placing.tasks, feeds, fetches, self._task.name)
        self._await_tasks(list(cut.of_task()))
        waiting: dict[str, Any] = {}
        needs: dict[str, list[Key]] = {}
        fed = set(wanted.feeds)
        for name, parts in cut.of_task().items():
            needs[name] = [key for key in fed if any(key in part.feeds for _, part in parts)]
            self._prepare(request, opened, name, parts, waiting)
        for name, ref in waiting.items():
            failure = ref if isinstance(ref, Failure) else self._await(request.run, name, ref)
            if failure is not None:
                raise failure.error(rebuilt.graph)
        return _Plan([key_of(root(t)) for t in fetches], list(wanted.feeds), needs, cut, {})

    def _prepare(
        self, request: Request, opened: _Opened, name: str, parts: list[tuple[int, Part]], waiting: dict[str, Any]
    ) -> None:
        real = {i for _, part in parts for i in (*part.ops, *part.standing)}
        fed = {key[0] for _, part in parts for key in (*part.feeds, *part.fetches)}
        first = not opened.sent.get(name)
        message = self._news(opened, name, real, fed)
        asked = Prepare(request.session, opened.config, self._task.name, first, request.number, message, parts)
        if name == self._task.name:
            found = self._task.prepare_here(asked)
            if found is not None:
                waiting[name] = found
        else:
            waiting[name] = self._task.peer(name).prepare.remote(asked)

    @staticmethod
    def _news(opened: _Opened, name: str, real: set[int], fed: set[int]) -> bytes:
        """What a task does not know yet of operations that it runs, and of those whose outputs it gets."""
        ops, sent = opened.rebuilt.ops, opened.sent.setdefault(name, {})
        fed = fed | {root(t).op.index for i in real for t in ops[i].inputs}
        new = [i for i in sorted(real | fed) if i not in sent or (i in real and not sent[i])]
        message = dumps([_for_task(ops[i], i in real) for i in new])
        sent.update((i, i in real) for i in new)
        return message

    def _beside(self, request: Request, opened: _Opened, plan: _Plan) -> tuple[str, int] | None:
        """Where a plan's runs can compute tensors beside their work; the task gets what it lacks for that once."""
        if request.beside not in plan.beside:
            found = plan.cut.beside([opened.rebuilt.tensor(key) for key in request.beside])
            plan.beside[request.beside] = None
            if found is not None:
                (name, level), lacking = found
                message = self._news(opened, name, {op.index for op in lacking}, set())
                if name == self._task.name:
                    failure = self._task.take_here(request.session, message)
                else:
                    ref = self._task.peer(name).take.remote(request.session, message)
                    failure = self._await(request.run, name, ref)
                if failure is None:
                    plan.beside[request.beside] = name, level
        return plan.beside[request.beside]

    # Runs

    def _run(self, request: Request, plan: _Plan, place: tuple[str, int] | None) -> dict[str, Outcome]:
        names, own, run, timeout = tuple(plan.tasks), self._task.name, request.run, request.timeout
        try:
            fed = [dict(zip(plan.feeds, values, strict=True)) for values in request.feeds]
            asked = {
                name: PartRequest(
                    session=request.session,
                    number=request.number,
                    run=run,
                    feeds=[{key: feeds[key] for key in needs} for feeds in fed],
                    peers=tuple([n for n in names if n != name]),
                    master=own,
                    timeout=timeout,
                    traced=request.traced,
                    looks=request.looks,
                    shown=request.shown,
                    beside=AskedBeside(place[1], request.beside, request.timed) if place and place[0] == name else None,
                )
                for name, needs in plan.tasks.items()
            }
            refs = {name: self._task.peer(name).run_part.remote(asked[name]) for name in names if name != own}
            outcomes: dict[str, Outcome] = {}
            looked = time.monotonic()

            def look() -> None:
                nonlocal looked
                if run in self._cancelled:
                    raise errors.CancelledError(None, None, "The run was cancelled")
                if time.monotonic() < looked + LOOK_EACH:
                    return
                looked = time.monotonic()
                if names:
                    self._check_alive(names)
                for name, ref in list(refs.items()):
                    if name not in outcomes and ray.wait([ref], timeout=0)[0]:
                        outcomes[name] = self._outcome(name, ref)

            if own in asked:
                outcomes[own] = self._task.run_here(asked[own], look)
                if outcomes[own].failure is not None:
                    return {own: outcomes[own]}
            end = None if timeout is None else time.monotonic() + timeout
            for name, ref in refs.items():
                while name not in outcomes:
                    if ray.wait([ref], timeout=0.5)[0]:
                        outcomes[name] = self._outcome(name, ref)
                    else:
                        look()
                        if end is not None and time.monotonic() > end:
                            raise too_long(timeout)
            return outcomes
        except Exception as error:
            self._task.end(run, Failure.of(error), names)
            raise

    def _outcome(self, name: str, ref: Any) -> Outcome:
        """What came of a task's part, where its answer has come.

        Raises:
          OpError: what failed there.
        """
        outcome: Outcome = self._get(name, ref, PATIENCE)
        if outcome.failure is not None:
            raise outcome.failure.error()
        return outcome

    def _await(self, run: str, name: str, ref: Any) -> Any:
        """What a task answers when it has the time: one that works at other runs is waited for, as long as it is there.

        Raises:
          CancelledError: when the run is.
          AbortedError, UnavailableError: where the task is gone, or does not answer anything.
        """
        asked = time.monotonic()
        while not ray.wait([ref], timeout=LOOK_EACH)[0]:
            if run in self._cancelled:
                raise errors.CancelledError(None, None, "The run was cancelled")
            self._check_alive((name,))
            if time.monotonic() - asked > PATIENCE:
                self._get(name, self._task.peer(name).unknown.remote([]), PATIENCE)
                asked = time.monotonic()
        return self._get(name, ref, PATIENCE)

    @staticmethod
    def _get(name: str, ref: Any, timeout: float) -> Any:
        try:
            return ray.get(ref, timeout=timeout)
        except ray.exceptions.GetTimeoutError:
            raise errors.UnavailableError(None, None, f"The task {name} has not answered for {timeout:.0f} s") from None
        except DIED:
            raise errors.AbortedError(None, None, died(name)) from None

    def _await_tasks(self, names: Sequence[str]) -> None:
        """Waits for tasks that are just being restarted.

        Raises:
          UnavailableError: where one does not come, at once for one whose machine is lost.
        """
        end = time.monotonic() + RESTART
        while lacking := [name for name in names if name != self._task.name and not self._alive(name)]:
            if time.monotonic() > end:
                raise errors.UnavailableError(
                    None, None, f"The task {lacking[0]} is not there: its process or machine died, and has not come back for "
                    f"{RESTART:.0f} s"
                )  # fmt: skip
            time.sleep(0.1)

    def _alive(self, name: str) -> bool:
        return alive(name, self._task.peer(name))

    def _check_alive(self, names: Sequence[str]) -> None:
        """Ends a run that waits for a task that is not there: its process or machine died, and it may be restarted.

        Raises:
          AbortedError: naming it.
          UnavailableError: the same, where its machine is lost.
        """
        for name in names:
            if name != self._task.name and not self._alive(name):
                raise errors.AbortedError(None, None, died(name))

    # What clients look at

    def variables(self, session: str, indices: Sequence[int]) -> list[VariableThere | None]:
        """What the variables of a session, by their operations' indices, are now; None for one that it does not know yet."""
        opened = self._opened.get(session)
        if opened is None:
            return [None] * len(indices)
        asked: dict[str, list[int]] = {}
        for i in indices:
            if i in opened.rebuilt.ops:
                asked.setdefault(opened.placing.tasks[opened.rebuilt.ops[i]], []).append(i)
        refs: dict[str, Any] = {}
        found: dict[int, VariableThere] = {}
        for name, mine in asked.items():
            names = [self._task.store.name(opened.rebuilt.ops[i]) for i in mine]
            if name == self._task.name:
                found.update(zip(mine, self._task.variables_here(names), strict=True))
            else:
                refs[name] = self._task.peer(name).variables.remote(names)
        for name, ref in refs.items():
            found.update(zip(asked[name], self._get(name, ref, PATIENCE), strict=True))
        return [found.get(i) for i in indices]

    def inspect(self, session: str, index: int, method: str, arguments: Sequence[Any]) -> Any:
        """What a method of `Inspector` gives of a session's variable; None where it has no value."""
        opened = self._opened.get(session)
        op = None if opened is None else opened.rebuilt.ops.get(index)
        if opened is None or op is None:
            return None
        task, name = opened.placing.tasks[op], self._task.store.name(op)
        if task == self._task.name:
            return self._task.inspect_here(name, method, arguments)
        return self._get(task, self._task.peer(task).inspect.remote(name, method, arguments), PATIENCE)

    def placed(self, session: str) -> dict[int, str]:
        """The device of each of a session's operations that ran, by its index."""
        opened = self._opened.get(session)
        names = list(opened.sent) if opened is not None else []
        refs: dict[str, Any] = {
            name: self._task.peer(name).placed.remote(session) for name in names if name != self._task.name
        }
        found: dict[int, str] = dict(self._task.placed_here(session))
        for name, ref in refs.items():
            found.update(self._get(name, ref, PATIENCE))
        return found

    # What clients end

    @property
    def runs(self) -> int:
        """How many runs go on."""
        return len(self._running)

    def runs_now(self, run: str) -> bool:
        """Whether a run goes on."""
        return run in self._running

    def cancel(self, run: str) -> None:
        """Ends a run, if it goes on."""
        if run in self._running:
            self._cancelled.add(run)
            self._task.mail.end(run, Failure("CancelledError", "The run was cancelled"))

    def renew(self, sessions: Sequence[str], lease: float) -> None:
        """Keeps sessions for so many seconds more; those that are not known are nobody's."""
        for session in sessions:
            opened = self._opened.get(session)
            if opened is not None:
                opened.lease, opened.silent = lease, 0.0

    def drop_silent(self, seconds: float) -> None:
        """Ends the sessions, and their runs, whose clients have told nothing for as long as their leases.

        Args:
          seconds: since it was last called; this process may have been stopped meanwhile, which does not count.
        """
        for session, opened in list(self._opened.items()):
            opened.silent += seconds
            if opened.silent > opened.lease:
                for run in [run for run in list(self._running) if run.startswith(f"{session}.")]:
                    self.cancel(run)
                self._task.close_here(session)

    def unknown(self, sessions: Sequence[str]) -> list[str]:
        """Those of the sessions that this master does not have."""
        return [session for session in sessions if session not in self._opened]

    def close(self, session: str) -> None:
        """Lets a session go, on all tasks."""
        opened = self._opened.pop(session, None)
        for name in opened.sent if opened is not None else ():
            if name != self._task.name:
                try:
                    self._task.peer(name).close.remote(session)
                except (errors.UnavailableError, ray.exceptions.RayError):
                    continue

    def close_all(self) -> None:
        """Lets all sessions go: the cluster's variables were cleared."""
        for session in list(self._opened):
            self._cleared.append(session)
            self.close(session)


def _for_task(op: Operation, real: bool) -> Shipped:
    """An operation as its task gets it: variables for what is their memory, and the device without the task."""
    told = shipped(op)
    if not real:
        return told._replace(definition=None, inputs=(), control=())
    spec = DeviceSpec.from_string(op.device)
    local = DeviceSpec(device_type=spec.device_type, device_index=spec.device_index).to_string()
    return told._replace(device=local, inputs=tuple([key_of(root(t)) for t in op.inputs]))
