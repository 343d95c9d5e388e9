"""Training: optimizers, learning rates, moving averages."""

from graphlab_nb.train.optimizer import Optimizer
from graphlab_nb.train.optimizers import GradientDescentOptimizer
