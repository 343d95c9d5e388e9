"""Shapes of tensors as tensors, and tensors in other shapes: shape, size, rank, reshape, expand_dims, squeeze."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.static import (
    check_shape,
    chosen,
    entries,
    int_of,
    integers,
    size_of,
    static_ints,
    wrapped_axis,
)
from graphlab_nb.shapes import Dims, show

# Shapes as tensors


def _masked_dims(dims: Dims) -> Any:
    if dims is None:
        return None
    return np.ma.MaskedArray([0 if d is None else d for d in dims], [d is None for d in dims], np.int64)


@frozen
class Shape(OpDef):
    """The lengths of the dimensions of x."""

    out_type: DType = dtypes.int32
    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    metadata: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        return Spec(self.out_type, (x.rank,), _masked_dims(x.dims))


@frozen
class Size(OpDef):
    """The number of elements of x."""

    out_type: DType = dtypes.int32
    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    metadata: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        count = size_of(x.dims)
        return Spec(self.out_type, (), None if count is None else np.ma.asarray(np.int64(count)))


@frozen
class Rank(OpDef):
    """The number of dimensions of x."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    metadata: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        return Spec(dtypes.int32, (), None if x.rank is None else np.ma.asarray(np.int64(x.rank)))


def shape(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """The lengths of the dimensions of `input`, as a tensor: known before anything is computed.

    Args:
      input: a tensor of any type.
      name: the operation's name.
      out_type: int32 or int64.

    Example:
      >>> tf.Session().run(tf.shape(tf.zeros([2, 3])))
      array([2, 3], dtype=int32)
    """
    return apply(Shape(dtypes.as_dtype(out_type)), [input], name or "Shape")


def shape_n(input: Sequence[Any], out_type: Any = dtypes.int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors, as a list of tensors.

    Args:
      input: a list of tensors.
      out_type: int32 or int64.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.shape_n([tf.zeros([2, 3]), tf.zeros([4])]))
      [array([2, 3], dtype=int32), array([4], dtype=int32)]
    """
    return [shape(x, name or "ShapeN", out_type) for x in input]


def size(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """The number of elements of `input`, as a tensor.

    Args:
      input: a tensor of any type.
      name: the operation's name.
      out_type: int32 or int64.

    Example:
      >>> print(tf.Session().run(tf.size(tf.zeros([2, 3]))))
      6
    """
    return apply(Size(dtypes.as_dtype(out_type)), [input], name or "Size")


def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of dimensions of `input`, as a tensor.

    Args:
      input: a tensor of any type.
      name: the operation's name.

    Returns:
      An int32 tensor of shape [].

    Example:
      >>> print(tf.Session().run(tf.rank(tf.zeros([2, 3]))))
      2
    """
    return apply(Rank(), [input], name or "Rank")


# The same elements in another shape


class View(OpDef):
    """Base of operations whose output is the memory of their first input in another shape."""

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [reshape_like(dy[0], op.inputs[0]), *([None] * (len(op.inputs) - 1))]


@frozen
class Reshape(View):
    """The elements of x in row-major order, in another shape; at most one length may be -1, which is what is left."""

    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    input_names: ClassVar[tuple[str, ...]] = ("tensor", "shape")

    def infer(self, x: Spec, shape: Spec) -> Spec:
        check_shape(shape, "The new shape")
        if shape.value is None:
            return Spec(x.dtype, shape.value_as_dims())
        given = entries(shape.value)
        if min((g for g in given if g is not None), default=0) < -1 or given.count(-1) > 1:
            raise ValueError(f"A shape may hold one -1 and no other negative length, not {given}")
        target = tuple(None if g == -1 else g for g in given)
        if None in given:
            return Spec(x.dtype, target)
        count, others = size_of(x.dims), math.prod(g for g in given if g != -1)  # type: ignore[misc]
        if count is not None:
            if count != others if -1 not in given else others == 0 or count % others:
                raise ValueError(f"A tensor of shape {show(x.dims)}, {count} elements, cannot take the shape {given}")
            target = tuple(count // others if g == -1 else g for g in given)
        return Spec(x.dtype, target)

    def fold(self, x: Spec, shape: Spec) -> Any:
        known = shape.full_value()
        return None if x.value is None or known is None else np.ma.asarray(x.value).reshape(known)


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """The elements of `tensor` in row-major order in another shape; nothing is moved.

    Args:
      tensor: any tensor.
      shape: the new lengths; one may be -1 and is what is left over.
      name: the operation's name.

    Raises:
      ValueError: shapes of different numbers of elements.

    Example:
      >>> tf.Session().run(tf.reshape([1, 2, 3, 4], [2, -1]))
      array([[1, 2],
             [3, 4]], dtype=int32)
    """
    return apply(Reshape(), [tensor, integers(shape)], name)


@frozen
class ReshapeLike(View):
    """The elements of x in the shape of another tensor."""

    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, x: Spec, like: Spec) -> Spec:
        counts = size_of(x.dims), size_of(like.dims)
        if None not in counts and counts[0] != counts[1]:
            raise ValueError(f"A tensor of shape {show(x.dims)} cannot take the shape {show(like.dims)}")
        return Spec(x.dtype, like.dims)


def reshape_like(tensor: Any, like: Any, name: str | None = None) -> Tensor:
    """The elements of `tensor` in the shape of `like`."""
    return apply(ReshapeLike(), [tensor, like], name)


@frozen
class ExpandDims(View):
    """x with a dimension of length 1 put in before `axis`."""

    axis: int
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, None)
        axis = wrapped_axis(self.axis, len(x.dims) + 1)
        return Spec(x.dtype, (*x.dims[:axis], 1, *x.dims[axis:]))

    def untold(self, x: Spec) -> Spec:
        return Spec(x.dtype, None if x.dims is None else (None,) * (len(x.dims) + 1))

    def fold(self, x: Spec) -> Any:
        return None if x.value is None else np.ma.expand_dims(x.value, self.axis)


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """`input` with a dimension of length 1 put in before `axis`; -1 puts it last. `dim` is the older spelling.

    Example:
      >>> tf.expand_dims(tf.zeros([2, 3]), 0).get_shape()
      TensorShape([1, 2, 3])
    """
    axis = chosen(axis, dim, "axis and dim")
    if axis is None:
        raise ValueError("expand_dims needs an axis")
    return apply(ExpandDims(int_of(axis, "The axis of expand_dims")), [input], name or "ExpandDims")


