"""Turns a traced run's times into `RunMetadata`."""

from __future__ import annotations

import time

from graphlab_nb.compiler.plan import Step
from graphlab_nb.launch import Array, KernelCall
from graphlab_nb.session.config import DeviceStepStats, NodeExecStats, RunMetadata
from graphlab_nb.session.executor import BoundStage
from graphlab_nb.session.profile import describe


def add_times(metadata: RunMetadata, bound: BoundStage, times: list[tuple[Step, int, int]]) -> None:
    """Adds what one stage's steps took to `metadata.step_stats`, one entry per kernel or copy.

    Args:
      metadata: filled.
      bound: the stage that ran.
      times: for each step its start and end in nanoseconds of its device's clock.
    """
    now = time.time_ns() // 1000
    for index, part in enumerate(bound.resources.devices):
        mine = [(s, a, b) for s, a, b in times if s.device == index and s.op is not None]
        if not mine:
            continue
        stats = DeviceStepStats(device=part.device.full_name, peak_bytes=sum(bound.stage.arenas[index]))
        first = min(a for _, a, _ in mine)
        for step, start, end in mine:
            op = step.op
            assert op is not None
            inputs = ", ".join(t.name for t in op.inputs)
            begin, length = (start - first) // 1000, max((end - start) // 1000, 0)
            stats.node_stats.append(
                NodeExecStats(
                    node_name=op.name,
                    timeline_label=f"{op.name} = {op.type}({inputs}) [{describe(step)}]",
                    all_start_micros=now + begin,
                    op_end_rel_micros=length,
                    all_end_rel_micros=length,
                    output_bytes=_written(step),
                )
            )
        metadata.step_stats.dev_stats.append(stats)


def _written(step: Step) -> int:
    action = step.action
    if isinstance(action, KernelCall):
        return sum(action.args[i].nbytes for i in action.writes if isinstance(action.args[i], Array))
    target = getattr(action, "target", None)
    return target.nbytes if isinstance(target, Array) else 0
