"""Products of all elements but one, which the gradient of a product is made of; zeros among them do no harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphlab_nb.graph.build import apply
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.axes import Axes, one_run
from graphlab_nb.ops.reduce_launch import launch_products


@dataclass(frozen=True)
class ProductOfOthers(OpDef):
    """y[j] = the product of all x[k] along `axes` (one of them, or None: all) but x[j]."""

    axes: Axes = None

    def infer(self, x: Spec) -> Spec:
        return Spec(x.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        launch_products(run, outputs[0], inputs[0], None, one_run(self.axes, inputs[0].shape))

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(ProductOfOthersGrad(self.axes), [op.inputs[0], dy])]


@dataclass(frozen=True)
class ProductOfOthersGrad(OpDef):
    """dx[j] = sum over k != j of dy[k] times the product of all x[l] with l other than j and k.

    That is the factor of e in the product of all x[l] + e dy[l] but the j-th, which is how the kernel computes it.
    """

    axes: Axes = None

    def infer(self, x: Spec, dy: Spec) -> Spec:
        return Spec(x.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        launch_products(run, outputs[0], inputs[0], inputs[1], one_run(self.axes, inputs[0].shape))

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        raise LookupError("products can be differentiated twice, but not three times")
