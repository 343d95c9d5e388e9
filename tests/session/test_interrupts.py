"""Ctrl-C in the middle of training: variables stay whole and the session usable."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def interrupts_reach_python():
    """A process started in the background of a script may have been told to ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_interrupts_leave_variables_whole():
    size, count = 2000, 12
    with tf.Graph().as_default():
        variables = [tf.Variable(tf.zeros([size])) for _ in range(count)]
        x = tf.placeholder(tf.float32, [size])
        # Every run adds the same number everywhere: a run cut in half would leave the variables different.
        step = tf.group(*[tf.assign_add(v, x + float(i) - float(i)) for i, v in enumerate(variables)])
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            data = np.ones(size, np.float32)
            sess.run(step, {x: data})
            interrupted = 0
            for attempt in range(12):
                timer = threading.Timer(0.004 * (attempt + 1), os.kill, (os.getpid(), signal.SIGINT))
                timer.start()
                try:
                    while timer.is_alive():
                        sess.run(step, {x: data})
                    time.sleep(0.05)
                except KeyboardInterrupt:
                    interrupted += 1
                timer.join()
                values = sess.run(variables)
                first = values[0][0]
                assert all((v == first).all() for v in values)
            assert interrupted == 12
            sess.run(step, {x: data})
            assert sess.run(variables[0])[0] == first + 1.0


def test_an_interrupt_in_a_python_function_reaches_the_caller():
    def interrupt(a):
        raise KeyboardInterrupt

    with tf.Graph().as_default(), tf.Session() as sess:
        v = tf.Variable(1.0)
        sess.run(v.initializer)
        out = tf.py_func(interrupt, [v + 1.0], tf.float32)
        try:
            sess.run(out)
        except KeyboardInterrupt:
            pass
        else:
            raise AssertionError("the interrupt was lost")
        assert sess.run(v) == 1.0


def test_letting_go_of_a_session_runs_no_python_of_ours():
    # An exception raised in a destructor is printed and lost, and so would be a Ctrl-C that arrives there.
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [300, 300])
        v = tf.Variable(tf.zeros([300, 300]))
        step, total = v.assign(tf.matmul(x, v) + x), tf.reduce_sum(v)
    sess = tf.Session(graph=graph)
    sess.run(v.initializer)
    for _ in range(20):
        sess.run(step, {x: np.ones([300, 300], np.float32)})
    sess.run([step, total], {x: np.ones([300, 300], np.float32)})
    sess.run(step, {x: np.ones([300, 300], np.float32)})
    ran = []
    sys.setprofile(lambda frame, event, _: ran.append(frame.f_code.co_filename) if event == "call" else None)
    try:
        del sess
        gc.collect()
    finally:
        sys.setprofile(None)
    assert not [name for name in ran if os.sep + "graphlab_nb" + os.sep in name]


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("where", ["before", "in", "after", "between"])
def test_an_interrupt_waits_for_the_other_updates(where: str, traced: bool):
    """Steps in Python meet interrupts; all that a run still has to do is done first, and nothing twice."""
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [3])
        variables = [tf.Variable(tf.zeros([3])) for _ in range(4)]
        step = tf.group(*[tf.assign_add(v, tf.cumsum(x * float(k))) for k, v in enumerate(variables)])
        for v in variables:
            sess.run(v.initializer)
        options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE) if traced else None
        sess.run(step, {x: np.ones(3, np.float32)}, options, tf.RunMetadata())
        bound = list(sess._plans.values())[-1].bound
        name = "_traced" if traced else "_calls"
        real, begun = list(getattr(bound, name)), []
        assert len(real) > 4
        flush = bound.resources.devices[0].queue.flush

        def interrupted():
            begun.append(1)
            if where == "in" or len(begun) > 1:
                flush()
            if len(begun) == 1:
                raise KeyboardInterrupt

        middle = partial(signal.raise_signal, signal.SIGINT) if where == "between" else interrupted
        setattr(bound, name, [*real, middle] if where == "after" else [*real[:2], middle, *real[2:]])
        with pytest.raises(KeyboardInterrupt):
            sess.run(step, {x: np.ones(3, np.float32)}, options, tf.RunMetadata())
        setattr(bound, name, real)
        for k, v in enumerate(variables):
            np.testing.assert_array_equal(sess.run(v), 2.0 * k * np.arange(1, 4))


def test_a_process_ends_well_with_many_plans_in_flight():
    program = """
    import numpy as np
    import graphlab_nb as tf
    x = tf.placeholder(tf.float32, [None])
    total = tf.reduce_sum(x)
    with tf.Session() as sess:
        for k in range(250):
            sess.run(total.op, {x: np.ones(500_000 + k, np.float32)})
        plans = list(sess._plans.values())
        assert sum(plan.bound.staged for plan in plans) <= 1 << 30 and len(plans) > 60
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
