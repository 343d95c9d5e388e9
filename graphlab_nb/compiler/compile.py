"""`compile_stage`: the passes in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab_nb import errors
from graphlab_nb.compiler.emit import Emitter, TransferDef
from graphlab_nb.compiler.fuse import Group, fuse
from graphlab_nb.compiler.place import Placer
from graphlab_nb.compiler.plan import Node, Request, Stage, Value, at_line
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Storage
from graphlab_nb.ops.state import Placeholder, Variable
from graphlab_nb.shapes import show


def compile_stage(request: Request) -> Stage:
    """Compiles as much of the request as shapes allow; the rest is the stage's `remaining`.

    Raises:
      InvalidArgumentError: a placeholder without a feed, shapes that do not fit, a device that does not exist.
      ResourceExhaustedError: a plan that needs more memory than a device has.
    """
    stage = Stage()
    graph = _Resolved(request)
    stage.remaining = graph.blocked
    nodes = graph.needed(stage)
    placed = _place(nodes, graph, request)
    written = {n.inputs[i].root for n in placed for i in n.definition.writes}
    nodes = _simplify(placed, written)
    nodes = _insert_transfers(nodes, written)
    _note_variables(nodes, graph, stage, request)
    stage.placed = {op: value.device or 0 for op, value in graph.variables.items()}
    stage.placed |= {node.op: node.device for node in nodes}
    items = fuse(nodes)

    emitter = Emitter(stage, request.devices)
    exports = [t for t in graph.wanted_later if graph.table[t].root.source not in ("feed", "constant", "variable")]
    roots_kept = {graph.table[t].root for t in exports}
    emitter.exported = {r for r in roots_kept if r.source == "node"}
    for node in nodes:
        if node.definition.dynamic:
            emitter.exported |= set(node.outputs)
    fetched = [t for t in request.fetches if t in graph.table]
    keep = roots_kept | {graph.table[t].root for t in fetched}
    emitter.emit(items, _stored_outputs(items, keep))

    for tensor in fetched:
        value = graph.table[tensor]
        if value.root.source == "constant":
            stage.direct[tensor] = value.root.literal.reshape(value.spec.dims)
        elif value.root.source == "feed":
            stage.echoes[tensor] = (value.root.key, value.spec.shape)
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
        elif (value.root.source == "feed" and value.root.key is not tensor) or (
            value.root.source == "variable" and _variable_of(tensor) is None
        ):
            stage.exports[tensor] = _kept_copy(tensor, value, emitter)
    for tensor in graph.sizes_later:
        stage.later[tensor] = (graph.table[tensor].spec, None)
    for op, value in graph.variables.items():
        if op in stage.variables:
            stage.variable_dims[op] = value.spec.shape
    stage.reads = graph.reads
    emitter.finish(list(stage.fetched.values()))
    return stage


def _kept_copy(tensor: Tensor, value: Value, emitter: Emitter) -> Array:
    """Copies what shares a feed's or variable's memory to memory that later stages find, and returns that."""
    device = value.root.device or 0
    source = emitter.array(value, device)
    kept = Array(source.shape, source.dtype, Storage("export", source.nbytes, tensor, device))
    emitter.run.begin(tensor.op, device)
    emitter.run.copy(source, kept)
    return kept


def _variable_of(tensor: Tensor) -> Operation | None:
    """The variable whose memory `tensor` is at any time: its reference, its read, or what a change of it returns."""
    while not isinstance(tensor.op.definition, Variable):
        definition = tensor.op.definition
        if getattr(definition, "follows", False):
            tensor = tensor.op.inputs[0]
            continue
        behind = [i for i, o in definition.writes.items() if o == tensor.value_index]
        if not behind:
            return None
        tensor = tensor.op.inputs[behind[0]]
    return tensor.op


class _Resolved:
    """The request's operations with full shapes, as nodes, in order; those whose shapes wait for data are `blocked`."""

    def __init__(self, request: Request):
        self.request = request
        self.table: dict[Tensor, Value] = {}
        self.nodes: dict[Operation, Node] = {}
        self.variables: dict[Operation, Value] = {}
        self.blocked: list[Operation] = []
        self.reads: list[Tensor] = []
        self.wanted_later: list[Tensor] = []
        self.sizes_later: list[Tensor] = []
        blocked: set[Operation] = set()
        for tensor, spec in request.feeds.items():
            self.table[tensor] = Value(spec, "feed", tensor)
        for tensor, (spec, device) in request.known.items():
            self.table.setdefault(tensor, Value(spec, "export", tensor, device=device))
        for op in request.ops:
            if self._waits(op, blocked):
                blocked.add(op)
                self.blocked.append(op)
            else:
                self._resolve(op)

    def _known_again(self, op: Operation) -> None:
        """Lets what earlier stages made of a variable stand for the variable in this stage, too."""
        variable = self.variables[op]
        for tensor in self.request.known:
            if tensor not in self.table or self.table[tensor].source == "export":
                if _variable_of(tensor) is op:
                    value = Value(variable.spec, "node", tensor)
                    value.base = variable
                    self.table[tensor] = value

    def _waits(self, op: Operation, blocked: set[Operation]) -> bool:
        definition = op.definition
        for i, tensor in enumerate(op.inputs):
            value = self.table.get(tensor)
            if i in definition.writes and getattr(definition, "initializes", False):
                continue
            if value is not None and value.source == "variable" and getattr(definition, "reads_uninitialized", False):
                continue  # it asks whether there is a value, so that a shape still unknown is no hindrance
            if value is None or not value.spec.known:
                return True
            if i in definition.value_inputs and value.spec.full_value() is None:
                return True
        if blocked:
            # Changes of variables, and what must come after something that waits, wait as well.
            return bool(definition.writes) or any(c in blocked for c in op.control_inputs)
        return False

    def _resolve(self, op: Operation) -> None:
        definition = op.definition
        if isinstance(definition, Const):
            spec = definition.infer()
            self.table.setdefault(op.outputs[0], Value(spec, "constant", op, literal=definition.array))
            return
        if isinstance(definition, Placeholder):
            if op.outputs[0] not in self.table:
                tensor = op.outputs[0]
                raise errors.InvalidArgumentError(
                    None,
                    op,
                    f"You must feed a value for placeholder tensor {op.name!r} with dtype {tensor.dtype.name} "
                    f"and shape {show(tensor.dims)} [{at_line(op)}]",
                )
            return
        if isinstance(definition, Variable):
            if op.outputs[0] in self.request.feeds:
                return  # what is fed stands for the variable in this run, whatever its memory holds
            known = self.request.variable_dims.get(op)
            value = Value(Spec(definition.dtype, definition.dims if known is None else known), "variable", op)
            self.variables[op] = self.table[op.outputs[0]] = value
            self._known_again(op)
            return
        inputs = [self.table[t] for t in op.inputs]
        specs = [v.spec for v in inputs]
        for i in definition.writes:
            if inputs[i].root.source == "feed":
                raise errors.InvalidArgumentError(
                    None, op, f"{op.name!r} cannot change {op.inputs[i].name}, which is fed in this run [{at_line(op)}]"
                )
        try:
            found = definition.infer(*specs)
            outputs: Sequence[Spec] = (found,) if isinstance(found, Spec) else found
            if len(outputs) == 1 and outputs[0].dtype.is_integer and outputs[0].value is None:
                outputs[0].value = definition.fold(*specs)
            if definition.dynamic:
                bounds = definition.bound(*specs)
        except (ValueError, TypeError) as error:
            given = ", ".join(f"{t.name} {show(s.dims)}" for t, s in zip(op.inputs, specs, strict=True))
            raise errors.InvalidArgumentError(
                None, op, f"{error} [in {op.type} {op.name!r} of {given}, {at_line(op)}]"
            ) from None
        if getattr(definition, "initializes", False):
            inputs[0].root.spec = outputs[0]  # an assignment may give the variable another shape
        node = Node(op, definition, inputs)
        for i, (tensor, spec) in enumerate(zip(op.outputs, outputs, strict=True)):
            if definition.metadata and spec.full_value() is not None:
                literal = spec.full_value().astype(spec.dtype.np_dtype)
                node.outputs.append(Value(spec, "constant", tensor, literal=literal))
            else:
                if definition.dynamic:
                    node.outputs.append(Value(bounds[i], "node", tensor, node))
                    value = Value(spec, "node", tensor, node)
                    value.base = node.outputs[-1]
                    self.table.setdefault(tensor, value)
                    continue
                if not spec.known and not definition.host:
                    raise errors.InternalError(None, op, f"The shape of {tensor.name} is not known: {show(spec.dims)}")
                node.outputs.append(Value(spec, "node", tensor, node))
            self.table.setdefault(tensor, node.outputs[-1])
        self.nodes[op] = node

    def needed(self, stage: Stage) -> list[Node]:
        """The nodes whose running something depends on, in order; also finds what later stages want of this one."""
        seen: set[Node] = set()
        stack: list[Node] = []

        def want(op: Operation) -> None:
            node = self.nodes.get(op)
            if node is not None and node not in seen:
                seen.add(node)
                stack.append(node)

        for op in self.request.targets:
            want(op)
        later: dict[Tensor, None] = {}
        for op in self.blocked:
            for before in op.control_inputs:
                want(before)
            for i, tensor in enumerate(op.inputs):
                value = self.table.get(tensor)
                assigned = i in op.definition.writes and getattr(op.definition, "initializes", False)
                if value is None or assigned:
                    continue
                later[tensor] = None
                if i in op.definition.value_inputs and value.spec.known and value.spec.full_value() is None:
                    self.reads.append(tensor)
                sized = i in op.definition.shape_inputs and value.spec.known
                if not sized and value.root.node is not None:
                    want(value.root.node.op)
        for tensor in self.request.fetches:
            value = self.table.get(tensor)
            if value is not None and not value.spec.known:
                later[tensor] = None
        while stack:
            node = stack.pop()
            definition = node.definition
            for i, value in enumerate(node.inputs):
                if i in definition.shape_inputs or i in definition.value_inputs:
                    continue
                if value.root.node is not None:
                    want(value.root.node.op)
            for before in node.op.control_inputs:
                want(before)
        for tensor in later:
            if self._standing(tensor):
                continue
            # What is not computed here is wanted for its shape alone.
            (self.wanted_later if self._available(tensor, seen) else self.sizes_later).append(tensor)
        return sorted(seen, key=lambda n: n.op.index)

    def _standing(self, tensor: Tensor) -> bool:
        """Whether `tensor` is a constant, which later stages find by themselves, and need not be read."""
        return isinstance(tensor.op.definition, Const) and tensor not in self.request.feeds and tensor not in self.reads

    def _available(self, tensor: Tensor, seen: set[Node]) -> bool:
        root = self.table[tensor].root
        return root.node is None or root.node in seen


def _place(nodes: Sequence[Node], graph: _Resolved, request: Request) -> list[Node]:
    placer = Placer(request.devices, request.soft_placement)
    for op, value in graph.variables.items():
        value.device = placer.device_for(op, None)
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


def _simplify(nodes: Sequence[Node], written: set[Value]) -> list[Node]:
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


def _insert_transfers(nodes: Sequence[Node], written: set[Value]) -> list[Node]:
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


def _note_variables(nodes: Sequence[Node], graph: _Resolved, stage: Stage, request: Request) -> None:
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


def _stored_outputs(items: Sequence[Node | Group], keep: set[Value]) -> dict[Group, list[Value]]:
    """For each group, the members' outputs that something outside the group reads."""
    group_of = {node: item for item in items if isinstance(item, Group) for node in item.nodes}
    outside: set[Value] = set(keep)
    for item in items:
        for node in item.nodes if isinstance(item, Group) else (item,):
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
                out for node in item.nodes for out in node.outputs if out in outside or node.definition.writes
            ]
    return stored
