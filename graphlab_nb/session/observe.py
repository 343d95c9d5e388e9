"""Looking at tensors as they will be in the next run, without changing anything that it computes.

An observation is a plan of its own, put into the queues before the run: it reads the session's variables and the counts of
random operations as that run will find them, and writes nothing but memory of its own. So a run gives the same numbers, bit
by bit, whether anybody looks or not, and what is looked at is what the run will compute (up to roundings, where the run
computes it together with other things).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.compiler.compile import compile_stage
from graphlab_nb.compiler.plan import AskInitialized, HostCall, Request, Stage, at_line
from graphlab_nb.compiler.prune import needed_operations
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.opdef import Spec
from graphlab_nb.graph.operation import uncollected
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import ERROR_SLOTS
from graphlab_nb.runtime.arrival import Arrival
from graphlab_nb.runtime.buffer import constant_buffer
from graphlab_nb.runtime.queue import Queue
from graphlab_nb.session.executor import BoundStage, uninitialized, written_by
from graphlab_nb.session.fetches import feed_array, feed_tensor
from graphlab_nb.session.resources import Numbers, Resources

if TYPE_CHECKING:
    from graphlab_nb.session.session import BaseSession

MOST_LOOKS = 16
"""Plans for observations that a session keeps."""
OWN = ("arena", "fixed", "export", "report")
"""Kinds of memory that a plan made to look has of its own, and may write."""


class Observation:
    """Tensors as they are at one point of a training, on their way to the host.

    Memory for them lasts as long as this object; dropping it before it is `ready` waits until it is.

    Attributes:
      tensors: what is looked at.
    """

    def __init__(self, tensors: Sequence[Tensor], look: _Look, arrival: Arrival, places: Mapping[Tensor, Any]):
        self.tensors = list(tensors)
        self._look = look
        self._turn = look.resources.turns
        self._arrival = arrival
        self._places = places
        self._reports = len(look.reports)

    def ready(self) -> bool:
        """Whether the values are there; asks and waits for nothing."""
        return self._arrival.ready()

    def values(self) -> list[Any]:
        """The tensors' values as NumPy arrays, in their order; waits where they are not `ready`. Those not landed are None.

        Raises:
          OpError: what a check of data found, as the run itself will find it.
        """
        self._arrival.wait()
        for report in self._arrival.arrays[: self._reports]:
            if report[0]:
                raise self._look.complaint(report)
        return [self._places.get(tensor) for tensor in self.tensors]

    def numbers(self, tensor: Tensor) -> Numbers:
        """Where a tensor's numbers lie on a device, for commands put into its queue before the next observation or run.

        Raises:
          RuntimeError: when the memory may have other numbers by now.
          TypeError: for strings.
        """
        if self._look.resources.turns != self._turn:
            raise RuntimeError(
                f"Its session has been looked at since; where {tensor.name} was may be other numbers now"
            )
        return self._look.numbers(tensor, self._places.get(tensor))


class _Look(BoundStage):
    """A plan that computes tensors and changes nothing.

    Attributes:
      reports: the devices, by index, on which it checks data.
    """

    def __init__(self, stage: Stage, resources: Resources):
        self.reports: list[int] = []
        for step in stage.steps:
            for storage in written_by(step.action):
                if storage.kind not in OWN:
                    raise errors.InternalError(None, step.op, f"Looking would write to a {storage.kind}")
        super().__init__(stage, resources, {})
        if stage.checks:
            self.reports = self.devices_used

    def _find_landings(self) -> None:
        return  # taking a result early is waiting for it

    def _checkpoint(self, queues: Sequence[Queue]) -> None:
        return  # what checks find is read with the results

    def _note_flight(self, last: Any) -> None:
        queues = [self.resources.devices[index].queue for index in self.devices_used]
        done = [last] if len(queues) == 1 and last is not None else [queue.marker() for queue in queues]
        for staging in self._staging.values():
            staging.used_until(done)

    def look(
        self, tensors: Sequence[Tensor], feeds: dict[Tensor, np.ndarray], land: bool | Collection[Tensor]
    ) -> Observation:
        """Starts computing, and sends what is to `land` to the host."""
        parts = self.resources.devices
        self.resources.turns += 1
        for index in self.reports:
            parts[index].queue.zero(parts[index].report, 4 * ERROR_SLOTS)
        self.run(feeds)
        copies = [(parts[i].queue, parts[i].report, np.zeros(ERROR_SLOTS, np.int32)) for i in self.reports]
        places: dict[Tensor, np.ndarray] = {}
        for tensor in dict.fromkeys(tensors):
            if tensor in feeds:
                places[tensor] = np.array(feeds[tensor])
            elif tensor in self.stage.direct:
                places[tensor] = np.array(self.stage.direct[tensor])
            elif tensor in self.stage.echoes:
                source, dims = self.stage.echoes[tensor]
                places[tensor] = np.array(feeds[source]).reshape(dims)
            elif land is True or (land and tensor in land):
                array = self.stage.fetched[tensor]
                places[tensor] = np.empty(array.shape, array.dtype.np_dtype)
                copies.append((parts[array.storage.device].queue, self.buffer(array.storage), places[tensor]))
        return Observation(tensors, self, Arrival(copies), places)

    def numbers(self, tensor: Tensor, value: np.ndarray | None) -> Numbers:
        """Where a tensor's numbers lie; what only the host has, a `value`, is sent to the first device."""
        dtype = tensor.dtype.base_dtype
        array = self.stage.fetched.get(tensor)
        if array is not None:
            return Numbers(self.buffer(array.storage), array.storage.device, dtype, array.shape)
        if dtype.c_type is None or value is None:
            raise TypeError(f"{tensor.name} of type {dtype.name} lies on no device")
        return Numbers(constant_buffer(self.resources.devices[0].device.context, value), 0, dtype, value.shape)


