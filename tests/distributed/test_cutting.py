"""Runs that are cut into parts give what uncut ones give; no cluster is needed for that."""

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.distributed.cutting import Cut
from graphlab_nb.distributed.master import _for_task
from graphlab_nb.distributed.names import task_name
from graphlab_nb.distributed.placing import Placing, root
from graphlab_nb.distributed.replica import Replica
from graphlab_nb.distributed.shipping import Rebuilt, dumps, key_of, loads, shipped
from graphlab_nb.distributed.store import Store
from graphlab_nb.runtime.device import logical_devices

JOBS = {"ps": [0, 1], "worker": [0, 1]}
OWN = "/job:worker/task:0"


class Cluster:
    """Tasks in this process, whose parts run one after the other, in the order of levels."""

    def __init__(self, graph=None):
        self.graph = graph or tf.get_default_graph()
        names = [task_name(job, i) for job, indices in JOBS.items() for i in indices]
        self.stores = {name: Store(logical_devices(), task=name) for name in names}
        self.begin()

    def begin(self):
        self.replicas = {name: Replica(tf.ConfigProto(), logical_devices(), s) for name, s in self.stores.items()}
        self.rebuilt, self.placing, self.known = Rebuilt(), Placing(JOBS, OWN, soft=False), 0
        self.number, self.sent = 0, {name: {} for name in self.stores}

    def cut(self, fetches, feeds=()):
        new = self.graph.get_operations()[self.known :]
        self.known += len(new)
        self.placing.add(self.rebuilt.add(loads(dumps([shipped(op) for op in new]))))
        fed = [self.rebuilt.tensor(key_of(t)) for t in feeds]
        tensors = [self.rebuilt.tensor(key_of(f)) for f in fetches if isinstance(f, tf.Tensor)]
        targets = [self.rebuilt.ops[f.index] for f in fetches if isinstance(f, tf.Operation)]
        ops = needed_operations([*targets, *(t.op for t in tensors)], set(fed))
        self.placing.check(ops)
        return Cut(ops, self.placing.tasks, fed, tensors, OWN)

    def run(self, fetches, feed_dict=None):
        fetches = [self.graph.as_graph_element(f) for f in (fetches if isinstance(fetches, list) else [fetches])]
        feeds = {
            self.graph.as_graph_element(t): np.asarray(v, t.dtype.base_dtype.np_dtype)
            for t, v in (feed_dict or {}).items()
        }
        cut = self.cut(fetches, feeds)
        self.number += 1
        for name, parts in cut.of_task().items():
            sent = self.sent[name]
            real = {i for _, part in parts for i in (*part.ops, *part.standing)}
            every = real | {k[0] for _, p in parts for k in (*p.feeds, *p.fetches)}
            every |= {root(t).op.index for i in real for t in self.rebuilt.ops[i].inputs}
            new = [i for i in sorted(every) if i not in sent or (i in real and not sent[i])]
            sent.update((i, i in real) for i in new)
            self.replicas[name].prepare(
                self.number, loads(dumps([_for_task(self.rebuilt.ops[i], i in real) for i in new])), parts
            )
        mail, kept, results = {}, {name: {} for name in self.stores}, {}
        fed = {key_of(t): v for t, v in feeds.items()}
        for (name, level), part in sorted(cut.parts.items(), key=lambda item: item[0][1]):
            (bound,) = [b for b in self.replicas[name].plans[self.number] if b.level == level]
            got = {k: v for sender in part.waits for k, v in mail[sender, (name, level)].items()}
            given = {**fed, **kept[name], **got}
            given = {tensor: given[key] for key, tensor in bound.feeds}
            values = self.replicas[name].run(bound, given, wait=bool(part.sends))
            for receiver, positions in part.sends.items():
                mail[(name, level), receiver] = {part.fetches[i]: values[i] for i in positions}
            kept[name].update((part.fetches[i], values[i]) for i in part.keeps)
            results.update((part.fetches[i], values[i]) for i in part.results)
        return [results[key_of(root(f))] for f in fetches if isinstance(f, tf.Tensor)]


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def cluster(graph):
    return Cluster()


