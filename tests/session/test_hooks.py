"""Watchers: which runs they are told of."""

import math

import pytest

import graphlab_nb as tf
from graphlab_nb.session import hooks


class Watcher:
    """Notes what it is told."""

    def __init__(self, quiet_until=0.0, wants_results=False):
        self.quiet_until, self.wants_results = quiet_until, wants_results
        self.told = []

    def before(self, session, fetches, feeds, runs=1):
        self.told.append("before")

    def held(self, session):
        self.told.append("held")

    def after(self, session, fetches, values):
        self.told.append("after")

    def failed(self, session, fetches):
        self.told.append("failed")


@pytest.fixture
def watching():
    added = []

    def add(*arguments, **kwargs):
        watcher = Watcher(*arguments, **kwargs)
        hooks.add(watcher)
        added.append(watcher)
        return watcher

    yield add
    for watcher in added:
        hooks.remove(watcher)


@pytest.fixture
def nets():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [])
        yield session, x, x * 2.0, x + 1.0


def test_one_that_is_not_quiet_is_told_of_every_run(nets, watching):
    session, x, double, _ = nets
    watcher = watching()
    for k in range(3):
        session.run(double, {x: k})
    assert watcher.told == ["before"] * 3


def test_a_quiet_one_is_told_of_the_first_of_the_same_until_it_is_hurried(nets, watching):
    session, x, double, more = nets
    watcher = watching(math.inf)
    for k in range(3):
        session.run(double, {x: k})
    assert watcher.told == ["before"]
    session.run(more, {x: 1.0})
    assert watcher.told == ["before"] * 2
    session.run(double, {x: 1.0})
    session.run(double, {x: 1.0})
    assert watcher.told == ["before"] * 3
    hooks.hurry()
    session.run(double, {x: 1.0})
    session.run(double, {x: 1.0})
    assert watcher.told == ["before"] * 4
    with tf.Session(graph=session.graph) as other:
        other.run(double, {x: 1.0})
    assert watcher.told == ["before"] * 5


def test_the_least_quiet_of_several_counts_and_a_new_one_is_told_at_once(nets, watching):
    session, x, double, _ = nets
    quiet, other = watching(math.inf), watching()
    for k in range(2):
        session.run(double, {x: k})
    assert quiet.told == other.told == ["before"] * 2
    hooks.remove(other)
    for k in range(2):
        session.run(double, {x: k})
    assert quiet.told == ["before"] * 3
    new = watching(math.inf)
    for k in range(2):
        session.run(double, {x: k})
    assert new.told == ["before"] and other.told == ["before"] * 2


def test_who_wants_results_has_all_of_them(nets, watching):
    session, x, double, _ = nets
    quiet, wants = watching(math.inf), watching(math.inf, True)
    for k in range(2):
        session.run(double, {x: k})
    assert wants.told == ["before", "after"] * 2 and quiet.told == ["before"] * 2


def test_of_failures_is_told_who_was_told_of_the_run(nets, watching):
    session, _, double, _ = nets
    watcher = watching(math.inf)
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run(double)
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run(double)
    assert watcher.told == ["before", "failed"] and session.runs == 0


def test_who_is_hurried_while_runs_are_decided_about_is_told_of_the_next(nets, watching):
    session, x, double, _ = nets

    class Hurried(Watcher):
        """Another thread takes its word back between where it is read and where that is kept."""

        @property
        def quiet_until(self):
            hooks.hurry()
            return math.inf

        @quiet_until.setter
        def quiet_until(self, value):
            pass

    watcher = Hurried()
    hooks.add(watcher)
    try:
        session.run(double, {x: 1.0})
        session.run(double, {x: 1.0})
        assert watcher.told == ["before"] * 2
    finally:
        hooks.remove(watcher)


def test_one_that_is_added_in_the_middle_of_a_run_is_told_of_the_next(nets, watching):
    session, x, double, _ = nets
    late = Watcher(wants_results=True)

    def add(value):
        hooks.add(late)
        if value < 0:
            raise ValueError("negative")
        return value

    added = tf.py_func(add, [double], tf.float32)
    try:
        with pytest.raises(ValueError, match="negative"):
            session.run(added, {x: -1.0})
        assert late.told == []
        hooks.remove(late)
        session.run(added, {x: 1.0})
        assert late.told == []
        session.run(added, {x: 1.0})
        assert late.told == ["before", "after"]
    finally:
        hooks.remove(late)
