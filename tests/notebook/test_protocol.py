"""One description of the wire, held by both sides."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path

import numpy as np
import pytest

from graphlab_nb.notebook import checking, protocol, typescript
from graphlab_nb.notebook.parcel import Parcel

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = json.loads((ROOT / "tests" / "fixtures" / "protocol.json").read_text())
KINDS = {message.__name__: message for message in protocol.MESSAGES}


def test_the_panel_has_the_description_of_the_kernel():
    assert (ROOT / "extension" / "src" / "protocol.ts").read_text() == typescript.typescript()


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f["about"])
def test_fixtures_fit_the_description(fixture):
    checking.check(fixture["message"], KINDS[fixture["kind"]])
    for ref, buffer in ((r, base64.b64decode(fixture["buffers"][r["buffer"]])) for r in refs_in(fixture["message"])):
        assert np.frombuffer(buffer, ref["dtype"]).size == np.prod(ref["shape"])


def refs_in(value):
    if isinstance(value, dict):
        if set(value) == {"buffer", "dtype", "shape"}:
            yield value
        else:
            for part in value.values():
                yield from refs_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from refs_in(part)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("v",), "1", "message.v must be int, not '1'"),
        (("op",), "fly", "message.op is 'fly'; it may be 'hello', "),
        (("interest", "curves"), 1, "message.interest.curves must be bool, not 1"),
        (("interest", "values"), 3, "message.interest.values must be str, not 3"),
        (("interest", "pictures"), {}, "message.interest.pictures must be a list"),
        (
            ("interest", "pictures", 0, "rows", 1),
            True,
            r"message.interest.pictures\[0\].rows\[1\] must be int, not True",
        ),
        (("interest", "pictures", 0, "more"), 1, r"message.interest.pictures\[0\] has no 'more'"),
        (("interest",), None, "message.interest must be an object"),
    ],
)
def test_what_does_not_fit_is_named(place, value, message):
    changed = copy.deepcopy(FIXTURES[0]["message"])
    target = changed
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    with pytest.raises(ValueError, match=message):
        checking.check(changed, protocol.Command)


def test_what_is_missing_is_named():
    changed = copy.deepcopy(FIXTURES[0]["message"])
    del changed["client"]
    with pytest.raises(ValueError, match=r"message\.client is missing"):
        checking.check(changed, protocol.Command)


def test_a_parcel_keeps_copies():
    parcel, numbers = Parcel(), np.arange(6, dtype=np.float32).reshape(2, 3)
    ref = parcel.add(numbers.T)
    numbers[:] = 0
    assert ref == {"buffer": 0, "dtype": "float32", "shape": [3, 2]}
    assert np.frombuffer(parcel.buffers[0], np.float32).tolist() == [0, 3, 1, 4, 2, 5]
