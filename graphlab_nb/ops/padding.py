"""Tensors with a border around them: pad with zeros or with the mirrored tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.moves import move, strides_of
from graphlab_nb.ops.static import entries
from graphlab_nb.shapes import Dims, show


def _padded(x: Dims, paddings: Spec) -> tuple[Dims, list[tuple[int | None, int | None]] | None]:
    """The shape after padding, and the number of elements before and after in each dimension."""
    if not paddings.dtype.is_integer:
        raise TypeError(f"paddings must be integers, not {paddings.dtype.name}")
    if paddings.dims is not None and (len(paddings.dims) != 2 or paddings.dims[1] not in (None, 2)):
        raise ValueError(f"paddings must have two numbers for each dimension, not the shape {show(paddings.dims)}")
    rank = None if paddings.dims is None else paddings.dims[0]
    if x is not None and rank is not None and len(x) != rank:
        raise ValueError(f"A tensor of shape {show(x)} needs {len(x)} pairs of paddings, not {rank}")
    if rank is None:
        return (None if x is None else (None,) * len(x)), None
    if paddings.value is None:
        return (None,) * rank, None
    flat = entries(paddings.value)
    pairs = list(zip(flat[::2], flat[1::2], strict=True))
    if any(p is not None and p < 0 for pair in pairs for p in pair):
        raise ValueError(f"A tensor cannot be padded by negative numbers: {pairs}")
    dims = x if x is not None else (None,) * rank
    out = tuple(None if None in (d, *pair) else sum((d, *pair)) for d, pair in zip(dims, pairs, strict=True))  # type: ignore[arg-type]
    return out, pairs  # type: ignore[return-value]


def _kept(run: Launcher, dims: Sequence[int]) -> tuple[list[int], int]:
    """Strides and offset of what was padded, in the padded array."""
    strides = strides_of(dims)
    return strides, sum(int(p[0]) * s for p, s in zip(run.value(1), strides, strict=True))


@frozen
class Pad(OpDef):
    """x with `paddings[k, 0]` zeros before and `paddings[k, 1]` after it in each dimension k."""

    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    input_names: ClassVar[tuple[str, ...]] = ("input", "paddings")

    def infer(self, x: Spec, paddings: Spec) -> Spec:
        return Spec(x.dtype, _padded(x.dims, paddings)[0])

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if output.known and output.dims == inputs[0].dims else None

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return () if inputs[1].full_value()[0].any() else (0,)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.zero(outputs[0])
        dims = inputs[0].shape
        strides, offset = _kept(run, outputs[0].shape)
        move(run, inputs[0], outputs[0], dims, strides_of(dims), strides, target_offset=offset)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(PadGrad(), [dy[0], op.inputs[1], op.inputs[0]]), None]


@frozen
class PadGrad(OpDef):
    """The part of dy that is not padding, in the shape of the third input."""

    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    shape_inputs: ClassVar[tuple[int, ...]] = (2,)

    def infer(self, dy: Spec, paddings: Spec, x: Spec) -> Spec:
        return Spec(dy.dtype, x.dims)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if output.known and output.dims == inputs[0].dims else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dims = outputs[0].shape
        strides, offset = _kept(run, inputs[0].shape)
        move(run, inputs[0], outputs[0], dims, strides, strides_of(dims), source_offset=offset)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(Pad(), [dy[0], op.inputs[1]]), None, None]


@frozen
class MirrorPad(OpDef):
    """x with its mirror image around it: REFLECT leaves out the outermost elements, SYMMETRIC repeats them."""

    mode: str
    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    input_names: ClassVar[tuple[str, ...]] = ("input", "paddings")

    @property
    def left_out(self) -> int:
        """How many elements next to the border are not mirrored."""
        return int(self.mode == "REFLECT")

    def infer(self, x: Spec, paddings: Spec) -> Spec:
        out, pairs = _padded(x.dims, paddings)
        for d, pair in zip(x.dims or (), pairs or (), strict=False):
            if d is not None and any(p is not None and p > max(d - self.left_out, 0) for p in pair):
                raise ValueError(f"Shape {show(x.dims)} is too small for {self.mode} paddings of {pairs}")
        return Spec(x.dtype, out)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if output.known and output.dims == inputs[0].dims else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        pads = [(k, int(a), int(b)) for k, (a, b) in enumerate(run.value(1)) if a or b]
        source = inputs[0]
        for position, (axis, before, after) in enumerate(pads):
            dims = list(source.shape)
            dims[axis] += before + after
            last = position == len(pads) - 1
            target = outputs[0] if last else run.scratch(dims, source.dtype)
            for lengths, here, there, start, place in _mirror(source.shape, dims, axis, before, after, self.left_out):
                move(run, source, target, lengths, here, there, start, place)
            source = target

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(MirrorPadGrad(self.mode), [dy[0], op.inputs[1], op.inputs[0]]), None]


@frozen
class MirrorPadGrad(OpDef):
    """dx[i] = the sum of dy over all places that show x[i]; the third input is x."""

    mode: str
    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    shape_inputs: ClassVar[tuple[int, ...]] = (2,)
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, dy: Spec, paddings: Spec, x: Spec) -> Spec:
        return Spec(dy.dtype, x.dims)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if output.known and output.dims == inputs[0].dims else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        pads = [(k, int(a), int(b)) for k, (a, b) in enumerate(run.value(1)) if a or b]
        left_out = int(self.mode == "REFLECT")
        source = inputs[0]
        for position, (axis, before, after) in enumerate(reversed(pads)):
            dims = list(source.shape)
            dims[axis] -= before + after
            last = position == len(pads) - 1
            target = outputs[0] if last else run.scratch(dims, source.dtype)
            pieces = _mirror(dims, source.shape, axis, before, after, left_out)
            for number, (lengths, here, there, start, place) in enumerate(pieces):
                move(run, source, target, lengths, there, here, place, start, add=number > 0)
            source = target

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(MirrorPad(self.mode), [dy[0], op.inputs[1]]), None, None]


def _mirror(
    small: Sequence[int], large: Sequence[int], axis: int, before: int, after: int, left_out: int
) -> list[tuple[list[int], list[int], list[int], int, int]]:
    """The moves that pad one axis: lengths, strides in the small and large array, offsets in both; the middle first."""
    here, there = strides_of(small), strides_of(large)
    back = [-s if k == axis else s for k, s in enumerate(there)]
    n, s, t = small[axis], here[axis], there[axis]

    def lengths(count: int) -> list[int]:
        return [count if k == axis else d for k, d in enumerate(small)]

    return [
        (lengths(n), here, there, 0, before * t),
        (lengths(before), here, back, left_out * s, (before - 1) * t),
        (lengths(after), here, back, (n - left_out - after) * s, (before + n + after - 1) * t),
    ]


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None) -> Tensor:
    """`tensor` with a border.

    Args:
      tensor: any tensor.
      paddings: [rank, 2] integers: the number of elements put before and after in each dimension.
      mode: "CONSTANT" for zeros; "REFLECT" for the mirror image without, "SYMMETRIC" with the outermost elements.
      name: the operation's name.

    Raises:
      ValueError: paddings that do not fit the tensor, or an unknown mode.

    Example:
      >>> tf.Session().run(tf.pad([1, 2, 3], [[1, 2]]))
      array([0, 1, 2, 3, 0, 0], dtype=int32)
      >>> tf.Session().run(tf.pad([1, 2, 3], [[1, 2]], "REFLECT"))
      array([2, 1, 2, 3, 2, 1], dtype=int32)
    """
    kind = mode.upper()
    if kind not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise ValueError(f"The mode of pad is CONSTANT, REFLECT or SYMMETRIC, not {mode!r}")
    definition = Pad() if kind == "CONSTANT" else MirrorPad(kind)
    if isinstance(paddings, (list, tuple)) and not paddings:
        paddings = np.zeros((0, 2), np.int32)
    return apply(definition, [tensor, paddings], name or definition.type_name)


__all__ = public_names(globals())
