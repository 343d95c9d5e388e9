import { sessionLabels } from '../sessions';
import { IViewOptions } from '../view';
import { Best, bestOf } from './best';
import { Chart, ICharts } from './chart';
import { Curve, IAxis, Range } from './curve';
import { linesOf } from './lines';
import { IChartPlan } from './plan';
import { fullRange, ILine, IReading } from './read';
import { Settings } from './settings';
import { Tooltip } from './tooltip';
import { follow } from './trend';
import { IRunInfo } from '../../protocol';

/** Milliseconds of a frame that drawing may take before it goes on in the next. */
const BUDGET = 12;
/** Points that are looked at in one go. */
const POINTS = 100000;
/** Milliseconds between two times that a chart's words are written: numbers that change faster cannot be read. */
const WORDS = 300;
/** The same of charts that are off the screen, which screen readers read all the same. */
const WORDS_FAR = 2000;
/** With more charts than this, those that are off the screen give their canvas back. */
const CANVASES = 16;

/** The charts of the view, one below the other: draws those that are seen, bit by bit, in animation frames. */
export class Board implements ICharts {
  constructor(
    private _options: IViewOptions,
    private _settings: Settings,
    private _list: HTMLElement,
    private _tooltip: Tooltip,
    private _changed: () => void,
    readonly say: (text: string) => void,
    readonly helpId: string
  ) {
    if (typeof IntersectionObserver !== 'undefined') {
      this._seen = new IntersectionObserver(entries => this._moved(entries), { root: _list, rootMargin: '200px 0px' });
    }
  }

  get by(): IAxis {
    return { axis: this._settings.axis, epoch: this._settings.epoch };
  }
  get log(): boolean {
    return this._settings.log;
  }
  get smoothing(): number {
    return this._settings.smoothing;
  }
  get described(): boolean {
    return this._settings.described;
  }
  get theme() {
    return this._options.theme;
  }
  get trans() {
    return this._options.trans;
  }
  get axisLabel(): string {
    const { trans } = this;
    const labels = { step: trans.__('step'), time: trans.__('seconds since the run began'), epoch: trans.__('epoch') };
    return labels[this._settings.axis];
  }

  zoom: Range | null = null;
  follow = true;

  /** Charts in the order in which they stand. */
  get charts(): Chart[] {
    return this._order;
  }

  /** All lines that are shown. */
  get lines(): ILine[] {
    return this._order.flatMap(chart => chart.lines);
  }

  /** What the user said, what the name says, or where the first curve of this name goes that is long enough to tell. */
  best(name: string): Best {
    const curves = this._byName.get(name) ?? [];
    const said = this._settings.best(name) ?? bestOf(name, curves[0]?.series.info.kind);
    if (said) {
      return said;
    }
    for (const curve of curves) {
      // Those of runs that are not shown count, too: what is best must not depend on what is seen.
      curve.went = follow(curve.series, curve.series.length, () => 0, curve.went);
      if (curve.went.direction !== 'short') {
        return curve.went.best;
      }
    }
    return 'min';
  }

  setBest(names: readonly string[], best: Best): void {
    names.forEach(name => this._settings.setBest(name, best));
  }

  /** Shows these charts, with lines of these runs. `runs` are all of them, from which each has its look. */
  arrange(plans: readonly IChartPlan[], runs: readonly IRunInfo[], shown: Set<number>): void {
    const { model } = this._options;
    const { palette } = this.theme.colors;
    const curves = new Map<string, Curve>();
    const byName = new Map<string, Curve[]>();
    for (const [id, series] of model.series) {
      const known = this._curves.get(id);
      const curve = known?.series === series ? known : new Curve(series);
      curves.set(id, curve);
      byName.set(series.info.name, [...(byName.get(series.info.name) ?? []), curve]);
    }
    this._curves = curves;
    this._byName = byName;
    const sessions = new Map(sessionLabels(model.sessions, model.graphs).map(({ id, label }) => [id, label]));
    const parts = { byName, runs, shown, palette, sessions, trans: this.trans };
    const order = plans.map(plan => {
      const chart = this._charts.get(plan.key) ?? this._add(plan.key);
      chart.setLines(plan, linesOf(plan, parts));
      return chart;
    });
    const keys = new Set(plans.map(plan => plan.key));
    for (const [key, chart] of this._charts) {
      if (!keys.has(key)) {
        this._seen?.unobserve(chart.node);
        chart.dispose();
        this._charts.delete(key);
      }
    }
    order.forEach((chart, index) => {
      if (this._list.children[index] !== chart.node) {
        this._list.insertBefore(chart.node, this._list.children[index] ?? null);
      }
    });
    this._order = order;
    this._list.classList.toggle('jp-mod-one', order.length === 1);
    this.resized();
  }

