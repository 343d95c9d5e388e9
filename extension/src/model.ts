import { ISignal, Signal } from '@lumino/signaling';
import { arrayOf, exactOf, Integers, isIntegers, Numbers } from './arrays';
import {
  ICommand,
  ICost,
  IEvent,
  IExecution,
  IGraphChunk,
  IGraphInfo,
  IGraphNode,
  IHello,
  IInterest,
  INodeTimes,
  IPicture,
  IPictureRequest,
  IReply,
  IRunInfo,
  IRunLanes,
  IRunState,
  ISeriesChunk,
  ISeriesInfo,
  ISessionInfo,
  ISourceFile,
  ITick,
  IValueTable
} from './protocol';
import { Rate } from './rate';

export type Buffers = readonly (ArrayBuffer | ArrayBufferView)[];

/** Whether the kernel can be talked to, and if not, why. */
export type Link =
  | { state: 'none'; text: string }
  | { state: 'connecting'; text: string }
  | { state: 'connected'; text: string }
  | { state: 'missing'; text: string }
  | { state: 'lost'; text: string };

/** A command without what the connection adds to it. */
export type Ask = Omit<ICommand, 'v' | 'id' | 'client'>;

/** Sends a command; fulfilled with the answer, rejected with an error to show where there is none. */
export type Send = (command: Ask) => Promise<{ reply: IReply; buffers: Buffers }>;

/** A graph as far as it was sent. */
export interface IGraph {
  info: IGraphInfo;
  nodes: IGraphNode[];
  files: ISourceFile[];
  /** Which operations which execution of a cell made. */
  executions: IExecution[];
  /** Index of the operation of a name. */
  byName: Map<string, number>;
  times: INodeTimes | null;
}

/** A curve's points; the arrays are longer than `length`, to grow in. */
export interface ISeries {
  info: ISeriesInfo;
  /** Grows where the kernel has thinned its points. */
  version: number;
  length: number;
  steps: Float64Array;
  values: Float64Array;
  times: Float64Array;
}

export interface IValues {
  table: IValueTable;
  statistics: Float64Array;
}

export interface IPictureData {
  picture: IPicture;
  values: Numbers | null;
  /** The values where they are integers of 64 bits, which `values` has rounded. */
  exact?: Integers | null;
  histogram: Numbers | null;
  range: Numbers | null;
  statistics: Numbers | null;
}

export const IDLE: IRunState = { state: 'idle', session: null, steps: 0, runs: 0, rate: 0, since: 0, cell: null };

/**
 * What the panel knows of one notebook's kernel. Views draw it and say what they show; nothing here touches the kernel but
 * through `send`, which the connection sets.
 */
export class Model {
  link: Link = { state: 'none', text: '' };
  run: IRunState = IDLE;
  graphs = new Map<string, IGraph>();
  sessions: ISessionInfo[] = [];
  series = new Map<string, ISeries>();
  runs: IRunInfo[] = [];
  values: IValues | null = null;
  pictures = new Map<string, IPictureData>();
  /** What the tasks of a cluster did in the latest run of each session there. */
  lanes = new Map<string, IRunLanes>();
  events: IEvent[] = [];
  cost: ICost = { share: 0, rate: 0 };
  send: Send = () => Promise.reject(new Error('There is no kernel'));

  get linkChanged(): ISignal<Model, void> {
    return this._linkChanged;
  }
  get runChanged(): ISignal<Model, void> {
    return this._runChanged;
  }
  /** Graphs, sessions, or their labels. */
  get listChanged(): ISignal<Model, void> {
    return this._listChanged;
  }
  /** More of a graph has come; the graph's id. */
  get graphGrown(): ISignal<Model, string> {
    return this._graphGrown;
  }
  /** A graph's run was measured; the graph's id. */
  get timesChanged(): ISignal<Model, string> {
    return this._timesChanged;
  }
  /** Curves, their points, or the list of runs. */
  get seriesChanged(): ISignal<Model, void> {
    return this._seriesChanged;
  }
  get valuesChanged(): ISignal<Model, void> {
    return this._valuesChanged;
  }
  /** A picture that was asked for has come; its key. */
  get pictureChanged(): ISignal<Model, string> {
    return this._pictureChanged;
  }
  get lanesChanged(): ISignal<Model, void> {
    return this._lanesChanged;
  }
  get eventHappened(): ISignal<Model, IEvent> {
    return this._eventHappened;
  }
  get costChanged(): ISignal<Model, void> {
    return this._costChanged;
  }
  get interestChanged(): ISignal<Model, void> {
    return this._interestChanged;
  }

