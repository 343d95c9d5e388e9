"""`Session`, and what it has in common with `InteractiveSession`."""

from __future__ import annotations

import itertools
import sys
import threading
import weakref
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.compile import compile_stage
from graphlab_nb.compiler.plan import Request, Stage
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.graph import DEFAULTS, Graph, Operation
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.operation import uncollected, user_line
from graphlab_nb.graph.places import line_name
from graphlab_nb.graph.scopes import get_default_graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array
from graphlab_nb.ops.state import Variable
from graphlab_nb.runtime.device import logical_devices
from graphlab_nb.runtime.held import free_ended
from graphlab_nb.session.beside import Beside
from graphlab_nb.session.config import ConfigProto, RunMetadata, RunOptions, check_arguments, wants_trace
from graphlab_nb.session.device_attributes import DeviceList
from graphlab_nb.session.executor import BoundStage, uninitialized
from graphlab_nb.session.fetches import Fetches, feed_array, feed_tensor
from graphlab_nb.session.hooks import WATCHERS
from graphlab_nb.session.planned import Plan
from graphlab_nb.session.profile import ACTIVE
from graphlab_nb.session.resources import Resources
from graphlab_nb.session.trace import add_times

SESSIONS: weakref.WeakValueDictionary[int, BaseSession] = weakref.WeakValueDictionary()
"""All sessions that are in use, closed ones as well, by the number in which they were made."""
_numbers = itertools.count(1)

KEPT_PLANS = 32
"""Plans that are kept for the different sizes and values that a stage's data may say."""


MOST_PLANS = 256
"""Plans that a session keeps: with ever new shapes, the oldest is given up, and its memory with it."""
MOST_STAGED = 1 << 30
"""Bytes of memory for feeds that plans may keep together, and one alone exceed."""


