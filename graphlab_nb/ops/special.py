"""Rounding, trigonometry, special functions and tests for NaN, element by element."""

from __future__ import annotations

import math
from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.opdef import Accuracy
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.casting import cast
from graphlab_nb.ops.control import identity
from graphlab_nb.ops.logic import not_equal
from graphlab_nb.ops.math import exp, negative, reciprocal, sqrt, square
from graphlab_nb.ops.pointwise import Gradient, elementwise, unary_gradient

FLOATING = dtypes.FLOATING
INVERSE_ROOT_PI = 2 / math.sqrt(math.pi)

# Rounding, through which no gradient flows


@elementwise("Floor", "floor(x0)", takes=FLOATING)
def floor(x: Any, name: str | None = None) -> Tensor:
    """The largest whole number not above x, element by element.

    Example:
      >>> tf.Session().run(tf.floor([1.2, -1.2]))
      array([ 1., -2.], dtype=float32)
    """


@elementwise("Ceil", "ceil(x0)", takes=FLOATING)
def ceil(x: Any, name: str | None = None) -> Tensor:
    """The smallest whole number not below x, element by element.

    Example:
      >>> tf.Session().run(tf.ceil([1.2, -1.2]))
      array([ 2., -1.], dtype=float32)
    """


@elementwise("Rint", "rint(x0)", takes=FLOATING)
def rint(x: Any, name: str | None = None) -> Tensor:
    """The whole number closest to x, the even one of two, element by element.

    Example:
      >>> tf.Session().run(tf.rint([0.5, 1.5, 1.7]))
      array([0., 2., 2.], dtype=float32)
    """


def round(x: Any, name: str | None = None) -> Tensor:
    """The whole number closest to x, the even one of two, element by element; integers stay as they are.

    Example:
      >>> tf.Session().run(tf.round([0.5, 1.5, 1.7]))
      array([0., 2., 2.], dtype=float32)
    """
    x = convert_to_tensor(x, name="x")
    return identity(x, name) if x.dtype.base_dtype.is_integer else rint(x, name=name)


# Trigonometry


def _trigonometric(type_name: str, expression: str, derivative: Any) -> Any:
    """`@elementwise` for a function of floats whose gradient is dy * derivative(x, y)."""
    return elementwise(type_name, expression, grad=_times(derivative), takes=FLOATING)


def _times(derivative: Any) -> Gradient:
    return unary_gradient(lambda x, y, dy: dy * derivative(x, y))


@_trigonometric("Sin", "sin(x0)", lambda x, y: cos(x))
def sin(x: Any, name: str | None = None) -> Tensor:
    """Sine of x radians, element by element.

    Example:
      >>> tf.Session().run(tf.sin([0.0, 1.0])).round(3)
      array([0.   , 0.841], dtype=float32)
    """


@_trigonometric("Cos", "cos(x0)", lambda x, y: negative(sin(x)))
def cos(x: Any, name: str | None = None) -> Tensor:
    """Cosine of x radians, element by element.

    Example:
      >>> tf.Session().run(tf.cos([0.0, 1.0])).round(3)
      array([1.  , 0.54], dtype=float32)
    """


@_trigonometric("Tan", "tan(x0)", lambda x, y: 1 + square(y))
def tan(x: Any, name: str | None = None) -> Tensor:
    """Tangent of x radians, element by element.

    Example:
      >>> tf.Session().run(tf.tan([0.0, 1.0])).round(3)
      array([0.   , 1.557], dtype=float32)
    """


@_trigonometric("Asin", "asin(x0)", lambda x, y: 1 / sqrt(1 - square(x)))
def asin(x: Any, name: str | None = None) -> Tensor:
    """The angle of [-pi/2, pi/2] whose sine is x, element by element; NaN outside [-1, 1].

    Example:
      >>> tf.Session().run(tf.asin([0.0, 1.0])).round(3)
      array([0.   , 1.571], dtype=float32)
    """


