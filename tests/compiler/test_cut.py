"""Cut plans: the same results in less memory, and nothing cut where rows depend on each other or nothing is saved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.compiler import cut
from graphlab_nb.compiler.plan import PlanDevice, Stage
from graphlab_nb.graph.opdef import OpDef
from graphlab_nb.launch import DeviceTraits
from graphlab_nb.ops.pointwise import Elementwise
from tests.compiler.test_compile import plan
from tests.ops.case import Case
from tests.ops.test_all_ops import CASES, all_definitions, case_ids, check_forward

SOME = np.random.RandomState(0)


@pytest.fixture(autouse=True)
def fresh_graph() -> Any:
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that small tensors exceed."""
    monkeypatch.setattr(cut, "LARGE", 64 << 10)
    monkeypatch.setattr(cut, "PIECE", 32 << 10)


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calls a function with GLNB_CUT=0."""

    def call(function: Any, *args: Any, **kwargs: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setenv("GLNB_CUT", "0")
            return function(*args, **kwargs)

    return call


def numbers(*shape: int) -> np.ndarray:
    return SOME.randn(*shape).astype(np.float32)


def pieces(stage: Stage, kind: str) -> int:
    """How often an operation of that type is computed, alone or with others."""
    kernels = [step for step in stage.steps if getattr(step.action, "kernel", "matmul_pack_b") != "matmul_pack_b"]
    return sum(kind in {op.type for op in (step.fused or (step.op,))} for step in kernels)


def run(fetches: Any, feeds: Any, seed: int = 1) -> Any:
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return sess.run(fetches, feeds)


def check(fetches: list[Any], feeds: dict[Any, Any], whole: Any, exact: bool = True) -> None:
    """Results with and without cuts agree, and cuts save memory."""
    shapes = {t: v.shape for t, v in feeds.items()}
    cut_plan, whole_plan = plan(fetches, shapes), whole(plan, fetches, shapes)
    assert len(cut_plan.steps) > len(whole_plan.steps), "nothing is cut"
    assert sum(cut_plan.arenas[0]) < 0.75 * sum(whole_plan.arenas[0])
    for found, expected in zip(run(fetches, feeds), whole(run, fetches, feeds), strict=True):
        assert found.dtype == expected.dtype
        if exact:
            np.testing.assert_array_equal(found, expected)
        else:
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def weights(*shape: int) -> Any:
    return tf.Variable(0.1 * np.random.RandomState(len(shape)).randn(*shape).astype(np.float32))


def conv_net(images: Any, classes: int = 4) -> Any:
    hidden = tf.nn.relu(tf.nn.conv2d(images, weights(3, 3, 1, 8), [1, 1, 1, 1], "SAME") + weights(8))
    hidden = tf.nn.max_pool(hidden, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    hidden = tf.nn.bias_add(tf.nn.conv2d(hidden, weights(3, 3, 8, 8), [1, 2, 2, 1], "VALID"), weights(8))
    return tf.matmul(tf.reshape(hidden, [-1, 72]), weights(72, classes))


def accuracy(logits: Any, labels: Any) -> Any:
    return tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1)), tf.float32))


@pytest.mark.parametrize("batch", [64, 97, 257])
def test_a_net_of_convolutions_and_its_accuracy(batch, whole):
    x, labels = tf.placeholder(tf.float32, [None, 196]), tf.placeholder(tf.float32, [None, 4])
    logits = conv_net(tf.reshape(x, [-1, 14, 14, 1]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=labels))
    feeds = {x: numbers(batch, 196), labels: np.eye(4, dtype=np.float32)[SOME.randint(0, 4, batch)]}
    check([accuracy(logits, labels), loss], feeds, whole)


def test_pieces_have_at_most_two_shapes():
    x = tf.placeholder(tf.float32, [None, 14, 14, 1])
    stage = plan([conv_net(x)], {x: (257, 14, 14, 1)})
    rows = [
        call.args[0].shape[0] for op, call in stage.launches if op.name == "Conv2D" and call.kernel == "conv_direct"
    ]
    assert len(rows) > 2 and sum(rows) == 257 and len(set(rows[:-1])) == 1 and rows[-1] <= rows[0]


def test_pieces_share_what_is_made_of_weights_alone(monkeypatch, whole):
    """The first piece packs the weights and transforms the filters, and all others read that."""
    monkeypatch.setattr(cut, "LARGE", 6 << 20)
    monkeypatch.setattr(cut, "PIECE", 4 << 20)
    x = tf.placeholder(tf.float32, [None, 6, 6, 16])
    hidden = tf.nn.relu(tf.nn.conv2d(x, weights(3, 3, 16, 32), [1, 1, 1, 1], "SAME"))
    hidden = tf.nn.max_pool(hidden, [1, 6, 6, 1], [1, 6, 6, 1], "VALID")
    hidden = tf.nn.relu(tf.matmul(tf.reshape(hidden, [-1, 32]), weights(32, 5000)))
    result = tf.matmul(hidden, weights(5000, 100))
    feeds = {x: numbers(600, 6, 6, 16)}
    stage = plan([result], {x: (600, 6, 6, 16)}, [PlanDevice("CPU", 0, DeviceTraits("CPU", local_memory=256 << 10))])
    calls = [call for _, call in stage.launches]
    packed = {call.args[0].storage for call in calls if call.kernel == "matmul_pack_b"}
    read = [call for call in calls if call.kernel == "matmul" and call.args[2].storage in packed]
    assert len(packed) <= 2 and len(read) > 2, [call.kernel for call in calls]
    names = [call.kernel for call in calls]
    assert names.count("winograd_conv") > 2 and names.count("winograd_filter") == 1, names
    for found, expected in zip(run([result], feeds), whole(run, [result], feeds), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_layer_packs_its_weights_anew_once_they_changed():
    x, w = tf.placeholder(tf.float32, [600, 400]), weights(400, 400)
    given = numbers(600, 400)
    before = tf.matmul(x, w)
    with tf.control_dependencies([before]):
        changed = w.assign_add(tf.ones([400, 400]))
    with tf.control_dependencies([changed]):
        after = tf.matmul(x, tf.identity(w))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(2):
            first, second = sess.run([before, after], {x: given})
            more = np.repeat(given.sum(1, keepdims=True), 400, 1)
            np.testing.assert_allclose(second - first, more, rtol=1e-3, atol=1e-2)


def test_layers_with_a_softmax(whole):
    x = tf.placeholder(tf.float32, [None, 20])
    hidden = tf.nn.elu(tf.matmul(x, weights(20, 300)) + weights(300))
    y = tf.nn.softmax(tf.matmul(tf.square(hidden), weights(300, 5)))
    check([y, tf.argmax(y, 1), tf.nn.log_softmax(y)], {x: numbers(101, 20)}, whole, exact=False)


def test_two_inputs_that_meet(whole):
    a, b = tf.placeholder(tf.float32, [None, 30]), tf.placeholder(tf.float32, [None, 40])
    joined = tf.concat([tf.matmul(a, weights(30, 200)), tf.matmul(b, weights(40, 200))], 1)
    y = tf.reduce_sum(tf.matmul(tf.nn.relu(joined), weights(400, 200)), 1)
    check([y], {a: numbers(90, 30), b: numbers(90, 40)}, whole, exact=False)


def test_branches_and_residuals(whole):
    x = tf.placeholder(tf.float32, [None, 6, 6, 8])

    def block(h):
        inner = tf.nn.relu(tf.nn.conv2d(h, weights(3, 3, 8, 8), [1, 1, 1, 1], "SAME"))
        return h + tf.nn.conv2d(inner, weights(1, 1, 8, 8), [1, 1, 1, 1], "SAME")

    y = block(block(block(x)))
    mean = tf.reduce_mean(y, [1, 2])
    check([mean, tf.reduce_max(y, [1, 2, 3])], {x: numbers(70, 6, 6, 8)}, whole, exact=False)


def test_rows_seen_as_more_rows(whole):
    """[batch, 5, 16] seen as [5 batch, 16] and back."""
    x = tf.placeholder(tf.float32, [None, 5, 16])
    flat = tf.nn.relu(tf.matmul(tf.reshape(x, [-1, 16]), weights(16, 64)))
    y = tf.reduce_sum(tf.reshape(tf.matmul(flat, weights(64, 64)), [-1, 5, 64]), [1, 2])
    check([y], {x: numbers(99, 5, 16)}, whole, exact=False)


def test_several_outputs_at_several_depths(whole):
    x = tf.placeholder(tf.float32, [None, 8])
    wide = tf.tanh(tf.matmul(x, weights(8, 500)))
    narrow = tf.matmul(wide, weights(500, 3))
    top, places = tf.nn.top_k(narrow, 2)
    check([narrow, tf.reduce_max(wide, 1), top, places, tf.cast(places, tf.float32) * 2.0], {x: numbers(80, 8)}, whole,
          exact=False)  # fmt: skip


def test_a_fed_constant_and_a_variable_are_taken_by_rows(whole):
    x = tf.placeholder(tf.float32, [None, 4])
    table, fixed = tf.Variable(numbers(60, 300)), tf.constant(numbers(60, 300))
    y = tf.reduce_sum(tf.reverse(tf.matmul(x, weights(4, 300)) * table + fixed, [1]) * 2.0, 1)
    check(
        [tf.reduce_mean(tf.matmul(tf.expand_dims(y, 1), weights(1, 300)), 1)], {x: numbers(60, 4)}, whole, exact=False
    )


def test_what_is_fetched_whole_is_not_cut_for_nothing():
    x = tf.placeholder(tf.float32, [None, 100])
    first = tf.matmul(x, weights(100, 100))
    second = tf.matmul(first, weights(100, 100))
    stage = plan([first, second], {x: (1000, 100)})
    assert pieces(stage, "MatMul") == 2


def test_fused_chains_are_not_cut():
    x = tf.placeholder(tf.float32, [None, 100])
    y = tf.exp(tf.sin(x) * 2.0) + 1.0
    assert len(plan([y], {x: (400, 100)}).steps) == 1


def test_nothing_small_is_cut(monkeypatch):
    monkeypatch.undo()
    x = tf.placeholder(tf.float32, [None, 14, 14, 1])
    monkeypatch.setattr(cut, "find_regions", None)  # not even looked for
    assert pieces(plan([conv_net(x)], {x: (50, 14, 14, 1)}), "MatMul") == 1


@pytest.mark.parametrize(
    "mix",
    [
        lambda h: h - tf.reduce_mean(h, 0),
        lambda h: tf.matmul(h, h, transpose_a=True),
        lambda h: tf.matmul(h, tf.transpose(h)),
        lambda h: tf.reverse(h, [0]),
        lambda h: tf.cumsum(h, 0),
        lambda h: tf.nn.softmax(h, 0),
        lambda h: tf.concat([h, h], 0),
        lambda h: h * tf.reduce_max(h),
        lambda h: tf.transpose(h),
    ],
)
def test_rows_that_depend_on_each_other_stay_together(mix, whole):
    """What mixes rows stands between two stretches that can be cut; its result is the same."""
    x = tf.placeholder(tf.float32, [None, 16])
    h = tf.matmul(tf.nn.relu(tf.matmul(x, weights(16, 400))), weights(400, 16))
    h = mix(h)
    h = tf.matmul(tf.nn.relu(tf.matmul(h, weights(h.get_shape()[1].value or 70, 400))), weights(400, 16))
    feeds = {x: numbers(70, 16)}
    assert pieces(plan([h], {x: (70, 16)}), "Relu") > 2
    (found,), (expected,) = run([h], feeds), whole(run, [h], feeds)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


def test_a_path_out_and_in_again_makes_two_regions(whole):
    """The row sums' mean depends on all rows, and all rows on it."""
    x = tf.placeholder(tf.float32, [None, 16])
    h = tf.nn.relu(tf.matmul(x, weights(16, 400)))
    scale = tf.reduce_mean(tf.reduce_sum(h, 1))
    again = tf.nn.relu(tf.matmul(h, weights(400, 400)))
    y = tf.reduce_sum(tf.matmul(again, weights(400, 400)) * scale + h, 1)
    feeds = {x: numbers(70, 16)}
    (found,), (expected,) = run([y], feeds), whole(run, [y], feeds)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_random_numbers_are_drawn_at_once_and_stay_the_same(whole):
    x = tf.placeholder(tf.float32, [None, 8])
    h = tf.nn.dropout(tf.nn.relu(tf.matmul(x, weights(8, 400))), 0.5, seed=3)
    y = tf.matmul(tf.matmul(h, weights(400, 400)), weights(400, 2))
    stage = plan([y], {x: (90, 8)})
    assert pieces(stage, "RandomUniform") == 2 and pieces(stage, "MatMul") > 6  # the numbers, and the counter's advance
    feeds = {x: numbers(90, 8)}
    np.testing.assert_allclose(run(y, feeds), whole(run, y, feeds), rtol=1e-4, atol=1e-4)


