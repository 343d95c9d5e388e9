"""Epilogues: a group's expressions, computed where another kernel stores its results.

Element by element as kernels_cl/include/finish.clh has it, or row by row as include/rows.clh.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab_nb.compiler.expressions import defined, includes
from graphlab_nb.compiler.fuse import Group
from graphlab_nb.compiler.pointwise import ArrayOf, Body, TakePlace
from graphlab_nb.compiler.rows import RowProgram
from graphlab_nb.launch import Finish


class Finisher:
    """Adds a group to the kernel calls that store the results of its host.

    Args:
      group: the elementwise nodes; its `host` is the node whose results they begin with.
      array_of: gives a value's array.
      stored: what is used outside: the members' outputs, and the host's own.
      take_place: as for `pointwise.launch_group`.

    Attributes:
      target: the memory of the host's results.
      used: whether a call has taken the group over.
    """

    def __init__(self, group: Group, array_of: ArrayOf, stored: Sequence[Any], take_place: TakePlace):
        assert group.host is not None
        self._group = group
        self._array_of = array_of
        self._stored = list(stored)
        self._take_place = take_place
        self._made: dict[Finish, tuple[list[Any], str] | None] = {}
        self.target = array_of(group.host.outputs[0]).storage
        self.used = False

    def __call__(self, how: Finish) -> tuple[list[Any], str, int] | None:
        """The further arguments of a call, its prefix, and the number of those arguments that it writes, which come first.

        None where results come in rows that the group's inputs cannot follow.
        """
        if how not in self._made:
            self._made[how] = self._make_rows(how) if how.rows else self._make(how)
        made = self._made[how]
        if made is None:
            return None
        self.used = True
        return (*made, len(self._stored))

    def _make(self, how: Finish) -> tuple[list[Any], str] | None:
        group = self._group
        assert group.host is not None
        if group.by_rows or (how.overlaps and group.written):
            return None
        body = Body(group, how.lanes, self._stored, how.columns or None, group.host.outputs[0])
        if group.pool is not None:
            body.pooled(group.pool)
        if body.inner != (how.columns or body.inner):
            return None
        if not how.overlaps and group.pool is None:
            body.share_memory(self._take_place, group.host.inputs)
        parameters, args = body.names.parameters(self._stored, self._array_of, self._array_of(group.host.outputs[0]))
        parameters += [f"const long d{k}" for k in range(len(body.outer))] + ["const long row_length"]
        args += [np.int64(n) for n in (*body.outer, body.inner)]
        offsets = body.offsets()
        if any("row" in line for line in offsets):
            offsets.insert(0, "const long row = full / row_length;")
        macros: dict[str, str | Sequence[str]] = {
            "FINISH": "",
            "FINISH_PARAMETERS": "".join(f", {p}" for p in parameters),
            "FINISH_ARGUMENTS": "".join(f", {p.split()[-1].lstrip('*')}" for p in parameters),
            "FINISH_ONCE": body.once(),
            "FINISH_OFFSETS": offsets,
            "FINISH_NEAR": body.reached(self._array_of) if group.pool is None else [],
            "FINISH_VECTOR": body.statements(how.lanes, {}) if how.lanes > 1 else [],
            "FINISH_SCALAR": body.statements(1, {}),
        }
        if group.pool is not None:
            macros["POOLED"] = ""
        prefix = [f"#define LANES {how.lanes}", *includes(group.nodes), defined(macros)]
        return args, "\n".join(prefix)

    def _make_rows(self, how: Finish) -> tuple[list[Any], str] | None:
        group = self._group
        assert group.host is not None and group.dims is not None
        if group.written or group.dims[-1] != how.columns:  # a row's last vector overlaps: no element may change twice
            return None
        program = RowProgram(group, how.lanes, self._stored, group.host.outputs[0])
        parameters, args = program.names.parameters(self._stored, self._array_of)
        parameters += [f"const long d{k}" for k in range(len(program.outer))] + ["const long row_length"]
        args += [np.int64(n) for n in (*program.outer, program.inner)]
        body = program.macros({}, True)
        macros: dict[str, str | Sequence[str]] = {
            "FINISH": "",
            "ON_CPU": "",
            "VECTORS": str(-(-how.columns // how.lanes)),
            **({} if how.columns % how.lanes else {"WHOLE": ""}),
            "FINISH_PARAMETERS": "".join(f", {p}" for p in parameters),
            "FINISH_ONCE": body["ONCE"],
            "FINISH_OFFSETS": body["OFFSETS"],
            "ROW_BODY": body["ROW_BODY"],
        }
        prefix = [f"#define LANES {how.lanes}", *includes(group.nodes), defined(macros)]
        return args, "\n".join(prefix)
