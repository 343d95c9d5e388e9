"""What kernel and panel say to each other: every message, described once.

`python -m graphlab_nb.notebook.typescript` writes the same description for the panel (extension/src/protocol.ts; a test holds
the file to it), and `checking.check` holds a message to it at run time. Down, from kernel to panel, go ticks: data of a comm of
fixed id that nobody opens. Up go commands, as the content's key `graphlab` in a `comm_info_request` on the control channel,
which is answered while a cell runs. Arrays travel beside the JSON: an `ArrayRef` says which of the message's binary buffers
holds one.

Numbers that may be NaN or infinite travel in arrays only, since JSON has neither.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from graphlab_nb.notebook.protocol_places import Lane, LaneSpan, LaneTransfer, Needed, NodeTimes, Placed, RunLanes

VERSION = 1
COMM_ID = "graphlab_nb"
"""Of the comm that carries ticks; also its target's name."""
KEY = "graphlab"
"""Where a command stands in its request's content, and its answer in the reply's."""
STATISTICS = ("mean", "deviation", "min", "max", "norm", "zeros", "negative", "nan", "inf")
"""Columns of a row of statistics. The first five are of the finite numbers (of infinities where there are no others), and the
others count numbers."""


ElementType = Literal[
    "float64", "float32", "int64", "uint64", "int32", "uint32", "int16", "uint16", "int8", "uint8"
]  # fmt: skip
State = Literal["idle", "busy", "running", "paused", "stopping"]
Role = Literal[
    "", "variable", "placeholder", "constant", "gradient", "initializer", "slot", "training", "saver", "summary"
]  # fmt: skip
CurveKind = Literal["loss", "log", "watch", "summary"]
EventKind = Literal[
    "paused", "resumed", "stepped", "stopped", "caught", "interrupted", "fetched", "measured", "closed", "refused"
]


class ArrayRef(TypedDict):
    """An array in one of the message's buffers, in C order, little endian."""

    buffer: int
    dtype: ElementType
    shape: list[int]


class SessionSteps(TypedDict):
    """How many runs of a session trained."""

    session: str
    steps: int


class RunState(TypedDict):
    """What the training does now.

    `state`: "idle" where no cell runs, "busy" where one runs that has not run a graph yet, "running", "paused" between two
    runs, "stopping" until the exception has reached the cell. `steps` counts the session's runs that trained, `runs` all runs;
    `rate` is steps per second, 0 where none was measured. `since` is the kernel's clock, in seconds, when the state began.
    `training` says whether any run of the cell trained; where none did, `rate` is of runs. Where `cell` is null, what runs is a
    thread that outlived its cell. `made` counts all sessions' steps; where several open ones have trained, `trained` has those
    that did in this cell. `quiet`: seconds without a new run. `waiting`: commands that the next run obeys. `caught`: a stop.
    `outside`: no cell runs, and a widget trains. `building`, while a run waits for kernels: how many are built, of how many.
    """

    state: State
    session: str | None
    steps: int
    runs: int
    rate: float
    since: float
    cell: str | None
    building: NotRequired[list[int]]
    training: NotRequired[bool]
    made: NotRequired[int]
    trained: NotRequired[list[SessionSteps]]
    quiet: NotRequired[float]
    waiting: NotRequired[list[str]]
    caught: NotRequired[bool]
    outside: NotRequired[bool]


class GraphInfo(TypedDict):
    """A graph that was built: `size` operations so far; `labels` are names of variables in the notebook that hold it."""

    id: str
    size: int
    labels: list[str]
    default: bool
    failed: NotRequired[FailedNode]
    fault: NotRequired[Fault]


class FailedNode(TypedDict):
    """The operation that could not be made where building failed last: its inputs exist, and `index` operations in all."""

    type: str
    name: str
    inputs: list[str]
    message: str
    file: str
    line: int
    index: int
    callers: NotRequired[list[SourceLine]]


class SourceLine(TypedDict):
    """A line of the user's program, by what Python calls its file."""

    file: str
    line: int


class Fault(TypedDict):
    """The operation, by its index, at which a run failed that ended its cell; until a run goes well or its cell begins again.

    `number` counts failures in the kernel.
    """

    number: int
    op: int
    message: str


class SessionInfo(TypedDict):
    """A session that is open: the graph it runs, and how often it ran; `target` is the cluster's that it runs on."""

    id: str
    graph: str
    labels: list[str]
    devices: list[str]
    runs: int
    target: NotRequired[str]


