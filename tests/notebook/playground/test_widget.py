"""The widget: what cells may do, what pages are told, and what the saved notebook keeps."""

from __future__ import annotations

import asyncio
import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook import Playground
from graphlab_nb.notebook.playground import module, widget

STATIC = Path(widget.__file__).parent / "static"


def kinds(playground) -> list[str]:
    return [content["kind"] for content, _ in playground.sent]


def ask(playground, do, **more):
    playground.sent.clear()
    playground._told(playground, {"do": do, **more}, [])
    return playground.sent


def test_cells_train_it_share_it_and_open_what_was_shared(make):
    p = make(data="xor", layers=[3], learning_rate=0.1)
    assert p.state == "v=1&data=xor&layers=3&learning_rate=0.1"
    p.step(30)
    p.edit(0, (1, 2), 0.75)
    p.edit(1, 0, -0.5)
    p.set(learning_rate=0.2)
    p.step(10)
    text = p.state
    q = make(text)
    assert q._trainer.training.behind and q.state == text
    q.step(0)
    assert not q._trainer.training.behind
    for (w1, b1), (w2, b2) in zip(p.weights, q.weights, strict=True):
        np.testing.assert_array_equal(w1, w2)
        np.testing.assert_array_equal(b1, b2)
    assert q.state == text and q.judge() == p.judge()
    p.reset()
    assert p.state == "v=1&data=xor&layers=3&learning_rate=0.2"
    p.undo()
    assert p.state == text
    p.state = "v=1&layers=2"
    assert [w.shape for w, _ in p.weights] == [(2, 2), (2, 1)]
    p.undo()
    assert p.state == text
    assert text in repr(p) and text in p.program()
    assert p.program()._repr_markdown_().startswith("```python\n")


SHARED = "v=1&data=xor&learning_rate=0.1&steps=150&changes=20:weight.0.0.0:1.5,40:rate:0.2"
TRAINED = {
    "judge": lambda p: p.judge(),
    "weights": lambda p: p.weights,
    "picture": lambda p: p.picture(),
    "step": lambda p: p.step(0),
}


@pytest.mark.parametrize("act", TRAINED)
def test_what_a_cell_reads_is_of_the_state_that_was_shared(make, act):
    p = make("v=1&data=xor&learning_rate=0.1")
    p.step(20)
    p.edit(0, (0, 0), 1.5)
    p.step(20)
    p.set(learning_rate=0.2)
    p.step(110)
    assert p.state == SHARED
    q = make(SHARED)
    assert q.state == SHARED and repr(q) == f"Playground({SHARED!r})"  # before a step was made
    assert str(q.program()) == str(p.program()) and q._trainer.training.step == 0
    TRAINED[act](q)
    assert q._trainer.training.step == 150
    assert q.state == SHARED and q.judge() == p.judge() and q.judge()["loss"] < 0.3
    assert "step 150;" in q.picture().label or "step 150," in q.picture().label
    assert "status" in kinds(q)  # a page's buttons are those of one that has caught up


def test_what_a_cell_changes_is_changed_after_what_was_shared(make):
    after = {
        "steps=151&changes=20:weight.0.0.0:1.5,40:rate:0.2": lambda p: p.step(),
        "steps=150&changes=20:weight.0.0.0:1.5,40:rate:0.2,150:bias.0.1:0.5": lambda p: p.edit(0, 1, 0.5),
        "steps=150&changes=20:weight.0.0.0:1.5,40:rate:0.2,150:batch:5": lambda p: p.set(batch=5),
    }
    for told, act in after.items():
        p = make(SHARED)
        act(p)
        assert p.state == f"v=1&data=xor&learning_rate=0.1&{told}"
    p = make(SHARED)
    p.set(layers=[3])
    assert p.state == "v=1&data=xor&layers=3&learning_rate=0.2"
    p.undo()
    assert p.state == SHARED


def test_a_page_steps_on_the_way_and_the_rest_is_still_to_come(make):
    p = make(SHARED)
    ask(p, "step")
    assert p._trainer.training.step == 1 and p.state == SHARED
    ask(p, "share")
    assert p.sent[0][0]["text"] == SHARED
    ask(p, "reset")
    ask(p, "undo")
    assert p._trainer.training.step == 1 and p.state == SHARED
    p.step(0)
    q = make(SHARED)
    assert p.judge() == q.judge()
    p = make(SHARED)
    for _ in range(10):
        ask(p, "step")
    ask(p, "set", name="learning_rate", value=0.5)  # of what the page shows: what was to come is left
    assert p.state == "v=1&data=xor&learning_rate=0.1&steps=10&changes=10:rate:0.5"


