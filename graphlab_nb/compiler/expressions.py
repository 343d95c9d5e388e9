"""The C text of elementwise operations inside a fused kernel: what inputs, constants and results are called."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.dtypes import DType, as_dtype
from graphlab_nb.launch import Array
from graphlab_nb.ops.pointwise import Elementwise

PLAIN = (0, 1, -1, 2, 0.5)
"""Numbers that are written into a kernel, since its compiler simplifies what they are used in."""

_TOKEN = re.compile(r"\b([xy]\d+|(?:convert_)?[TSR])\b")
_OPERAND = re.compile(r"\bx(\d+)\b")

Pattern = tuple[int, ...]
"""For each dimension of the kernel, whether an input runs along it (1) or is the same all along (0)."""


@dataclass
class Load:
    """An input that a kernel reads: the parameter's name, the value, and how it is broadcast.

    Where `single`, expressions name the number that was read for a whole row, and not a vector of it.
    """

    name: str
    value: Value
    pattern: Pattern
    single: bool = False

    @property
    def register(self) -> str:
        """The name of what was read."""
        return ("s" if self.single else "r") + self.name


class Names:
    """What the inputs, constants and results of fused operations are called.

    Args:
      members: the values that the kernel computes.
      pattern_of: how a node's input is broadcast.

    Attributes:
      results: names of the members.
      scalars: constants that are arguments, scalar0, scalar1, ...
      loads: the inputs read from memory, in the parameters' order.
      widened: names that hold one number for a whole row, which vectors repeat.
    """

    def __init__(self, members: Iterable[Value], pattern_of: Callable[[Node, Value], Pattern]) -> None:
        self._members = set(members)
        self._pattern_of = pattern_of
        self._inputs: dict[tuple[Value, Pattern], Load] = {}
        self._literals: dict[Value, str] = {}
        self.results: dict[Value, str] = {}
        self.scalars: list[Any] = []
        self.loads: list[Load] = []
        self.widened: set[str] = set()

    def read(self, node: Node, value: Value) -> None:
        """Gives a node's input a name, unless it has one."""
        if value in self._literals or value.root in self._members:
            return
        constant = value.root.literal
        if constant is not None and constant.size == 1:
            self._literals[value] = self._scalar(constant.reshape(()), value.spec.dtype)
            return
        key = (value, self._pattern_of(node, value))
        if key not in self._inputs:
            load = Load(f"i{len(self.loads)}", value, key[1])
            self.loads.append(load)
            self._inputs[key] = load

    def result(self, value: Value, name: str = "") -> None:
        """Gives a member a name."""
        self.results[value] = name or f"t{len(self.results)}"

    def _scalar(self, number: np.ndarray, dtype: DType) -> str:
        """A constant's C text: itself where compilers make use of it, else the name of an argument.

        Constants as arguments let expressions that differ only in them share one program.
        """
        if dtype.is_bool or number in PLAIN:
            return literal(number, dtype)
        self.scalars.append(number.astype(dtype.np_dtype)[()])
        return f"scalar{len(self.scalars) - 1}"

    def name(self, node: Node, value: Value) -> str | None:
        """The name of a node's input; None for constants, which have none."""
        if value.root in self._members:
            return self.results[value] if value in self.results else self.results[value.root]
        if value in self._literals:
            return None
        return self._inputs[(value, self._pattern_of(node, value))].register

    def operand(self, node: Node, value: Value, lanes: int) -> str:
        """The C text by which an expression of so many lanes names a node's input."""
        kind = typed(value.spec.dtype, lanes)
        if value in self._literals:
            return f"(({kind})({self._literals[value]}))"
        name = self.name(node, value)
        assert name is not None
        return f"(({kind})({name}))" if lanes > 1 and name in self.widened else name

    def statements(self, node: Node, lanes: int, report: int | None) -> list[str]:
        """The statements that compute an elementwise node's outputs; `report` is its place in the checks' report."""
        definition = node.definition
        assert isinstance(definition, Elementwise)
        types = [v.spec.dtype for v in node.inputs]
        words = {f"x{k}": self.operand(node, node.inputs[k], lanes) for k in operands(node)}
        for letter, dtype in (("T", types[0]), ("S", types[-1]), ("R", node.outputs[0].spec.dtype)):
            words[letter] = typed(dtype, lanes)
            words[f"convert_{letter}"] = f"convert_{typed(dtype, lanes)}"
        lines = []
        for k, (result, expression) in enumerate(zip(node.outputs, definition.code(*types), strict=True)):
            code = substituted(expression, words)
            if result.spec.dtype.is_bool and not all(t.is_bool for t in types):
                code = f"to_bool({code})"
            lines.append(f"const {typed(result.spec.dtype, lanes)} {self.results[result]} = {code};")
            words[f"y{k}"] = self.results[result]
        if definition.failure is not None:
            condition = substituted(definition.failure[0], words)
            lines.append(f"if (any_of(to_bool({condition}))) fail(report, 1, {report}, 0, 0);")
        return lines

    def parameters(
        self, outputs: Sequence[Value], array_of: Callable[[Value], Array], besides: Array | None = None
    ) -> tuple[list[str], list[Any]]:
        """The C parameters for outputs o0, o1, ..., inputs and scalars, and their arguments.

        Args:
          outputs: what is stored.
          array_of: gives a value's array.
          besides: a further array that the kernel writes.
        """
        written = {array_of(value).storage for value in outputs}
        read = {array_of(load.value).storage for load in self.loads}
        if besides is not None:
            read.add(besides.storage)
        restrict = "" if written & read else " restrict"
        parameters, args = [], []
        for k, value in enumerate(outputs):
            parameters.append(f"__global {value.spec.dtype.c_type} *{restrict} o{k}")
            args.append(array_of(value))
        for load in self.loads:
            parameters.append(f"__global const {load.value.spec.dtype.c_type} *{restrict} {load.name}")
            args.append(array_of(load.value))
        for k, scalar in enumerate(self.scalars):
            parameters.append(f"const {as_dtype(scalar.dtype).c_type} scalar{k}")
            args.append(scalar)
        return parameters, args


