"""`Const`, the operation that holds a value, and the reading of Python values and NumPy arrays as such."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor

FOLD_LIMIT = 4096
"""Integer tensors of at most this many elements are followed as values while shapes are inferred."""


class Const(OpDef):
    """A tensor whose value is part of the graph.

    Attributes:
      array: the value, made read-only.
    """

    __slots__ = ("array", "dtype")

    metadata: ClassVar[bool] = True

    def __init__(self, array: np.ndarray, dtype: DType):
        self.array = array
        self.dtype = dtype

    def infer(self) -> Spec:
        value = None
        if self.dtype.is_integer and self.array.size <= FOLD_LIMIT:
            value = np.ma.MaskedArray(self.array.astype(np.int64))
        return Spec(self.dtype, self.array.shape, value)

    def gradient(self, op: Operation, *dy: Tensor | None) -> list[Tensor | None]:
        return []

    def attributes(self) -> dict[str, Any]:
        return {"value": self.array, "dtype": self.dtype}


def as_array(value: Any, dtype: DType | None = None) -> np.ndarray:
    """`value` as a NumPy array of a known element type: Python floats are float32, Python ints int32 as in TensorFlow.

    Raises:
      TypeError: for values that are no numbers, or do not fit `dtype` (a float where an integer is asked for).
      ValueError: for ragged lists and values out of the type's range.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if dtype is None:
            dtype = dtypes.as_dtype(array.dtype)
        elif dtype is not dtypes.string and array.dtype != dtype.np_dtype:
            _check_kind(array, dtype, value)
            array = array.astype(dtype.np_dtype)
        return dtypes.string_array(value) if dtype is dtypes.string else array
    try:
        array = np.array(value)
    except ValueError as error:
        raise ValueError(f"Cannot make a tensor of {_short(value)}: {error}") from None
    except OverflowError:
        raise ValueError(f"Cannot make a tensor of {_short(value)}: a number is too large") from None
    if array.dtype.kind in "SUO":
        if dtype not in (None, dtypes.string):
            raise TypeError(f"Expected {dtype.name}, got {_short(value)}")  # type: ignore[union-attr]
        try:
            return dtypes.string_array(value)
        except TypeError as error:
            raise TypeError(f"Cannot make a tensor of {_short(value)}: it holds objects that are no numbers") from error
    if dtype is None:
        narrow = {"f": np.float32, "i": np.int32, "u": np.int32, "b": np.bool_}.get(array.dtype.kind)
        if narrow is None:
            raise TypeError(f"Cannot make a tensor of {_short(value)}: {array.dtype} is not supported")
        if array.dtype.kind in "iu" and array.size and (array.max() > 2**31 - 1 or array.min() < -(2**31)):
            narrow = np.int64
        if array.size == 0 and not _holds_array(value):
            narrow = np.float32
        elif _holds_array(value):
            narrow = array.dtype.type
        return array.astype(narrow)
    _check_kind(array, dtype, value)
    if dtype.is_integer and array.size:
        limits = np.iinfo(dtype.np_dtype)
        if array.max() > limits.max or array.min() < limits.min:
            raise ValueError(f"{_short(value)} is out of range for {dtype.name}")
    return array.astype(dtype.np_dtype)


def _check_kind(array: np.ndarray, dtype: DType, value: Any) -> None:
    kind = array.dtype.kind
    wrong = (
        (dtype.is_integer and kind not in "iu")
        or (dtype.is_bool and kind != "b")
        or (dtype.is_floating and kind == "b")
    )
    if isinstance(value, (np.ndarray, np.generic)):  # TensorFlow casts arrays freely, Python values only upwards
        wrong = kind not in "fiub"
    if (wrong and array.size) or dtype is dtypes.string:
        raise TypeError(f"Expected {dtype.name}, got {_short(value)} of type {array.dtype}")


def _holds_array(value: Any) -> bool:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, (np.ndarray, np.generic))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def filled(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`array` in the given shape, its last element repeated where it has too few.

    Raises:
      ValueError: when it has more elements than the shape.
    """
    size = int(np.prod(shape, dtype=np.int64))
    if array.size > size or (array.size == 0 and size):
        raise ValueError(f"{array.size} values do not fit the constant's shape {list(shape)}")
    out = np.empty(size, array.dtype)
    flat = array.ravel()
    out[: flat.size] = flat
    if flat.size:
        out[flat.size :] = flat[-1]
    return out.reshape(shape)
