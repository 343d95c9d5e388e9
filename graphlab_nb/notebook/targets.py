"""Where the numbers of tensors are that somebody shows."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.state import Placeholder, Variable
from graphlab_nb.runtime.arrival import Arrival
from graphlab_nb.runtime.buffer import constant_buffer
from graphlab_nb.runtime.device import logical_devices
from graphlab_nb.session.inspect import Bench, Inspector, Pending, Section
from graphlab_nb.session.observe import Observation, observe
from graphlab_nb.session.remote import Remote
from graphlab_nb.session.resources import Numbers
from graphlab_nb.session.session import BaseSession
from graphlab_nb.session.statistics import Histogram, Statistics

Feeds = Mapping[Tensor, np.ndarray]
PROBLEMS = (errors.OpError, ValueError, TypeError, KeyError, RuntimeError)
NO_VALUE = "It has no value yet: its initializer has not been run in this session"
MOST_FETCHED = 1 << 24
"""Bytes of a tensor that are fetched from a cluster to be shown."""


def targets_of(session: BaseSession, names: Sequence[str], feeds: Feeds) -> Targets | FarTargets:
    """Where the numbers of tensors are, by their names."""
    return Targets(session, names, feeds) if session._remote is None else FarTargets(session, names, feeds)


class Targets:
    """Where the numbers of named tensors are: variables' own memory, or what looking at the others gives.

    Attributes:
      inspector: reduces them.
      observation: what was looked at, to be kept while its memory is read; None where nothing was.
    """

    def __init__(self, session: BaseSession, names: Sequence[str], feeds: Feeds):
        self.inspector = Inspector(session)
        self.observation: Observation | None = None
        self._found: dict[str, Any] = {}
        self._problems: dict[str, str] = {}
        self._tensors: dict[str, Tensor] = {}
        others: list[tuple[str, Tensor]] = []
        for name in dict.fromkeys(names):
            try:
                element = self._tensors[name] = _tensor(session, name)
                if isinstance(element.op.definition, Variable):
                    memory = session._resources.variables.get(element.op)
                    if memory is None or not memory.initialized:
                        raise ValueError(NO_VALUE)
                    self._found[name] = element.op
                else:
                    others.append((name, element))
            except PROBLEMS as error:
                self._problems[name] = text_of(error)
        self._observe(session, others, feeds)

    def _observe(self, session: BaseSession, others: list[tuple[str, Tensor]], feeds: Feeds) -> None:
        """Looks at all at once, or, where one of them cannot be, leaves out those that cannot."""
        while others:
            try:
                self.observation = observe(session, [tensor for _, tensor in others], feeds, land=False)
                for name, tensor in others:
                    self._found[name] = self.observation.numbers(tensor)
                return
            except PROBLEMS as error:
                if len(others) == 1:
                    self._problems[others[0][0]] = unfed(others[0][1], feeds) or text_of(error)
                    return
                good = []
                for name, tensor in others:
                    try:
                        observe(session, [tensor], feeds, land=False).numbers(tensor)
                        good.append((name, tensor))
                    except PROBLEMS as its:
                        self._problems[name] = unfed(tensor, feeds) or text_of(its)
                if len(good) == len(others):
                    self._problems |= {name: text_of(error) for name, _ in others}
                    return
                others = good

    def get(self, name: str) -> tuple[Any, str | None]:
        """What the inspector takes for a tensor, or None and why it cannot be had."""
        return self._found.get(name), self._problems.get(name)

    def tensor(self, name: str) -> Tensor | None:
        """The tensor of a name."""
        return self._tensors.get(name)


class FarTargets:
    """The same for a session on a cluster: variables are reduced where they are, other tensors fetched between runs.

    Attributes:
      inspector: reduces them.
      observation: None.
    """

    observation = None

    def __init__(self, session: BaseSession, names: Sequence[str], feeds: Feeds):
        assert session._remote is not None
        self.inspector: Inspector = FarInspector(session._remote)
        self._found: dict[str, Numbers | FarVariable] = {}
        self._problems: dict[str, str] = {}
        self._tensors: dict[str, Tensor] = {}
        for name in dict.fromkeys(names):
            try:
                self._tensors[name] = _tensor(session, name)
            except PROBLEMS as error:
                self._problems[name] = text_of(error)
        variables = {n: t for n, t in self._tensors.items() if isinstance(t.op.definition, Variable)}
        others = {n: t for n, t in self._tensors.items() if n not in variables}
        try:
            self._find(session._remote, variables)
        except PROBLEMS as error:
            self._problems |= dict.fromkeys(variables, text_of(error))
        try:
            self._fetch(session._remote, others, feeds)
        except PROBLEMS as error:
            for name, tensor in others.items():
                try:
                    if len(others) == 1:
                        raise error
                    self._fetch(session._remote, {name: tensor}, feeds)
                except PROBLEMS as its:
                    self._problems[name] = unfed(tensor, feeds) or text_of(its)

    def _find(self, remote: Remote, wanted: Mapping[str, Tensor]) -> None:
        found = remote.variables([tensor.op for tensor in wanted.values()]) if wanted else []
        for (name, tensor), there in zip(wanted.items(), found, strict=True):
            if there is None or there.dims is None:
                self._problems[name] = NO_VALUE
            else:
                self._found[name] = FarVariable(tensor.op, there.dims)

    def _fetch(self, remote: Remote, wanted: Mapping[str, Tensor], feeds: Feeds) -> None:
        if not wanted:
            return
        tensors = list(dict.fromkeys(wanted.values()))
        for tensor in tensors:
            _check_size(tensor)
        values = dict(zip(tensors, remote.look(tensors, dict(feeds)), strict=True))
        context = _bench()._resources.devices[0].device.context
        for name, tensor in wanted.items():
            dtype, value = tensor.dtype.base_dtype, np.asarray(values[tensor])
            if dtype.c_type is None:
                raise TypeError(f"{tensor.name} of type {dtype.name} lies on no device")
            self._found[name] = Numbers(constant_buffer(context, value), 0, dtype, value.shape)

    def get(self, name: str) -> tuple[Any, str | None]:
        """What the inspector takes for a tensor, or None and why it cannot be had."""
        return self._found.get(name), self._problems.get(name)

    def tensor(self, name: str) -> Tensor | None:
        """The tensor of a name."""
        return self._tensors.get(name)


class FarVariable(NamedTuple):
    """A variable on a cluster."""

    op: Operation
    shape: tuple[int, ...]


class FarInspector(Inspector):
    """Reduces variables on the tasks of a cluster, and what was fetched from there on this machine."""

    def __init__(self, remote: Remote):
        super().__init__(_bench())
        self._remote = remote

    def histogram(
        self, target: Any, bins: int = 1024, limits: tuple[float, float] | None = None
    ) -> Pending[tuple[Statistics, Histogram]]:
        """A tensor's statistics and a histogram."""
        if isinstance(target, FarVariable):
            return self._there(target, "histogram", bins, limits)
        return super().histogram(target, bins, limits)

    def picture(self, target: Any, part: Section, block: tuple[int, int] = (1, 1)) -> Pending[np.ndarray]:
        """Means of blocks of a matrix."""
        if isinstance(target, FarVariable):
            return self._there(target, "picture", part, block)
        return super().picture(target, part, block)

    def picked(self, target: Any, lengths: Sequence[int], steps: Sequence[int], offset: int = 0) -> Pending[np.ndarray]:
        """Numbers of a tensor as they are."""
        if isinstance(target, FarVariable):
            return self._there(target, "picked", lengths, steps, offset)
        return super().picked(target, lengths, steps, offset)

    def _there(self, target: FarVariable, method: str, *arguments: Any) -> Pending[Any]:
        found = self._remote.inspect(target.op, method, *arguments)
        return Pending(Arrival([]), lambda: found)


