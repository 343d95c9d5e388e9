"""Random numbers: distributions, seeds, and the bits themselves."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy import stats

import graphlab_nb as tf
from graphlab_nb.ops.random import key_of

N = 100_000
MASK = 0xFFFFFFFF


def drawn(build: Any, runs: int = 1, seed: int | None = None) -> list[Any]:
    """What `build()` makes in a graph and session of its own, several times."""
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(seed)
        fetch = build()
        return [sess.run(fetch) for _ in range(runs)]


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> list[int]:
    """Philox4x32-10 by the paper's definition."""
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [b >> 32 ^ c[1] ^ k0, b & MASK, a >> 32 ^ c[3] ^ k1, a & MASK]
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return c


def test_the_reference_makes_the_published_numbers() -> None:
    assert philox((0, 0, 0, 0), (0, 0)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert philox((MASK,) * 4, (MASK,) * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]


def test_uniform_numbers_are_those_of_philox() -> None:
    first, second = drawn(lambda: tf.random_uniform([150], seed=7), runs=2)
    key = tuple(int(k) for k in key_of(87654321, 7))
    for run, values in enumerate((first, second)):
        for i in (0, 1, 15, 16, 63, 64, 100, 149):
            block, within = divmod(i, 64)
            word = philox((block * 16 + within % 16, 0, run, 0), key)[within // 16]
            assert values[i] == np.float32((word >> 8) * 2.0**-24), i


def test_uniform() -> None:
    for dtype, steps in ((tf.float32, 2**24), (tf.float64, 2**53)):
        (x,) = drawn(lambda dtype=dtype: tf.random_uniform([N], dtype=dtype, seed=1))
        assert x.dtype == dtype.as_numpy_dtype and x.min() >= 0 and x.max() < 1
        assert stats.kstest(x.astype(np.float64), "uniform").pvalue > 1e-3
        assert np.array_equal(np.floor(x * steps), x * steps)
    (x,) = drawn(lambda: tf.random_uniform([N], -3.0, 5.0, seed=1))
    assert x.min() >= -3 and x.max() < 5
    assert abs(x.mean() - 1) < 0.03


def test_uniform_never_reaches_its_upper_bound() -> None:
    (x,) = drawn(lambda: tf.random_uniform([N], 1.0, 1.0000005, seed=1))
    assert set(np.unique(x)) == {np.float32(1 + k * 2**-23) for k in range(4)}


def test_uniform_of_tensors() -> None:
    def build() -> Any:
        low = tf.constant([[0.0], [10.0]])
        return tf.random_uniform([2, 1000], low, low + 2.0, seed=1)

    (x,) = drawn(build)
    assert x.shape == (2, 1000)
    assert x[0].min() >= 0 and x[0].max() <= 2 and x[1].min() >= 10 and x[1].max() <= 12


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_uniform_integers(dtype: str) -> None:
    (x,) = drawn(lambda: tf.random_uniform([N], -2, 5, dtype, seed=3))
    assert x.dtype == dtype
    counts = np.bincount(x + 2, minlength=7)
    assert counts.size == 7 and stats.chisquare(counts).pvalue > 1e-3
    # With a range of three quarters of all words, taking remainders or halves would favour some values twofold.
    low, high = -(2**31), 2**30
    (x,) = drawn(lambda: tf.random_uniform([N], low, high, dtype, seed=3))
    assert stats.kstest((x.astype(np.float64) - low) / (high - low), "uniform").pvalue > 1e-3


def test_large_integers() -> None:
    (x,) = drawn(lambda: tf.random_uniform([N], -(2**63), 2**63 - 1, tf.int64, seed=3))
    assert stats.kstest(x.astype(np.float64) / 2.0**64 + 0.5, "uniform").pvalue > 1e-3


def test_integer_bounds() -> None:
    with pytest.raises(ValueError, match="needs maxval"):
        tf.random_uniform([2], dtype=tf.int32)
    with pytest.raises(ValueError, match="Need minval < maxval, got 5 >= 5"):
        tf.random_uniform([2], 5, 5, tf.int32)
    with pytest.raises(TypeError, match="not uint8"):
        tf.random_uniform([2], 0, 5, tf.uint8)
    with tf.Graph().as_default(), tf.Session() as sess:
        low = tf.placeholder(tf.int32, [])
        x = tf.random_uniform([1000], low, 10, tf.int32, seed=1)
        assert set(sess.run(x, {low: 7})) == {7, 8, 9}
        with pytest.raises(tf.errors.InvalidArgumentError, match="Need minval < maxval, got 12 >= 10"):
            sess.run(x, {low: 12})
        assert set(sess.run(x, {low: 9})) == {9}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal(dtype: str) -> None:
    (x,) = drawn(lambda: tf.random_normal([10 * N], dtype=dtype, seed=1))
    assert x.dtype == dtype and np.isfinite(x).all()
    assert stats.kstest(x.astype(np.float64), "norm").pvalue > 1e-3
    assert abs(stats.kurtosis(x)) < 0.03 and abs(stats.skew(x)) < 0.02
    # The tails: of a million numbers about 63 lie beyond 4 standard deviations, half of them on each side.
    assert 35 < (np.abs(x) > 4).sum() < 95 and 10 < (x > 4).sum() < 60
    (y,) = drawn(lambda: tf.random_normal([N], 5.0, 0.1, dtype, seed=2))
    assert abs(y.mean() - 5) < 0.002 and abs(y.std() - 0.1) < 0.001
    assert abs(np.corrcoef(x[:N], np.roll(x[:N], 16))[0, 1]) < 0.02


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_truncated_normal(dtype: str) -> None:
    (x,) = drawn(lambda: tf.truncated_normal([10 * N], dtype=dtype, seed=1))
    assert np.abs(x).max() <= 2
    assert stats.kstest(x.astype(np.float64), stats.truncnorm(-2, 2).cdf).pvalue > 1e-3
    (y,) = drawn(lambda: tf.truncated_normal([N], 3.0, 0.5, dtype, seed=1))
    assert y.min() >= 2 and y.max() <= 4 and abs(y.mean() - 3) < 0.01
    assert abs(y.std() - 0.5 * stats.truncnorm(-2, 2).std()) < 0.005


def test_half_precision() -> None:
    def build() -> Any:
        return tf.random_uniform([N], dtype=tf.float16, seed=1)

    with tf.Graph().as_default(), tf.Session() as sess:
        has_it = any("float16" in d.traits.dtypes for d in sess._devices)
    if not has_it:
        with pytest.raises(tf.errors.InvalidArgumentError, match="No device present has float16"):
            drawn(build)
        return
    (x,) = drawn(build)
    assert x.dtype == np.float16 and x.max() < 1 and abs(x.astype(np.float64).mean() - 0.5) < 0.01


def test_each_run_draws_anew_and_each_session_begins_again() -> None:
    a, b = drawn(lambda: tf.random_normal([50], seed=5), runs=2)
    c, d = drawn(lambda: tf.random_normal([50], seed=5), runs=2)
    assert not np.array_equal(a, b)
    assert np.array_equal(a, c) and np.array_equal(b, d)
    assert not np.array_equal(a, drawn(lambda: tf.random_normal([50], seed=6))[0])


def test_seed_of_the_graph() -> None:
    def build() -> Any:
        return tf.random_uniform([20]), tf.random_uniform([20])

    (a, b), (c, _) = drawn(build, runs=2, seed=11)
    assert not np.array_equal(a, b) and not np.array_equal(a, c)
    (again,) = drawn(build, seed=11)
    assert np.array_equal(again[0], a) and np.array_equal(again[1], b)
    (other,) = drawn(build, seed=12)
    assert not np.array_equal(other[0], a)


def test_seeds_follow_tensorflows_rule() -> None:
    with tf.Graph().as_default() as graph:
        assert tf.get_seed(None) == (None, None)
        assert tf.get_seed(3) == (87654321, 3)
        tf.set_random_seed(9)
        assert tf.get_seed(3) == (9, 3)
        tf.constant(1)
        assert tf.get_seed(None) == (9, len(graph.get_operations()))
        tf.set_random_seed(0)
        op = tf.random_uniform([1], seed=0).op
        assert (op.get_attr("seed"), op.get_attr("seed2")) == (0, 2**31 - 1)


def test_without_seeds_sessions_and_operations_differ() -> None:
    with tf.Graph().as_default():
        x, y = tf.random_uniform([10]), tf.random_uniform([10])
        seen = []
        for _ in range(2):
            with tf.Session() as sess:
                seen += [*sess.run([x, y]), sess.run(x)]
    assert len({v.tobytes() for v in seen}) == 6


def test_shapes() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        like = tf.placeholder(tf.float32, [None, 3])
        assert tf.random_normal(tf.shape(like)).get_shape().as_list() == [None, 3]
        assert sess.run(tf.random_normal(tf.shape(like)), {like: np.zeros((5, 3))}).shape == (5, 3)
        assert tf.random_uniform([]).get_shape().as_list() == [] and np.shape(sess.run(tf.random_uniform([]))) == ()
        assert sess.run(tf.random_uniform([0, 4])).shape == (0, 4)
        assert sess.run(tf.truncated_normal(tf.TensorShape([2, 2]))).shape == (2, 2)
        shape = tf.placeholder(tf.int32, [None])
        fed = tf.random_normal(shape, seed=1)
        values = [sess.run(fed, {shape: s}) for s in ([2, 3], [4], [2, 3], [])]
        assert [v.shape for v in values] == [(2, 3), (4,), (2, 3), ()]
        assert not np.array_equal(values[0], values[2]), "the count of runs went on"
        with pytest.raises(ValueError, match="rank 1"):
            tf.random_normal(3)
        with pytest.raises(ValueError, match="negative"):
            tf.random_normal([2, -1])
        with pytest.raises(TypeError, match="int32"):
            tf.random_normal([2], dtype=tf.int32)


def test_gradients_flow_to_mean_and_deviation() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        mean, deviation = tf.constant(2.0), tf.constant(3.0)
        x = tf.random_normal([100], mean, deviation, seed=1)
        dm, dd, value = sess.run([*tf.gradients(x, [mean, deviation]), x])
        assert dm == 100
        np.testing.assert_allclose(dd, ((value - 2) / 3).sum(), rtol=1e-3, atol=1e-3)


def test_shuffle() -> None:
    a, b = drawn(lambda: tf.random_shuffle(np.arange(3000).reshape(1000, 3), seed=1), runs=2)
    assert not np.array_equal(a, b)
    for x in (a, b):
        assert np.array_equal(x[np.argsort(x[:, 0])], np.arange(3000).reshape(1000, 3))
    orders = Counter(
        tuple(v.tolist()) for v in drawn(lambda: tf.random_shuffle(tf.constant([0, 1, 2]), seed=2), runs=600)
    )
    assert len(orders) == 6 and stats.chisquare(list(orders.values())).pvalue > 1e-3
    assert drawn(lambda: tf.random_shuffle(np.zeros((0, 2), np.float32)))[0].shape == (0, 2)
    assert drawn(lambda: tf.random_shuffle([[5, 6]]))[0].tolist() == [[5, 6]]


def test_multinomial() -> None:
    p = np.array([[0.1, 0.2, 0.7], [0.5, 1e-30, 0.5]])
    a, b = drawn(lambda: tf.multinomial(tf.constant(np.log(p).astype(np.float32)), 20000, seed=1), runs=2)
    assert a.dtype == np.int64 and a.shape == (2, 20000) and not np.array_equal(a, b)
    assert stats.chisquare(np.bincount(a[0], minlength=3), p[0] * 20000).pvalue > 1e-3
    assert abs((a[1] == 0).mean() - 0.5) < 0.02 and not (a[1] == 1).any()
    impossible = [[-np.inf, 0.0, -np.inf]]
    assert (drawn(lambda: tf.multinomial(impossible, 100, output_dtype=tf.int32))[0] == 1).all()
    with pytest.raises(ValueError, match="batch, classes"):
        tf.multinomial([0.5, 0.5], 3)
    with pytest.raises(ValueError, match="no class"):
        tf.multinomial(np.zeros((2, 0), np.float32), 3)


def test_crop() -> None:
    image = np.arange(6 * 8 * 2, dtype=np.float32).reshape(6, 8, 2)
    places = set()
    for piece in drawn(lambda: tf.random_crop(image, [4, 7, 2], seed=1), runs=60):
        row, column, _ = np.argwhere(image == piece[0, 0, 0])[0]
        places.add((row, column))
        assert np.array_equal(piece, image[row : row + 4, column : column + 7])
    assert places == {(r, c) for r in range(3) for c in range(2)}
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.constant(image)
        piece = tf.random_crop(x, [2, 2, 2], seed=1)
        value, dx = sess.run([piece, tf.gradients(piece * piece, x)[0]])
        assert np.array_equal(dx[np.isin(image, value)], 2 * value.ravel())
        assert np.count_nonzero(dx) == np.count_nonzero(value)
    with pytest.raises(ValueError, match=r"\(7, 8, 2\) does not fit a value of shape \(6, 8, 2\)"):
        tf.random_crop(image, [7, 8, 2])
