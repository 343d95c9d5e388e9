import { ISignal, Signal } from '@lumino/signaling';
import { Measure } from '../../graph/sizes';
import { INode, IScene } from '../../graph/types';
import { IEarlier } from '../../graph/versions';
import { IGraph, Model } from '../../model';
import { IPlaced } from '../../protocol';
import { ViewState } from '../../viewstate';
import { Arranger, ILayouter } from './arrange';
import { Builder, NOTHING } from './building';
import { chosenGraph, labelOf } from './chosen';
import { readersOf, scopesDownTo, scopesOf } from './facts';
import { seriesToOpen } from './opening';
import { opens, Picture } from './picture';
import { KeptPlaces } from './places';
import { towards } from './seek';
import { Change } from './change';
import { DEFAULTS, ISettings, readSettings, writeSettings } from './settings';

/** Graphs grow in chunks; the picture follows at this pace, in milliseconds. */
const PACE = 100;

/** What the graph view shows of the model. The view's parts draw it and tell it what the user did. */
export class GraphStore {
  id = '';
  graph: IGraph | null = null;
  settings: ISettings = DEFAULTS;
  /** The graph's operations, and behind them the one that could not be made. */
  nodes: readonly INode[] = [];
  /** Index of the operation that could not be made, or -1. */
  failed = -1;
  /** What earlier executions of cells made, hidden or not; null where there is nothing of the kind. */
  earlier: IEarlier | null = null;
  scene: IScene | null = null;
  picture: Picture | null = null;
  /** Id of a box, name of an operation or path of a scope; '' where nothing is selected. */
  selected = '';
  /** Operations that were searched for, and which of them was gone to. */
  hits: readonly number[] = [];
  hit = -1;
  /** The operation whose needs alone are shown, or -1. */
  only = -1;
  /** Operations that the line of the notebook's cursor made. */
  marks: readonly number[] = [];
  /** Where runs put the graph's operations, once the kernel was asked; see `DeviceWatch`. */
  placed: IPlaced | null = null;
  /** Whether a device is searched for. */
  seeksDevice = false;
  /** How many boxes stayed folded when all was opened, since they are too many. */
  folded = 0;
  /** How many operations are being arranged, where that takes long. */
  busy = 0;
  /** What went wrong with the last picture. */
  problem = '';
  /** Id of the box that must not move with the next picture. */
  anchor = '';
  readonly builder: Builder;

  constructor(
    private _model: Model,
    private _state: ViewState,
    layouter: ILayouter,
    measure: Measure
  ) {
    this.builder = new Builder(measure);
    this._arranger = new Arranger(layouter, new KeptPlaces(_state));
    _model.graphGrown.connect(this._onGrown, this);
    _model.listChanged.connect(this._onList, this);
    _model.timesChanged.connect(this._onTimes, this);
  }

  get changed(): ISignal<GraphStore, Change> {
    return this._changed;
  }

  get label(): string {
    return this.graph ? labelOf(this.graph) : '';
  }

  /** Who reads each operation, by index. */
  get readers(): readonly number[][] {
    if (this._readers.of !== this.nodes) {
      this._readers = { of: this.nodes, list: readersOf(this.nodes) };
    }
    return this._readers.list;
  }

  /** Index of the selected operation, or -1: none or a scope. */
  get op(): number {
    return this.opOf(this.selected);
  }

  /** Index of the operation that an id stands for, or -1. A closed box of a variable and its helpers stands for the variable. */
  opOf(id: string): number {
    const box = this.scene?.boxes.get(id);
    if (box?.main !== undefined && !box.open) {
      return box.main;
    }
    if (box && (box.kind === 'op' || box.kind === 'aside' || box.kind === 'failed') && box.ops.length > 0) {
      return box.ops[0];
    }
    if (this.failed >= 0 && this.nodes[this.failed].name === id) {
      return this.failed;
    }
    return this.graph?.byName.get(id) ?? -1;
  }

  /** The operation that gives a box its shape, or -1. */
  mainOp(id: string): number {
    return this.scene?.boxes.get(id)?.main ?? this.opOf(id);
  }

  /** Index of the picture's box that shows an id: its own, or the closed one around it; -1 where it is hidden. */
  boxIndex(id: string): number {
    if (!this.picture || id === '') {
      return -1;
    }
    const own = this.picture.index(id);
    if (own >= 0) {
      return own;
    }
    const op = this.opOf(id);
    const box = op >= 0 ? this.picture.scene.boxOf(op) : null;
    if (box !== null) {
      return this.picture.index(box);
    }
    // Boxes come behind those around them.
    const { picture } = this;
    return scopesOf(id).reduce((inner, scope) => Math.max(inner, picture.index(scope)), -1);
  }

