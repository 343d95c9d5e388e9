"""2-D convolutions over twelve shapes: forward, and with respect to input and filter. PyTorch in both memory formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common import Figures, Timer, Work, graph_engines, main, started, variable


@dataclass(frozen=True)
class Shape:
    """Square images `[batch, side, side, channels]` and filters `[taps, taps, channels, outputs]`.

    Stride 1 pads to the same size; stride 2 pads nothing, since engines differ in where they put an odd pad.
    """

    batch: int
    side: int
    channels: int
    taps: int
    outputs: int
    stride: int = 1

    def __str__(self) -> str:
        stride = f" stride {self.stride}" if self.stride > 1 else ""
        return f"{self.taps}x{self.taps}{stride} {self.channels}->{self.outputs} {self.side}x{self.side} batch {self.batch}"

    @property
    def out_side(self) -> int:
        return self.side if self.stride == 1 else (self.side - self.taps) // self.stride + 1


SHAPES = (
    Shape(8, 56, 64, 1, 256),
    Shape(16, 14, 512, 1, 512),
    Shape(16, 28, 256, 1, 512, stride=2),
    Shape(8, 56, 64, 3, 64),
    Shape(16, 28, 128, 3, 128),
    Shape(64, 28, 16, 3, 32),
    Shape(4, 7, 512, 3, 512),
    Shape(16, 57, 64, 3, 128, stride=2),
    Shape(50, 14, 32, 5, 64),
    Shape(1, 56, 32, 5, 32),
    Shape(8, 28, 32, 7, 32),
    Shape(4, 229, 16, 7, 64, stride=2),
)
PASSES = ("forward", "input", "filter")
CASES = {f"{part} {shape}": (part, shape) for shape in SHAPES for part in PASSES}


def chosen(case: str, timer: Timer) -> tuple[str, Shape]:
    part, s = CASES[case]
    if timer.short:
        s = Shape(1, min(s.side, 9), min(s.channels, 16), s.taps, min(s.outputs, 16), s.stride)
    return part, s


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    part, s = chosen(case, timer)
    images = [s.batch, s.side, s.side, s.channels]
    filters = [s.taps, s.taps, s.channels, s.outputs]
    results = [s.batch, s.out_side, s.out_side, s.outputs]
    how = [1, s.stride, s.stride, 1], "SAME" if s.stride == 1 else "VALID"
    if part == "forward":
        x = variable(tf, images, 1)
        y = tf.nn.conv2d(x, variable(tf, filters, 2), *how)
    elif part == "input":
        x = variable(tf, results, 2)
        y = tf.nn.conv2d_backprop_input(images, variable(tf, filters, 1), x, *how)
    else:
        x = variable(tf, images, 1)
        y = tf.nn.conv2d_backprop_filter(x, filters, variable(tf, results, 2), *how)
    pulse = tf.reshape(x, [-1])[0]
    with started(tf) as sess:
        return timer(lambda: sess.run(y.op), lambda: sess.run(pulse))


def run_torch(case: str, timer: Timer) -> Figures:
    import torch

    part, s = chosen(case, timer)
    pad = s.taps // 2 if s.stride == 1 else 0
    found: Figures = {}
    for label, layout in (("torch", torch.contiguous_format), ("torch channels_last", torch.channels_last)):
        x = torch.rand(s.batch, s.channels, s.side, s.side).to(memory_format=layout)
        w = torch.rand(s.outputs, s.channels, s.taps, s.taps).to(memory_format=layout)
        dy = torch.rand(s.batch, s.outputs, s.out_side, s.out_side).to(memory_format=layout)
        wanted = [part == "input", part == "filter", False]
        how = [s.stride] * 2, [pad] * 2, [1, 1]

        def forward(x: Any = x, w: Any = w, how: Any = how) -> Any:
            return torch.conv2d(x, w, None, *how)

        def backward(x: Any = x, w: Any = w, dy: Any = dy, how: Any = how, wanted: Any = wanted) -> Any:
            return torch.ops.aten.convolution_backward(dy, x, w, None, *how, False, [0, 0], 1, wanted)

        with torch.inference_mode():
            found[label] = timer(forward if part == "forward" else backward)
    return found


WORK = Work("2-D convolutions", tuple(CASES), {**graph_engines(measure), "torch": run_torch}, seconds=0.5)

if __name__ == "__main__":
    main(WORK)
