"""A client's session, with a connection of the test's own in place of a cluster."""

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb import errors
from graphlab_nb.distributed import session as module
from graphlab_nb.distributed.requests import Answer, Outcome
from graphlab_nb.session.lanes import Lane, Span, Transfer


class Connection:
    """Answers what it is told to."""

    target = "grpc://nowhere:1"

    def __init__(self):
        self.asked = []
        self.error = None

    def run(self, request, limit):
        return self._answered(request, Answer([[np.float32(2.0)]] * len(request.feeds), None, OUTCOMES))

    def look(self, method, *arguments):
        return self._answered(method, {})

    def _answered(self, asked, answer):
        self.asked.append(asked)
        if self.error is not None:
            raise self.error
        return answer

    def want(self, session):
        pass

    def close(self, session):
        pass


LANE = Lane((Span(0, 0.0, 0.5),), (), (Transfer("/job:worker/task:0", 1, 0.6, 48),))
OUTCOMES = {"/job:ps/task:0": Outcome([], None, 1.0, 0.25, 96, None, tuple(map(list, LANE)))}


@pytest.fixture
def connection(monkeypatch):
    made = Connection()
    monkeypatch.setattr(module, "connect", lambda target: made)
    with tf.Graph().as_default():
        yield made


def test_times_are_those_of_the_latest_request_that_ran_something(connection):
    x = tf.constant(1.0) + 1.0
    sess = tf.Session(connection.target)
    assert sess._remote.times is None
    sess.run(x)
    first = sess._remote.times
    assert (first.runs, first.tasks["/job:ps/task:0"]) == (1, (1.0, 0.25, 96, LANE))
    sess.run_many(x, 3)
    last = sess._remote.times
    assert last.runs == 3 and last.number > first.number and last.seconds > 0
    sess._remote.look([x], {})
    assert sess._remote.times == last


def test_one_who_looks_waits_in_vain_only_once(connection):
    x = tf.constant(1.0) + 1.0
    sess = tf.Session(connection.target)
    sess.run(x)
    connection.error = errors.UnavailableError(None, None, "gone")
    with pytest.raises(errors.UnavailableError, match="gone"):
        sess._remote.placed()
    asked = len(connection.asked)
    for look in (sess._remote.placed, lambda: sess._remote.look([x], {}), lambda: sess._remote.variables([])):
        with pytest.raises(errors.UnavailableError, match="grpc://nowhere:1 did not answer when it was last asked"):
            look()
    assert len(connection.asked) == asked
    connection.error = None
    sess.run(x)
    assert sess._remote.placed() == {}


def test_a_measured_run_computes_nothing_beside_it(connection):
    x = tf.constant(1.0) + 1.0
    sess = tf.Session(connection.target)
    told = []
    beside = module.BesideThere((x,), told.append)
    sess._remote.compute_beside(beside)
    sess.run(x, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=tf.RunMetadata())
    sess._remote.compute_beside(beside)
    sess.run(x)
    sess.run(x)
    requests = [request for request in connection.asked if not isinstance(request, str)]
    assert [(request.traced, len(request.beside)) for request in requests] == [(True, 0), (False, 1), (False, 0)]
    assert told == []
