"""Session: fetches, feeds, errors, threads, plans, metadata."""

from __future__ import annotations

import collections
import threading

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.session.session import BaseSession


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def sess():
    with tf.Session() as session:
        yield session


def plans_of(session: BaseSession) -> int:
    return len(session._plans)


# Fetches


def test_any_nest_of_fetches(sess):
    a, b = tf.constant(1.0, name="a"), tf.constant([2.0, 3.0])
    v = tf.Variable(4.0)
    sess.run(v.initializer)
    pair = collections.namedtuple("Pair", "x y")
    out = sess.run({"list": [a, (b, v)], "named": pair(a, {"deep": b}), "op": a.op, "name": "a:0"})
    assert out["list"][0] == 1.0 and isinstance(out["list"], list)
    assert isinstance(out["list"][1], tuple) and out["list"][1][1] == 4.0
    np.testing.assert_array_equal(out["named"].y["deep"], [2.0, 3.0])
    assert isinstance(out["named"], pair) and out["op"] is None and out["name"] == 1.0
    assert sess.run([]) == []
    ordered = sess.run(collections.OrderedDict([("z", a), ("y", b)]))
    assert list(ordered) == ["z", "y"] and isinstance(ordered, collections.OrderedDict)


def test_scalars_come_as_numpy_scalars_and_tensors_as_arrays(sess):
    x = tf.constant(2.0) * 3.0
    value = sess.run(x)
    assert isinstance(value, np.float32) and value == 6.0
    assert isinstance(sess.run(tf.constant([1.0]) * 2.0), np.ndarray)


@pytest.mark.parametrize("fetch", [None, 3, object(), ["ok", 2.5]])
def test_fetches_of_a_wrong_type(sess, fetch):
    tf.constant(1.0, name="ok")
    with pytest.raises(TypeError, match="invalid type"):
        sess.run(fetch)


def test_fetches_that_do_not_exist(sess):
    with pytest.raises(ValueError, match="nothing"):
        sess.run("nothing:0")
    with tf.Graph().as_default():
        foreign = tf.constant(1.0)
    with pytest.raises(ValueError, match="graph"):
        sess.run(foreign)


def test_a_fetched_constant_is_the_callers_own(sess):
    c = tf.constant([1.0, 2.0])
    first = sess.run(c)
    first[:] = 7
    np.testing.assert_array_equal(sess.run(c), [1.0, 2.0])


def test_an_operation_runs_once_however_often_it_is_fetched(sess):
    count = tf.Variable(0)
    sess.run(count.initializer)
    add = tf.assign_add(count, 1)
    sess.run([add, add, add.op, tf.identity(add), add + 1])
    assert sess.run(count) == 1


# Feeds


def test_feeds_of_any_tensor_by_object_and_name(sess):
    x = tf.placeholder(tf.float32, name="x")
    y = x * 2.0
    z = y + 1.0
    assert sess.run(z, {"x:0": 3.0}) == 7.0
    assert sess.run(z, {y: 10.0}) == 11.0
    assert sess.run([x, z], {x: 1.0, y: 5.0}) == [1.0, 6.0]


