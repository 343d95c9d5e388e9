"""What convolutions of any number of dimensions share: attributes, shapes and how they differentiate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from graphlab_nb.dtypes import DType
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.launch import Array, DeviceTraits, Launcher, Window
from graphlab_nb.ops import conv_launch
from graphlab_nb.shapes import Dims, show

if TYPE_CHECKING:
    from graphlab_nb.graph.graph import Operation
    from graphlab_nb.graph.tensor import Tensor


def window(size: int, taps: int, stride: int, dilation: int, padding: str) -> tuple[int, int]:
    """The output's length along one dimension and the padding before the input, as TensorFlow defines SAME and VALID.

    Raises:
      ValueError: with VALID, where the filter is longer than the input.
    """
    reach = (taps - 1) * dilation + 1
    if padding == "SAME":
        out = math.ceil(size / stride)
        return out, max((out - 1) * stride + reach - size, 0) // 2
    out = (size - reach + stride) // stride
    if out < 0:
        raise ValueError(
            f"a filter that reaches over {reach} does not fit an input of length {size} with VALID padding"
        )
    return out, 0


def unknown(rank: int) -> tuple[None, ...]:
    """`rank` unknown dimensions."""
    return (None,) * rank


def check_rank(what: str, dims: Dims, rank: int) -> Dims:
    """`dims`, or unknown dimensions where the rank is unknown.

    Raises:
      ValueError: where the rank is known and is not `rank`.
    """
    if dims is None:
        return unknown(rank)
    if len(dims) != rank:
        raise ValueError(f"the {what} must have rank {rank}, not shape {show(dims)}")
    return dims


def check_type(*specs: Spec) -> DType:
    """The element type all share.

    Raises:
      TypeError: types that differ or that are not floating.
    """
    if any(s.dtype is not specs[0].dtype for s in specs) or not specs[0].dtype.is_floating:
        names = ", ".join(s.dtype.name for s in specs)
        raise TypeError(f"convolutions take inputs of one floating type, not {names}")
    return specs[0].dtype


@frozen
class Convolution(OpDef):
    """Base of convolutions' definitions and their gradients'; a concrete one says that it infers by `rule`.

    Attributes:
      strides: stride of each dimension of the input, 1 for batch and channels.
      padding: "SAME" or "VALID".
      data_format: where the channels are, such as "NHWC" or "NCHW".
      dilations: distance of neighbouring taps in each dimension of the input.
    """

    strides: tuple[int, ...]
    padding: str
    data_format: str = "NHWC"
    dilations: tuple[int, ...] = (1, 1, 1, 1)

    spatial: ClassVar[int] = 2
    finishes: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(8, "terms")

    @property
    def channels_first(self) -> bool:
        """Whether the channels stand before the spatial dimensions."""
        return self.data_format[1] == "C"

    def spatial_part(self, dims: Any) -> Any:
        """The spatial entries of something that has one for each dimension of the input."""
        return dims[2:] if self.channels_first else dims[1:-1]

    def channels(self, dims: Any) -> Any:
        """The entry for the channels."""
        return dims[1] if self.channels_first else dims[-1]

    def assemble(self, batch: Any, spatial: Sequence[Any], channels: Any) -> tuple[Any, ...]:
        """The dimensions in the data format's order."""
        return (batch, channels, *spatial) if self.channels_first else (batch, *spatial, channels)

    def output_dims(self, x: Dims, w: Dims) -> tuple[int | None, ...]:
        """The convolution's output shape, as far as it is known.

        Raises:
          ValueError: channels that differ, or a filter that does not fit.
        """
        x, w = check_rank("input", x, self.spatial + 2), check_rank("filter", w, self.spatial + 2)
        assert x is not None and w is not None
        channels = self.channels(x)
        if channels is not None and w[-2] is not None and channels != w[-2]:
            raise ValueError(f"input {show(x)} has {channels} channels, but filter {show(w)} takes {w[-2]}")
        sizes = zip(
            self.spatial_part(x),
            w[:-2],
            self.spatial_part(self.strides),
            self.spatial_part(self.dilations),
            strict=True,
        )
        out: list[int | None] = []
        for size, taps, stride, dilation in sizes:
            if size is None or (taps is None and self.padding == "VALID"):
                out.append(None)
                continue
            try:
                out.append(window(size, taps or 1, stride, dilation, self.padding)[0])
            except ValueError as error:
                raise ValueError(f"{error}: input {show(x)}, filter {show(w)}") from None
        return self.assemble(x[0], out, w[-1])

    def check_output(self, x: Dims, w: Dims, dy: Dims) -> None:
        """Checks that `dy` can be the gradient of the output.

        Raises:
          ValueError: where it certainly cannot.
        """
        expected = self.output_dims(x, w)
        given = check_rank("gradient of the output", dy, self.spatial + 2)
        assert given is not None
        if any(a is not None and b is not None and a != b for a, b in zip(expected, given, strict=True)):
            raise ValueError(
                f"the gradient of the output has shape {show(given)}, but input {show(x)} and filter {show(w)} give "
                f"{show(expected)}"
            )

    def plan(self, x: Sequence[int], w: Sequence[int], y: Sequence[int]) -> conv_launch.Shape:
        """The full shapes as the kernels take them: three spatial dimensions, channels last."""
        lift = 3 - self.spatial

        def volume(values: Sequence[int], fill: int = 1) -> tuple[int, int, int]:
            return ((fill,) * lift + tuple(values))[:3]  # type: ignore[return-value]

        strides, dilations = self.spatial_part(self.strides), self.spatial_part(self.dilations)
        pads = [
            window(size, taps, stride, dilation, self.padding)[1]
            for size, taps, stride, dilation in zip(self.spatial_part(x), w[:-2], strides, dilations, strict=True)
        ]
        return conv_launch.Shape(
            images=x[0],
            channels=self.channels(x),
            outputs=w[-1],
            image=volume(self.spatial_part(x)),
            result=volume(self.spatial_part(y)),
            taps=volume(w[:-2]),
            stride=volume(strides),
            dilation=volume(dilations),
            pad=volume(pads, 0),
            channels_first=self.channels_first,
        )

    def relative(self, kind: type[Convolution]) -> Convolution:
        """The definition of type `kind` with the same attributes."""
        return kind(self.strides, self.padding, self.data_format, self.dilations)


