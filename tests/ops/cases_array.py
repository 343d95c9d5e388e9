"""Cases of the operations about shapes and the order of elements (ops/shaping, filling, packing, concat, rearrange, padding)."""

from __future__ import annotations

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.ops import blocks, concat, padding, rearrange
from graphlab_nb.ops.shaping import reshape_like
from tests.ops.case import Case, booleans, case, integers, normal

EMPTY = np.zeros((0, 3), np.float32)
X = normal(3, 4)
CUBE = normal(2, 3, 4)


def padded(mode: str, *pads: tuple[int, int]):
    return lambda x: np.pad(x, pads, mode)


PADS = np.array([[1, 2], [0, 3]], np.int32)


def mirror_grad(mode: str):
    return lambda dy, p, x: apply(padding.MirrorPadGrad(mode), [dy, p, x])


def mirrored_back(mode: str):
    """The sum of dy over the places that each element of x is mirrored to."""

    def reference(dy, p, x):
        out = np.zeros(x.size)
        np.add.at(
            out, np.pad(np.arange(x.size).reshape(x.shape), np.asarray(p), mode).ravel() if x.size else [], dy.ravel()
        )
        return out.reshape(x.shape)

    return reference


def tiled_back(x, dy):
    (a, b), (m, n) = x.shape, dy.shape
    return dy.reshape(m // a, a, n // b, b).sum((0, 2))


PICTURES = normal(2, 4, 6, 3)


def to_batch(x, block, pads):
    x = np.pad(x, [(0, 0), *pads, *[(0, 0)] * (x.ndim - 1 - len(pads))])
    parts = [
        x[(slice(None), *(slice(u, None, s) for u, s in zip(place, block, strict=True)))]
        for place in np.ndindex(*block)
    ]
    return np.concatenate(parts)


def from_batch(x, block, crops):
    count = x.shape[0] // int(np.prod(block))
    rest = 1 + len(block)
    lengths = [n * s for n, s in zip(x.shape[1:], block, strict=False)]
    out = np.zeros((count, *lengths, *x.shape[rest:]), x.dtype)
    for number, place in enumerate(np.ndindex(*block)):
        part = x[number * count : (number + 1) * count]
        out[(slice(None), *(slice(u, None, s) for u, s in zip(place, block, strict=True)))] = part
    return out[(slice(None), *(slice(a, n - b) for (a, b), n in zip(crops, lengths, strict=True)))]


def reversed_sequences(x, lengths):
    out = np.array(x)
    for b, n in enumerate(lengths):
        out[b, :n] = x[b, :n][::-1]
    return out


CASES: list[Case] = [
    case(
        "Shape",
        tf.shape,
        [X],
        lambda x: np.array(np.shape(x), np.int32),
        also=[[EMPTY], [np.float32(1)]],
        grad=False,
        why="whole numbers",
    ),
    case(
        "Shape",
        lambda x: tf.shape(x, out_type=tf.int64),
        [X],
        lambda x: np.array(x.shape),
        grad=False,
        why="whole numbers",
    ),
    case(
        "Shape",
        lambda x, y: tf.shape_n([x, y]),
        [X, EMPTY],
        lambda x, y: [np.array(x.shape), np.array(y.shape)],
        grad=False,
        why="whole numbers",
    ),
    case(
        "Size",
        tf.size,
        [X],
        lambda x: np.int32(x.size),
        also=[[EMPTY], [np.float32(1)]],
        grad=False,
        why="whole numbers",
    ),
    case(
        "Rank",
        tf.rank,
        [X],
        lambda x: np.int32(x.ndim),
        also=[[EMPTY], [np.float32(1)]],
        grad=False,
        why="whole numbers",
    ),
    case("Reshape", lambda x: tf.reshape(x, [2, -1]), [X], lambda x: x.reshape(2, -1), also=[[normal(2, 1)]]),
    case("Reshape", lambda x: tf.reshape(x, [3, 0]), [EMPTY], lambda x: x.reshape(3, 0)),
    case("Reshape", lambda x: tf.reshape(x, []), [normal(1, 1)], lambda x: x.reshape(())),
    case(
        "ReshapeLike",
        reshape_like,
        [X, normal(2, 6)],
        lambda x, y: x.reshape(y.shape),
        also=[[EMPTY, normal(3, 0)]],
        fixed=[1],
    ),
    case("ExpandDims", lambda x: tf.expand_dims(x, 1), [X], lambda x: x[:, None], also=[[EMPTY]]),
    case(
        "ExpandDims", lambda x: tf.expand_dims(x, dim=-1), [X], lambda x: x[..., None], also=[[EMPTY], [np.float32(1)]]
    ),
    case("Squeeze", tf.squeeze, [normal(1, 3, 1)], np.squeeze, grad=False, why="the shape must be known; next line"),
    case(
        "Squeeze",
        lambda x: tf.squeeze(x, [0, -1]),
        [normal(1, 3, 1)],
        lambda x: x[0, :, 0],
        also=[[np.zeros((1, 0, 1), np.float32)]],
    ),
    case(
        "ZerosLike",
        tf.zeros_like,
        [X],
        np.zeros_like,
        also=[[EMPTY], [booleans(3, 3)], [integers(40)]],
        grad=False,
        why="constant",
    ),
    case(
        "OnesLike",
        tf.ones_like,
        [X],
        np.ones_like,
        also=[[EMPTY], [booleans(3, 3)], [integers(40)]],
        grad=False,
        why="constant",
    ),
    case("Fill", lambda x: tf.fill([2, 3], tf.reshape(x, [])), [np.float32([7])], lambda x: np.full((2, 3), x[0])),
    case("Fill", lambda x: tf.fill([4, 5], x), [np.bool_(True)], lambda x: np.full((4, 5), x), grad=False),
    case("Fill", lambda x: tf.fill([0, 5], x), [np.int64(3)], lambda x: np.full((0, 5), x), grad=False),
    case(
        "Fill",
        lambda x: tf.fill(tf.shape(x), 2.0),
        [EMPTY],
        lambda x: np.full(x.shape, 2.0),
        grad=False,
        why="constant",
    ),
    case(
        "Fill",
        lambda x: tf.zeros(tf.shape(x), tf.float64),
        [X],
        lambda x: np.zeros(x.shape),
        grad=False,
        why="constant",
    ),
    case(
        "Transpose",
        tf.transpose,
        [CUBE],
        np.transpose,
        also=[[EMPTY], [np.float32(1)], [normal(1, 5, 1)], [normal(70, 45)]],
    ),
    case(
        "Transpose",
        lambda x: tf.transpose(x, [1, 2, 0]),
        [CUBE],
        lambda x: x.transpose(1, 2, 0),
        also=[[normal(33, 6, 40)]],
    ),
    case(
        "Transpose",
        lambda x: tf.transpose(x, [0, 2, 3, 1]),
        [normal(2, 8, 3, 4)],
        lambda x: x.transpose(0, 2, 3, 1),
        also=[[integers(2, 3, 5, 7, dtype=np.int8)]],
        grad=False,
        why="as above",
    ),
    case(
        "Transpose",
        lambda x: tf.transpose(x, [0, 2, 1]),
        [CUBE],
        lambda x: x.swapaxes(1, 2),
        also=[[integers(2, 35, 37, dtype=np.int64)], [booleans(1, 50, 9)]],
    ),
    case(
        "ReverseV2",
        lambda x: tf.reverse(x, [0, -1]),
        [CUBE],
        lambda x: x[::-1, :, ::-1],
        also=[[np.zeros((2, 0, 3), np.float32)], [normal(1, 2, 1)]],
    ),
    case(
        "ReverseV2",
        lambda x: tf.reverse(x, [False, True]),
        [X],
        lambda x: x[:, ::-1],
        also=[[integers(3, 40, dtype=np.int16)]],
    ),
    case(
        "Tile",
        lambda x: tf.tile(x, [2, 3]),
        [X],
        lambda x: np.tile(x, (2, 3)),
        also=[[EMPTY], [normal(1, 1)], [normal(5, 1)], [booleans(3, 2)]],
    ),
    case("Tile", lambda x: tf.tile(x, [3, 1]), [normal(1, 5)], lambda x: np.tile(x, (3, 1))),
    case("Tile", lambda x: tf.tile(x, [0, 2]), [X], lambda x: np.tile(x, (0, 2))),
    case(
        "Pad",
        lambda x: tf.pad(x, [[1, 2], [0, 3]]),
        [X],
        padded("constant", (1, 2), (0, 3)),
        also=[[EMPTY], [integers(2, 2)], [normal(1, 1)]],
    ),
    case("Pad", lambda x: tf.pad(x, [[1, 1]]), [np.zeros(0, np.float32)], padded("constant", (1, 1))),
    case(
        "MirrorPad",
        lambda x: tf.pad(x, [[1, 2], [0, 3]], "REFLECT"),
        [X],
        padded("reflect", (1, 2), (0, 3)),
        also=[[integers(4, 5)]],
    ),
    case("MirrorPad", lambda x: tf.pad(x, [[3, 2], [0, 4]], "SYMMETRIC"), [X], padded("symmetric", (3, 2), (0, 4))),
    case(
        "MirrorPad",
        lambda x: tf.pad(x, [[0, 0], [1, 2]], "SYMMETRIC"),
        [np.zeros((0, 2), np.float32)],
        padded("symmetric", (0, 0), (1, 2)),
    ),
    case(
        "Pack",
        lambda x, y: tf.pack([x, y]),
        [X, normal(3, 4, seed=1)],
        lambda x, y: np.stack([x, y]),
        also=[[EMPTY, EMPTY]],
    ),
    case(
        "Pack",
        lambda x, y: tf.stack([x, y, x], axis=-1),
        [X, normal(3, 4, seed=1)],
        lambda x, y: np.stack([x, y, x], -1),
        also=[[EMPTY, EMPTY]],
    ),
    case(
        "Unpack",
        lambda x: tf.unpack(x, 2, axis=1),
        [normal(3, 2, 4)],
        lambda x: [x[:, 0], x[:, 1]],
        also=[[np.zeros((0, 2, 1), np.float32)]],
    ),
    case("Unpack", lambda x: tf.unstack(x, 3), [X], lambda x: list(x), also=[[normal(3, 1)]]),
    case(
        "Concat",
        lambda x, y: tf.concat(1, [x, y]),
        [X, normal(3, 2)],
        lambda x, y: np.concatenate([x, y], 1),
        also=[[normal(1, 1), normal(1, 0)], [normal(0, 1), normal(0, 2)]],
    ),
    case(
        "Concat",
        lambda x, y: tf.concat([x, y], axis=-1),
        [CUBE, normal(2, 3, 1)],
        lambda x, y: np.concatenate([x, y], -1),
    ),
    case("Concat", lambda x: tf.concat(0, [x]), [X], lambda x: x, also=[[EMPTY]]),
    case(
        "Split",
        lambda x: tf.split(1, 2, x),
        [X],
        lambda x: np.split(x, 2, 1),
        also=[[np.zeros((0, 2), np.float32)], [normal(1, 2)]],
    ),
    case("Split", lambda x: tf.split(x, 3), [X], lambda x: np.split(x, 3), also=[[integers(6)]]),
    case(
        "SplitV",
        lambda x: tf.split(x, [1, -1, 2], 1),
        [normal(2, 5)],
        lambda x: np.split(x, [1, x.shape[1] - 2], 1),
        also=[[np.zeros((0, 4), np.float32)], [normal(1, 3)]],
    ),
    # The operations that gradients are made of, by themselves: their own gradients are not reached by differentiating twice.
    case(
        "ConcatGrad",
        lambda dy, x, y: apply(concat.ConcatGrad(1, 2), [dy, x, y]),
        [normal(3, 6), X, normal(3, 2)],
        lambda dy, x, y: [dy[:, : x.shape[1]], dy[:, x.shape[1] :]],
        fixed=[1, 2],
        also=[[EMPTY, normal(0, 1), normal(0, 2)]],
    ),
    case(
        "TileGrad",
        lambda x, dy: apply(rearrange.TileGrad(), [x, dy]),
        [normal(3, 2), normal(6, 6)],
        tiled_back,
        fixed=[0],
        also=[[normal(3, 2), normal(0, 2)], [normal(1, 1), normal(300, 7)]],
    ),
    case(
        "TileLike",
        lambda x, y: apply(rearrange.TileLike(), [x, y]),
        [normal(3, 2), normal(6, 6)],
        lambda x, y: np.tile(x, (y.shape[0] // 3, y.shape[1] // 2)),
        fixed=[1],
        also=[[normal(3, 2), normal(0, 2)]],
    ),
    case(
        "PadGrad",
        lambda dy, p, x: apply(padding.PadGrad(), [dy, p, x]),
        [normal(6, 7), PADS, X],
        lambda dy, p, x: dy[1:-2, :-3],
        fixed=[2],
        also=[[normal(3, 6), PADS, EMPTY]],
    ),
    case(
        "MirrorPadGrad",
        mirror_grad("SYMMETRIC"),
        [normal(6, 7), PADS, X],
        mirrored_back("symmetric"),
        fixed=[2],
        also=[[normal(0, 3), [[0, 0], [0, 0]], EMPTY]],
    ),
    case("MirrorPadGrad", mirror_grad("REFLECT"), [normal(6, 7), PADS, X], mirrored_back("reflect"), fixed=[2]),
    case(
        "SpaceToDepth",
        lambda x: blocks.space_to_depth(x, 2),
        [PICTURES],
        lambda x: x.reshape(2, 2, 2, 3, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(2, 2, 3, 12),
        also=[[PICTURES.astype(np.int32)]],
    ),
    case("SpaceToDepth", lambda x: blocks.space_to_depth(x, 3), [normal(0, 3, 3, 1)], lambda x: np.zeros((0, 1, 1, 9))),
    case(
        "DepthToSpace",
        lambda x: blocks.depth_to_space(x, 2),
        [normal(2, 3, 2, 8)],
        lambda x: x.reshape(2, 3, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(2, 6, 4, 2),
    ),
    case("DepthToSpace", lambda x: blocks.depth_to_space(x, 2), [normal(0, 3, 3, 4)], lambda x: np.zeros((0, 6, 6, 1))),
    case(
        "SpaceToBatchND",
        lambda x: blocks.space_to_batch(x, [[1, 1], [0, 3]], 3),
        [PICTURES],
        lambda x: to_batch(x, (3, 3), [(1, 1), (0, 3)]),
        also=[[PICTURES[:, :1]], [PICTURES[:0]]],
    ),
    case(
        "SpaceToBatchND",
        lambda x: blocks.space_to_batch_nd(x, [2], [[0, 0]]),
        [PICTURES],
        lambda x: to_batch(x, (2,), [(0, 0)]),
    ),
    case(
        "BatchToSpaceND",
        lambda x: blocks.batch_to_space(x, [[0, 1], [1, 0]], 2),
        [normal(8, 2, 3, 2)],
        lambda x: from_batch(x, (2, 2), [(0, 1), (1, 0)]),
        also=[[normal(0, 2, 3, 2)], [normal(4, 1, 1, 1)]],
    ),
    case(
        "BatchToSpaceND",
        lambda x: blocks.batch_to_space_nd(x, [2], [[0, 0]]),
        [normal(4, 3)],
        lambda x: from_batch(x, (2,), [(0, 0)]),
    ),
    case(
        "ReverseSequence",
        lambda x, n: blocks.reverse_sequence(x, n, 1, 0),
        [normal(3, 5, 2), np.array([5, 0, 3], np.int64)],
        reversed_sequences,
        also=[[normal(0, 5, 2), np.zeros(0, np.int64)], [integers(1, 1, 1), np.array([1])]],
    ),
    case(
        "ReverseSequence",
        lambda x, n: blocks.reverse_sequence(x, n, seq_axis=0, batch_axis=1),
        [normal(5, 3), np.array([2, 5, 3], np.int32)],
        lambda x, n: reversed_sequences(x.T, n).T,
    ),
]
