"""Memory planning: offsets for arrays by lifetime, so that memory is shared by what is not alive at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from graphlab_nb import errors
from graphlab_nb.compiler.plan import PlanDevice, at_line
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import Storage
from graphlab_nb.shapes import show

_STRETCH = 64
"""Steps whose storages are looked through together, so that a long plan costs little more for each than a short one."""


def plan_memory(
    lifetimes: Sequence[tuple[Storage, int, int]], alignment: int, largest: int
) -> tuple[dict[Storage, tuple[int, int]], list[int]]:
    """Places each storage in a chunk at an offset where it overlaps no other that is alive at the same time.

    Greedy by size: the largest is placed first, at the lowest gap that fits among those alive with it (the method of
    Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).

    Args:
      lifetimes: (storage, first step, last step), both included.
      alignment: bytes that offsets must be a multiple of.
      largest: bytes that one chunk may have.

    Returns:
      The (chunk, offset) of each storage, and the chunks' sizes in bytes.
    """
    order = sorted(lifetimes, key=lambda item: -item[0].nbytes)
    places: dict[Storage, tuple[int, int]] = {}
    chunks: list[int] = []
    # For each chunk and stretch of steps, the storages placed in it that are alive then: (offset, end, first, last).
    placed: list[dict[int, list[tuple[int, int, int, int]]]] = []
    for storage, first, last in order:
        size = -(-max(storage.nbytes, 1) // alignment) * alignment
        stretches = range(first // _STRETCH, last // _STRETCH + 1)
        for chunk in range(len(chunks) + 1):
            if chunk == len(chunks):
                chunks.append(0)
                placed.append(defaultdict(list))
                offset = 0
            else:
                near = {item for stretch in stretches for item in placed[chunk][stretch]}
                offset = _lowest_gap(sorted(near), size, first, last)
                if offset + size > max(largest, size if not placed[chunk] else 0):
                    continue
            places[storage] = (chunk, offset)
            chunks[chunk] = max(chunks[chunk], offset + size)
            for stretch in stretches:
                placed[chunk][stretch].append((offset, offset + size, first, last))
            break
    return places, chunks


def _lowest_gap(placed: list[tuple[int, int, int, int]], size: int, first: int, last: int) -> int:
    offset = 0
    for begin, end, other_first, other_last in placed:
        if other_last < first or last < other_first:
            continue
        if begin - offset >= size:
            return offset
        offset = max(offset, end)
    return offset


def too_big(device: PlanDevice, storage: Storage, need: int, limit: int, verb: str) -> errors.ResourceExhaustedError:
    """The error for a plan that needs more memory than a device has, naming what takes most of it."""
    op = getattr(storage.key, "op", storage.key)
    op = op if isinstance(op, Operation) else None
    what = (
        f"tensor {storage.key.name} {show(storage.key.dims)}"
        if hasattr(storage.key, "dims")
        else (f"operation {op.name!r}" if op is not None else "a constant")
    )
    return errors.ResourceExhaustedError(
        None,
        op,
        f"The plan needs {need / 1e6:,.0f} MB on {device.name}, more than the {limit / 1e6:,.0f} MB it {verb}; "
        f"the largest part is {what} with {storage.nbytes / 1e6:,.0f} MB"
        + (f" [{at_line(op)}]" if op is not None else ""),
    )
