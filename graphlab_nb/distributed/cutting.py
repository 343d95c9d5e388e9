"""Cutting a run into parts: what each task runs, in which order, and what goes from part to part.

A part is what one task runs in one go. Parts of a task have levels: a part needs only parts of lower levels, of its own task
and of others, so that all tasks together always go on. Within a part the order is that of building, as in a local run. Of
variables each part reads what they hold when the order of building says so: whoever changes one does so in a later part than
those who read it before, where they are on other tasks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from graphlab_nb.distributed.placing import root, standing
from graphlab_nb.distributed.shipping import Key, key_of
from graphlab_nb.graph.constant import Const
from graphlab_nb.graph.graph import Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.ops.state import Variable

Place = tuple[str, int]
"""A part: its task and level."""


@dataclass
class Part:
    """What a task runs in one go.

    Attributes:
      ops: indices of the operations that it runs.
      standing: indices of the constants and variables that these use.
      feeds: tensors that it is given: those the client feeds, and what other parts made.
      waits: parts on other tasks that send something to it, be it only that they are done.
      fetches: tensors that it hands on.
      sends: by task, positions among `fetches` of what goes there.
      keeps: positions of what later parts of the same task need.
      results: positions of what the client fetches.
    """

    ops: list[int] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)
    feeds: list[Key] = field(default_factory=list)
    waits: list[Place] = field(default_factory=list)
    fetches: list[Key] = field(default_factory=list)
    sends: dict[Place, list[int]] = field(default_factory=dict)
    keeps: list[int] = field(default_factory=list)
    results: list[int] = field(default_factory=list)

    def fetch(self, key: Key) -> int:
        """The position of a tensor among those handed on."""
        if key not in self.fetches:
            self.fetches.append(key)
        return self.fetches.index(key)


class Cut:
    """A run, cut at the borders of tasks.

    Args:
      ops: what the run needs, in the order of building.
      tasks: where each runs.
      feeds: tensors that are fed.
      fetches: tensors that the client gets; those that are fed are not among them.
      own: the task that fetches constants.

    Attributes:
      parts: by place.
    """

    def __init__(
        self,
        ops: Sequence[Operation],
        tasks: Mapping[Operation, str],
        feeds: Collection[Tensor],
        fetches: Sequence[Tensor],
        own: str,
    ):
        self.parts: dict[Place, Part] = {}
        self._tasks, self._feeds, self._own = tasks, set(feeds), own
        self._levels: dict[Operation, int] = {}
        self._written: dict[Operation, int] = {}
        self._read: dict[Operation, int] = {}
        self._sent: dict[Operation, int] = {}
        self._versions: dict[Place, dict[Operation, int]] = {}
        self._needed = set(ops)
        for op in ops:
            if not standing(op):
                self._level(op)
        for op in ops:
            if not standing(op):
                self._connect(op)
        for tensor in fetches:
            self._fetch(tensor)

    def of_task(self) -> dict[str, list[tuple[int, Part]]]:
        """Each task's parts by their levels."""
        found: dict[str, list[tuple[int, Part]]] = {}
        for (task, level), part in sorted(self.parts.items(), key=lambda item: item[0]):
            found.setdefault(task, []).append((level, part))
        return found

    def beside(self, tensors: Sequence[Tensor]) -> tuple[Place, set[Operation]] | None:
        """Where tensors can be computed beside a part's work, of what it has anyway.

        Returns:
          The part, and the operations that it lacks; None where no part has all that they need.
        """
        task = self._tasks[tensors[0].op]
        lacking: set[Operation] = set()
        given: set[Tensor] = set()
        own: set[Operation] = set()
        waiting = list(tensors)
        while waiting:
            tensor = waiting.pop()
            source = tensor if tensor in self._feeds else root(tensor)
            maker, variable = source.op, isinstance(source.op.definition, Variable)
            if source in self._feeds or maker in self._levels or (variable and self._tasks[maker] != task):
                given.add(source)
            elif variable:
                own.add(maker)
            elif maker not in lacking:
                if self._tasks[maker] != task:
                    return None
                lacking.add(maker)
                waiting += maker.inputs
        for (name, level), part in sorted(self.parts.items(), key=lambda item: item[0]):
            made = [t for t in given if self._levels.get(t.op) == level and self._tasks[t.op] == task]
            fed = [t for t in given if key_of(t) in part.feeds]
            late = any(self._written.get(variable, level) < level for variable in own)
            if name == task and not late and given <= {*made, *fed}:
                return (name, level), lacking | own
        return None

    def _part(self, place: Place) -> Part:
        return self.parts.setdefault(place, Part())

    def _sources(self, op: Operation) -> list[Tensor]:
        """The inputs that must come from somewhere: variables for what is their memory, and no constants or fed tensors."""
        found = [root(t) for t in op.inputs if t not in self._feeds]
        return [t for t in found if t not in self._feeds and not isinstance(t.op.definition, Const)]

    def _level(self, op: Operation) -> None:
        task, level = self._tasks[op], 0
        apart = getattr(op.definition, "awaits", False)  # a part that waits begins with what it waits for
        for before in op.control_inputs:
            if before in self._levels:
                level = max(level, self._levels[before] + (apart or self._tasks[before] != task))
        versions: dict[Operation, int] = {}
        for source in self._sources(op):
            maker = source.op
            if not isinstance(maker.definition, Variable):
                level = max(level, self._levels[maker] + (apart or self._tasks[maker] != task))
            elif self._tasks[maker] == task:
                level = max(level, self._written.get(maker, 0))
            else:
                versions[maker] = self._written.get(maker, 0)
                level = max(level, versions[maker] + 1)
        changed = self._changed(op)
        for variable in changed:
            level = max(level, self._read.get(variable, 0), self._sent.get(variable, -1) + 1)
        # A part gets one value of a variable that lives elsewhere.
        while any(
            self._versions.get((task, level), {}).get(variable, version) != version
            for variable, version in versions.items()
        ):
            level += 1
        self._levels[op] = level
        self._versions.setdefault((task, level), {}).update(versions)
        for variable, version in versions.items():
            self._sent[variable] = max(version, self._sent.get(variable, -1))
        for source in self._sources(op):
            if isinstance(source.op.definition, Variable) and self._tasks[source.op] == task:
                self._read[source.op] = max(level, self._read.get(source.op, 0))
        for variable in changed:
            self._written[variable] = level

    @staticmethod
    def _changed(op: Operation) -> list[Operation]:
        found = [root(op.inputs[i]).op for i in op.definition.writes]
        return [variable for variable in found if isinstance(variable.definition, Variable)]

    def _connect(self, op: Operation) -> None:
        """Puts an operation into its part, and says where what it needs comes from."""
        task, level = place = self._tasks[op], self._levels[op]
        part = self._part(place)
        part.ops.append(op.index)
        for before in op.control_inputs:
            if before in self._levels and self._tasks[before] != task:
                self._send((self._tasks[before], self._levels[before]), place, None)
        for tensor in op.inputs:
            source = tensor if tensor in self._feeds else root(tensor)
            if source in self._feeds:
                self._feed(part, key_of(source))
                continue
            maker, home = source.op, self._tasks[source.op]
            if isinstance(maker.definition, Const) or (isinstance(maker.definition, Variable) and home == task):
                if maker.index not in part.standing:
                    part.standing.append(maker.index)
            elif isinstance(maker.definition, Variable):
                self._send((home, self._versions[place][maker]), place, source)
                self._feed(part, key_of(source))
            elif home != task:
                self._send((home, self._levels[maker]), place, source)
                self._feed(part, key_of(source))
            elif self._levels[maker] < level:
                before_part = self._part((home, self._levels[maker]))
                position = before_part.fetch(key_of(source))
                if position not in before_part.keeps:
                    before_part.keeps.append(position)
                self._feed(part, key_of(source))

    @staticmethod
    def _feed(part: Part, key: Key) -> None:
        if key not in part.feeds:
            part.feeds.append(key)

    def _send(self, sender: Place, receiver: Place, tensor: Tensor | None) -> None:
        part, waiting = self._part(sender), self._part(receiver)
        positions = part.sends.setdefault(receiver, [])
        if sender not in waiting.waits:
            waiting.waits.append(sender)
        if tensor is not None:
            if isinstance(tensor.op.definition, Variable) and tensor.op.index not in part.standing:
                part.standing.append(tensor.op.index)
            position = part.fetch(key_of(tensor))
            if position not in positions:
                positions.append(position)

    def _fetch(self, tensor: Tensor) -> None:
        source = root(tensor)
        maker = source.op
        if isinstance(maker.definition, Const):
            place = (self._own, 0)
        elif isinstance(maker.definition, Variable):
            place = (self._tasks[maker], max(self._written.get(maker, 0), self._read.get(maker, 0)))
        else:
            place = (self._tasks[maker], self._levels[maker])
        part = self._part(place)
        if standing(maker) and maker.index not in part.standing:
            part.standing.append(maker.index)
        position = part.fetch(key_of(source))
        if position not in part.results:
            part.results.append(position)
