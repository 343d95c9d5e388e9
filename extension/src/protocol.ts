// Written by `python -m graphlab_nb.notebook.typescript`: change graphlab_nb/notebook/protocol.py instead.

export const VERSION = 1;
export const COMM_ID = 'graphlab_nb';
export const KEY = 'graphlab';
export const STATISTICS = ['mean', 'deviation', 'min', 'max', 'norm', 'zeros', 'negative', 'nan', 'inf'] as const;

/** An array in one of the message's buffers, in C order, little endian. */
export interface IArrayRef {
  buffer: number;
  dtype: 'float64' | 'float32' | 'int64' | 'uint64' | 'int32' | 'uint32' | 'int16' | 'uint16' | 'int8' | 'uint8';
  shape: number[];
}

/** How many runs of a session trained. */
export interface ISessionSteps {
  session: string;
  steps: number;
}

/**
 * What the training does now.
 *
 * `state`: "idle" where no cell runs, "busy" where one runs that has not run a graph yet, "running", "paused" between two
 * runs, "stopping" until the exception has reached the cell. `steps` counts the session's runs that trained, `runs` all runs;
 * `rate` is steps per second, 0 where none was measured. `since` is the kernel's clock, in seconds, when the state began.
 * `training` says whether any run of the cell trained; where none did, `rate` is of runs. Where `cell` is null, what runs is a
 * thread that outlived its cell. `made` counts all sessions' steps; where several open ones have trained, `trained` has those
 * that did in this cell. `quiet`: seconds without a new run. `waiting`: commands that the next run obeys. `caught`: a stop.
 * `outside`: no cell runs, and a widget trains. `building`, while a run waits for kernels: how many are built, of how many.
 */
export interface IRunState {
  state: 'idle' | 'busy' | 'running' | 'paused' | 'stopping';
  session: string | null;
  steps: number;
  runs: number;
  rate: number;
  since: number;
  cell: string | null;
  building?: number[];
  training?: boolean;
  made?: number;
  trained?: ISessionSteps[];
  quiet?: number;
  waiting?: string[];
  caught?: boolean;
  outside?: boolean;
}

/** A line of the user's program, by what Python calls its file. */
export interface ISourceLine {
  file: string;
  line: number;
}

/** The operation that could not be made where building failed last: its inputs exist, and `index` operations in all. */
export interface IFailedNode {
  type: string;
  name: string;
  inputs: string[];
  message: string;
  file: string;
  line: number;
  index: number;
  callers?: ISourceLine[];
}

/**
 * The operation, by its index, at which a run failed that ended its cell; until a run goes well or its cell begins again.
 *
 * `number` counts failures in the kernel.
 */
export interface IFault {
  number: number;
  op: number;
  message: string;
}

/** A graph that was built: `size` operations so far; `labels` are names of variables in the notebook that hold it. */
export interface IGraphInfo {
  id: string;
  size: number;
  labels: string[];
  default: boolean;
  failed?: IFailedNode;
  fault?: IFault;
}

/** A session that is open: the graph it runs, and how often it ran; `target` is the cluster's that it runs on. */
export interface ISessionInfo {
  id: string;
  graph: string;
  labels: string[];
  devices: string[];
  runs: number;
  target?: string;
}

/** An output: its element type ("float32", "float32_ref" where it is a variable's own memory) and dimensions, -1 unknown. */
export interface INodeOutput {
  dtype: string;
  shape: number[] | null;
}

/**
 * An operation. `inputs` are pairs (index of the operation, number of its output), one after the other.
 *
 * `callers` are pairs (number of the file, line) of notebooks' cells that called the function which made it, the innermost
 * first. `attributes` are "name=value" without spaces, as far as they are short. Both are left out where there are none.
 */
export interface IGraphNode {
  name: string;
  type: string;
  inputs: number[];
  control: number[];
  outputs: INodeOutput[];
  device: string;
  role: '' | 'variable' | 'placeholder' | 'constant' | 'gradient' | 'initializer' | 'slot' | 'training' | 'saver' | 'summary';
  file: number;
  line: number;
  callers?: number[];
  attributes?: string[];
}

/** Where programs are: a file, or a notebook's cell by its id, with the number of its latest execution. */
export interface ISourceFile {
  file: string;
  cell: string | null;
  count: number | null;
}

/** Which operations an execution of a cell made: from `first` on, before `last`. */
export interface IExecution {
  first: number;
  last: number;
  cell: string | null;
  count: number | null;
}

