import { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import { IPictureData } from '../../model';
import { STATISTICS } from '../../protocol';
import { Theme } from '../../theme';
import { gridOf, indicesOf, singleOf, toCsv } from './answers';
import { write } from './dom';
import { HeatMap, IDrawn } from './heatmap';
import { History } from './histories';
import { IOdd, Legend } from './legend';
import { LinePlot } from './lineplot';
import { exactField, exactText, formatExact, formatNumber, numberAt } from './numbers';
import { IGrid, IPart, zoomed } from './parts';
import { countOdd, groundOf, IScale, Palette, rangeOf, robustRange, scaleOf } from './scale';
import { Statistic } from './rows';
import { ILook } from './settings';
import { cutTiles, IRepresentation, ITile } from './shapes';
import { TileView } from './tiles';

/** What is drawn: an answer, the representation that it was asked for, and how the user wants it. */
export interface IShown {
  data: IPictureData;
  way: IRepresentation;
  look: ILook;
  palette: Palette;
}

/** The picture of an opened tensor in any of its representations, with its legend. Only one of them is visible at a time. */
export class Picture extends Widget {
  constructor(theme: Theme, trans: TranslationBundle) {
    super();
    this.addClass('jp-glnb-values-picture');
    this._theme = theme;
    this._trans = trans;
    this._map = new HeatMap(theme, trans);
    this._line = new LinePlot(theme, trans);
    this._tiles = new TileView(theme, trans);
    this._legend = new Legend(theme, trans);
    this._number = new Widget();
    this._number.addClass('jp-glnb-values-number');
    const layout = new PanelLayout();
    this.layout = layout;
    for (const child of [this._number, this._map, this._line, this._tiles, this._legend]) {
      child.hide();
      layout.addWidget(child);
    }
    this._map.wanted.connect((_, part) => this._wanted.emit(part));
    this._map.drawn.connect((_, drawn) => this._onDrawn(drawn));
    this._map.pointed.connect((_, { keyboard }) => this._pointed.emit(keyboard));
    this._line.pointed.connect((_, { keyboard }) => this._pointed.emit(keyboard));
    this._tiles.pointed.connect((_, { keyboard }) => this._pointed.emit(keyboard));
    this._tiles.opened.connect((_, at) => this._enlarge(at));
    this._line.canvas.addEventListener('keydown', event => {
      if (['+', '=', '-'].includes(event.key) && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.zoom(event.key === '-' ? 2 : 0.5);
      }
    });
    theme.changed.connect(() => this._render(), this);
  }

  /** Has an element describe what is seen to those who do not see it. */
  describedBy(id: string): void {
    for (const { canvas } of [this._map, this._line, this._tiles]) {
      canvas.setAttribute('aria-describedby', id);
    }
  }

  /** Another part of the matrix is to be asked for; null for all. */
  get wanted(): ISignal<this, IPart | null> {
    return this._wanted;
  }

  /** The cursor moved; whether by the keyboard. */
  get pointed(): ISignal<this, boolean> {
    return this._pointed;
  }

  /** A picture of a grid was opened or closed. */
  get enlarged(): ISignal<this, boolean> {
    return this._enlarged;
  }

  get isLarge(): boolean {
    return this._large !== null;
  }

  dispose(): void {
    if (!this.isDisposed) {
      Signal.disconnectReceiver(this);
      super.dispose();
    }
  }

  set(shown: IShown | null): void {
    const before = this._shown;
    this._shown = shown;
    if (before?.way.kind !== shown?.way.kind) {
      this._large = null;
      this._line.home(shown?.way.kind === 'number');
      this._history = new History(500);
    }
    if (shown?.way.kind === 'number' && shown.data.values?.length) {
      this._history.add(shown.data.picture.step, numberAt({ values: shown.data.values, exact: shown.data.exact }, 0));
    }
    this._render();
  }

  /** Back from one picture to all of them. */
  shrink(): void {
    this._large = null;
    this._render();
    this._tiles.canvas.focus();
    this._enlarged.emit(false);
  }

  /** Zooms about the cursor; below 1 shows less. */
  zoom(factor: number): void {
    const grid = this._shown?.way.kind === 'line' ? gridOf(this._shown.data) : null;
    if (!grid) {
      this._map.zoom(factor);
      return;
    }
    const center = grid.part.columns[0] + ((this._line.at ?? 0) + 0.5) * grid.block[1];
    const part = zoomed(grid.part, grid.shape, factor, [0.5, center]);
    const all = part.columns[1] - part.columns[0] === grid.shape[1];
    this._wanted.emit(all ? null : part);
  }

  /** The row and column of the number under the cursor where means of several are shown, so that it must be asked for. */
  get hidden(): [row: number, column: number] | null {
    const shown = this._shown;
    const grid = shown ? gridOf(shown.data) : null;
    if (!grid || grid.block[0] * grid.block[1] === 1) {
      return null;
    }
    if (this._line.isVisible && this._line.at !== null) {
      const [from, to] = grid.part.columns;
      const wide = grid.block[1];
      const begin = from + this._line.at * wide;
      return [0, Math.floor((begin + Math.min(begin + wide, to) - 1) / 2)];
    }
    return this._map.isVisible && this._large === null ? this._map.number : null;
  }

  /** Takes the answer to what was asked of the number under the cursor. */
  setNumber(data: IPictureData | null): void {
    this._single = data;
  }

  /** Whether the number under the cursor has been asked for and is not there. */
  get waits(): boolean {
    const at = this.hidden;
    return at !== null && this._shown !== null && singleOf(this._single, this._shown.data, at) === null;
  }

  /** The number under the cursor, and the mean that was sent of it and others. */
  private _meanText(data: IPictureData, grid: IGrid, row: number, column: number): string {
    const trans = this._trans;
    // Means are sent rounded, but of equal numbers there is nothing to round.
    const of = (name: Statistic) => data.statistics?.[STATISTICS.indexOf(name)] ?? NaN;
    const value = grid.values[row * grid.columns + column];
    const number = formatNumber(value);
    const exact = of('min') === of('max') || !Number.isFinite(value);
    const mean = exact ? number : trans.__('about %1', number);
    const indices = indicesOf(data, grid, row, column);
    const at = this.hidden;
    const found = at && singleOf(this._single, data, at);
    if (!found) {
      return trans.__('… the mean of [%1] is %2', indices, mean);
    }
    const step = this._single?.picture.step ?? 0;
    const text = step === data.picture.step ? found.text : trans.__('%1 at step %2', found.text, step.toLocaleString());
    return trans.__('[%1] = %2; the mean of [%3] is %4', found.indices, text, indices, mean);
  }

  /** The number or picture under the cursor, with its indices; empty where there is none. */
  get readout(): string {
    const shown = this._shown;
    const trans = this._trans;
    if (!shown) {
      return '';
    }
    if (this._map.isVisible && this._map.grid && this._map.cell) {
      const { row, column } = this._map.cell;
      const grid = this._map.grid;
      if (this._large !== null) {
        const tile = this._tiles.sheet?.tiles[this._large];
        const channels = shown.palette === 'color' ? 3 : 1;
        const at = (row * grid.columns + column) * channels;
        const text = Array.from({ length: tile ? channels : 0 }, (_, i) => exactText(tile!, at + i)).join(', ');
        return trans.__('picture %1, row %2, column %3: %4', tile?.number ?? 0, row, column, text);
      }
      if (grid.block[0] * grid.block[1] > 1) {
        return this._meanText(shown.data, grid, row, column);
      }
      const value = exactText(grid, row * grid.columns + column);
      return trans.__('[%1] = %2', indicesOf(shown.data, grid, row, column), value);
    }
    if (this._line.isVisible && this._line.at !== null) {
      const at = this._line.at;
      const grid = gridOf(shown.data);
      if (grid && shown.way.kind === 'number') {
        const { steps, exact } = this._history;
        return trans.__('step %1: %2', steps[at].toLocaleString(), formatExact(exact[at], grid.dtype));
      }
      if (grid) {
        return grid.block[1] > 1
          ? this._meanText(shown.data, grid, 0, at)
          : trans.__('[%1] = %2', indicesOf(shown.data, grid, 0, at), exactText(grid, at));
      }
    }
    const tile =
      this._tiles.isVisible && this._tiles.at !== null ? this._tiles.sheet?.tiles[this._tiles.at] : undefined;
    if (tile) {
      const range = rangeOf(tile.values);
      const odd = countOdd(tile.values);
      const count = odd.nan + odd.inf + odd.negativeInf;
      const text = range
        ? trans.__('picture %1: from %2 to %3', tile.number, formatNumber(range[0]), formatNumber(range[1]))
        : trans.__('picture %1: no finite number', tile.number);
      return count ? trans.__('%1, %2 numbers are NaN or infinite', text, count) : text;
    }
    return '';
  }

  /** What is shown as one image to save: a title, the picture, and the legend. */
  image(title: string): HTMLCanvasElement | null {
    const shown = [this._map, this._line, this._tiles, this._legend].filter(view => view.isVisible);
    const { colors } = this._theme;
    const ratio = window.devicePixelRatio || 1;
    const head = Math.round(colors.size * 2 * ratio);
    const image = document.createElement('canvas');
    image.width = Math.max(1, ...shown.map(view => view.canvas.width));
    image.height = shown.reduce((sum, view) => sum + view.canvas.height, head);
    const context = shown.length ? image.getContext('2d') : null;
    if (!context) {
      return null;
    }
    context.fillStyle = colors.background;
    context.fillRect(0, 0, image.width, image.height);
    context.fillStyle = colors.ink;
    context.font = `${Math.round(colors.size * ratio)}px ${colors.font}`;
    context.textBaseline = 'middle';
    context.fillText(title, 4 * ratio, head / 2, image.width - 8 * ratio);
    let y = head;
    for (const { canvas } of shown) {
      context.drawImage(canvas, 0, y);
      y += canvas.height;
    }
    return image;
  }

  /** What is shown as a table file. */
  csv(): string {
    const shown = this._shown;
    const grid = shown ? gridOf(shown.data) : null;
    if (!shown || !grid) {
      return '';
    }
    const { tiling } = shown.way;
    const count = grid.values.length;
    const text = (at: number) => exactField(numberAt(grid, at), grid.dtype);
    const sheet = this._tiles.sheet;
    if (tiling && sheet) {
      const channels = shown.palette === 'color' ? 3 : 1;
      const size = tiling.height * tiling.width * channels;
      const first = sheet.tiles[0]?.number ?? 0;
      const column = (c: number) => {
        const cell = Math.floor(c / channels);
        const at = [Math.floor(cell / tiling.width), cell % tiling.width];
        return (channels > 1 ? [...at, c % channels] : at).join(':');
      };
      return toCsv(count, size, { corner: 'picture', row: r => String(first + r), column }, text);
    }
    if (shown.way.kind === 'number') {
      const { steps, exact } = this._history;
      const head = { corner: 'step', row: (r: number) => String(steps[r]), column: () => 'value' };
      return toCsv(exact.length, 1, head, at => exactField(exact[at], grid.dtype));
    }
    const [high, wide] = grid.block;
    const row = (r: number) => String(grid.part.rows[0] + r * high);
    const column = (c: number) => String(grid.part.columns[0] + c * wide);
    // Who opens the file must not take means for the numbers themselves.
    const corner = high * wide > 1 ? this._trans.__('means of %1×%2 from row', high, wide) : 'row';
    return toCsv(count, grid.columns, { corner, row, column }, text);
  }

  private _enlarge(at: number): void {
    this._large = at;
    this._render();
    this._map.canvas.focus();
    this._enlarged.emit(true);
  }

  private _render(): void {
    const shown = this._shown;
    const grid = shown ? gridOf(shown.data) : null;
    const kind = shown?.way.kind;
    const tiles = Boolean(shown?.way.tiling);
    const colored = kind === 'matrix' || kind === 'strip' || tiles;
    show(this._number, Boolean(grid) && kind === 'number');
    show(this._line, Boolean(grid) && (kind === 'line' || kind === 'number'));
    show(this._tiles, Boolean(grid) && tiles && this._large === null);
    show(this._map, Boolean(grid) && colored && (!tiles || this._large !== null));
    show(this._legend, Boolean(grid) && colored);
    if (!shown || !grid) {
      return;
    }
    if (kind === 'number') {
      write(this._number.node, exactText(grid, 0));
      this._line.set({ values: this._history.values, places: this._history.steps });
    } else if (kind === 'line') {
      const wide = grid.block[1];
      const places = Float64Array.from(grid.values, (_, i) => grid.part.columns[0] + i * wide + (wide - 1) / 2);
      this._line.set({ values: grid.values, places });
    } else {
      this._renderColors(shown, grid);
    }
  }

  private _renderColors(shown: IShown, grid: IGrid): void {
    const { look, palette, way } = shown;
    const ground = groundOf(this._theme.colors);
    // Where the kernel sent no range, what was sent has one.
    const range = shown.data.range ?? rangeOf(grid.values);
    const scale = scaleOf(range && robustRange(range, grid.values), !look.full, palette, ground);
    const cut = Boolean(range && (range[0] < scale.low || range[1] > scale.high));
    const own = look.own && way.tiling !== null;
    const odd = countOdd(grid.values);
    // Of what is larger than the map has pixels the map tells how it is drawn.
    const known = this._drawn && !way.tiling && this._drawn.mean[0] * this._drawn.mean[1] > 1 ? this._drawn : null;
    this._odd = odd;
    if (!known) {
      this._legend.set(scale, odd, cut && !own, own, grid.block);
    }
    if (!way.tiling) {
      const rows = look.rows ?? [0, grid.shape[0]];
      const columns = look.columns ?? [0, grid.shape[1]];
      const vector = shown.data.picture.axes.length < 2;
      const clip = ([from, to]: [number, number], end: number): [number, number] =>
        from < end ? [from, Math.min(to, end)] : [0, end];
      const part: IPart = {
        rows: vector ? [0, 1] : clip(rows, grid.shape[0]),
        columns: clip(columns, grid.shape[1])
      };
      this._map.zoomable = true;
      this._map.set(grid, scale, part, !look.full);
      return;
    }
    const channels = palette === 'color' ? 3 : 1;
    const tiles = cutTiles(grid, shown.data.picture.rows[0] ?? 0, way.tiling, channels);
    const { height, width } = way.tiling;
    const scaleFor = (tile: ITile): IScale => (own ? scaleOf(rangeOf(tile.values), false, palette, ground) : scale);
    const scales = tiles.map(scaleFor);
    this._tiles.set({ tiles, height, width, scales });
    if (this._large !== null && this._large >= tiles.length) {
      this._large = null;
      show(this._tiles, true);
      show(this._map, false);
      this._enlarged.emit(false);
    }
    if (this._large !== null) {
      const part: IPart = { rows: [0, height], columns: [0, width] };
      const one: IGrid = {
        ...tiles[this._large],
        rows: height,
        columns: width,
        part,
        shape: [height, width],
        block: [1, 1]
      };
      this._map.zoomable = false;
      this._map.set(one, scales[this._large], part);
    }
  }

  /** A map that has more numbers than pixels, or means from the kernel, has the scale that it was drawn with. */
  private _onDrawn(drawn: IDrawn): void {
    const many = drawn.mean[0] * drawn.mean[1] > 1;
    if (many || this._drawn) {
      this._drawn = many ? drawn : null;
      this._legend.set(drawn.scale, this._odd, drawn.cut, false, drawn.mean);
    }
  }

  private _theme: Theme;
  private _trans: TranslationBundle;
  private _number: Widget;
  private _map: HeatMap;
  private _line: LinePlot;
  private _tiles: TileView;
  private _legend: Legend;
  private _shown: IShown | null = null;
  /** The number under the cursor where means are drawn. */
  private _single: IPictureData | null = null;
  private _large: number | null = null;
  private _drawn: IDrawn | null = null;
  private _odd: IOdd = { nan: 0, inf: 0, negativeInf: 0 };
  private _history = new History(500);
  private _wanted = new Signal<this, IPart | null>(this);
  private _pointed = new Signal<this, boolean>(this);
  private _enlarged = new Signal<this, boolean>(this);
}

function show(widget: Widget, visible: boolean): void {
  if (visible !== !widget.isHidden) {
    widget.setHidden(!visible);
  }
}
