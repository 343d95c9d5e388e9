"""The table of types."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from graphlab_nb import dtypes


@pytest.mark.parametrize("dtype", dtypes.BASE_TYPES, ids=lambda t: t.name)
def test_every_way_to_name_a_type(dtype):
    assert dtypes.as_dtype(dtype.name) is dtype
    assert dtypes.as_dtype(dtype.as_datatype_enum) is dtype
    if dtype is not dtypes.string:
        assert dtypes.as_dtype(dtype.as_numpy_dtype) is dtype
        assert dtypes.as_dtype(np.dtype(dtype.as_numpy_dtype)) is dtype
    reference = dtypes.as_dtype(dtype.name + "_ref")
    assert reference.is_ref_dtype and reference.base_dtype is dtype and dtype.base_dtype is dtype
    assert dtype.is_compatible_with(reference)
    assert pickle.loads(pickle.dumps(dtype)) is dtype


def test_comparisons_and_limits():
    assert dtypes.float32 == "float32" and dtypes.float32 == np.float32 and dtypes.float32 != dtypes.float64
    assert dtypes.int8.min == -128 and dtypes.int8.max == 127
    assert dtypes.float32.is_floating and dtypes.int64.is_integer and dtypes.bool_.is_bool
    with pytest.raises(TypeError):
        _ = dtypes.string.max


def test_unknown_types_are_named():
    with pytest.raises(TypeError, match="complex"):
        dtypes.as_dtype("complex1024")
    with pytest.raises(TypeError):
        dtypes.as_dtype(np.complex64)
