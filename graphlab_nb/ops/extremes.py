"""Where the largest and the smallest elements are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.axes import one_run, reduced_axes
from graphlab_nb.ops.reduce_launch import launch_arg_extreme
from graphlab_nb.ops.static import int_of
from graphlab_nb.shapes import show


@frozen
class ArgExtreme(OpDef):
    """Base of the positions of extremes along one axis: the first of equal ones."""

    axis: int
    dtype: DType = dtypes.int64
    kind: ClassVar[str] = ""
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if not self.kind:
            raise NotImplementedError(f"{self.type_name} is no reduction of its own")
        if x.dtype not in dtypes.NUMERIC:
            raise TypeError(f"{self.type_name} takes numbers, not {x.dtype.name}")
        if x.dims is None:
            return Spec(self.dtype, None)
        if not x.dims:
            raise ValueError(f"{self.type_name} needs at least one dimension; a single number has none")
        (axis,) = reduced_axes((self.axis,), len(x.dims))
        left = (*x.dims[:axis], *x.dims[axis + 1 :])
        if x.dims[axis] == 0 and 0 not in left:
            raise ValueError(f"{self.type_name} over dimension {axis}, which is empty in {show(x.dims)}")
        return Spec(self.dtype, left)

    def untold(self, x: Spec) -> Spec:
        self.infer(Spec(x.dtype, None))
        return Spec(self.dtype, None if not x.dims else (None,) * (len(x.dims) - 1))

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if self.axis % len(inputs[0].shape) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        launch_arg_extreme(run, self.kind, outputs[0], inputs[0], one_run((self.axis,), inputs[0].shape))


@frozen
class ArgMax(ArgExtreme):
    """The position of the largest along one axis."""

    kind: ClassVar[str] = "MAX"


@frozen
class ArgMin(ArgExtreme):
    """The position of the smallest along one axis."""

    kind: ClassVar[str] = "MIN"


def _arg(definition: type[ArgExtreme], x: Any, axis: Any, dimension: Any, output_type: Any, name: str | None) -> Tensor:
    if axis is not None and dimension is not None:
        raise ValueError("Give axis or dimension, which are the same, but not both")
    axis = int_of(axis if axis is not None else dimension if dimension is not None else 0, "The axis to go along")
    return apply(definition(axis, dtypes.as_dtype(output_type)), [x], name)


def argmax(
    input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64
) -> Tensor:
    """The positions of the largest elements along `axis`, the first of equal ones.

    Args:
      input: numbers of at least one dimension.
      axis: the dimension to go along, 0 where none is given.
      name: the operation's name.
      dimension: the older name of `axis`.
      output_type: int64 or int32.

    Raises:
      ValueError: a dimension that does not exist, or has no element.

    Example:
      >>> tf.Session().run(tf.argmax([[1, 9, 3], [7, 2, 5]], 1))
      array([1, 0])
    """
    return _arg(ArgMax, input, axis, dimension, output_type, name)


def argmin(
    input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64
) -> Tensor:
    """The positions of the smallest elements along `axis`, the first of equal ones.

    Arguments and errors are those of `argmax`.

    Args:
      input: numbers of at least one dimension.
      axis: the dimension to go along, 0 where none is given.
      name: the operation's name.
      dimension: the older name of `axis`.
      output_type: int64 or int32.

    Example:
      >>> tf.Session().run(tf.argmin([[1, 9, 3], [7, 2, 5]], 1))
      array([0, 1])
    """
    return _arg(ArgMin, input, axis, dimension, output_type, name)


arg_max = argmax
arg_min = argmin


__all__ = public_names(globals())
