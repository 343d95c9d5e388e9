"""Writes the macros that turn kernels_cl/rows.cl into the kernel of one group that works on rows.

Such a group holds elementwise operations and operations that reduce along the last dimension (`OpDef.rowwise`). Each of its
values has an element for each element of the rows ("full"), or one for each row. A reduction ends a loop over the row, so
what depends on it is computed in a further loop; what a later loop needs is loaded or computed again where that is cheap,
and kept otherwise: in registers for short rows, else in memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab_nb.compiler.expressions import Pattern, bits, defined, includes, pattern_along, typed
from graphlab_nb.compiler.fuse import Group, row_dims
from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.compiler.pointwise import ArrayOf, Body, ask_reports
from graphlab_nb.dtypes import DType, float32
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import Launcher
from graphlab_nb.ops import lanes as lane_rules
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.reduce_launch import initial

MOST_VECTORS = 4
"""Vectors of a row that loops are unrolled for."""
WAYS = 4
"""Vectors that a round of a loop over a longer row takes (include/rows.clh)."""
WIDE = 64
"""Columns from which on a GPU gives a row to a work-group instead of to a work-item."""

_STEP = re.compile(r"(\w+) = (?:(sum|prod|max|top|min|all|any)\((.*)\)|(.*))")
_FAIL = re.compile(r"fail\((.*), (.*), (.*)\)")
_NAME = re.compile(r"\b[a-z]\w*\b")
_INPUT = re.compile(r"\bx(\d+)\b")
_CALL = re.compile(r"\b(?!convert_)[a-z_]\w*\(")


@dataclass
class Line:
    """One statement of a program.

    Attributes:
      name: the register that it sets; "" for a check.
      dtype: the register's type.
      full: whether it has an element for each column.
      reads: registers that it reads.
      text: its C text at a vector width: of the value alone for a reduction, else the whole statement.
      reduction: SUM, MAX, ... where it reduces a row's elements to one number.
      cheap: whether it is better computed again than kept.
      always: whether it is there for what it does.
      loop: the loop in which it is computed, or, for a row's number, before which.
    """

    name: str
    dtype: DType
    full: bool
    reads: list[str]
    text: Callable[[int], str]
    reduction: str = ""
    cheap: bool = False
    always: bool = False
    loop: int = 0


def launch_rows(
    group: Group,
    run: Launcher,
    array_of: ArrayOf,
    stored: Sequence[Value],
    begin_op: Callable[[Operation], None],
) -> None:
    """Describes the one kernel that computes a group that works on rows.

    Args:
      group: the fused nodes.
      run: where kernel calls are recorded.
      array_of: gives a value's array.
      stored: the members' outputs that are used outside.
      begin_op: tells the recorder for which operation the next report is.
    """
    assert group.dims is not None
    columns, rows = group.dims[-1], math.prod(group.dims[:-1])  # type: ignore[arg-type]
    assert columns is not None and rows is not None
    traits = run.traits
    program = RowProgram(group, lane_rules.lanes_for(traits, float32, columns), stored)
    defines: dict[str, Any] = {"LANES": program.lanes}
    vectors = math.ceil(columns / program.lanes)
    in_registers = traits.is_cpu and vectors <= MOST_VECTORS
    if traits.is_cpu:
        items, each = lane_rules.shares(traits, rows, columns * (1 + len(program.lines)), least=8192)
        size, local = (items,), (1,)
        defines["ON_CPU"] = None
        if in_registers:
            defines["VECTORS"] = vectors
        if columns % (program.lanes * (1 if in_registers else WAYS)) == 0:
            defines["WHOLE"] = None
    else:
        share = 1
        while share * 4 <= columns and share < min(256, traits.max_work_group) and columns >= WIDE:
            share *= 2
        defines["GROUP"] = share
        items, each = rows, 1
        size, local = (rows * share,), (share,)
    reports = ask_reports(group, run, begin_op)
    parameters, args = program.names.parameters(stored, array_of)
    program.choose_stores(traits, "restrict" not in parameters[0])
    if program.streams:
        defines["STREAM"] = None
    writes = list(range(len(stored)))
    if not in_registers and program.kept:
        capacity = vectors * program.lanes
        for line in program.kept:
            writes.append(len(args))
            parameters.append(f"__global {line.dtype.c_type} *restrict q_{line.name}")
            args.append(run.scratch((items, capacity), line.dtype))
        parameters.append("const long capacity")
        args.append(np.int64(capacity))
    if reports:
        writes.append(len(args))
        parameters.append("__global int *report")
        args.append(next(iter(reports.values()))[0])
    parameters += [f"const long d{k}" for k in range(len(program.outer))]
    args += [np.int64(n) for n in program.outer]
    macros: dict[str, Any] = {"PARAMETERS": "".join(p + ", " for p in parameters)}
    macros |= program.macros({node: int(index) for node, (_, index) in reports.items()}, in_registers)
    prefix = "\n".join([f"#define LANES {program.lanes}", *includes(group.nodes), defined(macros)])
    args += [np.int64(n) for n in (rows, columns, each)]
    run.kernel("rows.cl", "rows", args, size, local, defines, writes, prefix)


class RowProgram(Body):
    """The loops over a row that compute a group.

    Args:
      group: the fused nodes.
      lanes: elements of a vector; 1 on a GPU.
      stored: the members' outputs that are used outside.
      given: a member's value whose rows the kernel has already, in a private array `given_row`.

    Attributes:
      lines: the statements that what is stored needs, in order.
      kept: those whose values a later loop needs and can neither load nor cheaply compute again.
    """

    def __init__(self, group: Group, lanes: int, stored: Sequence[Value], given: Value | None = None):
        assert group.dims is not None
        super().__init__(group, lanes, stored, group.dims[-1], given)
        for load in self.names.loads:
            load.single = not load.pattern[-1]
        full = {load.register for load in self.names.loads if load.pattern[-1]} | {"given"}
        made = [line for node in group.nodes for line in self._lines_of(node, full)]
        self.names.widened = {line.name for line in made if not line.full}
        self.names.widened.update(load.register for load in self.names.loads if load.single)
        self.lines = _needed(made, {self.names.results[value] for value in stored})
        self._loops = self._set_loops()
        self.kept = [line for line in self.lines if self._keeps(line)]

    # What is read and computed

    def positions(self, node: Node) -> Sequence[int]:
        steps = node.definition.rowwise(*(v.spec for v in node.inputs))
        if steps:
            return sorted({int(k) for step in steps for k in _INPUT.findall(step)})
        return super().positions(node)

    def pattern_of(self, node: Node, value: Value) -> Pattern:
        dims, shape = self.group.dims, value.spec.shape
        out = node.outputs[0].spec.dims
        assert dims is not None and out is not None
        if isinstance(node.definition, Elementwise):
            if row_dims(out, dims):
                along = pattern_along(shape, out)
                return (*along, 0) if len(out) < len(dims) else (*along[:-1], 0)
        elif shape == dims[:-1]:
            return (*(int(n > 1) for n in shape), 0)
        return pattern_along(shape, dims)

    def _lines_of(self, node: Node, full: set[str]) -> Iterator[Line]:
        """A node's statements; adds the names of those with an element for each column to `full`."""
        if not isinstance(node.definition, Elementwise):
            yield from self._steps_of(node, full)
            return
        result = node.outputs[0]
        name = self.names.results[result]
        reads = [n for k in self.positions(node) if (n := self.names.name(node, node.inputs[k])) is not None]
        wide = result.spec.dims == self.group.dims
        if wide:
            full.add(name)
        checks = node.definition.checks

        def text(lanes: int) -> str:
            return " ".join(self.names.statements(node, lanes, self._reports[node] if checks else None))

        cheap = not checks and not _CALL.search(node.definition.code(*(v.spec.dtype for v in node.inputs))[0])
        yield Line(name, result.spec.dtype, wide, reads, text, cheap=cheap, always=checks)

    def _steps_of(self, node: Node, full: set[str]) -> Iterator[Line]:
        """The statements of an operation on rows."""
        first = node.inputs[0].spec.dtype
        wide = float32 if first.c_type == "half" else first
        own = f"s{len(full)}_{len(self.names.results)}_{self.names.results[node.outputs[0]]}_"
        given = {f"x{k}": self.names.name(node, node.inputs[k]) for k in self.positions(node)}
        made: dict[str, str] = {}
        for step in node.definition.rowwise(*(v.spec for v in node.inputs)):
            failed = _FAIL.fullmatch(step)
            parsed = _STEP.fullmatch(step)
            code = step if failed else (parsed[3] or parsed[4])  # type: ignore[index]
            used = [word for word in dict.fromkeys(_NAME.findall(code)) if word in made or word in given]
            reads = [r for word in used if (r := made.get(word) or given.get(word)) is not None]
            over = any(r in full for r in reads) or "column" in _NAME.findall(code)

            before = dict(made)

            def expression(lanes: int, code: str = code, used: list[str] = used, made: dict[str, str] = before) -> str:
                words = {"T": typed(wide, lanes), "convert_T": f"convert_{typed(wide, lanes)}", "count": "row_length",
                         "column": _columns(wide, lanes)}  # fmt: skip
                for word in used:
                    if word in made:
                        name = made[word]
                        words[word] = (
                            f"(({typed(wide, lanes)})({name}))" if lanes > 1 and name in self.names.widened else name
                        )
                    else:
                        value = node.inputs[int(word[1:])]
                        text = self.names.operand(node, value, lanes)
                        halves = value.spec.dtype.c_type == "half"
                        words[word] = f"convert_{typed(wide, lanes)}({text})" if halves else text
                return re.sub(r"\b[A-Za-z]\w*\b", lambda m: words.get(m.group(), m.group()), code)

            if failed:

                def failure(lanes: int, expression: Any = expression, parts: Any = failed) -> str:
                    condition, one, two = (expression(1, code=part) for part in parts.groups())
                    return f"if (item == 0 && ({condition})) fail(report, 1, {self._reports[node]}, {one}, {two});"

                yield Line("", wide, False, reads, failure, always=True)
                continue
            assert parsed is not None
            output = re.fullmatch(r"y(\d+)", parsed[1])
            reduction = (parsed[2] or "").upper()
            name = own + parsed[1]
            if output:
                value = node.outputs[int(output[1])]
                name, dtype = self.names.results[value], value.spec.dtype
            else:
                dtype = wide
            made[parsed[1]] = name
            if over and not reduction:
                full.add(name)
            if reduction:
                yield Line(name, wide, False, reads, expression, reduction)
                continue

            def statement(lanes: int, expression: Any = expression, name: str = name, dtype: DType = dtype) -> str:
                kind, text = typed(dtype, lanes), expression(lanes)
                return f"const {kind} {name} = {text if dtype is wide else f'convert_{kind}({text})'};"

            yield Line(name, dtype, over, reads, statement, cheap=not _CALL.search(code))

    # In which order

    def _set_loops(self) -> int:
        """Finds the loop of each line, and the number of loops."""
        loop: dict[str, int] = {}
        for line in self.lines:
            line.loop = max((loop[name] for name in line.reads if name in loop), default=0)
            loop[line.name] = line.loop + bool(line.reduction)
        return 1 + max((line.loop for line in self.lines if line.full or line.reduction), default=0)

    def _keeps(self, line: Line) -> bool:
        return line.full and not line.cheap and line.loop < max(self._uses(line.name), default=0)

    def _uses(self, name: str) -> list[int]:
        """The loops that read a register, be it to compute again what is cheap."""
        found = []
        for line in self.lines:
            if name in line.reads:
                found.append(line.loop)
                if line.full and line.cheap:
                    found += self._uses(line.name)
        return found

    def macros(self, reports: dict[Node, int], in_registers: bool) -> dict[str, str | Sequence[str]]:
        """The macros of rows.clh.

        Args:
          reports: places of the nodes that check data in the report.
          in_registers: whether what is kept stays in registers, else in memory of its own.
        """
        self._reports = reports
        return {"ONCE": self.once(), "OFFSETS": self.offsets(), "ROW_BODY": list(self._body(in_registers))}

    def _body(self, in_registers: bool) -> Iterator[str]:
        lanes, results = self.lanes, {self.names.results[v]: (k, v) for k, v in enumerate(self.stored)}
        kept = {line.name for line in self.kept}
        for line in self.kept if in_registers else ():
            yield f"{typed(line.dtype, lanes)} q_{line.name}[VECTORS];"
        for loop in range(self._loops):
            yield from (
                line.text(1) for line in self.lines if not line.full and not line.reduction and line.loop == loop
            )
            now = [line for line in self.lines if (line.full or line.reduction) and line.loop == loop]
            if not now:
                continue
            for line in now:
                if line.reduction:
                    yield f"REDUCED({line.dtype.c_type}, a_{line.name}, {initial(line.reduction, line.dtype)})"
            yield "EACH_BEGIN"
            yield from self._again(now, loop, kept, in_registers)
            for line in now:
                if line.reduction:
                    neutral = f"(({line.dtype.c_type})({initial(line.reduction, line.dtype)}))"
                    yield (f"REDUCE(COMBINE_{line.reduction}, {line.dtype.c_type}, a_{line.name}, {neutral}, "
                           f"{line.text(lanes)})")  # fmt: skip
                    continue
                yield line.text(lanes)
                if line.name in kept:
                    yield self._place(line, in_registers) + f" = {line.name};"
                if line.name in results:
                    k, value = results[line.name]
                    if self.streams:
                        yield f"STREAM_STORE((__global {typed(value.spec.dtype, lanes)} *)(o{k} + full + at), {line.name});"
                    else:
                        yield f"*(__global {self._loose(value)} *)(o{k} + full + at) = {line.name};"
            yield "EACH_END"
            for line in now:
                if line.reduction:
                    yield f"ACROSS(COMBINE_{line.reduction}, {line.dtype.c_type}, {line.name}, a_{line.name})"
        yield from (
            line.text(1) for line in self.lines if not line.full and not line.reduction and line.loop >= self._loops
        )
        for name, (k, value) in results.items():
            if name in self.names.widened:
                text = name if value.spec.dtype.c_type != "half" else f"convert_half({name})"
                yield f"if (item == 0) o{k}[row] = {text};"
            elif name == "given":
                yield f"EACH_BEGIN *(__global {self._loose(value)} *)(o{k} + full + at) = {self._given_at(value)}; EACH_END"

    def _again(self, now: Sequence[Line], loop: int, kept: set[str], in_registers: bool) -> Iterator[str]:
        """What this loop reads of inputs and of what earlier loops computed.

        The second loop finds a row near, so meanwhile memory is asked for the next one.
        """
        wanted = {name for line in now for name in line.reads}
        earlier: list[str] = []
        for line in reversed([line for line in self.lines if line.full and line.loop < loop]):
            if line.name not in wanted:
                continue
            kind = typed(line.dtype, self.lanes)
            if line.name in kept:
                earlier.append(f"const {kind} {line.name} = {self._place(line, in_registers)};")
            else:
                earlier.append(line.text(self.lanes))
                wanted.update(line.reads)
        for load in self.names.loads:
            if load.single or load.register not in wanted:
                continue
            kind = typed(load.value.spec.dtype, self.lanes)
            base = "full" if load.pattern == self.full else f"p{bits(load.pattern)}"
            yield (f"const {kind} {load.register} = "
                   f"*(__global const {self._loose(load.value)} *)({load.name} + {base} + at);")  # fmt: skip
            if self.streams and loop == 1 and base == "full":
                yield f"NEAR({load.name} + full + to_next + at);"
        if "given" in wanted:
            given = next(v for v, name in self.names.results.items() if name == "given")
            yield f"const {typed(given.spec.dtype, self.lanes)} given = {self._given_at(given)};"
        yield from reversed(earlier)

    def _given_at(self, value: Value) -> str:
        return f"*(const {self._loose(value)} *)(given_row + at)"

    def _loose(self, value: Value) -> str:
        """The type of a vector in memory, at any element."""
        return typed(value.spec.dtype, self.lanes) + ("_u" if self.lanes > 1 else "")

    def _place(self, line: Line, in_registers: bool) -> str:
        if in_registers:
            return f"q_{line.name}[v]"
        kind = typed(line.dtype, self.lanes)
        return f"*(__global {kind}{'_u' if self.lanes > 1 else ''} *)(q_{line.name} + KEPT_AT)"


def _needed(lines: Sequence[Line], names: set[str]) -> list[Line]:
    """The lines that some results need, and the checks."""
    wanted, found = set(names), []
    for line in reversed(lines):
        if line.always or line.name in wanted:
            wanted.update(line.reads)
            found.append(line)
    return found[::-1]


def _columns(dtype: DType, lanes: int) -> str:
    """The numbers of the columns of a vector."""
    kind = typed(dtype, lanes)
    numbers = ", ".join(map(str, range(lanes)))
    return f"(({kind})({numbers}) + ({kind})(at))" if lanes > 1 else f"(({kind})(at))"
