"""The tutorials' nets and programs: what they build, and that they learn."""

import math
import re

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.examples.tutorials.mnist import (
    fully_connected_feed,
    input_data,
    mnist,
    mnist_deep,
    mnist_softmax,
)


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        yield graph


@pytest.fixture(scope="module")
def data():
    return input_data.read_data_sets(None, seed=2)


def test_mechanics_builds_tensors_of_the_known_shapes_and_names(graph):
    images = tf.placeholder(tf.float32, [7, mnist.IMAGE_PIXELS])
    labels = tf.placeholder(tf.int32, [7])
    logits = mnist.inference(images, 16, 8)
    loss = mnist.loss(logits, labels)
    correct = mnist.evaluation(logits, labels)
    assert logits.get_shape().as_list() == [7, mnist.NUM_CLASSES]
    assert loss.get_shape().as_list() == [] and loss.op.name == "xentropy_mean"
    assert correct.dtype == tf.int32 and correct.get_shape().as_list() == []
    names = {v.op.name: v.get_shape().as_list() for v in tf.all_variables()}
    assert names == {
        "hidden1/weights": [784, 16],
        "hidden1/biases": [16],
        "hidden2/weights": [16, 8],
        "hidden2/biases": [8],
        "softmax_linear/weights": [8, 10],
        "softmax_linear/biases": [10],
    }


def test_mechanics_starts_at_chance_and_learns(graph, data):
    images = tf.placeholder(tf.float32, [100, mnist.IMAGE_PIXELS])
    labels = tf.placeholder(tf.int32, [100])
    logits = mnist.inference(images, 32, 16)
    loss = mnist.loss(logits, labels)
    train_op = mnist.training(loss, 0.1)
    correct = mnist.evaluation(logits, labels)
    global_step = next(v for v in tf.all_variables() if v.op.name == "global_step")
    assert global_step not in tf.trainable_variables()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        batch = data.test.next_batch(100, shuffle=False)
        feed = {images: batch[0], labels: batch[1]}
        assert sess.run(loss, feed_dict=feed) == pytest.approx(math.log(10), abs=0.4)
        found = np.argmax(sess.run(logits, feed_dict=feed), axis=1)
        assert sess.run(correct, feed_dict=feed) == np.sum(found == batch[1])
        for _ in range(150):
            train = data.train.next_batch(100)
            sess.run(train_op, feed_dict={images: train[0], labels: train[1]})
        assert sess.run(global_step) == 150
        assert sess.run(correct, feed_dict=feed) > 75


def test_softmax_logits_are_the_formula(graph, data):
    model = mnist_softmax.build()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        images = data.test.images[:5]
        labels = np.eye(10)[data.test.labels[:5]]
        feed = {model.x: images, model.labels: labels}
        assert sess.run(model.loss, feed_dict=feed) == pytest.approx(math.log(10))
        sess.run(model.train_step, feed_dict=feed)
        # One step of 0.5 from zero along the gradient x^T (1/10 - labels) / 5.
        weights = -0.5 * images.T @ (0.1 - labels) / 5
        np.testing.assert_allclose(sess.run(model.weights), weights, atol=1e-6)


def test_the_convolutional_net_has_the_tutorials_variables(graph):
    model = mnist_deep.build()
    assert model.logits.get_shape().as_list() == [None, 10]
    assert [v.get_shape().as_list() for v in tf.trainable_variables()] == [
        [5, 5, 1, 32], [32], [5, 5, 32, 64], [64], [3136, 1024], [1024], [1024, 10], [10]
    ]  # fmt: skip


def printed_accuracy(capsys):
    return float(re.search(r"test accuracy ([\d.]+)", capsys.readouterr().out)[1])


def test_the_softmax_program_learns_and_repeats_itself(capsys):
    found = []
    for _ in range(2):
        mnist_softmax.main(["mnist_softmax", "--steps=200", "--seed=1"])
        found.append(printed_accuracy(capsys))
    assert found[0] == found[1] and found[0] > 0.86


@pytest.mark.slow
def test_the_convolutional_program_learns(capsys):
    mnist_deep.main(["mnist_deep", "--steps=40", "--seed=1"])
    assert printed_accuracy(capsys) > 0.4


def test_the_mechanics_program_evaluates_each_part(capsys):
    fully_connected_feed.main(["fully_connected_feed", "--max_steps=200", "--learning_rate=0.1", "--seed=1"])
    printed = capsys.readouterr().out
    assert "Step 0: loss = 2." in printed and "Step 100: loss = " in printed
    rows = re.findall(r"(\w+) Data Eval:\n  Num examples: (\d+)  Num correct: (\d+)  Precision @ 1: ([\d.]+)", printed)
    assert [row[:2] for row in rows] == [("Training", "55000"), ("Validation", "5000"), ("Test", "10000")]
    for _, examples, right, share in rows:
        assert float(share) == pytest.approx(int(right) / int(examples), abs=1e-4)
        assert float(share) > 0.8


def test_the_mechanics_program_runs_on_fake_data(capsys):
    fully_connected_feed.main(["fully_connected_feed", "--max_steps=1", "--fake_data", "--batch_size=50"])
    assert "Num examples: 10000" in capsys.readouterr().out
