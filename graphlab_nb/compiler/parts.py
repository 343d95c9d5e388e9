"""Several small groups in one launch: starting a kernel costs more than computing a few thousand elements.

The updates of a net's biases and other small variables are such groups, one for each variable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graphlab_nb.compiler.expressions import defined, includes
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.compiler.pointwise import ArrayOf, Body, shares
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import Launcher

SMALL = 1 << 15
"""Elements of a group that is worth a launch of its own no more."""
MOST_PARTS = 16
MOST_ARGUMENTS = 120
"""Arguments of one kernel: devices take 1,024 bytes of them at least."""

_SIZES = ("row_length", "rows", "chunk", "rows_each")


class Parts:
    """Groups that one launch computes side by side: none needs what another makes."""

    def __init__(self, groups: Sequence[Group]):
        self.groups = list(groups)
        self.device = self.groups[0].device

    @property
    def members(self) -> list[Node]:
        """All nodes that the kernel computes, in order."""
        return [node for group in self.groups for node in group.nodes]

    @property
    def last(self) -> Node:
        """The last member."""
        return self.groups[-1].nodes[-1]


def side_by_side(items: Sequence[Node | Group], kept: Collection[Value]) -> list[Node | Group | Parts]:
    """Gathers small groups that do not depend on each other.

    Args:
      items: nodes and groups, in the order to run.
      kept: values that are needed outside, as early as may be.

    Returns:
      The items, with `Parts` in the place of such groups, where the first stands that needs one of them.
    """
    found: list[Node | Group | Parts] = []
    waiting = _Waiting()
    for item in items:
        members = item.members if isinstance(item, Group) else [item]
        if waiting.groups and waiting.concerns(members):
            found += waiting.gathered()
            waiting = _Waiting()
        if isinstance(item, Group) and _is_small(item) and not any(v in kept for n in members for v in n.outputs):
            if waiting.groups and waiting.groups[0].device != item.device:
                found += waiting.gathered()
                waiting = _Waiting()
            waiting.add(item)
        else:
            found.append(item)
    return [*found, *waiting.gathered()]


class _Waiting:
    """Small groups that have been passed over so far, and what they read, make and change."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._ops: set[Operation] = set()
        self._read: set[Value] = set()
        self._made: set[Value] = set()

    def add(self, group: Group) -> None:
        self.groups.append(group)
        self._ops.update(node.op for node in group.nodes)
        self._read |= group.inputs
        self._made |= group.written
        self._made.update(value.root for node in group.nodes for value in node.outputs)

    def concerns(self, members: Sequence[Node]) -> bool:
        """Whether one of them reads or changes what these make, changes what they read, or waits for them."""
        for node in members:
            changed = [node.inputs[i].root for i in node.definition.writes]
            if (
                any(value.root in self._made for value in node.inputs)
                or any(root in self._read for root in changed)
                or any(op in self._ops for op in node.op.control_inputs)
            ):
                return True
        return False

    def gathered(self) -> list[Group | Parts]:
        """The groups in as few launches as may be."""
        left: list[Group | Parts] = []
        part: list[Group] = []
        count = 0
        for group in self.groups:
            read = {value for node in group.nodes for value in node.inputs}
            dims = len(group.last.outputs[0].spec.shape)
            needed = len(read) + sum(len(node.outputs) for node in group.nodes) + dims + len(_SIZES) + 2
            if part and (count + needed > MOST_ARGUMENTS or len(part) == MOST_PARTS):
                left.append(Parts(part) if len(part) > 1 else part[0])
                part, count = [], 0
            part.append(group)
            count += needed
        if part:
            left.append(Parts(part) if len(part) > 1 else part[0])
        return left


def _is_small(group: Group) -> bool:
    """Whether a group shall share a launch: not one that initializes, which runs once and would need one more program."""
    size = math.prod(group.last.outputs[0].spec.shape)
    if group.host is not None or group.by_rows or group.checks or size > SMALL:
        return False
    return not any(getattr(node.definition, "initializes", False) for node in group.nodes)


def launch_parts(
    parts: Parts,
    run: Launcher,
    array_of: ArrayOf,
    stored: Mapping[Group, Sequence[Value]],
    begin_op: Callable[[Operation], None],
) -> None:
    """Describes the one kernel that computes several groups; see `pointwise.launch_group`."""
    lanes = run.traits.lanes if run.traits.is_cpu else 1
    begin_op(parts.last.op)
    functions: dict[str, int] = {}
    texts: list[str] = []
    all_parameters: list[str] = []
    outputs: list[Any] = []
    args: list[Any] = []
    calls: list[str] = []
    total = 0
    for k, group in enumerate(parts.groups):
        body = Body(group, lanes, stored[group])
        parameters, mine = body.names.parameters(stored[group], array_of)
        parameters += [f"const long d{i}" for i in range(len(body.outer))]
        mine += [np.int64(n) for n in body.outer]
        macros = {"PARAMETERS": "".join(p + ", " for p in parameters), **body.macros({})}
        text = defined({f"{name}_@": lines for name, lines in macros.items()})
        number = functions.setdefault(text, len(functions))
        if number == len(texts):
            texts.append(text.replace("_@ ", f"_{number} "))
        (across, down), cut = shares(run, math.prod(body.outer), body.inner)
        mine += [np.int64(n) for n in (body.inner, math.prod(body.outer), *cut)]
        parameters += [f"const long {name}" for name in _SIZES]
        names = [parameter.split()[-1].lstrip("*") for parameter in parameters]
        all_parameters += [p.removesuffix(n) + f"g{k}_{n}" for p, n in zip(parameters, names, strict=True)]
        outputs += range(len(args), len(args) + len(stored[group]))
        args += mine
        all_parameters.append(f"const long g{k}_across")
        args.append(np.int64(across))
        total += across * down
        all_parameters.append(f"const long g{k}_items")
        args.append(np.int64(across * down))
        given = "".join(f"g{k}_{name}, " for name in names)
        calls.append(
            f"if (item < g{k}_items) {{ part_{number}({given}item % g{k}_across, item / g{k}_across); return; }}"
        )
        calls.append(f"item -= g{k}_items;")
    macros = {
        "PARTS": " ".join(f"PART({n})" for n in range(len(texts))),
        "ALL_PARAMETERS": "".join(p + ", " for p in all_parameters),
        "CALLS": calls,
    }
    prefix = "\n".join([f"#define LANES {lanes}", *includes(parts.members), *texts, defined(macros)])
    args.append(np.int64(total))
    local = (1,) if run.traits.is_cpu else None
    run.kernel("pointwise.cl", "pointwise_parts", args, (total,), local, {"LANES": lanes}, outputs, prefix)


def flat(items: Sequence[Node | Group | Parts]) -> Iterator[Node | Group]:
    """The items with the groups of `Parts` one by one."""
    for item in items:
        if isinstance(item, Parts):
            yield from item.groups
        else:
            yield item
