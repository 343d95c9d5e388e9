"""Steps of several replicas, whatever parts of their runs come first: no cluster is needed for that."""

import random
import threading

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.distributed.master import _for_task
from graphlab_nb.distributed.names import task_name
from graphlab_nb.distributed.placing import root
from graphlab_nb.distributed.shipping import dumps, key_of, loads
from graphlab_nb.distributed.steps import Steps
from graphlab_nb.distributed.store import Store
from graphlab_nb.runtime.device import logical_devices
from tests.distributed.test_cutting import JOBS, Cluster

FIRST, SECOND = "/job:ps/task:0", "/job:ps/task:1"


@pytest.fixture
def stores():
    return {task_name(job, i): Store(logical_devices()) for job, indices in JOBS.items() for i in indices}


class Client(Cluster):
    """A replica with a graph of its own on tasks that it shares with others; `build` makes the graph and says what is in it."""

    def __init__(self, stores, build, *arguments):
        self.graph, self.stores = tf.Graph(), stores
        with self.graph.as_default():
            self.made = build(*arguments)
            self.init = tf.global_variables_initializer()
        self.begin()
        self.prepared = {}

    def __getattr__(self, name):
        return self.made[name]

    def values(self, *names):
        return self.run([self.made[name] for name in names])

    def start(self, feed_dict=None):
        """A run of the train operation, of which no part has run."""
        feeds = {t: np.asarray(v, t.dtype.base_dtype.np_dtype) for t, v in (feed_dict or {}).items()}
        key = tuple(feeds)
        if key not in self.prepared:
            cut = self.cut([self.train], feeds)
            self.number += 1
            for name, parts in cut.of_task().items():
                sent = self.sent[name]
                real = {i for _, part in parts for i in (*part.ops, *part.standing)}
                every = real | {k[0] for _, p in parts for k in (*p.feeds, *p.fetches)}
                every |= {root(t).op.index for i in real for t in self.rebuilt.ops[i].inputs}
                new = [i for i in sorted(every) if i not in sent or (i in real and not sent[i])]
                sent.update((i, i in real) for i in new)
                shipped = loads(dumps([_for_task(self.rebuilt.ops[i], i in real) for i in new]))
                self.replicas[name].prepare(self.number, shipped, parts)
            self.prepared[key] = cut, self.number
        return Run(self, *self.prepared[key], {key_of(t): v for t, v in feeds.items()})


class Run:
    """A run whose parts are run one by one, in any order in which tasks might run them."""

    def __init__(self, client, cut, number, fed):
        self.client, self.cut, self.fed = client, cut, fed
        self.bounds = {
            (name, bound.level): bound
            for name in client.stores
            for bound in client.replicas[name].plans.get(number, ())
        }
        self.left, self.mail, self.kept = sorted(self.bounds, key=lambda place: place[1]), {}, {}

    def given(self, place):
        found = {**self.fed, **self.kept.get(place[0], {})}
        for sender in self.bounds[place].part.waits:
            found.update(self.mail[sender, place])
        return found

    def ready(self):
        """The parts that could run now."""
        found = {}
        for name, level in self.left:
            place = name, level
            if name not in found and all((sender, place) in self.mail for sender in self.bounds[place].part.waits):
                made = Steps(self.client.stores[name]).made
                if all(made(each, self.given(place)) for each in self.bounds[place].awaited):
                    found[name] = place
                    continue
            found.setdefault(name, None)
        return [place for place in found.values() if place]

    def do(self, place):
        bound, given = self.bounds[place], self.given(place)
        given = {tensor: given[key] for key, tensor in bound.feeds}
        values = self.client.replicas[place[0]].run(bound, given, wait=bool(bound.part.sends))
        for receiver, positions in bound.part.sends.items():
            self.mail[place, receiver] = {bound.part.fetches[i]: values[i] for i in positions}
        self.kept.setdefault(place[0], {}).update((bound.part.fetches[i], values[i]) for i in bound.part.keeps)
        self.left.remove(place)

    def go_on(self, until=lambda run: False):
        """Runs parts until none can run, or one that `until` knows is next; whether the run is done."""
        while places := self.ready():
            if until(self):
                break
            self.do(places[0])
        return not self.left


def regression(task, needed, replicas, make, chief="ps"):
    """A replica's graph: half of the variables on each parameter task."""
    ps = ["/job:ps/task:0", "/job:ps/task:1"]
    with tf.device(tf.train.replica_device_setter(ps_tasks=2, worker_device=f"/job:worker/task:{task}")):
        x = tf.placeholder(tf.float32, [None, 3])
        w = tf.Variable([[0.1, -0.2], [0.3, 0.1], [-0.1, 0.2]], name="w")
        b = tf.Variable([0.1, 0.2], name="b")
        step = tf.train.create_global_step()
        loss = tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x, w) + b) - 0.5))
        optimizer = tf.train.SyncReplicasOptimizer(make(), needed, replicas)
        train = optimizer.minimize(loss, step)
    assert [w.device, b.device, step.device] == [ps[0], ps[1], ps[0]]
    return {"x": x, "train": train, "w": w, "b": b, "step": step}