/** Operations `first` to `first + len(nodes)` of a graph that has `size` of them; the other tables are whole so far. */
export interface IGraphChunk {
  graph: string;
  first: number;
  size: number;
  nodes: IGraphNode[];
  files: ISourceFile[];
  executions: IExecution[];
}

/** An attribute of an operation, as text. */
export interface IAttribute {
  name: string;
  value: string;
}

/** What a node's card shows beside the graph: attributes, the placed device, and why a fetch-now may not be had. */
export interface INodeDetail {
  graph: string;
  name: string;
  attributes: IAttribute[];
  placed: string | null;
  description: string;
}

/** What a measured run took: by operation's index, microseconds, bytes of the outputs, and their dimensions in that run. */
export interface INodeTimes {
  graph: string;
  session: string;
  step: number;
  nodes: number[];
  micros: number[];
  bytes: number[];
  shapes: number[][][];
  devices: string[];
}

/**
 * A time in which a task computes or waits: in milliseconds since the run began on the task.
 *
 * `level` counts the task's parts of the run, which are made one after the other.
 */
export interface ILaneSpan {
  level: number;
  begins: number;
  ends: number;
}

/** What a task sends to the part `level` of another one, `at` milliseconds after the run began on the sender. */
export interface ILaneTransfer {
  task: string;
  level: number;
  at: number;
  bytes: number;
}

/** A task's part of a request: means per run of milliseconds and bytes, and what it did when in the last run. */
export interface ILane {
  task: string;
  computed: number;
  waited: number;
  sent: number;
  computes: ILaneSpan[];
  waits: ILaneSpan[];
  sends: ILaneTransfer[];
}

/** What the tasks of a cluster did for a session's latest request, of so many `runs`; `took` is milliseconds per run. */
export interface IRunLanes {
  session: string;
  step: number;
  runs: number;
  took: number;
  lanes: ILane[];
}

/** A curve, perhaps a session's own: `count` points were given, `kept` are kept; a training's loss is found unasked. */
export interface ISeriesInfo {
  id: string;
  name: string;
  kind: 'loss' | 'log' | 'watch' | 'summary';
  run: number;
  count: number;
  kept: number;
  every: number;
  session?: string;
}

/** A run: the trainings of one execution of a cell. `color` numbers are given by the panel. */
export interface IRunInfo {
  run: number;
  label: string;
  began: number;
}

/**
 * Points of a curve from its `first` one on. Its `version` grows when it is thinned: then all are others, and are sent.
 *
 * Arrays are of one length: steps, values (float64), and seconds since the run began.
 */
export interface ISeriesChunk {
  id: string;
  first: number;
  version: number;
  steps: IArrayRef;
  values: IArrayRef;
  times: IArrayRef;
}

/** A line of the table of values, without the statistics, which are in the table's array; `task` of a cluster has it. */
export interface IValueRow {
  name: string;
  node: number;
  dtype: string;
  shape: number[];
  initialized: boolean;
  trainable: boolean;
  pinned: boolean;
  problem?: string;
  task?: string;
}

/** Variables and pinned tensors of a session at a step: `statistics` is [rows, len(STATISTICS)], float64. */
export interface IValueTable {
  session: string;
  step: number;
  rows: IValueRow[];
  statistics: IArrayRef;
}

/**
 * What of a tensor to show.
 *
 * `axes` names the two dimensions that lie along rows and columns, or up to four; `index` has an entry for each other one.
 * Of a vector or number `axes` names what there is, and the matrix has one row. `rows` and `columns` bound the part that is
 * seen, from and to, along the first two. At most `cells` numbers are sent: where two dimensions have more, means of blocks.
 * One number by itself is had by bounds that hold no other.
 * `bins` asks for a histogram of the whole tensor with that many bins.
 */
export interface IPictureRequest {
  key: string;
  session: string;
  tensor: string;
  axes: number[];
  index: number[];
  rows: number[];
  columns: number[];
  cells: number;
  bins: number;
}

/**
 * The answer to a `PictureRequest`: numbers (means of `block` numbers) and a histogram, of one moment.
 *
 * Numbers are as they are in the tensor, bit by bit: of its type, those of bool as uint8 and those of float16 as float32.
 * Only means of several numbers are rounded, to float64, or float32 where the tensor's numbers are no wider.
 * `range` is [min, max, 1 %, 99 %] of the finite numbers of the whole tensor, float64, the last two from the histogram;
 * `statistics` is one row of STATISTICS. `problem` says why there are no numbers.
 */
