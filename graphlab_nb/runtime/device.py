"""The OpenCL devices of this machine: which there are, which work, and which are "/cpu:0" and "/gpu:0".

`discover` looks once per process; `logical_devices` gives a session its devices; `describe` is the text of
`graphlab-nb devices`. pyopencl is imported only here, and only when devices are looked for.
"""

from __future__ import annotations

import platform as machine
import re
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphlab_nb import config, errors
from graphlab_nb.launch import DeviceTraits, Tiles
from graphlab_nb.runtime import choice, icd, loading, probe_worker, tile_cache
from graphlab_nb.runtime.choice import RULE, Report

REMEDY = """\
To get a CPU runtime: pip install intel-opencl-rt intel-cmplr-lib-rt (x86-64 Linux and Windows),
or pip install pocl-binary-distribution (x86-64 Linux), or apt install pocl-opencl-icd (Debian, Ubuntu).
For a GPU, install its maker's driver."""


class _Shared:
    """What logical devices of one OpenCL device have in common: the context, made when first used, and idle queues."""

    def __init__(self, cl_device: Any):
        self.cl_device = cl_device
        self._context: Any = None
        self.idle_queues: defaultdict[tuple[bool, bool], deque[Any]] = defaultdict(deque)
        self._lock = threading.Lock()

    @property
    def context(self) -> Any:
        with self._lock:
            if self._context is None:
                self._context = _pyopencl().Context([self.cl_device])
            return self._context


class Device:
    """A device that sessions compute on.

    Attributes:
      kind: "CPU" or "GPU".
      index: number among the devices of its kind.
      description: OpenCL device name, platform and driver version.
      traits: what plans need to know of it.
      cl_device: the `pyopencl.Device`.
      identity: what names it, with its driver, in caches on disk.
    """

    def __init__(
        self, kind: str, index: int, description: str, traits: DeviceTraits, shared: _Shared, identity: str = ""
    ):
        self.kind = kind
        self.index = index
        self.description = description
        self.traits = traits
        self.cl_device = shared.cl_device
        self.identity = identity
        self._shared = shared
        self._queues: dict[bool, Any] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The short form: "/cpu:0"."""
        return f"/{self.kind.lower()}:{self.index}"

    @property
    def canonical_name(self) -> str:
        """TensorFlow's canonical form: "/device:CPU:0"."""
        return f"/device:{self.kind}:{self.index}"

    @property
    def full_name(self) -> str:
        """The form with job and task: "/job:localhost/replica:0/task:0/device:CPU:0"."""
        return f"/job:localhost/replica:0/task:0{self.canonical_name}"

    @property
    def context(self) -> Any:
        """The `pyopencl.Context`, shared by the logical devices of one OpenCL device."""
        return self._shared.context

    @property
    def queue(self) -> Any:
        """This logical device's own in-order queue."""
        return self._queue(profiling=False)

    @property
    def profiling_queue(self) -> Any:
        """An in-order queue whose events carry times."""
        return self._queue(profiling=True)

    def make_queue(self, profiling: bool = False, out_of_order: bool = False) -> Any:
        """A new `pyopencl.CommandQueue` on this device."""
        names = _pyopencl().command_queue_properties
        properties = (names.PROFILING_ENABLE if profiling else 0) | (
            names.OUT_OF_ORDER_EXEC_MODE_ENABLE if out_of_order else 0
        )
        return _pyopencl().CommandQueue(self.context, self.cl_device, properties=properties)

    def idle_queues(self, profiling: bool, out_of_order: bool) -> deque[Any]:
        """Those queues that `make_queue` made with these arguments and that are not in use."""
        return self._shared.idle_queues[profiling, out_of_order]

    def copy_as(self, index: int) -> Device:
        """Another logical device of the same OpenCL device: same context, its own queues."""
        return Device(self.kind, index, self.description, self.traits, self._shared, self.identity)

    def _queue(self, profiling: bool) -> Any:
        with self._lock:
            if profiling not in self._queues:
                self._queues[profiling] = self.make_queue(profiling=profiling)
            return self._queues[profiling]

    def __repr__(self) -> str:
        return f"<Device {self.name}: {self.description}>"


