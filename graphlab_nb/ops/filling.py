"""Tensors whose elements are all one number: fill, zeros, ones and what is shaped like another tensor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.build import apply, constant, convert_to_tensor
from graphlab_nb.graph.constant import FOLD_LIMIT
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.shaping import shape
from graphlab_nb.ops.static import check_shape, integers, masked_value
from graphlab_nb.shapes import TensorShape, as_shape, show


class Filled(Elementwise):
    """Base of constants in the shape of the input, of which nothing else is read."""

    shape_inputs: ClassVar[tuple[int, ...]] = (0,)
    takes: ClassVar[tuple[DType, ...]] = tuple(t for t in dtypes.BASE_TYPES if t.c_type is not None)
    number: ClassVar[int] = 0
    input_names: ClassVar[tuple[str, ...]] = ("tensor",)

    def fold(self, *specs: Spec) -> Any:
        dims = specs[0].dims
        if not specs[0].known or math.prod(dims) > FOLD_LIMIT:  # type: ignore[arg-type]
            return None
        return np.ma.asarray(np.full(dims, self.number, np.int64))  # type: ignore[type-var]

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [None]


@frozen
class ZerosLike(Filled):
    """y = 0, in the shape of x."""

    expression: ClassVar[str] = "(T)(0)"


@frozen
class OnesLike(Filled):
    """y = 1, in the shape of x."""

    expression: ClassVar[str] = "(T)(1)"
    number: ClassVar[int] = 1


@frozen
class Fill(Elementwise):
    """y = value, in the shape `dims`."""

    arity: ClassVar[int] = 2
    value_inputs: ClassVar[tuple[int, ...]] = (0,)
    input_names: ClassVar[tuple[str, ...]] = ("dims", "value")
    one_type: ClassVar[slice] = slice(0)

    def infer(self, *inputs: Spec) -> Spec:
        dims, value = inputs
        check_shape(dims, "The shape to fill")
        if value.rank not in (None, 0):
            raise ValueError(f"fill takes a single number, not a tensor of shape {show(value.dims)}")
        if value.dtype.c_type is None:
            raise TypeError(f"fill takes numbers, not {value.dtype.name}")
        if dims.value is not None and any(v < 0 for v in np.ma.compressed(dims.value)):
            raise ValueError(f"A tensor cannot have the shape {dims.value}")
        return Spec(value.dtype, dims.value_as_dims())

    def code(self, *inputs: DType) -> tuple[str, ...]:
        # A bool is written as a comparison, which is what the compiler takes the result of mixed types for.
        return ("x1 != (S)(0)" if inputs[1].is_bool else "x1",)

    def fold(self, *specs: Spec) -> Any:
        dims, value = specs[0].full_value(), masked_value(specs[1])
        if dims is None or value is None or np.prod(dims) > FOLD_LIMIT:
            return None
        return np.ma.asarray(np.ma.resize(value, tuple(dims))) if len(dims) else value

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        return [None, dy[0]]


def fill(dims: Any, value: Any, name: str | None = None) -> Tensor:
    """A tensor of shape `dims` whose elements are all `value`.

    Args:
      dims: whole numbers, or an integer tensor of them.
      value: a single number or bool, whose type the result has.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.fill([2, 3], 9))
      array([[9, 9, 9],
             [9, 9, 9]], dtype=int32)
    """
    return apply(Fill(), [integers(dims), value], name)


SMALL = 1000
"""Zeros and ones of at most this many elements are constants; more of them would make the graph large."""


def _full(shape: Any, number: int, dtype: Any, name: str) -> Tensor:
    dtype = dtypes.as_dtype(dtype).base_dtype
    if dtype is dtypes.string:
        return constant(np.full(as_shape(shape).as_list(), "", object), dtype, name=name)
    dims = _known(shape)
    if dims is not None and math.prod(dims) <= SMALL:
        return constant(np.full(dims, number, dtype.np_dtype), name=name)
    with name_scope(name, None, [shape]) as scope:
        shape = convert_to_tensor(integers(shape), name="shape")
        return apply(Fill(), [shape, constant(np.asarray(number, dtype.np_dtype))], scope)


def _known(shape: Any) -> tuple[int, ...] | None:
    """The lengths in a list or `TensorShape` where each is a number that can be one, else None."""
    lengths = shape.as_list() if isinstance(shape, TensorShape) and shape.ndims is not None else integers(shape)
    if not isinstance(lengths, (list, tuple, np.ndarray)):
        return None
    known = tuple(int(n) for n in lengths if isinstance(n, (int, np.integer)) and n >= 0)
    return known if len(known) == len(lengths) else None


def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """A tensor of zeros (of False for bool).

    Args:
      shape: whole numbers, or an integer tensor of them.
      dtype: element type.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.zeros([2, 3]))
      array([[0., 0., 0.],
             [0., 0., 0.]], dtype=float32)
    """
    return _full(shape, 0, dtype, name or "zeros")


def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """A tensor of ones (of True for bool).

    Args:
      shape: whole numbers, or an integer tensor of them.
      dtype: element type.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.ones([2, 3], tf.int32))
      array([[1, 1, 1],
             [1, 1, 1]], dtype=int32)
    """
    return _full(shape, 1, dtype, name or "ones")


def _like(definition: OpDef, number: int, tensor: Any, dtype: Any, name: str) -> Tensor:
    if dtype is None:
        return apply(definition, [tensor], name)
    with name_scope(name, None, [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        if dtypes.as_dtype(dtype).base_dtype is tensor.dtype.base_dtype:
            return apply(definition, [tensor], scope)
        return _full(shape(tensor), number, dtype, scope)


def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Zeros in the shape of `tensor`, and of its type unless `dtype` is given; the tensor is not computed for it.

    Args:
      tensor: a tensor of any type.
      dtype: element type, where it is another.
      name: the operation's name.
      optimize: accepted for TensorFlow's signature.

    Example:
      >>> tf.Session().run(tf.zeros_like([[5, 6, 7]]))
      array([[0, 0, 0]], dtype=int32)
    """
    return _like(ZerosLike(), 0, tensor, dtype, name or "zeros_like")


def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Ones in the shape of `tensor`, and of its type unless `dtype` is given; the tensor is not computed for it.

    Args:
      tensor: a tensor of any type.
      dtype: element type, where it is another.
      name: the operation's name.
      optimize: accepted for TensorFlow's signature.

    Example:
      >>> tf.Session().run(tf.ones_like([[5, 6, 7]]))
      array([[1, 1, 1]], dtype=int32)
    """
    return _like(OnesLike(), 1, tensor, dtype, name or "ones_like")
