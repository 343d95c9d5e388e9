"""Cases of matrix products and convolutions (ops/matmul.py, conv.py, conv_more.py, depthwise.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops.conv import Conv2D
from graphlab_nb.ops.conv_more import Conv3DBackpropFilter, Conv3DBackpropInput, conv1d, conv3d, conv3d_transpose
from graphlab_nb.ops.conv_rules import attributes
from graphlab_nb.ops.depthwise import depthwise_conv2d, separable_conv2d
from tests.kernels.conv_reference import depthwise_reference, reference
from tests.ops.case import Case, case, integers, normal

ONE = (1, 1, 1, 1)


def turned(x: np.ndarray, flip: bool) -> np.ndarray:
    return np.swapaxes(x, -1, -2) if flip else x


def product(flip_a: bool, flip_b: bool) -> Any:
    return lambda a, b: turned(a, flip_a) @ turned(b, flip_b)


def empty(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def products() -> list[Case]:
    cases = []
    for flip_a in (False, True):
        for flip_b in (False, True):

            def pair(m: int, n: int, k: int, *batch: int, fa: bool = flip_a, fb: bool = flip_b) -> list[np.ndarray]:
                return [turned(normal(*batch, m, k), fa), turned(normal(*batch, k, n, seed=1), fb)]

            cases.append(
                case(
                    "MatMul",
                    lambda a, b, fa=flip_a, fb=flip_b: tf.matmul(a, b, fa, fb),
                    pair(3, 4, 5),
                    product(flip_a, flip_b),
                    also=[
                        pair(0, 4, 5),
                        pair(3, 0, 5),
                        pair(3, 4, 0),
                        pair(1, 1, 1),
                        pair(70, 130, 300),
                        pair(9, 10, 784),
                    ],
                )
            )
            cases.append(
                case(
                    "BatchMatMul",
                    lambda a, b, fa=flip_a, fb=flip_b: tf.batch_matmul(a, b, fa, fb),
                    pair(2, 3, 4, 2, 2),
                    product(flip_a, flip_b),
                    also=[pair(2, 3, 4, 0, 2), pair(2, 3, 0, 2, 1), pair(20, 33, 40, 1, 5)],
                )
            )
    whole = [integers(7, 5), integers(5, 9, seed=1)]
    cases.append(
        case("MatMul", tf.matmul, whole, product(False, False), grad=False, why="whole numbers have no gradients")
    )
    return cases


def images(strides: Any, padding: str, w: Any, dilations: Any = (1, 1), big: bool = False) -> list[Case]:
    """A convolution, the same channels first, and both gradients' own cases."""
    x, w = normal(2, 5, 6, 2), normal(*w, seed=1)
    sizes = (1, *strides, 1), padding, None, (1, *dilations, 1)

    def forward(x: Any, w: Any) -> Any:
        return reference(x, w, None, strides, padding, dilations)[0]

    y = np.float32(forward(x, w))

    def gradient(which: int) -> Any:
        def compute(a: Any, b: Any) -> Any:
            given = (np.zeros((len(b), *x.shape[1:])), a, b) if which == 1 else (a, np.zeros(w.shape), b)
            return reference(*given, strides, padding, dilations)[which]

        return compute

    cases = [
        case("Conv2D", lambda x, w: apply(Conv2D(*attributes(*sizes)), [x, w]), [x, w], forward,
             also=[[empty(0, 5, 6, 2), w], [normal(1, 5, 5, 2), w], *([[normal(3, 20, 17, 2), w]] if big else [])]),
    ]  # fmt: skip
    if dilations == (1, 1):
        full = (1, *strides, 1)
        first = (1, 1, *strides)
        cases += [
            case("Conv2D", lambda x, w: tf.nn.conv2d(x, w, first, padding, data_format="NCHW"), [np.moveaxis(x, -1, 1), w],
                 lambda x, w: np.moveaxis(forward(np.moveaxis(x, 1, -1), w), -1, 1)),
            case("Conv2DBackpropInput", lambda w, dy: tf.nn.conv2d_backprop_input(batched(x, dy), w, dy, full, padding), [w, y],
                 gradient(1), also=[[w, empty(0, *y.shape[1:])]]),
            case("Conv2DBackpropFilter", lambda x, dy: tf.nn.conv2d_backprop_filter(x, w.shape, dy, full, padding), [x, y],
                 gradient(2), also=[[empty(0, *x.shape[1:]), empty(0, *y.shape[1:])]]),
        ]  # fmt: skip
    return cases


def batched(x: np.ndarray, dy: Any) -> Any:
    """The shape of x with as many entries as `dy` has, as a tensor."""
    return tf.pack([tf.shape(dy)[0], *x.shape[1:]])


