"""Simplification: what need not be computed, or not twice; and the transfers that placement asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab_nb.compiler.emit import TransferDef
from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.graph.opdef import Spec


def simplify(nodes: Sequence[Node], written: set[Value]) -> list[Node]:
    """Lets reshapes and identities share memory, and computes common subexpressions once."""
    kept: list[Node] = []
    made: dict[Any, Node] = {}
    last_write = {}
    for node in nodes:
        for i in node.definition.writes:
            last_write[node.inputs[i].root] = node.op.index
    for node in nodes:
        definition = node.definition
        for i, o in definition.writes.items():
            node.outputs[o].base = node.inputs[i]
        if len(node.outputs) == 1 and node.outputs[0].source == "constant":
            continue
        if not definition.writes and len(node.outputs) == 1 and not definition.host:
            shared = definition.alias([v.spec for v in node.inputs], node.outputs[0].spec)
            if shared is not None:
                root = node.inputs[shared].root
                # The value of a variable that a later operation changes is kept as it is now, except for the variable's
                # own read, which stands for the variable itself.
                if last_write.get(root, -1) < node.op.index or getattr(definition, "follows", False):
                    node.outputs[0].base = node.inputs[shared]
                    continue
                node.outputs[0].device = node.device = root.device or 0
        if not (definition.stateful or definition.writes or definition.host or definition.dynamic):
            roots = tuple((v.root, v.spec.dims) for v in node.inputs)
            if not any(r in written for r, _ in roots):
                key = (definition, roots, node.device)
                same = made.get(key)
                if same is not None:
                    for mine, other in zip(node.outputs, same.outputs, strict=True):
                        mine.base = other
                    continue
                made[key] = node
        kept.append(node)
    return kept


def insert_transfers(nodes: Sequence[Node], written: set[Value]) -> list[Node]:
    """Puts a copy before each operation one of whose inputs lives on another device."""
    out: list[Node] = []
    moved: dict[tuple[Value, int], Value] = {}
    for node in nodes:
        unread = (*node.definition.shape_inputs, *node.definition.value_inputs)
        for i, value in enumerate(node.inputs):
            root = value.root
            if i in unread or root.device is None or root.device == node.device:
                continue
            key = (root, node.device)
            found = moved.get(key)
            if found is None:
                transfer = Node(node.op, TransferDef(), [value], node.device)
                found = Value(Spec(root.spec.dtype, root.spec.dims), "node", root.key, transfer, device=node.device)
                transfer.outputs.append(found)
                out.append(transfer)
                if root not in written:
                    moved[key] = found
            view = Value(value.spec, "node", value.key, found.node, device=node.device)
            view.base = found
            node.inputs[i] = view
        out.append(node)
    return out
