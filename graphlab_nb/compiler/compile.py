"""`compile_stage`: the passes in order."""

from __future__ import annotations

from collections.abc import Sequence

from graphlab_nb import config
from graphlab_nb.compiler.beside import extra_items
from graphlab_nb.compiler.cut import cut
from graphlab_nb.compiler.emit import Emitter, held
from graphlab_nb.compiler.fuse import Group, fuse
from graphlab_nb.compiler.hosts import with_hosts, with_starts
from graphlab_nb.compiler.once import split_once
from graphlab_nb.compiler.order import checks_first, leaves, results_early
from graphlab_nb.compiler.parts import Parts, flat, side_by_side
from graphlab_nb.compiler.place import Placer
from graphlab_nb.compiler.plan import Node, Request, Stage, Value
from graphlab_nb.compiler.pools import with_pools
from graphlab_nb.compiler.resolve import Resolved, resolved, variable_of
from graphlab_nb.compiler.simplify import insert_transfers, simplify
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Storage


def compile_stage(request: Request) -> Stage:
    """Compiles as much of the request as shapes allow; the rest is the stage's `remaining`.

    Raises:
      InvalidArgumentError: a placeholder without a feed, shapes that do not fit, a device that does not exist.
      ResourceExhaustedError: a plan that needs more memory than a device has.
    """
    stage = Stage()
    graph = resolved(request)
    stage.remaining = graph.blocked
    nodes = checks_first(graph.needed(stage))
    placed = _place(nodes, graph, request)
    written = {n.inputs[i].root for n in placed for i in n.definition.writes}
    nodes = simplify(placed, written)
    nodes = insert_transfers(nodes, written)
    _note_variables(nodes, graph, stage, request)
    stage.placed = {op: value.device or 0 for op, value in graph.variables.items()}
    stage.placed |= {node.op: node.device for node in nodes}
    partly = [(t, v.spec) for t, v in graph.table.items() if t.dims is None or None in t.dims]
    stage.learned = {tensor: spec.shape for tensor, spec in partly if spec.known}
    may_fail = [node for node in nodes if node.definition.checks or node.definition.host]
    stage.shapes = {node.op: [v.spec.dims for v in node.inputs] for node in may_fail}
    elsewhere = ("feed", "constant", "variable")
    exports = [t for t in graph.wanted_later if not (t.dtype.on_host or graph.table[t].root.source in elsewhere)]
    roots_kept = {graph.table[t].root for t in exports}
    fetched = [t for t in request.fetches if t in graph.table]
    keep = roots_kept | {graph.table[t].root for t in fetched}
    nodes = cut(nodes, keep, request.devices)
    targets = set(request.targets)  # these are run for their own sake, as in a timing
    asked = {v.root for node in nodes if node.op in targets for v in node.outputs}
    once, repeated = split_once(nodes)
    traits = [device.traits for device in request.devices]
    together: list[Node | Group | Parts]
    if config.FUSE.value == "0":
        first, items = (fuse(part, traits, together=False) for part in (once, repeated))
        together = [*items]
    else:
        first, items = (with_hosts(fuse(part, traits, leaves(part))) for part in (once, repeated))
        items = with_pools(items, keep | asked, traits)
        items = with_starts(items, keep | asked)
        items = results_early(items, leaves(repeated))
        together = side_by_side(items, keep | asked)
        items = list(flat(together))

    emitter = Emitter(stage, request.devices, request.counts)
    emitter.exported = {r for r in roots_kept if r.source == "node"}
    for node in nodes:
        if node.definition.dynamic:
            emitter.exported |= set(node.outputs)
    stored = _stored_outputs([*first, *items], keep | asked)
    emitter.fixed = {v for node in once for v in node.outputs}
    extra = extra_items(request, graph, together, stored, _place) if request.beside and not stage.remaining else None
    if extra is not None:
        items = [*flat(together[: extra.position]), *extra.items, *flat(together[extra.position :])]
        keep |= set(extra.values.values())
    emitter.last_user = _last_users([*first, *items], keep | emitter.exported)
    emitter.emit(first, stored)
    stage.once = len(stage.steps)
    if extra is not None:
        last = extra.position + len(extra.items)
        together[extra.position : extra.position] = extra.items
        emitter.apart = extra.items
        stored |= _stored_outputs(extra.items, set(extra.values.values()))
    emitter.emit(together, stored)
    if extra is not None:
        begun = [*emitter.begun, len(stage.steps)]
        stage.beside_steps = begun[extra.position], begun[last]
        stage.beside = {t: emitter.array(value, value.device or 0) for t, value in extra.values.items()}

    for tensor in fetched:
        value = graph.table[tensor]
        if value.root.source == "constant":
            stage.direct[tensor] = value.root.literal.reshape(value.spec.dims)
        elif value.root.source == "feed":
            stage.echoes[tensor] = (value.root.key, value.spec.shape)
        elif value.spec.dtype.on_host and value.spec.known:
            stage.held[tensor] = held(value)
        elif value.spec.known:
            stage.fetched[tensor] = emitter.array(value, value.root.device or 0)
    for tensor in exports:
        value = graph.table[tensor]
        if tensor in stage.sizes:
            stage.exports[tensor] = emitter.array(value.root, value.root.device or 0)
        elif value.spec.known:
            stage.exports[tensor] = emitter.array(value, value.root.device or 0)
    for tensor in graph.wanted_later:
        value = graph.table[tensor]
        stage.later[tensor] = (value.spec, value.root.device)
        if value.root.source == "constant":
            stage.direct[tensor] = value.root.literal.reshape(value.spec.dims)
        elif tensor.dtype.on_host:
            if value.spec.known:
                stage.held[tensor] = held(value)
        elif (value.root.source == "feed" and value.root.key is not tensor) or (
            value.root.source == "variable" and variable_of(tensor) is None
        ):
            stage.exports[tensor] = _kept_copy(tensor, value, emitter)
    for tensor in graph.sizes_later:
        stage.later[tensor] = (graph.table[tensor].spec, None)
    for op, value in graph.variables.items():
        if op in stage.variables:
            stage.variable_dims[op] = value.spec.shape
    stage.reads = graph.reads
    emitter.finish([*stage.fetched.values(), *stage.beside.values()])
    return stage


