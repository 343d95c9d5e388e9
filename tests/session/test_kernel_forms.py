"""The kernels' form for GPUs gives the numbers that the form for CPUs gives, on the same processor (GLNB_FORM=gpu)."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.runtime.device import discover


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


def trained() -> dict[str, Any]:
    """The losses and weights of a small convolutional net, trained for a few steps."""
    x, labels = tf.placeholder(tf.float32, [None, 8, 8, 2]), tf.placeholder(tf.float32, [None, 3])
    filters, bias = tf.Variable(0.3 * normal(3, 3, 2, 6)), tf.Variable(np.full(6, 0.1, np.float32))
    weights = tf.Variable(0.2 * normal(96, 3, seed=1))
    h = tf.nn.relu(tf.nn.conv2d(x, filters, [1, 1, 1, 1], "SAME") + bias)
    h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    logits = tf.matmul(tf.reshape(h, [-1, 96]), weights)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, labels))
    train = tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss)
    feed = {x: normal(50, 8, 8, 2, seed=2), labels: np.eye(3, dtype=np.float32)[np.arange(50) % 3]}
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        losses = [sess.run([loss, train], feed)[0] for _ in range(20)]
        return {"losses": np.array(losses), "filters": sess.run(filters), "weights": sess.run(weights)}


def families() -> dict[str, Any]:
    """A result of each of several families of operations, most of which have a kernel for each form."""
    x, y, picture = tf.placeholder(tf.float32), tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    outputs = {
        "elementwise": tf.tanh(x) * x + 1.0,
        "rows": tf.reduce_sum(x, 1),
        "columns": tf.reduce_mean(x, 0),
        "all": tf.reduce_max(x),
        "argmax": tf.argmax(x, 1),
        "softmax": tf.nn.softmax(x),
        "moved": tf.transpose(x),
        "running": tf.cumsum(x, 1),
        "top": tf.nn.top_k(x, 5)[0],
        "product": tf.matmul(x, y),
        "turned": tf.matmul(x, x, transpose_b=True),
        "looked up": tf.gather(x, [3, 0, 3]),
        "summed by id": tf.unsorted_segment_sum(x, np.arange(130) % 7, 7),
        "pooled": tf.nn.avg_pool(picture, [1, 3, 3, 1], [1, 2, 2, 1], "SAME"),
        "normalized": tf.nn.lrn(picture),
        "depthwise": tf.nn.depthwise_conv2d(picture, normal(3, 3, 5, 2), [1, 1, 1, 1], "SAME"),
        "random": tf.random_normal([1000], seed=3),
    }
    feed = {x: normal(130, 301), y: normal(301, 70, seed=1), picture: normal(3, 17, 14, 5)}
    for tensor, value in feed.items():
        tensor.set_shape(value.shape)
    with tf.Session() as sess:
        return sess.run(outputs, feed)


def everything() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in (trained, families):
        with tf.Graph().as_default():
            tf.set_random_seed(1)
            found |= part()
    return found


def watch_sizes() -> list[str]:
    """Makes every kernel's work-group be checked against the device; returns the names of those that have one."""
    from graphlab_nb.runtime.program import Programs

    grouped, make = [], Programs.kernel

    def checked(self: Programs, call: Any) -> Any:
        if call.local_size and math.prod(call.local_size) > 1:
            traits = discover().devices[0].traits
            assert math.prod(call.local_size) <= traits.max_work_group, call
            assert not any(n % m for n, m in zip(call.global_size, call.local_size, strict=True)), call
            grouped.append(call.kernel)
        return make(self, call)

    Programs.kernel = checked  # type: ignore[method-assign]
    return grouped


@pytest.fixture(scope="module")
def in_gpu_form(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("forms") / "gpu.npz"
    environment = {**os.environ, "GLNB_FORM": "gpu"}
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "tests.session.test_kernel_forms", str(path)]
    done = subprocess.run(command, env=environment, cwd=root, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return np.load(path)


def test_the_gpu_s_kernels_on_a_processor_that_keeps_its_name(in_gpu_form):
    if discover().of_kind("GPU"):
        pytest.skip("operations run on the GPU here")
    assert list(in_gpu_form["devices"]) == [d.name for d in discover().devices]
    assert {"reduce_rows_group"} <= set(in_gpu_form["grouped"])


@pytest.mark.parametrize("part", [trained, families], ids=["training", "families"])
def test_both_forms_give_the_same_numbers(part, in_gpu_form):
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        found = part()
    for name, value in found.items():
        other = in_gpu_form[name]
        if name in ("argmax", "moved", "looked up", "all", "top"):
            np.testing.assert_array_equal(other, value, err_msg=name)
        else:
            largest = np.abs(value).max()
            np.testing.assert_allclose(other, value, rtol=2e-5, atol=2e-5 * largest, err_msg=name)


if __name__ == "__main__":
    with_groups = watch_sizes()
    numbers = everything()
    np.savez(sys.argv[1], devices=[d.name for d in discover().devices], grouped=sorted(set(with_groups)), **numbers)


COMING_AND_GOING = """
import graphlab_nb as tf
variable = tf.Variable(tf.random_uniform([2]))
init = tf.initialize_all_variables()
for i in range(2000):
    sess = tf.Session()
    sess.run(init)  # nothing is waited for
    if i % 2:
        sess.close()  # the other half is dropped while it works
print(tf.Session().run(tf.is_finite([1.0])))
"""


@pytest.mark.parametrize("form", ["cpu", "gpu"])
def test_sessions_that_go_while_they_work_hold_up_no_later_one(form):
    environment = {**os.environ, **({"GLNB_FORM": "gpu"} if form == "gpu" else {})}
    command = [sys.executable, "-c", COMING_AND_GOING]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=300)
    assert done.stdout.strip() == "[ True]", done.stderr


def test_queues_serve_session_after_session():
    with tf.Graph().as_default():
        doubled = 2 * tf.Variable([1.0])
        found = set()
        for _ in range(5):
            with tf.Session() as sess:
                sess.run(tf.initialize_all_variables())
                assert sess.run(doubled).tolist() == [2]
                found.add(sess._resources.devices[0].queue.queue.int_ptr)
            del sess
    assert len(found) <= 2
