"""Variable scopes: names of variables and operations, reuse, defaults, errors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


# Names


def test_names_of_nested_scopes() -> None:
    with tf.variable_scope("foo"), tf.variable_scope("bar") as scope:
        assert scope.name == "foo/bar"
        v = tf.get_variable("v", [1])
        assert tf.get_variable_scope() is scope
    assert v.name == "foo/bar/v:0"
    assert tf.get_variable("v", [1]).name == "v:0"
    assert tf.get_variable_scope().name == ""


def test_names_of_operations() -> None:
    with tf.variable_scope("foo"):
        x = 1.0 + tf.get_variable("v", [1])
    assert x.op.name == "foo/add"
    with tf.variable_scope("foo", reuse=True):
        y = 1.0 + tf.get_variable("v", [1])
    assert y.op.name == "foo_1/add"
    with tf.variable_scope("foo") as scope:
        pass
    with tf.variable_scope(scope, reuse=True):
        assert (1.0 + tf.get_variable("v", [1])).op.name == "foo_3/add"
    assert scope.original_name_scope == "foo_2/"
    names = [op.name for op in tf.get_default_graph().get_operations()]
    assert {"foo/v", "foo/v/Assign", "foo/v/read"} <= set(names)
    assert any(n.startswith("foo/v/Initializer/") for n in names)


def test_name_scopes_do_not_touch_variables() -> None:
    with tf.variable_scope("foo"), tf.name_scope("bar"):
        v = tf.get_variable("v", [1])
        x = 1.0 + v
    assert v.name == "foo/v:0"
    assert x.op.name == "foo/bar/add"
    with tf.name_scope("outer"):
        assert tf.get_variable("w", [1]).name == "w:0"
        with tf.variable_scope("inner"):
            assert tf.get_variable("w", [1]).name == "inner/w:0"
            assert tf.identity(x).op.name == "outer/inner/Identity"


def test_entering_a_scope_object_from_elsewhere() -> None:
    with tf.variable_scope("foo") as foo:
        pass
    with tf.variable_scope("bar"):
        with tf.variable_scope("baz") as other:
            assert other.name == "bar/baz"
            with tf.variable_scope(foo) as again:
                assert again.name == "foo"
                assert tf.get_variable("v", [1]).name == "foo/v:0"
                assert tf.identity(1.0).op.name == "bar/baz/foo/Identity"
        assert tf.get_variable("v", [1]).name == "bar/v:0"


def test_default_names_are_new_each_time() -> None:
    names = []
    for _ in range(3):
        with tf.variable_scope(None, "layer"):
            v = tf.get_variable("w", [1])
            names.append((v.op.name, tf.identity(v).op.name))
    assert names == [
        ("layer/w", "layer/Identity"),
        ("layer_1/w", "layer_1/Identity"),
        ("layer_2/w", "layer_2/Identity"),
    ]
    with tf.variable_scope("given", "layer"):
        assert tf.get_variable("w", [1]).op.name == "given/w"
    with tf.variable_scope("net"):
        for expected in ("net/layer/w", "net/layer_1/w"):
            with tf.variable_scope(None, "layer"):
                assert tf.get_variable("w", [1]).op.name == expected
    with tf.variable_scope("net", reuse=True):
        for expected in ("net/layer/w", "net/layer_1/w"):
            with tf.variable_scope(None, "layer"):
                assert tf.get_variable("w").op.name == expected


def test_variable_op_scope() -> None:
    x = tf.constant(1.0)
    with tf.variable_op_scope([x], None, "layer") as scope:
        assert scope.name == "layer"
    with tf.variable_op_scope([x], "mine", "layer") as scope:
        assert scope.name == "mine"


def test_values_choose_the_graph() -> None:
    other = tf.Graph()
    with other.as_default():
        x = tf.constant(1.0)
    with tf.variable_scope("foo", values=[x]):
        v = tf.get_variable("v", [1])
    assert v.graph is other


# Reuse


def test_sharing() -> None:
    with tf.variable_scope("foo"):
        v = tf.get_variable("v", [2])
    with tf.variable_scope("foo", reuse=True):
        assert tf.get_variable("v", [2]) is v
        assert tf.get_variable("v") is v
        with tf.variable_scope("inner") as inner:
            assert inner.reuse is True
    with tf.variable_scope("foo") as scope:
        scope.reuse_variables()
        assert tf.get_variable("v", [2]) is v
    with tf.variable_scope(scope):
        assert tf.get_variable("v") is v
    assert tf.get_variable_scope().reuse is None
    assert len(tf.all_variables()) == 1


def test_auto_reuse() -> None:
    found = []
    for _ in range(2):
        with tf.variable_scope("foo", reuse=tf.AUTO_REUSE):
            found.append(tf.get_variable("v", [2]))
    assert found[0] is found[1]


def test_reuse_of_the_outermost_scope() -> None:
    v = tf.get_variable("v", [2])
    tf.get_variable_scope().reuse_variables()
    assert tf.get_variable("v", [2]) is v


def test_reuse_errors() -> None:
    with tf.variable_scope("foo"):
        tf.get_variable("v", [2])
        with pytest.raises(ValueError, match=r"foo/v already exists, disallowed.*test_variable_scope\.py"):
            tf.get_variable("v", [2])
    with tf.variable_scope("foo", reuse=True):
        with pytest.raises(ValueError, match="foo/w does not exist"):
            tf.get_variable("w", [2])
        with pytest.raises(ValueError, match=r"specified shape \(3,\) and found shape \(2,\)"):
            tf.get_variable("v", [3])
        with pytest.raises(ValueError, match="specified dtype float64 and found dtype float32"):
            tf.get_variable("v", [2], tf.float64)
    tf.Variable(1.0, name="plain")
    tf.get_variable_scope().reuse_variables()
    with pytest.raises(ValueError, match=r"plain does not exist, or was not created with tf\.get_variable"):
        tf.get_variable("plain")


def test_scopes_of_graphs_are_their_own() -> None:
    with tf.variable_scope("foo"):
        tf.get_variable("v", [2])
    with tf.Graph().as_default():
        assert tf.get_variable_scope().name == ""
        with tf.variable_scope("foo"):
            assert tf.get_variable("v", [2]).name == "foo/v:0"


def test_a_scope_left_by_an_error_is_closed() -> None:
    with pytest.raises(RuntimeError), tf.variable_scope("foo"):
        raise RuntimeError
    assert tf.get_variable("v", [1]).name == "v:0"


# Defaults


def test_default_initializer() -> None:
    with tf.variable_scope("foo", initializer=tf.constant_initializer(0.5)):
        v = tf.get_variable("v", [2])
        w = tf.get_variable("w", [2], initializer=tf.constant_initializer(0.25))
        with tf.variable_scope("inner", initializer=tf.ones_initializer()) as inner:
            x = tf.get_variable("x", [2])
            inner.set_initializer(tf.zeros_initializer)
            y = tf.get_variable("y", [2])
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        assert [list(a) for a in sess.run([v, w, x, y])] == [[0.5] * 2, [0.25] * 2, [1, 1], [0, 0]]


def test_without_an_initializer() -> None:
    v = tf.get_variable("v", [300, 20])
    n = tf.get_variable("n", [3], tf.int32)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        found = sess.run(v)
        limit = math.sqrt(3 / 300)
        assert np.abs(found).max() <= limit and found.std() == pytest.approx(limit / math.sqrt(3), rel=0.05)
        np.testing.assert_array_equal(sess.run(n), [0, 0, 0])


def test_types() -> None:
    assert tf.get_variable("a", [1], tf.float64).dtype.base_dtype == tf.float64
    with tf.variable_scope("foo", dtype=tf.float64):
        assert tf.get_variable("a", [1]).dtype.base_dtype == tf.float64
        with tf.variable_scope("bar"):
            assert tf.get_variable("a", [1]).dtype.base_dtype == tf.float64
        assert tf.get_variable("b", [1], tf.float32).dtype.base_dtype == tf.float32


def test_initialized_with_a_value() -> None:
    v = tf.get_variable("v", initializer=tf.constant([1.0, 2.0]))
    w = tf.get_variable("w", initializer=np.arange(3))
    x = tf.get_variable("x", dtype=tf.float64, initializer=3.0)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        np.testing.assert_array_equal(sess.run(v), [1, 2])
        np.testing.assert_array_equal(sess.run(w), [0, 1, 2])
        assert w.dtype.base_dtype == tf.int64 and x.dtype.base_dtype == tf.float64
    with pytest.raises(ValueError, match=r"not the shape \(3,\)"):
        tf.get_variable("y", [3], initializer=tf.constant([1.0, 2.0]))


def test_regularizers() -> None:
    def half_square(v: Any) -> Any:
        return tf.reduce_sum(tf.square(v)) / 2

    with tf.variable_scope("foo", regularizer=half_square):
        tf.get_variable("v", [2], initializer=tf.constant_initializer(3.0))
        tf.get_variable("w", [2], initializer=tf.ones_initializer, regularizer=lambda v: None)
    with tf.variable_scope("foo", reuse=True):
        tf.get_variable("v", [2], regularizer=half_square)
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    assert len(losses) == 1
    assert losses[0].op.name.startswith("foo/v/Regularizer/")
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        assert sess.run(losses[0]) == 9.0


def test_collections_and_training() -> None:
    with tf.variable_scope("foo") as scope:
        v = tf.get_variable("v", [2])
        w = tf.get_variable("w", [2], trainable=False)
        x = tf.get_variable("x", [2], collections=["mine"], trainable=False)
    other = tf.get_variable("foobar", [2])
    assert tf.trainable_variables() == [v, other]
    assert scope.trainable_variables() == [v]
    assert scope.global_variables() == [v, w]
    assert tf.get_collection("mine") == [x]
    local = tf.get_local_variable("local", [2])
    assert tf.local_variables() == [local] and local not in tf.trainable_variables()
    assert local not in tf.global_variables()


def test_custom_getters() -> None:
    def scaled(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getter(name, *args, **kwargs) * 2.0

    def plus_one(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getter(name, *args, **kwargs) + 1.0

    with tf.variable_scope("foo", custom_getter=scaled):
        v = tf.get_variable("v", [], initializer=tf.constant_initializer(3.0))
        with tf.variable_scope("bar", custom_getter=plus_one):
            w = tf.get_variable("w", [], initializer=tf.constant_initializer(3.0))
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        assert sess.run([v, w]) == [6.0, 7.0]
    assert [x.op.name for x in tf.all_variables()] == ["foo/v", "foo/bar/w"]


def test_method_of_a_scope() -> None:
    with tf.variable_scope("foo") as scope:
        pass
    with tf.variable_scope("bar"):
        assert scope.get_variable("v", [1]).name == "foo/v:0"
        assert tf.get_variable("v", [1]).name == "bar/v:0"


# Errors


def test_shapes_that_are_not_known() -> None:
    with pytest.raises(ValueError, match=r"new variable \(v\) must be fully defined.*not given"):
        tf.get_variable("v")
    with pytest.raises(ValueError, match=r"new variable \(v\) must be fully defined.*\(\?, 3\)"):
        tf.get_variable("v", [None, 3])


def test_refused_arguments() -> None:
    with pytest.raises(TypeError, match="name_or_scope"), tf.variable_scope(None):
        pass
    with pytest.raises(ValueError, match="reuse=True"), tf.variable_scope(None, "layer", reuse=True):
        pass
    with pytest.raises(TypeError, match="7"), tf.variable_scope(7):
        pass
