"""Element types: casts and the reading of bytes as another type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor, is_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.shapes import show


@frozen
class Cast(Elementwise):
    """x with another element type; floats become integers by dropping the fraction."""

    dtype: DType
    takes: ClassVar[tuple[DType, ...]] = (*dtypes.NUMERIC, dtypes.bool_)

    def result_type(self, *inputs: DType) -> DType:
        return self.dtype

    def code(self, *inputs: DType) -> tuple[str, ...]:
        if self.dtype.is_bool:
            return ("x0" if inputs[0].is_bool else "x0 != (T)(0)",)
        return ("convert_R(x0)",)

    def fold(self, *specs: Spec) -> Any:
        return specs[0].value

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        source = op.inputs[0].dtype.base_dtype
        return [cast(dy, source) if source.is_floating and self.dtype.is_floating else None]


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`x` with the element type `dtype`, or `x` itself where it has that type.

    Floats become integers by dropping the fraction, numbers become bool by being other than zero.

    Args:
      x: numbers or bool, of any shape; the result has the same.
      dtype: the type to make, such as `tf.float32`.

    Raises:
      TypeError: a type that is no number, such as string.

    Example:
      >>> tf.Session().run(tf.cast([1.7, -1.7], tf.int32))
      array([ 1, -1], dtype=int32)
    """
    dtype = dtypes.as_dtype(dtype).base_dtype
    if not is_tensor(x):
        with name_scope(name, "Cast") as scope:
            return cast(convert_to_tensor(x, name="x"), dtype, scope)
    x = convert_to_tensor(x)
    if dtype is dtypes.string:
        raise TypeError(f"Cannot cast {x.name} of {x.dtype.base_dtype.name} to string: only numbers and bool are cast")
    return x if x.dtype.base_dtype is dtype else apply(Cast(dtype), [x], name)


def to_float(x: Any, name: str = "ToFloat") -> Tensor:
    """`x` as float32.

    Example:
      >>> tf.Session().run(tf.to_float([1, 2]))
      array([1., 2.], dtype=float32)
    """
    return cast(x, dtypes.float32, name)


def to_double(x: Any, name: str = "ToDouble") -> Tensor:
    """`x` as float64.

    Example:
      >>> tf.Session().run(tf.to_double([1, 2]))
      array([1., 2.])
    """
    return cast(x, dtypes.float64, name)


def to_int32(x: Any, name: str = "ToInt32") -> Tensor:
    """`x` as int32; floats lose their fraction.

    Example:
      >>> tf.Session().run(tf.to_int32([1.7, -1.7]))
      array([ 1, -1], dtype=int32)
    """
    return cast(x, dtypes.int32, name)


def to_int64(x: Any, name: str = "ToInt64") -> Tensor:
    """`x` as int64; floats lose their fraction.

    Example:
      >>> tf.Session().run(tf.to_int64([1.7, -1.7]))
      array([ 1, -1])
    """
    return cast(x, dtypes.int64, name)


@frozen
class Bitcast(OpDef):
    """The bytes of x read as another element type."""

    dtype: DType
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        if x.dtype is dtypes.string or x.dtype.is_bool or self.dtype is dtypes.string or self.dtype.is_bool:
            raise TypeError(f"Cannot read {x.dtype.name} as {self.dtype.name}")
        old, new = x.dtype.size, self.dtype.size
        if x.dims is None or old == new:
            return Spec(self.dtype, x.dims)
        if old > new:
            return Spec(self.dtype, (*x.dims, old // new))
        if not x.dims or x.dims[-1] not in (None, new // old):
            raise ValueError(
                f"The last dimension of {show(x.dims)} must be {new // old} to read {x.dtype.name} as {self.dtype.name}"
            )
        return Spec(self.dtype, x.dims[:-1])

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.copy(inputs[0], outputs[0])


def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The bytes of `input` read as elements of `type`.

    Elements of half the size double their number along a new last dimension; elements of twice the size take up a last
    dimension of two.

    Args:
      input: numbers of any shape.
      type: the element type to read them as.
      name: the operation's name.

    Raises:
      ValueError: a last dimension that does not fit.
      TypeError: types without a fixed size.

    Example:
      >>> tf.Session().run(tf.bitcast([1, 258], tf.uint8))
      array([[1, 0, 0, 0],
             [2, 1, 0, 0]], dtype=uint8)
    """
    return apply(Bitcast(dtypes.as_dtype(type).base_dtype), [input], name)


__all__ = public_names(globals())
