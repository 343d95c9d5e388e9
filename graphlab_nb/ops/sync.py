"""What a step of several replicas is made of: sums of gradients, counts of them, and changes that are made or left out."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import ClassVar

from graphlab_nb import errors
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.state import Update


class _Here(threading.local):
    """What runs in this thread.

    Attributes:
      in_task: whether a task of a cluster, which waits where `AwaitStep` says so.
    """

    in_task = False


HERE = _Here()


@frozen
class ChangeIf(Update):
    """What `change` does where the last input, a single bool, is true; else the variables stay as they are."""

    change: Update
    differentiable: ClassVar[bool] = False

    @property
    def writes(self) -> dict[int, int]:  # type: ignore[override]
        """Those of the change."""
        return self.change.writes

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        flag = inputs[-1]
        if not flag.dtype.is_bool or flag.rank not in (0, None):
            raise TypeError("A change is made or left out by a single bool")
        return self.change.infer(*inputs[:-1])

    def code(self, *inputs: DType) -> tuple[str, ...]:
        last = len(inputs) - 1
        found = list(self.change.code(*inputs[:-1]))
        for i, o in self.writes.items():
            found[o] = f"where(x{last}, {found[o]}, x{i})"
        return tuple(found)


@frozen
class Agreement(Elementwise):
    """y0 = the number that all inputs are, 0 where they differ; y1 = the largest."""

    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("*step",)

    def infer(self, *steps: Spec) -> Sequence[Spec]:
        return [Spec(steps[0].dtype, ()), Spec(steps[0].dtype, ())]

    def code(self, *inputs: DType) -> tuple[str, ...]:
        same, largest = "x0", "x0"
        for k in range(1, len(inputs)):
            same = f"(x0 == x{k} ? {same} : (T)(0))"
            largest = f"max({largest}, x{k})"
        return same, largest


@frozen
class CountGradient(Update):
    """Counts a replica's gradients where they are for the step that is next, and decides whether the step is made.

    References are the number of steps that were decided on, and the count; then comes the step that the gradients are for,
    and the last one that any task makes next. More outputs: the steps decided on, and how many must be made before the run
    that counts ends.

    Attributes:
      needed: gradients of a step.
      ahead: runs that end before their step is made, where one replica gives several of a step's gradients.
    """

    needed: int
    ahead: int
    writes: ClassVar[dict[int, int]] = {0: 0, 1: 1}

    def infer(self, *inputs: Spec) -> Sequence[Spec]:
        return [Spec(inputs[0].dtype, ()) for _ in range(4)]

    def code(self, *inputs: DType) -> tuple[str, ...]:
        # A parameter task that was restarted from an older checkpoint takes the number of steps from the others.
        before = "(x3 > x0 + (T)(1) ? x3 - (T)(1) : x0)"
        count = f"((x3 > x0 + (T)(1) ? (T)(0) : x1) + (x2 == {before} + (T)(1) ? (T)(1) : (T)(0)))"
        enough = f"{count} >= (T)({self.needed})"
        waits = f"(x2 == {before} + (T)(1) ? ({count} > (T)({self.ahead}) ? (T)(1) : (T)(0)) : (T)(0))"
        return (
            f"{before} + ({enough} ? (T)(1) : (T)(0))",
            f"({enough} ? (T)(0) : {count})",
            f"{before} + ({enough} ? (T)(1) : (T)(0))",
            f"{before} + {waits}",
        )


@frozen
class TakeStep(Update):
    """Lets a task go on to the step that was decided on, once for each step, whoever brings the decision.

    References are the number of steps that the task has made, and the count of its sums; then comes the number of steps that
    were decided on. More outputs: the count of the sums that make the step, 0 where none is to be made; and 1 where sums begin
    anew, else 0.
    """

    writes: ClassVar[dict[int, int]] = {0: 0, 1: 1}

    def infer(self, *inputs: Spec) -> Sequence[Spec]:
        return [Spec(inputs[0].dtype, ()) for _ in range(4)]

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return (
            "(x2 > x0 ? x2 : x0)",
            "(x2 > x0 ? (T)(0) : x1)",
            "(x2 == x0 + (T)(1) ? x1 : (T)(0))",
            "(x2 > x0 ? (T)(1) : (T)(0))",
        )


@frozen
class TakeMean(Update):
    """y1 = sum / count; sum = 0 where the last input is true."""

    writes: ClassVar[dict[int, int]] = {0: 0}

    def infer(self, *inputs: Spec) -> Sequence[Spec]:
        return [Spec(inputs[0].dtype, inputs[0].dims), Spec(inputs[0].dtype, inputs[0].dims)]

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return "where(x2, (T)(0), x0)", "x0 / x1"


@frozen
class EndStep(Update):
    """made = max(made, decided), and the global step grows by as much."""

    writes: ClassVar[dict[int, int]] = {0: 0, 1: 1}

    def infer(self, *inputs: Spec) -> Sequence[Spec]:
        return [Spec(inputs[0].dtype, ()), Spec(inputs[0].dtype, ())]

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return "(x2 > x0 ? x2 : x0)", "x1 + (x2 > x0 ? x2 - x0 : (T)(0))"


@frozen
class AwaitStep(OpDef):
    """Nothing; a task begins the part of a run that has it when as many steps are made as the last input says.

    The first input is the variable that counts them; the second, the global step, is read after the wait for its sake.
    """

    replicas: int
    awaits: ClassVar[bool] = True
    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, made: Spec, global_step: Spec, step: Spec) -> Sequence[Spec]:
        return []

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        if not HERE.in_task:
            raise errors.FailedPreconditionError(
                None,
                None,
                f"A step of SyncReplicasOptimizer takes the gradients of {self.replicas} replicas, and this session, which has "
                "no cluster, runs one. Open sessions on a cluster by tf.Session(target), one for each replica, or make the "
                "optimizer with total_num_replicas=1",
            )


__all__: list[str] = []
