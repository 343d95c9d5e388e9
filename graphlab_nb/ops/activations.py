"""Activation functions, and adding biases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from graphlab_nb import dtypes
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import array, math, special
from graphlab_nb.ops.matmul import matmul
from graphlab_nb.ops.pointwise import Elementwise, convert_together, elementwise
from graphlab_nb.shapes import show

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
"""Klambauer et al., Self-Normalizing Neural Networks (2017): the fixed point at mean 0 and variance 1."""

# Gradients that an activation's own result gates. They are linear in dy, and where the gate's derivative is not zero,
# another gate expresses it, so that second derivatives are made of the same operations.


@elementwise("ReluGrad", "x1 > (T)(0) ? x0 : (T)(0)", grad=lambda op, dy: [_relu_grad(dy, op.inputs[1]), None])
def _relu_grad(dy: Any, y: Any, name: str | None = None) -> Tensor:
    """`dy` where y > 0, else 0."""


@elementwise(
    "Relu6Grad",
    "(x1 > (T)(0)) & (x1 < (T)(6)) ? x0 : (T)(0)",
    grad=lambda op, dy: [_relu6_grad(dy, op.inputs[1]), None],
)
def _relu6_grad(dy: Any, y: Any, name: str | None = None) -> Tensor:
    """`dy` where 0 < y < 6, else 0."""


@elementwise(
    "EluGrad",
    "x1 < (T)(0) ? x0 * (x1 + (T)(1)) : x0",
    grad=lambda op, dy: [_elu_grad(dy, op.inputs[1]), _relu_grad(dy * op.inputs[0], -op.inputs[1])],
    takes=dtypes.FLOATING,
)
def _elu_grad(dy: Any, y: Any, name: str | None = None) -> Tensor:
    """`dy` times the derivative of `elu` where its result is `y`: y + 1 below zero."""


@elementwise(
    "SeluGrad",
    f"x1 < (T)(0) ? x0 * (x1 + (T)({SELU_SCALE * SELU_ALPHA})) : x0 * (T)({SELU_SCALE})",
    grad=lambda op, dy: [_selu_grad(dy, op.inputs[1]), _relu_grad(dy * op.inputs[0], -op.inputs[1])],
    takes=dtypes.FLOATING,
    accuracy=Accuracy(4, "largest"),
)
def _selu_grad(dy: Any, y: Any, name: str | None = None) -> Tensor:
    """`dy` times the derivative of `selu` where its result is `y`."""


@elementwise("Relu", "x0 < (T)(0) ? (T)(0) : x0", grad=lambda op, dy: [_relu_grad(dy, op.outputs[0])])
def relu(features: Any, name: str | None = None) -> Tensor:
    """The rectified linear max(features, 0), element by element.

    Args:
      features: a numeric tensor.
      name: the operation's name.

    Returns:
      A tensor of the same shape and type; NaN stays NaN.

    Example:
      >>> tf.Session().run(tf.nn.relu([-1.0, 0.5]))
      array([0. , 0.5], dtype=float32)
    """


@elementwise(
    "Relu6", "x0 < (T)(0) ? (T)(0) : (x0 > (T)(6) ? (T)(6) : x0)", grad=lambda op, dy: [_relu6_grad(dy, op.outputs[0])]
)
def relu6(features: Any, name: str | None = None) -> Tensor:
    """The rectified linear that saturates: min(max(features, 0), 6), element by element.

    Example:
      >>> tf.Session().run(tf.nn.relu6([-1.0, 3.0, 9.0]))
      array([0., 3., 6.], dtype=float32)
    """


@elementwise(
    "Elu", "x0 < (T)(0) ? expm1(x0) : x0", grad=lambda op, dy: [_elu_grad(dy, op.outputs[0])], takes=dtypes.FLOATING
)
def elu(features: Any, name: str | None = None) -> Tensor:
    """The exponential linear unit: exp(features) - 1 below zero, features above.

    Source: Clevert et al., Fast and Accurate Deep Network Learning by Exponential Linear Units (2015).

    Example:
      >>> tf.Session().run(tf.nn.elu([0.0, 2.0]))
      array([0., 2.], dtype=float32)
    """


@elementwise(
    "Selu",
    f"x0 < (T)(0) ? (T)({SELU_SCALE * SELU_ALPHA}) * expm1(x0) : (T)({SELU_SCALE}) * x0",
    grad=lambda op, dy: [_selu_grad(dy, op.outputs[0])],
    takes=dtypes.FLOATING,
)
def selu(features: Any, name: str | None = None) -> Tensor:
    """The scaled exponential linear unit, which keeps mean 0 and variance 1 through layers.

    Source: Klambauer et al., Self-Normalizing Neural Networks (2017).

    Args:
      features: numbers of any shape.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.nn.selu([-1.0, 0.0, 1.0])).round(3)
      array([-1.111,  0.   ,  1.051], dtype=float32)
    """


@elementwise(
    "Softplus",
    "max(x0, (T)(0)) + log1p(exp(-fabs(x0)))",
    grad=lambda op, dy: [dy * special.sigmoid(op.inputs[0])],
    takes=dtypes.FLOATING,
)
def softplus(features: Any, name: str | None = None) -> Tensor:
    """log(exp(features) + 1), element by element, computed so that neither large nor small arguments lose digits.

    Example:
      >>> tf.Session().run(tf.nn.softplus([0.0, 100.0])).round(3)
      array([  0.693, 100.   ], dtype=float32)
    """


@elementwise(
    "Softsign",
    "x0 / ((T)(1) + fabs(x0))",
    grad=lambda op, dy: [dy / math.square(1 + math.abs(op.inputs[0]))],
    takes=dtypes.FLOATING,
)
def softsign(features: Any, name: str | None = None) -> Tensor:
    """The soft sign features / (abs(features) + 1), element by element.

    Example:
      >>> tf.Session().run(tf.nn.softsign([-1.0, 0.0, 3.0])).round(3)
      array([-0.5 ,  0.  ,  0.75], dtype=float32)
    """


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """max(alpha * features, features): a rectified linear that leaks a little below zero.

    Args:
      features: a floating tensor.
      alpha: slope below zero, at most 1.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.nn.leaky_relu([-2.0, 3.0], alpha=0.5))
      array([-1.,  3.], dtype=float32)
    """
    with name_scope(name, "LeakyRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        return math.maximum(alpha * features, features, name=scope)


def crelu(features: Any, name: str | None = None) -> Tensor:
    """relu(features) and relu(-features) side by side in the last dimension, which becomes twice as long.

    Source: Shang et al., Understanding and Improving Convolutional Neural Networks via Concatenated ReLU (2016).

    Args:
      features: [..., n] numbers.
      name: the operation's name.

    Returns:
      [..., 2 n], of the type of `features`.

    Example:
      >>> tf.Session().run(tf.nn.crelu([[1.0, -2.0]]))
      array([[1., 0., 0., 2.]], dtype=float32)
    """
    with name_scope(name, "CRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        if features.shape.ndims is None:
            raise ValueError(f"crelu needs features of known rank; {features.name} has none")
        return relu(array.concat([features, -features], features.shape.ndims - 1, name=scope))


def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """log(sigmoid(x)) = -softplus(-x), element by element.

    Example:
      >>> tf.Session().run(tf.nn.log_sigmoid([0.0, -100.0])).round(3)
      array([  -0.693, -100.   ], dtype=float32)
    """
    with name_scope(name, "LogSigmoid", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return math.negative(softplus(-x), name=scope)


@frozen
class BiasAdd(Elementwise):
    """y = value + bias, the bias along the channels.

    With "NCHW" the bias comes as [channels, 1, 1, ...], so that it broadcasts.
    """

    data_format: str = "NHWC"

    expression = "x0 + x1"
    arity = 2
    input_names: ClassVar[tuple[str, ...]] = ("input", "bias")

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        value, bias = inputs
        if value.dtype is not bias.dtype:
            raise TypeError(f"BiasAdd takes value and bias of one type, not {value.dtype.name} and {bias.dtype.name}")
        first = self.data_format == "NCHW"
        if value.rank is not None and value.rank < (3 if first else 2):
            least = 3 if first else 2
            raise ValueError(f"BiasAdd takes a value of rank {least} or more, not of shape {show(value.dims)}")
        if bias.rank is not None and not first and bias.rank != 1:
            raise ValueError(f"BiasAdd takes a bias of rank 1, not of shape {show(bias.dims)}")
        dims = value.dims
        if dims is not None and bias.dims:
            at = 1 if first else len(dims) - 1
            length = bias.dims[0]
            if None not in (dims[at], length) and dims[at] != length:
                raise ValueError(f"A bias of {length} does not fit the {dims[at]} channels of value {show(dims)}")
            dims = (*dims[:at], length if dims[at] is None else dims[at], *dims[at + 1 :])
        return Spec(value.dtype, dims)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        return [dy, dy]


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Adds `bias` to the channels of `value`.

    Args:
      value: [batch, ..., channels], or [batch, channels, ...] with data_format "NCHW".
      bias: [channels], of the same type.
      data_format: "NHWC" (default) or "NCHW".
      name: the operation's name.

    Returns:
      A tensor of the shape of `value`.

    Raises:
      ValueError: a bias that is not of rank 1 or as long as there are channels, or an unknown data format.

    Example:
      >>> tf.Session().run(tf.nn.bias_add(tf.zeros([2, 3]), [1.0, 2.0, 3.0]))
      array([[1., 2., 3.],
             [1., 2., 3.]], dtype=float32)
    """
    data_format = "NHWC" if data_format is None else data_format
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError(f"data_format must be NHWC or NCHW, not {data_format!r}")
    if data_format == "NHWC":
        return apply(BiasAdd(data_format), [value, bias], name)
    with name_scope(name, "BiasAdd", [value, bias]) as scope:
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, preferred_dtype=value.dtype.base_dtype, name="bias")
        bias.shape.assert_has_rank(1)
        rank = value.shape.ndims
        if rank is None:
            raise ValueError(f"bias_add with data_format NCHW needs a value of known rank; {value.name} has none")
        bias = array.reshape(bias, [-1] + [1] * max(rank - 2, 0))
        return apply(BiasAdd(data_format), [value, bias], scope)


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """matmul(x, weights) + biases.

    Args:
      x: [batch, inputs].
      weights: [inputs, outputs].
      biases: [outputs].
      name: the operation's name.

    Returns:
      [batch, outputs].

    Example:
      >>> tf.Session().run(tf.nn.xw_plus_b([[1.0, 2.0]], [[1.0, -1.0], [1.0, -1.0]], [0.5, 0.5]))
      array([[ 3.5, -2.5]], dtype=float32)
    """
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        x, weights, biases = convert_together([x, weights, biases], names=("x", "weights", "biases"))
        return bias_add(matmul(x, weights), biases, name=scope)


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """relu(matmul(x, weights) + biases).

    Args:
      x: [batch, inputs].
      weights: [inputs, outputs].
      biases: [outputs].
      name: the operation's name.

    Returns:
      [batch, outputs].

    Example:
      >>> tf.Session().run(tf.nn.relu_layer([[1.0, 2.0]], [[1.0, -1.0], [1.0, -1.0]], [0.5, 0.5]))
      array([[3.5, 0. ]], dtype=float32)
    """
    with name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        x, weights, biases = convert_together([x, weights, biases], names=("x", "weights", "biases"))
        return relu(bias_add(matmul(x, weights), biases), name=scope)


__all__ = public_names(globals())
