"""Processes of a cluster that die: runs end with an error, and a new session goes on from what is left."""

import contextlib
import os
import signal
import threading
import time

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.distributed.connection import disconnect
from tests.distributed.conftest import as_client
from tests.distributed.running import running_cluster, status, wait_for

pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning"), pytest.mark.timeout(400)]
ENDED = (tf.errors.AbortedError, tf.errors.UnavailableError)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture(scope="module")
def breakable():
    with running_cluster("ps=1,worker=2", "--every", "0", "--every-steps", "1") as cluster:
        yield cluster
        disconnect()


@pytest.fixture
def cluster(breakable, monkeypatch):
    as_client(breakable, monkeypatch)
    tf.Session.reset(breakable.target)
    return breakable


def build():
    """A run that goes from the parameter task to a worker and back; a step adds one."""
    with tf.device("/job:ps/task:0"):
        v = tf.Variable(np.zeros(4, np.float32), name="v")
    with tf.device("/job:worker/task:1"):
        one = v * 0.0 + 1.0
    return v, tf.assign_add(v, one)


def again(cluster):
    """A new session, as soon as there can be one."""
    end = time.monotonic() + 60
    while True:
        try:
            return tf.Session(cluster.target)
        except ENDED:
            if time.monotonic() > end:
                raise


@pytest.mark.parametrize("name", ["/job:worker/task:1", "/job:ps/task:0", "/job:worker/task:0"])
def test_a_killed_task_ends_the_run_and_a_new_session_goes_on(cluster, name):
    v, step = build()
    with tf.device("/job:worker/task:1"):
        other = v * 2.0
    pids = {line.split()[0]: int(line.partition("process ")[2].split(";")[0])
            for line in cluster.command("status", "--port", str(cluster.port)).stdout.splitlines() if line.startswith("/job:")}  # fmt: skip
    sess = tf.Session(cluster.target)
    sess.run(v.initializer)
    sess.run_many(step, 5)
    time.sleep(1.5)  # for a checkpoint
    threading.Timer(0.3, os.kill, (pids[name], signal.SIGKILL)).start()
    began = time.monotonic()
    with pytest.raises(ENDED, match=name):
        while time.monotonic() - began < 30:
            sess.run(step)
    assert time.monotonic() - began < 12
    with pytest.raises(ENDED):
        sess.run(other)  # a run that is new, on tasks that were sent the graph before
    sess.close()
    with again(cluster) as sess:
        made = sess.run(v)[0]
        assert made >= 5  # what the checkpoint had, or all, where the parameter task lives
        np.testing.assert_array_equal(sess.run(step), np.full(4, made + 1))
    # The ended sessions are nobody's, the master's too where it was the master that died.
    wait_for(lambda: not any(told["sessions"] for told in status(cluster).values()))


def test_a_task_that_sleeps_delays_and_loses_nothing(cluster):
    v, step = build()
    (line,) = [
        l
        for l in cluster.command("status", "--port", str(cluster.port)).stdout.splitlines()
        if "/job:worker/task:1" in l and "process" in l
    ]
    pid = int(line.partition("process ")[2].split(";")[0])
    with tf.Session(cluster.target) as sess:
        sess.run(v.initializer)
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(5.0, os.kill, (pid, signal.SIGCONT)).start()
        began = time.monotonic()
        np.testing.assert_array_equal(sess.run_many(step, 3)[-1], np.full(4, 3.0))
        assert time.monotonic() - began > 3


def test_a_lost_cluster_is_told_within_ten_seconds_and_the_next_goes_on_from_its_checkpoints(tmp_path, monkeypatch):
    with running_cluster("ps=1,worker=2", "--every", "0.5", "--checkpoints", str(tmp_path / "kept")) as cluster:
        as_client(cluster, monkeypatch)
        v, step = build()
        sess = tf.Session(cluster.target)
        sess.run(v.initializer)
        sess.run_many(step, 5)
        time.sleep(1.5)
        for pid in [cluster.process.pid, *cluster.processes()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        with pytest.raises(ENDED):
            sess.run(step)
        with pytest.raises(ENDED):
            tf.Session(cluster.target)
        assert time.monotonic() - began < 12
        sess.close()
        disconnect()
    with running_cluster("ps=1,worker=2", "--checkpoints", str(tmp_path / "kept")) as cluster:
        as_client(cluster, monkeypatch)
        with tf.Session(cluster.target) as sess:
            np.testing.assert_array_equal(sess.run(v), np.full(4, 5.0))
        disconnect()