def alone(make, batches):
    """What one device makes of the batches."""
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 3])
        w = tf.Variable([[0.1, -0.2], [0.3, 0.1], [-0.1, 0.2]])
        b = tf.Variable([0.1, 0.2])
        train = make().minimize(tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x, w) + b) - 0.5)))
        sess.run(tf.global_variables_initializer())
        for batch in batches:
            sess.run(train, {x: batch})
        return sess.run([w, b])


def train_in_any_order(clients, feeds, order):
    """Each client runs its feeds one after the other; which part of which run comes next is up to `order`."""
    waiting = [iter(each) for each in feeds]
    runs = [None] * len(clients)
    while True:
        for k, client in enumerate(clients):
            if runs[k] is None or not runs[k].left:
                fed = next(waiting[k], None)
                runs[k] = None if fed is None else client.start(fed)
        ready = [(run, place) for run in runs if run is not None for place in run.ready()]
        if not ready:
            assert all(run is None for run in runs), "no part can run, but runs are left"
            return
        run, place = order.choice(ready)
        run.do(place)


def close(client, expected):
    for one, other in zip(client.values("w", "b"), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)


OPTIMIZERS = {
    "GradientDescent": lambda: tf.train.GradientDescentOptimizer(0.2),
    "Momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "Adam": lambda: tf.train.AdamOptimizer(0.05),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_replicas_train_as_one_device_in_any_order_of_parts(stores, name):
    make = OPTIMIZERS[name]
    clients = [Client(stores, regression, task, 2, 2, make) for task in range(2)]
    for seed in range(6):
        batches = np.random.RandomState(seed).rand(5, 8, 3).astype(np.float32)
        clients[0].run(clients[0].init)
        feeds = [[{client.x: batch[k::2]} for batch in batches] for k, client in enumerate(clients)]
        train_in_any_order(clients, feeds, random.Random(seed))
        assert clients[1].values("step") == [5]
        close(clients[1], alone(make, batches))


def counting(replica, needed, replicas, tasks):
    """Variables that count the gradients of each replica, on several parameter tasks."""
    with tf.device(tf.train.replica_device_setter(ps_tasks=tasks, worker_device=f"/job:worker/task:{replica % 2}")):
        variables = [tf.Variable(tf.zeros([3]), name=f"v{k}") for k in range(2)]
        step = tf.train.create_global_step()
        # The gradient is -1 for the replica's own element, and wrong by a lot if two variables are not of one step.
        apart = tf.stop_gradient(tf.round(tf.reduce_sum(variables[0]) - tf.reduce_sum(variables[1]))) * 1e3
        mine = tf.one_hot(replica, 3) + apart
        optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(1.0), needed, replicas)
        train = optimizer.minimize(-tf.add_n([tf.reduce_sum(v * mine) for v in variables]), step)
    return {"train": train, "first": variables[0], "second": variables[1], "step": step}


@pytest.mark.parametrize("tasks", [1, 2])
@pytest.mark.parametrize(("needed", "replicas"), [(2, 3), (1, 3), (3, 3)])
def test_steps_are_means_of_enough_fresh_gradients_in_any_order(stores, tasks, needed, replicas):
    clients = [Client(stores, counting, k, needed, replicas, tasks) for k in range(3)]
    for seed in range(4):
        clients[0].run(clients[0].init)
        order = random.Random(seed)
        runs = [client.start() for client in clients]
        while clients[0].values("step")[0] < 6:
            run, place = order.choice([(run, place) for run in runs for place in run.ready()])
            run.do(place)
            runs = [run if run.left else run.client.start() for run in runs]
        first, second, (step,) = *clients[0].values("first", "second"), clients[0].values("step")
        # Each step adds a mean of unit vectors, whose elements are parts of at least `needed` gradients.
        for v in (first, second):
            assert step <= round(float(v.sum()), 4) <= step + 1
            assert v.max() <= (step + 1) / (needed if tasks == 1 or needed == 3 else 1) + 1e-4
        if tasks == 1:
            np.testing.assert_array_equal(first, second)
            assert np.all(np.abs(first * needed - np.round(first * needed)) < 1e-4)


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_runs_that_are_ended_anywhere_hold_up_nobody(stores, needed):
    clients = [Client(stores, counting, k, needed, 3, 2) for k in range(3)]
    for seed in range(3):
        clients[0].run(clients[0].init)
        order, parts = random.Random(seed), 0
        runs = [client.start() for client in clients]
        while clients[0].values("step")[0] < 6:
            ready = [(run, place) for run in runs for place in run.ready()]
            if not ready or order.random() < 0.05:  # all may wait for a run that was ended
                k = order.randrange(3)
                runs[k] = clients[k].start()
                continue
            parts += 1
            assert parts < 2000
            run, place = order.choice(ready)
            run.do(place)
            runs = [run if run.left else run.client.start() for run in runs]
        for v in clients[0].values("first", "second"):
            assert 6 <= round(float(v.sum()), 4) <= 7


