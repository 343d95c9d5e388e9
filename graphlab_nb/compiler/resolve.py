"""Resolution: the request's operations with full shapes, as far as those are known before anything runs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphlab_nb import errors
from graphlab_nb.compiler.plan import Node, Request, Stage, Value, at_line
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.late import Late
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.state import Placeholder, Variable
from graphlab_nb.shapes import show

MOST_BYTES = 1 << 60
"""Sizes beyond this are no device's, nor can kernels count them."""
_COPY = re.compile(r"_\d+$")
"""What is put behind a name that is there already."""


def variable_of(tensor: Tensor) -> Operation | None:
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


def resolved(request: Request) -> Resolved:
    """The request resolved; changes of variables wait for the last of its stages where they can.

    So a plan that turns out too big in a later stage, or shapes that do not fit there, leave variables as they were.
    """
    found = Resolved(request)
    if found.blocked and any(node.definition.writes for node in found.nodes.values()):
        held = Resolved(request, hold=True)
        if held.learns:
            return held
    return found


class Resolved:
    """The request's operations with full shapes, as nodes, in order; those whose shapes wait for data are `blocked`.

    With `hold`, changes of variables are blocked, too, and what reads a variable after them.

    Attributes:
      learns: whether this stage computes data that a blocked operation waits for.
    """

    def __init__(self, request: Request, hold: bool = False):
        self.request = request
        self.learns = False
        self._hold = hold
        self._held: set[Operation] = set()
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
                if variable_of(tensor) is op:
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
                self.learns = self.learns or value is not None
                return True
            if i in definition.value_inputs and value.spec.full_value() is None:
                self.learns = True
                return True
        if self._hold:
            if any(variable_of(t) in self._held for t in op.inputs):
                return True
            if definition.writes:
                self._held.update(filter(None, (variable_of(op.inputs[i]) for i in definition.writes)))
                return True
        if blocked:
            # Changes of variables, and what must come after something that waits, wait as well.
            return bool(definition.writes) or any(c in blocked for c in op.control_inputs)
        return False

    def _fed_instead(self, op: Operation) -> str:
        """Says which placeholders of the same name are fed, where cells that ran again, or out of order, made several."""
        name = _COPY.sub("", op.name)
        others = [
            t
            for t in self.request.feeds
            if isinstance(t.op.definition, Placeholder) and _COPY.sub("", t.op.name) == name
        ]
        if not others:
            return ""
        told = " and ".join(f"{t.name} ({at_line(t.op)})" for t in others)
        return f"; what is fed is {told}, and what is fetched was not made of that"

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
                    f"and shape {show(tensor.dims)}{self._fed_instead(op)} [{at_line(op)}]",
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
        if isinstance(definition, Late):
            definition, inputs = self._settled(op, definition, inputs)
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
            raise self._unfit(op, error) from None
        for spec in outputs:
            if spec.known and spec.size_in_bytes > MOST_BYTES:
                raise errors.ResourceExhaustedError(
                    None,
                    op,
                    f"No device can hold a tensor of shape {show(spec.dims)} [in {op.type} {op.name!r}, {at_line(op)}]",
                )
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

    def _settled(self, op: Operation, late: Late, inputs: list[Value]) -> tuple[OpDef, list[Value]]:
        """The definition and inputs of an operation whose late attributes are known now."""
        try:
            definition = late.settled([v.spec for v in inputs])
        except (ValueError, TypeError) as error:
            raise self._unfit(op, error) from None
        assert definition is not None, f"{op.name} was not kept waiting for what its attributes are"
        return definition, inputs[: late.own]

    def _unfit(self, op: Operation, error: Exception) -> errors.InvalidArgumentError:
        given = ", ".join(f"{t.name} {show(self.table[t].spec.dims)}" for t in op.inputs)
        text = f"{error} [in {op.type} {op.name!r} of {given}, {at_line(op)}]"
        return errors.InvalidArgumentError(None, op, text)

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