def on(job, task=0):
    return tf.device(f"/job:{job}/task:{task}")


def test_what_crosses_the_border_of_tasks_arrives(cluster):
    with on("ps"):
        x = tf.constant([1.0, 2.0]) * 3.0
    with on("worker", 1):
        y = x + 1.0
    with on("ps", 1):
        z = x * y
    (value,) = cluster.run(z)
    np.testing.assert_array_equal(value, [12.0, 42.0])
    assert {task for task, _ in cluster.cut([z]).parts} == {"/job:ps/task:0", "/job:ps/task:1", "/job:worker/task:1"}


def test_a_step_reads_variables_before_it_changes_them(cluster):
    with on("ps"):
        w = tf.Variable([1.0, 2.0])
    with on("worker", 1):
        doubled = w * 2.0
    step = tf.assign_sub(w, [0.5, 0.5])
    later = tf.identity(doubled)
    cluster.run(w.initializer)
    value, after = cluster.run([later, step])
    np.testing.assert_array_equal(value, [2.0, 4.0])
    np.testing.assert_array_equal(after, [0.5, 1.5])
    assert [level for _, level in sorted(cluster.cut([later, step]).parts)] == [0, 1, 1]


def test_control_inputs_hold_across_tasks(cluster):
    with on("ps"):
        v = tf.Variable(1.0)
        change = tf.assign(v, 5.0)
    with tf.control_dependencies([change]), on("worker"):
        read = v.read_value() + 10.0
        with on("worker", 1):
            alone = tf.constant(2.0) * 3.0
    cluster.run(v.initializer)
    assert cluster.run([read, alone]) == [15.0, 6.0]
    cut = cluster.cut([alone])
    assert cut.parts["/job:worker/task:1", 1].waits == [("/job:ps/task:0", 0)]


def test_a_variable_is_read_on_another_task_before_and_after_a_change(cluster):
    with on("ps"):
        v = tf.Variable(1.0)
    with on("worker"):
        before = v.value() * 1.0
        with tf.control_dependencies([before]):
            change = tf.assign_add(v, 10.0)
        with tf.control_dependencies([change]):
            after = v.read_value() * 1.0
            both = before + after + v
    cluster.run(v.initializer)
    assert cluster.run([before, after, both]) == [1.0, 11.0, 23.0]


def test_a_change_of_what_a_change_gave_back_is_made_once(cluster):
    with on("ps"):
        v = tf.Variable(1.0)
        once = tf.assign_add(v, 1.0)
    with on("worker"):
        away = once * 10.0
    with on("ps"):
        twice = tf.assign_add(once, tf.identity(away))
    cluster.run(v.initializer)
    assert cluster.run([twice]) == [22.0]
    assert cluster.run([v]) == [22.0]


@pytest.mark.parametrize("optimizer", [tf.train.GradientDescentOptimizer(0.1), tf.train.AdamOptimizer(0.01),
                                       tf.train.MomentumOptimizer(0.1, 0.9)])  # fmt: skip
def test_training_on_two_workers_and_two_parameter_tasks_is_as_on_one_device(optimizer):
    def build():
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        with on("ps"):
            w = tf.Variable([[0.1, -0.2], [0.3, 0.1], [-0.1, 0.2]], name="w")
        with on("ps", 1):
            b = tf.Variable([0.1, 0.2], name="b")
        losses = []
        for task in range(2):
            with on("worker", task):
                losses.append(tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x[task::2], w) + b) - 0.5)))
        loss = tf.add_n(losses) / 2.0
        return x, loss, optimizer.minimize(loss), [w, b], tf.initialize_all_variables()

    random = np.random.RandomState(0)
    batches = [random.rand(8, 3).astype(np.float32) for _ in range(6)]
    with tf.Graph().as_default():
        x, loss, step, variables, init = build()
        cluster = Cluster()
        cluster.run(init)
        got = [cluster.run([loss, step], {x: batch})[0] for batch in batches]
        got_variables = cluster.run([v._variable if hasattr(v, "_variable") else v for v in variables])
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        x, loss, step, variables, init = build()
        sess.run(init)
        expected = [sess.run([loss, step], {x: batch})[0] for batch in batches]
        expected_variables = sess.run(variables)
    np.testing.assert_allclose(got, expected, rtol=2e-6)
    for one, other in zip(got_variables, expected_variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-7)