@_trigonometric("Acos", "acos(x0)", lambda x, y: -1 / sqrt(1 - square(x)))
def acos(x: Any, name: str | None = None) -> Tensor:
    """The angle of [0, pi] whose cosine is x, element by element; NaN outside [-1, 1].

    Example:
      >>> tf.Session().run(tf.acos([1.0, 0.0, -1.0])).round(3)
      array([0.   , 1.571, 3.142], dtype=float32)
    """


@_trigonometric("Atan", "atan(x0)", lambda x, y: reciprocal(1 + square(x)))
def atan(x: Any, name: str | None = None) -> Tensor:
    """The angle of (-pi/2, pi/2) whose tangent is x, element by element.

    Example:
      >>> tf.Session().run(tf.atan([0.0, 1.0])).round(3)
      array([0.   , 0.785], dtype=float32)
    """


def _atan2_gradient(op: Any, dy: Tensor) -> list[Tensor]:
    y, x = op.inputs
    scaled = dy / (square(x) + square(y))
    return [x * scaled, negative(y * scaled)]


@elementwise("Atan2", "atan2(x0, x1)", grad=_atan2_gradient, takes=FLOATING)
def atan2(y: Any, x: Any, name: str | None = None) -> Tensor:
    """The angle of [-pi, pi] between the x axis and the point (x, y), element by element.

    Args:
      y: floats.
      x: floats of the same type, of a shape that broadcasts with that of `y`.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.atan2([1.0, 1.0], [1.0, -1.0])).round(3)
      array([0.785, 2.356], dtype=float32)
    """


@_trigonometric("Sinh", "sinh(x0)", lambda x, y: cosh(x))
def sinh(x: Any, name: str | None = None) -> Tensor:
    """Hyperbolic sine of x, element by element.

    Example:
      >>> tf.Session().run(tf.sinh([0.0, 1.0])).round(3)
      array([0.   , 1.175], dtype=float32)
    """


@_trigonometric("Cosh", "cosh(x0)", lambda x, y: sinh(x))
def cosh(x: Any, name: str | None = None) -> Tensor:
    """Hyperbolic cosine of x, element by element.

    Example:
      >>> tf.Session().run(tf.cosh([0.0, 1.0])).round(3)
      array([1.   , 1.543], dtype=float32)
    """


@_trigonometric("Tanh", "tanh(x0)", lambda x, y: 1 - square(y))
def tanh(x: Any, name: str | None = None) -> Tensor:
    """Hyperbolic tangent of x, element by element.

    Example:
      >>> tf.Session().run(tf.nn.tanh([0.0, 100.0])).round(3)
      array([0., 1.], dtype=float32)
    """


@_trigonometric("Sigmoid", "(T)(1) / ((T)(1) + exp(-x0))", lambda x, y: y * (1 - y))
def sigmoid(x: Any, name: str | None = None) -> Tensor:
    """The logistic function 1 / (1 + exp(-x)), element by element.

    Example:
      >>> tf.Session().run(tf.sigmoid([0.0, 100.0]))
      array([0.5, 1. ], dtype=float32)
    """


# Special functions


@_trigonometric("Erf", "erf(x0)", lambda x, y: INVERSE_ROOT_PI * exp(negative(square(x))))
def erf(x: Any, name: str | None = None) -> Tensor:
    """The error function 2 / sqrt(pi) * integral of exp(-t^2) from 0 to x, element by element.

    Example:
      >>> tf.Session().run(tf.erf([0.0, 1.0, 10.0])).round(3)
      array([0.   , 0.843, 1.   ], dtype=float32)
    """


@_trigonometric("Erfc", "erfc(x0)", lambda x, y: -INVERSE_ROOT_PI * exp(negative(square(x))))
def erfc(x: Any, name: str | None = None) -> Tensor:
    """The complement 1 - erf(x) of the error function, element by element, accurate where it is small.

    Example:
      >>> tf.Session().run(tf.erfc([0.0, 1.0, 10.0])).round(3)
      array([1.   , 0.157, 0.   ], dtype=float32)
    """


@elementwise("Lgamma", "lgamma(x0)", _times(lambda x, y: digamma(x)), FLOATING, accuracy=Accuracy(16, "one"))
def lgamma(x: Any, name: str | None = None) -> Tensor:
    """Logarithm of the absolute value of gamma(x), element by element.

    Example:
      >>> tf.Session().run(tf.lgamma([3.0, 5.0])).round(3)
      array([0.693, 3.178], dtype=float32)
    """


