"""Plans, made without a device: what is launched, what is shared, in which order."""

from __future__ import annotations

import pytest

import graphlab_nb as tf
from graphlab_nb.compiler.compile import compile_stage
from graphlab_nb.compiler.plan import Checkpoint, PlanDevice, Request, Stage, Transfer
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.launch import STREAMED, Array, DeviceTraits, KernelCall

CPU = PlanDevice("CPU", 0, DeviceTraits("CPU"))
GPU = PlanDevice("GPU", 0, DeviceTraits("GPU", lanes=1))


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default() as graph:
        yield graph


def plan(fetches, feeds=None, devices=(CPU,), **kwargs) -> Stage:
    feeds = {t: Spec(t.dtype.base_dtype, shape) for t, shape in (feeds or {}).items()}
    ops = [f.op if isinstance(f, tf.Tensor) else f for f in fetches]
    tensors = [f for f in fetches if isinstance(f, tf.Tensor)]
    request = Request(needed_operations(ops, feeds), ops, tensors, feeds, devices, **kwargs)
    return compile_stage(request)


def kernels(stage: Stage) -> list[str]:
    return [call.kernel for _, call in stage.launches]


def test_pruning_stops_at_feeds_and_keeps_the_order_of_building():
    a = tf.placeholder(tf.float32)
    b = a + 1.0
    c = b * 2.0
    unrelated = a * 5.0
    assert needed_operations([c.op], {}) == [t.op for t in (a, b.op.inputs[1], b, c.op.inputs[1], c)]
    assert b.op not in needed_operations([c.op], {b})
    assert unrelated.op not in needed_operations([c.op], {})


def test_elementwise_chains_are_one_kernel():
    x = tf.placeholder(tf.float32, [None, 4])
    bias = tf.placeholder(tf.float32, [4])
    y = tf.exp(tf.maximum(x * 2.0 + bias, 0.0)) - 1.0
    assert kernels(plan([y], {x: (8, 4), bias: (4,)})) == ["pointwise"]


