"""The rule by which devices are chosen, with made-up devices and verdicts."""

from __future__ import annotations

import pytest

from graphlab_nb.runtime import choice, probe
from graphlab_nb.runtime.choice import Report

INTEL = "Intel(R) OpenCL"
POCL = "Portable Computing Language"


@pytest.fixture
def broken(monkeypatch):
    """Names of devices that fail the probe; and, as `broken.asked`, the devices that were probed."""

    class Broken(set):
        def __init__(self) -> None:
            self.asked: list[str] = []

    names = Broken()

    def verdicts(identities, fresh=False):
        names.asked += identities
        return {i: probe.Verdict("it fails" if i in names else None, cached=not fresh) for i in identities}

    monkeypatch.setattr(probe, "verdicts", verdicts)
    monkeypatch.setenv("GLNB_PLATFORM", "")
    return names


def cpu(name: str, platform: str, driver: str = "1.0", key: int | None = None) -> Report:
    return Report(name, platform, name, "CPU", driver=driver, platform_key=key or id(name))


def gpu(name: str, key: int, identity: str = "", **more) -> Report:
    return Report(identity or f"{name} on {key}", f"platform {key}", name, "GPU", platform_key=key, **more)


def served(reports: list[Report]) -> list[str]:
    """Identities of the chosen devices."""
    return [report.identity for report in choice.choose(choice.group(choice.candidates(reports)))]


def test_intels_runtime_comes_first_then_the_newest_pocl_then_the_rest(broken):
    reports = [
        cpu("apple", "Apple"),
        cpu("old", POCL, "3.1+debian"),
        cpu("rc", POCL, "3.0-rc2"),
        cpu("new", POCL, "10.0"),
        cpu("intel", INTEL, "2026.22"),
    ]
    order = []
    while len(order) < len(reports):
        order += served(reports)
        broken.add(order[-1])
    assert order == ["intel", "new", "old", "rc", "apple"]


def test_a_runtime_behind_the_chosen_one_is_not_probed_and_says_who_serves(broken):
    reports = [cpu("pocl", POCL), cpu("intel", INTEL)]
    assert served(reports) == ["intel"] and broken.asked == ["intel"]
    assert reports[0].works is None and "the same processor is served by intel" in reports[0].reason


def test_a_broken_runtime_says_why_and_the_next_serves(broken):
    broken.add("intel")
    reports = [cpu("pocl", POCL), cpu("intel", INTEL)]
    assert served(reports) == ["pocl"]
    assert reports[1].works is False and reports[1].reason.startswith("it fails (known from an earlier start")


def test_when_all_are_broken_none_is_chosen(broken):
    broken.update(["pocl", "intel"])
    assert served([cpu("pocl", POCL), cpu("intel", INTEL)]) == []


def test_a_runtimes_cpu_devices_serve_together_and_a_broken_one_of_them_is_left_out(broken):
    reports = [cpu("one", POCL, key=7), cpu("two", POCL, key=7), cpu("three", POCL, key=7)]
    broken.add("two")
    assert served(reports) == ["one", "three"]


def test_the_users_choice_of_platform_goes_before_the_rule(broken, monkeypatch):
    monkeypatch.setenv("GLNB_PLATFORM", "PORTABLE")
    reports = [cpu("pocl", POCL), cpu("intel", INTEL), gpu("g", 5)]
    assert served(reports) == ["pocl"]
    assert all("GLNB_PLATFORM=PORTABLE leaves out" in report.reason for report in reports[1:])


def test_one_gpu_seen_by_two_drivers_is_one_and_its_makers_driver_serves(broken):
    reports = [
        gpu("Chip", 1, pci=(0, 3, 0)),
        gpu("chip by its maker", 2, pci=(0, 3, 0), own_maker=True),
        gpu("Chip", 2, "other", pci=(0, 4, 0), own_maker=True),
    ]
    assert served(reports) == ["chip by its maker on 2", "other"]
    broken.add("chip by its maker on 2")
    assert sorted(served(reports)) == ["Chip on 1", "other"]


def test_without_a_place_on_the_bus_gpus_are_matched_by_name_and_number(broken):
    reports = [gpu("Chip", 1, "a1"), gpu("Chip", 1, "a2"), gpu("chip", 2, "b1"), gpu("CHIP", 2, "b2"), gpu("X", 2, "c")]
    assert [[[r.identity for r in devices] for devices in group] for group in choice.group(reports)] == [
        [["a1"], ["b1"]],
        [["a2"], ["b2"]],
        [["c"]],
    ]


def test_two_equal_gpus_of_one_platform_are_two(broken):
    assert served([gpu("Chip", 1, "first"), gpu("Chip", 1, "second")]) == ["first", "second"]


def test_accelerators_serve_only_without_a_gpu_and_custom_devices_never(broken):
    board = Report("board", "B", "board", "ACCELERATOR", platform_key=1)
    fixed = Report("fixed", "F", "fixed", "CUSTOM", platform_key=2)
    assert served([board, fixed]) == ["board"] and "fixed functions" in fixed.reason
    assert served([board, fixed, gpu("g", 3, "g")]) == ["g"] and "no GPU" in board.reason


def test_a_second_look_asks_the_probe_afresh(broken):
    broken.add("intel")
    reports = [cpu("intel", INTEL)]
    groups = choice.group(reports)
    assert choice.choose(groups) == []
    broken.clear()
    assert choice.choose(groups, fresh=True) == reports


def test_the_rule_names_what_overrides_it():
    assert "GLNB_PLATFORM" in choice.RULE