@dataclass(frozen=True)
class Inventory:
    """The devices of this machine.

    Attributes:
      devices: those that serve, GPUs first, each kind by index.
      reports: every OpenCL device found, used or not.
      notes: what was found and done while looking for runtimes.
    """

    devices: tuple[Device, ...]
    reports: tuple[Report, ...]
    notes: tuple[str, ...]

    def of_kind(self, kind: str) -> list[Device]:
        """The devices of a kind, "CPU" or "GPU", by index."""
        return [device for device in self.devices if device.kind == kind]


_inventory: Inventory | None = None
_lock = threading.RLock()
_copies: dict[tuple[int, str, int], Device] = {}


def discover() -> Inventory:
    """Finds this machine's devices, once per process.

    Raises:
      UnavailableError: if no device works; it lists what was tried and the commands that mend it.
    """
    global _inventory
    with _lock:
        if _inventory is None:
            _inventory = _discover()
        return _inventory


def logical_devices(counts: Mapping[str, int] | None = None) -> list[Device]:
    """The devices of a session, as `ConfigProto.device_count` asks for them, GPUs first.

    `{"CPU": n}` makes n logical devices of the first CPU, which share its context and have a queue each. `{"GPU": n}`
    leaves at most n GPUs, so that 0 hides them all. Kinds that are not named are left as they are.

    Raises:
      InvalidArgumentError: for a negative count, or when no device is left.
      UnavailableError: if no device works at all.
    """
    inventory = discover()
    wanted = {str(kind).upper(): count for kind, count in (counts or {}).items()}
    for kind, count in wanted.items():
        if count < 0:
            raise errors.InvalidArgumentError(None, None, f"device_count[{kind!r}] is {count}; it must not be negative")
    gpus = inventory.of_kind("GPU")
    if "GPU" in wanted:
        gpus = gpus[: wanted["GPU"]]
    cpus = inventory.of_kind("CPU")
    if "CPU" in wanted and cpus:
        cpus = [_copy(cpus[0], index) for index in range(wanted["CPU"])]
    if not gpus and not cpus:
        present = ", ".join(device.name for device in inventory.devices)
        raise errors.InvalidArgumentError(
            None, None, f"device_count={dict(counts or {})} leaves no device; this machine has {present}"
        )
    return gpus + cpus


def _copy(first: Device, index: int) -> Device:
    if index == 0:
        return first
    with _lock:
        return _copies.setdefault((id(first), first.kind, index), first.copy_as(index))


def _pyopencl() -> Any:
    import pyopencl

    return pyopencl


def _discover(probe_all: bool = False) -> Inventory:
    _gpu_form()  # a word that it does not know is told before anything is looked for
    icd.prepare()
    check = loading.Check()
    try:
        cl = _pyopencl()
    except ImportError as error:
        message = f"pyopencl cannot be imported ({error}): pip install pyopencl"
        raise errors.UnavailableError(None, None, message) from error
    crashing = check.finish()
    if crashing:
        raise errors.UnavailableError(
            None,
            None,
            f"Loading an OpenCL runtime crashes: {', '.join(crashing)}. Uninstall it or leave it out of "
            f"{icd.state.user_set or 'what the OpenCL loader is told of'}.",
        )
    reports = [_report(cl, identity, device) for identity, device in probe_worker.identities(cl)]
    check.keep_verdicts()
    candidates = choice.candidates(reports)
    groups = choice.group(candidates)
    chosen = choice.choose(groups)
    if not chosen and candidates:
        chosen = choice.choose(groups, fresh=True)
    if probe_all:
        choice.judge(report for report in candidates if report.works is None)
    devices = _number(chosen)
    notes = _notes(reports, thorough=probe_all or not devices)
    if not devices:
        raise errors.UnavailableError(None, None, _nothing_works(reports, notes))
    return Inventory(tuple(devices), tuple(reports), notes)


