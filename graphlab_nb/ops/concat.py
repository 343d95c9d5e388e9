"""Tensors laid end to end, and cut into parts along an axis: concat and split."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb.graph.build import apply, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.late import Told
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.filling import zeros_like
from graphlab_nb.ops.moves import move, strides_of
from graphlab_nb.ops.static import chosen, int_of, ints_of, masked_value, static_ints, wrapped_axis
from graphlab_nb.shapes import Dimension, TensorShape, show


@frozen
class Concat(OpDef):
    """Tensors laid end to end along `axis`."""

    axis: int
    input_names: ClassVar[tuple[str, ...]] = ("*values",)
    one_type: ClassVar[slice] = slice(None)

    def infer(self, *inputs: Spec) -> Spec:
        if not inputs:
            raise ValueError("concat needs at least one tensor")
        merged: TensorShape | None = None
        total: int | None = 0
        for spec in inputs:
            if spec.dtype is not inputs[0].dtype:
                raise TypeError(f"concat takes tensors of one type, not {inputs[0].dtype.name} and {spec.dtype.name}")
            if spec.dims is None:
                total = None
                continue
            axis = wrapped_axis(self.axis, len(spec.dims))
            length = spec.dims[axis]
            total = None if total is None or length is None else total + length
            others = TensorShape.of((*spec.dims[:axis], None, *spec.dims[axis + 1 :]))
            try:
                merged = others if merged is None else merged.merge_with(others)
            except ValueError:
                shapes = ", ".join(show(s.dims) for s in inputs)
                raise ValueError(f"Tensors of shapes {shapes} differ beside axis {self.axis}") from None
        if merged is None:
            return Spec(inputs[0].dtype, None)
        dims = list(merged.tuple)  # type: ignore[arg-type]
        dims[self.axis] = total
        return Spec(inputs[0].dtype, tuple(dims))

    def untold(self, *inputs: Spec) -> Spec:
        ranks = {len(s.dims) for s in inputs if s.dims is not None}
        if len(ranks) > 1:
            raise ValueError(f"Tensors of shapes {', '.join(show(s.dims) for s in inputs)} differ in rank")
        return Spec(self.infer(*(Spec(s.dtype, None) for s in inputs)).dtype, (None,) * ranks.pop() if ranks else None)

    def fold(self, *inputs: Spec) -> Any:
        values = [masked_value(s) for s in inputs]
        if any(v is None for v in values) or all(s.value is None for s in inputs):
            return None
        return np.ma.concatenate(values, self.axis)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if len(inputs) == 1 else None

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return range(len(inputs)) if self.axis % len(inputs[0].shape) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        strides = strides_of(outputs[0].shape)
        place = 0
        for piece in inputs:
            offset = place * strides[self.axis]
            move(run, piece, outputs[0], piece.shape, strides_of(piece.shape), strides, target_offset=offset)
            place += piece.shape[self.axis]

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        if len(op.inputs) == 1:
            return [dy[0]]
        return apply(ConcatGrad(self.axis, len(op.inputs)), [dy[0], *op.inputs])


@frozen
class ConcatGrad(OpDef):
    """The pieces of dy along `axis` that are as long as each of the further inputs."""

    axis: int
    count: int

    @property
    def shape_inputs(self) -> tuple[int, ...]:  # type: ignore[override]
        return tuple(range(1, self.count + 1))

    def infer(self, dy: Spec, *xs: Spec) -> Sequence[Spec]:
        return [Spec(dy.dtype, x.dims) for x in xs]

    def untold(self, dy: Spec, *xs: Spec) -> Sequence[Spec]:
        return self.infer(dy, *xs)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _cut(run, inputs[0], outputs, self.axis)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [_assembled(op, dy, self.axis), *([None] * self.count)]


def _cut(run: Launcher, source: Array, pieces: Sequence[Array], axis: int) -> None:
    """Copies consecutive parts of `source` along `axis` to the pieces."""
    strides = strides_of(source.shape)
    place = 0
    for piece in pieces:
        offset = place * strides[axis]
        move(run, source, piece, piece.shape, strides, strides_of(piece.shape), source_offset=offset)
        place += piece.shape[axis]


def _assembled(op: Operation, dy: Sequence[Tensor | None], axis: int) -> Tensor:
    """What flowed back to the pieces of a tensor, end to end; zeros where nothing did."""
    pieces = [zeros_like(y) if d is None else d for y, d in zip(op.outputs, dy, strict=True)]
    return apply(Concat(axis), pieces)


@frozen
class Split(OpDef):
    """x in `num_split` equal parts along `axis`."""

    axis: int
    num_split: int
    input_names: ClassVar[tuple[str, ...]] = ("value",)

    def infer(self, x: Spec) -> Sequence[Spec]:
        if x.dims is None:
            return [Spec(x.dtype, None)] * self.num_split
        axis = wrapped_axis(self.axis, len(x.dims))
        length = x.dims[axis]
        if length is not None and length % self.num_split:
            raise ValueError(f"Axis {axis} of shape {show(x.dims)} is not a multiple of {self.num_split} long")
        each = None if length is None else length // self.num_split
        return _parts(x, axis, [each] * self.num_split)

    def untold(self, x: Spec) -> Sequence[Spec]:
        return [Spec(x.dtype, None if x.dims is None else (None,) * len(x.dims))] * self.num_split

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if self.axis % len(inputs[0].shape) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _cut(run, inputs[0], outputs, self.axis)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [_assembled(op, dy, self.axis)]


@frozen
class SplitV(OpDef):
    """x in `count` parts of the given lengths along `axis`; one length may be -1, which is what is left."""

    axis: int
    sizes: tuple[int, ...]
    count: int
    input_names: ClassVar[tuple[str, ...]] = ("value",)

    def infer(self, x: Spec) -> Sequence[Spec]:
        if len(self.sizes) != self.count:
            raise ValueError(f"{self.count} parts have {self.count} lengths, not {list(self.sizes)}")
        if self.sizes.count(-1) > 1 or min(self.sizes, default=0) < -1:
            raise ValueError(f"Sizes may hold one -1 and no other negative number, not {list(self.sizes)}")
        if x.dims is None:
            return [Spec(x.dtype, None)] * len(self.sizes)
        axis = wrapped_axis(self.axis, len(x.dims))
        length, known = x.dims[axis], sum(s for s in self.sizes if s >= 0)
        if length is not None and (known > length or (known < length and -1 not in self.sizes)):
            raise ValueError(f"Axis {axis} of shape {show(x.dims)} cannot be split into lengths of {list(self.sizes)}")
        rest = None if length is None else length - known
        return _parts(x, axis, [rest if s == -1 else s for s in self.sizes])

    def untold(self, x: Spec) -> Sequence[Spec]:
        return [Spec(x.dtype, None if x.dims is None else (None,) * len(x.dims))] * self.count

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if self.axis % len(inputs[0].shape) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _cut(run, inputs[0], outputs, self.axis)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [_assembled(op, dy, self.axis)]


def _parts(x: Spec, axis: int, lengths: Sequence[int | None]) -> list[Spec]:
    specs, place = [], 0
    for length in lengths:
        value = None
        if x.value is not None and length is not None:
            value = np.ma.asarray(x.value)[(builtins.slice(None),) * axis + (builtins.slice(place, place + length),)]
            place += length
        specs.append(Spec(x.dtype, (*x.dims[:axis], length, *x.dims[axis + 1 :]), value))  # type: ignore[index]
    return specs


def _is_list(value: Any) -> bool:
    """Whether a value is a tensor or a list rather than a single whole number."""
    if isinstance(value, (int, np.integer, Dimension)):
        return False
    if isinstance(value, np.ndarray):
        return value.ndim > 0 or value.dtype.kind not in "iu"
    dtype = getattr(value, "dtype", None)
    return dtype is None or not dtype.base_dtype.is_integer or value.get_shape().ndims != 0


def _may_be_axis(value: Any) -> bool:
    """Whether a value is a whole number, or a tensor that can be one as far as its type and shape are known."""
    if not is_tensor(value):
        return not _is_list(value)
    return value.dtype.base_dtype.is_integer and value.get_shape().ndims in (None, 0)


def concat(*args: Any, values: Any = None, axis: Any = None, concat_dim: Any = None, name: str = "concat") -> Tensor:
    """Tensors laid end to end along an axis: `concat(axis, values)`, and since 1.0 `concat(values, axis)`.

    Args:
      *args: the axis and the list of tensors in either order, and the name.
      values: the list of tensors, of one type, and of one shape but for the axis.
      axis: the axis; -1 is the last.
      concat_dim: the older spelling of `axis`.
      name: the operation's name.

    Raises:
      ValueError: shapes that differ beside the axis.

    Example:
      >>> tf.Session().run(tf.concat(1, [[[1], [2]], [[3], [4]]]))
      array([[1, 3],
             [2, 4]], dtype=int32)
    """
    axis = chosen(axis, concat_dim, "axis and concat_dim")
    lists = sum(isinstance(arg, (list, tuple)) for arg in args) + isinstance(values, (list, tuple))
    for arg in args:
        if isinstance(arg, str):
            name = arg
        elif values is None and (axis is not None or (isinstance(arg, (list, tuple)) if lists else _is_list(arg))):
            values = arg
        elif axis is None:
            axis = arg
        else:
            raise TypeError("concat takes one axis and one list of tensors")
    if values is None or axis is None:
        raise TypeError("concat takes an axis and a list of tensors")
    axis = int_of(axis, "The axis of concat")
    return apply(Concat(axis), list(values) if isinstance(values, (list, tuple)) else [values], name)


def split(
    *args: Any,
    value: Any = None,
    num_or_size_splits: Any = None,
    axis: Any = None,
    num: int | None = None,
    name: str = "split",
    split_dim: Any = None,
    num_split: Any = None,
) -> list[Tensor]:
    """A tensor in parts along an axis: `split(axis, num, value)`, and since 1.0 `split(value, num_or_sizes, axis=0)`.

    Args:
      *args: the arguments in the order of either version.
      value: the tensor.
      num_or_size_splits: a number of equal parts, or a list of lengths, of which one may be -1.
      axis: the axis, 0 by default.
      num: the number of lengths, where a tensor of unknown shape tells them.
      name: the operation's name.
      split_dim: the older spelling of `axis`.
      num_split: the older spelling of `num_or_size_splits`.

    Raises:
      ValueError: a length that is no multiple of the number, or not the sum of the lengths.

    Example:
      >>> left, right = tf.split(1, 2, [[1, 2, 3, 4]])
      >>> tf.Session().run([left, right])
      [array([[1, 2]], dtype=int32), array([[3, 4]], dtype=int32)]
    """
    parts = chosen(num_or_size_splits, num_split, "num_or_size_splits and num_split")
    axis = chosen(axis, split_dim, "axis and split_dim")
    given = list(args)
    if given and isinstance(given[-1], str):
        name = given.pop()
    old = len(given) >= 1 and value is None and (len(given) == 3 or parts is not None) and not _is_list(given[0])
    if len(given) == 3 and _may_be_axis(given[0]) and not _may_be_axis(given[2]):
        old = True
    old = old or split_dim is not None or (value is not None and len(given) == 2)
    for _ in range(len(given)):
        names = ("axis", "parts", "value") if old else ("value", "parts", "axis")
        values = {"value": value, "parts": parts, "axis": axis}
        free = next((n for n in names if values[n] is None), None)
        item = given.pop(0)
        if free == "value":
            value = item
        elif free == "parts":
            parts = item
        elif free == "axis":
            axis = item
        else:
            raise TypeError("split takes an axis, a number or lengths, and a tensor")
    if value is None or parts is None:
        raise TypeError("split takes a tensor, and the number or the lengths of its parts")
    axis = int_of(0 if axis is None else axis, "The axis of split")
    definition: OpDef
    if _is_list(parts):
        lengths = ints_of(parts, "The lengths of split's parts")
        definition = SplitV(axis, lengths, _number_of(lengths, num))
    else:
        (count,) = static_ints(parts, "The number of parts of split")
        if count < 1:
            raise ValueError(f"A tensor cannot be split into {count} parts")
        definition = Split(axis, count)
    out = apply(definition, [value], name)
    return out if isinstance(out, list) else [out]


def _number_of(lengths: Any, num: int | None) -> int:
    """How many parts there are, of which a run may tell the lengths."""
    if not isinstance(lengths, Told):
        return len(lengths)
    if num is None and lengths.length is None:
        raise ValueError(f"{lengths.tensor} has lengths of an unknown number of parts: split needs `num`")
    return int(lengths.length if num is None else num)  # type: ignore[arg-type]