@frozen
class ConvForward(Convolution):
    """y[n, p, o] = sum_jc x[n, p * stride - pad + j * dilation, c] w[j, c, o]."""

    input_gradient: ClassVar[type[Convolution]]
    filter_gradient: ClassVar[type[Convolution]]
    one_type: ClassVar[slice] = slice(None)
    row_inputs: ClassVar[tuple[int, ...]] = (0,)

    def rule(self, x: Spec, w: Spec) -> Spec:
        return Spec(check_type(x, w), self.output_dims(x.dims, w.dims))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, w = inputs
        shape = self.plan(x.shape, w.shape, outputs[0].shape)
        conv_launch.forward(run, shape, outputs[0], x, w)

    def pools(self, traits: DeviceTraits, window: Window, x: Spec, w: Spec) -> bool:  # type: ignore[override]
        y = self.rule(x, w)
        return conv_launch.pools(traits, y.dtype, self.plan(x.shape, w.shape, y.shape), window)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        x, w = op.inputs
        dx = apply(self.relative(self.input_gradient), [x, w, dy])
        return [dx, apply(self.relative(self.filter_gradient), [x, w, dy])]


@frozen
class ConvInputGradient(Convolution):
    """dx of a convolution from (the input's sizes, w, dy): each dy spread over the patch it was summed from."""

    forward: ClassVar[type[Convolution]]
    filter_gradient: ClassVar[type[Convolution]]
    value_inputs: ClassVar[tuple[int, ...]] = (0,)
    one_type: ClassVar[slice] = slice(1, 3)

    def input_dims(self, sizes: Spec) -> Dims:
        """The input's shape as far as the first argument tells it."""
        return sizes.value_as_dims()

    def rule(self, sizes: Spec, w: Spec, dy: Spec) -> Spec:
        dims = check_rank("input", self.input_dims(sizes), self.spatial + 2)
        self.check_output(dims, w.dims, dy.dims)
        return Spec(check_type(w, dy), dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _, w, dy = inputs
        shape = self.plan(outputs[0].shape, w.shape, dy.shape)
        conv_launch.grad_input(run, shape, outputs[0], w, dy)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        _, w, y = op.inputs
        dw = apply(self.relative(self.filter_gradient), [dy, w, y])
        return [None, dw, apply(self.relative(self.forward), [dy, w])]


@frozen
class ConvFilterGradient(Convolution):
    """dw of a convolution from (x, the filter's sizes, dy): each patch of x times the dy it was summed to."""

    forward: ClassVar[type[Convolution]]
    input_gradient: ClassVar[type[Convolution]]
    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    one_type: ClassVar[slice] = slice(0, 3, 2)

    def filter_dims(self, sizes: Spec) -> Dims:
        """The filter's shape as far as the second argument tells it."""
        return sizes.value_as_dims()

    def rule(self, x: Spec, sizes: Spec, dy: Spec) -> Spec:
        dims = check_rank("filter", self.filter_dims(sizes), self.spatial + 2)
        self.check_output(x.dims, dims, dy.dims)
        return Spec(check_type(x, dy), dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, _, dy = inputs
        shape = self.plan(x.shape, outputs[0].shape, dy.shape)
        conv_launch.grad_filter(run, shape, outputs[0], x, dy)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x, _, y = op.inputs
        dx = apply(self.relative(self.input_gradient), [x, dy, y])
        return [dx, None, apply(self.relative(self.forward), [x, dy])]


class InputShape:
    """Mixed into an input gradient whose first argument is the input itself, of which only the shape is used."""

    value_inputs: ClassVar[tuple[int, ...]] = ()
    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    row_inputs: ClassVar[tuple[int, ...]] = (0, 2)

    def input_dims(self, x: Spec) -> Dims:
        """The input's shape."""
        return x.dims


class FilterShape:
    """Mixed into a filter gradient whose second argument is the filter itself, of which only the shape is used."""

    value_inputs: ClassVar[tuple[int, ...]] = ()
    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def filter_dims(self, w: Spec) -> Dims:
        """The filter's shape."""
        return w.dims


def link(forward: type[ConvForward], inputs: Sequence[type[Convolution]], filters: Sequence[type[Convolution]]) -> None:
    """Tells a convolution and its gradients of each other; the last of each list takes shapes of tensors."""
    for kind in (forward, *inputs, *filters):
        kind.forward = forward  # type: ignore[attr-defined]
        kind.input_gradient = inputs[-1]  # type: ignore[attr-defined]
        kind.filter_gradient = filters[-1]  # type: ignore[attr-defined]


def attributes(strides: Any, padding: Any, data_format: Any, dilations: Any = None, rank: int = 4) -> tuple[Any, ...]:
    """Strides, padding, data format and dilations as definitions hold them.

    Raises:
      ValueError: an unknown padding or data format, or strides that are not `rank` positive whole numbers, with 1
        for batch and channels.
    """
    formats = ("NHWC", "NCHW") if rank == 4 else ("NDHWC", "NCDHW")
    data_format = formats[0] if data_format is None else data_format
    if data_format not in formats:
        raise ValueError(f"data_format must be {' or '.join(formats)}, not {data_format!r}")
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"padding must be 'SAME' or 'VALID', not {padding!r}")
    found = []
    for what, values in (("strides", strides), ("dilations", (1,) * rank if dilations is None else dilations)):
        values = tuple(int(v) for v in values)
        channels = 1 if data_format[1] == "C" else rank - 1
        if len(values) != rank or min(values) < 1 or values[0] != 1 or values[channels] != 1:
            raise ValueError(
                f"{what} must be {rank} positive whole numbers, 1 for the batch and for the channels of {data_format}, "
                f"not {list(values)}"
            )
        found.append(values)
    return found[0], padding, data_format, found[1]
