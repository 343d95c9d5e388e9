"""Operations that run Python on the host: functions of the user, printing and assertions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.dtypes import DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply_op, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import control_dependencies, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.control import identity

SHOWN = 3
"""Values of each tensor that messages show where nothing else is asked for."""


def _summary(value: Any, most: int | None) -> str:
    """The first `most` values of an array (all where it is negative), as TensorFlow prints them: "[1 2 3...]"."""
    flat = np.asarray(value).ravel()
    most = SHOWN if most is None else len(flat) if most < 0 else most
    shown = " ".join(v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in flat[:most])
    return f"[{shown}{'...' if len(flat) > most else ''}]"


@dataclass(frozen=True)
class PrintData(OpDef):
    """Prints a message and the first values of the inputs to standard error, in the first `first_n` runs."""

    message: str
    first_n: int
    summarize: int | None
    runs: Any = field(default_factory=count, compare=False)
    host: ClassVar[bool] = True
    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, *data: Spec) -> Sequence[Spec]:
        return []

    def compute(self, *data: Any) -> Sequence[Any]:
        if self.first_n < 0 or next(self.runs) < self.first_n:
            print(self.message + "".join(_summary(v, self.summarize) for v in data), file=sys.stderr, flush=True)
        return []


def Print(
    input_: Any,
    data: Sequence[Any],
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Tensor:
    """A tensor of the value of `input_` that prints `data` to standard error whenever it is computed.

    Args:
      input_: what is passed on.
      data: tensors to print.
      message: text before them.
      first_n: print only so many times, counted over all sessions; always where it is None or negative.
      summarize: how many values of each tensor are printed, 3 by default; all where it is negative.
      name: name scope of the operations.

    Example:
      >>> x = tf.constant([1, 2])
      >>> y = tf.Print(x, [x], "x is ")
      >>> tf.Session().run(y)  # standard error: x is [1 2]
      array([1, 2], dtype=int32)
    """
    with name_scope(name, "Print") as scope:
        tensor = convert_to_tensor(input_)
        definition = PrintData(message or "", -1 if first_n is None else int(first_n), summarize)
        with control_dependencies([apply_op(definition, list(data))]):
            return identity(tensor, scope)


@dataclass(frozen=True)
class AssertTrue(OpDef):
    """Fails the run, with the first values of the data, where the condition does not hold."""

    summarize: int | None
    type_name: ClassVar[str] = "Assert"
    host: ClassVar[bool] = True
    checks: ClassVar[bool] = True
    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def infer(self, condition: Spec, *data: Spec) -> Sequence[Spec]:
        if not condition.dtype.is_bool:
            raise TypeError(f"The condition must be bool, not {condition.dtype.name}")
        if condition.rank not in (None, 0):
            raise ValueError("The condition must be a single value; use tf.reduce_all to join several")
        return []

    def compute(self, condition: Any, *data: Any) -> Sequence[Any]:
        if not condition:
            shown = " ".join(_summary(v, self.summarize) for v in data)
            raise errors.InvalidArgumentError(None, None, f"assertion failed: {shown}")
        return []


def Assert(condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> Operation:
    """An operation that fails the run where `condition` does not hold.

    Args:
      condition: a single bool.
      data: tensors and values that the error shows.
      summarize: how many values of each are shown, 3 by default; all where it is negative.
      name: the operation's name.

    Raises:
      InvalidArgumentError: when it is run and the condition does not hold.

    Example:
      >>> x = tf.constant([1, 2])
      >>> with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 0), [x])]):
      ...     y = 10 * x
      >>> tf.Session().run(y)
      array([10, 20], dtype=int32)
    """
    return apply_op(AssertTrue(summarize), [condition, *data], name)


@dataclass(frozen=True)
class PyFunc(OpDef):
    """What a Python function makes of the inputs, as NumPy arrays."""

    function: Callable[..., Any]
    types: tuple[DType, ...]
    stateful: bool = True  # type: ignore[misc]
    host: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("*input",)

    def infer(self, *inputs: Spec) -> Sequence[Spec]:
        return [Spec(dtype, None) for dtype in self.types]

    def compute(self, *inputs: Any) -> Sequence[Any]:
        found = self.function(*inputs)
        if found is None:
            found = ()
        results = found if isinstance(found, (list, tuple)) else (found,)
        if len(results) != len(self.types):
            raise errors.InvalidArgumentError(
                None, None, f"{self.label} returned {len(results)} values, but Tout names {len(self.types)}"
            )
        return [self._checked(k, value, dtype) for k, value, dtype in zip(count(), results, self.types, strict=False)]

    @property
    def label(self) -> str:
        """The function's name, for messages."""
        return f"The function {getattr(self.function, '__name__', repr(self.function))}"

    def _checked(self, position: int, value: Any, dtype: DType) -> np.ndarray:
        if dtype is dtypes.string:
            try:
                return dtypes.string_array(value)
            except TypeError as error:
                raise errors.InvalidArgumentError(None, None, f"{self.label}, value {position}: {error}") from None
        array = np.asarray(value)
        # Python's own numbers have no size of their own; NumPy's say what they are.
        if not isinstance(value, (np.ndarray, np.generic)) and np.can_cast(array.dtype, dtype.np_dtype, "same_kind"):
            array = array.astype(dtype.np_dtype)
        if array.dtype != dtype.np_dtype:
            raise errors.InvalidArgumentError(
                None, None, f"{self.label} returned {array.dtype} as value {position}, but Tout says {dtype.name}"
            )
        return array


def py_func(
    func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None
) -> Any:
    """The outputs of the Python function `func`, which gets the inputs as NumPy arrays whenever they are needed.

    Args:
      func: takes as many arrays as `inp` has tensors, and returns arrays of the types of `Tout`.
      inp: tensors.
      Tout: element type of the output, or a list of them.
      stateful: False where equal inputs give equal outputs, so that one call may serve for several operations.
      name: the operation's name.

    Returns:
      A tensor of unknown shape, or a list of them where `Tout` is a list. No gradient flows through.

    Raises:
      InvalidArgumentError: when it is run, for a number or type of outputs other than `Tout` says. What `func` raises
        leaves the run as it is, with a note that names the operation.

    Example:
      >>> y = tf.py_func(lambda a: a[::-1], [tf.constant([1, 2, 3])], tf.int32)
      >>> tf.Session().run(y)
      array([3, 2, 1], dtype=int32)
    """
    several = isinstance(Tout, (list, tuple))
    types = tuple(dtypes.as_dtype(t).base_dtype for t in (Tout if several else [Tout]))
    op = apply_op(PyFunc(func, types, bool(stateful)), list(inp), name)
    return list(op.outputs) if several else op.outputs[0]


__all__ = public_names(globals())
