"""Matrix products on every OpenCL device against NumPy in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphlab_nb import dtypes
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.ops.matmul import BatchMatMul, MatMul
from tests.kernels.harness import DirectLauncher, launchers, run_op


@pytest.fixture(scope="module", params=launchers(), ids=str)
def launcher(request: Any) -> DirectLauncher:
    """Each device, and each CPU treated as a GPU too."""
    return request.param.make()


@pytest.fixture(scope="module", params=launchers("CPU"), ids=str)
def cpu(request: Any) -> DirectLauncher:
    """Each CPU."""
    return request.param.make()


def operands(m: int, n: int, k: int, flip_a: bool, flip_b: bool, dtype: str, batch: tuple[int, ...] = ()) -> Any:
    rng = np.random.default_rng(m * 31 + n * 7 + k)
    a = rng.integers(-9, 10, (*batch, *((k, m) if flip_a else (m, k))))
    b = rng.integers(-9, 10, (*batch, *((n, k) if flip_b else (k, n))))
    if dtype != "int32":
        a, b = a + rng.random(a.shape), b + rng.random(b.shape)
    return a.astype(dtype), b.astype(dtype)


def check(result: np.ndarray, a: np.ndarray, b: np.ndarray, flip_a: bool, flip_b: bool) -> None:
    """Each sum may be off by a few roundings of the sum of its terms' magnitudes."""
    a, b = (np.swapaxes(v, -1, -2) if flip else v for v, flip in ((a, flip_a), (b, flip_b)))
    expected = a.astype(np.float64) @ b.astype(np.float64)
    assert result.shape == expected.shape
    size = np.abs(a).astype(np.float64) @ np.abs(b).astype(np.float64)
    epsilon = 0 if result.dtype.kind == "i" else np.finfo(result.dtype).eps
    assert np.all(np.abs(result - expected) <= 4 * epsilon * size)


FLIPS = [(False, False), (False, True), (True, False), (True, True)]


@pytest.mark.parametrize(("flip_a", "flip_b"), FLIPS)
@pytest.mark.parametrize(("m", "n", "k"), [(1, 1, 1), (5, 7, 3), (50, 130, 70), (96, 10, 600)])
def test_float32(launcher: DirectLauncher, m: int, n: int, k: int, flip_a: bool, flip_b: bool) -> None:
    a, b = operands(m, n, k, flip_a, flip_b, "float32")
    check(run_op(launcher, MatMul(flip_a, flip_b), a, b), a, b, flip_a, flip_b)


@pytest.mark.parametrize(("flip_a", "flip_b"), FLIPS)
@pytest.mark.parametrize(("m", "n", "k"), [(150, 261, 1100), (131, 600, 33), (129, 35, 2100), (20, 300, 700)])
def test_many_blocks(launcher: DirectLauncher, m: int, n: int, k: int, flip_a: bool, flip_b: bool) -> None:
    """Rows, columns and steps that fill several blocks, packed by one kernel for all work-items or by each of them."""
    a, b = operands(m, n, k, flip_a, flip_b, "float32")
    check(run_op(launcher, MatMul(flip_a, flip_b), a, b), a, b, flip_a, flip_b)


@pytest.mark.parametrize(("m", "packed"), [(20, False), (150, True)])
def test_what_many_rows_share_is_packed_once(cpu: DirectLauncher, m: int, packed: bool) -> None:
    launcher = DirectLauncher(cpu.found)
    a, b = operands(m, 300, 200, False, False, "float32", (2,))
    check(run_op(launcher, BatchMatMul(), a, b), a, b, False, False)
    assert [name for name, _ in launcher.calls] == ["matmul_pack_b"] * packed + ["matmul"]


