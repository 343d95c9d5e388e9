import { TranslationBundle } from '@jupyterlab/translation';
import { BasicSelectionModel, CellRenderer, DataGrid } from '@lumino/datagrid';
import { Message, MessageLoop } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import { Theme } from '../../theme';
import { withAlpha } from './canvas';
import { HealthRenderer, NameWidths, textRenderer, TrendRenderer } from './cells';
import { write } from './dom';
import { PlainGrid } from './grid';
import { History } from './histories';
import { IRow, ISort, SortKey } from './rows';
import { IRowActions, TableKeys, TableMouse } from './tablekeys';
import {
  cellText,
  Column,
  columnLabels,
  COLUMNS,
  headOf,
  healthText,
  rowProblem,
  rowSummary,
  TableModel,
  WIDTHS
} from './tablemodel';

/** A bar to scroll with is no higher. */
const SCROLLBAR = 24;

/** Lines of the table for screen readers. */
const MIRROR_ROWS = 30;

/** What a click on a heading sorts by: first the way one wants to see it, then the other, then the kernel's order. */
export function nextSort(now: ISort, key: SortKey): ISort {
  const text = key === 'name' || key === 'dtype';
  if (now.key !== key) {
    return { key, down: !text };
  }
  return now.down === text ? { key: 'kernel', down: false } : { key, down: !now.down };
}

/** The grid of variables, its selection and its keys, with a hidden table that says the same to screen readers. */
export class ValuesTable extends Widget implements IRowActions {
  constructor(theme: Theme, trans: TranslationBundle) {
    super();
    this.addClass('jp-glnb-values-table');
    this._theme = theme;
    this._trans = trans;
    this._model = new TableModel(trans);
    this._grid = new PlainGrid({ headerVisibility: 'all', stretchLastColumn: true });
    this._selection = new BasicSelectionModel({ dataModel: this._model, selectionMode: 'row' });
    this._model.seen = () => this._seen;
    this._grid.dataModel = this._model;
    this._grid.selectionModel = this._selection;
    this._grid.keyHandler = new TableKeys(this);
    this._grid.mouseHandler = new TableMouse(this);
    this._grid.copyConfig = {
      ...DataGrid.defaultCopyConfig,
      headers: 'all',
      format: args => (typeof args.value === 'string' ? args.value : '')
    };
    const { node } = this._grid.viewport;
    node.tabIndex = 0;
    node.setAttribute('role', 'application');
    node.setAttribute(
      'aria-label',
      trans.__('Table of variables. Up and down choose, Enter opens, Delete takes away a pin.')
    );
    this._live = element('div', 'jp-glnb-values-hidden');
    this._live.setAttribute('role', 'status');
    this._mirror = element('table', 'jp-glnb-values-hidden') as HTMLTableElement;
    this.node.append(this._live, this._mirror);
    const layout = new PanelLayout();
    this.layout = layout;
    layout.addWidget(this._grid);
    this._selection.changed.connect(this._onSelection, this);
    theme.changed.connect(this._restyle, this);
    this._restyle();
  }

  /** A line was opened. */
  get opened(): ISignal<this, IRow> {
    return this._opened;
  }

  /** A pin is to be taken away. */
  get unpinned(): ISignal<this, IRow> {
    return this._unpinned;
  }

  /** A heading was clicked. */
  get sorted(): ISignal<this, ISort> {
    return this._sorted;
  }

  /** Another line was chosen, or none. */
  get selected(): ISignal<this, void> {
    return this._selected;
  }

  get rows(): readonly IRow[] {
    return this._model.rows;
  }

  /** The chosen line. */
  get current(): IRow | null {
    return this._selection.isEmpty ? null : (this._model.rows[this._selection.cursorRow] ?? null);
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    Signal.disconnectReceiver(this);
    super.dispose();
  }

  /** As high as all lines are, with headings and the bar to scroll sideways. */
  get wholeHeight(): number {
    const bar = Math.min(SCROLLBAR, Math.max(0, this.node.clientHeight - this._grid.viewportHeight));
    return this._grid.totalHeight + bar;
  }

  setTrends(trends: ReadonlyMap<string, History>): void {
    this._model.trends = trends;
  }

  setSort(sort: ISort): void {
    this._model.setSort(sort);
  }

