"""A graph in a few boxes: scopes closed, variables with what belongs to them, gradients as one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from graphlab_nb.graph.graph import Graph, Operation
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.circles import Groups, Words, untangled
from graphlab_nb.notebook.describe import Description
from graphlab_nb.notebook.protocol import Role
from graphlab_nb.ops.state import Variable

MOST_BOXES = 60
_SERIES = re.compile(r"_\d+$")
_INIT = re.compile(r"init(_\d+)?$")
_POWERS = re.compile(r"beta[12]_power(_\d+)?$")
"""Variables that Adam makes for itself beside the slots."""
_OUT = defaultdict(lambda: "first values", saver="savers", constant="constants")
_GRADIENTS, _SUMMARIES = "gradients", "summaries"


@dataclass(eq=False)
class Box:
    """What is drawn as one.

    Attributes:
      name: its scope's or operation's.
      kind: "scope", "op", "variable", "placeholder", "gradient", "training", "summary", "more" or "failed".
      note: what else is said of it.
      size: how many operations are in it.
      first: the number of its first one.
    """

    name: str
    kind: str
    note: str
    size: int
    first: int


@dataclass
class Boxes:
    """A graph's boxes and what goes from one to the other.

    Attributes:
      boxes: in the order in which they were begun.
      arrows: pairs of boxes; True where one only waits for the other.
      operations: how many the graph has.
      variables: how many of them are variables, slots of optimizers left out.
      left_out: what of the graph is not in the boxes and arrows.
      message: why the last operation that failed could not be made; empty where none did.
    """

    boxes: list[Box]
    arrows: dict[tuple[Box, Box], bool]
    operations: int
    variables: int
    left_out: list[str]
    message: str = ""


@dataclass
class _Sorting:
    """Which operations are together, by names of groups, and what they are to the graph."""

    group: dict[Operation, str | None] = field(default_factory=dict)
    role: dict[Operation, Role] = field(default_factory=dict)


def boxes_of(graph: Graph) -> Boxes:
    """The graph in at most `MOST_BOXES` boxes, and one for what could not be made."""
    ops = graph.get_operations()
    sorting = _sorted(graph, ops)
    members: Groups = {}
    for op in ops:
        name = sorting.group[op]
        if name is not None:
            members.setdefault(name, []).append(op)

    def drawn(groups: Groups, words: Words) -> tuple[dict[str, Box], dict[Operation, Box], dict[tuple[Box, Box], bool]]:
        boxes = {key: _box(key, its, sorting, words.get(key), key in members) for key, its in groups.items()}
        place = {op: boxes[key] for key, its in groups.items() for op in its}
        return boxes, place, _arrows(graph, ops, place)

    def tied(groups: Groups, words: Words) -> list[tuple[str, str]]:
        boxes, _, arrows = drawn(groups, words)
        keys = {box: key for key, box in boxes.items()}
        return [(keys[a], keys[b]) for a, b in arrows]

    # Fewer groups can be taken apart where more would have to be put together.
    tries = (untangled(_together(members, most), tied, MOST_BOXES) for most in (MOST_BOXES, MOST_BOXES // 2))
    first = next(tries)
    groups, words, _ = first if not first[2] else next((found for found in tries if not found[2]), first)
    boxes, place, arrows = drawn(groups, words)
    variables = sum(role == "variable" and not _POWERS.match(op.name) for op, role in sorting.role.items())
    left_out = list(dict.fromkeys(_OUT[sorting.role[op]] for op, name in sorting.group.items() if name is None))
    if any(box.kind in ("gradient", "training") for box in boxes.values()):
        left_out.append("what the training reads")
    found = Boxes(sorted(boxes.values(), key=lambda b: b.first), arrows, len(ops), variables, left_out)
    if graph.failure is not None:
        failed = graph.failure
        box = Box(failed.name, "failed", failed.type, 1, len(ops))
        found.boxes.append(box)
        found.arrows |= {(place[t.op], box): False for t in failed.inputs if t.op in place}
        found.message = failed.message
    return found


def _sorted(graph: Graph, ops: list[Operation]) -> _Sorting:
    """Puts each operation into a group; None for those that are left out."""
    description = Description(graph)
    description._look_at(ops)
    sorting = _Sorting()
    out: set[Operation] = set()
    for op in reversed(ops):
        role = sorting.role[op] = description._role(op)
        # What ends in nothing but first values is left out with them.
        behind = [c for t in op.outputs for c in t._consumers]
        leads_nowhere = behind and role not in ("placeholder", "variable", "slot") and all(c in out for c in behind)
        first_value = op.type == "Assign" and op.name == f"{op.inputs[0].op.name}/Assign"
        initializer = op.type == "NoOp" and (role == "initializer" or _INIT.match(op.name))
        if first_value or role == "saver" or leads_nowhere or initializer:
            out.add(op)
    trained: dict[Operation, str] = {}
    for op in ops:
        first, inner, _ = op.name.partition("/")
        role = sorting.role[op]
        if role == "gradient":
            name: str | None = _GRADIENTS
        elif role == "summary":
            name = _SUMMARIES
        elif op in out or (role == "constant" and not inner):
            name = None
        else:
            name = first
        sorting.group[op] = name
        if role == "training":
            sources = [t.op.inputs[0].op if t.op.name.endswith("/read") else t.op for t in op.inputs]
            own = [s for s in sources if sorting.role.get(s) == "slot" or _POWERS.match(s.name)]
            trained.update(dict.fromkeys(own, first))
    # An optimizer's own variables, where no variable of the user's has their scope.
    users = [op for op, role in sorting.role.items() if role == "variable" and op not in trained]
    kept = {op.name.partition("/")[0] for op in users}
    moved = {op.name.partition("/")[0]: to for op, to in trained.items() if op.name.partition("/")[0] not in kept}
    sorting.group = {op: moved.get(name, name) if name is not None else None for op, name in sorting.group.items()}
    return sorting


def _together(members: Groups, most: int) -> Groups:
    """What is drawn as one where there are too many groups: first those of a series, then all but the largest."""
    names = {name: name for name in members}
    if len(names) > most:
        stems = Counter(_SERIES.sub("", name) for name in names)
        names = {name: _SERIES.sub("", name) for name in names}
        names = {name: f"{stem} \u00d7 {stems[stem]}" if stems[stem] > 1 else name for name, stem in names.items()}
    sizes: Counter[str] = Counter()
    for name, ops in members.items():
        sizes[names[name]] += len(ops)
    if len(sizes) > most:
        largest = {name for name, _ in sizes.most_common(most - 1)}
        rest = f"{len(sizes) - len(largest)} more"
        names = {name: to if to in largest else rest for name, to in names.items()}
    groups: Groups = {}
    for name, ops in members.items():
        groups.setdefault(names[name], []).extend(ops)
    return {name: sorted(ops, key=lambda op: op.index) for name, ops in groups.items()}


def _box(key: str, ops: list[Operation], sorting: _Sorting, words: tuple[str, str] | None, real: bool) -> Box:
    """A box of operations; `real` tells that they are all that a scope has."""
    name, told = words or (key, "")
    roles = {sorting.role[op] for op in ops}
    variables = [op for op in ops if sorting.role[op] == "variable"]
    count = f"{len(ops):,} operation{'s' if len(ops) > 1 else ''}"
    kind = "scope" if len(ops) > 1 else "op"
    if not real and not (words and (told or len(ops) == 1)):
        kind = "more"
    elif roles == {"gradient"}:
        kind = "gradient"
    elif "training" in roles:
        kind = "training"
    elif name == _SUMMARIES and "summary" in roles:
        kind = "summary"
    elif len(variables) == 1 and variables[0].name == name:
        kind, count = "variable", _kind_of(variables[0].outputs[0])
    elif len(ops) == 1:
        kind = "placeholder" if roles == {"placeholder"} else "op"
        count = _kind_of(ops[0].outputs[0]) if kind == "placeholder" else "" if ops[0].type == name else ops[0].type
    elif variables:
        count += f", {len(variables)} variable{'s' if len(variables) > 1 else ''}"
    return Box(name, kind, f"{count}, {told}" if told else count, len(ops), ops[0].index)


def _kind_of(tensor: Tensor) -> str:
    dims = tensor.dims
    shape = "any shape" if dims is None else "[" + ", ".join("?" if n is None else str(n) for n in dims) + "]"
    return f"{'scalar' if dims == () else shape} {tensor.dtype.base_dtype.name}"


def _arrows(graph: Graph, ops: list[Operation], place: dict[Operation, Box]) -> dict[tuple[Box, Box], bool]:
    """What goes from box to box.

    Gradients read nearly all that was computed, and training steps every variable. Of that only what is made smaller goes to
    the gradients, and gradients to the step; and from the step to what nothing else is tied to, as a count of steps.
    """
    arrows: dict[tuple[Box, Box], bool] = {}
    read: dict[Box, set[Box]] = {}
    written: dict[Box, Box] = {}
    for op in ops:
        mine = place.get(op)
        if mine is None:
            continue
        for source, waits in [(t.op, False) for t in op.inputs] + [(c, True) for c in op.control_inputs]:
            other = place.get(source)
            if other is None or other is mine:
                continue
            if mine.kind == "gradient":
                read.setdefault(mine, set()).add(other)
            elif mine.kind != "training" or not (waits or isinstance(source.definition, Variable)):
                arrows[other, mine] = arrows.get((other, mine), True) and waits
            elif not waits:
                written.setdefault(other, mine)
    starts = {place[t.op] for t in graph.minimized.values() if t.op in place}
    for gradients, others in read.items():
        for start in (starts - {gradients}) or {max(others, key=lambda b: b.first)}:
            arrows[start, gradients] = False
    tied = {box for pair in arrows for box in pair}
    return arrows | {(training, box): False for box, training in written.items() if box not in tied}
