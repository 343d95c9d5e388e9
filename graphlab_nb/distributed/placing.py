"""Which task of a cluster runs each operation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from graphlab_nb import errors
from graphlab_nb.distributed.names import task_name
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.device_spec import DeviceSpec
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.state import Variable

HERE = (None, "localhost", "local")
UNKNOWN_LENGTH = 64
"""What a dimension counts that is not known when an operation is placed."""


def standing(op: Operation) -> bool:
    """Whether an operation is in every part that uses it, as what has no inputs and computes nothing is."""
    return isinstance(op.definition, (Const, Variable))


def root(tensor: Tensor) -> Tensor:
    """The variable whose memory `tensor` is at any time, or `tensor` itself."""
    while True:
        op, definition = tensor.op, tensor.op.definition
        if getattr(definition, "follows", False):
            source = op.inputs[0]
        else:
            found = [i for i, o in definition.writes.items() if o == tensor.value_index]
            if not found:
                return tensor
            source = op.inputs[found[0]]
        if not isinstance(root(source).op.definition, Variable):
            return tensor
        tensor = source


class Placing:
    """Tasks of operations, by rules.

    The first that says something counts:

    - What changes a variable, and what asks whether it has a value, goes where the variable lives.
    - A job and task that were asked for by `tf.device`; a job alone means its task 0.
    - Without, the task that holds most bytes of the operation's inputs. Constants do not count: they go along everywhere.
    - What has neither inputs nor outputs and only waits for others, as `tf.group` makes it, goes where most of these are.
    - Else the session's own task.

    Attributes:
      tasks: by operation. Those of operations that were placed stay as they are when the graph grows.
    """

    def __init__(self, jobs: Mapping[str, list[int]], own: str, soft: bool):
        self._jobs = jobs
        self._own = own
        self._soft = soft
        self.tasks: dict[Operation, str] = {}
        self._wrong: dict[Operation, str] = {}

    def add(self, ops: Iterable[Operation]) -> None:
        """Places operations, in the order of building."""
        for op in ops:
            self.tasks[op] = self._task_for(op)

    def check(self, ops: Iterable[Operation]) -> None:
        """Refuses operations that ask for a task that is not there.

        Raises:
          InvalidArgumentError: naming the operation, the task and those present.
        """
        for op in ops:
            if op in self._wrong:
                raise errors.InvalidArgumentError(None, op, self._wrong[op])

    def _task_for(self, op: Operation) -> str:
        held = self._variable(op)
        if held is not None:
            return self.tasks[held]
        spec = DeviceSpec.from_string(op.device)
        if spec.job not in HERE or (spec.job is None and spec.task is not None):
            return self._asked(op, spec)
        if spec.job is not None:
            return self._own
        sizes: dict[str, float] = {}
        for tensor in op.inputs:
            tensor = root(tensor)
            if not isinstance(tensor.op.definition, Const):
                task = self.tasks[tensor.op]
                sizes[task] = sizes.get(task, 0) + _bytes(tensor)
        for before in op.control_inputs if not op.inputs and not op.outputs else ():
            sizes[self.tasks[before]] = sizes.get(self.tasks[before], 0) + 1
        return max(sizes, key=lambda task: sizes[task]) if sizes else self._own

    def _asked(self, op: Operation, spec: DeviceSpec) -> str:
        job = spec.job if spec.job is not None else DeviceSpec.from_string(self._own).job
        assert job is not None
        if job in self._jobs and (spec.task or 0) in self._jobs[job] and spec.replica in (None, 0):
            return task_name(job, spec.task or 0)
        if not self._soft:
            present = ", ".join(task_name(job, i) for job, indices in self._jobs.items() for i in indices)
            if job not in self._jobs:
                lacks = f"no job {job!r}"
            elif (spec.task or 0) not in self._jobs[job]:
                lacks = f"no task {spec.task or 0} in the job {job!r}"
            else:
                lacks = f"no replica {spec.replica} of its tasks, only 0"
            self._wrong[op] = (
                f"Cannot place operation {op.name!r} on {op.device}: the cluster has {lacks}; present are {present}. "
                "ConfigProto(allow_soft_placement=True) lets it run elsewhere"
            )
        return self._own

    @staticmethod
    def _variable(op: Operation) -> Operation | None:
        definition = op.definition
        for i in definition.writes:
            found = root(op.inputs[i]).op
            if isinstance(found.definition, Variable):
                return found
        if getattr(definition, "follows", False) or getattr(definition, "reads_uninitialized", False):
            found = root(op.inputs[0]).op
            return found if isinstance(found.definition, Variable) else None
        return None


def _bytes(tensor: Tensor) -> float:
    lengths = [UNKNOWN_LENGTH if n is None else n for n in tensor.dims or ()]
    return max(1, math.prod(lengths)) * tensor.dtype.base_dtype.size