  /** More points have come: drawn in the next frame, or after a rest as long as the last drawing took, where that took long. */
  grown(): void {
    this._grown = true;
    const rest = this._restsUntil - performance.now();
    if (rest > 0 && this._frame === 0) {
      this._wake(rest);
    } else {
      this.request();
    }
  }

  resized(): void {
    this._grown = this._resized = true;
    this.request();
  }

  /** All must be drawn again. Of "all" or along "y" it is also forgotten which part was shown. */
  refresh(forget: '' | 'y' | 'all' = ''): void {
    if (forget === 'all') {
      this.zoom = null;
      this.follow = true;
    }
    for (const chart of this._order) {
      if (forget) {
        chart.forget(forget);
      }
      chart.dirty = chart.stale = true;
      chart.written = 0;
    }
    this.request();
  }

  /** Colours or fonts are others: canvases are made anew. */
  repaint(): void {
    this._order.forEach(chart => chart.drop());
    this.refresh();
  }

  setFollow(follow: boolean): void {
    if (follow) {
      this.reset();
      return;
    }
    this.follow = false;
    this._changed();
  }

  zoomTo([from, to]: Range): void {
    const middle = Math.max(Math.abs(from), Math.abs(to));
    if (!(to - from > middle * 1e-12) || !Number.isFinite(to - from)) {
      return;
    }
    const all = fullRange(this.lines, this.by);
    if (from <= all[0] && to >= all[1] && this._order.every(chart => !chart.yZoom)) {
      this.reset();
      return;
    }
    this.zoom = [from, to];
    this.follow = false;
    this.refresh();
    this._changed();
  }

  reset(): void {
    this.zoom = null;
    this.follow = true;
    this._order.forEach(chart => (chart.yZoom = null));
    this.refresh();
    this._changed();
  }

  pointed(chart: Chart, at: number | null, point: { left: number; top: number } | null, lead: IReading | null): void {
    if (at === null && this._pointed !== chart) {
      return; // another one has the cursor
    }
    this._pointed = at === null ? null : chart;
    for (const other of this._order) {
      if (other !== chart && other.near) {
        other.pointAt(at);
      }
    }
    const readings = at === null ? [] : chart.read(at);
    const distance = (one: IReading) => Math.abs(one.line.curve.xAt(one.index, this.by) - (at as number));
    // The latest run leads where several are as near.
    const first = lead ?? [...readings].reverse().sort((a, b) => distance(a) - distance(b))[0];
    if (!first || !point) {
      this._tooltip.hide();
      return;
    }
    this._tooltip.show(first, readings, this.by, point.left, point.top);
  }

  start(): void {
    this._running = true;
    this.resized();
    this.refresh();
  }

  stop(): void {
    this._running = false;
    this._tooltip.hide();
    cancelAnimationFrame(this._frame);
    clearTimeout(this._timer);
    this._frame = this._timer = 0;
    this._wakesAt = Infinity;
  }

  dispose(): void {
    this.stop();
    this._seen?.disconnect();
    this._charts.forEach(chart => chart.dispose());
    this._charts.clear();
    this._order = [];
    this._curves.clear();
    this._byName.clear();
  }

  request(): void {
    if (this._running && this._frame === 0) {
      this._frame = requestAnimationFrame(() => this._draw());
    }
  }

  /** Draws all charts, those off the screen as well, for a picture. */
  async drawAll(pause: () => Promise<void>): Promise<void> {
    this._measure();
    for (const chart of [...this._order]) {
      while (!chart.prepare(performance.now() + BUDGET)) {
        await pause();
      }
      if (chart.dirty || !chart.canvas) {
        chart.draw();
        await pause();
      }
    }
  }

