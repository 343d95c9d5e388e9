"""Tiles' sizes are measured on demand, kept on disk, and used by the processes after."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab_nb import dtypes, version
from graphlab_nb.launch import Array, Tiles
from graphlab_nb.ops import product_tiles, tiles
from graphlab_nb.ops.matmul import launch_product
from graphlab_nb.runtime import device, tile_cache, tune
from tests.kernels.harness import DirectLauncher, launchers

FOUND = Tiles(rows=4, vectors=3, longest=96, block_bytes=48 * 1024)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, not yet there."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("GLNB_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def cpu() -> device.Device:
    found = device.discover().of_kind("CPU")
    if not found:
        pytest.skip("no CPU")
    return found[0]


def test_what_was_kept_is_found_again() -> None:
    assert tile_cache.load("a device") == Tiles()
    assert tile_cache.store("a device", FOUND) == tile_cache.cache_file("a device")
    assert tile_cache.load("a device") == FOUND


def test_other_drivers_and_versions_have_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    tile_cache.store("platform | device | driver 1", FOUND)
    assert tile_cache.load("platform | device | driver 2") == Tiles()
    monkeypatch.setattr(version, "__version__", "99.0")
    assert tile_cache.load("platform | device | driver 1") == Tiles()


def test_a_file_of_another_device_is_not_taken() -> None:
    tile_cache.store("one", FOUND)
    tile_cache.cache_file("one").rename(tile_cache.cache_file("two"))
    assert tile_cache.load("two") == Tiles()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[1, 2]",
        lambda text: "[" * 200_000,
        lambda text: text.replace('"rows": 4', '"rows": -4'),
        lambda text: text.replace('"rows": 4', '"rows": 4000000'),
        lambda text: text.replace('"rows": 4', '"rows": 0'),
        lambda text: text.replace('"rows": 4', '"rows": "4"'),
        lambda text: text.replace('"longest"', '"length"'),
        lambda text: "\udcff",
    ],
)
def test_a_damaged_file_is_ignored_and_written_anew(damage: Any) -> None:
    path = tile_cache.store("a device", FOUND)
    assert path is not None
    path.write_bytes(damage(path.read_text()).encode(errors="surrogateescape"))
    assert tile_cache.load("a device") == Tiles()
    tile_cache.store("a device", FOUND)
    assert tile_cache.load("a device") == FOUND


def test_without_a_cache_nothing_is_kept_and_nothing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert tile_cache.store("a device", FOUND) is None
    assert tile_cache.load("a device") == Tiles()


def test_processes_that_write_at_once_leave_a_whole_file(cache: Path) -> None:
    code = f"""
import sys; sys.path[:] = {sys.path!r}
from graphlab_nb.launch import Tiles
from graphlab_nb.runtime import tile_cache
for steps in range(1, 300):
    tile_cache.store("a device", Tiles(4, 3, steps, 4096 * int(sys.argv[1])))
    assert tile_cache.load("a device").rows == 4
"""
    writers = [subprocess.Popen([sys.executable, "-c", code, str(number)]) for number in (1, 2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert tile_cache.load("a device").longest == 299
    assert [path.name for path in cache.iterdir()] == [tile_cache.cache_file("a device").name]


def test_the_next_process_uses_what_was_kept(cpu: device.Device) -> None:
    tile_cache.store(cpu.identity, FOUND)
    code = f"""
import sys; sys.path[:] = {sys.path!r}
from graphlab_nb.runtime import device
print([one.traits.tiles.longest for one in device.discover().devices if one.kind == "CPU"][0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["96"]


def test_measured_sizes_shape_the_plan() -> None:
    traits = replace(launchers("CPU")[0].found.traits, tiles=FOUND, lanes=8, vector_registers=16)
    plan = product_tiles.plan(traits, dtypes.float32, 1000, 1000, 1000, 1, False)
    assert (plan.tile.rows, plan.tile.vectors) == (4, 3)
    assert plan.chunk <= 96 and plan.a_room == 12 * 1024 and plan.packed
    assert tiles.cpu_tiles(traits, dtypes.float32, 1000, 1000).rows == 4
    assert tiles.register_tile(traits, dtypes.float64, 1000, 1000).vectors == 2
    rule = product_tiles.plan(replace(traits, tiles=Tiles()), dtypes.float32, 1000, 1000, 1000, 1, False)
    assert rule.chunk > 96


@pytest.mark.parametrize("choice", launchers("CPU"), ids=str)
@pytest.mark.parametrize("found", [FOUND, Tiles(3, 1), Tiles(7, 4, 5, 256), Tiles(longest=2000, block_bytes=1 << 20)])
@pytest.mark.parametrize(("flip_a", "flip_b"), [(False, False), (True, True)])
def test_products_are_right_whatever_was_measured(choice: Any, found: Tiles, flip_a: bool, flip_b: bool) -> None:
    rng = np.random.default_rng(0)
    for m, n, k in ((30, 90, 70), (150, 200, 300)):
        run = DirectLauncher(choice.found, replace(choice.found.traits, tiles=found))
        a = rng.random((k, m) if flip_a else (m, k), np.float32)
        b = rng.random((n, k) if flip_b else (k, n), np.float32)
        c = Array((m, n), dtypes.float32)
        launch_product(run, c, run.put(a), run.put(b), flip_a, flip_b, (m, n, k))
        expected = (a.T if flip_a else a).astype(float) @ (b.T if flip_b else b)
        assert np.abs(run.get(c) - expected).max() <= 1e-4 * expected.max()


def test_tuning_takes_the_fastest(cpu: device.Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """With times made up: half of the rule's for one register tile, and less again for one kind of blocks."""
    described: list[Tiles] = []

    def work(run: Any) -> None:
        described.append(run.traits.tiles)

    def seconds(recorder: Any) -> float:
        sizes = recorder.traits.tiles
        return (0.5 if sizes.rows == 4 else 1.0) * (0.9 if sizes.longest == 512 else 1.0)

    monkeypatch.setattr(tune, "REGISTER_TILES", {16: ((6, 2), (4, 3)), 32: ((6, 2), (4, 3))})
    monkeypatch.setattr(tune._Recorder, "seconds", seconds)
    lines: list[str] = []
    assert tune.tune(cpu, {"work": work}, lines.append, rounds=1) == Tiles(4, 3, 512, 160 * 1024)
    assert len(lines) == len(described) == 3 + 1 + len(tune.BLOCKS) + 2
    assert any("4 rows x 3 vectors" in line and "200 %" in line for line in lines)


def test_the_rule_stays_where_nothing_is_much_faster(cpu: device.Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tune._Recorder, "seconds", lambda recorder: 0.98 if recorder.traits.tiles.rows else 1.0)
    assert tune.tune(cpu, {"work": lambda run: None}, lambda line: None, rounds=1) == Tiles()


def test_kernels_are_run_for_each_candidate(cpu: device.Device) -> None:
    def work(run: Any) -> None:
        a, b, c = (Array((64, 64), dtypes.float32) for _ in range(3))
        launch_product(run, c, a, b, False, False, (64, 64, 64))

    lines: list[str] = []
    tune.tune(cpu, {"work": work}, lines.append, rounds=1)
    assert len(lines) > len(tune.BLOCKS) and all("%" in line for line in lines)


def test_the_file_says_what_it_is_about() -> None:
    path = tile_cache.store("a device", FOUND)
    assert path is not None
    assert json.loads(path.read_text())["identity"] == "a device"
