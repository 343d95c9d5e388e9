"""The table of element types: TensorFlow's name, NumPy's type and the OpenCL C type of each."""

from __future__ import annotations

from typing import Any

import numpy as np


class DType:
    """An element type. Reference types (`float32_ref`) are what variables have; `base_dtype` strips that.

    Attributes:
      name: TensorFlow's name, such as `float32` or `float32_ref`.
      as_numpy_dtype: the NumPy scalar type.
      c_type: the OpenCL C scalar type that buffers of it hold (bool is one byte), None for host-only types.
      size: bytes of one element.

    Example:
      >>> tf.float32.size, tf.float32.is_floating, tf.float32.as_numpy_dtype
      (4, True, <class 'numpy.float32'>)
    """

    __slots__ = ("_base", "_kind", "_ref", "as_numpy_dtype", "c_type", "is_ref_dtype", "name", "np_dtype", "size")

    def __init__(self, name: str, numpy_type: Any, c_type: str | None, base: DType | None = None):
        self.name = name
        self.as_numpy_dtype = numpy_type
        self.np_dtype = np.dtype(numpy_type)
        self.c_type = c_type
        self.size = self.np_dtype.itemsize
        self.is_ref_dtype = base is not None
        self._base = base if base is not None else self
        self._ref: DType | None = None
        self._kind = self.np_dtype.kind
        if base is not None:
            base._ref = self

    @property
    def base_dtype(self) -> DType:
        """The type without its reference mark."""
        return self._base

    @property
    def _as_ref(self) -> DType:
        return self if self.is_ref_dtype else self._ref  # type: ignore[return-value]

    @property
    def real_dtype(self) -> DType:
        """The type of the real part, which is the type itself: no complex types here."""
        return self._base

    @property
    def is_floating(self) -> bool:
        """Whether it is float16, float32 or float64."""
        return self._kind == "f"

    @property
    def is_integer(self) -> bool:
        """Whether it is a signed or unsigned integer (bool is not)."""
        return self._kind in "iu"

    @property
    def is_unsigned(self) -> bool:
        """Whether it is an unsigned integer."""
        return self._kind == "u"

    @property
    def is_bool(self) -> bool:
        """Whether it is bool."""
        return self._kind == "b"

    @property
    def on_host(self) -> bool:
        """Whether its values are kept on the host alone, as strings are."""
        return self.c_type is None

    @property
    def is_complex(self) -> bool:
        """Always False."""
        return False

    @property
    def min(self) -> Any:
        """The smallest value.

        Raises:
          TypeError: for types without an order.
        """
        return self._limits().min

    @property
    def max(self) -> Any:
        """The largest value.

        Raises:
          TypeError: for types without an order.
        """
        return self._limits().max

    def _limits(self) -> Any:
        if self.is_floating:
            return np.finfo(self.np_dtype)
        if self.is_integer:
            return np.iinfo(self.np_dtype)
        raise TypeError(f"{self.name} has no smallest or largest value")

    @property
    def as_datatype_enum(self) -> int:
        """TensorFlow's number of the type in its protocol buffers."""
        return _ENUM[self._base.name] + (100 if self.is_ref_dtype else 0)

    def is_compatible_with(self, other: Any) -> bool:
        """Whether a tensor of type `other` can stand where this type is asked for.

        Args:
          other: what `tf.as_dtype` takes.

        Example:
          >>> tf.float32.is_compatible_with("float32"), tf.float32.is_compatible_with(tf.int32)
          (True, False)
        """
        other = as_dtype(other)
        return self is other or other.base_dtype is self

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        if other is None:
            return False
        if isinstance(other, DType):
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __reduce__(self) -> Any:
        return as_dtype, (self.name,)


float16 = half = DType("float16", np.float16, "half")
float32 = DType("float32", np.float32, "float")
float64 = double = DType("float64", np.float64, "double")
int8 = DType("int8", np.int8, "char")
int16 = DType("int16", np.int16, "short")
int32 = DType("int32", np.int32, "int")
int64 = DType("int64", np.int64, "long")
uint8 = DType("uint8", np.uint8, "uchar")
uint16 = DType("uint16", np.uint16, "ushort")
uint32 = DType("uint32", np.uint32, "uint")
uint64 = DType("uint64", np.uint64, "ulong")
bool_ = DType("bool", np.bool_, "uchar")
string = DType("string", np.object_, None)

BASE_TYPES = (float32, float64, int32, uint8, int16, int8, string, int64, bool_, uint16, float16, uint32, uint64)
NUMERIC = tuple(t for t in BASE_TYPES if t.is_floating or t.is_integer)
FLOATING = (float16, float32, float64)
INTEGER = tuple(t for t in BASE_TYPES if t.is_integer)

_ENUM = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "string": 7, "int64": 9, "bool": 10,
         "uint16": 17, "float16": 19, "uint32": 22, "uint64": 23}  # fmt: skip

_BY_NAME: dict[str, DType] = {}
_BY_NUMPY: dict[Any, DType] = {}
for _base in BASE_TYPES:
    _reference = DType(_base.name + "_ref", _base.as_numpy_dtype, _base.c_type, _base)
    _BY_NAME[_base.name] = _base
    _BY_NAME[_reference.name] = _reference
    globals()[_reference.name] = _reference
    _BY_NUMPY[_base.np_dtype] = _base
_BY_NAME.update({"half": float16, "float": float32, "double": float64})
_BY_PYTHON = {float: float32, int: int32, bool: bool_, str: string, bytes: string, object: string}
_BY_ENUM = {number: _BY_NAME[name] for name, number in _ENUM.items()}


def as_dtype(value: Any) -> DType:
    """The `DType` that a name, NumPy type, Python type or TensorFlow's enum number stands for.

    Args:
      value: such as "float32", numpy.float32, float or a `DType`.

    Raises:
      TypeError: where nothing here corresponds to `value`.

    Example:
      >>> tf.as_dtype("int32"), tf.as_dtype(bool)
      (tf.int32, tf.bool)
    """
    if isinstance(value, DType):
        return value
    found: DType | None = None
    if isinstance(value, str):
        found = _BY_NAME.get(value)
    elif isinstance(value, type) and value in _BY_PYTHON:
        found = _BY_PYTHON[value]
    elif isinstance(value, int):
        found = _BY_ENUM.get(value)
    if found is None and value is not None:
        try:
            np_dtype = np.dtype(value)
        except TypeError:
            np_dtype = None
        if np_dtype is not None:
            found = _BY_NUMPY.get(np_dtype)
            if found is None and np_dtype.kind in "SUO":
                found = string
    if found is None:
        raise TypeError(f"Cannot convert {value!r} to a dtype; known are {', '.join(t.name for t in BASE_TYPES)}")
    return found


def string_array(value: Any) -> np.ndarray:
    """Strings, bytes, or lists of them, as an array of Python's objects: NumPy's own arrays of strings drop zero bytes at ends.

    Raises:
      TypeError: where something else is among them.
    """
    array = np.array(value, dtype=object)
    for each in array.flat:
        if not isinstance(each, (str, bytes)):
            raise TypeError(f"Expected strings, got {each!r:.60} of type {type(each).__name__}")
    return array
