"""Levels: what may run side by side on a GPU, and what must not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import graphlab_nb as tf
from graphlab_nb.compiler.compile import compile_stage
from graphlab_nb.compiler.plan import Copy, PlanDevice, Request, Stage, Zero
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.launch import Array, DeviceTraits, KernelCall, Storage

GPU = PlanDevice("GPU", 0, DeviceTraits("GPU", lanes=1, compute_units=64))


@pytest.fixture(autouse=True)
def fresh_graph() -> Any:
    with tf.Graph().as_default() as graph:
        yield graph


def plan(fetches: Any, feeds: Any = None, device: PlanDevice = GPU) -> Stage:
    specs = {t: Spec(t.dtype.base_dtype, shape) for t, shape in (feeds or {}).items()}
    ops = [f.op if isinstance(f, tf.Tensor) else f for f in fetches]
    tensors = [f for f in fetches if isinstance(f, tf.Tensor)]
    return compile_stage(Request(needed_operations(ops, specs), ops, tensors, specs, (device,)))


def towers(count: int, depth: int, size: int = 64) -> tuple[Any, list[Any]]:
    x = tf.placeholder(tf.float32, [size, size])
    ends = []
    for _ in range(count):
        y = x
        for _ in range(depth):
            y = tf.matmul(y, tf.Variable(tf.zeros([size, size])))
        ends.append(y)
    return x, ends


def touched(stage: Stage, position: int) -> dict[Storage, bool]:
    """The memory that a step touches, and whether it writes it."""
    action = stage.steps[position].action
    if isinstance(action, KernelCall):
        found = [(a.storage, k in action.writes) for k, a in enumerate(action.args) if isinstance(a, Array)]
    else:
        assert isinstance(action, (Copy, Zero))
        found = [(action.target.storage, True)] + ([(action.source.storage, False)] if isinstance(action, Copy) else [])
    return {s: (s, True) in found for s, _ in found if s.kind != "report"}


def check_levels(stage: Stage) -> None:
    """Writers of a storage are in levels of their own, in order; storages at one place are not alive at once."""
    for block in stage.blocks:
        level = {k: n for n, ks in enumerate(block.levels) for k in ks}
        assert sorted(level) == list(range(block.start, block.end))
        uses: dict[Storage, list[tuple[int, bool]]] = {}
        for position in range(block.start, block.end):
            for storage, written in touched(stage, position).items():
                for before, was_written in uses.get(storage, ()):
                    assert before < level[position] or not (written or was_written), (position, storage)
                uses.setdefault(storage, []).append((level[position], written))
        outside = {a for k in (*range(block.start), *range(block.end, len(stage.steps))) for a in storages(stage, k)}
        alive = {s: (min(n for n, _ in u), max(n for n, _ in u)) for s, u in uses.items() if s.kind == "arena"}
        for one, (a, b) in alive.items():
            for other, (c, d) in alive.items():
                if one is not other and together(stage, one, other) and not {one, other} & outside:
                    assert b < c or d < a, (one, other)


def storages(stage: Stage, position: int) -> list[Storage]:
    action = stage.steps[position].action
    values = getattr(action, "args", None) or [*getattr(action, "inputs", ()), *getattr(action, "outputs", ())]
    return [a.storage for a in values if isinstance(a, Array)]


def together(stage: Stage, one: Storage, other: Storage) -> bool:
    """Whether two storages have bytes in common."""
    (chunk, begin), (other_chunk, other_begin) = stage.places[0][one], stage.places[0][other]
    return chunk == other_chunk and begin < other_begin + other.nbytes and other_begin < begin + one.nbytes


def test_towers_stand_side_by_side() -> None:
    x, ends = towers(3, 4)
    stage = plan(ends, {x: (64, 64)})
    (block,) = stage.blocks
    check_levels(stage)
    widths = [sum("matmul" in stage.steps[k].action.kernel for k in ks) for ks in block.levels]
    assert max(widths) == 3 and len(block.levels) < len(stage.steps)


def test_one_chain_has_no_levels() -> None:
    x, ends = towers(1, 6)
    assert plan(ends, {x: (64, 64)}).blocks == []


def test_kernels_that_fill_the_device_have_no_levels() -> None:
    x, ends = towers(3, 3, size=2048)
    assert plan(ends, {x: (2048, 2048)}).blocks == []


def test_processors_and_devices_that_keep_to_the_order_have_no_levels() -> None:
    x, ends = towers(3, 3)
    assert plan(ends, {x: (64, 64)}, PlanDevice("CPU", 0, DeviceTraits("CPU"))).blocks == []
    assert plan(ends, {x: (64, 64)}, replace(GPU, traits=replace(GPU.traits, any_order=False))).blocks == []


def test_memory_that_takes_turns_is_not_written_too_early() -> None:
    """A training step shares memory between its tensors, and changes variables that other steps read."""
    x, ends = towers(2, 3)
    labels = tf.placeholder(tf.float32, [64, 64])
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(ends[0] + tf.nn.relu(ends[1]), labels))
    train = tf.train.AdamOptimizer(0.1).minimize(loss)
    stage = plan([train, loss], {x: (64, 64), labels: (64, 64)})
    assert stage.blocks
    check_levels(stage)


def test_host_operations_end_a_block() -> None:
    x, ends = towers(2, 3)
    (seen,) = tf.py_func(lambda a: a, [ends[0]], [tf.float32])
    more = [tf.matmul(e, e) for e in ends]
    stage = plan([seen, *more], {x: (64, 64)})
    check_levels(stage)
    for block in stage.blocks:
        for k in range(block.start, block.end):
            assert isinstance(stage.steps[k].action, (KernelCall, Copy, Zero))
