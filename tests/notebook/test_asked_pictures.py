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


def pointed(session, row):
    """The same matrix, and the one number of it that the cursor is at."""
    whole = interest(session, [0, 3])
    point = {**whole["pictures"][0], "key": "point", "rows": [row, row + 1], "columns": [1, 2], "cells": 1, "bins": 0}
    return {**whole, "values": f"s{session.number}", "pictures": [*whole["pictures"], point]}


def keys(looker):
    looker.values._wait()
    tick, parcel = {}, Parcel()
    looker.values.add_to(tick, parcel)
    found = {
        picture["key"]: np.frombuffer(parcel.buffers[picture["values"]["buffer"]], picture["values"]["dtype"]).tolist()
        for picture in tick.get("pictures", [])
    }
    return found, "values" in tick


def test_a_number_under_the_cursor_is_looked_at_by_itself(session, looker):
    looker.interests([pointed(session, 0)])
    assert looker._next_look == 0 and looker.stale
    looker.values.look(session, {}, 1)
    found, table = keys(looker)
    assert found == {"k": list(range(12)), "point": [1]} and table
    looker._next_look, looker.stale = 1e9, False
    looker.interests([pointed(session, 2)])
    assert looker._next_look == 1e9 and not looker.stale and looker.due == 0
    looker.values.look(session, {}, 2, points=True)
    assert looker.values.awaited
    assert keys(looker) == ({"point": [9]}, False) and looker.due == 1e9
    looker.values.look(session, {}, 3)  # the next look is at all
    assert set(keys(looker)[0]) == {"k", "point"}


@pytest.mark.parametrize("held", [True, False])
def test_where_nothing_runs_it_is_looked_at_by_itself_too(session, looker, held):
    look = (lambda: looker.look_held(session, {})) if held else looker.look_idle
    looker.interests([pointed(session, 0)])
    look()
    assert set(keys(looker)[0]) == {"k", "point"}
    looker.interests([pointed(session, 1)])
    look()
    assert keys(looker) == ({"point": [5]}, False)
    looker.interests([pointed(session, 2)])
    looker.stale = True  # a step was made meanwhile
    look()
    assert set(keys(looker)[0]) == {"k", "point"}


def test_the_cursor_that_leaves_asks_for_nothing(session, looker):
    looker.interests([pointed(session, 0)])
    looker.values.look(session, {}, 1)
    keys(looker)
    looker._next_look = 1e9
    looker.interests([{**pointed(session, 0), "pictures": pointed(session, 0)["pictures"][:1]}])
    assert looker.due == 1e9 and not looker.values.points_asked
