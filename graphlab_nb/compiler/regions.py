"""Regions: sets of nodes that can run for some rows after the other (see compiler/cut.py)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set

from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.graph.graph import Operation


class Region:
    """Nodes whose rows depend on each other's rows alone, and that nothing outside stands between.

    Attributes:
      nodes: the members, in order.
      device: index of the device.
      rows: number of rows that divides that of every member.
      row_inputs: for each member, the positions of the inputs of which it uses row by row.
      taken: for each member, the roots of these inputs that it reads.
    """

    def __init__(self, node: Node, mask: int):
        self.nodes: list[Node] = []
        self.device = node.device
        self.rows = node.outputs[0].spec.shape[0]
        self.row_inputs: dict[Node, Sequence[int]] = {}
        self.taken: dict[Node, list[Value]] = {}
        self.mask = mask  # this region, and those it has absorbed
        self.reach = 0  # the regions that something outside depends on, on which this region depends

    def absorb(self, other: Region) -> None:
        """Takes over the members of `other`, which is given up."""
        self.nodes += other.nodes
        self.row_inputs |= other.row_inputs
        self.taken |= other.taken
        self.mask |= other.mask
        self.reach |= other.reach


def produced(node: Node) -> Iterator[Value]:
    """The roots that a node reads and nodes compute."""
    unread = (*node.definition.shape_inputs, *node.definition.value_inputs)
    for i, value in enumerate(node.inputs):
        root = value.root
        if root.source == "node" and i not in unread:
            yield root


def find_regions(nodes: Sequence[Node], bound: Set[Operation]) -> list[Region]:
    """The largest regions among nodes that change nothing; operations that are `bound` by control dependencies are in none.

    A node joins the regions of what it reads row by row, and they become one, unless a path leads out of one and into
    another, or out of the region and into the node.
    """
    finder = _Finder()
    for node in nodes:
        finder.add(node, bound)
    for region in finder.regions:
        region.nodes.sort(key=finder.position.__getitem__)
    return list(finder.regions)


class _Finder:
    def __init__(self) -> None:
        self.regions: dict[Region, None] = {}
        self.position: dict[Node, int] = {}
        self._region_of: dict[Node, Region] = {}
        self._reach: dict[Node, int] = {}  # for nodes in no region, the regions they depend on
        self._maker: dict[Value, Node] = {}
        self._node_of_op: dict[Operation, Node] = {}
        self._count = 0

    def add(self, node: Node, bound: Set[Operation]) -> None:
        """Takes the next node in order."""
        self.position[node] = len(self.position)
        rowwise = () if node.op in bound else row_inputs(node)
        unread = (*node.definition.shape_inputs, *node.definition.value_inputs)
        by_rows: dict[Node, None] = {}
        whole: dict[Node, None] = {}
        for i, value in enumerate(node.inputs):
            maker = self._maker.get(value.root)
            if maker is not None and i not in unread:
                (by_rows if i in rowwise else whole)[maker] = None
        for op in node.op.control_inputs:
            if op in self._node_of_op:
                whole[self._node_of_op[op]] = None
        if rowwise:
            self._join(node, rowwise, list(by_rows), list(whole))
        else:
            self._reach[node] = self._behind([*by_rows, *whole])
        self._node_of_op[node.op] = node
        for value in node.outputs:
            self._maker[value] = node

    def _behind(self, nodes: Sequence[Node]) -> int:
        """The regions that these nodes are in or depend on."""
        found = 0
        for node in nodes:
            region = self._region_of.get(node)
            found |= self._reach[node] if region is None else region.mask | region.reach
        return found

    def _join(self, node: Node, rowwise: Sequence[int], by_rows: list[Node], whole: list[Node]) -> None:
        region_of = self._region_of
        candidates = list(dict.fromkeys(region_of[maker] for maker in by_rows if maker in region_of))
        joined: list[Region] = []
        rows = node.outputs[0].spec.shape[0]
        for region in candidates:
            divisor = math.gcd(rows, region.rows)
            if region.device == node.device and divisor in (rows, region.rows):
                joined.append(region)
                rows = divisor
        outside = self._behind([*whole, *(maker for maker in by_rows if maker not in region_of)])
        while True:
            reach = outside
            for region in candidates:
                reach |= region.reach if region in joined else region.reach | region.mask
            fit = [region for region in joined if not region.mask & reach]
            if len(fit) == len(joined):
                break
            joined = fit
        if joined:
            chosen, *others = joined
        else:
            chosen, others = Region(node, 1 << self._count), []
            self._count += 1
            self.regions[chosen] = None
        for region in others:
            del self.regions[region]
            for member in region.nodes:
                region_of[member] = chosen
            chosen.absorb(region)
        chosen.rows = math.gcd(rows, chosen.rows)
        chosen.nodes.append(node)
        region_of[node] = chosen
        chosen.row_inputs[node] = rowwise
        unread = node.definition.shape_inputs
        chosen.taken[node] = [node.inputs[i].root for i in rowwise if i not in unread]
        if others or reach & ~chosen.reach:
            self._grow(chosen, reach)

    def _grow(self, region: Region, more: int) -> None:
        """Notes that a region depends on more; so does what depends on it."""
        region.reach |= more
        behind = region.reach | region.mask
        for other in self.regions:
            if other.reach & region.mask:
                other.reach |= behind
        for node, reach in self._reach.items():
            if reach & region.mask:
                self._reach[node] = reach | behind


def row_inputs(node: Node) -> Sequence[int]:
    """Positions of the inputs of which the node uses row i alone for row i of its outputs; empty if there are none."""
    definition, outputs = node.definition, node.outputs
    if definition.stateful or definition.references or not outputs:
        return ()
    if any(v.source != "node" or not v.spec.dims or None in v.spec.dims for v in outputs):
        return ()
    rows = outputs[0].spec.shape[0]
    if rows < 2 or any(v.spec.shape[0] != rows for v in outputs):
        return ()
    if any(v.base is not v for v in outputs):
        return ()
    specs = [v.spec for v in node.inputs]
    if not all(s.known for s in specs):
        return ()
    found = definition.by_rows(specs, [v.spec for v in outputs])
    return found if all(specs[i].rank and specs[i].shape[0] == rows for i in found) else ()
