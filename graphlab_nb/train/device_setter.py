"""`replica_device_setter`: variables go to parameter tasks in turn, all else to a worker."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from graphlab_nb.graph.device_spec import DeviceSpec, merge_names
from graphlab_nb.graph.graph import Operation
from graphlab_nb.ops.state import IsVariableInitialized, ReadVariable, Variable
from graphlab_nb.train.cluster_spec import ClusterSpec


def replica_device_setter(
    ps_tasks: int = 0,
    ps_device: str = "/job:ps",
    worker_device: str = "/job:worker",
    merge_devices: bool = True,
    cluster: Any = None,
    ps_ops: Sequence[str] | None = None,
    ps_strategy: Callable[[Operation], int] | None = None,
) -> Callable[[Operation], str] | None:
    """A function for `tf.device` that puts variables on parameter tasks, and other operations on a worker.

    Variables go to the parameter tasks in turn, in the order in which they are made, and optimizers' slots to their
    variables. Operations that read or change a variable go where it is. What an operation's own device says comes first.

    Args:
      ps_tasks: how many parameter tasks there are; not needed with `cluster`.
      ps_device: the device of parameter tasks, to which the task is added; without a job no task is added.
      worker_device: the device of other operations.
      merge_devices: False leaves operations alone that have a device already.
      cluster: a `ClusterSpec`, or what makes one, that says which tasks the job of `ps_device` has.
      ps_ops: types of operations that go to parameter tasks; `["Variable"]` by default.
      ps_strategy: a function from an operation to the index of the parameter task that it goes to.

    Returns:
      A function from an operation to a device; None where there is no parameter task.

    Raises:
      TypeError: a `ps_strategy` that is no function, or types of operations that are a single string.
      ValueError: a negative number of tasks, or a device that is not understood.

    Example:
      >>> with tf.device(tf.train.replica_device_setter(ps_tasks=2, worker_device="/job:worker/task:1")):
      ...     w, b = tf.Variable(tf.zeros([3, 2])), tf.Variable(tf.zeros([2]))
      ...     y = tf.add(w, b)
      >>> w.device, b.device, y.device
      ('/job:ps/task:0', '/job:ps/task:1', '/job:worker/task:1')
    """
    ps, worker = DeviceSpec.from_string(ps_device or ""), DeviceSpec.from_string(worker_device or "")
    if cluster is not None:
        spec = ClusterSpec(cluster)
        indices = spec.task_indices(ps.job) if ps.job in spec.jobs else []
    else:
        if ps_tasks < 0:
            raise ValueError(f"ps_tasks is the number of parameter tasks, so not {ps_tasks}")
        indices = list(range(ps_tasks))
    if not indices:
        return None
    if ps_strategy is not None and not callable(ps_strategy):
        raise TypeError(f"ps_strategy is a function from an operation to a task's index, not {ps_strategy!r}")
    if isinstance(ps_ops, str):
        raise TypeError(f"ps_ops is a list of types of operations, not {ps_ops!r}; write [{ps_ops!r}]")
    wanted = frozenset((Variable.type_name,) if ps_ops is None else ps_ops)
    in_turn = itertools.cycle(indices)

    def choose(op: Operation) -> str:
        if op.device and not merge_devices:
            return op.device
        if op.type in wanted:
            place, own = ps, DeviceSpec.from_string(op.device)
            # What has a task already, such as an optimizer's slot, takes no turn.
            if ps.job is not None and own.job in (None, ps.job) and own.task is None:
                task = next(in_turn) if ps_strategy is None else int(ps_strategy(op))
                place = DeviceSpec(task=task).merged_over(ps)
            return merge_names(op.device, place.to_string())
        holder = _variable_of(op)
        return merge_names(op.device, worker.to_string() if holder is None else holder.device)

    return choose


def _variable_of(op: Operation) -> Operation | None:
    """The operation that holds the memory which this one reads or changes, None where it does neither."""
    if op.definition.writes:
        return op.inputs[min(op.definition.writes)].op
    return op.inputs[0].op if isinstance(op.definition, (ReadVariable, IsVariableInitialized)) else None


__all__ = ["replica_device_setter"]
