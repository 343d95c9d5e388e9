"""Parts of tensors: slice, strided_slice, and NumPy's indexing of tensors."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from graphlab_nb.dtypes import int64
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.moves import move, strides_of
from graphlab_nb.ops.shaping import shape
from graphlab_nb.ops.static import check_shape, entries, integers
from graphlab_nb.shapes import Dims, show


class Cut(NamedTuple):
    """What is taken of one dimension; None where it is not known yet.

    Attributes:
      axis: the input's dimension, or None for a new one of length 1.
      begin: first index.
      step: distance of indices.
      length: number of indices.
      kept: whether the dimension stays in the output.
    """

    axis: int | None
    begin: int | None
    step: int | None
    length: int | None
    kept: bool = True


def _entries(spec: Spec) -> list[int | None] | None:
    """A list of numbers with None where they are not known; None where not even its length is."""
    if spec.value is not None:
        return entries(spec.value)
    if spec.dims is None or spec.dims[0] is None:
        return None
    return [None] * spec.dims[0]


def _dims_of(cuts: Sequence[Cut] | None) -> Dims:
    return None if cuts is None else tuple(c.length for c in cuts if c.kept)


def _cover(cuts: Sequence[Cut] | None, dims: Dims) -> bool:
    """Whether the cuts leave all elements in their order."""
    if cuts is None or dims is None:
        return False
    return all(c.axis is None or (c.length == dims[c.axis] and (c.step == 1 or c.length == 1)) for c in cuts)


def _placed(cuts: Sequence[Cut], dims: Sequence[int]) -> tuple[list[int], list[int], int]:
    """Lengths, strides and offset of what the cuts take of a contiguous array."""
    strides = strides_of(dims)
    taken = [c for c in cuts if c.axis is not None]
    lengths = [c.length for c in taken]
    steps = [c.step * strides[c.axis] for c in taken]  # type: ignore[operator,index]
    offset = sum(c.begin * strides[c.axis] for c in taken) if 0 not in lengths else 0  # type: ignore[operator,index,misc]
    return lengths, steps, offset  # type: ignore[return-value]


def _folded(x: Spec, cuts: Sequence[Cut] | None) -> Any:
    """What the cuts take of a value known so far."""
    if x.value is None or cuts is None or any(None in (c.begin, c.step, c.length) for c in cuts):
        return None
    keys = []
    for cut in cuts:
        if cut.axis is not None:
            stop = cut.begin + cut.step * cut.length  # type: ignore[operator]
            keys.append(builtins.slice(cut.begin, stop if stop >= 0 else None, cut.step))
    return np.ma.asarray(x.value)[tuple(keys)].reshape(_dims_of(cuts))


def _launch_part(run: Launcher, source: Array, target: Array, cuts: Sequence[Cut]) -> None:
    lengths, steps, offset = _placed(cuts, source.shape)
    move(run, source, target, lengths, steps, strides_of(lengths), source_offset=offset)


def _launch_back(run: Launcher, dy: Array, dx: Array, cuts: Sequence[Cut]) -> None:
    lengths, steps, offset = _placed(cuts, dx.shape)
    if math.prod(lengths) < dx.size:
        run.zero(dx)
    move(run, dy, dx, lengths, strides_of(lengths), steps, target_offset=offset)


# slice


def _slice_cuts(x: Dims, begin: Spec, size: Spec) -> list[Cut] | None:
    check_shape(begin, "The beginning of a slice")
    check_shape(size, "The size of a slice")
    begins, sizes = _entries(begin), _entries(size)
    if begins is None and sizes is None and x is None:
        return None
    rank = len(x if x is not None else begins if begins is not None else sizes)  # type: ignore[arg-type]
    begins, sizes = begins or [None] * rank, sizes or [None] * rank
    if len(begins) != rank or len(sizes) != rank:
        raise ValueError(f"A slice of shape {show(x)} needs {rank} numbers, not begin {begins} and size {sizes}")
    cuts = []
    for axis, (b, n) in enumerate(zip(begins, sizes, strict=True)):
        whole = None if x is None else x[axis]
        if n == -1:
            n = None if whole is None or b is None else whole - b
        if (b is not None and b < 0) or (n is not None and n < 0):
            raise ValueError(f"A slice of shape {show(x)} cannot begin at {begins} with size {sizes}")
        if whole is not None and (b or 0) + (n or 0) > whole:
            raise ValueError(f"A slice that begins at {begins} with size {sizes} reaches outside of shape {show(x)}")
        cuts.append(Cut(axis, b, 1, n))
    return cuts


@frozen
class Slice(OpDef):
    """y[i] = x[begin + i] for i < size; a size of -1 takes what is left."""

    value_inputs: ClassVar[tuple[int, ...]] = (1, 2)
    input_names: ClassVar[tuple[str, ...]] = ("input", "begin", "size")

    def infer(self, x: Spec, begin: Spec, size: Spec) -> Spec:
        return Spec(x.dtype, _dims_of(_slice_cuts(x.dims, begin, size)))

    def fold(self, x: Spec, begin: Spec, size: Spec) -> Any:
        return _folded(x, _slice_cuts(x.dims, begin, size))

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if output.known and output.dims == inputs[0].dims else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        cuts = [Cut(k, int(b), 1, n) for k, (b, n) in enumerate(zip(run.value(1), outputs[0].shape, strict=True))]
        _launch_part(run, inputs[0], outputs[0], cuts)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(SliceGrad(), [op.inputs[0], op.inputs[1], dy[0]]), None, None]


@frozen
class SliceGrad(OpDef):
    """dx[begin + i] = dy[i], and zero elsewhere, in the shape of x."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    value_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, x: Spec, begin: Spec, dy: Spec) -> Spec:
        return Spec(dy.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        cuts = [Cut(k, int(b), 1, n) for k, (b, n) in enumerate(zip(run.value(1), inputs[2].shape, strict=True))]
        _launch_back(run, inputs[2], outputs[0], cuts)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [None, None, apply(Slice(), [dy[0], op.inputs[1], shape(op.inputs[2])])]


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """The part of `input_` that begins at `begin` and has the shape `size`; -1 in `size` takes what is left.

    Raises:
      ValueError: a part that reaches outside of the tensor.

    Example:
      >>> tf.Session().run(tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, 2]))
      array([[2, 3],
             [5, 6]], dtype=int32)
    """
    return apply(Slice(), [input_, integers(begin), integers(size)], name)


# strided_slice


@frozen
class Masks:
    """Which positions of begin, end and strides stand for something else; bit k speaks of position k.

    Attributes:
      begin_mask: begin is as far out as possible.
      end_mask: end is.
      ellipsis_mask: the position stands for all dimensions not spoken of.
      new_axis_mask: a new dimension of length 1 comes here.
      shrink_axis_mask: one index is taken, and the dimension goes.
    """

    begin_mask: int = 0
    end_mask: int = 0
    ellipsis_mask: int = 0
    new_axis_mask: int = 0
    shrink_axis_mask: int = 0

    def cuts(self, x: Dims, begin: Spec, end: Spec, strides: Spec) -> list[Cut] | None:
        """What is taken of each dimension, as far as it is known.

        Raises:
          ValueError: more positions than dimensions, an index out of range, a stride of zero.
        """
        for spec in (begin, end, strides):
            check_shape(spec, "begin, end and strides of a slice")
        known = [_entries(s) for s in (begin, end, strides)]
        count = next((len(k) for k in known if k is not None), None)
        if x is None or count is None:
            return None
        begins, ends, steps = (k if k is not None else [None] * count for k in known)
        if not len(begins) == len(ends) == len(steps):
            raise ValueError(f"begin, end and strides differ in length: {begins}, {ends}, {steps}")
        bits = [(self.ellipsis_mask >> k & 1, self.new_axis_mask >> k & 1) for k in range(count)]
        taken = sum(not (e or n) for e, n in bits)
        if sum(e for e, _ in bits) > 1:
            raise ValueError("A slice can hold only one ellipsis")
        if taken > len(x):
            raise ValueError(f"Too many indices, {taken}, for a tensor of shape {show(x)}")
        cuts: list[Cut] = []
        axis = 0

        def whole(number: int) -> None:
            nonlocal axis
            for _ in range(number):
                cuts.append(Cut(axis, 0, 1, x[axis]))
                axis += 1

        for k, (ellipsis, new) in enumerate(bits):
            if ellipsis:
                whole(len(x) - taken)
            elif new:
                cuts.append(Cut(None, 0, 1, 1))
            else:
                cuts.append(self._cut(k, axis, x, begins[k], ends[k], steps[k]))
                axis += 1
        whole(len(x) - axis)
        return cuts

    def _cut(self, k: int, axis: int, x: Any, begin: int | None, end: int | None, step: int | None) -> Cut:
        n = x[axis]
        if self.shrink_axis_mask >> k & 1:
            if begin is not None and n is not None:
                if not -n <= begin < n:
                    raise ValueError(f"Index {begin} is outside of dimension {axis} of shape {show(x)}")
                begin %= n
            return Cut(axis, begin if begin is None or begin >= 0 else None, 1, 1, False)
        if step == 0:
            raise ValueError("A slice cannot have a stride of zero")
        open_begin, open_end = self.begin_mask >> k & 1, self.end_mask >> k & 1
        unknown = step is None or (begin is None and not open_begin) or (end is None and not open_end)
        if unknown or n is None:
            return Cut(axis, None, step, None)
        found = builtins.slice(None if open_begin else begin, None if open_end else end, step).indices(n)
        return Cut(axis, found[0], found[2], len(range(*found)))


@frozen
class StridedSlice(Masks, OpDef):
    """y[i] = x[begin + i * strides] up to `end`, with NumPy's meaning of negative numbers."""

    value_inputs: ClassVar[tuple[int, ...]] = (1, 2, 3)
    input_names: ClassVar[tuple[str, ...]] = ("input", "begin", "end", "strides")

    def infer(self, x: Spec, begin: Spec, end: Spec, strides: Spec) -> Spec:
        return Spec(x.dtype, _dims_of(self.cuts(x.dims, begin, end, strides)))

    def fold(self, x: Spec, begin: Spec, end: Spec, strides: Spec) -> Any:
        return None if x.value is None else _folded(x, self.cuts(x.dims, begin, end, strides))

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if _cover(self.cuts(inputs[0].dims, *inputs[1:]), inputs[0].dims) else None

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        cuts = self.cuts(inputs[0].dims, *inputs[1:])
        return (0,) if cuts and cuts[0] == Cut(0, 0, 1, inputs[0].shape[0]) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _launch_part(run, inputs[0], outputs[0], _known_cuts(self, run, inputs[0].shape))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(StridedSliceGrad(*_bits(self)), [*op.inputs, dy[0]]), None, None, None]


