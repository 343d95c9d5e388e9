"""Writes the macros that turn kernels_cl/pointwise.cl into the kernel of one fused group."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.dtypes import DType, as_dtype
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.pointwise import Elementwise

CPU_CHUNK = 4096
"""Elements that a CPU work-item takes at least: starting one costs about as much as a thousand elements."""

PLAIN = (0, 1, -1, 2, 0.5)
"""Numbers that are written into a kernel, since its compiler simplifies what they are used in."""

_TOKEN = re.compile(r"\b([xy]\d+|(?:convert_)?[TSR])\b")
_OPERAND = re.compile(r"\bx(\d+)\b")


def launch_group(
    group: Group,
    run: Launcher,
    array_of: Callable[[Value], Array],
    stored: Sequence[Value],
    begin_op: Callable[[Operation], None],
    take_place: Callable[[Value, Value], bool],
) -> None:
    """Describes the one kernel that computes a group.

    Args:
      group: the fused nodes.
      run: where kernel calls are recorded.
      array_of: gives a value's array.
      stored: the members' outputs that are used outside.
      begin_op: tells the recorder for which operation the next report is.
      take_place: lets a stored output have the memory of an input, which is read element by element as the output is
        written, if nothing else needs that any more; says whether it does.
    """
    writer = _Writer(group, run.traits.lanes if run.traits.is_cpu else 1, array_of, stored)
    writer.share_memory(take_place)
    reports = []
    for node in group.nodes:
        if node.definition.checks:
            begin_op(node.op)
            reports.append(run.report(0))
    begin_op(group.nodes[-1].op)
    args, prefix = writer.write([int(index) for _, index in reports])
    if reports:
        args.append(reports[0][0])
    outer, inner = writer.outer, writer.inner
    args += [np.int64(n) for n in outer]
    rows = math.prod(outer)
    if run.traits.is_cpu:
        lanes = run.traits.lanes
        most = run.traits.compute_units * 8
        per_row = min(max(1, -(-inner // CPU_CHUNK)), most)
        chunk = -(-inner // per_row)
        chunk = -(-chunk // lanes) * lanes
        columns = -(-inner // chunk)
        rows_each = max(1, min(rows, max(-(-CPU_CHUNK // chunk), -(-rows * columns // most))))
        size = (columns, -(-rows // rows_each))
        local = (1, 1)
    else:
        chunk = rows_each = 1
        size = (inner, rows)
        local = None
    args += [np.int64(inner), np.int64(rows), np.int64(chunk), np.int64(rows_each)]
    writes = list(range(len(stored))) + ([writer.report_position] if reports else [])
    run.kernel("pointwise.cl", "pointwise", args, size, local, {"LANES": writer.lanes}, writes, prefix)


class _Writer:
    """Names registers and writes bodies for one group."""

    def __init__(self, group: Group, lanes: int, array_of: Callable[[Value], Array], stored: Sequence[Value]):
        self.group = group
        self.lanes = lanes
        self.array_of = array_of
        self.stored = stored
        self.registers: dict[Value, str] = {}
        self.literals: dict[Value, str] = {}
        self.scalars: list[Any] = []
        self.loads: list[tuple[str, Value, tuple[int, ...]]] = []
        self.report_position = -1
        self.shared = False
        members = {out for node in group.nodes for out in node.outputs}
        self.code: dict[Node, tuple[str, ...]] = {}
        for node in group.nodes:
            definition = node.definition
            assert isinstance(definition, Elementwise)
            code = self.code[node] = definition.code(*(v.spec.dtype for v in node.inputs))
            text = " ".join([*code, definition.failure[0] if definition.failure else ""])
            for position in sorted({int(k) for k in _OPERAND.findall(text)}):
                value = node.inputs[position]
                root = value.root
                if root in members or value in self.registers or value in self.literals:
                    continue
                if root.literal is not None and root.literal.size == 1:
                    self.literals[value] = self._scalar(root.literal.reshape(()), value.spec.dtype)
                    continue
                pattern = self._pattern(value.spec.shape)
                name = f"i{len(self.loads)}"
                self.loads.append((name, value, pattern))
                self.registers[value] = "r" + name
            for out in node.outputs:
                self.registers[out] = f"t{len(self.registers)}"
        self._collapse()

    def _scalar(self, number: np.ndarray, dtype: DType) -> str:
        """A constant's C text: itself where compilers make use of it, else the name of an argument.

        Constants as arguments let expressions that differ only in them share one program.
        """
        if dtype.is_bool or number in PLAIN:
            return _literal(number, dtype)
        self.scalars.append(number.astype(dtype.np_dtype)[()])
        return f"k{len(self.scalars) - 1}"

    def _pattern(self, dims: tuple[int, ...]) -> tuple[int, ...]:
        full = self.group.dims
        assert full is not None
        padded = (1,) * (len(full) - len(dims)) + tuple(dims)
        return tuple(int(p == f) for p, f in zip(padded, full, strict=True))

    def _collapse(self) -> None:
        """Drops dimensions of length 1 and joins neighbours that all inputs treat alike."""
        dims: list[int] = []
        columns: list[tuple[int, ...]] = []
        assert self.group.dims is not None
        for axis, length in enumerate(self.group.dims):
            assert length is not None
            if length == 1:
                continue
            column = tuple(pattern[axis] for _, _, pattern in self.loads)
            if columns and columns[-1] == column:
                dims[-1] *= length
            else:
                dims.append(length)
                columns.append(column)
        self.inner = dims[-1] if dims else 1
        self.outer = tuple(dims[:-1])
        rows = list(zip(*columns, strict=True)) if columns else [()] * len(self.loads)
        self.loads = [(name, value, tuple(row)) for (name, value, _), row in zip(self.loads, rows, strict=True)]

    def share_memory(self, take_place: Callable[[Value, Value], bool]) -> None:
        """Lets outputs have the memory of inputs of their size that are read at the very element that is written."""
        full = (1,) * (len(self.outer) + 1)
        patterns: dict[Value, set[tuple[int, ...]]] = {}
        for _, value, pattern in self.loads:
            patterns.setdefault(value.root, set()).add(pattern)
        free = [value for _, value, _ in self.loads if patterns[value.root] == {full}]
        for output in self.stored:
            taken = next((value for value in free if take_place(output, value)), None)
            if taken is not None:
                free.remove(taken)
                self.shared = True

    def write(self, reports: list[int]) -> tuple[list[Any], str]:
        """The kernel's arguments so far and the macros."""
        aliased = self.shared or any(node.definition.writes for node in self.group.nodes)
        restrict = "" if aliased else " restrict"
        parameters, args = [], []
        for k, value in enumerate(self.stored):
            parameters.append(f"__global {value.spec.dtype.c_type} *{restrict} o{k}")
            args.append(self.array_of(value))
        for name, value, _ in self.loads:
            parameters.append(f"__global const {value.spec.dtype.c_type} *{restrict} {name}")
            args.append(self.array_of(value))
        for k, scalar in enumerate(self.scalars):
            parameters.append(f"const {as_dtype(scalar.dtype).c_type} k{k}")
            args.append(scalar)
        if reports:
            self.report_position = len(args)
            parameters.append("__global int *report")
        parameters += [f"const long d{k}" for k in range(len(self.outer))]
        once, offsets = self._setup()
        includes = {getattr(n.definition, "include", "") for n in self.group.nodes} - {""}
        macros = {
            "PARAMETERS": "".join(p + ", " for p in parameters),
            "ONCE": once,
            "OFFSETS": offsets,
            "VECTOR_BODY": self._body(self.lanes, reports) if self.lanes > 1 else [],
            "SCALAR_BODY": self._body(1, reports),
        }
        text = [f"#define LANES {self.lanes}", '#include "vector.clh"', '#include "check.clh"']
        text += [f'#include "{name}"' for name in sorted(includes)]
        for name, lines in macros.items():
            joined = lines if isinstance(lines, str) else " \\\n    ".join(lines)
            text.append(f"#define {name} {joined}")
        return args, "\n".join(text) + "\n"

    def _setup(self) -> tuple[list[str], list[str]]:
        once: list[str] = []
        offsets: list[str] = []
        masks = {p for _, _, p in self.loads if any(p)}
        full = (1,) * (len(self.outer) + 1)
        if self.outer:
            rest = "row"
            for k in range(len(self.outer) - 1, 0, -1):
                offsets.append(f"const long c{k} = {rest} % d{k}; const long q{k} = {rest} / d{k};")
                rest = f"q{k}"
            offsets.append(f"const long c0 = {rest};")
        offsets.append("const long full = row * inner;")
        for mask in sorted(masks):
            if mask == full:
                continue
            place = "0"
            for k, bit in enumerate(mask[:-1]):
                if bit:
                    place = f"c{k}" if place == "0" else f"({place} * d{k} + c{k})"
            if mask[-1] and place != "0":
                place = f"{place} * inner"
            offsets.append(f"const long p{_bits(mask)} = {place};")
        for name, value, pattern in self.loads:
            c_type = value.spec.dtype.c_type
            if not any(pattern):
                once.append(f"const {c_type} s{name} = {name}[0];")
            elif not pattern[-1]:
                offsets.append(f"const {c_type} s{name} = {name}[p{_bits(pattern)}];")
        return once, offsets

    def _body(self, lanes: int, reports: list[int]) -> list[str]:
        lines: list[str] = []
        full = (1,) * (len(self.outer) + 1)

        def typed(dtype: DType) -> str:
            return dtype.c_type if lanes == 1 else f"{dtype.c_type}{lanes}"  # type: ignore[return-value]

        for name, value, pattern in self.loads:
            kind = typed(value.spec.dtype)
            if not any(pattern) or not pattern[-1]:
                lines.append(f"const {kind} r{name} = ({kind})(s{name});")
                continue
            base = "full" if pattern == full else f"p{_bits(pattern)}"
            place = f"{name} + {base} + j"
            access = f"*({place})" if lanes == 1 else f"*(__global const {kind}_u *)({place})"
            lines.append(f"const {kind} r{name} = {access};")
        report = iter(reports)
        for node in self.group.nodes:
            definition = node.definition
            assert isinstance(definition, Elementwise)
            types = [v.spec.dtype for v in node.inputs]
            out = node.outputs[0]
            words = {
                f"x{k}": self._operand(v, typed(v.spec.dtype)) for k, v in enumerate(node.inputs) if self._known(v)
            }
            for letter, dtype in (("T", types[0]), ("S", types[-1]), ("R", out.spec.dtype)):
                words[letter] = typed(dtype)
                words[f"convert_{letter}"] = f"convert_{typed(dtype)}"

            def substitute(code: str, words: dict[str, str] = words) -> str:
                return _TOKEN.sub(lambda m: words.get(m.group(), m.group()), code)

            for k, (result, expression) in enumerate(zip(node.outputs, self.code[node], strict=True)):
                code = substitute(expression)
                if result.spec.dtype.is_bool and not all(t.is_bool for t in types):
                    code = f"to_bool({code})"
                lines.append(f"const {typed(result.spec.dtype)} {self.registers[result]} = {code};")
                words[f"y{k}"] = self.registers[result]
            if definition.failure is not None:
                condition = substitute(definition.failure[0])
                lines.append(f"if (any_of(to_bool({condition}))) fail(report, 1, {next(report)}, 0, 0);")
        for k, value in enumerate(self.stored):
            kind = typed(value.spec.dtype)
            target = f"o{k}[full + j]" if lanes == 1 else f"*(__global {kind}_u *)(o{k} + full + j)"
            lines.append(f"{target} = {self.registers[value]};")
        return lines

    def _known(self, value: Value) -> bool:
        return value in self.literals or value in self.registers or value.root in self.registers

    def _operand(self, value: Value, kind: str) -> str:
        if value in self.literals:
            return f"(({kind})({self.literals[value]}))"
        found = self.registers.get(value)
        return found if found is not None else self.registers[value.root]


def _bits(mask: tuple[int, ...]) -> str:
    return "".join(map(str, mask))


def _literal(number: np.ndarray, dtype: DType) -> str:
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
