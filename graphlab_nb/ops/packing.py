"""Tensors laid side by side along a new dimension, and taken apart again: pack and unpack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb.dtypes import DType
from graphlab_nb.graph.build import apply, convert_to_tensor, is_tensor, set_packer
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.filling import zeros_like
from graphlab_nb.ops.moves import move, strides_of
from graphlab_nb.ops.static import masked_value, static_ints, wrapped_axis
from graphlab_nb.shapes import Dims, TensorShape, show


def _merged(specs: Sequence[Spec]) -> Dims:
    """What equal shapes say together."""
    merged = TensorShape(None)
    for spec in specs:
        dims = spec.dims
        try:
            merged = merged.merge_with(TensorShape.of(dims))
        except ValueError:
            raise ValueError(f"Tensors of shapes {merged} and {show(dims)} cannot be packed together") from None
    return merged.tuple


@frozen
class Pack(OpDef):
    """Tensors of one shape laid side by side along a new dimension `axis`."""

    axis: int = 0
    input_names: ClassVar[tuple[str, ...]] = ("*values",)
    one_type: ClassVar[slice] = slice(None)

    def infer(self, *inputs: Spec) -> Spec:
        if not inputs:
            raise ValueError("pack needs at least one tensor")
        for spec in inputs:
            if spec.dtype is not inputs[0].dtype:
                raise TypeError(f"pack takes tensors of one type, not {inputs[0].dtype.name} and {spec.dtype.name}")
        dims = _merged(inputs)
        if dims is None:
            return Spec(inputs[0].dtype, None)
        axis = wrapped_axis(self.axis, len(dims) + 1)
        return Spec(inputs[0].dtype, (*dims[:axis], len(inputs), *dims[axis:]))

    def fold(self, *inputs: Spec) -> Any:
        values = [masked_value(s) for s in inputs]
        if any(v is None for v in values) or all(s.value is None for s in inputs):
            return None
        return np.ma.stack(values, self.axis)

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return range(len(inputs)) if self.axis % len(outputs[0].shape) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        target = outputs[0]
        strides = strides_of(target.shape)
        axis = self.axis % len(strides)
        step = strides.pop(axis)
        for k, piece in enumerate(inputs):
            move(run, piece, target, piece.shape, strides_of(piece.shape), strides, target_offset=k * step)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return unpack(dy[0], len(op.inputs), axis=self.axis)


@frozen
class Unpack(OpDef):
    """The slices of x along `axis`, without that dimension."""

    num: int
    axis: int = 0
    input_names: ClassVar[tuple[str, ...]] = ("value",)

    def infer(self, x: Spec) -> Sequence[Spec]:
        if x.dims is None:
            return [Spec(x.dtype, None)] * self.num
        axis = wrapped_axis(self.axis, len(x.dims))
        if x.dims[axis] not in (None, self.num):
            raise ValueError(f"Dimension {axis} of shape {show(x.dims)} cannot be unpacked to {self.num} tensors")
        dims = x.dims[:axis] + x.dims[axis + 1 :]
        values: list[Any] = [None] * self.num
        if x.value is not None:
            moved = np.ma.asarray(np.moveaxis(x.value, axis, 0))
            values = [moved[k : k + 1].reshape(dims) for k in range(self.num)]
        return [Spec(x.dtype, dims, value) for value in values]

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if self.axis % len(inputs[0].shape) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        source = inputs[0]
        strides = strides_of(source.shape)
        step = strides.pop(self.axis % len(strides))
        for k, piece in enumerate(outputs):
            move(run, source, piece, piece.shape, strides, strides_of(piece.shape), source_offset=k * step)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        pieces = [zeros_like(y) if d is None else d for y, d in zip(op.outputs, dy, strict=True)]
        return [apply(Pack(self.axis), pieces)]


def pack(values: Any, axis: int = 0, name: str = "pack") -> Tensor:
    """Tensors of one shape laid side by side along a new dimension `axis`: n of [a, b] make [n, a, b].

    Args:
      values: tensors, or what can become one.
      axis: the new dimension's place, negative ones counted from the end.
      name: the operation's name.

    Raises:
      ValueError: tensors of different shapes, or none.

    Example:
      >>> tf.Session().run(tf.pack([[1, 2], [3, 4], [5, 6]], axis=1))
      array([[1, 3, 5],
             [2, 4, 6]], dtype=int32)
    """
    (axis,) = static_ints(axis, "The axis of pack")
    values = list(values)
    if axis == 0 and values:
        return convert_to_tensor(values, name=name)  # of values only, this is a constant
    return apply(Pack(axis), values, name)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Tensors of one shape laid side by side along a new dimension: `pack` by its later name.

    Args:
      values: tensors, or what can become one.
      axis: the new dimension's place, negative ones counted from the end.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.stack([[1, 2], [3, 4], [5, 6]]))
      array([[1, 2],
             [3, 4],
             [5, 6]], dtype=int32)
    """
    return pack(values, axis, name)


def unpack(value: Any, num: int | None = None, axis: int = 0, name: str = "unpack") -> list[Tensor]:
    """The slices of `value` along `axis`, as a list of tensors without that dimension.

    Args:
      value: a tensor of rank 1 or more.
      num: the length along `axis`, needed only where it is not known.
      axis: the dimension to take apart, negative ones counted from the end.
      name: the operation's name.

    Raises:
      ValueError: where the length is not known and `num` does not say it, or where it is not `num`.

    Example:
      >>> a, b = tf.unpack([[1, 2], [3, 4]])
      >>> tf.Session().run(a)
      array([1, 2], dtype=int32)
    """
    value = convert_to_tensor(value)
    (axis,) = static_ints(axis, "The axis of unpack")
    if num is None:
        if value.dims is None or value.dims[wrapped_axis(axis, len(value.dims))] is None:
            raise ValueError(f"{value} has an unknown length along axis {axis}: unpack needs `num`")
        num = value.dims[axis]
    out = apply(Unpack(int(num), axis), [value], name)  # type: ignore[arg-type]
    return [] if num == 0 else out if isinstance(out, list) else [out]


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """The slices of `value` along `axis`, as a list of tensors: `unpack` by its later name.

    Args:
      value: a tensor of rank 1 or more.
      num: the length along `axis`, needed only where it is not known.
      axis: the dimension to take apart, negative ones counted from the end.
      name: the operation's name.

    Example:
      >>> a, b = tf.unstack([[1, 2], [3, 4]], axis=1)
      >>> tf.Session().run(a)
      array([1, 3], dtype=int32)
    """
    return unpack(value, num, axis, name)


def _pack_list(value: Any, dtype: DType, name: str | None) -> Tensor:
    """A (nested) list that holds tensors as one tensor: how `convert_to_tensor` reads it."""
    with name_scope(name, "packed", value) as scope:
        tensors = [convert_to_tensor(v, None if is_tensor(v) else dtype, str(k)) for k, v in enumerate(value)]
        return apply(Pack(), tensors, scope)


set_packer(_pack_list)
