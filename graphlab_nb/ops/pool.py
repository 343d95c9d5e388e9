"""Pooling of images and volumes: the maximum or mean over windows, and its gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb.dtypes import int64
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Finish, Launcher, Window
from graphlab_nb.ops import lanes
from graphlab_nb.ops.conv_rules import check_rank, window
from graphlab_nb.ops.pool_view import View
from graphlab_nb.shapes import Dims, TensorShape, show

FILE = "pool.cl"


@frozen
class Pool(OpDef):
    """Base of pooling operations and their gradients.

    Attributes:
      ksize: the window's length in each dimension of the input.
      strides: distance of neighbouring windows in each dimension.
      padding: "SAME" or "VALID".
      data_format: where the channels are: "NHWC", "NCHW", "NDHWC" or "NCDHW".
    """

    ksize: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str
    data_format: str = "NHWC"
    row_inputs: ClassVar[tuple[int, ...]] = (0, 1, 2)

    def pooled(self, x: Spec) -> Dims:
        """The output's shape, as far as the input's is known.

        Raises:
          ValueError: an input of another rank, or a window that does not fit.
          TypeError: an input that is not floating.
        """
        if not x.dtype.is_floating:
            raise TypeError(f"pooling takes floating inputs, not {x.dtype.name}")
        dims = check_rank("input", x.dims, len(self.ksize))
        assert dims is not None
        out = []
        for length, size, stride in zip(dims, self.ksize, self.strides, strict=True):
            if size == stride == 1 or length is None:
                out.append(length)
                continue
            found, _ = window(length, size, stride, 1, self.padding)
            out.append(found)
        return tuple(out)

    def check_pooled(self, x: Spec, *others: Spec) -> None:
        """Raises `ValueError` unless `others` can have the shape of pooled `x`."""
        dims = self.pooled(x)
        assert dims is not None
        for other in others:
            if other.dtype is not x.dtype:
                raise TypeError(f"pooling takes inputs of one type, not {x.dtype.name} and {other.dtype.name}")
            if not TensorShape.of(other.dims).is_compatible_with(TensorShape.of(dims)):
                raise ValueError(f"{show(other.dims)} is not the shape {show(dims)} that {show(x.dims)} is pooled to")

    def view(self, x: Sequence[int]) -> View:
        """How the kernels see this pooling of an input of shape `x`."""
        return View(self.ksize, self.strides, self.padding, self.data_format[1] == "C", x)

    def run_kernel(
        self,
        run: Launcher,
        kernel: str,
        args: Sequence[Array],
        x: Sequence[int],
        grid: str,
        writes: Sequence[int] = (0,),
        *names: str,
        final: bool = True,
    ) -> None:
        """Launches a kernel of pool.cl over the grid "out" or "in", for an input of shape `x`.

        With `final` it stores all of the only output.
        """
        view = self.view(x)
        dtype = args[-1].dtype
        width = 1 if "ARGMAX" in names else lanes.lanes_for(run.traits, dtype, view.inner)
        volume = view.grid(grid)
        rows = view.outer * volume[0] * volume[1]
        if run.traits.is_cpu:
            items, each = lanes.shares(run.traits, rows, volume[2] * view.inner * math.prod(view.window))
            size, local = (items,), (1,)
        else:
            each = 1
            size, local = (view.outer * math.prod(volume) * view.inner,), None
        run.kernel(
            FILE, kernel, [*args, *view.numbers, np.int64(rows), np.int64(each)], size, local,
            view.defines(run, kernel, dtype, width, *names), writes,
            finish=Finish(view.inner, width, overlaps=view.inner % width > 0) if final else None,
        )  # fmt: skip


@frozen
class MaxPool(Pool):
    """y[p] = max over the taps of p's window of x[tap]."""

    input_names: ClassVar[tuple[str, ...]] = ("input",)
    finishes: ClassVar[bool] = True

    def infer(self, x: Spec) -> Spec:
        return Spec(x.dtype, self.pooled(x))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self.run_kernel(run, "max_pool", [outputs[0], inputs[0]], inputs[0].shape, "out")

    def maxima(self, x: Spec) -> Window | None:  # type: ignore[override]
        if self.data_format[1] == "C" or max(self.ksize[0], self.ksize[-1]) > 1:
            return None
        view = self.view(x.shape)
        depth, height, width = view.window
        fit = view.stride == view.window and view.whole and math.prod(view.window) > 1
        return (depth, height, width) if fit else None

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        return [apply(_relative(MaxPoolGrad, self), [op.inputs[0], op.outputs[0], dy])]