def observe(
    session: BaseSession,
    tensors: Sequence[Tensor],
    feed_dict: Mapping[Any, Any] | None = None,
    land: bool | Collection[Tensor] = True,
) -> Observation:
    """Looks at tensors as a run with these feeds would find them now, and waits for nothing.

    The first look at the same tensors with feeds of the same shapes makes a plan for it, and builds its kernels. With devices
    of several contexts, what goes from one to another is waited for.

    Args:
      session: of the graph of the tensors; nothing else runs in it at this time.
      tensors: what to look at.
      feed_dict: as for `run`.
      land: whether the values are sent to the host, or those of which tensors; others are on the device alone, for
        `Observation.numbers`.

    Raises:
      FailedPreconditionError: where looking would change something or run code on the host, naming the operation that would;
        where a variable has no value.
      UnimplementedError: for tensors whose shape only the run tells.
      InvalidArgumentError, ResourceExhaustedError: what a run would raise for the plan.
      RuntimeError: when the session is closed.
    """
    graph = session.graph
    feeds: dict[Tensor, np.ndarray] = {}
    for key, value in (feed_dict or {}).items():
        tensor = key if type(key) is Tensor and key.op.graph is graph else feed_tensor(graph, key, session.opened)
        feeds[tensor] = feed_array(tensor, value)
    with session._lock:
        if session._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        return _look_for(session, tuple(dict.fromkeys(tensors)), feeds).look(tensors, feeds, land)


def _look_for(session: BaseSession, tensors: tuple[Tensor, ...], feeds: dict[Tensor, np.ndarray]) -> _Look:
    """The plan, made when first asked for; an error that making it raised is raised again."""
    resources = session._resources
    looks: dict[Any, Any] = resources.looks.setdefault("observe", {})
    key = (tensors, frozenset([(t, v.shape) for t, v in feeds.items()]), resources.shapes_version)
    found = looks.pop(key, None)
    if found is None:
        try:
            with uncollected():
                found = _compiled(session, tensors, feeds)
        except errors.OpError as error:
            found = type(error), error.op, error.message
    while len(looks) >= MOST_LOOKS:
        del looks[next(iter(looks))]
    looks[key] = found  # the latest used comes last
    if isinstance(found, tuple):
        kind, op, message = found
        raise kind(None, op, message)
    if isinstance(found, Stage):
        for op in found.read_first:
            if op not in resources.variables or not resources.variables[op].initialized:
                raise uninitialized(op)
        found = looks[key] = _Look(found, resources.aside())
    return found


def _compiled(session: BaseSession, tensors: Sequence[Tensor], feeds: dict[Tensor, np.ndarray]) -> Stage:
    targets = list(dict.fromkeys(t.op for t in tensors if t not in feeds))
    resources = session._resources
    stage = compile_stage(
        Request(
            ops=needed_operations(targets, feeds),
            targets=targets,
            fetches=[t for t in tensors if t not in feeds],
            feeds={t: Spec(t.dtype.base_dtype, v.shape) for t, v in feeds.items()},
            devices=resources.plan_devices,
            soft_placement=bool(session._config.allow_soft_placement),
            variable_dims=resources.variable_dims(),
            counts=False,
        )
    )
    _refuse(stage)
    return stage


def _refuse(stage: Stage) -> None:
    """Raises for a stage that does more than look."""
    for op in (*stage.placed, *stage.remaining):
        if op.definition.writes:
            raise _forbidden(op, "changes a variable")
        if op.definition.host:
            raise _forbidden(op, "runs Python on the host")
    for step in stage.steps:
        if isinstance(step.action, (HostCall, AskInitialized)):
            assert step.op is not None
            raise _forbidden(step.op, "asks the host")
    for waiting in (*stage.remaining, *(tensor.op for tensor in stage.sizes)):
        raise errors.UnimplementedError(
            None,
            waiting,
            f"Looking cannot go as far as {waiting.type} {waiting.name!r}: it depends on a shape that only the run tells "
            f"[{at_line(waiting)}]",
        )


def _forbidden(op: Operation, what: str) -> errors.FailedPreconditionError:
    return errors.FailedPreconditionError(
        None, op, f"Looking must change nothing, but {op.type} {op.name!r}, which it would run, {what} [{at_line(op)}]"
    )
