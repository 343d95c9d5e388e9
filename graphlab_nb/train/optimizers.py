"""The optimizers: what each keeps for a variable, and the operation by which it changes one.

Those that few programs use are in `sparse_optimizers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import training
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.control import group
from graphlab_nb.ops.indexing import scatter_sub
from graphlab_nb.ops.math import multiply
from graphlab_nb.ops.variables import Variable
from graphlab_nb.train.optimizer import Optimizer, gathered_parts


class GradientDescentOptimizer(Optimizer):
    """Steps along the negative gradient.

    Example:
      >>> w = tf.Variable(3.0)
      >>> step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(w.initializer)
      ...     sess.run(step)
      ...     print(sess.run(w))
      2.4
    """

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.
        """
        super().__init__(use_locking, name)
        self._hyper = (learning_rate,)

    def _prepare(self) -> None:
        self._scalars = self._tensors(self._hyper, "learning_rate")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        parts = gathered_parts(grad)
        if parts is None:
            return self._update(training.ApplyGradientDescent(), var, [], grad, self._scalars)
        # Of a large table only the rows that were gathered are touched: each part is taken off where it belongs.
        rate = cast(self._scalars[0], var.dtype.base_dtype)
        done: list[Operation] = []
        for change, indices in [(multiply(rows, rate), indices) for rows, indices in parts]:
            with scopes.control_dependencies(done):
                done = [scatter_sub(var, indices, change).op]
        return done[0]


class ProximalGradientDescentOptimizer(Optimizer):
    """Gradient steps, each followed by the proximal step of the regularizers l1 * |w| + l2 / 2 * w^2.

    Example:
      >>> w = tf.Variable([4.0, 0.5])
      >>> step = tf.train.ProximalGradientDescentOptimizer(0.25, l1_regularization_strength=2.0).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w).round(3))
      [1.5 0. ]
    """

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          l1_regularization_strength: weight of the absolute values.
          l2_regularization_strength: weight of the squares.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.
        """
        super().__init__(use_locking, name)
        self._hyper = (learning_rate, l1_regularization_strength, l2_regularization_strength)

    def _prepare(self) -> None:
        self._scalars = self._tensors(
            self._hyper, "learning_rate", "l1_regularization_strength", "l2_regularization_strength"
        )

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return self._update(training.ApplyProximalGradientDescent(), var, [], grad, self._scalars)


class MomentumOptimizer(Optimizer):
    """Gradients gather in an accumulator that decays by `momentum`, and the variable follows it.

    Example:
      >>> w = tf.Variable([1.0])
      >>> step = tf.train.MomentumOptimizer(0.5, momentum=0.5).minimize(w)
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     sess.run(step)
      ...     print(sess.run(w).round(3))
      [-0.25]
    """

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          momentum: what stays of the accumulator in each step.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.
          use_nesterov: step by the accumulator as it will be after the next decay (Sutskever et al., 2013).
        """
        super().__init__(use_locking, name)
        self._hyper = (learning_rate, momentum)
        self._use_nesterov = bool(use_nesterov)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            self._slot(var, "momentum")

    def _prepare(self) -> None:
        self._scalars = self._tensors(self._hyper, "learning_rate", "momentum")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        definition = training.ApplyMomentum(self._use_nesterov)
        return self._update(definition, var, [self._slot(var, "momentum")], grad, self._scalars)


