"""Making, finding and ending the tasks of a cluster; the caller is connected to it by `ray.init`."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ray
from ray.util.placement_group import (
    get_placement_group,
    placement_group,
    placement_group_table,
    remove_placement_group,
)
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy, PlacementGroupSchedulingStrategy

from graphlab_nb import errors
from graphlab_nb.distributed import presence
from graphlab_nb.distributed.names import NAMESPACE, task_name
from graphlab_nb.distributed.room import check_free, check_room
from graphlab_nb.distributed.task import GROUPS, Task

PATIENCE = 60.0
"""Seconds in which a task must have begun."""
ANSWER = 5.0
"""Seconds in which tasks must have answered to count as alive."""
SETTLED = 15.0
"""Seconds in which Ray notices that a machine died, and gives up its tasks."""
LEAST_CPU = 0.01
"""Processors that a task in a placement group reserves at least."""
_GROUP = "graphlab_nb/"
"""How names of our placement groups begin; then comes the name of their first task."""
_ERROR = re.compile(r"^graphlab_nb\.errors\.(\w+): (.+)$", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def start_tasks(
    jobs: Mapping[str, Sequence[int]],
    *,
    node_id: str | None = None,
    checkpoints: str = "",
    every: float = 60.0,
    every_steps: int = 0,
    resources: Mapping[str, float] | None = None,
    placement: str = "",
    wait: float | None = None,
) -> list[dict[str, Any]]:
    """Makes tasks, and waits until each answers.

    Args:
      jobs: the indices of each job's tasks.
      node_id: the node on which all are; by Ray's choice where it is None.
      checkpoints: a folder for checkpoints of their variables; empty keeps none.
      every: seconds between checkpoints; 0 where time does not count.
      every_steps: runs that change variables between checkpoints; 0 where these do not count.
      resources: what each task takes of Ray's resources, such as {"CPU": 1, "GPU": 1}.
      placement: "pack" puts them on few nodes, "spread" each on another as far as there are so many, "strict-pack" and
        "strict-spread" without exception; empty leaves it to Ray.
      wait: seconds in which a cluster that grows on demand may make room; None where it must have it now.

    Returns:
      What each task tells of itself, see `Task.status`.

    Raises:
      AlreadyExistsError: naming a task that is there already; none is made then.
      ResourceExhaustedError: where there is no room for them.
      UnavailableError: where one does not begin in time; those that were made are ended.
    """
    names = [task_name(job, i) for job, indices in jobs.items() for i in indices]
    present = set(names) & set(presence.tasks())
    if present:
        raise errors.AlreadyExistsError(None, None, f"The cluster has a task {min(present)} already")
    taken = {"CPU": 0.0, **(resources or {})}
    options: dict[str, Any] = {"num_cpus": taken.pop("CPU"), "num_gpus": taken.pop("GPU", 0.0), "resources": taken}
    if node_id is not None:
        options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node_id, soft=False)
    patience = PATIENCE if wait is None else wait
    each = dict(resources or {})
    if placement:  # groups want something to reserve
        each["CPU"] = options["num_cpus"] = options["num_cpus"] or LEAST_CPU
    if wait is None and each:
        check_room(len(names), each, placement)
        check_free(len(names), each)
    group = _reserve(names, each, placement, patience) if placement else None

    remote: Any = ray.remote
    actor = remote(concurrency_groups=GROUPS)(Task)
    made: list[Any] = []
    try:
        for k, name in enumerate(names):
            if group is not None:
                options["scheduling_strategy"] = PlacementGroupSchedulingStrategy(group, k)
            made.append(
                actor.options(
                    name=name, namespace=NAMESPACE, lifetime="detached", max_restarts=-1, max_task_retries=0, **options
                ).remote(name, checkpoints, every, every_steps)
            )
        asked = [task.status.remote() for task in made]
        return [ray.get(ref, timeout=patience) for ref in asked]
    except BaseException as error:
        for task in made:
            ray.kill(task)
        if group is not None:
            remove_placement_group(group)
        if isinstance(error, ray.exceptions.GetTimeoutError):
            waiting = ", ".join(names)
            raise errors.UnavailableError(
                None,
                None,
                f"The tasks {waiting} have not begun within {patience:g} s; has the cluster room for them?",
            ) from None
        if isinstance(error, presence.DIED):
            raise _cause(str(error)) from None
        raise


def _reserve(names: Sequence[str], each: Mapping[str, float], placement: str, seconds: float) -> Any:
    """A placement group with room for each task; none is left where that does not come about."""
    group = placement_group(
        [dict(each)] * len(names),
        strategy=placement.upper().replace("-", "_"),
        name=_GROUP + names[0],
        lifetime="detached",
    )
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if group.wait(1.0):  # no signal is heard meanwhile
                return group
        raise errors.ResourceExhaustedError(
            None,
            None,
            f"The cluster has no room for {len(names)} tasks with {dict(each)} each, placed by {placement!r}, within "
            f"{seconds:g} s",
        )
    except BaseException:  # Ctrl-C too
        remove_placement_group(group)
        raise


def _cause(text: str) -> errors.OpError:
    """The error of this library with which a task ended as it began, from Ray's account of it; or one with that account."""
    found = _ERROR.findall(_COLOURS.sub("", text))
    kind: type[errors.OpError] | None = getattr(errors, found[-1][0], None) if found else None
    if kind is None:
        return errors.UnavailableError(None, None, f"A task could not begin: {text}")
    return kind(None, None, f"A task could not begin: {found[-1][1]}")


