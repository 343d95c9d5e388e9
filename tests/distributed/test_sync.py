"""Synchronous training by several clients of a real cluster: a parameter task and two workers on this machine."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import graphlab_nb as tf
from tests.distributed.running import status, wait_for

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:More than 10MB"),
]

LONGEST = 120.0


class Replica:
    """A client: its graph, as between-graph replication makes it, and its session.

    Attributes:
      x: is fed; each variable's gradient is its mean.
      late: seconds that its gradients take longer.
    """

    def __init__(
        self, target, task, needed, replicas=None, make=lambda: tf.train.GradientDescentOptimizer(1.0), late=0.0
    ):
        def slowly(value):
            time.sleep(late)
            return value

        self.graph = tf.Graph()
        setter = tf.train.replica_device_setter(ps_tasks=1, worker_device=f"/job:worker/task:{task}")
        with self.graph.as_default(), tf.device(setter):
            self.x = tf.placeholder(tf.float32, [None, 3])
            self.w = tf.Variable([[0.1, -0.2], [0.3, 0.1], [-0.1, 0.2]], name="w")
            self.b = tf.Variable([0.1, 0.2], name="b")
            self.step = tf.train.create_global_step()
            y = tf.tanh(tf.matmul(self.x, self.w) + self.b)
            if late:
                # The variables are read before, and the gradient comes after.
                waited = tf.py_func(slowly, [y], tf.float32)
                with tf.control_dependencies([waited]):
                    y = tf.identity(y)
            loss = tf.reduce_mean(tf.square(y - 0.5))
            optimizer = tf.train.SyncReplicasOptimizer(make(), needed, replicas)
            self.train = optimizer.minimize(loss, self.step)
            self.init = tf.global_variables_initializer()
        self.sess = tf.Session(target, graph=self.graph)

    def values(self):
        return self.sess.run([self.w, self.b])


@pytest.fixture
def replicas(cluster):
    """Makes replicas, whose sessions end with the test."""
    made = []

    def make(*arguments, **keywords):
        made.append(Replica(cluster.target, *arguments, **keywords))
        return made[-1]

    yield make
    for each in made:
        each.sess.close()


def at_once(*functions):
    """Runs functions in threads; what each gave, or raised."""
    found = [None] * len(functions)

    def run(k):
        try:
            found[k] = functions[k]()
        except Exception as error:
            found[k] = error

    threads = [threading.Thread(target=run, args=(k,), daemon=True) for k in range(len(functions))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(LONGEST)
    assert not any(each.is_alive() for each in threads)
    return found


def alone(make, batches):
    """What one device makes of the batches."""
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 3])
        w, b = tf.Variable([[0.1, -0.2], [0.3, 0.1], [-0.1, 0.2]]), tf.Variable([0.1, 0.2])
        train = make().minimize(tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x, w) + b) - 0.5)))
        sess.run(tf.global_variables_initializer())
        for batch in batches:
            sess.run(train, {x: batch})
        return sess.run([w, b])


def adam():
    return tf.train.AdamOptimizer(0.05)


def batches(count, seed=0):
    return np.random.RandomState(seed).rand(count, 8, 3).astype(np.float32)


def same(values, expected):
    for one, other in zip(values, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)


def test_two_clients_train_as_one_device_does_on_both_batches(replicas):
    first, second = (replicas(task, 2, make=adam) for task in range(2))
    first.sess.run(first.init)
    data = batches(10)

    def train(replica, part):
        steps = [replica.sess.run([replica.train, replica.step], {replica.x: b[part::2]})[1] for b in data[:5]]
        replica.sess.run_many(replica.train, [{replica.x: b[part::2]} for b in data[5:]])
        return [int(step) for step in steps]

    assert at_once(lambda: train(first, 0), lambda: train(second, 1)) == [[1, 2, 3, 4, 5]] * 2
    assert first.sess.run(first.step) == 10
    same(second.values(), alone(adam, data))


def test_a_gradient_for_an_older_step_is_dropped(replicas):
    slow, fast = replicas(0, 1, 2, late=3.0), replicas(1, 1, 2)
    slow.sess.run(slow.init)
    data = batches(3)
    fast.sess.run(fast.train, {fast.x: data[0]})  # what is run for the first time takes longer
    fast.sess.run(fast.init)

    def later():
        time.sleep(1.0)
        for batch in data[:2]:
            fast.sess.run(fast.train, {fast.x: batch})

    assert at_once(lambda: slow.sess.run(slow.train, {slow.x: data[2]}), later) == [None, None]
    assert slow.sess.run(slow.step) == 2
    same(slow.values(), alone(lambda: tf.train.GradientDescentOptimizer(1.0), data[:2]))
    slow.sess.run(slow.train, {slow.x: data[2]})
    assert slow.sess.run(slow.step) == 3
    same(slow.values(), alone(lambda: tf.train.GradientDescentOptimizer(1.0), data))


def test_a_backup_replica_is_not_waited_for(replicas):
    # A function of the program keeps its whole task busy, so the slow one is alone on its own.
    clients = [replicas(0, 2, 3), replicas(0, 2, 3), replicas(1, 2, 3, late=20.0)]
    clients[0].sess.run(clients[0].init)
    data, ended = batches(4), []

    def train(k):
        for batch in data:
            clients[k].sess.run(clients[k].train, {clients[k].x: batch[k::2]})
        ended.append((k, int(clients[k].sess.run(clients[k].step))))

    def slow():
        clients[2].sess.run(clients[2].train, {clients[2].x: data[0]})
        ended.append((2, 0))

    assert at_once(lambda: train(0), lambda: train(1), slow) == [None] * 3
    assert sorted(ended[:2]) == [(0, 4), (1, 4)] and ended[2] == (2, 0)
    same(clients[2].values(), alone(lambda: tf.train.GradientDescentOptimizer(1.0), data))


def test_a_deadline_ends_the_wait_and_the_others_go_on(replicas):
    first, second = replicas(0, 2), replicas(1, 2)
    first.sess.run(first.init)
    (batch,) = batches(1)
    with pytest.raises(tf.errors.DeadlineExceededError, match="3000 ms"):
        first.sess.run(first.train, {first.x: batch[::2]}, options=tf.RunOptions(timeout_in_ms=3000))
    assert first.sess.run(first.step) == 0
    second.sess.run(second.train, {second.x: batch[1::2]}, options=tf.RunOptions(timeout_in_ms=60000))
    assert first.sess.run(first.step) == 1
    same(second.values(), alone(lambda: tf.train.GradientDescentOptimizer(1.0), [batch]))
    runs = [lambda each=each: each.sess.run(each.train, {each.x: batch[::2]}) for each in (first, second)]
    assert at_once(*runs) == [None, None] and first.sess.run(first.step) == 2


def waiting(cluster):
    """How many runs wait for a step."""
    return sum(told["waiting"] for told in status(cluster).values())


def test_an_interrupt_ends_the_wait_and_the_others_go_on(replicas, cluster):
    def interrupt():
        wait_for(lambda: waiting(cluster))
        os.kill(os.getpid(), signal.SIGINT)

    first, second = replicas(0, 2), replicas(1, 2)
    first.sess.run(first.init)
    (batch,) = batches(1)
    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        first.sess.run(first.train, {first.x: batch})
    assert first.sess.run(first.step) == 0
    runs = [lambda each=each: each.sess.run(each.train, {each.x: batch}) for each in (second, first)]
    assert at_once(*runs[:1]) == [None] and first.sess.run(first.step) == 1
    assert at_once(*runs) == [None, None] and first.sess.run(first.step) == 2


def test_clearing_the_cluster_ends_the_wait(replicas, cluster):
    first = replicas(0, 2)
    first.sess.run(first.init)

    def clear():
        wait_for(lambda: waiting(cluster))
        tf.Session.reset(cluster.target)

    error, cleared = at_once(lambda: first.sess.run(first.train, {first.x: batches(1)[0]}), clear)
    assert isinstance(error, tf.errors.AbortedError) and cleared is None


PROGRAM = """
import sys
from graphlab_nb.distributed import heartbeat
from tests.distributed.test_sync import Replica, batches

