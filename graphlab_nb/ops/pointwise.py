"""`Elementwise`, the base of operations that fuse, and `@elementwise`, which declares one in a line.

An elementwise operation is a C expression of its inputs `x0`, `x1`, ... The compiler joins chains of them, with
broadcasting, into one kernel (kernels_cl/pointwise.cl), compiled for vectors and scalars alike, so an expression:

- loads only the inputs it names;
- names types only as `T` (the first input's), `S` (the last input's) and `R` (the result's), and converts numbers with
  `(T)(0.5)`;
- uses operators, OpenCL built-ins that take vectors, and the functions of kernels_cl/include;
- chooses by `x0 > x1 ? x0 : x1` where the condition compares values of the result's own width, else by `where(bool, a, b)`.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.shapes import broadcast_dims, show

Gradient = Callable[..., Sequence[Tensor | None]]


ULPS = {
    "acos": 4, "acosh": 4, "asin": 4, "asinh": 4, "atan": 5, "atan2": 6, "atanh": 5, "cbrt": 2, "cos": 4, "cosh": 4, "erf": 16,
    "erfc": 16, "exp": 3, "exp2": 3, "expm1": 3, "hypot": 4, "log": 3, "log1p": 2, "log2": 3, "pow": 16, "powr": 16,
    "rsqrt": 2, "sin": 4, "sinh": 4, "sqrt": 3, "tan": 5, "tanh": 5, "tgamma": 16, "/": 2.5,
    "+": 0.5, "-": 0.5, "*": 0.5,
}  # fmt: skip
"""Error that OpenCL allows in single precision, in units in the last place (OpenCL 1.2 specification, table 7.4)."""

_ROUNDED = re.compile(r"(?<=[\w)])\s*([-+*/])|([a-z]\w*)(?=\()|\d\.\d*[1-9]")


def allowed(expression: str) -> Accuracy:
    """The bound on the error of a C expression in which nothing cancels.

    One that rounds once is as accurate as that. Otherwise errors add up, and each may count twice, for an ulp of one number
    is up to twice that of another, relative to the numbers.
    """
    found = [match.group(1) or match.group(2) or "+" for match in _ROUNDED.finditer(expression)]
    ulps = [ULPS[name] for name in found if name in ULPS]
    return Accuracy(sum(ulps) if len(ulps) < 2 else 2 * sum(ulps))


class Elementwise(OpDef):
    """Base of operations that compute each element of the output from one element of each input.

    Class attributes:
      expression: the C expression; subclasses with attributes override `code` instead.
      arity: number of inputs.
      result: the output's type, or None where it is the first input's.
      takes: element types that the inputs may have.
      failure: a C condition on the inputs that makes the run fail, and the message for it.
      folder: NumPy function that computes the same on the small integers that shapes are made of.
      include: a file of kernels_cl/include that the expression needs.
      accuracy: by default what `allowed` says of the expression.
    """

    input_names: ClassVar[tuple[str, ...]] = ("x", "y")
    one_type: ClassVar[slice] = slice(None)
    expression: ClassVar[str] = ""
    arity: ClassVar[int] = 1
    result: ClassVar[DType | None] = None
    takes: ClassVar[tuple[DType, ...]] = dtypes.NUMERIC
    failure: ClassVar[tuple[str, str] | None] = None
    folder: ClassVar[Callable[..., Any] | None] = None
    include: ClassVar[str] = ""
    accuracy: ClassVar[Accuracy] = Accuracy(0.5)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("expression") and "accuracy" not in cls.__dict__:
            cls.accuracy = allowed(cls.expression)

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        if len(inputs) != self.arity:
            raise ValueError(f"{self.type_name} takes {self.arity} inputs, not {len(inputs)}")
        first = inputs[0]
        dims = first.dims
        for spec in inputs:
            if spec.dtype not in self.takes:
                names = ", ".join(t.name for t in self.takes)
                raise TypeError(f"{self.type_name} takes {names}, not {spec.dtype.name}")
            if spec is not first:
                dims = self.broadcast(dims, spec.dims)
        for spec in (alike := inputs[self.one_type]):
            if spec.dtype is not alike[0].dtype:
                kinds = f"{alike[0].dtype.name} and {spec.dtype.name}"
                raise TypeError(f"{self.type_name} takes inputs of one type, not {kinds}")
        return Spec(self.result_type(*(s.dtype for s in inputs)), dims)

    @staticmethod
    def broadcast(a: Any, b: Any) -> Any:
        """The shape that two inputs' shapes make together."""
        try:
            return broadcast_dims(a, b)
        except ValueError:
            raise ValueError(f"Shapes {show(a)} and {show(b)} do not broadcast together") from None

    def result_type(self, *inputs: DType) -> DType:
        """The output's element type, from the inputs'."""
        return self.result or inputs[0]

    def code(self, *inputs: DType) -> tuple[str, ...]:
        """The C expression of each output for inputs of these types; `y0` in a later one is the first output."""
        return (self.expression,)

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        dims = outputs[0].shape
        values = self.value_inputs
        return [i for i, s in enumerate(inputs) if i not in values and s.rank == len(dims) and s.shape[:1] == dims[:1]]

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        assert self.failure is not None
        return errors.InvalidArgumentError, self.failure[1]

    def fold(self, *specs: Spec) -> Any:
        if self.folder is None or any(s.value is None for s in specs):
            return None
        return np.ma.asarray(type(self).folder(*(s.value for s in specs)))  # type: ignore[misc]

    # launch: the compiler fuses elementwise operations and writes their kernel (compiler/pointwise.py).


