"""Moving averages of variables, which are often better weights than the last ones (Polyak and Juditsky, 1992)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import state
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.control import group
from graphlab_nb.ops.math import minimum
from graphlab_nb.ops.variable_lists import global_variables, moving_average_variables, trainable_variables
from graphlab_nb.ops.variables import Variable
from graphlab_nb.train.optimizer import slot_variable


class ExponentialMovingAverage:
    """Keeps, for each variable, a shadow variable that follows it: shadow = decay * shadow + (1 - decay) * variable.

    Example:
      >>> x = tf.Variable(0.0)
      >>> average = tf.train.ExponentialMovingAverage(0.9)
      >>> update = average.apply([x])
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     _ = sess.run([x.assign(10.0)])
      ...     sess.run(update)
      ...     print(sess.run(average.average(x)).round(3))
      1.0
    """

    def __init__(self, decay: Any, num_updates: Any = None, name: str = "ExponentialMovingAverage"):
        """Sets the decay.

        Args:
          decay: what stays of the average in each update, a number or scalar tensor, mostly 0.99 and above.
          num_updates: number or variable of updates so far; with it the decay is at most (1 + n) / (10 + n), so that
            the average moves faster at first.
          name: the last part of the shadow variables' names.
        """
        self._decay = decay
        self._num_updates = num_updates
        self._name = name
        self._averages: dict[Any, Variable] = {}

    @property
    def name(self) -> str:
        """The last part of the shadow variables' names."""
        return self._name

    def apply(self, var_list: Iterable[Any] | None = None) -> Operation:
        """Makes shadow variables, and the operation that updates them.

        Shadows of variables start from the variables' initial values, shadows of tensors from zeros.

        Args:
          var_list: variables and tensors of floating-point type; all trainable variables by default.

        Returns:
          The operation that updates all averages once.

        Raises:
          TypeError: a variable that is not floating.
          ValueError: a variable that already has an average here.

        Example:
          >>> w = tf.Variable(1.0, name="w")
          >>> average = tf.train.ExponentialMovingAverage(0.5)
          >>> update = average.apply([w])
          >>> with tf.Session() as sess:
          ...     sess.run(tf.global_variables_initializer())
          ...     w.load(3.0)
          ...     sess.run(update)
          ...     print(sess.run(average.average(w)))
          2.0
        """
        averaged = list(trainable_variables() if var_list is None else var_list)
        for var in averaged:
            if not var.dtype.base_dtype.is_floating:
                raise TypeError(
                    f"The variable {var.name} must be floating to be averaged, not {var.dtype.base_dtype.name}"
                )
            if var in self._averages and self._averages[var].graph is var.graph:
                raise ValueError(f"A moving average is already computed for {var.name}")
            with scopes.control_dependencies(None):
                if isinstance(var, Variable):
                    shadow = slot_variable(var, self._name, make=var.initialized_value)
                    if var not in scopes.get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES):
                        scopes.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
                else:
                    shadow = slot_variable(var, self._name)
            self._averages[var] = shadow
        with scopes.name_scope(self._name) as scope:
            decay = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                count: Any = cast(self._num_updates, decay.dtype.base_dtype, name="num_updates")
                decay = minimum(decay, (1 + count) / (10 + count))
            updates = [assign_moving_average(self._averages[v], v, decay).op for v in averaged]
            return group(*updates, name=scope)

    def average(self, var: Any) -> Variable | None:
        """The shadow variable of `var`, or None where there is none.

        Args:
          var: a variable or tensor.

        Example:
          >>> w = tf.Variable(1.0, name="w")
          >>> average = tf.train.ExponentialMovingAverage(0.5)
          >>> update = average.apply([w])
          >>> average.average(w).name
          'w/ExponentialMovingAverage:0'
        """
        return self._averages.get(var)

    def average_name(self, var: Any) -> str:
        """The name that the shadow variable of `var` has, or will have, in checkpoints.

        Args:
          var: a variable or tensor.

        Example:
          >>> w = tf.Variable(1.0, name="w")
          >>> average = tf.train.ExponentialMovingAverage(0.5)
          >>> average.average_name(w)
          'w/ExponentialMovingAverage'
        """
        shadow = self._averages.get(var)
        return shadow.op.name if shadow is not None else f"{var.op.name}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Iterable[Variable] | None = None) -> dict[str, Variable]:
        """Names in a checkpoint and the variables to restore from them: averages where they are kept.

        Args:
          moving_avg_variables: variables to restore from their averages; all trainable ones and all that have an
            average by default.

        Returns:
          A map from names in the checkpoint to variables: the shadow's name for those, their own names for all others.

        Example:
          >>> w = tf.Variable(1.0, name="w")
          >>> average = tf.train.ExponentialMovingAverage(0.5)
          >>> step = tf.Variable(0, trainable=False, name="step")
          >>> sorted(average.variables_to_restore())
          ['step', 'w/ExponentialMovingAverage']
        """
        if moving_avg_variables is None:
            moving_avg_variables = [*trainable_variables(), *moving_average_variables()]
        averaged = dict.fromkeys(moving_avg_variables)
        names = {self.average_name(v): v for v in averaged}
        for var in global_variables():
            if var not in averaged:
                names.setdefault(var.op.name, var)
        return names


def assign_moving_average(variable: Variable, value: Any, decay: Any, name: str | None = None) -> Tensor:
    """Moves `variable` towards `value`: variable -= (1 - decay) * (variable - value).

    Args:
      variable: the average.
      value: tensor of its shape.
      decay: what stays of the average, a number or scalar tensor.
      name: name scope of the operations.

    Returns:
      The variable's memory after that.
    """
    with scopes.name_scope(name, "AssignMovingAvg") as scope, scopes.colocate_with(variable.op):
        kept = cast(convert_to_tensor(1.0, dtypes.float32) - decay, variable.dtype.base_dtype)
        return state.assign_sub(variable, (variable - value) * kept, name=scope)