def test_host_operations_and_control_dependencies_stay_whole():
    x = tf.placeholder(tf.float32, [None, 8])
    seen: list[Any] = []
    h = tf.nn.relu(tf.matmul(x, weights(8, 400)))
    sums = tf.reduce_sum(h, 1)
    noted = tf.py_func(lambda v: seen.append(v.shape) or v, [sums], tf.float32)
    noted.set_shape([None])
    with tf.control_dependencies([noted]):
        after = tf.matmul(x, weights(8, 400), name="after")
    y = tf.reduce_sum(tf.matmul(tf.nn.relu(after), weights(400, 400)), 1)
    run(y, {x: numbers(90, 8)})
    assert seen == [(90,)]
    stage = plan([y], {x: (90, 8)})
    assert sum(op.name == "after" for op, _ in stage.launches) == 1


def test_reads_before_and_after_a_change_of_a_variable():
    x = tf.placeholder(tf.float32, [None, 8])
    w = tf.Variable(numbers(8, 400))

    def out():
        return tf.reduce_sum(tf.matmul(tf.nn.relu(tf.matmul(x, w)), tf.ones([400, 400])), 1)

    before = out()
    with tf.control_dependencies([before]):
        change = tf.assign(w, tf.zeros([8, 400]))
    with tf.control_dependencies([change]):
        after = out()
    a, b = run([before, after], {x: numbers(90, 8)})
    assert (a != 0).any() and (b == 0).all()