@elementwise(
    "Digamma",
    "digamma(x0)",
    grad=_times(lambda x, y: polygamma(convert_to_tensor(1, x.dtype.base_dtype), x)),
    takes=FLOATING,
    include="special.clh",
    accuracy=Accuracy(16, "one"),
)
def digamma(x: Any, name: str | None = None) -> Tensor:
    """The derivative of lgamma(x), element by element; NaN at 0, -1, -2, ...

    Example:
      >>> tf.Session().run(tf.digamma([1.0, 2.0])).round(3)
      array([-0.577,  0.423], dtype=float32)
    """


@elementwise(
    "Polygamma",
    "polygamma(x0, x1)",
    grad=lambda op, dy: [None, dy * polygamma(op.inputs[0] + 1, op.inputs[1])],
    takes=FLOATING,
    include="special.clh",
    accuracy=Accuracy(64, "one"),
)
def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The a-th derivative of digamma at x, for whole a >= 0; where a is above 1, x must be positive.

    Args:
      a: floats.
      x: floats of the same type, of a shape that broadcasts with that of `a`.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.polygamma([0.0, 1.0], [1.0, 1.0])).round(3)
      array([-0.577,  1.645], dtype=float32)
    """


@elementwise(
    "Zeta",
    "zeta(x0, x1)",
    grad=lambda op, dy: [None, negative(dy * op.inputs[0] * zeta(op.inputs[0] + 1, op.inputs[1]))],
    takes=FLOATING,
    include="special.clh",
    accuracy=Accuracy(64),
)
def zeta(x: Any, q: Any, name: str | None = None) -> Tensor:
    """Hurwitz's zeta function: the sum over k = 0, 1, ... of (q + k)^-x, element by element, for x > 1 and q > 0.

    Args:
      x: floats.
      q: floats of the same type, of a shape that broadcasts with that of `x`.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.zeta([2.0, 4.0], [1.0, 1.0])).round(3)
      array([1.645, 1.082], dtype=float32)
    """


@elementwise(
    "Xlogy",
    "x0 == (T)(0) ? (T)(0) : x0 * log(x1)",
    grad=lambda op, dy: [
        dy * xlogy(cast(not_equal(op.inputs[0], 0), op.inputs[0].dtype), op.inputs[1]),
        dy * op.inputs[0] / op.inputs[1],
    ],
    takes=FLOATING,
)
def xlogy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The product x * log(y), element by element, and 0 where x is 0, whatever y is; so is its gradient by x there.

    Args:
      x: floats.
      y: floats of the same type, of a shape that broadcasts with that of `x`.
      name: the operation's name.

    Example:
      >>> tf.Session().run(tf.xlogy([0.0, 2.0], [0.0, 10.0])).round(3)
      array([0.   , 4.605], dtype=float32)
    """


# Tests


@elementwise("IsNan", "isnan(x0)", takes=FLOATING, result=dtypes.bool_)
def is_nan(x: Any, name: str | None = None) -> Tensor:
    """Whether x is not a number, element by element.

    Example:
      >>> tf.Session().run(tf.is_nan([1.0, float("inf"), float("nan")]))
      array([False, False,  True])
    """


@elementwise("IsInf", "isinf(x0)", takes=FLOATING, result=dtypes.bool_)
def is_inf(x: Any, name: str | None = None) -> Tensor:
    """Whether x is plus or minus infinity, element by element.

    Example:
      >>> tf.Session().run(tf.is_inf([1.0, float("inf"), float("nan")]))
      array([False,  True, False])
    """


@elementwise("IsFinite", "isfinite(x0)", takes=FLOATING, result=dtypes.bool_)
def is_finite(x: Any, name: str | None = None) -> Tensor:
    """Whether x is neither infinite nor NaN, element by element.

    Example:
      >>> tf.Session().run(tf.is_finite([1.0, float("inf"), float("nan")]))
      array([ True, False, False])
    """


__all__ = public_names(globals())
