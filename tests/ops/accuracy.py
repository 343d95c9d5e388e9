"""Measures every operation's error in float32 against its case's reference in float64.

    python -m tests.ops.accuracy

measures on every OpenCL device that works, processors with both forms of the kernels, and writes accuracy.md.
tests/ops/test_accuracy.py does the same with fewer numbers and compares with the bounds that operations state.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import graphlab_nb as tf
from graphlab_nb.graph.build import apply
from graphlab_nb.graph.opdef import Accuracy, OpDef
from graphlab_nb.ops import winograd
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.products import ProductOfOthers, ProductOfOthersGrad
from tests.kernels.conv_reference import reference
from tests.ops import cases_of_all_families
from tests.ops.case import Case, case, normal, positive
from tests.ops.test_all_ops import all_definitions, as_list, reference_of
from tests.train.test_optimizers import REFERENCES

PAGE = Path(__file__).with_suffix(".md")
MANY = 50_000
"""Numbers that the table's elementwise operations are tried on."""

TINY = float(np.finfo(np.float32).tiny)
LARGEST = float(np.finfo(np.float32).max)

MOVING = {"Cast", "Const", "ExpandDims", "Fill", "Identity", "MaxPool", "Pack", "Placeholder", "Reshape", "RestoreAxes",
          "Squeeze", "StridedSlice", "Transpose"}  # fmt: skip
"""Operations that may stand beside the one that is measured, since they compute nothing."""

ELSEWHERE = {
    "CheckNumerics, RestoreAxes": "hand on what they are given",
    "Random*, TruncatedNormal, Multinomial": "random numbers have no reference; tests/ops/test_random.py tests how they are spread",
    "Assign*, Scatter*": "change variables by elementwise operations and rowwise sums that are measured as others",
    "Applied": "computes what the other `Apply` operations compute",
}

PARTS = [
    case("ProductOfOthers", lambda x: apply(ProductOfOthers(None), [x]), [positive(7, 9)], lambda x: x.prod() / x),
    case("ProductOfOthersGrad", lambda x, dy: apply(ProductOfOthersGrad(None), [x, dy]), [positive(7, 9), normal(7, 9)],
         lambda x, dy: x.prod() / x * ((dy / x).sum() - dy / x)),
]  # fmt: skip
"""Operations that cases only show as a part of others' gradients."""

WORDS = {"result": "the result", "one": "the result, at least 1", "terms": "the sum of the terms' sizes",
         "largest": "the largest result", "channel": "the channel's largest result"}  # fmt: skip
"""What the table says that a bound counts in, by `Accuracy.of`."""

Errors = dict[str, float]
"""By operation, the largest error in ulps of what its bound counts in."""


def ulps(found: np.ndarray, exact: np.ndarray, scale: np.ndarray) -> float:
    """The largest error, in units in the last place of `scale`.

    Left out is where the exact result is not finite, too large for float32, or so small that OpenCL may round it to zero.
    """
    size = np.abs(exact)
    counts = np.isfinite(exact) & ((size == 0) | (size >= TINY)) & (size <= LARGEST) & (scale <= LARGEST)
    if not counts.any():
        return 0.0
    unit = np.spacing(np.maximum(np.broadcast_to(scale, exact.shape)[counts], TINY).astype(np.float32))
    error = np.abs(found[counts] - exact[counts]) / unit.astype(np.float64)
    return float(np.where(np.isnan(error), np.inf, error).max())


def is_float(value: Any) -> bool:
    return np.asarray(value).dtype == np.float32


def scales(one: Any, inputs: Sequence[Any], exact: list[np.ndarray], of: str) -> list[np.ndarray]:
    """What each result's error is counted in units in the last place of."""
    if of == "terms":
        sizes = reference_of(one, [np.abs(np.asarray(x)) if is_float(x) else x for x in inputs])
        return [np.abs(x) for x in sizes]
    if of == "one":
        return [np.maximum(np.abs(x), 1) for x in exact]
    if of == "channel":
        return [np.abs(x).max(tuple(range(x.ndim - 1))) for x in exact]
    if of == "largest":
        finite = [np.abs(x[np.isfinite(x)]) for x in exact]
        return [np.full(x.shape, np.max(f, initial=0.0)) for x, f in zip(exact, finite, strict=True)]
    return [np.abs(x) for x in exact]


def results_of(one: Case, inputs: Sequence[Any]) -> tuple[OpDef, list[Any]] | None:
    """The measured operation's definition and the results, or None where it is not alone in what the case builds."""
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        arrays = [np.asarray(x) for x in inputs]
        tensors = [tf.placeholder(a.dtype, a.shape) for a in arrays]
        outputs = [tf.convert_to_tensor(o) for o in as_list(one.build(*tensors))]
        floats = [op for op in graph.get_operations() if any(o.dtype.is_floating for o in op.outputs)]
        computing = [op for op in floats if op.type not in MOVING - {one.type_name}]
        if [op.type for op in computing] != [one.type_name] or not any(o.dtype == tf.float32 for o in outputs):
            return None
        return computing[0].definition, as_list(sess.run(outputs, dict(zip(tensors, arrays, strict=True))))


