"""A graph in the words of the wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.protocol import (
    Attribute,
    Execution,
    FailedNode,
    GraphChunk,
    GraphNode,
    NodeDetail,
    NodeOutput,
    Placed,
    Role,
    SourceFile,
    SourceLine,
)
from graphlab_nb.ops.state import Placeholder, Variable
from graphlab_nb.ops.training import Apply
from graphlab_nb.session.session import SESSIONS, BaseSession

CHUNK = 2000
"""Operations in one message: some 400 kB."""
LONGEST_TEXT = 400
SHORT_TEXT = 40
"""Letters of an attribute's value that goes with every node, so that it can be searched for."""
FEW = 8
"""Numbers of a constant that may be that short."""

CellOf = Callable[[str], tuple[str | None, int | None]]
"""A file's cell and the number of its latest execution, where the file is a notebook's cell."""


class Description:
    """What was said of a graph so far, so that growing costs only what is new.

    Attributes:
      graph: the graph.
      files: of the lines that made its operations, in the order of their numbers.
      executions: of cells that made operations.
    """

    def __init__(self, graph: Graph):
        self.graph = graph
        self.files: dict[str, int] = {}
        self.executions: list[Execution] = []
        self._slots: set[Operation] = set()
        self._initial: set[Operation] = set()
        self._seen = 0

    def chunk(self, identity: str, first: int, cell_of: CellOf, running: Sequence[Execution] = ()) -> GraphChunk:
        """The operations from `first` on, at most CHUNK of them; `running` is what the cell that runs has made so far.

        Raises:
          ValueError: where `first` is outside the graph.
        """
        ops = self.graph.get_operations()
        if not 0 <= first <= len(ops):
            raise ValueError(f"The graph has {len(ops)} operations; {first} is none of them")
        self._look_at(ops)
        nodes = [self._node(op, cell_of) for op in ops[first : first + CHUNK]]
        files = [
            SourceFile(file=file, cell=cell, count=count) for file in self.files for cell, count in [cell_of(file)]
        ]
        return GraphChunk(
            graph=identity,
            first=first,
            size=len(ops),
            nodes=nodes,
            files=files,
            executions=[*self.executions, *running],
        )

    def _look_at(self, ops: Sequence[Operation]) -> None:
        """Finds what only the whole tells: which variables are slots, and what makes their first values."""
        for op in ops[self._seen :]:
            if isinstance(op.definition, Apply):
                self._slots.update(t.op for t in op.inputs[1:] if isinstance(t.op.definition, Variable))
                continue
            assigns = op.type == "Assign" and isinstance(op.inputs[0].op.definition, Variable)
            groups = op.type == "NoOp" and op.control_inputs and all(map(self._initializes, op.control_inputs))
            if assigns or groups:
                self._initial.add(op)
        self._seen = len(ops)

    def _initializes(self, op: Operation) -> bool:
        """Whether it gives variables their first values, and not just others."""
        return op in self._initial and (op.type == "NoOp" or op.name == f"{op.inputs[0].op.name}/Assign")

    def _node(self, op: Operation, cell_of: CellOf) -> GraphNode:
        file, line, _ = op.user_line
        node = GraphNode(
            name=op.name,
            type=op.type,
            inputs=[number for t in op.inputs for number in (t.op.index, t.value_index)],
            control=[c.index for c in op.control_inputs],
            outputs=[NodeOutput(dtype=t.dtype.name, shape=_dims(t)) for t in op.outputs],
            device=op.device,
            role=self._role(op),
            file=self.files.setdefault(file, len(self.files)),
            line=line,
        )
        # A comprehension has a frame of its own, at the line that it stands in.
        lines = dict.fromkeys((f, n) for f, n, _ in op.user_lines[1:] if (f, n) != (file, line))
        callers = [
            number
            for caller, at in lines
            if cell_of(caller)[0] is not None
            for number in (self.files.setdefault(caller, len(self.files)), at)
        ]
        if callers:
            node["callers"] = callers
        attributes = _short_attributes(op)
        if attributes:
            node["attributes"] = attributes
        return node

    def _role(self, op: Operation) -> Role:
        definition = op.definition
        if isinstance(definition, Variable):
            return "slot" if op in self._slots else "variable"
        if isinstance(definition, Placeholder):
            return "placeholder"
        if isinstance(definition, Apply) or op in self.graph.minimized:
            return "training"
        first = op.name.split("/", 1)[0]
        if first == "gradients" or first.startswith("gradients_"):
            return "gradient"
        if first == "save" or first.startswith("save_"):
            return "saver"
        if op.type.endswith("Summary"):
            return "summary"
        if op in self._initial or "/Initializer/" in op.name or "/initial_value" in op.name or first == "init":
            return "initializer"
        return "constant" if isinstance(definition, Const) else ""

    def failure(self) -> FailedNode | None:
        """The operation that could not be made last, until its cell goes on or begins again, or another cell makes it."""
        failed = self.graph.failure
        if failed is None or (failed.cell is None and failed.index < self.graph.version):
            return None
        made = self.graph._by_name.get(failed.name)
        if made is not None and made.index >= failed.index:
            return None
        (file, line, _), *callers = failed.user_lines
        told = FailedNode(
            type=failed.type,
            name=failed.name,
            inputs=[t.name for t in failed.inputs],
            message=failed.message,
            file=file,
            line=line,
            index=failed.index,
        )
        if callers:
            told["callers"] = [SourceLine(file=file, line=line) for file, line, _ in callers]
        return told