def test_large_results_are_stored_past_the_caches_where_nothing_of_their_memory_is_read():
    def streamed(build, shape) -> list[bool]:
        with tf.Graph().as_default():
            x = tf.placeholder(tf.float32, [None, None])
            return ["STREAM" in call.defines for _, call in plan([build(x)], {x: shape}).launches]

    large, odd = (STREAMED // 4 // 1024, 1024), (STREAMED // 4 // 1024, 1025)
    assert streamed(lambda x: x + 1.0, large) == [True]
    assert streamed(lambda x: x + 1.0, (large[0] - 1, 1024)) == [False]
    assert streamed(lambda x: x + 1.0, odd) == [True]  # as one long row
    assert streamed(lambda x: x + x[:1], odd) == [False]  # the second row is not aligned
    assert streamed(lambda x: tf.transpose(x), large) == [True]
    assert streamed(lambda x: tf.transpose(x), (1023, large[0] * 2)) == [False]
    assert streamed(lambda x: tf.tanh(tf.transpose(x)), large) == [True, False]  # in the place of its input
    variable = tf.Variable(tf.zeros(large))
    assert not any("STREAM" in call.defines for _, call in plan([tf.assign_add(variable, variable)]).launches)


def test_intermediate_results_that_nothing_reads_are_not_stored():
    x = tf.placeholder(tf.float32, [None])
    y = x + 1.0
    z = y * 2.0
    (_, call), *rest = plan([z], {x: (100,)}).launches
    assert not rest and len([a for a in call.args if isinstance(a, Array)]) == 2
    (_, call), *rest = plan([y, z], {x: (100,)}).launches
    assert not rest and call.writes == (0, 1)


def test_an_operation_that_is_run_for_its_own_sake_is_computed():
    x = tf.placeholder(tf.float32, [None])
    y = x + 1.0
    (_, call), *rest = plan([y.op], {x: (100,)}).launches
    assert not rest and call.writes == (0,)


def test_products_take_no_part_in_what_comes_before_them():
    x = tf.placeholder(tf.float32, [4, 4])
    y = tf.matmul(x + 1.0, x * 2.0) + 3.0
    assert kernels(plan([y], {x: (4, 4)})) == ["pointwise_parts", "matmul_thin"]


def test_reshapes_and_identities_cost_nothing():
    x = tf.placeholder(tf.float32, [None, 6])
    y = tf.identity(tf.expand_dims(tf.reshape(x, [-1, 2, 3]), 0)) + 1.0
    stage = plan([y], {x: (5, 6)})
    assert kernels(stage) == ["pointwise"] and len(stage.steps) == 1


def test_common_subexpressions_are_computed_once():
    x = tf.placeholder(tf.float32, [64, 64])
    products = [tf.matmul(x, x) for _ in range(3)]
    once = kernels(plan([products[0]], {x: (64, 64)}))
    assert len(kernels(plan(products, {x: (64, 64)}))) == len(once)


def test_random_numbers_are_not_common():
    noise = [tf.random_uniform([100], seed=1) for _ in range(2)]
    assert len({id(stage) for stage in [plan(noise)]}) == 1
    assert kernels(plan(noise)).count("advance") == 2


def test_shapes_are_known_without_running():
    x = tf.placeholder(tf.float32, [None, 6])
    flat = tf.reshape(x, tf.pack([tf.shape(x)[0] * 2, -1]))
    assert flat.get_shape().ndims == 2
    stage = plan([flat + 1.0], {x: (5, 6)})
    assert kernels(stage) == ["pointwise"]
    (array,) = stage.fetched.values()
    assert array.shape == (10, 3)


def test_what_only_lends_its_shape_is_not_computed():
    x = tf.placeholder(tf.float32, [None, 3])
    heavy = tf.matmul(x, tf.ones([3, 3]))
    assert kernels(plan([tf.zeros_like(heavy) + 1.0], {x: (5, 3)})) in ([], ["pointwise"])


def test_reads_stay_before_updates_built_after_them():
    v = tf.Variable([1.0])
    before = v + 10.0
    update = tf.assign_add(v, [1.0])
    with tf.control_dependencies([update]):
        after = v * 2.0
    stage = plan([before, update, after])
    order = [op.type for op, _ in stage.launches]
    assert order.index("Add") < order.index("AssignAdd") < order.index("Mul")


def test_updates_join_the_gradients_they_follow():
    v = tf.Variable([1.0, 2.0])
    update = tf.assign_sub(v, tf.square(v) * 0.5)
    assert kernels(plan([update.op])) == ["pointwise"]


def test_checks_come_before_what_they_guard():
    x = tf.placeholder(tf.float32, [None])
    v = tf.Variable(0.0)
    update = tf.assign(v, tf.reduce_sum(tf.check_numerics(x, "bad")))
    actions = [s.action for s in plan([update.op], {x: (10,)}).steps]
    checkpoint = next(i for i, a in enumerate(actions) if isinstance(a, Checkpoint))
    calls = [(i, a) for i, a in enumerate(actions) if isinstance(a, KernelCall)]
    writes = [i for i, call in calls if any(call.args[k].storage.kind == "variable" for k in call.writes)]
    assert writes and checkpoint < writes[0]


def test_inputs_that_live_elsewhere_are_copied_once():
    x = tf.placeholder(tf.float32, [4])
    with tf.device("/gpu:0"):
        a = tf.exp(x)
    with tf.device("/cpu:0"):
        b, c = tf.matmul(tf.expand_dims(a, 0), tf.expand_dims(a, 1)), tf.reduce_sum(a)
    stage = plan([b, c], {x: (4,)}, devices=(GPU, CPU))
    assert len([s for s in stage.steps if isinstance(s.action, Transfer)]) == 1


def test_stages_end_where_a_shape_waits_for_data():
    x = tf.placeholder(tf.float32, [None])
    kept = tf.boolean_mask(x, x > 0.0)
    stage = plan([tf.reduce_sum(kept * 2.0)], {x: (10,)})
    assert stage.remaining and stage.sizes


def test_memory_of_a_deep_chain_is_shared():
    x = tf.placeholder(tf.float32, [256, 256])
    y = x
    for _ in range(20):
        y = tf.nn.softmax(tf.matmul(y, x))
    stage = plan([y], {x: (256, 256)})
    one = 256 * 256 * 4
    scratch = sum(
        a.nbytes for _, c in stage.launches[:4] for a in c.args if isinstance(a, Array) and a.storage.kind == "arena"
    )
    assert sum(stage.arenas[0]) <= 3 * one + scratch


def test_what_depends_on_constants_alone_is_computed_once():
    x, v = tf.placeholder(tf.float32, [3]), tf.Variable([1.0, 2.0, 3.0])
    same = tf.exp(tf.fill([3], 2.0)) * 3.0
    large = tf.fill([200, 200], 2.0)
    out = x * tf.reduce_sum(same) + v + tf.random_uniform([3]) + tf.reduce_sum(large)
    stage = plan([out, same], {x: (3,)})
    first = [s.op.type for s in stage.steps[: stage.once]]
    assert "Sum" in first and not {"Add", "RandomUniform"} & set(first)
    later = [op.name for s in stage.steps[stage.once :] for op in (s.op, *s.fused)]
    assert large.op.name in later and same.op.name not in later
    assert plan([x * 2.0], {x: (3,)}).once == 0


def test_what_waits_for_an_operation_is_computed_each_time():
    v = tf.Variable(1.0)
    with tf.control_dependencies([v.assign_add(1.0)]):
        y = tf.exp(tf.constant([2.0]))
    assert plan([y]).once == 0


def shared_memory(stage: Stage) -> list[str]:
    """Names of operations whose kernel writes to memory that it reads."""
    found = []
    for op, call in stage.launches:
        written = {call.args[k].storage for k in call.writes}
        if written & {a.storage for k, a in enumerate(call.args) if isinstance(a, Array) and k not in call.writes}:
            found.append(op.name)
    return found


def test_elementwise_results_take_the_place_of_what_nothing_reads_any_more():
    x = tf.placeholder(tf.float32, [None, 8])
    sums = tf.cumsum(tf.matmul(x, tf.ones([8, 64])), 1)
    y = tf.nn.relu(sums)
    z = tf.matmul(y, tf.ones([64, 4]))
    stage = plan([z], {x: (100, 8)})
    assert shared_memory(stage) == [y.op.name]
    assert "restrict" not in next(call.prefix for op, call in stage.launches if op is y.op)
    assert sum(map(sum, stage.arenas)) < 2.5 * 100 * 64 * 4


def test_what_ends_a_product_takes_no_memory_besides_the_result():
    x = tf.placeholder(tf.float32, [None, 600])
    y = tf.nn.relu(tf.matmul(x, tf.ones([600, 64])) + 1.0)
    z = tf.matmul(y, tf.ones([64, 4]))
    stage = plan([z], {x: (1000, 600)})
    assert kernels(stage)[-2:] == ["matmul", "matmul_thin"]
    assert sum(map(sum, stage.arenas)) < 1.8 * 1000 * 64 * 4


def test_memory_that_is_still_needed_is_not_taken():
    x = tf.placeholder(tf.float32, [None, 8])
    product = tf.matmul(x, tf.ones([8, 64]))
    row = tf.reduce_sum(product, 0, keep_dims=True)
    y = tf.exp(product)
    later = tf.reduce_max(product)  # reads the product once more
    assert shared_memory(plan([y, later], {x: (100, 8)})) == []
    assert shared_memory(plan([y, product], {x: (100, 8)})) == []  # it is handed out
    assert shared_memory(plan([row * x[:, :1]], {x: (100, 8)})) == []  # read for many rows
    assert shared_memory(plan([tf.exp(x)], {x: (100, 8)})) == []  # feeds belong to the caller
