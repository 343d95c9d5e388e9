"""Which operations a run needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor


def needed_operations(targets: Iterable[Operation], feeds: Collection[Tensor]) -> list[Operation]:
    """The operations that `targets` depend on, themselves included, in the order they were built.

    The order of building is an order of running: inputs and control inputs are always built before what uses them. It also
    keeps a variable's readers before an update that was built after them.

    Args:
      targets: operations to run or whose outputs are fetched.
      feeds: tensors that are fed: what computes only these is not needed.
    """
    seen: set[Operation] = set()
    stack = list(targets)
    while stack:
        op = stack.pop()
        if op in seen:
            continue
        seen.add(op)
        for tensor in op.inputs:
            if tensor not in feeds and tensor.op not in seen:
                stack.append(tensor.op)
        for before in op.control_inputs:
            if before not in seen:
                stack.append(before)
    return sorted(seen, key=lambda op: op.index)
