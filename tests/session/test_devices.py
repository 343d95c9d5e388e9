"""Several devices: two logical ones of a CPU, and a CPU that is presented as a GPU."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import graphlab_nb as tf

TWO = tf.ConfigProto(device_count={"CPU": 2, "GPU": 0})


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_tensors_move_between_devices_by_themselves():
    x = tf.placeholder(tf.float32, [None, 3])
    with tf.device("/cpu:1"):
        a = tf.matmul(x, tf.ones([3, 3]))
    with tf.device("/cpu:0"):
        b = a * 2.0 + 1.0
    with tf.device("/cpu:1"):
        c = tf.reduce_sum(b)
    data = np.random.rand(50, 3).astype(np.float32)
    with tf.Session(config=TWO) as sess:
        for _ in range(5):
            value, middle = sess.run([c, b], {x: data})
            np.testing.assert_allclose(middle, data.sum(1, keepdims=True).repeat(3, 1) * 2 + 1, rtol=1e-5)
            np.testing.assert_allclose(value, middle.sum(), rtol=1e-5)


def test_variables_live_where_they_are_put_and_train_across_devices():
    with tf.device("/cpu:1"):
        w = tf.Variable(tf.zeros([3, 1]))
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 1])
    with tf.device("/cpu:0"):
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - y))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    random = np.random.RandomState(0)
    data = random.rand(64, 3).astype(np.float32)
    target = data @ np.array([[1.0], [2.0], [3.0]], np.float32)
    with tf.Session(config=TWO) as sess:
        sess.run(tf.initialize_all_variables())
        for _ in range(300):
            sess.run(train, {x: data, y: target})
        np.testing.assert_allclose(sess.run(w).ravel(), [1, 2, 3], atol=0.05)


def test_one_device_gives_what_two_give():
    def total(config):
        with tf.Session(config=config) as sess:
            return sess.run(out)

    with tf.device("/cpu:1"):
        a = tf.random_normal([1000], seed=3)
    with tf.device("/cpu:0"):
        out = tf.exp(a) + tf.random_normal([1000], seed=4)
    soft = tf.ConfigProto(device_count={"CPU": 1, "GPU": 0}, allow_soft_placement=True)
    np.testing.assert_array_equal(total(TWO), total(soft))


def test_work_on_two_devices_overlaps():
    """Each device's kernels are put in its own queue without waiting for the other's."""
    from graphlab_nb.compiler.plan import Transfer

    x = tf.placeholder(tf.float32, [64, 64])
    outs = []
    for device in ("/cpu:0", "/cpu:1"):
        with tf.device(device):
            y = x
            for _ in range(4):
                y = tf.matmul(y, x)
            outs.append(y)
    with tf.Session(config=TWO) as sess:
        sess.run(outs, {x: np.eye(64, dtype=np.float32)})
        (plan,) = sess._plans.values()
        steps = plan.bound.stage.steps
        assert {s.device for s in steps} == {0, 1}
        assert not [s for s in steps if isinstance(s.action, Transfer)]


def in_process(mask: str, program: str) -> str:
    """Runs a program in a process whose devices' abilities are masked."""
    env = {**os.environ, "GLNB_MASK": mask}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=env, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_gpu_serves_unasked_and_what_it_cannot_do_goes_to_the_cpu():
    out = in_process(
        "cpu:as-gpu,gpu:float64",
        """
        import numpy as np
        import graphlab_nb as tf
        x = tf.placeholder(tf.float32, [None, 20])
        single = tf.nn.softmax(tf.matmul(x, tf.ones([20, 10])))
        double = tf.cast(single, tf.float64) * 2.0
        host = tf.py_func(lambda a: a + 1.0, [double], tf.float64)
        data = np.random.rand(30, 20).astype(np.float32)
        with tf.Session() as sess:
            print([d.name for d in sess.list_devices()])
            a, b, c = sess.run([single, double, host], {x: data})
            (plan,) = [p for p in sess._plans.values()]
            stage = plan.bound.stage
            kinds = {op.type: sess._devices[next(s.device for s in stage.steps if s.op is op)].kind
                     for op, _ in stage.launches}
            print(kinds["MatMul"], kinds["Mul"])
        np.testing.assert_allclose(a, 0.1, rtol=1e-5)
        assert b.dtype == np.float64
        np.testing.assert_allclose(c, b + 1.0)
        with tf.device("/gpu:0"):
            wrong = tf.constant(1.0, tf.float64) + 1.0
        with tf.Session() as sess:
            try:
                sess.run(wrong)
            except tf.errors.InvalidArgumentError as error:
                print("refused", "float64" in str(error))
        """,
    )
    assert "device:GPU:0" in out and "GPU CPU" in out and "refused True" in out


def test_training_on_a_masked_gpu_with_kernels_in_their_gpu_shape():
    in_process(
        "cpu:as-gpu",
        """
        import numpy as np
        import graphlab_nb as tf
        random = np.random.RandomState(0)
        x, y = tf.placeholder(tf.float32, [None, 8, 8, 1]), tf.placeholder(tf.float32, [None, 3])
        w1 = tf.Variable(tf.truncated_normal([3, 3, 1, 4], stddev=0.3, seed=1))
        h = tf.nn.max_pool(tf.nn.relu(tf.nn.conv2d(x, w1, [1, 1, 1, 1], "SAME")), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        w2 = tf.Variable(tf.truncated_normal([64, 3], stddev=0.3, seed=2))
        logits = tf.matmul(tf.reshape(h, [-1, 64]), w2)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, y))
        train = tf.train.AdamOptimizer(0.05).minimize(loss)
        data = random.rand(60, 8, 8, 1).astype(np.float32)
        labels = np.eye(3, dtype=np.float32)[(data.mean(axis=(1, 2, 3)) * 6).astype(int) % 3]
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            first = sess.run(loss, {x: data, y: labels})
            for _ in range(60):
                sess.run(train, {x: data, y: labels})
            last = sess.run(loss, {x: data, y: labels})
        assert last < 0.7 * first, (first, last)
        """,
    )


def test_placement_is_logged_when_asked_for(capfd):
    with tf.device("/cpu:1"):
        x = tf.constant(1.0) + 1.0
    config = tf.ConfigProto(device_count={"CPU": 2, "GPU": 0}, log_device_placement=True)
    with tf.Session(config=config) as sess:
        sess.run(x)
    assert f"{x.op.name}: (Add): /job:localhost/replica:0/task:0/device:CPU:1" in capfd.readouterr().err
