"""Where the numbers of tensors are that somebody shows."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.state import Placeholder, Variable
from graphlab_nb.runtime.buffer import constant_buffer
from graphlab_nb.runtime.device import logical_devices
from graphlab_nb.session.inspect import Bench, Inspected
from graphlab_nb.session.observe import Observation, observe
from graphlab_nb.session.resources import Numbers
from graphlab_nb.session.session import BaseSession

Feeds = Mapping[Tensor, np.ndarray]
PROBLEMS = (errors.OpError, ValueError, TypeError, KeyError, RuntimeError)
MOST_FETCHED = 1 << 24
"""Bytes of a tensor that are fetched from a cluster to be shown."""


def targets_of(session: BaseSession, names: Sequence[str], feeds: Feeds) -> Targets | FarTargets:
    """Where the numbers of tensors are, by their names."""
    return Targets(session, names, feeds) if session._remote is None else FarTargets(session, names, feeds)


class Targets:
    """Where the numbers of named tensors are: variables' own memory, or what looking at the others gives.

    Attributes:
      inspected: where the numbers are.
      observation: what was looked at, to be kept while its memory is read; None where nothing was.
    """

    def __init__(self, session: BaseSession, names: Sequence[str], feeds: Feeds):
        self.inspected: Inspected = session
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
                        raise ValueError("It has no value yet: its initializer has not been run in this session")
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
    """The same for a session on a cluster: tensors are fetched as they are between runs, and looked at on this machine.

    Attributes:
      inspected: where the numbers are.
      observation: None.
    """

    observation = None

    def __init__(self, session: BaseSession, names: Sequence[str], feeds: Feeds):
        self.inspected: Inspected = _bench()
        self._found: dict[str, Numbers] = {}
        self._problems: dict[str, str] = {}
        self._tensors: dict[str, Tensor] = {}
        for name in dict.fromkeys(names):
            try:
                tensor = self._tensors[name] = _tensor(session, name)
                _check_size(tensor)
            except PROBLEMS as error:
                self._problems[name] = text_of(error)
        left = {name: tensor for name, tensor in self._tensors.items() if name not in self._problems}
        try:
            self._fetch(session, left, feeds)
        except PROBLEMS as error:
            for name, tensor in left.items():
                try:
                    if len(left) == 1:
                        raise error
                    self._fetch(session, {name: tensor}, feeds)
                except PROBLEMS as its:
                    self._problems[name] = unfed(tensor, feeds) or text_of(its)

    def _fetch(self, session: BaseSession, wanted: Mapping[str, Tensor], feeds: Feeds) -> None:
        if not wanted:
            return
        assert session._remote is not None
        variables = all(isinstance(tensor.op.definition, Variable) for tensor in wanted.values())
        tensors = list(dict.fromkeys(wanted.values()))
        values = dict(zip(tensors, session._remote.look(tensors, {} if variables else dict(feeds)), strict=True))
        context = self.inspected._resources.devices[0].device.context
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
