"""Repeats: kernel calls that would fill scratch memory with what other scratch memory holds already.

Pieces of a cut region (`cut`) have their weights packed and their filters transformed alike. Only the first piece needs to;
the others' kernels read what it left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graphlab_nb.launch import Array, KernelCall, Storage


class Repeats:
    """What scratch memory holds as a stage's steps are recorded."""

    def __init__(self) -> None:
        self._writes: dict[Storage, int] = {}
        self._made: dict[tuple[Any, ...], tuple[Storage, int]] = {}
        self._stands_for: dict[Storage, Storage] = {}

    def current(self, array: Array) -> Array:
        """The array, or the one of an earlier call that holds the same."""
        earlier = self._stands_for.get(array.storage)
        return array if earlier is None else Array(array.shape, array.dtype, earlier)

    def wrote(self, storages: Iterable[Storage]) -> None:
        """Notes that a step writes these."""
        for storage in storages:
            self._writes[storage] = self._writes.get(storage, 0) + 1

    def holds(self, call: KernelCall, device: int) -> bool:
        """Whether scratch memory holds what the call would write to its first argument, new scratch memory.

        If so the call is not needed, and `current` tells what to read. If not it is remembered; the caller records it and
        says what it `wrote`.
        """
        target = call.args[0].storage
        made_by = (
            device, call.file, call.kernel, call.prefix, call.global_size, call.local_size, tuple(sorted(call.defines.items())),
            target.nbytes, *self._contents(call.args[1:]),
        )  # fmt: skip
        earlier = self._made.get(made_by)
        if earlier is not None and self._writes[earlier[0]] == earlier[1]:
            self._stands_for[target] = earlier[0]
            return True
        self._made[made_by] = target, self._writes.get(target, 0) + 1
        return False

    def _contents(self, args: Sequence[Any]) -> Iterable[Any]:
        """What arguments are: the same only if they were not written in between."""
        for arg in args:
            if isinstance(arg, Array):
                yield arg.storage, self._writes.get(arg.storage, 0)
            else:
                yield type(arg), arg
