"""Pooling where a convolution stores: the maxima over windows take the place of results that nothing else reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from graphlab_nb.compiler.expressions import operands
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Node, Value, read_by
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import DeviceTraits


def with_pools(
    items: Sequence[Node | Group], kept: Collection[Value], traits: Sequence[DeviceTraits]
) -> list[Node | Group]:
    """Has kernels that can do so (`OpDef.pools`) store the maxima that an operation takes of their results (`OpDef.maxima`).

    Args:
      items: nodes and groups, in the order to run.
      kept: values that are needed outside.
      traits: the devices'.

    Returns:
      The items without those operations, which run where what they pool is made: they read nothing else. A group that such an
      operation was the host of has a kernel of its own.
    """
    place: dict[Node | Operation, int] = {}
    readers: dict[Value, set[int]] = defaultdict(set)
    for k, item in enumerate(items):
        for node in item.members if isinstance(item, Group) else (item,):
            place[node] = place[node.op] = k
            for root in read_by(node):
                readers[root].add(k)
    found: list[Node | Group | None] = list(items)
    for k, item in enumerate(items):
        pool = item.host if isinstance(item, Group) else item
        if pool is None or (isinstance(item, Group) and item.start is not None):
            continue
        value = pool.inputs[0] if pool.inputs else None
        here = -1 if value is None or value.root.node is None else place.get(value.root.node, -1)
        if value is None or not 0 <= here < k or value.root in kept or readers[value.root] != {k}:
            continue
        if any(place.get(op, -1) >= here for op in pool.op.control_inputs):
            continue
        group = _host(found[here], here)
        if group is None or not _can_pool(group, pool, traits[pool.device]):
            continue
        made = {out for node in group.members for out in node.outputs} - {value.root}
        if any(v in kept or readers[v] - {here} for v in made):
            continue
        group.pool = pool
        found[here] = group
        if isinstance(item, Group):
            item.host = None
        else:
            found[k] = None
    return [item for item in found if item is not None]


def _host(item: Node | Group | None, position: int) -> Group | None:
    """The group of an item that one kernel may compute with what pools it."""
    if isinstance(item, Node):
        group = Group(item, position)
        group.host = item
        return group
    return item


def _can_pool(group: Group, pool: Node, traits: DeviceTraits) -> bool:
    """Whether the group's host can pool what the group makes."""
    host, value = group.host, pool.inputs[0]
    if host is None or group.pool is not None or group.device != pool.device or not host.definition.finishes:
        return False
    if not pool.outputs:  # a check, say, which only reads
        return False
    if group.by_rows or group.checks or group.written or host.definition.checks or len(host.outputs) != 1:
        return False
    specs = [v.spec for v in (*host.inputs, value)]
    if not all(spec.known for spec in specs):
        return False
    last = (group.nodes[-1] if group.nodes else host).outputs
    made = {out for node in group.members for out in node.outputs}
    if len(last) != 1 or last[0] is not value.root or any(v.spec.dims != group.dims for v in (value, *made)):
        return False
    if last[0].spec.dtype is not pool.outputs[0].spec.dtype:
        return False
    # Where windows are told apart rows are not, so that what is read besides may run along a row alone.
    for node in group.nodes:
        for i in operands(node):
            dims = node.inputs[i].spec.shape
            if node.inputs[i].root not in made and any(n != 1 for n in dims[:-1]):
                return False
    window = pool.definition.maxima(value.spec)
    return window is not None and host.definition.pools(traits, window, *specs[:-1])
