"""The variable that counts steps."""

from __future__ import annotations

from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.graph import scopes
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.ops.variables import Variable


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The number of steps so far, read from `sess`.

    Args:
      sess: a session that has its value.
      global_step_tensor: the variable or tensor.

    Example:
      >>> step = tf.Variable(5, name="step")
      >>> with tf.Session() as sess:
      ...     sess.run(step.initializer)
      ...     print(tf.train.global_step(sess, step))
      5
    """
    return int(sess.run(global_step_tensor))


def get_global_step(graph: Graph | None = None) -> Any:
    """The variable (or tensor) that counts the graph's steps, or None.

    It is the one in the collection GLOBAL_STEP, or else the one called "global_step".

    Args:
      graph: the default graph where it is left out.

    Raises:
      ValueError: several in the collection.
      TypeError: one that is no integer scalar.

    Example:
      >>> step = tf.train.create_global_step()
      >>> tf.train.get_global_step() is step
      True
    """
    graph = graph or scopes.get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) > 1:
        raise ValueError(f"There are several global steps: {[v.name for v in found]}")
    if found:
        step = found[0]
    else:
        named = [v for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES) if v.op.name == "global_step"]
        if named:
            step = named[0]
        else:
            try:
                step = graph.get_tensor_by_name("global_step:0")
            except KeyError:
                return None
    assert_global_step(step)
    return step


def create_global_step(graph: Graph | None = None) -> Variable:
    """Makes the variable "global_step", an int64 that starts at zero.

    Args:
      graph: the default graph where it is left out.

    Raises:
      ValueError: where there is one already.

    Example:
      >>> tf.train.create_global_step()
      <tf.Variable 'global_step:0' shape=() dtype=int64_ref>
    """
    graph = graph or scopes.get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('There is a global step already: "global_step"')
    with graph.as_default(), graph.name_scope(None):
        collections = [GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP]
        return Variable(0, trainable=False, collections=collections, name="global_step", dtype=dtypes.int64)


def get_or_create_global_step(graph: Graph | None = None) -> Any:
    """The variable that counts the graph's steps, made where there is none.

    Args:
      graph: the default graph where it is left out.

    Example:
      >>> step = tf.train.get_or_create_global_step()
      >>> tf.train.get_or_create_global_step() is step
      True
    """
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


def assert_global_step(global_step_tensor: Any) -> None:
    """Raises `TypeError` where the tensor or variable is no integer scalar.

    Args:
      global_step_tensor: the tensor or variable.

    Example:
      >>> tf.train.assert_global_step(tf.Variable(0, name="step"))
    """
    dtype, shape = global_step_tensor.dtype.base_dtype, global_step_tensor.get_shape()
    if not dtype.is_integer or shape.ndims not in (0, None):
        raise TypeError(
            f"A global step must be an integer scalar, but {global_step_tensor.name} is {dtype.name} of shape {shape}"
        )
