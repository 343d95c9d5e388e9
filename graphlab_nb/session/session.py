"""`Session`, and what it has in common with `InteractiveSession`."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.graph.graph import DEFAULTS, Graph, Operation
from graphlab_nb.graph.operation import user_line
from graphlab_nb.graph.places import line_name
from graphlab_nb.graph.scopes import get_default_graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.runtime.device import logical_devices
from graphlab_nb.runtime.held import free_ended
from graphlab_nb.session.config import ConfigProto, RunMetadata, RunOptions, check_arguments, wants_trace
from graphlab_nb.session.device_attributes import DeviceList
from graphlab_nb.session.fetches import Fetches, feed_array, feed_tensor
from graphlab_nb.session.hooks import QUIET, WATCHERS, hurry
from graphlab_nb.session.local import LocalRuns
from graphlab_nb.session.remote import Remote, open_remote, reset
from graphlab_nb.session.resources import Resources

SESSIONS: weakref.WeakValueDictionary[int, BaseSession] = weakref.WeakValueDictionary()
"""All sessions that are in use, closed ones as well, by the number in which they were made."""
_numbers = itertools.count(1)


class BaseSession(LocalRuns):
    """Runs the operations of a graph on the devices of this machine or of a cluster.

    Variables' values are kept by the session, on a cluster by the cluster.

    Attributes:
      number: in the order in which sessions were made, from 1 on.
      runs: how many runs went through.
      opened: where the user's program made it, in words.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: ConfigProto | None = None):
        check_arguments(target, graph, config)
        self.opened = line_name(user_line())
        self._target = target
        self._graph = graph if graph is not None else get_default_graph()
        self._config = config if config is not None else ConfigProto()
        self._remote: Remote | None = open_remote(target, self._graph, self._config) if target else None
        self._devices = [] if target else logical_devices(self._config.device_count)
        self._resources = self._new_resources()
        self._lock = threading.RLock()
        self._closed = False
        self.number = next(_numbers)
        self.runs = 0
        SESSIONS[self.number] = self
        self._fetches: dict[Any, Fetches] = {}
        self._numbers: dict[Any, int] = {}
        self._next_number = itertools.count()
        self._begin_local()

    def _new_resources(self) -> Resources:
        return Resources(self._devices)

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
          A list of `DeviceAttributes`, one for each device, the default one first; on a cluster those of every task.

        Example:
          >>> tf.Session(config=tf.ConfigProto(device_count={"CPU": 1, "GPU": 0})).list_devices()[0].device_type
          'CPU'
        """
        return DeviceList.of(self._devices) if self._remote is None else self._remote.devices()

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
                if self._remote is not None:
                    self._remote.close()
                free_ended()

    def _forget(self, gone: Collection[Operation]) -> None:
        """Lets go what is kept of operations that were taken out of the graph: plans, and values of variables among them."""
        with self._lock:
            if not self._closed:
                self._resources.forget(gone)
                if self._remote is not None:
                    self._remote.forget()
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
        feeds = self._feeds_of(feed_dict) if feed_dict else {}
        told = QUIET.asks(plan_fetches) if WATCHERS else False
        if told:
            for watcher in WATCHERS:
                watcher.before(self, plan_fetches, feeds)
            QUIET.begins(plan_fetches)
        metadata = run_metadata if traced else None
        with self._lock if self._remote is None else nullcontext():
            if self._closed:
                raise RuntimeError("Attempted to use a closed Session.")
            try:
                if self._remote is None:
                    values = self._execute(plan_fetches, feeds, metadata)
                else:
                    (values,) = self._remote.run(plan_fetches, [feeds], options, metadata)
            except Exception:
                if told:
                    for watcher in WATCHERS:
                        watcher.failed(self, plan_fetches)
                raise
            self.runs += 1
        if told and QUIET.results:
            for watcher in WATCHERS:
                if watcher.wants_results:
                    watcher.after(self, plan_fetches, values)
        return plan_fetches.results(values)

    def _feeds_of(self, feed_dict: Any) -> dict[Tensor, np.ndarray]:
        if not isinstance(feed_dict, Mapping):
            raise TypeError(f"feed_dict must be a dict from tensors or their names to values, not {feed_dict!r}")
        feeds: dict[Tensor, np.ndarray] = {}
        for key, value in feed_dict.items():
            known = type(key) is Tensor and key.op.graph is self._graph
            tensor = key if known else feed_tensor(self._graph, key, self.opened)
            feeds[tensor] = feed_array(tensor, value)
        return feeds

    def run_many(self, fetches: Any, feed_dicts: Sequence[Mapping[Any, Any] | None] | int) -> list[Any]:
        """Runs `fetches` several times, one run after the other, and returns what each gave.

        On a cluster all runs are one request, so that short steps do not wait for the network each.

        Args:
          fetches: as those of `run`.
          feed_dicts: what each run is fed; or a number of runs that are fed nothing.

        Raises:
          ValueError: for a number of runs below 0.
          TypeError: for what is neither a number of runs nor a list.
          What `run` raises; runs before the one that fails have been made. On a cluster all feeds are checked before the first.

        Example:
          >>> x = tf.placeholder(tf.float32)
          >>> tf.Session().run_many(x * 2, [{x: 1.0}, {x: 2.0}])
          [np.float32(2.0), np.float32(4.0)]
        """
        wanted: Sequence[Mapping[Any, Any] | None]
        if isinstance(feed_dicts, int) and not isinstance(feed_dicts, bool):
            if feed_dicts < 0:
                raise ValueError(f"feed_dicts must be 0 or more runs, not {feed_dicts}")
            wanted = [None] * feed_dicts
        elif isinstance(feed_dicts, Iterable) and not isinstance(feed_dicts, (str, bytes, Mapping)):
            wanted = list(feed_dicts)
        else:
            raise TypeError(
                f"feed_dicts must be a number of runs, or a list of what each is fed, not {feed_dicts!r:.60}"
            )
        if self._remote is None or not wanted:
            return [self.run(fetches, feed_dict) for feed_dict in wanted]
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        plan_fetches = self._fetches_of(fetches)
        feeds = [self._feeds_of(feed_dict) if feed_dict else {} for feed_dict in wanted]
        for watcher in WATCHERS:
            watcher.before(self, plan_fetches, feeds[0], len(feeds))
        if WATCHERS:
            hurry()  # they count what follows untold as more of these
        try:
            runs = self._remote.run(plan_fetches, feeds, None, None)
        except Exception:
            for watcher in WATCHERS:
                watcher.failed(self, plan_fetches)
            raise
        self.runs += len(runs)
        for watcher in WATCHERS:
            if watcher.wants_results:
                for values in runs:
                    watcher.after(self, plan_fetches, values)
        return [plan_fetches.results(values) for values in runs]

    @staticmethod
    def reset(target: str, containers: Sequence[str] | None = None, config: ConfigProto | None = None) -> None:
        """Clears the variables that a cluster keeps; sessions that were open there end with an error when they run again.

        Args:
          target: the cluster's, such as "grpc://host:port".
          containers: names of containers to clear (see `tf.container`); all variables where it is None or empty.
          config: accepted for TensorFlow's signature.

        Raises:
          InvalidArgumentError: for a target that is not understood, or none: what a local session keeps ends with it.
          UnavailableError, UnauthenticatedError: where it cannot be reached.

        Example:
          >>> try:
          ...     tf.Session.reset("")
          ... except tf.errors.InvalidArgumentError as error:
          ...     print(error.message.partition(";")[0])
          Session.reset needs the target of a cluster
        """
        check_arguments(target, None, config)
        if not target:
            raise errors.InvalidArgumentError(
                None, None, "Session.reset needs the target of a cluster; a local session's variables end with it"
            )
        reset(target, containers)

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


class Session(BaseSession):
    """Runs operations of a graph.

    Args:
      target: empty for this machine's devices, or a cluster's, such as "grpc://host:port".
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
