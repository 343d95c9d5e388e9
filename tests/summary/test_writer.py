"""Event files: read back without graphlab_nb, and what TensorFlow wrote read with it."""

from __future__ import annotations

import base64
import gc
import json
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.summary import writer as writers
from graphlab_nb.summary.records import framed
from tests.summary import reader

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "summaries"
RECORDED = {k: base64.b64decode(v) for k, v in json.loads((FIXTURES / "summaries.json").read_text()).items()}


def scalar(tag, value):
    return tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=value)])


def events(path):
    return [dict(reader.fields(record)) for record in reader.records(path)]


def test_checksums_are_rfc_3720_s():
    cases = {b"\x00" * 32: 0x8A9136AA, b"\xff" * 32: 0x62A8AB43, bytes(range(32)): 0x46DD794E, b"123456789": 0xE3069283}
    for data, crc in cases.items():
        assert reader.crc32c(data) == crc
        assert framed(data)[-4:] == struct.pack("<I", reader.masked(data))


def test_what_tensorflow_wrote_is_read_and_written_alike(tmp_path):
    found = list(tf.train.summary_iterator(FIXTURES / "events.tfevents"))
    assert found[0].file_version == "brain.Event:2"
    written = [event for event in found if event.HasField("summary")]
    assert [event.step for event in written] == list(range(len(RECORDED)))
    assert [event.summary.SerializeToString() for event in written] == list(RECORDED.values())
    data = reader.records(FIXTURES / "events.tfevents")
    assert b"".join(framed(d) for d in data) == (FIXTURES / "events.tfevents").read_bytes()
    mine = tf.train.SummaryWriter(tmp_path)
    for event in written:
        mine.add_event(event)
    mine.close()
    assert reader.records(mine.path)[1:] == [d for d, e in zip(data, found, strict=True) if e.HasField("summary")]


def test_a_file_has_its_version_a_graph_and_summaries(tmp_path):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        summary = tf.scalar_summary("sum", tf.reduce_sum(x))
        before = time.time()
        writer = tf.train.SummaryWriter(str(tmp_path / "deep" / "logs"), sess.graph)
        for step in range(3):
            writer.add_summary(sess.run(summary, {x: [[step, 1]]}), global_step=np.int64(10 * step))
        writer.add_summary(scalar("mine", 2.5))
        writer.close()
    (name,) = os.listdir(tmp_path / "deep" / "logs")
    stem, seconds, host = name.rsplit(".tfevents.", 1)[0], *name.rsplit(".tfevents.", 1)[1].split(".", 1)
    assert stem == "events.out" and host == socket.gethostname() and abs(int(seconds) - before) < 60
    found = events(writer.path)
    assert found[0][3] == b"brain.Event:2" and all(before - 1 <= reader.double(e[1]) <= time.time() for e in found)
    assert [e.get(2, 0) for e in found[2:]] == [0, 10, 20, 0]
    assert [reader.values(e[5]) for e in found[2:5]] == [
        {"sum": {1: b"sum", 2: struct.pack("<f", s + 1)}} for s in range(3)
    ]
    nodes = [reader.fields(data) for number, data in reader.fields(found[1][4]) if number == 1]
    by_name = {dict(node)[1].decode(): node for node in nodes}
    assert list(by_name) == ["x", "Sum", "ScalarSummary/tags", "ScalarSummary"]
    assert dict(by_name["ScalarSummary"])[2] == b"ScalarSummary"
    assert [v for k, v in by_name["ScalarSummary"] if k == 3] == [b"ScalarSummary/tags", b"Sum"]


def test_graphs_tell_inputs_devices_shapes_and_attributes():
    with tf.Graph().as_default() as graph:
        with tf.device("/cpu:0"):
            x = tf.placeholder(tf.float32, [None, 8, 8, 1], name="x")
        y = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME", name="y")
        values, places = tf.nn.top_k(tf.reshape(y, [-1, 16]), 3, name="top")
        with tf.control_dependencies([values]):
            tf.cast(places, tf.float32, name="late")
        found = {node.name: node for node in tf.summary.graphs.graph_def(graph).node}
    assert found["x"].device == "/device:CPU:0" and found["y"].op == "MaxPool" and list(found["y"].input) == ["x"]
    assert list(found["late"].input) == ["top:1"] or list(found["late"].input) == ["top:1", "^top"]
    attributes = {entry.key: entry.value for entry in found["y"].attr}
    assert [d.size for d in attributes["_output_shapes"].list.shape[0].dim] == [-1, 4, 4, 1]
    assert attributes["dtype"].type == 1 and attributes["padding"].s == b"SAME"


def test_events_wait_until_there_are_enough_or_they_waited_long(tmp_path):
    writer = tf.train.SummaryWriter(tmp_path, max_queue=3, flush_secs=1000)
    assert len(events(writer.path)) == 1
    for k in range(3):
        writer.add_summary(scalar("a", k), k)
    assert len(events(writer.path)) == 1
    writer.add_summary(scalar("a", 3), 3)
    assert len(events(writer.path)) == 5
    writer.add_summary(scalar("a", 4), 4)
    writer.flush()
    assert len(events(writer.path)) == 6
    writer.close()
    quick = tf.train.SummaryWriter(tmp_path / "quick", flush_secs=0.05)
    quick.add_summary(scalar("a", 1), 1)
    end = time.monotonic() + 20
    while len(events(quick.path)) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert len(events(quick.path)) == 2
    quick.close()