class BaseSession:
    """Runs the operations of a graph on the devices of this machine, and keeps the values of its variables.

    Attributes:
      number: in the order in which sessions were made, from 1 on.
      beside: what the next run computes beside its work, see `Beside`; usually None.
      runs: how many runs went through.
      opened: where the user's program made it, in words.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: ConfigProto | None = None):
        check_arguments(target, graph, config)
        self.opened = line_name(user_line())
        self._target = target
        self._graph = graph if graph is not None else get_default_graph()
        self._config = config if config is not None else ConfigProto()
        self._devices = logical_devices(self._config.device_count)
        self._resources = Resources(self._devices)
        self._lock = threading.RLock()
        self._closed = False
        self.beside: Beside | None = None
        self.number = next(_numbers)
        self.runs = 0
        SESSIONS[self.number] = self
        self._fetches: dict[Any, Fetches] = {}
        self._numbers: dict[Any, int] = {}
        self._next_number = itertools.count()
        self._plans: dict[Any, Plan] = {}
        self._logged: set[Operation] = set()

    @property
    def graph(self) -> Graph:
        """The graph that the session runs."""
        return self._graph

    @property
    def graph_def(self) -> Graph:
        """The graph that the session runs."""
        return self._graph

    @property
    def sess_str(self) -> str:
        """The target."""
        return self._target

    def list_devices(self) -> DeviceList:
        """The devices that the session computes on.

        Returns:
          A list of `DeviceAttributes`, one for each device, the default one first.

        Example:
          >>> tf.Session(config=tf.ConfigProto(device_count={"CPU": 1, "GPU": 0})).list_devices()[0].device_type
          'CPU'
        """
        return DeviceList.of(self._devices)

    def close(self) -> None:
        """Waits for what is running and lets the session's memory go; running it again is an error.

        Example:
          >>> sess = tf.Session()
          >>> sess.close()
        """
        with self._lock:
            if not self._closed:
                self._closed = True
                self._resources.close()
                self._plans.clear()
                free_ended()

    def _forget(self, gone: Collection[Operation]) -> None:
        """Lets go what is kept of operations that were taken out of the graph: plans, and values of variables among them."""
        with self._lock:
            if not self._closed:
                self._resources.forget(gone)
                self._logged.difference_update(gone)
                self.beside = None
                for kept in (self._fetches, self._numbers, self._plans):
                    kept.clear()
                free_ended()

    # Running

    def run(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        options: RunOptions | None = None,
        run_metadata: RunMetadata | None = None,
    ) -> Any:
        """Runs what `fetches` need, once each, and returns their values.

        Args:
          fetches: a tensor, operation, variable, name, or any nest of them in lists, tuples, namedtuples and dicts.
          feed_dict: values that replace tensors in this run.
          options: `RunOptions`; `trace_level=FULL_TRACE` measures each kernel.
          run_metadata: filled with what was measured.

        Returns:
          The nest, with a NumPy array for each tensor and None for each operation.

        Raises:
          RuntimeError: when the session is closed.
          TypeError, ValueError: fetches or feeds that do not fit the graph; options that are none.
          OpError: what goes wrong while it runs, naming the operation and the line that made it.

        Example:
          >>> x = tf.constant([1, 2, 3])
          >>> tf.Session().run([x, x * 2])
          [array([1, 2, 3], dtype=int32), array([2, 4, 6], dtype=int32)]
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        plan_fetches = self._fetches_of(fetches)
        traced = (options is not None or run_metadata is not None) and wants_trace(options, run_metadata)
        feeds: dict[Tensor, np.ndarray] = {}
        if feed_dict:
            if not isinstance(feed_dict, Mapping):
                raise TypeError(f"feed_dict must be a dict from tensors or their names to values, not {feed_dict!r}")
            for key, value in feed_dict.items():
                known = type(key) is Tensor and key.op.graph is self._graph
                tensor = key if known else feed_tensor(self._graph, key, self.opened)
                feeds[tensor] = feed_array(tensor, value)
        if WATCHERS:
            for watcher in WATCHERS:
                watcher.before(self, plan_fetches, feeds)
        with self._lock:
            if self._closed:
                raise RuntimeError("Attempted to use a closed Session.")
            try:
                values = self._execute(plan_fetches, feeds, run_metadata if traced else None)
            except Exception:
                for watcher in WATCHERS:
                    watcher.failed(self, plan_fetches)
                raise
            self.runs += 1
        if WATCHERS:
            for watcher in WATCHERS:
                if watcher.wants_results:
                    watcher.after(self, plan_fetches, values)
        return plan_fetches.results(values)

    def make_callable(self, fetches: Any, feed_list: Any = None, accept_options: bool = False) -> Any:
        """A function that runs `fetches` and takes the values of `feed_list`'s tensors as positional arguments.

        Args:
          fetches: as those of `run`.
          feed_list: tensors, or their names, to feed.
          accept_options: whether the function takes `options` and `run_metadata` as well.

        Example:
          >>> x = tf.placeholder(tf.float32)
          >>> double = tf.Session().make_callable(x * 2, [x])
          >>> double([1.0, 2.0])
          array([2., 4.], dtype=float32)
        """
        keys = [feed_tensor(self._graph, key, self.opened) for key in feed_list or ()]
        self._fetches_of(fetches)

        def call(*values: Any, **kwargs: Any) -> Any:
            if len(values) != len(keys):
                raise TypeError(f"Expected {len(keys)} values to feed ({[k.name for k in keys]}), got {len(values)}")
            if kwargs and not accept_options:
                raise TypeError(f"Unexpected arguments {sorted(kwargs)}; make the callable with accept_options=True")
            return self.run(fetches, dict(zip(keys, values, strict=True)), **kwargs)

        return call

    def _fetches_of(self, fetches: Any) -> Fetches:
        try:
            key = tuple(fetches) if type(fetches) is list else fetches
            key = (type(fetches), key)
            found = self._fetches.get(key)
        except TypeError:
            return self._numbered(Fetches(self._graph, fetches, self.opened))
        if found is None:
            found = self._fetches[key] = self._numbered(Fetches(self._graph, fetches, self.opened))
        return found

    def _numbered(self, fetches: Fetches) -> Fetches:
        key = tuple(fetches.operations), tuple(fetches.tensors)
        if key not in self._numbers:
            self._numbers[key] = next(self._next_number)
        fetches.number = self._numbers[key]
        return fetches

    def _signature(self, fetches: Fetches, feeds: dict[Tensor, np.ndarray]) -> Any:
        shapes = frozenset([(t, v.shape) for t, v in feeds.items()])
        return fetches.number, shapes, self._resources.shapes_version

    def _execute(self, fetches: Fetches, feeds: dict[Tensor, np.ndarray], metadata: RunMetadata | None) -> list[Any]:
        signature = self._signature(fetches, feeds)
        plan = self._plans.get(signature)
        if plan is None:
            ops = needed_operations(fetches.targets(feeds), feeds)
            specs = {t: Spec(t.dtype.base_dtype, v.shape) for t, v in feeds.items()}
            with uncollected():
                plan = self._make_plan(ops, fetches, specs, {}, {})
            staged = plan.bound.staged + sum(p.bound.staged for p in self._plans.values())
            while self._plans and (len(self._plans) >= MOST_PLANS or staged > MOST_STAGED):
                staged -= self._plans.pop(next(iter(self._plans))).bound.staged
            self._plans[(*signature[:2], self._resources.shapes_version)] = plan
        values: dict[Tensor, Any] = {t: _result(np.array(feeds[t])) for t in fetches.tensors if t in feeds}
        beside, self.beside = self.beside, None
        if beside is not None and (chosen := self._plans.get((*signature, beside.tensors))) is not None:
            with beside.computed(chosen.bound):
                self._run_stage(chosen, feeds, values, metadata)
        else:
            self._run_stage(plan, feeds, values, metadata)
        while plan.bound.stage.remaining:
            plan, feeds = self._next_plan(plan, fetches, feeds, values)
            self._run_stage(plan, feeds, values, metadata)
        self._late_results(plan.bound, fetches, values)
        return [values[t] for t in fetches.tensors]

    def _run_stage(
        self,
        plan: Plan,
        feeds: dict[Tensor, np.ndarray],
        values: dict[Tensor, Any],
        metadata: RunMetadata | None,
    ) -> None:
        bound, stage = plan.bound, plan.bound.stage
        variables = self._resources.variables
        if not plan.checked:
            for op in stage.read_first:
                if op not in variables or not variables[op].initialized:
                    raise uninitialized(op)
            plan.checked = True
        if metadata is None and not ACTIVE:
            bound.run(feeds)
        else:
            times = bound.run_traced(feeds)
            if metadata is not None:
                add_times(metadata, bound, times)
            for profile in ACTIVE:
                profile.add(self._devices, times)
        for op in stage.assigned:
            variables[op].initialized = True
        for tensor, literal in stage.direct.items():
            values.setdefault(tensor, _result(np.array(literal)))
        for tensor, (source, dims) in stage.echoes.items():
            values.setdefault(tensor, _result(np.array(feeds[source]).reshape(dims)))
        for tensor, held in stage.held.items():
            values.setdefault(tensor, _result(bound.held(held)))
        for tensor, array in stage.fetched.items():
            if tensor not in values:
                values[tensor] = _result(bound.read(array))

    def _make_plan(
        self,
        ops: list[Operation],
        fetches: Fetches,
        feeds: dict[Tensor, Spec],
        known: dict[Tensor, tuple[Spec, int | None]],
        exported: dict[Tensor, tuple[Array, Any]],
        beside: Sequence[Tensor] = (),
    ) -> Plan:
        request = Request(
            ops=ops,
            targets=fetches.targets(feeds),
            fetches=fetches.tensors,
            feeds=feeds,
            devices=self._resources.plan_devices,
            soft_placement=bool(self._config.allow_soft_placement),
            known=known,
            variable_dims=self._resources.variable_dims(),
            beside=beside,
        )
        stage = compile_stage(request)
        for op, storage in stage.variables.items():
            self._resources.variable(op, storage, stage.variable_dims[op])
        if self._config.log_device_placement:
            self._log_placement(stage)
        return Plan(BoundStage(stage, self._resources, exported), ops, known, exported, feeds)

    def _log_placement(self, stage: Stage) -> None:
        for op, device in stage.placed.items():
            if op not in self._logged:
                self._logged.add(op)
                print(f"{op.name}: ({op.type}): {self._devices[device].full_name}", file=sys.stderr)

    def _late_results(self, bound: BoundStage, fetches: Fetches, values: dict[Tensor, Any]) -> None:
        """Fetches whose shape only the run told."""
        for tensor in fetches.tensors:
            if tensor not in values:
                if tensor in bound.produced:
                    values[tensor] = _result(bound.produced[tensor])
                elif tensor in bound.stage.sizes:
                    sizes, entry = bound.stage.sizes[tensor]
                    length = int(bound.read(sizes)[entry])
                    values[tensor] = bound.read(bound.stage.exports[tensor], length)

    def _next_plan(
        self, plan: Plan, fetches: Fetches, feeds: dict[Tensor, np.ndarray], values: dict[Tensor, Any]
    ) -> tuple[Plan, dict[Tensor, np.ndarray]]:
        """The plan for what waits for data, now that a stage has made them, and what it is fed."""
        bound, stage = plan.bound, plan.bound.stage
        self._late_results(bound, fetches, values)
        table = {arrays[0].storage: bound.read(arrays[0]) for arrays in stage.sizes.values()}
        lengths = {t: int(table[sizes.storage][entry]) for t, (sizes, entry) in stage.sizes.items()}
        # What the host made, and what shapes alone determine, is fed to the next stage.
        feeds = {**feeds, **{t: v for t, v in stage.direct.items() if t in stage.later}, **bound.produced}
        feeds |= {t: bound.held(held) for t, held in stage.held.items() if t in stage.later}
        read = {t: feeds[t] if t in feeds else bound.read(stage.exports[t], lengths.get(t)) for t in stage.reads}
        key = (
            tuple(lengths.values()),
            tuple([(t, v.shape, v.tobytes()) for t, v in read.items()]),
            tuple([(t, v.shape) for t, v in bound.produced.items()]),
        )
        found = plan.next.pop(key, None)
        if found is None:
            found = self._plan_after(plan, fetches, feeds, lengths, read)
        plan.next[key] = found
        if len(plan.next) > KEPT_PLANS:
            del plan.next[next(iter(plan.next))]
        return found, feeds

    def _plan_after(
        self,
        plan: Plan,
        fetches: Fetches,
        feeds: dict[Tensor, np.ndarray],
        lengths: dict[Tensor, int],
        read: dict[Tensor, np.ndarray],
    ) -> Plan:
        """Makes the plan of what remains.

        Args:
          plan: the stage before.
          fetches: what the run is for.
          feeds: fed tensors and what else is fed to the next stage.
          lengths: first dimensions that the stage before told.
          read: values that the next stage must know.
        """
        stage = plan.bound.stage
        specs, known, exported = plan.told(feeds, lengths, read)
        standing = [op for op in plan.ops if isinstance(op.definition, (Const, Variable))]
        ops = sorted({*standing, *stage.remaining}, key=lambda op: op.index)
        found = self._make_plan(ops, fetches, specs, known, exported)
        if len(found.bound.stage.remaining) == len(stage.remaining) and not found.bound.stage.reads:
            stuck = stage.remaining[0]
            raise errors.InternalError(None, stuck, f"Operation {stuck.name!r} cannot be run: its inputs stay unknown")
        return found


