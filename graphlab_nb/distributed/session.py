"""A client's side of sessions on a cluster."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import ray

from graphlab_nb import errors
from graphlab_nb.distributed.connection import Connection, connect
from graphlab_nb.distributed.failures import too_long
from graphlab_nb.distributed.lanes import lane_of
from graphlab_nb.distributed.requests import Answer, Outcome, Request, Wanted
from graphlab_nb.distributed.shipping import dumps, key_of, shipped
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.session.config import ConfigProto, RunMetadata, RunOptions
from graphlab_nb.session.device_attributes import DeviceList
from graphlab_nb.session.fetches import Fetches
from graphlab_nb.session.lanes import RequestTimes, TaskTimes
from graphlab_nb.session.remote import BesideThere, Feeds, VariableThere

GRACE = 5.0
"""Seconds after a deadline in which the cluster may say itself that it has passed."""
LOOK_PATIENCE = 10.0
"""Seconds in which one who looks on must have an answer."""


class ClusterSession:
    """Runs a graph on a cluster: each run, or many of them, is one request to the session's master.

    Attributes:
      name: by which the cluster knows it.
    """

    def __init__(self, target: str, graph: Graph, config: ConfigProto):
        self._graph = graph
        self._milliseconds = _deadline("operation_timeout_in_ms", config.operation_timeout_in_ms)
        self._settings = dumps(config)
        self._connection: Connection = connect(target)
        self._lock = threading.RLock()
        self._mine = threading.local()
        self._latest: tuple[int, int, float, dict[str, Outcome]] | None = None
        self._lost = self.shown = False
        self._begin()
        self._connection.want(self)

    def _begin(self) -> None:
        self.name = uuid.uuid4().hex
        self._known = 0
        self._numbers: dict[Any, int] = {}
        self._ready: set[int] = set()
        self._runs = itertools.count()

    def devices(self) -> DeviceList:
        """The devices of all tasks, the session's own task first."""
        return self._connection.devices()

    def run(
        self, fetches: Fetches, feeds: Sequence[Feeds], options: RunOptions | None, metadata: RunMetadata | None
    ) -> list[list[Any]]:
        """Runs `fetches` once for each of `feeds`; the values of its tensors each time.

        Raises:
          OpError: as a local run does.
          AbortedError: where a task that takes part was restarted; variables are those of its last checkpoint.
          UnavailableError: where the cluster cannot be reached.
          DeadlineExceededError: where it took longer than `options.timeout_in_ms`.
        """
        beside: BesideThere | None = getattr(self._mine, "beside", None)
        traced: list[RunMetadata] = [
            each for each in (metadata, getattr(self._mine, "traced", None)) if each is not None
        ]
        self._mine.beside = self._mine.traced = None
        if traced:
            beside = None  # what is measured runs as ever
        milliseconds = _deadline("timeout_in_ms", options.timeout_in_ms if options is not None else 0)
        milliseconds = milliseconds or self._milliseconds
        timeout = milliseconds / 1000 if milliseconds else None
        began = time.perf_counter()
        try:
            number, wanted, answer = self._answer(fetches, feeds, timeout, bool(traced), beside)
        except (errors.UnavailableError, errors.AbortedError):
            self._lost = True
            raise
        self._lost = False
        self._latest = number, len(feeds), time.perf_counter() - began, answer.outcomes
        for each in traced:
            for outcome in answer.outcomes.values():
                if outcome.metadata is not None:
                    each.step_stats.dev_stats.extend(outcome.metadata.step_stats.dev_stats)
        if beside is not None and answer.beside is not None:
            beside.able, beside.values, beside.seconds = answer.beside
            beside.done(beside)
        return [self._values(fetches, wanted, values, each) for values, each in zip(answer.values, feeds, strict=True)]

    def _answer(
        self,
        fetches: Fetches,
        feeds: Sequence[Feeds],
        timeout: float | None,
        traced: bool = False,
        beside: BesideThere | None = None,
        looks: bool = False,
    ) -> tuple[int, Wanted, Answer]:
        """Asks the cluster to run something, or to look at what would come of it; the request's number is returned as well."""
        fed = list(feeds[0])
        if any(set(each) != set(fed) for each in feeds):
            raise ValueError("All runs of run_many must feed the same tensors on a cluster")
        wanted = Wanted(
            tuple([key_of(t) for t in fetches.tensors if t not in feeds[0]]),
            tuple([op.index for op in fetches.operations]),
            tuple([key_of(t) for t in fed]),
        )
        with self._lock:
            run = next(self._runs)
            number = self._numbers.setdefault(wanted, len(self._numbers))
            new = self._graph.get_operations()[self._known :]
            request = Request(
                session=self.name,
                config=self._settings,
                first=self._known,
                graph=dumps([shipped(op) for op in new]) if new else b"",
                number=number,
                wanted=None if number in self._ready else wanted,
                run=f"{self.name}.{run}",
                feeds=[[each[t] for t in fed] for each in feeds],
                timeout=timeout,
                traced=traced,
                looks=looks,
                beside=() if beside is None else tuple([key_of(t) for t in beside.tensors]),
                timed=beside is not None and beside.measured,
                shown=self.shown,
            )
            if not new and number in self._ready:
                sent = None
            else:
                sent = self._send(request)  # the graph must arrive in order
                self._known += len(new)
                if sent.failure is None:
                    self._ready.add(number)
        answer = self._send(request) if sent is None else sent
        if answer.failure is not None:
            raise answer.failure.error(self._graph)
        return run, wanted, answer

    def _send(self, request: Request) -> Answer:
        limit = None if request.timeout is None else request.timeout + GRACE
        try:
            answer: Answer = self._connection.run(request, limit)
        except KeyboardInterrupt:
            self._connection.cancel(request.run)
            raise
        except ray.exceptions.GetTimeoutError:
            self._connection.cancel(request.run)
            raise too_long(request.timeout) from None
        return answer

    @staticmethod
    def _values(fetches: Fetches, wanted: Wanted, values: list[Any], fed: Feeds) -> list[Any]:
        found = dict(zip(wanted.fetches, values, strict=True))
        every = [fed[t] if t in fed else found[key_of(t)] for t in fetches.tensors]
        # What comes from Ray's store is read-only.
        return [value[()] if np.ndim(value) == 0 else np.array(value) for value in every]

    # For those who look on

    @property
    def times(self) -> RequestTimes | None:
        """What the latest request that ran something took."""
        latest = self._latest
        if latest is None:
            return None
        number, runs, seconds, outcomes = latest
        tasks = {name: TaskTimes(o.seconds, o.waited, o.sent, lane_of(o.lane)) for name, o in outcomes.items()}
        return RequestTimes(number, runs, seconds, tasks)

    def compute_beside(self, beside: BesideThere) -> None:
        """Has the next request of this thread compute tensors beside its runs' work."""
        self._mine.beside = beside

    def trace(self, metadata: RunMetadata) -> None:
        """Has the next request of this thread measure kernels; nothing is computed beside it then."""
        self._mine.traced = metadata

    def look(self, tensors: Sequence[Tensor], feeds: Feeds) -> list[Any]:
        """Tensors as a run with these feeds would find them now, without changing anything."""
        fetches = Fetches(self._graph, list(tensors), "")
        with self._looking():
            _, wanted, answer = self._answer(fetches, [feeds], LOOK_PATIENCE, looks=True)
        return self._values(fetches, wanted, answer.values[0], feeds)

    def variables(self, ops: Sequence[Operation]) -> list[VariableThere | None]:
        """What variables are now; None for one that was not used yet."""
        known = [op.index for op in ops if op.index < self._known]
        with self._looking():
            found = dict(zip(known, self._connection.look("look_at_variables", self.name, known), strict=True))
        return [found.get(op.index) for op in ops]

    def inspect(self, variable: Operation, method: str, *arguments: Any) -> Any:
        """What a method of `Inspector` gives of a variable, where it is."""
        with self._looking():
            found = self._connection.look("look_closely", self.name, variable.index, method, arguments)
        if found is None:
            raise errors.FailedPreconditionError(None, variable, f"The variable {variable.name!r} has no value")
        return found

    def placed(self) -> dict[int, str]:
        """The device of each operation that ran, by its index."""
        with self._looking():
            found: dict[int, str] = self._connection.look("look_at_places", self.name)
        return found

    @contextlib.contextmanager
    def _looking(self) -> Iterator[None]:
        """Has one who looks wait in vain once, and not again before a run went through."""
        if self._lost:
            raise errors.UnavailableError(
                None, None, f"{self._connection.target} did not answer when it was last asked"
            )
        try:
            yield
        except (errors.UnavailableError, errors.AbortedError, errors.DeadlineExceededError):
            self._lost = True
            raise

    def forget(self) -> None:
        """Begins anew with the graph, which has lost operations."""
        with self._lock:
            self.close()
            self._begin()

    def close(self) -> None:
        """Lets the cluster forget the session; variables stay."""
        self._connection.close(self.name)


def _deadline(name: str, value: Any) -> float:
    """A deadline as it was given.

    Raises:
      InvalidArgumentError: naming the field, where it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise errors.InvalidArgumentError(
            None, None, f"{name} must be milliseconds from 0 (no limit) on, not {value!r}"
        )
    return value


def open_session(target: str, graph: Graph, config: ConfigProto) -> ClusterSession:
    """Opens a session on a cluster."""
    return ClusterSession(target, graph, config)


def reset(target: str, containers: Sequence[str] | None) -> None:
    """Clears the variables of a cluster."""
    connect(target).reset(None if not containers else list(containers))
