"""Reductions: sums, products, extremes and the like over some dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.scopes import get_default_graph, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.axes import Axes, axes_of, reduced_axes
from graphlab_nb.ops.broadcast import BroadcastLike, SumTo  # noqa: F401
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.control import stop_gradient
from graphlab_nb.ops.extremes import arg_max, arg_min, argmax, argmin  # noqa: F401
from graphlab_nb.ops.logic import Select, equal
from graphlab_nb.ops.math import exp, log
from graphlab_nb.ops.products import ProductOfOthers
from graphlab_nb.ops.reduce_launch import launch_reduction, row_length
from graphlab_nb.ops.special import is_finite
from graphlab_nb.shapes import Dims


@frozen
class Reduction(OpDef):
    """Base of reductions over `axes` (None: all); with keep_dims these stay, of length 1."""

    axes: Axes = None
    keep_dims: bool = False
    kind: ClassVar[str] = ""
    takes: ClassVar[tuple[DType, ...]] = dtypes.NUMERIC
    mean: ClassVar[bool] = False
    folder: ClassVar[Any] = None
    finishes: ClassVar[bool] = True
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if not self.kind:
            raise NotImplementedError(f"{self.type_name} is no reduction of its own")
        if x.dtype not in self.takes:
            raise TypeError(f"{self.type_name} takes {', '.join(t.name for t in self.takes)}, not {x.dtype.name}")
        return Spec(x.dtype, self.reduced_dims(x.dims))

    def untold(self, x: Spec) -> Spec:
        kept = self.keep_dims and x.dims is not None
        return Spec(self.infer(Spec(x.dtype, None)).dtype, (None,) * len(x.dims) if kept else None)  # type: ignore[arg-type]

    def reduced_dims(self, dims: Dims) -> Dims:
        """The result's shape."""
        if dims is None:
            return () if self.axes is None and not self.keep_dims else None
        gone = reduced_axes(self.axes, len(dims))
        if self.keep_dims:
            return tuple(1 if k in gone else n for k, n in enumerate(dims))
        return tuple(n for k, n in enumerate(dims) if k not in gone)

    def fold(self, x: Spec) -> Any:
        value = x.full_value()
        if value is None or self.folder is None or value.size == 0:
            return None
        gone = reduced_axes(self.axes, value.ndim)
        return np.ma.asarray(type(self).folder(value, axis=gone, keepdims=self.keep_dims))

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return () if 0 in reduced_axes(self.axes, len(inputs[0].shape)) else (0,)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        axes = reduced_axes(self.axes, len(inputs[0].shape))
        launch_reduction(run, self.kind, outputs[0], inputs[0], axes, self.mean)

    def starts(self, *inputs: Spec) -> int:
        shape = inputs[0].shape
        return row_length(shape, reduced_axes(self.axes, len(shape)), self.mean)

    def rowwise(self, x: Spec) -> Sequence[str]:  # type: ignore[override]
        if not x.dims or tuple(reduced_axes(self.axes, len(x.dims))) != (len(x.dims) - 1,):
            return ()
        step = f"{self.kind.lower()}(x0)"
        return (f"s = {step}", "y0 = s / (T)(count)") if self.mean else (f"y0 = {step}",)

    def restored(self, y: Tensor, x: Tensor) -> Tensor:
        """`y`, of the result's shape, with the reduced dimensions of `x` put back as 1."""
        return y if self.keep_dims else apply(RestoreAxes(self.axes), [y, x])


@frozen
class RestoreAxes(OpDef):
    """y with dimensions of length 1 put in where a reduction of `like` over `axes` dropped them."""

    axes: Axes
    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, y: Spec, like: Spec) -> Spec:
        if like.dims is None:
            return Spec(y.dtype, None)
        gone = reduced_axes(self.axes, len(like.dims))
        return Spec(y.dtype, tuple(1 if k in gone else n for k, n in enumerate(like.dims)))

    def untold(self, y: Spec, like: Spec) -> Spec:
        return Spec(y.dtype, None if like.dims is None else (None,) * len(like.dims))

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(Sum(self.axes), [dy]), None]


