"""Steps are counted, made few where GLNB_SHORT says so, and notebooks know whether they are to train for long."""

import pytest

from graphlab_nb import notebook


@pytest.mark.parametrize(("setting", "made"), [("0", 120), ("1", 50)])
def test_short_trials_make_few_steps(monkeypatch, setting, made):
    monkeypatch.setenv("GLNB_SHORT", setting)
    assert list(notebook.steps(120)) == list(range(made))
    assert list(notebook.steps(120, short=200)) == list(range(120))
    assert list(notebook.steps(3)) == [0, 1, 2]


@pytest.mark.parametrize("wrong", [2.0, True, "3", None])
def test_what_is_no_number_of_steps_is_refused(wrong):
    with pytest.raises(TypeError, match="takes a number of steps"):
        notebook.steps(wrong)
    with pytest.raises(ValueError, match="from 0 on, not -1"):
        notebook.steps(-1)


def test_long_is_what_the_environment_says_now(monkeypatch):
    monkeypatch.delenv("GLNB_LONG", raising=False)
    assert notebook.LONG is False
    monkeypatch.setenv("GLNB_LONG", "1")
    assert notebook.LONG is True
    assert "LONG" in dir(notebook)
    monkeypatch.setenv("GLNB_LONG", "yes")
    with pytest.raises(ValueError, match="GLNB_LONG is 'yes'"):
        assert notebook.LONG
