"""The default graph and the functions that open scopes on it: names, devices, control dependencies, collections."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from graphlab_nb.graph.graph import DEFAULTS, Graph
from graphlab_nb.graph.operation import user_line
from graphlab_nb.graph.places import line_name, stranger
from graphlab_nb.graph.tensor import Tensor


class GraphKeys:
    """Names of the standard collections.

    Example:
      >>> w = tf.Variable(1.0, name="w")
      >>> [v.name for v in tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)]
      ['w:0']
    """

    VARIABLES = "variables"
    GLOBAL_VARIABLES = "variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    REGULARIZATION_LOSSES = "regularization_losses"
    LOSSES = "losses"
    ACTIVATIONS = "activations"
    WEIGHTS = "weights"
    BIASES = "biases"
    UPDATE_OPS = "update_ops"
    TRAIN_OP = "train_op"
    GLOBAL_STEP = "global_step"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    SUMMARY_OP = "summary_op"


def get_default_graph() -> Graph:
    """The graph that operations are added to in this thread.

    Example:
      >>> x = tf.constant(1.0)
      >>> x.graph is tf.get_default_graph()
      True
    """
    return DEFAULTS.current_graph()


def reset_default_graph() -> None:
    """Starts a fresh default graph.

    Raises:
      AssertionError: inside a `with graph.as_default()` block.

    Example:
      >>> x = tf.constant(1.0)
      >>> tf.reset_default_graph()
      >>> len(tf.get_default_graph().get_operations())
      0
    """
    if DEFAULTS.graphs:
        raise AssertionError("Do not reset the default graph inside `with graph.as_default()`; leave the block first")
    old = type(DEFAULTS).outermost
    old.ended, old.ended_size = f"the graph was reset by {line_name(user_line())}", old.version
    type(DEFAULTS).outermost = Graph()


def get_default_session() -> Any:
    """The session that `eval` and `run` use in this thread, or None.

    Example:
      >>> with tf.Session() as sess:
      ...     print(tf.get_default_session() is sess)
      True
    """
    return DEFAULTS.current_session()


@contextlib.contextmanager
def name_scope(name: str | None, default_name: Any = None, values: Any = None) -> Iterator[str]:
    """Puts `name` (or, where it is None, `default_name`) before the names of operations made inside.

    Args:
      name: the scope's name; a trailing "/" re-enters a scope as it is.
      default_name: used where `name` is None. A list here is taken as `values`.
      values: tensors whose graph is made the default inside.

    Returns:
      A context manager that yields the scope's full name with a trailing "/".

    Example:
      >>> with tf.name_scope("layer"):
      ...     y = tf.constant(1.0, name="y")
      >>> y.name
      'layer/y:0'
    """
    if isinstance(default_name, (list, tuple)):
        default_name, values = values if isinstance(values, str) else None, default_name
    given = next((v for v in values or () if isinstance(v, Tensor)), None)
    graph = get_default_graph() if given is None else given.graph
    if given is not None and graph.ended and graph.finalized:  # it was taken out of its graph
        raise ValueError(stranger(given, get_default_graph()))
    with graph.as_default(), graph.name_scope(name if name is not None else default_name) as scope:
        yield scope


def op_scope(values: Any, name: str | None, default_name: str | None = None) -> Any:
    """The older order of `name_scope`'s arguments.

    Args:
      values: tensors whose graph is made the default inside.
      name: the scope's name.
      default_name: used where `name` is None.

    Example:
      >>> with tf.op_scope([], None, "layer"):
      ...     y = tf.constant(1.0, name="y")
      >>> y.name
      'layer/y:0'
    """
    return name_scope(name, default_name, values)


def device(device_name_or_function: Any) -> Any:
    """Asks for a device for the operations made inside: "/cpu:0", "/gpu:1", "/job:ps/task:0", a function, or None.

    Args:
      device_name_or_function: a device string, a function from an `Operation` to one, or None to ignore outer scopes.

    Example:
      >>> with tf.device("/cpu:0"):
      ...     x = tf.constant([1.0, 2.0])
      >>> x.device
      '/device:CPU:0'
    """
    return get_default_graph().device(device_name_or_function)


def container(container_name: str) -> Any:
    """Puts the variables made inside into a container of a cluster, where others of the same name are other variables.

    In a session of this machine alone it changes nothing else than the attribute "container" of the variables' operations.

    Args:
      container_name: the container's name; an empty text is the default one.

    Example:
      >>> with tf.container("experiment"):
      ...     w = tf.Variable(1.0, name="w")
      >>> w.op.get_attr("container"), w.name
      ('experiment', 'w:0')
    """
    return get_default_graph().container(container_name)


def control_dependencies(control_inputs: Any) -> Any:
    """Makes the operations built inside wait for `control_inputs`; None clears outer ones.

    Example:
      >>> x = tf.Variable(1.0)
      >>> with tf.control_dependencies([x.assign_add(1.0)]):
      ...     y = tf.identity(x)
      >>> y.op.control_inputs
      [<tf.Operation 'AssignAdd' type=AssignAdd>]
    """
    return get_default_graph().control_dependencies(control_inputs)


@contextlib.contextmanager
def colocate_with(op: Any, ignore_existing: bool = False) -> Iterator[None]:
    """Asks for the device of `op` for the operations made inside.

    Args:
      op: an operation, tensor or variable.
      ignore_existing: forget what `tf.device` asks for around it.

    Example:
      >>> with tf.device("/cpu:0"):
      ...     x = tf.constant(1.0)
      >>> with tf.colocate_with(x):
      ...     y = tf.constant(2.0)
      >>> y.device
      '/device:CPU:0'
    """
    graph = op.graph
    with graph.device(None if ignore_existing else ""), graph.device(op.device):
        yield


def add_to_collection(name: Any, value: Any) -> None:
    """Appends `value` to a collection of the default graph.

    Example:
      >>> tf.add_to_collection("losses", tf.constant(0.5, name="loss"))
      >>> tf.get_collection("losses")
      [<tf.Tensor 'loss:0' shape=() dtype=float32>]
    """
    get_default_graph().add_to_collection(name, value)


def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """A copy of a collection of the default graph; with `scope`, items whose name starts with that regular expression.

    Args:
      key: the collection's name, such as one of `tf.GraphKeys`.
      scope: a regular expression.

    Example:
      >>> w = tf.Variable(1.0, name="w")
      >>> tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES) == [w]
      True
    """
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list[Any]:
    """A collection of the default graph itself, a list: what is appended to it is in the collection.

    Args:
      key: the collection's name.

    Example:
      >>> tf.get_collection_ref("losses").append(tf.constant(0.5, name="loss"))
      >>> tf.get_collection("losses")
      [<tf.Tensor 'loss:0' shape=() dtype=float32>]
    """
    return get_default_graph().get_collection_ref(key)


def set_random_seed(seed: int | None) -> None:
    """Sets the default graph's seed, from which operations made afterwards without a seed of their own derive theirs.

    Example:
      >>> tf.set_random_seed(1)
      >>> x = tf.random_uniform([3])
      >>> bool((tf.Session().run(x) == tf.Session().run(x)).all())
      True
    """
    get_default_graph().seed = seed
