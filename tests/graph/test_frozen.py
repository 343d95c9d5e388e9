"""Classes of attributes that never change."""

from __future__ import annotations

from typing import ClassVar

import pytest

from graphlab_nb.graph.frozen import frozen, replaced


@frozen
class Base:
    first: int
    second: tuple[int, ...] = (2,)
    kind: ClassVar[str] = "base"


@frozen
class Derived(Base):
    third: str = "c"

    def __repr__(self) -> str:
        return "its own"


@frozen
class Other(Base):
    third: str = "c"


def test_attributes_are_the_constructors_arguments_those_of_bases_first():
    made = Derived(1, third="d")
    assert (made.first, made.second, made.third) == (1, (2,), "d")
    assert Base(5) == Base(first=5, second=(2,)) != Base(6)
    for wrong in ({}, {"first": 1, "fourth": 4}, {"first": 1, "kind": "x"}):
        with pytest.raises(TypeError, match="attribute"):
            Base(**wrong)
    with pytest.raises(TypeError, match="repeated"):
        Base(1, first=2)
    with pytest.raises(TypeError, match="takes 2"):
        Base(1, (2,), 3)


def test_equal_attributes_make_equal_objects_of_one_class():
    assert {Derived(1), Derived(1), Derived(2), Other(1)} == {Derived(1), Derived(2), Other(1)}
    assert Derived(1) != Other(1) and Base(1) != 1
    nan = float("nan")
    assert Base(nan) == Base(nan)  # as tuples are, which hold the same object
    assert replaced(Derived(1), third="e") == Derived(1, third="e")


def test_nothing_changes():
    made = Base(1)
    with pytest.raises(AttributeError, match="first"):
        made.first = 2
    with pytest.raises(AttributeError, match="first"):
        del made.first
    assert repr(made) == "Base(first=1, second=(2,))" and repr(Derived(1)) == "its own"
