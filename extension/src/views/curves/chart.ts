import { TranslationBundle } from '@jupyterlab/translation';
import uPlot from 'uplot';
import { Theme } from '../../theme';
import { IAxis, Range } from './curve';
import { freshId, make, say } from './dom';
import { keyPressed } from './keys';
import { Legend } from './legend';
import { IDrawn, paint } from './paint';
import { IChartPlan } from './plan';
import { formatStep } from './numbers';
import { IPlot, makePlot } from './plot';
import { fullRange, ILine, IReading, oddTexts, readAt, reading, spoken, yRange } from './read';
import { emptyThinned, thin } from './thin';
import { Best } from './best';
import { trendText } from './trend';

/** What charts have in common, and whom they tell what the user does. */
export interface ICharts {
  readonly by: IAxis;
  readonly log: boolean;
  readonly smoothing: number;
  /** The part of x that was zoomed to, null for all. */
  readonly zoom: Range | null;
  /** Whether what is new is followed; otherwise charts stay at the part they show. */
  readonly follow: boolean;
  readonly described: boolean;
  readonly axisLabel: string;
  /** The element that says which keys do what. */
  readonly helpId: string;
  readonly theme: Theme;
  readonly trans: TranslationBundle;
  best(name: string): Best;
  setBest(names: readonly string[], best: Best): void;
  zoomTo(x: Range): void;
  reset(): void;
  /** The cursor of a chart is at a place of x; null where it has none any more. */
  pointed(chart: Chart, at: number | null, point: { left: number; top: number } | null, lead: IReading | null): void;
  say(text: string): void;
}

/** How many lines a chart describes in text. */
const DESCRIBED = 8;

/** A chart: title, plot, legend, and its trend in words. */
export class Chart {
  constructor(
    readonly key: string,
    private _charts: ICharts
  ) {
    const { trans } = _charts;
    const title = freshId();
    this._title.id = title;
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-labelledby', title);
    this._text.id = freshId();
    this.plot.tabIndex = 0;
    this.plot.setAttribute('role', 'application');
    this.plot.setAttribute('aria-roledescription', trans.__('chart'));
    this.plot.setAttribute('aria-describedby', `${this._text.id} ${_charts.helpId}`);
    this.plot.addEventListener('keydown', event => this._key(event));
    this.plot.addEventListener('wheel', event => this._wheel(event), { passive: false });
    this.plot.addEventListener('blur', () => this._leave());
    this._notes.hidden = true;
    this.node.append(this._title, this.plot, this._notes, this._text);
  }

  readonly node = make('div', 'chart');
  /** What takes the keyboard, and holds the canvas. */
  readonly plot = make('div', 'plot');
  plan: IChartPlan = { key: '', names: [], shared: false };
  lines: readonly ILine[] = [];
  /** Whether it must be drawn again, and whether its words must be written again. */
  dirty = true;
  stale = true;
  /** Whether it is on the screen, or nearly. */
  near = true;
  yZoom: Range | null = null;
  /** Size of the plot in pixels. */
  width = 0;
  height = 0;
  /** When its words were written, and of how many points that are not here yet they tell. */
  written = 0;
  told = 0;

  get title(): string {
    const { names } = this.plan;
    return names.length <= 3
      ? names.join(', ')
      : this._charts.trans.__('%1 and %2 more', names.slice(0, 3).join(', '), names.length - 3);
  }

  /** How many points of its lines are not here yet. */
  get coming(): number {
    return this.lines.reduce((sum, { curve }) => sum + Math.max(0, curve.series.info.kept - curve.length), 0);
  }

  get canvas(): HTMLCanvasElement | null {
    return this._made?.plot.ctx.canvas ?? null;
  }

  get x(): Range {
    return this._x ?? [0, 1];
  }
  get y(): Range {
    return this._y;
  }

  setLines(plan: IChartPlan, lines: readonly ILine[]): void {
    this.plan = plan;
    this.lines = lines;
    say(this._title, this.title);
    this.plot.setAttribute('aria-label', this._charts.trans.__('Chart of %1', this.title));
    this.dirty = this.stale = true;
  }

  /** Smooths what is to be drawn, until the clock reaches `deadline`; whether all is done. */
  prepare(deadline: number): boolean {
    const { smoothing, log } = this._charts;
    return (
      smoothing === 0 ||
      this.lines.every(({ curve }) => {
        const { steps, values } = curve.series;
        return curve.smoother.advance({ length: curve.length, steps, values }, smoothing, log, deadline);
      })
    );
  }