export interface IPicture {
  key: string;
  session: string;
  tensor: string;
  step: number;
  dtype: string;
  shape: number[];
  axes: number[];
  index: number[];
  rows: number[];
  columns: number[];
  block: number[];
  values?: IArrayRef;
  histogram?: IArrayRef;
  range?: IArrayRef;
  statistics?: IArrayRef;
  problem?: string;
}

/**
 * What a row of the table of values was in the last ticks: float64 steps [n] and statistics [n, len(STATISTICS)].
 *
 * Where a histogram of it was shown, also those of the last ticks: steps [n], ends [n, 2] and counts [n, bins].
 */
export interface ITrend {
  name: string;
  steps: IArrayRef;
  statistics: IArrayRef;
  histogram_steps?: IArrayRef;
  histogram_ends?: IArrayRef;
  histogram_counts?: IArrayRef;
}

/**
 * What happened to a command, or in the kernel: shown to all clients. `id` is the command's.
 *
 * `step` is the session's. `took` says how long after its arrival it took effect, in seconds.
 */
export interface IEvent {
  event: 'paused' | 'resumed' | 'stepped' | 'stopped' | 'caught' | 'interrupted' | 'fetched' | 'measured' | 'closed' | 'refused';
  id: string | null;
  step: number;
  text: string;
  took: number;
  session?: string;
}

/** What the panel costs: the share of time that looking took in the last seconds, and the rate at which it looks now. */
export interface ICost {
  share: number;
  rate: number;
}

/** What is new since the last tick; what did not change is left out. */
export interface ITick {
  v: number;
  type: 'tick';
  seq: number;
  time: number;
  run: IRunState;
  graphs?: IGraphInfo[];
  sessions?: ISessionInfo[];
  series?: ISeriesInfo[];
  runs?: IRunInfo[];
  points?: ISeriesChunk[];
  values?: IValueTable;
  pictures?: IPicture[];
  times?: INodeTimes;
  lanes?: IRunLanes[];
  events?: IEvent[];
  cost?: ICost;
}

/** What is said to nobody in particular: "here", when the module was imported, and "open", to open the panel. */
export interface IOpen {
  v: number;
  type: 'here' | 'open';
}

/** What a client shows now, and so is sent: nothing else is computed. */
export interface IInterest {
  curves: boolean;
  values: string | null;
  pinned: string[];
  pictures: IPictureRequest[];
  rate: number;
  lanes?: boolean;
}

/** The answer to "hello": all that a panel needs to begin. */
export interface IHello {
  v: number;
  version: string;
  lease: number;
  run: IRunState;
  graphs: IGraphInfo[];
  sessions: ISessionInfo[];
  series: ISeriesInfo[];
  runs: IRunInfo[];
}

/** A command from a client. `expires` is how many seconds it may wait for a run to end before it is refused. */
export interface ICommand {
  v: number;
  op: 'hello' | 'look' | 'bye' | 'pause' | 'resume' | 'step' | 'stop' | 'fetch' | 'measure' | 'close' | 'graph' | 'node' | 'needed' | 'placed' | 'points' | 'times' | 'trends';
  id: string;
  client: string;
  expires?: number;
  interest?: IInterest;
  count?: number;
  graph?: string;
  first?: number;
  name?: string;
  session?: string;
  series?: string[];
}

/** The answer to "needed": indices of the operations that a run with this fetch would run. */
export interface INeeded {
  graph: string;
  name: string;
  nodes: number[];
}

/**
 * The answer to "placed": where the newest session of the graph that ran put operations, and shapes that its runs had.
 *
 * `nodes` has, for each operation of the graph, the number of its device in `devices`, or -1: no run needed it. `shaped`
 * are operations of whose outputs' shapes the graph knows only a part, and `shapes` those that they had, -1 where unknown.
 */
export interface IPlaced {
  graph: string;
  devices: string[];
  nodes: number[];
  shaped: number[];
  shapes: number[][][];
}

/** The answer to a command: `problem` says why it was refused; at most one other is set, or `hello` and `chunk`. */
export interface IReply {
  v: number;
  id: string;
  problem?: string;
  hello?: IHello;
  chunk?: IGraphChunk;
  node?: INodeDetail;
  needed?: INeeded;
  placed?: IPlaced;
  points?: ISeriesChunk[];
  times?: INodeTimes[];
  trends?: ITrend[];
}
