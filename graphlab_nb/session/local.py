"""Running a graph on this machine's devices: plans, their stages, and what they leave."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.compile import compile_stage
from graphlab_nb.compiler.plan import Request, Stage
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.operation import uncollected
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array
from graphlab_nb.ops.state import Variable
from graphlab_nb.session.beside import Beside
from graphlab_nb.session.config import ConfigProto, RunMetadata
from graphlab_nb.session.executor import BoundStage, uninitialized
from graphlab_nb.session.fetches import Fetches
from graphlab_nb.session.planned import Plan
from graphlab_nb.session.profile import ACTIVE
from graphlab_nb.session.resources import Resources
from graphlab_nb.session.trace import add_times

KEPT_PLANS = 32
"""Plans that are kept for the different sizes and values that a stage's data may say."""


MOST_PLANS = 256
"""Plans that a session keeps: with ever new shapes, the oldest is given up, and its memory with it."""
MOST_STAGED = 1 << 30
"""Bytes of memory for feeds that plans may keep together, and one alone exceed."""


class LocalRuns:
    """Base of sessions: runs what is flattened and checked, and keeps plans for it.

    Attributes:
      beside: what the next run computes beside its work, see `Beside`; usually None.
    """

    beside: Beside | None
    _config: ConfigProto
    _devices: list[Any]
    _resources: Resources

    def _begin_local(self) -> None:
        """Has no plans yet."""
        self.beside = None
        self._plans: dict[Any, Plan] = {}
        self._logged: set[Operation] = set()

    def _needed(self, fetches: Fetches, feeds: dict[Tensor, np.ndarray]) -> list[Operation]:
        """The operations that a run runs, in the order they were built."""
        return needed_operations(fetches.targets(feeds), feeds)

    def _signature(self, fetches: Fetches, feeds: dict[Tensor, np.ndarray]) -> Any:
        shapes = frozenset([(t, v.shape) for t, v in feeds.items()])
        return fetches.number, shapes, self._resources.shapes_version

    def _execute(self, fetches: Fetches, feeds: dict[Tensor, np.ndarray], metadata: RunMetadata | None) -> list[Any]:
        signature = self._signature(fetches, feeds)
        plan = self._plans.get(signature)
        if plan is None:
            ops = self._needed(fetches, feeds)
            specs = {t: Spec(t.dtype.base_dtype, v.shape) for t, v in feeds.items()}
            with uncollected():
                plan = self._make_plan(ops, fetches, specs, {}, {})
            staged = plan.bound.staged + sum(p.bound.staged for p in self._plans.values())
            while self._plans and (len(self._plans) >= MOST_PLANS or staged > MOST_STAGED):
                staged -= self._plans.pop(next(iter(self._plans))).bound.staged
            self._plans[(*signature[:2], self._resources.shapes_version)] = plan
        values: dict[Tensor, Any] = {t: _result(np.array(feeds[t])) for t in fetches.tensors if t in feeds}
        beside, self.beside = self.beside, None
        if beside is not None and (chosen := self._plans.get((*signature, beside.tensors))) is not None:
            with beside.computed(chosen.bound):
                self._run_stage(chosen, feeds, values, metadata)
        else:
            self._run_stage(plan, feeds, values, metadata)
        while plan.bound.stage.remaining:
            plan, feeds = self._next_plan(plan, fetches, feeds, values)
            self._run_stage(plan, feeds, values, metadata)
        self._late_results(plan.bound, fetches, values)
        return [values[t] for t in fetches.tensors]

    def _run_stage(
        self,
        plan: Plan,
        feeds: dict[Tensor, np.ndarray],
        values: dict[Tensor, Any],
        metadata: RunMetadata | None,
    ) -> None:
        bound, stage = plan.bound, plan.bound.stage
        variables = self._resources.variables
        if not plan.checked:
            for op in stage.read_first:
                if op not in variables or not variables[op].initialized:
                    raise uninitialized(op)
            plan.checked = True
        if metadata is None and not ACTIVE:
            bound.run(feeds)
        else:
            times = bound.run_traced(feeds)
            if metadata is not None:
                add_times(metadata, bound, times)
            for profile in ACTIVE:
                profile.add(self._devices, times)
        for op in stage.assigned:
            variables[op].initialized = True
        for tensor, literal in stage.direct.items():
            values.setdefault(tensor, _result(np.array(literal)))
        for tensor, (source, dims) in stage.echoes.items():
            values.setdefault(tensor, _result(np.array(feeds[source]).reshape(dims)))
        for tensor, held in stage.held.items():
            values.setdefault(tensor, _result(bound.held(held)))
        for tensor, array in stage.fetched.items():
            if tensor not in values:
                values[tensor] = _result(bound.read(array))

    def _make_plan(
        self,
        ops: list[Operation],
        fetches: Fetches,
        feeds: dict[Tensor, Spec],
        known: dict[Tensor, tuple[Spec, int | None]],
        exported: dict[Tensor, tuple[Array, Any]],
        beside: Sequence[Tensor] = (),
    ) -> Plan:
        request = Request(
            ops=ops,
            targets=fetches.targets(feeds),
            fetches=fetches.tensors,
            feeds=feeds,
            devices=self._resources.plan_devices,
            soft_placement=bool(self._config.allow_soft_placement),
            known=known,
            variable_dims=self._resources.variable_dims(),
            beside=beside,
        )
        stage = compile_stage(request)
        for op, storage in stage.variables.items():
            self._resources.variable(op, storage, stage.variable_dims[op])
        if self._config.log_device_placement:
            self._log_placement(stage)
        return Plan(BoundStage(stage, self._resources, exported), ops, known, exported, feeds)

    def _log_placement(self, stage: Stage) -> None:
        for op, device in stage.placed.items():
            if op not in self._logged:
                self._logged.add(op)
                print(f"{op.name}: ({op.type}): {self._devices[device].full_name}", file=sys.stderr)

    def _late_results(self, bound: BoundStage, fetches: Fetches, values: dict[Tensor, Any]) -> None:
        """Fetches whose shape only the run told."""
        for tensor in fetches.tensors:
            if tensor not in values:
                if tensor in bound.produced:
                    values[tensor] = _result(bound.produced[tensor])
                elif tensor in bound.stage.sizes:
                    sizes, entry = bound.stage.sizes[tensor]
                    length = int(bound.read(sizes)[entry])
                    values[tensor] = bound.read(bound.stage.exports[tensor], length)

    def _next_plan(
        self, plan: Plan, fetches: Fetches, feeds: dict[Tensor, np.ndarray], values: dict[Tensor, Any]
    ) -> tuple[Plan, dict[Tensor, np.ndarray]]:
        """The plan for what waits for data, now that a stage has made them, and what it is fed."""
        bound, stage = plan.bound, plan.bound.stage
        self._late_results(bound, fetches, values)
        table = {arrays[0].storage: bound.read(arrays[0]) for arrays in stage.sizes.values()}
        lengths = {t: int(table[sizes.storage][entry]) for t, (sizes, entry) in stage.sizes.items()}
        # What the host made, and what shapes alone determine, is fed to the next stage.
        feeds = {**feeds, **{t: v for t, v in stage.direct.items() if t in stage.later}, **bound.produced}
        feeds |= {t: bound.held(held) for t, held in stage.held.items() if t in stage.later}
        read = {t: feeds[t] if t in feeds else bound.read(stage.exports[t], lengths.get(t)) for t in stage.reads}
        key = (
            tuple(lengths.values()),
            tuple([(t, v.shape, v.tobytes()) for t, v in read.items()]),
            tuple([(t, v.shape) for t, v in bound.produced.items()]),
        )
        found = plan.next.pop(key, None)
        if found is None:
            found = self._plan_after(plan, fetches, feeds, lengths, read)
        plan.next[key] = found
        if len(plan.next) > KEPT_PLANS:
            del plan.next[next(iter(plan.next))]
        return found, feeds

    def _plan_after(
        self,
        plan: Plan,
        fetches: Fetches,
        feeds: dict[Tensor, np.ndarray],
        lengths: dict[Tensor, int],
        read: dict[Tensor, np.ndarray],
    ) -> Plan:
        """Makes the plan of what remains.

        Args:
          plan: the stage before.
          fetches: what the run is for.
          feeds: fed tensors and what else is fed to the next stage.
          lengths: first dimensions that the stage before told.
          read: values that the next stage must know.
        """
        stage = plan.bound.stage
        specs, known, exported = plan.told(feeds, lengths, read)
        standing = [op for op in plan.ops if isinstance(op.definition, (Const, Variable))]
        ops = sorted({*standing, *stage.remaining}, key=lambda op: op.index)
        found = self._make_plan(ops, fetches, specs, known, exported)
        if len(found.bound.stage.remaining) == len(stage.remaining) and not found.bound.stage.reads:
            stuck = stage.remaining[0]
            raise errors.InternalError(None, stuck, f"Operation {stuck.name!r} cannot be run: its inputs stay unknown")
        return found


def _result(array: np.ndarray) -> Any:
    """A fetched value as users get it: an array, or for a scalar the NumPy scalar."""
    return array[()] if array.ndim == 0 else array