def _result(array: np.ndarray) -> Any:
    """A fetched value as users get it: an array, or for a scalar the NumPy scalar."""
    return array[()] if array.ndim == 0 else array


class Session(BaseSession):
    """Runs operations of a graph.

    Args:
      target: empty for this machine's devices.
      graph: the graph to run; the default graph where it is None.
      config: a `ConfigProto`.

    Example:
      >>> x = tf.placeholder(tf.float32)
      >>> with tf.Session() as sess:
      ...     print(sess.run(x * 2, {x: [1.0, 2.0]}))
      [2. 4.]
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: ConfigProto | None = None):
        super().__init__(target, graph, config)
        self._contexts: list[Any] = []

    def as_default(self) -> Any:
        """A context manager that makes this the default session inside, without closing it at the end.

        Example:
          >>> sess = tf.Session()
          >>> with sess.as_default():
          ...     print(tf.constant(2).eval())
          2
          >>> sess.run(tf.constant(3))  # still open
          np.int32(3)
        """
        return DEFAULTS.session(self)

    def __enter__(self) -> Session:
        graph_context = self._graph.as_default()
        session_context = DEFAULTS.session(self)
        graph_context.__enter__()
        session_context.__enter__()
        self._contexts.append((graph_context, session_context))
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        graph_context, session_context = self._contexts.pop()
        session_context.__exit__(kind, value, trace)
        graph_context.__exit__(kind, value, trace)
        self.close()
