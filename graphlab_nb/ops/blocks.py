"""Blocks of pictures moved between dimensions: space_to_depth, space_to_batch and their inverses, reverse_sequence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import errors
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.moves import move, pieces, strides_of
from graphlab_nb.ops.static import chosen, entries, ints_of, wrapped_axis
from graphlab_nb.shapes import TensorShape, show


def _times(length: int | None, factor: int) -> int | None:
    return None if length is None else length * factor


def _divided(length: int | None, factor: int, dims: Any) -> int | None:
    if length is None:
        return None
    if length % factor:
        raise ValueError(f"A length of shape {show(dims)} is not a multiple of {factor}")
    return length // factor


def _picture(dims: Any) -> Any:
    if len(dims) != 4:
        raise ValueError(f"Pictures have the shape [batch, height, width, channels], not {show(dims)}")
    return dims


@frozen
class SpaceToDepth(OpDef):
    """y[b, i, j, (u s + v) c + k] = x[b, i s + u, j s + v, k], s being the block size and c the channels of x."""

    block_size: int
    row_inputs: ClassVar[tuple[int, ...]] = (0,)
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, (None,) * 4)
        b, h, w, c = _picture(x.dims)
        s = self.block_size
        return Spec(x.dtype, (b, _divided(h, s, x.dims), _divided(w, s, x.dims), _times(c, s * s)))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dims, spread, packed = _blocks(inputs[0].shape, self.block_size)
        move(run, inputs[0], outputs[0], dims, spread, packed)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [depth_to_space(dy[0], self.block_size)]


@frozen
class DepthToSpace(OpDef):
    """y[b, i s + u, j s + v, k] = x[b, i, j, (u s + v) c + k], s being the block size and c the channels of y."""

    block_size: int
    row_inputs: ClassVar[tuple[int, ...]] = (0,)
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, (None,) * 4)
        b, h, w, c = _picture(x.dims)
        s = self.block_size
        return Spec(x.dtype, (b, _times(h, s), _times(w, s), _divided(c, s * s, x.dims)))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dims, spread, packed = _blocks(outputs[0].shape, self.block_size)
        move(run, inputs[0], outputs[0], dims, packed, spread)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [space_to_depth(dy[0], self.block_size)]


def _blocks(dims: Sequence[int], s: int) -> tuple[list[int], list[int], list[int]]:
    """Lengths over (b, i, u, j, v, k), and strides in the picture of shape `dims` and in its packed form."""
    b, h, w, c = dims
    lengths = [b, h // s, s, w // s, s, c]
    packed = strides_of([b, h // s, w // s, s, s, c])
    return lengths, strides_of(lengths), [packed[k] for k in (0, 1, 3, 2, 4, 5)]


def space_to_depth(input: Any, block_size: int, name: str | None = None) -> Tensor:
    """Pictures with each block of `block_size` x `block_size` pixels laid into the channels of one.

    Args:
      input: [batch, height, width, channels].
      block_size: the blocks' side, at least 2; height and width are multiples of it.
      name: the operation's name.

    Returns:
      [batch, height / block_size, width / block_size, channels * block_size * block_size].

    Example:
      >>> tf.Session().run(tf.space_to_depth([[[[1], [2]], [[3], [4]]]], 2)).tolist()
      [[[[1, 2, 3, 4]]]]
    """
    return apply(SpaceToDepth(_side(block_size)), [input], name or "SpaceToDepth")


def depth_to_space(input: Any, block_size: int, name: str | None = None) -> Tensor:
    """Pictures with the channels of each pixel laid out as a block: the inverse of `space_to_depth`.

    Args:
      input: pictures [batch, height, width, channels].
      block_size: the length of a block's sides.
      name: the operation's name.

    Returns:
      [batch, height * block_size, width * block_size, channels / (block_size * block_size)].

    Example:
      >>> tf.Session().run(tf.depth_to_space([[[[1, 2, 3, 4]]]], 2)).tolist()
      [[[[1], [2]], [[3], [4]]]]
    """
    return apply(DepthToSpace(_side(block_size)), [input], name or "DepthToSpace")


def _side(block_size: int) -> int:
    if block_size < 2:
        raise ValueError(f"A block's side must be at least 2, not {block_size}")
    return int(block_size)


# Blocks to the batch

_BLOCK = "The shape of blocks"


class _Batched(OpDef):
    """Base of moves between spatial dimensions 1 .. n and the batch; the second input pads or crops them."""

    block: tuple[int, ...]
    value_inputs: ClassVar[tuple[int, ...]] = (1,)

    def untold(self, x: Spec, border: Spec) -> Spec:
        return Spec(x.dtype, None if x.dims is None else (None,) * len(x.dims))

    def borders(self, border: Spec) -> list[tuple[int | None, int | None]]:
        """The numbers of elements before and after each spatial dimension."""
        if any(s < 1 for s in self.block):
            raise ValueError(f"A block's lengths must be at least 1, not {list(self.block)}")
        count = len(self.block)
        if border.dims is not None and not (len(border.dims) == 2 and border.dims[0] in (None, count)):
            raise ValueError(f"{count} spatial dimensions need {count} pairs of numbers, not shape {show(border.dims)}")
        if border.value is None:
            return [(None, None)] * count
        flat = entries(border.value)
        rows = list(zip(flat[::2], flat[1::2], strict=True))
        if any(v is not None and v < 0 for row in rows for v in row):
            raise ValueError(f"Paddings and crops cannot be negative: {rows}")
        return rows

    def dims_of(self, x: Spec) -> Any:
        """The dims of x, checked to have the spatial dimensions."""
        if x.dims is not None and len(x.dims) < len(self.block) + 1:
            raise ValueError(f"Shape {show(x.dims)} has no {len(self.block)} spatial dimensions")
        return x.dims

    def moves(
        self, spatial: Sequence[int], batched: Sequence[int], befores: Sequence[int]
    ) -> list[tuple[list[int], list[int], list[int], int, int]]:
        """One move for each place in a block: lengths, strides in both tensors, and offsets in both."""
        here, there = strides_of(spatial), strides_of(batched)
        found = []
        for number, place in enumerate(np.ndindex(*self.block)):
            lengths, start, offset = [spatial[0]], 0, number * spatial[0] * there[0]
            steps = [here[0]]
            for k, (u, s, before) in enumerate(zip(place, self.block, befores, strict=True), 1):
                first = max(0, -((u - before) // s))  # the first cell whose pixel is not in the border
                last = min(batched[k], -((u - before - spatial[k]) // s))
                lengths.append(max(0, last - first))
                steps.append(here[k] * s)
                start += (first * s + u - before) * here[k]
                offset += first * there[k]
            rest = len(self.block) + 1
            lengths += spatial[rest:]
            found.append((lengths, steps + here[rest:], there, start, offset))
        return found


@frozen
class SpaceToBatchND(_Batched):
    """y[(place in block) batch + b, i, ...] = padded x[b, i * block + place, ...]."""

    block: tuple[int, ...]
    input_names: ClassVar[tuple[str, ...]] = ("input", "paddings")

    def infer(self, x: Spec, paddings: Spec) -> Spec:
        dims, pads = self.dims_of(x), self.borders(paddings)
        if dims is None:
            return Spec(x.dtype, None)
        out = [_times(dims[0], math.prod(self.block))]
        for d, s, pair in zip(dims[1:], self.block, pads, strict=False):
            out.append(None if None in (d, *pair) else _divided(d + pair[0] + pair[1], s, dims))
        return Spec(x.dtype, (*out, *dims[len(out) :]))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        pads = run.value(1)
        if pads.any():
            run.zero(outputs[0])
        befores = [int(p) for p in pads[:, 0]]
        for lengths, here, there, start, offset in self.moves(inputs[0].shape, outputs[0].shape, befores):
            move(run, inputs[0], outputs[0], lengths, here, there, start, offset)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(BatchToSpaceND(self.block), [dy[0], op.inputs[1]]), None]


@frozen
class BatchToSpaceND(_Batched):
    """y[b, i * block + place - crop, ...] = x[(place in block) batch + b, i, ...]: the inverse of SpaceToBatchND."""

    block: tuple[int, ...]
    input_names: ClassVar[tuple[str, ...]] = ("input", "crops")

    def infer(self, x: Spec, crops: Spec) -> Spec:
        dims, cuts = self.dims_of(x), self.borders(crops)
        if dims is None:
            return Spec(x.dtype, None)
        out = [_divided(dims[0], math.prod(self.block), dims)]
        for d, s, pair in zip(dims[1:], self.block, cuts, strict=False):
            length = None if None in (d, *pair) else d * s - pair[0] - pair[1]
            if length is not None and length < 0:
                raise ValueError(f"Crops {cuts} take more than there is in shape {show(dims)} with blocks {self.block}")
            out.append(length)
        return Spec(x.dtype, (*out, *dims[len(out) :]))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        befores = [int(c) for c in run.value(1)[:, 0]]
        for lengths, here, there, start, offset in self.moves(outputs[0].shape, inputs[0].shape, befores):
            move(run, inputs[0], outputs[0], lengths, there, here, offset, start)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(SpaceToBatchND(self.block), [dy[0], op.inputs[1]]), None]


def space_to_batch_nd(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """`input` [batch, spatial..., rest...], padded with zeros, with the places of each block laid into the batch.

    Args:
      input: any tensor.
      block_shape: a block's lengths in the spatial dimensions.
      paddings: [number of spatial dimensions, 2] zeros put before and after.
      name: the operation's name.

    Returns:
      [batch * product of block_shape, padded lengths / block_shape..., rest...].

    Raises:
      ValueError: padded lengths that are no multiples of the block's.

    Example:
      >>> tf.Session().run(tf.space_to_batch_nd([[1, 2, 3, 4]], [2], [[0, 0]]))
      array([[1, 3],
             [2, 4]], dtype=int32)
    """
    return apply(SpaceToBatchND(ints_of(block_shape, _BLOCK)), [input, paddings], name or "SpaceToBatchND")


def batch_to_space_nd(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """The inverse of `space_to_batch_nd`: parts of the batch laid out as blocks, and `crops` cut off.

    Args:
      input: a tensor of at least as many dimensions as `block_shape` has lengths, and one.
      block_shape: lengths of a block.
      crops: `[n, 2]`, how much is cut off at both ends of each dimension.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.batch_to_space_nd([[1, 3], [2, 4]], [2], [[0, 0]]))
      array([[1, 2, 3, 4]], dtype=int32)
    """
    return apply(BatchToSpaceND(ints_of(block_shape, _BLOCK)), [input, crops], name or "BatchToSpaceND")


def space_to_batch(input: Any, paddings: Any, block_size: int, name: str | None = None) -> Tensor:
    """`space_to_batch_nd` of pictures [batch, height, width, channels] with square blocks.

    Args:
      input: pictures [batch, height, width, channels].
      paddings: `[[top, bottom], [left, right]]`, how many zeros are put around.
      block_size: the length of a block's sides.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.space_to_batch([[[[1], [2]], [[3], [4]]]], [[0, 0], [0, 0]], 2)).tolist()
      [[[[1]]], [[[2]]], [[[3]]], [[[4]]]]
    """
    return space_to_batch_nd(input, [block_size] * 2, paddings, name or "SpaceToBatch")


def batch_to_space(input: Any, crops: Any, block_size: int, name: str | None = None) -> Tensor:
    """`batch_to_space_nd` of pictures [batch, height, width, channels] with square blocks.

    Args:
      input: pictures [batch, height, width, channels].
      crops: `[[top, bottom], [left, right]]`, how much is cut off.
      block_size: the length of a block's sides.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.batch_to_space([[[[1]]], [[[2]]], [[[3]]], [[[4]]]], [[0, 0], [0, 0]], 2)).tolist()
      [[[[1], [2]], [[3], [4]]]]
    """
    return batch_to_space_nd(input, [block_size] * 2, crops, name or "BatchToSpace")


# Sequences


@frozen
class ReverseSequence(OpDef):
    """y[b, i] = x[b, lengths[b] - 1 - i] for i < lengths[b], else x[b, i]; i runs along seq_dim, b along batch_dim."""

    seq_dim: int
    batch_dim: int = 0
    checks: ClassVar[bool] = True
    input_names: ClassVar[tuple[str, ...]] = ("input", "seq_lengths")

    def infer(self, x: Spec, lengths: Spec) -> Spec:
        if not lengths.dtype.is_integer:
            raise TypeError(f"Lengths must be integers, not {lengths.dtype.name}")
        if lengths.rank not in (None, 1):
            raise ValueError(f"Lengths must be a list of numbers, not of shape {show(lengths.dims)}")
        if x.dims is not None:
            sequence, batch = (wrapped_axis(a, len(x.dims)) for a in (self.seq_dim, self.batch_dim))
            if sequence == batch:
                raise ValueError("reverse_sequence needs seq_dim and batch_dim to differ")
            if lengths.dims is not None and not TensorShape.of(lengths.dims).is_compatible_with([x.dims[batch]]):
                raise ValueError(f"{lengths.dims[0]} lengths do not fit shape {show(x.dims)} with batch_dim {batch}")
        return Spec(x.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out = outputs[0]
        strides = strides_of(out.shape)
        sequence, batch = self.seq_dim % len(strides), self.batch_dim % len(strides)
        report, operation = run.report(0)
        items, each = pieces(run.traits, out.size)
        numbers = (out.shape[sequence], strides[sequence], out.shape[batch], strides[batch], out.size)
        args = [out, inputs[0], inputs[1], report, operation, *(np.int64(n) for n in numbers), each]
        defines = {"T": out.dtype.c_type, "WIDE": "long", "INDICES": inputs[1].dtype.c_type}
        run.kernel("generate.cl", "reverse_sequence", args, items, defines=defines, writes=(0, 3))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return errors.InvalidArgumentError, f"Length {second} of sequence {first} is outside of its dimension"

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(self, [dy[0], op.inputs[1]]), None]


def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_dim: Any = None,
    batch_dim: Any = None,
    name: str | None = None,
    seq_axis: Any = None,
    batch_axis: Any = None,
) -> Tensor:
    """Sequences of different lengths in reverse order, what is behind their ends staying where it is.

    Args:
      input: any tensor.
      seq_lengths: [batch] the sequences' lengths.
      seq_dim: the dimension along which sequences run; `seq_axis` is the later spelling.
      batch_dim: the dimension that numbers them, 0 by default; `batch_axis` is the later spelling.
      name: the operation's name.

    Raises:
      InvalidArgumentError: when run, for a length that is negative or more than there is.

    Example:
      >>> tf.Session().run(tf.reverse_sequence([[1, 2, 3, 4], [5, 6, 7, 8]], [2, 4], seq_dim=1))
      array([[2, 1, 3, 4],
             [8, 7, 6, 5]], dtype=int32)
    """
    sequence = chosen(seq_dim, seq_axis, "seq_dim and seq_axis")
    batch = chosen(batch_dim, batch_axis, "batch_dim and batch_axis")
    if sequence is None:
        raise ValueError("reverse_sequence needs seq_dim")
    definition = ReverseSequence(int(sequence), 0 if batch is None else int(batch))
    return apply(definition, [input, seq_lengths], name)


__all__ = public_names(globals())
