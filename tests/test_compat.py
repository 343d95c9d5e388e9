"""Conversions between text and bytes."""

import numpy as np
import pytest

from graphlab_nb import compat


def test_text_and_bytes():
    assert compat.as_bytes("é") == compat.as_bytes("é".encode()) == b"\xc3\xa9"
    assert compat.as_text(b"\xc3\xa9") == compat.as_str("é") == "é"
    assert compat.as_bytes("é", "latin-1") == b"\xe9"
    assert compat.as_str_any(b"a") == "a" and compat.as_str_any(3) == "3"


def test_other_types_are_refused_and_named():
    for convert in (compat.as_bytes, compat.as_text):
        with pytest.raises(TypeError, match="Expected bytes or text, got 3"):
            convert(3)


def test_tuples_of_types():
    assert isinstance(np.int32(1), compat.integral_types) and not isinstance(1.0, compat.integral_types)
    assert isinstance(np.float32(1), compat.real_types) and isinstance(1j, compat.complex_types)
    assert isinstance(b"", compat.bytes_or_text_types)
