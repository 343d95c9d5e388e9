"""`FileWriter`: writes summaries and graphs into an event file, which TensorBoard shows."""

from __future__ import annotations

import os
import socket
import threading
import time
import warnings
import weakref
from collections.abc import Callable
from typing import IO, Any, Self

from graphlab_nb import errors
from graphlab_nb.graph.graph import Graph
from graphlab_nb.messages import (
    DeviceStepStats,
    Event,
    GraphDef,
    NodeExecStats,
    RunMetadata,
    SessionLog,
    Summary,
    TaggedRunMetadata,
)
from graphlab_nb.platform import gfile
from graphlab_nb.summary.graphs import graph_def as message_of
from graphlab_nb.summary.records import framed
from graphlab_nb.wire import DecodeError

FILE_VERSION = "brain.Event:2"
"""What the first event of a file says: how the others are to be read."""

OPEN: weakref.WeakSet[FileWriter] = weakref.WeakSet()
"""The writers that are not closed."""
LISTENERS: list[Callable[[FileWriter, bytes, Summary, int | None], None]] = []
"""Are told of each summary that is added, its bytes and its message, and the step that was given with it."""


class EventFile:
    """An event file: events are kept, and written together.

    Nothing runs beside the program: an event that finds `max_queue` waiting has all of them written, and a timer writes those
    that waited for `flush_secs`.

    Args:
      logdir: the folder, which is made where there is none.
      max_queue: events that may wait.
      flush_secs: seconds that an event may wait.
      suffix: what the file's name ends with.
    """

    def __init__(self, logdir: str, max_queue: int, flush_secs: float, suffix: str):
        gfile.MakeDirs(logdir)
        self._file = _created(logdir, suffix)
        self.path = self._file.name
        self._max_queue, self._seconds = max(max_queue, 0), flush_secs
        self._waiting: list[bytes] = []
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()
        self.add(Event(wall_time=time.time(), file_version=FILE_VERSION))
        self.flush()

    def add(self, event: Event) -> None:
        """Adds an event.

        Raises:
          OpError: where it cannot be written.
        """
        data = framed(event.SerializeToString())
        with self._lock:
            self._waiting.append(data)
            if len(self._waiting) > self._max_queue:
                self.flush()
            elif self._timer is None:
                self._timer = _timer(weakref.WeakMethod(self.flush), self._seconds)

    def flush(self) -> None:
        """Writes what waits."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if not self._waiting:
                return
            data, self._waiting = b"".join(self._waiting), []
            try:
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise errors.UnknownError(None, None, f"{self.path}; {error.strerror}") from error

    def close(self) -> None:
        """Writes what waits, and closes the file."""
        with self._lock:
            try:
                self.flush()
            finally:
                self._file.close()


def _created(logdir: str, suffix: str) -> IO[bytes]:
    """A new file, named by the time and the machine; of several within a second, the later ones by a later time."""
    second = int(time.time())
    while True:
        path = os.path.join(logdir, f"events.out.tfevents.{second:010d}.{socket.gethostname()}{suffix}")
        try:
            return open(path, "xb")
        except FileExistsError:
            second += 1
        except OSError as error:
            kind = errors.PermissionDeniedError if isinstance(error, PermissionError) else errors.UnknownError
            raise kind(None, None, f"{path}; {error.strerror}") from error


def _timer(flush: weakref.WeakMethod[Callable[[], None]], seconds: float) -> threading.Timer:
    def write() -> None:
        found = flush()
        if found is not None:
            found()

    timer = threading.Timer(min(max(seconds, 0.0), threading.TIMEOUT_MAX), write)
    timer.daemon = True
    timer.start()
    return timer


class FileWriter:
    """Writes summaries, graphs and other events into a new event file `events.out.tfevents.<time>.<machine>`.

    What waits to be written is written at the program's end, too, and when nothing refers to the writer any more.

    Args:
      logdir: the folder, which is made where there is none.
      graph: a graph to begin with, such as `sess.graph`.
      max_queue: events that may wait to be written.
      flush_secs: seconds that an event may wait.
      graph_def: the older name of `graph`.
      filename_suffix: what the file's name ends with.

    Raises:
      OpError: where the folder or the file cannot be made, by its name.
      TypeError: for a graph that is none.

    Example:
      >>> import graphlab_nb as tf, tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.summary.FileWriter(folder) as writer:
      ...         writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=0.5)]), global_step=3)
      ...     print([event.step for event in tf.train.summary_iterator(writer.path) if event.HasField("summary")])
      [3]
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        graph: Any = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
    ):
        self._logdir = os.fspath(logdir)
        self._options = (int(max_queue), float(flush_secs), filename_suffix or "")
        self._closed = True
        first = graph if graph is not None else graph_def
        data = None if first is None else _graph_bytes(first)
        self.reopen()
        if data is not None:
            self.add_event(Event(wall_time=time.time(), graph_def=data))

    def reopen(self) -> None:
        """Begins a new file after `close`; nothing where the writer is open.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     writer = tf.summary.FileWriter(folder)
          ...     writer.close()
          ...     writer.reopen()
          ...     writer.close()
          ...     print(len(tf.gfile.ListDirectory(folder)))
          2
        """
        if not self._closed:
            return
        self._events = EventFile(self._logdir, *self._options)
        self._end = weakref.finalize(self, EventFile.close, self._events)
        self._closed = False
        OPEN.add(self)

    @property
    def path(self) -> str:
        """The file that it writes, or wrote last."""
        return self._events.path

    def get_logdir(self) -> str:
        """The folder.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.summary.FileWriter(folder) as writer:
          ...         print(writer.get_logdir() == folder)
          True
        """
        return self._logdir

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Adds a summary.

        Args:
          summary: what a run made of a summary operation, or a `Summary`.
          global_step: the step that it is of, a number.

        Raises:
          TypeError: for something else, such as a tensor that was not run.
          ValueError: for bytes that are no summary.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.summary.FileWriter(folder) as writer:
          ...         writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=0.5)]), 3)
          ...     print([event.step for event in tf.train.summary_iterator(writer.path)][1:])
          [3]
        """
        if isinstance(summary, Summary):
            message, data = summary, summary.SerializeToString()
        elif isinstance(summary, bytes):
            try:
                message, data = Summary.FromString(summary), summary
            except DecodeError as error:
                raise ValueError(f"add_summary takes a summary's bytes: {error}") from None
        else:
            raise TypeError(f"add_summary takes what a run made of a summary, or a tf.Summary, not {summary!r:.80}")
        step = None if global_step is None else _step(global_step)
        if self._add(Event(wall_time=time.time(), summary=message), step):
            for listener in LISTENERS:
                listener(self, data, message, step)

    def add_graph(self, graph: Any = None, global_step: Any = None, graph_def: Any = None) -> None:
        """Adds a graph.

        Args:
          graph: a `Graph`, or its message or bytes.
          global_step: the step that it is of, a number.
          graph_def: the older name of `graph`.

        Raises:
          TypeError: for something else.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.summary.FileWriter(folder) as writer:
          ...         writer.add_graph(tf.get_default_graph())
          ...     print([event.HasField("graph_def") for event in tf.train.summary_iterator(writer.path)])
          [False, True]
        """
        data = _graph_bytes(graph if graph is not None else graph_def)
        self._add(Event(wall_time=time.time(), graph_def=data), global_step)

    def add_session_log(self, session_log: SessionLog, global_step: Any = None) -> None:
        """Adds that a session started, stopped or saved a checkpoint.

        Args:
          session_log: which of them, and of a checkpoint where it is.
          global_step: the step that it is of, a number.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.summary.FileWriter(folder) as writer:
          ...         writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 1)
          ...     print([event.step for event in tf.train.summary_iterator(writer.path)][1:])
          [1]
        """
        self._add(Event(wall_time=time.time(), session_log=session_log), global_step)

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Adds what a traced run told of its kernels' times.

        Args:
          run_metadata: a `RunMetadata` that a run filled.
          tag: a name that is new in the file.
          global_step: the step that it is of, a number.

        Example:
          >>> import tempfile
          >>> options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
          >>> _ = tf.Session().run(tf.square([1.0, 2.0]), options=options, run_metadata=metadata)
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.summary.FileWriter(folder) as writer:
          ...         writer.add_run_metadata(metadata, "first", 1)
          ...     print([event.step for event in tf.train.summary_iterator(writer.path)][1:])
          [1]
        """
        found = RunMetadata()
        for device in run_metadata.step_stats.dev_stats:
            found.step_stats.dev_stats.append(_device_stats(device))
        tagged = TaggedRunMetadata(tag=tag, run_metadata=found.SerializeToString())
        self._add(Event(wall_time=time.time(), tagged_run_metadata=tagged), global_step)

    def add_event(self, event: Event) -> None:
        """Adds an event as it is.

        Args:
          event: a `tf.Event`.

        Raises:
          TypeError: for something else.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.summary.FileWriter(folder) as writer:
          ...         writer.add_event(tf.Event(step=7, wall_time=0.5))
          ...     print([event.step for event in tf.train.summary_iterator(writer.path)][1:])
          [7]
        """
        if not isinstance(event, Event):
            raise TypeError(f"add_event takes a tf.Event, not {event!r:.80}")
        self._add(event, None)

    def _add(self, event: Event, step: Any) -> bool:
        if self._closed:
            warnings.warn(
                f"The FileWriter of {self._logdir} is closed: nothing is written until it is reopened", stacklevel=3
            )
            return False
        if step is not None:
            event.step = _step(step)
        self._events.add(event)
        return True

    def flush(self) -> None:
        """Writes what waits to be written.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.summary.FileWriter(folder) as writer:
          ...         writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=0.5)]), 3)
          ...         writer.flush()
          ...         print(len(list(tf.train.summary_iterator(writer.path))))
          2
        """
        if not self._closed:
            self._events.flush()

    def close(self) -> None:
        """Writes what waits, and closes the file.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     writer = tf.summary.FileWriter(folder)
          ...     writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=0.5)]), 3)
          ...     writer.close()
          ...     print([event.step for event in tf.train.summary_iterator(writer.path)][1:])
          [3]
        """
        if not self._closed:
            self._closed = True
            OPEN.discard(self)
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _step(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise TypeError(f"global_step must be a number, not {value!r:.80}") from None


def _graph_bytes(graph: Any) -> bytes:
    if isinstance(graph, Graph):
        graph = message_of(graph)
    if isinstance(graph, GraphDef):
        return graph.SerializeToString()
    if isinstance(graph, bytes):
        return graph
    raise TypeError(f"A FileWriter takes a tf.Graph, not {graph!r:.80}")


def _device_stats(device: Any) -> DeviceStepStats:
    made = DeviceStepStats(device=device.device)
    for node in device.node_stats:
        names = [name for name in NodeExecStats.fields if hasattr(node, name)]
        made.node_stats.add(**{name: getattr(node, name) for name in names})
    return made
