"""Sessions on a real cluster: a parameter task and two workers on this machine."""

import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.datasets.mnist import read_data_sets
from graphlab_nb.distributed.connection import connect
from tests.distributed.running import stored, wait_for

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:More than 10MB"),
]


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def on(job, task=0):
    return tf.device(f"/job:{job}/task:{task}")


def fit_plane():
    """The tutorials' first program, with its variable on the parameter task and a half of the loss on each worker."""
    with on("ps"):
        weights, biases = tf.Variable(tf.zeros([3, 2]), name="weights"), tf.Variable(tf.zeros([2]), name="biases")
    x, y_ = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 2])
    losses = []
    for task in range(2):
        with on("worker", task):
            losses.append(tf.reduce_mean(tf.square(tf.matmul(x, weights) + biases - y_)))
    loss = tf.add_n(losses) / 2.0
    random = np.random.RandomState(0)
    points = random.rand(64, 3).astype(np.float32)
    feed = {x: points, y_: points.dot(np.array([[1, 2], [3, 4], [5, 6]], np.float32)) + np.float32([0.5, -0.5])}
    return loss, tf.train.GradientDescentOptimizer(0.3).minimize(loss), tf.initialize_all_variables(), feed


def test_variables_live_in_the_cluster(cluster):
    loss, train, init, feed = fit_plane()
    with tf.Session(cluster.target) as sess:
        assert sorted(d.name.rpartition("/")[0] for d in sess.list_devices()) == [
            "/job:ps/replica:0/task:0", "/job:worker/replica:0/task:0", "/job:worker/replica:0/task:1"
        ]  # fmt: skip
        assert sess.list_devices()[0].name.startswith("/job:worker/replica:0/task:0")
        sess.run(init)
        first = sess.run(loss, feed)
        sess.run_many(train, [feed] * 250)
        last = sess.run(loss, feed)
    assert last < first * 0.02
    with tf.Session(cluster.target) as sess:
        assert sess.run(loss, feed) == last
    with tf.Graph().as_default() as graph:
        with on("ps"):
            again = tf.Variable(tf.zeros([2]), name="biases")
        with tf.Session(cluster.target, graph=graph) as sess:
            np.testing.assert_allclose(sess.run(again), [0.5, -0.5], atol=0.3)


def test_no_thread_watches_a_connection_that_may_be_closed(cluster):
    with tf.Session(cluster.target) as sess:
        sess.list_devices()
        wait_for(lambda: not [f for f in sys._current_frames().values() if watches(f)], 10)


def watches(frame):
    return frame is not None and (frame.f_code.co_name == "_poll_connectivity" or watches(frame.f_back))


def test_a_step_is_as_on_one_device(cluster):
    loss, train, init, feed = fit_plane()
    with tf.Session(cluster.target) as there, tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as here:
        for sess in (there, here):
            sess.run(init)
        for _ in range(3):
            one, _ = there.run([loss, train], feed)
            other, _ = here.run([loss, train], feed)
            np.testing.assert_allclose(one, other, rtol=1e-6)


def test_run_many_is_many_runs(cluster):
    with on("ps"):
        v = tf.Variable(0.0)
    x = tf.placeholder(tf.float32)
    with on("worker", 1):
        y = x * 10.0
    change = tf.assign_add(v, y)
    with tf.Session(cluster.target) as sess:
        sess.run(v.initializer)
        values = sess.run_many([change, {"x": x}], [{x: 1.0}, {x: 2.0}, {x: 3.0}])
        assert [value[0] for value in values] == [10.0, 30.0, 60.0]
        assert [value[1]["x"] for value in values] == [1.0, 2.0, 3.0]
        assert sess.run_many(v, 2) == [60.0, 60.0] and sess.run_many(v, 0) == []
        with pytest.raises(ValueError, match="the same tensors"):
            sess.run_many(y, [{x: 1.0}, {}])


def test_objects_do_not_pile_up(cluster):
    """Feeds and results of 2 MB travel by the cluster's store; `python -m tests.faults.objects` makes 20,000 steps."""
    x = tf.placeholder(tf.float32, [None])
    with on("worker", 1):
        y = x * 2.0
    with on("ps"):
        z = y + 1.0
    with tf.Session(cluster.target) as sess:
        fed = np.ones(1 << 19, np.float32)
        sess.run(z, {x: fed})
        before, _ = stored(cluster)
        for _ in range(20):
            assert sess.run(z, {x: fed})[-1] == 3.0
        # Ray takes back what nobody holds any more when it comes to it.
        wait_for(lambda: stored(cluster)[0] < before + (1 << 20))


