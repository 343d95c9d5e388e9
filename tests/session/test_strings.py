"""Strings, which the host alone holds: fed, made by host operations, and handed from one to the next."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def joined(*tensors):
    """All values, with bars between, as a string of shape []."""

    def join(*arrays):
        parts = [v if isinstance(v, bytes) else str(v).encode() for a in arrays for v in np.ravel(a).tolist()]
        return np.array(b"|".join(parts), object)

    return tf.py_func(join, list(tensors), tf.string)


def test_fed_strings_reach_host_operations_anew_in_each_run():
    names, x = tf.placeholder(tf.string, [None]), tf.placeholder(tf.float32, [])
    both = joined(names, x)
    with tf.Session() as sess:
        assert sess.run(both, {names: [b"a", b"b"], x: 1}) == b"a|b|1.0"
        assert sess.run(both, {names: [b"c", b"d"], x: 2}) == b"c|d|2.0"
        assert sess.run(both, {names: [b"e"], x: 2}) == b"e|2.0"
        assert sess.run(names, {names: [b"f"]}).tolist() == [b"f"]


def test_one_host_operation_hands_strings_to_the_next():
    x = tf.placeholder(tf.float32, [None])
    first, second = joined(x), joined(x + 1)
    last = joined(first, second, tf.constant(["end"]))
    with tf.Session() as sess:
        for numbers in ([1, 2], [3], [4, 5]):
            wanted = b"|".join(str(float(n)).encode() for n in (*numbers, *(n + 1 for n in numbers))) + b"|end"
            assert sess.run([last, first], {x: numbers})[0] == wanted
        assert sess.run(last, {first: b"given", x: [0]}) == b"given|1.0|end"


def test_shapes_and_copies_of_strings():
    names = tf.placeholder(tf.string, [None])
    column = tf.reshape(tf.identity(names), [-1, 1])
    with tf.Session() as sess:
        found = sess.run([column, tf.shape(column), tf.identity(column)], {names: [b"a", b"b"]})
        assert found[0].tolist() == found[2].tolist() == [[b"a"], [b"b"]] and found[1].tolist() == [2, 1]
        shapes = tf.py_func(lambda a: np.array(str(a.shape).encode(), object), [column], tf.string)
        assert sess.run(shapes, {names: [b"a", b"b", b"c"]}) == b"(3, 1)"


def test_strings_wait_for_what_only_the_run_shapes():
    names, x = tf.placeholder(tf.string, [None]), tf.placeholder(tf.float32, [None])
    large = tf.gather(x, tf.reshape(tf.where(x > 1), [-1]))
    copy = tf.identity(names)
    found = joined(copy, tf.scalar_summary("a", 1.0), large)
    with tf.Session() as sess:
        for words, numbers, rest in (([b"a", b"b"], [1, 2, 3], b"2.0|3.0"), ([b"c"], [4], b"4.0")):
            values = sess.run([found, copy], {names: words, x: numbers})
            assert values[0].startswith(b"|".join(words) + b"|\n") and values[0].endswith(b"|" + rest)
            assert values[1].tolist() == words


def test_a_traced_run_has_strings_too():
    names = tf.placeholder(tf.string, [1])
    options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
    with tf.Session() as sess:
        assert sess.run(joined(joined(names)), {names: [b"a"]}, options=options, run_metadata=metadata) == b"a"


def test_zero_bytes_at_the_ends_of_strings_are_kept():
    names = tf.placeholder(tf.string, [None])
    ended = tf.py_func(lambda: b"c\0\0", [], tf.string)
    with tf.Session() as sess:
        values = sess.run([tf.constant(b"a\0"), tf.constant([["b\0", "d"]]), ended, names], {names: ["u", b"v\0"]})
    assert values[0] == b"a\0" and values[1].tolist() == [["b\0", "d"]] and values[2] == b"c\0\0"
    assert values[3].tolist() == ["u", b"v\0"]


def test_what_is_no_string_is_refused_where_strings_are_wanted():
    names = tf.placeholder(tf.string, [None], name="names")
    wrong = tf.py_func(lambda: 5, [], tf.string)
    with tf.Session() as sess:
        with pytest.raises(TypeError, match=r"'names:0' cannot be fed to a tensor of string: .* got 1 of type int"):
            sess.run(names, {names: [1, 2]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="value 0: Expected strings, got 5 of type int"):
            sess.run(wrong)
    with pytest.raises(TypeError, match="it holds objects that are no numbers"):
        tf.constant(["a", 1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.Variable(["a"], name="names"),
        lambda: tf.Variable(lambda: tf.constant("a"), name="names"),
        lambda: tf.get_variable("names", initializer=["a"]),
        lambda: tf.Variable(tf.placeholder(tf.string), name="names", validate_shape=False),
    ],
)
def test_a_variable_of_strings_is_refused_by_name_when_it_is_made(make):
    with pytest.raises(TypeError, match=r"Variable 'names' cannot be of strings: .* Keep strings in a Python list"):
        make()
    assert tf.global_variables() == []
