"""What a graph holds: its operations and tensors, found by name, and its collections."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, cast

from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.places import stranger
from graphlab_nb.graph.tensor import Tensor

if TYPE_CHECKING:
    from graphlab_nb.graph.graph import Graph


class Contents:
    """Base of `Graph`: looking up what was built, and lists of things by name."""

    def __init__(self) -> None:
        self._ops: list[Operation] = []
        self._by_name: dict[str, Operation] = {}
        self._collections: dict[Any, list[Any]] = {}
        self._finalized = False
        self._lock = threading.RLock()
        self.ended = ""

    @property
    def version(self) -> int:
        """Grows with each operation that is added."""
        return len(self._ops)

    @property
    def finalized(self) -> bool:
        """Whether the graph is read-only."""
        return self._finalized

    def finalize(self) -> None:
        """Makes the graph read-only.

        Example:
          >>> graph = tf.Graph()
          >>> graph.finalize()
          >>> graph.finalized
          True
        """
        self._finalized = True

    def _check_not_finalized(self) -> None:
        if self._finalized:
            why = f": {self.ended}" if self.ended else ": no operation can be added"
            raise RuntimeError(f"The graph is finalized and cannot be changed{why}")

    # Looking up

    def get_operations(self) -> list[Operation]:
        """All operations in the order they were built.

        Example:
          >>> with tf.Graph().as_default() as graph:
          ...     y = tf.add(1.0, 2.0, name="y")
          >>> [op.name for op in graph.get_operations()]
          ['y/x', 'y/y', 'y']
        """
        return list(self._ops)

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation called `name`.

        Args:
          name: such as "MatMul", with its scopes.

        Raises:
          KeyError: where there is none.

        Example:
          >>> y = tf.add(1.0, 2.0, name="y")
          >>> y.graph.get_operation_by_name("y") is y.op
          True
        """
        return self.as_graph_element(name, allow_tensor=False)

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor called `name`, such as "MatMul:0".

        Raises:
          KeyError: where there is none.

        Example:
          >>> x = tf.constant(1.0, name="x")
          >>> tf.get_default_graph().get_tensor_by_name("x:0") is x
          True
        """
        return self.as_graph_element(name, allow_operation=False)

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The operation or tensor that `obj` is or names.

        Args:
          obj: an operation, tensor, variable or name.
          allow_tensor: whether it may be a tensor.
          allow_operation: whether it may be an operation.

        Raises:
          ValueError: an object of another graph, or a name that is not of the asked kind.
          KeyError: a name that is not in the graph.
          TypeError: an object that is neither.

        Example:
          >>> x = tf.constant(1.0, name="x")
          >>> x.graph.as_graph_element("x:0"), x.graph.as_graph_element("x")
          (<tf.Tensor 'x:0' shape=() dtype=float32>, <tf.Operation 'x' type=Const>)
        """
        if hasattr(obj, "_as_graph_element"):
            obj = obj._as_graph_element()
        if (isinstance(obj, Tensor) and allow_tensor) or (isinstance(obj, Operation) and allow_operation):
            if obj.graph is not self:
                raise ValueError(stranger(obj, cast("Graph", self)))
            return obj
        if not isinstance(obj, str):
            kinds = " or ".join(k for k, ok in (("Tensor", allow_tensor), ("Operation", allow_operation)) if ok)
            raise TypeError(f"{obj!r} (a {type(obj).__name__}) cannot be converted to a {kinds}")
        name, colon, number = obj.partition(":")
        if colon:
            if not allow_tensor:
                raise ValueError(f"{obj!r} names a tensor, but an operation is asked for")
            op = self._by_name.get(name)
            if op is None:
                raise KeyError(f"The name {obj!r} refers to a tensor of operation {name!r}, which is not in the graph")
            if not number.isdigit() or int(number) >= len(op.outputs):
                raise KeyError(f"The name {obj!r} is of no tensor: operation {name!r} has {len(op.outputs)} outputs")
            return op.outputs[int(number)]
        op = self._by_name.get(name)
        if not allow_operation:
            if op is None:
                raise KeyError(f"The name {obj!r} is of no tensor in the graph (tensors' names end in ':0')")
            raise ValueError(f"{obj!r} names an operation, but a tensor is asked for; write '{name}:0'")
        if op is None:
            raise KeyError(f"The name {obj!r} is of no operation in the graph")
        return op

    def is_feedable(self, tensor: Tensor) -> bool:
        """Whether a feed may replace the tensor: all may, variables included, whose memory then stays as it is.

        Args:
          tensor: of this graph.

        Example:
          >>> x = tf.constant(1.0)
          >>> x.graph.is_feedable(x)
          True
        """
        return True

    def is_fetchable(self, element: Any) -> bool:
        """Whether the element can be fetched: everything can.

        Args:
          element: an operation or tensor of this graph.

        Example:
          >>> x = tf.constant(1.0)
          >>> x.graph.is_fetchable(x.op)
          True
        """
        return True

    # Collections

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Appends `value` to the collection.

        Args:
          name: the collection's, such as one of `tf.GraphKeys`.
          value: anything.

        Raises:
          RuntimeError: when the graph is finalized.

        Example:
          >>> graph = tf.Graph()
          >>> graph.add_to_collection("sizes", 5)
          >>> graph.get_collection("sizes")
          [5]
        """
        self._check_not_finalized()
        with self._lock:
            self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Appends `value` to each of the collections.

        Args:
          names: the collections', or the name of one.
          value: anything.

        Example:
          >>> graph = tf.Graph()
          >>> graph.add_to_collections(["sizes", "numbers"], 5)
          >>> graph.get_collection("sizes"), graph.get_collection("numbers")
          ([5], [5])
        """
        for name in [names] if isinstance(names, str) else dict.fromkeys(names):
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """A copy of the collection; with `scope`, only items whose name matches that regular expression from its start.

        Args:
          name: the collection's.
          scope: a regular expression for items' names; items without a name are left out then.

        Example:
          >>> with tf.variable_scope("layer"):
          ...     w = tf.get_variable("w", [3, 2])
          >>> b = tf.get_variable("b", [2])
          >>> w.graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope="layer/") == [w]
          True
        """
        items = self._collections.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [item for item in items if hasattr(item, "name") and pattern.match(item.name)]

    def get_collection_ref(self, name: Any) -> list[Any]:
        """The collection itself: changes to the list change the collection.

        Args:
          name: the collection's.

        Example:
          >>> graph = tf.Graph()
          >>> graph.get_collection_ref("sizes").append(5)
          >>> graph.get_collection("sizes")
          [5]
        """
        return self._collections.setdefault(name, [])

    def get_all_collection_keys(self) -> list[Any]:
        """Names of the collections that hold something.

        Example:
          >>> graph = tf.Graph()
          >>> graph.add_to_collection("sizes", 5)
          >>> graph.get_all_collection_keys()
          ['sizes']
        """
        return [name for name, items in self._collections.items() if items]

    def clear_collection(self, name: Any) -> None:
        """Empties the collection.

        Args:
          name: the collection's.

        Example:
          >>> graph = tf.Graph()
          >>> graph.add_to_collection("sizes", 5)
          >>> graph.clear_collection("sizes")
          >>> graph.get_collection("sizes")
          []
        """
        self._check_not_finalized()
        self._collections.pop(name, None)
