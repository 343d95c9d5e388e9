"""Statistics, histograms and pictures that a device makes, against NumPy, in the kernels' form for CPUs and that for GPUs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb import dtypes
from graphlab_nb.runtime.buffer import constant_buffer
from graphlab_nb.session.inspect import MOST_BINS, MOST_PICKED, Inspector, Section, section
from graphlab_nb.session.resources import Numbers
from graphlab_nb.session.statistics import Histogram, Statistics
from tests.kernels.harness import as_gpu

TYPES = [
    "float16",
    "float32",
    "float64",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "bool",
]


@pytest.fixture(params=["as it is", "as a GPU", "without float64"])
def sess(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tf.Session]:
    """A session whose first device's kernels for inspection take one of the forms that devices have."""
    with tf.Graph().as_default(), tf.Session() as made:
        device = made._resources.devices[0].device
        if request.param == "as a GPU":
            monkeypatch.setattr(device, "traits", as_gpu(device.traits))
        if request.param == "without float64":
            monkeypatch.setattr(device, "traits", replace(device.traits, dtypes=device.traits.dtypes - {"float64"}))
        yield made


@pytest.fixture
def plain() -> Iterator[tf.Session]:
    with tf.Graph().as_default(), tf.Session() as made:
        yield made


def wide(sess: tf.Session) -> bool:
    """Whether sums are made in float64."""
    return "float64" in sess._resources.devices[0].device.traits.dtypes


def put(sess: tf.Session, value: np.ndarray) -> Numbers:
    """An array in the first device's memory."""
    value = np.ascontiguousarray(value)
    buffer = constant_buffer(sess._resources.devices[0].device.context, value)
    return Numbers(buffer, 0, dtypes.as_dtype(value.dtype), value.shape)


def expected(value: np.ndarray) -> Statistics:
    exact = value.astype(np.longdouble).ravel()
    finite = exact[np.isfinite(exact)]
    nan, inf = int(np.isnan(exact).sum()), int(np.isinf(exact).sum())
    zeros, negative = int((exact == 0).sum()), int((finite < 0).sum())
    if not finite.size:
        odd = value.ravel()[~np.isnan(value.ravel())].astype(np.float64)
        norm = math.inf if odd.size else math.nan if exact.size else 0.0
        with np.errstate(invalid="ignore"):
            numbers = [float(f(odd)) if odd.size else math.nan for f in (np.mean, np.std, np.min, np.max)]
        return Statistics(exact.size, *numbers, norm, zeros, negative, nan, inf)
    mean = finite.mean()
    deviation = np.sqrt(((finite - mean) ** 2).mean())
    norm = np.sqrt((finite**2).sum())
    numbers = [float(n) for n in (mean, deviation, finite.min(), finite.max(), norm)]
    return Statistics(exact.size, *numbers, zeros, negative, nan, inf)


def check(sess: tf.Session, value: np.ndarray) -> None:
    hold(Inspector(sess).statistics([put(sess, value)]).result()[0], value, wide(sess))


def hold(found: Statistics, value: np.ndarray, exact_sums: bool) -> None:
    """Holds statistics to those of the value, with room for the roundings of sums."""
    wanted = expected(value)
    for name in ("count", "zeros", "negative", "nan", "inf", "min", "max"):
        np.testing.assert_equal(getattr(found, name), getattr(wanted, name), err_msg=name)
    ulp = 1e-12 if exact_sums else 2e-6
    size = max(abs(wanted.min), abs(wanted.max)) if wanted.count > wanted.nan + wanted.inf else 0.0
    np.testing.assert_allclose(found.mean, wanted.mean, rtol=ulp, atol=ulp * size / 10, err_msg="mean")
    np.testing.assert_allclose(
        found.deviation, wanted.deviation, rtol=10 * ulp, atol=ulp * size / 10, err_msg="deviation"
    )
    np.testing.assert_allclose(found.norm, wanted.norm, rtol=10 * ulp, err_msg="norm")


def available(sess: tf.Session, dtype: str) -> bool:
    return dtype in sess._resources.devices[0].device.traits.dtypes


