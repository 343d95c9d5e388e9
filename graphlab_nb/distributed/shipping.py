"""Graphs on their way to a cluster: operations as plain tuples, and as bytes.

Definitions of this package go by name, since the other side has the package; those of a user's program go as Ray sends
classes and functions of programs.
"""

from __future__ import annotations

import importlib
import io
import pickle
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from ray import cloudpickle

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.opdef import OpDef
from graphlab_nb.graph.operation import UserLine
from graphlab_nb.graph.tensor import Tensor

Key = tuple[int, int]
"""A tensor in messages: the index of its operation in the client's graph, and which of its outputs it is."""


class Shipped(NamedTuple):
    """An operation in messages.

    Attributes:
      position: its index in the client's graph.
      name: its name.
      definition: its definition; None where another task runs it, and this one only gets its outputs.
      inputs: its inputs.
      control: indices of the operations that must run before it.
      device: what was asked for.
      user_line: where the user's program made it.
      outputs: type, shape and known value of each output.
    """

    position: int
    name: str
    definition: OpDef | None
    inputs: tuple[Key, ...]
    control: tuple[int, ...]
    device: str
    user_line: UserLine
    outputs: tuple[tuple[DType, Any, Any], ...]


def key_of(tensor: Tensor) -> Key:
    """A tensor's key."""
    return tensor.op.index, tensor.value_index


def shipped(op: Operation) -> Shipped:
    """An operation as it goes to a cluster."""
    return Shipped(
        op.index,
        op.name,
        op.definition,
        tuple([key_of(t) for t in op.inputs]),
        tuple([c.index for c in op.control_inputs]),
        op.device,
        op.user_line,
        tuple([(t.dtype, t.dims, t.value) for t in op.outputs]),
    )


class Rebuilt:
    """A graph made of what was shipped, or of a part of it.

    Attributes:
      graph: with the client's names and indices.
      ops: its operations by their index in the client's graph.
    """

    def __init__(self) -> None:
        self.graph = Graph()
        self.ops: dict[int, Operation] = {}

    def add(self, parts: Iterable[Shipped]) -> list[Operation]:
        """Adds operations whose inputs are there or among them, in the order of building; returns those that can run now."""
        new = []
        for part in parts:
            known = self.ops.get(part.position)
            if known is not None and (part.definition is None or not isinstance(known.definition, Elsewhere)):
                continue
            op = known or Operation(self.graph, part.name, Elsewhere(), (), part.position)
            op.device, op.user_lines = part.device, (part.user_line,)
            if part.definition is not None:
                op.definition = part.definition
                op.inputs = tuple([self.tensor(key) for key in part.inputs])
                op.control_inputs = [self.ops[i] for i in part.control if i in self.ops]
                new.append(op)
            if known is None:
                op.outputs = tuple([Tensor(op, i, *what) for i, what in enumerate(part.outputs)])
                self.ops[part.position] = op
                self.graph._ops.append(op)
                self.graph._by_name[part.name] = op
        return new

    def tensor(self, key: Key) -> Tensor:
        """The tensor of a key."""
        return self.ops[key[0]].outputs[key[1]]


class Elsewhere(OpDef):
    """What another task computes: its outputs come from there."""

    metadata = True


def dumps(what: Any) -> bytes:
    """Operations and whatever goes with them, as bytes.

    Raises:
      TypeError: for what cannot be sent, such as a function that holds an open file.
    """
    out = io.BytesIO()
    try:
        _Pickler(out, protocol=5).dump(what)
    except (TypeError, pickle.PicklingError) as error:
        raise TypeError(f"A part of the graph cannot be sent to a cluster: {error}") from None
    return out.getvalue()


def loads(data: bytes) -> Any:
    """The inverse of `dumps`."""
    return pickle.loads(data)


class _Pickler(cloudpickle.CloudPickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, DType):
            return _dtype, (obj.base_dtype.name, obj.is_ref_dtype)
        if isinstance(obj, type) and issubclass(obj, OpDef) and obj.__module__.startswith("graphlab_nb."):
            name = _name(obj)
            if _definitions(obj.__module__).get(name) is obj:
                return _definition, (obj.__module__, name)
        return super().reducer_override(obj)


def _dtype(name: str, is_ref: bool) -> DType:
    found = dtypes.as_dtype(name)
    return found._as_ref if is_ref else found


def _name(cls: type[OpDef]) -> str:
    return f"{cls.__qualname__}:{cls.type_name}"


def _definition(module: str, name: str) -> type[OpDef]:
    importlib.import_module(module)
    found = _definitions(module).get(name)
    if found is None:
        raise ValueError(f"{module} has no operation {name.partition(':')[2]!r} here; is it the same graphlab_nb?")
    return found


@lru_cache(maxsize=256)
def _definitions(module: str) -> dict[str, type[OpDef]]:
    return {_name(cls): cls for cls in _subclasses(OpDef) if cls.__module__ == module}


def _subclasses(cls: type[OpDef]) -> Iterator[type[OpDef]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)
