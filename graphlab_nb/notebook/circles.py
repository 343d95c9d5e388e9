"""Groups of operations between which nothing goes in a circle: a picture of them shows no way that is not in the graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from graphlab_nb.graph.graph import Operation

Node = TypeVar("Node", bound=Hashable)
Groups = dict[str, list[Operation]]
Words = dict[str, tuple[str, str]]
"""By a group's key, what it is called and what else is said of it."""


def circles(nodes: Iterable[Node], arrows: Iterable[tuple[Node, Node]]) -> list[list[Node]]:
    """Nodes that can reach each other, of each circle or knot of circles; without recursion.

    R. Tarjan, "Depth-first search and linear graph algorithms", 1972.
    """
    after: dict[Node, list[Node]] = {node: [] for node in nodes}
    for a, b in arrows:
        after[a].append(b)
    found: list[list[Node]] = []
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on: set[Node] = set()
    for start in after:
        if start in number:
            continue
        path = [(start, iter(after[start]))]
        while path:
            node, rest = path[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                stack.append(node)
                on.add(node)
            for other in rest:
                if other not in number:
                    path.append((other, iter(after[other])))
                    break
                if other in on:
                    low[node] = min(low[node], number[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == number[node]:
                    at = stack.index(node)
                    on.difference_update(stack[at:])
                    if len(stack) - at > 1:
                        found.append(stack[at:])
                    del stack[at:]
    return found


def parts(groups: Mapping[str, Sequence[Operation]]) -> dict[Operation, int]:
    """A number for each operation of some groups: what has the same group and number is a part, and parts make no circles.

    From one part to another the number grows, so no way leads back. Operations that nothing of another group leads to are
    with those that read them.
    """
    group = {op: name for name, ops in groups.items() for op in ops}
    level: dict[Operation, int] = {}
    free: set[Operation] = set()
    readers: dict[Operation, list[Operation]] = defaultdict(list)
    ops = sorted(group, key=lambda op: op.index)
    for op in ops:
        sources = [s for s in [*(t.op for t in op.inputs), *op.control_inputs] if s in level]
        level[op] = max((level[s] + (group[s] != group[op]) for s in sources), default=0)
        if all(group[s] == group[op] and s in free for s in sources):
            free.add(op)
        for s in sources:
            readers[s].append(op)
    for op in reversed(ops):
        if op in free and readers[op]:
            level[op] = min(level[r] - (group[r] != group[op]) for r in readers[op])
    return level


def untangled(
    groups: Groups, arrows: Callable[[Groups, Words], Iterable[tuple[str, str]]], most: int
) -> tuple[Groups, Words, bool]:
    """Groups without circles: those of a circle are taken apart, or where that gives too many, put together.

    Args:
      groups: operations by the group's name.
      arrows: what goes from group to group.
      most: how many groups there may be.

    Returns:
      the groups; the words for those that were made; and whether any were put together.
    """
    groups = dict(groups)
    words: Words = {}
    joined = False
    while True:
        found = circles(groups, arrows(groups, words))
        if not found:
            return groups, words, joined
        for keys in found:
            its = {key: groups.pop(key) for key in sorted(keys, key=lambda key: groups[key][0].index)}
            apart = {} if words.keys() & its.keys() else _apart(its)
            if apart and len(groups) + len(apart) <= most:
                groups |= {key: ops for key, (ops, _, _) in apart.items()}
                words |= {key: (name, note) for key, (_, name, note) in apart.items()}
                continue
            joined = True
            key = "\0".join(its)
            groups[key] = sorted((op for ops in its.values() for op in ops), key=lambda op: op.index)
            names = list(dict.fromkeys(words[k][0] if k in words else k for k in its))
            words[key] = (", ".join(names[:3]) + (" \u2026" if len(names) > 3 else ""), "")


def _apart(groups: Groups) -> dict[str, tuple[list[Operation], str, str]]:
    """The parts of groups: their operations, names and notes. An operation by itself has its own name."""
    level = parts(groups)
    made: dict[str, tuple[list[Operation], str, str]] = {}
    for name, ops in groups.items():
        its: dict[int, list[Operation]] = defaultdict(list)
        for op in ops:
            its[level[op]].append(op)
        for k, number in enumerate(sorted(its)):
            part = its[number]
            note = f"part {k + 1} of {len(its)}" if len(its) > 1 and len(part) > 1 else ""
            made[f"{name}\0{number}"] = (part, part[0].name if len(part) == 1 else name, note)
    return made