class NodeOutput(TypedDict):
    """An output: its element type ("float32", "float32_ref" where it is a variable's own memory) and dimensions, -1 unknown."""

    dtype: str
    shape: list[int] | None


class GraphNode(TypedDict):
    """An operation. `inputs` are pairs (index of the operation, number of its output), one after the other.

    `callers` are pairs (number of the file, line) of notebooks' cells that called the function which made it, the innermost
    first. `attributes` are "name=value" without spaces, as far as they are short. Both are left out where there are none.
    """

    name: str
    type: str
    inputs: list[int]
    control: list[int]
    outputs: list[NodeOutput]
    device: str
    role: Role
    file: int
    line: int
    callers: NotRequired[list[int]]
    attributes: NotRequired[list[str]]


class SourceFile(TypedDict):
    """Where programs are: a file, or a notebook's cell by its id, with the number of its latest execution."""

    file: str
    cell: str | None
    count: int | None


class Execution(TypedDict):
    """Which operations an execution of a cell made: from `first` on, before `last`."""

    first: int
    last: int
    cell: str | None
    count: int | None


class GraphChunk(TypedDict):
    """Operations `first` to `first + len(nodes)` of a graph that has `size` of them; the other tables are whole so far."""

    graph: str
    first: int
    size: int
    nodes: list[GraphNode]
    files: list[SourceFile]
    executions: list[Execution]


class Attribute(TypedDict):
    """An attribute of an operation, as text."""

    name: str
    value: str


class NodeDetail(TypedDict):
    """What a node's card shows beside the graph: attributes, the placed device, and why a fetch-now may not be had."""

    graph: str
    name: str
    attributes: list[Attribute]
    placed: str | None
    description: str


class SeriesInfo(TypedDict):
    """A curve, perhaps a session's own: `count` points were given, `kept` are kept; a training's loss is found unasked."""

    id: str
    name: str
    kind: CurveKind
    run: int
    count: int
    kept: int
    every: int
    session: NotRequired[str]


class RunInfo(TypedDict):
    """A run: the trainings of one execution of a cell. `color` numbers are given by the panel."""

    run: int
    label: str
    began: float


class SeriesChunk(TypedDict):
    """Points of a curve from its `first` one on. Its `version` grows when it is thinned: then all are others, and are sent.

    Arrays are of one length: steps, values (float64), and seconds since the run began.
    """

    id: str
    first: int
    version: int
    steps: ArrayRef
    values: ArrayRef
    times: ArrayRef


class ValueRow(TypedDict):
    """A line of the table of values, without the statistics, which are in the table's array; `task` of a cluster has it."""

    name: str
    node: int
    dtype: str
    shape: list[int]
    initialized: bool
    trainable: bool
    pinned: bool
    problem: NotRequired[str]
    task: NotRequired[str]


class ValueTable(TypedDict):
    """Variables and pinned tensors of a session at a step: `statistics` is [rows, len(STATISTICS)], float64."""

    session: str
    step: int
    rows: list[ValueRow]
    statistics: ArrayRef


class PictureRequest(TypedDict):
    """What of a tensor to show.

    `axes` names the two dimensions that lie along rows and columns, or up to four; `index` has an entry for each other one.
    Of a vector or number `axes` names what there is, and the matrix has one row. `rows` and `columns` bound the part that is
    seen, from and to, along the first two. At most `cells` numbers are sent: where two dimensions have more, means of blocks.
    One number by itself is had by bounds that hold no other.
    `bins` asks for a histogram of the whole tensor with that many bins.
    """

    key: str
    session: str
    tensor: str
    axes: list[int]
    index: list[int]
    rows: list[int]
    columns: list[int]
    cells: int
    bins: int


class Picture(TypedDict):
    """The answer to a `PictureRequest`: numbers (means of `block` numbers) and a histogram, of one moment.

    Numbers are as they are in the tensor, bit by bit: of its type, those of bool as uint8 and those of float16 as float32.
    Only means of several numbers are rounded, to float64, or float32 where the tensor's numbers are no wider.
    `range` is [min, max, 1 %, 99 %] of the finite numbers of the whole tensor, float64, the last two from the histogram;
    `statistics` is one row of STATISTICS. `problem` says why there are no numbers.
    """

    key: str
    session: str
    tensor: str
    step: int
    dtype: str
    shape: list[int]
    axes: list[int]
    index: list[int]
    rows: list[int]
    columns: list[int]
    block: list[int]
    values: NotRequired[ArrayRef]
    histogram: NotRequired[ArrayRef]
    range: NotRequired[ArrayRef]
    statistics: NotRequired[ArrayRef]
    problem: NotRequired[str]


