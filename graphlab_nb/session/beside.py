"""Tensors that are computed beside a run, of what it computes anyway: cheaper than `observe`, which computes all anew.

For that a run takes another plan, which has the same kernels in the same order and some more among them. So its results are the
same, bit by bit, whether anything is computed beside it or not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab_nb.compiler.plan import Step
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.operation import uncollected
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, KernelCall
from graphlab_nb.runtime.arrival import Arrival
from graphlab_nb.session.executor import BoundStage
from graphlab_nb.session.fetches import Fetches
from graphlab_nb.session.profile import ACTIVE

if TYPE_CHECKING:
    from graphlab_nb.session.session import BaseSession


class Beside:
    """Tensors to be computed beside the next run: `session.beside = Beside(tensors)`.

    Attributes:
      tensors: which.
      measured: whether the run is to be traced, so that it can be told what they take.
      seconds: what they took on the device, where that was measured.
      taken: whether the run computed them.
    """

    def __init__(self, tensors: Sequence[Tensor], measured: bool = False):
        self.tensors = tuple(tensors)
        self.measured = measured
        self.seconds = 0.0
        self.taken = False
        self._values: list[np.ndarray] = []
        self._arrival: Arrival | None = None
        self._steps: set[int] = set()

    @contextlib.contextmanager
    def computed(self, bound: BoundStage) -> Iterator[None]:
        """Stands around the run of a stage that computes the tensors; sends them to the host, and waits for nothing."""
        first, last = bound.stage.beside_steps
        self._steps = {id(step) for step in bound.stage.steps[first:last]}
        if self.measured:
            ACTIVE.append(self)
        try:
            yield
        finally:
            if self.measured:
                ACTIVE.remove(self)
        copies = []
        for tensor in self.tensors:
            array = bound.stage.beside[tensor]
            value = np.empty(array.shape, array.dtype.np_dtype)
            copies.append((bound.resources.devices[array.storage.device].queue, bound.buffer(array.storage), value))
            self._values.append(value)
        self._arrival = Arrival(copies)
        self.taken = True

    def add(self, devices: Sequence[Any], times: Sequence[tuple[Step, int, int]]) -> None:
        """Takes the traced run's times, as `Profile.add` does."""
        self.seconds = sum(end - start for step, start, end in times if id(step) in self._steps) * 1e-9

    def ready(self) -> bool:
        """Whether the values are there; asks and waits for nothing."""
        return self._arrival is not None and self._arrival.ready()

    def values(self) -> list[np.ndarray]:
        """The tensors' values as the run has computed them; waits where they are not `ready`."""
        assert self._arrival is not None, "the run has not begun"
        self._arrival.wait()
        return self._values


def can_be_beside(
    session: BaseSession, fetches: Fetches, feeds: dict[Tensor, np.ndarray], tensors: Sequence[Tensor]
) -> bool | None:
    """Whether runs with these fetches and feeds can compute tensors beside their work; None before the first such run.

    The first time it makes the plan for it.
    """
    with session._lock:
        signature = session._signature(fetches, feeds)
        plan = session._plans.get(signature)
        if plan is None:
            return None
        key = (*signature, tuple(tensors))
        if key in session._plans:
            return True
        if plan.bound.stage.remaining:
            return False
        specs = {t: Spec(t.dtype.base_dtype, v.shape) for t, v in feeds.items()}
        with uncollected():
            new = session._make_plan(plan.ops, fetches, specs, {}, {}, tensors)
        stage = new.bound.stage
        first, last = stage.beside_steps
        if not stage.beside or _kernels([*stage.steps[:first], *stage.steps[last:]]) != _kernels(
            plan.bound.stage.steps
        ):
            return False
        new.checked = plan.checked
        session._plans[key] = new
        return True


def _kernels(steps: Sequence[Step]) -> list[Any]:
    """What steps compute, whatever memory they do it in."""
    found: list[Any] = []
    for step in steps:
        action = step.action
        if isinstance(action, KernelCall):
            scalars = [(type(arg), arg) for arg in action.args if not isinstance(arg, Array)]
            what = (action.file, action.kernel, action.prefix, action.global_size, action.local_size, action.writes)
            found.append((*what, sorted(map(str, action.defines.items())), scalars))
        else:
            found.append(type(action))
    return found
