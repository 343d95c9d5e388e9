"""Fusion: elementwise operations over the same shape become one kernel, or the end of the kernel that they follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.graph.graph import Operation
from graphlab_nb.ops.pointwise import Elementwise

MOST_OPERATIONS = 64
MOST_ARGUMENTS = 24
MOST_STREAMS = 4
"""Arrays as large as the results that an epilogue reads and writes; with more, what is done at the end of a product's tiles
costs the product more than passing over its results once more."""


class Group:
    """Elementwise nodes that run as one kernel, at the place of the last of them.

    Attributes:
      dims: the shape they all compute.
      device: index of the device.
      nodes: the members, in order.
      checks: whether a member may fail the run. Such a group changes no variable, so that what fails changes nothing.
      sealed: whether something outside depends on its running before a certain point, so that none may join any more.
      reads: variables' values read from memory, with the earliest position.
      written: variables' values that members change.
      host: a node whose kernel computes the group where it stores its result, which runs at the group's place; or None.
    """

    __slots__ = ("checks", "device", "dims", "host", "inputs", "nodes", "position", "reads", "sealed", "written")

    def __init__(self, node: Node, position: int):
        self.dims = node.outputs[0].spec.dims
        self.device = node.device
        self.nodes: list[Node] = []
        self.position = position
        self.checks = False
        self.sealed = False
        self.reads: dict[Value, int] = {}
        self.written: set[Value] = set()
        self.inputs: set[Value] = set()
        self.host: Node | None = None

    @property
    def members(self) -> list[Node]:
        """All nodes that the kernel computes, in order."""
        return self.nodes if self.host is None else [self.host, *self.nodes]

    def add(self, node: Node, position: int) -> None:
        """Makes `node`, at `position`, the last member."""
        self.nodes.append(node)
        self.position = position
        self.checks = self.checks or node.definition.checks
        for value in node.inputs:
            root = value.root
            self.inputs.add(root)
            if root.source == "variable":
                self.reads.setdefault(root, position)
        for index in node.definition.writes:
            self.written.add(node.inputs[index].root)

    def absorb(self, other: Group) -> None:
        """Takes over the members of `other`, which is given up."""
        self.nodes.extend(other.nodes)
        self.checks = self.checks or other.checks
        self.inputs |= other.inputs
        self.written |= other.written
        for root, position in other.reads.items():
            self.reads[root] = min(position, self.reads.get(root, position))


def fuse(nodes: Sequence[Node]) -> list[Node | Group]:
    """Joins elementwise nodes into groups, and returns groups and other nodes in the order to run.

    A node joins the groups of its inputs where they compute the same shape on the same device. A group runs where its last
    member stands, so members before that run later than they did; `sealed` groups and the checks on variables keep every
    other reader, writer and control dependency on its side.
    """
    group_of: dict[Node, Group] = {}
    node_of_op = {node.op: node for node in nodes}
    writes: dict[Value, list[int]] = defaultdict(list)
    writers: dict[Value, list[Group]] = defaultdict(list)
    groups: dict[Group, None] = {}
    checking: list[Group] = []

    for position, node in enumerate(nodes):
        candidates: dict[Group, None] = {}
        touched = [v.root for v in node.inputs]
        if isinstance(node.definition, Elementwise) and 0 not in node.outputs[0].spec.shape:
            for value in node.inputs:
                root = value.root
                group = group_of.get(root.node) if root.node is not None else None
                if group is not None and _may_join(group, node, value, root, position, writes):
                    candidates[group] = None
        candidates = _fitting(candidates, node)
        if node.definition.writes:  # what may fail runs before any change that follows it
            for group in checking:
                group.sealed = True
            checking.clear()
        # Everything else that this node depends on must run before it, so its group is complete now.
        for root in touched:
            producer = group_of.get(root.node) if root.node is not None else None
            if producer is not None and producer not in candidates:
                producer.sealed = True
            if root.source == "variable":
                for writer in writers[root]:
                    if writer not in candidates:
                        writer.sealed = True
        for before in node.op.control_inputs:
            producer = group_of.get(node_of_op[before]) if before in node_of_op else None
            if producer is not None:
                producer.sealed = True
                candidates.pop(producer, None)
        if isinstance(node.definition, Elementwise) and 0 not in node.outputs[0].spec.shape:
            group = _merged(candidates, group_of, groups) if candidates else Group(node, position)
            groups[group] = None
            group.add(node, position)
            group_of[node] = group
            if group.checks:
                checking.append(group)
            for root in group.written:
                if group not in writers[root]:
                    writers[root].append(group)
        for index in node.definition.writes:
            writes[node.inputs[index].root].append(position)

    order: list[tuple[int, Node | Group]] = [(g.position, g) for g in groups]
    order += [(p, n) for p, n in enumerate(nodes) if n not in group_of]
    order.sort(key=lambda item: item[0])
    return [item for _, item in order]


def _may_join(
    group: Group, node: Node, value: Value, root: Value, position: int, writes: dict[Value, list[int]]
) -> bool:
    if group.sealed or group.device != node.device or group.dims != node.outputs[0].spec.dims:
        return False
    if value.spec.dims != root.spec.dims or len(group.nodes) >= MOST_OPERATIONS:
        return False
    # What members read from a variable must not have been overwritten between them and here.
    if any(read < write < position for v, read in group.reads.items() for write in writes[v]):
        return False
    # The node would read, or change once more, memory that a member changes in this very kernel.
    return not any(v.root in group.written and v.root.source == "variable" for v in node.inputs)


def _fitting(candidates: dict[Group, None], node: Node) -> dict[Group, None]:
    """Those of the groups that together stay within what one kernel takes."""
    chosen: dict[Group, None] = {}
    inputs: set[Value] = {v.root for v in node.inputs}
    count = 1
    written: set[Value] = set()
    checks, changes = node.definition.checks, bool(node.definition.writes)
    for group in candidates:
        if (checks or group.checks) and (changes or group.written):
            continue
        together = inputs | group.inputs
        clash = written & (group.written | group.inputs) or group.written & inputs
        if (
            len(together) + len(group.nodes) // 2 > MOST_ARGUMENTS
            or count + len(group.nodes) > MOST_OPERATIONS
            or clash
        ):
            continue
        chosen[group] = None
        inputs = together
        written |= group.written
        count += len(group.nodes)
        checks, changes = checks or group.checks, changes or bool(group.written)
    return chosen


def _merged(candidates: dict[Group, None], group_of: dict[Node, Group], groups: dict[Group, None]) -> Group:
    first, *others = candidates
    for other in others:
        first.absorb(other)
        other.sealed = True
        del groups[other]
        for node in other.nodes:
            group_of[node] = first
    return first


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
            for value in node.inputs:
                readers[value.root].append(k)
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
            here, read = place[node], [v.root for v in node.inputs]
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
    alike = [root for root in group.inputs if root is not result and root.spec.dims == group.dims]
    return len(alike) + sum(len(member.definition.writes) for member in group.nodes) <= MOST_STREAMS
