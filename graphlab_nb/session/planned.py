"""What a session keeps of a plan that it has made."""

from __future__ import annotations

from typing import Any

import numpy as np

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

    def told(
        self, feeds: dict[Tensor, np.ndarray], lengths: dict[Tensor, int], read: dict[Tensor, np.ndarray]
    ) -> tuple[dict[Tensor, Spec], dict[Tensor, tuple[Spec, int | None]], dict[Tensor, tuple[Array, Any]]]:
        """What is known once the stage has run: `specs`, `known` and `exported` of the plan after it.

        Args:
          feeds: fed tensors and what else is fed to the next stage.
          lengths: first dimensions that the stage told.
          read: values that the next stage must know.
        """
        stage = self.bound.stage
        known, exported = dict(self.known), dict(self.exported)
        specs = {t: self.specs[t] if t in self.specs else Spec(t.dtype.base_dtype, v.shape) for t, v in feeds.items()}
        for tensor, (spec, device) in stage.later.items():
            if tensor in lengths:
                spec = Spec(spec.dtype, (lengths[tensor], *stage.exports[tensor].shape[1:]))
            known[tensor] = (spec, device)
            if tensor in feeds and spec.known and spec.value is not None:
                specs[tensor] = spec
            if tensor in stage.exports:
                exported[tensor] = (stage.exports[tensor], self.bound.buffer(stage.exports[tensor].storage))
        for tensor, value in read.items():
            whole = value.astype(np.int64) if value.dtype.kind in "iu" else value
            spec = Spec(tensor.dtype.base_dtype, value.shape, np.ma.MaskedArray(whole))
            if tensor in feeds:
                specs[tensor] = spec
            known[tensor] = (spec, known[tensor][1])
        return specs, known, exported