  /** Whether the view is seen. */
  get active(): boolean {
    return this._active;
  }

  /** Says whether the view is seen: a hidden one costs nothing. */
  setActive(active: boolean): void {
    this._active = active;
    if (active && this._late) {
      this.update();
    } else if (!active && this.builder.working) {
      this.builder.cancel();
      this._late = true;
    }
  }

  /** Shows the graph that the user chose, now and after a reload. */
  choose(id: string): void {
    const graph = this._model.graphs.get(id);
    if (graph) {
      this._state.set('graph.chosen', labelOf(graph));
      this._show(id);
    }
  }

  /** Shows the graph that the user chose before, else the default one, else the newest. */
  follow(): void {
    this._show(chosenGraph(this._model.graphs, this._state.get('graph.chosen', '')));
  }

  /** Reads settings anew, as after the panel has found what was kept. */
  reload(): void {
    this.settings = readSettings(this._state, this.label);
    this._changed.emit('settings');
    this.update();
  }

  /** Changes how the graph is shown. */
  set(part: Partial<ISettings>): void {
    this.settings = { ...this.settings, ...part };
    if (this.graph) {
      writeSettings(this._state, this.label, this.settings);
    }
    const names = Object.keys(part);
    if (names.some(name => !['camera', 'seen'].includes(name))) {
      this._changed.emit('settings');
    }
    if (names.some(name => !['camera', 'seen', 'coloring', 'trace'].includes(name))) {
      this.update();
    }
  }

  toggle(id: string): void {
    const box = this.scene?.boxes.get(id);
    if (!box || !opens(box)) {
      return;
    }
    this.anchor = id;
    this.stopOpening();
    const { open } = this.settings;
    this.set({ open: open.includes(id) ? open.filter(other => other !== id) : [...open, id] });
  }

  /** Opens all scopes down to a depth, also those in folded series as far as the picture does not get too large; 0 closes all. */
  openTo(depth: number): void {
    this.stopOpening();
    this._opening = depth;
    if (depth === 0) {
      this._arranger.forget();
    }
    // A variable's helpers stay in its box.
    const scopes = scopesDownTo(this.nodes, depth).filter(scope => !this.graph?.byName.has(scope.slice(0, -1)));
    this.set({ open: depth > 0 ? [...new Set([...this.settings.open, ...scopes])] : [] });
  }

  /** Opens no more series by itself, and forgets that some stayed folded. */
  stopOpening(): void {
    this._opening = 0;
    if (this.folded > 0) {
      this.folded = 0;
      this._changed.emit('folded');
    }
  }

  select(id: string): void {
    if (id !== this.selected) {
      this.selected = id;
      this._changed.emit('selection');
    }
  }

  /** Selects an operation and opens what is around it, so that it is seen. */
  reveal(op: number): void {
    const node = this.nodes[op];
    if (node) {
      this._sought = op;
      this._seek();
      this.select(node.name);
    }
  }

  find(hits: readonly number[]): void {
    Object.assign(this, { hits, hit: -1 });
    this._changed.emit('hits');
  }

  /** Goes to the next of what was found, or the one before. */
  next(step: number): void {
    if (this.hits.length > 0) {
      const { length } = this.hits;
      this.hit = this.hit < 0 ? (step > 0 ? 0 : length - 1) : (this.hit + step + length) % length;
      this.reveal(this.hits[this.hit]);
      this._changed.emit('hits');
    }
  }

  setOnly(op: number): void {
    this.only = op;
    this._changed.emit('settings');
    this.update();
  }

  setPlaced(placed: IPlaced): void {
    this.placed = placed;
    this._changed.emit('placed');
  }

  setMarks(marks: readonly number[]): void {
    if (marks.length > 0 || this.marks.length > 0) {
      this.marks = marks;
      this._changed.emit('marks');
    }
  }

  /** Builds the scene, at once where that is fast, and its picture as soon as it is laid out. */
  update(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
    this._late = !this._active;
    this._grown = false;
    if (!this._active || this._disposed) {
      return;
    }
    const { graph } = this;
    if (!graph || graph.nodes.length === 0) {
      this.builder.cancel();
      Object.assign(this, NOTHING);
      void this._arrange();
      return;
    }
    if (this._slow === 0) {
      this._slow = window.setTimeout(() => this._setBusy(this.graph?.nodes.length ?? 0), 200);
    }
    const turn = ++this._turn;
    this.builder.build(graph, this.settings, this.only, built => {
      Object.assign(this, built);
      this._seek();
      this._openSeries();
      if (turn === this._turn) {
        void this._arrange();
      }
    });
  }

