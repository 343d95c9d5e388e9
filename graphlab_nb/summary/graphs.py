"""Graphs as messages, for TensorBoard."""

from __future__ import annotations

from typing import Any

from graphlab_nb.dtypes import DType
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.messages import AttrValue, GraphDef, NodeDef, TensorShapeProto
from graphlab_nb.shapes import TensorShape

PRODUCER = 21
"""The version of graphs that TensorFlow 0.12 writes."""


def graph_def(graph: Graph) -> GraphDef:
    """A graph's message: each operation's name, type, inputs, device, and those of its attributes that are plain."""
    found = GraphDef()
    found.versions.producer = PRODUCER
    for op in graph.get_operations():
        found.node.append(_node(op))
    return found


def _node(op: Operation) -> NodeDef:
    node = NodeDef(name=op.name, op=op.type, device=op.device)
    node.input.extend(_input(tensor) for tensor in op.inputs)
    node.input.extend(f"^{before.name}" for before in op.control_inputs)
    attributes: dict[str, AttrValue] = {}
    if op.outputs:
        attributes["dtype"] = AttrValue(type=op.outputs[0].dtype.as_datatype_enum)
        attributes["_output_shapes"] = AttrValue()
        attributes["_output_shapes"].list.shape.extend(_shape(tensor) for tensor in op.outputs)
    for name, value in op.definition.attributes().items():
        made = _attribute(value)
        if made is not None:
            attributes[name] = made
    for name in sorted(attributes):
        node.attr.add(key=name, value=attributes[name])
    return node


def _input(tensor: Tensor) -> str:
    return tensor.op.name if tensor.value_index == 0 else tensor.name


def _shape(tensor: Tensor) -> TensorShapeProto:
    if tensor.dims is None:
        return TensorShapeProto(unknown_rank=True)
    made = TensorShapeProto()
    for size in tensor.dims:
        made.dim.add(size=-1 if size is None else size)
    return made


def _attribute(value: Any) -> AttrValue | None:
    """An attribute as a message; None for what has no place in one."""
    if isinstance(value, bool):
        return AttrValue(b=value)
    if isinstance(value, int):
        return AttrValue(i=value)
    if isinstance(value, float):
        return AttrValue(f=value)
    if isinstance(value, str):
        return AttrValue(s=value.encode())
    if isinstance(value, DType):
        return AttrValue(type=value.as_datatype_enum)
    if isinstance(value, TensorShape):
        value = tuple(value.as_list()) if value.dims is not None else None
    if isinstance(value, tuple) and value and all(isinstance(v, int) and not isinstance(v, bool) for v in value):
        made = AttrValue()
        made.list.i.extend(value)
        return made
    return None
