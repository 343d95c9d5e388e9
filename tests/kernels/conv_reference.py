"""Convolutions of any number of dimensions in float64 NumPy, tap by tap."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.ops.conv_rules import window


def reference(x: Any, w: Any, dy: Any, strides: Any, padding: str, dilations: Any) -> tuple[Any, Any, Any]:
    """y, dx and dw of x (channels last) with w; dx and dw are zero where `dy` is None."""
    x, w = x.astype(np.float64), w.astype(np.float64)
    sizes = [window(*s, padding) for s in zip(x.shape[1:-1], w.shape[:-2], strides, dilations, strict=True)]
    outs, pads = [s[0] for s in sizes], [s[1] for s in sizes]
    room = [
        max(size + pad, (out - 1) * stride + (taps - 1) * dilation + 1)
        for size, pad, out, stride, taps, dilation in zip(
            x.shape[1:-1], pads, outs, strides, w.shape[:-2], dilations, strict=True
        )
    ]
    padded = np.zeros((x.shape[0], *room, x.shape[-1]))
    inner = (slice(None), *[slice(p, p + n) for p, n in zip(pads, x.shape[1:-1], strict=True)])
    padded[inner] = x
    y = np.zeros((x.shape[0], *outs, w.shape[-1]))
    dx, dw = np.zeros_like(padded), np.zeros_like(w)
    for tap in np.ndindex(*w.shape[:-2]):
        places = [
            slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in zip(tap, dilations, outs, strides, strict=True)
        ]
        patch = padded[(slice(None), *places)]
        y += patch @ w[tap]
        if dy is not None:
            dx[(slice(None), *places)] += dy @ w[tap].T
            dw[tap] = np.tensordot(patch, dy, (range(patch.ndim - 1),) * 2)
    return y, dx[inner], dw


def depthwise_reference(x: Any, w: Any, dy: Any, strides: Any, padding: str, dilations: Any) -> tuple[Any, Any, Any]:
    """y, dx and dw of a depthwise convolution: one convolution for each channel."""
    count, channels, multiplier = x.shape[-1], w.shape[2], w.shape[3]
    assert count == channels
    y, dx, dw = [], [], []
    for c in range(channels):
        part = None if dy is None else dy[..., c * multiplier : (c + 1) * multiplier]
        found = reference(x[..., c : c + 1], w[:, :, c : c + 1], part, strides, padding, dilations)
        for each, value in zip((y, dx, dw), found, strict=True):
            each.append(value)
    return np.concatenate(y, -1), np.concatenate(dx, -1), np.concatenate(dw, 2)


def close(result: np.ndarray, expected: np.ndarray) -> None:
    assert result.shape == expected.shape
    assert np.abs(result - expected).max(initial=0) <= 40 * np.finfo(result.dtype).eps * max(
        1, np.abs(expected).max(initial=0)
    )
