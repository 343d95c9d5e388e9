"""A convolutional net on MNIST, about 99.2 percent after 20,000 steps: the tutorial "Deep MNIST for Experts".

python -m graphlab_nb.examples.tutorials.mnist.mnist_deep --steps=20000
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import graphlab_nb as tf
from graphlab_nb.examples.tutorials.mnist import input_data

TEST_BATCH = 1000
"""Images that are tested at once: a thousand take 0.2 GB of activations."""


class Model(NamedTuple):
    """The tensors and operations that a training loop needs."""

    x: tf.Tensor
    labels: tf.Tensor
    keep_prob: tf.Tensor
    filters: tf.Variable
    logits: tf.Tensor
    loss: tf.Tensor
    train_step: tf.Operation
    accuracy: tf.Tensor


def weight_variable(shape: Sequence[int]) -> tf.Variable:
    """Weights with a little noise, so that units differ and gradients are not zero."""
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1))


def bias_variable(shape: Sequence[int]) -> tf.Variable:
    """Biases slightly above zero, so that rectified units start alive."""
    return tf.Variable(tf.constant(0.1, shape=shape))


def build(learning_rate: float = 1e-4) -> Model:
    """Builds the net in the default graph.

    Two layers of 5 x 5 convolutions (32 and 64 features), each halved by max pooling, a dense layer of 1,024 units with
    dropout, and the readout. Images `[batch, 784]`, one-hot labels `[batch, 10]` and the scalar `keep_prob` are fed.
    """
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    labels = tf.placeholder(tf.float32, [None, 10], name="labels")
    keep_prob = tf.placeholder(tf.float32, [], name="keep_prob")
    filters = weight_variable([5, 5, 1, 32])
    hidden = _convolve_and_pool(tf.reshape(x, [-1, 28, 28, 1]), filters)
    hidden = _convolve_and_pool(hidden, weight_variable([5, 5, 32, 64]))
    flat = tf.reshape(hidden, [-1, 7 * 7 * 64])
    dense = tf.nn.relu(tf.matmul(flat, weight_variable([7 * 7 * 64, 1024])) + bias_variable([1024]))
    dropped = tf.nn.dropout(dense, keep_prob)
    logits = tf.matmul(dropped, weight_variable([1024, 10])) + bias_variable([10])
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=labels))
    train_step = tf.train.AdamOptimizer(learning_rate).minimize(loss)
    correct = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Model(x, labels, keep_prob, filters, logits, loss, train_step, accuracy)


def _convolve_and_pool(images: tf.Tensor, filters: tf.Variable) -> tf.Tensor:
    features = int(filters.get_shape()[-1])
    convolved = tf.nn.conv2d(images, filters, strides=[1, 1, 1, 1], padding="SAME")
    active = tf.nn.relu(convolved + bias_variable([features]))
    return tf.nn.max_pool(active, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


def predict(sess: tf.Session, model: Model, images: np.ndarray) -> np.ndarray:
    """The digit that the net sees in each image, `[n]`, a batch at a time."""
    found = [
        sess.run(model.logits, feed_dict={model.x: images[start : start + TEST_BATCH], model.keep_prob: 1.0})
        for start in range(0, len(images), TEST_BATCH)
    ]
    return np.argmax(np.concatenate(found), axis=1)


def main(argv: Sequence[str] | None = None) -> None:
    """Trains, and prints accuracies on the way and at the end; `argv` is the command line, the program's name first."""
    parser = argparse.ArgumentParser(description="A convolutional net on MNIST.")
    parser.add_argument("--data_dir", default="MNIST_data", help="folder with MNIST's files, if not the packaged ones")
    parser.add_argument("--steps", type=int, default=20000, help="training steps")
    parser.add_argument("--batch_size", type=int, default=50, help="images in a step")
    parser.add_argument("--seed", type=int, default=None, help="makes the run repeatable")
    flags = parser.parse_args((sys.argv if argv is None else argv)[1:])

    mnist = input_data.read_data_sets(flags.data_dir, one_hot=True, seed=flags.seed)
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(flags.seed)
        model = build()
        sess.run(tf.initialize_all_variables())
        for step in range(flags.steps):
            images, labels = mnist.train.next_batch(flags.batch_size)
            feed = {model.x: images, model.labels: labels}
            if step % 100 == 0:
                accuracy = sess.run(model.accuracy, feed_dict={**feed, model.keep_prob: 1.0})
                print(f"step {step}, training accuracy {accuracy:g}", flush=True)
            sess.run(model.train_step, feed_dict={**feed, model.keep_prob: 0.5})
        right = predict(sess, model, mnist.test.images) == np.argmax(mnist.test.labels, axis=1)
        print(f"test accuracy {np.mean(right):g}")


if __name__ == "__main__":
    main()
