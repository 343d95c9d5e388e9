"""Attributes that only a run tells: an axis, a permutation or a number that is fed or computed.

Definitions keep their attributes as plain values, known when an operation is built. Where the user gives a tensor instead,
the function that reads the argument puts a `Told` in the attribute's place; `apply` then makes the tensor a further input
of the operation and wraps the definition in `Late`. When a plan is made the value is known, and the definition with
that value takes the operation's place: nothing else in the compiler knows of late attributes, and a gradient's rule that
passes an attribute on passes a late one on, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from graphlab_nb.graph.frozen import frozen, replaced
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.shapes import show


@frozen
class Told:
    """Stands for an attribute's value until a run tells it.

    Attributes:
      what: how messages call the attribute.
      single: whether it is a number rather than a list of them.
      length: how many numbers the list has, where that is known.
      tensor: what tells it; None in definitions that belong to a graph, which hold no tensors.
    """

    what: str
    single: bool
    length: int | None = None
    tensor: Tensor | None = None

    def value(self, spec: Spec) -> Any:
        """The attribute's value, an int or a tuple of them, once the tensor's value is known; else None.

        A list of bools, one for each dimension, names the dimensions where it is true.

        Raises:
          ValueError, TypeError: a value that is no number, or no list of them.
        """
        if not (spec.dtype.is_integer or (spec.dtype.is_bool and not self.single)):
            raise TypeError(f"{self.what} must be integers, not {spec.dtype.name}")
        if spec.rank not in (None, 0, 1) or (self.single and spec.known and spec.shape not in ((), (1,))):
            number = "a number" if self.single else "numbers"
            raise ValueError(f"{self.what} must be {number}, not a tensor of shape {show(spec.dims)}")
        known = spec.full_value()
        if known is None:
            return None
        flat = np.flatnonzero(known) if spec.dtype.is_bool else np.ravel(known)
        values = tuple(int(v) for v in flat)
        return values[0] if self.single else values


@frozen
class Late(OpDef):
    """An operation some of whose attributes are its last inputs, since only a run tells them.

    Attributes:
      definition: the operation, with a `Told` for each such attribute.
      names: the attributes, in the order of the inputs that tell them.
      own: number of inputs that the operation has of its own.
    """

    definition: OpDef
    names: tuple[str, ...]
    own: int

    @property
    def type_name(self) -> str:  # type: ignore[override]
        return self.definition.type_name

    @property
    def value_inputs(self) -> tuple[int, ...]:  # type: ignore[override]
        told = range(self.own, self.own + len(self.names))
        return (*self.definition.value_inputs, *told)

    @property
    def shape_inputs(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.definition.shape_inputs

    @property
    def input_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.definition.input_names

    @property
    def one_type(self) -> slice:  # type: ignore[override]
        alike = range(self.own)[self.definition.one_type]  # not the inputs that tell attributes
        return slice(alike.start, alike.stop, alike.step)

    @property
    def differentiable(self) -> bool:  # type: ignore[override]
        return self.definition.differentiable

    def settled(self, inputs: Sequence[Spec]) -> OpDef | None:
        """The definition with the values that the last of `inputs` tell; None where one is not known yet."""
        values = {}
        for name, spec in zip(self.names, inputs[self.own :], strict=True):
            values[name] = getattr(self.definition, name).value(spec)
        return None if None in values.values() else _replaced(self.definition, values)

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        definition = self.settled(inputs)
        own = inputs[: self.own]
        return self.definition.untold(*own) if definition is None else definition.infer(*own)

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return self.definition.complaint(code, first, second)

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        told = {}
        for name, tensor in zip(self.names, op.inputs[self.own :], strict=True):
            told[name] = replaced(getattr(self.definition, name), tensor=tensor)
        definition = _replaced(self.definition, told)
        return [*definition.gradient(_Own(op, self.own), *dy), *[None] * len(self.names)]  # type: ignore[arg-type]

    def attributes(self) -> dict[str, Any]:
        return {k: v for k, v in self.definition.attributes().items() if k not in self.names}


class _Own:
    """An operation without the inputs that tell late attributes, as its definition's rules expect it."""

    def __init__(self, op: Operation, own: int):
        self._op = op
        self.inputs = list(op.inputs)[:own]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._op, name)


def _replaced(definition: OpDef, values: dict[str, Any]) -> OpDef:
    return cast(OpDef, replaced(definition, **values))


def with_late_inputs(definition: OpDef, inputs: Sequence[Any]) -> tuple[OpDef, Sequence[Any]]:
    """The definition and inputs to build with: as given where all attributes are known, else a `Late` one."""
    if Told not in map(type, definition.__dict__.values()):
        return definition, inputs
    told = {name: value for name, value in vars(definition).items() if type(value) is Told}
    nameless = {name: replaced(value, tensor=None) for name, value in told.items()}
    late = Late(_replaced(definition, nameless), tuple(told), len(inputs))
    return late, [*inputs, *[value.tensor for value in told.values()]]