def test_a_cell_may_catch_up_while_it_plays(make):
    p = make(SHARED)

    async def play() -> None:
        ask(p, "play")
        p.judge()
        await asyncio.sleep(0.2)

    asyncio.run(play())
    assert not p.playing and p._trainer.training.step == 150 and p.state == SHARED


def test_what_cells_may_not_do_is_named(make):
    with pytest.raises(ValueError, match="layers must be at most 6"):
        Playground(layers=[1] * 7)
    with pytest.raises(ValueError, match="is not"):
        Playground("circle")
    with pytest.raises(ValueError, match="no setting 'depth'"):
        Playground(depth=3)
    p = make()
    for count, error in ((-1, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="count must be"):
            p.step(count)
    with pytest.raises(TypeError, match="A weight must be a number, not '1'"):
        p.edit(0, (0, 0), "1")
    with pytest.raises(TypeError, match="layer and place must be whole numbers"):
        p.edit(0, (0.5, 0), 1)
    with pytest.raises(RuntimeError, match="needs a notebook's kernel"):
        p.play()
    with pytest.raises(ValueError, match="learning_rate"):
        p.set(layers=[1], learning_rate=0)
    with pytest.raises(ValueError, match="version"):
        p.state = "v=0"
    with pytest.raises(ValueError, match="An empty text is no state"):
        p.state = " "
    assert p.state == "v=1" and p.sent == []
    p.close()
    for act in (p.step, p.play, lambda: p.state, p.program, p.picture):
        with pytest.raises(RuntimeError, match="closed"):
            act()
    assert repr(p) == "Playground: closed"
    p.close()


def test_a_page_that_says_hello_is_told_everything(make):
    p = make()
    ask(p, "hello")
    assert kinds(p) == ["setup", "frame", "status"]
    setup = p.sent[0][0]
    assert setup["settings"]["layers"] == (4, 2) and setup["widths"] == (2, 4, 2, 1) and not setup["undo"]


ASKED = [
    (("set",), {"name": "layers", "value": [3]}, "v=1&layers=3"),
    (("set",), {"name": "learning_rate", "value": 1}, "v=1&learning_rate=1"),
    (("set",), {"name": "noise", "value": 20}, "v=1&noise=20"),
    (("set",), {"name": "data", "value": "own"}, "v=1&data=own"),
    (("edit",), {"layer": 0, "place": [0, 1], "value": 2}, "v=1&changes=0:weight.0.0.1:2"),
    (("edit",), {"layer": 2, "place": 0, "value": -0.5}, "v=1&changes=0:bias.2.0:-0.5"),
    (("step",), {}, "v=1&steps=1"),
    (("load",), {"text": "v=1&seed=4"}, "v=1&seed=4"),
]


@pytest.mark.parametrize(("what", "more", "state"), ASKED, ids=[state for *_, state in ASKED])
def test_a_page_changes_it(make, what, more, state):
    p = make()
    ask(p, *what, **more)
    assert p.state == state
    assert "frame" in kinds(p) and "problem" not in kinds(p)


REFUSED = [
    ("set", {"name": "layers", "value": [9]}, "layers must be from 1 to 8"),
    ("set", {"name": "learning_rate", "value": None}, "learning_rate must be a number"),
    ("set", {"name": "batch", "value": 900}, "batch must be at most the 250"),
    ("set", {"name": "depth", "value": 1}, "no setting 'depth'"),
    ("set", {}, "no setting 'None'"),
    ("edit", {"layer": 0, "place": [0, 1], "value": ""}, "A weight must be a number"),
    ("edit", {"layer": 0, "place": [0, 99], "value": 1}, "is outside"),
    ("edit", {}, "must be"),
    ("point", {"x": 1, "y": 1, "value": 1}, "points are drawn for"),
    ("point", {}, "must be"),
    ("unpoint", {"index": 0}, "no point 0 of 0"),
    ("speed", {"value": 7}, "The speed must be one of 0, 10, 100, 1000, not 7"),
    ("load", {"text": "nonsense"}, "'nonsense' is not"),
    ("load", {"text": 5}, "a string, not 5"),
    ("load", {"text": ""}, "An empty text is no state"),
    ("load", {}, "An empty text is no state"),
    ("undo", {}, "nothing to undo"),
    ("dance", {}, "cannot do 'dance'"),
]


@pytest.mark.parametrize(("do", "more", "why"), REFUSED, ids=[f"{do}: {why}" for do, _, why in REFUSED])
def test_what_a_page_may_not_do_is_told_to_it_and_changes_nothing(make, do, more, why):
    p = make()
    before = [w for w, _ in p.weights]
    ask(p, do, **more)
    assert kinds(p)[0] == "problem" and why in p.sent[0][0]["text"] and p.sent[0][0]["do"] == do
    assert kinds(p)[1:3] == ["setup", "frame"]  # what the page's fields show is true again
    assert p.state == "v=1"
    for w, (now, _) in zip(before, p.weights, strict=True):
        np.testing.assert_array_equal(w, now)


@pytest.mark.parametrize(("do", "more"), [("ping", {}), ("speed", {"value": 10})])
def test_every_question_is_answered(make, do, more):
    p = make()
    ask(p, do, **more)
    assert kinds(p) == ["status"] and p.sent[0][0]["speed"] == more.get("value", 0)


def test_points_are_drawn_and_taken_away(make):
    p = make(data="own")
    for k in range(4):
        ask(p, "point", x=k, y=-k, value=1 if k % 2 else -1)
    assert kinds(p) == ["setup", "frame", "status"]
    ask(p, "unpoint", index=0)
    assert p.state == "v=1&data=own&points=1:-1:1,2:-2:-1,3:-3:1"
    ask(p, "point", x=0, y=9, value=1)
    assert "points must be from -6 to 6" in p.sent[0][0]["text"]


def test_frames_wait_until_earlier_ones_were_drawn(make, monkeypatch):
    monkeypatch.setattr(widget, "PACE", 0.0)
    monkeypatch.setattr(widget, "MOST_BYTES", 1e12)
    monkeypatch.setattr(widget, "LOST", 1e9)
    p = make()

    def go() -> list[int]:
        """Steps after which a frame was sent, of some."""
        p.sent.clear()
        for _ in range(widget.IN_FLIGHT + 3):
            p._trainer.training.make_step()
            p._look()
        return [content["step"] for content, _ in p.sent]

    first = go()
    assert first == list(range(1, widget.IN_FLIGHT + 1))
    assert [np.frombuffer(buffers[2], np.float32)[-3] for _, buffers in p.sent] == first
    assert p.sent[2][0]["since"] == 2
    assert go() == []
    ask(p, "ack", sequence=2)
    assert len(go()) == 2
    ask(p, "ack", sequence=10**6)
    ask(p, "ack", sequence="all")
    assert go() == []
    monkeypatch.setattr(widget, "LOST", 0.0)
    assert len(go()) == widget.IN_FLIGHT + 3


def test_frames_have_a_share_of_the_connection(make, monkeypatch):
    p = make()
    p._look(now=True)
    monkeypatch.setattr(widget, "MOST_BYTES", 1)
    p._due = 0.0
    for _ in range(5):
        ask(p, "ack", sequence=p._sequence)
        p._trainer.training.make_step()
        p._look()
    assert len(p.sent) == 0 and p._sequence == 2


def test_playing_sends_frames_and_going_astray_ends_it(make):
    p = make(data="plane", layers=[8, 8], activation="linear", learning_rate=10, batch=50)

    async def play() -> None:
        ask(p, "play")
        for _ in range(400):
            await asyncio.sleep(0.01)
            p._drawn = p._sequence
            if not p.playing:
                return

    asyncio.run(play())
    notes = [content["note"] for content, _ in p.sent if content["kind"] == "status"]
    assert re.match(r"The loss is no number any more at step [\d,]+: the training went astray", notes[-1])
    assert not p.playing


def test_the_example_is_true():
    results = doctest.testmod(widget, extraglobs={"tf": tf})
    assert results.attempted and not results.failed


def test_it_is_reached_by_the_library_s_face():
    assert tf.notebook.Playground is Playground


def test_the_page_s_script_is_one_module():
    text = module.joined(STATIC)
    assert not re.search(r"^\s*import\b", text, flags=re.M)
    assert re.findall(r"^export .*", text, flags=re.M) == ["export default {"]
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", text, flags=re.M)
    assert len(names) == len(set(names))
    assert {path.name for path in STATIC.iterdir()} == {*module.ORDER, *module.STYLES}
    assert all((STATIC / name).read_text() in Playground._css for name in module.STYLES)
    assert all(len(path.read_text().splitlines()) <= 450 for path in STATIC.iterdir())


def test_a_script_that_imports_what_comes_later_is_refused(tmp_path):
    for name in module.ORDER:
        (tmp_path / name).write_text("")
    (tmp_path / module.ORDER[0]).write_text('import { a } from "./net.js";\n')
    with pytest.raises(ValueError, match=r"words\.js imports net\.js, which is not before it"):
        module.joined(tmp_path)