@frozen
class MaxPoolWithArgmax(Pool):
    """MaxPool, and where in its image, as one number for row, column and channel, each maximum is."""

    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Sequence[Spec]:
        if self.ksize[-1] > 1:
            raise ValueError(f"MaxPoolWithArgmax does not pool over channels, as ksize {list(self.ksize)} asks")
        dims = self.pooled(x)
        return Spec(x.dtype, dims), Spec(int64, dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self.run_kernel(run, "max_pool", [*outputs, inputs[0]], inputs[0].shape, "out", (0, 1), "ARGMAX", final=False)

    def gradient(self, op: Operation, dy: Tensor, _: Tensor | None) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [None if dy is None else apply(_relative(MaxPoolGrad, self), [op.inputs[0], op.outputs[0], dy])]


@frozen
class MaxPoolGrad(Pool):
    """dx from (x, y, dy): each dy goes to the first tap of its window that holds the maximum."""

    finishes: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, x: Spec, y: Spec, dy: Spec) -> Spec:
        self.check_pooled(x, y, dy)
        return Spec(x.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, dx = inputs[0], outputs[0]
        view = self.view(x.shape)
        args = [dx, *inputs]
        if inputs[2].size == 0:
            run.zero(dx)
        elif view.disjoint:
            if not view.covering:
                run.zero(dx)
            self.run_kernel(run, "max_pool_grad_disjoint", args, x.shape, "out", final=view.covering)
        elif not run.traits.is_cpu:
            self.run_kernel(run, "max_pool_grad_gather", args, x.shape, "in")
        else:
            run.zero(dx)
            width = lanes.lanes_for(run.traits, x.dtype, view.inner)
            whole = view.outer >= 2 * run.traits.compute_units
            block = view.inner // width * width if whole else width
            scalars = [*view.numbers, np.int64(0), np.int64(0), np.int32(block)]
            size = (view.outer * (view.inner // block),)
            defines = view.defines(run, "max_pool_grad_add", x.dtype, width)
            run.kernel(FILE, "max_pool_grad_add", [*args, *scalars], size, (1,), defines)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [None, None, apply(_relative(MaxPoolGradGrad, self), [*op.inputs[:2], dy])]


@frozen
class MaxPoolGradGrad(Pool):
    """ddy from (x, y, ddx): for each window, ddx at the tap where its maximum is."""

    def infer(self, x: Spec, y: Spec, ddx: Spec) -> Spec:
        self.check_pooled(x, y)
        return Spec(x.dtype, self.pooled(x))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self.run_kernel(run, "max_pool_grad_grad", [outputs[0], *inputs], inputs[0].shape, "out", final=False)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [None, None, apply(_relative(MaxPoolGrad, self), [*op.inputs[:2], dy])]


@frozen
class AvgPool(Pool):
    """y[p] = mean over the taps of p's window that are in the volume of x[tap]."""

    input_names: ClassVar[tuple[str, ...]] = ("value",)
    finishes: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, x: Spec) -> Spec:
        return Spec(x.dtype, self.pooled(x))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self.run_kernel(run, "avg_pool", [outputs[0], inputs[0]], inputs[0].shape, "out")

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        return [apply(_relative(AvgPoolGrad, self), [op.inputs[0], dy])]


@frozen
class AvgPoolGrad(Pool):
    """dx from (x, dy), of x only the shape: each dy in equal parts to the taps of its window."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    finishes: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, x: Spec, dy: Spec) -> Spec:
        self.check_pooled(x, dy)
        return Spec(dy.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        if inputs[1].size == 0:
            run.zero(outputs[0])
            return
        self.run_kernel(run, "avg_pool_grad", [outputs[0], inputs[1]], inputs[0].shape, "in")

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [None, apply(_relative(AvgPool, self), [dy])]


def _relative(kind: type[Pool], pool: Pool) -> Pool:
    """The definition of type `kind` with the same attributes."""
    return kind(pool.ksize, pool.strides, pool.padding, pool.data_format)


def _attributes(ksize: Any, strides: Any, padding: Any, data_format: Any, rank: int) -> tuple[Any, ...]:
    """The attributes as definitions hold them.

    Raises:
      ValueError: an unknown padding or data format; a window or strides that are not `rank` positive whole numbers,
        that reach over images, or that reach over channels and positions at once.
    """
    formats = ("NHWC", "NCHW") if rank == 4 else ("NDHWC", "NCDHW")
    data_format = formats[0] if data_format is None else data_format
    if data_format not in formats:
        raise ValueError(f"data_format must be {' or '.join(formats)}, not {data_format!r}")
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"padding must be 'SAME' or 'VALID', not {padding!r}")
    ksize, strides = (tuple(int(n) for n in values) for values in (ksize, strides))
    for what, values in (("ksize", ksize), ("strides", strides)):
        if len(values) != rank or min(values) < 1:
            raise ValueError(f"{what} must be {rank} positive whole numbers, not {list(values)}")
        if values[0] != 1:
            raise ValueError(f"{what} {list(values)} must be 1 for the batch: pooling over images is not supported")
    channel = 1 if data_format[1] == "C" else rank - 1
    if ksize[channel] > 1 or strides[channel] > 1:
        positions = [v for values in (ksize, strides) for i, v in enumerate(values) if i != channel]
        if channel == 1 or ksize[channel] != strides[channel] or max(positions) > 1:
            raise ValueError(
                f"pooling over channels takes {formats[0]}, equal window and stride for them and 1 for the others, "
                f"not ksize {list(ksize)} and strides {list(strides)} of {data_format}"
            )
    return ksize, strides, padding, data_format


def _pool(
    kind: type[Pool], value: Any, ksize: Any, strides: Any, padding: Any, data_format: Any, rank: int, name: Any
) -> Any:
    return apply(kind(*_attributes(ksize, strides, padding, data_format, rank)), [value], name)


def max_pool(
    value: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The maximum over windows of images.

    Args:
      value: [batch, height, width, channels], or [batch, channels, height, width] with data_format "NCHW"; floating.
      ksize: the window: four numbers, one for each dimension; 1 for the batch.
      strides: distances of neighbouring windows, likewise.
      padding: "SAME" (windows may reach over the edges, where they count nothing) or "VALID" (they may not).
      data_format: "NHWC" (default) or "NCHW".
      name: the operation's name.

    Returns:
      [batch, out_height, out_width, channels], in the same data format. The gradient goes to the first of equal maxima.

    Raises:
      ValueError: attributes that are not valid, or a window that does not fit.

    Example:
      >>> image = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
      >>> tf.Session().run(tf.nn.max_pool(image, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"))[0, :, :, 0]
      array([[ 5.,  7.],
             [13., 15.]], dtype=float32)
    """
    return _pool(MaxPool, value, ksize, strides, padding, data_format, 4, name)


def avg_pool(
    value: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The mean over windows of images; positions that SAME padding adds count for nothing.

    Args:
      value: [batch, height, width, channels], or [batch, channels, height, width] with data_format "NCHW"; floating.
      ksize: the window: four numbers, one for each dimension; 1 for the batch.
      strides: distances of neighbouring windows, likewise.
      padding: "SAME" or "VALID".
      data_format: "NHWC" (default) or "NCHW".
      name: the operation's name.

    Returns:
      [batch, out_height, out_width, channels], in the same data format.

    Raises:
      ValueError: attributes that are not valid, or a window that does not fit.

    Example:
      >>> image = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
      >>> tf.Session().run(tf.nn.avg_pool(image, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"))[0, :, :, 0]
      array([[ 2.5,  4.5],
             [10.5, 12.5]], dtype=float32)
    """
    return _pool(AvgPool, value, ksize, strides, padding, data_format, 4, name)


def max_pool_with_argmax(
    input: Any, ksize: Any, strides: Any, padding: str, Targmax: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The maximum over windows of images, and where it is.

    Args:
      input: [batch, height, width, channels], floating.
      ksize: as in `max_pool`.
      strides: as in `max_pool`.
      padding: "SAME" or "VALID".
      Targmax: type of the positions; int64 is the only one.
      name: the operation's name.

    Returns:
      (output, argmax): the maxima, and for each as int64 the number (y * width + x) * channels + c of its place in its
      image. The batch does not count, as in TensorFlow's kernel.

    Raises:
      ValueError: as `max_pool`, and for another Targmax.

    Example:
      >>> image = tf.reshape([1.0, 9.0, 3.0, 4.0], [1, 2, 2, 1])
      >>> highest, places = tf.nn.max_pool_with_argmax(image, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
      >>> tf.Session().run(places).ravel()
      array([1])
    """
    if Targmax is not None and Targmax != int64:
        raise ValueError(f"Targmax must be int64, not {Targmax}")
    output, argmax = _pool(MaxPoolWithArgmax, input, ksize, strides, padding, None, 4, name)
    return output, argmax


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The maximum over windows of volumes.

    Args:
      input: [batch, depth, height, width, channels], or channels second with data_format "NCDHW"; floating.
      ksize: the window: five numbers, one for each dimension; 1 for the batch.
      strides: distances of neighbouring windows, likewise.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" (default) or "NCDHW".
      name: the operation's name.

    Returns:
      The maxima, in the same data format.

    Raises:
      ValueError: as `max_pool`.

    Example:
      >>> volume = tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1])
      >>> tf.Session().run(tf.nn.max_pool3d(volume, [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "VALID")).ravel()
      array([7.], dtype=float32)
    """
    return _pool(MaxPool, input, ksize, strides, padding, data_format, 5, name or "MaxPool3D")


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The mean over windows of volumes.

    Args:
      input: [batch, depth, height, width, channels], or channels second with data_format "NCDHW"; floating.
      ksize: the window: five numbers, one for each dimension; 1 for the batch.
      strides: distances of neighbouring windows, likewise.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" (default) or "NCDHW".
      name: the operation's name.

    Returns:
      The means, in the same data format.

    Raises:
      ValueError: as `max_pool`.

    Example:
      >>> volume = tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1])
      >>> tf.Session().run(tf.nn.avg_pool3d(volume, [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "VALID")).ravel()
      array([3.5], dtype=float32)
    """
    return _pool(AvgPool, input, ksize, strides, padding, data_format, 5, name or "AvgPool3D")


__all__ = public_names(globals())