@frozen
class Squeeze(View):
    """x without the dimensions of length 1, or without those of the given axes."""

    axes: tuple[int, ...] | None = None
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None or (self.axes is None and None in x.dims):
            return Spec(x.dtype, None)
        if self.axes is None:
            return Spec(x.dtype, tuple(d for d in x.dims if d != 1))
        gone = {wrapped_axis(a, len(x.dims)) for a in self.axes}
        for axis in sorted(gone):
            if x.dims[axis] not in (None, 1):
                raise ValueError(f"Dimension {axis} of shape {show(x.dims)} is not 1, so it cannot be squeezed out")
        return Spec(x.dtype, tuple(d for k, d in enumerate(x.dims) if k not in gone))

    def fold(self, x: Spec) -> Any:
        return None if x.value is None else np.ma.asarray(x.value).reshape(self.infer(x).dims)

    def attributes(self) -> dict[str, Any]:
        return {"squeeze_dims": list(self.axes or ())}


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:
    """`input` without its dimensions of length 1, or only without those in `axis` (older: `squeeze_dims`).

    Raises:
      ValueError: where a dimension in `axis` is longer than 1.

    Example:
      >>> tf.squeeze(tf.zeros([1, 3, 1])).get_shape()
      TensorShape([3])
    """
    axis = chosen(axis, squeeze_dims, "axis and squeeze_dims")
    axes = None if axis is None else tuple(static_ints(axis, "The axes of squeeze")) or None
    return apply(Squeeze(axes), [input], name or "Squeeze")
