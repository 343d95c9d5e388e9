"""What things of a cluster are called: tasks, jobs, and the space of names that they share in Ray."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graphlab_nb.graph.device_spec import DeviceSpec

NAMESPACE = "graphlab_nb"
"""Ray's namespace in which tasks are actors with a name."""

_JOB = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
MOST_TASKS = 4096


def task_name(job: str, index: int) -> str:
    """The name of a task, which is that of its actor: "/job:ps/task:0"."""
    return f"/job:{job}/task:{index}"


def task_of(name: str) -> tuple[str, int]:
    """The job and index that a task's name says.

    Raises:
      ValueError: for a name that is of no task.
    """
    spec = DeviceSpec.from_string(name)
    if spec.job is None or spec.task is None:
        raise ValueError(f"{name!r} names no task; write for instance '/job:worker/task:0'")
    return spec.job, spec.task


def parse_jobs(text: str) -> dict[str, int]:
    """Reads what `--jobs` says: "ps=1,worker=2" is one task of the job ps and two of worker.

    Raises:
      ValueError: naming the part that is not understood.
    """
    jobs: dict[str, int] = {}
    for part in text.split(","):
        job, equals, count = part.strip().partition("=")
        if (
            not equals
            or not _JOB.match(job)
            or not (count.isascii() and count.isdigit())
            or not 0 < int(count) <= MOST_TASKS
        ):
            raise ValueError(
                f"{part.strip()!r} in the jobs {text!r} is not understood; write for instance 'ps=1,worker=2': "
                f"letters, and from 1 to {MOST_TASKS} tasks"
            )
        if job in jobs:
            raise ValueError(f"The jobs {text!r} name {job!r} twice")
        jobs[job] = int(count)
    return jobs


def sorted_tasks(names: Sequence[str]) -> list[str]:
    """Tasks' names by job, then by index."""
    return sorted(names, key=task_of)


def jobs_of(names: Sequence[str]) -> Mapping[str, list[int]]:
    """The indices of each job's tasks, from tasks' names."""
    jobs: dict[str, list[int]] = {}
    for job, index in map(task_of, sorted_tasks(names)):
        jobs.setdefault(job, []).append(index)
    return jobs
