"""What a session keeps of a plan that it has made."""

from __future__ import annotations

from typing import Any

from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array
from graphlab_nb.session.executor import BoundStage


class Plan:
    """One stage of one (fetches, feeds, shapes), and by what the data said, the stages after it.

    Attributes:
      bound: the stage, ready to run.
      ops: the operations that it and the later stages run.
      known: what earlier stages made: specs and devices.
      exported: their arrays and buffers.
      specs: what is known of the fed tensors, with values where earlier stages read them.
      next: the plan for the remaining operations, by lengths, values and shapes that only the run tells; the latest
        used are kept.
    """

    def __init__(
        self,
        bound: BoundStage,
        ops: list[Operation],
        known: dict[Tensor, tuple[Spec, int | None]],
        exported: dict[Tensor, tuple[Array, Any]],
        specs: dict[Tensor, Spec],
    ):
        self.bound = bound
        self.ops = ops
        self.specs = specs
        self.known = known
        self.exported = exported
        self.next: dict[Any, Plan] = {}
        self.checked = False
