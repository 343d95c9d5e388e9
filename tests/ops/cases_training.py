"""Operations of ops/training.py, ops/state.py and ops/sync.py, which change variables, so that no case can show them."""

from __future__ import annotations

from tests.ops.case import Case

CASES: list[Case] = []

_OPTIMIZERS = "tests/train/test_optimizers.py"
_REPLICAS = "tests/distributed/test_sync_parts.py"
_VARIABLES = "tests/ops/test_variables.py"

ELSEWHERE = {
    "Agreement": _REPLICAS,
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
    "AwaitStep": _REPLICAS,
    "ChangeIf": _REPLICAS,
    "CheckLimit": _VARIABLES,
    "CountGradient": _REPLICAS,
    "CountUpTo": _VARIABLES,
    "EndStep": _REPLICAS,
    "FirstEqual": _OPTIMIZERS,
    "InitializedValue": _VARIABLES,
    "NamesOfUninitialized": _VARIABLES,
    "TakeMean": _REPLICAS,
    "TakeStep": _REPLICAS,
}
