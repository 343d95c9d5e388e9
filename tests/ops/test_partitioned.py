"""Variables in shards, and the partitioners that cut them."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.graph.removal import take_out, with_dependents

HALVES = tf.fixed_size_partitioner(2)


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def run(*fetches: Any) -> Any:
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return sess.run(list(fetches))


# What they are


def test_shards_have_names_and_shapes_of_their_own() -> None:
    with tf.variable_scope("layer"):
        w = tf.get_variable("w", [7, 3], partitioner=tf.fixed_size_partitioner(3))
    assert [v.name for v in w] == ["layer/w/part_0:0", "layer/w/part_1:0", "layer/w/part_2:0"]
    assert [v.get_shape().as_list() for v in w] == [[3, 3], [2, 3], [2, 3]]
    assert (w.name, w.dtype, len(w), w.partitions) == ("layer/w", tf.float32, 3, (3, 1))
    assert w.get_shape() == w.shape == [7, 3]
    assert repr(w) == "<PartitionedVariable 'layer/w' shape=(7, 3) dtype=float32 shards=3>"
    assert tf.trainable_variables() == tf.global_variables() == list(w)


@pytest.mark.parametrize(("axis", "shards"), [(0, 3), (1, 2), (-1, 4), (0, 1)])
@pytest.mark.parametrize("kind", ["array", "list", "tensor", "function"])
def test_the_value_is_the_shards_end_to_end(axis: int, shards: int, kind: str) -> None:
    value = np.arange(20, dtype=np.float32).reshape(5, 4)
    start: dict[str, Any] = {
        "array": value,
        "list": value.tolist(),
        "tensor": tf.constant(value),
        "function": lambda shape, dtype, partition_info: tf.constant(value[tuple(
            slice(b, b + n) for b, n in zip(partition_info.var_offset, shape, strict=True)
        )]),
    }  # fmt: skip
    shape = [5, 4] if kind == "function" else None
    w = tf.get_variable("w", shape, initializer=start[kind], partitioner=tf.fixed_size_partitioner(shards, axis))
    parts, whole, fetched, total = run(list(w), w.as_tensor(), w, tf.reduce_sum(w))
    np.testing.assert_array_equal(np.concatenate(parts, axis), value)
    np.testing.assert_array_equal(whole, value)
    np.testing.assert_array_equal(fetched, value)
    assert len(parts) == shards
    assert total == value.sum()


def test_it_stands_where_a_tensor_can() -> None:
    w = tf.get_variable("w", initializer=np.float32([[1, 2], [3, 4], [5, 6]]), partitioner=HALVES)
    product, added, negative, row, converted = run(tf.matmul([[1.0, 1.0, 1.0]], w), 1 + w, -w, w[2], tf.convert_to_tensor(w))  # fmt: skip
    assert product.tolist() == [[9, 12]]
    assert added.tolist() == [[2, 3], [4, 5], [6, 7]]
    assert negative.tolist() == (-converted).tolist()
    assert row.tolist() == [5, 6]


def test_fetching_it_again_adds_nothing(graph: tf.Graph) -> None:
    w = tf.get_variable("w", [4], initializer=tf.zeros_initializer, partitioner=HALVES)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(w)
        before = graph.version
        graph.finalize()
        assert sess.run([w, w])[1].tolist() == [0, 0, 0, 0]
        assert graph.version == before


def test_training_is_that_of_a_whole_variable() -> None:
    start = np.linspace(-1, 1, 12, dtype=np.float32).reshape(6, 2)
    x = tf.constant(np.linspace(0, 1, 18, dtype=np.float32).reshape(3, 6))
    losses = []
    for partitioner in (None, tf.fixed_size_partitioner(4)):
        with tf.variable_scope("sharded" if partitioner else "whole"):
            w = tf.get_variable("w", initializer=start, partitioner=partitioner)
            loss = tf.reduce_sum(tf.square(tf.matmul(x, w) - 1.0))
            step = tf.train.AdamOptimizer(0.1).minimize(loss, var_list=list(w) if partitioner else [w])
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for _ in range(5):
                sess.run(step)
            losses.append(sess.run([loss, w]))
    np.testing.assert_allclose(losses[1][0], losses[0][0], rtol=1e-5)
    np.testing.assert_allclose(losses[1][1], losses[0][1], rtol=1e-5, atol=1e-6)


def test_shards_go_to_the_parameter_tasks_in_turn() -> None:
    with tf.device(tf.train.replica_device_setter(ps_tasks=2, worker_device="/job:worker/task:0")):
        w = tf.get_variable("w", [9, 2], partitioner=tf.fixed_size_partitioner(3))
        y = w.as_tensor()
    assert [v.device for v in w] == ["/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0"]
    assert [v.value().device for v in w] == [v.device for v in w]
    assert y.device == y.op.inputs[0].device == "/job:worker/task:0"


def test_regularizers_count_each_shard() -> None:
    w = tf.get_variable(
        "w", initializer=np.float32([1, 2, 3]), partitioner=HALVES, regularizer=tf.contrib.layers.l2_regularizer(1.0)
    )
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    assert len(losses) == len(w) == 2
    assert run(tf.add_n(losses)) == [7.0]


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        (lambda: None, (3 / 600) ** 0.5),
        (lambda: tf.uniform_unit_scaling_initializer(2.0), 2 * (3 / 600) ** 0.5),
        (lambda: tf.variance_scaling_initializer(distribution="uniform"), (3 / 600) ** 0.5),
        (lambda: tf.contrib.layers.xavier_initializer(), (6 / 604) ** 0.5),
    ],
)
def test_initial_values_have_the_scale_of_the_whole(make: Any, limit: float) -> None:
    w = tf.get_variable("w", [600, 4], initializer=make(), partitioner=tf.fixed_size_partitioner(6))
    largest = np.abs(run(w)[0]).max()
    assert 0.95 * limit < largest <= limit * 1.0001


def test_integers_begin_with_zeros() -> None:
    assert run(tf.get_variable("n", [3], tf.int32, partitioner=HALVES))[0].tolist() == [0, 0, 0]


def test_shards_are_changed_one_by_one() -> None:
    w = tf.get_variable("w", [4], partitioner=HALVES)
    with pytest.raises(TypeError, match="w is kept in 2 shards, which are changed one by one"):
        tf.assign(w, [1.0, 2.0, 3.0, 4.0])
    with tf.Session() as sess:
        sess.run([shard.assign([k, k]) for k, shard in enumerate(w, 1)])
        assert sess.run(w).tolist() == [1, 1, 2, 2]


def test_what_its_docstrings_say_is_true() -> None:
    kind = type(tf.get_variable("any", [2], partitioner=HALVES))
    examples = [test for test in doctest.DocTestFinder().find(kind, globs={"tf": tf}) if test.examples]
    assert len(examples) == 3
    for example in examples:
        with tf.Graph().as_default():
            assert doctest.DocTestRunner().run(example).failed == 0, example.name


def test_what_is_taken_out_of_a_graph_can_be_made_anew(graph: tf.Graph) -> None:
    first = tf.get_variable("w", [4], partitioner=HALVES)
    kept = tf.get_variable("kept", [4], partitioner=HALVES)
    take_out(graph, with_dependents(graph, [first._shards[0].op, first._shards[1].op]), lambda op: "it was tried")
    again = tf.get_variable("w", [4], partitioner=HALVES)
    assert again is not first
    assert [v.name for v in again] == ["w/part_0:0", "w/part_1:0"]
    tf.get_variable_scope().reuse_variables()
    assert tf.get_variable("kept", [4], partitioner=HALVES) is kept


# Scopes


def test_the_scope_s_partitioner_is_for_all_inside() -> None:
    with tf.variable_scope("outer", partitioner=HALVES) as scope:
        assert scope.partitioner is HALVES
        w = tf.get_variable("w", [4])
        scalar = tf.get_variable("scalar", [])
        with tf.variable_scope("inner"):
            three = tf.get_variable("v", [6], partitioner=tf.fixed_size_partitioner(3))
            two = tf.get_variable("u", [6])
        scope.set_partitioner(None)
        whole = tf.get_variable("whole", [4])
    assert [len(v) for v in (w, three, two)] == [2, 3, 2]
    assert isinstance(scalar, tf.Variable)  # one number has nothing to cut
    assert isinstance(whole, tf.Variable)


def test_reuse_finds_the_same() -> None:
    with tf.variable_scope("a", partitioner=HALVES) as scope:
        w = tf.get_variable("w", [4])
    with tf.variable_scope(scope, reuse=True):
        assert tf.get_variable("w") is tf.get_variable("w", [4]) is w
        with pytest.raises(ValueError, match=r"share variable a/w, but specified shape \(5,\) and found shape \(4,\)"):
            tf.get_variable("w", [5])
        with pytest.raises(ValueError, match="dtype int32 and found dtype float32"):
            tf.get_variable("w", [4], tf.int32)
        with pytest.raises(ValueError, match=r"specified shards \(3,\) and found \(2,\)"):
            tf.get_variable("w", [4], partitioner=tf.fixed_size_partitioner(3))
        with pytest.raises(ValueError, match="a/v does not exist in shards"):
            tf.get_variable("v", [4])
    with tf.variable_scope("a", reuse=True), pytest.raises(ValueError, match="a/w is kept in 2 shards"):
        tf.get_variable("w", [4])
    with tf.variable_scope(scope, reuse=tf.AUTO_REUSE):
        assert tf.get_variable("w", [4]) is w
        assert len(tf.get_variable("v", [4])) == 2
    with tf.variable_scope(scope), pytest.raises(ValueError, match=r"a/w already exists.*made at .*test_partitioned"):
        tf.get_variable("w", [4])


def test_whole_ones_are_not_cut_afterwards() -> None:
    tf.get_variable("w", [4])
    with pytest.raises(ValueError, match="w exists and is whole"):
        tf.get_variable("w", [4], partitioner=HALVES)


def test_custom_getters_see_the_partitioner() -> None:
    seen = []

    def getter(real: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(kwargs["partitioner"])
        return real(*args, **kwargs)

    w = tf.get_variable("w", [4], partitioner=HALVES, custom_getter=getter)
    assert seen == [HALVES]
    assert len(w) == 2


def test_a_failure_leaves_nothing_in_the_way() -> None:
    made = []

    def start(shape: Any, dtype: Any) -> Any:
        made.append(shape)
        if len(made) == 2:
            raise RuntimeError("mine")
        return tf.zeros(shape, dtype)

    with pytest.raises(RuntimeError, match="mine"):
        tf.get_variable("w", [4], initializer=start, partitioner=HALVES)
    assert len(tf.get_variable("w", [4], initializer=start, partitioner=HALVES)) == 2


# Partitioners


@pytest.mark.parametrize(
    ("partitioner", "shape", "dtype", "shards"),
    [
        (tf.fixed_size_partitioner(4), [10, 3], tf.float32, [4, 1]),
        (tf.fixed_size_partitioner(4, axis=1), [10, 3], tf.float32, [1, 3]),
        (tf.fixed_size_partitioner(4, axis=-1), [10, 5], tf.float32, [1, 4]),
        (tf.fixed_size_partitioner(4), [0, 3], tf.float32, [1, 1]),
        (tf.variable_axis_size_partitioner(64), [10, 4], tf.float32, [3, 1]),
        (tf.variable_axis_size_partitioner(64), [10, 4], tf.float64, [5, 1]),
        (tf.variable_axis_size_partitioner(1), [10, 4], tf.float32, [10, 1]),
        (tf.variable_axis_size_partitioner(1, max_shards=3), [10, 4], tf.float32, [3, 1]),
        (tf.variable_axis_size_partitioner(64, axis=1), [4, 10], tf.float32, [1, 3]),
        (tf.variable_axis_size_partitioner(64), [8], tf.string, [2]),
        (tf.variable_axis_size_partitioner(64, bytes_per_string_element=8), [8], tf.string, [1]),
        (tf.variable_axis_size_partitioner(64), [3, 0], tf.float32, [1, 1]),
        (tf.min_max_variable_partitioner(8, min_slice_size=80), [10, 4], tf.float32, [2, 1]),
        (tf.min_max_variable_partitioner(8, min_slice_size=1), [10, 4], tf.float32, [8, 1]),
        (tf.min_max_variable_partitioner(80, min_slice_size=1), [10, 4], tf.float32, [10, 1]),
        (tf.min_max_variable_partitioner(8), [10, 4], tf.float32, [1, 1]),
        (tf.min_max_variable_partitioner(), [10**6, 4], tf.float32, [1, 1]),
        (tf.min_max_variable_partitioner(8, axis=1, min_slice_size=16, bytes_per_string_element=4), [1, 8], tf.string, [1, 2]),
    ],
)  # fmt: skip
def test_how_partitioners_cut(partitioner: Any, shape: list[int], dtype: tf.DType, shards: list[int]) -> None:
    assert partitioner(shape=tf.TensorShape(shape), dtype=dtype) == shards


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"partitioner": 2}, "a function of shape and dtype, not 2"),
        ({"partitioner": lambda shape, dtype: 2}, "w gave 2, which is no list of whole numbers"),
        ({"partitioner": lambda shape, dtype: [2]}, r"w gave \[2\], .* 2 dimensions of \(4, 6\)"),
        ({"partitioner": lambda shape, dtype: [2, 2]}, r"w gave \[2, 2\]; one dimension alone"),
        ({"partitioner": lambda shape, dtype: [0, 1]}, r"w gave \[0, 1\], which cannot cut \(4, 6\)"),
        ({"partitioner": lambda shape, dtype: [5, 1]}, r"w gave \[5, 1\], which cannot cut \(4, 6\)"),
        ({"partitioner": tf.fixed_size_partitioner(2, axis=2)}, r"dimension 2 cannot cut a variable of shape \(4, 6\)"),
        ({"partitioner": HALVES, "shape": [None, 2]}, r"new variable \(w\) must be fully defined"),
        ({"partitioner": HALVES, "shape": None}, r"new variable \(w\) must be fully defined"),
        ({"partitioner": HALVES, "initializer": np.ones([3, 2])}, r"w has the shape \(3, 2\), not \(4, 6\)"),
    ],
)
def test_errors_name_what_is_wrong(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tf.get_variable("w", **{"shape": [4, 6], **arguments})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tf.fixed_size_partitioner(0), "num_shards must be 1 or more, not 0"),
        (lambda: tf.variable_axis_size_partitioner(0), "max_shard_bytes must be 1 or more, not 0"),
        (lambda: tf.variable_axis_size_partitioner(8, max_shards=0), "max_shards must be 1 or more, not 0"),
        (lambda: tf.min_max_variable_partitioner(0), "max_partitions must be 1 or more, not 0"),
        (lambda: tf.min_max_variable_partitioner(2, min_slice_size=0), "min_slice_size must be 1 or more, not 0"),
    ],
)
def test_limits_that_are_not_positive(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
