"""Operations that pass values on, and order and group others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from graphlab_nb.export import public_names
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher


@frozen
class Identity(OpDef):
    """y = x."""

    input_names: ClassVar[tuple[str, ...]] = ("input",)

    def infer(self, x: Spec) -> Spec:
        return Spec(x.dtype, x.dims, x.value)

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        return 0

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        return [dy]


@frozen
class StopGradient(Identity):
    """y = x, through which no gradient flows back."""

    differentiable: ClassVar[bool] = False


@frozen
class PreventGradient(Identity):
    """y = x, of which nobody may take a gradient."""

    message: str = ""

    def gradient(self, op: Operation, dy: Tensor) -> Sequence[Tensor | None]:  # type: ignore[override]
        raise LookupError(f"Gradient explicitly disabled. Reason: {self.message}")


@frozen
class NoOp(OpDef):
    """Nothing; it is run for what it waits for."""

    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self) -> Sequence[Spec]:
        return []

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        return None


def identity(input: Any, name: str | None = None) -> Tensor:
    """A tensor of the same value as `input`.

    Example:
      >>> tf.Session().run(tf.identity([1, 2]))
      array([1, 2], dtype=int32)
    """
    return apply(Identity(), [input], name)


def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """A tensor of the same value as `input` that gradients take as a constant.

    Example:
      >>> x = tf.constant([3.0])
      >>> y = x * tf.stop_gradient(x)
      >>> tf.Session().run(tf.gradients(y, x)[0])
      array([3.], dtype=float32)
    """
    return apply(StopGradient(), [input], name)


def prevent_gradient(input: Any, message: str = "", name: str | None = None) -> Tensor:
    """A tensor of the same value as `input`; building a gradient through it raises `LookupError` with `message`.

    Example:
      >>> x = tf.constant([3.0])
      >>> tf.gradients(tf.prevent_gradient(x, "x is frozen"), x)
      Traceback (most recent call last):
      LookupError: No gradient defined for operation 'PreventGradient' (op type: PreventGradient):
      Gradient explicitly disabled. Reason: x is frozen
    """
    return apply(PreventGradient(message), [input], name)


def no_op(name: str | None = None) -> Operation:
    """An operation that does nothing but wait for its control inputs.

    Example:
      >>> tf.Session().run(tf.no_op()) is None
      True
    """
    return apply(NoOp(), [], name)


def group(*inputs: Any, name: str | None = None) -> Operation:
    """An operation that is done when all `inputs` (operations and tensors) are done.

    Raises:
      TypeError: an input that is neither.

    Example:
      >>> a, b = tf.Variable(1.0), tf.Variable(2.0)
      >>> both = tf.group(a.initializer, b.initializer)
      >>> both.type
      'NoOp'
    """
    with scopes.control_dependencies([_operation(item, "tf.group") for item in inputs]):
        return no_op(name or "group_deps")


def _operation(item: Any, taker: str) -> Operation:
    if hasattr(item, "_as_graph_element"):
        item = item._as_graph_element()
    if isinstance(item, Tensor):
        return item.op
    if isinstance(item, Operation):
        return item
    raise TypeError(f"{taker} takes operations and tensors, not {item!r}")


def tuple(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Tensor | None]:
    """The same tensors, each of which is handed out only when all of them are computed.

    Args:
      tensors: list of tensors and None; None stays where it is.
      name: name scope of the operations.
      control_inputs: further operations to wait for.

    Raises:
      ValueError: no tensor in the list.

    Example:
      >>> a, b = tf.tuple([tf.constant([1, 2]), tf.constant([3, 4])])
      >>> tf.Session().run(a)  # when b is computed, too
      array([1, 2], dtype=int32)
    """
    tensors = list(tensors)
    if all(t is None for t in tensors):
        raise ValueError("tf.tuple needs at least one tensor")
    with scopes.name_scope(name, "tuple", tensors):
        values = [None if t is None else convert_to_tensor(t) for t in tensors]
        waited = [_operation(item, "tf.tuple") for item in control_inputs or []]
        gate = group(*(t.op for t in values if t is not None), *waited)
        with scopes.control_dependencies([gate]):
            return [None if t is None else identity(t, "control_dependency") for t in values]


def with_dependencies(dependencies: Any, output_tensor: Any, name: str | None = None) -> Tensor:
    """A tensor of the value of `output_tensor` that is handed out only when `dependencies` are done.

    Args:
      dependencies: list of operations and tensors.
      output_tensor: any tensor.
      name: the operation's name.

    Example:
      >>> x = tf.constant([1, 2])
      >>> y = tf.with_dependencies([tf.assert_positive(x)], x)
      >>> tf.Session().run(y)
      array([1, 2], dtype=int32)
    """
    with scopes.name_scope(name, "control_dependency") as scope:
        tensor = convert_to_tensor(output_tensor)
        with scopes.control_dependencies([_operation(item, "with_dependencies") for item in dependencies]):
            return identity(tensor, scope)


__all__ = public_names(globals())
