"""Softmax regression on MNIST, about 92 percent: the tutorial "MNIST For ML Beginners" as a program.

python -m graphlab_nb.examples.tutorials.mnist.mnist_softmax --steps=1000
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

import graphlab_nb as tf
from graphlab_nb.examples.tutorials.mnist import input_data


class Model(NamedTuple):
    """The tensors and operations that a training loop needs."""

    x: tf.Tensor
    labels: tf.Tensor
    weights: tf.Variable
    logits: tf.Tensor
    loss: tf.Tensor
    train_step: tf.Operation
    accuracy: tf.Tensor


def build(learning_rate: float = 0.5) -> Model:
    """Builds the regression in the default graph: images `[batch, 784]` and one-hot labels `[batch, 10]` are fed."""
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    labels = tf.placeholder(tf.float32, [None, 10], name="labels")
    weights = tf.Variable(tf.zeros([784, 10]), name="weights")
    biases = tf.Variable(tf.zeros([10]), name="biases")
    logits = tf.matmul(x, weights) + biases
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=labels))
    train_step = tf.train.GradientDescentOptimizer(learning_rate).minimize(loss)
    correct = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Model(x, labels, weights, logits, loss, train_step, accuracy)


def main(argv: Sequence[str] | None = None) -> None:
    """Trains and prints the accuracy on the test images; `argv` is the command line, the program's name first."""
    parser = argparse.ArgumentParser(description="Softmax regression on MNIST.")
    parser.add_argument("--data_dir", default="MNIST_data", help="folder with MNIST's files, if not the packaged ones")
    parser.add_argument("--steps", type=int, default=1000, help="training steps")
    parser.add_argument("--batch_size", type=int, default=100, help="images in a step")
    parser.add_argument("--seed", type=int, default=None, help="makes the run repeatable")
    flags = parser.parse_args((sys.argv if argv is None else argv)[1:])

    mnist = input_data.read_data_sets(flags.data_dir, one_hot=True, seed=flags.seed)
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(flags.seed)
        model = build()
        sess.run(tf.initialize_all_variables())
        for _ in range(flags.steps):
            images, labels = mnist.train.next_batch(flags.batch_size)
            sess.run(model.train_step, feed_dict={model.x: images, model.labels: labels})
        feed = {model.x: mnist.test.images, model.labels: mnist.test.labels}
        print(f"test accuracy {sess.run(model.accuracy, feed_dict=feed):g}")


if __name__ == "__main__":
    main()