  draw(): void {
    this.dirty = false;
    const { width, height } = this;
    const { by, log, smoothing, zoom, follow } = this._charts;
    if (width < 40) {
      return;
    }
    const queued = this._make(width, height);
    this._x = zoom ?? (follow || !this._x ? fullRange(this.lines, by) : this._x);
    const [x0, x1] = this._x;
    const columns = Math.max(1, Math.round(this._made?.plot.bbox.width ?? 1));
    let low = Infinity;
    let high = -Infinity;
    this._drawn = this.lines.map((line, at) => {
      const { curve } = line;
      const { x, factor } = curve.along(by);
      const [from, to] = curve.within(x0, x1, by);
      const before = this._drawn[at];
      const window = { from, to, factor, x0, x1, columns, positive: log };
      const raw = thin(x, curve.series.values, window, before?.raw ?? emptyThinned());
      const smooth =
        smoothing > 0
          ? thin(
              x,
              curve.smoother.out,
              { ...window, to: Math.min(to, curve.smoother.length) },
              before?.smooth ?? emptyThinned()
            )
          : null;
      low = Math.min(low, raw.low, smooth?.low ?? Infinity);
      high = Math.max(high, raw.high, smooth?.high ?? -Infinity);
      return { line, raw, smooth };
    });
    this._blank = !(low <= high);
    this._y = this.yZoom ?? (zoom || follow || !this._frozen ? yRange(low, high, log) : this._frozen);
    this._frozen = this._y;
    this._made?.set(this._x, this._y, queued);
    if (this._hover && this._made) {
      // The pointer stays; what is below it has moved.
      const at = this._made.plot.posToVal(this._made.plot.cursor.left ?? 0, 'x');
      this._cursor = at;
      this._charts.pointed(this, at, this._hover, null);
    } else if (this._cursor !== null) {
      this.pointAt(this._cursor);
    }
  }

  resize(width: number, height: number): void {
    if (this.width !== width || this.height !== height) {
      [this.width, this.height] = [width, height];
      this.plot.style.height = `${height}px`;
      this.dirty = true;
    }
  }

  /** Writes what stands below the plot. */
  write(): void {
    this.stale = false;
    const { trans, log, described } = this._charts;
    if (!this._legend) {
      const setBest = (best: Best) => this._charts.setBest(this.plan.names, best);
      this._legend = new Legend(trans, name => this._charts.best(name), setBest);
      this.node.insertBefore(this._legend.node, this._text);
    }
    this._legend.update(this.title, this.lines);
    const notes = oddTexts(this.lines, log, trans);
    this.told = this.coming;
    if (this.told > 0) {
      const count = formatStep(this.told);
      notes.unshift(trans._n('%2 point is still coming.', '%2 points are still coming.', this.told, count));
    } else if (this.lines.every(({ curve }) => curve.length === 0)) {
      notes.unshift(trans.__('There are no points yet.'));
    } else if (this._blank && this.near) {
      notes.unshift(trans.__('No number lies in the part that is shown.'));
    }
    say(this._notes, notes.join(' '));
    this._notes.hidden = notes.length === 0;
    const latest = this.lines.slice(-DESCRIBED).reverse();
    const texts = latest.map(({ curve, label, name }) => {
      const { steps, values } = curve.series;
      return trendText(label, { length: curve.length, steps, values }, this._charts.best(name), trans, curve);
    });
    const more = this.lines.length - latest.length;
    say(this._text, [...texts, ...(more > 0 ? [trans.__('and %1 more', more)] : [])].join('\n'));
    this._text.className = described ? 'jp-glnb-curves-trend' : 'jp-glnb-curves-hidden';
  }

  /** What its lines have at a place of x. */
  read(at: number): IReading[] {
    const width = this._made ? this._made.plot.bbox.width / (uPlot.pxRatio || 1) : 1;
    const reach = ((this.x[1] - this.x[0]) * 8) / Math.max(1, width);
    return readAt(this.lines, at, this._charts.by, reach, this._charts.smoothing > 0);
  }

  /** Puts the cursor at a place of x without telling anyone; null takes it away. */
  pointAt(at: number | null): void {
    this._cursor = at;
    if (!this._made) {
      return;
    }
    const { plot } = this._made;
    const left = at === null ? -10 : plot.valToPos(at, 'x');
    const inside = left >= 0 && left <= plot.width;
    plot.setCursor({ left: inside ? left : -10, top: inside ? 0 : -10 }, false);
  }

  /** Forgets the canvas: it is made anew when it is drawn again. */
  drop(): void {
    this._made?.plot.destroy();
    this._made = null;
    this._drawn = [];
    this.dirty = true;
  }