  /** What is shown now; sent with every sign of life. */
  get interest(): IInterest {
    return this._interest;
  }

  /** Says what a view shows, or shows no more. */
  show(part: Partial<Omit<IInterest, 'pictures'>>): void {
    this._interest = { ...this._interest, ...part };
    this._interestChanged.emit();
  }

  /** Asks for a tensor's picture with every tick, until `hidePicture`. */
  showPicture(request: IPictureRequest): void {
    const others = this._interest.pictures.filter(p => p.key !== request.key);
    this._interest = { ...this._interest, pictures: [...others, request] };
    this._interestChanged.emit();
  }

  hidePicture(key: string): void {
    this._interest = { ...this._interest, pictures: this._interest.pictures.filter(p => p.key !== key) };
    this.pictures.delete(key);
    this._interestChanged.emit();
  }

  setLink(link: Link): void {
    this.link = link;
    this._linkChanged.emit();
  }

  /** Forgets everything, as when the kernel was restarted. */
  clear(): void {
    this.run = IDLE;
    this.graphs.clear();
    this.sessions = [];
    this.series.clear();
    this.runs = [];
    this.values = null;
    this.pictures.clear();
    this.lanes.clear();
    this.events = [];
    this._runChanged.emit();
    this._listChanged.emit();
    this._seriesChanged.emit();
    this._valuesChanged.emit();
    this._lanesChanged.emit();
  }

  greet(hello: IHello): void {
    this.run = hello.run;
    this.sessions = hello.sessions;
    this.runs = hello.runs;
    this._takeGraphs(hello.graphs);
    this._takeSeries(hello.series);
    this._runChanged.emit();
    this._listChanged.emit();
    this._seriesChanged.emit();
  }

  tick(tick: ITick, buffers: Buffers): void {
    this.run = { ...tick.run, rate: this._rate.of(tick.run, tick.time) };
    this._runChanged.emit();
    if (tick.graphs || tick.sessions) {
      this.sessions = tick.sessions ?? this.sessions;
      if (tick.graphs) {
        this._takeGraphs(tick.graphs);
      }
      this._listChanged.emit();
    }
    if (tick.series || tick.points || tick.runs) {
      this.runs = tick.runs ?? this.runs;
      if (tick.series) {
        this._takeSeries(tick.series);
      }
      (tick.points ?? []).forEach(chunk => this._takePoints(chunk, buffers));
      this._seriesChanged.emit();
    }
    if (tick.values) {
      this.values = { table: tick.values, statistics: arrayOf(tick.values.statistics, buffers) as Float64Array };
      this._valuesChanged.emit();
    }
    (tick.pictures ?? []).forEach(picture => this.takePicture(picture, buffers));
    if (tick.times) {
      this.takeTimes(tick.times);
    }
    if (tick.lanes) {
      tick.lanes.forEach(lanes => this.lanes.set(lanes.session, lanes));
      this._lanesChanged.emit();
    }
    for (const event of tick.events ?? []) {
      this.note(event);
    }
    if (tick.cost) {
      this.cost = tick.cost;
      this._costChanged.emit();
    }
  }

  note(event: IEvent): void {
    this.events = [...this.events.slice(-99), event];
    this._eventHappened.emit(event);
  }

  takePicture(picture: IPicture, buffers: Buffers): IPictureData {
    const array = (ref: IPicture['values']) => (ref ? arrayOf(ref, buffers) : null);
    const sent = picture.values ? exactOf(picture.values, buffers) : null;
    const data = {
      picture,
      values: array(picture.values),
      exact: sent && isIntegers(sent) ? sent : null,
      histogram: array(picture.histogram),
      range: array(picture.range),
      statistics: array(picture.statistics)
    };
    if (this._interest.pictures.some(request => request.key === picture.key)) {
      this.pictures.set(picture.key, data);
      this._pictureChanged.emit(picture.key);
    }
    return data;
  }

