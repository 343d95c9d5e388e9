"""The messages of event files: summaries, events and graphs, with the names and numbers of TensorFlow's."""

from __future__ import annotations

from typing import ClassVar

from graphlab_nb.wire import Field, Message


class HistogramProto(Message):
    """How numbers lie: count `bucket[i]` is of those below `bucket_limit[i]` and not below the limit before it.

    Attributes:
      min: the smallest number.
      max: the largest.
      num: how many there are.
      sum: their sum.
      sum_squares: the sum of their squares.
      bucket_limit: the buckets' upper ends, rising.
      bucket: the count of each.

    Example:
      >>> import graphlab_nb as tf
      >>> text = tf.Session().run(tf.histogram_summary("weights", [1.0, 2.0, 2.0]))
      >>> histogram = tf.Summary.FromString(text).value[0].histo
      >>> histogram.min, histogram.max, histogram.num, histogram.sum
      (1.0, 2.0, 3.0, 5.0)
    """

    fields: ClassVar[dict[str, Field]] = {
        "min": Field(1, "double"),
        "max": Field(2, "double"),
        "num": Field(3, "double"),
        "sum": Field(4, "double"),
        "sum_squares": Field(5, "double"),
        "bucket_limit": Field(6, "double", True),
        "bucket": Field(7, "double", True),
    }


class _Image(Message):
    """A picture: `encoded_image_string` is a PNG file; `colorspace` is 1 for grey, 3 for RGB, 4 for RGBA.

    Example:
      >>> picture = tf.Summary.Image(height=28, width=28, colorspace=1)
      >>> picture.height
      28
    """

    fields: ClassVar[dict[str, Field]] = {
        "height": Field(1, "int"),
        "width": Field(2, "int"),
        "colorspace": Field(3, "int"),
        "encoded_image_string": Field(4, "bytes"),
    }


class _Value(Message):
    """One thing that a summary tells: its tag, and a number, picture or histogram.

    Example:
      >>> tf.Summary.Value(tag="loss", simple_value=0.5)
      tag: "loss"
      simple_value: 0.5
    """

    fields: ClassVar[dict[str, Field]] = {
        "tag": Field(1, "string"),
        "simple_value": Field(2, "float"),
        "image": Field(4, _Image),
        "histo": Field(5, HistogramProto),
        "node_name": Field(7, "string"),
    }
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"value": ("simple_value", "image", "histo")}


class Summary(Message):
    """What an operation tells of a run: a list of values.

    Example:
      >>> import graphlab_nb as tf
      >>> summary = tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=0.5)])
      >>> tf.Summary.FromString(summary.SerializeToString()).value[0].simple_value
      0.5
    """

    Image = _Image
    Value = _Value
    fields: ClassVar[dict[str, Field]] = {"value": Field(1, _Value, True)}


class SessionLog(Message):
    """That a session started, stopped or saved a checkpoint, which TensorBoard takes as a mark between runs.

    Attributes:
      status: START, STOP or CHECKPOINT.
      checkpoint_path: the checkpoint's file.
      msg: a text.

    Example:
      >>> import graphlab_nb as tf
      >>> log = tf.SessionLog(status=tf.SessionLog.STOP, msg="done")
      >>> tf.SessionLog.FromString(log.SerializeToString()).msg
      'done'
    """

    STATUS_UNSPECIFIED, START, STOP, CHECKPOINT = range(4)
    fields: ClassVar[dict[str, Field]] = {
        "status": Field(1, "int"),
        "checkpoint_path": Field(2, "string"),
        "msg": Field(3, "string"),
    }


class NodeExecStats(Message):
    """When a kernel ran: a beginning, and what is counted from there."""

    fields: ClassVar[dict[str, Field]] = {
        "node_name": Field(1, "string"),
        "all_start_micros": Field(2, "int"),
        "op_start_rel_micros": Field(3, "int"),
        "op_end_rel_micros": Field(4, "int"),
        "all_end_rel_micros": Field(5, "int"),
        "timeline_label": Field(8, "string"),
    }


