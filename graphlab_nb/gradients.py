"""Reverse-mode differentiation: `gradients` adds the operations that compute derivatives to the graph.

Broadcasting is undone and contributions are summed here, once for all operations, so that an operation's own rule is only
its formula.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.operation import one_user_line, uncollected
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.array import ones_like
from graphlab_nb.ops.control import tuple as tuple_op
from graphlab_nb.ops.math import add_n
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.reduce import SumTo
from graphlab_nb.shapes import TensorShape


class AggregationMethod:
    """How `gradients` sums what several paths give. All choices sum in one kernel.

    Example:
      >>> x = tf.constant([3.0])
      >>> dx = tf.gradients(x * x + x, x, aggregation_method=tf.AggregationMethod.ADD_N)
      >>> tf.Session().run(dx)
      [array([7.], dtype=float32)]
    """

    ADD_N = 0
    DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    stop_gradients: Any = None,
) -> list[Tensor | None]:
    """The sum of the derivatives of `ys` with respect to each of `xs`, as new tensors of the graph.

    Args:
      ys: a tensor or list of tensors to differentiate.
      xs: a tensor, variable or list of them.
      grad_ys: for each of `ys`, a tensor of its shape that weights it; None weights with ones.
      name: name scope of the operations made here.
      colocate_gradients_with_ops: ask for the device of each operation for its gradient.
      gate_gradients: hand out no gradient before all of an operation's are computed.
      aggregation_method: accepted for TensorFlow's signature.
      stop_gradients: tensors that are taken as constants.

    Returns:
      One tensor for each of `xs`; None where no path leads from it to `ys`.

    Raises:
      LookupError: an operation on the way that has no gradient, by name.
      ValueError: `grad_ys` of another length or shape than `ys`.
      TypeError: `ys` that are no numbers.

    Example:
      >>> x = tf.constant(3.0)
      >>> tf.Session().run(tf.gradients(tf.square(x), x))
      [np.float32(6.0)]
    """
    ys = [convert_to_tensor(y) for y in _listed(ys)]
    xs = [convert_to_tensor(x, as_ref=True) for x in _listed(xs)]
    weights = _listed(grad_ys) if grad_ys is not None else [None] * len(ys)
    if len(weights) != len(ys):
        raise ValueError(f"There are {len(weights)} grad_ys for {len(ys)} ys")
    stops = {convert_to_tensor(t, as_ref=True) for t in _listed(stop_gradients or [])}
    if not ys:
        return [None] * len(xs)
    graph = ys[0].graph
    with graph.as_default(), graph.name_scope(name), one_user_line(), uncollected():
        return _Backward(ys, xs, stops, colocate_gradients_with_ops, gate_gradients).run(weights)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


class _Backward:
    """One reverse walk."""

    def __init__(self, ys: list[Tensor], xs: list[Tensor], stops: set[Tensor], colocate: bool, gate: bool):
        self.ys = ys
        self.xs = xs
        self.colocate = colocate
        self.gate = gate
        self.flow: dict[Tensor, list[Tensor]] = defaultdict(list)
        self.done: dict[Tensor, Tensor | None] = {}
        self.wanted = set(xs)
        self.stops = stops
        self.between = self._between()

    def _between(self) -> list[Operation]:
        """Operations on a path from an x to a y, last built first."""
        reached: set[Operation] = set()
        stack = [x.op for x in self.xs]
        while stack:
            op = stack.pop()
            if op in reached:
                continue
            reached.add(op)
            for tensor in op.outputs:
                if tensor not in self.stops:
                    stack.extend(c for c in tensor._consumers if c not in reached)
        seen: set[Operation] = set()
        stack = [y.op for y in self.ys]
        while stack:
            op = stack.pop()
            if op in seen or op not in reached:
                continue
            seen.add(op)
            stack.extend(t.op for t in op.inputs if t not in self.stops)
        return sorted(seen, key=lambda op: -op.index)

    def run(self, weights: Sequence[Any]) -> list[Tensor | None]:
        for y, weight in zip(self.ys, weights, strict=True):
            self.flow[y].append(self._seed(y, weight))
        for op in self.between:
            dys = [self._total(t) for t in op.outputs]
            if all(d is None for d in dys) or not op.inputs:
                continue
            self._through(op, dys)
        return [self._total(x) for x in self.xs]

    @staticmethod
    def _seed(y: Tensor, weight: Any) -> Tensor:
        if weight is None:
            if not (y.dtype.base_dtype.is_floating or y.dtype.base_dtype.is_integer):
                raise TypeError(f"{y.name} of {y.dtype.base_dtype.name} cannot be differentiated: it is no number")
            return ones_like(y, name="grad_ys")
        weight = convert_to_tensor(weight, y.dtype.base_dtype)
        if not weight.shape.is_compatible_with(y.shape):
            raise ValueError(f"grad_ys has shape {weight.shape} for {y.name} of shape {y.shape}")
        return weight

    def _total(self, tensor: Tensor) -> Tensor | None:
        """The sum of what flowed back to `tensor`, made once."""
        if tensor not in self.done:
            parts = self.flow.pop(tensor, [])
            self.done[tensor] = None if not parts else parts[0] if len(parts) == 1 else add_n(parts)
        return self.done[tensor]

    def _through(self, op: Operation, dys: list[Tensor | None]) -> None:
        definition = op.definition
        graph = op.graph
        if not definition.differentiable:
            return
        home = graph.device(op.device) if self.colocate and op.device else contextlib.nullcontext()
        with graph.name_scope(f"{op.name.rsplit('/', 1)[-1]}_grad"), home:
            try:
                dxs = list(definition.gradient(op, *dys))
            except LookupError as error:
                raise LookupError(
                    f"No gradient defined for operation {op.name!r} (op type: {op.type}): {error}"
                ) from None
            if len(dxs) != len(op.inputs):
                raise ValueError(f"The gradient of {op.type} gave {len(dxs)} tensors for {len(op.inputs)} inputs")
            dxs = [self._fitted(op, x, dx) for x, dx in zip(op.inputs, dxs, strict=True)]
            if self.gate and sum(dx is not None for dx in dxs) > 1:
                dxs = tuple_op(dxs)
        for x, dx in zip(op.inputs, dxs, strict=True):
            if dx is not None and x not in self.stops:
                self.flow[x].append(dx)

    @staticmethod
    def _fitted(op: Operation, x: Tensor, dx: Any) -> Tensor | None:
        """`dx` in the shape of `x`: summed over what broadcasting repeated."""
        if dx is None:
            return None
        dx = convert_to_tensor(dx)
        if dx.dims == x.dims and dx.shape.is_fully_defined():
            return dx
        if isinstance(op.definition, Elementwise):
            return apply(SumTo(), [dx, x])
        if x.shape.is_compatible_with(dx.shape):
            dx.set_shape(TensorShape.of(x.dims))
        return dx
