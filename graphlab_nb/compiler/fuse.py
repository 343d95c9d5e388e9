"""Fusion: elementwise operations over the same shape become one kernel, or the end of the kernel that they follow.

Operations that work on rows of the last dimension (`OpDef.rowwise`: softmax, sums along rows, ...) join in: then values of the
group have the group's shape, or one number for each of its rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.launch import POSITION, DeviceTraits, Window
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.shapes import Dims

MOST_OPERATIONS = 64
MOST_ARGUMENTS = 24

MOST_COLUMNS = 4096
"""Numbers in a row that are summed up in the order in which they come; of longer ones their own kernel makes better sums."""
FEW_NUMBERS = 1 << 15
"""Numbers that one work-item reduces as fast as it takes to start several."""
ROWS_PER_UNIT = 4
"""Rows for each of a processor's cores, or a GPU's multiprocessors, that keep all busy."""


class Group:
    """Nodes that run as one kernel, at the place of the last of them.

    Attributes:
      dims: the shape they all compute.
      by_rows: whether members reduce along its last dimension.
      row_values: the members' outputs, and views of them, that have one number for each row.
      device: index of the device.
      nodes: the members, in order.
      checks: whether a member may fail the run. Such a group changes no variable, so that what fails changes nothing.
      sealed: whether something outside depends on its running before a certain point, so that none may join any more.
      reads: variables' values read from memory, with the earliest position.
      written: variables' values that members change.
      host: a node whose kernel computes the group where it stores its result, which runs at the group's place; or None.
      start: a group that the host's kernel computes where it reads its first input; or None.
      pool: a node whose maxima over windows of the last result the host's kernel stores in that one's place; or None.
    """

    __slots__ = (
        "by_rows", "checks", "device", "dims", "host", "inputs", "nodes", "pool", "position", "reads", "row_values",
        "sealed", "start", "written",
    )  # fmt: skip

    def __init__(self, node: Node, position: int):
        self.by_rows = bool(node.definition.rowwise(*(v.spec for v in node.inputs)))
        self.dims = (node.inputs if self.by_rows else node.outputs)[0].spec.dims
        self.row_values: set[Value] = set()
        self.device = node.device
        self.nodes: list[Node] = []
        self.position = position
        self.checks = False
        self.sealed = False
        self.reads: dict[Value, int] = {}
        self.written: set[Value] = set()
        self.inputs: set[Value] = set()
        self.host: Node | None = None
        self.start: Group | None = None
        self.pool: Node | None = None

    @property
    def members(self) -> list[Node]:
        """All nodes that the kernel computes, in order."""
        first = self.start.nodes if self.start is not None else []
        last = [self.pool] if self.pool is not None else []
        return self.nodes if self.host is None else [*first, self.host, *self.nodes, *last]

    @property
    def windows(self) -> Window:
        """The windows that are pooled."""
        found = None if self.pool is None else self.pool.definition.maxima(*(v.spec for v in self.pool.inputs))
        return found or POSITION

    @property
    def last(self) -> Node:
        """The last member."""
        return self.members[-1]

    def add(self, node: Node, position: int) -> None:
        """Makes `node`, at `position`, the last member."""
        self.nodes.append(node)
        self.position = position
        self.row_values.update(v for v in node.outputs if v.spec.dims != self.dims)
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
        self.by_rows = self.by_rows or other.by_rows
        self.row_values |= other.row_values
        self.checks = self.checks or other.checks
        self.inputs |= other.inputs
        self.written |= other.written
        for root, position in other.reads.items():
            self.reads[root] = min(position, self.reads.get(root, position))


def fuse(
    nodes: Sequence[Node], traits: Sequence[DeviceTraits], leaves: Collection[Node] = (), together: bool = True
) -> list[Node | Group]:
    """Joins nodes into groups, and returns groups and other nodes in the order to run.

    A node joins the groups of its inputs where they compute the same shape, or rows of it, on the same device. A group runs
    where its last member stands, so members before that run later than they did; `sealed` groups and the checks on variables
    keep every other reader, writer and control dependency on its side.

    Args:
      nodes: in the order to run.
      traits: the devices'.
      leaves: those that may run behind all others; they do where they would end a group that others may still join, such as
        the mean of a loss, which stands between the loss and its gradient.
      together: whether nodes share kernels at all.
    """
    group_of: dict[Node, Group] = {}
    node_of_op = {node.op: node for node in nodes}
    writes: dict[Value, list[int]] = defaultdict(list)
    writers: dict[Value, list[Group]] = defaultdict(list)
    groups: dict[Group, None] = {}
    checking: list[Group] = []
    alone: list[tuple[int, Node | Group]] = []
    later: dict[Node, None] = {}

    for position, node in enumerate(_and_then(nodes, later)):
        candidates: dict[Group, None] = {}
        touched = [v.root for v in node.inputs]
        joins = _joins(node, traits[node.device])
        if joins and together:
            unfit: set[Group] = set()
            for value in node.inputs:
                root = value.root
                group = group_of.get(root.node) if root.node is not None else None
                if group is not None and _may_join(group, node, value, root, position, writes):
                    candidates[group] = None
                elif group is not None:  # of all that the node reads of a group, none may need memory
                    unfit.add(group)
            candidates = {group: None for group in candidates if group not in unfit}
        candidates = _fitting(candidates, node)
        if node in leaves and position < len(nodes):
            producers = [group_of.get(root.node) for root in touched if root.node is not None]
            if any(g not in candidates and not g.sealed for g in producers if g is not None) or any(
                root.node in later for root in touched
            ):
                later[node] = None
                continue
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
        if joins:
            group = _merged(candidates, group_of, groups) if candidates else Group(node, position)
            group.by_rows = group.by_rows or not isinstance(node.definition, Elementwise)
            groups[group] = None
            group.add(node, position)
            group_of[node] = group
            if group.checks:
                checking.append(group)
            for root in group.written:
                if group not in writers[root]:
                    writers[root].append(group)
        else:
            alone.append((position, node))
        for index in node.definition.writes:
            writes[node.inputs[index].root].append(position)

    order = alone + [(g.position, _alone(g) or g) for g in groups]
    order.sort(key=lambda item: item[0])
    return [item for _, item in order]


def _and_then(nodes: Sequence[Node], later: Mapping[Node, Any]) -> Iterator[Node]:
    """The nodes, and those that were put off on the way."""
    yield from nodes
    yield from list(later)


def row_dims(dims: Dims, full: Dims) -> bool:
    """Whether `dims` is the shape of one number for each row of the last dimension of `full`."""
    assert dims is not None and full is not None
    return dims != full and dims in (full[:-1], (*full[:-1], 1))


def _joins(node: Node, traits: DeviceTraits) -> bool:
    """Whether a node can be a member of a group."""
    definition = node.definition
    if isinstance(definition, Elementwise):
        return 0 not in node.outputs[0].spec.shape
    if not definition.rowwise(*(v.spec for v in node.inputs)):
        return False
    shape = node.inputs[0].spec.shape
    if 0 in shape:
        return False
    if definition.rows_only:
        return True
    size = math.prod(shape)
    rows = size // shape[-1]
    return 1 < shape[-1] <= MOST_COLUMNS and (size <= FEW_NUMBERS or rows >= ROWS_PER_UNIT * traits.compute_units)


def _alone(group: Group) -> Node | None:
    """The only member, if it has a kernel of its own that serves it better."""
    node = group.nodes[0]
    if len(group.nodes) > 1 or isinstance(node.definition, Elementwise) or node.definition.rows_only:
        return None
    return node


def _may_join(
    group: Group, node: Node, value: Value, root: Value, position: int, writes: dict[Value, list[int]]
) -> bool:
    if group.sealed or group.device != node.device or len(group.nodes) >= MOST_OPERATIONS:
        return False
    if not (
        _fits(group, node, value, root)
        if group.by_rows or not isinstance(node.definition, Elementwise)
        else group.dims == node.outputs[0].spec.dims and value.spec.dims == root.spec.dims
    ):
        return False
    # What members read from a variable must not have been overwritten between them and here.
    if any(read < write < position for v, read in group.reads.items() for write in writes[v]):
        return False
    # The node would read, or change once more, memory that a member changes in this very kernel.
    return not any(v.root in group.written and v.root.source == "variable" for v in node.inputs)


def _fits(group: Group, node: Node, value: Value, root: Value) -> bool:
    """Whether a node that reads a member's output fits into a group that works, or then works, on rows."""
    dims, mine = group.dims, value.spec.dims
    assert dims is not None and mine is not None
    if not dims or group.written or node.definition.writes:
        return False
    if not isinstance(node.definition, Elementwise):
        full = node.inputs[0].spec.dims
        return full == dims and mine == (dims[:-1] if root in group.row_values else dims)
    out = node.outputs[0].spec.dims
    assert out is not None
    if root not in group.row_values:
        return out == dims == mine
    if out == dims:
        return (1,) * (len(dims) - len(mine)) + mine == (*dims[:-1], 1)
    return row_dims(out, dims) and math.prod(mine) == math.prod(out)  # type: ignore[arg-type]


def _fitting(candidates: dict[Group, None], node: Node) -> dict[Group, None]:
    """Those of the groups that together stay within what one kernel takes."""
    chosen: dict[Group, None] = {}
    inputs: set[Value] = {v.root for v in node.inputs}
    count = 1
    written: set[Value] = set()
    checks, changes = node.definition.checks, bool(node.definition.writes)
    first = next(iter(candidates), None)
    for group in candidates:
        if (checks or group.checks) and (changes or group.written):
            continue
        if group.dims != first.dims or ((group.by_rows or first.by_rows) and (group.written or first.written)):  # type: ignore[union-attr]
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
