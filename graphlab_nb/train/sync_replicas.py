"""`SyncReplicasOptimizer`: one step of the gradients of several replicas, each of which is a client of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graphlab_nb.dtypes import DType
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import apply, apply_op, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.control import group, no_op
from graphlab_nb.ops.math import add
from graphlab_nb.ops.state import Update
from graphlab_nb.ops.sync import Agreement, AwaitStep, ChangeIf, CountGradient, EndStep
from graphlab_nb.ops.variable_lists import global_variables, report_uninitialized_variables
from graphlab_nb.ops.variables import Variable
from graphlab_nb.train.optimizer import GradientAndVariable, Optimizer, slot_variable
from graphlab_nb.train.sync_parts import (
    Place,
    Share,
    behind,
    counter,
    gather,
    means_of,
    needed_by,
    place_of,
    ref,
    waiting,
)
from graphlab_nb.train.training_util import assert_global_step


class SyncReplicasOptimizer(Optimizer):
    """Makes steps of another optimizer by the mean of the gradients of several replicas.

    Each replica is a client of a cluster with a session and a graph of its own, whose variables are on the parameter tasks,
    as `replica_device_setter` places them. A run of the train operation computes gradients and sends them there, and ends
    when the step they are for is made. Then the next run of each replica begins from the same variables.

    Gradients for a step that is made already are dropped. So there can be more replicas than a step needs: a step takes the
    first `replicas_to_aggregate` that come, and those of the slowest are dropped. On several parameter tasks, gradients that
    come while the step is being made may be in the mean on some tasks. With fewer replicas than a step needs, each gives
    several gradients.

    A run that was ended while it waited, by a deadline or Ctrl-C, has given its gradients all the same. Gradients of rows (of
    `tf.gather`) are added to full sums, so that optimizers with slots change all rows.

    Nothing has to run beside the replicas, and no tokens are needed: `get_chief_queue_runner`, `get_init_tokens_op`,
    `chief_init_op` and `local_step_init_op` are there for TensorFlow's programs, and do nothing. All that the optimizer keeps
    is in variables that `tf.global_variables_initializer()` initializes, which one replica runs before the others begin.

    Example:
      >>> w = tf.Variable(3.0)
      >>> global_step = tf.train.create_global_step()
      >>> optimizer = tf.train.GradientDescentOptimizer(0.1)
      >>> optimizer = tf.train.SyncReplicasOptimizer(optimizer, replicas_to_aggregate=2, total_num_replicas=1)
      >>> train = optimizer.minimize(tf.square(w), global_step)
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(train)
      ...     print(sess.run([w, global_step]))
      ...     sess.run(train)
      ...     print(sess.run([w, global_step]))
      [np.float32(3.0), np.int64(0)]
      [np.float32(2.4), np.int64(1)]
    """

    def __init__(
        self,
        opt: Optimizer,
        replicas_to_aggregate: int,
        total_num_replicas: int | None = None,
        variable_averages: Any = None,
        variables_to_average: Any = None,
        use_locking: bool = False,
        name: str = "sync_replicas",
        replica_id: int | None = None,
    ):
        """Sets how many gradients make a step.

        Args:
          opt: the optimizer that makes the steps.
          replicas_to_aggregate: how many gradients a step needs.
          total_num_replicas: how many replicas there are; as many as gradients by default.
          variable_averages: an `ExponentialMovingAverage` that is updated with each step.
          variables_to_average: the variables that it averages.
          use_locking: accepted for TensorFlow's signature.
          name: the optimizer's name.
          replica_id: accepted for older programs; which replica a client is does not matter.

        Raises:
          TypeError: an `opt` that is no optimizer.
          ValueError: a number of gradients or replicas that is less than one.
        """
        super().__init__(use_locking, name)
        if not isinstance(opt, Optimizer):
            raise TypeError(f"SyncReplicasOptimizer makes the steps of another optimizer, and {opt!r} is none")
        self._needed = int(replicas_to_aggregate)
        self._replicas = int(total_num_replicas or self._needed)
        for label, number in (("replicas_to_aggregate", self._needed), ("total_num_replicas", self._replicas)):
            if number < 1:
                raise ValueError(f"{label} must be at least 1, not {number}")
        self._opt = opt
        self._averages, self._averaged = variable_averages, variables_to_average

    # Steps

    def compute_gradients(self, *args: Any, **kwargs: Any) -> list[GradientAndVariable]:
        """This replica's gradients, as the `compute_gradients` of the optimizer that makes the steps gives them.

        Args:
          *args: as there.
          **kwargs: as there.

        Example:
          >>> w = tf.Variable(3.0)
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
          >>> [(gradient, variable)] = optimizer.compute_gradients(tf.square(w))
          >>> variable is w
          True
        """
        pairs = self._opt.compute_gradients(*args, **kwargs)
        self._loss = self._opt._loss
        return pairs

    def apply_gradients(
        self, grads_and_vars: Iterable[GradientAndVariable], global_step: Any = None, name: str | None = None
    ) -> Operation:
        """Adds the operations that give gradients to a step and wait for it.

        Args:
          grads_and_vars: (gradient, variable) pairs, as `compute_gradients` gives them; those without gradient are
            left out.
          global_step: variable that counts the steps made. Gradients are told from older ones by steps, so it is needed.
          name: name of the operation; the optimizer's by default.

        Returns:
          The operation whose run gives one replica's gradients.

        Raises:
          ValueError: no variable, none that has a gradient, or no global step.
          TypeError: a pair whose second half is not a variable, or a global step that is no integer.
          NotImplementedError: an optimizer that changes variables otherwise than element by element.

        Example:
          >>> w, step = tf.Variable(3.0), tf.train.create_global_step()
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
          >>> pairs = [(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in optimizer.compute_gradients(tf.square(w))]
          >>> train = optimizer.apply_gradients(pairs, step)
          >>> with tf.Session() as sess:
          ...     sess.run(tf.global_variables_initializer())
          ...     sess.run(train)
          ...     print(sess.run(w))
          2.9
        """
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided: apply_gradients was given an empty list")
        for _, variable in pairs:
            if not isinstance(variable, Variable):
                raise TypeError(f"An optimizer changes variables, and {variable!r} is none")
        given = [(convert_to_tensor(g), v) for g, v in pairs if g is not None]
        if not given:
            raise ValueError(f"No gradients provided for any variable: {[v.name for _, v in pairs]}")
        if global_step is None:
            raise ValueError(
                "SyncReplicasOptimizer needs a global_step, by which it tells gradients for older steps; "
                "tf.train.get_or_create_global_step() makes one"
            )
        assert_global_step(global_step)
        with scopes.name_scope(name, self._name) as scope:
            step = self._build(given, ref(global_step), scope)
        self._steps = [(op, changed) for op, changed in self._steps if not op.graph.ended]
        self._steps.append((step, [v for _, v in given]))
        if self._loss is not None and self._loss.graph is step.graph:
            step.graph.minimized[step] = self._loss
        if step not in scopes.get_collection(GraphKeys.TRAIN_OP):
            scopes.add_to_collection(GraphKeys.TRAIN_OP, step)
        return step

    def _build(self, given: Sequence[tuple[Tensor, Variable]], global_step: Tensor, scope: str) -> Operation:
        """The step's operations.

        Each task decides by the numbers of steps it knows, in a single operation that changes them. So whatever operations of
        other runs come in between, gradients are counted once, and a decision is carried out once on each task: by the run
        that made it, or, where that was ended, by the next.
        """
        chief, dtype = global_step.op, global_step.dtype.base_dtype
        with scopes.control_dependencies(None):
            decided, counted, made = (counter(chief, dtype, each) for each in ("decided", "counted", "made"))
            shares = self._shares(given, dtype)
            # Read in the parts that read the variables, or before: so gradients are never for a later step than they say.
            tags = []
            for share in shares.values():
                with scopes.colocate_with(share.anchor):
                    tags.append(add(share.made, 1, name="next_step"))
            agreed, newest = apply(Agreement(), tags) if len(tags) > 1 else (tags[0], tags[0])
        gathered: list[Operation] = []
        for share in shares.values():
            gathered += gather(share, agreed)
        with scopes.control_dependencies(gathered), scopes.colocate_with(chief):
            counting = CountGradient(self._needed, self._needed - self._replicas)
            _, _, told, awaited = apply(counting, [ref(decided), ref(counted), agreed, newest])
        means = [pair for share in shares.values() for pair in means_of(share, told)]
        done = [share.ready.op for share in shares.values() if share.ready is not None]
        done += self._changes(means, shares)
        with scopes.control_dependencies(done), scopes.colocate_with(chief):
            ends = [apply_op(EndStep(), [ref(made), global_step, told])]
        if min(self._needed, self._replicas) > 1:
            ends = waiting(AwaitStep(self._needed), [ref(made), global_step, awaited], ends, shares, chief)
        with scopes.colocate_with(chief):
            return group(*ends, name=scope)

    def _shares(self, given: Sequence[tuple[Tensor, Variable]], dtype: DType) -> dict[Place, Share]:
        shares: dict[Place, Share] = {}
        for grad, var in given:
            place = place_of(var.op)
            if place not in shares:
                made, count = (counter(var.op, dtype, each) for each in ("made_here", "count_here"))
                shares[place] = Share(var.op, made, count)
            shares[place].pairs.append((grad, var))
            shares[place].sums.append(slot_variable(var, f"{self._name}_gradients"))
        return shares

    def _changes(self, means: Sequence[GradientAndVariable], shares: dict[Place, Share]) -> list[Operation]:
        """The operations by which the other optimizer changes variables, each made one that changes them only in steps."""
        graph = scopes.get_default_graph()
        begin = len(graph.get_operations())
        step = self._opt.apply_gradients(means)
        # It is a step of this optimizer, not one of its own.
        graph.minimized.pop(step, None)
        collected = scopes.get_collection_ref(GraphKeys.TRAIN_OP)
        if step in collected:
            collected.remove(step)
        done = list(dict.fromkeys(behind(step, begin)))
        if self._averages is not None:
            with scopes.control_dependencies(done):
                done += behind(self._averages.apply(self._averaged), begin)
        first = next(iter(shares.values()))
        for op in needed_by(done, begin):
            if not op.definition.writes:
                continue
            if not isinstance(op.definition, Update):
                raise NotImplementedError(
                    f"SyncReplicasOptimizer makes steps of optimizers that change variables element by element, but "
                    f"{self._opt.get_name()} changes them by {op.type} in {op.name!r}"
                )
            variable = op.inputs[min(op.definition.writes)].op
            flag = shares.get(place_of(variable), first).ready
            assert flag is not None
            # No session has seen it yet.
            op.definition = ChangeIf(op.definition)
            op.inputs = (*op.inputs, flag)
            flag._consumers.append(op)
        return done

    # Slots

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        """The variable that the optimizer that makes the steps keeps for `var` under that name, or None.

        Args:
          var: a variable.
          name: one of those that `get_slot_names` tells.

        Example:
          >>> w, step = tf.Variable(3.0, name="w"), tf.train.create_global_step()
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.MomentumOptimizer(0.1, 0.9), 1)
          >>> train = optimizer.minimize(tf.square(w), step)
          >>> optimizer.get_slot(w, "momentum").name
          'w/Momentum:0'
        """
        return self._opt.get_slot(var, name)

    def get_slot_names(self) -> list[str]:
        """The names of the slots of the optimizer that makes the steps.

        Example:
          >>> w, step = tf.Variable(3.0), tf.train.create_global_step()
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.MomentumOptimizer(0.1, 0.9), 1)
          >>> train = optimizer.minimize(tf.square(w), step)
          >>> optimizer.get_slot_names()
          ['momentum']
        """
        return self._opt.get_slot_names()

    # What TensorFlow's programs call besides

    @property
    def chief_init_op(self) -> Operation:
        """An operation that does nothing: the chief has nothing of its own to initialize.

        Example:
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
          >>> optimizer.chief_init_op.type
          'NoOp'
        """
        return no_op("chief_init")

    @property
    def local_step_init_op(self) -> Operation:
        """An operation that does nothing: a replica's step is the one that its variables were read at.

        Example:
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
          >>> optimizer.local_step_init_op.type
          'NoOp'
        """
        return no_op("local_step_init")

    @property
    def ready_for_local_init_op(self) -> Tensor:
        """The names of variables without a value: a replica is to begin when there are none.

        Example:
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
          >>> tf.Session().run(optimizer.ready_for_local_init_op).size
          0
        """
        return report_uninitialized_variables(global_variables())

    def get_init_tokens_op(self, num_tokens: int = -1) -> Operation:
        """An operation that does nothing: no tokens are needed.

        Args:
          num_tokens: accepted for TensorFlow's signature.

        Example:
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
          >>> optimizer.get_init_tokens_op().type
          'NoOp'
        """
        return no_op("init_tokens")

    def get_chief_queue_runner(self) -> Any:
        """A queue runner that starts no threads: steps are made by the replicas' own runs.

        Example:
          >>> optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
          >>> optimizer.get_chief_queue_runner().create_threads(None)
          []
        """
        return _NothingToRun()


class _NothingToRun:
    """Stands for a queue runner where nothing is to be run."""

    name = "sync_replicas"

    def create_threads(self, sess: Any, coord: Any = None, daemon: bool = False, start: bool = False) -> list[Any]:
        """No threads."""
        return []
