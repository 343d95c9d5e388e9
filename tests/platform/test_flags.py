"""Flags: reading the command line, assigning, and declaring again."""

import sys

import pytest

from graphlab_nb.platform import flags


@pytest.fixture
def command_line(monkeypatch):
    """Fresh flags, and a function that sets the process's arguments."""
    monkeypatch.setattr(flags, "FLAGS", flags._FlagValues())

    def set_arguments(*arguments):
        monkeypatch.setattr(sys, "argv", ["program.py", *arguments])
        return flags.FLAGS

    set_arguments()
    return set_arguments


def define_all():
    flags.DEFINE_string("name", "net", "A name.")
    flags.DEFINE_integer("steps", 100, "Number of steps.")
    flags.DEFINE_float("rate", 0.5, "Learning rate, 50% by default.")
    flags.DEFINE_boolean("fake", False, "Whether to fake.")
    flags.DEFINE_bool("shuffle", True, "Whether to shuffle.")


def test_defaults_hold_without_arguments(command_line):
    define_all()
    values = command_line()
    assert (values.name, values.steps, values.rate, values.fake, values.shuffle) == ("net", 100, 0.5, False, True)


def test_arguments_are_read_when_a_flag_is_first_asked_for(command_line):
    define_all()
    values = command_line("--name=a b", "--steps", "7", "--rate=1e-3", "--fake", "--noshuffle")
    assert (values.name, values.steps, values.rate, values.fake, values.shuffle) == ("a b", 7, 1e-3, True, False)
    command_line("--steps=9")
    assert values.steps == 7


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--fake"], True),
        (["--fake=true"], True),
        (["--fake=1"], True),
        (["--fake=False"], False),
        (["--nofake"], False),
        (["--fake", "--nofake"], False),
        ([], None),
    ],
)
def test_booleans(command_line, arguments, expected):
    flags.DEFINE_boolean("fake", None, "")
    assert command_line(*arguments).fake is expected


def test_unknown_arguments_are_left_for_the_program(command_line):
    define_all()
    values = command_line("-f", "kernel.json", "--steps=3", "--other=1", "file", "--step=5")
    assert values._parse_flags() == ["-f", "kernel.json", "--other=1", "file", "--step=5"]
    assert values.steps == 3


def test_assignment_wins_over_the_command_line(command_line):
    define_all()
    values = command_line("--steps=3")
    values.steps = 4
    values.undeclared = "x"
    assert (values.steps, values.undeclared) == (4, "x")
    values._parse_flags()
    assert (values.steps, values.undeclared) == (4, "x")


def test_a_flag_declared_again_replaces_the_first(command_line):
    flags.DEFINE_integer("steps", 1, "")
    flags.DEFINE_boolean("fake", False, "")
    values = command_line("--nofake")
    values.steps = 5
    flags.DEFINE_integer("steps", 2, "")
    flags.DEFINE_boolean("fake", True, "")
    assert (values.steps, values.fake) == (2, False)


def test_flags_declared_after_reading_are_read_too(command_line):
    flags.DEFINE_integer("steps", 1, "")
    values = command_line("--late=yes")
    assert values.steps == 1
    flags.DEFINE_string("late", "no", "")
    assert values.late == "yes"


def test_the_old_ways_to_see_all_values(command_line):
    define_all()
    values = command_line("--steps=3")
    expected = {"name": "net", "steps": 3, "rate": 0.5, "fake": False, "shuffle": True}
    assert values.flag_values_dict() == expected
    assert getattr(values, "__flags") == expected
    assert sorted(values) == sorted(expected) and "steps" in values and "other" not in values
    assert "steps=3" in repr(values)


def test_a_flag_that_is_not_declared_is_named(command_line):
    define_all()
    with pytest.raises(AttributeError, match=r"no flag 'lerning_rate' is defined \(defined: fake, name, rate"):
        command_line().lerning_rate  # noqa: B018


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--steps=many", "argument --steps: invalid int value: 'many'"),
        ("--rate=x", "argument --rate: invalid float value"),
        ("--fake=perhaps", "argument --fake: expected true or false, not 'perhaps'"),
    ],
)
def test_a_wrong_value_ends_the_program_with_its_flags_name(command_line, capsys, argument, message):
    define_all()
    values = command_line(argument)
    with pytest.raises(SystemExit) as end:
        values.steps  # noqa: B018
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_help_shows_texts_as_they_are(command_line, capsys):
    define_all()
    with pytest.raises(SystemExit) as end:
        command_line("--help").steps  # noqa: B018
    assert end.value.code == 0
    assert "Learning rate, 50% by default." in capsys.readouterr().out
