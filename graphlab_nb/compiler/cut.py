"""Cuts: what would need much memory at once is computed for some rows after the other.

Many operations make row i of their output (its part at index i of dimension 0, such as an image of a batch) from row i of
some inputs and from all of others, such as weights; `OpDef.by_rows` says of which. A region of such operations may run for
the first rows from its beginning to its end, then for the next ones. All pieces use the same memory, which is small enough
to stay near, and only what something outside of the region reads is assembled whole.

Rows of different operations need not be alike: [10, 5, 8] seen as [50, 8] has 5 rows for each of the former. A region's
`rows` divide the rows of all its operations, which are cut in the same proportion.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import ClassVar

from graphlab_nb import config
from graphlab_nb.compiler.plan import Node, PlanDevice, Value
from graphlab_nb.compiler.regions import Region, find_regions, produced
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.launch import Array, DeviceTraits, Launcher
from graphlab_nb.ops.pointwise import Elementwise

LARGE = 64 << 20
"""Bytes of intermediate results at one time from which on a processor's plans are cut."""

PIECE = 64 << 20
"""Bytes of intermediate results that a piece may have at one time; smaller ones are no faster and take longer to plan."""

LEAST_SAVED = 0.25
"""Share of a region's memory that cutting has to save."""


@dataclass(frozen=True)
class TakeRows(OpDef):
    """Rows `begin` to `begin + count` - 1 of x, which has `rows` of them; in what shape is for the plan to say."""

    begin: int
    count: int
    rows: int

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.copy(inputs[0], outputs[0], inputs[0].nbytes // self.rows * self.begin, 0, outputs[0].nbytes)


@dataclass(frozen=True)
class PutRows(OpDef):
    """Sets rows of the output from row `begin` of `rows` on to x; other nodes set the others."""

    begin: int
    rows: int
    stateful: ClassVar[bool] = (
        True  # it makes only a part of its output, so it is never the same as another nor computed at another time
    )

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.copy(inputs[0], outputs[0], 0, outputs[0].nbytes // self.rows * self.begin, inputs[0].nbytes)


def cut(nodes: list[Node], keep: Set[Value], devices: Sequence[PlanDevice]) -> list[Node]:
    """The nodes, with regions that need much memory replaced by pieces of them.

    Args:
      nodes: in order.
      keep: roots of values that are used after the stage.
      devices: the session's devices.
    """
    least = min(_limits(d.traits)[0] for d in devices)
    if config.CUT.value == "0" or _all_bytes(nodes) <= least:
        return nodes
    bound = {op for node in nodes for op in node.op.control_inputs}
    bound |= {node.op for node in nodes if node.op.control_inputs}
    users = _users(nodes)
    done: list[Node] = []
    stretch: list[Node] = []
    for node in nodes:
        definition = node.definition
        if definition.writes or definition.host or definition.dynamic:
            done += _cut_stretch(stretch, bound, users, keep, devices)
            done.append(node)
            stretch = []
        else:
            stretch.append(node)
    return done + _cut_stretch(stretch, bound, users, keep, devices)


def _limits(traits: DeviceTraits) -> tuple[int, int]:
    """Bytes from which on a plan is cut, and those of a piece; only what a GPU can hardly hold is cut there."""
    if traits.is_cpu:
        return LARGE, PIECE
    return traits.global_memory // 4, traits.global_memory // 8


def _all_bytes(nodes: Iterable[Node]) -> int:
    """Bytes of everything that nodes compute."""
    return sum(v.spec.size_in_bytes for node in nodes for v in node.outputs if v.source == "node" and v.spec.known)


def _users(nodes: Iterable[Node]) -> dict[Value, list[Node]]:
    """For each root, the nodes that read it."""
    users: dict[Value, list[Node]] = {}
    for node in nodes:
        for root in produced(node):
            users.setdefault(root, []).append(node)
    return users


def _cut_stretch(
    stretch: list[Node],
    bound: Set[Operation],
    users: Mapping[Value, list[Node]],
    keep: Set[Value],
    devices: Sequence[PlanDevice],
) -> list[Node]:
    """The nodes of a stretch that changes nothing, cut where that is worth it."""
    if _all_bytes(stretch) <= min(_limits(d.traits)[0] for d in devices):
        return stretch
    pieces: dict[Region, list[Node]] = {}
    for region in find_regions(stretch, bound):
        large, most = _limits(devices[region.device].traits)
        needs = _Needs.of(region, users, keep)
        count = needs.count(region.rows, most)
        if needs.whole <= large or needs.cut(region.rows, count) > (1 - LEAST_SAVED) * needs.whole:
            continue
        found = _Pieces(region, needs.outside).made(count)
        if found is not None:
            pieces[region] = found
    return _ordered(stretch, pieces) if pieces else stretch


@dataclass
class _Needs:
    """Memory that a region needs, in bytes, as far as can be told before fusion.

    Attributes:
      whole: at most at one time, all rows at once.
      piece: of this what shrinks with the number of rows, with rows taken from what the region reads.
      always: of what is there whole all the time, even if the region is cut.
      outside: outputs that something outside of the region reads.
    """

    whole: int
    piece: int
    always: int
    outside: list[Value] = field(default_factory=list)

    @staticmethod
    def of(region: Region, users: Mapping[Value, list[Node]], keep: Set[Value]) -> _Needs:
        members = set(region.nodes)
        outside = [
            v
            for node in region.nodes
            for v in node.outputs
            if v in keep or any(user not in members for user in users.get(v, ()))
        ]
        when = _times(region.nodes, users, set(outside))
        taken: dict[Value, int] = {}
        for node in region.nodes:
            for root in region.taken[node]:
                if root.node not in members:
                    taken[root] = max(taken.get(root, 0), when[node])
        inputs = sum(v.spec.size_in_bytes for v in taken if v.source == "node")
        always = inputs + sum(v.spec.size_in_bytes for v in outside)
        whole = inputs + _most_alive(region.nodes, users, when, set(outside), {}, True)
        return _Needs(whole, _most_alive(region.nodes, users, when, set(outside), taken, False), always, outside)

    def count(self, rows: int, most: int) -> int:
        """Rows of a piece such that it takes at most `most` bytes, in pieces of equal size."""
        pieces = min(rows, math.ceil(self.piece / most))
        return math.ceil(rows / max(1, pieces))

    def cut(self, rows: int, count: int) -> int:
        """Bytes needed at most at one time with pieces of `count` rows."""
        return self.always + self.piece * count // rows


def _times(nodes: Sequence[Node], users: Mapping[Value, list[Node]], outside: Set[Value]) -> dict[Node, int]:
    """When each node runs: at its position, or inside of the kernel of an elementwise node that uses it."""
    when = {node: k for k, node in enumerate(nodes)}
    for node in reversed(nodes):
        if _fused(node, users, outside):
            when[node] = max(when[user] for v in node.outputs for user in users[v])
    return when


def _fused(node: Node, users: Mapping[Value, list[Node]], outside: Set[Value]) -> bool:
    """Whether the node's results likely never reach memory."""
    if not isinstance(node.definition, Elementwise) or any(v in outside for v in node.outputs):
        return False
    readers = [user for v in node.outputs for user in users.get(v, ())]
    dims = node.outputs[0].spec.dims
    return bool(readers) and all(
        isinstance(r.definition, Elementwise) and r.outputs[0].spec.dims == dims for r in readers
    )


def _most_alive(
    nodes: Sequence[Node],
    users: Mapping[Value, list[Node]],
    when: Mapping[Node, int],
    outside: Set[Value],
    taken: Mapping[Value, int],
    stay: bool,
) -> int:
    """Bytes of results, and of rows `taken` until the positions given, that are alive at one time.

    What the `outside` reads stays alive to the end with `stay`; else it is put elsewhere at the end of its piece.
    """
    change = [0] * (len(nodes) + 2)
    for node in nodes:
        if _fused(node, users, outside):
            continue
        for value in node.outputs:
            size, born = value.spec.size_in_bytes, when[node]
            last = max((when[user] for user in users.get(value, ()) if user in when), default=born)
            if value in outside and stay:
                last = len(nodes)
            reader = nodes[last] if last < len(nodes) else None
            change[born] += size
            # The last elementwise reader of the same size takes its place; others need both at once.
            gives = (
                reader is not None
                and last > born
                and isinstance(reader.definition, Elementwise)
                and not _fused(reader, users, outside)
                and reader.outputs[0].spec.size_in_bytes == size
            )
            change[last if gives else last + 1] -= size
    first: dict[Value, int] = {}
    for node in nodes:
        for value in node.inputs:
            if value.root in taken:
                first[value.root] = min(first.get(value.root, len(nodes)), when[node])
    for value, last in taken.items():
        change[first.get(value, last)] += value.spec.size_in_bytes
        change[last + 1] -= value.spec.size_in_bytes
    most = alive = 0
    for step in change:
        alive += step
        most = max(most, alive)
    return most


class _Pieces:
    """Makes the nodes of a region's pieces."""

    def __init__(self, region: Region, outside: Sequence[Value]):
        self.region = region
        self.outside = outside
        self._begin = 0
        self._count = 0
        self._mine: dict[Value, Value] = {}
        self._views: dict[tuple[Value, tuple[int, ...]], Value] = {}
        self._nodes: list[Node] = []

    def made(self, count: int) -> list[Node] | None:
        """The nodes for pieces of `count` rows; None where an operation does not give rows for rows after all."""
        for begin in range(0, self.region.rows, count):
            self._begin, self._count = begin, min(count, self.region.rows - begin)
            self._mine, self._views = {}, {}
            if not all(self._clone(node) for node in self.region.nodes):
                return None
            for value in self.outside:
                assert value.node is not None
                put = Node(value.node.op, PutRows(begin, self.region.rows), [self._mine[value]], self.region.device)
                put.outputs.append(value)
                self._nodes.append(put)
        for node in self._nodes:
            if isinstance(node.definition, PutRows):
                node.outputs[0].node = node
        return self._nodes

    def _shape(self, spec: Spec) -> tuple[int, ...]:
        return (spec.shape[0] // self.region.rows * self._count, *spec.shape[1:])

    def _clone(self, node: Node) -> bool:
        region, definition = self.region, node.definition
        rowwise = region.row_inputs[node]
        clone = Node(node.op, definition, [], node.device)
        for i, value in enumerate(node.inputs):
            if i not in rowwise:
                clone.inputs.append(value)
            elif i in definition.shape_inputs:
                clone.inputs.append(Value(Spec(value.spec.dtype, self._shape(value.spec)), "shape", value.key))
            else:
                clone.inputs.append(self._part(value, node))
        try:
            found = definition.infer(*(v.spec for v in clone.inputs))
        except (ValueError, TypeError):
            return False
        specs = (found,) if isinstance(found, Spec) else found
        if [s.dims for s in specs] != [self._shape(v.spec) for v in node.outputs]:
            return False
        for value, spec in zip(node.outputs, specs, strict=True):
            part = Value(Spec(spec.dtype, spec.dims), "node", value.key, clone, device=node.device)
            clone.outputs.append(part)
            self._mine[value] = part
        self._nodes.append(clone)
        return True

    def _part(self, value: Value, node: Node) -> Value:
        """The piece's rows of a value."""
        root, shape = value.root, self._shape(value.spec)
        part = self._mine.get(root)
        if part is None:
            take = Node(node.op, TakeRows(self._begin, self._count, self.region.rows), [value], node.device)
            part = Value(Spec(value.spec.dtype, shape), "node", root.key, take, device=node.device)
            take.outputs.append(part)
            self._nodes.append(take)
            self._mine[root] = part
        if part.spec.dims == shape:
            return part
        view = self._views.get((part, shape))
        if view is None:
            view = self._views[part, shape] = Value(
                Spec(value.spec.dtype, shape), "node", value.key, part.node, device=node.device
            )
            view.base = part
        return view


def _ordered(stretch: Sequence[Node], pieces: Mapping[Region, list[Node]]) -> list[Node]:
    """The stretch with regions replaced by their pieces, each at one place, after all it depends on."""
    item_of: dict[Node, Node | Region] = {node: node for node in stretch}
    item_of |= {node: region for region in pieces for node in region.nodes}
    position: dict[Node | Region, int] = {}
    for k, node in enumerate(stretch):
        position[item_of[node]] = k
    node_of_op = {node.op: node for node in stretch}
    maker = {value: node for node in stretch for value in node.outputs}
    waits: dict[Node | Region, set[Node | Region]] = {item: set() for item in position}
    followers: dict[Node | Region, list[Node | Region]] = {item: [] for item in position}
    for node in stretch:
        item = item_of[node]
        before = [maker[root] for root in produced(node) if root in maker]
        before += [node_of_op[op] for op in node.op.control_inputs if op in node_of_op]
        for other in before:
            if item_of[other] is not item and item_of[other] not in waits[item]:
                waits[item].add(item_of[other])
                followers[item_of[other]].append(item)
    at = {k: item for item, k in position.items()}
    ready = [k for k, item in at.items() if not waits[item]]
    heapq.heapify(ready)
    order: list[Node] = []
    while ready:
        item = at[heapq.heappop(ready)]
        order += pieces[item] if isinstance(item, Region) else [item]
        for follower in followers[item]:
            waits[follower].discard(item)
            if not waits[follower]:
                heapq.heappush(ready, position[follower])
    return order
