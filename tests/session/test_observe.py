"""Looking at tensors before a run changes nothing in it, and shows what it will compute."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.launch import KernelCall
from graphlab_nb.session.executor import written_by
from graphlab_nb.session.inspect import Inspector, section
from graphlab_nb.session.observe import MOST_LOOKS, observe

STEPS = 12


@pytest.fixture(autouse=True)
def fresh_graph() -> Iterator[Any]:
    with tf.Graph().as_default() as graph:
        yield graph


def softmax(optimizer: Any) -> tuple[dict[str, Any], Any, Any]:
    """The softmax tutorial's net, small."""
    x, labels = tf.placeholder(tf.float32, [None, 40]), tf.placeholder(tf.float32, [None, 10])
    logits = tf.matmul(x, tf.Variable(tf.zeros([40, 10]))) + tf.Variable(tf.zeros([10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, labels))
    return {"x": x, "labels": labels}, loss, optimizer.minimize(loss)


def deep(optimizer: Any) -> tuple[dict[str, Any], Any, Any]:
    """The deep tutorial's net, small, with dropout."""
    x, labels = tf.placeholder(tf.float32, [None, 64]), tf.placeholder(tf.float32, [None, 10])
    keep = tf.placeholder(tf.float32, [])
    h = tf.reshape(x, [-1, 8, 8, 1])
    filters = tf.Variable(tf.truncated_normal([5, 5, 1, 8], stddev=0.1))
    h = tf.nn.relu(tf.nn.conv2d(h, filters, [1, 1, 1, 1], "SAME") + tf.Variable(tf.constant(0.1, shape=[8])))
    h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    dense = tf.Variable(tf.truncated_normal([128, 50], stddev=0.1))
    h = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 128]), dense) + tf.Variable(tf.constant(0.1, shape=[50])))
    h = tf.nn.dropout(h, keep)
    logits = tf.matmul(h, tf.Variable(tf.truncated_normal([50, 10], stddev=0.1))) + tf.Variable(tf.zeros([10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, labels))
    return {"x": x, "labels": labels, "keep": keep}, loss, optimizer.minimize(loss)


NETS = {
    "softmax": lambda: softmax(tf.train.GradientDescentOptimizer(0.5)),
    "softmax with Adam": lambda: softmax(tf.train.AdamOptimizer(0.01)),
    "deep": lambda: deep(tf.train.AdamOptimizer(1e-3)),
    "deep with momentum": lambda: deep(tf.train.MomentumOptimizer(0.05, 0.9)),
}


def trained(make: Any, how: str) -> tuple[list[np.ndarray], list[Any]]:
    """The variables after some steps, and the losses of each step, by looking ("look") or along with the step ("fetch")."""
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        places, loss, step = make()
        rng = np.random.RandomState(1)
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            losses: list[Any] = []
            for k in range(STEPS):
                size = 20 + k % 3
                feed = {places["x"]: rng.rand(size, places["x"].get_shape()[1].value).astype(np.float32)}
                feed[places["labels"]] = np.eye(10, dtype=np.float32)[rng.randint(0, 10, size)]
                if "keep" in places:
                    feed[places["keep"]] = np.float32(0.5)
                if how == "look":
                    losses.append(observe(sess, [loss], feed))
                    if k % 4 == 0:
                        observe(sess, [loss], feed).values()
                    sess.run(step, feed)
                elif how == "fetch":
                    losses.append(sess.run([loss, step], feed)[0])
                else:
                    sess.run(step, feed)
            values = [sess.run(v) for v in tf.all_variables()]
            if how == "look":
                losses = [found.values()[0] for found in losses]
            return values, losses


@pytest.mark.parametrize("name", NETS)
def test_training_is_the_same_with_and_without_and_losses_are_those_of_the_steps(name: str) -> None:
    looked, seen = trained(NETS[name], "look")
    for value, wanted in zip(looked, trained(NETS[name], "step")[0], strict=True):
        np.testing.assert_array_equal(value, wanted)
    np.testing.assert_allclose(seen, trained(NETS[name], "fetch")[1], rtol=1e-5)
    assert len(set(map(float, seen))) == STEPS


def test_random_numbers_are_those_of_the_next_run() -> None:
    seeded, free = tf.random_normal([50], seed=4), tf.random_uniform([3, 5])
    with tf.Session() as sess:
        for _ in range(4):
            first, again = observe(sess, [seeded, free]).values(), observe(sess, [free]).values()
            wanted = sess.run([seeded, free])
            for one, other in zip(first, wanted, strict=True):
                np.testing.assert_array_equal(one, other)
            np.testing.assert_array_equal(again[0], wanted[1])
            assert not np.array_equal(wanted[1], sess.run(free))


def test_a_plan_for_looking_writes_nothing_that_the_session_has() -> None:
    places, loss, step = NETS["deep"]()
    feed = {places["x"]: np.ones((3, 64)), places["labels"]: np.ones((3, 10)), places["keep"]: 0.5}
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        sess.run(step, feed)
        observe(sess, [loss], feed).values()
        (look,) = sess._resources.looks["observe"].values()
        written = {storage.kind for one in look.stage.steps for storage in written_by(one.action)}
        read = {a.storage.kind for s in look.stage.steps if isinstance(s.action, KernelCall)
                for a in s.action.args if hasattr(a, "storage")}  # fmt: skip
        assert written <= {"arena", "fixed"}
        assert {"variable", "counter", "feed"} <= read
        own, theirs = look.resources.devices[0], sess._resources.devices[0]
        assert own.arena is not theirs.arena and own.report is not theirs.report


def test_several_tensors_and_what_needs_no_device() -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    v, named = tf.Variable([1.0, 2.0, 3.0]), tf.constant([b"a", b"b"])
    y, fixed, again = x * v, tf.constant([[7, 8]]), tf.reshape(x, [-1])
    data = np.arange(6, dtype=np.float32).reshape(2, 3)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        found = observe(sess, [y, x, v.value(), fixed, tf.shape(y), again, named, y], {x: data})
        sess.run(v.assign([0.0, 0.0, 0.0]))
        data[:] = -1
        values = found.values()
    kept = np.arange(6, dtype=np.float32).reshape(2, 3)
    product = (kept * [1, 2, 3]).tolist()
    assert [v.tolist() for v in values] == [
        product, kept.tolist(), [1, 2, 3], [[7, 8]], [2, 3], kept.ravel().tolist(), [b"a", b"b"], product,
    ]  # fmt: skip
    assert found.ready() and found.tensors[0] is y and len(found.tensors) == 8


def test_feeds_may_replace_what_is_computed_and_have_names_and_lists() -> None:
    x = tf.placeholder(tf.float32, [2], name="given")
    middle = tf.py_func(lambda a: a, [x], tf.float32, name="function")
    middle.set_shape([2])
    y = middle + 1
    with tf.Session() as sess:
        np.testing.assert_array_equal(observe(sess, [y, middle], {middle: [1, 2]}).values(), [[2, 3], [1, 2]])
        with pytest.raises(tf.errors.FailedPreconditionError, match=r"function.*Python on the host"):
            observe(sess, [y], {"given:0": [1, 2]})


def test_nothing_and_tensors_without_elements() -> None:
    x = tf.placeholder(tf.float32, [None])
    with tf.Session() as sess:
        assert observe(sess, []).values() == []
        (found,) = observe(sess, [tf.exp(x)], {x: []}).values()
        assert found.shape == (0,)


def after_a_change() -> Any:
    v = tf.Variable(1.0)
    with tf.control_dependencies([v.assign_add(1.0)]):
        return tf.constant(2.0) * v


def printed() -> Any:
    return tf.Print(tf.Variable(1.0) + 1, [tf.constant(1)])


def trained_before() -> Any:
    loss = tf.square(tf.Variable(3.0))
    with tf.control_dependencies([tf.train.AdamOptimizer(0.1).minimize(loss)]):
        return tf.identity(loss)


REFUSED = {
    r"change nothing, but Assign 'Assign', .*changes a variable": lambda: tf.assign(tf.Variable(1.0), 3.0),
    r"change nothing, but AssignAdd 'AssignAdd', .*changes a variable": after_a_change,
    r"ApplyAdam|changes a variable": trained_before,
    r"change nothing, but PrintData .*runs Python on the host": printed,
    r"but PyFunc 'mine', .*runs Python on the host": lambda: tf.py_func(
        abs, [tf.Variable(1.0)], tf.float32, name="mine"
    ),
    r"Where 'Where'.*only the run tells": lambda: tf.where(tf.equal(tf.Variable([1.0, 2.0]), 2.0)),
    r"Mul 'mul'.*only the run tells": lambda: tf.where(tf.equal(tf.Variable([1.0, 2.0]), 2.0)) * 2,
    r"but IsVariableInitialized .*asks the host": lambda: tf.is_variable_initialized(tf.Variable(1.0)),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_change_something_or_wait_is_refused(text: str) -> None:
    tensor = REFUSED[text]()
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        before = sess.run(tf.all_variables())
        for _ in range(2):
            with pytest.raises(tf.errors.OpError, match=text) as caught:
                observe(sess, [tensor])
        assert caught.value.op is not None and caught.value.op.name in str(caught.value)
        for value, wanted in zip(sess.run(tf.all_variables()), before, strict=True):
            np.testing.assert_array_equal(value, wanted)


def test_a_variable_without_a_value_is_refused_until_it_has_one() -> None:
    v = tf.Variable([1.0, 2.0])
    y = v * 2
    with tf.Session() as sess:
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized variable 'Variable'"):
            observe(sess, [y])
        sess.run(v.initializer)
        np.testing.assert_array_equal(observe(sess, [y]).values()[0], [2, 4])


def test_what_a_run_would_refuse() -> None:
    x = tf.placeholder(tf.float32, [2])
    y = x * 2
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match="must feed"):
            observe(sess, [y])
        with pytest.raises(ValueError, match="Cannot feed"):
            observe(sess, [y], {x: [1, 2, 3]})
        sess.close()
        with pytest.raises(RuntimeError, match="closed"):
            observe(sess, [y], {x: [1, 2]})


def test_a_check_of_data_that_fails_is_told_with_the_values_and_no_sooner() -> None:
    x, labels = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.int32, [None])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(x, labels)
    data = np.zeros((2, 3), np.float32)
    with tf.Session() as sess:
        np.testing.assert_allclose(
            observe(sess, [loss], {x: data, labels: [0, 2]}).values()[0], np.log([3, 3]), rtol=1e-6
        )
        bad = observe(sess, [loss], {x: data, labels: [0, 7]})
        good = observe(sess, [loss], {x: data, labels: [1, 1]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="7"):
            bad.values()
        np.testing.assert_allclose(good.values()[0], np.log([3, 3]), rtol=1e-6)
        np.testing.assert_allclose(sess.run(loss, {x: data, labels: [0, 2]}), np.log([3, 3]), rtol=1e-6)


def test_a_variable_s_other_shape_makes_another_plan() -> None:
    x = tf.placeholder(tf.float32)
    v = tf.Variable(x, validate_shape=False)
    total = tf.reduce_sum(v + 0)
    with tf.Session() as sess:
        for size in (3, 1000, 5):
            sess.run(v.initializer, {x: np.ones(size, np.float32)})
            assert observe(sess, [total]).values()[0] == size


def test_plans_are_made_once_and_only_so_many_are_kept() -> None:
    x = tf.placeholder(tf.float32, [None])
    y = x * 2
    with tf.Session() as sess:
        for size in range(1, MOST_LOOKS + 6):
            observe(sess, [y], {x: np.ones(size, np.float32)})
        looks = sess._resources.looks["observe"]
        assert len(looks) == MOST_LOOKS
        last = list(looks.values())[-1]
        observe(sess, [y], {x: np.zeros(MOST_LOOKS + 5, np.float32)}).values()
        assert list(looks.values())[-1] is last and len(looks) == MOST_LOOKS


def test_what_stays_on_the_device_can_be_inspected_there_until_the_next_look() -> None:
    x = tf.placeholder(tf.float32, [None, 30])
    hidden, data = tf.nn.relu(x - 0.5), np.random.RandomState(0).rand(200, 30).astype(np.float32)
    with tf.Session() as sess:
        inspector = Inspector(sess)
        wanted = np.maximum(data - np.float32(0.5), 0)
        for _ in range(3):
            found = observe(sess, [hidden, x], {x: data}, land=False)
            pending = inspector.summaries([found.numbers(hidden), found.numbers(x)], 10)
            picture = inspector.picture(found.numbers(hidden), section((200, 30)))
            sess.run(hidden, {x: data * 0})
            activation, given = [s.statistics for s in pending.result()]
            np.testing.assert_allclose(activation.mean, wanted.mean(dtype=np.float64), rtol=1e-9)
            assert (activation.zeros, given.count) == ((wanted == 0).sum(), 6000)
            np.testing.assert_array_equal(picture.result(), wanted)
        assert found.values()[0] is None
        total = tf.reduce_sum(hidden)
        found = observe(sess, [hidden, total], {x: data}, land=[total])
        values = found.values()
        assert values[0] is None and values[1] > 0 and found.numbers(total).shape == ()
        observe(sess, [tf.reduce_max(x)], {x: data})
        with pytest.raises(RuntimeError, match="has been looked at since"):
            found.numbers(hidden)


def test_memory_is_free_when_nobody_holds_an_observation() -> None:
    x = tf.placeholder(tf.float32, [None])
    y = x * 2
    with tf.Session() as sess:
        found = observe(sess, [y], {x: np.ones(100_000, np.float32)})
        array = weakref.ref(found._arrival.arrays[0])
        while not found.ready():
            pass
        del found
        gc.collect()
        assert array() is None
        observe(sess, [y], {x: np.ones(100_000, np.float32)})  # dropped while it is under way
    assert not sess._resources.looks


def test_several_devices() -> None:
    with tf.device("/cpu:1"):
        w = tf.Variable(tf.ones([3, 2]))
        x = tf.placeholder(tf.float32, [None, 3])
        h = tf.matmul(x, w)
    with tf.device("/cpu:0"):
        loss = tf.reduce_sum(h * tf.random_uniform([2], seed=2))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    data = np.arange(12, dtype=np.float32).reshape(4, 3)
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2, "GPU": 0})) as sess:
        sess.run(tf.initialize_all_variables())
        for _ in range(5):
            look = observe(sess, [loss, h], {x: data})
            wanted = sess.run([loss, h, step], {x: data})
            np.testing.assert_array_equal(look.values()[1], wanted[1])
            np.testing.assert_allclose(look.values()[0], wanted[0], rtol=1e-6)