def list_tasks() -> list[dict[str, Any]]:
    """What all tasks of the cluster tell of themselves; "alive" is whether they answer.

    Those that ended with their machines are not among them, see `list_lost`.
    """
    refs: dict[str, Any] = {}
    for name in presence.tasks():
        with contextlib.suppress(ValueError):  # its machine has just been given up
            refs[name] = ray.get_actor(name, namespace=NAMESPACE).status.remote()
    if refs:
        ray.wait(list(refs.values()), num_returns=len(refs), timeout=ANSWER)
    found: list[dict[str, Any]] = []
    for name, ref in refs.items():
        try:
            told: Any = ray.get(ref, timeout=0.1)
            found.append({**told, "alive": True})
        except (*presence.DIED, ray.exceptions.GetTimeoutError):
            found.append({"name": name, "alive": False})
    return found


def list_lost() -> list[dict[str, Any]]:
    """The tasks that ended with their machines and have not come again: "name", and "host", the machine's address."""
    for name in presence.tasks():
        try:
            told: Any = ray.get(ray.get_actor(name, namespace=NAMESPACE).lost_tasks.remote(), timeout=ANSWER)
            return list(told)
        except (ValueError, *presence.DIED, ray.exceptions.GetTimeoutError):
            continue
    return []


def settled_tasks() -> list[str]:
    """The names of the cluster's tasks, without those of a machine that just died, for whose end it waits."""
    end = time.monotonic() + SETTLED
    while True:
        found = list_tasks()
        if all(task["alive"] for task in found) or time.monotonic() > end:
            return [task["name"] for task in found]
        time.sleep(0.5)


def stop_tasks(names: Sequence[str]) -> None:
    """Ends tasks; those with checkpoints write one more."""
    for name in names:
        try:
            task = ray.get_actor(name, namespace=NAMESPACE)
            ray.get(task.save.remote(), timeout=10)
        except ValueError:
            continue
        except (*presence.DIED, ray.exceptions.GetTimeoutError):
            pass  # what it kept last has to do
        ray.kill(task)
    _release(lambda first: first in names)


def release_left() -> None:
    """Gives back what was reserved for tasks that are not there: of an `attach` that was killed."""
    present = presence.tasks()
    _release(lambda first: first not in present)


def _release(of: Callable[[str], bool]) -> None:
    """Removes placement groups, chosen by the names of their first tasks."""
    for group in placement_group_table().values():
        ours, _, first = group["name"].partition(_GROUP)
        if not ours and first and of(first) and group["state"] != "REMOVED":
            remove_placement_group(get_placement_group(group["name"]))
