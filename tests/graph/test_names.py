"""Names of operations, and of the constants that are made of values on the way, agree with TensorFlow's."""

import numpy as np
import pytest

import graphlab_nb as tf

ROWS = np.ones((3, 2), np.float32)
IMAGE = np.ones((1, 4, 4, 1), np.float32)
FILTER = np.ones((2, 2, 1, 1), np.float32)


class Given:
    """What the calls below take: x and i are [2, 3], u has an unknown shape, n is a single int, v and w are variables."""

    def __init__(self):
        self.x = tf.placeholder(tf.float32, [2, 3], name="x")
        self.i = tf.placeholder(tf.int32, [2, 3], name="i")
        self.u = tf.placeholder(tf.float32, name="u")
        self.n = tf.placeholder(tf.int32, [], name="n")
        self.v = tf.Variable(1.0, name="v")
        self.w = tf.Variable([1.0, 2.0], name="w")


# The call; the names of the operations it makes in TensorFlow (that is, of those which are operations here, too), the
# result's last; the name of the constant that is made after it.
CALLS = [
    # Filling
    (lambda a: tf.fill([2, 3], 1.0), "Fill/dims Fill/value Fill", "Const"),
    (lambda a: tf.zeros([2, 3]), "zeros", "Const"),
    (lambda a: tf.ones([2, 3], tf.int32, name="z"), "z", "Const"),
    (lambda a: tf.zeros([2000]), "zeros/Const zeros", "Const"),
    (lambda a: tf.zeros(tf.shape(a.u)), "Shape zeros/Const zeros", "Const"),
    (lambda a: tf.zeros_like([1.0, 2.0]), "zeros_like/tensor zeros_like", "Const"),
    (lambda a: tf.zeros_like(a.x, tf.int32), "zeros_like", "Const"),
    (lambda a: tf.range(3), "range/start range/limit range/delta range", "Const"),
    (lambda a: tf.range(a.n), "range/start range/delta range", "Const"),
    (lambda a: tf.linspace(0.0, 1.0, 5), "LinSpace/start LinSpace/stop LinSpace/num LinSpace", "Const"),
    (lambda a: tf.one_hot([1], 3), "one_hot/on_value one_hot/off_value one_hot/indices one_hot/depth one_hot", "Const"),
    (lambda a: tf.tuple([a.x, 1.0])[1], "tuple/Const tuple/control_dependency_1", "Const"),
    # Random numbers
    (lambda a: tf.random_normal([2, 3]), "random_normal/shape random_normal", "Const"),
    (lambda a: tf.random_normal([2], a.v), "random_normal/shape random_normal/stddev random_normal", "Const"),
    (lambda a: tf.truncated_normal([2, 3], stddev=0.1), "truncated_normal/shape truncated_normal", "Const"),
    (lambda a: tf.random_uniform([2, 3], -1, 1), "random_uniform/shape random_uniform", "Const"),
    (
        lambda a: tf.random_uniform([2], 0, 5, dtype=tf.int32),
        "random_uniform/shape random_uniform/min random_uniform/max random_uniform",
        "Const",
    ),
    (lambda a: tf.random_shuffle([1.0, 2.0]), "RandomShuffle/value RandomShuffle", "Const"),
    (
        lambda a: tf.multinomial([[1.0, 2.0]], 5),
        "multinomial/logits multinomial/Multinomial/num_samples multinomial/Multinomial",
        "Const",
    ),
    # Shapes and parts
    (lambda a: tf.tile(a.x, [1, 2]), "Tile/multiples Tile", "Const"),
    (lambda a: tf.tile(a.x, [1, a.n]), "Tile/multiples/0 Tile/multiples Tile", "Const"),
    (lambda a: tf.pad(a.x, [[1, 1], [0, 0]]), "Pad/paddings Pad", "Const"),
    (lambda a: tf.pad(a.x, [[1, 1], [0, 0]], "REFLECT"), "MirrorPad/paddings MirrorPad", "Const"),
    (lambda a: tf.slice(a.x, [0, 0], [1, 1]), "Slice/begin Slice/size Slice", "Const"),
    (
        lambda a: a.x[0, 1:],
        "strided_slice/stack strided_slice/stack_1 strided_slice/stack_2 strided_slice",
        "Const",
    ),
    (
        lambda a: tf.strided_slice(a.x, [0, 0], [1, 1], [1, 1]),
        "StridedSlice/begin StridedSlice/end StridedSlice/strides StridedSlice",
        "Const",
    ),
    (lambda a: tf.reshape(a.x, [3, 2]), "Reshape/shape Reshape", "Const"),
    (lambda a: tf.reshape(a.x, [a.n, -1]), "Reshape/shape/1 Reshape/shape Reshape", "Const"),
    (lambda a: tf.expand_dims([1.0], 0), "ExpandDims/input ExpandDims", "Const"),
    (lambda a: tf.squeeze([[1.0]]), "Squeeze/input Squeeze", "Const"),
    (lambda a: tf.squeeze(a.x[:1], [0]), "strided_slice Squeeze", "Const"),
    (lambda a: tf.transpose([[1.0]]), "transpose/a transpose", "Const"),
    (lambda a: tf.reverse([1.0], [True]), "Reverse/tensor Reverse", "Const"),
    (lambda a: tf.concat(0, [[1.0], [2.0]]), "concat/values_0 concat/values_1 concat", "Const"),
    (lambda a: tf.split(0, 2, [1.0, 2.0])[0], "split/value split", "Const"),
    (lambda a: tf.pack([1.0, 2.0]), "pack", "Const"),
    (lambda a: tf.pack([a.n, 2]), "pack/1 pack", "Const"),
    (lambda a: tf.gather(a.x, [0, 1]), "Gather/indices Gather", "Const"),
    (lambda a: tf.gather_nd(a.x, [[0, 1]]), "GatherNd/indices GatherNd", "Const"),
    (
        lambda a: tf.scatter_nd([[0]], [1.0], [4]),
        "ScatterNd/indices ScatterNd/updates ScatterNd/shape ScatterNd",
        "Const",
    ),
    (lambda a: tf.boolean_mask(a.x, [True, False]), "boolean_mask/mask boolean_mask/Gather", "Const"),
    (lambda a: tf.reverse_sequence(a.x, [1, 2], 1), "ReverseSequence/seq_lengths ReverseSequence", "Const"),
    # Arithmetic
    (lambda a: a.x * 2.0, "mul/y mul", "Const"),
    (lambda a: 1.0 - a.x, "sub/x sub", "Const"),
    (lambda a: a.i // 2, "floordiv/y floordiv", "Const"),
    (lambda a: tf.add(1.0, 2.0), "Add/x Add/y Add", "Const"),
    (lambda a: tf.truediv(a.x, 2.0), "truediv/y truediv", "Const"),
    (lambda a: tf.truediv(a.i, 2), "truediv/y truediv/Cast truediv/Cast_1 truediv", "Const"),
    (lambda a: tf.scalar_mul(2.0, a.x), "scalar mul", "Const"),
    (lambda a: tf.abs(-1.0), "Abs/x Abs", "Const"),
    (lambda a: tf.cast(1.5, tf.int32), "Cast/x Cast", "Const"),
    (lambda a: tf.to_float(3), "ToFloat/x ToFloat", "Const"),
    (lambda a: tf.equal(a.x, 1.0), "Equal/y Equal", "Const"),
    (lambda a: tf.not_equal(1, a.i), "NotEqual/x NotEqual", "Const"),
    (lambda a: tf.select([True], [1.0], [2.0]), "Select/condition Select/t Select/e Select", "Const"),
    (
        lambda a: tf.clip_by_value(a.x, 0.0, 1.0),
        "clip_by_value/Minimum/y clip_by_value/Minimum clip_by_value/y clip_by_value",
        "Const",
    ),
    (lambda a: tf.clip_by_norm(a.x, 1.0, [1]), "clip_by_norm", "Const"),
    (lambda a: tf.matmul(a.x, ROWS), "MatMul/b MatMul", "Const"),
    (lambda a: tf.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]), "Cross/a Cross/b Cross", "Const"),
    (lambda a: tf.identity(1.0), "Identity/input Identity", "Const"),
    # Reductions: those over everything use up the names of the axes that TensorFlow makes.
    (lambda a: tf.reduce_sum(a.x, 1), "Sum", "Const"),
    (lambda a: tf.reduce_sum(a.x, np.array([0, 1])), "Sum", "Const"),
    (lambda a: tf.reduce_sum(a.x), "Sum", "Const_1"),
    (lambda a: tf.reduce_mean(tf.reduce_sum(a.x), name="total"), "Sum total", "Const_2"),
    (lambda a: tf.rank(a.x) + tf.to_int32(tf.reduce_sum(a.u)), "Rank Sum ToInt32 add", "Const"),
    (lambda a: tf.add(tf.reduce_sum(a.u), tf.to_float(tf.rank(a.x))), "Sum Rank_1 ToFloat Add", "Const"),
    (lambda a: tf.reduce_mean([1.0, 2.0]), "Mean/input Mean", "Const"),
    (lambda a: tf.reduce_max(a.w), "Max", "Const"),
    (lambda a: tf.argmax([1.0, 2.0], 0), "ArgMax/input ArgMax", "Const"),
    (lambda a: tf.cumsum([1.0, 2.0]), "Cumsum/x Cumsum", "Const"),
    (lambda a: tf.segment_sum(a.x, [0, 1]), "SegmentSum/segment_ids SegmentSum", "Const"),
    (
        lambda a: tf.dynamic_stitch([[0], [1]], [[1.0], [2.0]]),
        "DynamicStitch/indices_0 DynamicStitch/indices_1 DynamicStitch/data_0 DynamicStitch/data_1 DynamicStitch",
        "Const",
    ),
    # Networks
    (lambda a: tf.nn.conv2d(IMAGE, FILTER, [1] * 4, "SAME"), "Conv2D/input Conv2D/filter Conv2D", "Const"),
    (lambda a: tf.nn.max_pool(IMAGE, [1] * 4, [1] * 4, "SAME"), "MaxPool/input MaxPool", "Const"),
    (lambda a: tf.nn.bias_add(a.x, [1.0, 2.0, 3.0]), "BiasAdd/bias BiasAdd", "Const"),
    (
        lambda a: tf.nn.xw_plus_b(a.x, ROWS, [1.0, 2.0]),
        "xw_plus_b/weights xw_plus_b/biases xw_plus_b/MatMul xw_plus_b",
        "Const",
    ),
    (lambda a: tf.nn.relu([1.0]), "Relu/features Relu", "Const"),
    (lambda a: tf.nn.l2_loss([1.0]), "L2Loss/t L2Loss", "Const"),
    (lambda a: tf.nn.l2_normalize(a.x, 1), "l2_normalize/Square l2_normalize/Sum l2_normalize", "Const"),
    (lambda a: tf.nn.sigmoid_cross_entropy_with_logits(a.x, a.x), "logistic_loss", "Const"),
    (lambda a: tf.nn.in_top_k(a.x, [1, 2], 1), "InTopK/targets InTopK", "Const"),
    # Variables
    (lambda a: tf.Variable(1.0), "Variable/initial_value Variable/Assign Variable/read Variable", "Const"),
    (lambda a: tf.Variable(tf.zeros([2])), "zeros Variable/Assign Variable/read Variable", "Const"),
    (lambda a: a.v.assign(2.0), "Assign/value Assign", "Const"),
    (lambda a: tf.assign_add(a.v, 2.0), "AssignAdd/value AssignAdd", "Const"),
    (
        lambda a: tf.scatter_update(a.w, [0], [1.0]),
        "ScatterUpdate/indices ScatterUpdate/updates ScatterUpdate",
        "Const",
    ),
    (
        lambda a: tf.placeholder_with_default([1.0], [None]),
        "PlaceholderWithDefault/input PlaceholderWithDefault",
        "Const",
    ),
    (
        lambda a: tf.train.exponential_decay(0.1, a.n, 10, 0.9),
        "ExponentialDecay/learning_rate ExponentialDecay",
        "Const",
    ),
    # Where TensorFlow itself makes a constant beside the operation
    (lambda a: tf.unpack([1.0, 2.0])[0], "Const unpack", "Const_1"),
    (lambda a: tf.add_n([a.x, np.ones((2, 3), np.float32)]), "Const AddN", "Const_1"),
]


