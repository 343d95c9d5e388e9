"""tf.train.replica_device_setter, and the strategies of tf.contrib.training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def devices(setter: Any, count: int = 3) -> list[str]:
    with tf.device(setter):
        return [tf.Variable(tf.zeros([2])).device for _ in range(count)]


def test_variables_go_to_the_tasks_in_turn_and_the_rest_to_the_worker() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=2)):
        v = [tf.Variable(tf.zeros([2]), name=f"v{i}") for i in range(3)]
        y = tf.add(v[0], v[1])
    assert [x.device for x in v] == ["/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0"]
    assert y.device == v[0].initial_value.device == "/job:worker"


def test_what_reads_or_changes_a_variable_goes_where_it_is() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=2, worker_device="/job:worker/task:3/gpu:0")):
        tf.Variable(1.0)
        v = tf.Variable(tf.zeros([4]))
        changed = v.assign_add(tf.ones([4]))
        again = tf.assign_sub(changed, tf.ones([4]))
        rows = tf.scatter_update(v, [1], [5.0])
        known = tf.is_variable_initialized(v)
        twice = changed * 2.0
        step = tf.train.AdamOptimizer().minimize(tf.reduce_sum(tf.square(v)), var_list=[v])
    for op in (v.initializer, v.value().op, changed.op, again.op, rows.op, known.op):
        assert op.device == "/job:ps/task:1", op
    assert twice.device == "/job:worker/task:3/device:GPU:0"
    (update,) = [op for op in step.graph.get_operations() if op.type == "ApplyAdam"]
    assert update.device == "/job:ps/task:1"


def test_slots_stay_with_their_variables() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=2)):
        v = tf.Variable(3.0)
        optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
        optimizer.minimize(tf.square(v))
        after = tf.Variable(1.0)
    assert optimizer.get_slot(v, "momentum").device == v.device == "/job:ps/task:0"
    assert after.device == "/job:ps/task:1"  # a slot takes no turn of its own


def test_a_device_of_its_own_comes_first() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=2, worker_device="/job:worker/task:1/cpu:0")):
        with tf.device("/gpu:1"):
            v, x = tf.Variable(1.0), tf.add(1.0, 2.0)
        with tf.device("/job:worker/task:0"):
            local = tf.Variable(1.0)
        with tf.device("/job:ps/task:7"):
            pinned = tf.Variable(1.0)
        v2 = tf.Variable(1.0)
    assert v.device == "/job:ps/task:0/device:GPU:1"
    assert x.device == "/job:worker/task:1/device:GPU:1"
    assert local.device == "/job:worker/task:0"
    assert pinned.device == "/job:ps/task:7"  # it took no turn
    assert v2.device == "/job:ps/task:1"


def test_without_merging_a_device_of_its_own_is_all() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=2, merge_devices=False)):
        with tf.device("/gpu:1"):
            v = tf.Variable(1.0)
        w = tf.Variable(1.0)
    assert (v.device, w.device) == ("/device:GPU:1", "/job:ps/task:0")


def test_outer_devices_fill_what_is_open() -> None:
    with tf.device("/cpu:0"):
        assert devices(tf.train.replica_device_setter(ps_tasks=1), 1) == ["/job:ps/task:0/device:CPU:0"]


def test_no_parameter_tasks_no_setter() -> None:
    assert tf.train.replica_device_setter() is None
    assert tf.train.replica_device_setter(cluster={"worker": ["a:2222"]}) is None
    assert tf.train.replica_device_setter(cluster={"ps": []}) is None
    assert devices(None, 1) == [""]


@pytest.mark.parametrize("wrap", [dict, tf.train.ClusterSpec])
def test_the_cluster_says_how_many(wrap: Any) -> None:
    cluster = wrap({"parameters": ["a:2222", "b:2222"], "worker": ["c:2222"]})
    setter = tf.train.replica_device_setter(ps_device="/job:parameters/cpu:0", cluster=cluster)
    assert devices(setter) == [f"/job:parameters/task:{i}/device:CPU:0" for i in (0, 1, 0)]


def test_tasks_that_a_cluster_leaves_out_get_nothing() -> None:
    setter = tf.train.replica_device_setter(cluster={"ps": {1: "a:2222", 4: "b:2222"}})
    assert devices(setter) == ["/job:ps/task:1", "/job:ps/task:4", "/job:ps/task:1"]


def test_a_device_without_a_job_gets_no_task() -> None:
    assert devices(tf.train.replica_device_setter(ps_tasks=2, ps_device="/cpu:0", worker_device=""), 2) == [
        "/device:CPU:0",
        "/device:CPU:0",
    ]


def test_other_types_of_operations_for_the_parameter_tasks() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=1, ps_ops=["Add"])):
        v, y = tf.Variable(1.0), tf.add(1.0, 2.0)
    assert (v.device, y.device) == ("/job:worker", "/job:ps/task:0")


def test_a_graph_placed_so_runs_with_soft_placement() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=1, worker_device="/cpu:0", ps_device="/cpu:0")):
        v = tf.Variable([1.0, 2.0])
        step = tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_sum(v))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        assert sess.run(v).tolist() == [0.5, 1.5]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"ps_tasks": -1}, ValueError, "not -1"),
        ({"ps_tasks": 1, "ps_strategy": 3}, TypeError, "not 3"),
        ({"ps_tasks": 1, "ps_ops": "Variable"}, TypeError, "'Variable'"),
        ({"ps_tasks": 1, "worker_device": "worker"}, ValueError, "'worker' is not understood"),
        ({"cluster": {"ps": ["a"]}}, ValueError, "/job:ps/task:0 is 'a'"),
        ({"cluster": 3}, TypeError, "not 3"),
    ],
)
def test_errors_name_what_is_wrong(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        tf.train.replica_device_setter(**arguments)


# Strategies


def test_a_strategy_of_ones_own_is_asked_for_variables_alone() -> None:
    asked = []

    def last(op: tf.Operation) -> int:
        asked.append(op.type)
        return 1

    setter = tf.train.replica_device_setter(ps_tasks=2, ps_strategy=last)
    assert devices(setter, 2) == ["/job:ps/task:1"] * 2
    assert asked == ["Variable"] * 2


def test_the_greedy_strategy_fills_the_task_that_has_least() -> None:
    training = tf.contrib.training
    strategy = training.GreedyLoadBalancingStrategy(3, training.byte_size_load_fn)
    with tf.device(tf.train.replica_device_setter(ps_tasks=3, ps_strategy=strategy)):
        v = [tf.Variable(tf.zeros([n])) for n in (100, 50, 40, 20, 20, 60)]
    assert [x.device[-1] for x in v] == ["0", "1", "2", "2", "1", "2"]


def test_bytes_are_those_of_the_elements_type() -> None:
    load = tf.contrib.training.byte_size_load_fn
    assert load(tf.Variable(tf.zeros([3, 5], tf.int64)).op) == 120
    assert load(tf.Variable(1.0).op) == 4
    assert load(tf.Variable(tf.zeros([3, 5], tf.bool)).op) == 15


def test_strategies_errors_name_what_is_wrong() -> None:
    training = tf.contrib.training
    changing = tf.Variable(tf.placeholder(tf.float32), validate_shape=False, name="changing")
    with pytest.raises(ValueError, match="bytes of changing are not known"):
        training.byte_size_load_fn(changing.op)
    with pytest.raises(ValueError, match="group has 0 outputs"):
        training.byte_size_load_fn(tf.group(name="group"))
    with pytest.raises(ValueError, match="not 0"):
        training.GreedyLoadBalancingStrategy(0, training.byte_size_load_fn)
    with pytest.raises(TypeError, match="not 3"):
        training.GreedyLoadBalancingStrategy(1, 3)
