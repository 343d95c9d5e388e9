"""The training steps of cluster.py: the two MNIST tutorials', fed by the client or from digits that live with the workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import graphlab_nb as tf
from graphlab_nb.datasets.mnist import read_data_sets

DIGITS = 2000
"""How many digits a worker keeps."""


class Net(NamedTuple):
    """A tutorial's net.

    Attributes:
      variables: makes its variables.
      loss: of images, labels and those variables.
      optimizer: makes its optimizer.
      size: images of a batch.
    """

    variables: Callable[[], list[Any]]
    loss: Callable[..., Any]
    optimizer: Callable[[], Any]
    size: int


def _softmax_variables() -> list[Any]:
    return [tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))]


def _softmax_loss(x: Any, labels: Any, w: Any, b: Any) -> Any:
    y = tf.nn.softmax(tf.matmul(x, w) + b)
    return tf.reduce_mean(-tf.reduce_sum(labels * tf.log(y), reduction_indices=[1]))


def _deep_variables() -> list[Any]:
    shapes = [[5, 5, 1, 32], [5, 5, 32, 64], [7 * 7 * 64, 1024], [1024, 10]]
    made = [(tf.truncated_normal(shape, stddev=0.1), tf.constant(0.1, shape=shape[-1:])) for shape in shapes]
    return [tf.Variable(value) for pair in made for value in pair]


def _deep_loss(x: Any, labels: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any, b4: Any) -> Any:
    h = tf.reshape(x, [-1, 28, 28, 1])
    for w, b in ((w1, b1), (w2, b2)):
        h = tf.nn.relu(tf.nn.conv2d(h, w, [1, 1, 1, 1], "SAME") + b)
        h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    h = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 7 * 7 * 64]), w3) + b3)
    logits = tf.matmul(tf.nn.dropout(h, 0.5), w4) + b4
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, labels))


SOFTMAX = Net(_softmax_variables, _softmax_loss, lambda: tf.train.GradientDescentOptimizer(0.5), 100)
DEEP = Net(_deep_variables, _deep_loss, lambda: tf.train.AdamOptimizer(1e-4), 50)


class Program(NamedTuple):
    """A graph that trains.

    Attributes:
      graph: it.
      step: its training step.
      feeds: one for each of several runs; None where it is fed nothing.
      pulse: a variable that the step changes: fetching it waits for the steps before.
      fill: what is run once before, with `filling`; None where there is nothing.
      filling: the digits that it keeps.
      variables: of the net.
    """

    graph: Any
    step: Any
    feeds: list[Any] | None
    pulse: Any
    fill: Any = None
    filling: dict[Any, Any] | None = None
    variables: Sequence[Any] = ()


def fed(name: str, net: Net, place: str, count: int, all_there: bool = False) -> Program:
    """A program that is fed its batches.

    Args:
      name: sets its variables apart from those of other programs.
      net: what it trains.
      place: where the variables are.
      count: how many batches there are.
      all_there: whether all of the step is there; else it is where most of its inputs are.
    """
    data = read_data_sets(None, one_hot=True, seed=1).train
    with tf.Graph().as_default() as graph, tf.name_scope(name), tf.device(place if all_there else ""):
        x, labels = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
        with tf.device(place):
            variables = net.variables()
        step = net.optimizer().minimize(net.loss(x, labels, *variables))
    batches = [dict(zip((x, labels), data.next_batch(net.size), strict=True)) for _ in range(count)]
    return Program(graph, step, batches, variables[-1], variables=variables)


def kept(name: str, net: Net, places: Sequence[str], home: str) -> Program:
    """A program whose workers keep digits, and take batches of them by a counter; they train one model, at `home`, in step.

    Args:
      name: sets its variables apart from those of other programs.
      net: what it trains.
      places: the workers; each computes the gradients of a batch.
      home: where the variables are, and the gradients are averaged.
    """
    data = read_data_sets(None, one_hot=True, seed=1).train
    with tf.Graph().as_default() as graph, tf.name_scope(name):
        x, labels = tf.placeholder(tf.float32, [DIGITS, 784]), tf.placeholder(tf.float32, [DIGITS, 10])
        with tf.device(home):
            variables, optimizer = net.variables(), net.optimizer()
        fills, counted, gradients = [], [], []
        for place in places:
            with tf.device(place):
                images, truth = (tf.Variable(tf.zeros(t.get_shape()), trainable=False) for t in (x, labels))
                at = tf.Variable(0, trainable=False)
                fills += [images.assign(x), truth.assign(labels)]
                rows = tf.mod(at * net.size + tf.range(net.size), DIGITS)
                loss = net.loss(tf.gather(images, rows), tf.gather(truth, rows), *variables)
                gradients.append([g for g, _ in optimizer.compute_gradients(loss, variables)])
                with tf.control_dependencies([loss]):
                    counted.append(at.assign_add(1).op)
        with tf.device(home):
            means = (
                gradients[0]
                if len(places) == 1
                else [tf.add_n(each) / len(places) for each in zip(*gradients, strict=True)]
            )
            update = optimizer.apply_gradients(zip(means, variables, strict=True))
        step = tf.group(update, *counted)
        fill = tf.group(*fills)
    filling = {x: data.images[:DIGITS], labels: data.labels[:DIGITS]}
    return Program(graph, step, None, variables[-1], fill, filling, variables)


def there_and_back(name: str, length: int, home: str, other: str) -> Program:
    """A program that sends numbers from `home` to `other` and back, where a sum of them is kept."""
    with tf.Graph().as_default() as graph, tf.name_scope(name):
        with tf.device(home):
            numbers, total = tf.Variable(tf.zeros([length])), tf.Variable(0.0)
        with tf.device(other):
            passed = numbers + 1.0
        with tf.device(home):
            step = total.assign_add(passed[0]).op
    return Program(graph, step, None, total, variables=[numbers])
