"""`Optimizer`, the base of all optimizers: gradients, slots and the operation that makes a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.gradients import gradients
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, apply_op, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.places import stranger
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops import state
from graphlab_nb.ops.array import concat, fill, reshape, shape, zeros
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.control import group
from graphlab_nb.ops.indexing import GatherGrad, gather, scatter_update
from graphlab_nb.ops.math import AddN
from graphlab_nb.ops.segment import unsorted_segment_sum
from graphlab_nb.ops.training import Applied, Apply, FirstEqual
from graphlab_nb.ops.variable_lists import trainable_variables
from graphlab_nb.ops.variables import Variable

GradientAndVariable = tuple[Any, Variable]


class Optimizer:
    """Base of optimizers: `minimize` adds the operations to the graph that make one step downhill.

    `minimize` is `compute_gradients` and then `apply_gradients`; between the two, gradients can be clipped or otherwise
    changed. Subclasses say what slots they need (`_create_slots`), make tensors of their hyperparameters (`_prepare`),
    give the operation that changes a variable (`_apply_dense`), and may add what comes after all of these (`_finish`).

    An operation never sees a variable half changed, and gradients are computed from the values before the step,
    whatever gate is asked for; the constants are there for programs that name them.

    Example:
      >>> w = tf.Variable(3.0)
      >>> optimizer = tf.train.GradientDescentOptimizer(0.5)
      >>> [(gradient, _)] = optimizer.compute_gradients(tf.square(w))
      >>> step = optimizer.apply_gradients([(tf.clip_by_value(gradient, -1.0, 1.0), w)])
      >>> with tf.Session() as sess:
      ...     sess.run(w.initializer)
      ...     sess.run(step)
      ...     print(sess.run(w))
      2.5
    """

    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking: bool, name: str):
        """Sets the name.

        Args:
          use_locking: accepted for TensorFlow's signature; changes are always whole.
          name: the name scope of the step's operations, and of the slots.

        Raises:
          ValueError: an empty name.
        """
        if not name:
            raise ValueError("An optimizer must have a name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[Variable, Variable]] = {}
        self._loss: Tensor | None = None
        self._steps: list[tuple[Operation, list[Variable]]] = []

    def get_name(self) -> str:
        """The optimizer's name.

        Example:
          >>> optimizer = tf.train.MomentumOptimizer(0.1, momentum=0.9)
          >>> optimizer.get_name()
          'Momentum'
        """
        return self._name

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Iterable[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: int | None = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Operation:
        """Adds the operations that change variables so that `loss` becomes smaller.

        Args:
          loss: the tensor to minimize; with more than one element, their sum.
          global_step: variable that grows by one with each step.
          var_list: the variables to change; all trainable ones by default.
          gate_gradients: one of the GATE constants.
          aggregation_method: how gradients of several paths are summed; see `AggregationMethod`.
          colocate_gradients_with_ops: ask for the device of each operation for its gradient.
          name: name of the step's operation; the optimizer's by default.
          grad_loss: tensor of the loss's shape that weights it.

        Returns:
          The operation whose run is one step.

        Raises:
          ValueError: no variable to change, or none on which the loss depends.

        Example:
          >>> w = tf.Variable(3.0, name="w")
          >>> tf.train.GradientDescentOptimizer(0.1).minimize(tf.square(w)).name
          'GradientDescent'
        """
        pairs = self.compute_gradients(
            loss, var_list, gate_gradients, aggregation_method, colocate_gradients_with_ops, grad_loss
        )
        if all(grad is None for grad, _ in pairs):
            names = [v.name for _, v in pairs]
            raise ValueError(
                f"No gradients provided for any variable: {names}. Loss {convert_to_tensor(loss).name} does not depend "
                "on them through operations that have gradients"
            )
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Iterable[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: int | None = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[GradientAndVariable]:
        """The loss's gradients: a list of (gradient, variable).

        The gradient is None where no path leads from the variable to the loss.

        Args:
          loss: the tensor to differentiate; with more than one element, their sum.
          var_list: the variables; all trainable ones by default.
          gate_gradients: one of the GATE constants.
          aggregation_method: how gradients of several paths are summed; see `AggregationMethod`.
          colocate_gradients_with_ops: ask for the device of each operation for its gradient.
          grad_loss: tensor of the loss's shape that weights it.

        Raises:
          ValueError: no variable, a loss that is not floating or whose graph was reset, or an unknown gate.
          TypeError: something in `var_list` that is not a variable.

        Example:
          >>> w = tf.Variable(3.0, name="w")
          >>> [(grad, variable)] = tf.train.GradientDescentOptimizer(0.1).compute_gradients(tf.square(w))
          >>> variable is w
          True
        """
        if gate_gradients not in (Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be Optimizer.GATE_NONE, Optimizer.GATE_OP or Optimizer.GATE_GRAPH, "
                f"not {gate_gradients!r}"
            )
        loss = convert_to_tensor(loss)
        if not loss.dtype.base_dtype.is_floating:
            raise ValueError(f"Loss {loss.name} must be floating to be minimized, not {loss.dtype.base_dtype.name}")
        graph = scopes.get_default_graph()
        if loss.graph is not graph and loss.graph.ended:
            raise ValueError(f"{loss.name} cannot be minimized: {stranger(loss, graph)}")
        if var_list is None:
            var_list = trainable_variables()
        elif isinstance(var_list, Variable):
            var_list = [var_list]
        self._loss = loss
        variables = list(var_list)
        for variable in variables:
            if not isinstance(variable, Variable):
                raise TypeError(f"An optimizer changes variables, and {variable!r} is none")
        if not variables:
            raise ValueError("No variables to optimize: the graph has no trainable variable")
        found = gradients(
            loss,
            variables,
            grad_ys=grad_loss,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )
        return list(zip(found, variables, strict=True))

    def apply_gradients(
        self, grads_and_vars: Iterable[GradientAndVariable], global_step: Any = None, name: str | None = None
    ) -> Operation:
        """Adds the operations that change variables by given gradients.

        Args:
          grads_and_vars: (gradient, variable) pairs, as `compute_gradients` gives them; those without gradient are
            left out.
          global_step: variable that grows by one with each step.
          name: name of the step's operation; the optimizer's by default.

        Returns:
          The operation whose run is one step.

        Raises:
          ValueError: no variable, or none that has a gradient.
          TypeError: a pair whose second half is not a variable.

        Example:
          >>> w = tf.Variable(3.0)
          >>> optimizer = tf.train.GradientDescentOptimizer(0.1)
          >>> pairs = [(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in optimizer.compute_gradients(tf.square(w))]
          >>> step = optimizer.apply_gradients(pairs)
          >>> with tf.Session() as sess:
          ...     sess.run(w.initializer)
          ...     sess.run(step)
          ...     print(sess.run(w))
          2.9
        """
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided: apply_gradients was given an empty list")
        for _, variable in pairs:
            if not isinstance(variable, Variable):
                raise TypeError(f"An optimizer changes variables, and {variable!r} is none")
        given = [(g, v) for g, v in pairs if g is not None]
        if not given:
            raise ValueError(f"No gradients provided for any variable: {[v.name for _, v in pairs]}")
        with scopes.control_dependencies(None):
            self._create_slots([v for _, v in given])
        with scopes.name_scope(name, self._name) as scope:
            self._prepare()
            updates: list[Operation] = []
            for grad, variable in given:
                with scopes.name_scope("update_" + variable.op.name), scopes.colocate_with(variable.op):
                    updates.append(self._apply_dense(convert_to_tensor(grad), variable))
            if global_step is None:
                step = self._finish(updates, scope)
            else:
                with scopes.control_dependencies([self._finish(updates, "update")]):
                    step = state.assign_add(global_step, 1, name=scope).op
        self._steps = [(op, changed) for op, changed in self._steps if not op.graph.ended]
        self._steps.append((step, [v for _, v in given]))
        if self._loss is not None and self._loss.graph is step.graph:
            step.graph.minimized[step] = self._loss
        if step not in scopes.get_collection(GraphKeys.TRAIN_OP):
            scopes.add_to_collection(GraphKeys.TRAIN_OP, step)
        return step

    # Slots

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        """The variable that the optimizer keeps for `var` under that name, or None.

        Args:
          var: a variable.
          name: one of those that `get_slot_names` tells.

        Example:
          >>> w = tf.Variable(3.0, name="w")
          >>> optimizer = tf.train.MomentumOptimizer(0.1, momentum=0.9)
          >>> step = optimizer.minimize(tf.square(w))
          >>> optimizer.get_slot(w, "momentum").name
          'w/Momentum:0'
        """
        return self._slots.get(name, {}).get(var)

    def get_slot_names(self) -> list[str]:
        """The names of the optimizer's slots.

        Example:
          >>> w = tf.Variable(3.0)
          >>> optimizer = tf.train.MomentumOptimizer(0.1, momentum=0.9)
          >>> step = optimizer.minimize(tf.square(w))
          >>> optimizer.get_slot_names()
          ['momentum']
        """
        return sorted(self._slots)

    def _slot(self, var: Variable, slot_name: str, value: float = 0.0) -> Variable:
        """The slot of `var`, made as a variable of the same shape filled with `value` where there is none."""
        slots = self._slots.setdefault(slot_name, {})
        if _missing(slots, var):
            slots[var] = slot_variable(var, self._name, value)
        return slots[var]

    def _zeros_slot(self, var: Variable, slot_name: str, op_name: str) -> Variable:
        """The slot of `var`, made with zeros and named "var/op_name" where there is none."""
        slots = self._slots.setdefault(slot_name, {})
        if _missing(slots, var):
            slots[var] = slot_variable(var, op_name)
        return slots[var]

    def _get_or_make_slot(self, var: Variable, val: Any, slot_name: str, op_name: str) -> Variable:
        """The slot of `var`, made with the value `val` and named "var/op_name" where there is none."""
        slots = self._slots.setdefault(slot_name, {})
        if _missing(slots, var):
            slots[var] = slot_variable(var, op_name, make=lambda: val)
        return slots[var]

    # What subclasses say

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        """Makes the slots that the variables need."""

    def _prepare(self) -> None:
        """Makes tensors of the hyperparameters."""

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        """The operation that changes `var` by its gradient."""
        raise NotImplementedError(f"{type(self).__name__}._apply_dense")

    def _finish(self, update_ops: Sequence[Operation], name: str) -> Operation:
        """The operation that makes all updates, and whatever comes after them."""
        return group(*update_ops, name=name)

    # Help for subclasses

    @staticmethod
    def _tensors(values: Sequence[Any], *names: str) -> list[Tensor]:
        """Hyperparameters, or the functions that give them, as tensors of those names."""
        return [
            convert_to_tensor(value() if callable(value) else value, name=name)
            for value, name in zip(values, names, strict=True)
        ]

    def _update(
        self, definition: Apply, var: Variable, slots: Sequence[Any], grad: Tensor, scalars: Sequence[Tensor]
    ) -> Operation:
        """Adds the operation `definition` with the scalars in the variable's type.

        Where the gradient is made of rows that were gathered, other rows and their slots stay as they are.
        """
        dtype = var.dtype.base_dtype
        refs = [convert_to_tensor(ref, as_ref=True) for ref in (var, *slots)]
        inputs = [*refs, grad, *(cast(s, dtype) for s in scalars)]
        parts = None if definition.moves_all else gathered_parts(grad)
        if parts is None:
            return apply_op(definition, inputs)
        return _update_rows(definition, inputs, parts)


def _missing(slots: dict[Variable, Variable], var: Variable) -> bool:
    """Whether a variable has no slot in its graph: one made before may have been taken out of it since."""
    return var not in slots or slots[var].graph is not var.graph


def _update_rows(definition: Apply, inputs: Sequence[Tensor], parts: Sequence[tuple[Tensor, Tensor]]) -> Operation:
    """Does what `definition` does in the rows that gathers took.

    A row that was taken several times is taken out, changed by the sum of its gradients, and put back as often: the same
    each time.
    """
    count = len(definition.writes)
    refs, grad, scalars = inputs[:count], inputs[count], inputs[count + 1 :]
    one_row = concat(0, [[-1], shape(grad)[1:]])
    rows = [reshape(indices, [-1]) for _, indices in parts]
    changes = [reshape(change, one_row) for change, _ in parts]
    if len(parts) > 1:
        rows, changes = [concat(0, [cast(r, dtypes.int64) for r in rows])], [concat(0, changes)]
    first = apply(FirstEqual(), rows)
    total = gather(unsorted_segment_sum(changes[0], first, shape(rows[0])[0]), first)
    made = apply(Applied(definition), [*(gather(ref, rows[0]) for ref in refs), total, *scalars])
    places = sorted(definition.writes, key=definition.writes.__getitem__)
    outputs = [made] if isinstance(made, Tensor) else made
    return group(*(scatter_update(refs[k], rows[0], new) for k, new in zip(places, outputs, strict=True)))


def gathered_parts(grad: Tensor) -> list[tuple[Tensor, Tensor]] | None:
    """What a gradient is the sum of that gathers of its variable alone make: rows and their indices. None for any other."""
    if isinstance(grad.op.definition, GatherGrad):
        rows, indices, _ = grad.op.inputs
        return [(rows, indices)]
    if not isinstance(grad.op.definition, AddN):
        return None
    found: list[tuple[Tensor, Tensor]] = []
    for term in grad.op.inputs:
        parts = gathered_parts(term)
        if parts is None:
            return None
        found += parts
    return found


def slot_variable(primary: Any, name: str, value: float = 0.0, make: Callable[[], Any] | None = None) -> Variable:
    """A variable that goes with another: of its shape, on its device and named "primary/name".

    Args:
      primary: the variable or tensor it belongs to.
      name: the last part of its name.
      value: number that it starts from.
      make: function that gives the tensor it starts from, instead of `value`.

    Raises:
      ValueError: a primary of unknown shape.
    """
    shape = primary.get_shape()
    if make is None and not shape.is_fully_defined():
        raise ValueError(f"The shape {shape} of {primary.name} is not fully known, so no variable can go with it")
    dtype = primary.dtype.base_dtype

    def filled() -> Any:
        return zeros(shape, dtype) if value == 0 else fill(shape.as_list(), convert_to_tensor(value, dtype))

    with scopes.name_scope(None), scopes.colocate_with(primary.op):
        return Variable(make or filled, trainable=False, name=f"{primary.op.name}/{name}")
