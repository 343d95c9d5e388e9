"""A client's side of sessions on a cluster."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
import ray

from graphlab_nb.distributed.connection import Connection, connect
from graphlab_nb.distributed.failures import too_long
from graphlab_nb.distributed.requests import Answer, Request, Wanted
from graphlab_nb.distributed.shipping import dumps, key_of, shipped
from graphlab_nb.graph.graph import Graph
from graphlab_nb.session.config import ConfigProto, RunMetadata, RunOptions
from graphlab_nb.session.device_attributes import DeviceList
from graphlab_nb.session.fetches import Fetches
from graphlab_nb.session.remote import Feeds

GRACE = 5.0
"""Seconds after a deadline in which the cluster may say itself that it has passed."""


class ClusterSession:
    """Runs a graph on a cluster: each run, or many of them, is one request to the session's master."""

    def __init__(self, target: str, graph: Graph, config: ConfigProto):
        self._graph = graph
        self._milliseconds = config.operation_timeout_in_ms
        self._settings = dumps(config)
        self._connection: Connection = connect(target)
        self._lock = threading.RLock()
        self._begin()

    def _begin(self) -> None:
        self._name = uuid.uuid4().hex
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
        fed = list(feeds[0])
        if any(set(each) != set(fed) for each in feeds):
            raise ValueError("All runs of run_many must feed the same tensors on a cluster")
        wanted = Wanted(
            tuple([key_of(t) for t in fetches.tensors if t not in feeds[0]]),
            tuple([op.index for op in fetches.operations]),
            tuple([key_of(t) for t in fed]),
        )
        with self._lock:
            number = self._numbers.setdefault(wanted, len(self._numbers))
            new = self._graph.get_operations()[self._known :]
            milliseconds = (options.timeout_in_ms if options is not None else 0) or self._milliseconds
            timeout = milliseconds / 1000 if milliseconds else None
            request = Request(
                session=self._name,
                config=self._settings,
                first=self._known,
                graph=dumps([shipped(op) for op in new]) if new else b"",
                number=number,
                wanted=None if number in self._ready else wanted,
                run=f"{self._name}.{next(self._runs)}",
                feeds=[[each[t] for t in fed] for each in feeds],
                timeout=timeout,
                traced=metadata is not None,
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
        if metadata is not None:
            for outcome in answer.outcomes.values():
                if outcome.metadata is not None:
                    metadata.step_stats.dev_stats.extend(outcome.metadata.step_stats.dev_stats)
        return [self._values(fetches, wanted, values, each) for values, each in zip(answer.values, feeds, strict=True)]

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

    def forget(self) -> None:
        """Begins anew with the graph, which has lost operations."""
        with self._lock:
            self.close()
            self._begin()

    def close(self) -> None:
        """Lets the cluster forget the session; variables stay."""
        self._connection.close(self._name)


def open_session(target: str, graph: Graph, config: ConfigProto) -> ClusterSession:
    """Opens a session on a cluster."""
    return ClusterSession(target, graph, config)


def reset(target: str, containers: Sequence[str] | None) -> None:
    """Clears the variables of a cluster."""
    connect(target).reset(None if not containers else list(containers))
