"""The same elements in another order, or several times: transpose, reverse and tile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb.graph.build import apply, convert_to_tensor, is_tensor
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.late import Told
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.moves import move, strides_of
from graphlab_nb.ops.reduce_launch import launch_reduction
from graphlab_nb.ops.static import check_shape, chosen, integers, ints_of, wrapped_axis
from graphlab_nb.shapes import show


@frozen
class Transpose(OpDef):
    """y[i_perm[0], i_perm[1], ...] = x[i_0, i_1, ...]; without perm, the dimensions in reverse order.

    With `back` it is the other way round: what a transposition by `perm` has moved returns to its place.
    """

    perm: tuple[int, ...] | None = None
    back: bool = False
    input_names: ClassVar[tuple[str, ...]] = ("a",)

    def order(self, rank: int) -> tuple[int, ...]:
        """For each dimension of the result, the dimension of a tensor of that rank that it is.

        Raises:
          ValueError: where `perm` is no order of so many dimensions.
        """
        if self.perm is None:
            return tuple(range(rank))[::-1]
        order = [k + rank if -rank <= k < 0 else k for k in self.perm]
        if sorted(order) != list(range(rank)):
            raise ValueError(f"{list(self.perm)} is no order of {rank} dimensions")
        return tuple(sorted(range(rank), key=order.__getitem__) if self.back else order)

    def infer(self, x: Spec) -> Spec:
        if x.dims is None:
            return Spec(x.dtype, None if self.perm is None else (None,) * len(self.perm))
        return Spec(x.dtype, tuple(x.dims[k] for k in self.order(len(x.dims))))

    def untold(self, x: Spec) -> Spec:
        length = self.perm.length if isinstance(self.perm, Told) else None
        rank = length if x.dims is None else len(x.dims)
        if length not in (None, rank):
            raise ValueError(f"{length} numbers are no order of the dimensions of shape {show(x.dims)}")
        return Spec(x.dtype, None if rank is None else (None,) * rank)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        dims = inputs[0].dims
        if dims is None:
            return None
        moved = [k for k in self.order(len(dims)) if dims[k] != 1]
        return 0 if moved == sorted(moved) else None

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if self.order(len(inputs[0].shape))[0] == 0 else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        strides = strides_of(inputs[0].shape)
        order = self.order(len(strides))
        move(run, inputs[0], outputs[0], outputs[0].shape, [strides[k] for k in order], strides_of(outputs[0].shape))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(Transpose(self.perm, not self.back), [dy[0]])]


def transpose(a: Any, perm: Any = None, name: str | None = "transpose") -> Tensor:
    """`a` with its dimensions in another order.

    Args:
      a: any tensor.
      perm: for each dimension of the result, the dimension of `a` that it is; by default they are reversed.
      name: the operation's name.

    Raises:
      ValueError: a `perm` that is no order of the dimensions.

    Example:
      >>> tf.Session().run(tf.transpose([[1, 2, 3], [4, 5, 6]]))
      array([[1, 4],
             [2, 5],
             [3, 6]], dtype=int32)
    """
    return apply(Transpose(None if perm is None else ints_of(perm, "perm of transpose")), [a], name)


def matrix_transpose(a: Any, name: str = "matrix_transpose") -> Tensor:
    """`a` with its last two dimensions exchanged: [..., m, n] makes [..., n, m].

    Raises:
      ValueError: a tensor of rank below 2, or of unknown rank.

    Example:
      >>> tf.Session().run(tf.matrix_transpose([[1, 2, 3], [4, 5, 6]]))
      array([[1, 4],
             [2, 5],
             [3, 6]], dtype=int32)
    """
    with name_scope(name, "matrix_transpose", [a]) as scope:
        a = convert_to_tensor(a, name="a")
        rank = a.shape.ndims
        if rank is None or rank < 2:
            raise ValueError(f"matrix_transpose takes a tensor of rank 2 or more, not {a}")
        return transpose(a, [*range(rank - 2), rank - 1, rank - 2], scope)


@frozen
class Reverse(OpDef):
    """x with the order along each of `axes` turned round."""

    axes: tuple[int, ...]
    type_name: ClassVar[str] = "ReverseV2"
    input_names: ClassVar[tuple[str, ...]] = ("tensor",)

    def infer(self, x: Spec) -> Spec:
        if x.dims is not None:
            found = [wrapped_axis(a, len(x.dims)) for a in self.axes]
            if len(set(found)) != len(found):
                raise ValueError(f"The axes to reverse, {list(self.axes)}, name one of shape {show(x.dims)} twice")
        return Spec(x.dtype, x.dims)

    def untold(self, x: Spec) -> Spec:
        return Spec(x.dtype, x.dims)

    def fold(self, x: Spec) -> Any:
        return None if x.value is None else np.ma.asarray(np.flip(x.value, self.axes))

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        dims = inputs[0].dims
        return 0 if dims is not None and all(dims[a] in (0, 1) for a in self.axes) else None

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return () if 0 in (a % len(inputs[0].shape) for a in self.axes) else (0,)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dims = inputs[0].shape
        strides = strides_of(dims)
        back = list(strides)
        offset = 0
        for axis in self.axes:
            back[axis] = -strides[axis]
            offset += (dims[axis] - 1) * strides[axis]
        move(run, inputs[0], outputs[0], dims, back, strides, source_offset=offset)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(self, [dy[0]])]


def reverse(tensor: Any, axis: Any = None, name: str | None = None, dims: Any = None) -> Tensor:
    """`tensor` with the order along some dimensions turned round.

    Args:
      tensor: any tensor.
      axis: the dimensions as a list of numbers (1.0), or one bool for each dimension of the tensor (0.x).
      name: the operation's name.
      dims: the older spelling of `axis`.

    Raises:
      ValueError: an axis that does not exist or comes twice.

    Example:
      >>> tf.Session().run(tf.reverse([[1, 2, 3], [4, 5, 6]], [1]))
      array([[3, 2, 1],
             [6, 5, 4]], dtype=int32)
    """
    axis = chosen(axis, dims, "axis and dims")
    if not is_tensor(tensor):
        with name_scope(name, "Reverse") as scope:
            return reverse(convert_to_tensor(tensor, name="tensor"), axis, scope)
    if isinstance(axis, Tensor) and axis.dtype.base_dtype.is_bool and isinstance(axis.op.definition, Const):
        axis = axis.op.definition.array
    flags = None if isinstance(axis, Tensor) else np.asarray(axis)
    if flags is not None and flags.dtype == np.bool_:
        if flags.ndim != 1 or tensor.get_shape().ndims not in (None, flags.size):
            raise ValueError(f"reverse needs one bool for each dimension of shape {tensor.get_shape()}, not {axis!r}")
        axes = tuple(int(k) for k in np.flatnonzero(flags))
    else:
        axes = ints_of(axis, "The axes of reverse")
    return apply(Reverse(axes), [tensor], name or "Reverse")


def reverse_v2(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """`tensor` with the order along the dimensions `axis` turned round.

    Args:
      tensor: any tensor.
      axis: list of the dimensions' numbers.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.reverse_v2([[1, 2, 3], [4, 5, 6]], [0]))
      array([[4, 5, 6],
             [1, 2, 3]], dtype=int32)
    """
    return reverse(tensor, axis, name)


# Repeating


def _multiples(x: Spec, multiples: Spec) -> list[int | None] | None:
    check_shape(multiples, "The multiples of tile")
    found = multiples.value_as_dims()
    if multiples.value is not None and any(m < 0 for m in np.ma.compressed(multiples.value)):
        raise ValueError(f"A tensor cannot be repeated {multiples.value} times")
    if found is not None and x.dims is not None and len(found) != len(x.dims):
        raise ValueError(f"tile needs {len(x.dims)} multiples for shape {show(x.dims)}, not {len(found)}")
    return None if found is None else list(found)


@frozen
class Tile(OpDef):
    """y[i] = x[i mod dims of x]: x repeated `multiples` times in each dimension."""

    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    input_names: ClassVar[tuple[str, ...]] = ("input", "multiples")

    def infer(self, x: Spec, multiples: Spec) -> Spec:
        times = _multiples(x, multiples)
        if times is None:
            return Spec(x.dtype, None if x.dims is None else (None,) * len(x.dims))
        dims = x.dims if x.dims is not None else (None,) * len(times)
        return Spec(x.dtype, tuple(_product(d, m) for d, m in zip(dims, times, strict=True)))

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0 if output.known and output.dims == inputs[0].dims else None

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dims, source, target = _tiles(inputs[0].shape, outputs[0].shape)
        move(run, inputs[0], outputs[0], dims, source, target)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(TileGrad(), [op.inputs[0], dy[0]]), None]


@frozen
class TileGrad(OpDef):
    """dx[i] = the sum of dy over all the places that x[i] was repeated to; the first input is x."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    accuracy: ClassVar[Accuracy] = Accuracy(4, "terms")

    def infer(self, x: Spec, dy: Spec) -> Spec:
        return Spec(dy.dtype, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dims, _, _ = _tiles(outputs[0].shape, inputs[1].shape)
        if inputs[1].size == 0:
            run.zero(outputs[0])
        else:
            launch_reduction(run, "SUM", outputs[0], inputs[1].reshaped(dims), range(0, len(dims), 2))

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [None, apply(TileLike(), [dy[0], op.inputs[1]])]


@frozen
class TileLike(OpDef):
    """x repeated until it has the shape of another tensor, each of whose lengths is a multiple of x's."""

    shape_inputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, x: Spec, like: Spec) -> Spec:
        return Spec(x.dtype, like.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dims, source, target = _tiles(inputs[0].shape, outputs[0].shape)
        move(run, inputs[0], outputs[0], dims, source, target)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [apply(TileGrad(), [op.inputs[0], dy[0]]), None]


def _product(a: int | None, b: int | None) -> int | None:
    return 0 if 0 in (a, b) else None if a is None or b is None else a * b


def _tiles(small: Sequence[int], large: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """A repetition as a move: lengths, strides of the repeated and of the repeating array; repeats at even places."""
    dims: list[int] = []
    source: list[int] = []
    target: list[int] = []
    for n, m, s, t in zip(small, large, strides_of(small), strides_of(large), strict=True):
        dims += [m // n if n else 0, n]
        source += [0, s]
        target += [n * t, t]
    return dims, source, target


def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """`input` repeated `multiples[k]` times along each dimension k.

    Args:
      input: any tensor.
      multiples: one whole number for each dimension of `input`.
      name: the operation's name.

    Raises:
      ValueError: where there is not one multiple for each dimension.

    Example:
      >>> tf.Session().run(tf.tile([[1, 2]], [2, 2]))
      array([[1, 2, 1, 2],
             [1, 2, 1, 2]], dtype=int32)
    """
    return apply(Tile(), [input, integers(multiples)], name)