@pytest.mark.parametrize(("flip_a", "flip_b"), [(False, False), (True, True)])
@pytest.mark.parametrize(("m", "n", "k"), [(30, 33, 65), (140, 180, 140)])
@pytest.mark.parametrize("dtype", ["float64", "int32", "float16"])
def test_other_types(launcher: DirectLauncher, dtype: str, m: int, n: int, k: int, flip_a: bool, flip_b: bool) -> None:
    if dtype not in launcher.traits.dtypes:
        pytest.skip(f"the device has no {dtype}")
    a, b = operands(m, n, k, flip_a, flip_b, dtype)
    check(run_op(launcher, MatMul(flip_a, flip_b), a, b), a, b, flip_a, flip_b)


@pytest.mark.parametrize(("flip_a", "flip_b"), FLIPS)
def test_long_sums_are_split(launcher: DirectLauncher, flip_a: bool, flip_b: bool) -> None:
    a, b = operands(5, 7, 60_000, flip_a, flip_b, "float32")
    result = run_op(launcher, MatMul(flip_a, flip_b), a, b)
    assert any(name == "sum_parts" for name, _ in launcher.calls)
    check(result, a, b, flip_a, flip_b)


@pytest.mark.parametrize("flip_a", [False, True])
@pytest.mark.parametrize(
    ("m", "n", "k"), [(100, 10, 784), (784, 10, 100), (33, 1, 5), (70, 16, 1), (41, 9, 3), (64, 13, 2)]
)
def test_few_columns(launcher: DirectLauncher, m: int, n: int, k: int, flip_a: bool) -> None:
    a, b = operands(m, n, k, flip_a, False, "float32")
    check(run_op(launcher, MatMul(flip_a, False), a, b), a, b, flip_a, False)


@pytest.mark.parametrize(("flip_a", "flip_b"), FLIPS)
@pytest.mark.parametrize(
    ("m", "n", "k"),
    [(1, 9000, 70), (1, 33, 9), (3, 1000, 610), (8, 77, 13), (7, 600, 1001), (300, 1, 1030), (1, 1, 5000)],
)
def test_few_rows_and_vectors(launcher: DirectLauncher, m: int, n: int, k: int, flip_a: bool, flip_b: bool) -> None:
    a, b = operands(m, n, k, flip_a, flip_b, "float32")
    check(run_op(launcher, MatMul(flip_a, flip_b), a, b), a, b, flip_a, flip_b)


@pytest.mark.parametrize(
    ("m", "n", "flip_a", "flip_b", "kernel"),
    [
        (1, 50, False, False, "matmul_flat"),
        (8, 50, True, False, "matmul_flat"),
        (50, 1, True, False, "matmul_flat"),
        (1, 50, True, True, "matmul_dot"),
        (50, 1, False, True, "matmul_dot"),
        (9, 50, False, False, "matmul"),
        (8, 50, False, True, "matmul"),
    ],
)
def test_where_a_matrix_is_read_once(
    cpu: DirectLauncher, m: int, n: int, flip_a: bool, flip_b: bool, kernel: str
) -> None:
    launcher = DirectLauncher(cpu.found)
    a, b = operands(m, n, 20, flip_a, flip_b, "int32")
    check(run_op(launcher, MatMul(flip_a, flip_b), a, b), a, b, flip_a, flip_b)
    assert [name for name, _ in launcher.calls] == [kernel]


@pytest.mark.parametrize(("flip_a", "flip_b"), FLIPS)
@pytest.mark.parametrize("batch", [(6,), (2, 3)])
def test_batches(launcher: DirectLauncher, batch: tuple[int, ...], flip_a: bool, flip_b: bool) -> None:
    a, b = operands(9, 20, 11, flip_a, flip_b, "float32", batch)
    check(run_op(launcher, BatchMatMul(flip_a, flip_b), a, b), a, b, flip_a, flip_b)


def test_nothing_to_sum_gives_zeros(launcher: DirectLauncher) -> None:
    result = run_op(launcher, MatMul(), np.ones((3, 0), np.float32), np.ones((0, 4), np.float32))
    assert np.array_equal(result, np.zeros((3, 4)))