  /**
   * Shows lines, of a step; the chosen one stays chosen wherever it is now. `all`: not only what must be up to date at once. The
   * table for screen readers says the same at the same time.
   */
  setRows(rows: readonly IRow[], all = false, step = 0): void {
    const name = this.current?.name;
    this._quiet = true;
    // Small lines are drawn every other time: they are what costs most, and change little.
    this._trendly = all || !this._trendly;
    const wide = this._model.width;
    this._model.setRows(rows, this._trendly);
    if (this._names.add(rows.map(headOf))) {
      this._fit();
    }
    if (wide !== this._model.width) {
      this._size();
      this._mirror.replaceChildren();
    }
    const place = name === undefined ? -1 : rows.findIndex(row => row.name === name);
    if (place < 0) {
      this._selection.clear();
      this._live.textContent = '';
    } else if (place !== this._selection.cursorRow || this._selection.isEmpty) {
      this._mark(place);
    }
    this._quiet = false;
    if (rows.length === 0) {
      // Those of another session come: what was must not be read under its name.
      this._mirror.replaceChildren();
    } else {
      this._writeMirror(step);
    }
  }

  select(row: number): void {
    if (this._model.rows.length === 0) {
      return;
    }
    this._mark(Math.min(Math.max(row, 0), this._model.rows.length - 1));
    this._grid.scrollToRow(this._selection.cursorRow);
  }

  selectName(name: string): void {
    const row = this._model.rows.findIndex(r => r.name === name);
    if (row >= 0) {
      this.select(row);
    }
  }

  /** Moves the choice by lines; where nothing is chosen, to the first one. */
  move(by: number): void {
    this.select(this._selection.isEmpty ? 0 : this._selection.cursorRow + by);
  }

  open(): void {
    if (this.current) {
      this._opened.emit(this.current);
    }
  }

  unpin(): void {
    if (this.current?.pinned) {
      this._unpinned.emit(this.current);
    }
  }

  sortBy(key: SortKey): void {
    this._sorted.emit(nextSort(this._model.sort, key));
  }

  describe(row: number, column?: Column): string {
    const found = this._model.rows[row];
    // What is too long for its cell comes first.
    return !found ? '' : (column === 'health' && rowProblem(found, this._trans)) || rowSummary(found, this._trans);
  }

  focus(): void {
    this._grid.viewport.node.focus();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (typeof ResizeObserver !== 'undefined') {
      this._observer = new ResizeObserver(() => this._fit());
      this._observer.observe(this.node);
    }
    this._fit();
  }

  protected onBeforeDetach(message: Message): void {
    this._observer?.disconnect();
    this._observer = null;
    super.onBeforeDetach(message);
  }

  /** Which lines are in sight, from and to. */
  private get _seen(): [number, number] {
    const grid = this._grid;
    const from = grid.rowAt('body', grid.scrollY);
    const last = grid.rowAt('body', grid.scrollY + grid.pageHeight);
    return [Math.max(0, from), last < 0 ? this._model.rows.length : last + 1];
  }

  private _mark(row: number): void {
    const last = this._model.width - 1;
    this._selection.select({ r1: row, r2: row, c1: 0, c2: last, cursorRow: row, cursorColumn: 0, clear: 'all' });
  }

  private _fit(): void {
    MessageLoop.sendMessage(this._grid, Widget.ResizeMessage.UnknownSize);
    const { size, font } = this._theme.colors;
    const { clientWidth } = this.node;
    const room = Math.max(clientWidth * 0.36, Math.min(clientWidth * 0.6, this._names.widest(`${size}px ${font}`)));
    const wide = Math.max(90, Math.min(room, size * 20));
    if (Math.abs(wide - this._nameWidth) > 1) {
      this._nameWidth = wide;
      this._grid.resizeColumn('row-header', 0, wide);
    }
  }