def test_training_gives_the_same_steps(whole):
    x, labels = tf.placeholder(tf.float32, [None, 14, 14, 1]), tf.placeholder(tf.float32, [None, 4])
    logits = conv_net(x)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=labels))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    feeds = {x: numbers(97, 14, 14, 1), labels: np.eye(4, dtype=np.float32)[SOME.randint(0, 4, 97)]}

    def losses():
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            return [sess.run([loss, step], feeds)[0] for _ in range(5)]

    np.testing.assert_allclose(losses(), whole(losses), rtol=1e-4)


def test_a_failing_check_names_the_operation_and_its_whole_input():
    x, labels = tf.placeholder(tf.float32, [None, 8]), tf.placeholder(tf.int32, [None])
    logits = tf.matmul(tf.nn.relu(tf.matmul(x, weights(8, 400))), weights(400, 3))
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=labels, name="cost")
    mean = tf.reduce_mean(loss)
    classes = SOME.randint(0, 3, 90)
    stage = plan([mean], {x: (90, 8), labels: (90,)})
    assert sum(op.name.startswith("cost") for op, _ in stage.launches) > 1
    assert np.isfinite(run(mean, {x: numbers(90, 8), labels: classes}))
    classes[77] = 5
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"label value of 5(.|\n)*cost(.|\n)*90"):
        run(mean, {x: numbers(90, 8), labels: classes})