def test_a_second_session_sees_the_variables_and_refuses_other_shapes(cluster):
    with on("ps"):
        v = tf.Variable([1.0, 2.0], name="v")
    cluster.run(v.initializer)
    with tf.Graph().as_default() as graph:
        with on("ps"):
            again = tf.Variable([7.0, 7.0], name="v")
            other = tf.Variable([1.0, 2.0, 3.0], name="u")
        cluster.graph = graph
        cluster.begin()
        np.testing.assert_array_equal(cluster.run(again)[0], [1.0, 2.0])
    with tf.Graph().as_default() as graph:
        with on("ps"):
            wrong = tf.Variable([1.0, 2.0, 3.0], name="v")
        cluster.graph = graph
        cluster.begin()
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"'v' of float32 and shape \(2,\) already.*\(3,\)"
        ) as info:
            cluster.run(wrong.initializer)
        assert info.value.op.name == "v"
    assert other.name == "u:0"
    assert list(cluster.stores["/job:ps/task:0"].variables) == [("", "v")]


@pytest.mark.parametrize("order", ["init init", "init read", "read assign", "assign add", "shape init add"])
def test_a_variable_stays_as_it_is_whatever_a_session_with_another_shape_runs(cluster, order):
    with on("ps"):
        v = tf.Variable([1.0, 2.0], name="v")
        step = tf.assign_add(v, [1.0, 1.0])
    cluster.run(v.initializer)
    mine = vars(cluster).copy()
    with tf.Graph().as_default() as graph, on("ps"):
        wrong, right = tf.Variable([1.0, 2.0, 3.0], name="v"), tf.Variable(5.0, name="u")
        runs = {
            "init": wrong.initializer,
            "read": wrong,
            "assign": tf.assign(wrong, [0.0] * 3),
            "add": tf.assign_add(wrong, [0.0] * 3),
            "shape": tf.shape(wrong.read_value()),
        }
        cluster.graph = graph
        cluster.begin()
        for run in (*order.split(), *order.split()):
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"'v' of float32 and shape \(2,\) already"):
                cluster.run(runs[run])
        cluster.run(right.initializer)
        assert cluster.run(right) == [5.0]
    vars(cluster).update(mine)
    np.testing.assert_array_equal(cluster.run([step])[0], [2.0, 3.0])


