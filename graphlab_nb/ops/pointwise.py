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
    takes: Sequence[DType] = dtypes.NUMERIC,
    result: DType | None = None,
    fold: Callable[..., Any] | None = None,
    failure: tuple[str, str] | None = None,
    include: str = "",
    same_types: bool = True,
    accuracy: Accuracy | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Tensor]]:
    """Declares an elementwise operation on the function that documents it: of the library, or a program's own.

    The inputs are broadcast together, and chains of such operations become one kernel. In `expression`, which is compiled for
    vectors and for single elements, `x0`, `x1`, ... are the inputs' elements and `T` is the first input's type; numbers with
    a point are written `(T)(0.5)`, and `x0 > x1 ? x0 : x1` chooses.

    Args:
      type_name: the operation's type: TensorFlow's name, or one of your own.
      expression: OpenCL C of `x0`, `x1`, ...; `graphlab_nb.ops.pointwise` has all its rules.
      grad: function of (op, dy) that builds a list of one gradient for each input, from `op.inputs`, `op.outputs` and `dy`, the
        output's gradient; they may have the broadcast shape. None declares that no gradient flows.
      takes: element types of the inputs.
      result: the output's type where it is not the first input's.
      fold: NumPy's function for the same, for shape arithmetic.
      failure: a C condition on which the run fails with `InvalidArgumentError`, and the message.
      include: file of kernels_cl/include that the expression needs.
      same_types: whether all inputs must have one type.
      accuracy: the bound on the error where `allowed` cannot tell it from the expression.

    Returns:
      A decorator. The decorated function's parameters but for `name` are the inputs; those with defaults may be left out. Its
      body is not used. The operation's function takes `name=` in any case.

    Raises:
      TypeError, ValueError: for what cannot be an operation, by `type_name`; from the operation's function, for inputs of other
        types, or of shapes that do not fit together.

    Example:
      >>> @tf.elementwise("Cube", "x0 * x0 * x0", grad=lambda op, dy: [3.0 * tf.square(op.inputs[0]) * dy])
      ... def cube(x):
      ...     \"\"\"The third power of x, element by element.\"\"\"
      >>> tf.Session().run(cube([1.0, 2.0]))
      array([1., 8.], dtype=float32)
    """
    takes = _checked(type_name, expression, grad, takes, result)

    def declare(documented: Callable[..., Any]) -> Callable[..., Tensor]:
        defaults = _inputs_of(documented, type_name, expression, failure)
        parameters = [*defaults]
        arity = len(parameters)
        body: dict[str, Any] = {
            "__doc__": documented.__doc__,
            "__module__": documented.__module__,
            "type_name": type_name,
            "input_names": tuple(parameters),
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
            body["gradient"] = lambda self, op, dy: _listed(grad(op, dy))
        definition = type(type_name, (Elementwise,), body)()

        @functools.wraps(documented)
        def build(*args: Any, **kwargs: Any) -> Tensor:
            name = kwargs.pop("name", None)
            if len(args) == arity and not kwargs:
                inputs: Sequence[Any] = args
            else:
                bound = dict(zip([*parameters, "name"], args, strict=False))
                if len(args) > arity + 1:
                    raise TypeError(f"{documented.__name__}() takes {arity} inputs, not {len(args)}")
                for key, value in kwargs.items():
                    if key not in defaults or key in bound:
                        raise TypeError(f"{documented.__name__}() got an unexpected or repeated argument {key!r}")
                    bound[key] = value
                name = bound.pop("name", name)
                for key, value in defaults.items():
                    if key not in bound:
                        if value is inspect.Parameter.empty:
                            raise TypeError(f"{documented.__name__}() misses the argument {key!r}")
                        bound[key] = value
                inputs = [bound[p] for p in parameters]
            return apply(definition, inputs, name)

        build.definition = definition  # type: ignore[attr-defined]
        return build

    return declare


def at_fault(complaint: str, ops: Sequence[Operation]) -> tuple[Operation, str] | None:
    """The operation that a compiler complains of, and its expression in words.

    Args:
      complaint: the compiler's.
      ops: what one kernel computes.

    Returns:
      None where no operation is a program's own: those of the library build.
    """
    own = [
        (op, op.definition.expression)
        for op in ops
        if isinstance(op.definition, Elementwise) and not _is_of_library(op.definition)
    ]
    words = set(re.findall(r"'(\w+)'", complaint))
    named = [(op, text) for op, text in own if not words.isdisjoint(re.findall(r"\w+", text))]
    for op, text in [*named, *own]:
        return op, f"; the expression of {op.type} is {text!r}"
    return None


def _is_of_library(definition: OpDef) -> bool:
    return type(definition).__module__.startswith(f"{__name__.partition('.')[0]}.")


def _listed(gradients: Any) -> Sequence[Tensor | None]:
    """Of one input, the gradient may come without a list around it."""
    return [gradients] if gradients is None or isinstance(gradients, Tensor) else gradients


_CAST = re.compile(r"\([TSR]\)\s*\([^()]*\)")
_BARE = re.compile(r"(?<![\w.])(\d+\.\d*|\.\d+)([eE][-+]?\d+)?(?![\w.])")


def _checked(type_name: Any, expression: Any, grad: Any, takes: Any, result: Any) -> tuple[DType, ...]:
    """The types that the inputs may have, after a look at what an operation is declared with."""
    if not isinstance(type_name, str) or not re.fullmatch(r"[A-Za-z]\w*", type_name, re.ASCII):
        raise ValueError(f"An operation's type is a word such as 'Swish', not {type_name!r:.80}")
    if not isinstance(expression, str) or not expression.strip():
        raise TypeError(f"{type_name}: the expression must be OpenCL C such as 'x0 * x0', not {expression!r:.80}")
    if bare := _BARE.search(_CAST.sub("", expression)):
        # It would be a double, which vectors of floats do not go together with.
        raise ValueError(f"{type_name}: write {bare.group()} as (T)({bare.group()}), so that it has the elements' type")
    if grad is not None and not callable(grad):
        raise TypeError(f"{type_name}: grad must be a function of (op, dy), not {grad!r:.80}")
    types = (takes,) if isinstance(takes, DType) else tuple(takes)
    if not types or not all(isinstance(t, DType) for t in (*types, *([] if result is None else [result]))):
        raise TypeError(f"{type_name}: takes and result are element types such as tf.float32")
    return types


def _inputs_of(
    documented: Callable[..., Any], type_name: str, expression: str, failure: tuple[str, str] | None
) -> dict[str, Any]:
    """The names of the inputs, with what they are where they are left out."""
    parameters = inspect.signature(documented).parameters.values()
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        raise TypeError(f"{type_name}: {documented.__name__} must name each of its inputs")
    inputs = {p.name: p.default for p in parameters if p.name != "name"}
    if not inputs:
        raise TypeError(f"{type_name}: {documented.__name__} has no inputs")
    for k in map(int, re.findall(r"\bx(\d+)\b", expression + " " + (failure[0] if failure else ""))):
        if k >= len(inputs):
            raise ValueError(f"{type_name}: the expression names x{k}, and the inputs are {', '.join(inputs)}")
    return inputs


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
