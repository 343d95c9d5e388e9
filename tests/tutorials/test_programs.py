"""The tutorials' programs, end to end, through `import tensorflow as tf` served by graphlab_nb, in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap

import pytest

from graphlab_nb.datasets.mnist import read_data_sets

LINE = """
    import tensorflow as tf
    import numpy as np

    x_data = np.random.rand(100).astype(np.float32)
    y_data = x_data * 0.1 + 0.3
    W = tf.Variable(tf.random_uniform([1], -1.0, 1.0))
    b = tf.Variable(tf.zeros([1]))
    y = W * x_data + b
    train = tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_mean(tf.square(y - y_data)))
    sess = tf.Session()
    sess.run(tf.initialize_all_variables())
    for step in range(201):
        sess.run(train)
        if step % 20 == 0:
            print(step, sess.run(W), sess.run(b))
"""

BASICS = """
    import tensorflow as tf

    product = tf.matmul(tf.constant([[3., 3.]]), tf.constant([[2.],[2.]]))
    with tf.Session() as sess:
        print(sess.run([product]))
    sess = tf.InteractiveSession()
    x = tf.Variable([1.0, 2.0])
    x.initializer.run()
    print(tf.sub(x, tf.constant([3.0, 3.0])).eval())
    sess.close()
    state = tf.Variable(0, name="counter")
    update = tf.assign(state, tf.add(state, tf.constant(1)))
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        print(sess.run(state))
        for _ in range(3):
            sess.run(update)
            print(sess.run(state))
    input1, input2, input3 = tf.constant([3.0]), tf.constant([2.0]), tf.constant([5.0])
    intermed = tf.add(input2, input3)
    with tf.Session() as sess:
        print(sess.run([tf.mul(input1, intermed), intermed]))
    input1, input2 = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    with tf.Session() as sess:
        print(sess.run([tf.mul(input1, input2)], feed_dict={input1: [7.], input2: [2.]}))
"""

SOFTMAX = """
    from tensorflow.examples.tutorials.mnist import input_data
    import tensorflow as tf

    mnist = input_data.read_data_sets("MNIST_data/", one_hot=True, seed=1)
    x = tf.placeholder(tf.float32, [None, 784])
    W = tf.Variable(tf.zeros([784, 10]))
    b = tf.Variable(tf.zeros([10]))
    y_ = tf.placeholder(tf.float32, [None, 10])
    FORM
    train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)
    sess = tf.Session()
    sess.run(tf.initialize_all_variables())
    for i in range(1000):
        batch_xs, batch_ys = mnist.train.next_batch(100)
        sess.run(train_step, feed_dict={x: batch_xs, y_: batch_ys})
    correct_prediction = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
    accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
    print(sess.run(accuracy, feed_dict={x: mnist.test.images, y_: mnist.test.labels}))
"""
FORMS = {
    "probabilities": """y = tf.nn.softmax(tf.matmul(x, W) + b)
    cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))""",
    "logits": """y = tf.matmul(x, W) + b
    cross_entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, y_))""",
}


def run(program: str, tmp_path) -> str:
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(program))
    command = [sys.executable, "-m", "graphlab_nb.as_tensorflow", str(path)]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)}
    done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_line_is_fitted(tmp_path):
    lines = run(LINE, tmp_path).strip().splitlines()
    assert len(lines) == 11
    w, b = (float(n) for n in re.findall(r"\[\s*([-\d.e]+)\s*\]", lines[-1]))
    assert abs(w - 0.1) < 1e-3 and abs(b - 0.3) < 1e-3


def test_basic_usage_prints_what_it_says(tmp_path):
    out = re.sub(r"\s", "", run(BASICS, tmp_path))
    for printed in ("[array([[12.]],dtype=float32)]", "[-2.-1.]", "0123", "[array([21.],dtype=float32),array([7.],dtype=float32)]",
                    "[array([14.],dtype=float32)]"):  # fmt: skip
        assert printed in out


@pytest.mark.parametrize("fuse", ["1", "0"])
@pytest.mark.parametrize("form", FORMS)
def test_softmax_regression_reads_digits(form, fuse, tmp_path, monkeypatch):
    monkeypatch.setenv("GLNB_FUSE", fuse)
    assert 0.905 < float(run(SOFTMAX.replace("FORM", FORMS[form]), tmp_path).split()[-1]) < 0.93


@pytest.mark.parametrize("fuse", ["1", "0"])
def test_the_packaged_programs_run(fuse, tmp_path, monkeypatch):
    monkeypatch.setenv("GLNB_FUSE", fuse)

    def packaged(module: str, *args: str) -> str:
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)}
        command = [sys.executable, "-m", f"graphlab_nb.examples.tutorials.mnist.{module}", *args]
        done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert float(re.findall(r"[01]\.\d+", packaged("mnist_softmax", "--steps", "300"))[-1]) > 0.85
    assert float(re.findall(r"[01](?:\.\d+)?", packaged("mnist_deep", "--steps", "60"))[-1]) > 0.6


def test_the_data_are_the_tutorials():
    mnist = read_data_sets("no such folder", one_hot=True)
    assert mnist.train.images.shape == (55000, 784) and mnist.train.labels.shape == (55000, 10)
    assert mnist.validation.images.shape == (5000, 784) and mnist.test.images.shape == (10000, 784)
    assert mnist.train.images.min() == 0.0 and mnist.train.images.max() == 1.0