def _kept_copy(tensor: Tensor, value: Value, emitter: Emitter) -> Array:
    """Copies what shares a feed's or variable's memory to memory that later stages find, and returns that."""
    device = value.root.device or 0
    source = emitter.array(value, device)
    kept = Array(source.shape, source.dtype, Storage("export", source.nbytes, tensor, device))
    emitter.run.begin(tensor.op, device)
    emitter.run.copy(source, kept)
    return kept


def _place(nodes: Sequence[Node], graph: Resolved, request: Request) -> list[Node]:
    placer = Placer(request.devices, request.soft_placement)
    for op, value in graph.variables.items():
        value.device = placer.device_for(op, None)
    for op in request.ops:
        if op.device and op.definition.metadata:
            placer.device_for(op, None)  # nothing is run for it, but the device must exist
    for node in nodes:
        home = None
        for i in node.definition.writes:
            home = node.inputs[i].root.device
        if home is None and len(node.inputs) == 1 and _shares_memory(node):
            node.device = node.inputs[0].root.device or 0
            continue
        node.device = placer.fallback if node.definition.host else placer.device_for(node.op, home)
        for value in node.outputs:
            if value.source == "node":
                value.device = node.device
    return list(nodes)


def _shares_memory(node: Node) -> bool:
    return (
        len(node.outputs) == 1
        and node.definition.alias([v.spec for v in node.inputs], node.outputs[0].spec) is not None
    )


def _note_variables(nodes: Sequence[Node], graph: Resolved, stage: Stage, request: Request) -> None:
    """Finds which variables must be initialized before the stage, and which it initializes."""
    assigned: dict[Operation, None] = {}
    read_first: dict[Operation, None] = {}
    for node in nodes:
        definition = node.definition
        initializes = getattr(definition, "initializes", False)
        unread = (*definition.shape_inputs, *definition.value_inputs)
        for i, value in enumerate(node.inputs):
            root = value.root
            if root.source != "variable" or i in unread or getattr(definition, "reads_uninitialized", False):
                continue
            if initializes and i in definition.writes:
                continue
            if root.key not in assigned:
                read_first[root.key] = None
        if initializes:
            for i in definition.writes:
                assigned[node.inputs[i].root.key] = None
    for tensor in (*request.fetches, *graph.wanted_later):
        found = graph.table.get(tensor)
        if found is not None and found.root.source == "variable" and found.root.key not in assigned:
            read_first[found.root.key] = None
    stage.read_first = list(read_first)
    stage.assigned = list(assigned)


def _last_users(items: Sequence[Node | Group], keep: set[Value]) -> dict[Value, Node | Group]:
    """For each value that nodes compute and nothing keeps, the last item that reads it."""
    last: dict[Value, Node | Group] = {}
    for item in items:
        for node in item.members if isinstance(item, Group) else (item,):
            for value in node.inputs:
                if value.root.source == "node" and value.root not in keep:
                    last[value.root] = item
    return last


def _stored_outputs(items: Sequence[Node | Group], keep: set[Value]) -> dict[Group, list[Value]]:
    """For each group, the members' outputs that something outside the group reads."""
    group_of = {node: item for item in items if isinstance(item, Group) for node in item.members}
    outside: set[Value] = set(keep)
    for item in items:
        for node in item.members if isinstance(item, Group) else (item,):
            unread = (*node.definition.shape_inputs, *node.definition.value_inputs)
            for i, value in enumerate(node.inputs):
                root = value.root
                if i in unread or root.node is None:
                    continue
                if group_of.get(root.node) is not item:
                    outside.add(root)
    stored: dict[Group, list[Value]] = {}
    for item in items:
        if isinstance(item, Group):
            stored[item] = [
                out for node in item.members for out in node.outputs if out in outside or node.definition.writes
            ]
    return stored
