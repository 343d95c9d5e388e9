"""`tf.elementwise` makes operations of a program's own: they compute, fuse and differentiate as the library's do."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

X = np.linspace(-3.0, 3.0, 41).astype(np.float32)  # neither a whole number of vectors nor less than one


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default() as graph:
        yield graph


def swish_slope(op: Any, dy: Any) -> Any:
    gate = tf.sigmoid(op.inputs[0])
    return [dy * (gate + op.outputs[0] * (1.0 - gate))]


@tf.elementwise("TestSwish", "x0 / ((T)(1) + exp(-x0))", grad=swish_slope, takes=(tf.float32, tf.float64))
def swish(x):
    """x * sigmoid(x), element by element."""


@tf.elementwise("TestBlend", "x0 + x2 * (x1 - x0)", grad=lambda op, dy: [
    dy * (1.0 - op.inputs[2]), dy * op.inputs[2], dy * (op.inputs[1] - op.inputs[0])
])  # fmt: skip
def blend(a, b, share=0.5):
    """What lies between a and b."""


def expected_swish(x: Any) -> Any:
    return x / (1 + np.exp(-np.float64(x)))


@pytest.mark.parametrize("fuse", ["1", "0"])
def test_it_computes_alone_and_among_others(fuse: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("GLNB_FUSE", fuse)
    x = tf.placeholder(tf.float32, [None])
    among = swish(x * 2.0) + 1.0
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(swish(x), {x: X}), expected_swish(X), rtol=2e-6, atol=1e-6)
        with tf.profile() as measured:
            found = sess.run(among, {x: X})
        np.testing.assert_allclose(found, expected_swish(2 * X) + 1, rtol=2e-6, atol=1e-6)
    assert len(measured.rows) == (1 if fuse == "1" else 3)


def test_it_ends_the_kernel_of_a_product() -> None:
    x = tf.placeholder(tf.float32, [None, 8])
    y = swish(tf.matmul(x, tf.ones([8, 16])) + 0.5)
    data = np.random.RandomState(0).standard_normal((5, 8)).astype(np.float32)
    with tf.Session() as sess:
        found = sess.run(y, {x: data})
    np.testing.assert_allclose(
        found, expected_swish(data.sum(1, keepdims=True) + 0.5).repeat(16, 1), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("fuse", ["1", "0"])
def test_first_and_second_derivatives_are_the_users(fuse: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("GLNB_FUSE", fuse)
    x = tf.placeholder(tf.float64, [None])
    (first,) = tf.gradients(swish(x), x)
    (second,) = tf.gradients(first, x)
    points, h = np.float64(X), 1e-4
    above, below = expected_swish(points + h), expected_swish(points - h)
    with tf.Session() as sess:
        one, two = sess.run([first, second], {x: points})
    np.testing.assert_allclose(one, (above - below) / (2 * h), atol=1e-6)
    np.testing.assert_allclose(two, (above - 2 * expected_swish(points) + below) / h**2, atol=1e-6)


def test_a_net_with_it_learns() -> None:
    tf.set_random_seed(1)
    data = X[:, None]
    w, v = tf.Variable(tf.random_normal([1, 16])), tf.Variable(tf.random_normal([16, 1], stddev=0.3))
    loss = tf.reduce_mean(tf.square(tf.matmul(swish(tf.matmul(data, w)), v) - np.abs(data)))
    train = tf.train.AdamOptimizer(0.05).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        before = sess.run(loss)
        for _ in range(200):
            sess.run(train)
        assert sess.run(loss) < 0.05 * before


def test_inputs_broadcast_and_their_gradients_are_summed_to_their_shapes() -> None:
    a, b, share = tf.constant(np.ones((2, 3), np.float32)), tf.constant([1.0, 2.0, 5.0]), tf.constant(0.25)
    y = blend(a, b, share)
    assert y.get_shape().as_list() == [2, 3]
    with tf.Session() as sess:
        value, (da, db, ds) = sess.run([y, tf.gradients(y, [a, b, share])])
    np.testing.assert_allclose(value, [[1.0, 1.25, 2.0]] * 2)
    np.testing.assert_allclose(da, np.full((2, 3), 0.75))
    np.testing.assert_allclose(db, [0.5] * 3)
    np.testing.assert_allclose(ds, 10.0)


def test_inputs_by_name_defaults_and_numbers() -> None:
    x = tf.constant([0.0, 4.0])
    with tf.Session() as sess:
        for y in (blend(x, 8.0), blend(b=8.0, a=x), blend(x, 8.0, name="between"), blend(x, 8.0, 0.5, "between")):
            np.testing.assert_allclose(sess.run(y), [4.0, 6.0])
    assert y.op.name == "between_1" and y.op.type == "TestBlend" and blend.__name__ == "blend"


def test_a_gradient_may_come_without_its_list() -> None:
    @tf.elementwise("TestTwice", "x0 + x0", grad=lambda op, dy: 2.0 * dy)
    def twice(x, name=None):
        """2 x."""

    x = tf.constant([1.0, 2.0])
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(tf.gradients(twice(x), x)[0]), [2.0, 2.0])


def test_without_a_gradient_none_flows() -> None:
    @tf.elementwise("TestStep", "x0 > x1", takes=[tf.float32], result=tf.bool)
    def above(x, limit):
        """Whether x is above the limit."""

    x = tf.constant(X)
    y = above(x, 0.5)
    assert y.dtype == tf.bool and tf.gradients(tf.cast(y, tf.float32), x) == [None]
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(y), X > 0.5)


def test_it_may_fail_a_run_with_a_message() -> None:
    @tf.elementwise("TestRoot", "sqrt(x0)", failure=("x0 < (T)(0)", "a root of what is below zero"))
    def root(x):
        """The root of x."""

    x = tf.placeholder(tf.float32, [None])
    y = root(x, name="mine")
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(y, {x: [4.0]}), [2.0])
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"a root of what is below zero.*mine"):
            sess.run(y, {x: X})


def test_a_declaration_may_run_again_and_be_another() -> None:
    """As in a notebook whose cell is run again: what was built before stays as it was."""
    x = tf.placeholder(tf.float32, [None])
    results = []
    for expression in ("x0 + (T)(1)", "x0 + (T)(1)", "x0 * (T)(3)"):

        @tf.elementwise("TestAgain", expression, grad=lambda op, dy: [dy])
        def again(x):
            """Another thing each time."""

        results.append(again(x))
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(results, {x: [2.0]}), [[3.0], [3.0], [6.0]])
        np.testing.assert_allclose(sess.run(again(x), {x: [5.0]}), [15.0])


def test_what_does_not_fit_names_the_operation_and_its_inputs() -> None:
    words = tf.placeholder(tf.int32, [3], name="words")
    with pytest.raises(
        TypeError, match=r"TestSwish takes float32, float64, not int32 \[in TestSwish of words:0 int32\(3,\)\]"
    ):
        swish(words)
    short, long = tf.zeros([2], name="short"), tf.zeros([3], name="long")
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\) do not broadcast.*in TestBlend 'mixed'.*short:0.*long:0"):
        blend(short, long, name="mixed")
    with pytest.raises(TypeError, match="TestBlend takes inputs of one type, not float32 and float64"):
        blend(short, tf.zeros([2], tf.float64))
    with pytest.raises(TypeError, match=r"blend\(\) misses the argument 'b'"):
        blend(short)
    with pytest.raises(TypeError, match=r"blend\(\) got an unexpected or repeated argument 'c'"):
        blend(short, short, c=1.0)
    with pytest.raises(TypeError, match=r"blend\(\) takes 3 inputs, not 5"):
        blend(short, short, short, "name", short)


def test_gradients_that_do_not_fit_name_the_operation() -> None:
    @tf.elementwise("TestTooMany", "x0", grad=lambda op, dy: [dy, dy])
    def too_many(x):
        """x."""

    x = tf.constant([1.0])
    with pytest.raises(ValueError, match="The gradient of TestTooMany gave 2 tensors for 1 inputs"):
        tf.gradients(too_many(x), x)


def test_c_that_does_not_compile_names_the_operation_and_the_line() -> None:
    @tf.elementwise("TestNonsense", "x0 +* nothing")
    def nonsense(x):
        """No C."""

    with tf.Session() as sess, pytest.raises(tf.errors.InternalError, match="TestNonsense") as caught:
        sess.run(nonsense(tf.placeholder(tf.float32, [1], name="x")), {"x:0": [1.0]})
    assert __file__ in str(caught.value)


def one(x: Any) -> None:
    """x."""


def with_any(*xs: Any) -> None:
    """Any number."""


def with_none() -> None:
    """None."""


@pytest.mark.parametrize(
    "declare, kind, text",
    [
        (lambda: tf.elementwise("Two words", "x0"), ValueError, "word such as 'Swish', not 'Two words'"),
        (lambda: tf.elementwise(3, "x0"), ValueError, "not 3"),
        (lambda: tf.elementwise("Mine", ""), TypeError, "Mine: the expression must be OpenCL C"),
        (lambda: tf.elementwise("Mine", one), TypeError, "Mine: the expression must be OpenCL C"),
        (lambda: tf.elementwise("Mine", "x0 * 0.5"), ValueError, r"Mine: write 0\.5 as \(T\)\(0\.5\)"),
        (lambda: tf.elementwise("Mine", "x0 * (T)(1.5) + .5e-3"), ValueError, r"Mine: write \.5e-3 as"),
        (lambda: tf.elementwise("Mine", "x0", grad=[1.0]), TypeError, "Mine: grad must be a function"),
        (lambda: tf.elementwise("Mine", "x0", takes=["float32"]), TypeError, "Mine: takes and result are element types"),
        (lambda: tf.elementwise("Mine", "x0", takes=()), TypeError, "Mine: takes and result are element types"),
        (lambda: tf.elementwise("Mine", "x0", result="bool"), TypeError, "Mine: takes and result are element types"),
        (lambda: tf.elementwise("Mine", "x0 + x1")(one), ValueError, "Mine: the expression names x1, and the inputs are x$"),
        (lambda: tf.elementwise("Mine", "x0")(with_any), TypeError, "Mine: with_any must name each of its inputs"),
        (lambda: tf.elementwise("Mine", "x0")(with_none), TypeError, "Mine: with_none has no inputs"),
    ],
)  # fmt: skip
def test_what_is_no_operation_is_refused_where_it_is_declared(declare: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        declare()


@tf.elementwise("TestWrongCall", "x0 * no_such_function(x0)")
def wrong_call(x):
    """Nonsense."""


@tf.elementwise("TestRightCall", "x0 + exp(x0)")
def right_call(x):
    """Sense."""


@pytest.mark.parametrize("fuse", ["1", "0"])
@pytest.mark.parametrize("among", [False, True])
def test_an_expression_that_is_no_c_is_named_without_positions_in_unseen_files(
    fuse: str, among: bool, monkeypatch: Any
) -> None:
    monkeypatch.setenv("GLNB_FUSE", fuse)
    x = tf.placeholder(tf.float32, [None])
    y = right_call(wrong_call(right_call(x) * 2.0)) + 1.0 if among else wrong_call(x)
    with tf.Session() as sess, pytest.raises(tf.errors.InternalError) as caught:
        sess.run(y, {x: X})
    told = str(caught.value)
    assert (
        "no_such_function" in told and "; the expression of TestWrongCall is 'x0 * no_such_function(x0)' [in " in told
    )
    assert caught.value.op is not None and caught.value.op.type == "TestWrongCall"
    complaint = told.partition(" [in ")[0]
    assert not re.search(r"\d+:\d+|\.cl:\d|Spelling", complaint)