def _notes(reports: list[Report], thorough: bool) -> tuple[str, ...]:
    """What else to know about the runtimes: settings found, and why one that is installed is not listed."""
    notes = list(icd.state.notes)
    if thorough:
        notes += icd.unloaded()
    if not any(report.kind == "CPU" and report.family == choice.INTEL for report in reports):
        missing = icd.missing_runtime()
        if missing:
            notes.append(missing)
    return tuple(notes)


def _report(cl: Any, identity: str, device: Any) -> Report:
    kinds = {"CPU": cl.device_type.CPU, "GPU": cl.device_type.GPU, "ACCELERATOR": cl.device_type.ACCELERATOR}
    maker = (device.platform.vendor.split() or [""])[0].lower()[:5]
    return Report(
        identity=identity,
        platform=device.platform.name.strip(),
        name=device.name.strip(),
        kind=next((kind for kind, bit in kinds.items() if device.type & bit), "CUSTOM"),
        opencl=" ".join(device.version.split()[1:2]),
        driver=device.driver_version.strip(),
        memory=device.global_mem_size,
        compute_units=device.max_compute_units,
        cl_device=device,
        platform_key=device.platform.int_ptr,
        pci=_pci_place(cl, device),
        own_maker=bool(maker) and device.vendor.lower().startswith(maker),
    )


def _pci_place(cl: Any, device: Any) -> tuple[int, ...] | None:
    """Domain, bus and slot of a GPU, where its driver answers one of the makers' queries."""
    try:
        return (device.pci_domain_id_nv, device.pci_bus_id_nv, device.pci_slot_id_nv)
    except (cl.Error, AttributeError):
        pass
    try:
        topology = device.topology_amd
        return (0, topology.bus, topology.device)
    except (cl.Error, AttributeError):
        return None


def _number(chosen: list[Report]) -> list[Device]:
    """Makes the devices of the chosen reports, GPUs first, and notes their roles."""
    gpus = [report for report in chosen if report.kind != "CPU"]
    gpus.sort(key=lambda report: bool(report.cl_device.host_unified_memory))
    cpus = [report for report in chosen if report.kind == "CPU"]
    devices = [_device("GPU", index, report) for index, report in enumerate(gpus)]
    if "as-gpu" in _masked("CPU") and cpus:
        # For tests: the processor once more, in a context of its own, so that moving data is real.
        devices.append(_device("GPU", len(devices), cpus[0]))
    return devices + [_device("CPU", index, report) for index, report in enumerate(cpus)]


def _device(kind: str, index: int, report: Report) -> Device:
    device = Device(kind, index, report.description, _traits(kind, report), _Shared(report.cl_device), report.identity)
    why = {"CPU": "the best working CPU runtime", "GPU": "a working GPU"}[kind]
    if kind == "GPU" and report.kind == "CPU":
        why = "a stand-in for tests, by GLNB_MASK"
    if kind == "CPU" and not device.traits.is_cpu:
        why += ", with the kernels' form for GPUs by GLNB_FORM"
    report.reason = f"{report.reason}; {device.name}: {why}" if report.role else why
    report.role = f"{report.role} {device.name}".strip()
    return device


def _masked(kind: str) -> set[str]:
    """Abilities that GLNB_MASK hides from devices of a kind."""
    entries = re.split(r"[,;\s]+", config.MASK.value.strip())
    return {ability for entry in entries for owner, _, ability in [entry.partition(":")] if owner.upper() == kind}


def _gpu_form() -> bool:
    """Whether GLNB_FORM makes processors take the kernels' form for GPUs.

    Raises:
      UnavailableError: for a form that there is not.
    """
    form = config.FORM.value.strip().lower()
    if form not in ("", "gpu"):
        message = f"GLNB_FORM is {config.FORM.value!r}; it may be 'gpu', or empty to go by the devices' types"
        raise errors.UnavailableError(None, None, message)
    return form == "gpu"