class RMSPropOptimizer(Optimizer):
    """Divides gradients by a running root of their mean square (Tieleman and Hinton, 2012).

    Example:
      >>> w = tf.Variable(3.0)
      >>> step = tf.train.RMSPropOptimizer(0.1).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w) < 3)
      True
    """

    def __init__(
        self,
        learning_rate: Any,
        decay: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: Any = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          decay: what stays of the mean square in each step.
          momentum: what stays of the last step.
          epsilon: added to the mean square before the root.
          use_locking: accepted for TensorFlow's signature.
          centered: divide by the variance rather than the mean square.
          name: the optimizer's name.
        """
        super().__init__(use_locking, name)
        self._hyper = (learning_rate, decay, momentum, epsilon)
        self._centered = bool(centered)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            self._slot(var, "rms", value=1.0)
            if self._centered:
                self._slot(var, "mg")
            self._slot(var, "momentum")

    def _prepare(self) -> None:
        self._scalars = self._tensors(self._hyper, "learning_rate", "decay", "momentum", "epsilon")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        names = ["mg", "rms", "momentum"] if self._centered else ["rms", "momentum"]
        definition = training.ApplyCenteredRMSProp() if self._centered else training.ApplyRMSProp()
        return self._update(definition, var, [self._slot(var, n) for n in names], grad, self._scalars)


class AdamOptimizer(Optimizer):
    """Steps by the ratio of running means of the gradient and of its square (Kingma and Ba, 2015).

    Example:
      >>> w = tf.Variable(3.0)
      >>> step = tf.train.AdamOptimizer(0.1).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(round(float(sess.run(w)), 3))
      2.9
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          beta1: what stays of the gradient's mean in each step.
          beta2: what stays of the square's mean in each step.
          epsilon: added to the root of the square's mean.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.
        """
        super().__init__(use_locking, name)
        self._hyper = (learning_rate, beta1, beta2, epsilon)
        self._powers: tuple[Variable, Variable] | None = None

    def _get_beta_accumulators(self) -> tuple[Variable, Variable] | None:
        """The variables that hold beta1^t and beta2^t, once there are any."""
        return self._powers

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        first = min(var_list, key=lambda v: v.name)
        if self._powers is None or self._powers[0].graph is not first.graph:
            _, beta1, beta2, _ = self._hyper
            with scopes.name_scope(None), scopes.colocate_with(first.op):
                self._powers = (
                    Variable(beta1, trainable=False, name="beta1_power"),
                    Variable(beta2, trainable=False, name="beta2_power"),
                )
        for var in var_list:
            self._slot(var, "m")
            self._slot(var, "v")

    def _prepare(self) -> None:
        self._scalars = self._tensors(self._hyper, "learning_rate", "beta1", "beta2", "epsilon")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        assert self._powers is not None
        powers = [convert_to_tensor(p) for p in self._powers]
        slots = [self._slot(var, "m"), self._slot(var, "v")]
        return self._update(training.ApplyAdam(), var, slots, grad, [*powers, *self._scalars])

    def _finish(self, update_ops: Sequence[Operation], name: str) -> Operation:
        assert self._powers is not None
        with scopes.control_dependencies(update_ops):
            updates = [
                p.assign(multiply(p, cast(beta, p.dtype), name="mul")).op
                for p, beta in zip(self._powers, self._scalars[1:3], strict=True)
            ]
        return group(*update_ops, *updates, name=name)


class AdagradOptimizer(Optimizer):
    """Divides gradients by the root of the sum of all squares so far (Duchi, Hazan and Singer, 2011).

    Example:
      >>> w = tf.Variable([1.0])
      >>> step = tf.train.AdagradOptimizer(1.0, initial_accumulator_value=3.0).minimize(w)
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w).round(3))
      [0.5]
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          initial_accumulator_value: what the sums of squares start from.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.

        Raises:
          ValueError: a start of the sums that is not positive.
        """
        _check_start(initial_accumulator_value)
        super().__init__(use_locking, name)
        self._hyper = (learning_rate,)
        self._start = initial_accumulator_value

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            self._slot(var, "accumulator", value=self._start)

    def _prepare(self) -> None:
        self._scalars = self._tensors(self._hyper, "learning_rate")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return self._update(training.ApplyAdagrad(), var, [self._slot(var, "accumulator")], grad, self._scalars)


def _check_start(value: float) -> None:
    if value <= 0:
        raise ValueError(f"initial_accumulator_value must be positive, not {value}")