def volumes() -> list[Case]:
    x, w, strides = normal(1, 3, 4, 3, 2), normal(2, 2, 1, 2, 3, seed=1), (1, 2, 1)
    full = (1, *strides, 1)

    def forward(x: Any, w: Any) -> Any:
        return reference(x, w, None, strides, "SAME", (1, 1, 1))[0]

    y = np.float32(forward(x, w))
    definition = attributes(full, "SAME", None, rank=5)

    def dx(w: Any, dy: Any) -> Any:
        return reference(np.zeros((len(dy), *x.shape[1:])), w, dy, strides, "SAME", (1, 1, 1))[1]

    def dw(x: Any, dy: Any) -> Any:
        return reference(x, np.zeros(w.shape), dy, strides, "SAME", (1, 1, 1))[2]

    return [
        case("Conv3D", lambda x, w: conv3d(x, w, full, "SAME"), [x, w], forward, also=[[empty(0, 3, 4, 3, 2), w]]),
        case("Conv3DBackpropInputV2", lambda w, dy: conv3d_transpose(dy, w, batched(x, dy), full), [w, y], dx,
             also=[[w, empty(0, *y.shape[1:])]]),
        case("Conv3DBackpropInput", lambda w, dy: apply(Conv3DBackpropInput(*definition), [tf.zeros(batched(x, dy)), w, dy]),
             [w, y], dx, also=[[w, empty(0, *y.shape[1:])]]),
        case("Conv3DBackpropFilterV2",
             lambda x, dy: tf.nn.conv3d_backprop_filter_v2(x, w.shape, dy, full, "SAME"), [x, y], dw,
             also=[[empty(0, *x.shape[1:]), empty(0, *y.shape[1:])]]),
        case("Conv3DBackpropFilter", lambda x, dy: apply(Conv3DBackpropFilter(*definition), [x, w, dy]), [x, y], dw,
             also=[[empty(0, *x.shape[1:]), empty(0, *y.shape[1:])]]),
    ]  # fmt: skip


def depthwise() -> list[Case]:
    cases = []
    for w_shape, strides, rate in (
        ((2, 3, 2, 2), (1, 1), (1, 1)),
        ((3, 2, 2, 1), (2, 1), (1, 1)),
        ((2, 2, 2, 1), (1, 1), (2, 2)),
    ):
        x, w, full = normal(2, 5, 4, 2), normal(*w_shape, seed=1), (1, *strides, 1)

        def forward(x: Any, w: Any, strides: Any = strides, rate: Any = rate) -> Any:
            return depthwise_reference(x, w, None, strides, "SAME", rate)[0]

        y = np.float32(forward(x, w))

        def dx(w: Any, dy: Any, x: Any = x, strides: Any = strides) -> Any:
            return depthwise_reference(np.zeros((len(dy), *x.shape[1:])), w, dy, strides, "SAME", (1, 1))[1]

        def dw(x: Any, dy: Any, w: Any = w, strides: Any = strides) -> Any:
            return depthwise_reference(x, np.zeros(w.shape), dy, strides, "SAME", (1, 1))[2]

        cases.append(
            case("DepthwiseConv2dNative", lambda x, w, full=full, rate=rate: depthwise_conv2d(x, w, full, "SAME", rate), [x, w],
                 forward, also=[[empty(0, 5, 4, 2), w]])
        )  # fmt: skip
        if rate == (1, 1):
            cases += [
                case("DepthwiseConv2dNativeBackpropInput",
                     lambda w, dy, x=x, full=full: tf.nn.depthwise_conv2d_native_backprop_input(
                         batched(x, dy), w, dy, full, "SAME"),
                     [w, y], dx, also=[[w, empty(0, *y.shape[1:])]]),
                case("DepthwiseConv2dNativeBackpropFilter",
                     lambda x, dy, w=w, full=full: tf.nn.depthwise_conv2d_native_backprop_filter(x, w.shape, dy, full, "SAME"),
                     [x, y], dw, also=[[empty(0, 5, 4, 2), empty(0, *y.shape[1:])]]),
            ]  # fmt: skip
    return cases


def composed() -> list[Case]:
    def separable(x: Any, d: Any, p: Any) -> Any:
        return depthwise_reference(x, d, None, (1, 1), "VALID", (1, 1))[0] @ p[0, 0]

    def sequence(x: Any, w: Any) -> Any:
        return reference(x, w, None, (2,), "SAME", (1,))[0]

    def atrous(x: Any, w: Any) -> Any:
        return reference(x, w, None, (1, 1), "VALID", (2, 2))[0]

    def larger(y: Any, w: Any) -> Any:
        return reference(np.zeros((2, 6, 5, 3)), w, y, (2, 2), "SAME", (1, 1))[1]

    return [
        case("Conv2D", lambda x, d, p: separable_conv2d(x, d, p, ONE, "VALID"),
             [normal(1, 4, 4, 2), normal(2, 2, 2, 2, seed=1), normal(1, 1, 4, 3, seed=2)], separable, second=False,
             why="second gradients are tested part by part"),
        case("Conv2D", lambda x, w: conv1d(x, w, 2, "SAME"), [normal(2, 7, 3), normal(3, 3, 2, seed=1)], sequence),
        case("Conv2D", lambda x, w: tf.nn.atrous_conv2d(x, w, 2, "VALID"), [normal(1, 6, 5, 2), normal(2, 2, 2, 3, seed=1)], atrous),
        case("Conv2DBackpropInput", lambda y, w: tf.nn.conv2d_transpose(y, w, [2, 6, 5, 3], [1, 2, 2, 1]),
             [normal(2, 3, 3, 4), normal(3, 3, 3, 4, seed=1)], larger),
    ]  # fmt: skip


CASES = [
    *products(),
    *images((1, 1), "SAME", (3, 2, 2, 3), big=True),
    *images((2, 1), "VALID", (2, 2, 2, 3)),
    *images((2, 3), "SAME", (3, 3, 2, 2)),
    *images((1, 1), "SAME", (1, 1, 2, 4)),
    *images((1, 1), "SAME", (2, 3, 2, 2), (2, 1)),
    *volumes(),
    *depthwise(),
    *composed(),
]
