"""Overlap: stretches of a plan whose independent steps a device may run side by side.

A device's queue runs one step after the other. Where a plan has branches whose kernels each leave most of a GPU idle, steps
that do not depend on each other form a level: a level's steps start together, and the next level waits for them. Processors
need no levels: their kernels are cut for all cores, and a barrier costs more (10 us on Intel's runtime, 150 on PoCL 3.1)
than a kernel that is too small to be cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from graphlab_nb.compiler.plan import Block, Copy, PlanDevice, Stage, Step, Zero
from graphlab_nb.launch import Array, DeviceTraits, KernelCall, Storage

ITEMS_PER_UNIT = 1024
"""Work-items that keep a GPU's multiprocessor busy; kernels of less leave room for others."""
LEAST_GAIN = 0.1
"""Share of a stretch's steps that must run beside another for levels to be worth their barriers."""


def overlapping(stage: Stage, devices: Sequence[PlanDevice]) -> list[Block]:
    """The stretches of a stage that are worth running in levels; its memory is then planned for them (`times`)."""
    found = []
    movable = [
        s.device if k >= stage.once and isinstance(s.action, (KernelCall, Copy, Zero)) else None
        for k, s in enumerate(stage.steps)
    ]
    for device, positions in groupby(range(len(movable)), key=movable.__getitem__):
        stretch = list(positions)
        if device is None or devices[device].traits.is_cpu or not devices[device].traits.any_order:
            continue
        levels = _levels(stage, stretch)
        gain = sum(max(0, sum(_narrow(stage.steps[k], devices[device].traits) for k in ks) - 1) for ks in levels)
        if gain > LEAST_GAIN * len(stretch):
            found.append(Block(stretch[0], stretch[-1] + 1, levels))
    return found


def _narrow(step: Step, traits: DeviceTraits) -> bool:
    action = step.action
    return isinstance(action, KernelCall) and math.prod(action.global_size) < traits.compute_units * ITEMS_PER_UNIT


def times(count: int, blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """From when to when each of `count` steps may be at work, where a block's levels are as long as they have steps."""
    found = [(k, k) for k in range(count)]
    for block in blocks:
        start = block.start
        for level in block.levels:
            for k in level:
                found[k] = (start, start + len(level) - 1)
            start += len(level)
    return found


def _levels(stage: Stage, stretch: Sequence[int]) -> list[list[int]]:
    """The steps at these positions, each in the first level after all it must wait for."""
    written: dict[Storage, int] = {}  # the first level after the last write
    used: dict[Storage, int] = {}  # the first level after the last use
    levels: list[list[int]] = []
    for position in stretch:
        reads, writes = _accesses(stage.steps[position])
        level = max([written.get(s, 0) for s in reads] + [used.get(s, 0) for s in writes], default=0)
        for storage in (*reads, *writes):
            used[storage] = max(used.get(storage, 0), level + 1)
        for storage in writes:
            written[storage] = level + 1
        if level == len(levels):
            levels.append([])
        levels[level].append(position)
    return levels


def _accesses(step: Step) -> tuple[list[Storage], list[Storage]]:
    """What a step reads and what it writes; checks report into memory that takes care of itself."""
    action = step.action
    if isinstance(action, KernelCall):
        arrays = [(k, a.storage) for k, a in enumerate(action.args) if isinstance(a, Array)]
        writes = [s for k, s in arrays if k in action.writes and s.kind != "report"]
        return [s for k, s in arrays if k not in action.writes], writes
    return ([action.source.storage] if isinstance(action, Copy) else []), [action.target.storage]
