"""What a plan computes once: small values that depend on constants alone, such as the ones that gradients begin with."""

from __future__ import annotations

from collections.abc import Sequence

from graphlab_nb.compiler.plan import Node

MOST_BYTES = 64 * 1024
"""Largest value that is kept for the life of a plan instead of being computed in each run."""


def split_once(nodes: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """The nodes whose outputs are the same in each run and small, and the others, both in order."""
    once: list[Node] = []
    others: list[Node] = []
    same: set[Node] = set()
    running = {node.op for node in nodes}
    for node in nodes:
        if _same_in_each_run(node, same) and not any(op in running for op in node.op.control_inputs):
            same.add(node)
            once.append(node)
        else:
            others.append(node)
    return once, others


def _same_in_each_run(node: Node, same: set[Node]) -> bool:
    definition = node.definition
    if definition.stateful or definition.writes or definition.host or definition.dynamic or definition.checks:
        return False
    if not node.outputs or any(v.spec.size_in_bytes > MOST_BYTES for v in node.outputs):
        return False
    unread = (*definition.shape_inputs, *definition.value_inputs)
    roots = [v.root for i, v in enumerate(node.inputs) if i not in unread]
    return all(root.source == "constant" or root.node in same for root in roots)
