"""A program of TensorFlow 0.x that writes summaries, run as it is; and the examples in docstrings."""

from __future__ import annotations

import doctest
import os
import struct
from pathlib import Path

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb import as_tensorflow, messages
from graphlab_nb.summary import writer
from tests.summary import reader


def test_softmax_regression_with_summaries(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    program = Path(__file__).parent / "mnist_with_summaries.py"
    as_tensorflow.run_program(program, [f"--summaries_dir={tmp_path / 'logs'}", "--max_steps=101"])
    said = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines() if line.startswith("Accuracy")]
    assert len(said) == 11 and said[0] < 0.3 and said[-1] > 0.8
    (name,) = os.listdir(tmp_path / "logs")
    found = [dict(reader.fields(record)) for record in reader.records(tmp_path / "logs" / name)]
    graph, summaries = found[1], found[2:]
    assert graph[4].count(b"ScalarSummary") >= 4 and [s.get(2, 0) for s in summaries] == list(range(0, 101, 10))
    told = [reader.values(s[5]) for s in summaries]
    tags = ["weights", "biases", "y", "input/image/0", "input/image/1", "cross entropy", "accuracy"]
    assert all(list(values) == tags for values in told)
    assert [struct.unpack("<f", values["accuracy"][2])[0] for values in told] == [np.float32(a) for a in said]
    weights = [reader.histogram(values["weights"][5]) for values in told]
    assert weights[0]["min"] == weights[0]["max"] == 0 and weights[0]["counts"].tolist() == [0, 7840, 0]
    assert weights[-1]["num"] == weights[-1]["counts"].sum() == 7840 and weights[-1]["squares"] > 1
    size, pixels = reader.picture(told[0]["input/image/0"][4])
    assert size == (28, 28, 1) and pixels.max() == 255 and (pixels == 0).mean() > 0.5


@pytest.mark.parametrize("module", [messages, writer])
def test_docstrings_are_true(module):
    results = doctest.testmod(module, extraglobs={"tf": tf})
    assert results.attempted and not results.failed