heartbeat.LEASE, heartbeat.RENEW_EACH = 6.0, 1.0
replica = Replica(sys.argv[1], 0, 2)
replica.sess.run(replica.init)
print("it waits", flush=True)
replica.sess.run(replica.train, {replica.x: batches(1)[0]})
"""


def test_a_client_that_is_killed_while_it_waits_leaves_nothing(replicas, cluster):
    def kept():
        return [(told["sessions"], told["runs"]) for told in status(cluster).values()]

    def nothing_left():
        return kept() == [(0, 0)] * 3 and not waiting(cluster)

    client = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, cluster.target], stdout=subprocess.PIPE, text=True, env=cluster.environment
    )
    try:
        assert client.stdout.readline() == "it waits\n"
        wait_for(lambda: waiting(cluster))
        time.sleep(12.0)  # more than its lease, which it renews
        assert kept() == [(1, 0), (1, 1), (0, 0)] and client.poll() is None
    finally:
        client.kill()
        client.wait()
        client.stdout.close()
    wait_for(nothing_left)
    first, second = replicas(0, 2), replicas(1, 2)
    first.sess.run(first.init)
    (batch,) = batches(1)
    runs = [lambda each=each: each.sess.run(each.train, {each.x: batch}) for each in (first, second)]
    assert at_once(*runs) == [None, None]