def test_errors_are_those_of_a_local_run(cluster):
    def build():
        with on("ps"):
            v = tf.Variable([1.0], name="v")
        x = tf.placeholder(tf.float32, name="x")
        with on("worker", 1):
            checked = tf.check_numerics(x / v, "not finite", name="checked")
            wrong = tf.py_func(lambda a: 1 / 0, [x], tf.float32, name="wrong")
            sizes = tf.add(x, tf.constant([1.0, 2.0, 3.0]), name="sizes")
        return v, x, checked, wrong, sizes

    v, x, checked, wrong, sizes = build()
    with tf.Session(cluster.target) as there, tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as here:
        for fetch, feed in [(v, None), (checked, {x: [1.0]}), (x, None), (sizes, {x: [1.0, 2.0]}), (wrong, {x: [1.0]})]:
            raised = []
            for sess in (here, there):
                with pytest.raises(Exception) as info:
                    sess.run(fetch, feed)
                raised.append(info.value)
            local, remote = raised
            assert type(remote) is type(local), (fetch, local, remote)
            assert getattr(remote, "op", None) is getattr(local, "op", None)
            assert str(remote) == str(local)
            assert getattr(remote, "__notes__", None) == getattr(local, "__notes__", None)
            assert "test_cluster.py" in str(remote) or fetch is wrong
        there.run(v.initializer)
        with pytest.raises(tf.errors.InvalidArgumentError, match="not finite") as info:
            there.run(checked, {x: [np.inf]})
        assert info.value.op is checked.graph.get_operation_by_name("checked/CheckNumerics")
        np.testing.assert_array_equal(there.run(checked, {x: [2.0]}), [2.0])