def elementwise(
    type_name: str,
    expression: str,
    grad: Gradient | None = None,
    takes: tuple[DType, ...] = dtypes.NUMERIC,
    result: DType | None = None,
    fold: Callable[..., Any] | None = None,
    failure: tuple[str, str] | None = None,
    include: str = "",
    same_types: bool = True,
    accuracy: Accuracy | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Tensor]]:
    """Declares an elementwise operation on the function that documents it.

    Args:
      type_name: the operation's type, TensorFlow's name.
      expression: the C expression of `x0`, `x1`, ...; see the module's text.
      grad: function of (op, dy) that gives one gradient per input; None declares that there is none.
      takes: element types of the inputs.
      result: the output's type where it is not the first input's.
      fold: NumPy's function for the same, for shape arithmetic.
      failure: a C condition on which the run fails with `InvalidArgumentError`, and the message.
      include: file of kernels_cl/include that the expression needs.
      same_types: whether all inputs must have one type.
      accuracy: the bound on the error where `allowed` cannot tell it from the expression.

    Returns:
      A decorator. The decorated function's parameters before `name` are the inputs; its body is not used.
    """

    def declare(documented: Callable[..., Any]) -> Callable[..., Tensor]:
        parameters = list(inspect.signature(documented).parameters)
        arity = parameters.index("name")
        body: dict[str, Any] = {
            "__doc__": documented.__doc__,
            "__module__": documented.__module__,
            "type_name": type_name,
            "input_names": tuple(parameters[:arity]),
            "one_type": slice(None) if same_types else slice(0),
            "expression": expression,
            "arity": arity,
            "takes": takes,
            "result": result,
            "failure": failure,
            "checks": failure is not None,
            "folder": staticmethod(fold) if fold else None,
            "include": include,
        }
        if accuracy is not None:
            body["accuracy"] = accuracy
        if grad is None:
            body["differentiable"] = False
        else:
            body["gradient"] = lambda self, op, dy: grad(op, dy)
        definition = type(type_name, (Elementwise,), body)()

        @functools.wraps(documented)
        def build(*args: Any, **kwargs: Any) -> Tensor:
            name = kwargs.pop("name", None)
            if len(args) == arity and not kwargs:
                inputs: Sequence[Any] = args
            else:
                bound = dict(zip(parameters, args, strict=False))
                for key, value in kwargs.items():
                    if key not in parameters or key in bound:
                        raise TypeError(f"{documented.__name__}() got an unexpected or repeated argument {key!r}")
                    bound[key] = value
                name = bound.pop("name", name)
                missing = [p for p in parameters[:arity] if p not in bound]
                if missing:
                    raise TypeError(f"{documented.__name__}() misses the argument {missing[0]!r}")
                inputs = [bound[p] for p in parameters[:arity]]
            return apply(definition, inputs, name)

        build.definition = definition  # type: ignore[attr-defined]
        return build

    return declare


def convert_together(values: Sequence[Any], dtype: Any = None, names: Sequence[str] = ()) -> list[Tensor]:
    """Values as tensors of one type: numbers take the type of the tensors among them, as in TensorFlow.

    Args:
      values: tensors, variables, numbers, lists or arrays.
      dtype: the type that all must have, where it is known.
      names: names for the constants made of numbers.
    """
    called = [*names[: len(values)], *[None] * (len(values) - len(names))]
    if dtype is None:
        for value in values:
            if type(value) is Tensor or hasattr(value, "_as_tensor"):
                dtype = value.dtype.base_dtype
                break
        else:
            first = convert_to_tensor(values[0], name=called[0])
            dtype = first.dtype.base_dtype
            values = [first, *values[1:]]
    return [
        v if type(v) is Tensor else convert_to_tensor(v, dtype, name=n) for v, n in zip(values, called, strict=True)
    ]


def unary_gradient(function: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Gradient:
    """A gradient of one input from `function(x, y, dy)`, for operations whose rule is one formula."""

    def gradient(op: Operation, dy: Tensor) -> list[Tensor]:
        return [function(op.inputs[0], op.outputs[0], dy)]

    return gradient
