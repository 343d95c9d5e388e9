"""What is known of shapes, axes and values when an operation is built: helpers of the modules about arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.constant import FOLD_LIMIT
from graphlab_nb.graph.late import Told
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.shapes import Dimension, Dims, show


def masked_value(spec: Spec) -> Any:
    """The value as far as it is known, all masked where it is not; None where the shape is not known or large."""
    if spec.value is not None:
        return np.ma.asarray(spec.value)
    if not spec.known or math.prod(spec.shape) > FOLD_LIMIT:
        return None
    return np.ma.masked_all(spec.shape, np.int64)


def entries(value: Any) -> list[int | None]:
    """A value's numbers in row-major order, None where they are not known."""
    # Plain lists: a masked array's own operations take a hundred times as long on the few numbers that shapes have.
    flat = np.ma.getdata(value).ravel().tolist()
    mask = np.ma.getmask(value)
    if mask is np.ma.nomask:
        return [int(v) for v in flat]
    return [None if m else int(v) for v, m in zip(flat, np.ravel(mask).tolist(), strict=True)]


def ints_of(value: Any, what: str) -> Any:
    """Ints that are an operation's attribute, such as axes, from numbers or a tensor.

    Returns:
      A tuple of ints; a `Told` where only the run tells them.
    """
    return _attribute(value, what, single=False)


def int_of(value: Any, what: str) -> Any:
    """A number that is an operation's attribute, such as an axis, from a number or a tensor.

    Returns:
      An int; a `Told` where only the run tells it.

    Raises:
      ValueError: several numbers.
    """
    return _attribute(value, what, single=True)


def _plain(value: Any) -> list[int] | None:
    """The numbers in an int, a list of them or an array; None for anything else."""
    if isinstance(value, (int, np.integer)):
        return [int(value)]
    if isinstance(value, np.ndarray) and value.ndim < 2 and value.dtype.kind in "iu":
        return [int(v) for v in value.ravel()]
    if isinstance(value, (list, tuple)) and all(isinstance(v, (int, np.integer)) for v in value):
        return [int(v) for v in value]
    return None


def _attribute(value: Any, what: str, single: bool) -> Any:
    plain = _plain(value)  # as most are; they need no constant in the graph
    if plain is not None and not (single and len(plain) != 1):
        return plain[0] if single else tuple(plain)
    tensor = convert_to_tensor(value)
    told = Told(what, single, tensor.dims[0] if tensor.dims is not None and len(tensor.dims) == 1 else None, tensor)
    known = told.value(tensor.spec())
    return told if known is None else known


def static_ints(value: Any, what: str) -> list[int]:
    """Ints that must be known when an operation is built, such as a number of outputs, from numbers or a tensor.

    Raises:
      ValueError: a tensor whose value is only known when it is run.
    """
    plain = _plain(value)
    if plain is not None:
        return plain
    tensor = convert_to_tensor(value)
    if tensor.dims is not None and 0 in tensor.dims:
        return []
    known = tensor.spec().full_value()
    if known is None or not tensor.dtype.base_dtype.is_integer:
        raise ValueError(f"{what} must be known integers when the operation is built, not {tensor}")
    return [int(v) for v in np.ravel(known)]


def wrapped_axis(axis: int, rank: int, what: str = "axis") -> int:
    """A possibly negative axis as one of 0 .. rank - 1.

    Raises:
      ValueError: where there is no such axis.
    """
    if not -rank <= axis < rank:
        raise ValueError(f"There is no {what} {axis} in a tensor of rank {rank}")
    return axis % rank


def size_of(dims: Dims) -> int | None:
    """The number of elements, None where it is not known."""
    return None if dims is None or None in dims else math.prod(dims)  # type: ignore[arg-type]


def chosen(first: Any, second: Any, names: str) -> Any:
    """The one of two spellings of an argument that was given.

    Raises:
      ValueError: when both were.
    """
    if first is not None and second is not None:
        raise ValueError(f"Only one of {names} can be given")
    return second if first is None else first


def check_shape(spec: Spec, what: str) -> None:
    """Raises where `spec` cannot be a list of lengths or positions; `what` begins the message."""
    if not spec.dtype.is_integer:
        raise TypeError(f"{what} must be integers, not {spec.dtype.name}")
    if spec.dims is not None and len(spec.dims) != 1:
        raise ValueError(f"{what} must be a list of numbers, not a tensor of shape {show(spec.dims)}")


def integers(values: Any) -> Any:
    """Lengths or positions as `convert_to_tensor` takes them: of a list, which may hold `Dimension`s and be empty."""
    if not isinstance(values, (list, tuple)):
        return values
    return [int(v) if isinstance(v, Dimension) else v for v in values] if values else np.zeros(0, np.int32)
