"""TensorShape and Dimension."""

from __future__ import annotations

import pytest

from graphlab_nb.shapes import Dimension, TensorShape, broadcast_dims


def test_dimensions_count_and_stay_unknown():
    assert (Dimension(3) * 4).value == 12 and (Dimension(None) + 1).value is None
    assert Dimension(3) == 3 and (Dimension(None) == 3) is None
    assert int(Dimension(7)) == 7 and [0, 1, 2][Dimension(1)] == 1
    with pytest.raises(TypeError):
        int(Dimension(None))
    with pytest.raises(ValueError):
        Dimension(-1)


def test_shapes_read_like_lists():
    shape = TensorShape([None, 784])
    assert shape.as_list() == [None, 784] and len(shape) == 2 and shape[1].value == 784
    assert shape.ndims == 2 and not shape.is_fully_defined() and shape.num_elements() is None
    assert str(shape) == "(?, 784)" and str(TensorShape(None)) == "<unknown>"
    assert shape[1:] == [784] and TensorShape([2, 3]).num_elements() == 6
    assert TensorShape([]).num_elements() == 1
    with pytest.raises(ValueError):
        TensorShape(None).as_list()


def test_merging_and_compatibility():
    assert TensorShape([None, 3]).merge_with([5, None]) == [5, 3]
    assert TensorShape(None).merge_with([2]) == [2]
    assert TensorShape([None, 3]).is_compatible_with([7, 3])
    assert not TensorShape([None, 3]).is_compatible_with([7, 4])
    with pytest.raises(ValueError, match=r"\(\?, 3\).*\(7, 4\)"):
        TensorShape([None, 3]).merge_with([7, 4])
    with pytest.raises(ValueError, match="rank 3"):
        TensorShape([1, 2]).with_rank(3)


def test_concatenation_and_slices_of_unknown_rank():
    assert TensorShape([1]).concatenate([2, 3]) == [1, 2, 3]
    assert TensorShape(None).concatenate([2]).ndims is None
    assert TensorShape(None)[0:2].ndims == 2


@pytest.mark.parametrize(
    ("a", "b", "out"),
    [
        ((2, 3), (3,), (2, 3)),
        ((None, 3), (1, 3), (None, 3)),
        ((None,), (4,), (4,)),
        (None, (4,), None),
        ((), (2, 2), (2, 2)),
        ((1, 5), (4, 1), (4, 5)),
        ((None, None), (None, 3), (None, 3)),
        ((0,), (1,), (0,)),
    ],
)
def test_broadcasting(a, b, out):
    assert broadcast_dims(a, b) == out and broadcast_dims(b, a) == out


def test_broadcasting_that_cannot_be():
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        broadcast_dims((2,), (3,))
