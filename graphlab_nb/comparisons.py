"""Comparisons of arrays, for test cases."""

from __future__ import annotations

import math
import unittest
from typing import Any

import numpy as np


class Comparisons(unittest.TestCase):
    """Base of `tf.test.TestCase`: assertions about numbers, arrays and tensors."""

    def assertAllEqual(self, a: Any, b: Any) -> None:
        """Shapes and elements are equal; NaN is equal to NaN.

        Args:
          a: an array, or what can become one.
          b: what it is compared with.

        Example:
          >>> tf.test.TestCase().assertAllEqual([1, 2], (1, 2))
        """
        a, b = np.asarray(a), np.asarray(b)
        self._assert_same_shape(a, b)
        same = (a == b) | ((a != a) & (b != b))  # NaN differs from itself
        if not np.all(same):
            self.fail(f"not equal at {_places(~same)}:\n{a}\n{b}")

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6) -> None:
        """Shapes are equal, and elements are within `atol + rtol * abs(b)`; dicts are compared key by key.

        Args:
          a: an array, or what can become one.
          b: what it is compared with.
          rtol: the part of `b` that they may differ by.
          atol: what they may differ by besides.

        Example:
          >>> tf.test.TestCase().assertAllClose([1.0, 2.0], [1.0, 2.0000001])
        """
        if isinstance(a, dict):
            self.assertIsInstance(b, dict)
            self.assertCountEqual(a, b)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol)
            return
        a, b = np.asarray(a), np.asarray(b)
        self._assert_same_shape(a, b)
        close = np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
        if not np.all(close):
            largest = np.max(np.nan_to_num(np.abs(a.astype(np.float64) - b.astype(np.float64))))
            self.fail(
                f"not within rtol {rtol}, atol {atol} at {_places(~close)}, largest difference {largest}:\n{a}\n{b}"
            )

    def assertAllCloseAccordingToType(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6) -> None:
        """`assertAllClose`, with at least 1e-3 where one is float16.

        Args:
          a: an array, or what can become one.
          b: what it is compared with.
          rtol: the part of `b` that they may differ by.
          atol: what they may differ by besides.

        Example:
          >>> import numpy as np
          >>> tf.test.TestCase().assertAllCloseAccordingToType(np.float16([0.1]), [0.1])
        """
        a, b = np.asarray(a), np.asarray(b)
        if np.float16 in (a.dtype, b.dtype):
            rtol, atol = max(rtol, 1e-3), max(atol, 1e-3)
        self.assertAllClose(a, b, rtol, atol)

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Two numbers differ by no more than `err`.

        Args:
          f1: a number.
          f2: the other.
          err: what they may differ by.
          msg: what is said besides where it fails.

        Example:
          >>> tf.test.TestCase().assertNear(1.0, 1.25, err=0.5)
        """
        if math.isnan(f1 - f2) or abs(f1 - f2) > err:
            self.fail(f"{f1} differs from {f2} by more than {err}" + (f" ({msg})" if msg else ""))

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float) -> None:
        """Corresponding numbers of two sequences differ by no more than `err`.

        Args:
          farray1: numbers.
          farray2: as many others.
          err: what two of them may differ by.

        Example:
          >>> tf.test.TestCase().assertArrayNear([1.0, 2.0], [1.25, 2.0], err=0.5)
        """
        self.assertEqual(len(farray1), len(farray2))
        for f1, f2 in zip(farray1, farray2, strict=True):
            self.assertNear(float(f1), float(f2), err)

    def assertShapeEqual(self, np_array: np.ndarray, tf_tensor: Any) -> None:
        """An array has the static shape of a tensor.

        Args:
          np_array: the array.
          tf_tensor: the tensor.

        Example:
          >>> import numpy as np
          >>> tf.test.TestCase().assertShapeEqual(np.ones([2, 3]), tf.zeros([2, 3]))
        """
        self.assertEqual(list(np_array.shape), tf_tensor.get_shape().as_list())

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """A text begins with another.

        Args:
          actual: the text.
          expected_start: the other.
          msg: what is said besides where it fails.

        Example:
          >>> tf.test.TestCase().assertStartsWith("layer/w:0", "layer/")
        """
        if not actual.startswith(expected_start):
            self.fail(f"{actual!r} does not start with {expected_start!r}" + (f" ({msg})" if msg else ""))

    def _assert_same_shape(self, a: np.ndarray, b: np.ndarray) -> None:
        self.assertEqual(a.shape, b.shape, f"shapes differ: {list(a.shape)} and {list(b.shape)}")


def _places(wrong: np.ndarray) -> str:
    """The first few indices at which an array is true."""
    places = [tuple(int(i) for i in index) for index in np.argwhere(wrong)[:5]]
    return f"{places} ({int(np.sum(wrong))} of {wrong.size} elements)"
