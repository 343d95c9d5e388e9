"""Pictures of tensors: the part that is seen, as numbers or means of blocks, and a histogram of the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from graphlab_nb import errors
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import protocol
from graphlab_nb.notebook.parcel import Parcel
from graphlab_nb.notebook.trends import Trends
from graphlab_nb.session.inspect import MOST_PICKED, Inspector, Pending, section
from graphlab_nb.session.statistics import Histogram, Statistics

FINE = 1024
"""Bins that quantiles are found by."""
MOST_BINS = 256


class Targets(Protocol):
    """Where the numbers of tensors are; see `targets_of`."""

    observation: Any
    inspector: Inspector

    def get(self, name: str) -> tuple[Any, str | None]:
        """What the inspector takes for a tensor, or None and why it cannot be had."""

    def tensor(self, name: str) -> Tensor | None:
        """The tensor of a name."""


class Drawn:
    """A picture under way.

    Attributes:
      request: what was asked for.
      asked: whether somebody has just begun to ask for it, and waits.
    """

    def __init__(self, request: protocol.PictureRequest, picture: protocol.Picture):
        self.request = request
        self.asked = False
        self._picture = picture
        self._numbers: Pending[np.ndarray] | None = None
        self._summary: Pending[tuple[Statistics, Histogram]] | None = None
        self._kept: Any = None

    def ready(self) -> bool:
        """Whether all of it has arrived."""
        return all(pending is None or pending.ready() for pending in (self._numbers, self._summary))

    def wait(self) -> None:
        """Waits until all of it has arrived."""
        for pending in (self._numbers, self._summary):
            if pending is not None:
                pending.result()

    def told(self, parcel: Parcel, trends: Trends) -> protocol.Picture:
        """The picture in the words of the wire; `trends` remember its histogram."""
        picture = self._picture
        if self._numbers is not None:
            picture["values"] = parcel.add(_wired(self._numbers.result()))
        if self._summary is not None:
            statistics, histogram = self._summary.result()
            coarse = histogram.counts.reshape(self.request["bins"], -1).sum(1, dtype=np.uint32)
            ends = [statistics.min, statistics.max] if math.isfinite(statistics.min) else [math.nan, math.nan]
            edges = [*ends, histogram.quantile(0.01), histogram.quantile(0.99)]
            if math.isfinite(statistics.min):
                trends.add_histogram(
                    picture["session"], picture["tensor"], picture["step"], np.array(edges[:2]), coarse
                )
            picture["histogram"] = parcel.add(coarse)
            picture["range"] = parcel.add(np.array(edges, np.float64))
            picture["statistics"] = parcel.add(np.array(statistics.row(), np.float64))
        return picture


def draw(request: protocol.PictureRequest, targets: Targets, step: int) -> Drawn:
    """Begins a picture; what is wrong with the request becomes the picture's problem."""
    tensor = targets.tensor(request["tensor"])
    found, problem = targets.get(request["tensor"])
    shape = [] if tensor is None else [-1 if n is None else int(n) for n in tensor.dims or ()]
    picture = protocol.Picture(
        key=request["key"],
        session=request["session"],
        tensor=request["tensor"],
        step=step,
        dtype="" if tensor is None else tensor.dtype.base_dtype.name,
        shape=shape,
        axes=request["axes"],
        index=request["index"],
        rows=request["rows"],
        columns=request["columns"],
        block=[1, 1],
    )
    drawn = Drawn(request, picture)
    if problem is None and found is None:
        problem = f"The graph has no tensor {request['tensor']!r:.80}"
    if problem is None:
        try:
            _begin(drawn, picture, request, found, targets)
        except (errors.OpError, ValueError, TypeError, RuntimeError) as error:
            problem = str(error)
    if problem is not None:
        picture["problem"] = problem
    return drawn


def _begin(
    drawn: Drawn,
    picture: protocol.Picture,
    request: protocol.PictureRequest,
    found: Any,
    targets: Targets,
) -> None:
    inspector = targets.inspector
    shape = [int(n) for n in inspector.shape(found)]
    picture["shape"] = shape
    axes, index = request["axes"], request["index"]
    cells = min(max(request["cells"], 1), MOST_PICKED)
    if not 0 <= request["bins"] <= MOST_BINS:
        raise ValueError(f"A histogram may have up to {MOST_BINS} bins, not {request['bins']}")
    for name, bounds in (("rows", request["rows"]), ("columns", request["columns"])):
        if len(bounds) != 2:
            raise ValueError(f"{name} must be [from, to], not {bounds}")
    rows, columns = (request["rows"][0], request["rows"][1]), (request["columns"][0], request["columns"][1])
    if len(axes) <= 2:
        part = section(shape, axes, index, rows, columns)
        down, across = block = _block(part.rows, part.columns, cells)
        picture["rows"] = [max(rows[0], 0), max(rows[0], 0) + part.rows]
        picture["columns"] = [max(columns[0], 0), max(columns[0], 0) + part.columns]
        picture["block"] = [down, across]
        if block == (1, 1):
            drawn._numbers = inspector.picked(found, (part.rows, part.columns), (part.down, part.across), part.offset)
        else:
            drawn._numbers = inspector.picture(found, part, block)
    else:
        drawn._numbers = _bank(inspector, found, shape, axes, index, rows, columns)
    if request["bins"]:
        fine = request["bins"] * max(1, FINE // request["bins"])
        drawn._summary = inspector.histogram(found, fine)
    drawn._kept = targets.observation


def _wired(numbers: np.ndarray) -> np.ndarray:
    """Numbers in the type of the wire that holds each of them exactly."""
    kinds: dict[str, Any] = {"bool": np.uint8, "float16": np.float32}
    return numbers.astype(kinds.get(numbers.dtype.name, numbers.dtype), copy=False)


def _block(rows: int, columns: int, cells: int) -> tuple[int, int]:
    """Sides of blocks, as square as can be, so that there are at most `cells`."""
    side = 1
    while math.ceil(rows / min(side, max(rows, 1))) * math.ceil(columns / min(side, max(columns, 1))) > cells:
        side += max(1, side // 8)
    return min(side, max(rows, 1)), min(side, max(columns, 1))


def _bank(
    inspector: Inspector,
    found: Any,
    shape: Sequence[int],
    axes: Sequence[int],
    index: Sequence[int],
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> Pending[np.ndarray]:
    """Numbers along three or four dimensions, such as a bank of filters; bounds are along the first two."""
    rank = len(shape)
    others = [k for k in range(rank) if k not in axes]
    if len(set(axes)) != len(axes) or not all(0 <= a < rank for a in axes):
        raise ValueError(f"A tensor of {rank} dimensions has no axes {list(axes)}")
    if len(index) != len(others) or not all(0 <= i < shape[k] for i, k in zip(index, others, strict=True)):
        raise ValueError(f"{list(index)} is no position in the dimensions {others} of shape {list(shape)}")
    steps = [math.prod(shape[k + 1 :]) for k in range(rank)]
    bounds = [rows, columns, *[(0, shape[a]) for a in axes[2:]]]
    begins = [min(max(b[0], 0), shape[a]) for b, a in zip(bounds, axes, strict=True)]
    ends = [min(max(b[1], 0), shape[a]) for b, a in zip(bounds, axes, strict=True)]
    lengths = [max(end - begin, 0) for begin, end in zip(begins, ends, strict=True)]
    offset = sum(i * steps[k] for i, k in zip(index, others, strict=True))
    offset += sum(begin * steps[a] for begin, a in zip(begins, axes, strict=True))
    return inspector.picked(found, lengths, [steps[a] for a in axes], offset)
