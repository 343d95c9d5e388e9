"""Random choices: permutations, samples of classes, and places of crops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.ordering import SORT, plain, sort_rows
from graphlab_nb.ops.random import FILE, Seeded, fill, key_of, seeds_for
from graphlab_nb.ops.rows import check_index
from graphlab_nb.ops.static import check_shape, integers
from graphlab_nb.shapes import show


@frozen
class RandomShuffle(Seeded):
    """The rows of x in an order drawn from all with the same probability: sorted by random keys of 64 bits."""

    seed: int = 0
    seed2: int = 0
    input_names: ClassVar[tuple[str, ...]] = ("value",)

    def infer(self, x: Spec) -> Spec:
        return Spec(x.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        x, out = inputs[0], outputs[0]
        if not x.shape or x.shape[0] == 1:
            run.copy(x, out)
            return
        n = x.shape[0]
        drawn = run.scratch((n,), dtypes.uint64)
        fill(self, run, drawn, [np.int64(0), np.uint64(2**64 - 1)], {"INTEGER": None, "BOUNDED": None})
        _, order = sort_rows(run, drawn, 1, n)
        run.kernel(SORT, "take_rows", [out, x, order, np.int64(x.size // n)], (x.size,), None, {"T": plain(x.dtype)})


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows of `value` (along its first dimension) in a random order.

    Args:
      value: any tensor.
      seed: the operation's seed; see `tf.set_random_seed`.
      name: the operation's name.

    Returns:
      A tensor of the shape and type of `value`.

    Example:
      >>> sorted(tf.Session().run(tf.random_shuffle([1, 2, 3])).tolist())
      [1, 2, 3]
    """
    return apply(RandomShuffle(*seeds_for(seed)), [value], name)


@frozen
class Multinomial(Seeded):
    """y[b, s] = a class, drawn with probabilities softmax(logits[b, :])."""

    seed: int = 0
    seed2: int = 0
    output_dtype: DType = dtypes.int64
    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    input_names: ClassVar[tuple[str, ...]] = ("logits", "num_samples")

    def infer(self, logits: Spec, samples: Spec) -> Spec:
        if not logits.dtype.is_floating:
            raise TypeError(f"logits must be floating, not {logits.dtype.name}")
        if logits.rank not in (None, 2):
            raise ValueError(f"logits must be [batch, classes], not of shape {show(logits.dims)}")
        if not samples.dtype.is_integer or samples.rank not in (None, 0):
            raise ValueError(f"num_samples must be a single integer, not {samples.dtype.name}{show(samples.dims)}")
        count = samples.full_value()
        if count is not None and count < 0:
            raise ValueError(f"num_samples must not be negative: {int(count)}")
        if logits.dims is not None and logits.dims[1] == 0:
            raise ValueError(f"There is no class to draw in logits of shape {show(logits.dims)}")
        batch = None if logits.dims is None else logits.dims[0]
        return Spec(self.output_dtype, (batch, None if count is None else int(count)))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        logits, out = inputs[0], outputs[0]
        batch, n = logits.shape
        cdf = run.scratch((batch, n), dtypes.float32)
        defines = {"T": logits.dtype.c_type, "INDEX": out.dtype.c_type, "LANES": 1, "CHOICE": None}
        run.kernel(FILE, "choice_sums", [cdf, logits, np.int64(n)], (batch,), None, defines)
        args = [out, run.counter(), cdf, *key_of(self.seed, self.seed2), np.int64(n)]
        run.kernel(FILE, "choice_draw", args, (out.shape[1], batch), None, defines)


def multinomial(
    logits: Any, num_samples: Any, seed: int | None = None, name: str | None = None, output_dtype: Any = None
) -> Tensor:
    """Draws classes with the probabilities softmax(logits), independently.

    Args:
      logits: [batch, classes], floating.
      num_samples: draws per row, a number or an integer tensor.
      seed: the operation's seed; see `tf.set_random_seed`.
      name: the operation's name.
      output_dtype: int32 or int64, which it is by default.

    Returns:
      [batch, num_samples], numbers of classes.

    Raises:
      ValueError: logits of another rank or without classes.

    Example:
      >>> tf.Session().run(tf.multinomial([[0.0, -1000.0], [-1000.0, 0.0]], 3))
      array([[0, 0, 0],
             [1, 1, 1]])
    """
    dtype = dtypes.int64 if output_dtype is None else dtypes.as_dtype(output_dtype).base_dtype
    check_index(dtype)
    with name_scope(name, "multinomial", [logits, num_samples]):
        logits = convert_to_tensor(logits, name="logits")
        return apply(Multinomial(*seeds_for(seed), dtype), [logits, num_samples])


