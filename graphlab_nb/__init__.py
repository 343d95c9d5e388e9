"""Dataflow graphs with the API of TensorFlow 0.x, computed by OpenCL: `import graphlab_nb as tf`.

Build a graph of operations, then run it in a session:

    >>> import graphlab_nb as tf
    >>> x = tf.placeholder(tf.float32, [None, 2])
    >>> y = tf.matmul(x, tf.constant([[1.0], [2.0]]))
    >>> with tf.Session() as sess:
    ...     print(sess.run(y, {x: [[3.0, 4.0]]}))
    [[11.]]
"""

import importlib as _importlib
import sys as _sys
from typing import Any as _Any

from graphlab_nb import compat, errors, nn, summary, train
from graphlab_nb import export as _export
from graphlab_nb.dtypes import (
    DType,
    as_dtype,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
)
from graphlab_nb.dtypes import bool_ as bool
from graphlab_nb.errors import OpError
from graphlab_nb.gradients import AggregationMethod, gradients
from graphlab_nb.graph.build import constant, convert_to_tensor
from graphlab_nb.graph.device_spec import DeviceSpec
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.scopes import (
    GraphKeys,
    add_to_collection,
    colocate_with,
    container,
    control_dependencies,
    device,
    get_collection,
    get_collection_ref,
    get_default_graph,
    get_default_session,
    name_scope,
    op_scope,
    reset_default_graph,
    set_random_seed,
)
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.messages import Event, HistogramProto, SessionLog, Summary
from graphlab_nb.ops.array import *
from graphlab_nb.ops.blocks import *
from graphlab_nb.ops.casting import *
from graphlab_nb.ops.checks import *
from graphlab_nb.ops.control import *
from graphlab_nb.ops.depthwise import *
from graphlab_nb.ops.diagonals import *
from graphlab_nb.ops.division import *
from graphlab_nb.ops.dynamic import *
from graphlab_nb.ops.extremes import *
from graphlab_nb.ops.generate import *
from graphlab_nb.ops.host import *
from graphlab_nb.ops.indexing import *
from graphlab_nb.ops.initializers import *
from graphlab_nb.ops.logic import *
from graphlab_nb.ops.math import *
from graphlab_nb.ops.matmul import *
from graphlab_nb.ops.padding import *
from graphlab_nb.ops.partitioned import *
from graphlab_nb.ops.pointwise import elementwise
from graphlab_nb.ops.random import *
from graphlab_nb.ops.reduce import *
from graphlab_nb.ops.sampling import *
from graphlab_nb.ops.segment import *
from graphlab_nb.ops.selection import *
from graphlab_nb.ops.slicing import *
from graphlab_nb.ops.sparse import *
from graphlab_nb.ops.special import *
from graphlab_nb.ops.state import *
from graphlab_nb.ops.summaries import *
from graphlab_nb.ops.variable_lists import *
from graphlab_nb.ops.variable_scope import *
from graphlab_nb.ops.variables import *
from graphlab_nb.ops.vectors import *
from graphlab_nb.platform import app, flags, gfile, logging
from graphlab_nb.session.config import ConfigProto, GPUOptions, GraphOptions, OptimizerOptions, RunMetadata, RunOptions
from graphlab_nb.session.interactive import InteractiveSession
from graphlab_nb.session.profile import profile
from graphlab_nb.session.remote import set_loader as _set_loader
from graphlab_nb.session.session import Session
from graphlab_nb.shapes import Dimension, TensorShape
from graphlab_nb.train.clip import *
from graphlab_nb.version import __version__

newaxis = None
"""In an index, a new dimension of length 1."""

_LAZY = {"contrib": "contrib", "notebook": "notebook", "test": "testing", "as_tensorflow": "as_tensorflow"}


def __getattr__(name: str) -> _Any:
    """Modules that few programs need are imported when they are first asked for.

    Raises:
      AttributeError: for a name that is not part of graphlab_nb.
    """
    if name == "examples":
        _importlib.import_module("graphlab_nb.examples.tutorials.mnist")
        return _importlib.import_module("graphlab_nb.examples")
    if name in _LAZY:
        module = _importlib.import_module(f"graphlab_nb.{_LAZY[name]}")
        _export.suggest(module)
        return module
    raise _export.lacks(_sys.modules[__name__], name)


_MODULES = {"app", "compat", "errors", "flags", "gfile", "logging", "nn", "summary", "train"}


def __dir__() -> list[str]:
    """What tab completion offers: the API, without the modules that it is made of."""
    names = [n for n, thing in globals().items() if not isinstance(thing, type(_sys)) or n in _MODULES]
    names = [n for n in names if not n.startswith("_") and n != "load_ipython_extension"]
    return sorted([*names, *_LAZY, "examples", "__version__"])


def _cluster(target: str) -> _Any:
    """What opens sessions on a cluster, loaded when the first one is asked for.

    Raises:
      InvalidArgumentError: for a target that is not understood.
      UnavailableError: where Ray is not installed, or nothing listens at the target; loading takes seconds.
    """
    probe = _importlib.import_module("graphlab_nb.distributed.probe")
    if "ray" in _sys.modules:
        probe.require_ray()
    else:
        probe.reach(*probe.parse_target(target))
    module = _importlib.import_module("graphlab_nb.distributed.session")
    return module.open_session, module.reset


_set_loader(_cluster)


def load_ipython_extension(shell: _Any) -> None:
    """Gives a notebook the magic `%glnb`: what `%load_ext graphlab_nb` calls.

    Args:
      shell: the IPython shell.
    """
    _importlib.import_module("graphlab_nb.notebook.magics").load(shell)


_export.suggest(app, compat, errors, flags, gfile, logging, nn, summary, train)


def _in_jupyter() -> None:
    """Lets the panel of JupyterLab find this kernel, where this is one; elsewhere nothing is loaded for it."""
    module = _sys.modules.get("IPython")
    if module is not None and getattr(module.get_ipython(), "kernel", None) is not None:
        _importlib.import_module("graphlab_nb.notebook.bridge").install()


_in_jupyter()
