"""The panel's pace: as wanted, and slower where looking or what messages set off slows the training."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab_nb.notebook.pace import AFTER, CARRIED, FASTEST, MESSAGES, REMEMBERED, SLOWEST, Pace


def train(pace, seconds, lost, run=50e-6, noise=0.0, now=0.0, runs=0):
    """A training whose every message costs `lost` seconds in the moment after it; returns the time and the runs made."""
    random = np.random.RandomState(0)
    end, ticked = now + seconds, now
    while now < end:
        if now >= pace.due:
            pace.passed(now, runs)
        if now - ticked >= pace.pause:
            pace.begins(now, runs)
            pace.sent(now, now + 1e-4, runs)
            pace.spent(1e-4, now, pushing=True)
            ticked, now = now, now + 1e-4 + lost
        else:
            until = min(pace.due, ticked + pace.pause)
            steps = max(1, round((until - now) / run))
            now += steps * run * (1 + noise * random.randn() if noise else 1)
            runs += steps
    return now, runs


def test_a_wanted_rate_is_kept_where_nothing_is_slowed():
    pace = Pace(0.0)
    for rate, pause in ((10.0, 0.1), (5.0, 0.2), (1000.0, 1 / FASTEST), (0.01, 1 / SLOWEST)):
        pace.want(rate)
        train(pace, 20, lost=0.0)
        assert pace.pause == pause
    assert pace.share < 0.01


@pytest.mark.parametrize("lost", [0.004, 0.008])
def test_messages_that_slow_the_training_become_fewer_and_more_again(lost):
    pace = Pace(0.0)
    now, runs = train(pace, 60, lost)
    assert pace.pause == pytest.approx(lost / MESSAGES, rel=0.1)
    assert pace.share == pytest.approx(MESSAGES, rel=0.2)
    train(pace, 8 * REMEMBERED * pace.pause, 0.0, now=now, runs=runs)
    assert pace.pause == pytest.approx(0.1, rel=0.2)


def test_noise_is_no_reason_to_send_less():
    pace = Pace(0.0)
    train(pace, 60, lost=0.0, noise=0.05)
    assert pace.pause < 0.2


def test_slow_steps_and_pauses_tell_nothing():
    pace = Pace(0.0)
    train(pace, 60, lost=0.02, run=0.015)
    assert pace.pause == 0.1
    pace.begins(100.0, 0)
    pace.sent(100.0, 100.001, 0)
    assert pace.due == pytest.approx(100.001 + AFTER)
    pace.interrupted()
    assert pace.due > 1e9
    pace.begins(101.0, 1000)
    assert pace.cost == pytest.approx(1e-4)  # what making a message took


def test_looks_that_take_the_host_become_fewer():
    pace = Pace(0.0)
    for k in range(100):
        pace.spent(0.003, k * 0.05, pushing=True)
    assert pace.pause > 0.2
    assert pace.share == pytest.approx(0.06, rel=0.2)


@pytest.mark.parametrize("busy, pause", [(1.0, 1e-3 * (1 + CARRIED / 2) / MESSAGES), (0.05, 0.1)])
def test_what_messages_take_matters_to_a_training_that_keeps_its_thread_busy(busy, pause):
    pace = Pace(0.0)
    pace.want(10.0)
    for k in range(200):
        pace.works(k * 0.1, busy * k * 0.1)
        pace.spent(0.001, k * 0.1, pushing=True, handing=0.0005)
    assert pace.pause == pytest.approx(pause, rel=0.05)