def test_a_traced_run_tells_of_every_piece():
    x = tf.placeholder(tf.float32, [None, 14, 14, 1])
    y = conv_net(x)
    metadata = tf.RunMetadata()
    data = numbers(97, 14, 14, 1)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
        traced = sess.run(y, {x: data}, options=options, run_metadata=metadata)
        np.testing.assert_array_equal(traced, sess.run(y, {x: data}))
    stats = metadata.step_stats.dev_stats[0]
    assert sum(n.node_name == "Conv2D" for n in stats.node_stats) > 2
    assert stats.peak_bytes < 97 * 14 * 14 * 8 * 4


def test_a_gpu_is_cut_for_only_where_it_can_hardly_hold_the_whole():
    x = tf.placeholder(tf.float32, [None, 14, 14, 1])
    y = conv_net(x)
    for memory, cuts in ((1 << 30, False), (1 << 20, True)):
        gpu = PlanDevice("GPU", 0, DeviceTraits("GPU", lanes=1, global_memory=memory))
        assert (pieces(plan([y], {x: (97, 14, 14, 1)}, devices=(gpu,)), "MaxPool") > 1) == cuts


def says_so(case: Case) -> bool:
    """Whether the operation declares its rows itself; of elementwise ones, which declare them in one place, a few."""
    definition = all_definitions()[case.type_name]
    if issubclass(definition, Elementwise):
        return case.type_name in ("Add", "BiasAdd", "BroadcastLike", "Cast", "Fill", "Select", "ZerosLike")
    return bool(definition.row_inputs) or definition.by_rows is not OpDef.by_rows


DECLARING = [(c, i) for c, i in zip(CASES, case_ids(), strict=True) if says_so(c) and int(i.split("-")[-1]) <= 2]


@pytest.mark.parametrize("case", [c for c, _ in DECLARING], ids=[i for _, i in DECLARING])
def test_every_operation_gives_rows_for_rows_where_it_says_so(case, monkeypatch):
    """Each row alone: what `by_rows` says of an operation holds for its first cases."""
    monkeypatch.setattr(cut, "LARGE", 0)
    monkeypatch.setattr(cut, "PIECE", 1)
    monkeypatch.setattr(cut, "LEAST_SAVED", -1e9)
    check_forward(case, case.inputs, True)
