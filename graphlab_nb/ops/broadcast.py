"""Repeating a tensor to a larger shape, and the sum that undoes it in gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.reduce_launch import launch_reduction, row_length
from graphlab_nb.shapes import broadcast_dims, show


@frozen
class BroadcastLike(Elementwise):
    """x repeated to the shape of `like`."""

    expression: ClassVar[str] = "x0"
    arity: ClassVar[int] = 2
    shape_inputs: ClassVar[tuple[int, ...]] = (1,)
    takes: ClassVar[tuple[DType, ...]] = (*dtypes.NUMERIC, dtypes.bool_)

    def infer(self, x: Spec, like: Spec) -> Spec:  # type: ignore[override]
        if broadcast_dims(x.dims, like.dims) != like.dims and x.known and like.known:
            raise ValueError(f"Shape {show(x.dims)} cannot be repeated to {show(like.dims)}")
        return Spec(x.dtype, like.dims)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [dy, None]


@frozen
class SumTo(OpDef):
    """dx summed over what broadcasting repeated to make it from the shape of `like`."""

    shape_inputs: ClassVar[tuple[int, ...]] = (1,)
    finishes: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, dx: Spec, like: Spec) -> Spec:
        if dx.known and like.known and broadcast_dims(dx.dims, like.dims) != dx.dims:
            raise ValueError(f"Shape {show(dx.dims)} was not made by broadcasting {show(like.dims)}")
        return Spec(dx.dtype, like.dims)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if inputs[0].known and inputs[0].dims == output.dims else None

    def rowwise(self, dx: Spec, like: Spec) -> Sequence[str]:  # type: ignore[override]
        shape, target = dx.shape, like.shape
        return ("y0 = sum(x0)",) if shape and shape[-1] > 1 and target == (*shape[:-1], 1) else ()

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0, 1) if inputs[0].shape[:1] == outputs[0].shape[:1] and inputs[0].rank == outputs[0].rank else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        launch_reduction(run, "SUM", outputs[0], inputs[0], self._axes(inputs[0].shape, outputs[0].shape))

    def starts(self, *inputs: Spec) -> int:
        dx, like = inputs
        return row_length(dx.shape, self._axes(dx.shape, like.shape))

    @staticmethod
    def _axes(shape: Sequence[int], target: Sequence[int]) -> list[int]:
        padded = (*(1,) * (len(shape) - len(target)), *target)
        return [k for k, n in enumerate(padded) if n != shape[k]]

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(BroadcastLike(), [dy, op.inputs[0]]), None]