def test_a_fed_variable_keeps_its_memory(sess):
    v = tf.Variable([1.0, 2.0], name="weights")
    loss = tf.reduce_sum(v * v)
    slope = tf.gradients(loss, v)[0]
    fetched = sess.run([v, loss, slope], {v: [3.0, 4.0]})  # not even initialized yet
    for value, expected in zip(fetched, ([3.0, 4.0], 25.0, [6.0, 8.0]), strict=True):
        np.testing.assert_array_equal(value, expected)
    sess.run(v.initializer)
    np.testing.assert_array_equal(sess.run(slope, {"weights:0": [5.0, 6.0]}), [10.0, 12.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"cannot change weights:0, which is fed in this run"):
        sess.run([loss, v.assign_add([1.0, 1.0])], {v: [3.0, 4.0]})
    np.testing.assert_array_equal(sess.run(v), [1.0, 2.0])
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        sess.run(loss, {v: [1.0, 2.0, 3.0]})


def test_a_feed_may_be_changed_after_run(sess):
    x = tf.placeholder(tf.float32, [None])
    v = tf.Variable(tf.zeros([1000]))
    sess.run(v.initializer)
    add = tf.assign_add(v, x)
    data = np.ones(1000, np.float32)
    for i in range(20):
        data[:] = i
        sess.run(add.op, {x: data})
        data[:] = -1
    np.testing.assert_array_equal(sess.run(v), np.full(1000, sum(range(20)), np.float32))


def test_feeds_are_converted(sess):
    x = tf.placeholder(tf.float32, [None, 2])
    y = x + 0.0
    for value in ([[1, 2]], np.ones((1, 2)), np.asfortranarray(np.ones((3, 2), np.float32)), [(1.5, 2.5)]):
        out = sess.run(y, {x: value})
        np.testing.assert_array_equal(out, np.asarray(value, np.float32))
        assert out.dtype == np.float32
    every = np.arange(12, dtype=np.float32).reshape(6, 2)[::2]
    np.testing.assert_array_equal(sess.run(y, {x: every}), every)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (np.ones((5, 4)), ValueError, r"\(5, 4\).*x:0.*\(\?, 3\)"),
        ([[1.0, 2.0], [3.0]], ValueError, "x:0"),
        ("text", TypeError, "x:0"),
        (np.array([[object()] * 3]), TypeError, "x:0.*object"),
        ([[1j, 0, 0]], TypeError, "x:0.*complex"),
        (None, TypeError, "x:0"),
    ],
)
def test_feeds_that_do_not_fit(sess, value, error, words):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    v = tf.Variable(1.0)
    sess.run(v.initializer)
    step = tf.group(tf.assign_add(v, tf.reduce_sum(x)))
    with pytest.raises(error, match=words):
        sess.run(step, {x: value})
    assert sess.run(v) == 1.0
    sess.run(step, {x: [[1.0, 1.0, 1.0]]})
    assert sess.run(v) == 4.0


def test_feeds_of_tensors_and_to_wrong_keys(sess):
    x = tf.placeholder(tf.float32, name="x")
    with pytest.raises(TypeError, match="Const"):
        sess.run(x, {x: tf.constant(1.0)})
    with pytest.raises(TypeError):
        sess.run(x, {3: 1.0})
    with pytest.raises(ValueError, match="y:0"):
        sess.run(x, {"y:0": 1.0})
    with tf.Graph().as_default():
        foreign = tf.placeholder(tf.float32)
    with pytest.raises(ValueError, match="graph"):
        sess.run(x, {foreign: 1.0})


def test_integers_must_stay_what_they_are(sess):
    n = tf.placeholder(tf.int32, name="n")
    assert sess.run(n + 0, {n: 3.0}) == 3
    with pytest.raises(TypeError, match="n:0"):
        sess.run(n + 0, {n: 3.5})
    with pytest.raises(TypeError, match="n:0"):
        sess.run(n + 0, {n: 2**40})


def test_a_placeholder_without_a_feed(sess):
    x = tf.placeholder(tf.float32, [None, 2], name="lonely")
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"lonely.*float32.*\(\?, 2\)"):
        sess.run(x + 1.0)


def test_placeholder_with_default(sess):
    x = tf.placeholder_with_default([1.0, 2.0], [None])
    np.testing.assert_array_equal(sess.run(x * 2.0), [2.0, 4.0])
    np.testing.assert_array_equal(sess.run(x * 2.0, {x: [5.0]}), [10.0])


# Plans


def test_a_graph_that_grows_recompiles_nothing(sess):
    x = tf.placeholder(tf.float32, [None])
    y = x * 2.0
    sess.run(y, {x: [1.0]})
    before = plans_of(sess)
    tf.constant(1.0) + y
    sess.run(y, {x: [3.0]})
    assert plans_of(sess) == before
    sess.run(y, {x: [3.0, 4.0]})
    assert plans_of(sess) == before + 1


def test_a_fetched_feed_is_a_copy(sess):
    x = tf.placeholder(tf.float32, [2])
    data = np.ones(2, np.float32)
    out = sess.run(x, {x: data})
    data[:] = 5
    np.testing.assert_array_equal(out, [1.0, 1.0])


def test_the_order_of_feeds_makes_no_new_plan(sess):
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    z = x - y
    assert sess.run(z, {x: 3.0, y: 1.0}) == sess.run(z, {y: 1.0, x: 3.0}) == 2.0
    assert plans_of(sess) == 1


def test_ever_new_shapes_do_not_pile_up_plans(sess, monkeypatch):
    monkeypatch.setattr("graphlab_nb.session.local.MOST_PLANS", 5)
    x = tf.placeholder(tf.float32, [None])
    y = x + 1.0
    for n in (*range(1, 20), *range(1, 20)):
        assert sess.run(y, {x: np.zeros(n)}).sum() == n
    assert plans_of(sess) <= 5


