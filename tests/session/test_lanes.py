"""Where tasks' lanes lie to each other."""

from graphlab_nb.session.lanes import Lane, Span, TaskTimes, Transfer, shifts_of


def times(computes=(), waits=(), sends=()) -> TaskTimes:
    return TaskTimes(0.0, 0.0, 0, Lane(tuple(computes), tuple(waits), tuple(sends)))


def test_nothing_arrives_before_it_was_sent():
    tasks = {
        "a": times([Span(0, 0.0, 1.0)], sends=[Transfer("b", 0, 1.0, 4)]),
        "b": times([Span(0, 0.3, 0.5)], [Span(0, 0.0, 0.25)], [Transfer("c", 0, 0.5, 4), Transfer("gone", 1, 9.0, 4)]),
        "c": times([Span(0, 0.0, 0.5)]),
    }
    assert shifts_of(tasks) == {"a": 0.0, "b": 0.75, "c": 1.25}


def test_lanes_that_wait_long_enough_stay():
    tasks = {
        "a": times([Span(0, 0.0, 1.0)], sends=[Transfer("b", 1, 1.0, 4)]),
        "b": times([Span(1, 2.0, 3.0)], [Span(1, 0.0, 2.0)]),
    }
    assert shifts_of(tasks) == {"a": 0.0, "b": 0.0}