def at(task):
    """Stops before the first part on a task that changes something: all its parts but the first read gradients."""
    return lambda run: any(name == task and level for name, level in run.ready())


@pytest.mark.parametrize("tasks", [1, 2])
def test_a_gradient_for_an_older_step_is_dropped(stores, tasks):
    slow, fast = (Client(stores, counting, k, 1, 2, tasks) for k in range(2))
    slow.run(slow.init)
    late = slow.start()
    assert not late.go_on(at(FIRST))
    assert fast.start().go_on()
    assert late.go_on()
    np.testing.assert_array_equal(slow.values("first", "second"), [[0, 1, 0], [0, 1, 0]])
    assert slow.values("step") == [1]
    assert slow.start().go_on()
    np.testing.assert_array_equal(fast.values("first", "second"), [[1, 1, 0], [1, 1, 0]])


def test_a_run_ends_when_its_step_is_made(stores):
    clients = [Client(stores, counting, k, 2, 2, 2) for k in range(2)]
    clients[0].run(clients[0].init)
    first = clients[0].start()
    assert not first.go_on() and clients[0].values("step") == [0]
    assert not np.any(clients[0].values("first", "second"))
    assert clients[1].start().go_on() and first.go_on()
    np.testing.assert_array_equal(clients[1].values("first"), [[0.5, 0.5, 0]])


@pytest.mark.parametrize("parts", range(3, 8))
def test_what_a_run_that_ended_in_the_middle_left_the_next_one_does(stores, parts):
    broken, other = (Client(stores, counting, k, 1, 2, 2) for k in range(2))
    broken.run(broken.init)
    run = broken.start()
    for _ in range(parts):
        if places := run.ready():
            run.do(places[-1])
    for _ in range(3):
        assert other.start().go_on()
    first, second = other.values("first", "second")
    (step,) = other.values("step")
    assert 2 <= step <= 4
    assert abs(first.sum() - second.sum()) <= 1 and step - 1 <= first.sum() <= step
    before = other.values("first", "second", "step")
    assert other.start().go_on()
    after = other.values("first", "second", "step")
    assert after[2] == before[2] + 1


@pytest.mark.parametrize(("names", "lost"), [(["sync_replicas/made_here_1", "v1"], SECOND),
                                             (["sync_replicas/decided", "sync_replicas/made"], FIRST)])  # fmt: skip
def test_a_parameter_task_that_begins_again_from_older_values_catches_up(stores, names, lost):
    client = Client(stores, counting, 0, 1, 1, 2)
    client.run(client.init)
    for _ in range(3):
        assert client.start().go_on()
    with client.graph.as_default():
        back = [client.graph.get_operation_by_name(name + "/Assign") for name in names]
    for op in back:
        assert client.placing is not None
        client.run(op)
    assert any(("", name) in stores[lost].variables for name in names)
    for _ in range(4):
        assert client.start().go_on()
    before = client.values("step")
    assert client.start().go_on()
    assert client.values("step")[0] == before[0] + 1 > 4


def test_other_parts_run_while_one_waits(stores):
    clients = [Client(stores, counting, k, 2, 2, 1) for k in range(2)]
    clients[0].run(clients[0].init)
    run = clients[0].start()
    assert not run.go_on()
    ((name, level),) = [place for place in run.left if run.bounds[place].awaited]
    bound, steps, looks = run.bounds[name, level], Steps(stores[name]), []
    waiter = threading.Thread(
        target=steps.wait, args=(bound.awaited, run.given((name, level)), lambda: looks.append(1))
    )
    waiter.start()
    other = clients[1].start()
    other.go_on(lambda run: run.ready() == [(name, level)])
    steps.tell()
    waiter.join(20)
    assert not waiter.is_alive()

    def ended():
        raise tf.errors.DeadlineExceededError(None, None, "too long")

    run, other = clients[0].start(), clients[1].start()
    run.go_on()
    assert run.left
    with pytest.raises(tf.errors.DeadlineExceededError, match="too long"):
        steps.wait(bound.awaited, run.given((name, level)), ended)
    stores[name].clear(None)
    with pytest.raises(tf.errors.AbortedError, match="were cleared"):
        steps.wait(bound.awaited, run.given((name, level)), ended)
