"""Takes every operation through its cases: forward, gradients, shapes, empty and size-1 dimensions."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf
import graphlab_nb.ops
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.opdef import OpDef
from graphlab_nb.ops.pointwise import Elementwise
from tests.ops import cases_of_all_families
from tests.ops.case import Case

CASES = cases_of_all_families()
STEP = 1e-2


def case_ids() -> list[str]:
    counts: dict[str, int] = {}
    ids = []
    for case in CASES:
        counts[case.type_name] = counts.get(case.type_name, 0) + 1
        ids.append(f"{case.type_name}-{counts[case.type_name]}")
    return ids


def all_definitions() -> dict[str, type[OpDef]]:
    for module in pkgutil.iter_modules(graphlab_nb.ops.__path__):
        importlib.import_module(f"graphlab_nb.ops.{module.name}")
    found: dict[str, type[OpDef]] = {}
    stack: list[type[OpDef]] = [OpDef]
    while stack:
        for child in stack.pop().__subclasses__():
            stack.append(child)
            abstract = child.infer is OpDef.infer or (
                child.__subclasses__() and (child.__doc__ or "").startswith("Base of ")
            )
            abstract = abstract or (
                issubclass(child, Elementwise) and not child.expression and child.code is Elementwise.code
            )
            if child.__module__.startswith("graphlab_nb.ops") and not abstract and child is not Const:
                found[child.type_name] = child
    return found


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def reference_of(case: Case, inputs: Any) -> list[np.ndarray]:
    doubles = [i.astype(np.float64) if isinstance(i, np.ndarray) and i.dtype == np.float32 else i for i in inputs]
    return [np.asarray(r) for r in as_list(case.reference(*doubles))]


def check_forward(case: Case, inputs: Any, fed: bool) -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        arrays = [np.asarray(i) for i in inputs]
        if fed:
            tensors = [tf.placeholder(a.dtype, [None] * a.ndim) for a in arrays]
            feeds = dict(zip(tensors, arrays, strict=True))
        else:
            tensors = [tf.constant(a) for a in arrays]
            feeds = {}
        outputs = [tf.convert_to_tensor(o) for o in as_list(case.build(*tensors))]
        values = sess.run(outputs, feeds)
        expected = reference_of(case, inputs)
        assert len(values) == len(expected)
        for output, value, want in zip(outputs, values, expected, strict=True):
            value = np.asarray(value)
            assert value.shape == want.shape, f"shape {value.shape}, expected {want.shape}"
            assert output.get_shape().is_compatible_with(value.shape), (
                f"inferred {output.get_shape()}, is {value.shape}"
            )
            if not fed:
                definition = output.op.definition
                if not (definition.dynamic or definition.host):
                    assert output.get_shape().is_fully_defined(), (
                        f"{output} has known inputs, but its shape is not known"
                    )
            assert value.dtype == output.dtype.base_dtype.as_numpy_dtype
            if value.dtype.kind == "f":
                scale = max(1.0, np.nanmax(np.abs(want[np.isfinite(want)]), initial=0.0)) if want.size else 1.0
                np.testing.assert_allclose(value, want, rtol=case.tolerance, atol=case.tolerance * scale)
            else:
                np.testing.assert_array_equal(value, want)


@pytest.mark.parametrize("fed", [False, True], ids=["constant", "fed"])
@pytest.mark.parametrize("case", CASES, ids=case_ids())
def test_forward(case: Case, fed: bool) -> None:
    for inputs in (case.inputs, *case.also):
        check_forward(case, inputs, fed)


def differentiable(case: Case) -> list[int]:
    return [
        i
        for i, a in enumerate(case.inputs)
        if isinstance(a, np.ndarray) and a.dtype == np.float32 and i not in case.fixed
    ]


def scalar_of(outputs: list[Any], weights: list[Any]) -> Any:
    parts = [tf.reduce_sum(o * tf.constant(w)) for o, w in zip(outputs, weights, strict=True) if o.dtype.is_floating]
    return tf.add_n(parts) if len(parts) > 1 else parts[0]


def numeric_direction(case: Case, inputs: list[np.ndarray], i: int, direction: np.ndarray, weights: list[Any]) -> float:
    """Derivative of the weighted sum of the reference along `direction` in input i, by central differences in float64."""

    def total(step: float) -> float:
        moved = [a.astype(np.float64) if a.dtype == np.float32 else a for a in inputs]
        moved[i] = moved[i] + step * direction
        results = [np.asarray(r) for r in as_list(case.reference(*moved))]
        floats = [r for r in results if r.dtype.kind == "f"]
        return float(sum((r * w).sum() for r, w in zip(floats, weights, strict=True)))

    step = 1e-5
    return (total(step) - total(-step)) / (2 * step)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.grad], ids=[i for i, c in zip(case_ids(), CASES, strict=True) if c.grad]
)
def test_gradient(case: Case) -> None:
    positions = differentiable(case)
    assert positions, "no input to differentiate: say grad=False and why"
    inputs = [np.asarray(i) for i in case.inputs]
    random = np.random.RandomState(1)
    with tf.Graph().as_default(), tf.Session() as sess:
        tensors = [tf.placeholder(a.dtype, a.shape) if i in positions else tf.constant(a) for i, a in enumerate(inputs)]
        feeds = {tensors[i]: inputs[i] for i in positions}
        outputs = [tf.convert_to_tensor(o) for o in as_list(case.build(*tensors))]
        floats = [o for o in outputs if o.dtype.is_floating]
        shapes = [np.shape(v) for v in sess.run(floats, feeds)]
        weights = [random.uniform(0.5, 1.5, s).astype(np.float32) for s in shapes]
        xs = [tensors[i] for i in positions]
        grads = tf.gradients(scalar_of(floats, weights), xs)
        assert all(g is not None for g in grads), "an input has no gradient: put it in `fixed` and say why"
        values = sess.run(grads, feeds)
        directions = [np.asarray(random.randn(*inputs[i].shape)) for i in positions]
        for i, value, direction in zip(positions, values, directions, strict=True):
            assert np.shape(value) == inputs[i].shape
            want = numeric_direction(case, inputs, i, direction, weights)
            got = float((np.asarray(value, np.float64) * direction).sum())
            scale = max(1.0, float(np.abs(np.asarray(value) * direction).sum()))
            assert abs(got - want) <= case.grad_tolerance * scale, f"input {i}: gradient {got}, by differences {want}"
        if not case.second:
            return
        # Second gradients: the derivative of (gradient . direction) against differences of the first gradients.
        along = [tf.reduce_sum(g * tf.constant(d.astype(np.float32))) for g, d in zip(grads, directions, strict=True)]
        total = tf.add_n(along) if len(along) > 1 else along[0]
        seconds = tf.gradients(total, xs)
        for j, (i, second) in enumerate(zip(positions, seconds, strict=True)):
            other = np.asarray(random.randn(*inputs[i].shape))

            def first_along(step: float, i: int = i, other: np.ndarray = other) -> float:
                moved = dict(feeds)
                moved[tensors[i]] = (inputs[i].astype(np.float64) + step * other).astype(np.float32)
                found = sess.run(grads, moved)
                return float(sum((np.asarray(g, np.float64) * d).sum() for g, d in zip(found, directions, strict=True)))

            want = (first_along(STEP) - first_along(-STEP)) / (2 * STEP)
            got = 0.0 if second is None else float((np.asarray(sess.run(second, feeds), np.float64) * other).sum())
            scale = max(1.0, abs(want), 0.05 * abs(first_along(0.0)) / STEP * 1e-2)
            assert abs(got - want) <= 0.03 * scale, f"input {i} ({j}): second gradient {got}, by differences {want}"


def test_every_operation_has_a_case_and_a_docstring() -> None:
    tested = {c.type_name for c in CASES}
    definitions = all_definitions()
    assert len(definitions) > 100
    assert not [n for n, d in definitions.items() if not (d.__doc__ or "").strip()], "operations without a docstring"
    assert sorted(set(definitions) - tested - covered_elsewhere()) == []


def covered_elsewhere() -> set[str]:
    """Operations with state or without numbers, which tests of their own cover (tests/ops/test_state.py and others)."""
    from tests.ops import TESTED_ELSEWHERE

    return set(TESTED_ELSEWHERE)


def test_every_operation_that_takes_tensors_is_tested_with_empty_ones() -> None:
    tested: dict[str, bool] = {}
    for case in CASES:
        if not case.inputs:
            continue
        sets = (case.inputs, *case.also)
        empty = any(np.size(a) == 0 for inputs in sets for a in inputs) or not case.empty
        empty = empty or any(r.size == 0 for inputs in sets for r in reference_of(case, inputs))
        assert case.empty or case.why, f"{case.type_name}: say why no empty input is tested"
        assert case.grad or case.why or not differentiable(case), f"{case.type_name}: say why gradients are not tested"
        tested[case.type_name] = tested.get(case.type_name, False) or empty
    assert [name for name, ok in tested.items() if not ok] == []
