"""Fetches and feeds: nests of fetches to a flat list and back, and fed values to arrays of the right type and shape."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.compiler.plan import at_line
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.places import check_age
from graphlab_nb.graph.tensor import Tensor

Builder = Callable[[Sequence[Any]], Any]


class Fetches:
    """A nest of fetches, flattened.

    Attributes:
      operations: operations that must run.
      tensors: the tensors to hand back, each once.
      number: for its session, what it has in common with other nests of the same operations and tensors.
    """

    def __init__(self, graph: Graph, fetches: Any, opened: str):
        self.operations: list[Operation] = []
        self.tensors: list[Tensor] = []
        self._graph, self._opened = graph, opened
        self._place: dict[Tensor, int] = {}
        self._build = self._visit(fetches)
        self.number = -1

    def targets(self, feeds: Collection[Tensor] = ()) -> list[Operation]:
        """The operations that must run where these tensors are fed: what is fed and fetched is handed back as it is."""
        return list(dict.fromkeys([*self.operations, *(t.op for t in self.tensors if t not in feeds)]))

    def results(self, values: Sequence[Any]) -> Any:
        """The nest, with values (in the order of `tensors`) in the tensors' places and None in the operations'."""
        return self._build(values)

    def _visit(self, fetch: Any) -> Builder:
        if fetch is None:
            raise TypeError("Fetch argument None has invalid type: fetch a Tensor, an Operation or their name")
        if isinstance(fetch, tuple) and hasattr(fetch, "_fields"):
            parts = [self._visit(f) for f in fetch]
            kind = type(fetch)
            return lambda values: kind(*(p(values) for p in parts))
        if isinstance(fetch, list):
            parts = [self._visit(f) for f in fetch]
            return lambda values: [p(values) for p in parts]
        if isinstance(fetch, tuple):
            parts = [self._visit(f) for f in fetch]
            return lambda values: tuple(p(values) for p in parts)
        if isinstance(fetch, Mapping):
            make: Any = type(fetch)
            pairs = [(key, self._visit(f)) for key, f in fetch.items()]
            return lambda values: make((key, p(values)) for key, p in pairs)
        return self._element(fetch)

    def _element(self, fetch: Any) -> Builder:
        check_age("run a fetch", fetch, self._graph, self._opened)
        try:
            element = self._graph.as_graph_element(fetch)
        except TypeError:
            raise TypeError(
                f"Fetch argument {fetch!r} has invalid type {type(fetch).__name__}: it must be a Tensor, an Operation, "
                "a Variable or a name, or a list, tuple or dict of these"
            ) from None
        except ValueError as error:
            why = str(error).replace(repr(fetch), "it", 1)
            raise ValueError(f"Fetch argument {fetch!r} cannot be run in this session's graph: {why}") from None
        except KeyError as error:
            raise ValueError(
                f"Fetch argument {fetch!r} cannot be found in the session's graph: {error.args[0]}"
            ) from None
        if isinstance(element, Operation):
            self.operations.append(element)
            return lambda values: None
        place = self._place.setdefault(element, len(self.tensors))
        if place == len(self.tensors):
            self.tensors.append(element)
        return lambda values: values[place]


def feed_tensor(graph: Graph, key: Any, opened: str) -> Tensor:
    """The tensor that a key of `feed_dict` means.

    Args:
      graph: the session's.
      key: a tensor, or the name of one.
      opened: the name of the line that made the session.

    Raises:
      TypeError: a key that is no tensor or name.
      ValueError: a tensor of another graph.
    """
    check_age("feed a tensor", key, graph, opened)
    try:
        return graph.as_graph_element(key, allow_operation=False)
    except (TypeError, ValueError, KeyError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"Cannot interpret feed_dict key {key!r} as a tensor to feed: {error.args[0]}") from None


def feed_array(tensor: Tensor, value: Any) -> np.ndarray:
    """`value` as an array of the tensor's type.

    Raises:
      TypeError: a tensor, an object, or numbers that the type cannot hold.
      ValueError: a ragged list, or a shape that does not fit. Both have the tensor's operation as `op`.
    """
    wanted = tensor.dtype.np_dtype
    if type(value) is not np.ndarray or value.dtype is not wanted:
        try:
            value = _converted(tensor, value)
        except (TypeError, ValueError) as error:
            raise _of(tensor, type(error)(f"{error} [{tensor.op.type} {at_line(tensor.op)}]")) from None
    dims = tensor.dims
    shape = value.shape
    if dims != shape and dims is not None:
        if len(dims) != len(shape) or any(d is not None and d != n for d, n in zip(dims, shape, strict=True)):
            text = f"Cannot feed value of shape {shape} for Tensor {tensor.name!r}, which has shape {tensor.shape}"
            raise _of(tensor, ValueError(f"{text} [{tensor.op.type} {at_line(tensor.op)}]"))
    return value


def _of(tensor: Tensor, error: Any) -> Exception:
    """An error that says in `op`, as those of runs do, which operation it is about."""
    error.op = tensor.op
    told: Exception = error
    return told


def _converted(tensor: Tensor, value: Any) -> np.ndarray:
    if isinstance(value, Tensor) or hasattr(value, "_as_tensor"):
        raise TypeError(
            f"The value fed for {tensor.name!r} is the tensor {value.name!r}; feed Python numbers, lists or NumPy arrays"
        )
    dtype = tensor.dtype.base_dtype
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"The value fed for {tensor.name!r} is no array: {error}") from None
    if dtype is dtypes.string:
        try:
            return dtypes.string_array(value)
        except TypeError as error:
            raise TypeError(f"The value fed for {tensor.name!r} cannot be fed to a tensor of string: {error}") from None
    kind = array.dtype.kind
    if array.dtype == dtype.np_dtype:
        return array
    if kind not in "fiub":
        raise TypeError(
            f"The value fed for {tensor.name!r} has type {array.dtype}, which cannot be fed to a tensor of {dtype.name}"
        )
    if dtype.is_bool and not np.array_equal(array.astype(bool), array):  # zeros and ones are
        raise TypeError(f"The value fed for {tensor.name!r} has type {array.dtype}, but the tensor is bool")
    out = array.astype(dtype.np_dtype)
    if dtype.is_integer and kind in "fiu" and not np.array_equal(out, array):
        raise TypeError(
            f"The value fed for {tensor.name!r} has type {array.dtype} and does not fit {dtype.name}: "
            "some numbers would change"
        )
    return out