@functools.cache
def _bench() -> Bench:
    return Bench(logical_devices()[:1])


def _tensor(session: BaseSession, name: str) -> Tensor:
    element = session.graph.as_graph_element(name)
    if isinstance(element, Operation):
        if not element.outputs:
            raise ValueError(f"{name} has no output")
        return element.outputs[0]
    return element


def _check_size(tensor: Tensor) -> None:
    nbytes = math.prod(n or 1 for n in tensor.dims or ()) * tensor.dtype.base_dtype.size
    if nbytes > MOST_FETCHED:
        raise ValueError(
            f"It has {nbytes / 1e6:.0f} MB, and only tensors of up to {MOST_FETCHED / 1e6:.0f} MB are fetched from a cluster "
            "to be shown"
        )


def text_of(error: BaseException) -> str:
    """An error in words."""
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def unfed(tensor: Tensor, feeds: Feeds) -> str:
    """That a tensor is computed from what only a run feeds, where none does now; else nothing."""
    missing = [
        repr(op.name)
        for op in needed_operations([tensor.op], feeds)
        if isinstance(op.definition, Placeholder) and op.outputs[0] not in feeds
    ]
    if not missing:
        return ""
    names = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
    what = "is" if isinstance(tensor.op.definition, Placeholder) else "is computed from"
    return f"It {what} what runs feed to {names}, and no run feeds that now"
