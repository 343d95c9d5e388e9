"""Norms, and normalization by neighbouring channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import lanes, math
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.logic import equal
from graphlab_nb.ops.reduce import reduce_mean, reduce_sum
from graphlab_nb.ops.reduce_launch import launch_reduction
from graphlab_nb.shapes import show

FILE = "normalize.cl"
PIECE = 1 << 16
"""Elements whose squares one CPU work-item sums at most, so that rounding stays small."""
GPU_PARTS = 1 << 14


def _check_floating(x: Spec) -> None:
    if not x.dtype.is_floating:
        raise TypeError(f"the input must be floating, not {x.dtype.name}")


@frozen
class L2Loss(OpDef):
    """y = sum(x^2) / 2, over all elements."""

    input_names: ClassVar[tuple[str, ...]] = ("t",)
    accuracy: ClassVar[Accuracy] = Accuracy(8, "largest")

    def infer(self, x: Spec) -> Spec:
        _check_floating(x)
        return Spec(x.dtype, ())

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, y = inputs[0], outputs[0]
        if x.size == 0:
            run.zero(y)
            return
        wide = dtypes.float32 if x.dtype is dtypes.float16 else x.dtype
        width = lanes.lanes_for(run.traits, x.dtype, x.size)
        shape = () if run.traits.is_cpu else ("GPU",)
        if run.traits.is_cpu:
            _, piece = lanes.shares(run.traits, x.size, 1)
            piece = min(piece, PIECE)
            parts = -(-x.size // piece)
        else:
            piece, parts = 0, min(GPU_PARTS, x.size)
        direct = parts == 1 and wide is x.dtype
        sums = y if direct else run.scratch((parts,), wide)
        local = (1,) if run.traits.is_cpu else None
        defines = lanes.defines(x.dtype, width, "HALF_SQUARES", *shape)
        run.kernel(FILE, "half_squares", [sums, x, np.int64(x.size), np.int64(piece)], (parts,), local, defines)
        if not direct:
            # The mean of one float32 is that number as float16.
            launch_reduction(run, "SUM", y, sums, [0], mean=parts == 1)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        return [op.inputs[0] * dy]


class ChannelWindow(OpDef):
    """Base of operations that sum over windows of the last dimension."""

    def infer(self, x: Spec) -> Spec:
        _check_floating(x)
        return Spec(x.dtype, x.dims)

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if len(inputs[0].shape) > 1 else ()

    def run_kernel(self, run: Launcher, mode: str, y: Array, x: Array, radius: int, *scalars: float) -> None:
        """Launches the kernel of normalize.cl."""
        n = x.shape[-1]
        rows = x.size // n
        width = lanes.lanes_for(run.traits, x.dtype, n)
        wide = np.float64 if x.dtype is dtypes.float64 else np.float32
        if run.traits.is_cpu:
            items, each = lanes.shares(run.traits, rows, n * (radius + 1))
            size, names = items, [mode]
        else:
            each, size, names = 1, x.size, [mode, "GPU"]
        args = [y, x, np.int64(rows), np.int32(n), np.int32(radius), np.int64(each), *(wide(s) for s in scalars)]
        run.kernel(
            FILE,
            "window_sum",
            args,
            (size,),
            (1,) if run.traits.is_cpu else None,
            lanes.defines(x.dtype, width, *names),
        )


@frozen
class WindowSum(ChannelWindow):
    """y[..., j] = sum of x[..., k] over |k - j| <= radius."""

    radius: int
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, x: Spec) -> Spec:
        if x.rank == 0:
            raise ValueError("the input must have at least one dimension, not shape ()")
        return super().infer(x)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self.run_kernel(run, "WINDOW_SUM", outputs[0], inputs[0], self.radius)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        return [apply(self, [dy])]


@frozen
class LRN(ChannelWindow):
    """y[..., j] = x[..., j] (bias + alpha sum of x[..., k]^2 over |k - j| <= depth_radius)^-beta."""

    depth_radius: int
    bias: float
    alpha: float
    beta: float
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.rank is not None and x.rank != 4:
            raise ValueError(f"the input must have rank 4, not shape {show(x.dims)}")
        return Spec(super().infer(x).dtype, x.dims if x.dims is not None else (None,) * 4)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self.run_kernel(run, "LRN", outputs[0], inputs[0], self.depth_radius, self.bias, self.alpha, self.beta)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        # Built from operations that have gradients themselves. With norm = bias + alpha W x^2, W the sum over windows:
        # dx = dy norm^-beta - 2 alpha beta x W(dy x norm^(-beta - 1)).
        x = op.inputs[0]
        norm = self.bias + self.alpha * apply(WindowSum(self.depth_radius), [math.square(x)])
        scaled = dy * math.exp(-self.beta * math.log(norm))
        return [scaled - 2.0 * self.alpha * self.beta * x * apply(WindowSum(self.depth_radius), [scaled * x / norm])]


def local_response_normalization(
    input: Any,
    depth_radius: int | None = None,
    bias: float | None = None,
    alpha: float | None = None,
    beta: float | None = None,
    name: str | None = None,
) -> Tensor:
    """Divides each channel by a power of the squares of its neighbours: input / (bias + alpha sum of squares)^beta.

    Source: Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks (2012), section 3.3.

    Args:
      input: [batch, height, width, channels], floating.
      depth_radius: neighbours on either side that are summed; 5 by default.
      bias: 1 by default.
      alpha: 1 by default.
      beta: 0.5 by default.
      name: the operation's name.

    Returns:
      A tensor of the shape of `input`.

    Raises:
      ValueError: an input that has not rank 4, or a negative radius.

    Example:
      >>> channels = tf.reshape([3.0, 4.0], [1, 1, 1, 2])
      >>> tf.Session().run(tf.nn.lrn(channels, depth_radius=1, bias=0.0)).round(3).ravel()
      array([0.6, 0.8], dtype=float32)
    """
    radius = 5 if depth_radius is None else int(depth_radius)
    if radius < 0:
        raise ValueError(f"depth_radius must not be negative, but is {radius}")
    numbers = (float(d if v is None else v) for v, d in ((bias, 1.0), (alpha, 1.0), (beta, 0.5)))
    return apply(LRN(radius, *numbers), [input], name)


lrn = local_response_normalization


def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """Half the sum of the squares of all elements: sum(t^2) / 2.

    Args:
      t: a floating tensor.
      name: the operation's name.

    Returns:
      A scalar of the type of `t`.

    Example:
      >>> print(tf.Session().run(tf.nn.l2_loss([3.0, 4.0])))
      12.5
    """
    return apply(L2Loss(), [t], name)


def l2_normalize(x: Any, dim: Any = None, epsilon: float = 1e-12, name: str | None = None, axis: Any = None) -> Tensor:
    """Scales to length 1: x / sqrt(max(sum(x^2), epsilon)), the sum over the dimensions `dim`.

    Args:
      x: a floating tensor.
      dim: a dimension or a list of them; None for all.
      epsilon: least value of the sum.
      name: name scope of the operations.
      axis: another name for `dim`.

    Returns:
      A tensor of the shape of `x`.

    Example:
      >>> tf.Session().run(tf.nn.l2_normalize([[3.0, 4.0], [0.0, 5.0]], 1)).round(3)
      array([[0.6, 0.8],
             [0. , 1. ]], dtype=float32)
    """
    with name_scope(name, "l2_normalize", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        squares = reduce_sum(math.square(x), dim if axis is None else axis, keep_dims=True)
        return math.multiply(x, math.rsqrt(math.maximum(squares, epsilon)), name=scope)


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """The share of elements that are zero, as a float32 scalar.

    Args:
      value: a numeric tensor.
      name: name scope of the operations.

    Example:
      >>> print(tf.Session().run(tf.nn.zero_fraction([0, 1, 0, 2])))
      0.5
    """
    with name_scope(name or "zero_fraction"):
        value = convert_to_tensor(value, name="value")
        zero = convert_to_tensor(0, value.dtype.base_dtype)
        return reduce_mean(cast(equal(value, zero), dtypes.float32), name="fraction")


__all__ = public_names(globals())