class DeviceStepStats(Message):
    """What ran on a device."""

    fields: ClassVar[dict[str, Field]] = {"device": Field(1, "string"), "node_stats": Field(2, NodeExecStats, True)}


class StepStats(Message):
    """What ran in a step."""

    fields: ClassVar[dict[str, Field]] = {"dev_stats": Field(1, DeviceStepStats, True)}


class RunMetadata(Message):
    """What a traced run tells."""

    fields: ClassVar[dict[str, Field]] = {"step_stats": Field(1, StepStats)}


class TaggedRunMetadata(Message):
    """A traced run's metadata as bytes, by the tag under which TensorBoard lists it."""

    fields: ClassVar[dict[str, Field]] = {"tag": Field(1, "string"), "run_metadata": Field(2, "bytes")}


class Event(Message):
    """One record of an event file: when, at which step, and what.

    Attributes:
      wall_time: seconds since 1970.
      step: the number of the step.
      file_version, graph_def, summary, session_log, tagged_run_metadata, meta_graph_def: one of them, what it tells.

    Example:
      >>> import graphlab_nb as tf
      >>> event = tf.Event(step=3, summary=tf.Summary())
      >>> tf.Event.FromString(event.SerializeToString()).step, event.WhichOneof("what")
      (3, 'summary')
    """

    fields: ClassVar[dict[str, Field]] = {
        "wall_time": Field(1, "double"),
        "step": Field(2, "int"),
        "file_version": Field(3, "string"),
        "graph_def": Field(4, "bytes"),
        "summary": Field(5, Summary),
        "session_log": Field(7, SessionLog),
        "tagged_run_metadata": Field(8, TaggedRunMetadata),
        "meta_graph_def": Field(9, "bytes"),
    }
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "what": ("file_version", "graph_def", "summary", "session_log", "tagged_run_metadata", "meta_graph_def")
    }


class _Dim(Message):
    """A dimension; -1 where its size is not known."""

    fields: ClassVar[dict[str, Field]] = {"size": Field(1, "int"), "name": Field(2, "string")}


class TensorShapeProto(Message):
    """What is known of a shape."""

    Dim = _Dim
    fields: ClassVar[dict[str, Field]] = {"dim": Field(2, _Dim, True), "unknown_rank": Field(3, "bool")}


class _ListValue(Message):
    """A list of one kind of attributes."""

    fields: ClassVar[dict[str, Field]] = {
        "s": Field(2, "bytes", True),
        "i": Field(3, "int", True),
        "f": Field(4, "float", True),
        "b": Field(5, "bool", True),
        "type": Field(6, "int", True),
        "shape": Field(7, TensorShapeProto, True),
    }


class AttrValue(Message):
    """An operation's attribute."""

    ListValue = _ListValue
    fields: ClassVar[dict[str, Field]] = {
        "list": Field(1, _ListValue),
        "s": Field(2, "bytes"),
        "i": Field(3, "int"),
        "f": Field(4, "float"),
        "b": Field(5, "bool"),
        "type": Field(6, "int"),
        "shape": Field(7, TensorShapeProto),
    }
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"value": ("list", "s", "i", "f", "b", "type", "shape")}


class _AttrEntry(Message):
    """A name with its attribute."""

    fields: ClassVar[dict[str, Field]] = {"key": Field(1, "string"), "value": Field(2, AttrValue)}


class NodeDef(Message):
    """An operation of a graph; inputs are names, with ":1" after them for a second output, "^" before what is waited for."""

    fields: ClassVar[dict[str, Field]] = {
        "name": Field(1, "string"),
        "op": Field(2, "string"),
        "input": Field(3, "string", True),
        "device": Field(4, "string"),
        "attr": Field(5, _AttrEntry, True),
    }


class _VersionDef(Message):
    """By which version of TensorFlow's a graph is told."""

    fields: ClassVar[dict[str, Field]] = {"producer": Field(1, "int"), "min_consumer": Field(2, "int")}


class GraphDef(Message):
    """A graph: its operations in the order they were built."""

    fields: ClassVar[dict[str, Field]] = {"node": Field(1, NodeDef, True), "versions": Field(4, _VersionDef)}
