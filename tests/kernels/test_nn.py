"""Softmax, pooling and normalization on every OpenCL device, and in a GPU's shape on CPUs, against NumPy in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from graphlab_nb.ops import normalize, pool
from graphlab_nb.ops import softmax as softmax_ops
from tests.kernels.harness import DirectLauncher, launchers, run_op
from tests.ops.cases_nn import lrn, window_sum
from tests.ops.cases_pool import PLANS, VALID, VOLUME, Reference

EPSILON = {"float16": 1e-3, "float32": 2e-6, "float64": 1e-14}
TYPES = sorted(EPSILON)


@pytest.fixture(scope="module", params=launchers(), ids=str)
def launcher(request: Any) -> DirectLauncher:
    """Each device, and each CPU treated as a GPU too."""
    return request.param.make()


def usable(launcher: DirectLauncher, dtype: str) -> str:
    """The type, or float32 where the device does not compute with it."""
    return dtype if dtype in launcher.traits.dtypes else "float32"


def close(value: np.ndarray, want: np.ndarray, times: float = 1) -> None:
    error = np.abs(value.astype(np.float64) - want).max()
    assert error <= times * EPSILON[value.dtype.name] * max(1.0, np.abs(want).max())


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((3, 1), "float32"), ((5, 3), "float64"), ((50, 10), "float32"), ((9, 17), "float16"), ((5, 1000), "float32")],
)
def test_softmax(launcher: DirectLauncher, shape: tuple[int, ...], dtype: str) -> None:
    dtype = usable(launcher, dtype)
    random = np.random.RandomState(len(shape))
    x = (3 * random.randn(*shape)).astype(dtype)
    labels = softmax(random.randn(*shape), -1).astype(dtype)
    exact = x.astype(np.float64)
    close(run_op(launcher, softmax_ops.Softmax(), x), softmax(exact, -1))
    close(run_op(launcher, softmax_ops.LogSoftmax(), x), log_softmax(exact, -1))
    loss, back = run_op(launcher, softmax_ops.SoftmaxCrossEntropyWithLogits(), x, labels)
    close(loss, -(labels.astype(np.float64) * log_softmax(exact, -1)).sum(-1), 4)
    close(back, softmax(exact, -1) - labels)


@pytest.mark.parametrize("label_type", ["int32", "int64"])
@pytest.mark.parametrize("shape", [(50, 10), (3, 300)])
def test_sparse_cross_entropy(launcher: DirectLauncher, shape: Any, label_type: str, monkeypatch: Any) -> None:
    random = np.random.RandomState(1)
    x = random.randn(*shape).astype(np.float32)
    labels = random.randint(0, shape[1], shape[0]).astype(label_type)
    report = launcher.put(np.zeros(4, np.int32))
    monkeypatch.setattr(launcher, "report", lambda code: (report, np.int32(7)))
    definition = softmax_ops.SparseSoftmaxCrossEntropyWithLogits()
    loss, back = run_op(launcher, definition, x, labels)
    chosen = np.eye(shape[1])[labels]
    close(loss, -(chosen * log_softmax(x.astype(np.float64), -1)).sum(-1), 2)
    close(back, softmax(x.astype(np.float64), -1) - chosen)
    assert list(launcher.get(report)) == [0, 0, 0, 0]
    labels[-1] = shape[1]
    run_op(launcher, definition, x, labels)
    assert list(launcher.get(report)) == [1, 7, shape[1], shape[1]]


@pytest.mark.parametrize(
    ("shape", "plan", "dtype"),
    [
        ((2, 4, 4, 3), PLANS[0], "float64"),
        ((1, 5, 7, 19), PLANS[1], "float32"),
        ((9, 5, 4, 9), PLANS[1], "float16"),
        ((9, 5, 3, 1), PLANS[3], "float32"),
        ((1, 6, 6, 8), VALID, "float32"),
    ],
    ids=str,
)
def test_pool(launcher: DirectLauncher, shape: tuple[int, ...], plan: Any, dtype: str) -> None:
    check_pool(launcher, shape, plan, usable(launcher, dtype))


def test_pool_of_volumes(launcher: DirectLauncher) -> None:
    check_pool(launcher, (2, 3, 4, 3, 11), VOLUME, "float32", "NDHWC")


def check_pool(launcher: DirectLauncher, shape: Any, plan: Any, dtype: str, data_format: str = "NHWC") -> None:
    """Runs the operations on inputs with many equal maxima."""
    random = np.random.RandomState(2)
    reference = Reference(*plan)
    attributes = (*plan, data_format)
    x = random.randint(-2, 3, shape).astype(dtype)
    exact = x.astype(np.float64)
    y = run_op(launcher, pool.MaxPool(*attributes), x)
    dy, ddx = random.randn(*y.shape).astype(dtype), random.randn(*shape).astype(dtype)
    np.testing.assert_array_equal(y, reference.largest(x))
    top, place = run_op(launcher, pool.MaxPoolWithArgmax(*attributes), x)
    np.testing.assert_array_equal(top, y)
    np.testing.assert_array_equal(place, reference.argmax(x))
    close(
        run_op(launcher, pool.MaxPoolGrad(*attributes), x, y, dy),
        reference.largest_grad(exact, dy.astype(np.float64)),
        4,
    )
    taken = run_op(launcher, pool.MaxPoolGradGrad(*attributes), x, y, ddx)
    np.testing.assert_array_equal(taken, reference.largest_grad_grad(x, ddx))
    close(run_op(launcher, pool.AvgPool(*attributes), x), reference.mean(exact))
    close(run_op(launcher, pool.AvgPoolGrad(*attributes), x, dy), reference.mean_grad(exact, dy.astype(np.float64)))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("size", [1, 4097, 300_000])
def test_l2_loss(launcher: DirectLauncher, size: int, dtype: str) -> None:
    x = (np.random.RandomState(3).randn(size) / 8).astype(usable(launcher, dtype))
    close(run_op(launcher, normalize.L2Loss(), x), (x.astype(np.float64) ** 2).sum() / 2)


@pytest.mark.parametrize(
    ("channels", "radius", "dtype"),
    [(1, 2, "float32"), (3, 5, "float64"), (8, 0, "float32"), (45, 2, "float16"), (45, 5, "float32")],
)
def test_lrn(launcher: DirectLauncher, channels: int, radius: int, dtype: str) -> None:
    x = np.random.RandomState(4).randn(2, 3, 5, channels).astype(usable(launcher, dtype))
    exact = x.astype(np.float64)
    close(run_op(launcher, normalize.WindowSum(radius), x), window_sum(exact, radius), 2)
    close(run_op(launcher, normalize.LRN(radius, 1.5, 0.5, 0.75), x), lrn(exact, radius, 1.5, 0.5, 0.75), 2)
