"""Cases of every operation, by family: cases_math.py for ops/math.py and so on."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

TESTED_ELSEWHERE = {
    "Placeholder": "tests/session/test_session.py",
    "PlaceholderWithDefault": "tests/session/test_session.py",
    "Variable": "tests/ops/test_variables.py",
    "Identity": "tests/ops/test_variables.py",
    "Assign": "tests/ops/test_variables.py",
    "AssignAdd": "tests/ops/test_variables.py",
    "AssignSub": "tests/ops/test_variables.py",
    "IsVariableInitialized": "tests/ops/test_variables.py",
}
"""Operations that a case cannot show, and the test that does."""


def cases_of_all_families() -> list[Any]:
    """The `CASES` of all modules cases_*.py of this folder."""
    found: list[Any] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        if module.startswith("cases_"):
            loaded = importlib.import_module(f"{__name__}.{module}")
            found += loaded.CASES
            TESTED_ELSEWHERE.update(getattr(loaded, "ELSEWHERE", {}))
    return found
