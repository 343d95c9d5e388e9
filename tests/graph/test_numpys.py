"""NumPy's functions of tensors: the error is our own, and names the tensor, the function and what to use."""

from __future__ import annotations

import math
import operator
from math import sqrt

import numpy as np
import pytest
from numpy import exp as exponential

import graphlab_nb as tf
from graphlab_nb.graph.numpys import OURS

A = np.ones(2)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def other_lines(x):
    return np.tanh(x)


@pytest.mark.parametrize(
    ("call", "theirs", "ours"),
    [
        (lambda x: np.sin(x), "np.sin", "tf.sin"),
        (lambda x: exponential(x), "np.exp", "tf.exp"),
        (lambda x: sqrt(x), "math.sqrt", "tf.sqrt"),
        (lambda x: math.cos(x), "math.cos", "tf.cos"),
        (lambda x: np.sum(x), "np.sum", "tf.reduce_sum"),
        (lambda x: np.mean(x), "np.mean", "tf.reduce_mean"),
        (lambda x: np.dot(A, x), "np.dot", "tf.matmul"),
        (lambda x: np.maximum(A, x, out=A), "np.maximum", "tf.maximum"),
        (lambda x: np.concatenate([x, x]), "np.concatenate", "tf.concat"),
        (lambda x: (np.sin(1.0), np.cos(x)), "np.cos", "tf.cos"),
        (other_lines, "np.tanh", "tf.tanh"),
    ],
)
@pytest.mark.parametrize("kind", ["Tensor", "Variable"])
def test_our_function_is_named(kind, call, theirs, ours):
    x = tf.placeholder(tf.float32, [2], name="x") if kind == "Tensor" else tf.Variable([1.0, 2.0], name="x")
    with pytest.raises(TypeError) as caught:
        call(x)
    said = f"{kind} x:0 has no value before it is run, and {theirs} needs one: use {ours}, or run it in a session first"
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda x: np.cbrt(x), "and np.cbrt needs one: run it in a session first"),
        (lambda x: np.asarray(x), "and np.asarray needs one: run it in a session first"),
        (lambda x: A.dot(x), "NumPy cannot read it"),
        (lambda x: eval("np.sin(x)"), "NumPy cannot read it"),
        (lambda x: float(x), "before it is run; use session.run"),
    ],
)
def test_where_there_is_none_the_error_is_ours_all_the_same(call, said):
    with pytest.raises(TypeError, match=r"^Tensor x:0 has no value before it is run") as caught:
        call(tf.placeholder(tf.float32, [2], name="x"))
    assert said in str(caught.value)


def test_what_is_named_is_there():
    assert all(hasattr(np, theirs) for theirs in OURS)
    assert all(callable(getattr(tf, ours)) for ours in OURS.values())


@pytest.mark.parametrize("make", [tf.constant, tf.Variable])
@pytest.mark.parametrize("left", [A.astype(np.float32), A, np.float32(2), np.float64(2), np.array(2.0)])
def test_operators_with_arrays_on_the_left_are_the_tensor_s(make, left):
    x = make([1.0, 3.0])
    for sign in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.lt, operator.ge):
        made = sign(left, x)
        assert isinstance(made, tf.Tensor) and x.op.graph is made.graph
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            np.testing.assert_allclose(sess.run(made), sign(left, np.array([1.0, 3.0])))
    assert (left == x) is False and (left != x) is True
