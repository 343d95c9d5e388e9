"""Building: `apply` adds an operation to a graph, `constant` and `convert_to_tensor` make tensors of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph import scopes
from graphlab_nb.graph.constant import Const, as_array, filled
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.late import with_late_inputs
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.places import stranger
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.shapes import Dimension, TensorShape, as_shape, show

_ONLY_TENSORS = {Tensor}
_packer: Callable[[Any, DType, str | None], Tensor] | None = None


def set_packer(function: Callable[[Any, DType, str | None], Tensor]) -> None:
    """Says how a list that holds tensors becomes one tensor (the pack operation, which lives above this layer)."""
    global _packer
    _packer = function


def apply(definition: OpDef, inputs: Sequence[Any], name: str | None = None) -> Any:
    """Adds the operation `definition` on `inputs` to the graph and returns its output.

    Args:
      definition: the operation's attributes and rules.
      inputs: tensors, or values that `convert_to_tensor` takes.
      name: the operation's name before it is made unique; its type by default.

    Returns:
      The output tensor; a list of them where there are several; the `Operation` where there is none.

    Raises:
      ValueError: shapes or graphs that do not fit, naming the operation, its inputs and their shapes.
      TypeError: element types that do not fit.
    """
    op = apply_op(definition, inputs, name)
    outputs = op.outputs
    if len(outputs) == 1:
        return outputs[0]
    return list(outputs) if outputs else op


def apply_op(definition: OpDef, inputs: Sequence[Any], name: str | None = None) -> Operation:
    """As `apply`, but returns the `Operation` whatever its outputs."""
    definition, inputs = with_late_inputs(definition, inputs)
    if {*map(type, inputs)} == _ONLY_TENSORS or not inputs:
        return _create(definition, tuple(inputs), name)
    inputs = [convert_to_tensor(value) if is_tensor(value) else value for value in inputs]
    tensors = [value for value in inputs if type(value) is Tensor]
    if len(tensors) == len(inputs):
        return _create(definition, tuple(tensors), name)
    # Constants made of other values have names within the operation's ("Add/y"), as in TensorFlow.
    with scopes.name_scope(name or None, definition.type_name, tensors) as scope:
        return _create(definition, _converted(definition, inputs), scope)


def _converted(definition: OpDef, values: Sequence[Any]) -> tuple[Tensor, ...]:
    """An operation's inputs as tensors, of the types that it wants to be one, constants by the inputs' names."""
    same = range(len(values))[definition.one_type]
    dtype = next((values[k].dtype.base_dtype for k in same if type(values[k]) is Tensor), None)
    tensors = []
    for k, value in enumerate(values):
        if type(value) is not Tensor:
            value = convert_to_tensor(value, dtype if k in same else None, definition.input_name(k))
            if k in same:
                dtype = value.dtype.base_dtype
        tensors.append(value)
    return tuple(tensors)


def _create(definition: OpDef, tensors: tuple[Tensor, ...], name: str | None) -> Operation:
    graph = graph_of(tensors)
    specs = [Spec(t.dtype.base_dtype, t.dims, t.value) for t in tensors]
    try:
        found = definition.infer(*specs)
        outputs = (found,) if isinstance(found, Spec) else found
        if len(outputs) == 1 and outputs[0].value is None and outputs[0].dtype.is_integer:
            outputs[0].value = definition.fold(*specs)
    except (ValueError, TypeError) as error:
        label = definition.type_name if name is None else f"{definition.type_name} {name.rstrip('/')!r}"
        given = ", ".join(f"{t.name} {t.dtype.base_dtype.name}{show(t.dims)}" for t in tensors)
        graph.failed(definition.type_name, name, tensors, str(error))
        raise type(error)(f"{error} [in {label}" + (f" of {given}]" if given else "]")) from None
    return graph.create_op(definition, tensors, outputs, name)


def graph_of(tensors: Sequence[Tensor]) -> Graph:
    """The graph that all the tensors belong to; the default graph where there are none.

    Raises:
      ValueError: when they belong to different graphs.
    """
    if not tensors:
        return scopes.get_default_graph()
    graph = tensors[0].op.graph
    if graph.ended and graph.finalized:  # it was taken out of its graph
        raise ValueError(stranger(tensors[0], scopes.get_default_graph()))
    for tensor in tensors:
        if tensor.op.graph is not graph:
            raise ValueError(
                f"{tensors[0].name} and {tensor.name} belong to different graphs{_why(tensors[0], tensor)}"
            )
    return graph


def _why(first: Tensor, second: Tensor) -> str:
    """Which of two tensors belongs to a graph that was ended, for messages."""
    for old, other in ((first, second), (second, first)):
        if old.graph.ended and not other.graph.ended:
            return f"; {stranger(old, other.graph)}"
    return ""


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Tensor:
    """A tensor that holds `value` in every run.

    Args:
      value: a number, string, (nested) list or NumPy array.
      dtype: element type; by default taken from the value (Python floats are float32, ints int32).
      shape: if given, `value` fills this shape: its last element is repeated where it has too few.
      name: the operation's name.

    Raises:
      TypeError: a value that is not a number or does not fit `dtype`.
      ValueError: more values than `shape` has room for.

    Example:
      >>> tf.Session().run(tf.constant([[1, 2], [3, 4]]))
      array([[1, 2],
             [3, 4]], dtype=int32)
    """
    array = as_array(value, None if dtype is None else dtypes.as_dtype(dtype).base_dtype)
    if shape is not None:
        full = as_shape(shape).as_list()
        if None in full:
            raise ValueError(f"The shape of a constant must be fully known, not {as_shape(shape)}")
        array = filled(array, tuple(full))  # type: ignore[arg-type]
    else:
        array = np.array(array, order="C")
    array.setflags(write=False)
    return apply(Const(array, dtypes.as_dtype(array.dtype)), [], name)


def convert_to_tensor(
    value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None, as_ref: bool = False
) -> Tensor:
    """`value` as a tensor: tensors and variables as they are, everything else as a constant.

    Args:
      value: a tensor, variable, number, list or NumPy array; lists may hold tensors, which are packed.
      dtype: the element type that is required.
      name: name for a constant made here.
      preferred_dtype: element type to try first where `dtype` is None.
      as_ref: for variables, give the reference rather than the value.

    Raises:
      ValueError: a tensor of another type than `dtype`.
      TypeError: a value no tensor can hold.

    Example:
      >>> tf.convert_to_tensor([[1, 2], [3, 4]])
      <tf.Tensor 'Const:0' shape=(2, 2) dtype=int32>
    """
    wanted = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    if type(value) is not Tensor:
        convert = getattr(value, "_as_tensor", None)
        if convert is None:
            if isinstance(value, (list, tuple)) and (found := _type_among(value)) is not None:
                if _packer is None:
                    raise TypeError("A list of tensors is no tensor before graphlab_nb.ops is imported")
                return _packer(value, wanted or found, name)
            if wanted is None and preferred_dtype is not None:
                try:
                    return constant(value, preferred_dtype, name=name or "Const")
                except (TypeError, ValueError):
                    pass
            if isinstance(value, TensorShape):
                value = _shape_as_list(value)
                wanted = wanted or dtypes.int32
            elif isinstance(value, Dimension):
                value = int(value)
            return constant(value, wanted, name=name or "Const")
        value = convert(as_ref)
    if wanted is not None and value.dtype.base_dtype is not wanted:
        raise ValueError(
            f"Tensor {value.name} has type {value.dtype.base_dtype.name}, but {wanted.name} is required here"
        )
    return value


def is_tensor(value: Any) -> bool:
    """Whether `value` is a tensor or variable, of which `convert_to_tensor` makes no constant."""
    return type(value) is Tensor or hasattr(value, "_as_tensor")


def _shape_as_list(shape: Any) -> list[int]:
    if not shape.is_fully_defined():
        raise ValueError(f"Cannot make a tensor of the partly known shape {shape}; use tf.shape")
    return shape.as_list()


def _type_among(value: Any) -> DType | None:
    """The element type of the first tensor in a (nested) list, None where it holds none."""
    if isinstance(value, (list, tuple)):
        return next((found for v in value if (found := _type_among(v)) is not None), None)
    return value.dtype.base_dtype if is_tensor(value) else None
