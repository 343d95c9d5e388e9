"""Tensors made from few numbers: range, linspace, one_hot, sequence_mask, meshgrid."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor, is_tensor
from graphlab_nb.graph.constant import FOLD_LIMIT, Const, as_array
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.logic import less
from graphlab_nb.ops.moves import move, pieces
from graphlab_nb.ops.packing import pack
from graphlab_nb.ops.rearrange import tile
from graphlab_nb.ops.reduce import reduce_max
from graphlab_nb.ops.shaping import expand_dims, reshape, size
from graphlab_nb.ops.static import wrapped_axis
from graphlab_nb.shapes import show


def _wide(dtype: DType) -> str:
    return "long" if dtype.is_integer else "double" if dtype is dtypes.float64 else "float"


def _scalar(wide: str, value: Any) -> Any:
    return {"long": np.int64, "double": np.float64, "float": np.float32}[wide](value)


def _type_of(value: Any) -> DType:
    """The element type that `value` has as a tensor."""
    return value.dtype.base_dtype if is_tensor(value) else dtypes.as_dtype(as_array(value).dtype)


def _constant_of(tensor: Tensor) -> Any:
    """The NumPy value of a constant, or None."""
    definition = tensor.op.definition
    return definition.array if isinstance(definition, Const) else None


@frozen
class Range(OpDef):
    """y[i] = start + i * delta, as long as that stays before limit.

    Attributes:
      dtype: element type.
      numbers: start, limit and delta where they are known when the operation is built; else they are its inputs.
    """

    dtype: DType
    numbers: tuple[Any, Any, Any] | None = None
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("start", "limit", "delta")

    @property
    def value_inputs(self) -> tuple[int, ...]:  # type: ignore[override]
        return (0, 1, 2) if self.numbers is None else ()

    def _numbers(self, inputs: Sequence[Spec]) -> Sequence[Any] | None:
        if self.numbers is not None:
            return self.numbers
        for spec in inputs:
            if spec.rank not in (None, 0):
                raise ValueError(f"range takes single numbers, not a tensor of shape {show(spec.dims)}")
        known = [s.full_value() for s in inputs]
        return None if any(v is None for v in known) else [v.item() for v in known]

    def infer(self, *inputs: Spec) -> Spec:
        numbers = self._numbers(inputs)
        return Spec(self.dtype, (None if numbers is None else _count(*numbers),))

    def fold(self, *inputs: Spec) -> Any:
        numbers = self._numbers(inputs)
        if numbers is None or _count(*numbers) > FOLD_LIMIT:
            return None
        start, limit, delta = (int(n) for n in numbers)
        return np.ma.asarray(np.arange(start, limit, delta, dtype=np.int64))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        numbers = self.numbers if self.numbers is not None else [run.value(k).item() for k in (0, 1, 2)]
        wide = _wide(self.dtype)
        items, each = pieces(run.traits, outputs[0].size)
        args = [outputs[0], _scalar(wide, numbers[0]), _scalar(wide, numbers[2]), np.int64(outputs[0].size), each]
        run.kernel("generate.cl", "ramp", args, items, defines={"T": self.dtype.c_type, "WIDE": wide})


def _count(start: Any, limit: Any, delta: Any) -> int:
    if delta == 0:
        raise ValueError("range needs a delta other than 0")
    if (limit > start and delta < 0) or (limit < start and delta > 0):
        raise ValueError(f"range from {start} to {limit} cannot go in steps of {delta}")
    if all(isinstance(n, int) for n in (start, limit, delta)):
        return max(0, -((start - limit) // delta))
    return max(0, math.ceil((limit - start) / delta))


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Tensor:
    """The numbers from `start` (0 if only one argument is given) up to but without `limit`, in steps of `delta`.

    Args:
      start: first number, or the limit where no other is given.
      limit: the number to stay before.
      delta: the distance, which may be negative.
      dtype: element type; by default the widest among the arguments.
      name: the operation's name.

    Raises:
      ValueError: a delta of 0, or of the wrong sign.

    Example:
      >>> tf.Session().run(tf.range(3, 18, 3))
      array([ 3,  6,  9, 12, 15], dtype=int32)
    """
    if limit is None:
        start, limit = 0, start
    given = (start, limit, delta)
    order = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)
    if dtype is None:
        found = [_type_of(v) for v in given]
        for kind in found:
            if kind not in order:
                raise TypeError(f"range takes {', '.join(t.name for t in order)}, not {kind.name}")
        dtype = max(found, key=order.index)
    dtype = dtypes.as_dtype(dtype).base_dtype
    with name_scope(name, "range", given) as scope:
        tensors = [
            cast(v, dtype) if isinstance(v, Tensor) else convert_to_tensor(v, dtype, n)
            for v, n in zip(given, Range.input_names, strict=True)
        ]
        values = [_constant_of(t) for t in tensors]
        if all(v is not None and v.ndim == 0 for v in values):
            return apply(Range(dtype, tuple(v.item() for v in values)), [], scope)  # type: ignore[arg-type]
        return apply(Range(dtype), tensors, scope)


@frozen
class LinSpace(OpDef):
    """y[i] = start + i (stop - start) / (num - 1)."""

    value_inputs: ClassVar[tuple[int, ...]] = (2,)
    differentiable: ClassVar[bool] = False
    one_type: ClassVar[slice] = slice(0, 2)

    def infer(self, start: Spec, stop: Spec, num: Spec) -> Spec:
        if not start.dtype.is_floating or start.dtype is not stop.dtype or not num.dtype.is_integer:
            given = ", ".join(s.dtype.name for s in (start, stop, num))
            raise TypeError(f"linspace takes two floats of one type and an integer, not {given}")
        if any(s.rank not in (None, 0) for s in (start, stop, num)):
            raise ValueError("linspace takes single numbers")
        count = num.full_value()
        if count is not None and count < 1:
            raise ValueError(f"linspace needs at least one number, not {int(count)}")
        return Spec(start.dtype, (None if count is None else int(count),))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        dtype = outputs[0].dtype
        items, each = pieces(run.traits, outputs[0].size)
        args = [outputs[0], inputs[0], inputs[1], np.int64(outputs[0].size), each]
        defines = {"T": dtype.c_type, "WIDE": _wide(dtype), "SPACED": None}
        run.kernel("generate.cl", "spaced", args, items, defines=defines)


def lin_space(start: Any, stop: Any, num: Any, name: str | None = None) -> Tensor:
    """`num` numbers at equal distances from `start` to `stop`, both included.

    Args:
      start: the first number, floating.
      stop: the last number, of the same type.
      num: how many, a whole number.
      name: the operation's name.

    Raises:
      ValueError: where `num` is below 1.

    Example:
      >>> tf.Session().run(tf.lin_space(0.0, 1.0, 5))
      array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    kind = next((t.dtype.base_dtype for t in (start, stop) if is_tensor(t)), dtypes.float32)
    ends = [v if is_tensor(v) else as_array(v, kind) for v in (start, stop)]
    return apply(LinSpace(), [*ends, num], name)


