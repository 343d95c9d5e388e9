"""Steps of runs that nobody is told of one by one."""

from graphlab_nb.notebook.counting import Tally
from graphlab_nb.notebook.steering import Steering

STEP, TEST = object(), object()


class Session:
    """Counts its runs, as sessions do."""

    def __init__(self, runs):
        self.runs = runs


class Training:
    """A session whose runs are counted, some of them told of."""

    def __init__(self, steps=0):
        self.session = Session(steps)
        self.steering = Steering()
        self.tally = Tally(self.session, steps, self.steering)

    def told(self, fetches, trains=True, ends=True):
        self.tally.count()
        self.steering.before_run(trains)
        self.tally.begins(self.session, fetches, trains, 1)
        self.session.runs += ends

    def untold(self, count):
        self.session.runs += count

    @property
    def counts(self):
        self.tally.count()
        return self.tally.steps, self.steering.steps, self.steering.runs


def test_what_follows_untold_is_more_of_the_same():
    training = Training()
    training.told(STEP)
    training.untold(5)
    assert training.counts == (6, 6, 6)
    training.told(TEST, trains=False)
    training.untold(2)
    assert training.counts == (6, 6, 9)
    training.told(STEP)
    assert training.counts == (7, 7, 10)


def test_runs_that_are_told_one_by_one_count_once():
    training = Training()
    training.told(STEP)
    training.untold(2)
    for _ in range(3):
        assert training.tally.again(training.session, STEP, 1)
        training.untold(1)
    assert training.counts == (6, 6, 6)
    assert not training.tally.again(training.session, TEST, 1)
    assert not training.tally.again(training.session, STEP, 2)
    assert not training.tally.again(Session(6), STEP, 1)


def test_what_failed_is_no_step():
    training = Training()
    training.told(STEP)
    training.told(STEP, ends=False)
    training.tally.failed(STEP)
    assert training.counts == (1, 1, 2)
    training.untold(3)
    assert training.counts == (4, 4, 5)
    training.tally.failed(TEST)
    assert training.counts == (4, 4, 5)


def test_runs_of_two_threads_at_a_time_count_once():
    training = Training()
    training.told(STEP, ends=False)
    training.told(STEP, ends=False)  # the first goes on
    training.untold(2)
    assert training.counts == (2, 2, 2)
    training.untold(1)
    assert training.counts == (3, 3, 3)


def test_what_an_interrupt_ended_does_not_count_twice():
    training = Training()
    training.told(STEP, ends=False)  # counted as it began; no failure is told
    training.untold(1)
    training.told(STEP)
    assert training.counts == (2, 2, 2)


def test_what_ran_while_nobody_looked_does_not_count():
    training = Training(100)
    training.told(STEP)
    training.untold(4)
    training.tally.rest()
    assert training.counts == (105, 5, 5)
    training.untold(1000)
    assert training.counts == (105, 5, 5) and not training.tally.again(training.session, STEP, 1)
    training.told(STEP)
    training.untold(1)
    assert training.counts == (107, 7, 7)
