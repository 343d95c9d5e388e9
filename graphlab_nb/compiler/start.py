"""Prologues: a group's expressions, computed where another kernel reads its input (kernels_cl/include/start.clh)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab_nb.compiler.expressions import defined, includes
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Value
from graphlab_nb.compiler.pointwise import ArrayOf, Body
from graphlab_nb.launch import Start


class Starter:
    """Puts a group in the place of an input of the kernel call that reads it.

    Args:
      group: elementwise nodes whose inputs run along all elements, along the rows that the kernel reads, or not at all.
      result: what the kernel reads of them, in whatever shape.
      array_of: gives a value's array.

    Attributes:
      source: the memory that the results would have.
      used: whether a call has taken the group over.
    """

    def __init__(self, group: Group, result: Value, array_of: ArrayOf):
        self._group = group
        self._result = result.root
        self._array_of = array_of
        self.source = array_of(result).storage
        self.used = False

    def __call__(self, how: Start) -> tuple[list[Any], str]:
        """The arguments in place of the input, and the call's prefix."""
        lanes = how.lanes
        body = Body(self._group, lanes, (), how.columns)
        if all(load.pattern in (body.full, (0,) * len(body.full)) for load in body.names.loads):
            body = Body(self._group, lanes, ())
        parameters, args = body.names.parameters((), self._array_of)
        names = [parameter.split()[-1].lstrip("*") for parameter in parameters]
        outside = [p.removesuffix(name) + f"start_{name}" for p, name in zip(parameters, names, strict=True)]
        result = body.names.results[self._result]
        dtype = self._result.spec.dtype
        macros: dict[str, str | Sequence[str]] = {
            "START": "",
            "START_TYPE": dtype.c_type or "",
            "START_PARAMETERS": "".join(f"{p}, " for p in outside),
            "START_ARGUMENTS": "".join(f"start_{name}, " for name in names),
            "START_INNER_PARAMETERS": "".join(f"{p}, " for p in parameters),
            "START_ONCE": [*body.once(), *body.offsets()],
            "START_REACHED": body.reached(self._array_of, "full"),
            "START_VECTOR": [*body.statements(lanes, {}), f"return {result};"] if lanes > 1 else [],
            "START_SCALAR": [*body.statements(1, {}), f"return {result};"],
        }
        self.used = True
        prefix = [f"#define LANES {lanes}", *includes(self._group.nodes), defined(macros)]
        return args, "\n".join(prefix)
