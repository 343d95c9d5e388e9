"""Messages: encoded and decoded, and used as programs use Google's classes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.messages import AttrValue, GraphDef, TensorShapeProto
from graphlab_nb.wire import DecodeError


def test_a_message_built_in_pieces_is_that_built_at_once():
    pieces = tf.Summary()
    pieces.value.add(tag="a", simple_value=1)
    value = pieces.value.add()
    value.tag = "b"
    value.histo.min, value.histo.bucket = -1, [1, 2]
    value.histo.bucket_limit.extend([0.5, np.float64(1)])
    once = tf.Summary(
        value=[
            tf.Summary.Value(tag="a", simple_value=1.0),
            tf.Summary.Value(tag="b", histo=tf.HistogramProto(min=-1, bucket_limit=[0.5, 1], bucket=[1, 2])),
        ]
    )
    assert pieces == once and pieces.SerializeToString() == once.SerializeToString() and len(pieces.value) == 2
    back = tf.Summary.FromString(once.SerializeToString())
    assert back == once and back != tf.Summary()
    assert back.value[1].histo.bucket == [1, 2] and back.value[1].WhichOneof("value") == "histo"


def test_bytes_are_those_of_the_format():
    assert tf.Summary.Value(tag="\u00fc", simple_value=0.0).SerializeToString() == b"\n\x02\xc3\xbc\x15\0\0\0\0"
    assert tf.Event(step=-1).SerializeToString() == b"\x10" + b"\xff" * 9 + b"\x01"
    assert tf.Event(step=300, wall_time=1.0).SerializeToString() == b"\x09\0\0\0\0\0\0\xf0?\x10\xac\x02"
    assert tf.HistogramProto(bucket=[1.0]).SerializeToString() == b"\x3a\x08\0\0\0\0\0\0\xf0?"
    assert (
        AttrValue(b=False).SerializeToString() == b"\x28\0"
        and TensorShapeProto(unknown_rank=False).SerializeToString() == b""
    )
    assert tf.Event(summary=tf.Summary()).SerializeToString() == b"\x2a\0" and tf.Event().SerializeToString() == b""


@pytest.mark.parametrize("step", [0, 1, 127, 128, -1, 2**31, -(2**31), 2**63 - 1, -(2**63)])
def test_whole_numbers_come_back(step):
    assert tf.Event.FromString(tf.Event(step=step).SerializeToString()).step == step
    attribute = AttrValue()
    attribute.list.i.extend([step, 5])
    assert AttrValue.FromString(attribute.SerializeToString()).list.i == [step, 5]


def test_numbers_are_kept_as_their_field_has_them():
    value = tf.Summary.Value(simple_value=0.1)
    assert value.simple_value == np.float32(0.1) and tf.Summary.Value(simple_value=-1e300).simple_value == -math.inf
    assert math.isnan(
        tf.Summary.Value.FromString(tf.Summary.Value(simple_value=math.nan).SerializeToString()).simple_value
    )


def test_of_a_choice_one_is_set():
    value = tf.Summary.Value(tag="a")
    assert value.WhichOneof("value") is None and not value.HasField("simple_value") and value.simple_value == 0
    value.simple_value = 0
    assert value.HasField("simple_value") and value.WhichOneof("value") == "simple_value"
    value.image = tf.Summary.Image(height=2)
    assert value.WhichOneof("value") == "image" and not value.HasField("simple_value")
    empty = tf.Summary.Value()
    assert empty.image.height == 0 and not empty.HasField("image") and empty.WhichOneof("value") is None


def test_copies_are_apart():
    first, second = tf.Summary(), tf.Summary()
    first.value.add(tag="a")
    second.CopyFrom(first)
    second.value[0].tag = "b"
    assert first.value[0].tag == "a" and second.value[0].tag == "b"


def test_fields_that_are_not_known_are_passed_over():
    newer = (
        b"\x7a\x03abc"
        + b"\x80\x01\x05"
        + tf.Summary.Value(tag="a", simple_value=2).SerializeToString()
        + b"\x9d\x06abcd"
    )
    found = tf.Summary.Value.FromString(newer)
    assert (found.tag, found.simple_value) == ("a", 2)


def test_its_text_shows_what_is_set():
    summary = tf.Summary(value=[tf.Summary.Value(tag="a", simple_value=0.5)])
    assert repr(summary) == 'value {\n  tag: "a"\n  simple_value: 0.5\n}'


@pytest.mark.parametrize(
    "kind, data",
    [
        (tf.Summary, b"\x0a"), (tf.Summary, b"\x0a\x05ab"), (tf.Summary, b"\x08\x01"), (tf.Summary.Value, b"\x15\0\0"),
        (tf.Event, b"\x10" + b"\xff" * 11), (tf.Summary.Value, b"\x0a\x01\xff"), (tf.HistogramProto, b"\x3a\x03abc"),
        (GraphDef, b"\x0f"), (tf.Summary, b"plain text"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(kind, data):
    with pytest.raises(DecodeError):
        kind.FromString(data)


@pytest.mark.parametrize(
    "act, kind, text",
    [
        (lambda: tf.Summary(values=[]), ValueError, "Summary has no field 'values'; it has value"),
        (lambda: setattr(tf.Event(), "when", 1), AttributeError, "Event has no field 'when'"),
        (lambda: tf.Event().when, AttributeError, "Event has no field 'when'"),
        (lambda: tf.Event(step=1.5), TypeError, "Event.step takes int, not 1.5"),
        (lambda: tf.Event(file_version=1), TypeError, "Event.file_version takes string, not 1"),
        (lambda: tf.Summary.Value(simple_value="x"), TypeError, "simple_value takes float, not 'x'"),
        (lambda: tf.Event(summary=tf.Event()), TypeError, "Event.summary takes Summary"),
        (lambda: tf.Event(graph_def="text"), TypeError, "Event.graph_def takes bytes"),
        (lambda: tf.Summary().value.append(1), TypeError, "Summary.value takes _Value, not 1"),
        (lambda: tf.Event().HasField("x"), ValueError, "Event has no field 'x'"),
    ],
)
def test_errors_name_the_field(act, kind, text):
    with pytest.raises(kind, match=text):
        act()
