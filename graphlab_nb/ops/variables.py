"""`Variable`, a tensor that keeps its value between runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.numpys import no_value
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import state
from graphlab_nb.ops.control import identity
from graphlab_nb.ops.indexing import scatter_sub
from graphlab_nb.ops.operators import install_operators
from graphlab_nb.shapes import TensorShape, as_shape


class Variable:
    """A tensor that lives in a session and keeps its value between runs.

    It can stand wherever a tensor can. It has no value until its `initializer`, or `global_variables_initializer`, has run.

    Attributes:
      op: the operation that holds its memory.
      initializer: the operation that sets it to its initial value.
      initial_value: the tensor that it is initialized with.

    Example:
      >>> count = tf.Variable(5, name="count")
      >>> with tf.Session() as sess:
      ...     sess.run(count.initializer)
      ...     print(sess.run(count + 1))
      6
    """

    __array_priority__ = 100

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool = True,
        collections: Iterable[Any] | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: str | None = None,
    ):
        """Makes a variable and adds it to collections of the graph.

        Args:
          initial_value: a tensor, a value that can become one, or a function without arguments that returns it.
          trainable: whether optimizers change it: adds it to the collection of trainable variables.
          collections: names of the collections it is added to; by default that of global variables.
          validate_shape: False lets assignments change its shape.
          caching_device: device or device function for the operation that reads it.
          name: its name, made unique; "Variable" by default.
          variable_def: not supported.
          dtype: element type that `initial_value` is converted to.
          expected_shape: shape that `initial_value` must have.
          import_scope: only for `variable_def`.

        Raises:
          ValueError: no initial value, or one of another shape than expected or (if `validate_shape`) of no known shape.
          TypeError: an initial value of strings.
        """
        if variable_def is not None:
            raise ValueError("A variable is made from an initial value here; variable_def is not supported")
        if initial_value is None:
            raise ValueError("initial_value must be specified: a variable has no value to start from without it")
        if collections is None:
            collections = [GraphKeys.GLOBAL_VARIABLES]
        if not isinstance(collections, (list, tuple, set)):
            raise ValueError(f"collections must be a list, tuple or set, not {collections!r}")
        collections = list(collections)
        if trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections.append(GraphKeys.TRAINABLE_VARIABLES)
        wanted = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
        values = [] if callable(initial_value) else [initial_value]
        with scopes.control_dependencies(None), scopes.name_scope(name, "Variable", values) as scope:
            if callable(initial_value):
                with scopes.name_scope("Initializer"), scopes.device(None):
                    initial_value = convert_to_tensor(initial_value(), wanted, name="initial_value")
            else:
                initial_value = convert_to_tensor(initial_value, wanted, name="initial_value")
            self._build(initial_value, validate_shape, expected_shape, caching_device, scope)
        self.graph.add_to_collections(collections, self)

    def _build(
        self, initial_value: Tensor, validate_shape: bool, expected_shape: Any, caching_device: Any, scope: str
    ) -> None:
        shape = initial_value.get_shape()
        if initial_value.dtype.base_dtype is dtypes.string:
            raise TypeError(
                f"Variable {scope[:-1]!r} cannot be of strings: variables live in a device's memory, which holds numbers and "
                "truth values only. Keep strings in a Python list, or feed them to a tf.placeholder(tf.string)"
            )
        if expected_shape is not None and not shape.is_compatible_with(expected_shape):
            raise ValueError(
                f"The initial value of variable {scope[:-1]!r} has shape {shape}, "
                f"but {as_shape(expected_shape)} is expected"
            )
        if validate_shape and not shape.is_fully_defined():
            raise ValueError(
                f"The initial value of variable {scope[:-1]!r} must have a fully known shape, not {shape}; "
                "validate_shape=False makes a variable of changing shape"
            )
        dims = shape.tuple if validate_shape else None
        self._initial_value = initial_value
        made = state.Variable(initial_value.dtype.base_dtype, dims, container=scopes.get_default_graph()._container)
        self._variable: Tensor = apply(made, [], scope)
        self._initializer: Operation = state.assign(self._variable, initial_value, validate_shape, name="Assign").op
        with scopes.device(caching_device if caching_device is not None else ""):
            self._snapshot: Tensor = apply(state.ReadVariable(), [self._variable], "read")

    # What it is

    @property
    def name(self) -> str:
        """Its memory's tensor's name: "weights:0"."""
        return self._variable.name

    @property
    def dtype(self) -> DType:
        """Its element type, a reference type; `dtype.base_dtype` is that of its values."""
        return self._variable.dtype

    @property
    def op(self) -> Operation:
        """The operation that holds its memory."""
        return self._variable.op

    @property
    def graph(self) -> Graph:
        """The graph it belongs to."""
        return self._variable.graph

    @property
    def device(self) -> str:
        """The device it was asked to live on, or an empty string."""
        return self._variable.device

    @property
    def shape(self) -> TensorShape:
        """What is known of its shape."""
        return self._variable.get_shape()

    def get_shape(self) -> TensorShape:
        """What is known of its shape.

        Example:
          >>> tf.Variable(tf.zeros([3, 2])).get_shape()
          TensorShape([3, 2])
        """
        return self._variable.get_shape()

    def set_shape(self, shape: Any) -> None:
        """Adds what the caller knows to what is known of the shape.

        Args:
          shape: a `TensorShape`, or a list of lengths and None.

        Raises:
          ValueError: when it contradicts what is known.

        Example:
          >>> x = tf.placeholder(tf.float32)
          >>> w = tf.Variable(x, validate_shape=False)
          >>> w.set_shape([None, 2])
          >>> w.get_shape()
          TensorShape([None, 2])
        """
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def initializer(self) -> Operation:
        """The operation that sets it to its initial value."""
        return self._initializer

    @property
    def initial_value(self) -> Tensor:
        """The tensor that it is initialized with."""
        return self._initial_value

    # Reading

    def value(self) -> Tensor:
        """The tensor of its value, as of when that is used.

        Example:
          >>> w = tf.Variable(1.0, name="w")
          >>> w.value()
          <tf.Tensor 'w/read:0' shape=() dtype=float32>
        """
        return self._snapshot

    def read_value(self) -> Tensor:
        """A new tensor of its value, read after the control dependencies in force here.

        Example:
          >>> w = tf.Variable(1.0)
          >>> with tf.control_dependencies([w.assign(5.0)]):
          ...     after = w.read_value()
          >>> tf.Session().run(after)
          np.float32(5.0)
        """
        return identity(self._variable, name="read")

    def initialized_value(self) -> Tensor:
        """The value that it has once it is initialized, for the initial values of other variables.

        In a run that initializes it, this is the value it gets there; later, it is its value then.

        Example:
          >>> w = tf.Variable(2.0)
          >>> twice = tf.Variable(w.initialized_value() * 2)
          >>> with tf.Session() as sess:
          ...     sess.run(tf.global_variables_initializer())
          ...     print(sess.run(twice))
          4.0
        """
        with scopes.control_dependencies(None):
            if not self.get_shape().is_fully_defined():
                with scopes.control_dependencies([self._initializer]):
                    return identity(self._variable)
            return state.initialized_value(self._variable, self._initial_value)

    def eval(self, session: Any = None) -> Any:
        """Its value as a NumPy array, in `session` or the default session.

        Args:
          session: to read it in; the default session where it is None.

        Raises:
          ValueError: where no session is given and none is the default.
          FailedPreconditionError: before it is initialized.

        Example:
          >>> w = tf.Variable([1.0, 2.0])
          >>> with tf.Session() as sess:
          ...     sess.run(w.initializer)
          ...     print(w.eval())
          [1. 2.]
        """
        return self._variable.eval(session=session)

    # Changing

    def assign(self, value: Any, use_locking: bool = False) -> Tensor:
        """Sets it to `value` when the returned tensor is run.

        Args:
          value: a tensor, or what can become one, of its shape.
          use_locking: accepted for TensorFlow's signature.

        Returns:
          A tensor of its memory after that.

        Example:
          >>> x = tf.Variable(1.0)
          >>> with tf.Session() as sess:
          ...     print(sess.run(x.assign(5.0)))
          5.0
        """
        return state.assign(self._variable, value, use_locking=use_locking)

    def assign_add(self, delta: Any, use_locking: bool = False) -> Tensor:
        """Adds `delta` to it when the returned tensor is run.

        Args:
          delta: a tensor, or what can become one, of its shape.
          use_locking: accepted for TensorFlow's signature.

        Returns:
          A tensor of its memory after that.

        Example:
          >>> x = tf.Variable(5.0)
          >>> with tf.Session() as sess:
          ...     sess.run(x.initializer)
          ...     print(sess.run(x.assign_add(1.0)))
          6.0
        """
        return state.assign_add(self._variable, delta, use_locking=use_locking)

    def assign_sub(self, delta: Any, use_locking: bool = False) -> Tensor:
        """Subtracts `delta` from it when the returned tensor is run.

        Args:
          delta: a tensor, or what can become one, of its shape.
          use_locking: accepted for TensorFlow's signature.

        Returns:
          A tensor of its memory after that.

        Example:
          >>> x = tf.Variable(5.0)
          >>> with tf.Session() as sess:
          ...     sess.run(x.initializer)
          ...     print(sess.run(x.assign_sub(1.0)))
          4.0
        """
        return state.assign_sub(self._variable, delta, use_locking=use_locking)

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False) -> Tensor:
        """Subtracts rows when the returned tensor is run.

        Args:
          sparse_delta: an object whose `values` are the rows and whose `indices` say from which rows here.
          use_locking: accepted for TensorFlow's signature.

        Example:
          >>> table = tf.Variable([[1.0, 1.0], [2.0, 2.0]])
          >>> class Delta:
          ...     indices, values = [1], tf.constant([[0.5, 0.25]])
          >>> with tf.Session() as sess:
          ...     sess.run(table.initializer)
          ...     print(sess.run(table.scatter_sub(Delta)))
          [[1.   1.  ]
           [1.5  1.75]]
        """
        return scatter_sub(self._variable, sparse_delta.indices, sparse_delta.values, use_locking)

    def count_up_to(self, limit: int) -> Tensor:
        """Adds one when run, and gives the value before; at `limit` the run fails with `OutOfRangeError`.

        Args:
          limit: where counting ends.

        Returns:
          A tensor of the value before.

        Example:
          >>> count = tf.Variable(5)
          >>> with tf.Session() as sess:
          ...     sess.run(count.initializer)
          ...     print(sess.run(count.count_up_to(9)), sess.run(count))
          5 6
        """
        return state.count_up_to(self._variable, limit)

    def load(self, value: Any, session: Any = None) -> None:
        """Sets it to `value` at once, in `session` or the default session.

        Args:
          value: an array, or what can become one, of its shape.
          session: to set it in; the default session where it is None.

        Raises:
          ValueError: where no session is given and none is the default, or a value of another shape.

        Example:
          >>> w = tf.Variable([1.0, 2.0])
          >>> with tf.Session() as sess:
          ...     w.load([3.0, 4.0], sess)
          ...     print(sess.run(w))
          [3. 4.]
        """
        session = self.graph.default_session_for("load a variable", session, self.op)
        shape, mine = np.shape(value), self.get_shape()
        if not mine.is_compatible_with(shape):
            raise ValueError(f"A value of shape {shape} cannot be loaded into variable {self.name!r} of shape {mine}")
        session.run(self._initializer, {self._initializer.inputs[1]: value})

    # As part of the graph

    def _as_tensor(self, as_ref: bool = False) -> Tensor:
        return self._variable if as_ref else self._snapshot

    def _as_graph_element(self) -> Tensor:
        return self._variable

    def _ref(self) -> Tensor:
        return self._variable

    def __iter__(self) -> Any:
        raise TypeError(f"Variable {self.name} cannot be iterated; use tf.unpack, or evaluate it in a session first")

    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __bool__(self) -> bool:
        """True, as in TensorFlow, where `if bias:` tells a variable from None; its value is known to sessions only."""
        return True

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise no_value("Variable", self.name)

    def __float__(self) -> float:
        raise no_value("Variable", self.name, numpy=False)

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.get_shape()} dtype={self.dtype.name}>"


install_operators(Variable)


__all__ = ["Variable"]
