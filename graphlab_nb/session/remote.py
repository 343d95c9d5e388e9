"""Sessions with a target: what stands at the place of this machine's devices.

Sessions on a cluster need a library that few programs use, so what makes them is told here, and loaded when first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from graphlab_nb import errors
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.session.config import ConfigProto, RunMetadata, RunOptions
from graphlab_nb.session.device_attributes import DeviceList
from graphlab_nb.session.fetches import Fetches

Feeds = dict[Tensor, np.ndarray]


class Remote(Protocol):
    """A session's part that runs its graph elsewhere."""

    def devices(self) -> DeviceList:
        """The devices that it computes on."""

    def run(
        self, fetches: Fetches, feeds: Sequence[Feeds], options: RunOptions | None, metadata: RunMetadata | None
    ) -> list[list[Any]]:
        """Runs `fetches` once for each of `feeds`, one after the other; the values of the fetched tensors of each run."""

    def forget(self) -> None:
        """Lets go what is kept of the graph, which has changed otherwise than by growing."""

    def close(self) -> None:
        """Ends the session; variables stay."""


Opener = Callable[[str, Graph, ConfigProto], Remote]
Resetter = Callable[[str, Sequence[str] | None], None]
_loader: Callable[[], tuple[Opener, Resetter]] | None = None


def set_loader(loader: Callable[[], tuple[Opener, Resetter]]) -> None:
    """Says what gives the functions that open a session on a target and clear a target's variables."""
    global _loader
    _loader = loader


def open_remote(target: str, graph: Graph, config: ConfigProto) -> Remote:
    """What runs `graph` at `target`.

    Raises:
      InvalidArgumentError: for a target that is not understood.
      UnavailableError, UnauthenticatedError: where it cannot be reached.
    """
    return _loaded()[0](target, graph, config)


def reset(target: str, containers: Sequence[str] | None) -> None:
    """Clears the variables of a target."""
    _loaded()[1](target, containers)


def _loaded() -> tuple[Opener, Resetter]:
    if _loader is None:
        raise errors.UnimplementedError(None, None, "Sessions with a target need the whole graphlab_nb to be imported")
    return _loader()
