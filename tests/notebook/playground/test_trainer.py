"""Slices on an event loop: others get their turn, it stops by itself where it must, and a speed is held."""

from __future__ import annotations

import asyncio
import time

import pytest

from graphlab_nb.notebook.playground import trainer as trainers
from graphlab_nb.notebook.playground.state import State
from graphlab_nb.notebook.playground.trainer import Trainer
from graphlab_nb.notebook.playground.training import Training


@pytest.fixture
def make():
    made = []

    def build(text="v=1", look=lambda: 0.0):
        ends: list[str] = []
        trainer = Trainer(Training(State.parse(text)), look, ends.append)
        made.append(trainer)
        return trainer, ends

    yield build
    for trainer in made:
        trainer.pause()
        trainer.training.close()


def test_others_get_their_turn_while_it_trains(make):
    trainer, ends = make()

    async def cells() -> int:
        turns = 0
        trainer.play()
        end = time.perf_counter() + 5
        while trainer.training.step < 200 and time.perf_counter() < end:
            await asyncio.sleep(0)
            turns += 1
        trainer.pause()
        made = trainer.training.step
        await asyncio.sleep(0.1)
        assert trainer.training.step == made
        return turns

    assert asyncio.run(cells()) >= 3
    assert trainer.training.step >= 200 and ends == []


def test_it_catches_up_with_the_state_that_was_opened_and_stops_there(make):
    trainer, ends = make("v=1&steps=150")

    async def until() -> None:
        trainer.play()
        while trainer.playing:
            await asyncio.sleep(0.005)

    asyncio.run(until())
    assert trainer.training.step == 150 and ends == [""]
    assert str(trainer.training.state) == "v=1&steps=150"


def test_playing_twice_is_playing_once(make):
    slices = []
    trainer, _ = make(look=lambda: slices.append(trainer._round) or 0.0)

    async def play() -> None:
        trainer.play()
        trainer.play()
        await asyncio.sleep(0.05)
        trainer.pause()
        trainer.play()
        await asyncio.sleep(0.05)
        trainer.pause()
        await asyncio.sleep(0.05)

    asyncio.run(play())
    assert set(slices) == {1, 2} and slices == sorted(slices)


def test_a_failure_ends_it_and_is_told(make):
    trainer, ends = make("v=1&data=own")

    async def play() -> None:
        trainer.play()
        await asyncio.sleep(0.05)

    asyncio.run(play())
    assert not trainer.playing and ends == ["There are no points to learn from: draw some first"]


def test_an_interrupt_ends_it_and_not_the_kernel(make):
    def look() -> float:
        raise KeyboardInterrupt("Stopped")

    trainer, ends = make(look=look)

    async def play() -> None:
        trainer.play()
        await asyncio.sleep(0.1)

    asyncio.run(play())
    assert not trainer.playing and ends == ["Stopped"]


def test_it_stops_where_nobody_looks(make, monkeypatch):
    monkeypatch.setattr(trainers, "NOBODY", 0.05)
    trainer, ends = make()

    async def play() -> None:
        trainer.play()
        end = time.perf_counter() + 10
        while trainer.playing and time.perf_counter() < end:
            await asyncio.sleep(0.01)

    asyncio.run(play())
    assert not trainer.playing and "no page has shown it" in ends[0]


def test_a_speed_is_held(make):
    trainer, _ = make()
    trainer.training.make_step()  # builds its kernels
    trainer.speed = 100

    async def play() -> float:
        trainer.play()
        began = time.perf_counter()
        await asyncio.sleep(0.6)
        trainer.pause()
        return time.perf_counter() - began

    took = asyncio.run(play())
    made = trainer.training.step - 1
    assert 5 <= made <= 100 * took + 12  # a busy machine may be slower


def test_without_a_loop_it_says_what_to_do(make):
    trainer, _ = make()
    with pytest.raises(RuntimeError, match=r"play\(\) needs a notebook's kernel.*step\(count\)"):
        trainer.play()
    assert not trainer.playing


def test_a_slice_ends_where_something_is_to_be_shown(make, monkeypatch):
    trainer, _ = make()
    now = [100.0]
    monkeypatch.setattr(trainers.time, "perf_counter", lambda: now[0])

    def steps_until(due: float) -> int:
        made = []
        monkeypatch.setattr(trainer.training, "make_step", lambda: (made.append(1), now.__setitem__(0, now[0] + 0.001)))
        trainer._due = due
        trainer._steps(catches_up=False)
        return len(made)

    assert steps_until(now[0] + 0.0035) == 4
    assert steps_until(now[0] - 1.0) == steps_until(now[0] + 1.0) == 14  # of a millisecond each: a whole slice
