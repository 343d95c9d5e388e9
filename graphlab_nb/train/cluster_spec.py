"""`ClusterSpec`: which tasks a cluster has, and at which addresses."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping, Sequence
from typing import Any

_JOB = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
_HINT = 'write for instance {"ps": ["host1:2222"], "worker": ["host2:2222", "host3:2222"]}'


class ClusterSpec:
    """The jobs of a cluster, with the addresses of each job's tasks.

    Tasks are numbered from 0 on, in the order of a job's list. A dict of task indices to addresses leaves tasks out.

    Example:
      >>> cluster = tf.train.ClusterSpec({"ps": ["a:2222"], "worker": ["b:2222", "c:2222"]})
      >>> cluster.num_tasks("worker"), cluster.task_address("worker", 1)
      (2, 'c:2222')
    """

    def __init__(self, cluster: Any):
        """Takes the jobs.

        Args:
          cluster: a dict of jobs' names to lists of "host:port", or to dicts of task indices to "host:port"; or another
            `ClusterSpec`.

        Raises:
          TypeError: something else, naming it.
          ValueError: a name that no job can have, a negative index, an address without a port, or one that two tasks have.
        """
        if isinstance(cluster, ClusterSpec):
            cluster = cluster.as_dict()
        if not isinstance(cluster, Mapping):
            raise TypeError(f"A ClusterSpec is made of a dict or another ClusterSpec, not {cluster!r}; {_HINT}")
        self._jobs: dict[str, dict[int, str]] = {}
        taken: dict[str, str] = {}
        for job in sorted(cluster, key=str):
            if not isinstance(job, str):
                raise TypeError(f"A job's name is a string, not {job!r}; {_HINT}")
            if not _JOB.match(job):
                raise ValueError(f"{job!r} is no name of a job: letters, digits and _ after a first letter make one")
            self._jobs[job] = {}
            for index, address in sorted(_tasks(job, cluster[job]).items()):
                task = f"/job:{job}/task:{index}"
                self._jobs[job][index] = _address(task, address)
                if address in taken:
                    raise ValueError(
                        f"{taken[address]} and {task} have the same address {address!r}; give each its own"
                    )
                taken[address] = task

    def as_dict(self) -> dict[str, list[str] | dict[int, str]]:
        """The jobs as a dict: a list of addresses for each, or a dict of indices to addresses where tasks are left out.

        Example:
          >>> tf.train.ClusterSpec({"ps": ["a:2222"], "worker": {1: "c:2222"}}).as_dict()
          {'ps': ['a:2222'], 'worker': {1: 'c:2222'}}
        """
        return {
            job: list(tasks.values()) if list(tasks) == list(range(len(tasks))) else dict(tasks)
            for job, tasks in self._jobs.items()
        }

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs, in the order of the alphabet."""
        return list(self._jobs)

    def num_tasks(self, job_name: str) -> int:
        """How many tasks a job has.

        Args:
          job_name: the job's.

        Raises:
          ValueError: where there is no such job.

        Example:
          >>> tf.train.ClusterSpec({"worker": ["a:2222", "b:2222"]}).num_tasks("worker")
          2
        """
        return len(self._tasks_of(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The indices of a job's tasks.

        Args:
          job_name: the job's.

        Raises:
          ValueError: where there is no such job.

        Example:
          >>> tf.train.ClusterSpec({"worker": {1: "a:2222", 4: "b:2222"}}).task_indices("worker")
          [1, 4]
        """
        return list(self._tasks_of(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """The address of a task.

        Args:
          job_name: its job's.
          task_index: its number in the job.

        Raises:
          ValueError: where there is no such job or task.

        Example:
          >>> tf.train.ClusterSpec({"worker": ["a:2222", "b:2222"]}).task_address("worker", 1)
          'b:2222'
        """
        tasks = self._tasks_of(job_name)
        if task_index not in tasks:
            raise ValueError(f"Job {job_name!r} has no task {task_index!r}; its tasks are {list(tasks)}")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """The addresses of a job's tasks by index, with None for tasks that are left out.

        Args:
          job_name: the job's.

        Raises:
          ValueError: where there is no such job.

        Example:
          >>> tf.train.ClusterSpec({"worker": {0: "a:2222", 2: "b:2222"}}).job_tasks("worker")
          ['a:2222', None, 'b:2222']
        """
        tasks = self._tasks_of(job_name)
        return [tasks.get(index) for index in range(max(tasks, default=-1) + 1)]

    def _tasks_of(self, job_name: str) -> dict[int, str]:
        if job_name not in self._jobs:
            raise ValueError(f"The cluster has no job {job_name!r}; its jobs are {self.jobs}")
        return self._jobs[job_name]

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __eq__(self, other: object) -> bool:
        return self._jobs == other._jobs if isinstance(other, ClusterSpec) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple((job, *tasks.items()) for job, tasks in self._jobs.items()))

    def __repr__(self) -> str:
        return f"ClusterSpec({self.as_dict()!r})"


def _tasks(job: str, tasks: Any) -> dict[int, Any]:
    """A job's tasks by index."""
    if isinstance(tasks, Mapping):
        found: dict[int, Any] = {}
        for key, address in tasks.items():
            try:
                index = operator.index(key)
            except TypeError:
                raise TypeError(f"The index of a task of job {job!r} is a whole number, not {key!r}") from None
            if index < 0:
                raise ValueError(f"The index of a task of job {job!r} is 0 or more, not {index}")
            found[index] = address
        return found
    if isinstance(tasks, Sequence) and not isinstance(tasks, (str, bytes)):
        return dict(enumerate(tasks))
    raise TypeError(
        f"The tasks of job {job!r} are a list of addresses, or a dict of indices to them, not {tasks!r}; {_HINT}"
    )


def _address(task: str, address: Any) -> str:
    """An address, where it is one."""
    if not isinstance(address, str):
        raise TypeError(f"The address of {task} is a string such as 'host:2222', not {address!r}")
    if "://" in address:
        raise ValueError(f"The address of {task} is {address!r}; leave out what stands before the host: 'host:2222'")
    host, _, port = address.rpartition(":")
    if not host or host.endswith(":") or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"The address of {task} is {address!r}, and is to be a host and a port, such as 'host:2222'")
    return address


__all__ = ["ClusterSpec"]