def random(dtype: str, size: int) -> np.ndarray:
    rng = np.random.RandomState(size)
    if dtype == "bool":
        return rng.rand(size) < 0.3
    if dtype.startswith("float"):
        return (rng.randn(size) * 3 + 1).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.randint(limits.min, limits.max, size, dtype)


@pytest.mark.parametrize("size", [1, 2, 15, 17, 1000, 100_003])
@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_and_size(sess: tf.Session, dtype: str, size: int) -> None:
    if available(sess, dtype):
        check(sess, random(dtype, size))


@pytest.mark.parametrize("dtype", TYPES)
def test_the_limits_of_each_type(sess: tf.Session, dtype: str) -> None:
    if not available(sess, dtype) or dtype == "bool":
        return
    limits = np.finfo(dtype) if dtype.startswith("float") else np.iinfo(dtype)
    found = Inspector(sess).statistics([put(sess, np.array([limits.min, limits.max, 0], dtype))]).result()[0]
    assert (found.min, found.max) == (float(limits.min), float(limits.max))
    assert found.zeros == 1 + (limits.min == 0) and not math.isnan(found.deviation)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("size", [3, 64, 5000, 200_001])
def test_what_is_not_finite_is_counted_and_left_out(sess: tf.Session, dtype: str, size: int) -> None:
    if not available(sess, dtype):
        return
    value = random(dtype, size)
    value[:: max(size // 3, 2)] = np.nan
    value[1 :: max(size // 5, 2)] = np.inf
    value[2 :: max(size // 7, 3)] = -np.inf
    check(sess, value)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("size", [1, 33, 70_000])
def test_nothing_finite(sess: tf.Session, odd: float, size: int) -> None:
    check(sess, np.full(size, odd, np.float32))
    statistics, histogram = Inspector(sess).histogram(put(sess, np.full(size, odd, np.float32)), 16).result()
    np.testing.assert_equal(statistics.mean, odd)
    assert histogram.counts.sum() == 0 and math.isnan(histogram.quantile(0.5)) and math.isnan(histogram.low)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("size", [2, 3, 1000, 100_001])
def test_infinities_of_both_signs_and_nan_are_told_of_as_numpy_does(sess: tf.Session, dtype: str, size: int) -> None:
    if not available(sess, dtype):
        return
    value = np.full(size, np.inf, dtype)
    value[1::2] = -np.inf
    check(sess, value)
    value[1::2] = np.nan
    check(sess, value)
    found = Inspector(sess).statistics([put(sess, value)]).result()[0]
    assert (found.mean, found.min, found.max, found.norm) == (np.inf,) * 4 and found.nan == size // 2


def test_numbers_whose_squares_are_beyond_float64(sess: tf.Session) -> None:
    if not wide(sess):
        return
    rng = np.random.RandomState(0)
    large, small = rng.randn(60_000) * 1e300, rng.randn(60_000) * 1e-300
    plain = rng.randn(60_000)
    mixed = np.array([1e300, 0.1, 1e-300, 1 / 3])
    for value in (
        np.array(1e300),
        mixed,
        np.array([1e-300, 3e-300]),
        np.array([5e-324, 0.0]),
        np.array([1.7e308, -1.7e308]),
    ):
        check(sess, value)
    for parts in (
        (large,),
        (small,),
        (large, small, plain),
        (plain, small, large),
        (np.zeros(60_000), small, np.zeros(9)),
    ):
        check(sess, np.concatenate(parts))
    found = Inspector(sess).statistics([put(sess, np.array(1e300))]).result()[0]
    assert (found.mean, found.deviation, found.norm) == (1e300, 0, 1e300)
    found = Inspector(sess).statistics([put(sess, np.full(9, 1.7e308))]).result()[0]
    assert (found.mean, found.deviation, found.norm) == (1.7e308, 0, math.inf)


def test_what_is_taken_out_of_large_numbers_changes_nothing_else(sess: tf.Session) -> None:
    if not wide(sess):
        return
    value = np.random.RandomState(1).randn(100_003)
    found, times = Inspector(sess).statistics([put(sess, value), put(sess, value * 2.0**900)]).result()
    for name in ("mean", "deviation", "norm"):
        np.testing.assert_allclose(getattr(times, name) / 2.0**900, getattr(found, name), rtol=1e-12)


@pytest.mark.parametrize("block", [(2, 3), (8, 200)])
def test_means_of_numbers_whose_sum_is_too_large(sess: tf.Session, block: tuple[int, int]) -> None:
    if not wide(sess):
        return
    value = np.full((40, 1000), 1.5e308)
    for axes in ((0, 1), (1, 0)):
        found = Inspector(sess).picture(put(sess, value), section(value.shape, axes), block).result()
        np.testing.assert_allclose(found, np.full(found.shape, 1.5e308), rtol=1e-12)
    value[3, 5] = np.inf
    found = Inspector(sess).picture(put(sess, value), section(value.shape), block).result()
    assert np.isinf(found).sum() == 1


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_no_element(sess: tf.Session, dtype: str) -> None:
    check(sess, np.zeros((0, 3), dtype))
    statistics, histogram = Inspector(sess).histogram(put(sess, np.zeros(0, dtype)), 7).result()
    assert statistics.count == 0 and not histogram.counts.any()
    assert Inspector(sess).statistics([]).result() == []
    assert Inspector(sess).picture(put(sess, np.zeros((0, 3), dtype)), section((0, 3))).result().shape == (0, 3)


def test_zeros_of_both_signs_and_denormal_numbers(plain: tf.Session) -> None:
    value = np.array([0.0, -0.0, 1e-45, -1e-45, 1e-40, 3e-39, -3e-39, 0.0], np.float32)
    found = Inspector(plain).statistics([put(plain, value)]).result()[0]
    assert (found.zeros, found.negative) == (3, 2)
    assert (found.min, found.max) == (value.min(), value.max())
    np.testing.assert_allclose(found.norm, np.linalg.norm(value.astype(np.float64)), rtol=1e-12)


def test_numbers_whose_squares_are_too_large_for_their_type(plain: tf.Session) -> None:
    check(plain, np.array([3e38, 3.2e38, -1e38, 2e38] * 100, np.float32))
    check(plain, np.array([65504, -65504, 60000] * 50, np.float32))


@pytest.mark.parametrize("shift", [1e4, -1e6])
def test_a_small_deviation_from_a_large_mean(sess: tf.Session, shift: float) -> None:
    value = (np.random.RandomState(0).randn(300_000) + shift).astype(np.float32)
    found = Inspector(sess).statistics([put(sess, value)]).result()[0]
    np.testing.assert_allclose(found.deviation, value.std(dtype=np.float64), rtol=1e-9 if wide(sess) else 5e-3)
    np.testing.assert_allclose(found.mean, value.mean(dtype=np.float64), rtol=1e-12 if wide(sess) else 1e-6)


def test_an_outlier_in_front_and_numbers_that_drift(sess: tf.Session) -> None:
    value = np.random.RandomState(0).randn(200_000).astype(np.float32)
    value[0] = 1e10
    check(sess, value)
    check(sess, np.linspace(-1e3, 1e6, 200_000).astype(np.float32))
    check(sess, np.full(100_000, 0.1, np.float32))


def test_ten_million(sess: tf.Session) -> None:
    value = np.random.RandomState(0).randn(10_000_000).astype(np.float32) * 0.02
    value[12345] = np.nan
    check(sess, value)
    _, histogram = Inspector(sess).histogram(put(sess, value), 1024).result()
    low, high = np.nanquantile(value, [0.01, 0.99])
    width = (histogram.high - histogram.low) / 1024
    assert abs(histogram.quantile(0.01) - low) < width and abs(histogram.quantile(0.99) - high) < width
    assert histogram.counts.sum() == 9_999_999


def counted(value: np.ndarray, bins: int, low: float, high: float) -> np.ndarray:
    finite = value.astype(np.float64).ravel()
    finite = finite[np.isfinite(finite)]
    return np.histogram(finite, bins, (low, high))[0]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("size", "bins"), [(1, 1), (37, 10), (5000, 64), (150_001, 1024), (3000, MOST_BINS)])
def test_histograms_between_the_extremes(sess: tf.Session, dtype: str, size: int, bins: int) -> None:
    if not available(sess, dtype):
        return
    value = random(dtype, size)
    if dtype.startswith("float") and size > 30:
        value[::9], value[1::9], value[2::9] = np.nan, np.inf, -np.inf
    statistics, histogram = Inspector(sess).histogram(put(sess, value), bins).result()
    assert histogram.counts.dtype == np.uint32 and histogram.counts.shape == (bins,)
    assert histogram.counts.sum() == statistics.count - statistics.nan - statistics.inf
    assert histogram.low < histogram.high
    wanted = counted(value, bins, histogram.low, histogram.high)
    # Numbers on a border may be counted on either side of it.
    moved = np.abs(np.cumsum(histogram.counts.astype(np.int64)) - np.cumsum(wanted)).max()
    borders = 0 if dtype in ("float32", "float64") and wide(sess) else size * 0.02
    assert moved <= borders, (moved, borders)


def test_histograms_between_given_limits_leave_out_what_is_outside(sess: tf.Session) -> None:
    value = random("float32", 50_000)
    value[::100] = np.nan
    inspector, numbers = Inspector(sess), put(sess, value)
    for limits in [(-1.0, 2.5), (0.0, 0.0), (100.0, 200.0), (-1.0, 2.5)]:
        _, histogram = inspector.histogram(numbers, 50, limits).result()
        low, high = limits if limits != (0.0, 0.0) else (-0.5, 0.5)
        assert (histogram.low, histogram.high) == (low, high)
        wanted = counted(value, 50, low, high)
        assert np.abs(np.cumsum(histogram.counts.astype(np.int64)) - np.cumsum(wanted)).max() <= (
            0 if wide(sess) else 50
        )
    _, histogram = inspector.histogram(numbers, 50).result()
    assert histogram.counts.sum() == np.isfinite(value).sum()


@pytest.mark.parametrize("value", [0.0, 5.0, -3e38])
def test_the_histogram_of_one_number_many_times(sess: tf.Session, value: float) -> None:
    statistics, histogram = Inspector(sess).histogram(put(sess, np.full(30_000, value, np.float32)), 9).result()
    assert histogram.counts.sum() == 30_000 and histogram.counts.max() == 30_000
    assert statistics.deviation == 0


def test_several_tensors_of_several_types_in_one_go(sess: tf.Session) -> None:
    values = [random(t, n) for t in TYPES for n in (5, 40_000) if available(sess, t)]
    values += [random("float32", 10 * k) for k in range(20)]
    values = [values[k] for k in np.random.RandomState(0).permutation(len(values))]
    targets = [put(sess, v) for v in values]
    inspector = Inspector(sess)
    for _ in range(2):
        found = inspector.summaries(targets, 8).result()
        for value, summary in zip(values, found, strict=True):
            hold(summary.statistics, value, wide(sess))
            assert summary.histogram is not None and summary.histogram.counts.sum() == np.isfinite(value).sum()


def test_limits_for_each_of_several_tensors(sess: tf.Session) -> None:
    values = [random("int32", 100), random("float32", 2000), random("int32", 500)]
    limits = [(-1e9, 1e9), (-1.0, 1.0), (0.0, 2e9)]
    found = Inspector(sess).summaries([put(sess, v) for v in values], 20, limits).result()
    for value, (low, high), summary in zip(values, limits, found, strict=True):
        assert summary.histogram is not None
        assert abs(int(summary.histogram.counts.sum()) - ((value >= low) & (value <= high)).sum()) <= 1


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("block", [(1, 1), (2, 3), (7, 40), (3, 200), (1000, 1000)])
def test_pictures_are_means_of_blocks(sess: tf.Session, dtype: str, block: tuple[int, int]) -> None:
    if not available(sess, dtype):
        return
    value = random(dtype, 50 * 1183).reshape(50, 1183)
    numbers, inspector = put(sess, value), Inspector(sess)
    largest = np.abs(value.astype(np.float64)).max()
    for axes in ((0, 1), (1, 0)):
        exact = value.astype(np.float64).transpose(axes)
        found = inspector.picture(numbers, section(value.shape, axes), block).result()
        wanted = [
            [exact[i : i + block[0], j : j + block[1]].mean() for j in range(0, exact.shape[1], block[1])]
            for i in range(0, exact.shape[0], block[0])
        ]
        more = value.dtype.itemsize == 8 or dtype in ("int32", "uint32")
        assert found.dtype == (np.float64 if more and wide(sess) else np.float32)
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=2e-7 * largest)


def test_pictures_of_parts_of_tensors_of_any_rank(sess: tf.Session) -> None:
    value = random("float32", 3 * 4 * 50 * 60).reshape(3, 50, 4, 60)
    numbers, inspector = put(sess, value), Inspector(sess)
    part = section(value.shape, (1, 3), (2, 1), (10, 33), (5, 999))
    assert part == Section(part.offset, 23, 55, 240, 1)
    np.testing.assert_array_equal(inspector.picture(numbers, part).result(), value[2, 10:33, 1, 5:])
    part = section(value.shape, (2, 0), (7, 9))
    np.testing.assert_array_equal(inspector.picture(numbers, part).result(), value[:, 7, :, 9].T)
    line = random("float32", 77)
    np.testing.assert_array_equal(inspector.picture(put(sess, line), section((77,))).result(), line[None])
    number = np.array(3.5, np.float32)
    np.testing.assert_array_equal(inspector.picture(put(sess, number), section(())).result(), [[3.5]])
    assert inspector.picture(numbers, section(value.shape, (1, 3), (0, 0), (20, 10))).result().size == 0


def test_a_picture_shows_where_a_nan_is(sess: tf.Session) -> None:
    value = np.ones((64, 64), np.float32)
    value[10, 50], value[40, 3], value[60, 60], value[61, 61] = np.nan, np.inf, np.inf, -np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = value.reshape(8, 8, 8, 8).mean((1, 3))
    np.testing.assert_array_equal(
        Inspector(sess).picture(put(sess, value), section(value.shape), (8, 8)).result(), wanted
    )
    assert np.isnan(wanted).sum() == 2 and np.isinf(wanted).sum() == 1


@pytest.mark.parametrize(
    ("axes", "index"), [((0, 2), ()), ((0, 0), (0,)), ((0, 1, 2), ()), ((0,), (5,)), ((0,), (0, 0))]
)
def test_sections_that_a_tensor_does_not_have(axes: Any, index: Any) -> None:
    with pytest.raises(ValueError, match=r"has no axes|is no position"):
        section((4, 5), axes, index)


@pytest.mark.parametrize("dtype", TYPES)
def test_numbers_picked_one_by_one(sess: tf.Session, dtype: str) -> None:
    if not available(sess, dtype):
        return
    value = random(dtype, 5 * 6 * 7 * 8).reshape(5, 6, 7, 8)
    numbers, inspector = put(sess, value), Inspector(sess)
    found = inspector.picked(numbers, (7, 5, 3, 2), (8, 336, 56, 1), 56 + 3).result()
    assert found.dtype == value.dtype
    np.testing.assert_array_equal(found, value[:, 1:4, :, 3:5].transpose(2, 0, 1, 3))
    np.testing.assert_array_equal(inspector.picked(numbers, (8,), (-1,), 7).result(), value[0, 0, 0, ::-1])
    assert inspector.picked(numbers, (), (), 9).result() == value.ravel()[9]
    assert inspector.picked(numbers, (0, 3), (1, 1)).result().shape == (0, 3)


def test_picked_numbers_stay_inside_of_the_tensor(plain: tf.Session) -> None:
    numbers, inspector = put(plain, np.zeros(100, np.float32)), Inspector(plain)
    for lengths, steps, offset in [((101,), (1,), 0), ((2,), (-1,), 0), ((1,), (1,), 100), ((1,) * 5, (1,) * 5, 0)]:
        with pytest.raises(ValueError, match=r"are not in a tensor|can be picked"):
            inspector.picked(numbers, lengths, steps, offset)
    with pytest.raises(ValueError, match="can be picked"):
        inspector.picked(numbers, (MOST_PICKED + 1,), (0,))


def test_variables_at_the_point_where_they_are_asked_for(plain: tf.Session) -> None:
    v = tf.Variable(np.zeros(5000, np.float32))
    other = tf.Variable(np.arange(12, dtype=np.int32).reshape(3, 4))
    add = v.assign_add(np.ones(5000, np.float32))
    plain.run(tf.initialize_all_variables())
    inspector = Inspector(plain)
    pending = []
    for _ in range(20):
        pending.append(inspector.statistics([v, other.op]))
        plain.run(add.op)
    for k, one in enumerate(pending):
        first, second = one.result()
        assert (first.mean, first.deviation, first.zeros) == (k, 0, 5000 if k == 0 else 0)
        assert (second.max, second.count) == (11, 12)
        assert one.ready()
    np.testing.assert_array_equal(inspector.picture(other, section((3, 4))).result(), np.arange(12).reshape(3, 4))


def test_a_variable_that_takes_another_shape(plain: tf.Session) -> None:
    x = tf.placeholder(tf.float32)
    v = tf.Variable(x, validate_shape=False)
    inspector = Inspector(plain)
    for size in (3, 70_000, 10):
        plain.run(v.initializer, {x: np.full(size, 2, np.float32)})
        found = inspector.statistics([v]).result()[0]
        assert (found.count, found.mean) == (size, 2)


def test_what_cannot_be_inspected(plain: tf.Session) -> None:
    v = tf.Variable(1.0)
    inspector = Inspector(plain)
    with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized"):
        inspector.statistics([v])
    plain.run(v.initializer)
    with pytest.raises(ValueError, match="bins"):
        inspector.histogram(v, MOST_BINS + 1)
    with pytest.raises(ValueError, match="limits"):
        inspector.histogram(v, 5, (0.0, math.nan))
    with pytest.raises(ValueError, match="block"):
        inspector.picture(v, section(()), (0, 1))
    plain.close()
    with pytest.raises(RuntimeError, match="closed"):
        inspector.statistics([v])


def test_several_devices() -> None:
    with tf.Graph().as_default():
        with tf.device("/cpu:1"):
            a = tf.Variable(np.arange(100, dtype=np.float32))
        with tf.device("/cpu:0"):
            b = tf.Variable(np.full(7, 3, np.float32))
        with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2, "GPU": 0})) as sess:
            sess.run(tf.initialize_all_variables())
            found = Inspector(sess).summaries([a, b, a], 4).result()
            assert [s.statistics.mean for s in found] == [49.5, 3, 49.5]
            assert [list(s.histogram.counts) for s in found if s.histogram] == [[25] * 4, [0, 0, 7, 0], [25] * 4]
            np.testing.assert_array_equal(Inspector(sess).picture(a, section((100,))).result()[0], np.arange(100))


def test_quantiles_come_from_the_bins() -> None:
    histogram = Histogram(0.0, 10.0, np.array([10, 0, 0, 0, 10], np.uint32))
    assert histogram.quantile(0.0) == 0 and histogram.quantile(1.0) == 10
    assert histogram.quantile(0.25) == pytest.approx(1) and histogram.quantile(0.75) == pytest.approx(9)
    assert Histogram(-3e38, 3e38, np.array([1, 1], np.uint32)).quantile(0.5) == pytest.approx(0, abs=1e25)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_histogram_of_the_largest_and_of_the_smallest_numbers(dtype):
    most, least = np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal
    for x, expected in (
        (np.array([-most, 0, most, -most, np.nan, np.inf] * 7, dtype), [14, 0, 7, 7]),
        (np.array([0, least] * 20, dtype), None),
    ):
        with tf.Graph().as_default(), tf.Session() as sess:
            v = tf.Variable(x)
            sess.run(tf.global_variables_initializer())
            _, histogram = Inspector(sess).histogram(v.op, 4).result()
            assert histogram.counts.sum() == np.isfinite(x).sum()
            if expected is not None:
                assert histogram.counts.tolist() == expected
