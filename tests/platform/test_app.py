"""`tf.app.run`: what `main` gets and how the process ends."""

import sys
import types

import pytest

from graphlab_nb.platform import app, flags


@pytest.fixture(autouse=True)
def fresh_flags(monkeypatch):
    monkeypatch.setattr(flags, "FLAGS", flags._FlagValues())
    flags.DEFINE_integer("steps", 1, "")
    monkeypatch.setattr(sys, "argv", ["program.py", "--steps=3", "rest", "--other"])


def test_main_gets_what_is_not_a_flag():
    seen = []
    with pytest.raises(SystemExit) as end:
        app.run(seen.append)
    assert seen == [["program.py", "rest", "--other"]] and flags.FLAGS.steps == 3
    assert end.value.code is None


@pytest.mark.parametrize("code", [0, 3, "message"])
def test_mains_result_ends_the_process(code):
    with pytest.raises(SystemExit) as end:
        app.run(lambda _: code)
    assert end.value.code == code


def test_an_explicit_command_line_is_read_instead():
    seen = []
    with pytest.raises(SystemExit):
        app.run(seen.append, argv=["other.py", "--steps=8", "x"])
    assert seen == [["other.py", "x"]] and flags.FLAGS.steps == 8


def test_the_programs_own_main_is_the_default(monkeypatch):
    program = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", program)
    with pytest.raises(AttributeError, match="no function `main`"):
        app.run()
    program.main = lambda argv: 5
    with pytest.raises(SystemExit) as end:
        app.run()
    assert end.value.code == 5
