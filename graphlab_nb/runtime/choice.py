"""Which of the OpenCL devices found shall serve: the rule, its reasons, and the same processor seen twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from graphlab_nb import config
from graphlab_nb.runtime import probe

RULE = """\
How devices are chosen:
 1. GLNB_PLATFORM=text leaves only OpenCL platforms whose name contains the text.
 2. Only devices that pass the probe count: its kernels built, ran and gave the right numbers.
 3. Runtimes that serve the same processor are one device. For the CPU, Intel's runtime comes first (any maker's
    processor), then PoCL with the newest version, then others in the loader's order. For a GPU, its own maker's
    driver comes first, then others in the loader's order.
 4. /cpu:N are the CPU devices of the chosen platform. /gpu:N are the GPUs, those with memory of their own first, then
    in the loader's order. Other accelerators count as GPUs only where there is no GPU; custom devices never do.
 5. Without tf.device, /gpu:0 serves if there is one, else /cpu:0."""

INTEL, POCL, OTHER = range(3)


@dataclass
class Report:
    """One OpenCL device as it was found, and what became of it.

    Attributes:
      identity: what names it in the probe's cache.
      platform: name of its OpenCL platform.
      name: the device's own name.
      kind: "CPU", "GPU", "ACCELERATOR" or "CUSTOM".
      opencl: OpenCL version of the device.
      driver: version of the driver.
      memory: bytes of global memory.
      compute_units: cores or multiprocessors.
      cl_device: the `pyopencl.Device`.
      platform_key: equal for the devices of one platform.
      pci: its place on the PCI bus, where the driver tells.
      own_maker: whether the platform is the device maker's own.
      works: what the probe found; None where it was not asked.
      lacks: optional element types that it claims but computes wrongly.
      role: such as "/cpu:0", or "" where it is not used.
      reason: why it has this role or none.
    """

    identity: str
    platform: str
    name: str
    kind: str
    opencl: str = ""
    driver: str = ""
    memory: int = 0
    compute_units: int = 0
    cl_device: Any = field(default=None, repr=False)
    platform_key: int = 0
    pci: tuple[int, ...] | None = None
    own_maker: bool = False
    works: bool | None = None
    lacks: tuple[str, ...] = ()
    role: str = ""
    reason: str = ""

    @property
    def description(self) -> str:
        """Device, platform and driver in one line."""
        return f"{self.name} ({self.platform}, driver {self.driver})"

    @property
    def family(self) -> int:
        """The runtime's place in the rule for CPUs."""
        name = self.platform.lower()
        if "intel" in name:
            return INTEL
        return POCL if "portable computing language" in name or name == "pocl" else OTHER

    @property
    def version(self) -> tuple[int, ...]:
        """The driver's version as numbers: (3, 1) for "3.1+debian"."""
        found = re.match(r"\D*(\d+(?:\.\d+)*)", self.driver)
        return tuple(int(part) for part in found.group(1).split(".")) if found else ()


Group = list[list[Report]]
"""One processor: the runtimes that serve it from best to worst, each with its devices."""


def candidates(reports: Iterable[Report]) -> list[Report]:
    """The reports that may serve at all; the others are given their reason."""
    text = config.PLATFORM.value.strip().lower()
    reports = list(reports)
    gpus = any(report.kind == "GPU" for report in reports if text in report.platform.lower())
    left = []
    for report in reports:
        if text not in report.platform.lower():
            report.reason = f"GLNB_PLATFORM={config.PLATFORM.value} leaves out this platform"
        elif report.kind == "CUSTOM":
            report.reason = "custom devices run fixed functions, not kernels"
        elif report.kind == "ACCELERATOR" and gpus:
            report.reason = "accelerators serve only where there is no GPU"
        else:
            left.append(report)
    return left


def group(reports: Iterable[Report]) -> list[Group]:
    """Sorts candidates by processor.

    All CPU devices are one processor, and the CPU devices of a platform serve together. GPUs of different platforms
    are the same if they have the same place on the PCI bus or, where a driver does not tell, the same name and number.
    """
    platforms: dict[int, list[Report]] = {}
    gpus: list[list[Report]] = []
    numbers: dict[int, int] = {}
    counts: dict[tuple[int, str], int] = {}
    for report in reports:
        if report.kind == "CPU":
            platforms.setdefault(report.platform_key, []).append(report)
            continue
        name = (report.platform_key, _plain(report.name))
        counts[name] = numbers[id(report)] = counts.get(name, 0) + 1
        same = next((others for others in gpus if _same_gpu(report, others, numbers)), None)
        if same is None:
            gpus.append([report])
        else:
            same.append(report)
    groups: list[Group] = [sorted(platforms.values(), key=_cpu_order)] if platforms else []
    for others in gpus:
        groups.append([[report] for report in sorted(others, key=lambda report: not report.own_maker)])
    return groups


def _cpu_order(devices: list[Report]) -> tuple[int, ...]:
    first = devices[0]
    return (first.family, *(-part for part in first.version)) if first.family == POCL else (first.family,)


def _plain(name: str) -> str:
    return " ".join(name.lower().split())


def _same_gpu(report: Report, others: list[Report], numbers: dict[int, int]) -> bool:
    for other in others:
        if other.platform_key == report.platform_key:
            return False
        if report.pci is not None and other.pci is not None:
            if report.pci == other.pci:
                return True
        elif _plain(report.name) == _plain(other.name) and numbers[id(report)] == numbers[id(other)]:
            return True
    return False


def judge(reports: Iterable[Report], fresh: bool = False) -> None:
    """Asks the probe about devices and notes its verdicts; `fresh` asks again about known failures."""
    reports = list(reports)
    verdicts = probe.verdicts([report.identity for report in reports], fresh)
    for report in reports:
        verdict = verdicts[report.identity]
        report.works = verdict.works
        report.lacks = verdict.lacks
        if verdict.problem is not None:
            known = " (known from an earlier start; GLNB_PROBE=always asks again)" if verdict.cached else ""
            report.reason = f"{verdict.problem}{known}"


def choose(groups: Iterable[Group], fresh: bool = False) -> list[Report]:
    """The devices of the best working runtime of each processor; runtimes behind it are not asked.

    Args:
      groups: from `group`.
      fresh: whether the probe shall be asked again about known failures.
    """
    open_groups = [list(alternatives) for alternatives in groups]
    chosen: list[Report] = []
    while open_groups:
        judge((report for alternatives in open_groups for report in alternatives[0]), fresh)
        still_open = []
        for alternatives in open_groups:
            best = [report for report in alternatives[0] if report.works]
            chosen += best
            if best:
                for report in (report for devices in alternatives[1:] for report in devices):
                    report.reason = f"the same processor is served by {best[0].description}"
            elif alternatives[1:]:
                still_open.append(alternatives[1:])
        open_groups = still_open
    return chosen
