"""The nets that several works train, once for the graph API (ours and TensorFlow's) and once for PyTorch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

RATE = 0.5
ADAM_RATE = 1e-4


class Net(NamedTuple):
    """A net in a graph; `pulse` is one number of a variable: fetching it waits for the step before."""

    x: Any
    labels: Any
    keep_prob: Any
    loss: Any
    train_step: Any
    accuracy: Any
    pulse: Any


class TorchNet(NamedTuple):
    """A net in PyTorch: its module and its step, which takes images and labels and returns the loss."""

    module: Any
    step: Callable[[Any, Any], Any]


def softmax(tf: Any, form: str) -> Net:
    """The softmax tutorial's net; `form` is "log" (of the probability) or "logits"."""
    x, labels = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    weights, biases = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
    logits = tf.matmul(x, weights) + biases
    if form == "log":
        each = -tf.reduce_sum(labels * tf.log(tf.nn.softmax(logits)), reduction_indices=[1])
    else:
        each = tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=labels)
    loss = tf.reduce_mean(each)
    train_step = tf.train.GradientDescentOptimizer(RATE).minimize(loss)
    return Net(x, labels, None, loss, train_step, _accuracy(tf, logits, labels), biases[0])


def deep(tf: Any) -> Net:
    """The deep tutorial's net."""
    x, labels = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    keep_prob = tf.placeholder(tf.float32, [])

    def weights(*shape: int) -> Any:
        return tf.Variable(tf.truncated_normal(shape, stddev=0.1))

    def biases(size: int) -> Any:
        return tf.Variable(tf.constant(0.1, shape=[size]))

    def convolved(images: Any, taps: Any, size: int) -> Any:
        active = tf.nn.relu(tf.nn.conv2d(images, taps, [1, 1, 1, 1], "SAME") + biases(size))
        return tf.nn.max_pool(active, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")

    hidden = convolved(tf.reshape(x, [-1, 28, 28, 1]), weights(5, 5, 1, 32), 32)
    hidden = convolved(hidden, weights(5, 5, 32, 64), 64)
    dense = tf.matmul(tf.reshape(hidden, [-1, 3136]), weights(3136, 1024)) + biases(1024)
    dropped = tf.nn.dropout(tf.nn.relu(dense), keep_prob)
    last = biases(10)
    logits = tf.matmul(dropped, weights(1024, 10)) + last
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=labels))
    train_step = tf.train.AdamOptimizer(ADAM_RATE).minimize(loss)
    return Net(x, labels, keep_prob, loss, train_step, _accuracy(tf, logits, labels), last[0])


def layers(tf: Any, sizes: Sequence[int], rate: float) -> Net:
    """Dense layers with relu, trained by SGD to give back `labels` `[batch, sizes[-1]]`."""
    x, labels = tf.placeholder(tf.float32, [None, sizes[0]]), tf.placeholder(tf.float32, [None, sizes[-1]])
    hidden, biases = x, None
    for i, (taken, given) in enumerate(itertools.pairwise(sizes)):
        weights = tf.Variable(tf.random_normal([taken, given], stddev=(2.0 / taken) ** 0.5, seed=i))
        biases = tf.Variable(tf.zeros([given]))
        hidden = tf.nn.relu(tf.matmul(hidden, weights) + biases)
    loss = tf.reduce_mean(tf.square(hidden - labels))
    train_step = tf.train.GradientDescentOptimizer(rate).minimize(loss)
    return Net(x, labels, None, loss, train_step, None, biases[0])


def _accuracy(tf: Any, logits: Any, labels: Any) -> Any:
    return tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1)), tf.float32))


def torch_softmax(form: str) -> TorchNet:
    """The softmax tutorial's net in PyTorch."""
    import torch
    from torch.nn import functional

    module = torch.nn.Linear(784, 10)
    for parameter in module.parameters():
        torch.nn.init.zeros_(parameter)
    optimizer = torch.optim.SGD(module.parameters(), RATE, fused=True)

    def loss_of(logits: Any, labels: Any) -> Any:
        if form == "log":
            return -(labels * torch.log(torch.softmax(logits, 1))).sum(1).mean()
        return functional.cross_entropy(logits, labels)

    return TorchNet(module, _torch_step(module, optimizer, loss_of))


def torch_deep(channels_last: bool) -> TorchNet:
    """The deep tutorial's net in PyTorch, in either memory format; it takes images `[batch, 784]`."""
    import torch
    from torch import nn

    layout = torch.channels_last if channels_last else torch.contiguous_format

    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(1, 32, 5, padding=2)
            self.second = nn.Conv2d(32, 64, 5, padding=2)
            self.dense = nn.Linear(3136, 1024)
            self.drop = nn.Dropout(0.5)
            self.last = nn.Linear(1024, 10)

        def forward(self, x: Any) -> Any:
            images = x.reshape(-1, 1, 28, 28).contiguous(memory_format=layout)
            hidden = nn.functional.max_pool2d(torch.relu(self.first(images)), 2)
            hidden = nn.functional.max_pool2d(torch.relu(self.second(hidden)), 2)
            return self.last(self.drop(torch.relu(self.dense(hidden.flatten(1)))))

    module = Deep().to(memory_format=layout)
    optimizer = torch.optim.Adam(module.parameters(), ADAM_RATE, fused=True)
    return TorchNet(module, _torch_step(module, optimizer, nn.functional.cross_entropy))


def torch_layers(sizes: Sequence[int], rate: float) -> TorchNet:
    """Dense layers with relu in PyTorch."""
    import torch

    pairs = itertools.pairwise(sizes)
    module = torch.nn.Sequential(*[m for a, b in pairs for m in (torch.nn.Linear(a, b), torch.nn.ReLU())])
    optimizer = torch.optim.SGD(module.parameters(), rate, fused=True)
    return TorchNet(module, _torch_step(module, optimizer, torch.nn.functional.mse_loss))


def _torch_step(module: Any, optimizer: Any, loss_of: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    import torch

    def step(x: Any, labels: Any) -> Any:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(module(torch.from_numpy(x)), torch.from_numpy(labels))
        loss.backward()
        optimizer.step()
        return loss

    return step
