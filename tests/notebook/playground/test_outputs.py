"""What the saved notebook keeps of a playground: still pictures, drawn anew when it rests and while it is played."""

from __future__ import annotations

import asyncio
import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import numpy as np
import pytest

from graphlab_nb.notebook.displays import Picture
from graphlab_nb.notebook.playground import outputs, still, widget


def test_the_saved_notebook_has_a_picture_of_how_it_stands(make):
    for settings in ({}, {"data": "hills"}, {"data": "own"}, {"data": "mnist", "layers": [5]}, {"layers": []}):
        p = make(**settings)
        if settings.get("data") != "own":
            p.step(20)
        data, _ = p._repr_mimebundle_()
        assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == p.model_id
        assert data["text/plain"] == f"Playground({p.state!r})"
        root = ET.fromstring(data["image/svg+xml"])
        label = root.attrib["aria-label"]
        assert label.startswith(f"Playground: {p._trainer.training.state.data}, net ")
        assert f"step {p._trainer.training.step}" in label
        hidden = 5 if settings.get("data") == "mnist" else sum(p._trainer.training.state.layers)
        pictures = len(root.findall(".//{*}image"))
        assert pictures == 1 + (hidden + 10 if settings.get("data") == "mnist" else 2 + hidden)
        assert "<img" in data["text/html"]
        assert p.picture().svg == data["image/svg+xml"]


def test_the_picture_of_mnist_names_its_outputs_and_shows_what_the_net_says(make):
    for layers in ([], [5], [3, 4]):
        p = make(data="mnist", layers=layers, learning_rate=0.1)
        p.step(40)
        root = ET.fromstring(p.picture().svg)
        words = [(e.text, e.attrib) for e in root.findall(".//{*}text")]
        names = [(text, float(at["y"])) for text, at in words if text.isdecimal() and "class" not in at]
        assert [text for text, _ in names] == list("0123456789") and sorted(names) == names
        answers = [(int(text), at["class"]) for text, at in words if at.get("text-anchor") == "middle"]
        said = p._trainer.training.pictures()[-1].argmax(1).reshape(10, -1)[:, : still._DIGITS_DOWN].T
        assert [text for text, _ in answers] == said.ravel().tolist()
        wrong = [kind == "w s" for _, kind in answers]
        assert wrong == (said != np.arange(10)).ravel().tolist() and any(wrong) and not all(wrong)
        wide, high = float(root.attrib["width"]), float(root.attrib["height"])
        for box in (*root.findall(".//{*}image"), *root.findall("{*}rect")):
            assert float(box.attrib["x"]) + float(box.attrib["width"]) <= wide
            assert float(box.attrib["y"]) + float(box.attrib["height"]) <= high


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, and what was drawn anew in its place."""
    shown = []

    class Handle:
        def update(self, bundle, raw):
            shown.append(bundle)

    def display(bundle, raw, display_id=False):
        shown.append(bundle)
        return Handle() if display_id else None

    monkeypatch.setattr(widget, "display", display)
    monkeypatch.setattr(outputs, "display", display)
    monkeypatch.setattr(outputs, "REST", 0.05)
    return shown


def told_step(bundle) -> int:
    return int(re.search(r"step ([\d,]+)", bundle["text/plain"])[1].replace(",", ""))


def test_outputs_have_a_still_picture_that_follows_when_it_rests(make, shown):
    p = make()
    p._ipython_display_()
    still, live = shown
    assert list(live) == ["application/vnd.jupyter.widget-view+json"]
    assert f'<div class="{p.still}">' in still["text/html"] and p.still in p.get_state()["still"]
    assert "step 0" in still["text/plain"]

    async def later() -> None:
        for _ in range(3):
            p.step(5)
        p._trainer.play()
        p._outputs.soon()
        await asyncio.sleep(0.2)
        assert len(shown) == 2  # it moves
        p.pause()
        await asyncio.sleep(0.2)

    asyncio.run(later())
    assert len(shown) == 3 and f"step {p._trainer.training.step}" in shown[2]["text/plain"].replace(",", "")
    p.step(7)
    assert len(shown) == 4  # no loop: at once
    p._trainer.training.make_step()
    step = p._trainer.training.step
    p.close()
    assert len(shown) == 5 and f"step {step}" in shown[4]["text/plain"].replace(",", "")
    p._ipython_display_()
    assert shown[5] == {"text/plain": "Playground: closed"}


def test_the_still_picture_follows_while_it_is_played(make, shown, monkeypatch):
    monkeypatch.setattr(outputs, "WHILE_PLAYED", 0.1)
    monkeypatch.setattr(outputs, "MOST_SHARE", 1.0)
    p = make()
    p._ipython_display_()
    shown.clear()

    async def play() -> None:
        p._trainer.play()
        while len(shown) < 3:
            await asyncio.sleep(0.05)
        assert p.playing
        p.pause()
        await asyncio.sleep(0.2)

    asyncio.run(asyncio.wait_for(play(), 60))
    steps = [told_step(bundle) for bundle in shown]
    assert steps == sorted(steps) and 0 < steps[0] < steps[2]
    assert steps[-1] == p._trainer.training.step
    q = make()
    q._trainer.playing = True  # it is displayed once more meanwhile
    q._ipython_display_()
    assert told_step(shown[-2]) == 0 and "<img" in shown[-2]["text/html"]
    q._trainer.playing = False


def test_drawing_while_it_is_played_takes_a_small_share_of_the_time(monkeypatch):
    clock, drawn = [0.0], []
    monkeypatch.setattr(outputs, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    monkeypatch.setattr(
        outputs, "display", lambda *args, **kwargs: SimpleNamespace(update=lambda *args, **kwargs: None)
    )

    def draw(played):
        drawn.append(clock[0])
        clock[0] += 0.25  # it takes so long
        return Picture("<svg/>", "")

    out = outputs.Outputs("still", draw)
    out.add()
    drawn.clear()
    while clock[0] < 100:
        out.while_played()
        clock[0] += 0.1
    pauses = np.diff(drawn)
    assert outputs.WHILE_PLAYED <= drawn[0] <= outputs.WHILE_PLAYED + 0.6
    assert len(pauses) >= 3 and pauses.min() >= 25 and pauses.max() < 26
