"""Cases of arithmetic, comparisons, logic, choice and casts (ops/math.py, logic.py, casting.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphlab_nb as tf
from tests.ops.case import Case, apart, booleans, case, integers, normal, positive

EMPTY = np.zeros((0, 3), np.float32)
ONE = np.full((1, 1), 0.7, np.float32)
PAIR = [normal(2, 3), normal(2, 3, seed=1)]
ROWS = [normal(2, 3), normal(3, seed=1)]
COLUMN = [normal(2, 1), normal(1, 3, seed=1)]
EMPTY_PAIR = [EMPTY, normal(3)]
SINGLES = [ONE, normal(2, 3)]
ALSO = [EMPTY_PAIR, SINGLES, [np.float32(2), normal(7)]]
SIGNED = (np.int8, np.int16, np.int32, np.int64)
UNSIGNED = (np.uint8, np.uint16, np.uint32, np.uint64)
WHY = "whole numbers have no gradients"


def whole(type_name: str, build: Any, reference: Any, types: Any, **kwargs: Any) -> list[Case]:
    """A case for each integer type: 37 numbers, so that vectors and what is left over are both used."""
    cases = []
    for dtype in types:
        low = 0 if dtype in UNSIGNED else -9
        x, y = integers(37, low=low, high=10, dtype=dtype), integers(37, low=1, high=8, seed=1, dtype=dtype)
        if dtype in SIGNED:
            y[::3] *= -1
        empty = [np.zeros(0, dtype), np.zeros(0, dtype)]
        cases.append(case(type_name, build, [x, y], reference, also=[empty, [x, y[:1]]], grad=False, why=WHY, **kwargs))
    return cases


def truncated(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))).astype(x.dtype)


def same_type(function: Any) -> Any:
    """NumPy's function with the result in the first input's type, as C has it."""
    return lambda x, *y: function(x, *y).astype(x.dtype)


CASES: list[Case] = [
    case("Add", tf.add, PAIR, np.add, also=ALSO),
    case("Add", lambda x, y: x + y, ROWS, np.add),
    case("Add", tf.add, COLUMN, np.add),
    *whole("Add", tf.add, same_type(np.add), (*SIGNED, *UNSIGNED)),
    case("Sub", tf.sub, PAIR, np.subtract, also=ALSO),
    case("Sub", lambda x, y: x - y, COLUMN, np.subtract),
    *whole("Sub", tf.subtract, same_type(np.subtract), SIGNED),
    case("Mul", tf.mul, PAIR, np.multiply, also=ALSO),
    case("Mul", tf.multiply, [normal(4, 1, 3), normal(2, 1)], np.multiply),
    case("Mul", lambda x: tf.scalar_mul(2.5, x), [normal(5)], lambda x: 2.5 * x),
    *whole("Mul", tf.mul, same_type(np.multiply), (*SIGNED, *UNSIGNED)),
    case("Neg", tf.neg, [normal(2, 3)], np.negative, also=[[EMPTY]]),
    case("Square", tf.square, [normal(2, 3)], np.square, also=[[EMPTY]]),
    case("Square", tf.square, [integers(37)], np.square, grad=False, why=WHY),
    case("SquaredDifference", tf.squared_difference, ROWS, lambda x, y: (x - y) ** 2, also=[EMPTY_PAIR]),
    case("Sqrt", tf.sqrt, [positive(2, 3)], np.sqrt, also=[[EMPTY], [ONE]]),
    case("Rsqrt", tf.rsqrt, [positive(2, 3)], lambda x: 1 / np.sqrt(x), also=[[EMPTY]]),
    case("Exp", tf.exp, [normal(2, 3)], np.exp, also=[[EMPTY]]),
    case("Expm1", tf.expm1, [normal(2, 3)], np.expm1, also=[[EMPTY], [np.float32([1e-6, -1e-7])]]),
    case("Log", tf.log, [positive(2, 3)], np.log, also=[[EMPTY]]),
    case("Log1p", tf.log1p, [positive(2, 3)], np.log1p, also=[[EMPTY], [np.float32([1e-6, -1e-7])]]),
    case("Reciprocal", tf.inv, [positive(2, 3)], lambda x: 1 / x, also=[[EMPTY]]),
    case("Abs", tf.abs, [apart(2, 3)], np.abs, also=[[EMPTY]]),
    case("Abs", abs, [integers(37, dtype=np.int8)], np.abs, also=[[np.zeros(0, np.int8)]], grad=False, why=WHY),
    case("Abs", tf.abs, [integers(37, low=0, dtype=np.uint8)], np.abs, grad=False, why=WHY),
    case("Sign", tf.sign, [apart(2, 3)], np.sign, also=[[EMPTY], [np.float32([0, np.nan])]]),
    case("Sign", tf.sign, [integers(37)], np.sign, also=[[np.zeros(0, np.int32)]], grad=False, why=WHY),
    case("Div", tf.div, [normal(2, 3), positive(3, seed=1)], np.divide, also=[[EMPTY, positive(3)]]),
    case("Div", lambda x, y: x / y, [normal(2, 3), positive(2, 1)], np.divide),
    *whole("Div", tf.div, truncated, (*SIGNED, *UNSIGNED)),
    *whole("Div", tf.truediv, lambda x, y: (x / y).astype(np.float32 if x.dtype.itemsize < 4 else np.float64), SIGNED),
    *whole("FloorDiv", tf.floordiv, np.floor_divide, (*SIGNED, *UNSIGNED)),
    case(
        "FloorDiv",
        tf.floordiv,
        [normal(37), positive(37)],
        np.floor_divide,
        also=[EMPTY_PAIR],
        grad=False,
        why="it is constant between whole numbers",
    ),
    *whole("FloorMod", tf.floormod, np.mod, (*SIGNED, *UNSIGNED)),
    case(
        "FloorMod",
        tf.floormod,
        [np.float32([5.3, -5.3, 5.3, -5.3]), np.float32([3, 3, -3, -3])],
        np.mod,
        also=[EMPTY_PAIR, [normal(37), apart(37)]],
    ),
    *whole("TruncateMod", tf.mod, np.fmod, (*SIGNED, *UNSIGNED)),
    case(
        "TruncateMod",
        tf.truncatemod,
        [np.float32([5.3, -5.3, 5.3, -5.3]), np.float32([3, 3, -3, -3])],
        np.fmod,
        also=[EMPTY_PAIR, [normal(37), apart(37)]],
    ),
    case("Pow", tf.pow, [positive(2, 3), normal(3)], np.power, also=[[EMPTY, positive(3)]]),
    case("Pow", lambda x: x**2, [normal(5)], np.square),
    case(
        "Pow",
        tf.pow,
        [np.float32([-2, -3, 0]), np.float32([3, 2, 2])],
        np.power,
        fixed=[1],
        why="a negative number to a power that is not whole is not real",
    ),
    case(
        "Pow",
        tf.pow,
        [integers(37, low=-4), integers(37, low=0, high=9, seed=1)],
        np.power,
        also=[[np.zeros(0, np.int32)] * 2],
        grad=False,
        why=WHY,
    ),
    case(
        "Pow",
        tf.pow,
        [integers(37, low=0, dtype=np.uint8), integers(37, low=0, high=3, dtype=np.uint8)],
        same_type(np.power),
        grad=False,
        why=WHY,
    ),
    case("Maximum", tf.maximum, [apart(2, 3), np.float32(0.02)], np.maximum, also=ALSO, fixed=[1]),
    case("Maximum", tf.maximum, [apart(12)[:6], apart(12)[6:]], np.maximum),
    *whole("Maximum", tf.maximum, np.maximum, SIGNED),
    case("Minimum", tf.minimum, [apart(2, 3), np.float32(0.02)], np.minimum, also=ALSO, fixed=[1]),
    case("Minimum", lambda x: tf.clip_by_value(x, -0.12, 0.18), [apart(7)], lambda x: np.clip(x, -0.12, 0.18)),
    *whole("Minimum", tf.minimum, np.minimum, UNSIGNED),
    case(
        "AddN",
        lambda *x: tf.add_n(x),
        [normal(2, 3), normal(2, 3, seed=1), normal(2, 3, seed=2)],
        lambda *x: sum(x),
        also=[[EMPTY] * 3],
    ),
    case("AddN", lambda x: tf.add_n([x] * 40), [normal(2, 3)], lambda x: 40 * x),
    case("AddN", lambda x, y: tf.accumulate_n([x, y], shape=[2, 3]), PAIR, np.add),
    case("Less", tf.less, [integers(37), integers(37, seed=1)], np.less, also=[EMPTY_PAIR], grad=False, why=WHY),
    case(
        "LessEqual", tf.less_equal, [integers(37), integers(37, seed=1)], np.less_equal, also=[EMPTY_PAIR], grad=False
    ),
    case("Greater", tf.greater, [integers(37, dtype=np.int64), np.int64(1)], np.greater, also=[EMPTY_PAIR], grad=False),
    case(
        "GreaterEqual",
        tf.greater_equal,
        [integers(37, dtype=np.uint8, low=0), np.uint8(3)],
        np.greater_equal,
        also=[EMPTY_PAIR],
        grad=False,
    ),
    case(
        "Equal",
        tf.equal,
        [integers(37), integers(37, seed=1)],
        np.equal,
        also=[EMPTY_PAIR, [booleans(37), booleans(37, seed=1)], [np.float32([np.nan, 1]), np.float32([np.nan, 1])]],
        grad=False,
    ),
    case(
        "NotEqual",
        tf.not_equal,
        [integers(37), integers(37, seed=1)],
        np.not_equal,
        also=[EMPTY_PAIR, [booleans(37), booleans(37, seed=1)], [np.float32([np.nan, 1]), np.float32([np.nan, 1])]],
        grad=False,
    ),
    case(
        "LogicalAnd",
        tf.logical_and,
        [booleans(37), booleans(37, seed=1)],
        np.logical_and,
        also=[[booleans(0), booleans(0)]],
        grad=False,
    ),
    case(
        "LogicalOr",
        lambda x, y: x | y,
        [booleans(37), booleans(37, seed=1)],
        np.logical_or,
        also=[[booleans(0), booleans(0)]],
        grad=False,
    ),
    case(
        "LogicalXor",
        tf.logical_xor,
        [booleans(37), booleans(37, seed=1)],
        np.logical_xor,
        also=[[booleans(0), booleans(0)]],
        grad=False,
    ),
    case("LogicalNot", lambda x: ~x, [booleans(37)], np.logical_not, also=[[booleans(0)]], grad=False),
    case("Select", tf.select, [booleans(2, 3), *PAIR], np.where, also=[[booleans(0, 3), EMPTY, EMPTY]]),
    case("Select", tf.where, [booleans(37), integers(37), integers(37, seed=1)], np.where, grad=False, why=WHY),
    case(
        "Select", tf.select, [booleans(37), booleans(37, seed=1), booleans(37, seed=2)], np.where, grad=False, why=WHY
    ),
    case("Select", tf.select, [np.bool_(True), *PAIR], np.where),
    case(
        "RowCondition",
        tf.select,
        [booleans(2), *PAIR],
        lambda c, t, e: np.where(c[:, None], t, e),
        also=[[booleans(0), EMPTY, EMPTY]],
    ),
    case(
        "RowCondition",
        tf.select,
        [booleans(2), normal(2, 3, 4), normal(2, 3, 4, seed=1)],
        lambda c, t, e: np.where(c[:, None, None], t, e),
    ),
    case(
        "Cast",
        lambda x: tf.cast(x, tf.int32),
        [normal(37) * 5],
        lambda x: x.astype(np.int32),
        also=[[EMPTY]],
        grad=False,
        why=WHY,
    ),
    case("Cast", lambda x: tf.to_float(tf.to_double(x) * 2), [normal(5)], lambda x: x * 2),
    case("Cast", tf.to_float, [integers(37)], lambda x: x.astype(np.float32), grad=False, why=WHY),
    case("Cast", lambda x: tf.cast(x, "bool"), [integers(37, low=-1, high=2)], lambda x: x != 0, grad=False, why=WHY),
    case("Cast", lambda x: tf.cast(x, tf.float32), [booleans(37)], lambda x: x.astype(np.float32), grad=False, why=WHY),
    case(
        "Cast",
        lambda x: tf.cast(x, tf.uint8),
        [integers(37, dtype=np.int64)],
        lambda x: x.astype(np.uint8),
        grad=False,
        why=WHY,
    ),
    case(
        "Cast",
        lambda x: tf.saturate_cast(x, tf.uint8),
        [integers(37, low=-200, high=500)],
        lambda x: np.clip(x, 0, 255).astype(np.uint8),
        grad=False,
        why=WHY,
    ),
    case("Cast", lambda x: tf.to_int64(x), [integers(37)], lambda x: x.astype(np.int64), grad=False, why=WHY),
    case(
        "Bitcast",
        lambda x: tf.bitcast(x, tf.int32),
        [np.float32([[1, 2], [3, 4]])],
        lambda x: x.astype(np.float32).view(np.int32),
        also=[[EMPTY]],
        grad=False,
        why=WHY,
    ),
    case(
        "Bitcast",
        lambda x: tf.bitcast(x, tf.uint8),
        [integers(5)],
        lambda x: x.view(np.uint8).reshape(5, 4),
        grad=False,
        why=WHY,
    ),
    case(
        "Bitcast",
        lambda x: tf.bitcast(x, tf.int64),
        [integers(3, 2)],
        lambda x: x.view(np.int64)[:, 0],
        grad=False,
        why=WHY,
    ),
]