  /** Takes what a run took; in a page that comes later, what the last one took. */
  takeTimes(times: INodeTimes): void {
    const graph = this.graphs.get(times.graph);
    if (graph) {
      graph.times = times;
      this._timesChanged.emit(times.graph);
    }
  }

  takeChunk(chunk: IGraphChunk): void {
    const graph = this.graphs.get(chunk.graph);
    if (!graph || chunk.first > graph.nodes.length) {
      return;
    }
    const known = graph.nodes.length - chunk.first;
    for (const node of chunk.nodes.slice(known)) {
      graph.byName.set(node.name, graph.nodes.length);
      graph.nodes.push(node);
    }
    graph.files = chunk.files;
    graph.executions = chunk.executions;
    this._graphGrown.emit(chunk.graph);
  }

  takePoints(chunks: readonly ISeriesChunk[], buffers: Buffers): void {
    chunks.forEach(chunk => this._takePoints(chunk, buffers));
    this._seriesChanged.emit();
  }

  /** Whether points before these are missing. */
  lacks({ id, first, version }: ISeriesChunk): boolean {
    const known = this.series.get(id);
    return !known || version > known.version ? first > 0 : version === known.version && first > known.length;
  }

  /** Whether the kernel has points that have not come. */
  get waits(): boolean {
    return [...this.series.values()].some(({ info, length }) => length < info.kept);
  }

  private _takeGraphs(infos: readonly IGraphInfo[]): void {
    const found = new Map<string, IGraph>();
    for (const info of infos) {
      const known = this.graphs.get(info.id);
      found.set(
        info.id,
        known
          ? Object.assign(known, { info })
          : { info, nodes: [], files: [], executions: [], byName: new Map(), times: null }
      );
    }
    this.graphs = found;
  }

  /** Takes the list of all curves: old ones go when there are many. */
  private _takeSeries(infos: readonly ISeriesInfo[]): void {
    for (const info of infos) {
      const known = this.series.get(info.id);
      if (known) {
        known.info = info;
      } else {
        const empty = () => new Float64Array(256);
        this.series.set(info.id, { info, version: 0, length: 0, steps: empty(), values: empty(), times: empty() });
      }
    }
    const ids = new Set(infos.map(info => info.id));
    for (const id of [...this.series.keys()].filter(id => !ids.has(id))) {
      this.series.delete(id);
    }
  }

  private _takePoints(chunk: ISeriesChunk, buffers: Buffers): void {
    const series = this.series.get(chunk.id);
    // Answers and ticks may overtake each other: of what is thinned by now nothing is taken.
    if (!series || chunk.version < series.version || this.lacks(chunk)) {
      return;
    }
    const { first } = chunk;
    const length = first + chunk.steps.shape[0];
    for (const name of ['steps', 'values', 'times'] as const) {
      if (series[name].length < length) {
        const larger = new Float64Array(Math.max(length, 2 * series[name].length));
        larger.set(series[name].subarray(0, first));
        series[name] = larger;
      }
      series[name].set(arrayOf(chunk[name], buffers), first);
    }
    if (chunk.version === series.version) {
      series.length = Math.max(length, series.length);
      return;
    }
    series.version = chunk.version;
    series.length = length;
    // How many there are may have been told before they were thinned.
    series.info = { ...series.info, kept: Math.min(series.info.kept, length) };
  }

  private _interest: IInterest = { curves: false, values: null, pinned: [], pictures: [], rate: 10 };
  private _rate = new Rate();
  private _linkChanged = new Signal<this, void>(this);
  private _runChanged = new Signal<this, void>(this);
  private _listChanged = new Signal<this, void>(this);
  private _graphGrown = new Signal<this, string>(this);
  private _timesChanged = new Signal<this, string>(this);
  private _seriesChanged = new Signal<this, void>(this);
  private _valuesChanged = new Signal<this, void>(this);
  private _pictureChanged = new Signal<this, string>(this);
  private _lanesChanged = new Signal<this, void>(this);
  private _eventHappened = new Signal<this, IEvent>(this);
  private _costChanged = new Signal<this, void>(this);
  private _interestChanged = new Signal<this, void>(this);
}
