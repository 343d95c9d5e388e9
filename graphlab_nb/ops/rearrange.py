"""The same elements in another order: transpose, reverse, tile and pad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.moves import move, strides_of
from graphlab_nb.ops.static import static_ints
from graphlab_nb.shapes import show


@dataclass(frozen=True)
class Transpose(OpDef):
    """y[i_perm[0], i_perm[1], ...] = x[i_0, i_1, ...]; without perm, the dimensions in reverse order."""

    perm: tuple[int, ...] | None = None

    def order(self, rank: int) -> tuple[int, ...]:
        """The permutation for a tensor of that rank."""
        return tuple(range(rank))[::-1] if self.perm is None else self.perm

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, None if self.perm is None else (None,) * len(self.perm))
        order = self.order(len(x.dims))
        if sorted(order) != list(range(len(x.dims))):
            raise ValueError(f"{list(order)} is no order of the dimensions of shape {show(x.dims)}")
        return Spec(x.dtype, tuple(x.dims[k] for k in order))

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        dims = inputs[0].dims
        if dims is None:
            return None
        moved = [k for k in self.order(len(dims)) if dims[k] != 1]
        return 0 if moved == sorted(moved) else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        strides = strides_of(inputs[0].shape)
        order = self.order(len(strides))
        move(run, inputs[0], outputs[0], outputs[0].shape, [strides[k] for k in order], strides_of(outputs[0].shape))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        back = None if self.perm is None else tuple(int(k) for k in np.argsort(self.perm))
        return [apply(Transpose(back), [dy[0]])]


def transpose(a: Any, perm: Any = None, name: str = "transpose") -> Tensor:
    """`a` with its dimensions in another order.

    Args:
      a: any tensor.
      perm: for each dimension of the result, the dimension of `a` that it is; by default they are reversed.
      name: the operation's name.

    Raises:
      ValueError: a `perm` that is no order of the dimensions.
    """
    order = None if perm is None else tuple(static_ints(perm, "perm of transpose"))
    a = convert_to_tensor(a)
    if order is not None and a.dims is not None and all(-len(a.dims) <= k < len(a.dims) for k in order):
        order = tuple(k % len(a.dims) for k in order)
    return apply(Transpose(order), [a], name)
