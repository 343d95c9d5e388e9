"""Devices are found, named, described and shared as sessions need them."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from graphlab_nb import errors
from graphlab_nb.launch import Tiles
from graphlab_nb.runtime import choice, device, probe


@pytest.fixture
def first() -> device.Device:
    """The device that serves without being asked."""
    return device.discover().devices[0]


def test_importing_does_not_load_pyopencl():
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; import graphlab_nb.runtime.device; print('pyopencl' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_devices_are_looked_for_once_however_many_ask():
    found = []
    threads = [threading.Thread(target=lambda: found.append(device.discover())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(inventory is device.discover() for inventory in found)


def test_gpus_come_before_cpus_and_are_numbered_by_kind():
    devices = device.discover().devices
    kinds = [one.kind for one in devices]
    assert kinds == sorted(kinds, reverse=True) and set(kinds) <= {"CPU", "GPU"}
    for kind in set(kinds):
        assert [one.index for one in device.discover().of_kind(kind)] == list(range(kinds.count(kind)))


def test_a_device_has_tensorflows_names(first):
    copy = first.copy_as(3)
    assert copy.name == f"/{first.kind.lower()}:3"
    assert copy.canonical_name == f"/device:{first.kind}:3"
    assert copy.full_name == f"/job:localhost/replica:0/task:0/device:{first.kind}:3"
    assert copy.name in repr(copy) and first.description in repr(copy)


def test_a_device_is_described_by_name_platform_and_driver(first):
    for part in (first.cl_device.name, first.cl_device.platform.name, first.cl_device.driver_version):
        assert part.strip() in first.description


def test_traits_say_what_the_device_says():
    for one in device.discover().devices:
        cl = one.cl_device
        assert one.traits.kind == one.kind
        assert one.traits.compute_units == cl.max_compute_units
        assert one.traits.max_work_group == cl.max_work_group_size
        assert one.traits.local_memory == cl.local_mem_size
        assert one.traits.global_memory == cl.global_mem_size
        assert one.traits.max_allocation == cl.max_mem_alloc_size
        assert one.traits.alignment * 8 == cl.mem_base_addr_align
        assert ("float64" in one.traits.dtypes) == ("cl_khr_fp64" in cl.extensions.split())
        assert {"float32", "int64", "bool"} <= one.traits.dtypes


@pytest.mark.parametrize(
    ("processor", "width", "lanes", "registers"),
    [
        ("x86_64", 16, 16, 32),  # AVX-512
        ("AMD64", 8, 8, 16),  # AVX2
        ("x86_64", 1, 8, 16),  # a runtime that does not tell
        ("x86_64", 32, 16, 32),
        ("aarch64", 4, 4, 32),  # NEON
        ("arm64", 0, 4, 32),
    ],
)
def test_a_cpus_vectors_follow_its_native_width(monkeypatch, processor, width, lanes, registers):
    monkeypatch.setattr(device.machine, "machine", lambda: processor)
    traits = device._traits("CPU", fake_report(native_vector_width_float=width))
    assert (traits.lanes, traits.vector_registers) == (lanes, registers)
    assert device._traits("GPU", fake_report(native_vector_width_float=width)).lanes == 1


def fake_report(**values) -> choice.Report:
    """A report on a device that has no OpenCL behind it."""
    told = {
        "extensions": "cl_khr_fp64 cl_khr_fp16",
        "native_vector_width_float": 8,
        "max_compute_units": 4,
        "max_work_group_size": 512,
        "local_mem_size": 1 << 18,
        "global_mem_size": 1 << 33,
        "max_mem_alloc_size": 1 << 31,
        "mem_base_addr_align": 1024,
        "queue_properties": 1,
    }
    return choice.Report("fake", "Fake", "fake", "CPU", cl_device=SimpleNamespace(**{**told, **values}))


def test_optional_types_need_the_extension_and_the_probe(monkeypatch):
    monkeypatch.setenv("GLNB_MASK", "")
    assert {"float64", "float16"} <= device._traits("CPU", fake_report()).dtypes
    assert not {"float64", "float16"} & device._traits("CPU", fake_report(extensions="")).dtypes
    report = fake_report()
    report.lacks = ("float64",)
    assert "float64" not in device._traits("CPU", report).dtypes


def test_the_mask_hides_a_kinds_abilities_only(monkeypatch):
    monkeypatch.setenv("GLNB_MASK", "gpu:float64, cpu:float16")
    gpu, cpu = device._traits("GPU", fake_report()).dtypes, device._traits("CPU", fake_report()).dtypes
    assert "float64" not in gpu and "float16" in gpu
    assert "float16" not in cpu and "float64" in cpu


def test_the_mask_shows_the_cpu_as_a_gpu_in_a_context_of_its_own(monkeypatch):
    monkeypatch.setenv("GLNB_MASK", "cpu:as-gpu,gpu:float64")
    inventory = device._discover()
    cpus, gpus = inventory.of_kind("CPU"), inventory.of_kind("GPU")
    if not cpus:  # a machine whose only runtime is a GPU's has no CPU to show
        return
    stand_in = gpus[-1]
    assert inventory.devices[0].kind == "GPU"
    assert stand_in.traits.kind == "GPU" and stand_in.traits.lanes == 1 and "float64" not in stand_in.traits.dtypes
    assert stand_in.cl_device == cpus[0].cl_device and stand_in.context != cpus[0].context
    report = next(report for report in inventory.reports if report.cl_device == cpus[0].cl_device)
    assert stand_in.name in report.role and cpus[0].name in report.role


def test_the_form_for_gpus_on_a_processor(monkeypatch):
    monkeypatch.setenv("GLNB_FORM", "gpu")
    monkeypatch.setenv("GLNB_MASK", "cpu:float16")
    traits = device._traits("CPU", fake_report())
    assert not traits.is_cpu and traits.lanes == 1 and traits.tiles == Tiles()
    assert "float16" not in traits.dtypes and "float64" in traits.dtypes  # it is masked as the processor that it is
    inventory = device._discover()
    for cpu in inventory.of_kind("CPU"):
        assert cpu.name.startswith("/cpu:") and not cpu.traits.is_cpu
        assert "GLNB_FORM" in next(r for r in inventory.reports if r.cl_device == cpu.cl_device).reason
    monkeypatch.setenv("GLNB_FORM", "fpga")
    with pytest.raises(errors.UnavailableError, match="fpga"):
        device._discover()


def test_logical_devices_are_by_default_those_found():
    assert device.logical_devices() == list(device.discover().devices)
    assert device.logical_devices({}) == device.logical_devices({"TPU": 3}) == device.logical_devices()


def test_two_logical_cpus_share_a_context_and_have_a_queue_each():
    cpus = [one for one in device.logical_devices({"CPU": 2}) if one.kind == "CPU"]
    if device.discover().of_kind("CPU"):
        one, two = cpus
        assert (one.name, two.name) == ("/cpu:0", "/cpu:1")
        assert one.context is two.context and one.queue != two.queue and one.queue is one.queue
        assert [one, two] == [other for other in device.logical_devices({"cpu": 2}) if other.kind == "CPU"]
    else:
        assert cpus == []


def test_a_kind_can_be_hidden():
    kinds = {one.kind for one in device.discover().devices}
    for kind in kinds:
        if kinds != {kind}:
            assert {one.kind for one in device.logical_devices({kind: 0})} == kinds - {kind}
    with pytest.raises(errors.InvalidArgumentError, match="leaves no device"):
        device.logical_devices({"CPU": 0, "GPU": 0})


def test_a_negative_count_is_refused():
    with pytest.raises(errors.InvalidArgumentError, match=r"device_count\['CPU'\] is -1"):
        device.logical_devices({"CPU": -1})


def test_logical_devices_see_each_others_memory(first):
    import pyopencl as cl

    other = first.copy_as(1)
    sent = np.arange(1000, dtype=np.float32)
    buffer = cl.Buffer(first.context, cl.mem_flags.READ_WRITE, sent.nbytes)
    written = cl.enqueue_copy(first.queue, buffer, sent, is_blocking=False)
    got = np.empty_like(sent)
    cl.enqueue_copy(other.queue, got, buffer, is_blocking=True, wait_for=[written])
    assert np.array_equal(got, sent)


def test_a_profiling_queue_gives_times(first):
    import pyopencl as cl

    buffer = cl.Buffer(first.context, cl.mem_flags.READ_WRITE, 4096)
    event = cl.enqueue_fill_buffer(first.profiling_queue, buffer, np.uint8(7), 0, 4096)
    event.wait()
    assert event.profile.end >= event.profile.start > 0
    assert first.profiling_queue is first.profiling_queue and first.profiling_queue != first.queue


def test_a_queue_can_be_asked_for_out_of_order(first):
    import pyopencl as cl

    offered = first.cl_device.queue_properties & cl.command_queue_properties.OUT_OF_ORDER_EXEC_MODE_ENABLE
    if offered:
        queue = first.make_queue(out_of_order=True)
        assert queue.properties & cl.command_queue_properties.OUT_OF_ORDER_EXEC_MODE_ENABLE
    assert not first.make_queue().properties & cl.command_queue_properties.OUT_OF_ORDER_EXEC_MODE_ENABLE


@pytest.fixture
def nothing_works(monkeypatch):
    """A machine on which every device fails the probe."""
    monkeypatch.setattr(probe, "verdicts", lambda names, fresh=False: {n: probe.Verdict("it melts") for n in names})


def test_when_nothing_works_the_error_says_what_was_tried_and_what_mends_it(nothing_works):
    reports = device.discover().reports
    with pytest.raises(errors.UnavailableError) as caught:
        device._discover()
    for report in reports:
        assert report.description in str(caught.value)
    assert "it melts" in str(caught.value)
    assert "pip install intel-opencl-rt" in str(caught.value) and "apt install pocl-opencl-icd" in str(caught.value)


def test_a_failure_known_from_an_earlier_start_is_asked_again_before_giving_up(monkeypatch):
    monkeypatch.setattr(
        probe,
        "verdicts",
        lambda names, fresh=False: {n: probe.Verdict(None if fresh else "no memory", cached=not fresh) for n in names},
    )
    assert device._discover().devices


def test_a_platform_filter_that_fits_nothing_is_named(monkeypatch):
    monkeypatch.setenv("GLNB_PLATFORM", "no such platform")
    with pytest.raises(errors.UnavailableError, match="Perhaps GLNB_PLATFORM=no such platform leaves out what works"):
        device._discover()


def test_every_platform_can_be_chosen(monkeypatch):
    for name in {report.platform for report in device.discover().reports}:
        monkeypatch.setenv("GLNB_PLATFORM", name.upper())
        assert all(one.cl_device.platform.name.strip() == name for one in device._discover().devices)


def test_the_listing_names_every_device_its_role_and_the_rule(monkeypatch):
    monkeypatch.setenv("GLNB_PLATFORM", "")
    text = device.describe()
    inventory = device._discover()
    for report in inventory.reports:
        assert report.name in text and report.platform in text and report.driver in text
    for one in inventory.devices:
        assert f"{one.name}: " in text or f" {one.name}" in text
    assert "works" in text and "not probed" not in text and choice.RULE in text
    for kind in ("CPU", "GPU"):
        assert (f"/{kind.lower()}:0: absent" in text) == (not inventory.of_kind(kind))


def test_the_listing_also_speaks_when_nothing_works(nothing_works):
    text = device.describe()
    assert "it melts" in text and "pip install intel-opencl-rt" in text and choice.RULE in text
