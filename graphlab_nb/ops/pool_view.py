"""How the kernels of kernels_cl/pool.cl see tensors that are pooled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb.dtypes import DType
from graphlab_nb.launch import Launcher
from graphlab_nb.ops import lanes
from graphlab_nb.ops.conv_rules import window


class View:
    """A pooling seen as one of [outer, depth, height, width, inner] over the middle three.

    Attributes:
      outer: images, or images by channels.
      inner: channels, or 1.
      source: the input's volume.
      result: the output's volume.
      pad: positions that the first window reaches over the edge.
      window: the window's volume.
      stride: distances of neighbouring windows.
    """

    def __init__(
        self, ksize: Sequence[int], strides: Sequence[int], padding: str, channels_first: bool, x: Sequence[int]
    ):
        channel = 1 if channels_first else len(x) - 1
        if ksize[channel] > 1:  # over the channels: each row of channels is a volume
            axes = [channel]
            self.outer, self.inner = math.prod(x[:-1]), 1
        elif channels_first:
            axes = list(range(2, len(x)))
            self.outer, self.inner = x[0] * x[1], 1
        else:
            axes = list(range(1, len(x) - 1))
            self.outer, self.inner = x[0], x[-1]
        found = [(x[a], *window(x[a], ksize[a], strides[a], 1, padding), ksize[a], strides[a]) for a in axes]
        found = [(1, 1, 0, 1, 1)] * (3 - len(found)) + found
        self.source, self.result, self.pad, self.window, self.stride = (tuple(f[k] for f in found) for k in range(5))

    def grid(self, name: str) -> tuple[int, ...]:
        """The volume that a kernel goes over: "in" or "out"."""
        return self.source if name == "in" else self.result

    @property
    def numbers(self) -> list[Any]:
        """The kernels' scalar arguments, from the input's volume to the channels."""
        return [np.int32(n) for n in (*self.source, *self.result, *self.stride, *self.pad, self.inner)]

    def defines(self, run: Launcher, kernel: str, dtype: DType, width: int, *names: str) -> dict[str, Any]:
        """The build constants of one kernel."""
        shape = () if run.traits.is_cpu else ("GPU",)
        d, h, w = self.window
        return lanes.defines(dtype, width, kernel.upper(), *shape, *names, WINDOW_D=d, WINDOW_H=h, WINDOW_W=w)

    @property
    def disjoint(self) -> bool:
        """Whether no input is in two windows."""
        return all(s >= k for s, k in zip(self.stride, self.window, strict=True))

    @property
    def whole(self) -> bool:
        """Whether all windows lie inside the volume, the first at its beginning."""
        sizes = zip(self.source, self.result, self.pad, self.window, self.stride, strict=True)
        return all(p == 0 and (o - 1) * s + k <= i for i, o, p, k, s in sizes)

    @property
    def covering(self) -> bool:
        """Whether each input is in a window."""
        return all(
            k >= s and (o - 1) * s + k - p >= i
            for i, o, p, k, s in zip(self.source, self.result, self.pad, self.window, self.stride, strict=True)
        )
