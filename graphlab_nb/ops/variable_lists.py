"""The functions that list and initialize a graph's variables, and tell of those that have no value."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graphlab_nb.export import public_names
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import state
from graphlab_nb.ops.control import group, no_op
from graphlab_nb.ops.variables import Variable


def global_variables() -> list[Variable]:
    """The variables that are shared by all that runs the graph: all but local ones.

    Example:
      >>> w, step = tf.Variable(1.0, name="w"), tf.Variable(0, trainable=False, name="step")
      >>> [v.name for v in tf.all_variables()]
      ['w:0', 'step:0']
    """
    return scopes.get_collection(GraphKeys.GLOBAL_VARIABLES)


def local_variables() -> list[Variable]:
    """The variables of the collection of local ones, which checkpoints leave out.

    Example:
      >>> v = tf.get_local_variable("v", initializer=[1.0, 2.0])
      >>> tf.local_variables() == [v]
      True
    """
    return scopes.get_collection(GraphKeys.LOCAL_VARIABLES)


def model_variables() -> list[Variable]:
    """The variables of the collection of model variables, `tf.GraphKeys.MODEL_VARIABLES`.

    Example:
      >>> w = tf.Variable(1.0, collections=[tf.GraphKeys.MODEL_VARIABLES])
      >>> tf.model_variables() == [w]
      True
    """
    return scopes.get_collection(GraphKeys.MODEL_VARIABLES)


def trainable_variables() -> list[Variable]:
    """The variables that optimizers change by default: those made with `trainable=True`.

    Example:
      >>> w, step = tf.Variable(1.0, name="w"), tf.Variable(0, trainable=False)
      >>> [v.name for v in tf.trainable_variables()]
      ['w:0']
    """
    return scopes.get_collection(GraphKeys.TRAINABLE_VARIABLES)


def moving_average_variables() -> list[Variable]:
    """The variables of which an `ExponentialMovingAverage` keeps averages.

    Example:
      >>> w = tf.Variable(1.0)
      >>> average = tf.train.ExponentialMovingAverage(0.9).apply([w])
      >>> tf.moving_average_variables() == [w]
      True
    """
    return scopes.get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES)


def variables_initializer(var_list: Iterable[Variable], name: str = "init") -> Operation:
    """An operation that initializes the variables of `var_list`.

    Example:
      >>> w = tf.Variable(1.0)
      >>> with tf.Session() as sess:
      ...     sess.run(tf.variables_initializer([w]))
      ...     print(sess.run(w))
      1.0
    """
    initializers = [v.initializer for v in var_list]
    return group(*initializers, name=name) if initializers else no_op(name)


def global_variables_initializer() -> Operation:
    """An operation that initializes all global variables made so far.

    Example:
      >>> w = tf.Variable(tf.ones([2]))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     print(sess.run(w))
      [1. 1.]
    """
    return variables_initializer(global_variables())


def local_variables_initializer() -> Operation:
    """An operation that initializes all local variables made so far.

    Example:
      >>> v = tf.get_local_variable("v", initializer=[1.0, 2.0])
      >>> tf.Session().run(tf.local_variables_initializer())
    """
    return variables_initializer(local_variables())


def initialize_variables(var_list: Iterable[Variable], name: str = "init") -> Operation:
    """The older name of `variables_initializer`.

    Example:
      >>> w = tf.Variable(1.0)
      >>> tf.Session().run(tf.initialize_variables([w]))
    """
    return variables_initializer(var_list, name)


def initialize_all_variables() -> Operation:
    """The older name of `global_variables_initializer`.

    Example:
      >>> w = tf.Variable(tf.ones([2]))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.initialize_all_variables())
      ...     print(sess.run(w))
      [1. 1.]
    """
    return global_variables_initializer()


def initialize_local_variables() -> Operation:
    """The older name of `local_variables_initializer`.

    Example:
      >>> v = tf.get_local_variable("v", initializer=[1.0, 2.0])
      >>> tf.Session().run(tf.initialize_local_variables())
    """
    return local_variables_initializer()


all_variables: Callable[[], list[Variable]] = global_variables


def report_uninitialized_variables(
    var_list: Iterable[Variable] | None = None, name: str = "report_uninitialized_variables"
) -> Tensor:
    """A string tensor of the names of the variables that have no value in the session yet.

    Args:
      var_list: the variables to ask for; all global and local ones by default.
      name: the operation's name.

    Example:
      >>> w = tf.Variable(1.0, name="w")
      >>> tf.Session().run(tf.report_uninitialized_variables())
      array([b'w'], dtype=object)
    """
    variables = list(var_list) if var_list is not None else global_variables() + local_variables()
    with scopes.name_scope(name) as scope:
        answers = [state.is_variable_initialized(v) for v in variables]
        return apply(state.NamesOfUninitialized(tuple(v.op.name for v in variables)), answers, scope or name)


def assert_variables_initialized(var_list: Iterable[Variable] | None = None) -> Operation:
    """An operation whose run fails with `FailedPreconditionError` where a variable has no value yet.

    Args:
      var_list: the variables to check; all global and local ones by default.

    Example:
      >>> w = tf.Variable(1.0)
      >>> with tf.Session() as sess:
      ...     sess.run(w.initializer)
      ...     sess.run(tf.assert_variables_initialized())  # fails without the line before
    """
    variables = list(var_list) if var_list is not None else global_variables() + local_variables()
    name = "assert_variables_initialized"
    if not variables:
        return no_op(name)
    return apply(state.AssertInitialized(), [convert_to_tensor(v, as_ref=True) for v in variables], name)


__all__ = public_names(globals())