def spread(one: Case, definition: OpDef, count: int) -> list[Any] | None:
    """Further inputs: of elementwise operations numbers of all sizes, and of sums the case's own at very different sizes."""
    random = np.random.RandomState(7)
    inputs = [np.asarray(x) for x in one.inputs]
    free = [i for i, x in enumerate(inputs) if is_float(x) and i not in one.fixed]
    if not free or any(x.size == 0 for x in inputs):
        return None
    if not isinstance(definition, Elementwise):
        if definition.accuracy.of != "terms":
            return None
        sizes = [2.0 ** random.uniform(-8, 8, x.shape) for x in inputs]
        return [(x * s).astype(x.dtype) if i in free else x for i, (x, s) in enumerate(zip(inputs, sizes, strict=True))]
    made: list[Any] = []
    for i, x in enumerate(inputs):
        if i not in free:
            made.append(random.choice(x.ravel(), count))
            continue
        values = 2.0 ** random.uniform(-20, 12, count)
        values[::2] = random.uniform(x.min(), x.max(), len(values[::2]))
        sign = random.choice([-1, 1], count) if x.min() < 0 else 1
        made.append((sign * np.abs(values)).astype(np.float32))
    return made


def measured(one: Case, count: int) -> tuple[Accuracy, float] | None:
    """The bound and the largest error over all the case's inputs; None where its operation is not measured by it."""
    largest, found = 0.0, results_of(one, one.inputs)
    if found is None:
        return None
    definition = found[0]
    further = [*one.also]
    if (more := spread(one, definition, count)) is not None:
        further.append(more)
    for inputs in (one.inputs, *further):
        try:
            values = found if inputs is one.inputs else results_of(one, inputs)
        except ValueError:
            if inputs is not more:
                raise
            continue  # a case for its own shapes alone
        if values is None:
            continue
        with np.errstate(all="ignore"):
            exact = reference_of(one, inputs)
            sizes = scales(one, inputs, exact, definition.accuracy.of)
            for value, want, scale in zip(values[1], exact, sizes, strict=True):
                if is_float(value) and want.dtype.kind == "f":
                    largest = max(largest, ulps(np.asarray(value, np.float64), want, scale))
    return definition.accuracy, largest


def optimizers() -> Iterator[tuple[str, Accuracy, float]]:
    """Of each optimizer its operation, the bound and the error of a step from slots that earlier steps filled."""
    random = np.random.RandomState(3)
    for rule in REFERENCES.values():
        rate = float(np.float32(rule.rate))
        start = random.randn(40, 13).astype(np.float32)
        gradients = random.randn(3, 40, 13).astype(np.float32)
        with tf.Graph().as_default() as graph, tf.Session() as sess:
            w, g = tf.Variable(start, name="w"), tf.placeholder(tf.float32, start.shape)
            optimizer = rule.make(rate)
            train = optimizer.apply_gradients([(g, w)], tf.train.get_or_create_global_step())
            (op,) = [op for op in graph.get_operations() if op.type.startswith("Apply")]
            sess.run(tf.initialize_all_variables())
            for gradient in gradients:
                before = np.float64(sess.run(w))
                slots = {slot: np.float64(sess.run(optimizer.get_slot(w, slot))) for slot in rule.slots}
                sess.run(train, {g: gradient})
            exact = rule.step(before, np.float64(gradient), slots, rate, len(gradients))
            error = ulps(np.float64(sess.run(w)), exact, np.full(exact.shape, np.abs(before).max()))
            yield op.type, op.definition.accuracy, error


def winograds() -> Iterator[tuple[str, Accuracy, float]]:
    """Of convolutions that go by Winograd's algorithm here, and of their gradients, the bound and the error."""
    random = np.random.RandomState(4)
    pictures = (3, 20, 23), (40, 6, 6)  # which are cut into tiles of different sizes
    for (side, bound), sizes in itertools.product(winograd.ACCURACY.items(), pictures):
        x, dy = (random.randn(*sizes, n).astype(np.float32) for n in (24, 40))
        w, strides = random.randn(side, side, 24, 40).astype(np.float32), [1, 1, 1, 1]
        exact = reference(*map(np.float64, (x, w, dy)), (1, 1), "SAME", (1, 1))
        with tf.Graph().as_default(), tf.Session() as sess:
            xs, ws, dys = (tf.placeholder(tf.float32, v.shape) for v in (x, w, dy))
            outputs = [
                tf.nn.conv2d(xs, ws, strides, "SAME"),
                tf.nn.conv2d_backprop_input(x.shape, ws, dys, strides, "SAME"),
                tf.nn.conv2d_backprop_filter(xs, w.shape, dys, strides, "SAME"),
            ]
            for output, want in zip(outputs, exact, strict=True):
                with tf.profile() as profile:
                    found = np.float64(sess.run(output, {xs: x, ws: w, dys: dy}))
                if any(row.kernel.startswith("winograd") for row in profile.rows):
                    (scale,) = scales(None, (), [want], bound.of)
                    yield f"{output.op.type}, {side}x{side} by Winograd", bound, ulps(found, want, scale)