  dispose(): void {
    this._disposed = true;
    window.clearTimeout(this._timer);
    window.clearTimeout(this._slow);
    this.builder.cancel();
    this._arranger.dispose();
    Signal.clearData(this);
  }

  /** Opens what is around the operation that is gone to, as far as it is known by now. */
  private _seek(): void {
    const { _sought: op, scene, settings, earlier } = this;
    if (op < 0 || !scene) {
      return;
    }
    const next = towards(op, { scene, settings, earlier, name: this.nodes[op]?.name ?? '' });
    if (next) {
      this.set(next);
    } else if (op === this.failed && this.only >= 0) {
      this.setOnly(-1);
    } else {
      this._sought = -1;
    }
  }

  /** Opens the series that are seen by now, where all shall be open. */
  private _openSeries(): void {
    if (this._opening <= 0 || !this.scene) {
      return;
    }
    const { open, left } = seriesToOpen(this.scene, this.nodes, this._opening);
    if (open.length > 0) {
      this.set({ open: [...this.settings.open, ...open] });
    } else {
      this._opening = 0;
      this.folded = left;
      this._changed.emit('folded');
    }
  }

  private async _arrange(): Promise<void> {
    const { scene } = this;
    let picture: Picture | null = null;
    let problem = '';
    if (scene) {
      this._arranging++;
      try {
        const whole = this.nodes.length >= (this.graph?.info.size ?? 0) && this.only < 0;
        picture = await this._arranger.arrange(scene, whole);
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
      this._arranging--;
      if (this._disposed || (picture === null && problem === '')) {
        return;
      }
    } else {
      this.picture = null;
    }
    this.problem = problem;
    if (!this.builder.working) {
      window.clearTimeout(this._slow);
      this._slow = 0;
      this._setBusy(0);
    }
    if (this._grown) {
      this._grown = false;
      this._soon();
    }
    this.picture = picture ?? this.picture;
    this._changed.emit('picture');
    this.anchor = '';
  }

  private _setBusy(count: number): void {
    if (count !== this.busy) {
      this.busy = count;
      this._changed.emit('busy');
    }
  }

  private _show(id: string): void {
    const graph = this._model.graphs.get(id) ?? null;
    if (id === this.id && graph === this.graph) {
      return;
    }
    this.builder.cancel();
    Object.assign(this, NOTHING, { id, graph, picture: null, _sought: -1, _opening: 0 });
    Object.assign(this, { selected: '', hits: [], hit: -1, only: -1, marks: [], problem: '', placed: null, folded: 0 });
    this.settings = readSettings(this._state, this.label);
    this._arranger.clear(this.label);
    this._changed.emit('graph');
    this.update();
  }

  private _onGrown(sender: Model, id: string): void {
    if (this.graph === null) {
      this.follow();
    }
    if (id === this.id) {
      this._soon();
    }
  }

  private _onList(): void {
    this.follow();
    this._changed.emit('list');
    const { failed, fault } = this.graph?.info ?? {};
    const troubles = JSON.stringify([failed, fault]);
    if (troubles !== this._troubles) {
      this._troubles = troubles;
      this._soon();
    }
  }

  private _onTimes(sender: Model, id: string): void {
    if (id === this.id) {
      this._changed.emit('times');
    }
  }

  private _soon(): void {
    if (this._timer === 0) {
      // The first part is shown at once; a large graph that takes long to build leaves time for other things.
      const wait = this.scene ? Math.max(PACE, 4 * this.builder.took) : 0;
      this._timer = window.setTimeout(() => this._grow(), wait);
    }
  }

  /** Shows more of the graph; not while a scene or layout is made, which would never end if each chunk began it anew. */
  private _grow(): void {
    this._timer = 0;
    if (this._arranging > 0 || this.builder.working) {
      this._grown = true;
    } else {
      this.update();
    }
  }

  private _changed = new Signal<this, Change>(this);
  private _arranger: Arranger;
  private _sought = -1;
  private _opening = 0;
  private _turn = 0;
  private _slow = 0;
  private _readers: { of: readonly INode[]; list: number[][] } = { of: [], list: [] };
  private _troubles = '';
  private _arranging = 0;
  private _grown = false;
  private _active = false;
  private _late = true;
  private _disposed = false;
  private _timer = 0;
}
