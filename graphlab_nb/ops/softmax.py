"""Softmax, its logarithm, and the cross entropies of predictions given as logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from graphlab_nb import errors
from graphlab_nb.dtypes import int32, int64
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import array, math
from graphlab_nb.ops.activations import softplus
from graphlab_nb.ops.reduce import reduce_sum
from graphlab_nb.shapes import TensorShape, show


class Rows(OpDef):
    """Base of the operations on the rows of the last dimension."""

    rows_only: ClassVar[bool] = True
    include: ClassVar[str] = "below.clh"
    steps: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def check(logits: Spec) -> None:
        """Raises for logits that have no rows or are not floating."""
        if not logits.dtype.is_floating:
            raise TypeError(f"logits must be floating, not {logits.dtype.name}")
        if logits.rank == 0:
            raise ValueError("logits must have at least one dimension, not shape ()")

    def rowwise(self, *inputs: Spec) -> Sequence[str]:
        return self.steps

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        return range(len(inputs)) if len(inputs[0].shape) > 1 else ()

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        run.zero(outputs[0])  # rows of no element


@frozen
class Softmax(Rows):
    """y[i, j] = exp(x[i, j]) / sum_k exp(x[i, k])."""

    steps: ClassVar[tuple[str, ...]] = (
        "m = top(x0)",
        "e = exp_below(x0 - m)",
        "s = sum(e)",
        "r = (T)(1) / s",
        "y0 = e * r",
    )
    input_names: ClassVar[tuple[str, ...]] = ("logits",)

    def infer(self, x: Spec) -> Spec:
        self.check(x)
        return Spec(x.dtype, x.dims)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        y = op.outputs[0]
        return [(dy - reduce_sum(dy * y, -1, keep_dims=True)) * y]


@frozen
class LogSoftmax(Rows):
    """y[i, j] = x[i, j] - log(sum_k exp(x[i, k]))."""

    steps: ClassVar[tuple[str, ...]] = ("m = top(x0)", "s = sum(exp_below(x0 - m))", "z = log(s)", "y0 = x0 - m - z")
    input_names: ClassVar[tuple[str, ...]] = ("logits",)

    def infer(self, x: Spec) -> Spec:
        self.check(x)
        return Spec(x.dtype, x.dims)

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        return [dy - reduce_sum(dy, -1, keep_dims=True) * math.exp(op.outputs[0])]


class CrossEntropy(Rows):
    """Base of the two cross entropies, whose second output is the gradient of the first with respect to the logits."""

    def gradient(self, op: Operation, dloss: Tensor | None, dback: Tensor | None) -> Sequence[Tensor | None]:  # type: ignore[override]
        back = op.outputs[1]
        dx = None
        if dloss is not None:
            dx = array.expand_dims(dloss, -1) * back
        if dback is not None:
            # back = softmax(x) - labels: as for Softmax.
            y = softmax(op.inputs[0])
            through = (dback - reduce_sum(dback * y, -1, keep_dims=True)) * y
            dx = through if dx is None else dx + through
        return [dx, None]


@frozen
class SoftmaxCrossEntropyWithLogits(CrossEntropy):
    """loss[i] = -sum_j labels[i, j] log(softmax(x)[i, j]), and the gradient softmax(x) - labels.

    No gradient flows to the labels, as in TensorFlow 0.x and its first 1.x versions.
    """

    steps: ClassVar[tuple[str, ...]] = (
        "m = top(x0)", "d = x0 - m", "e = exp_below(d)", "s = sum(e)", "w = sum(x1)", "p = sum(x1 * d)", "y0 = log(s) * w - p",
        "r = (T)(1) / s", "y1 = e * r - x1",
    )  # fmt: skip
    input_names: ClassVar[tuple[str, ...]] = ("features", "labels")
    one_type: ClassVar[slice] = slice(None)

    def infer(self, x: Spec, labels: Spec) -> Sequence[Spec]:
        self.check(x)
        if labels.dtype is not x.dtype:
            raise TypeError(f"logits and labels must have one type, not {x.dtype.name} and {labels.dtype.name}")
        try:
            dims = TensorShape.of(x.dims).merge_with(TensorShape.of(labels.dims)).tuple
        except ValueError:
            raise ValueError(
                f"logits and labels must have the same shape, not {show(x.dims)} and {show(labels.dims)}"
            ) from None
        return Spec(x.dtype, None if dims is None else dims[:-1]), Spec(x.dtype, dims)


@frozen
class SparseSoftmaxCrossEntropyWithLogits(CrossEntropy):
    """loss[i] = -log(softmax(x)[i, labels[i]]), and the gradient softmax(x) - one_hot(labels)."""

    steps: ClassVar[tuple[str, ...]] = (
        "fail(x1 < 0 || x1 >= count, (int)(x1), (int)(count))",
        "m = top(x0)", "d = x0 - m", "e = exp_below(d)", "s = sum(e)", "l = sum(column == convert_T(x1) ? d : (T)(0))",
        "y0 = log(s) - l", "r = (T)(1) / s", "y1 = e * r - (column == convert_T(x1) ? (T)(1) : (T)(0))",
    )  # fmt: skip
    checks: ClassVar[bool] = True
    input_names: ClassVar[tuple[str, ...]] = ("features", "labels")

    def infer(self, x: Spec, labels: Spec) -> Sequence[Spec]:
        self.check(x)
        if labels.dtype not in (int32, int64):
            raise TypeError(f"labels must be int32 or int64, not {labels.dtype.name}")
        if x.rank is not None and labels.rank is not None and labels.rank != x.rank - 1:
            raise ValueError(
                f"Rank mismatch: labels of shape {show(labels.dims)} must have one dimension less than logits of shape "
                f"{show(x.dims)}"
            )
        try:
            rows = TensorShape.of(None if x.dims is None else x.dims[:-1]).merge_with(TensorShape.of(labels.dims)).tuple
        except ValueError:
            raise ValueError(f"labels of shape {show(labels.dims)} do not fit logits of shape {show(x.dims)}") from None
        last = None if x.dims is None else x.dims[-1]
        return Spec(x.dtype, rows), Spec(x.dtype, None if rows is None else (*rows, last))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        text = f"Received a label value of {first} which is outside the valid range of [0, {second})"
        return errors.InvalidArgumentError, text


def softmax(logits: Any, dim: int = -1, name: str | None = None, axis: int | None = None) -> Tensor:
    """The softmax exp(logits) / sum(exp(logits)) along one dimension.

    Args:
      logits: [..., classes], floating.
      dim: the dimension over which the result sums to 1; the last by default.
      name: the operation's name.
      axis: another name for `dim`.

    Returns:
      A tensor of the shape and type of `logits`.

    Raises:
      ValueError: logits of rank 0, or a dimension that they do not have.

    Example:
      >>> tf.Session().run(tf.nn.softmax([[0.0, 0.0]]))
      array([[0.5, 0.5]], dtype=float32)
    """
    return _along(Softmax(), logits, dim, name, axis)


def log_softmax(logits: Any, dim: int = -1, name: str | None = None, axis: int | None = None) -> Tensor:
    """The logarithm of the softmax, logits - log(sum(exp(logits))), along one dimension.

    Args:
      logits: [..., classes], floating.
      dim: the dimension that is summed over; the last by default.
      name: the operation's name.
      axis: another name for `dim`.

    Returns:
      A tensor of the shape and type of `logits`.

    Raises:
      ValueError: logits of rank 0, or a dimension that they do not have.

    Example:
      >>> tf.Session().run(tf.nn.log_softmax([[0.0, 0.0], [100.0, 100.0]])).round(3)
      array([[-0.693, -0.693],
             [-0.693, -0.693]], dtype=float32)
    """
    return _along(LogSoftmax(), logits, dim, name, axis)


def _along(definition: OpDef, logits: Any, dim: Any, name: str | None, axis: int | None) -> Tensor:
    if isinstance(dim, str):  # softmax(logits, name) of TensorFlow 0.x
        dim, name = -1, dim
    dim = int(dim if axis is None else axis)
    kind = definition.type_name
    if dim == -1:
        return apply(definition, [logits], name)
    with name_scope(name, kind, [logits]) as scope:
        x = convert_to_tensor(logits, name="logits")
        rank = x.shape.ndims
        if rank is None:
            raise ValueError(f"{kind} along dimension {dim} needs logits of known rank; {x.name} has none")
        if not -rank <= dim < rank:
            raise ValueError(f"logits of shape {show(x.dims)} have no dimension {dim}")
        dim %= rank
        if dim == rank - 1:
            return apply(definition, [x], scope)
        order = [*range(dim), *range(dim + 1, rank), dim]
        back = [*range(dim), rank - 1, *range(dim, rank - 1)]
        return array.transpose(apply(definition, [array.transpose(x, order)]), back, name=scope)


def softmax_cross_entropy_with_logits(
    logits: Any = None, labels: Any = None, dim: int = -1, name: str | None = None, _sentinel: Any = None
) -> Tensor:
    """Cross entropy between `labels` and the softmax of `logits`, one number per row.

    Positional arguments are (logits, labels), as in TensorFlow 0.x; programs for 1.x name them.

    Args:
      logits: [..., classes], floating; not the result of a softmax.
      labels: probabilities of the same shape and type. No gradient flows to them.
      dim: the dimension of the classes.
      name: the operation's name.

    Returns:
      A tensor of the shape of `logits` without the dimension of the classes.

    Raises:
      ValueError: shapes that differ, or an argument that is missing.

    Example:
      >>> loss = tf.nn.softmax_cross_entropy_with_logits(logits=[[0.0, 0.0]], labels=[[1.0, 0.0]])
      >>> tf.Session().run(loss).round(3)
      array([0.693], dtype=float32)
    """
    _both("softmax_cross_entropy_with_logits", logits, labels)
    if isinstance(dim, str):
        dim, name = -1, dim
    if dim == -1:
        return apply(SoftmaxCrossEntropyWithLogits(), [logits, labels], name)[0]
    with name_scope(name, "SoftmaxCrossEntropyWithLogits", [logits, labels]) as scope:
        x, z = _pair(logits, labels)
        rank = x.shape.ndims if x.shape.ndims is not None else z.shape.ndims
        if rank is None:
            raise ValueError(f"Cross entropy along dimension {dim} needs logits of known rank; {x.name} has none")
        if dim % rank != rank - 1:
            order = [d for d in range(rank) if d != dim % rank] + [dim % rank]
            x, z = array.transpose(x, order), array.transpose(z, order)
        return apply(SoftmaxCrossEntropyWithLogits(), [x, z], scope)[0]


def sparse_softmax_cross_entropy_with_logits(
    logits: Any = None, labels: Any = None, name: str | None = None, _sentinel: Any = None
) -> Tensor:
    """Cross entropy between the softmax of `logits` and the class that each row's label names.

    Positional arguments are (logits, labels), as in TensorFlow 0.x; programs for 1.x name them.

    Args:
      logits: [..., classes], floating.
      labels: [...], int32 or int64, each of [0, classes).
      name: the operation's name.

    Returns:
      A tensor of the shape of `labels` and the type of `logits`.

    Raises:
      ValueError: shapes that do not fit, or an argument that is missing.
      InvalidArgumentError: in a run, for a label that is no class.

    Example:
      >>> loss = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=[[0.0, 0.0]], labels=[1])
      >>> tf.Session().run(loss).round(3)
      array([0.693], dtype=float32)
    """
    _both("sparse_softmax_cross_entropy_with_logits", logits, labels)
    return apply(SparseSoftmaxCrossEntropyWithLogits(), [logits, labels], name)[0]


def sigmoid_cross_entropy_with_logits(
    logits: Any = None, targets: Any = None, name: str | None = None, labels: Any = None, _sentinel: Any = None
) -> Tensor:
    """Cross entropy of independent yes-or-no predictions: -z log(sigmoid(x)) - (1 - z) log(1 - sigmoid(x)).

    Positional arguments are (logits, targets), as in TensorFlow 0.x; programs for 1.x name `labels` and `logits`.
    It is computed as softplus(x) - x z, which does not overflow.

    Args:
      logits: x, floating, of any shape.
      targets: z, of the same shape and type.
      name: the operation's name.
      labels: another name for `targets`.

    Returns:
      A tensor of the shape of `logits`.

    Raises:
      ValueError: shapes that differ, or an argument that is missing.

    Example:
      >>> loss = tf.nn.sigmoid_cross_entropy_with_logits(logits=[0.0], labels=[1.0])
      >>> tf.Session().run(loss).round(3)
      array([0.693], dtype=float32)
    """
    labels = targets if labels is None else labels
    _both("sigmoid_cross_entropy_with_logits", logits, labels)
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        x, z = _pair(logits, labels)
        _same_shape(x, z)
        return math.subtract(softplus(x), x * z, name=scope)


def weighted_cross_entropy_with_logits(
    logits: Any = None, targets: Any = None, pos_weight: Any = None, name: str | None = None, labels: Any = None
) -> Tensor:
    """As `sigmoid_cross_entropy_with_logits`, with positive targets counted `pos_weight` times.

    With q the weight: -q z log(sigmoid(x)) - (1 - z) log(1 - sigmoid(x)) = (1 - z) x + (1 + (q - 1) z) softplus(-x).
    Positional arguments are (logits, targets, pos_weight), as in TensorFlow 0.x.

    Args:
      logits: x, floating, of any shape.
      targets: z, of the same shape and type.
      pos_weight: q, a number or a tensor that broadcasts.
      name: the operation's name.
      labels: another name for `targets`.

    Returns:
      A tensor of the shape of `logits`.

    Raises:
      ValueError: shapes that differ, or an argument that is missing.

    Example:
      >>> loss = tf.nn.weighted_cross_entropy_with_logits([0.0, 0.0], [1.0, 0.0], pos_weight=2.0)
      >>> tf.Session().run(loss).round(3)
      array([1.386, 0.693], dtype=float32)
    """
    labels = targets if labels is None else labels
    _both("weighted_cross_entropy_with_logits", logits, labels)
    if pos_weight is None:
        raise ValueError("weighted_cross_entropy_with_logits misses the argument 'pos_weight'")
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        x, z = _pair(logits, labels)
        _same_shape(x, z)
        weight = 1 + (pos_weight - 1) * z
        return math.add((1 - z) * x, weight * softplus(-x), name=scope)


def _pair(logits: Any, labels: Any) -> tuple[Tensor, Tensor]:
    x = convert_to_tensor(logits, name="logits")
    return x, convert_to_tensor(labels, preferred_dtype=x.dtype.base_dtype, name="labels")


def _both(function: str, logits: Any, labels: Any) -> None:
    if logits is None or labels is None:
        raise ValueError(f"{function} misses the argument {'logits' if logits is None else 'labels'!r}")


def _same_shape(x: Tensor, z: Tensor) -> None:
    if not x.shape.is_compatible_with(z.shape):
        raise ValueError(f"logits and targets must have the same shape, not {x.shape} and {z.shape}")


__all__ = public_names(globals())