def _cropped(value: Spec, size: Spec) -> Any:
    """The shape that a crop of this size has, where the size fits."""
    check_shape(size, "The size of random_crop")
    dims = size.value_as_dims()
    if dims is not None and value.dims is not None:
        fits = len(dims) == len(value.dims) and all(
            d is None or w is None or d <= w for d, w in zip(dims, value.dims, strict=True)
        )
        if not fits:
            raise ValueError(f"A crop of size {show(dims)} does not fit a value of shape {show(value.dims)}")
        if len(dims) > 8:
            raise ValueError(f"random_crop takes at most 8 dimensions, not {len(dims)}")
    return dims


@frozen
class RandomCropOffset(Seeded):
    """Where a crop of a given size may begin, drawn uniformly in each dimension."""

    seed: int = 0
    seed2: int = 0
    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    value_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, value: Spec, size: Spec) -> Spec:
        dims = _cropped(value, size)
        return Spec(dtypes.int32, (None if dims is None else len(dims),))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        sizes = [int(v) for v in run.value(1)]
        rooms = [w - s + 1 for w, s in zip(inputs[0].shape, sizes, strict=True)]
        args = [outputs[0], run.counter(), *key_of(self.seed, self.seed2), np.int32(len(rooms))]
        args += [np.uint32(r) for r in (*rooms, *[1] * 8)][:8]
        run.kernel(FILE, "crop_offsets", args, (1,), None, {"T": "uint", "LANES": 1, "CROP": None})


def _move(run: Launcher, to: Array, source: Array, offsets: Array, piece: Array, whole: Array, paste: bool) -> None:
    rank = len(piece.shape)
    sides = [[1] * (8 - rank) + list(a.shape) for a in (piece, whole)]
    scalars = [np.int64(s) for side in sides for s in side[1:]]
    defines = {"T": plain(piece.dtype), "LANES": 1, "CROP": None, **({"PASTE": None} if paste else {})}
    run.kernel(FILE, "crop_move", [to, source, offsets, np.int32(rank), *scalars], (piece.size,), None, defines)


@frozen
class CropAt(OpDef):
    """The part of x that begins at an offset, of a given size."""

    value_inputs: ClassVar[tuple[int, ...]] = (2,)

    def infer(self, x: Spec, offset: Spec, size: Spec) -> Spec:
        return Spec(x.dtype, _cropped(x, size))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        _move(run, outputs[0], inputs[0], inputs[1], outputs[0], inputs[0], paste=False)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        x, offset, size = op.inputs
        return [apply(PasteAt(), [dy, offset, size, x]), None, None]


@frozen
class PasteAt(OpDef):
    """Zeros of the shape of another tensor, with y put in at an offset."""

    shape_inputs: ClassVar[tuple[int, ...]] = (2, 3)

    def infer(self, y: Spec, offset: Spec, size: Spec, like: Spec) -> Spec:
        return Spec(y.dtype, like.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.zero(outputs[0])
        if inputs[0].size:
            _move(run, outputs[0], inputs[0], inputs[1], inputs[0], outputs[0], paste=True)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [apply(CropAt(), [dy, op.inputs[1], op.inputs[2]]), None, None, None]


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """A part of `value` of the given size, from a random place.

    Args:
      value: any tensor of at most 8 dimensions.
      size: the part's shape, as long as the shape of `value`.
      seed: the operation's seed; see `tf.set_random_seed`.
      name: the operation's name.

    Returns:
      A tensor of the shape `size` and the type of `value`.

    Raises:
      ValueError: a size that does not fit the shape of `value`.

    Example:
      >>> tf.random_crop(tf.zeros([32, 32, 3]), [24, 24, 3]).get_shape()
      TensorShape([24, 24, 3])
    """
    with name_scope(name, "random_crop", [value, size]) as scope:
        value, size = convert_to_tensor(value, name="value"), convert_to_tensor(integers(size), name="size")
        offset = apply(RandomCropOffset(*seeds_for(seed)), [value, size])
        return apply(CropAt(), [value, offset, size], scope)


__all__ = public_names(globals())
