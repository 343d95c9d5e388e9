"""The exercises of the tutorials' notebooks: right answers are right, wrong ones get a hint, and each notebook has three."""

from __future__ import annotations

import importlib
import inspect
import re
from html import escape
from pathlib import Path

import nbformat
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook.exercises import EXERCISES, FILES, check

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
HERE = [path.stem for path in sorted(Path(__file__).parent.glob("answers_*.py"))]
NO_ANSWER = "No answer yet: put yours in the place of the dots."
ANSWERS = {stem.removeprefix("answers_"): importlib.import_module(f"tests.notebooks.{stem}") for stem in HERE}


def cases(kind):
    return [
        pytest.param(name, answer, id=f"{name}-{number}")
        for answers in ANSWERS.values()
        for name, given in getattr(answers, kind).items()
        for number, answer in enumerate(given)
    ]


def made(answer):
    """An answer, or what a function without arguments gives for one."""
    if not inspect.isfunction(answer) or inspect.signature(answer).parameters:
        return answer
    return answer()


@pytest.fixture(autouse=True)
def _own_graph():
    with tf.Graph().as_default():
        yield


@pytest.mark.parametrize(("name", "answer"), cases("RIGHT"))
def test_right_answers(name, answer):
    verdict = check(name, made(answer))
    assert verdict.right, verdict
    assert repr(verdict) == "Right."


@pytest.mark.parametrize(("name", "answer"), cases("WRONG"))
def test_wrong_answers(name, answer):
    verdict = check(name, made(answer))
    assert not verdict.right
    said = str(verdict)
    assert said.startswith("Not yet: ")
    assert said.endswith(EXERCISES[name].hint)
    assert len(said) > len("Not yet: . ") + len(EXERCISES[name].hint) + 8
    assert escape(said) in verdict._repr_html_()


def test_numbers_are_told_as_plain_ones():
    at = tf.constant(2.0)
    said = str(check("00.1", at * at))
    assert said.startswith("Not yet: Its value is 4.0, not that of 3 x\u00b2 + 1 at x = 2. ") and "np." not in said


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_a_notebook_has_three_exercises(number):
    names = [f"{number}.{k}" for k in (1, 2, 3)]
    cells = nbformat.read(NOTEBOOKS[number], as_version=4).cells
    checks = [k for k, cell in enumerate(cells) if cell.cell_type == "code" and re.search(r"\bcheck\(", cell.source)]
    assert [cells[k].source.strip() for k in checks] == [f'check("{name}", answer)' for name in names]
    for k in checks:
        assert [output["data"]["text/plain"] for output in cells[k].outputs] == [NO_ANSWER]
        assert re.search(r"^answer = \.\.\.$", cells[k - 1].source, re.M)
        assert cells[k - 2].cell_type == "markdown"
    for name in names:
        verdict = check(name, ...)
        assert not verdict.right
        assert str(verdict) == NO_ANSWER
    assert sorted(name for name in EXERCISES if name[:2] == number) == names
    answers = ANSWERS[number]
    for table in (answers.RIGHT, answers.WRONG):
        assert list(table) == names
        assert all(table.values())


def test_every_file_of_exercises_is_a_notebooks():
    folder = ROOT / "graphlab_nb" / "notebook" / "exercises"
    assert set(ANSWERS) == set(NOTEBOOKS)
    assert {number for number, file in FILES.items() if (folder / f"{file}.py").exists()} == set(NOTEBOOKS)


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_it_leads_onward(number):
    cells = nbformat.read(NOTEBOOKS[number], as_version=4).cells
    linked = [re.findall(r"\]\(([\w.]+\.ipynb)\)", cell.source) for cell in cells if cell.cell_type == "markdown"]
    assert cells[-1].cell_type == "markdown"
    assert number == max(NOTEBOOKS) or linked[-1]
    missing = {name for names in linked for name in names if not (ROOT / "notebooks" / name).exists()}
    assert not missing


def test_an_exercise_that_there_is_not():
    for name in ("00.4", "99.1", "", 3, None, ["00.1"], {}):
        with pytest.raises(
            ValueError, match=r"There is no exercise .* called as '00\.1', the notebook and the exercise"
        ):
            check(name, 1)


def test_a_test_that_fails_is_no_error():
    verdict = check("04.3", lambda x: x.no_such_thing)
    assert str(verdict).startswith("Not yet: Trying it gave AttributeError: ") and "no_such_thing" in str(verdict)
    assert not verdict.right


@pytest.mark.parametrize(("name", "answer"), [(n, ANSWERS[n[:2]].RIGHT[n][0]) for n in ("00.1", "01.1", "01.2")])
def test_without_a_device_nothing_is_judged(monkeypatch, name, answer):
    answer = made(answer)

    def none(*_):
        raise tf.errors.UnavailableError(
            None, None, "No working OpenCL device was found.\n  the loader lists none\nPerhaps"
        )

    monkeypatch.setattr("graphlab_nb.session.session.logical_devices", none)
    verdict = check(name, answer)
    assert not verdict.right
    assert str(verdict) == (
        "This could not be judged, as nothing can be computed here: No working OpenCL device was found. "
        "`graphlab-nb devices` tells what to do; then restart the kernel and check again."
    )


HUGE = 10**500
RAGGED = [[0]] * 53 + [[0, 1]]


STRANGE = {
    "huge": HUGE,
    "pair": [HUGE] * 2,
    "ragged": RAGGED,
    "text": "v=2",
    "state": "v=1&steps=x",
    "function": lambda *_: HUGE,
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_no_strange_answer_is_told_pythons_words(answer):
    for number in FILES:
        for k in (1, 2, 3):
            with tf.Graph().as_default():
                said = str(check(f"{number}.{k}", answer))
            assert said.startswith("Not yet: ") and "Error" not in said and "inhomogeneous" not in said, said


def test_a_number_that_no_float_holds_is_told_as_one():
    said = str(check("05.1", HUGE))
    assert said.startswith("Not yet: It has a number that is too large")


def test_text_that_is_no_playground_is_told_as_that():
    said = str(check("08.1", "v=2"))
    assert said.startswith("Not yet: The text is not the state of a playground: The state's version must be v=1; ")


def test_a_variable_that_is_set_and_does_not_double_is_told_so():
    v = tf.Variable(1.0)
    said = str(check("01.2", (v, tf.assign(v, 2.0))))
    assert said.startswith(
        "Not yet: The second run of the operation left the variable at 2; each run is to double it. "
    )
    w = tf.Variable(1.0)
    said = str(check("01.2", (w, w * 2)))
    assert said.startswith("Not yet: The first run of the operation left the variable at 1; ")


def test_a_restored_model_without_its_counter_is_told_so():
    def trained_alone(session, values):
        for v in tf.trainable_variables():
            v.load(values[v.op.name], session)

    assert str(check("10.3", trained_alone)).startswith("Not yet: A variable that is not trained, steps, was left out")
    said = str(check("10.3", lambda session, values: None))
    assert said.startswith("Not yet: After the second call, net/W has not the values that were given. ")
    assert "variable.load(" not in EXERCISES["10.3"].hint
