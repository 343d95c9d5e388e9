"""Products of all elements but one, which the gradient of a product is made of; zeros among them do no harm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.axes import Axes, reduced_axes
from graphlab_nb.ops.moves import move, strides_of
from graphlab_nb.ops.reduce_launch import launch_products


@frozen
class ProductOfOthers(OpDef):
    """y[j] = the product of all x[k] along `axes` (None: all) but x[j]."""

    axes: Axes = None
    accuracy: ClassVar[Accuracy] = Accuracy(64)

    def infer(self, x: Spec) -> Spec:
        return Spec(x.dtype, x.dims)

    def untold(self, *inputs: Spec) -> Spec:
        return Spec(inputs[0].dtype, inputs[0].dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _launch(run, self.axes, outputs[0], inputs)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(ProductOfOthersGrad(self.axes), [op.inputs[0], dy])]


@frozen
class ProductOfOthersGrad(OpDef):
    """dx[j] = sum over k != j of dy[k] times the product of all x[l] with l other than j and k.

    That is the factor of e in the product of all x[l] + e dy[l] but the j-th, which is how the kernel computes it.
    """

    axes: Axes = None
    accuracy: ClassVar[Accuracy] = Accuracy(64, "largest")

    def infer(self, x: Spec, dy: Spec) -> Spec:
        return Spec(x.dtype, x.dims)

    def untold(self, *inputs: Spec) -> Spec:
        return Spec(inputs[0].dtype, inputs[0].dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _launch(run, self.axes, outputs[0], inputs)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        raise LookupError("products can be differentiated twice, but not three times")


def _launch(run: Launcher, axes: Axes, out: Array, inputs: Sequence[Array]) -> None:
    """Adds the kernel along `axes`; axes that are not neighbours are brought to the end first, and back."""
    shape = out.shape
    gone = reduced_axes(axes, len(shape))
    if not gone or gone[-1] - gone[0] == len(gone) - 1:
        first, last = (gone[0], gone[-1] + 1) if gone else (len(shape), len(shape))
        sizes = math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])
        launch_products(run, out, inputs[0], inputs[1] if len(inputs) > 1 else None, sizes)
        return
    order = [*(k for k in range(len(shape)) if k not in gone), *gone]
    here = [strides_of(shape)[k] for k in order]
    lengths = [shape[k] for k in order]
    there = strides_of(lengths)
    moved = [run.scratch(lengths, x.dtype) for x in (out, *inputs)]
    for x, copy in zip(inputs, moved[1:], strict=True):
        move(run, x, copy, lengths, here, there)
    length = math.prod(shape[k] for k in gone)
    dy = moved[2] if len(moved) > 2 else None
    launch_products(run, moved[0], moved[1], dy, (out.size // length, length, 1))
    move(run, moved[0], out, lengths, there, here)
