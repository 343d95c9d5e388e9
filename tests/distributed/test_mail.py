"""What tasks send each other, and how a run's end reaches those who wait."""

import threading

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.distributed.failures import LARGEST, Failure
from graphlab_nb.distributed.mail import REMEMBERED, Mailbox

PS, WORKER = ("/job:ps/task:0", 0), ("/job:worker/task:0", 1)


def nothing():
    return None


def test_a_part_waits_for_all_that_send_to_it():
    mail = Mailbox()
    mail.deliver("r", (0, 1), PS, {(0, 0): 1})
    later = threading.Timer(0.05, mail.deliver, ("r", (0, 1), WORKER, {(1, 0): 2}))
    later.start()
    assert mail.take("r", (0, 1), [PS, WORKER], nothing) == {(0, 0): 1, (1, 0): 2}
    later.join()


def test_letters_are_for_one_request_run_and_part():
    mail = Mailbox()
    mail.deliver("r", (0, 1), PS, {(0, 0): 1})
    mail.deliver("r", (1, 1), PS, {(0, 0): 2})
    mail.deliver("other", (0, 1), PS, {(0, 0): 3})
    assert mail.take("r", (1, 1), [PS], nothing) == {(0, 0): 2}
    assert mail.take("other", (0, 1), [PS], nothing) == {(0, 0): 3}


def test_who_waits_hears_of_a_failure_elsewhere():
    mail = Mailbox()
    threading.Timer(0.05, mail.end, ("r", Failure("FailedPreconditionError", "no value", "v"))).start()
    with pytest.raises(tf.errors.FailedPreconditionError, match="no value") as info:
        mail.take("r", (0, 0), [PS], nothing)
    assert info.value.op == "v"
    with pytest.raises(tf.errors.FailedPreconditionError):
        mail.check("r")


def test_who_waits_looks_whether_it_is_worth_it():
    def look():
        raise tf.errors.DeadlineExceededError(None, None, "too long")

    with pytest.raises(tf.errors.DeadlineExceededError):
        Mailbox().take("r", (0, 0), [PS], look)


def test_what_comes_after_the_end_is_not_kept():
    mail = Mailbox()
    for k in range(REMEMBERED + 10):
        mail.end(f"{k}")
        mail.deliver(f"{k}", (0, 0), PS, {(0, 0): np.zeros(1000)})
    assert not mail._letters and len(mail._ended) == REMEMBERED


def test_failures_come_back_as_they_were():
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0, name="v")
        with tf.Session(graph=graph) as sess, pytest.raises(tf.errors.FailedPreconditionError) as info:
            sess.run(v)
        error = Failure.of(info.value).error(graph)
    assert type(error) is tf.errors.FailedPreconditionError
    assert error.op is info.value.op and error.message == info.value.message
    assert type(Failure.of(ValueError("a shape")).error()) is ValueError
    assert str(Failure.of(KeyError("a name")).error()) == "'a name'"

    class UserError(Exception):
        pass

    thrown = UserError("text", 7)
    thrown.add_note("raised in PyFunc 'f'")
    found = Failure.of(thrown).error()
    assert type(found) is UserError and found.args == ("text", 7) and found.__notes__ == ["raised in PyFunc 'f'"]
    again = Failure.of(found).error()  # as the master hands on what a task has told it
    assert type(again) is UserError and again.__notes__ == found.__notes__

    class UnsendableError(Exception):
        def __init__(self, one, two):
            super().__init__(f"{one} and {two}")

    for error in (UnsendableError(1, 2), UserError(threading.Lock()), UserError("x" * LARGEST)):
        found = Failure.of(error).error()
        assert type(found) is tf.errors.UnknownError and found.message == f"{type(error).__name__}: {error}"
    assert isinstance(Failure.of(SystemExit(3)).error(), tf.errors.UnknownError)
    assert not isinstance(Failure("KeyboardInterrupt", "").error(), KeyboardInterrupt)
