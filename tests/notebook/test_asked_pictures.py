"""A picture that somebody has just asked for: what was under way for another slice or form is not waited for."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook.looking import Looker
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.steering import Steering


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as found:
        tf.Variable(np.arange(12, dtype=np.float32).reshape(3, 4), name="W")
        found.run(tf.initialize_all_variables())
        yield found


@pytest.fixture
def looker():
    return Looker(Steering())


def interest(session, rows):
    picture = {
        "key": "k", "session": f"s{session.number}", "tensor": "W:0", "axes": [0, 1], "index": [], "rows": rows,
        "columns": [0, 4], "cells": 100, "bins": 4,
    }  # fmt: skip
    return {"curves": False, "values": None, "pinned": [], "pictures": [picture], "rate": 10.0}


def sent(looker):
    looker.values._wait()
    tick, parcel = {}, Parcel()
    looker.values.add_to(tick, parcel)
    return [picture["rows"] for picture in tick.get("pictures", [])]


def test_it_takes_the_place_of_what_was_under_way(session, looker):
    for rows in ([0, 1], [1, 3]):
        looker.interests([interest(session, rows)])
        looker.values.look(session, {}, 1)
    assert sent(looker) == [[1, 3]]


def test_it_is_sent_as_soon_as_it_is_there_and_later_ones_at_the_panels_pace(session, looker):
    looker._next_look = 1e9
    assert looker.due == 1e9 and not looker.values.awaited
    looker.interests([interest(session, [0, 3])])
    looker._next_look = 1e9
    looker.values.look(session, {}, 1)
    assert looker.values.awaited and looker.due == 0
    looker.values._wait()
    assert looker.values.answered
    assert sent(looker) == [[0, 3]]
    looker.values.look(session, {}, 2)
    assert sent(looker) == [[0, 3]] and not looker.values.awaited and looker.due == 1e9
