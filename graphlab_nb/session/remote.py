"""Sessions with a target: what stands at the place of this machine's devices.

Sessions on a cluster need a library that few programs use, so what makes them is told here, and loaded when first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from graphlab_nb import errors
from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.session.config import ConfigProto, RunMetadata, RunOptions
from graphlab_nb.session.device_attributes import DeviceList
from graphlab_nb.session.fetches import Fetches
from graphlab_nb.session.lanes import RequestTimes
from graphlab_nb.session.statistics import Statistics

Feeds = dict[Tensor, np.ndarray]


@dataclass
class BesideThere:
    """Tensors that the next runs compute beside their work, elsewhere; as `Beside` is on this machine.

    Attributes:
      tensors: which.
      done: is called with this once the runs went through.
      measured: whether it is measured what they take.
      able: False where the runs cannot compute them without changing what they do themselves.
      values: of the tensors, for each run; None for one that did not compute them.
      seconds: that they took in a run, where that was measured.
    """

    tensors: tuple[Tensor, ...]
    done: Callable[[BesideThere], None]
    measured: bool = False
    able: bool = True
    values: list[list[Any] | None] = field(default_factory=list)
    seconds: float = 0.0


class VariableThere(NamedTuple):
    """What a variable elsewhere is.

    Attributes:
      task: where it is.
      dims: its shape; None where it has no value.
      statistics: of its numbers; None where it has none.
    """

    task: str
    dims: tuple[int, ...] | None
    statistics: Statistics | None


class Remote(Protocol):
    """A session's part that runs its graph elsewhere.

    Attributes:
      shown: whether somebody sees what is done there when, so that it must be waited for.
    """

    shown: bool

    def devices(self) -> DeviceList:
        """The devices that it computes on."""

    def run(
        self, fetches: Fetches, feeds: Sequence[Feeds], options: RunOptions | None, metadata: RunMetadata | None
    ) -> list[list[Any]]:
        """Runs `fetches` once for each of `feeds`, one after the other; the values of the fetched tensors of each run."""

    @property
    def times(self) -> RequestTimes | None:
        """What the latest request that ran anything took, as far as one went through."""

    def compute_beside(self, beside: BesideThere) -> None:
        """Has the next request of this thread compute tensors beside its runs' work."""

    def trace(self, metadata: RunMetadata) -> None:
        """Has the next request of this thread measure kernels; nothing is computed beside it then."""

    def look(self, tensors: Sequence[Tensor], feeds: Feeds) -> list[Any]:
        """Tensors as a run with these feeds would find them now, without changing anything.

        Raises:
          OpError: as `observe` does; where the devices cannot be reached.
        """

    def variables(self, ops: Sequence[Operation]) -> list[VariableThere | None]:
        """What variables are now; None for one that was not used yet."""

    def inspect(self, variable: Operation, method: str, *arguments: Any) -> Any:
        """What a method of `Inspector` gives of a variable, where it is.

        Raises:
          FailedPreconditionError: where it has no value.
        """

    def placed(self) -> dict[int, str]:
        """The device of each operation that ran, by its index."""

    def forget(self) -> None:
        """Lets go what is kept of the graph, which has changed otherwise than by growing."""

    def close(self) -> None:
        """Ends the session; variables stay."""


Opener = Callable[[str, Graph, ConfigProto], Remote]
Resetter = Callable[[str, Sequence[str] | None], None]
_loader: Callable[[str], tuple[Opener, Resetter]] | None = None


def set_loader(loader: Callable[[str], tuple[Opener, Resetter]]) -> None:
    """Says what gives the functions that open a session on a target and clear a target's variables."""
    global _loader
    _loader = loader


def open_remote(target: str, graph: Graph, config: ConfigProto) -> Remote:
    """What runs `graph` at `target`.

    Raises:
      InvalidArgumentError: for a target that is not understood.
      UnavailableError, UnauthenticatedError: where it cannot be reached.
    """
    return _loaded(target)[0](target, graph, config)


def reset(target: str, containers: Sequence[str] | None) -> None:
    """Clears the variables of a target."""
    _loaded(target)[1](target, containers)


def _loaded(target: str) -> tuple[Opener, Resetter]:
    if _loader is None:
        raise errors.UnimplementedError(None, None, "Sessions with a target need the whole graphlab_nb to be imported")
    return _loader(target)
