"""`Tensor`: one output of an operation, known by type and shape but not by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlab_nb.dtypes import DType
from graphlab_nb.graph.numpys import no_value
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.shapes import Dims, TensorShape, as_shape

if TYPE_CHECKING:
    from graphlab_nb.graph.graph import Graph
    from graphlab_nb.graph.operation import Operation


class Tensor:
    """A symbolic handle to one output of an `Operation`.

    Attributes:
      op: the operation that makes it.
      value_index: its position among the operation's outputs.
      dtype: element type; a reference type for variables.
      dims: what is known of the shape, as plain data.
      value: what is known of a small integer tensor's value (see `Spec`).

    Example:
      >>> y = tf.add([1, 2], 3, name="y")
      >>> y
      <tf.Tensor 'y:0' shape=(2,) dtype=int32>
      >>> tf.Session().run(y)
      array([4, 5], dtype=int32)
    """

    __slots__ = ("__weakref__", "_consumers", "dims", "dtype", "op", "value", "value_index")

    # NumPy leaves binary operators with arrays on the left to the tensor, and asks `__array__` for all else.
    __array_priority__ = 100

    def __init__(self, op: Operation, value_index: int, dtype: DType, dims: Dims, value: Any = None):
        self.op = op
        self.value_index = value_index
        self.dtype = dtype
        self.dims = dims
        self.value = value
        self._consumers: list[Operation] = []

    @property
    def name(self) -> str:
        """The operation's name and the output's position: "MatMul:0"."""
        return f"{self.op.name}:{self.value_index}"

    @property
    def graph(self) -> Graph:
        """The graph it belongs to."""
        return self.op.graph

    @property
    def device(self) -> str:
        """The device its operation was asked to run on, or an empty string."""
        return self.op.device

    @property
    def shape(self) -> TensorShape:
        """What is known of the shape."""
        return TensorShape.of(self.dims)

    def get_shape(self) -> TensorShape:
        """What is known of the shape.

        Example:
          >>> tf.placeholder(tf.float32, [None, 784]).get_shape()
          TensorShape([None, 784])
        """
        return TensorShape.of(self.dims)

    def set_shape(self, shape: Any) -> None:
        """Adds what the caller knows to what is known of the shape.

        Args:
          shape: a `TensorShape`, or a list of lengths and None.

        Raises:
          ValueError: when it contradicts what is known.

        Example:
          >>> x = tf.placeholder(tf.float32)
          >>> x.set_shape([None, 784])
          >>> x.get_shape()
          TensorShape([None, 784])
        """
        try:
            self.dims = self.shape.merge_with(shape).tuple
        except ValueError:
            raise ValueError(f"Tensor {self.name} has shape {self.shape}, not {as_shape(shape)}") from None

    def spec(self) -> Spec:
        """What is known, for an operation's `infer`.

        Example:
          >>> tf.placeholder(tf.float32, [None, 784]).spec()
          Spec(float32, (None, 784))
        """
        return Spec(self.dtype.base_dtype, self.dims, self.value)

    def consumers(self) -> list[Operation]:
        """The operations that take it as an input.

        Example:
          >>> x = tf.constant([1.0, 2.0])
          >>> y = tf.square(x, name="y")
          >>> x.consumers()
          [<tf.Operation 'y' type=Square>]
        """
        return list(self._consumers)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Its value as a NumPy array, computed by `session` or the default session.

        Args:
          feed_dict: values that replace tensors in this run.
          session: to run in; the default session where it is None.

        Raises:
          ValueError: where no session is given and none is the default.

        Example:
          >>> with tf.Session():
          ...     print((tf.constant(2) * 3).eval())
          6
        """
        return self.graph.default_session_for("evaluate a tensor", session, self).run(self, feed_dict)

    if TYPE_CHECKING:
        # What ops/operators.py installs, for type checkers and editors.
        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __rand__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __ror__(self, other: Any) -> Tensor: ...
        def __xor__(self, other: Any) -> Tensor: ...
        def __rxor__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __getitem__(self, key: Any) -> Tensor: ...

    # Not overloaded as in later versions: tensors are keys of feeds, and looked up in every run.
    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __iter__(self) -> Any:
        raise TypeError(f"Tensor {self.name} cannot be iterated; use tf.unpack, or run it in a session first")

    def __len__(self) -> int:
        raise TypeError(f"len() of tensor {self.name} is not known before it is run; use tf.shape or get_shape()")

    def __bool__(self) -> bool:
        raise TypeError(
            f"Tensor {self.name} has no truth value before it is run; use `is not None`, or tf.select in the graph"
        )

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise no_value("Tensor", self.name)

    def __float__(self) -> float:
        raise no_value("Tensor", self.name, numpy=False)

    __int__ = __index__ = __float__  # type: ignore[assignment]

    def __str__(self) -> str:
        return f'Tensor("{self.name}", shape={self.shape}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>"
