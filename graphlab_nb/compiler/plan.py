"""The data that the passes work on (`Node`, `Value`) and what they make (`Stage`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.places import line_name
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, DeviceTraits, KernelCall, Storage
from graphlab_nb.shapes import Dims


class Value:
    """A tensor in one plan.

    Attributes:
      spec: type and full shape (the bound's shape for outputs of dynamic operations).
      source: "node" (computed in this stage), "feed", "constant", "variable" or "export" (computed in an earlier stage).
      node: the node that computes it, where source is "node".
      key: the tensor, or for constants and variables the operation, that it stands for.
      base: the value whose memory it shares, itself for most.
      literal: for constants, the NumPy array.
      device: index of the device whose memory holds it; None for feeds and constants, which any device can be given.
    """

    __slots__ = ("base", "device", "key", "literal", "node", "source", "spec")

    def __init__(
        self,
        spec: Spec,
        source: str,
        key: Any,
        node: Node | None = None,
        literal: Any = None,
        device: int | None = None,
    ):
        self.spec = spec
        self.source = source
        self.key = key
        self.node = node
        self.base: Value = self
        self.literal = literal
        self.device = device

    @property
    def root(self) -> Value:
        """The value at the end of the chain of shared memory."""
        value = self
        while value.base is not value:
            value = value.base
        return value


class Node:
    """An operation in one plan.

    Attributes:
      op: the operation it comes from; for what the compiler inserts, the operation it serves.
      definition: its rules.
      inputs: its inputs' values.
      outputs: its outputs' values.
      device: index in the session's list of devices.
    """

    __slots__ = ("definition", "device", "inputs", "op", "outputs")

    def __init__(self, op: Operation, definition: OpDef, inputs: list[Value], device: int = 0):
        self.op = op
        self.definition = definition
        self.inputs = inputs
        self.outputs: list[Value] = []
        self.device = device


def read_by(node: Node) -> list[Value]:
    """The memory that a node reads."""
    unread = (*node.definition.shape_inputs, *node.definition.value_inputs)
    return [value.root for i, value in enumerate(node.inputs) if i not in unread]


@dataclass(frozen=True)
class PlanDevice:
    """A device as the compiler sees it: its kind and index in TensorFlow's naming, its traits, and of a cluster's its task."""

    kind: str
    index: int
    traits: DeviceTraits
    task: str = ""

    @property
    def name(self) -> str:
        """The short name: "/cpu:0"."""
        return f"{self.task}/{self.kind.lower()}:{self.index}"


@dataclass
class Request:
    """What a stage is compiled for.

    Attributes:
      ops: the operations to run, in order; what earlier stages ran is left out.
      targets: those among them that must run whether or not anything needs their outputs.
      fetches: tensors to hand back.
      feeds: specs of the fed tensors.
      known: tensors that earlier stages made: specs (with values, where read) and devices.
      devices: the session's devices.
      soft_placement: whether an operation may run elsewhere than asked for.
      variable_dims: current shapes of variables whose shape changed since they were built.
      beside: tensors to compute beside, where that changes none of the stage's own kernels.
      counts: whether its runs count for random operations; else it draws the numbers of the next run that does.
    """

    ops: Sequence[Operation]
    targets: Collection[Operation]
    fetches: Sequence[Tensor]
    feeds: dict[Tensor, Spec]
    devices: Sequence[PlanDevice]
    soft_placement: bool = False
    known: dict[Tensor, tuple[Spec, int | None]] = field(default_factory=dict)
    variable_dims: dict[Operation, tuple[int, ...]] = field(default_factory=dict)
    counts: bool = True
    beside: Sequence[Tensor] = ()


@dataclass
class Copy:
    """A step that copies bytes between arrays of one device."""

    source: Array
    target: Array
    source_offset: int
    target_offset: int
    nbytes: int


@dataclass
class Zero:
    """A step that fills an array with zero bytes."""

    target: Array


@dataclass
class Transfer:
    """A step that copies an array to another device."""

    source: Array
    target: Array


@dataclass(frozen=True)
class Held:
    """What the host holds in a run: a string tensor that was fed or made there, and the shape it is seen with."""

    tensor: Tensor
    shape: tuple[int, ...]


@dataclass
class HostCall:
    """A step that computes on the host: inputs are read, the operation's `compute` called, outputs written back.

    Attributes:
      op: the operation.
      inputs: its inputs' arrays; NumPy arrays where they are constants; `Held` where they are strings.
      outputs: its outputs' arrays; None for strings, and where the shape is known only now: the host holds what comes.
    """

    op: Operation
    inputs: list[Any]
    outputs: list[Array | None]


@dataclass
class Checkpoint:
    """A step that waits and raises where a check has failed; it stands before the first change that follows a check."""


@dataclass
class AskInitialized:
    """A step that writes whether a variable is initialized, as one bool."""

    variable: Operation
    target: Array


@dataclass
class Step:
    """One thing to do, on one device, for one operation.

    Attributes:
      action: a `KernelCall`, `Copy`, `Zero`, `Transfer`, `HostCall`, `AskInitialized` or `Checkpoint`.
      op: the operation it is done for.
      device: index of the device.
      fused: all operations that a kernel of several computes.
      flops: floating-point operations that it is known to take; 0 where nobody counted.
    """

    action: Any
    op: Operation | None
    device: int
    fused: tuple[Operation, ...] = ()
    flops: int = 0


@dataclass
class Block:
    """Steps `start` to `end` - 1, all of one device, in levels: steps of one level may run side by side."""

    start: int
    end: int
    levels: list[list[int]]


@dataclass
class Stage:
    """A compiled stretch of a run.

    Attributes:
      steps: what to do, in order.
      once: number of the first steps that run when the plan is bound, and never again.
      blocks: stretches of steps that run in levels, in order.
      places: per device, where its arena storages lie: (chunk, offset).
      arenas: per device, the chunks' sizes in bytes.
      fetched: for each fetched tensor that this stage computes, its array.
      direct: fetched tensors that need no device, as NumPy arrays: constants and what shapes alone determine.
      echoes: fetched tensors that share a feed's memory: the fed tensor and the shape it is seen with.
      held: strings that are fetched from this stage, or that later stages use.
      exports: arrays of tensors that later stages use.
      sizes: for outputs of dynamic operations, the int32 array that tells the first dimension's length, and its entry.
      beside: arrays of the tensors that are computed beside; empty where they cannot be.
      beside_steps: which steps do that, from and to.
      later: what is known of the tensors that later stages use, and the device that holds them.
      reads: exported tensors whose values the next stage must know.
      variables: storages of the variables used.
      variable_dims: their shapes.
      read_first: variables that must be initialized before the stage.
      assigned: variables that the stage initializes.
      counters: operations whose count of runs the stage advances.
      remaining: operations left for later stages.
      checks: the operations that may report a failure, in the report's order.
      shapes: the inputs' shapes of operations that may fail, for their errors.
      placed: the device of each operation that the stage runs.
      learned: the shapes of tensors of which the graph knows only a part.
      launches: (operation, call) of each kernel, for tests and profiles.
    """

    steps: list[Step] = field(default_factory=list)
    once: int = 0
    blocks: list[Block] = field(default_factory=list)
    places: list[dict[Storage, tuple[int, int]]] = field(default_factory=list)
    arenas: list[list[int]] = field(default_factory=list)
    fetched: dict[Tensor, Array] = field(default_factory=dict)
    direct: dict[Tensor, Any] = field(default_factory=dict)
    echoes: dict[Tensor, tuple[Tensor, tuple[int, ...]]] = field(default_factory=dict)
    held: dict[Tensor, Held] = field(default_factory=dict)
    exports: dict[Tensor, Array] = field(default_factory=dict)
    sizes: dict[Tensor, tuple[Array, int]] = field(default_factory=dict)
    beside: dict[Tensor, Array] = field(default_factory=dict)
    beside_steps: tuple[int, int] = (0, 0)
    later: dict[Tensor, tuple[Spec, int | None]] = field(default_factory=dict)
    reads: list[Tensor] = field(default_factory=list)
    variables: dict[Operation, Storage] = field(default_factory=dict)
    variable_dims: dict[Operation, tuple[int, ...]] = field(default_factory=dict)
    read_first: list[Operation] = field(default_factory=list)
    assigned: list[Operation] = field(default_factory=list)
    counters: list[Operation] = field(default_factory=list)
    remaining: list[Operation] = field(default_factory=list)
    checks: list[Operation] = field(default_factory=list)
    shapes: dict[Operation, list[Dims]] = field(default_factory=dict)
    placed: dict[Operation, int] = field(default_factory=dict)
    learned: dict[Tensor, tuple[int, ...]] = field(default_factory=dict)
    launches: list[tuple[Operation, KernelCall]] = field(default_factory=list)


def at_line(op: Operation) -> str:
    """Where the user's program made `op`, for messages."""
    return f"made at {line_name(op.user_line, op)}"
