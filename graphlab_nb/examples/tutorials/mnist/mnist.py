"""The net of the tutorial "TensorFlow Mechanics 101", built in four stages.

`inference` goes from images to logits, `loss` on to the number to make small, `training` to the operation that makes it
smaller, and `evaluation` counts what is right. `fully_connected_feed` is a program that uses them.
"""

from __future__ import annotations

import math

import graphlab_nb as tf

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: tf.Tensor, hidden1_units: int, hidden2_units: int) -> tf.Tensor:
    """Two layers of rectified linear units and a linear one on top.

    Args:
      images: `[batch, IMAGE_PIXELS]`, float32.
      hidden1_units: width of the first layer.
      hidden2_units: width of the second layer.

    Returns:
      Logits, `[batch, NUM_CLASSES]`.

    Example:
      >>> from graphlab_nb.examples.tutorials.mnist import mnist
      >>> images = tf.placeholder(tf.float32, [None, mnist.IMAGE_PIXELS])
      >>> mnist.inference(images, 128, 32).get_shape()
      TensorShape([None, 10])
    """
    with tf.name_scope("hidden1"):
        hidden1 = tf.nn.relu(_linear(images, IMAGE_PIXELS, hidden1_units))
    with tf.name_scope("hidden2"):
        hidden2 = tf.nn.relu(_linear(hidden1, hidden1_units, hidden2_units))
    with tf.name_scope("softmax_linear"):
        return _linear(hidden2, hidden2_units, NUM_CLASSES)


def loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """The mean cross entropy of logits `[batch, NUM_CLASSES]` against integer labels `[batch]`.

    Args:
      logits: float32.
      labels: int32 or int64.

    Returns:
      A float32 scalar.

    Example:
      >>> from graphlab_nb.examples.tutorials.mnist import mnist
      >>> tf.Session().run(mnist.loss(tf.zeros([2, 10]), tf.constant([3, 7]))).round(3)
      np.float32(2.303)
    """
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(
        logits=logits, labels=tf.to_int64(labels), name="xentropy"
    )
    return tf.reduce_mean(cross_entropy, name="xentropy_mean")


def training(loss: tf.Tensor, learning_rate: float) -> tf.Operation:
    """One step of gradient descent on `loss`, which also counts itself in the variable `global_step`.

    Args:
      loss: a float32 scalar.
      learning_rate: how far a step goes.

    Returns:
      The operation whose run is one step.

    Example:
      >>> from graphlab_nb.examples.tutorials.mnist import mnist
      >>> w = tf.Variable(3.0)
      >>> step = mnist.training(tf.square(w), learning_rate=0.25)
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(sess.run(w))
      1.5
    """
    optimizer = tf.train.GradientDescentOptimizer(learning_rate)
    global_step = tf.Variable(0, name="global_step", trainable=False)
    return optimizer.minimize(loss, global_step=global_step)


def evaluation(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """How many of the labels `[batch]` are those of the largest logit, as an int32 scalar.

    Args:
      logits: float32, `[batch, NUM_CLASSES]`.
      labels: int32.

    Example:
      >>> from graphlab_nb.examples.tutorials.mnist import mnist
      >>> tf.Session().run(mnist.evaluation(tf.constant([[0.1, 0.9], [0.8, 0.2]]), tf.constant([1, 1])))
      np.int32(1)
    """
    correct = tf.nn.in_top_k(logits, labels, 1)
    return tf.reduce_sum(tf.cast(correct, tf.int32))


def _linear(inputs: tf.Tensor, width: int, units: int) -> tf.Tensor:
    """`inputs` times weights plus biases; the weights' spread keeps the sums' variance near the inputs'."""
    weights = tf.Variable(tf.truncated_normal([width, units], stddev=1.0 / math.sqrt(width)), name="weights")
    biases = tf.Variable(tf.zeros([units]), name="biases")
    return tf.matmul(inputs, weights) + biases


def __dir__() -> list[str]:
    """What tab completion offers."""
    return ["IMAGE_PIXELS", "IMAGE_SIZE", "NUM_CLASSES", "evaluation", "inference", "loss", "training"]
