"""NumPy's indexing of tensors: `tensor[1:, ..., None]`."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.graph.build import apply, constant, convert_to_tensor
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.packing import pack
from graphlab_nb.ops.slicing import StridedSlice
from graphlab_nb.shapes import Dimension

_INT32 = np.iinfo(np.int32)


def getitem(tensor: Any, key: Any, name: str | None = None) -> Tensor:
    """`tensor[key]` with NumPy's meaning of numbers, slices, `...` and None; tensors may stand for numbers.

    Raises:
      TypeError: an index of another kind.
      ValueError: an index out of range, or more indices than dimensions.
    """
    tensor = convert_to_tensor(tensor)
    keys = key if isinstance(key, tuple) else (key,)
    if isinstance(key, list):
        keys = tuple(key) if any(k is None or k is Ellipsis or isinstance(k, slice) for k in key) else (key,)
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    for k, item in enumerate(keys):
        first, last, step = 0, 0, 1
        if item is Ellipsis:
            masks["ellipsis_mask"] |= 1 << k
        elif item is None:
            masks["new_axis_mask"] |= 1 << k
        elif isinstance(item, slice):
            step = 1 if item.step is None else _index(item.step)
            if item.start is None:
                masks["begin_mask"] |= 1 << k
            else:
                first = _index(item.start)
            if item.stop is None:
                masks["end_mask"] |= 1 << k
            else:
                last = _index(item.stop)
        else:
            first = last = _index(item)
            masks["shrink_axis_mask"] |= 1 << k
        begin.append(first)
        end.append(last)
        strides.append(step)
    with tensor.graph.as_default(), tensor.graph.name_scope(name or "strided_slice") as scope:
        positions = [_positions(p) for p in (begin, end, strides)]
        return apply(StridedSlice(**masks), [tensor, *positions], scope)


def _index(value: Any) -> Any:
    """A number or scalar tensor that can stand in an index."""
    if isinstance(value, Dimension):
        value = int(value)
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{value} is no index of a tensor; use tf.boolean_mask")
    if isinstance(value, (int, np.integer)):
        return min(max(int(value), int(_INT32.min)), int(_INT32.max))
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu":
        return int(value)
    if isinstance(value, Tensor) or hasattr(value, "_as_tensor"):
        value = convert_to_tensor(value)
        if value.dtype.base_dtype.is_integer and value.shape.ndims in (None, 0):
            return value
    raise TypeError(f"Tensors are indexed by whole numbers, slices, `...`, None and scalar tensors, not by {value!r}")


def _positions(values: list[Any]) -> Tensor:
    if any(isinstance(v, Tensor) for v in values):
        return pack(values, name="stack")
    return constant(np.asarray(values, np.int32), name="stack")