linspace = lin_space


@frozen
class OneHot(OpDef):
    """y[..., d, ...] = on_value where the index is d, else off_value; d runs along `axis`."""

    axis: int
    value_inputs: ClassVar[tuple[int, ...]] = (1,)
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("indices", "depth", "on_value", "off_value")
    one_type: ClassVar[slice] = slice(2, 4)

    def infer(self, indices: Spec, depth: Spec, on: Spec, off: Spec) -> Spec:
        if not indices.dtype.is_integer:
            raise TypeError(f"one_hot takes integer indices, not {indices.dtype.name}")
        if on.dtype is not off.dtype:
            raise TypeError(f"on_value is {on.dtype.name}, but off_value is {off.dtype.name}")
        if any(s.rank not in (None, 0) for s in (depth, on, off)):
            raise ValueError("depth, on_value and off_value of one_hot are single numbers")
        known = depth.full_value()
        if known is not None and known < 0:
            raise ValueError(f"one_hot cannot have the depth {int(known)}")
        if indices.dims is None:
            return Spec(on.dtype, None)
        axis = wrapped_axis(self.axis, len(indices.dims) + 1)
        dims = (*indices.dims[:axis], None if known is None else int(known), *indices.dims[axis:])
        return Spec(on.dtype, dims)

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return (0,) if self.axis % len(outputs[0].shape) else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        out = outputs[0]
        axis = self.axis % len(out.shape)
        depth, inner = out.shape[axis], math.prod(out.shape[axis + 1 :])
        count = inputs[0].size
        move(run, inputs[3], out, [out.size], [0], [1])
        items, each = pieces(run.traits, count)
        numbers = [np.int64(n) for n in (depth, inner, count)]
        defines = {"T": out.dtype.c_type, "WIDE": "long", "INDICES": inputs[0].dtype.c_type}
        run.kernel("generate.cl", "one_hot", [out, inputs[0], inputs[2], *numbers, each], items, defines=defines)


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """A tensor with one dimension more than `indices`, which is `on_value` at each index and `off_value` elsewhere.

    Args:
      indices: integers; one outside of 0 .. depth - 1 gives a row without `on_value`.
      depth: length of the new dimension.
      on_value: 1 by default.
      off_value: 0 by default.
      axis: where the new dimension is put; last by default.
      dtype: element type; by default that of the values, or float32.
      name: the operation's name.

    Raises:
      TypeError: values of different types.

    Example:
      >>> tf.Session().run(tf.one_hot([0, 2], 3))
      array([[1., 0., 0.],
             [0., 0., 1.]], dtype=float32)
    """
    if dtype is None:
        values = [v for v in (on_value, off_value) if v is not None]
        dtype = _type_of(values[0]) if values else dtypes.float32
    dtype = dtypes.as_dtype(dtype).base_dtype
    ends = []
    for value, default in ((on_value, 1), (off_value, 0)):
        if isinstance(value, Tensor) and value.dtype.base_dtype is not dtype:
            raise TypeError(f"{value} has another type than one_hot's {dtype.name}")
        plain = np.asarray(default, dtype.np_dtype) if value is None else value
        ends.append(plain if is_tensor(plain) else as_array(plain, dtype))
    definition = OneHot(-1 if axis is None else int(axis))
    return apply(definition, [indices, depth, *ends], name or "one_hot")


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool_, name: str = "SequenceMask") -> Tensor:
    """For each of `lengths` n, a row of `maxlen` (by default the largest length) that is true in its first n places.

    Args:
      lengths: whole numbers of any shape.
      maxlen: length of the rows.
      dtype: element type of the rows.
      name: the operation's name.

    Returns:
      A tensor of shape `lengths.shape + [maxlen]`.

    Example:
      >>> tf.Session().run(tf.sequence_mask([1, 3], 4))
      array([[ True, False, False, False],
             [ True,  True,  True, False]])
    """
    with name_scope(name, "SequenceMask", [lengths]):
        lengths = convert_to_tensor(lengths, name="lengths")
        kind = lengths.dtype.base_dtype
        longest = reduce_max(lengths) if maxlen is None else maxlen
        longest = cast(longest, kind) if isinstance(longest, Tensor) else convert_to_tensor(longest, kind)
        mask = less(range(convert_to_tensor(0, kind), longest, convert_to_tensor(1, kind)), expand_dims(lengths, -1))
        return mask if dtypes.as_dtype(dtype).base_dtype is dtypes.bool_ else cast(mask, dtype)


