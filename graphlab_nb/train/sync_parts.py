"""Parts of what `SyncReplicasOptimizer` builds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphlab_nb.dtypes import DType
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, apply_op, convert_to_tensor
from graphlab_nb.graph.device_spec import DeviceSpec
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.control import NoOp, no_op
from graphlab_nb.ops.indexing import GatherGrad
from graphlab_nb.ops.logic import equal, greater
from graphlab_nb.ops.math import add, add_n, maximum
from graphlab_nb.ops.state import AssignAdd
from graphlab_nb.ops.sync import AwaitStep, ChangeIf, TakeMean, TakeStep
from graphlab_nb.ops.variables import Variable
from graphlab_nb.train.optimizer import GradientAndVariable, gathered_parts

Place = tuple[str | None, int | None, int | None]


@dataclass
class Share:
    """What a parameter task has of a step.

    Attributes:
      anchor: one of its variables.
      made: counts the steps that it has made.
      count: counts the gradients in its sums.
      pairs: gradients and the task's variables.
      sums: of the gradients, in the order of `pairs`.
      ready: whether a run is the one that makes the step here.
    """

    anchor: Operation
    made: Variable
    count: Variable
    pairs: list[GradientAndVariable] = field(default_factory=list)
    sums: list[Variable] = field(default_factory=list)
    ready: Tensor | None = None


def ref(variable: Any) -> Tensor:
    """A variable's memory."""
    return convert_to_tensor(variable, as_ref=True)


def place_of(op: Operation) -> Place:
    """The task of a variable. Places that are told apart for nothing cost messages, and nothing else."""
    spec = DeviceSpec.from_string(op.device)
    return spec.job, spec.replica, spec.task


def counter(anchor: Operation, dtype: DType, name: str) -> Variable:
    """A variable that counts from zero, on another's task."""
    with scopes.colocate_with(anchor):
        return Variable(convert_to_tensor(0, dtype), trainable=False, name=name)


def dense(grad: Tensor, var: Variable) -> Tensor:
    """A gradient of all rows; where only a few were gathered, only these travel to the variable's task."""
    parts = gathered_parts(grad)
    if parts is None:
        return grad
    return add_n([apply(GatherGrad(), [rows, indices, var]) for rows, indices in parts])


def gather(share: Share, step: Tensor) -> list[Operation]:
    """Adds gradients to a task's sums and counts them, where they are for the step that the task makes next.

    That is looked at when all gradients are there, so that in a cluster no other run comes in between.
    """
    pairs = []
    for grad, var in share.pairs:
        with scopes.colocate_with(var.op):
            pairs.append((dense(grad, var), var))
    with scopes.colocate_with(share.anchor), scopes.control_dependencies([grad.op for grad, _ in pairs]):
        fresh = equal(step, add(share.made, 1), name="fresh")
        one = convert_to_tensor(1, step.dtype.base_dtype)
        gathered = [apply_op(ChangeIf(AssignAdd()), [ref(share.count), one, fresh], "count")]
    for (grad, var), total in zip(pairs, share.sums, strict=True):
        with scopes.colocate_with(var.op):
            gathered.append(apply_op(ChangeIf(AssignAdd()), [ref(total), grad, fresh], "gather"))
    return gathered


def means_of(share: Share, told: Tensor) -> Iterator[GradientAndVariable]:
    """The mean gradients of a task's variables, when a step is made; sums begin anew then."""
    with scopes.colocate_with(share.anchor):
        _, _, size, anew = apply(TakeStep(), [ref(share.made), ref(share.count), told])
        share.ready = greater(size, 0, name="ready")
        cleared, size = greater(anew, 0), maximum(size, 1)
    for (_, var), total in zip(share.pairs, share.sums, strict=True):
        with scopes.colocate_with(var.op):
            yield apply(TakeMean(), [ref(total), cast(size, var.dtype.base_dtype), cleared])[1], var


def waiting(
    definition: AwaitStep, inputs: list[Tensor], ends: list[Operation], shares: dict[Place, Share], chief: Operation
) -> list[Operation]:
    """Waiting for a step, on the global step's task; the others go on to a client's next run after that, too."""
    with scopes.control_dependencies(ends), scopes.colocate_with(chief):
        waited = apply_op(definition, inputs)
    ends = [waited]
    for place, share in shares.items():
        if place != place_of(chief):
            with scopes.control_dependencies([waited]), scopes.colocate_with(share.anchor):
                ends.append(no_op("release"))
    return ends


def behind(op: Operation, begin: int) -> Iterator[Operation]:
    """What an operation that groups others waits for, without groups that are placed anywhere."""
    if not isinstance(op.definition, NoOp) or op.index < begin:
        yield op
        return
    for before in op.control_inputs:
        yield from behind(before, begin)


def needed_by(ops: Iterable[Operation], begin: int) -> list[Operation]:
    """Operations and what they need, as far as it was built since there were `begin` operations."""
    found: set[Operation] = set()
    waiting = list(ops)
    while waiting:
        op = waiting.pop()
        if op.index >= begin and op not in found:
            found.add(op)
            waiting += [*op.control_inputs, *(t.op for t in op.inputs)]
    return sorted(found, key=lambda op: op.index)