def test_wrong_places_and_shapes_change_nothing(cluster):
    with on("ps"):
        v = tf.Variable([1.0, 2.0], name="v")
    with on("ps", 3):
        away = v + 1.0
    with tf.Session(cluster.target) as sess:
        sess.run(v.initializer)
        with pytest.raises(
            tf.errors.InvalidArgumentError, match="no task 3 in the job 'ps'; present are /job:ps/task:0,"
        ):
            sess.run(away)
    with tf.Session(cluster.target, config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        np.testing.assert_array_equal(sess.run(away), [2.0, 3.0])
    with tf.Graph().as_default() as graph:
        with on("ps"):
            other = tf.Variable([1.0, 2.0, 3.0], name="v")
        with tf.Session(cluster.target, graph=graph) as sess:
            for fetch in (other.initializer, other.initializer, other, other.initializer):
                with pytest.raises(tf.errors.InvalidArgumentError, match="'v'"):
                    sess.run(fetch)
    with tf.Session(cluster.target) as sess:
        np.testing.assert_array_equal(sess.run(v), [1.0, 2.0])


def test_containers_are_cleared_by_name(cluster):
    with on("ps"):
        plain = tf.Variable(1.0, name="v")
        with tf.container("mine"):
            kept = tf.Variable(2.0, name="w")
    with tf.Session(cluster.target) as sess:
        sess.run(tf.initialize_all_variables())
        assert sess.run([plain, kept]) == [1.0, 2.0]
        tf.Session.reset(cluster.target, ["mine"])
        with pytest.raises(tf.errors.AbortedError, match=r"ended by tf\.Session\.reset.*Make a new session"):
            sess.run(plain)
    with tf.Session(cluster.target) as sess:
        assert sess.run(plain) == 1.0
        with pytest.raises(tf.errors.FailedPreconditionError, match="'w'"):
            sess.run(kept)
    tf.Session.reset(cluster.target)
    with tf.Session(cluster.target) as sess, pytest.raises(tf.errors.FailedPreconditionError):
        sess.run(plain)


def sleeping():
    """A run that waits on a worker for ten seconds, and another worker that waits for it."""

    def sleep(x):
        time.sleep(10)
        return x

    with on("worker", 1):
        slow = tf.py_func(sleep, [1.0], tf.float32)
    with on("worker"):
        return slow + 1.0


def test_a_deadline_ends_a_run(cluster):
    slow = sleeping()
    with tf.Session(cluster.target) as sess:
        began = time.monotonic()
        with pytest.raises(tf.errors.DeadlineExceededError, match="500 ms"):
            sess.run(slow, options=tf.RunOptions(timeout_in_ms=500))
        assert time.monotonic() - began < 8
        assert sess.run(tf.constant(1.0) + 1.0) == 2.0


def test_a_deadline_that_is_none_is_refused(cluster):
    with tf.Session(cluster.target) as sess:
        for wrong in (-1, "soon", float("nan")):
            with pytest.raises(tf.errors.InvalidArgumentError, match="timeout_in_ms must be milliseconds from 0"):
                sess.run(tf.constant(1.0), options=tf.RunOptions(timeout_in_ms=wrong))
        for error, wrong in ((ValueError, -1), (TypeError, 2.5), (TypeError, None), (TypeError, {})):
            with pytest.raises(error, match="feed_dicts must be"):
                sess.run_many(tf.constant(1.0), wrong)
    with pytest.raises(tf.errors.InvalidArgumentError, match="operation_timeout_in_ms must be"):
        tf.Session(cluster.target, config=tf.ConfigProto(operation_timeout_in_ms=-5))


def test_a_forked_process_is_told_that_it_has_no_connection(cluster):
    x = tf.constant(1.0) + 1.0
    with tf.Session(cluster.target) as sess:
        assert sess.run(x) == 2.0
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            for attempt in (lambda: sess.run(x), lambda: tf.Session(cluster.target)):
                try:
                    attempt()
                    os.write(into, b"no error\n")
                except tf.errors.FailedPreconditionError as error:
                    os.write(into, f"{error.message}\n".encode())
            sess.close()
            os._exit(0)
        os.close(into)
        with os.fdopen(out) as said:
            lines = said.read().splitlines()
        os.waitpid(child, 0)
        assert len(lines) == 2 and all(f"forked from process {os.getpid()}" in line for line in lines)
        assert sess.run(x) == 2.0


def test_an_interrupt_ends_a_run(cluster):
    slow = sleeping()
    with tf.Session(cluster.target) as sess:
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            sess.run(slow)
        assert time.monotonic() - began < 8
        assert sess.run(tf.constant(1.0) + 1.0) == 2.0


def test_a_graph_grows_between_runs(cluster):
    with on("worker", 1):
        x = tf.constant([1.0, 2.0]) * 2.0
    with tf.Session(cluster.target) as sess:
        np.testing.assert_array_equal(sess.run(x), [2.0, 4.0])
        with on("ps"):
            y = x + 1.0
        np.testing.assert_array_equal(sess.run(y), [3.0, 5.0])
        np.testing.assert_array_equal(sess.run([x, y])[1], [3.0, 5.0])


def test_operations_of_the_users_program_go_along(cluster):
    @tf.elementwise("Mine", "x0 * x0 + (T)1")
    def mine(x, name=None):
        """One more than the square."""

    with on("worker", 1):
        y = mine(tf.constant([1.0, 2.0]))
    with tf.Session(cluster.target) as sess:
        np.testing.assert_array_equal(sess.run(y), [2.0, 5.0])


def test_kernels_times_are_told_by_task(cluster):
    with on("worker", 1):
        x = tf.square(tf.random_uniform([4]), name="x")
    with on("ps"):
        y = tf.add(x, x, name="y")
    metadata = tf.RunMetadata()
    with tf.Session(cluster.target) as sess:
        sess.run(y, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
    told = {d.device.rpartition("/")[0]: [n.node_name for n in d.node_stats] for d in metadata.step_stats.dev_stats}
    assert "y" in told["/job:ps/replica:0/task:0"] and any("x" in n for n in told["/job:worker/replica:0/task:1"])


def test_clients_train_one_model_side_by_side(cluster):
    def client(task, results):
        with tf.Graph().as_default() as graph:
            with tf.device(tf.train.replica_device_setter(ps_tasks=1, worker_device=f"/job:worker/task:{task}")):
                x = tf.placeholder(tf.float32, [None, 784])
                labels = tf.placeholder(tf.float32, [None, 10])
                w, b = tf.Variable(tf.zeros([784, 10]), name="W"), tf.Variable(tf.zeros([10]), name="b")
                logits = tf.matmul(x, w) + b
                loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, labels))
                step = tf.train.GradientDescentOptimizer(0.2).minimize(loss)
                right = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
                accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
                init = tf.initialize_all_variables()
            with tf.Session(cluster.target, graph=graph) as sess:
                if task == 0:
                    sess.run(init)
                    begun.set()
                begun.wait(60)
                data = read_data_sets(None, one_hot=True, seed=task)
                for _ in range(3):
                    sess.run_many(
                        step, [dict(zip((x, labels), data.train.next_batch(100), strict=True)) for _ in range(50)]
                    )
                results[task] = sess.run(accuracy, {x: data.test.images, labels: data.test.labels})

    begun, results = threading.Event(), {}
    clients = [threading.Thread(target=client, args=(task, results)) for task in range(2)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert sorted(results) == [0, 1] and max(results.values()) > 0.88


def test_tasks_are_attached_by_resources_and_placement(cluster):
    names = ["/job:evaluation/task:0", "/job:evaluation/task:1"]
    done = cluster.command(
        "attach", f"ray://127.0.0.1:{cluster.port}", "--jobs", "evaluation=2", "--placement", "strict-pack",
        "--cpus-per-task", "0.5", timeout=150,
    )  # fmt: skip
    try:
        assert done.returncode == 0, done.stderr
        assert [line.split()[0] for line in done.stdout.splitlines() if line.startswith("/job:")] == names
        with on("evaluation", 1):
            x = tf.constant([1.0, 2.0]) * 2.0
        with on("ps"):
            y = x + 1.0
        with tf.Session(cluster.target) as sess:
            np.testing.assert_array_equal(sess.run(y), [3.0, 5.0])
    finally:
        with connect(cluster.target)._entered():
            from graphlab_nb.distributed.tasks import list_tasks, stop_tasks

            stop_tasks(names)
            left = [task["name"] for task in list_tasks()]
    assert left == ["/job:ps/task:0", "/job:worker/task:0", "/job:worker/task:1"]