@pytest.mark.parametrize("shape", [(0, 3, 2), (3, 0, 2)])
def test_empty_results(launcher: DirectLauncher, shape: tuple[int, int, int]) -> None:
    m, n, k = shape
    assert run_op(launcher, MatMul(), np.ones((m, k), np.float32), np.ones((k, n), np.float32)).shape == (m, n)


def test_what_lies_beyond_the_operands_does_not_matter(launcher: DirectLauncher) -> None:
    """Columns and rows that fill the last tiles are NaN here: the last row's neighbours in memory."""
    a, b = operands(7, 10, 20, False, False, "float32")
    full = np.full((3, 20, 10), np.nan, np.float32)
    full[0] = b
    left = np.full((3, 7, 20), np.nan, np.float32)
    left[0] = a
    result = run_op(launcher, BatchMatMul(), left, full)
    check(result[0], a, b, False, False)
    assert np.isnan(result[1:]).all()


def test_the_same_numbers_each_time(launcher: DirectLauncher) -> None:
    a, b = operands(64, 70, 3000, False, True, "float32")
    first = run_op(launcher, MatMul(False, True), a, b)
    assert all(np.array_equal(first, run_op(launcher, MatMul(False, True), a, b)) for _ in range(3))


@pytest.mark.parametrize(
    ("lanes", "registers", "memory"), [(16, 32, 262144), (4, 32, 32768), (4, 16, 16384), (8, 16, 49152)]
)
def test_other_processors_tiles(cpu: DirectLauncher, lanes: int, registers: int, memory: int) -> None:
    """Tiles for wider and narrower vectors and less local memory are right as well."""
    traits = replace(cpu.traits, lanes=lanes, vector_registers=registers, local_memory=memory)
    other = DirectLauncher(cpu.found, traits)
    for flips in [(False, False), (True, True)]:
        for m in (61, 200, 1, 5):
            a, b = operands(m, 77, 300, *flips, "float32")
            check(run_op(other, MatMul(*flips), a, b), a, b, *flips)


def dims(*shape: int | None, dtype: Any = None) -> Spec:
    return Spec(dtype or dtypes.float32, shape)


def test_unknown_dimensions_are_carried_on() -> None:
    assert MatMul().infer(dims(None, 784), dims(784, 10)).dims == (None, 10)
    assert MatMul(True, True).infer(dims(None, 5), dims(10, None)).dims == (5, 10)
    assert MatMul().infer(Spec(dtypes.float32, None), dims(784, 10)).dims == (None, 10)
    assert BatchMatMul().infer(dims(None, 3, 4), dims(2, None, 5)).dims == (2, 3, 5)
    assert BatchMatMul().infer(Spec(dtypes.float32, None), Spec(dtypes.float32, None)).dims is None


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(3, 4\).*\(5, 6\)"):
        MatMul().infer(dims(3, 4), dims(5, 6))
    with pytest.raises(ValueError, match=r"rank 2.*\(3,\).*\(3, 6\)"):
        MatMul().infer(dims(3), dims(3, 6))
    with pytest.raises(ValueError, match=r"\(2, 3, 4\).*\(5, 4, 6\)"):
        BatchMatMul().infer(dims(2, 3, 4), dims(5, 4, 6))
    with pytest.raises(ValueError, match="ranks"):
        BatchMatMul().infer(dims(2, 3, 4), dims(1, 2, 4, 6))


def test_types_that_do_not_fit_are_named() -> None:
    with pytest.raises(TypeError, match=r"float32.*float64"):
        MatMul().infer(dims(3, 4), dims(4, 3, dtype=dtypes.float64))
    with pytest.raises(TypeError, match="uint8"):
        MatMul().infer(dims(3, 4, dtype=dtypes.uint8), dims(4, 3, dtype=dtypes.uint8))
