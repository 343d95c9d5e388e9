"""Numbers that a panel shows are those of the tensor, bit by bit, whatever their type."""

from __future__ import annotations

import math

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook import checking, protocol
from graphlab_nb.notebook.looking import Looker
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.steering import Steering

EXTREMES = {
    "float16": [65504, -65504, 6e-8, 0.1, -0.0],
    "float32": [3.4e38, -3.4e38, 1e-45, 0.1, -0.0, 16777216],
    "float64": [1e300, 1e-300, 0.1, 1 / 3, -0.0, 1.7976931348623157e308, 5e-324],
    "int8": [-128, 127],
    "uint8": [0, 255],
    "int16": [-32768, 32767],
    "uint16": [0, 65535],
    "int32": [16777217, 2147483647, -2147483648],
    "uint32": [0, 4294967295],
    "int64": [2**53 + 1, 2**62, -(2**63), 2**63 - 1],
    "uint64": [0, 2**64 - 1],
    "bool": [True, False],
}
"""Numbers of each type, most of which float32 does not hold."""


def request(session, tensor, axes, shape, **more):
    sides = [*shape[:2], 1] if len(shape) > 1 else [1, *(shape or [1])]
    asked = {
        "key": "k", "session": f"s{session.number}", "tensor": tensor, "axes": axes, "index": [], "rows": [0, sides[0]],
        "columns": [0, sides[1]], "cells": 16384, "bins": 0,
    }  # fmt: skip
    return {**asked, **more}


def told(session, *requests):
    """What the page is sent of these: pictures and their numbers."""
    looker = Looker(Steering())
    interest = {"curves": False, "values": None, "pinned": [], "pictures": list(requests), "rate": 10.0}
    checking.check(interest, protocol.Interest)
    looker.interests([interest])
    looker.values.look(session, None, 1, wait=True)
    tick, parcel = {}, Parcel()
    looker.values.add_to(tick, parcel)
    return [(picture, array(picture, parcel)) for picture in tick["pictures"]]


def array(picture, parcel):
    checking.check(picture, protocol.Picture)
    ref = picture["values"]
    return np.frombuffer(parcel.buffers[ref["buffer"]], ref["dtype"]).reshape(ref["shape"])


def same(found, value):
    """Whether numbers are the same, the sign of zero included."""
    back = found.astype(value.dtype)
    assert back.tobytes() == value.tobytes()
    if value.dtype != np.bool_:
        assert [float(x) if value.dtype.kind == "f" else int(x) for x in found.ravel()] == value.ravel().tolist()


@pytest.fixture
def graph():
    with tf.Graph().as_default() as made:
        yield made


@pytest.mark.parametrize("dtype", EXTREMES)
def test_vectors_matrices_banks_and_numbers_are_sent_as_they_are(graph, dtype):
    vector = np.array(EXTREMES[dtype], dtype)
    shapes = {"v": vector, "m": np.stack([vector, vector[::-1]]), "b": np.tile(vector, (2, 2, 1)), "n": vector[0]}
    for name, value in shapes.items():
        tf.Variable(value, name=name)
    with tf.Session() as session:
        session.run(tf.initialize_all_variables())
        for name, value in shapes.items():
            axes = list(range(np.ndim(value)))
            ((picture, found),) = told(session, request(session, f"{name}:0", axes, np.shape(value)))
            assert picture["dtype"] == dtype and picture["block"] == [1, 1]
            same(found, np.asarray(value))


@pytest.mark.parametrize("dtype", ["float64", "int64", "uint64", "int32"])
def test_a_tensor_that_is_no_variable_is_sent_as_it_is(graph, dtype):
    value = np.array([EXTREMES[dtype]], dtype)
    tf.identity(tf.constant(value), name="other")
    with tf.Session() as session:
        ((_, found),) = told(session, request(session, "other:0", [0, 1], value.shape))
        same(found, value)


def test_one_number_of_many_is_had_by_itself(graph):
    value = np.arange(500 * 500, dtype=np.float64).reshape(500, 500) + 0.1
    tf.Variable(value, name="W")
    with tf.Session() as session:
        session.run(tf.initialize_all_variables())
        many = request(session, "W:0", [0, 1], value.shape)
        one = request(session, "W:0", [1, 0], value.shape, key="one", rows=[321, 322], columns=[123, 124], cells=1)
        (picture, means), (_, number) = told(session, many, one)
        assert picture["block"] != [1, 1] and means.dtype == np.float64
        same(number, value[123:124, 321:322])


def test_means_of_large_numbers_are_no_infinities(graph):
    tf.Variable(np.full((300, 300), 1e300), name="W")
    with tf.Session() as session:
        session.run(tf.initialize_all_variables())
        ((_, means),) = told(session, request(session, "W:0", [0, 1], (300, 300)))
        np.testing.assert_allclose(means, 1e300, rtol=1e-12)


def test_infinities_alone_have_no_range_to_draw(graph):
    tf.Variable(np.full((3, 4), np.inf, np.float32), name="W")
    with tf.Session() as session:
        session.run(tf.initialize_all_variables())
        looker = Looker(Steering())
        asked = request(session, "W:0", [0, 1], (3, 4), bins=4)
        interest = {
            "curves": False, "values": f"s{session.number}", "pinned": [], "pictures": [asked], "rate": 10.0
        }  # fmt: skip
        looker.interests([interest])
        looker.values.look(session, None, 1, wait=True)
        tick, parcel = {}, Parcel()
        looker.values.add_to(tick, parcel)
        (picture,) = tick["pictures"]
        read = {
            name: np.frombuffer(parcel.buffers[ref["buffer"]], ref["dtype"])
            for name, ref in (("range", picture["range"]), ("statistics", picture["statistics"]))
        }
        assert np.isnan(read["range"]).all()
        np.testing.assert_equal(read["statistics"], [math.inf, math.nan, *[math.inf] * 3, 0, 0, 0, 12])
        table = tick["values"]["statistics"]
        np.testing.assert_equal(np.frombuffer(parcel.buffers[table["buffer"]], np.float64), read["statistics"])