class Trend(TypedDict):
    """What a row of the table of values was in the last ticks: float64 steps [n] and statistics [n, len(STATISTICS)].

    Where a histogram of it was shown, also those of the last ticks: steps [n], ends [n, 2] and counts [n, bins].
    """

    name: str
    steps: ArrayRef
    statistics: ArrayRef
    histogram_steps: NotRequired[ArrayRef]
    histogram_ends: NotRequired[ArrayRef]
    histogram_counts: NotRequired[ArrayRef]


class Event(TypedDict):
    """What happened to a command, or in the kernel: shown to all clients. `id` is the command's.

    `step` is the session's. `took` says how long after its arrival it took effect, in seconds.
    """

    event: EventKind
    id: str | None
    step: int
    text: str
    took: float
    session: NotRequired[str]


class Cost(TypedDict):
    """What the panel costs: the share of time that looking took in the last seconds, and the rate at which it looks now."""

    share: float
    rate: float


class Tick(TypedDict):
    """What is new since the last tick; what did not change is left out."""

    v: int
    type: Literal["tick"]
    seq: int
    time: float
    run: RunState
    graphs: NotRequired[list[GraphInfo]]
    sessions: NotRequired[list[SessionInfo]]
    series: NotRequired[list[SeriesInfo]]
    runs: NotRequired[list[RunInfo]]
    points: NotRequired[list[SeriesChunk]]
    values: NotRequired[ValueTable]
    pictures: NotRequired[list[Picture]]
    times: NotRequired[NodeTimes]
    lanes: NotRequired[list[RunLanes]]
    events: NotRequired[list[Event]]
    cost: NotRequired[Cost]


class Open(TypedDict):
    """What is said to nobody in particular: "here", when the module was imported, and "open", to open the panel."""

    v: int
    type: Literal["here", "open"]


class Interest(TypedDict):
    """What a client shows now, and so is sent: nothing else is computed."""

    curves: bool
    values: str | None
    pinned: list[str]
    pictures: list[PictureRequest]
    rate: float
    lanes: NotRequired[bool]


class Hello(TypedDict):
    """The answer to "hello": all that a panel needs to begin."""

    v: int
    version: str
    lease: float
    run: RunState
    graphs: list[GraphInfo]
    sessions: list[SessionInfo]
    series: list[SeriesInfo]
    runs: list[RunInfo]


class Command(TypedDict):
    """A command from a client. `expires` is how many seconds it may wait for a run to end before it is refused."""

    v: int
    op: Literal[
        "hello", "look", "bye", "pause", "resume", "step", "stop", "fetch", "measure", "close",
        "graph", "node", "needed", "placed", "points", "times", "trends",
    ]  # fmt: skip
    id: str
    client: str
    expires: NotRequired[float]
    interest: NotRequired[Interest]
    count: NotRequired[int]
    graph: NotRequired[str]
    first: NotRequired[int]
    name: NotRequired[str]
    session: NotRequired[str]
    series: NotRequired[list[str]]


class Reply(TypedDict):
    """The answer to a command: `problem` says why it was refused; at most one other is set, or `hello` and `chunk`."""

    v: int
    id: str
    problem: NotRequired[str]
    hello: NotRequired[Hello]
    chunk: NotRequired[GraphChunk]
    node: NotRequired[NodeDetail]
    needed: NotRequired[Needed]
    placed: NotRequired[Placed]
    points: NotRequired[list[SeriesChunk]]
    times: NotRequired[list[NodeTimes]]
    trends: NotRequired[list[Trend]]


MESSAGES = (
    ArrayRef, SessionSteps, RunState, SourceLine, FailedNode, Fault, GraphInfo, SessionInfo, NodeOutput, GraphNode, SourceFile,
    Execution, GraphChunk, Attribute, NodeDetail, NodeTimes, LaneSpan, LaneTransfer, Lane, RunLanes, SeriesInfo, RunInfo,
    SeriesChunk, ValueRow, ValueTable, PictureRequest,
    Picture, Trend, Event, Cost, Tick, Open, Interest, Hello, Command, Needed, Placed, Reply,
)  # fmt: skip
