"""`tf.train.Server`: a task of a cluster for programs that were written with TensorFlow's."""

from __future__ import annotations

import atexit
import sys
from typing import Any

from graphlab_nb import errors
from graphlab_nb.distributed import machines, probe, tokens
from graphlab_nb.session.config import ConfigProto
from graphlab_nb.train.cluster_spec import ClusterSpec

DEADLINE = 120.0
"""Seconds in which the cluster's first task must be there for the others to join it."""


class Server:
    """A task of a cluster, which runs beside this program until the program ends.

    A `ClusterSpec` names no head, which a Ray cluster has: here that is the first task of the first job, by the jobs' names
    ("ps" before "worker"). The other tasks wait for it for up to two minutes and join it. Each task serves sessions at its own
    address, and is the master of those that are opened there. All users of the cluster need the token that the head's machine
    has (`~/.ray/auth_token`, made there where it is missing).

    Args:
      server_or_cluster_def: a `ClusterSpec`, or what one is made of.
      job_name: the job of this task; may be left out where there is only one.
      task_index: its index in the job; may be left out where the job has only one.
      protocol: None or "grpc".
      config: accepted for TensorFlow's signature.
      start: whether to start at once, which takes some seconds; else `start` does.

    Raises:
      ValueError: a job or task that the cluster has not, or that is left out where there are several; another protocol.
      UnavailableError: where the address is taken, or the head does not come.

    Example:
      >>> cluster = tf.train.ClusterSpec({"ps": ["127.0.0.1:2222"], "worker": ["127.0.0.1:2223"]})
      >>> server = tf.train.Server(cluster, "worker", 0, start=False)
      >>> server.target
      'grpc://127.0.0.1:2223'
    """

    def __init__(
        self,
        server_or_cluster_def: Any,
        job_name: str | None = None,
        task_index: int | None = None,
        protocol: str | None = None,
        config: ConfigProto | None = None,
        start: bool = True,
    ):
        spec = ClusterSpec(server_or_cluster_def)
        if protocol not in (None, "grpc"):
            raise ValueError(f"protocol must be None or 'grpc', not {protocol!r}")
        if not spec.jobs:
            raise ValueError("The ClusterSpec has no job")
        if job_name is None:
            if len(spec.jobs) > 1:
                raise ValueError(f"The cluster has the jobs {', '.join(spec.jobs)}: say which this is by job_name=")
            job_name = spec.jobs[0]
        if task_index is None:
            if spec.num_tasks(job_name) > 1:
                raise ValueError(
                    f"The job {job_name!r} has {spec.num_tasks(job_name)} tasks: say which this is by task_index="
                )
            task_index = spec.task_indices(job_name)[0]
        self._spec = spec
        self._job, self._index = job_name, int(task_index)
        self._address = spec.task_address(job_name, self._index)
        self._machine: machines.Machine | None = None
        if start:
            self.start()

    @property
    def target(self) -> str:
        """What a `tf.Session` takes to run on the cluster with this task as its master.

        Example:
          >>> tf.train.Server({"local": ["127.0.0.1:2222"]}, start=False).target
          'grpc://127.0.0.1:2222'
        """
        return f"{probe.SCHEME}{self._address}"

    @property
    def server_def(self) -> ClusterSpec:
        """The cluster."""
        return self._spec

    def start(self) -> None:
        """Starts the task, where it does not run yet, and waits until sessions can use it.

        Raises:
          UnavailableError: where the address is taken, or the head does not come in time.

        Example:
          >>> server = tf.train.Server({"local": ["127.0.0.1:2222"]}, start=False)
          >>> server.start()  # doctest: +SKIP
        """
        if self._machine is not None:
            return
        host, port = probe.parse_address(self._address)
        first = self._spec.jobs[0]
        head = self._spec.task_address(first, self._spec.task_indices(first)[0])
        bound = machines.LOOPBACK if machines.is_loopback(host) else "0.0.0.0"
        machines.reserve_port(bound, port).close()
        probe.require_ray(load=False)
        store = ""
        if head == self._address:
            tokens.make_token()
        else:
            its_host, its_port = probe.parse_address(head)
            name = f"/job:{first}/task:{self._spec.task_indices(first)[0]}"
            self._tell(f"waiting for {name} at {head}, the cluster's first task")
            try:
                probe.wait_until_reached(its_host, its_port, DEADLINE)
            except errors.UnavailableError as error:
                raise errors.UnavailableError(
                    None,
                    None,
                    f"The cluster's first task, {name}, did not come within {DEADLINE:.0f} s: {error.message}",
                ) from error
            store = probe.control_store(its_host, its_port)
        plan = machines.Plan(jobs={self._job: [self._index]}, host=bound, port=port, store=store)
        self._machine = machines.Machine(plan)
        atexit.register(self.stop)
        try:
            self._machine.start(self._tell)
        except BaseException:
            self.stop()
            raise

    def _tell(self, text: str) -> None:
        print(f"{self._job} {self._index}: {text}", file=sys.stderr, flush=True)

    def join(self) -> None:
        """Waits until the task ends, which is until this program is interrupted or the cluster is lost.

        Raises:
          RuntimeError: for a server that was not started.
          UnavailableError: where a process of the task ended by itself.

        Example:
          >>> server = tf.train.Server({"local": ["127.0.0.1:2222"]})  # doctest: +SKIP
          >>> server.join()  # doctest: +SKIP
        """
        if self._machine is None:
            raise RuntimeError("The server has not been started; call start()")
        ended = self._machine.wait()
        if ended:
            self.stop()
            raise errors.UnavailableError(None, None, f"The task /job:{self._job}/task:{self._index} is gone: {ended}")

    def stop(self) -> None:
        """Ends the task.

        Example:
          >>> tf.train.Server({"local": ["127.0.0.1:2222"]}, start=False).stop()
        """
        machine, self._machine = self._machine, None
        if machine is not None:
            atexit.unregister(self.stop)
            machine.stop()

    @staticmethod
    def create_local_server(config: ConfigProto | None = None, start: bool = True) -> Server:
        """A cluster of one task on this machine, at a free port.

        Args:
          config: accepted for TensorFlow's signature.
          start: whether to start it at once.

        Example:
          >>> tf.train.Server.create_local_server(start=False).target.startswith("grpc://127.0.0.1:")
          True
        """
        return Server({"local": [f"{machines.LOOPBACK}:{machines.free_port()}"]}, config=config, start=start)
