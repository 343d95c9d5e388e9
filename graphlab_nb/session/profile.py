"""`profile`: what each kernel of the runs inside a block took, against what the device can do."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphlab_nb.compiler.plan import Step
from graphlab_nb.launch import Array, KernelCall
from graphlab_nb.runtime.device import Device
from graphlab_nb.runtime.kernels import kernel_source
from graphlab_nb.runtime.peaks import measured_peaks


class Tracer(Protocol):
    """Wants to know what runs take."""

    def add(self, devices: Sequence[Device], times: Sequence[tuple[Step, int, int]]) -> None:
        """Takes what one stage's steps took: start and end of each in nanoseconds of its device's clock."""


ACTIVE: list[Tracer] = []
"""Profiles whose blocks are open, and others that measure; while there are none, runs are not measured."""


NOTHING = "No kernel ran. What depends on constants alone is computed once, before what is measured."


@dataclass
class Row:
    """One kernel of one operation, over all measured runs.

    Attributes:
      device: the device's full name.
      kernel: "file.cl:kernel", or what else the step does (Copy, HostCall, ...).
      operation: name of the operation; of a fused kernel that of the one whose kernel it is, or the last one's.
      fused: names of all operations that the kernel computes.
      calls: how many times it ran.
      seconds: all its runs together.
      flops: floating-point operations of all runs, of products and convolutions; 0 for others.
      nbytes: bytes of all arguments of all runs, each counted once.
      written: what the compiler wrote of the operations, in OpenCL C, in front of the kernel's file; empty where nothing.
    """

    device: str
    kernel: str
    operation: str
    fused: tuple[str, ...]
    calls: int = 0
    seconds: float = 0.0
    flops: int = 0
    nbytes: int = 0
    written: str = field(default="", repr=False)

    @property
    def source(self) -> str:
        """The OpenCL C that the kernel was built from; empty for what is no kernel."""
        file, _, kernel = self.kernel.partition(":")
        return self.written + kernel_source(file) if kernel else ""


@dataclass
class Profile:
    """What `profile` measures; the block's value, filled while it is open.

    Attributes:
      rows: one for each kernel of each operation.
    """

    rows: list[Row] = field(default_factory=list)
    _found: dict[Any, Row] = field(default_factory=dict, repr=False)
    _events: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _devices: dict[str, Device] = field(default_factory=dict, repr=False)

    def __enter__(self) -> Profile:
        ACTIVE.append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        ACTIVE.remove(self)

    def add(self, devices: Sequence[Device], times: Sequence[tuple[Step, int, int]]) -> None:
        """Adds what one stage's steps took: start and end of each in nanoseconds of its device's clock."""
        now = time.time_ns()
        first: dict[int, int] = {}
        for step, start, _ in times:
            first[step.device] = min(start, first.get(step.device, start))
        for step, start, end in times:
            device = devices[step.device]
            row = self._row(step, device)
            row.calls += 1
            row.seconds += (end - start) * 1e-9
            row.flops += step.flops
            row.nbytes += _bytes_of(step)
            begin = now + start - first[step.device]
            self._events.append(
                {"name": row.operation, "cat": row.kernel, "ph": "X", "ts": begin / 1e3, "dur": (end - start) / 1e3,
                 "pid": device.full_name, "tid": "queue", "args": {"kernel": row.kernel, "fused": list(row.fused)}}
            )  # fmt: skip

    def _row(self, step: Step, device: Device) -> Row:
        kernel = describe(step)
        key = (device.full_name, kernel, step.op, step.fused)  # which may be fused otherwise in another plan
        found = self._found.get(key)
        if found is None:
            name = step.op.name if step.op is not None else ""
            fused = tuple(op.name for op in step.fused) or (name,)
            found = Row(device.full_name, kernel, name, fused, written=getattr(step.action, "prefix", ""))
            self._found[key] = found
            self.rows.append(found)
            self._devices[device.full_name] = device
        return found

    @property
    def seconds(self) -> float:
        """The kernels' time together."""
        return sum(row.seconds for row in self.rows)

    def table(self, most: int = 30) -> str:
        """The kernels by their share of the time, with shares of the devices' measured peaks.

        Args:
          most: how many rows.
        """
        lines = []
        for name in sorted({row.device for row in self.rows}):
            peaks = measured_peaks(self._devices[name])
            lines.append(f"{name}: peaks {peaks.flops / 1e9:,.0f} GFLOP/s, {peaks.bandwidth / 1e9:,.1f} GB/s (copy)")
            lines.append(f"{'ms':>10} {'share':>6} {'calls':>6} {'us each':>9} {'GFLOP/s':>8} {'peak':>5} "
                         f"{'GB/s':>7} {'peak':>5}  kernel and operation")  # fmt: skip
            notes = False
            mine = sorted((row for row in self.rows if row.device == name), key=lambda row: -row.seconds)
            whole = sum(row.seconds for row in mine) or 1.0
            for row in mine[:most]:
                rate, flow = row.flops / max(row.seconds, 1e-12), row.nbytes / max(row.seconds, 1e-12)
                work = f"{rate / 1e9:8.1f} {rate / peaks.flops:5.0%}" if row.flops else f"{'':>14}"
                notes = notes or (row.flops > 0 and rate > peaks.flops)
                others = [name for name in row.fused if name != row.operation]
                fused = f" (with {', '.join(others)})" if others else ""
                lines.append(
                    f"{row.seconds * 1e3:10.3f} {row.seconds / whole:6.1%} {row.calls:6d} "
                    f"{row.seconds / row.calls * 1e6:9.1f} {work} {flow / 1e9:7.1f} {flow / peaks.bandwidth:5.0%}  "
                    f"{row.kernel}  {row.operation}{fused}"
                )
            if notes:
                lines.append("More than 100 % of the operations' peak: a convolution's are counted tap by tap, and Winograd's "
                             "algorithm does fewer.")  # fmt: skip
            if len(mine) > most:
                rest = sum(row.seconds for row in mine[most:])
                lines.append(f"{rest * 1e3:10.3f} {rest / whole:6.1%} {'':38}  {len(mine) - most} more kernels")
        return "\n".join(lines) if lines else NOTHING

    __str__ = table

    def save_trace(self, path: str) -> None:
        """Writes all kernels' times as a trace file that Chrome (chrome://tracing) and Perfetto read."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"traceEvents": self._events, "displayTimeUnit": "ms"}, file)


def profile() -> Profile:
    """Measures the runs inside a `with` block, of all sessions, kernel by kernel; each run waits for the last one's end.

    Returns:
      A `Profile` to enter: its `table()` shows the kernels, `rows` holds the figures, `save_trace(path)` a trace file.

    Example:
      >>> x = tf.placeholder(tf.float32, [2])
      >>> with tf.profile() as measured:
      ...     y = tf.Session().run(tf.square(x, name="y"), {x: [1.0, 2.0]})
      >>> [(row.operation, row.calls) for row in measured.rows]
      [('y', 1)]
    """
    return Profile()


def describe(step: Step) -> str:
    """A step's kernel as "file.cl:kernel", or what else it does."""
    action = step.action
    return f"{action.file}:{action.kernel}" if isinstance(action, KernelCall) else type(action).__name__


def _bytes_of(step: Step) -> int:
    action = step.action
    if isinstance(action, KernelCall):
        return sum({a.storage: a.nbytes for a in action.args if isinstance(a, Array)}.values())
    arrays = [getattr(action, name, None) for name in ("source", "target")]
    return sum(a.nbytes for a in arrays if isinstance(a, Array))
