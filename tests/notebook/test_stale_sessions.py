"""A session of a graph that was reset: the error names the session as what is old, and the cell that makes it anew."""

from __future__ import annotations

import gc
import weakref

import pytest

import graphlab_nb as tf

BUILD = "tf.reset_default_graph()\n\nx = tf.placeholder(tf.float32, [], name='x')\nw = tf.Variable(2.0, name='w')\ny = x * w"
OPEN = "init = tf.initialize_all_variables()\nsess = tf.Session()\nsess.run(init)"


@pytest.fixture
def stale(shell):
    shell.run(BUILD, "build")
    shell.run("old = y\nold_x = x")
    shell.run(OPEN, "open")
    shell.opened = shell.count
    shell.run(BUILD, "build")
    return shell


@pytest.mark.parametrize(
    ("code", "purpose", "line"),
    [
        ("sess.run(old, {x: 1.0})", "feed a tensor", 3),
        ("sess.run(y, {x: 1.0})", "run a fetch", 5),
        ("sess.run([y])", "run a fetch", 5),
        ("w.eval(session=sess)", "evaluate a tensor", 4),
        ("w.initializer.run(session=sess)", "run an operation", 4),
        ("w.load(2.0, sess)", "load a variable", 4),
        ("sess.make_callable(old, [x])", "feed a tensor", 3),
    ],
)
def test_the_cell_that_made_the_session_is_named(stale, code, purpose, line):
    built = stale.count
    shown = stale.fails(code).splitlines()[0]
    assert shown.startswith(f"ValueError: Cannot {purpose} in this session: <tf.")
    assert f"was made by In [{built}], line {line}, and the session belongs to an older graph" in shown
    assert shown.endswith(
        f"from before the graph was reset by In [{built}], line 1. "
        f"Run the cell that made the session again (In [{stale.opened}], line 2)"
    )


def test_doing_so_mends_it(stale):
    stale.run(OPEN, "open")
    assert stale.run("sess.run(y, {x: 3.0})") == 6.0


def test_what_is_as_old_as_the_session_still_runs(stale):
    assert stale.run("sess.run(old, {old_x: 3.0})") == 6.0


def test_in_a_program_the_line_is_named():
    with tf.Session(graph=tf.Graph()) as sess:
        sess.graph.ended = "it was tried"
        with tf.Graph().as_default():
            late = tf.constant(1.0)
            with pytest.raises(
                ValueError, match=r"from before it was tried\. Make the session again \(.*\.py:\d+ in test_"
            ):
                sess.run(late)


def test_two_graphs_of_one_time_are_told_as_that():
    with tf.Graph().as_default():
        x = tf.constant(1.0)
    with tf.Session(graph=tf.Graph()) as sess, pytest.raises(ValueError, match="in a session of another graph"):
        x.eval(session=sess)


def test_a_session_goes_without_the_collector():
    with tf.Graph().as_default():
        sess = tf.Session()
        sess.run(tf.constant(1.0) + 1.0)
    held = weakref.ref(sess)
    gc.disable()
    try:
        del sess
        assert held() is None
    finally:
        gc.enable()


def test_an_interactive_session_gives_back_its_own_graph():
    first, second = tf.Graph(), tf.Graph()
    opened = tf.InteractiveSession(graph=first)
    with second.as_default(), pytest.warns(UserWarning):
        again = tf.InteractiveSession(graph=first)
        assert tf.get_default_graph() is first
        again.close()
        again.close()
        assert tf.get_default_graph() is second
    assert tf.get_default_graph() is first
    opened.close()
    assert tf.get_default_session() is None
