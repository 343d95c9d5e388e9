"""No operation's error in float32 exceeds the bound that its definition states."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab_nb.graph.opdef import Accuracy
from graphlab_nb.ops.pointwise import Elementwise, allowed
from tests.ops import accuracy
from tests.ops.test_all_ops import CASES, all_definitions

ROOT = Path(__file__).resolve().parents[2]
SOME = 4_000
TYPES = sorted({case.type_name for case in (*CASES, *accuracy.PARTS) if any(accuracy.is_float(x) for x in case.inputs)})


@pytest.mark.parametrize("type_name", TYPES)
def test_errors_are_within_the_stated_bound(type_name: str) -> None:
    for case in (*CASES, *accuracy.PARTS):
        found = accuracy.measured(case, SOME) if case.type_name == type_name else None
        if found is not None:
            bound, error = found
            assert error <= bound.ulps, f"an error of {error:.2f} ulp of {bound.of}, where {bound.ulps} are stated"


@pytest.mark.parametrize("several", [accuracy.optimizers, accuracy.winograds])
def test_errors_of_several_are_within_the_stated_bounds(several: Callable[[], Any]) -> None:
    for name, bound, error in several():
        assert error <= bound.ulps, f"{name}: an error of {error:.2f} ulp of {bound.of}, where {bound.ulps} are stated"


def test_errors_of_the_kernels_form_for_gpus_are_within_the_stated_bounds() -> None:
    command = [sys.executable, "-m", "tests.ops.accuracy", str(SOME)]
    environment = {**os.environ, "GLNB_FORM": "gpu"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    errors = json.loads(done.stdout)
    assert len(errors) > 150 and not [name for name in errors if "Winograd" in name]
    beyond = {name: error for name, error in errors.items() if error > accuracy.bound_of(name).ulps}
    assert not beyond


def test_errors_count_in_units_in_the_last_place_of_what_the_bound_names() -> None:
    exact = np.array([1.5, -3.0, 0.0, 1e-42, 1e39, np.nan])
    one_off = np.nextafter(np.float32(exact[:2]), np.float32(np.inf)).astype(np.float64)
    assert accuracy.ulps(one_off, exact[:2], np.abs(exact[:2])) == 1
    assert accuracy.ulps(one_off, exact[:2], np.array([16.0, 16.0])) == 0.125
    assert accuracy.ulps(np.array([1.5, -3.0, 0.0, 0.0, 0.0, 0.0]), exact, np.abs(exact)) == 0  # what does not count
    assert accuracy.ulps(np.array([np.nan, -3.0]), exact[:2], np.abs(exact[:2])) == np.inf


def test_an_expression_s_bound_is_what_opencl_allows() -> None:
    assert allowed("x0 + x1") == Accuracy(0.5)
    assert allowed("-x0") == allowed("x0 > (T)(0) ? (T)(1) : x0") == Accuracy(0)
    assert allowed("exp(x0)") == Accuracy(3) and allowed("(T)(1) / x0") == Accuracy(2.5)
    assert allowed("x0 * log(x1)") == Accuracy(7)
    assert allowed("x0 * (T)(0.1)") == Accuracy(2) and allowed("x0 * (T)(2.0)") == Accuracy(0.5)


def test_functions_that_opencl_says_nothing_of_have_a_bound_of_their_own() -> None:
    for definition in all_definitions().values():
        if issubclass(definition, Elementwise) and definition.include == "special.clh":
            assert "accuracy" in definition.__dict__, definition


def test_the_table_has_the_bounds_that_definitions_state_and_no_error_beyond() -> None:
    rows = re.findall(r"^\| ([A-Z][^|]*) \| ([\d.]+) \| ([^|]*) \|(.*)\|$", accuracy.PAGE.read_text(), flags=re.M)
    assert len(rows) > 60
    for name, bound, counted, errors in rows:
        stated = accuracy.bound_of(name)
        assert (bound, counted) == (f"{stated.ulps:.4g}", accuracy.WORDS[stated.of]), name
        assert all(float(error) <= stated.ulps for error in errors.split("|") if error.strip()), name
