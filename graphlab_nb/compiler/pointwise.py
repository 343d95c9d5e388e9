"""Writes the macros that turn kernels_cl/pointwise.cl into the kernel of one fused group."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from graphlab_nb.compiler.expressions import (
    Load,
    Names,
    Pattern,
    bits,
    defined,
    includes,
    offsets_of,
    operands,
    pattern_along,
    typed,
)
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.plan import Node, Value
from graphlab_nb.graph.graph import Operation
from graphlab_nb.launch import Array, DeviceTraits, Launcher

CPU_CHUNK = 4096
"""Elements that a CPU work-item takes at least: starting one costs about as much as a thousand elements."""

ArrayOf = Callable[[Value], Array]
TakePlace = Callable[[Value, Value], bool]


def launch_group(
    group: Group,
    run: Launcher,
    array_of: ArrayOf,
    stored: Sequence[Value],
    begin_op: Callable[[Operation], None],
    take_place: TakePlace,
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
    body = Body(group, run.traits.lanes if run.traits.is_cpu else 1, stored)
    body.share_memory(take_place)
    reports = ask_reports(group, run, begin_op)
    parameters, args = body.names.parameters(stored, array_of)
    body.choose_stores(run.traits, "restrict" not in parameters[0])
    writes = list(range(len(stored)))
    if reports:
        writes.append(len(args))
        parameters.append("__global int *report")
        args.append(next(iter(reports.values()))[0])
    parameters += [f"const long d{k}" for k in range(len(body.outer))]
    args += [np.int64(n) for n in body.outer]
    numbers = {node: int(index) for node, (_, index) in reports.items()}
    macros = {"PARAMETERS": "".join(p + ", " for p in parameters), **body.macros(numbers)}
    prefix = "\n".join([f"#define LANES {body.lanes}", *includes(group.nodes), defined(macros)])
    size, cut = shares(run, math.prod(body.outer), body.inner)
    args += [np.int64(n) for n in (body.inner, math.prod(body.outer), *cut)]
    local = (1, 1) if run.traits.is_cpu else None
    defines = {"LANES": body.lanes} | ({"STREAM": None} if body.streams else {})
    run.kernel("pointwise.cl", "pointwise", args, size, local, defines, writes, prefix)


def ask_reports(group: Group, run: Launcher, begin_op: Callable[[Operation], None]) -> dict[Node, tuple[Array, Any]]:
    """The error report and their places in it, for the members that check data."""
    reports = {}
    for node in group.nodes:
        if node.definition.checks:
            begin_op(node.op)
            reports[node] = run.report(0)
    begin_op(group.nodes[-1].op)
    return reports


def shares(run: Launcher, rows: int, inner: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The global size, and how many columns and rows a work-item takes."""
    if not run.traits.is_cpu:
        return (inner, rows), (1, 1)
    lanes, most = run.traits.lanes, run.traits.compute_units * 8
    per_row = min(max(1, -(-inner // CPU_CHUNK)), most)
    chunk = -(-inner // per_row)
    chunk = -(-chunk // lanes) * lanes
    columns = -(-inner // chunk)
    rows_each = max(1, min(rows, max(-(-CPU_CHUNK // chunk), -(-rows * columns // most))))
    return (columns, -(-rows // rows_each)), (chunk, rows_each)


class Body:
    """The loads, expressions and stores of a group, element by element.

    Args:
      group: the fused nodes.
      lanes: elements of a vector; 1 on a GPU.
      stored: the members' outputs that are used outside.
      columns: the length of the rows in which elements come; None leaves that to how inputs are broadcast.
      given: a member's value that the kernel has already, by the name "given".

    Attributes:
      names: what inputs, constants and results are called.
      outer, inner: the shape, with neighbouring dimensions that all inputs treat alike joined.
      streams: whether results are stored past the caches.
    """

    def __init__(
        self,
        group: Group,
        lanes: int,
        stored: Sequence[Value],
        columns: int | None = None,
        given: Value | None = None,
    ):
        assert group.dims is not None
        self.group = group
        self.lanes = lanes
        self.stored = stored
        self.streams = False
        self._maxima: Value | None = None
        members = [out for node in group.nodes for out in node.outputs]
        self.names = Names([*members, given] if given is not None else members, self.pattern_of)
        if given is not None:
            self.names.result(given, "given")
        for node in group.nodes:
            for position in self.positions(node):
                self.names.read(node, node.inputs[position])
            for out in node.outputs:
                self.names.result(out)
        self._collapse(columns)

    def positions(self, node: Node) -> Sequence[int]:
        """Positions of the inputs that a node's text names."""
        return operands(node)

    def pattern_of(self, node: Node, value: Value) -> Pattern:
        """How a node's input is broadcast to the group's shape."""
        assert self.group.dims is not None
        return pattern_along(value.spec.shape, self.group.dims)

    def _collapse(self, columns: int | None) -> None:
        """Drops dimensions of length 1 and joins neighbours that all inputs treat alike."""
        dims: list[int] = []
        kept: list[tuple[int, ...]] = []
        assert self.group.dims is not None
        loads = self.names.loads
        last = len(self.group.dims)
        if columns is not None:  # the trailing dimensions that make a row stay apart from the others
            count = 1
            while count < columns:
                last -= 1
                count *= self.group.dims[last]  # type: ignore[operator]
        for axis, length in enumerate(self.group.dims):
            assert length is not None
            column = tuple(load.pattern[axis] for load in loads)
            if length == 1:
                continue
            if kept and kept[-1] == column and axis != last:
                dims[-1] *= length
            else:
                dims.append(length)
                kept.append(column)
        if columns == 1 or not dims:
            dims.append(1)
            kept.append(tuple(load.pattern[-1] if load.pattern else 1 for load in loads))
        self.inner = dims[-1]
        self.outer = tuple(dims[:-1])
        for load, row in zip(loads, zip(*kept, strict=True), strict=True) if loads else ():
            load.pattern = row

    def pooled(self, pool: Node) -> None:
        """Has maxima over windows stored in place of the results: the larger of these and what is there, unless they are new.

        They are compared as pool.cl does, where NaN is larger than all.
        """
        (output,) = pool.outputs
        self.names.results[output] = self.names.results[pool.inputs[0].root]
        self._maxima = output

    @property
    def full(self) -> tuple[int, ...]:
        """The pattern of what runs along all dimensions."""
        return (1,) * (len(self.outer) + 1)

    def share_memory(self, take_place: TakePlace, but: Sequence[Value] = ()) -> None:
        """Lets outputs have the memory of inputs of their size that are read at the very element that is written.

        Args:
          take_place: says whether an output may have an input's memory, and sees to it.
          but: values whose memory is needed all the while.
        """
        patterns: dict[Value, set[tuple[int, ...]]] = {}
        for load in self.names.loads:
            patterns.setdefault(load.value.root, set()).add(load.pattern)
        taboo = {value.root for value in but}
        free = [
            load.value
            for load in self.names.loads
            if patterns[load.value.root] == {self.full} and load.value.root not in taboo
        ]
        for output in self.stored:
            taken = next((value for value in free if take_place(output, value)), None)
            if taken is not None:
                free.remove(taken)

    def choose_stores(self, traits: DeviceTraits, aliased: bool) -> None:
        """Has large results stored past the caches, where none of their memory is read and all vectors are aligned."""
        aligned = not self.outer or self.inner % self.lanes == 0
        large = any(traits.streams(value.spec.size_in_bytes) for value in self.stored)
        self.streams = large and aligned and not aliased

    def once(self) -> list[str]:
        """Declarations of what is the same for all elements."""
        return [self._single(load, "0") for load in self.names.loads if not any(load.pattern)]

    def offsets(self) -> list[str]:
        """Declarations, for the row of number `row`, of offsets and of what is the same all along it."""
        loads = self.names.loads
        lines = offsets_of([load.pattern for load in loads], len(self.outer))
        same = [load for load in loads if any(load.pattern) and not load.pattern[-1]]
        return lines + [self._single(load, f"p{bits(load.pattern)}") for load in same]

    @staticmethod
    def _single(load: Load, place: str) -> str:
        return f"const {load.value.spec.dtype.c_type} s{load.name} = {load.name}[{place}];"

    def macros(self, reports: Mapping[Node, int]) -> dict[str, Sequence[str]]:
        """The macros of pointwise.cl but for the parameters; `reports` has the places of checks in the report."""
        return {
            "ONCE": self.once(),
            "OFFSETS": ["const long full = row * row_length;", *self.offsets()],
            "VECTOR_BODY": self.statements(self.lanes, reports) if self.lanes > 1 else [],
            "SCALAR_BODY": self.statements(1, reports),
        }

    def reached(self, array_of: ArrayOf, at: str = "full + j") -> list[str]:
        """Statements that ask for the memory of element `at`, of all that runs along all elements."""
        places: dict[Any, str] = {}
        for k, value in enumerate(self.stored):
            places.setdefault(array_of(value).storage, f"o{k}")
        for load in self.names.loads:
            if load.pattern == self.full:
                places.setdefault(array_of(load.value).storage, load.name)
        return [f"NEAR({name} + {at});" for name in places.values()]

    def statements(self, lanes: int, reports: Mapping[Node, int]) -> list[str]:
        """The statements for `lanes` elements at column j of the row that begins at `full`."""
        lines: list[str] = []
        for load in self.names.loads:
            kind = typed(load.value.spec.dtype, lanes)
            if not load.pattern[-1]:
                lines.append(f"const {kind} {load.register} = ({kind})(s{load.name});")
                continue
            place = f"{load.name} + {'full' if load.pattern == self.full else f'p{bits(load.pattern)}'} + j"
            access = f"*({place})" if lanes == 1 else f"*(__global const {kind}_u *)({place})"
            lines.append(f"const {kind} {load.register} = {access};")
        for node in self.group.nodes:
            lines += self.names.statements(node, lanes, reports.get(node))
        for k, value in enumerate(self.stored):
            kind = typed(value.spec.dtype, lanes)
            if lanes > 1 and self.streams:
                lines.append(f"STREAM_STORE((__global {kind} *)(o{k} + full + j), {self.names.results[value]});")
                continue
            target = f"o{k}[full + j]" if lanes == 1 else f"*(__global {kind}_u *)(o{k} + full + j)"
            if value is self._maxima:
                mine, most = self.names.results[value], f"m{k}"
                lines.append(f"const {kind} {most} = finish_new ? ({kind})(-INFINITY) : {target};")
                lines.append(f"{target} = (({mine} > {most}) | ({mine} != {mine})) ? {mine} : {most};")
                continue
            lines.append(f"{target} = {self.names.results[value]};")
        return lines
