"""Hosts: nodes whose kernels compute a group besides, where they store their results or where they read their input."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain

from graphlab_nb.compiler.expressions import operands
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Node, Value, read_by
from graphlab_nb.graph.graph import Operation

MOST_STREAMS = 4
"""Arrays as large as the results that an epilogue reads and writes; with more, what is done at the end of a product's tiles
costs the product more than passing over its results once more."""


def with_hosts(items: Sequence[Node | Group]) -> list[Node | Group]:
    """Makes nodes that can finish their results (`OpDef.finishes`) hosts of the groups that begin with these.

    Args:
      items: nodes and groups, in the order to run.

    Returns:
      The items without the nodes that became hosts. A host runs where its group stands: nothing in between reads its result or
      waits for it, and neither that nor the group changes what it reads.
    """
    readers: dict[Value, list[int]] = defaultdict(list)
    writers: dict[Value, list[int]] = defaultdict(list)
    waiting: dict[Operation, list[int]] = defaultdict(list)
    place: dict[Node, int] = {}
    for k, item in enumerate(items):
        for node in item.nodes if isinstance(item, Group) else (item,):
            place[node] = k
            for root in read_by(node):
                readers[root].append(k)
            for index in node.definition.writes:
                writers[node.inputs[index].root].append(k)
            for before in node.op.control_inputs:
                waiting[before].append(k)
    taken: set[Node] = set()
    for k, item in enumerate(items):
        if not isinstance(item, Group) or item.checks:
            continue
        found = [
            r.node for r in item.inputs if r.node is not None and r.node in place and _can_host(r.node, item, taken)
        ]
        for node in sorted(found, key=place.__getitem__, reverse=True):
            here, read = place[node], read_by(node)
            apart = chain(readers[node.outputs[0]], waiting[node.op], *(writers[root] for root in read))
            if not any(here < other < k for other in apart) and not item.written.intersection(read):
                item.host = node
                taken.add(node)
                break
    return [item for item in items if isinstance(item, Group) or item not in taken]


def _can_host(node: Node, group: Group, taken: set[Node]) -> bool:
    """Whether a node whose result a group reads could end with the group, wherever the two stand."""
    if node in taken or not node.definition.finishes or node.definition.checks:
        return False
    result = node.outputs[0]
    if node.device != group.device or len(node.outputs) != 1 or result.spec.dims != group.dims:
        return False
    uses = [v for member in group.nodes for v in member.inputs if v.root is result]
    if any(v.spec.dims != result.spec.dims for v in uses):
        return False
    made = set(group.nodes)
    alike = [r for r in group.inputs if r is not result and r.node not in made and r.spec.dims == group.dims]
    return len(alike) + sum(len(member.definition.writes) for member in group.nodes) <= MOST_STREAMS


def with_starts(items: Sequence[Node | Group], kept: Collection[Value]) -> list[Node | Group]:
    """Has nodes that can compute what they read (`OpDef.starts`) do so with the groups that only they read.

    Args:
      items: nodes and groups, in the order to run.
      kept: values that are needed outside.

    Returns:
      The items without those groups. Such a group runs where the node that reads it stands: nothing in between waits for it or
      changes what it reads.
    """
    readers: dict[Value, set[int]] = defaultdict(set)
    writers: dict[Value, list[int]] = defaultdict(list)
    waited_for: set[Operation] = set()
    place: dict[Node, int] = {}
    for k, item in enumerate(items):
        for node in item.members if isinstance(item, Group) else (item,):
            place[node] = k
            waited_for.update(node.op.control_inputs)
            for root in read_by(node):
                readers[root].add(k)
            for index in node.definition.writes:
                writers[node.inputs[index].root].append(k)
    found: list[Node | Group | None] = list(items)
    for k, item in enumerate(items):
        reader = item.host if isinstance(item, Group) else item
        length = 0 if reader is None else _row_length(reader)
        if reader is None or not length:
            continue
        source = reader.inputs[0].root
        here = place.get(source.node, k) if source.node is not None else k
        group = items[here]
        if (
            here == k
            or found[here] is None
            or not isinstance(group, Group)
            or not _only_elements(group, reader.device, length)
        ):
            continue
        made = {out for member in group.nodes for out in member.outputs}
        others = [v.root for node in (item.nodes if isinstance(item, Group) else ()) for v in node.inputs]
        if (
            made.intersection(kept)
            or any(readers[out] - {here} for out in made if out is not source)
            or readers[source] - {here, k}
            or source in (*others, *(v.root for v in reader.inputs[1:]))
            or any(member.op in waited_for for member in group.nodes)
            or any(here < w <= k for root in group.inputs for w in writers[root])
        ):
            continue
        if not isinstance(item, Group):
            item = found[k] = Group(reader, k)
            item.host = reader
        item.start = group
        found[here] = None
    return [item for item in found if item is not None]


def _row_length(node: Node) -> int:
    """The length of the rows in which a node can compute what it reads; 0 where it cannot."""
    specs = [value.spec for value in node.inputs]
    if not specs or node.definition.checks or not all(spec.known for spec in specs):
        return 0
    return node.definition.starts(*specs)


def _only_elements(group: Group, device: int, length: int) -> bool:
    """Whether a group changes nothing, and what it reads runs along all elements, along rows of a length, or not at all."""
    if group.host is not None or group.by_rows or group.checks or group.written or group.device != device:
        return False
    assert group.dims is not None
    made = {out for node in group.nodes for out in node.outputs}
    full = set()
    for node in group.nodes:
        if any(out.spec.dims != group.dims for out in node.outputs):
            return False
        for k in operands(node):
            value = node.inputs[k]
            if value.root in made or math.prod(value.spec.shape) == 1:
                continue
            if value.spec.dims == group.dims:
                full.add(value.root)
                continue
            row = list(value.spec.shape)
            while row[0] == 1:
                del row[0]
            if math.prod(row) != length or tuple(row) != group.dims[-len(row) :]:
                return False
    return len(full) <= MOST_STREAMS