  private _restyle(): void {
    const theme = this._theme;
    const { colors } = theme;
    const row = Math.round(colors.size * 1.85);
    const chosen = withAlpha(colors.accent, 0.22);
    this._grid.style = {
      ...DataGrid.defaultStyle,
      voidColor: colors.background,
      backgroundColor: colors.background,
      gridLineColor: withAlpha(colors.grid, 0.6),
      verticalGridLineColor: 'transparent',
      headerBackgroundColor: colors.raised,
      headerGridLineColor: withAlpha(colors.grid, 0.6),
      headerVerticalGridLineColor: withAlpha(colors.grid, 0.6),
      // Below the cells: over them it would give the bars in them other colours.
      selectionFillColor: 'transparent',
      selectionBorderColor: 'transparent',
      cursorFillColor: 'transparent',
      cursorBorderColor: 'transparent',
      headerSelectionFillColor: chosen,
      headerSelectionBorderColor: 'transparent',
      rowBackgroundColor: row => (!this._selection.isEmpty && row === this._selection.cursorRow ? chosen : '')
    };
    this._grid.defaultSizes = {
      rowHeight: row,
      columnWidth: colors.size * 6,
      rowHeaderWidth: colors.size * 14,
      columnHeaderHeight: row
    };
    this._size();
    const health = new HealthRenderer(theme, this._trans);
    const trend = new TrendRenderer(theme, name => this._model.trends.get(name));
    const kinds = ['name', 'heading', 'corner', 'left', 'right', 'odd'] as const;
    const text = Object.fromEntries(kinds.map(kind => [kind, textRenderer(theme, kind)]));
    this._grid.cellRenderers.update({
      'corner-header': text.corner,
      'row-header': text.name,
      'column-header': (config: CellRenderer.CellConfig) => text[isLeft(config.column) ? 'corner' : 'heading'],
      body: (config: CellRenderer.CellConfig) => {
        switch (COLUMNS[config.column]) {
          case 'health':
            return health;
          case 'trend':
            return trend;
          case 'nan':
          case 'inf':
            return text.odd;
          default:
            return text[isLeft(config.column) ? 'left' : 'right'];
        }
      }
    });
    this._nameWidth = 0;
    this._fit();
  }

  private _size(): void {
    const { size } = this._theme.colors;
    COLUMNS.slice(0, this._model.width).forEach((column, i) =>
      this._grid.resizeColumn('body', i, Math.round(WIDTHS[column] * size))
    );
  }

  private _onSelection(): void {
    this._grid.style = { ...this._grid.style }; // has rows painted anew
    if (this._quiet) {
      return;
    }
    const row = this.current;
    this._live.textContent = row ? rowSummary(row, this._trans) : '';
    this._selected.emit();
  }

  /** Writes what changed since the last time, cell by cell: a reader that is at one of them stays there. */
  private _writeMirror(step: number): void {
    const trans = this._trans;
    const labels = columnLabels(trans);
    const shown = COLUMNS.slice(0, this._model.width).filter(column => column !== 'trend');
    const first = Math.min(this._grid.rowAt('body', this._grid.scrollY), this._model.rows.length - 1);
    const from = Math.max(0, first);
    const rows = this._model.rows.slice(from, from + MIRROR_ROWS);
    const mirror = this._mirror;
    if (!mirror.caption) {
      const head = [labels.name, ...shown.map(column => labels[column])].map(label => headCell('col', label));
      mirror.createCaption();
      mirror.createTHead().append(element('tr'));
      mirror.tHead!.rows[0].append(...head);
      mirror.createTBody();
    }
    const last = from + rows.length;
    write(
      mirror.caption!,
      trans.__('Variables %1 to %2 of %3, step %4', from + 1, last, this._model.rows.length, step.toLocaleString())
    );
    const body = mirror.tBodies[0];
    while (body.rows.length > rows.length) {
      body.deleteRow(-1);
    }
    while (body.rows.length < rows.length) {
      const line = element('tr');
      line.append(headCell('row', ''), ...shown.map(() => element('td')));
      body.append(line);
    }
    rows.forEach((row, i) => {
      const [name, ...cells] = [...body.rows[i].cells];
      write(name, row.name);
      shown.forEach((column, k) =>
        write(cells[k], column === 'health' ? healthText(row, trans) : cellText(row, column, trans))
      );
    });
  }

  private _theme: Theme;
  private _trans: TranslationBundle;
  private _model: TableModel;
  private _grid: PlainGrid;
  private _selection: BasicSelectionModel;
  private _live: HTMLElement;
  private _mirror: HTMLTableElement;
  private _observer: ResizeObserver | null = null;
  private _nameWidth = 0;
  private _names = new NameWidths();
  private _quiet = false;
  private _trendly = false;
  private _opened = new Signal<this, IRow>(this);
  private _unpinned = new Signal<this, IRow>(this);
  private _sorted = new Signal<this, ISort>(this);
  private _selected = new Signal<this, void>(this);
}

function isLeft(column: number): boolean {
  return ['health', 'trend', 'shape', 'dtype', 'task'].includes(COLUMNS[column]);
}

function headCell(scope: 'row' | 'col', text: string): HTMLElement {
  const cell = element('th');
  cell.setAttribute('scope', scope);
  cell.textContent = text;
  return cell;
}

function element(tag: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