def test_long_chains_and_many_branches(sess):
    x = tf.placeholder(tf.float32, [])
    y = x
    for _ in range(3000):
        y = y + 1.0
    assert sess.run(y, {x: 1.0}) == 3001.0
    parts = [x * float(i) for i in range(300)]
    assert sess.run(tf.add_n(parts), {x: 1.0}) == sum(range(300))


def test_plans_too_big_fail_before_they_allocate(sess):
    n = 1 << 20
    x = tf.placeholder(tf.float32, [None, 1])
    v = tf.Variable(0.0)
    sess.run(v.initializer)
    huge = tf.matmul(x, x, transpose_b=True, name="huge")  # n x n
    with pytest.raises(tf.errors.ResourceExhaustedError, match="huge"):
        sess.run(tf.assign_add(v, tf.reduce_sum(huge)), {x: np.zeros((n, 1), np.float32)})
    assert sess.run(v) == 0.0


# Errors while running


def test_uninitialized_variables(sess):
    v = tf.Variable([1.0], name="weights")
    for use in (v, v + 1.0, tf.assign_add(v, [1.0])):
        with pytest.raises(tf.errors.FailedPreconditionError, match="weights"):
            sess.run(use)
    sess.run(v.initializer)
    np.testing.assert_array_equal(sess.run(v + 1.0), [2.0])


def test_errors_name_the_operation_and_the_users_line(sess):
    x = tf.placeholder(tf.float32, name="x")
    y = tf.placeholder(tf.float32, name="y")
    z = tf.add(x, y, name="clash")
    with pytest.raises(tf.errors.InvalidArgumentError, match="clash") as info:
        sess.run(z, {x: np.ones(2), y: np.ones(3)})
    assert __file__ in str(info.value) and "(2,)" in str(info.value) and "(3,)" in str(info.value)
    assert info.value.op is z.op
    np.testing.assert_array_equal(sess.run(z, {x: np.ones(2), y: np.ones(2)}), [2.0, 2.0])


def test_failed_checks_leave_variables_unchanged(sess):
    x = tf.placeholder(tf.float32, [None])
    v = tf.Variable(1.0)
    sess.run(v.initializer)
    checked = tf.check_numerics(x, "the input is bad")
    step = tf.assign_add(v, tf.reduce_sum(checked))
    with pytest.raises(tf.errors.InvalidArgumentError, match="the input is bad"):
        sess.run(step.op, {x: [1.0, np.nan]})
    assert sess.run(v) == 1.0
    sess.run(step.op, {x: [1.0, 2.0]})
    assert sess.run(v) == 4.0


def test_a_closed_session_runs_nothing():
    x = tf.constant(1.0)
    session = tf.Session()
    session.close()
    session.close()
    with pytest.raises(RuntimeError, match="closed"):
        session.run(x)


def test_arguments_of_a_wrong_type():
    with pytest.raises(TypeError, match="graph"):
        tf.Session(graph="no graph")
    with pytest.raises(TypeError, match="config"):
        tf.Session(config="no config")
    with pytest.raises(TypeError, match="target"):
        tf.Session(target=5)
    with pytest.raises(ValueError, match="no_such_field"):
        tf.ConfigProto(no_such_field=1)


# Default sessions


def test_interactive_sessions_are_the_default_until_closed():
    session = tf.InteractiveSession()
    assert tf.get_default_session() is session
    assert tf.constant(3.0).eval() == 3.0
    session.close()
    assert tf.get_default_session() is None


def test_with_closes_and_as_default_does_not():
    session = tf.Session()
    with session.as_default():
        assert tf.constant(1.0).eval() == 1.0
    assert session.run(tf.constant(2.0)) == 2.0
    with session:
        assert tf.get_default_session() is session
    with pytest.raises(RuntimeError, match="closed"):
        session.run(tf.constant(2.0))


def test_make_callable(sess):
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    call = sess.make_callable(x * y, [x, y])
    assert call(3.0, 4.0) == 12.0
    with pytest.raises(TypeError, match="2 values"):
        call(1.0)


def test_devices_are_listed(sess):
    devices = sess.list_devices()
    assert devices and all(d.name.startswith("/job:localhost/replica:0/task:0/device:") for d in devices)
    assert all(d.memory_limit_bytes > 0 for d in devices)


# Threads