def test_nothing_is_lost_without_a_close(tmp_path):
    writer = tf.train.SummaryWriter(tmp_path)
    writer.add_summary(scalar("a", 1), 1)
    path = writer.path
    del writer
    gc.collect()
    assert len(events(path)) == 2
    program = f"import graphlab_nb as tf; w = tf.train.SummaryWriter({str(tmp_path / 'end')!r}); w.add_summary(tf.Summary(), 7)"
    subprocess.run(
        [sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": str(FIXTURES.parents[2])}
    )
    (name,) = os.listdir(tmp_path / "end")
    assert [e.get(2) for e in events(tmp_path / "end" / name)] == [None, 7]


def test_two_writers_of_one_folder_have_files_of_their_own(tmp_path):
    first, second = (tf.summary.FileWriter(tmp_path, filename_suffix=".mine") for _ in range(2))
    assert first.path != second.path and first.path.endswith(".mine") and len(os.listdir(tmp_path)) == 2
    assert {first, second} <= set(writers.OPEN) and first.get_logdir() == str(tmp_path)
    first.close()
    second.close()
    assert not {first, second} & set(writers.OPEN)


def test_a_closed_writer_writes_nothing_until_it_is_reopened(tmp_path):
    with tf.summary.FileWriter(tmp_path) as writer:
        writer.add_summary(scalar("a", 1), 1)
    path = writer.path
    writer.close()
    writer.flush()
    with pytest.warns(UserWarning, match=f"FileWriter of {tmp_path} is closed"):
        writer.add_summary(scalar("a", 2), 2)
    assert len(events(path)) == 2
    writer.reopen()
    writer.reopen()
    writer.add_summary(scalar("a", 3), 3)
    writer.close()
    assert writer.path != path and [e.get(2) for e in events(writer.path)] == [None, 3]


def test_the_older_names_of_a_graph(tmp_path):
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.constant(1.0, name="one")
        message = tf.summary.graphs.graph_def(sess.graph)
        for k, given in enumerate((sess.graph, sess.graph_def, message, message.SerializeToString())):
            writer = tf.train.SummaryWriter(tmp_path / str(k), graph_def=given)
            writer.add_graph(given, 5)
            writer.add_graph(graph_def=given)
            writer.close()
            graphs = events(writer.path)[1:]
            assert [e[4] for e in graphs] == [message.SerializeToString()] * 3 and graphs[1][2] == 5


def test_logs_and_times_of_a_traced_run(tmp_path):
    metadata = tf.RunMetadata()
    with tf.Graph().as_default(), tf.Session() as sess, tf.train.SummaryWriter(tmp_path) as writer:
        x = tf.placeholder(tf.float32, [1, 1])
        y = tf.matmul(x, [[2.0]], name="y")
        sess.run(y, {x: [[3.0]]}, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
        writer.add_run_metadata(metadata, "step 1", 1)
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 2)
    times, log = events(writer.path)[1:]
    tagged = dict(reader.fields(times[8]))
    assert tagged[1] == b"step 1" and b"y" in tagged[2] and times[2] == 1
    device = dict(reader.fields(dict(reader.fields(dict(reader.fields(tagged[2]))[1]))[1]))
    assert device[1].decode() == sess.list_devices()[0].name and dict(reader.fields(device[2]))[2] > 1e15
    assert log[7] == b"\x08\x01" and log[2] == 2


def test_folders_and_files_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(tf.errors.OpError, match=str(tmp_path / "file")):
            tf.train.SummaryWriter(folder)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    "act, kind, text",
    [
        (lambda w: w.add_summary(tf.constant(b"x")), TypeError, "takes what a run made of a summary, or a tf.Summary"),
        (lambda w: w.add_summary("text"), TypeError, "not 'text'"),
        (lambda w: w.add_summary(b"\xff\xff\xff"), ValueError, "no Summary"),
        (lambda w: w.add_summary(scalar("a", 1), "x"), TypeError, "global_step must be a number, not 'x'"),
        (lambda w: w.add_graph(3), TypeError, "takes a tf.Graph, not 3"),
        (lambda w: w.add_event(scalar("a", 1)), TypeError, "takes a tf.Event"),
        (
            lambda w: tf.train.SummaryWriter(w.get_logdir() + "/more", "graph"),
            TypeError,
            "takes a tf.Graph, not 'graph'",
        ),
    ],
)
def test_errors_name_what_is_wrong(tmp_path, act, kind, text):
    with tf.train.SummaryWriter(tmp_path) as writer, pytest.raises(kind, match=text):
        act(writer)
    assert len(events(writer.path)) == 1 and len(os.listdir(tmp_path)) == 1


def test_damaged_files_say_where(tmp_path):
    with tf.train.SummaryWriter(tmp_path) as writer:
        writer.add_summary(scalar("a", 1), 1)
    data = Path(writer.path).read_bytes()
    second = 16 + struct.unpack_from("<Q", data)[0]
    for change, place, word in (
        (9, 0, "damaged"),
        (20, 0, "damaged"),
        (second + 14, second, "damaged"),
        (None, second, "cut off"),
    ):
        bad = bytearray(data) if change is not None else bytearray(data[:-5])
        if change is not None:
            bad[change] ^= 4
        Path(writer.path).write_bytes(bad)
        with pytest.raises(tf.errors.DataLossError, match=f"byte {place} is {word}"):
            list(tf.train.summary_iterator(writer.path))
    with pytest.raises(tf.errors.NotFoundError, match="missing"):
        list(tf.train.summary_iterator(tmp_path / "missing"))
