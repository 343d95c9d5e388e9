"""The optimizers: what each keeps for a variable, and the operation by which it changes one."""

from __future__ import annotations

from typing import Any

from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import training
from graphlab_nb.ops.variables import Variable
from graphlab_nb.train.optimizer import Optimizer


class GradientDescentOptimizer(Optimizer):
    """Steps along the negative gradient."""

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"):
        """Sets the hyperparameters.

        Args:
          learning_rate: the step's length, a number or scalar tensor.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.
        """
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _prepare(self) -> None:
        self._scalars = [self._tensor(self._learning_rate, "learning_rate")]

    def _apply(self, grad: Tensor, var: Variable) -> Operation:
        return self._update(training.ApplyGradientDescent(), var, [], grad, self._scalars)