def all_errors(count: int) -> Errors:
    """Every measured operation's largest error on the device that serves."""
    errors: Errors = {}
    for one in (*cases_of_all_families(), *PARTS):
        found = measured(one, count)
        if found is not None:
            errors[one.type_name] = max(errors.get(one.type_name, 0.0), found[1])
    for type_name, _, error in (*optimizers(), *winograds()):
        errors[type_name] = max(errors.get(type_name, 0.0), error)
    return errors


def places() -> Iterator[tuple[str, dict[str, str]]]:
    """Title and environment of each device that works here; processors with both forms of the kernels."""
    from graphlab_nb.runtime import choice, device

    reports = [r for r in device.discover().reports if r.kind in ("CPU", "GPU")]
    choice.judge(r for r in reports if r.works is None)
    for report in reports:
        if report.works:
            where = {"GLNB_PLATFORM": report.platform, "GLNB_MASK": ""}
            yield f"{report.platform}, {report.name}, driver {report.driver}", {**where, "GLNB_FORM": ""}
            if report.kind == "CPU":
                yield f"{report.platform}, with the kernels' form for GPUs", {**where, "GLNB_FORM": "gpu"}


def measured_apart(environment: dict[str, str]) -> Errors:
    """`all_errors` in a process of its own."""
    command = [sys.executable, "-m", "tests.ops.accuracy", str(MANY)]
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


HEAD = """\
# The operations' errors

Written by `python -m tests.ops.accuracy`: the largest error in float32 against the reference of the operation's cases
(tests/ops/cases_*.py) in float64. Elementwise operations are tried on {many} numbers besides, half of them of the sizes of
the case's own, half between 2^-20 and 2^12; operations that add are tried on terms of sizes that differ up to 65536-fold besides.

Errors are in units in the last place (ulp: the distance between neighbouring float32 numbers) of what "counted
in" names: mostly of each result itself; of the sum of the sizes of what is added up, where terms may cancel. The bound is what the
operation's definition states (`accuracy`), for elementwise ones by default what OpenCL allows the functions that they
consist of (OpenCL 1.2 specification, table 7.4); tests/ops/test_accuracy.py fails when an error exceeds it. What errs by half an ulp at
most is rounded correctly. Numbers below 2^-126 are left out, since devices may round them to zero.
"""


def bound_of(name: str) -> Accuracy:
    """The bound that is stated for what a row of the table names."""
    by_winograd = re.search(r"(\d)x\d by Winograd$", name)
    return winograd.ACCURACY[int(by_winograd[1])] if by_winograd else all_definitions()[name].accuracy


def page(columns: dict[str, Errors]) -> str:
    """The table of the columns' errors as Markdown."""
    names = sorted({name for errors in columns.values() for name in errors})
    exact = [name for name in names if not any(errors.get(name, 0) for errors in columns.values())]
    lines = ["\n" + "\n".join(f"{i}. {title}" for i, title in enumerate(columns, 1))]
    head = ["operation", "bound", "counted in", *map(str, range(1, len(columns) + 1))]
    lines += ["\n| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for name in names:
        if name not in exact:
            accuracy = bound_of(name)
            cells = [name, f"{accuracy.ulps:.4g}", WORDS[accuracy.of]]
            cells += [f"{errors[name]:.2f}" if name in errors else "" for errors in columns.values()]
            lines.append("| " + " | ".join(cells) + " |")
    lines.append(f"\nExact everywhere: {', '.join(exact)}.")
    lines.append("\nNot in the table:\n")
    lines += [f"- {names}: {why}." for names, why in ELSEWHERE.items()]
    return HEAD.format(many=f"{MANY:,}") + "\n".join(lines) + "\n"


def main() -> None:
    """Measures everywhere and writes the page."""
    columns = {}
    for title, environment in places():
        print(title, flush=True)
        columns[title] = measured_apart(environment)
    PAGE.write_text(page(columns))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(all_errors(int(sys.argv[1]))))
    else:
        main()
