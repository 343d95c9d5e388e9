"""Whether the machines of a cluster can hold tasks, by the resources that Ray counts."""

from __future__ import annotations

import collections
import math
import time
from collections.abc import Mapping, Sequence

import ray

from graphlab_nb.errors import ResourceExhaustedError

SETTLES = 3.0
"""Seconds in which Ray counts as free what was given back."""


def check_room(count: int, each: Mapping[str, float], placement: str = "") -> None:
    """Refuses tasks that the cluster could not hold if nothing else were in it; otherwise they would be waited for.

    Args:
      count: how many tasks.
      each: what one takes of Ray's resources.
      placement: as of `tasks.start_tasks`.

    Raises:
      ResourceExhaustedError: saying what there is.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    held = holding(machines, each, placement)
    if held >= count:
        return
    how = f", placed by {placement!r}" if placement else ""
    raise ResourceExhaustedError(
        None,
        None,
        f"The cluster can hold {held or 'none'} of {count} tasks with {_words(each)} each{how}; it has "
        f"{described(machines, each)}. Ask for less, or, where it grows on demand, give it time by --wait SECONDS",
    )


def check_free(count: int, each: Mapping[str, float], seconds: float = SETTLES) -> None:
    """Refuses tasks for which others leave too little, all machines taken together.

    Args:
      count: how many tasks.
      each: what one takes of Ray's resources.
      seconds: how long resources that were given back just now may still be counted as taken.

    Raises:
      ResourceExhaustedError: saying what is free.
    """
    end = time.monotonic() + seconds
    while True:
        free: Mapping[str, float] = ray.available_resources()
        if all(free.get(name, 0.0) + 1e-6 >= count * amount for name, amount in each.items()):
            return
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    raise ResourceExhaustedError(
        None,
        None,
        f"The cluster has no room now for {count} task{'s' if count > 1 else ''} with {_words(each)} each: others take all but "
        f"{_words({name: free.get(name, 0.0) for name in each})}. Wait for them by --wait SECONDS, or take them away",
    )


def holding(machines: Sequence[Mapping[str, float]], each: Mapping[str, float], placement: str = "") -> int:
    """How many tasks machines hold that are otherwise empty.

    Args:
      machines: the resources of each.
      each: what a task takes.
      placement: as of `tasks.start_tasks`.

    Returns:
      The number; a very large one where tasks take nothing.
    """
    taken = {name: amount for name, amount in each.items() if amount > 0}
    room = [
        min((math.floor(there.get(name, 0.0) / amount + 1e-6) for name, amount in taken.items()), default=10**9)
        for there in machines
    ]
    if placement == "strict-pack":
        return max(room, default=0)
    if placement == "strict-spread":
        return sum(1 for number in room if number)
    return sum(room)


def described(machines: Sequence[Mapping[str, float]], each: Mapping[str, float]) -> str:
    """What machines have of the resources that tasks take: "2 machines with CPU 4, GPU 1"."""
    alike = collections.Counter(_words({name: there.get(name, 0.0) for name in each}) for there in machines)
    several = [f"{n} machine{'s' if n > 1 else ''} with {words}" for words, n in alike.most_common()]
    return " and ".join(several) or "no machine"


def _words(resources: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {amount:g}" for name, amount in resources.items())