  /** Forgets which part it showed, as after an axis became another. */
  forget(what: 'y' | 'all'): void {
    this._frozen = null;
    this.yZoom = null;
    if (what === 'all') {
      this._x = this._cursor = this._lead = this._hover = null;
    }
  }

  dispose(): void {
    this.drop();
    this.node.remove();
  }

  /** Moves the keyboard's cursor to a point of a line, and says what is there. */
  private _moveTo(line: ILine, index: number): void {
    const charts = this._charts;
    const at = line.curve.xAt(index, charts.by);
    this._lead = { line, index };
    this._hover = null;
    const [x0, x1] = this.x;
    if (at < x0 || at > x1) {
      const half = (x1 - x0) / 2;
      charts.zoomTo([at - half, at + half]);
    }
    const lead = reading(line, index, charts.smoothing > 0);
    this.pointAt(at);
    const box = this.plot.getBoundingClientRect();
    const left = box.left + (this._made ? this._made.plot.over.offsetLeft + this._made.plot.valToPos(at, 'x') : 0);
    charts.pointed(this, at, { left, top: box.top + box.height / 3 }, lead);
    charts.say(spoken(lead, this.read(at), charts.by, charts.trans));
  }

  private _key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const handled = keyPressed(event.key, {
      lines: this.lines,
      lead: this._lead && this.lines.includes(this._lead.line) ? this._lead : null,
      x: this.x,
      cursor: this._cursor,
      moveTo: (line, index) => this._moveTo(line, index),
      zoomTo: x => {
        this._charts.zoomTo(x);
        this._charts.say(this._charts.trans.__('From %1 to %2', formatStep(x[0]), formatStep(x[1])));
      },
      reset: () => {
        this._charts.reset();
        this._charts.say(this._charts.trans.__('All is shown.'));
      },
      leave: () => this._leave()
    });
    if (handled) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private _leave(): void {
    if (this._lead || this._cursor !== null) {
      this._lead = null;
      this._hover = null;
      this.pointAt(null);
      this._charts.pointed(this, null, null, null);
    }
  }

  /**
   * Zooms about the pointer: always with Ctrl or Cmd, else only once the chart was clicked, so that the list can be
   * scrolled.
   */
  private _wheel(event: WheelEvent): void {
    const asked = event.ctrlKey || event.metaKey || document.activeElement === this.plot;
    if (!asked || !this._made || event.deltaY === 0) {
      return;
    }
    event.preventDefault();
    const { plot } = this._made;
    const at = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, 'x');
    const lines = event.deltaMode === 1 ? 20 : 1;
    const by = Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY * lines * 0.002)));
    const [x0, x1] = this.x;
    this._charts.zoomTo([at - (at - x0) * by, at + (x1 - at) * by]);
  }

  /** Makes the plot or gives it its size; whether it is queued to be drawn. */
  private _make(width: number, height: number): boolean {
    const charts = this._charts;
    const kind = `${charts.log} ${charts.axisLabel}`;
    if (this._made && this._made.kind !== kind) {
      this.drop();
      this.dirty = false;
    }
    if (this._made) {
      if (this._made.plot.width !== width || this._made.plot.height !== height) {
        this._made.plot.setSize({ width, height });
        return true;
      }
      return false;
    }
    const made = makePlot(
      this.plot,
      { width, height },
      charts.log,
      charts.by.axis === 'step',
      charts.axisLabel,
      () => charts.theme.colors,
      {
        pointed: (at, event) => {
          this._cursor = at;
          this._lead = null;
          this._hover = at !== null && event ? { left: event.clientX, top: event.clientY } : null;
          charts.pointed(this, at, this._hover, null);
        },
        marked: (x, y) => {
          this.yZoom = y ?? this.yZoom;
          charts.zoomTo(x);
        },
        reset: () => charts.reset(),
        draw: u =>
          paint(u, {
            drawn: this._drawn,
            by: charts.by,
            log: charts.log,
            x: this.x,
            y: this._y,
            colors: charts.theme.colors,
            lowest: line => charts.best(line.name) === 'min',
            oddText: (value, step) => charts.trans.__('%1 at step %2', value, step)
          })
      }
    );
    this._made = { ...made, kind };
    return true;
  }

  private _made: (IPlot & { kind: string }) | null = null;
  private _drawn: IDrawn[] = [];
  private _x: Range | null = null;
  private _y: Range = [0, 1];
  private _blank = false;
  private _frozen: Range | null = null;
  private _cursor: number | null = null;
  private _lead: { line: ILine; index: number } | null = null;
  private _hover: { left: number; top: number } | null = null;
  private _title = make('div', 'title');
  private _notes = make('p', 'note');
  private _text = make('p', 'trend');
  private _legend: Legend | null = null;
}