@frozen
class StridedSliceGrad(Masks, OpDef):
    """dx[begin + i * strides] = dy[i], and zero elsewhere, in the shape of x."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    value_inputs: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def infer(self, x: Spec, begin: Spec, end: Spec, strides: Spec, dy: Spec) -> Spec:
        return Spec(dy.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _launch_back(run, inputs[4], outputs[0], _known_cuts(self, run, inputs[0].shape))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [None, None, None, None, apply(StridedSlice(*_bits(self)), [dy[0], *op.inputs[1:4]])]


def _bits(masks: Masks) -> tuple[int, ...]:
    return (
        masks.begin_mask,
        masks.end_mask,
        masks.ellipsis_mask,
        masks.new_axis_mask,
        masks.shrink_axis_mask,
    )


def _known_cuts(masks: Masks, run: Launcher, dims: Dims) -> list[Cut]:
    values = [np.atleast_1d(run.value(k)) for k in (1, 2, 3)]
    cuts = masks.cuts(dims, *(Spec(int64, v.shape, np.ma.asarray(v)) for v in values))
    assert cuts is not None
    return cuts


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """The part of `input_` from `begin` to `end` in steps of `strides`, as NumPy's `x[begin:end:strides]`.

    Args:
      input_: any tensor.
      begin: first index in each dimension.
      end: the index that is no longer taken.
      strides: distances of indices, 1 by default; negative ones walk backwards.
      begin_mask: bits of the positions whose `begin` is as far out as possible.
      end_mask: the same for `end`.
      ellipsis_mask: bit of the position that stands for all dimensions not spoken of.
      new_axis_mask: bits of the positions at which a dimension of length 1 is put in.
      shrink_axis_mask: bits of the positions that take one index, whose dimension goes.
      var: accepted for TensorFlow's signature.
      name: the operation's name.

    Raises:
      ValueError: an index out of range, or more indices than dimensions.

    Example:
      >>> tf.Session().run(tf.strided_slice([0, 1, 2, 3, 4, 5], [1], [5], [2]))
      array([1, 3], dtype=int32)
    """
    definition = StridedSlice(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    with name_scope(name, "StridedSlice", [input_]) as scope:
        begin = convert_to_tensor(integers(begin), name="begin")
        if strides is None:
            strides = np.ones(begin.dims, begin.dtype.np_dtype)
        return apply(definition, [input_, begin, integers(end), integers(strides)], scope)


__all__ = public_names(globals())
