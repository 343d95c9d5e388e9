"""Adadelta, and the optimizers that drive weights to zero: Ftrl, and Adagrad's proximal and dual averaging forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import training
from graphlab_nb.ops.math import add
from graphlab_nb.ops.variables import Variable
from graphlab_nb.train.optimizer import Optimizer


class AdadeltaOptimizer(Optimizer):
    """Steps by the ratio of running means of past steps' and gradients' squares (Zeiler, 2012).

    Example:
      >>> w = tf.Variable(3.0)
      >>> step = tf.train.AdadeltaOptimizer(1.0).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w) < 3)
      True
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: factor of the step; Zeiler has 1.
          rho: what stays of the means in each step.
          epsilon: added to the means before the roots.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.
        """
        super().__init__(use_locking, name)
        self._hyper = (learning_rate, rho, epsilon)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            self._slot(var, "accum")
            self._slot(var, "accum_update")

    def _prepare(self) -> None:
        self._scalars = self._tensors(self._hyper, "lr", "rho", "epsilon")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        slots = [self._slot(var, "accum"), self._slot(var, "accum_update")]
        return self._update(training.ApplyAdadelta(), var, slots, grad, self._scalars)


class FtrlOptimizer(Optimizer):
    """Follows the regularized leader, which leaves many weights at exactly zero (McMahan et al., 2013).

    Example:
      >>> w = tf.Variable([4.0, 0.5])
      >>> step = tf.train.FtrlOptimizer(1.0, l1_regularization_strength=3.0).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w).round(3))
      [2.468 0.   ]
    """

    def __init__(
        self,
        learning_rate: Any,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "Ftrl",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          learning_rate_power: the sums of squares are raised to minus this power; zero or negative.
          initial_accumulator_value: what the sums of squares start from.
          l1_regularization_strength: weight of the absolute values.
          l2_regularization_strength: weight of the squares.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.

        Raises:
          ValueError: a hyperparameter out of its range.
        """
        if initial_accumulator_value <= 0:
            raise ValueError(f"initial_accumulator_value must be positive, not {initial_accumulator_value}")
        if learning_rate_power > 0:
            raise ValueError(f"learning_rate_power must not be positive, but is {learning_rate_power}")
        _check_strengths(l1_regularization_strength, l2_regularization_strength)
        super().__init__(use_locking, name)
        self._start = initial_accumulator_value
        self._hyper = (learning_rate, l1_regularization_strength, l2_regularization_strength, learning_rate_power)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            self._slot(var, "accum", value=self._start)
            self._slot(var, "linear")

    def _prepare(self) -> None:
        self._scalars = self._tensors(
            self._hyper,
            "learning_rate",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "learning_rate_power",
        )

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        slots = [self._slot(var, "accum"), self._slot(var, "linear")]
        return self._update(training.ApplyFtrl(self._hyper[3] == -0.5), var, slots, grad, self._scalars)


class ProximalAdagradOptimizer(Optimizer):
    """Adagrad's steps, each followed by the proximal step of the regularizers l1 * |w| + l2 / 2 * w^2.

    Example:
      >>> w = tf.Variable([4.0, 0.5])
      >>> step = tf.train.ProximalAdagradOptimizer(0.1, l1_regularization_strength=5.0).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w).round(3))
      [3.838 0.   ]
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          initial_accumulator_value: what the sums of squares start from.
          l1_regularization_strength: weight of the absolute values.
          l2_regularization_strength: weight of the squares.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.

        Raises:
          ValueError: a start of the sums that is not positive.
        """
        if initial_accumulator_value <= 0:
            raise ValueError(f"initial_accumulator_value must be positive, not {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._start = initial_accumulator_value
        self._hyper = (learning_rate, l1_regularization_strength, l2_regularization_strength)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            self._slot(var, "accumulator", value=self._start)

    def _prepare(self) -> None:
        self._scalars = self._tensors(
            self._hyper, "learning_rate", "l1_regularization_strength", "l2_regularization_strength"
        )

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        slot = self._slot(var, "accumulator")
        return self._update(training.ApplyProximalAdagrad(), var, [slot], grad, self._scalars)


class AdagradDAOptimizer(Optimizer):
    """The dual averaging form of Adagrad, for sparse linear models (Duchi, Hazan and Singer, 2011).

    Example:
      >>> w = tf.Variable([4.0, -0.5])
      >>> count = tf.Variable(0, dtype=tf.int64, trainable=False)
      >>> step = tf.train.AdagradDAOptimizer(1.0, count, l1_regularization_strength=2.0).minimize(tf.square(w))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w).round(3))
      [-0.749  0.   ]
    """

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          global_step: variable or tensor of the number of steps so far.
          initial_gradient_squared_accumulator_value: what the sums of squares start from.
          l1_regularization_strength: weight of the absolute values.
          l2_regularization_strength: weight of the squares.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.

        Raises:
          ValueError: a start of the sums that is not positive.
        """
        if initial_gradient_squared_accumulator_value <= 0:
            raise ValueError(
                "initial_gradient_squared_accumulator_value must be positive, "
                f"not {initial_gradient_squared_accumulator_value}"
            )
        super().__init__(use_locking, name)
        self._start = initial_gradient_squared_accumulator_value
        self._hyper = (learning_rate, l1_regularization_strength, l2_regularization_strength)
        self._global_step = global_step

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            self._slot(var, "gradient_accumulator")
            self._slot(var, "gradient_squared_accumulator", value=self._start)

    def _prepare(self) -> None:
        self._scalars = self._tensors(
            self._hyper, "learning_rate", "l1_regularization_strength", "l2_regularization_strength"
        )

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        slots = [self._slot(var, "gradient_accumulator"), self._slot(var, "gradient_squared_accumulator")]
        step = add(convert_to_tensor(self._global_step), 1)  # the number of this step, from one
        return self._update(training.ApplyAdagradDA(), var, slots, grad, [*self._scalars, step])


def _check_strengths(l1: float, l2: float) -> None:
    for label, value in (("l1", l1), ("l2", l2)):
        if value < 0:
            raise ValueError(f"{label}_regularization_strength must not be negative, but is {value}")