def _dims(tensor: Tensor) -> list[int] | None:
    return None if tensor.dims is None else [-1 if n is None else int(n) for n in tensor.dims]


def detail(op: Operation, identity: str, placed: str | None) -> NodeDetail:
    """What a node's card shows: attributes as text, and what the operation computes."""
    attributes = [Attribute(name=name, value=_text(value)) for name, value in op.definition.attributes().items()]
    described = (type(op.definition).__doc__ or "").strip().split("\n\n")[0]
    return NodeDetail(
        graph=identity,
        name=op.name,
        attributes=attributes,
        placed=placed,
        description=" ".join(described.split()),
    )


def _short_attributes(op: Operation) -> list[str]:
    """An operation's attributes as "name=value", without spaces; long values and large arrays are left out."""
    found = []
    for name, value in op.definition.attributes().items():
        if not isinstance(value, np.ndarray) or value.size <= FEW:
            text = "".join(_text(value).split())
            if len(text) <= SHORT_TEXT:
                found.append(f"{name}={text}")
    return found


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = np.array2string(value, threshold=20, edgeitems=3, separator=", ")
    elif dataclasses.is_dataclass(value):
        value = type(value).__name__
    elif hasattr(value, "name") and isinstance(value.name, str):
        value = value.name
    text = str(value)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " ..."


def needed(graph: Graph, name: str) -> list[int]:
    """Indices of the operations that a run would run which fetches `name`.

    Raises:
      KeyError, ValueError: where the graph has none of that name.
    """
    element = graph.as_graph_element(name)
    op = element.op if isinstance(element, Tensor) else element
    return sorted(found.index for found in needed_operations([op], {}))


def placed(graph: Graph, identity: str) -> Placed:
    """Where the newest session of a graph that ran put its operations, and the shapes that the graph did not know.

    Of several plans those that train, and then the latest, have the last word on shapes.
    """
    ops = graph.get_operations()
    told = Placed(graph=identity, devices=[], nodes=[-1] * len(ops), shaped=[], shapes=[])
    session = _ran(graph)
    if session is None:
        return told
    if session._remote is not None:
        places = _places(session)
        told["devices"] = sorted(set(places.values()))
        numbers = {name: k for k, name in enumerate(told["devices"])}
        for index, name in places.items():
            if index < len(ops):
                told["nodes"][index] = numbers[name]
        return told
    told["devices"] = [device.full_name for device in session._devices]
    stages = [plan.bound.stage for plan in list(session._plans.values())]
    learned: dict[Tensor, tuple[int, ...]] = {}
    for stage in sorted(stages, key=lambda stage: any(op in graph.minimized for op in stage.placed)):
        learned |= stage.learned
        for op, device in stage.placed.items():
            if op.index < len(ops) and device < len(told["devices"]):
                told["nodes"][op.index] = device
    for op in dict.fromkeys(tensor.op for tensor in learned):
        if op.index < len(ops):
            told["shaped"].append(op.index)
            told["shapes"].append([list(learned[t]) if t in learned else _dims(t) or [] for t in op.outputs])
    return told


def placed_on(op: Operation) -> str | None:
    """The device that an operation was put on, where a session that is open ran it."""
    session = _ran(op.graph)
    if session is None:
        return None
    if session._remote is not None:
        return _places(session).get(op.index)
    for plan in reversed(list(session._plans.values())):
        device = plan.bound.stage.placed.get(op)
        if device is not None and device < len(session._devices):
            return session._devices[device].full_name
    return None


def _places(session: BaseSession) -> dict[int, str]:
    """Where a cluster put a session's operations, by their indices; nothing where it cannot be reached."""
    assert session._remote is not None
    try:
        return session._remote.placed()
    except errors.OpError:
        return {}


def _ran(graph: Graph) -> BaseSession | None:
    """The newest open session of a graph that ran something, or None."""
    found = [s for s in list(SESSIONS.values()) if s.graph is graph and s.runs and not s._closed]
    return max(found, key=lambda session: session.number, default=None)
