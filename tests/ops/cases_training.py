"""Operations of ops/training.py and ops/state.py, which change variables, so that no case can show them."""

from __future__ import annotations

from tests.ops.case import Case

CASES: list[Case] = []

_OPTIMIZERS = "tests/train/test_optimizers.py"
_VARIABLES = "tests/ops/test_variables.py"

ELSEWHERE = {
    "ApplyAdadelta": _OPTIMIZERS,
    "ApplyAdagrad": _OPTIMIZERS,
    "ApplyAdagradDA": _OPTIMIZERS,
    "ApplyAdam": _OPTIMIZERS,
    "ApplyCenteredRMSProp": _OPTIMIZERS,
    "ApplyFtrl": _OPTIMIZERS,
    "ApplyGradientDescent": _OPTIMIZERS,
    "ApplyMomentum": _OPTIMIZERS,
    "ApplyProximalAdagrad": _OPTIMIZERS,
    "ApplyProximalGradientDescent": _OPTIMIZERS,
    "ApplyRMSProp": _OPTIMIZERS,
    "Applied": _OPTIMIZERS,
    "AssertInitialized": _VARIABLES,
    "CheckLimit": _VARIABLES,
    "CountUpTo": _VARIABLES,
    "FirstEqual": _OPTIMIZERS,
    "InitializedValue": _VARIABLES,
    "NamesOfUninitialized": _VARIABLES,
}
