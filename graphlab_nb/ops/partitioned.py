"""Variables in shards: `get_variable` with a partitioner, and the functions that make partitioners."""

from __future__ import annotations

import inspect
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import convert_to_tensor, is_tensor
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.operation import user_line
from graphlab_nb.graph.places import line_name
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.array import concat
from graphlab_nb.ops.control import identity
from graphlab_nb.ops.initializers import uniform_unit_scaling_initializer, zeros_initializer
from graphlab_nb.ops.operators import install_operators
from graphlab_nb.ops.slicing import slice as part_of
from graphlab_nb.ops.variable_making import AUTO_REUSE, Scopes, found_or_made
from graphlab_nb.ops.variables import Variable
from graphlab_nb.shapes import TensorShape, as_shape

Partitioner = Callable[..., Sequence[int]]


class PartitionedVariable:
    """A variable that is kept in shards along one dimension, each a `tf.Variable` of its own.

    It can stand wherever its value can, which is the shards' laid end to end. Shards are changed one by one; iterating
    over it gives them. `tf.get_variable` makes it where there is a partitioner.

    Attributes:
      name: its name, with its scopes; shards are called "name/part_0", "name/part_1", and so on.

    Example:
      >>> w = tf.get_variable("w", [5, 2], partitioner=tf.fixed_size_partitioner(2))
      >>> [(shard.name, shard.get_shape().as_list()) for shard in w]
      [('w/part_0:0', [3, 2]), ('w/part_1:0', [2, 2])]
    """

    __array_priority__ = 100

    def __init__(self, name: str, shape: Any, dtype: Any, variable_list: Sequence[Variable], partitions: Sequence[int]):
        """Joins shards.

        Args:
          name: what it is called.
          shape: of the whole.
          dtype: its element type.
          variable_list: the shards, in order.
          partitions: how many shards there are along each dimension, all but one 1.
        """
        self.name = name
        self._shape = as_shape(shape)
        self._dtype = dtypes.as_dtype(dtype).base_dtype
        self._shards = tuple(variable_list)
        self._partitions = tuple(partitions)
        self._line = user_line()
        self._fetched: Tensor | None = None

    @property
    def dtype(self) -> DType:
        """Its element type."""
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole."""
        return self._shape

    @property
    def partitions(self) -> tuple[int, ...]:
        """How many shards there are along each dimension."""
        return self._partitions

    @property
    def graph(self) -> Graph:
        """The graph that it belongs to."""
        return self._shards[0].graph

    def get_shape(self) -> TensorShape:
        """The shape of the whole.

        Example:
          >>> tf.get_variable("w", [5, 2], partitioner=tf.fixed_size_partitioner(2)).get_shape()
          TensorShape([5, 2])
        """
        return self._shape

    def as_tensor(self) -> Tensor:
        """A new tensor of its value: the shards laid end to end.

        Example:
          >>> w = tf.get_variable("w", initializer=[1.0, 2.0, 3.0], partitioner=tf.fixed_size_partitioner(2))
          >>> with tf.Session() as sess:
          ...     sess.run(tf.global_variables_initializer())
          ...     print(sess.run(w.as_tensor()))
          [1. 2. 3.]
        """
        axis = next((k for k, shards in enumerate(self._partitions) if shards > 1), 0)
        values = [shard.value() for shard in self._shards]
        with self.graph.as_default(), scopes.control_dependencies(None):
            if len(values) > 1:
                with scopes.name_scope(self.name + "/ConcatPartitions/"):
                    values = [concat(values, axis)]
            with scopes.name_scope(None):
                return identity(values[0], name=self.name)

    def _as_tensor(self, as_ref: bool = False) -> Tensor:
        if as_ref:
            raise TypeError(
                f"Variable {self.name} is kept in {len(self._shards)} shards, which are changed one by one: "
                f"`for shard in {self.name.rpartition('/')[2]}:` gives them"
            )
        return self.as_tensor()

    def _as_graph_element(self) -> Tensor:
        """What a session fetches: one tensor, however often it is fetched."""
        if self._fetched is None or self._fetched.graph is not self.graph:
            self._fetched = self.as_tensor()
        return self._fetched

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._shards)

    def __len__(self) -> int:
        return len(self._shards)

    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __repr__(self) -> str:
        return f"<PartitionedVariable '{self.name}' shape={self._shape} dtype={self._dtype.name} shards={len(self)}>"


install_operators(PartitionedVariable)


class PartitionInfo(NamedTuple):
    """What an initializer that takes `partition_info` is told of the shard that it fills.

    Attributes:
      full_shape: of the whole variable.
      var_offset: where the shard begins in it.
    """

    full_shape: list[int]
    var_offset: list[int]


def found_or_sharded(
    made: Scopes,
    name: str,
    shape: Any = None,
    dtype: DType | None = dtypes.float32,
    initializer: Any = None,
    regularizer: Any = None,
    reuse: Any = None,
    trainable: bool = True,
    collections: Iterable[Any] | None = None,
    caching_device: Any = None,
    partitioner: Partitioner | None = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
) -> Any:
    """Finds the variable of that full name, or makes it, in shards where there is a partitioner; see `get_variable`."""

    def single(name: str, shape: Any, start: Any, reuse: Any) -> Variable:
        rest = (trainable, collections, caching_device, None, validate_shape, use_resource)
        return found_or_made(made.variables, name, shape, dtype, start, regularizer, reuse, *rest)

    if partitioner is not None and not callable(partitioner):
        raise ValueError(f"A partitioner is a function of shape and dtype, not {partitioner!r}")
    valued = initializer is not None and not callable(initializer)
    if valued and partitioner is not None and not isinstance(initializer, np.ndarray):
        initializer = convert_to_tensor(initializer, dtype)
    whole = as_shape(shape)
    if valued and partitioner is not None:
        given = as_shape(initializer.shape)
        if not whole.is_compatible_with(given):
            raise ValueError(f"The value that initializes variable {name} has the shape {given}, not {whole}")
        whole = whole.merge_with(given)
        dtype = dtype or dtypes.as_dtype(initializer.dtype).base_dtype
    if partitioner is None or whole.ndims == 0:  # one number has no dimension to cut
        if name in made.partitioned:
            raise ValueError(
                f"Variable {name} is kept in {len(made.partitioned[name])} shards, so it is found with a partitioner only. "
                f"It was made at {_place(made.partitioned[name])}"
            )
        return single(name, shape, initializer, reuse)
    if name in made.variables:
        raise ValueError(f"Variable {name} exists and is whole, so it is found without a partitioner only")
    if name in made.partitioned:
        return _found(made.partitioned[name], whole, dtype, partitioner, reuse)
    if reuse and reuse is not AUTO_REUSE:
        raise ValueError(
            f"Variable {name} does not exist in shards, or was not created with tf.get_variable(). "
            "Did you mean to set reuse=None or reuse=tf.AUTO_REUSE in the variable scope?"
        )
    if not whole.is_fully_defined():
        raise ValueError(f"Shape of a new variable ({name}) must be fully defined to be cut in shards, but was {whole}")
    assert dtype is not None
    lengths, partitions = [int(n) for n in whole], _partitions(partitioner, name, whole, dtype)
    shards: list[Variable] = []
    try:
        for offset, size in _cut(lengths, partitions):
            start = _start(name, initializer, dtype, PartitionInfo(lengths, offset), size)
            shards.append(single(f"{name}/part_{len(shards)}", None if valued else size, start, None))
    except BaseException:
        for k in range(len(shards)):  # a next try begins anew
            del made.variables[f"{name}/part_{k}"]
        raise
    made.partitioned[name] = PartitionedVariable(name, lengths, dtype, shards, partitions)
    return made.partitioned[name]


def _place(found: PartitionedVariable) -> str:
    return line_name(found._line, found._shards[0].op)


def _found(
    found: PartitionedVariable, shape: TensorShape, dtype: DType | None, partitioner: Partitioner, reuse: Any
) -> PartitionedVariable:
    """A sharded variable that was made before, where it is what is asked for."""
    name = found.name
    if not reuse:
        raise ValueError(
            f"Variable {name} already exists, disallowed. Did you mean to set reuse=True in the variable scope? "
            f"It was made at {_place(found)}"
        )
    if not shape.is_compatible_with(found.shape):
        raise ValueError(f"Trying to share variable {name}, but specified shape {shape} and found shape {found.shape}")
    if dtype is not None and found.dtype is not dtype:
        raise ValueError(
            f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype {found.dtype.name}"
        )
    asked = _partitions(partitioner, name, found.shape, found.dtype)
    if asked != found.partitions:
        raise ValueError(f"Trying to share variable {name}, but specified shards {asked} and found {found.partitions}")
    return found


def _partitions(partitioner: Partitioner, name: str, shape: TensorShape, dtype: DType) -> tuple[int, ...]:
    """What a partitioner says, where it can be done."""
    said = partitioner(shape=shape, dtype=dtype)
    try:
        counts = tuple(operator.index(count) for count in said)
    except TypeError:
        raise ValueError(
            f"The partitioner of variable {name} gave {said!r}, which is no list of whole numbers"
        ) from None
    lengths = shape.as_list()
    if len(counts) != len(lengths):
        raise ValueError(
            f"The partitioner of variable {name} gave {list(counts)}, and is to give a number for each of the "
            f"{len(lengths)} dimensions of {shape}"
        )
    if sum(count != 1 for count in counts) > 1:
        raise ValueError(f"The partitioner of variable {name} gave {list(counts)}; one dimension alone can be cut")
    for count, length in zip(counts, lengths, strict=True):
        if count < 1 or (count > 1 and count > (length or 0)):
            raise ValueError(f"The partitioner of variable {name} gave {list(counts)}, which cannot cut {shape}")
    return counts


def _cut(lengths: Sequence[int], partitions: Sequence[int]) -> list[tuple[list[int], list[int]]]:
    """Where each shard begins, and its shape; the first shards are one longer where it does not come out even."""
    axis = next((k for k, count in enumerate(partitions) if count > 1), 0)
    least, more = divmod(lengths[axis], partitions[axis])
    sizes = [least + (k < more) for k in range(partitions[axis])]
    starts = itertools.accumulate(sizes[:-1], initial=0)
    zeros = [0] * len(lengths)
    return [
        ([*zeros[:axis], start, *zeros[axis + 1 :]], [*lengths[:axis], size, *lengths[axis + 1 :]])
        for start, size in zip(starts, sizes, strict=True)
    ]


def _start(name: str, initializer: Any, dtype: DType, info: PartitionInfo, size: list[int]) -> Any:
    """What a shard is initialized by: its part of a value, or an initializer that knows of the whole."""
    if isinstance(initializer, np.ndarray):
        return initializer[tuple(slice(b, b + n) for b, n in zip(info.var_offset, size, strict=True))]
    if is_tensor(initializer):
        with scopes.name_scope(name + "/PartitionedInitializer/"):
            return part_of(initializer, info.var_offset, size)
    if initializer is None:
        if not dtype.is_floating:
            return zeros_initializer
        return uniform_unit_scaling_initializer(full_shape=info.full_shape)
    make = initializer() if isinstance(initializer, type) else initializer
    try:
        told = "partition_info" in inspect.signature(make).parameters
    except (TypeError, ValueError):  # of a function that is not Python's
        told = False
    return (lambda shape, dtype: make(shape, dtype=dtype, partition_info=info)) if told else make


# Partitioners


def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner:
    """A partitioner that cuts a dimension in a fixed number of shards, or in as many as it is long.

    Args:
      num_shards: how many shards.
      axis: the dimension.

    Raises:
      ValueError: fewer than one shard; when it is used, a dimension that the variable has not.

    Example:
      >>> w = tf.get_variable("w", [10, 4], partitioner=tf.fixed_size_partitioner(4))
      >>> [shard.get_shape().as_list() for shard in w]
      [[3, 4], [3, 4], [2, 4], [2, 4]]
    """
    _at_least("num_shards", num_shards, 1)
    return _along(axis, lambda shape, dtype, length: num_shards)


def variable_axis_size_partitioner(
    max_shard_bytes: int, axis: int = 0, bytes_per_string_element: int = 16, max_shards: int | None = None
) -> Partitioner:
    """A partitioner that makes as few shards as have at most a number of bytes each.

    Args:
      max_shard_bytes: the most bytes that a shard has, unless one row alone has more, or `max_shards` forbids it.
      axis: the dimension that is cut.
      bytes_per_string_element: how many bytes a string counts.
      max_shards: the most shards; None for any number.

    Raises:
      ValueError: a limit that is not positive; when it is used, a dimension that the variable has not.

    Example:
      >>> w = tf.get_variable("w", [10, 4], partitioner=tf.variable_axis_size_partitioner(64))
      >>> [shard.get_shape().as_list() for shard in w]
      [[4, 4], [3, 4], [3, 4]]
    """
    _at_least("max_shard_bytes", max_shard_bytes, 1)
    _at_least("bytes_per_string_element", bytes_per_string_element, 1)
    if max_shards is not None:
        _at_least("max_shards", max_shards, 1)

    def count(shape: TensorShape, dtype: DType, length: int) -> int:
        row = _bytes(shape, dtype, bytes_per_string_element) / max(1, length)
        rows = max(1, math.floor(max_shard_bytes / row)) if row else max(1, length)
        shards = math.ceil(length / rows)
        return shards if max_shards is None else min(shards, max_shards)

    return _along(axis, count)


def min_max_variable_partitioner(
    max_partitions: int = 1, axis: int = 0, min_slice_size: int = 256 << 10, bytes_per_string_element: int = 16
) -> Partitioner:
    """A partitioner that makes as many shards as have at least a number of bytes each, up to a number of shards.

    Args:
      max_partitions: the most shards.
      axis: the dimension that is cut.
      min_slice_size: the fewest bytes that are worth a shard.
      bytes_per_string_element: how many bytes a string counts.

    Raises:
      ValueError: a limit that is not positive; when it is used, a dimension that the variable has not.

    Example:
      >>> w = tf.get_variable("w", [10, 4], partitioner=tf.min_max_variable_partitioner(8, min_slice_size=80))
      >>> [shard.get_shape().as_list() for shard in w]
      [[5, 4], [5, 4]]
    """
    _at_least("max_partitions", max_partitions, 1)
    _at_least("min_slice_size", min_slice_size, 1)
    _at_least("bytes_per_string_element", bytes_per_string_element, 1)
    return _along(
        axis,
        lambda shape, dtype, length: min(
            max_partitions, math.ceil(_bytes(shape, dtype, bytes_per_string_element) / min_slice_size)
        ),
    )


def _along(axis: int, count: Callable[[TensorShape, DType, int], int]) -> Partitioner:
    """A partitioner that cuts one dimension, of whose length it is told, in `count` shards."""

    def partitioner(shape: Any, dtype: Any = dtypes.float32) -> list[int]:
        shape = as_shape(shape)
        shape.assert_is_fully_defined()
        lengths = shape.as_list()
        if not -len(lengths) <= axis < len(lengths):
            raise ValueError(f"A partitioner of dimension {axis} cannot cut a variable of shape {shape}")
        shards = [1] * len(lengths)
        length = int(lengths[axis] or 0)
        shards[axis] = max(1, min(length, count(shape, dtypes.as_dtype(dtype).base_dtype, length)))
        return shards

    return partitioner


def _bytes(shape: TensorShape, dtype: DType, of_string: int) -> int:
    return (shape.num_elements() or 0) * (of_string if dtype is dtypes.string else dtype.size)


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} must be {least} or more, not {value}")


__all__ = [name for name in public_names(globals()) if name != "found_or_sharded"]