def operands(node: Node) -> list[int]:
    """Positions of the inputs that an elementwise node's expressions name."""
    definition = node.definition
    assert isinstance(definition, Elementwise)
    code = definition.code(*(v.spec.dtype for v in node.inputs))
    text = " ".join([*code, definition.failure[0] if definition.failure else ""])
    return sorted({int(k) for k in _OPERAND.findall(text)})


def substituted(code: str, words: dict[str, str]) -> str:
    """An expression with its operands' and types' names put in."""
    return _TOKEN.sub(lambda m: words.get(m.group(), m.group()), code)


def typed(dtype: DType, lanes: int) -> str:
    """The C type of so many elements."""
    return dtype.c_type if lanes == 1 else f"{dtype.c_type}{lanes}"  # type: ignore[return-value]


def pattern_along(dims: Sequence[int | None], full: Sequence[int | None]) -> Pattern:
    """How an input of shape `dims` is broadcast to the shape `full`."""
    padded = (1,) * (len(full) - len(dims)) + tuple(dims)
    return tuple(int(p == f) for p, f in zip(padded, full, strict=True))


def includes(nodes: Sequence[Node]) -> list[str]:
    """The #include lines that nodes' expressions ask for."""
    names = {getattr(n.definition, "include", "") for n in nodes} - {""}
    return [f'#include "{name}"' for name in ("vector.clh", "check.clh", *sorted(names))]


def defined(macros: dict[str, str | Sequence[str]]) -> str:
    """The #define lines of macros; a list is a body of several lines."""
    text = []
    for name, lines in macros.items():
        joined = lines if isinstance(lines, str) else " \\\n    ".join(lines)
        text.append(f"#define {name} {joined}")
    return "\n".join(text) + "\n"


def bits(pattern: Pattern) -> str:
    """A pattern as part of a name."""
    return "".join(map(str, pattern))


def offsets_of(patterns: Sequence[Pattern], outer: int, row: str = "row") -> list[str]:
    """Declarations of c0, c1, ... (the place in each of `outer` dimensions) and, for each pattern, of its offset p...

    Args:
      patterns: those of the inputs; the last dimension is the row's.
      outer: number of dimensions before the last.
      row: name of the number of the row.
    """
    lines = []
    full = (1,) * (outer + 1)
    needed = sorted({p for p in patterns if any(p) and p != full})
    if outer and any(any(p[:-1]) for p in needed):
        rest = row
        for k in range(outer - 1, 0, -1):
            lines.append(f"const long c{k} = {rest} % d{k}; const long q{k} = {rest} / d{k};")
            rest = f"q{k}"
        lines.append(f"const long c0 = {rest};")
    for pattern in needed:
        place = "0"
        for k, bit in enumerate(pattern[:-1]):
            if bit:
                place = f"c{k}" if place == "0" else f"({place} * d{k} + c{k})"
        if pattern[-1] and place != "0":
            place = f"{place} * row_length"
        lines.append(f"const long p{bits(pattern)} = {place};")
    return lines


def literal(number: np.ndarray, dtype: DType) -> str:
    """A number as C text of full precision."""
    value = number.item()
    if dtype.is_bool:
        return str(int(value))
    if dtype.is_integer:
        if value == -(2**63):
            return "-9223372036854775807L - 1"
        return f"{value}" + {"int64": "L", "uint64": "UL", "uint32": "U"}.get(dtype.name, "")
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return float(value).hex() + ("" if dtype.name == "float64" else "f")