def meshgrid(*args: Any, indexing: str = "xy", name: str = "meshgrid") -> list[Tensor]:
    """The coordinates of a grid: each of n lists repeated along all other dimensions.

    Args:
      *args: the lists.
      indexing: "xy" exchanges the first two dimensions, as a picture's rows and columns; "ij" does not.
      name: name scope of the operations.

    Returns:
      A tensor for each list. Of lists of lengths m and n they have the shape [n, m] by "xy", and [m, n] by "ij".

    Raises:
      ValueError: another `indexing`.

    Example:
      >>> x, y = tf.meshgrid([1, 2, 3], [10, 20])
      >>> tf.Session().run(x)
      array([[1, 2, 3],
             [1, 2, 3]], dtype=int32)
      >>> tf.Session().run(y)
      array([[10, 10, 10],
             [20, 20, 20]], dtype=int32)
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"The indexing of meshgrid is 'xy' or 'ij', not {indexing!r}")
    if not args:
        return []
    order = list(builtins.range(len(args)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = 1, 0
    out = []
    with name_scope(name, "meshgrid", args):
        tensors = [convert_to_tensor(a) for a in args]
        sizes = [size(t) for t in tensors]
        for k, tensor in enumerate(tensors):
            column = reshape(tensor, [-1 if j == k else 1 for j in order])
            out.append(tile(column, pack([1 if j == k else sizes[j] for j in order])) if len(order) > 1 else column)
    return out


__all__ = public_names(globals())