def test_an_assignment_may_give_a_variable_another_shape_than_it_was_declared_with(cluster):
    with on("ps"):
        v = tf.Variable([1.0, 2.0], name="v")
        longer = tf.assign(v, [1.0, 2.0, 3.0], validate_shape=False)
        back = tf.assign(v, [4.0, 5.0], validate_shape=False)
    cluster.run(v.initializer)
    np.testing.assert_array_equal(cluster.run(longer)[0], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(cluster.run(v)[0], [1.0, 2.0, 3.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"shape \(3,\) cannot take a value of shape \(2,\)"):
        cluster.run(v.initializer)  # as locally
    mine = vars(cluster).copy()
    for value, refused in (([1.0, 2.0], False), ([0.0] * 4, True)):
        with tf.Graph().as_default() as graph, on("ps"):
            other = tf.Variable(value, name="v")
            cluster.graph = graph
            cluster.begin()
            if refused:
                with pytest.raises(tf.errors.InvalidArgumentError, match=r"of float32 and shape \(3,\) already"):
                    cluster.run(other)
            else:
                np.testing.assert_array_equal(cluster.run(other)[0], [1.0, 2.0, 3.0])
    vars(cluster).update(mine)
    for run, expected in ((back, [4.0, 5.0]), (v, [4.0, 5.0]), (v.initializer, None), (v, [1.0, 2.0])):
        found = cluster.run(run)
        if expected is not None:
            np.testing.assert_array_equal(found[0], expected)


def test_of_two_sessions_that_are_open_the_second_that_makes_a_variable_is_refused(cluster):
    with on("ps"):
        v, other = tf.Variable([1.0, 2.0], name="v"), tf.Variable(0.0, name="w")
    cluster.run(other.initializer)
    mine = vars(cluster).copy()
    with tf.Graph().as_default() as graph, on("ps"):
        wrong = tf.Variable([1.0, 2.0, 3.0], name="v")
        cluster.graph = graph
        cluster.begin()
        with pytest.raises(tf.errors.FailedPreconditionError):
            cluster.run(wrong)
        theirs = vars(cluster).copy()
    vars(cluster).update(mine)
    cluster.run(v.initializer)
    vars(cluster).update(theirs)
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"'v' of float32 and shape \(2,\) already"):
            cluster.run(wrong.initializer)
    vars(cluster).update(mine)
    np.testing.assert_array_equal(cluster.run(v)[0], [1.0, 2.0])


def test_strings_travel_as_they_are(cluster):
    with on("ps"):
        made = tf.py_func(lambda: b"a\0\0", [], tf.string)
    with on("worker", 1):
        longer = tf.py_func(lambda s: s.item() + b"b\0", [made], tf.string)
    with on("worker"):
        text = tf.identity(tf.constant("text"))
    values = cluster.run([longer, made, text])
    assert [value[()] for value in values] == [b"a\0\0b\0", b"a\0\0", "text"]


def test_a_device_that_a_task_has_not_is_named_with_the_task(cluster):
    with tf.device("/job:worker/task:1/gpu:7"):
        y = tf.identity(tf.constant(1.0), name="y")
    with pytest.raises(tf.errors.InvalidArgumentError, match="no such device; present are /job:worker/task:1/cpu:0"):
        cluster.run(y)


def test_tasks_that_are_not_there_are_named(cluster):
    wrong = {
        "no task 7 in the job 'ps'": on("ps", 7),
        "no job 'chief'": on("chief"),
        "no replica 1 of its tasks, only 0; present are": tf.device("/job:ps/replica:1/task:0"),
    }
    for text, place in wrong.items():
        with place:
            y = tf.identity(tf.placeholder(tf.float32, name="x"), name="y")
        with pytest.raises(tf.errors.InvalidArgumentError, match=text) as info:
            cluster.cut([y])
        assert "/job:worker/task:1" in info.value.message


def test_operations_without_a_device_go_where_most_of_their_inputs_are(cluster):
    with on("worker", 1):
        large = tf.random_normal([1000])
    with on("ps"):
        small = tf.random_normal([1])
    y = large + small
    z = tf.constant(1.0) * 2.0
    cluster.cut([y, z])
    tasks = {op.name: task for op, task in cluster.placing.tasks.items()}
    assert tasks[y.op.name] == "/job:worker/task:1"
    assert tasks[z.op.name] == OWN


def test_a_group_goes_where_most_of_its_operations_are(cluster):
    with on("ps"):
        v = tf.Variable(1.0)
        changes = [v.assign(2.0), v.initializer]
    with on("worker", 1):
        w = tf.Variable(1.0)
    both = tf.group(*changes, w.initializer)
    cluster.cut([both, tf.no_op(name="nothing")])
    tasks = {op.name: task for op, task in cluster.placing.tasks.items()}
    assert tasks[both.name] == "/job:ps/task:0" and tasks["nothing"] == OWN


def test_what_is_left_to_the_devices_is_waited_for_by_who_uses_it(cluster):
    with on("ps"):
        v = tf.Variable(tf.eye(300))
        step = v.assign(tf.matmul(v, 2.0 * tf.eye(300)))
    other = Cluster(cluster.graph)
    other.stores = cluster.stores
    other.begin()
    cluster.run(v.initializer)
    store = cluster.stores["/job:ps/task:0"]
    for _ in range(5):
        cluster.run([step.op])
    assert store._working is cluster.replicas["/job:ps/task:0"].session._resources
    np.testing.assert_array_equal(other.run(v)[0], 32.0 * np.eye(300, dtype=np.float32))
    for _ in range(5):
        cluster.run([step.op])
    np.testing.assert_array_equal(store._read(store.check(v.op)), 1024.0 * np.eye(300, dtype=np.float32))
    assert store._working is None


def test_feeds_and_fetches_of_all_kinds(cluster):
    x = tf.placeholder(tf.float32, [2])
    with on("worker", 1):
        y = x * 2.0
    with on("ps"):
        v = tf.Variable([5.0, 5.0])
        z = y + v
    cluster.run(v.initializer)
    c = tf.constant([9.0])
    values = cluster.run([z, c, v], {x: [1.0, 2.0]})
    np.testing.assert_array_equal(values[0], [7.0, 9.0])
    np.testing.assert_array_equal(values[1], [9.0])
    np.testing.assert_array_equal(cluster.run(z, {y: [0.0, 1.0]})[0], [5.0, 6.0])
    np.testing.assert_array_equal(cluster.run(z, {y: [0.0, 1.0], v: [1.0, 1.0]})[0], [1.0, 2.0])
    np.testing.assert_array_equal(cluster.run(v)[0], [5.0, 5.0])


def beside(cluster, fetches, tensor, feeds=()):
    """Where a run of `fetches` can compute a tensor beside it, and the names of what it lacks for that."""
    cut = cluster.cut([*fetches, tensor], feeds) and cluster.cut(fetches, feeds)
    found = cut.beside([cluster.rebuilt.tensor(key_of(tensor))])
    return found and (found[0], sorted(op.name for op in found[1]))


def test_a_part_computes_a_loss_beside_it_of_what_it_has(cluster):
    with tf.device("/job:ps/task:0"):
        w = tf.Variable([1.0, 2.0], name="w")
    x = tf.placeholder(tf.float32, [2], name="x")
    with tf.device("/job:worker/task:1"):
        error = tf.subtract(w * x, 1.0, name="error")
        loss = tf.reduce_sum(tf.square(error), name="loss")
        gradient = tf.multiply(error, x, name="gradient")
    step = tf.assign_sub(w, gradient)
    place, lacking = beside(cluster, [step], loss, [x])
    assert place == ("/job:worker/task:1", 1)
    assert "loss" in lacking and "error" not in lacking


def test_a_loss_of_several_tasks_is_computed_beside_none(cluster):
    with tf.device("/job:ps/task:0"):
        w = tf.Variable([1.0, 2.0])
    with tf.device("/job:worker/task:0"):
        one = tf.reduce_sum(tf.square(w * 2.0))
    with tf.device("/job:worker/task:1"):
        other = tf.reduce_sum(tf.abs(w * 3.0))
        loss = one + other
    with tf.device("/job:worker/task:1"):
        gradient = w * 0.1
    step = tf.assign_sub(w, gradient)
    assert beside(cluster, [step], loss) is None


def test_a_loss_is_not_computed_of_a_variable_that_has_changed_before(cluster):
    with tf.device("/job:worker/task:0"):
        v = tf.Variable([1.0])
        first = v * 2.0
    with tf.device("/job:ps/task:0"):
        second = first + 1.0
    with tf.device("/job:worker/task:0"):
        third = second * 2.0
        loss = tf.reduce_sum(third) + v
        alone = tf.reduce_sum(third) + 1.0
        changed = tf.assign(v, [3.0])
    assert beside(cluster, [third, changed], alone) is not None
    assert beside(cluster, [third, changed], loss) is None
