"""Products of vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.math import negative
from graphlab_nb.shapes import TensorShape, show


@frozen
class Cross(OpDef):
    """The cross product of vectors of three numbers along the last dimension."""

    one_type: ClassVar[slice] = slice(None)

    def infer(self, a: Spec, b: Spec) -> Spec:
        if a.dtype is not b.dtype or a.dtype not in dtypes.NUMERIC:
            raise TypeError(f"Cross takes two tensors of one type of number, not {a.dtype.name} and {b.dtype.name}")
        x, y = TensorShape.of(a.dims), TensorShape.of(b.dims)
        if not x.is_compatible_with(y):
            raise ValueError(f"Shapes {show(a.dims)} and {show(b.dims)} must be equal")
        dims = x.merge_with(y).tuple
        if dims is not None and (not dims or dims[-1] not in (3, None)):
            raise ValueError(f"The last dimension must be 3, but the shapes are {show(a.dims)} and {show(b.dims)}")
        return Spec(a.dtype, None if dims is None else (*dims[:-1], 3))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        (out,) = outputs
        rows = out.size // 3
        each = -(-rows // (run.traits.compute_units * 8)) if run.traits.is_cpu else 1
        defines = {"T": out.dtype.c_type, "LANES": 1}
        args = [out, *inputs, np.int64(rows), np.int64(each)]
        run.kernel("cross.cl", "cross_rows", args, (-(-rows // each),), None, defines)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        a, b = op.inputs
        return [cross(b, dy[0]), negative(cross(a, dy[0]))]


def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """The cross product of vectors along the last dimension.

    Args:
      a: [..., 3] numbers.
      b: as many vectors of the same type.
      name: the operation's name.

    Returns:
      [..., 3]: a x b.

    Raises:
      ValueError: shapes that differ, or whose last dimension is not 3.

    Example:
      >>> tf.Session().run(tf.cross([1, 0, 0], [0, 1, 0]))
      array([0, 0, 1], dtype=int32)
    """
    return apply(Cross(), [a, b], name)


__all__ = public_names(globals())