@frozen
class ReducedCount(OpDef):
    """How many elements of x make one of y, its reduction, as a number of their type."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0, 1)
    metadata: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, x: Spec, y: Spec) -> Spec:
        if not x.known or not y.known:
            return Spec(x.dtype, ())
        count = math.prod(x.dims) // max(1, math.prod(y.dims))  # type: ignore[arg-type]
        return Spec(x.dtype, (), np.ma.MaskedArray(float(count)))


@frozen
class Sum(Reduction):
    """Sum over dimensions."""

    kind: ClassVar[str] = "SUM"
    folder: ClassVar[Any] = staticmethod(np.sum)
    accuracy: ClassVar[Accuracy] = Accuracy(8, "terms")

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x = op.inputs[0]
        return [apply(BroadcastLike(), [self.restored(dy, x), x])]


@frozen
class Mean(Reduction):
    """Mean over dimensions; of integers, rounded towards zero."""

    kind: ClassVar[str] = "SUM"
    mean: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(8, "terms")

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x = op.inputs[0]
        repeated = apply(BroadcastLike(), [self.restored(dy, x), x])
        return [repeated / apply(ReducedCount(), [x, op.outputs[0]])]


@frozen
class Prod(Reduction):
    """Product over dimensions."""

    kind: ClassVar[str] = "PROD"
    folder: ClassVar[Any] = staticmethod(np.prod)
    accuracy: ClassVar[Accuracy] = Accuracy(64)

    def rowwise(self, x: Spec) -> Sequence[str]:  # type: ignore[override]
        return () if x.dtype is dtypes.float32 else super().rowwise(x)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x = op.inputs[0]
        return [self.restored(dy, x) * apply(ProductOfOthers(self.axes), [x])]


class Extreme(Reduction):
    """Base of the largest and the smallest; equal ones share the gradient."""

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x = op.inputs[0]
        chosen = cast(equal(x, self.restored(op.outputs[0], x)), x.dtype)
        shares = apply(Sum(self.axes, True), [chosen])
        return [chosen / shares * self.restored(dy, x)]


@frozen
class Max(Extreme):
    """The largest over dimensions."""

    kind: ClassVar[str] = "MAX"
    folder: ClassVar[Any] = staticmethod(np.max)


@frozen
class Min(Extreme):
    """The smallest over dimensions."""

    kind: ClassVar[str] = "MIN"
    folder: ClassVar[Any] = staticmethod(np.min)


@frozen
class All(Reduction):
    """Whether all hold over dimensions."""

    kind: ClassVar[str] = "ALL"
    takes: ClassVar[tuple[DType, ...]] = (dtypes.bool_,)
    differentiable: ClassVar[bool] = False


@frozen
class AnyOf(Reduction):
    """Whether at least one holds over dimensions."""

    type_name: ClassVar[str] = "Any"
    kind: ClassVar[str] = "ANY"
    takes: ClassVar[tuple[DType, ...]] = (dtypes.bool_,)
    differentiable: ClassVar[bool] = False


def _reduce(
    definition: type[Reduction], x: Any, axis: Any, keep_dims: Any, name: str | None, indices: Any, keepdims: Any
) -> Tensor:
    keep = keep_dims if keepdims is None else keepdims
    axes = axes_of(axis, indices)
    if axes is None:
        _use_up_names(x)
    return apply(definition(axes, bool(keep)), [x], name)


def _use_up_names(x: Any) -> None:
    """Takes the names of what TensorFlow makes of all axes of `x`, which is nothing here, so that later names agree."""
    known = isinstance(x, Tensor) and x.dims is not None
    graph = x.graph if is_tensor(x) else get_default_graph()
    for name in ("Const",) if known else ("Rank", "range"):
        graph.unique_name(name)


def reduce_sum(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """The sum of the elements over `axis`; 0 where there is none.

    Args:
      input_tensor: numbers of any shape.
      axis: dimension or list of dimensions to sum over, negative ones counted from the end; None is all.
      keep_dims: whether summed dimensions stay, of length 1; else the result's shape is without them.
      name: the operation's name.
      reduction_indices: the older name of `axis`.
      keepdims: the newer name of `keep_dims`.

    Raises:
      ValueError: a dimension that does not exist.

    Example:
      >>> tf.Session().run(tf.reduce_sum([[1, 2], [3, 4]], 1))
      array([3, 7], dtype=int32)
    """
    return _reduce(Sum, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_mean(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """The mean over `axis`; NaN where there is no element, and rounded towards zero for integers.

    Args:
      input_tensor: numbers of any shape.
      axis: dimension or list of dimensions to average over, negative ones counted from the end; None is all.
      keep_dims: whether averaged dimensions stay, of length 1; else the result's shape is without them.
      name: the operation's name.
      reduction_indices: the older name of `axis`.
      keepdims: the newer name of `keep_dims`.

    Example:
      >>> tf.Session().run(tf.reduce_mean([[1.0, 2.0], [3.0, 4.0]], 0))
      array([2., 3.], dtype=float32)
    """
    return _reduce(Mean, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_prod(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """The product of the elements over `axis`; 1 where there is none.

    Numbers of float32 are multiplied in float64, in an order of its own, and the result is rounded. On a device without float64
    each of n factors adds its rounding, together about sqrt(n) / 3 units in the last place, and products of some of them may
    overflow where the whole does not.

    Args:
      input_tensor: numbers of any shape.
      axis: dimension or dimensions to reduce, from the end where negative; None is all. One that is missing: ValueError.
      keep_dims: whether reduced dimensions stay, of length 1; else the result's shape is without them.
      name, reduction_indices, keepdims: as in `reduce_sum`.

    Example:
      >>> tf.Session().run(tf.reduce_prod([[1, 2], [3, 4]], 1))
      array([ 2, 12], dtype=int32)
    """
    return _reduce(Prod, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_max(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """The largest element over `axis`; -inf, or the smallest integer, where there is none.

    Args:
      input_tensor: numbers of any shape.
      axis: dimension or dimensions to reduce, from the end where negative; None is all. One that is missing: ValueError.
      keep_dims: whether reduced dimensions stay, of length 1; else the result's shape is without them.
      name, reduction_indices, keepdims: as in `reduce_sum`.

    Example:
      >>> tf.Session().run(tf.reduce_max([[1, 9], [7, 2]], 1))
      array([9, 7], dtype=int32)
    """
    return _reduce(Max, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_min(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """The smallest element over `axis`; inf, or the largest integer, where there is none.

    Args:
      input_tensor: numbers of any shape.
      axis: dimension or dimensions to reduce, from the end where negative; None is all. One that is missing: ValueError.
      keep_dims: whether reduced dimensions stay, of length 1; else the result's shape is without them.
      name, reduction_indices, keepdims: as in `reduce_sum`.

    Example:
      >>> tf.Session().run(tf.reduce_min([[1, 9], [7, 2]], 1))
      array([1, 2], dtype=int32)
    """
    return _reduce(Min, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_all(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """Whether all elements, which are bool, hold over `axis`; so they do where there is none.

    Args:
      input_tensor: bool of any shape.
      axis: dimension or dimensions to reduce, from the end where negative; None is all. One that is missing: ValueError.
      keep_dims: whether reduced dimensions stay, of length 1; else the result's shape is without them.
      name, reduction_indices, keepdims: as in `reduce_sum`.

    Example:
      >>> tf.Session().run(tf.reduce_all([[True, False], [True, True]], 1))
      array([False,  True])
    """
    return _reduce(All, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_any(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """Whether one of the elements, which are bool, holds over `axis`.

    Args:
      input_tensor: bool of any shape.
      axis: dimension or dimensions to reduce, from the end where negative; None is all. One that is missing: ValueError.
      keep_dims: whether reduced dimensions stay, of length 1; else the result's shape is without them.
      name, reduction_indices, keepdims: as in `reduce_sum`.

    Example:
      >>> tf.Session().run(tf.reduce_any([[False, False], [True, False]], 1))
      array([False,  True])
    """
    return _reduce(AnyOf, input_tensor, axis, keep_dims, name, reduction_indices, keepdims)


def reduce_logsumexp(
    input_tensor: Any,
    axis: Any = None,
    keep_dims: bool = False,
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """log(sum(exp(x))) over `axis`, computed without overflow.

    Args:
      input_tensor: floating numbers of any shape.
      axis: dimension or dimensions to reduce, from the end where negative; None is all. One that is missing: ValueError.
      keep_dims: whether reduced dimensions stay, of length 1; else the result's shape is without them.
      name, reduction_indices, keepdims: as in `reduce_sum`.

    Example:
      >>> tf.Session().run(tf.reduce_logsumexp([[0.0, 0.0], [100.0, 100.0]], 1)).round(2)
      array([  0.69, 100.69], dtype=float32)
    """
    axes = axes_of(axis, reduction_indices)
    keep = bool(keep_dims if keepdims is None else keepdims)
    with name_scope(name, "ReduceLogSumExp", [input_tensor]):
        x = convert_to_tensor(input_tensor, name="input_tensor")
        largest = stop_gradient(apply(Max(axes, keep), [x]))
        # An infinite maximum would make NaN of inf - inf; the result is right without subtracting it.
        offset = Select.of(is_finite(largest), largest, 0)
        total = apply(Sum(axes, keep), [exp(x - Sum(axes, keep).restored(offset, x))])
        return log(total) + offset


__all__ = public_names(globals())
