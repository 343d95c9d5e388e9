"""`case`: one line says how an operation is tested (test_all_ops.py does the rest)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Case:
    """How one operation is tested.

    Attributes:
      type_name: the operation's type.
      build: function from tensors to the output tensor, or to a list of them.
      inputs: NumPy arrays; those of float32 are differentiated and converted to float64 for the reference.
      reference: function from NumPy arrays to the output, or to a list of them.
      also: further sets of inputs for the forward test; empty ones and ones of size 1 belong here.
      grad: whether first gradients are compared with finite differences.
      second: whether second gradients are, too.
      fixed: positions of float inputs that are not differentiated (indices of kinks, probabilities).
      tolerance: largest error, relative to the largest value of the reference.
      empty: False, with the reason in `why`, for operations that take no empty input.
      why: why gradients or empty inputs are not tested.
    """

    type_name: str
    build: Callable[..., Any]
    inputs: Sequence[Any]
    reference: Callable[..., Any]
    also: Sequence[Sequence[Any]] = field(default_factory=list)
    grad: bool = True
    second: bool = True
    fixed: Sequence[int] = ()
    tolerance: float = 1e-5
    grad_tolerance: float = 2e-3
    empty: bool = True
    why: str = ""


def case(
    type_name: str, build: Callable[..., Any], inputs: Sequence[Any], reference: Callable[..., Any], **kwargs: Any
) -> Case:
    """A `Case`; see its attributes."""
    return Case(type_name, build, inputs, reference, **kwargs)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Normal numbers, as float32."""
    return np.asarray(np.random.RandomState(seed + len(shape)).randn(*shape), np.float32)


def positive(*shape: int, seed: int = 0, low: float = 0.5, high: float = 2.0) -> np.ndarray:
    """Uniform numbers of [low, high), as float32."""
    return np.asarray(np.random.RandomState(seed + len(shape)).uniform(low, high, shape), np.float32)


def apart(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers at least 0.1 from each other and from zero, in random order, as float32: for functions with kinks."""
    size = int(np.prod(shape))
    values = (np.arange(size) - size // 2 + 0.5) * 0.1
    return np.random.RandomState(seed).permutation(values).reshape(shape).astype(np.float32)


def integers(*shape: int, low: int = -5, high: int = 6, seed: int = 0, dtype: Any = np.int32) -> np.ndarray:
    """Whole numbers of [low, high)."""
    return np.random.RandomState(seed).randint(low, high, shape).astype(dtype)


def booleans(*shape: int, seed: int = 0) -> np.ndarray:
    """Random truth values."""
    return np.random.RandomState(seed).rand(*shape) < 0.5