def test_threads_share_a_session(sess):
    x = tf.placeholder(tf.float32, [None])
    count = tf.Variable(0)
    sess.run(count.initializer)
    bump = tf.assign_add(count, 1)
    y = tf.reduce_sum(x * x)
    wrong = []

    def work(seed: int) -> None:
        random = np.random.RandomState(seed)
        for _ in range(25):
            data = random.randint(0, 5, random.randint(1, 50)).astype(np.float32)
            if sess.run([y, bump.op], {x: data})[0] != (data * data).sum():
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong and sess.run(count) == 100


def test_two_sessions_keep_their_own_variables():
    v = tf.Variable(1.0)
    a, b = tf.Session(), tf.Session()
    a.run(v.initializer)
    b.run(v.initializer)
    a.run(tf.assign_add(v, 1.0))
    assert a.run(v) == 2.0 and b.run(v) == 1.0
    a.close()
    b.close()


# Metadata


def test_traced_runs_tell_times_and_memory(sess):
    x = tf.placeholder(tf.float32, [64, 64])
    y = tf.matmul(x, x, name="product")
    metadata = tf.RunMetadata()
    data = np.eye(64, dtype=np.float32)
    out = sess.run(y, {x: data}, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
    np.testing.assert_array_equal(out, data)
    stats = metadata.step_stats.dev_stats
    assert stats and stats[0].device.startswith("/job:localhost")
    nodes = [n for n in stats[0].node_stats if n.node_name == "product"]
    assert nodes and sum(n.all_end_rel_micros for n in nodes) > 0
    assert max(n.output_bytes for n in nodes) >= 64 * 64 * 4


def test_values_computed_once_serve_every_run_and_survive_a_growing_arena():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 64])
        same = tf.exp(tf.fill([64], 2.0))
        y = tf.reduce_sum(tf.matmul(x, tf.ones([64, 64]) / 64.0) * same, 1)
        want = np.exp(2.0) * 64
        for rows in (2, 3, 2, 4000, 2, 3):
            np.testing.assert_allclose(sess.run(y, {x: np.ones((rows, 64))}), np.full(rows, want), rtol=1e-5)
        np.testing.assert_allclose(sess.run(same), np.exp(np.full(64, 2.0)), rtol=1e-6)
        np.testing.assert_allclose(sess.run(same), np.exp(np.full(64, 2.0)), rtol=1e-6)


def test_what_is_fed_and_fetched_is_handed_back_and_nothing_before_it_runs():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [2])
        y = x * 2.0
        z = y + 1.0
        np.testing.assert_array_equal(sess.run(y, {y: [1.0, 1.0]}), [1.0, 1.0])
        both = sess.run([z, y], {y: [1.0, 3.0]})
        np.testing.assert_array_equal(both[0], [2.0, 4.0])
        np.testing.assert_array_equal(both[1], [1.0, 3.0])
        np.testing.assert_array_equal(sess.run([y, z], {x: [1.0, 3.0]})[1], [3.0, 7.0])  # another plan
        with pytest.raises(tf.errors.InvalidArgumentError, match="must feed a value"):
            sess.run([y.op, z], {y: [1.0, 1.0]})  # the operation itself is asked for


def test_zeros_and_ones_can_be_fed_as_bools():
    with tf.Graph().as_default(), tf.Session() as sess:
        flags = tf.placeholder(tf.bool, [3])
        np.testing.assert_array_equal(sess.run(tf.logical_not(flags), {flags: [1, 0, 1]}), [False, True, False])
        for wrong in ([2, 0, 1], [0.5, 0.0, 1.0]):
            with pytest.raises(TypeError, match="bool"):
                sess.run(flags, {flags: wrong})


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"options": "x"}, "options must be a tf.RunOptions, not 'x'"),
        ({"options": tf.RunOptions(trace_level="FULL")}, "trace_level .* not 'FULL'"),
        ({"options": tf.RunOptions(trace_level=9)}, "trace_level .* not 9"),
        ({"run_metadata": 5}, "run_metadata must be a tf.RunMetadata, not 5"),
        (
            {"options": tf.RunOptions(trace_level=3), "run_metadata": {}},
            "run_metadata must be a tf.RunMetadata, not {}",
        ),
    ],
)
def test_options_that_are_none_are_named_and_nothing_runs(wrong, named):
    counter = tf.Variable(0.0)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        with pytest.raises((TypeError, ValueError), match=named):
            sess.run(counter.assign_add(1.0), **wrong)
        assert sess.run(counter) == 0.0
