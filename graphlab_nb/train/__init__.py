"""Training: optimizers, learning rates, moving averages, event files."""

import importlib
import sys
from typing import Any

from graphlab_nb.export import lacks
from graphlab_nb.summary import FileWriter as SummaryWriter
from graphlab_nb.summary import summary_iterator
from graphlab_nb.train.averages import ExponentialMovingAverage
from graphlab_nb.train.cluster_spec import ClusterSpec
from graphlab_nb.train.device_setter import replica_device_setter
from graphlab_nb.train.optimizer import Optimizer
from graphlab_nb.train.optimizers import (
    AdagradOptimizer,
    AdamOptimizer,
    GradientDescentOptimizer,
    MomentumOptimizer,
    ProximalGradientDescentOptimizer,
    RMSPropOptimizer,
)
from graphlab_nb.train.schedules import (
    exponential_decay,
    inverse_time_decay,
    natural_exp_decay,
    piecewise_constant,
    polynomial_decay,
)
from graphlab_nb.train.sparse_optimizers import (
    AdadeltaOptimizer,
    AdagradDAOptimizer,
    FtrlOptimizer,
    ProximalAdagradOptimizer,
)
from graphlab_nb.train.sync_replicas import SyncReplicasOptimizer
from graphlab_nb.train.training_util import (
    assert_global_step,
    create_global_step,
    get_global_step,
    get_or_create_global_step,
    global_step,
)

__all__ = [
    "AdadeltaOptimizer",
    "AdagradDAOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "ClusterSpec",
    "ExponentialMovingAverage",
    "FtrlOptimizer",
    "GradientDescentOptimizer",
    "MomentumOptimizer",
    "Optimizer",
    "ProximalAdagradOptimizer",
    "ProximalGradientDescentOptimizer",
    "RMSPropOptimizer",
    "Server",
    "SummaryWriter",
    "SyncReplicasOptimizer",
    "assert_global_step",
    "create_global_step",
    "exponential_decay",
    "get_global_step",
    "get_or_create_global_step",
    "global_step",
    "inverse_time_decay",
    "natural_exp_decay",
    "piecewise_constant",
    "polynomial_decay",
    "replica_device_setter",
    "summary_iterator",
]


def __getattr__(name: str) -> Any:
    """`Server` lies with the cluster's part, above this one, and is loaded when it is first asked for.

    Raises:
      AttributeError: for a name that is not here.
    """
    if name == "Server":
        return importlib.import_module("graphlab_nb.distributed.server").Server
    raise lacks(sys.modules[__name__], name)


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)
