"""`OpDef`: the contract that every operation's class fulfils, and `Spec`, what is known of a tensor before it is run."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from graphlab_nb.dtypes import DType
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.launch import Array, DeviceTraits, Launcher, Window
from graphlab_nb.shapes import Dims

if TYPE_CHECKING:
    from graphlab_nb.graph.operation import Operation
    from graphlab_nb.graph.tensor import Tensor


class Spec:
    """What is known of a tensor without running anything.

    Attributes:
      dtype: element type.
      dims: None for an unknown rank, else a tuple of ints and None.
      value: for small integer tensors that shapes are made of, a NumPy masked array (entries not known are masked);
        None where nothing is known.
    """

    __slots__ = ("dims", "dtype", "value")

    def __init__(self, dtype: DType, dims: Dims, value: Any = None):
        self.dtype = dtype
        self.dims = dims
        self.value = value

    @property
    def known(self) -> bool:
        """Whether the shape is fully known."""
        return self.dims is not None and None not in self.dims

    @property
    def shape(self) -> tuple[int, ...]:
        """The full shape, as plans have it.

        Raises:
          ValueError: where something of it is unknown.
        """
        if self.dims is None or None in self.dims:
            raise ValueError(f"The shape {self.dims} is not fully known")
        return cast(tuple[int, ...], self.dims)

    @property
    def size_in_bytes(self) -> int:
        """Bytes that a tensor of the full shape takes."""
        return math.prod(self.shape) * self.dtype.size

    @property
    def rank(self) -> int | None:
        """Number of dimensions, or None."""
        return None if self.dims is None else len(self.dims)

    def full_value(self) -> Any:
        """The value as a plain NumPy array where every entry is known, else None."""
        if self.value is None or np.ma.is_masked(self.value):
            return None
        return np.asarray(self.value)

    def value_as_dims(self) -> Dims:
        """A rank-1 value read as a shape: masked and negative entries are unknown dimensions.

        Where the value is not known at all, the result has this tensor's length of unknown dimensions, or unknown rank.
        """
        if self.value is None:
            if self.dims is None or len(self.dims) != 1 or self.dims[0] is None:
                return None
            return (None,) * self.dims[0]
        flat = np.ma.atleast_1d(self.value)
        masked = np.ma.getmaskarray(flat)
        return tuple(None if m or v < 0 else int(v) for v, m in zip(flat.data, masked, strict=True))

    def __repr__(self) -> str:
        return f"Spec({self.dtype.name}, {self.dims})"


@frozen
class Accuracy:
    """How far float32 results may be from exact ones (tests/ops/accuracy.md has what was measured).

    Attributes:
      ulps: in float32's units in the last place, that is the distance to the next number.
      of: of which number: "result" of each result itself; "one" of the result, or of 1 where it is smaller; "terms" of the
        sum of the sizes of what is added up to it, where terms may cancel; "largest" of the largest result; "channel" of the
        largest one of the same place in the last dimension.
    """

    ulps: float
    of: str = "result"


class OpDef:
    """Base of all operations' definitions.

    A definition holds an operation's attributes and its rules, never tensors or values: one definition serves any number
    of operations, sessions and threads. Subclasses are `frozen` (equal attributes make equal definitions, which is
    how common subexpressions are found), with the methods in the order infer, launch, gradient.

    Class attributes:
      type_name: the operation's type; the class's name by default.
      input_names: the inputs' names, which constants made of values have within the operation's ("Fill/dims"); by default
        the parameters of `infer`. A last name that begins with "*" is that of all further inputs, "values_0", "values_1".
      one_type: slice of the inputs that have one type: values among them take the type of the tensors among them.
      shape_inputs: positions of inputs of which only the shape matters; nothing is computed for their sake.
      value_inputs: positions of inputs whose values a plan must know (shapes, axes); the compiler reads them from `fold`
        where it can, and otherwise runs what computes them first.
      stateful: two operations with equal inputs are not one (random numbers, variables, host functions).
      host: computed on the host by `compute` instead of launched (see design: strings, py_func, Print).
      dynamic: the first dimension of some outputs is known only after the run; see `bound`.
      writes: {input position: output position} for operations that change a variable in place. The input is the variable's
        reference; the output is the same memory.
      references: positions of outputs that are a variable's memory (those of `writes` are so, too).
      checks: it may fail the run: `launch` reports through `run.report`, and a run that holds it waits for the verdict;
        a host operation raises. Plans put it before changes of variables that it does not depend on.
      row_inputs: positions of inputs that `by_rows` gives, where they are the same for all shapes.
      metadata: nothing is launched for it: the output follows from the inputs' shapes alone (Shape, Size, Rank), or
        there is nothing to compute (constants, placeholders, variables).
      rows_only: of an operation with `rowwise` steps: these compute it always, `launch` only where it has no element.
      finishes: its kernels that store the only output do so by the macros of include/finish.clh, and elementwise operations
        that follow can be computed there.
      differentiable: False declares that no gradient flows through the operation.
      accuracy: the bound on its error in float32; operations that only move elements keep well within the default.
    """

    type_name: ClassVar[str] = ""
    input_names: ClassVar[tuple[str, ...]] = ("*input",)
    one_type: ClassVar[slice] = slice(0)
    shape_inputs: ClassVar[tuple[int, ...]] = ()
    value_inputs: ClassVar[tuple[int, ...]] = ()
    stateful: ClassVar[bool] = False
    host: ClassVar[bool] = False
    dynamic: ClassVar[bool] = False
    writes: ClassVar[dict[int, int]] = {}
    references: ClassVar[tuple[int, ...]] = ()
    checks: ClassVar[bool] = False
    row_inputs: ClassVar[tuple[int, ...]] = ()
    metadata: ClassVar[bool] = False
    rows_only: ClassVar[bool] = False
    finishes: ClassVar[bool] = False
    differentiable: ClassVar[bool] = True
    accuracy: ClassVar[Accuracy] = Accuracy(4, "largest")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "type_name" not in cls.__dict__:
            cls.type_name = cls.__name__
        if "infer" in cls.__dict__ and "input_names" not in cls.__dict__:
            cls.input_names = _parameters(cls.__dict__["infer"])

    def input_name(self, position: int) -> str:
        """The name of the input at `position`, as `input_names` says."""
        *first, last = self.input_names
        if position < len(first):
            return first[position]
        return f"{last[1:]}_{position - len(first)}" if last[0] == "*" else last

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        """The outputs' types and shapes, as far as the inputs' are known.

        Called when the operation is built, with what is known then, and again when a plan is made, with full shapes.
        For `dynamic` operations the first dimension that depends on data stays None.

        Raises:
          ValueError: what is certainly wrong, saying both shapes; the graph adds the operations' names.
          TypeError: element types that the operation does not take.
        """
        raise NotImplementedError(f"{type(self).__name__}.infer")

    def untold(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        """The outputs while an attribute is still to be told by the run (see graph/late.py).

        Called instead of `infer`, which has to say nothing of shapes where the inputs' are not known at all; definitions of
        which more is known say so.
        """
        return self.infer(*(Spec(s.dtype, None) for s in inputs))

    def fold(self, *values: Any) -> Any:
        """The output's value from its inputs' `Spec`s, for the integer arithmetic that shapes are made of.

        Called only for operations whose output is a small integer tensor, with the inputs' `Spec`s, of which `value` may be
        None or partly masked. Returns a NumPy masked array or None.
        """
        return None

    def bound(self, *inputs: Spec) -> Sequence[Spec]:
        """For dynamic operations: full shapes that the outputs cannot exceed, given full input shapes."""
        raise NotImplementedError(f"{type(self).__name__}.bound")

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """Describes the kernel calls that compute `outputs` from `inputs`.

        Shapes are full and, where `value_inputs` names an input, `run.value(i)` is its NumPy value. Outputs with no element
        are never launched. For dynamic operations `outputs` has the shapes of `bound`, followed by one int32 array of
        one number per output: the kernel writes there how long each output's first dimension really is.
        """
        raise NotImplementedError(f"{type(self).__name__}.launch")

    def rowwise(self, *inputs: Spec) -> Sequence[str]:
        """For operations on the rows of the last dimension of the first input: the steps that compute a row, as C text.

        A step is "name = expression" of the inputs x0, x1, ... (of the first one's shape, or with one number for each row),
        of names before it, of `column` and of `count`, the number of columns, where T is the first input's type; or
        "name = sum(expression)", or prod, max, min, all or any, which make one number of a row's, or top: max where a NaN
        shows in what follows. y0, y1, ... are the outputs. "fail(condition, first, second)" reports to `complaint`, for
        operations with `checks`. The compiler joins them with elementwise operations. Empty where the operation works
        otherwise.
        """
        return ()

    def starts(self, *inputs: Spec) -> int:
        """The length of the rows in which the first input is read by include/start.clh, where a single kernel reads it.

        Then elementwise operations that make that input, and nothing else, can be computed there. 0 where they cannot.
        """
        return 0

    def maxima(self, *inputs: Spec) -> Window | None:
        """The windows of an operation that takes maxima over the volumes of its first input, with its channels last.

        [depth, height, width] in positions. None unless the windows lie side by side from the first position on, without gap or
        overlap, and each whole inside the volume.
        """
        return None

    def pools(self, traits: DeviceTraits, window: Window, *inputs: Spec) -> bool:
        """Whether the kernel that `finishes` the results can store just their maxima over such windows (`maxima`)."""
        return False

    def compute(self, *values: Any) -> Sequence[Any]:
        """For host operations: outputs as NumPy arrays from inputs as NumPy arrays."""
        raise NotImplementedError(f"{type(self).__name__}.compute")

    def alias(self, inputs: Sequence[Spec], output: Spec) -> int | None:
        """Position of the input whose memory the only output may share untouched (reshape, identity), or None."""
        return None

    def by_rows(self, inputs: Sequence[Spec], outputs: Sequence[Spec]) -> Sequence[int]:
        """Positions of the inputs whose row i (the part at index i of dimension 0) alone counts for row i of each output.

        All outputs have as many rows as these inputs; of others each row of the outputs may depend on anything. So a plan
        may compute some rows after the other (compiler/cut.py). Empty where rows do not stand for themselves: the default.
        """
        return [i for i in self.row_inputs if i < len(inputs)]

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        """For operations that check data: the error's class and text for what a kernel reported."""
        raise NotImplementedError(f"{type(self).__name__}.complaint")

    def gradient(self, op: Operation, *dy: Tensor | None) -> Sequence[Tensor | None]:
        """The gradient's tensors with respect to each input, built from `op.inputs`, `op.outputs` and `dy`.

        `dy` has one entry per output, None where nothing flows back. Returned tensors may have the broadcast shape; the engine
        sums them to the input's shape. None where no gradient flows.
        """
        raise LookupError(f"{self.type_name} has no gradient defined")

    def attributes(self) -> dict[str, Any]:
        """The attributes by name, as `Operation.get_attr` gives them."""
        names = getattr(self, "_attributes", ()) or getattr(self, "__dataclass_fields__", ())
        return {name: getattr(self, name) for name in names}


def _parameters(infer: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a method's parameters after `self`, with a "*" before the one that takes all further arguments."""
    code = infer.__code__
    names = code.co_varnames[1 : code.co_argcount]
    return (*names, "*" + code.co_varnames[code.co_argcount]) if code.co_flags & inspect.CO_VARARGS else names