  /** Gives back the canvases of charts that are off the screen, where there are many. */
  trim(): void {
    if (this._order.length > CANVASES) {
      this._order.filter(chart => !chart.near).forEach(chart => chart.drop());
    }
  }

  private _add(key: string): Chart {
    const chart = new Chart(key, this);
    chart.near = !this._seen;
    this._charts.set(key, chart);
    this._seen?.observe(chart.node);
    return chart;
  }

  private _moved(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const chart = this._order.find(one => one.node === target);
      if (chart) {
        chart.near = isIntersecting;
        if (!isIntersecting && this._order.length > CANVASES && this._running) {
          chart.drop();
        }
      }
    }
    this.request();
  }

  /** Asks for a frame after some milliseconds, or earlier where something else does. */
  private _wake(wait: number): void {
    const at = performance.now() + wait;
    if (this._running && at < this._wakesAt) {
      clearTimeout(this._timer);
      this._wakesAt = at;
      this._timer = window.setTimeout(() => {
        this._timer = 0;
        this._wakesAt = Infinity;
        this.request();
      }, wait);
    }
  }

  private _draw(): void {
    this._frame = 0;
    if (!this._running) {
      return;
    }
    const began = performance.now();
    const deadline = began + BUDGET;
    let more = this._grown && !this._take(deadline);
    this._grown = more;
    if (this._resized) {
      this._resized = false;
      this._measure();
    }
    const near = this._order.filter(chart => chart.near);
    let wait = Infinity;
    let worked = false;
    // The first work of a frame is done however late it is, so that a machine that is busy otherwise gets on, too.
    const late = () => worked && performance.now() > deadline;
    for (let i = 0; i < near.length; i++) {
      // Each frame begins with the chart that the one before did not come to.
      const at = (i + this._turn) % near.length;
      const chart = near[at];
      if (chart.dirty && (more || late() || !chart.prepare(deadline) || late())) {
        more = true;
        this._turn = at;
        break;
      }
      if (chart.dirty) {
        chart.draw();
        worked = true;
      }
    }
    for (const chart of more ? [] : this._order.filter(one => one.stale)) {
      const rest = chart.written + (chart.near ? WORDS : WORDS_FAR) - performance.now();
      if (rest <= 0 && !late()) {
        chart.written = performance.now();
        chart.write();
        worked = true;
      } else {
        wait = Math.min(wait, Math.max(rest, 1));
      }
    }
    const now = performance.now();
    this._took += now - began;
    if (more) {
      this.request();
      return;
    }
    if (this._took > BUDGET) {
      this._restsUntil = now + this._took;
    }
    this._took = 0;
    if (wait < Infinity) {
      this._wake(wait);
    }
  }

  /** Looks at new points of what is shown; whether it was done in time. */
  private _take(deadline: number): boolean {
    for (const chart of this._order) {
      chart.stale ||= chart.coming !== chart.told;
      for (const { curve } of chart.lines) {
        while (curve.sync(POINTS)) {
          chart.dirty = chart.stale = true;
          if (performance.now() > deadline) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Gives charts their sizes: all are read before any is written, so that the page is laid out once. */
  private _measure(): void {
    const widths = this._order.map(chart => chart.plot.clientWidth);
    const room = this._list.clientHeight;
    this._order.forEach((chart, at) => {
      const height = this._order.length === 1 ? Math.min(420, room - 190) : Math.min(280, widths[at] * 0.45);
      chart.resize(widths[at], Math.round(Math.max(190, height)));
    });
  }

  private _curves = new Map<string, Curve>();
  /** The curves of each name, the oldest run's first. */
  private _byName = new Map<string, Curve[]>();
  private _charts = new Map<string, Chart>();
  private _order: Chart[] = [];
  private _pointed: Chart | null = null;
  private _seen: IntersectionObserver | null = null;
  private _running = false;
  private _grown = true;
  private _resized = true;
  private _turn = 0;
  private _frame = 0;
  private _timer = 0;
  private _wakesAt = Infinity;
  /** Milliseconds that drawing took so far, in one frame or several. */
  private _took = 0;
  private _restsUntil = 0;
}
