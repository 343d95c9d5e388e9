"""Shapes that follow from data: chains of such operations, gradients, cached plans, and variables beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.session import local as session_module
from tests.ops.case import booleans, integers, normal


@pytest.fixture
def sess() -> Iterator[tf.Session]:
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def test_partitions_out_of_range_are_named(sess: tf.Session) -> None:
    parts = tf.placeholder(tf.int32, [None])
    y = tf.dynamic_partition(normal(3, 2), parts, 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"The partition 2 is not in \[0, 2\)"):
        sess.run(y, {parts: [0, 2, 1]})
    with pytest.raises(tf.errors.InvalidArgumentError, match="must begin with"):
        sess.run(y, {parts: [0, 1]})
    with pytest.raises(ValueError, match="at least 1"):
        tf.dynamic_partition(normal(3), [0, 0, 0], 0)
    with pytest.raises(TypeError, match="int32, not int64"):
        tf.dynamic_partition(normal(1), np.zeros(1, np.int64), 1)


def test_stitching_wrong_lists_is_an_error(sess: tf.Session) -> None:
    with pytest.raises(ValueError, match="not 1 for 2"):
        tf.dynamic_stitch([[0], [1]], [[1.0]])
    with pytest.raises(ValueError, match="one shape"):
        tf.dynamic_stitch([[0], [1]], [np.zeros((1, 2), np.float32), np.zeros((1, 3), np.float32)])
    index = tf.placeholder(tf.int32, [None])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"The index -1 is not in \[0, 3\)"):
        sess.run(tf.dynamic_stitch([index], [[1.0, 2.0]]), {index: [2, -1]})


def test_the_last_row_stays_where_indices_are_equal(sess: tf.Session) -> None:
    y = tf.dynamic_stitch([[0, 2], [2, 2]], [[1.0, 2.0], [3.0, 4.0]])
    assert sess.run(y).tolist() == [1, 0, 4]


def test_partition_then_stitch_gives_the_same_and_its_gradient(sess: tf.Session) -> None:
    data, parts = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.int32, [None])
    places = tf.dynamic_partition(tf.range(tf.size(parts)), parts, 3)
    pieces = tf.dynamic_partition(data, parts, 3)
    y = tf.dynamic_stitch(places, [p * float(k + 1) for k, p in enumerate(pieces)])
    (dx,) = tf.gradients(tf.reduce_sum(tf.square(y)), data)
    for n in (1, 5, 4, 5):
        x, p = normal(n, 2, seed=n), integers(n, low=0, high=3, seed=n)
        value, grad = sess.run([y, dx], {data: x, parts: p})
        np.testing.assert_allclose(value, x * (p + 1)[:, None], rtol=1e-6)
        np.testing.assert_allclose(grad, 2 * x * ((p + 1) ** 2)[:, None], rtol=1e-6)


def test_dynamic_results_are_fetched_alone_and_together(sess: tf.Session) -> None:
    x = tf.placeholder(tf.int32, [None])
    y, index = tf.unique(x)
    assert y.get_shape().as_list() == [None]
    for values in ([3, 3, 1], [5], [1, 2, 3], []):
        expected = list(dict.fromkeys(values))
        assert sess.run(y, {x: values}).tolist() == expected
        both = sess.run([y, index, x], {x: values})
        assert both[0].tolist() == expected and [expected[i] for i in both[1]] == values == both[2].tolist()
        doubled, size, shape = sess.run([y * 2, tf.size(y), tf.shape(y)], {x: values})
        assert (
            doubled.tolist() == [2 * e for e in expected]
            and size == len(expected)
            and shape.tolist() == [len(expected)]
        )


def test_chains_of_data_dependent_shapes(sess: tf.Session) -> None:
    x = tf.placeholder(tf.float32, [None])
    positive = tf.boolean_mask(x, x > 0.0)
    small = tf.boolean_mask(positive, positive < 2.0)
    found, _ = tf.unique(tf.cast(small * 4.0, tf.int32))
    total = tf.reduce_sum(found)
    means = tf.segment_mean(tf.cast(found, tf.float32), tf.range(tf.size(found)) // 2)
    for seed in range(4):
        data = normal(20 + seed, seed=seed)
        kept = data[(data > 0) & (data < 2)]
        unique = list(dict.fromkeys((kept * np.float32(4)).astype(np.int32).tolist()))
        got = sess.run([small, found, total, means, x], {x: data})
        np.testing.assert_array_equal(got[0], kept)
        assert got[1].tolist() == unique and got[2] == sum(unique)
        np.testing.assert_allclose(got[3], [np.mean(unique[i : i + 2]) for i in range(0, len(unique), 2)], rtol=1e-6)
        np.testing.assert_array_equal(got[4], data)


@pytest.mark.parametrize("rank", [1, 2])
def test_gradient_through_a_mask(sess: tf.Session, rank: int) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    mask = tf.placeholder(tf.bool, [None] * rank)
    y = tf.boolean_mask(x, mask)
    (dx,) = tf.gradients(tf.reduce_sum(y * y * y), x)
    (ddx,) = tf.gradients(tf.reduce_sum(dx), x)
    for n in (4, 6, 1):
        data, chosen = normal(n, 3, seed=n), booleans(*(n, 3)[:rank], seed=n)
        value, first, second = sess.run([y, dx, ddx], {x: data, mask: chosen})
        wide = chosen if rank == 2 else chosen[:, None]
        np.testing.assert_array_equal(value, data[chosen])
        np.testing.assert_allclose(first, np.where(wide, 3 * data**2, 0), rtol=1e-5)
        np.testing.assert_allclose(second, np.where(wide, 6 * data, 0), rtol=1e-5)


def test_a_tensor_of_which_later_stages_need_the_shape_alone_is_not_computed(sess: tf.Session) -> None:
    x, dy = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32, [None, 2])
    wide = tf.exp(x)
    (dwide,) = tf.gradients(tf.boolean_mask(wide, x[:, 0] > 0.0), wide, dy)
    for n in (3, 5):
        data = normal(n, 2, seed=n)
        chosen = data[:, 0] > 0
        given = normal(int(chosen.sum()), 2, seed=1)
        expected = np.zeros((n, 2), np.float32)
        expected[chosen] = given
        np.testing.assert_array_equal(sess.run(dwide, {x: data, dy: given}), expected)
    launched = {op.name for p in sess._plans.values() for op, _ in p.bound.stage.launches}
    assert wide.op.name not in launched and launched


def test_masks_of_several_dimensions(sess: tf.Session) -> None:
    x, mask = tf.placeholder(tf.float32, [None, None, None]), tf.placeholder(tf.bool, [None, None])
    y = tf.boolean_mask(x, mask)
    for shape in ((2, 3, 4), (2, 3, 0), (0, 3, 2)):
        data, chosen = normal(*shape), booleans(*shape[:2])
        np.testing.assert_array_equal(sess.run(y, {x: data, mask: chosen}), data[chosen])


def test_masks_that_are_all_false_or_long(sess: tf.Session) -> None:
    mask = tf.placeholder(tf.bool, [None])
    y = tf.boolean_mask(tf.range(tf.size(mask)), mask) + 1
    for chosen in (np.zeros(5, bool), np.ones(5, bool), booleans(20000), np.zeros(0, bool)):
        np.testing.assert_array_equal(sess.run(y, {mask: chosen}), np.flatnonzero(chosen) + 1)


def test_shapes_that_are_computed(sess: tf.Session) -> None:
    x = tf.placeholder(tf.float32, [None])
    rows = tf.placeholder(tf.int32, [])
    # The number of columns is itself a result on the device.
    columns = tf.reduce_max(tf.unique(tf.range(tf.size(x) // rows))[1]) + 1
    y = tf.reshape(x * 2.0, tf.pack([rows, columns]))
    (dx,) = tf.gradients(tf.reduce_sum(y * y), x)
    for n, r in ((6, 2), (6, 3), (12, 3), (6, 2)):
        value, grad = sess.run([y, dx], {x: np.arange(n), rows: r})
        np.testing.assert_array_equal(value, 2.0 * np.arange(n).reshape(r, n // r))
        np.testing.assert_array_equal(grad, 8.0 * np.arange(n))


def test_shapes_that_are_fed(sess: tf.Session) -> None:
    shape = tf.placeholder(tf.int32, [None])
    x = tf.constant(np.arange(12, dtype=np.float32))
    view = tf.reshape(tf.reshape(x, [3, 4]), shape)
    filled = tf.fill(shape, 2.0) + tf.reshape(x, shape) * tf.constant(3.0)
    for s in ([12], [2, 6], [2, -1, 2], [12]):
        np.testing.assert_array_equal(sess.run(view, {shape: s}), np.arange(12).reshape(s))
        if -1 not in s:
            np.testing.assert_array_equal(sess.run(filled, {shape: s}), 2 + 3.0 * np.arange(12).reshape(s))


def test_views_of_feeds_reach_later_stages(sess: tf.Session) -> None:
    x = tf.placeholder(tf.float32, [2, 3])
    flat = tf.reshape(x, [6])
    y = tf.gather(flat, tf.where(flat > 0.0)[:, 0]) + tf.reduce_max(flat)
    for seed in range(3):
        data = normal(2, 3, seed=seed)
        np.testing.assert_allclose(sess.run(y, {x: data}), data[data > 0] + data.max(), rtol=1e-6)


def test_updates_beside_data_dependent_shapes_happen_once(sess: tf.Session) -> None:
    x = tf.placeholder(tf.float32, [None])
    before, after, both = (tf.Variable(0.0) for _ in range(3))
    counted = tf.assign_add(before, 1.0)
    kept = tf.boolean_mask(x, x > 0.0)
    summed = tf.assign_add(after, tf.reduce_sum(kept))
    with tf.control_dependencies([summed]):
        last = tf.assign_add(both, 10.0)
    sess.run(tf.initialize_all_variables())
    total = 0.0
    for step in range(1, 6):
        data = np.round(normal(step, seed=step) * 8)
        total += data[data > 0].sum()
        assert sess.run([counted, summed, last, kept], {x: data})[0] == step
        assert sess.run([before, after, both]) == [step, total, 10 * step]


def test_a_variable_is_read_as_it_stands_when_a_later_stage_changes_it(sess: tf.Session) -> None:
    v = tf.Variable([1.0, -2.0, 3.0])
    shifted = tf.reshape(v, [3, 1]) + 0.0
    kept = tf.boolean_mask(v, v > 0.0)
    step = tf.assign_sub(v, tf.ones([3]) * tf.reduce_sum(kept))
    sess.run(v.initializer)
    assert sess.run([kept, step.op, shifted])[0].tolist() == [1, 3]
    assert sess.run(v).tolist() == [-3, -6, -1]
    assert sess.run([kept, tf.size(kept), step])[:2][1] == 0
    assert sess.run(v).tolist() == [-3, -6, -1]


def test_a_variable_is_initialized_from_data_of_unknown_shape(sess: tf.Session) -> None:
    x = tf.constant([3, 1, 3])
    v = tf.Variable(tf.unique(x)[0], validate_shape=False)
    sess.run(v.initializer)
    assert sess.run(v).tolist() == [3, 1]


def test_changes_chained_over_stages_reach_the_variable(sess: tf.Session) -> None:
    v = tf.Variable([1.0, 1.0, 1.0])
    index = tf.cast(tf.where(tf.constant([False, True, True])), tf.int32)[:, 0]
    first = tf.assign_add(v, [1.0, 2.0, 3.0])
    second = tf.scatter_add(first, index, tf.cast(index, tf.float32) * 10.0)
    sess.run(v.initializer)
    assert sess.run(second).tolist() == [2, 13, 24]
    assert sess.run(v).tolist() == [2, 13, 24]


def test_training_on_chosen_rows(sess: tf.Session) -> None:
    x, target = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None])
    w = tf.Variable(np.zeros((3, 1), np.float32))
    chosen = target > 0.0
    rows, goal = tf.boolean_mask(x, chosen), tf.boolean_mask(target, chosen)
    error = tf.reduce_sum(rows * tf.reshape(w, [1, 3]), 1) - goal
    (grad,) = tf.gradients(tf.reduce_sum(tf.square(error)), [w])
    step = tf.assign_sub(w, 0.01 * grad)
    sess.run(w.initializer)
    weights = np.zeros(3)
    for seed in range(6):
        data, goals = normal(10 + seed, 3, seed=seed), normal(10 + seed, seed=50 + seed)
        sess.run(step.op, {x: data, target: goals})
        picked = data[goals > 0].astype(np.float64)
        weights -= 0.02 * picked.T @ (picked @ weights - goals[goals > 0])
    np.testing.assert_allclose(sess.run(w)[:, 0], weights, rtol=1e-4, atol=1e-6)


def test_plans_for_many_sizes_are_kept_within_bounds(sess: tf.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "KEPT_PLANS", 3)
    x = tf.placeholder(tf.float32, [8])
    y = tf.reduce_sum(tf.boolean_mask(x, x > 0.0))
    made = []
    original = session_module.LocalRuns._plan_after
    monkeypatch.setattr(session_module.LocalRuns, "_plan_after", lambda self, *a: made.append(1) or original(self, *a))
    for positives in (1, 2, 3, 1, 4, 1, 2):
        data = np.where(np.arange(8) < positives, 2.0, -1.0)
        assert sess.run(y, {x: data}) == 2 * positives
    assert len(made) == 5, "sizes 1, 2, 3, 4, and 2 again after it was the longest unused"
    (plan,) = sess._plans.values()
    assert len(plan.next) == 3


def test_an_error_in_a_stage_leaves_the_session_usable(sess: tf.Session) -> None:
    x = tf.placeholder(tf.float32, [None])
    index = tf.placeholder(tf.int32, [])
    kept = tf.boolean_mask(x, x > 0.0)
    picked = tf.gather(kept, index)
    v = tf.Variable(0.0)
    step = tf.assign_add(v, picked)
    sess.run(v.initializer)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"The index 2 is not in \[0, 2\)"):
        sess.run(step, {x: [1.0, -1.0, 5.0], index: 2})
    assert sess.run(v) == 0
    assert sess.run(step, {x: [1.0, -1.0, 5.0], index: 1}) == 5


def test_two_devices(sess: tf.Session) -> None:
    config = tf.ConfigProto(device_count={"CPU": 2})
    with tf.device("/cpu:0"):
        x = tf.placeholder(tf.float32, [None])
        kept = tf.boolean_mask(x, x > 0.0)
    with tf.device("/cpu:1"):
        y = tf.reduce_sum(kept * 2.0)
    with tf.Session(config=config) as other:
        for data in ([1.0, -1.0, 4.0], [-1.0], [3.0, 3.0]):
            assert other.run(y, {x: data}) == 2 * sum(d for d in data if d > 0)
