"""`tf.contrib.training`: how `tf.train.replica_device_setter` spreads variables by their sizes."""

from __future__ import annotations

from collections.abc import Callable

from graphlab_nb.graph.operation import Operation


class GreedyLoadBalancingStrategy:
    """Puts each variable on the parameter task that has least so far: `ps_strategy` of `tf.train.replica_device_setter`.

    Example:
      >>> strategy = tf.contrib.training.GreedyLoadBalancingStrategy(2, tf.contrib.training.byte_size_load_fn)
      >>> with tf.device(tf.train.replica_device_setter(ps_tasks=2, ps_strategy=strategy)):
      ...     large, small, next_small = (tf.Variable(tf.zeros([n])) for n in (1000, 10, 10))
      >>> large.device, small.device, next_small.device
      ('/job:ps/task:0', '/job:ps/task:1', '/job:ps/task:1')
    """

    def __init__(self, num_tasks: int, load_fn: Callable[[Operation], float]):
        """Starts with tasks that have nothing.

        Args:
          num_tasks: how many parameter tasks there are.
          load_fn: a function from an operation to its load, a number that is not negative.

        Raises:
          ValueError: where there is no task.
          TypeError: where `load_fn` is no function.
        """
        if num_tasks < 1:
            raise ValueError(f"num_tasks is the number of parameter tasks, 1 or more, not {num_tasks}")
        if not callable(load_fn):
            raise TypeError(f"load_fn is a function from an operation to its load, not {load_fn!r}")
        self._loads = [0.0] * num_tasks
        self._load_fn = load_fn

    def __call__(self, op: Operation) -> int:
        """The index of the task that has least, the first of them, which the operation's load is added to."""
        task = self._loads.index(min(self._loads))
        self._loads[task] += self._load_fn(op)
        return task


def byte_size_load_fn(op: Operation) -> int:
    """How many bytes a variable takes: a load for `GreedyLoadBalancingStrategy`.

    Args:
      op: the operation that holds the variable.

    Raises:
      ValueError: an operation with other than one output, or an output whose shape is not fully known.

    Example:
      >>> tf.contrib.training.byte_size_load_fn(tf.Variable(tf.zeros([10, 2])).op)
      80
    """
    if len(op.outputs) != 1:
        raise ValueError(
            f"Operation {op.name} has {len(op.outputs)} outputs, and byte_size_load_fn takes one that has one"
        )
    shape, size = op.outputs[0].get_shape(), op.outputs[0].dtype.base_dtype.size
    elements = shape.num_elements()
    if elements is None:
        raise ValueError(
            f"The bytes of {op.name} are not known, as its shape is {shape}; make it with a full shape, or place it by "
            "tf.device"
        )
    return elements * size


__all__ = ["GreedyLoadBalancingStrategy", "byte_size_load_fn"]


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)
