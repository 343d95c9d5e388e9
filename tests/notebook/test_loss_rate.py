"""How often losses are looked at that no run asks for: by what that costs the training."""

from types import SimpleNamespace

import pytest

from graphlab_nb.notebook.looking import HOST_COST, LONG, LOSS_CREDIT, LOSS_SHARE, MOST_EARNED, Looker
from graphlab_nb.notebook.steering import Steering


class Clocked:
    """A training by a clock of its own, and when its losses were looked at."""

    def __init__(self, step, cost, beside, monkeypatch):
        monkeypatch.setattr(Looker, "_look_here", staticmethod(lambda *arguments: None))
        self.steering = Steering()
        self.looker = Looker(self.steering)
        self.looker._credit_at = self.now = 1000.0
        self.step = step
        self.training = SimpleNamespace(rest=[], costs=[cost], beside=beside)
        self.looks = []

    def train(self, seconds, looked_at=True):
        end = self.now + seconds
        while self.now < end:
            self.steering.runs += 1
            if looked_at and self.now >= self.looker._next_loss:
                self.looker._look_at_losses(SimpleNamespace(_remote=None), None, self.training, {}, self.now)
                self.looker._pending.clear()
                self.looks.append(self.now)
            self.now += self.step
        return sum(look >= end - seconds for look in self.looks)


@pytest.mark.parametrize("step, cost", [(0.05, 0.02), (0.01, 0.05), (1e-4, 1e-3)])
def test_losses_that_are_computed_anew_take_their_share_for_ever(step, cost, monkeypatch):
    training = Clocked(step, cost, False, monkeypatch)
    training.train(LOSS_CREDIT / LOSS_SHARE)
    seconds = 40 * cost / LOSS_SHARE
    assert training.train(seconds) == pytest.approx(40, abs=2)


@pytest.mark.parametrize(
    "step, cost, rate",
    [
        (1e-4, 5e-5, LOSS_SHARE / (5e-5 + HOST_COST)),
        (0.027, 5e-5, LOSS_SHARE / (5e-5 + HOST_COST * LONG / 0.027)),
        (0.1, 5e-5, 10.0),  # each step
    ],
)
def test_what_is_computed_beside_runs_costs_the_host_less_where_they_are_long(step, cost, rate, monkeypatch):
    training = Clocked(step, cost, True, monkeypatch)
    training.train(LOSS_CREDIT / LOSS_SHARE)
    assert training.train(30) / 30 == pytest.approx(min(rate, 1 / step), rel=0.15)


def test_nothing_is_saved_up_while_nobody_looks(monkeypatch):
    training = Clocked(1e-3, 1e-3, False, monkeypatch)
    training.train(2 * LOSS_CREDIT / LOSS_SHARE)
    usual = training.train(10)
    training.train(1000, looked_at=False)
    assert training.train(10) <= usual + 1 + MOST_EARNED * LOSS_SHARE / 1e-3
