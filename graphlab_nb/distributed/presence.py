"""Which tasks a cluster has, and which it has lost."""

from __future__ import annotations

from typing import Any

import ray
from ray._private.state import actors

from graphlab_nb import errors
from graphlab_nb.distributed.names import NAMESPACE, sorted_tasks

DIED = (ray.exceptions.RayActorError, ray.exceptions.ActorUnschedulableError)
"""What Ray raises for a task whose process, or whose machine, died."""


def alive(name: str, task: Any) -> bool:
    """Whether a task is there; False while it is being restarted.

    Raises:
      UnavailableError: where its machine is lost.
    """
    told: Any = actors(task._actor_id.hex())
    if told.get("State") == "DEAD":
        raise gone(name)
    return told.get("State") in (None, "ALIVE")


def died(name: str) -> str:
    """That a task died, and what is left."""
    return (
        f"The task {name} died while the run went on. Make a new session; its variables are those of its last checkpoint, "
        "if it keeps any"
    )


def gone(name: str) -> errors.UnavailableError:
    """The error for a task whose machine is lost."""
    return errors.UnavailableError(
        None, None, f"The task {name} is not there: its machine died or was cut off. `graphlab-nb cluster join` with the same "
        "--jobs, on that machine or another, brings it back"
    )  # fmt: skip


def lost_tasks() -> list[dict[str, Any]]:
    """The tasks that ended with their machines: "name", and "host", the machine's address. Not to be asked for by a client."""
    present = set(tasks())
    found = {}
    for told in actors().values():
        name, cause = told["Name"], str(told["DeathCause"])
        if told["State"] == "DEAD" and name.startswith("/job:") and name not in present and "RAY_KILL" not in cause:
            found[name] = told["OwnerAddress"]["IPAddress"]
    return [{"name": name, "host": found[name]} for name in sorted_tasks(list(found))]


def tasks() -> list[str]:
    """The names of the cluster's tasks."""
    found = ray.util.list_named_actors(all_namespaces=True)
    return sorted_tasks([each["name"] for each in found if each["namespace"] == NAMESPACE and each["name"][0] == "/"])
