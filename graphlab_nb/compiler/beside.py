"""What is computed beside a stage's own work, of what that stores anyway, without changing any of its kernels.

The loss of a training is such a thing: a step computes its gradients and often not itself. Its operations are compiled by
themselves, from the tensors that the stage's kernels store, from what is fed and from variables, and their steps are put in as
soon as all of these are there, before any of the variables changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphlab_nb.compiler.fuse import Group, fuse
from graphlab_nb.compiler.hosts import with_hosts, with_starts
from graphlab_nb.compiler.order import leaves
from graphlab_nb.compiler.parts import Parts
from graphlab_nb.compiler.plan import Node, Request, Stage, Value
from graphlab_nb.compiler.resolve import Resolved
from graphlab_nb.compiler.simplify import simplify
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.state import Placeholder, Variable

Item = Node | Group | Parts
Place = Callable[[Sequence[Node], Resolved, Request], list[Node]]


@dataclass
class Extra:
    """Items to be put in beside a stage's.

    Attributes:
      items: nodes and groups.
      position: before which of the stage's items.
      values: what they make of the tensors that were asked for.
    """

    items: list[Node | Group]
    position: int
    values: dict[Tensor, Value]


def extra_items(
    request: Request, graph: Resolved, together: Sequence[Item], stored: Mapping[Group, Sequence[Value]], place: Place
) -> Extra | None:
    """What computes `request.beside`; None where that cannot be done without changing anything."""
    positions = _positions(together, stored)
    left = {
        t: v.root
        for t, v in graph.table.items()
        if v.root in positions and v.spec.known and v.spec.dims == v.root.spec.dims
    }
    found = _way(request.beside, left, request.feeds)
    if found is None:
        return None
    ops, ends = found
    own = replace(
        request,
        ops=ops,
        targets=[t.op for t in request.beside if t not in ends],
        fetches=list(request.beside),
        known={t: (left[t].spec, left[t].device) for t in ends},
        beside=(),
    )
    beside = Resolved(own)
    if beside.blocked:
        return None
    for tensor in ends:
        beside.table[tensor].base = left[tensor]
    for tensor in request.feeds:
        beside.table[tensor].base = graph.table[tensor].root
    for op, value in beside.variables.items():
        if op not in graph.variables:
            return None
        value.base = graph.variables[op]
    nodes = beside.needed(Stage())
    if any(node.definition.checks for node in nodes):
        return None
    nodes = simplify(place(nodes, beside, own), set())
    values = {tensor: beside.table[tensor].root for tensor in request.beside}
    if (
        any(value.source != "node" for value in values.values())
        or len({n.device for n in nodes} | _devices(ends, left)) > 1
    ):
        return None
    position = max([positions[left[t]] + 1 for t in ends], default=0)
    changed = {root for item in together[:position] for root in _written(item)}
    if changed & {value.root for value in beside.variables.values()}:
        return None
    traits = [device.traits for device in request.devices]
    items = with_starts(with_hosts(fuse(nodes, traits, leaves(nodes))), set(values.values())) if nodes else []
    return Extra(items, position, values)


def _devices(ends: Sequence[Tensor], left: Mapping[Tensor, Value]) -> set[int]:
    return {left[t].device or 0 for t in ends}


def _members(item: Item) -> list[Node]:
    return [item] if isinstance(item, Node) else item.members


def _written(item: Item) -> list[Value]:
    return [node.inputs[i].root for node in _members(item) for i in node.definition.writes]


def _positions(together: Sequence[Item], stored: Mapping[Group, Sequence[Value]]) -> dict[Value, int]:
    """For each value that is stored as it is, the position of the item that stores it."""
    found: dict[Value, int] = {}
    for position, item in enumerate(together):
        for one in item.groups if isinstance(item, Parts) else [item]:
            if isinstance(one, Node):
                values: Sequence[Value] = one.outputs
            else:
                values = one.pool.outputs if one.pool is not None else stored[one]
            found.update({value: position for value in values if value.source == "node" and value.root is value})
    return found


def _way(
    tensors: Sequence[Tensor], left: Mapping[Tensor, Value], feeds: Mapping[Tensor, object]
) -> tuple[list[Operation], list[Tensor]] | None:
    """The operations that make the tensors of what is `left` or fed, in order, and which of what is left they need."""
    ends: dict[Tensor, None] = {}
    seen: dict[Operation, None] = {}
    waiting = list(tensors)
    while waiting:
        tensor = waiting.pop()
        if tensor in feeds:
            continue
        if tensor in left:
            ends[tensor] = None
            continue
        op = tensor.op
        if op in seen:
            continue
        definition = op.definition
        if not isinstance(definition, (Const, Variable)):
            # Random numbers have been counted on, and what does something else may not be done twice.
            if isinstance(definition, Placeholder) or definition.stateful or definition.writes or definition.host:
                return None
            if definition.dynamic:
                return None
        seen[op] = None
        waiting += op.inputs
    return sorted(seen, key=lambda op: op.index), list(ends)