@pytest.mark.parametrize(("call", "expected", "after"), CALLS, ids=[names.split()[-1] for _, names, _ in CALLS])
def test_names_agree_with_tensorflow(call, expected, after):
    expected = expected.split()
    with tf.Graph().as_default() as graph:
        given = Given()
        before = {op.name for op in graph.get_operations()}
        result = call(given)
        made = [op.name for op in graph.get_operations() if op.name not in before]
        assert result.name.split(":")[0] == expected[-1]
        assert set(expected) <= set(made)
        # Nothing else uses up a name of the surrounding scope.
        assert {name for name in made if "/" not in name} <= set(expected)
        assert tf.constant(1.0).op.name == after


def test_constants_in_a_scope():
    with tf.Graph().as_default(), tf.name_scope("layer"):
        tiled = tf.tile(tf.constant([1.0]), [2], name="twice")
        assert [t.op.name for t in tiled.op.inputs] == ["layer/Const", "layer/twice/multiples"]
        assert tf.constant(1.0).op.name == "layer/Const_1"


def test_second_call_has_a_scope_of_its_own():
    with tf.Graph().as_default():
        tf.fill([2], 1.0)
        again = tf.fill([2], 1.0)
        assert again.op.name == "Fill_1"
        assert [t.op.name for t in again.op.inputs] == ["Fill_1/dims", "Fill_1/value"]


def test_values_take_the_type_of_the_tensor_beside_them():
    with tf.Graph().as_default():
        wide = tf.placeholder(tf.float64, [2])
        assert tf.concat(0, [[1, 2], wide]).dtype == tf.float64
        assert tf.select([True, False], [1, 2], wide).dtype == tf.float64
        with pytest.raises(TypeError, match="Expected int32"):
            tf.equal(tf.placeholder(tf.int32), 1.5)
