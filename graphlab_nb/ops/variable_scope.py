"""Variables by name: `get_variable` makes or finds one under the scope that `variable_scope` opens."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.export import public_names
from graphlab_nb.graph import scopes
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.partitioned import found_or_sharded
from graphlab_nb.ops.variable_making import AUTO_REUSE as AUTO_REUSE
from graphlab_nb.ops.variable_making import Scopes, chained
from graphlab_nb.ops.variables import Variable

_STATE = ("variable_scope",)
"""The collection, named by no string, where a graph keeps its `Scopes`."""


def _scopes() -> Scopes:
    kept = scopes.get_collection_ref(_STATE)
    if not kept:
        kept.append(Scopes(VariableScope(None)))
    return kept[0]


class VariableScope:
    """A prefix of variables' names, and what `get_variable` uses where it is not told.

    Attributes:
      name: the prefix, without the trailing slash.
      original_name_scope: the name scope that was opened with it, with the trailing slash.
      initializer: default initializer.
      regularizer: default regularizer.
      reuse: whether `get_variable` finds variables (True), makes them (None or False), or either (`AUTO_REUSE`).
      caching_device: default device for reading.
      partitioner: default partitioner.
      custom_getter: function that stands before `get_variable`.
      dtype: default element type.

    Example:
      >>> with tf.variable_scope("layer") as scope:
      ...     print(scope.name, scope.reuse)
      layer None
    """

    def __init__(
        self,
        reuse: Any,
        name: str = "",
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        name_scope: str = "",
        dtype: Any = dtypes.float32,
    ):
        self.reuse = reuse
        self.name = name
        self.initializer = initializer
        self.regularizer = regularizer
        self.caching_device = caching_device
        self.partitioner = partitioner
        self.custom_getter = custom_getter
        self.original_name_scope = name_scope
        self.dtype = dtypes.as_dtype(dtype)

    def reuse_variables(self) -> None:
        """From here on, `get_variable` finds variables and makes none.

        Example:
          >>> w = tf.get_variable("w", [3, 2])
          >>> tf.get_variable_scope().reuse_variables()
          >>> tf.get_variable("w", [3, 2]) is w
          True
        """
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """Sets the default initializer.

        Args:
          initializer: a function of a shape, or a value.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     scope.set_initializer(tf.constant_initializer(0.5))
          ...     w = tf.get_variable("w", [2])
          >>> tf.Session().run(w.initial_value)
          array([0.5, 0.5], dtype=float32)
        """
        self.initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        """Sets the default regularizer.

        Args:
          regularizer: a function from a variable to a loss.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     scope.set_regularizer(tf.contrib.layers.l2_regularizer(0.1))
          ...     w = tf.get_variable("w", [2])
          >>> len(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))
          1
        """
        self.regularizer = regularizer

    def set_dtype(self, dtype: Any) -> None:
        """Sets the default element type.

        Args:
          dtype: what `tf.as_dtype` takes.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     scope.set_dtype(tf.int32)
          ...     n = tf.get_variable("n", [2])
          >>> n.dtype.base_dtype
          tf.int32
        """
        self.dtype = dtypes.as_dtype(dtype)

    def set_caching_device(self, caching_device: Any) -> None:
        """Sets the default device for reading.

        Args:
          caching_device: a device string or function, or None.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     scope.set_caching_device("/cpu:0")
          ...     w = tf.get_variable("w", [2])
          >>> w.value().device
          '/device:CPU:0'
        """
        self.caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        """Sets the default partitioner.

        Args:
          partitioner: such as `tf.fixed_size_partitioner` makes; None keeps variables whole.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     scope.set_partitioner(tf.fixed_size_partitioner(2))
          ...     w = tf.get_variable("w", [4, 2])
          >>> [shard.name for shard in w]
          ['layer/w/part_0:0', 'layer/w/part_1:0']
        """
        self.partitioner = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        """Sets the function that stands before `get_variable`.

        Args:
          custom_getter: called with the getter and its arguments; its result is returned.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     scope.set_custom_getter(lambda getter, *args, **kwargs: -getter(*args, **kwargs))
          ...     w = tf.get_variable("w", [2])
          >>> w.op.type
          'Neg'
        """
        self.custom_getter = custom_getter

    def get_collection(self, name: Any) -> list[Any]:
        """The items of a collection whose names start with this scope's.

        Args:
          name: the collection's, such as one of `tf.GraphKeys`.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     w = tf.get_variable("w", [2])
          >>> scope.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES) == [w]
          True
        """
        return scopes.get_collection(name, self.name + "/" if self.name else None)

    def trainable_variables(self) -> list[Variable]:
        """The trainable variables of this scope.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     w = tf.get_variable("w", [2])
          >>> other = tf.get_variable("other", [2])
          >>> scope.trainable_variables() == [w]
          True
        """
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Variable]:
        """The global variables of this scope.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     w = tf.get_variable("w", [2])
          >>> other = tf.get_variable("other", [2])
          >>> scope.global_variables() == [w]
          True
        """
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def get_variable(self, name: str, *args: Any, **kwargs: Any) -> Variable:
        """As `tf.get_variable`, in this scope.

        Args:
          name: the variable's name under the scope's.
          *args: as those of `tf.get_variable`.
          **kwargs: as those of `tf.get_variable`.

        Example:
          >>> with tf.variable_scope("layer") as scope:
          ...     pass
          >>> scope.get_variable("w", [3, 2]).name
          'layer/w:0'
        """
        scope = _scopes()
        old, scope.current = scope.current, self
        try:
            return get_variable(name, *args, **kwargs)
        finally:
            scope.current = old


def get_variable_scope() -> VariableScope:
    """The current variable scope.

    Example:
      >>> with tf.variable_scope("layer"):
      ...     name = tf.get_variable_scope().name
      >>> name
      'layer'
    """
    return _scopes().current


@contextlib.contextmanager
def variable_scope(
    name_or_scope: Any,
    default_name: str | None = None,
    values: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    reuse: Any = None,
    dtype: Any = None,
) -> Iterator[VariableScope]:
    """Opens a scope of variables' names, and with it a name scope for operations; yields the `VariableScope`.

    Args:
      name_or_scope: the scope's name under the current one, or a `VariableScope` to enter again.
      default_name: name to use where `name_or_scope` is None; it is made unique, so that variables are new.
      values: tensors whose graph is made the default inside.
      initializer: default initializer for variables inside.
      regularizer: default regularizer for variables inside.
      caching_device: default device for reading variables inside.
      partitioner: default partitioner for variables inside, such as `tf.fixed_size_partitioner` makes.
      custom_getter: function that stands before `get_variable` inside, called with the getter and its arguments.
      reuse: True makes `get_variable` find variables, `AUTO_REUSE` find or make them; None takes the outer scope's.
      dtype: default element type for variables inside.

    Raises:
      ValueError: `reuse=True` without a name.
      TypeError: neither a name nor a default name, or a scope that is neither a string nor a `VariableScope`.

    Example:
      >>> with tf.variable_scope("layer"):
      ...     w = tf.get_variable("w", [3, 2])
      >>> w.name
      'layer/w:0'
    """
    if name_or_scope is None and default_name is None:
        raise TypeError("tf.variable_scope needs a name_or_scope or a default_name")
    if name_or_scope is None and reuse:
        raise ValueError("reuse=True cannot be used without a name_or_scope: a default name is always new")
    if name_or_scope is not None and not isinstance(name_or_scope, (str, VariableScope)):
        raise TypeError(f"name_or_scope must be a string or VariableScope, not {name_or_scope!r}")
    given = next((v.graph for v in values or () if isinstance(v, (Tensor, Variable))), None)
    entered: VariableScope | None = name_or_scope if isinstance(name_or_scope, VariableScope) else None
    with (given or scopes.get_default_graph()).as_default(), contextlib.ExitStack() as stack:
        wanted: Any = name_or_scope if entered is None else entered.name.rpartition("/")[2]
        opened = default_name if wanted is None else wanted
        ops_scope = stack.enter_context(scopes.name_scope(opened)) if opened else None
        store = _scopes()
        if entered is not None:
            base, full = entered, entered.name
        else:
            base = store.current
            last = store.unique(default_name or "") if wanted is None else wanted
            full = "/".join(part for part in (base.name, last) if part)
        getter = base.custom_getter
        if custom_getter is not None:
            getter = custom_getter if getter is None else chained(custom_getter, getter)
        scope = VariableScope(
            reuse or base.reuse,
            full,
            base.initializer if initializer is None else initializer,
            base.regularizer if regularizer is None else regularizer,
            base.caching_device if caching_device is None else caching_device,
            base.partitioner if partitioner is None else partitioner,
            getter,
            base.original_name_scope if entered is not None or ops_scope is None else ops_scope,
            base.dtype if dtype is None else dtype,
        )
        yield stack.enter_context(store.entered(scope, entered is not None))


def variable_op_scope(
    values: Any, name_or_scope: Any, default_name: str | None = None, *args: Any, **kwargs: Any
) -> Any:
    """The older order of `variable_scope`'s first arguments.

    Example:
      >>> with tf.variable_op_scope([], None, "layer") as scope:
      ...     print(scope.name)
      layer
    """
    return variable_scope(name_or_scope, default_name, values, *args, **kwargs)


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Iterable[Any] | None = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
    custom_getter: Any = None,
) -> Variable:
    """The variable called `name` in the current variable scope, found or made as the scope's `reuse` says.

    Args:
      name: the variable's name under the scope's.
      shape: its shape; needed for a new variable unless `initializer` is a value.
      dtype: element type; the scope's (float32) by default.
      initializer: an initializer, or a value or tensor; by default the scope's, and else numbers uniform by
        `uniform_unit_scaling_initializer` for floats and zeros for other types.
      regularizer: function from the variable to a loss, which is added to the collection of regularization losses.
      trainable: whether optimizers change it.
      collections: names of the collections it is added to; by default that of global variables.
      caching_device: device for reading it.
      partitioner: a function of shape and dtype that says in how many shards each dimension is cut, one of them in more
        than one; the scope's by default. Such as `tf.fixed_size_partitioner` makes.
      validate_shape: False lets assignments change its shape.
      use_resource: accepted for TensorFlow's signature.
      custom_getter: function that is called with the getter and its arguments, and whose result is returned.

    Returns:
      The variable; with a partitioner a `PartitionedVariable`, which stands for the shards' values laid end to end, and
      gives the shards, "name/part_0", "name/part_1" and so on, when iterated over.

    Raises:
      ValueError: the variable exists and shall not be reused, or does not and shall be; a shape or type other than the
        found variable's; a new variable without a full shape; a shape beside a value.

    Example:
      >>> w = tf.get_variable("w", [3, 2])
      >>> w.name, w.get_shape()
      ('w:0', TensorShape([3, 2]))
    """
    scope = get_variable_scope()
    if dtype is None and (initializer is None or callable(initializer)):
        dtype = scope.dtype
    getter = scope.custom_getter
    if custom_getter is not None:
        getter = custom_getter if getter is None else chained(custom_getter, getter)
    arguments = {
        "shape": shape,
        "dtype": None if dtype is None else dtypes.as_dtype(dtype).base_dtype,
        "initializer": scope.initializer if initializer is None else initializer,
        "regularizer": scope.regularizer if regularizer is None else regularizer,
        "reuse": scope.reuse,
        "trainable": trainable,
        "collections": collections,
        "caching_device": scope.caching_device if caching_device is None else caching_device,
        "partitioner": scope.partitioner if partitioner is None else partitioner,
        "validate_shape": validate_shape,
        "use_resource": use_resource,
    }
    full = f"{scope.name}/{name}" if scope.name else name
    with scopes.name_scope(None):
        found = functools.partial(found_or_sharded, _scopes())
        return found(full, **arguments) if getter is None else getter(found, full, **arguments)


def get_local_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    collections: Iterable[Any] | None = None,
    **kwargs: Any,
) -> Variable:
    """As `get_variable` (whose arguments it has), for a variable that is not trained and joins the collection of local ones.

    Example:
      >>> tf.get_local_variable("count", [2]) in tf.local_variables()
      True
    """
    kwargs["trainable"] = False
    collections = [*(collections or []), GraphKeys.LOCAL_VARIABLES]
    return get_variable(name, shape, dtype, initializer, regularizer, collections=collections, **kwargs)


__all__ = [*public_names(globals()), "AUTO_REUSE", "VariableScope"]