def _traits(kind: str, report: Report) -> DeviceTraits:
    device = report.cl_device
    dtypes = set(DeviceTraits(kind).dtypes)
    extensions = device.extensions.split()
    for dtype, extension in probe_worker.EXTENSIONS.items():
        if extension in extensions:
            dtypes.add(dtype)
        else:
            dtypes.discard(dtype)
    dtypes -= _masked(kind) | set(report.lacks)
    form = "GPU" if _gpu_form() else kind
    lanes = _lanes(device) if form == "CPU" else 1
    return DeviceTraits(
        kind=form,
        lanes=lanes,
        vector_registers=32 if lanes == 16 or machine.machine().lower() in ("arm64", "aarch64") else 16,
        compute_units=device.max_compute_units,
        max_work_group=device.max_work_group_size,
        local_memory=device.local_mem_size,
        global_memory=device.global_mem_size,
        max_allocation=device.max_mem_alloc_size,
        alignment=max(device.mem_base_addr_align // 8, 1),
        any_order=bool(device.queue_properties & _pyopencl().command_queue_properties.OUT_OF_ORDER_EXEC_MODE_ENABLE),
        dtypes=frozenset(dtypes),
        tiles=tile_cache.load(report.identity) if form == "CPU" else Tiles(),
    )


def _lanes(device: Any) -> int:
    """float32 lanes of a CPU's vector registers.

    The native width is what the hardware has (Intel's runtime gives 1 as the preferred width, since it vectorises by
    itself). A runtime that knows no vectors is taken to stand on the common minimum of its processor family.
    """
    width = int(device.native_vector_width_float)
    if width >= 4:
        return min(width, 16)
    return 8 if machine.machine().lower() in ("x86_64", "amd64") else 4


def _nothing_works(reports: list[Report], notes: tuple[str, ...]) -> str:
    lines = ["No working OpenCL device was found."]
    lines += [f"  tried: {report.description}: {report.reason}" for report in reports]
    if not reports:
        lines.append("  the OpenCL loader lists no device")
    lines += [f"  note: {note}" for note in notes]
    settings = [icd.state.user_set, f"{config.PLATFORM.name}={config.PLATFORM.value}" if config.PLATFORM.value else ""]
    lines += [f"Perhaps {setting} leaves out what works: try without it." for setting in settings if setting]
    return "\n".join([*lines, REMEDY])


def survey() -> Inventory:
    """Looks at this machine's devices anew and probes all of them, also those that would not be used.

    Raises:
      UnavailableError: if no device works.
    """
    return _discover(probe_all=True)


def describe(inventory: Inventory | None = None) -> str:
    """The text of `graphlab-nb devices`: every OpenCL device, its role and why, and the rule; of that survey or a new one."""
    try:
        inventory = survey() if inventory is None else inventory
    except errors.UnavailableError as error:
        return f"{error}\n\n{RULE}"
    blocks = []
    for report in sorted(inventory.reports, key=lambda report: not report.role):
        state = report.role or "not used"
        working = {True: "works", False: "does not work", None: "not probed"}[report.works]
        blocks.append(
            f"{state}: {report.name}\n"
            f"  platform  {report.platform}, driver {report.driver}, OpenCL {report.opencl}\n"
            f"  hardware  {report.kind}, {report.compute_units} compute units, {report.memory / 2**30:.1f} GiB\n"
            f"  probe     {working}\n"
            f"  because   {report.reason}"
        )
    if not inventory.of_kind("CPU"):
        blocks.append(f"/cpu:0: absent: no working OpenCL CPU runtime. {REMEDY}")
    if not inventory.of_kind("GPU"):
        blocks.append("/gpu:0: absent: no working OpenCL GPU was found.")
    blocks += [f"note: {note}" for note in inventory.notes]
    blocks.append(RULE)
    return "\n\n".join(blocks)
