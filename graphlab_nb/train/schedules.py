"""Learning rates that fall with the number of steps, as scalar tensors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.scopes import name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.division import div, pow
from graphlab_nb.ops.logic import equal, where
from graphlab_nb.ops.math import add, exp, minimum, multiply
from graphlab_nb.ops.special import ceil, floor


def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * decay_rate ^ (global_step / decay_steps).

    Args:
      learning_rate: the rate at step 0.
      global_step: variable or tensor of the number of steps.
      decay_steps: after so many steps the rate is multiplied by `decay_rate`.
      decay_rate: the factor.
      staircase: whether the exponent is rounded down, so that the rate falls at intervals.
      name: name scope of the operations.

    Raises:
      ValueError: no global step.

    Example:
      >>> step = tf.placeholder(tf.int32, [])
      >>> rate = tf.train.exponential_decay(0.1, step, decay_steps=100, decay_rate=0.5)
      >>> round(float(tf.Session().run(rate, {step: 100})), 3)
      0.05
    """
    _check_step(global_step, "exponential_decay")
    with name_scope(name, "ExponentialDecay") as scope:
        rate, factor, periods = _rates(learning_rate, decay_rate, global_step, decay_steps, staircase)
        return multiply(rate, pow(factor, periods), name=scope)


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * exp(-decay_rate * global_step / decay_steps).

    Args:
      learning_rate: the rate at step 0.
      global_step: variable or tensor of the number of steps.
      decay_steps: the unit in which steps are counted.
      decay_rate: the exponent's factor.
      staircase: whether the count is rounded down.
      name: name scope of the operations.

    Returns:
      A scalar tensor of the type of `learning_rate`.

    Raises:
      ValueError: no global step.

    Example:
      >>> step = tf.placeholder(tf.int32, [])
      >>> rate = tf.train.natural_exp_decay(1.0, step, decay_steps=100, decay_rate=0.5)
      >>> round(float(tf.Session().run(rate, {step: 200})), 3)
      0.368
    """
    _check_step(global_step, "natural_exp_decay")
    with name_scope(name, "NaturalExpDecay") as scope:
        rate, factor, periods = _rates(learning_rate, decay_rate, global_step, decay_steps, staircase)
        return multiply(rate, exp(-factor * periods), name=scope)


def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate / (1 + decay_rate * global_step / decay_steps).

    Args:
      learning_rate: the rate at step 0.
      global_step: variable or tensor of the number of steps.
      decay_steps: the unit in which steps are counted.
      decay_rate: the factor of the count.
      staircase: whether the count is rounded down.
      name: name scope of the operations.

    Returns:
      A scalar tensor of the type of `learning_rate`.

    Raises:
      ValueError: no global step.

    Example:
      >>> step = tf.placeholder(tf.int32, [])
      >>> rate = tf.train.inverse_time_decay(0.1, step, decay_steps=100, decay_rate=1.0)
      >>> round(float(tf.Session().run(rate, {step: 100})), 3)
      0.05
    """
    _check_step(global_step, "inverse_time_decay")
    with name_scope(name, "InverseTimeDecay") as scope:
        rate, factor, periods = _rates(learning_rate, decay_rate, global_step, decay_steps, staircase)
        return div(rate, 1 + factor * periods, name=scope)


def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Tensor:
    """(learning_rate - end_learning_rate) * (1 - global_step / decay_steps) ^ power + end_learning_rate.

    Args:
      learning_rate: the rate at step 0.
      global_step: variable or tensor of the number of steps.
      decay_steps: the step at which the end is reached.
      end_learning_rate: the rate from then on.
      power: the polynomial's degree; 1 is a straight line.
      cycle: instead of staying at the end, go on with the least multiple of `decay_steps` that is not less than the
        step.
      name: name scope of the operations.

    Returns:
      A scalar tensor of the type of `learning_rate`.

    Raises:
      ValueError: no global step.

    Example:
      >>> step = tf.placeholder(tf.int32, [])
      >>> rate = tf.train.polynomial_decay(0.1, step, decay_steps=100, end_learning_rate=0.0)
      >>> round(float(tf.Session().run(rate, {step: 50})), 3)
      0.05
    """
    _check_step(global_step, "polynomial_decay")
    with name_scope(name, "PolynomialDecay") as scope:
        rate: Any = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        end: Any
        step: Any
        last: Any
        end, degree, step, last = (cast(v, dtype) for v in (end_learning_rate, power, global_step, decay_steps))
        if cycle:
            last = last * where(equal(step, 0), convert_to_tensor(1, dtype), ceil(step / last))
        else:
            step = minimum(step, last)
        return add((rate - end) * pow(1 - step / last, degree), end, name=scope)


def piecewise_constant(x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None) -> Tensor:
    """values[0] while x <= boundaries[0], values[1] while x <= boundaries[1], and so on; the last value after them all.

    Args:
      x: variable or tensor of one number, mostly the number of steps.
      boundaries: increasing numbers of the type of `x`.
      values: one more than there are boundaries, all of one type.
      name: name scope of the operations.

    Returns:
      A scalar tensor of the type of `values`.

    Raises:
      ValueError: another number of values, boundaries that do not increase, or types that do not fit.

    Example:
      >>> step = tf.placeholder(tf.int32, [])
      >>> rate = tf.train.piecewise_constant(step, [100, 200], [0.1, 0.05, 0.01])
      >>> round(float(tf.Session().run(rate, {step: 150})), 3)
      0.05
    """
    if len(boundaries) != len(values) - 1:
        raise ValueError(f"{len(boundaries)} boundaries need {len(boundaries) + 1} values, not {len(values)}")
    plain = [b for b in boundaries if isinstance(b, (int, float))]
    if any(b <= a for a, b in itertools.pairwise(plain)):
        raise ValueError(f"boundaries must increase: {list(boundaries)}")
    with name_scope(name, "PiecewiseConstant"):
        x = convert_to_tensor(x, name="x")
        kind = x.dtype.base_dtype
        for boundary in plain:
            if kind.is_integer and boundary != int(boundary):
                raise ValueError(f"Boundary {boundary} is no {kind.name}, the type of {x.name}")
        limits = [convert_to_tensor(int(b) if kind.is_integer and b in plain else b, kind) for b in boundaries]
        levels = [convert_to_tensor(v) for v in values]
        for level in levels:
            if level.dtype.base_dtype is not levels[0].dtype.base_dtype:
                raise ValueError(
                    f"values must be of one type, not {levels[0].dtype.base_dtype.name} "
                    f"and {level.dtype.base_dtype.name}"
                )
        result = levels[-1]
        for limit, level in zip(reversed(limits), reversed(levels[:-1]), strict=True):
            result = where(x <= limit, level, result)
        return result


def _check_step(global_step: Any, what: str) -> None:
    if global_step is None:
        raise ValueError(f"{what} needs a global_step to count with")


def _rates(rate: Any, factor: Any, step: Any, decay_steps: Any, staircase: bool) -> tuple[Any, Any, Any]:
    """The rate, the factor and the number of periods so far, all in the rate's type."""
    rate = convert_to_tensor(rate, name="learning_rate")
    dtype = rate.dtype.base_dtype
    factor, step, length = (cast(v, dtype) for v in (factor, step, decay_steps))
    periods: Any = step / length
    return rate, factor, floor(periods) if staircase else periods
