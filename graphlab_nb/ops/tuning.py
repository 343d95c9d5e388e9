"""The works that tiles' sizes are measured with (`graphlab-nb tune`)."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

from graphlab_nb import dtypes
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import conv_launch
from graphlab_nb.ops.matmul import launch_product

PRODUCTS = (
    (1024, 1024, 1024, "NN"), (1024, 1024, 1024, "TT"), (256, 1024, 1024, "NT"), (1024, 1024, 256, "TN"),
    (50, 1024, 3136, "NN"), (50, 3136, 1024, "NT"), (3136, 1024, 50, "TN"),
)  # fmt: skip
"""Rows, columns and length of sums of products, and which factor is transposed: large ones and a small net's."""

CONVOLUTIONS = ((50, 32, 64, 14, 5, 1), (8, 64, 64, 56, 3, 2))
"""Images, channels, outputs, the image's and the filter's side, and the stride."""


def works() -> dict[str, Callable[[Launcher], None]]:
    """By name, what describes the kernel calls of each."""
    found: dict[str, Callable[[Launcher], None]] = {}
    for m, n, k, form in PRODUCTS:
        found[f"product {m}x{n}x{k} {form}"] = functools.partial(_product, sizes=(m, n, k), form=form)
    for sizes in CONVOLUTIONS:
        found[f"convolution {'x'.join(map(str, sizes))}"] = functools.partial(_convolution, sizes=sizes)
    return found


def _product(run: Launcher, sizes: tuple[int, int, int], form: str) -> None:
    m, n, k = sizes
    a, b, c = (Array(shape, dtypes.float32) for shape in ((m, k), (k, n), (m, n)))
    launch_product(run, c, a, b, form[0] == "T", form[1] == "T", sizes)


def _convolution(run: Launcher, sizes: tuple[int, int, int, int, int, int]) -> None:
    images, channels, outputs, side, taps, stride = sizes
    result, pad = math.ceil(side / stride), taps // 2
    shape = conv_launch.Shape(
        images, channels, outputs, (1, side, side), (1, result, result), (1, taps, taps), (1, stride, stride),
        (1, 1, 1), (0, pad, pad), False,
    )  # fmt: skip
    y = Array((images, result, result, outputs), dtypes.float32)
    x = Array((images, side, side, channels), dtypes.float32)
    conv_launch.forward(run, shape, y, x, Array((taps, taps, channels, outputs), dtypes.float32))
