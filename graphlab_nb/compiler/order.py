"""Ordering: what may fail the run comes before what changes a variable, so that a run that fails changes nothing.

And what need not be in between may come last.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.graph.graph import Operation


def checks_first(nodes: Sequence[Node]) -> list[Node]:
    """Moves checks, with what they need, before the first change of a variable.

    Nodes come in the order of building, in which a check may stand behind an update that has nothing to do with it. A check
    stays where it is if it depends on a change: through its inputs or control inputs, or by reading a variable after it.

    Args:
      nodes: in the order of building.

    Returns:
      The nodes in an order in which inputs, control inputs, and reads and changes of each variable are as before.
    """
    first = next((k for k, node in enumerate(nodes) if node.definition.writes), len(nodes))
    behind = nodes[first:]
    if not any(_may_fail(node) for node in behind):
        return list(nodes)
    at = {node.op: node for node in behind}
    bound: set[Node] = set()  # what depends on a change
    changed: set[Value] = set()
    for node in behind:
        changes = [_memory(node.inputs[i]) for i in node.definition.writes]
        if changes or any(before in bound for before in _before(node, at)) or _reads(node, changed):
            bound.add(node)
        changed.update(changes)
    moved: set[Node] = set()
    stack = [node for node in behind if _may_fail(node) and node not in bound]
    while stack:
        node = stack.pop()
        if node not in moved:
            moved.add(node)
            stack += _before(node, at)
    return [*nodes[:first], *(n for n in behind if n in moved), *(n for n in behind if n not in moved)]


def _may_fail(node: Node) -> bool:
    return node.definition.checks and not node.definition.writes


def _before(node: Node, at: dict[Operation, Node]) -> list[Node]:
    """The nodes among `at` that must run before `node`."""
    found = [at[op] for op in node.op.control_inputs if op in at]
    return found + [v.node for v in node.inputs if v.node is not None and v.node.op in at]


def _reads(node: Node, changed: set[Value]) -> bool:
    unread = (*node.definition.shape_inputs, *node.definition.value_inputs)
    return any(i not in unread and _memory(value) in changed for i, value in enumerate(node.inputs))


def _memory(value: Value) -> Value:
    """The variable that `value` stands for at any time, or what a change of it gives back; else the value itself."""
    while (node := value.node) is not None:
        if getattr(node.definition, "follows", False):
            value = node.inputs[0]
            continue
        behind = [i for i, o in node.definition.writes.items() if node.outputs[o] is value]
        if not behind:
            return value
        value = node.inputs[behind[0]]
    return value


def leaves(nodes: Sequence[Node]) -> set[Node]:
    """The nodes that only fetches need and that may run behind all else.

    Args:
      nodes: in the order to run, with memory shared where it is.
    """
    waited_for = {op for node in nodes for op in node.op.control_inputs}
    changed: set[Value] = set()  # by a later node
    needed: set[Value] = set()  # by a node that stays
    found: set[Node] = set()
    for node in reversed(nodes):
        definition = node.definition
        read = [value.root for value in node.inputs]
        changes = [read[i] for i in definition.writes]
        stays = definition.stateful or definition.checks or definition.host or definition.dynamic or changes
        if stays or node.op in waited_for or needed.intersection(node.outputs) or changed.intersection(read):
            needed.update(read)
            changed.update(changes)
        else:
            found.add(node)
    return found


def results_early(items: Sequence[Node | Group], put_off: set[Node]) -> list[Node | Group]:
    """Moves what only fetches need to where what it reads is there, so that it can be fetched while the rest runs.

    Args:
      items: nodes, and groups of them, in the order to run.
      put_off: the `leaves` among the nodes.
    """
    ready: dict[Operation | Value, int] = {}  # the place of what makes a value, or changes it, or runs an operation
    places = []
    for k, item in enumerate(items):
        members = item.members if isinstance(item, Group) else [item]
        place = k
        if put_off.issuperset(members):
            before: list[Operation | Value] = [v.root for node in members for v in node.inputs]
            before += [op for node in members for op in node.op.control_inputs]
            place = max((ready.get(b, -1) for b in before), default=-1)
        places.append(place)
        for node in members:
            changed = [node.inputs[i].root for i in node.definition.writes]
            ready.update(dict.fromkeys((node.op, *(v.root for v in node.outputs), *changed), place))
    moved = [place < k for k, place in enumerate(places)]
    return [items[k] for k in sorted(range(len(items)), key=lambda k: (places[k], moved[k], k))]
